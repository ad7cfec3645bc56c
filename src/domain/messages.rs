//! A message: one thing told to one receiver over one channel, and how far it is.

pub mod settings;
pub mod templates;
pub mod webhooks;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::id::{BookingId, CustomerId, MessageId, TechnicianId, VisitId, WebhookId};

/// What a message is about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// To the customer: what was booked.
    Confirmation,
    /// To the customer: another time, place or work.
    Change,
    /// To the customer: it will not happen.
    Cancellation,
    /// To the customer: it will happen soon.
    Reminder,
    /// To the customer: it will happen later than promised.
    RunningLate,
    /// To somebody who waits: a slot has become free.
    WaitlistReady,
    /// To a technician: a visit more.
    VisitNew,
    /// To a technician: a visit at another time or place.
    VisitChanged,
    /// To a technician: a visit less.
    VisitCancelled,
    /// To a technician: the visits of a day.
    DailySchedule,
    /// To the office: somebody has booked.
    NewBooking,
    /// To a program: something happened.
    Event,
    /// To whoever tries a template or a channel.
    Test,
}

/// How a message travels.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// E-mail by SMTP.
    Email,
    /// Text message to a telephone.
    Sms,
    /// `WhatsApp` by its Cloud API.
    Whatsapp,
    /// A channel of Slack, by an incoming webhook.
    Slack,
    /// A browser or telephone of a technician, by Web Push.
    Push,
    /// Any address that takes a signed POST.
    Webhook,
}

/// How far a message is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum MessageStatus {
    /// Waits for its moment, its turn or another attempt.
    Waiting,
    /// Waits until a dispatcher says yes.
    Held,
    /// An attempt is under way, or ended without a word.
    Sending,
    /// The provider has it.
    Sent,
    /// The receiver has it, by the provider's word.
    Delivered,
    /// Refused for good; it may be replayed.
    Failed,
    /// It was on its way when the answer, or this server, was lost, over a channel where a repetition
    /// would come twice: it may have arrived. It may be replayed.
    Unknown,
    /// Given up after many attempts; it may be replayed.
    Dead,
    /// Not sent, for a reason that `error` says; it may be replayed.
    Skipped,
    /// No longer needed.
    Dropped,
}

/// One thing told to one receiver over one channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Message {
    /// Its name. E-mails carry it in their Message-ID, webhooks as delivery id.
    pub id: MessageId,
    /// What it is about.
    pub kind: MessageKind,
    /// How it travels.
    pub channel: Channel,
    /// How far it is.
    pub status: MessageStatus,
    /// Not before this moment.
    pub due_at: DateTime<Utc>,
    /// The visit it is about.
    pub visit_id: Option<VisitId>,
    /// The booking it is about.
    pub booking_id: Option<BookingId>,
    /// The customer who gets it.
    pub customer_id: Option<CustomerId>,
    /// The technician who gets it.
    pub technician_id: Option<TechnicianId>,
    /// The webhook it goes to.
    pub webhook_id: Option<WebhookId>,
    /// What it says, to whom.
    pub content: Content,
    /// How often it was tried.
    pub attempts: u32,
    /// Its name at the provider; empty as long as that has given none.
    pub provider_id: String,
    /// What went wrong last, or why it was not sent; empty otherwise.
    pub error: String,
    /// When it was written down.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// When the provider took it.
    pub sent_at: Option<DateTime<Utc>>,
}

/// What a message says, to whom.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Content {
    /// Address, telephone number, or what the channel needs.
    pub to: String,
    /// The receiver's name; may be empty.
    pub to_name: String,
    /// BCP 47 tag of its language.
    pub locale: String,
    /// Subject of an e-mail, title of a notification.
    pub subject: String,
    /// The words.
    pub text: String,
    /// The same for e-mail, with links and tables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// An invitation that goes with an e-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invitation: Option<Invitation>,
    /// The link by which the receiver wants no more of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opt_out: Option<String>,
    /// What a program gets.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub payload: Option<serde_json::Value>,
    /// What a template of `WhatsApp` is filled with, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<String>,
    /// The approved template of `WhatsApp`; free words if empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub template: String,
}

/// An invitation to put into a calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Invitation {
    /// `REQUEST` or `CANCEL`.
    pub method: String,
    /// The iCalendar text.
    pub ics: String,
}

/// One attempt to send a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = MessageAttempt)]
pub struct Attempt {
    /// From 1.
    pub number: u32,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended; none if it was cut short.
    pub ended_at: Option<DateTime<Utc>>,
    /// `sent`, `refused`, `retry`, `unsure` if the answer was lost, or `cut short`.
    pub outcome: String,
    /// The provider's words.
    pub detail: String,
}

/// A message with everything that was tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MessageLog {
    /// The message.
    #[serde(flatten)]
    pub message: Message,
    /// What was tried, oldest first.
    pub log: Vec<Attempt>,
}

/// Whether a customer wants messages over a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Consent {
    /// Over which channel.
    pub channel: Channel,
    /// Whether the customer wants messages.
    pub granted: bool,
    /// Who said so: `office`, `link`, `reply`, or another word.
    pub source: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl MessageKind {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Confirmation,
        Self::Change,
        Self::Cancellation,
        Self::Reminder,
        Self::RunningLate,
        Self::WaitlistReady,
        Self::VisitNew,
        Self::VisitChanged,
        Self::VisitCancelled,
        Self::DailySchedule,
        Self::NewBooking,
        Self::Event,
        Self::Test,
    ];

    /// The word in tables, JSON and keys of texts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirmation => "confirmation",
            Self::Change => "change",
            Self::Cancellation => "cancellation",
            Self::Reminder => "reminder",
            Self::RunningLate => "running_late",
            Self::WaitlistReady => "waitlist_ready",
            Self::VisitNew => "visit_new",
            Self::VisitChanged => "visit_changed",
            Self::VisitCancelled => "visit_cancelled",
            Self::DailySchedule => "daily_schedule",
            Self::NewBooking => "new_booking",
            Self::Event => "event",
            Self::Test => "test",
        }
    }

    /// Whether a customer reads it.
    pub fn is_for_customers(self) -> bool {
        matches!(
            self,
            Self::Confirmation
                | Self::Change
                | Self::Cancellation
                | Self::Reminder
                | Self::RunningLate
                | Self::WaitlistReady
        )
    }
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Email, Self::Sms, Self::Whatsapp, Self::Slack, Self::Push, Self::Webhook];

    /// The word in tables and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Whatsapp => "whatsapp",
            Self::Slack => "slack",
            Self::Push => "push",
            Self::Webhook => "webhook",
        }
    }

    /// Whether what is sent twice counts once: the provider can be asked whether it has a message, or
    /// receivers know a repetition by its name.
    pub fn knows_repetitions(self) -> bool {
        !matches!(self, Self::Whatsapp | Self::Slack)
    }

    /// Whether customers can be reached over it.
    pub fn is_for_customers(self) -> bool {
        matches!(self, Self::Email | Self::Sms | Self::Whatsapp)
    }
}

impl MessageStatus {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Waiting,
        Self::Held,
        Self::Sending,
        Self::Sent,
        Self::Delivered,
        Self::Failed,
        Self::Unknown,
        Self::Dead,
        Self::Skipped,
        Self::Dropped,
    ];

    /// The word in tables and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Held => "held",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Dead => "dead",
            Self::Skipped => "skipped",
            Self::Dropped => "dropped",
        }
    }

    /// Whether it may be sent once more on somebody's wish.
    pub fn is_replayable(self) -> bool {
        matches!(self, Self::Failed | Self::Unknown | Self::Dead | Self::Skipped)
    }
}

//! What an organization tells to whom, when, and over which channels.

use chrono::NaiveTime;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::faults::{Faults, Validate, check_text};
use crate::domain::hours::civil_time;
use crate::domain::id::{LocationId, ServiceId};
use crate::domain::members::check_email;
use crate::domain::messages::Channel;

/// The rules of an organization's messages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct MessageSettings {
    /// Whether anything is sent at all.
    pub enabled: bool,
    /// Where answers to e-mails go; the sender of the server if empty.
    pub reply_to: String,
    /// What stands before telephone numbers without a country: digits such as `354`; such numbers
    /// get no messages if empty.
    pub country_code: String,
    /// Channels on which customers hear of bookings, changes and cancellations; each for which
    /// there is an address.
    pub customer_channels: Vec<Channel>,
    /// Channels that need a customer's consent before anything is sent; on the others messages go
    /// out until the customer refuses.
    pub consent_first: Vec<Channel>,
    /// Whether customers get invitations with their e-mails.
    pub invitations: bool,
    /// Reminders of all services that have none of their own.
    pub reminders: Vec<Reminder>,
    /// Hours in which nothing is sent that can wait.
    pub quiet_hours: Option<QuietHours>,
    /// What is different for some services.
    pub services: Vec<ServiceMessages>,
    /// What happens when a promise will be missed.
    pub running_late: RunningLate,
    /// Locations with a rule of their own for that.
    pub locations: Vec<LocationMessages>,
    /// What technicians hear.
    pub technicians: TechnicianMessages,
    /// Who hears of new bookings.
    pub new_bookings: Vec<Creator>,
}

/// One reminder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reminder {
    /// Minutes before the promised window begins, 5 to 43200. Whole days are days of the calendar:
    /// 1440 is the same time on the day before, also when clocks change.
    #[schema(minimum = 5, maximum = 43200)]
    pub before_min: u32,
    /// Over which channel.
    pub channel: Channel,
}

/// Hours in which nothing is sent that can wait, by the reader's clocks: those of the customer if they
/// are known, else of the location.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuietHours {
    /// When they begin.
    #[serde(with = "civil_time")]
    #[schema(value_type = String, example = "21:00")]
    pub from: NaiveTime,
    /// When they end; may be on the next day.
    #[serde(with = "civil_time")]
    #[schema(value_type = String, example = "08:00")]
    pub until: NaiveTime,
}

/// What is different for one service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ServiceMessages {
    /// Which.
    pub service_id: ServiceId,
    /// Its reminders, in place of the organization's; none means the organization's.
    #[serde(default)]
    pub reminders: Option<Vec<Reminder>>,
    /// Its channels, in place of the organization's.
    #[serde(default)]
    pub customer_channels: Option<Vec<Channel>>,
}

/// What happens when a promised window will be missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct RunningLate {
    /// Whether the customer is told.
    pub mode: LateMode,
    /// Least minutes after the end of the window that count.
    #[schema(maximum = 1440)]
    pub least_min: u32,
}

/// Whether a customer hears by itself that a promise will be missed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LateMode {
    /// Nothing happens.
    Off,
    /// A message waits for a dispatcher's yes.
    #[default]
    Ask,
    /// The customer is told at once.
    Tell,
}

/// The rule of one location.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LocationMessages {
    /// Which.
    pub location_id: LocationId,
    /// What happens when a promise will be missed.
    pub running_late: RunningLate,
}

/// What technicians hear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct TechnicianMessages {
    /// Over which channels: `email` to the member that is the technician, `push` to the browsers
    /// that have asked for it.
    pub channels: Vec<Channel>,
    /// They hear of visits that start within so many days; the others come with the schedule of
    /// the day. 0 tells of no single visit.
    #[schema(maximum = 365)]
    pub days: u32,
    /// Least minutes by which a visit must move to be told again.
    #[schema(maximum = 1440)]
    pub least_min: u32,
    /// Whether e-mails carry an invitation; not useful beside a connected calendar.
    pub invitations: bool,
    /// When the schedule of a day is sent; none sends none.
    pub daily: Option<DailySchedule>,
}

/// When technicians get the schedule of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DailySchedule {
    /// At which time, by the clocks of the location.
    #[serde(with = "civil_time")]
    #[schema(value_type = String, example = "17:00")]
    pub at: NaiveTime,
    /// The schedule of the next day rather than of the same day.
    #[serde(default)]
    pub day_before: bool,
}

/// Who hears of new bookings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Creator {
    /// `email`, `sms`, `slack` or `webhook`.
    pub channel: Channel,
    /// Address, number, address of Slack's incoming webhook, or id of a webhook.
    pub to: String,
    /// Only bookings of these services; none means all.
    #[serde(default)]
    pub service_ids: Vec<ServiceId>,
}

impl Default for MessageSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            reply_to: String::new(),
            country_code: String::new(),
            customer_channels: vec![Channel::Email],
            consent_first: vec![Channel::Whatsapp],
            invitations: true,
            reminders: vec![Reminder { before_min: 1440, channel: Channel::Email }],
            quiet_hours: None,
            services: Vec::new(),
            running_late: RunningLate::default(),
            locations: Vec::new(),
            technicians: TechnicianMessages::default(),
            new_bookings: Vec::new(),
        }
    }
}

impl Default for RunningLate {
    fn default() -> Self {
        Self { mode: LateMode::default(), least_min: 10 }
    }
}

impl Default for TechnicianMessages {
    fn default() -> Self {
        let channels = vec![Channel::Email, Channel::Push];
        Self { channels, days: 2, least_min: 15, invitations: false, daily: None }
    }
}

impl MessageSettings {
    /// The reminders of a visit with these services: each one once.
    pub fn reminders_of(&self, service_ids: &[ServiceId]) -> Vec<Reminder> {
        let own = |id: &ServiceId| self.services.iter().find(|one| one.service_id == *id);
        let mut found: Vec<Reminder> = Vec::new();
        let mut any = false;
        for one in service_ids.iter().filter_map(own) {
            any |= one.reminders.is_some();
            found.extend(one.reminders.iter().flatten());
        }
        if !any {
            found.clone_from(&self.reminders);
        }
        found.sort_by_key(|one| (one.before_min, one.channel));
        found.dedup();
        found
    }

    /// The channels to the customer of a visit with these services.
    pub fn channels_of(&self, service_ids: &[ServiceId]) -> Vec<Channel> {
        let own = |id: &ServiceId| self.services.iter().find(|one| one.service_id == *id);
        let own = service_ids.iter().filter_map(own).find_map(|one| one.customer_channels.clone());
        own.unwrap_or_else(|| self.customer_channels.clone())
    }

    /// What happens at a location when a promise will be missed.
    pub fn late_at(&self, id: LocationId) -> RunningLate {
        let own = self.locations.iter().find(|one| one.location_id == id);
        own.map_or(self.running_late, |one| one.running_late)
    }
}

/// Notes a fault for a telephone number without its country: E.164 asks for a plus and 7 to 15 digits;
/// spaces, dots, hyphens and round brackets between them do not count.
pub fn check_number(faults: &mut Faults, field: &str, number: &str) {
    let written = number.trim();
    let rest = written.strip_prefix('+').unwrap_or_default();
    let digits = rest.chars().filter(char::is_ascii_digit).count();
    let plain = rest.chars().all(|sign| sign.is_ascii_digit() || " .-()".contains(sign));
    let fits = plain && (7..=15).contains(&digits);
    faults.check(fits, field, number, "must be a number with its country such as +3545551234");
}

/// Notes a fault for each channel that customers are not reached over.
fn check_channels(faults: &mut Faults, field: &str, channels: &[Channel]) {
    for (row, channel) in channels.iter().enumerate() {
        let message = "customers are reached by email, sms or whatsapp";
        let field = format!("{field}[{row}]");
        faults.check(channel.is_for_customers(), &field, channel.as_str(), message);
    }
}

fn check_reminders(faults: &mut Faults, field: &str, reminders: &[Reminder]) {
    let count = reminders.len();
    faults.check(count <= 20, field, count, "must be at most 20 reminders");
    for (row, reminder) in reminders.iter().enumerate() {
        let (before, channel) = (reminder.before_min, reminder.channel);
        let field = format!("{field}[{row}].");
        let message = "must be 5 to 43200 minutes";
        let fits = (5..=43_200).contains(&before);
        faults.check(fits, &format!("{field}before_min"), before, message);
        let message = "customers are reached by email, sms or whatsapp";
        let fits = channel.is_for_customers();
        faults.check(fits, &format!("{field}channel"), channel.as_str(), message);
    }
}

impl Validate for MessageSettings {
    fn validate(&self, faults: &mut Faults) {
        if !self.reply_to.is_empty() {
            check_email(faults, "reply_to", &self.reply_to);
        }
        let code = &self.country_code;
        let fits = code.len() <= 3 && code.chars().all(|c| c.is_ascii_digit());
        faults.check(fits, "country_code", code, "must be up to 3 digits, without a plus");
        check_channels(faults, "customer_channels", &self.customer_channels);
        check_channels(faults, "consent_first", &self.consent_first);
        check_reminders(faults, "reminders", &self.reminders);
        for (row, one) in self.services.iter().enumerate() {
            faults.within(&format!("services[{row}]."), |faults| {
                check_reminders(faults, "reminders", one.reminders.as_deref().unwrap_or(&[]));
                let channels = one.customer_channels.as_deref().unwrap_or(&[]);
                check_channels(faults, "customer_channels", channels);
            });
        }
        if let Some(quiet) = self.quiet_hours {
            let message = "must differ from the end";
            let from = quiet.from.to_string();
            faults.check(quiet.from != quiet.until, "quiet_hours.from", from, message);
        }
        let rules = self.locations.iter().map(|one| one.running_late);
        for late in std::iter::once(self.running_late).chain(rules) {
            let least = late.least_min;
            faults.check(least <= 1440, "running_late.least_min", least, "must be 0 to 1440");
        }
        faults.within("technicians.", |faults| self.technicians.validate(faults));
        for (row, one) in self.new_bookings.iter().enumerate() {
            faults.within(&format!("new_bookings[{row}]."), |faults| one.validate(faults));
        }
    }
}

impl Validate for TechnicianMessages {
    fn validate(&self, faults: &mut Faults) {
        for (row, channel) in self.channels.iter().enumerate() {
            let fits = matches!(channel, Channel::Email | Channel::Push);
            let message = "technicians are reached by email or push";
            faults.check(fits, &format!("channels[{row}]"), channel.as_str(), message);
        }
        faults.check(self.days <= 365, "days", self.days, "must be 0 to 365");
        faults.check(self.least_min <= 1440, "least_min", self.least_min, "must be 0 to 1440");
    }
}

impl Creator {
    /// Whether the address is no secret, and means the same elsewhere.
    pub fn is_plain(&self) -> bool {
        !matches!(self.channel, Channel::Slack | Channel::Webhook)
    }
}

impl Validate for Creator {
    fn validate(&self, faults: &mut Faults) {
        check_text(faults, "to", &self.to, 500);
        match self.channel {
            Channel::Email => check_email(faults, "to", &self.to),
            Channel::Slack => {
                let fits = self.to.starts_with("https://") || self.to.starts_with("http://");
                let message = "must be the address of an incoming webhook of Slack";
                faults.check(fits, "to", &self.to, message);
            }
            Channel::Webhook => {
                let fits = self.to.parse::<crate::domain::id::WebhookId>().is_ok();
                faults.check(fits, "to", &self.to, "must be the id of a webhook");
            }
            Channel::Sms => check_number(faults, "to", &self.to),
            Channel::Whatsapp | Channel::Push => {
                let message = "must be email, sms, slack or webhook";
                faults.add("channel", self.channel.as_str(), message);
            }
        }
    }
}

//! Sends messages: one file for each channel. Input and output, no decisions.
//!
//! What to say to whom was decided before; whether to try again is decided by who calls, from the
//! [`Outcome`].

pub mod email;
mod guard;
pub mod itip;
pub mod push;
pub mod slack;
pub mod sms;
pub mod webhook;
pub mod whatsapp;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use ipnet::IpNet;
use reqwest::{Client, redirect};

use crate::domain::id::MessageId;
use crate::domain::messages::{Channel, Content};
use crate::notify::email::{EmailSettings, Mailer};
use crate::notify::guard::Guard;
use crate::notify::push::{PushSettings, Subscription};
use crate::notify::sms::SmsSettings;
use crate::notify::whatsapp::WhatsappSettings;

/// What a server sends with.
#[derive(Debug, Clone)]
pub struct NotifySettings {
    /// The server for e-mail.
    pub email: EmailSettings,
    /// The account for text messages; none sends none.
    pub sms: Option<SmsSettings>,
    /// The number of `WhatsApp`; none sends nothing.
    pub whatsapp: Option<WhatsappSettings>,
    /// Notifications of browsers.
    pub push: PushSettings,
    /// Private networks to which webhooks may go; all others of them are refused.
    pub allowed_networks: Vec<IpNet>,
    /// Longest time for one attempt.
    pub timeout: Duration,
    /// Whether everybody may read what is sent: in the demo, whose people are invented.
    pub open_outbox: bool,
}

impl Default for NotifySettings {
    fn default() -> Self {
        Self {
            email: EmailSettings::default(),
            sms: None,
            whatsapp: None,
            push: PushSettings::default(),
            allowed_networks: Vec::new(),
            timeout: Duration::from_secs(15),
            open_outbox: false,
        }
    }
}

/// One attempt to send one message.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing<'a> {
    /// The message's name.
    pub id: MessageId,
    /// From 1.
    pub attempt: u32,
    /// When an attempt before this one began that ended without a word: the provider may have the
    /// message already.
    pub unsure_since: Option<DateTime<Utc>>,
    /// The current moment.
    pub now: DateTime<Utc>,
    /// What it says, to whom.
    pub content: &'a Content,
    /// Name of the business.
    pub business: &'a str,
    /// Where answers go, if not to the sender.
    pub reply_to: &'a str,
    /// What a webhook signs with, the newest first.
    pub secrets: &'a [String],
    /// The browser of a notification.
    pub subscription: Option<&'a Subscription>,
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The provider has it.
    Sent {
        /// Its name there; may be empty.
        provider_id: String,
        /// The provider's words.
        detail: String,
    },
    /// It will never be taken.
    Refused(String),
    /// The receiver is no more.
    Gone(String),
    /// It may be taken later.
    Later {
        /// What went wrong.
        detail: String,
        /// How long to wait at least, if the provider said so.
        wait: Option<Duration>,
    },
    /// Nobody knows whether it was taken: the request may have arrived, its answer has not.
    Unsure(String),
    /// This server cannot send over the channel.
    NotSet(String),
}

impl Outcome {
    /// It may be taken later.
    pub(crate) fn later(detail: impl Into<String>) -> Self {
        Self::Later { detail: detail.into(), wait: None }
    }
}

/// Sends messages. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Notify {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    settings: NotifySettings,
    mailer: Mailer,
    /// Made when first needed.
    client: OnceLock<Result<Client, String>>,
    guarded: OnceLock<Result<Client, String>>,
}

impl Default for Notify {
    fn default() -> Self {
        Self::new(NotifySettings::default())
    }
}

impl Notify {
    /// Sends with these settings.
    pub fn new(settings: NotifySettings) -> Self {
        let mailer = Mailer::new(settings.email.clone(), settings.timeout);
        let (client, guarded) = (OnceLock::new(), OnceLock::new());
        Self { shared: Arc::new(Shared { settings, mailer, client, guarded }) }
    }

    /// What it sends with.
    pub fn settings(&self) -> &NotifySettings {
        &self.shared.settings
    }

    /// Sends one message once.
    pub async fn send(&self, channel: Channel, outgoing: &Outgoing<'_>) -> Outcome {
        match channel {
            Channel::Email => self.shared.mailer.send(outgoing).await,
            Channel::Sms => sms::send(self, outgoing).await,
            Channel::Whatsapp => whatsapp::send(self, outgoing).await,
            Channel::Slack => slack::send(self, outgoing).await,
            Channel::Push => push::send(self, outgoing).await,
            Channel::Webhook => webhook::send(self, outgoing).await,
        }
    }

    /// For servers that the settings name.
    fn client(&self) -> Result<&Client, Outcome> {
        made(self.shared.client.get_or_init(|| client(self.settings(), None)))
    }

    /// For servers that anybody may name: never into private networks.
    fn guarded(&self) -> Result<&Client, Outcome> {
        let allowed = &self.settings().allowed_networks;
        let guard = || Some(Guard::new(allowed.clone()));
        made(self.shared.guarded.get_or_init(|| client(self.settings(), guard())))
    }
}

fn made(client: &Result<Client, String>) -> Result<&Client, Outcome> {
    client.as_ref().map_err(|error| Outcome::later(format!("no client: {error}")))
}

/// A client that follows no redirects: what is signed for one host is not for another.
fn client(settings: &NotifySettings, guard: Option<Guard>) -> Result<Client, String> {
    // Whoever was first has installed the same provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .timeout(settings.timeout)
        // Shorter, so that who cannot be reached is told apart from who does not answer.
        .connect_timeout(settings.timeout / 2)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .user_agent(concat!("roundsman/", env!("CARGO_PKG_VERSION")));
    if let Some(guard) = guard {
        builder = builder.dns_resolver(Arc::new(guard));
    }
    builder.build().map_err(|error| error.to_string())
}

/// An answer: its status, what it says about the wait, and the first bytes of its body.
struct Answer {
    status: u16,
    wait: Option<Duration>,
    location: bool,
    text: String,
}

/// Sends a request and reads what matters of the answer.
async fn ask(request: reqwest::RequestBuilder) -> Result<Answer, Outcome> {
    const READ_MAX: usize = 64 * 1024;
    let mut answer = request.send().await.map_err(|error| failed(&error))?;
    let status = answer.status().as_u16();
    let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok());
    let wait = header("retry-after").and_then(|text| text.trim().parse().ok());
    let location = header("location").is_some();
    let mut body = Vec::new();
    while body.len() < READ_MAX {
        match answer.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            // The status is what counts.
            Ok(None) | Err(_) => break,
        }
    }
    body.truncate(READ_MAX);
    let text = String::from_utf8_lossy(&body).into_owned();
    Ok(Answer { status, wait: wait.map(Duration::from_secs), location, text })
}

/// What an answer without success means: 408, 425, 429 and faults of the server pass, others do not.
fn refused(answer: &Answer, words: &str) -> Outcome {
    let said: String = words.chars().take(300).collect();
    let detail = format!("status {}: {said}", answer.status);
    match answer.status {
        300..=399 if answer.location => Outcome::Refused(format!(
            "{detail} (it answers with a redirect, which is not followed)"
        )),
        // What stands between does not know what became of the request.
        502 | 504 if answer.wait.is_none() => Outcome::Unsure(detail),
        408 | 425 | 429 | 500..=599 => Outcome::Later { detail, wait: answer.wait },
        404 | 410 => Outcome::Gone(detail),
        _ => Outcome::Refused(detail),
    }
}

/// What went wrong on the way, without the address, which may hold a secret.
fn failed(error: &reqwest::Error) -> Outcome {
    if let Some(address) = guard::refused(error) {
        return Outcome::Refused(format!("{address} is a private address"));
    }
    if error.is_connect() {
        return Outcome::later("no connection");
    }
    let words = if error.is_timeout() { "it took too long" } else { "the connection broke" };
    Outcome::Unsure(words.to_owned())
}

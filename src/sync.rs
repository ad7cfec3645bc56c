//! Calendars at their providers, one file for each. Input and output, no decisions.
//!
//! A provider gives text or events as they are there and writes what it is told; what that means for
//! the plan is decided in `app::calendars`. Whoever calls it holds no transaction meanwhile.

pub mod caldav;
mod errors;
pub mod google;
mod http;
pub mod ics_url;
pub mod microsoft;
pub mod oauth;
mod provider;
pub mod push;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use ipnet::IpNet;

use crate::clock::{Clock, SystemClock};
use crate::domain::calendars::remote::{
    Changes, EventDraft, RemoteCalendar, RemoteItem, Window, WrittenEvent,
};
use crate::domain::calendars::{CalendarProvider, Credentials};
pub use errors::SyncError;
use google::{Google, GoogleSettings};
use microsoft::{Microsoft, MicrosoftSettings};
use oauth::{Handshake, OAuth};
pub use provider::Provider;
use push::{Channel, ChannelRequest};

/// How providers are called.
#[derive(Debug, Clone)]
pub struct SyncSettings {
    /// Longest wait for a connection.
    pub connect_timeout: Duration,
    /// Longest wait for an answer, connection included.
    pub timeout: Duration,
    /// Private networks in which a server may stand.
    pub allowed_networks: Vec<IpNet>,
}

/// Our applications at providers where members consent.
#[derive(Debug, Clone)]
pub struct Vendors {
    /// At Google; none if this server has none.
    pub google: Option<GoogleSettings>,
    /// At Microsoft; none if this server has none.
    pub microsoft: Option<MicrosoftSettings>,
    /// Tells when tokens run out.
    pub clock: Arc<dyn Clock>,
}

impl Default for SyncSettings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(30),
            allowed_networks: Vec::new(),
        }
    }
}

/// The way to all providers. Clones share connections.
#[derive(Debug, Clone)]
pub struct Sync {
    http: http::Http,
    google: Option<Arc<GoogleSettings>>,
    microsoft: Option<Arc<MicrosoftSettings>>,
    shared: Arc<oauth::Shared>,
    clock: Arc<dyn Clock>,
}

/// An account that is opened with its credentials.
#[derive(Debug)]
pub enum Remote {
    /// Any server that speaks CalDAV.
    CalDav(caldav::CalDav),
    /// An address that gives iCalendar text.
    IcsUrl(ics_url::IcsUrl),
    /// Google Calendar.
    Google(Google),
    /// Microsoft Graph.
    Microsoft(Microsoft),
}

/// What opens an account at a provider with OAuth.
struct Account {
    access: String,
    refresh: String,
    scope: String,
    shared: Arc<oauth::Shared>,
    /// When it was opened.
    now: DateTime<Utc>,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("scope", &self.scope).finish_non_exhaustive()
    }
}

impl Sync {
    /// Opens no connection yet.
    pub fn new(settings: SyncSettings) -> Self {
        Self {
            http: http::Http::new(settings),
            google: None,
            microsoft: None,
            shared: Arc::default(),
            clock: Arc::new(SystemClock),
        }
    }

    /// The same with our applications at providers where members consent.
    #[must_use]
    pub fn with_vendors(self, vendors: Vendors) -> Self {
        let google = vendors.google.map(Arc::new);
        let microsoft = vendors.microsoft.map(Arc::new);
        Self { google, microsoft, clock: vendors.clock, ..self }
    }

    /// An account with its credentials; asks nobody yet.
    ///
    /// * `url`: the address of the server, where the provider has more than one.
    ///
    /// # Errors
    /// [`SyncError::Address`] for an address that is none; [`SyncError::Unsupported`] for a provider
    /// this server is not set up for, or credentials of another kind.
    pub fn open(
        &self,
        provider: CalendarProvider,
        url: &str,
        credentials: &Credentials,
    ) -> Result<Remote, SyncError> {
        let http = self.http.clone();
        match (provider, credentials) {
            (CalendarProvider::Caldav, Credentials::Password { login, password }) => {
                let account = (login.clone(), password.clone());
                Ok(Remote::CalDav(caldav::CalDav::new(http, url, account)?))
            }
            (CalendarProvider::Ics, Credentials::Address { url }) => {
                Ok(Remote::IcsUrl(ics_url::IcsUrl::new(http, url)?))
            }
            (CalendarProvider::Google, Credentials::OAuth { .. }) => {
                let settings = self.google.clone().ok_or_else(|| not_set_up(provider))?;
                Ok(Remote::Google(Google::new(http, settings, self.account(credentials))))
            }
            (CalendarProvider::Microsoft, Credentials::OAuth { .. }) => {
                let settings = self.microsoft.clone().ok_or_else(|| not_set_up(provider))?;
                Ok(Remote::Microsoft(Microsoft::new(http, settings, self.account(credentials))))
            }
            (provider, _) => Err(SyncError::Unsupported(format!(
                "{} with credentials of this kind",
                provider.as_str()
            ))),
        }
    }

    /// Where the owner of an account lets us in.
    ///
    /// * `state`: comes back with the browser.
    ///
    /// # Errors
    /// [`SyncError::Unsupported`] for a provider without consent or one this server is not set up for.
    pub fn consent_url(
        &self,
        provider: CalendarProvider,
        handshake: &Handshake,
        state: &str,
    ) -> Result<String, SyncError> {
        Ok(self.oauth(provider)?.consent_url(handshake, state))
    }

    /// The credentials for the code with which the browser came back.
    ///
    /// # Errors
    /// [`SyncError::Refused`] if the code does not hold; as [`Sync::consent_url`].
    pub async fn exchange(
        &self,
        provider: CalendarProvider,
        handshake: &Handshake,
        code: &str,
    ) -> Result<Credentials, SyncError> {
        let now = self.clock.now();
        self.oauth(provider)?.exchange(&self.http, handshake, code, now).await
    }

    /// Whether this server has an application at a provider whose accounts are connected by consent.
    pub fn is_set_up(&self, provider: CalendarProvider) -> bool {
        self.oauth(provider).is_ok()
    }

    fn oauth(&self, provider: CalendarProvider) -> Result<OAuth, SyncError> {
        let missing = || not_set_up(provider);
        match provider {
            CalendarProvider::Google => self.google.as_ref().ok_or_else(missing)?.oauth(),
            CalendarProvider::Microsoft => self.microsoft.as_ref().ok_or_else(missing)?.oauth(),
            _ => Err(SyncError::Unsupported("it has no page for consent".to_owned())),
        }
    }

    fn account(&self, credentials: &Credentials) -> Account {
        let (access, refresh, scope) = match credentials {
            Credentials::OAuth { access_token, refresh_token, scope, .. } => {
                (access_token.clone(), refresh_token.clone(), scope.clone())
            }
            _ => (String::new(), String::new(), String::new()),
        };
        let shared = Arc::clone(&self.shared);
        Account { access, refresh, scope, shared, now: self.clock.now() }
    }
}

fn not_set_up(provider: CalendarProvider) -> SyncError {
    let name = provider.as_str();
    SyncError::Unsupported(format!(
        "this server is not set up for {name}: an administrator has to set {name}.client_id and \
         {name}.client_secret"
    ))
}

impl Remote {
    /// The address of the account at its provider; empty if it has none.
    ///
    /// # Errors
    /// If the provider does not answer or refuses.
    pub async fn login(&self) -> Result<String, SyncError> {
        match self {
            Self::Google(google) => google.login().await,
            Self::Microsoft(microsoft) => microsoft.login().await,
            _ => Ok(String::new()),
        }
    }

    /// Gives back what was granted, where the provider has a way for it.
    ///
    /// # Errors
    /// If the provider does not answer.
    pub async fn revoke(&self) -> Result<(), SyncError> {
        match self {
            Self::Google(google) => google.revoke().await,
            _ => Ok(()),
        }
    }

    /// Lets the provider tell of changes in a calendar.
    ///
    /// # Errors
    /// [`SyncError::Unsupported`] if it cannot; if it does not answer or refuses.
    pub async fn watch(
        &self,
        calendar: &str,
        request: &ChannelRequest,
    ) -> Result<Channel, SyncError> {
        match self {
            Self::Google(google) => google.watch(calendar, request).await,
            Self::Microsoft(microsoft) => microsoft.subscribe(calendar, request).await,
            _ => Err(SyncError::Unsupported("it does not tell of changes".to_owned())),
        }
    }

    /// Lets a channel last longer; none if the provider has no way but to open another.
    ///
    /// # Errors
    /// [`SyncError::Gone`] if it has ended.
    pub async fn prolong(
        &self,
        channel: &Channel,
        until: DateTime<Utc>,
    ) -> Result<Option<Channel>, SyncError> {
        match self {
            Self::Microsoft(microsoft) => {
                microsoft.renew_subscription(channel, until).await.map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Ends a channel; it is fine if it has ended.
    ///
    /// # Errors
    /// If the provider does not answer or refuses.
    pub async fn unwatch(&self, channel: &Channel) -> Result<(), SyncError> {
        match self {
            Self::Google(google) => google.unwatch(channel).await,
            Self::Microsoft(microsoft) => microsoft.unsubscribe(channel).await,
            _ => Ok(()),
        }
    }
}

/// Does the same with whichever provider it is.
macro_rules! each {
    ($remote:expr, $provider:ident => $done:expr) => {
        match $remote {
            Remote::CalDav($provider) => $done,
            Remote::IcsUrl($provider) => $done,
            Remote::Google($provider) => $done,
            Remote::Microsoft($provider) => $done,
        }
    };
}

impl Provider for Remote {
    async fn calendars(&self) -> Result<Vec<RemoteCalendar>, SyncError> {
        each!(self, provider => provider.calendars().await)
    }

    async fn changes(
        &self,
        calendar: &str,
        cursor: Option<&str>,
        known: &[(String, String)],
        window: Window,
    ) -> Result<Changes, SyncError> {
        each!(self, provider => provider.changes(calendar, cursor, known, window).await)
    }

    async fn span(&self, calendar: &str, window: Window) -> Result<Vec<RemoteItem>, SyncError> {
        each!(self, provider => provider.span(calendar, window).await)
    }

    async fn find(
        &self,
        calendar: &str,
        draft: &EventDraft,
        known: Option<&WrittenEvent>,
    ) -> Result<Option<RemoteItem>, SyncError> {
        each!(self, provider => provider.find(calendar, draft, known).await)
    }

    async fn create(&self, calendar: &str, draft: &EventDraft) -> Result<WrittenEvent, SyncError> {
        each!(self, provider => provider.create(calendar, draft).await)
    }

    async fn update(
        &self,
        calendar: &str,
        draft: &EventDraft,
        known: &WrittenEvent,
    ) -> Result<WrittenEvent, SyncError> {
        each!(self, provider => provider.update(calendar, draft, known).await)
    }

    async fn delete(&self, calendar: &str, known: &WrittenEvent) -> Result<(), SyncError> {
        each!(self, provider => provider.delete(calendar, known).await)
    }

    async fn renew(&self) -> Result<Option<Credentials>, SyncError> {
        each!(self, provider => provider.renew().await)
    }
}

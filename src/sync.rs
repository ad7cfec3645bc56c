//! Calendars at their providers, one file for each. Input and output, no decisions.
//!
//! A provider gives text or events as they are there and writes what it is told; what that means for
//! the plan is decided in `app::calendars`. Whoever calls it holds no transaction meanwhile.

pub mod caldav;
mod errors;
mod http;
pub mod ics_url;
mod provider;

use std::time::Duration;

use ipnet::IpNet;

use crate::domain::calendars::remote::{
    Changes, EventDraft, RemoteCalendar, RemoteItem, Window, WrittenEvent,
};
use crate::domain::calendars::{CalendarProvider, Credentials};
pub use errors::SyncError;
pub use provider::Provider;

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
}

/// An account that is opened with its credentials.
#[derive(Debug)]
pub enum Remote {
    /// Any server that speaks CalDAV.
    CalDav(caldav::CalDav),
    /// An address that gives iCalendar text.
    IcsUrl(ics_url::IcsUrl),
}

impl Sync {
    /// Opens no connection yet.
    pub fn new(settings: SyncSettings) -> Self {
        Self { http: http::Http::new(settings) }
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
            (provider, _) => Err(SyncError::Unsupported(format!(
                "{} with credentials of this kind",
                provider.as_str()
            ))),
        }
    }
}

/// Does the same with whichever provider it is.
macro_rules! each {
    ($remote:expr, $provider:ident => $done:expr) => {
        match $remote {
            Remote::CalDav($provider) => $done,
            Remote::IcsUrl($provider) => $done,
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

//! Any server that speaks CalDAV (RFC 4791), with lists of changes (RFC 6578) where it has them.
//!
//! Servers differ in statuses for the same condition, so that the condition named in the body is
//! believed first.

mod discovery;
mod reports;
mod xml;

use reqwest::{Method, StatusCode};
use url::Url;

use crate::domain::calendars::remote::{
    Changes, Content, EventDraft, RemoteCalendar, RemoteItem, Window, WrittenEvent,
};
use crate::sync::http::{Answer, Ask, Http};
use crate::sync::{Provider, SyncError};
use xml::{DAV, multistatus};

/// The media type of events.
const CALENDAR: &str = "text/calendar; charset=utf-8";
/// The media type of questions.
const XML: &str = "application/xml; charset=utf-8";

/// An account at a CalDAV server.
#[derive(Debug)]
pub struct CalDav {
    http: Http,
    /// Where it was said to be.
    base: Url,
    /// Login and password.
    account: (String, String),
}

impl CalDav {
    /// An account; asks nobody yet.
    ///
    /// # Errors
    /// [`SyncError::Address`].
    pub(super) fn new(http: Http, url: &str, account: (String, String)) -> Result<Self, SyncError> {
        let url = url.trim();
        let whole = if url.contains("://") { url.to_owned() } else { format!("https://{url}") };
        let base = Url::parse(&whole).map_err(|error| SyncError::Address(error.to_string()))?;
        Ok(Self { http, base, account })
    }

    /// An address of the account's server; credentials are carried nowhere else.
    fn url(&self, href: &str) -> Result<Url, SyncError> {
        let url = self.base.join(href).map_err(|error| SyncError::Address(error.to_string()))?;
        if url.origin() != self.base.origin() {
            return Err(SyncError::Redirected(url.origin().ascii_serialization()));
        }
        Ok(url)
    }

    /// Where an event of ours stands in a calendar.
    fn href(&self, calendar: &str, draft: &EventDraft) -> Result<Url, SyncError> {
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
        let name: String = draft.uid.chars().map(plain).collect();
        let slash = if calendar.ends_with('/') { "" } else { "/" };
        self.url(&format!("{calendar}{slash}{name}.ics"))
    }

    async fn send(&self, ask: Ask) -> Result<Answer, SyncError> {
        let account = Some(self.account.clone());
        self.http.send(Ask { account, ..ask }).await
    }

    /// Asks for properties of an address and, with depth 1, of what is in it.
    async fn propfind(&self, url: Url, depth: u8, props: &str) -> Result<Answer, SyncError> {
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><d:propfind xmlns:d=\"DAV:\" \
             xmlns:c=\"urn:ietf:params:xml:ns:caldav\" \
             xmlns:cs=\"http://calendarserver.org/ns/\"><d:prop>{props}</d:prop></d:propfind>"
        );
        let method = method(b"PROPFIND")?;
        let ask = Ask::new(method, url).header("depth", depth.to_string()).body(XML, body);
        self.send(ask).await
    }

    async fn put(
        &self,
        url: Url,
        draft: &EventDraft,
        condition: Option<(&'static str, String)>,
    ) -> Result<Answer, SyncError> {
        let mut ask = Ask::new(Method::PUT, url).body(CALENDAR, draft.ics.clone());
        ask.headers.extend(condition);
        self.send(ask).await
    }

    /// What was written, with its version: asked for if the server does not tell it, as Cyrus does
    /// not for events with attendees.
    async fn written(&self, answer: &Answer) -> Result<WrittenEvent, SyncError> {
        let remote_id = answer.url.path().to_owned();
        let etag = answer.header("etag");
        if !etag.is_empty() {
            return Ok(WrittenEvent { remote_id, etag: etag.to_owned() });
        }
        let answer = self.propfind(answer.url.clone(), 0, "<d:getetag/>").await?;
        let (responses, _) = multistatus(&answer.body)?;
        let etag = responses.first().map(|one| one.props.text_of(DAV, "getetag").to_owned());
        Ok(WrittenEvent { remote_id, etag: etag.unwrap_or_default() })
    }

    async fn get(&self, url: Url) -> Result<Option<RemoteItem>, SyncError> {
        let ask = Ask::new(Method::GET, url).header("accept", "text/calendar");
        let answer = self.send(ask).await?;
        match answer.status {
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(None),
            status if status.is_success() => Ok(Some(RemoteItem {
                remote_id: answer.url.path().to_owned(),
                etag: answer.header("etag").to_owned(),
                content: Content::Ics(answer.body),
            })),
            _ => Err(refusal(&answer)),
        }
    }
}

impl Provider for CalDav {
    async fn calendars(&self) -> Result<Vec<RemoteCalendar>, SyncError> {
        discovery::calendars(self).await
    }

    async fn changes(
        &self,
        calendar: &str,
        cursor: Option<&str>,
        known: &[(String, String)],
        window: Window,
    ) -> Result<Changes, SyncError> {
        reports::changes(self, calendar, cursor, known, window).await
    }

    async fn span(&self, calendar: &str, window: Window) -> Result<Vec<RemoteItem>, SyncError> {
        reports::span(self, calendar, window).await
    }

    async fn find(
        &self,
        calendar: &str,
        draft: &EventDraft,
        known: Option<&WrittenEvent>,
    ) -> Result<Option<RemoteItem>, SyncError> {
        let url = match known {
            Some(known) => self.url(&known.remote_id)?,
            None => self.href(calendar, draft)?,
        };
        if let Some(item) = self.get(url).await? {
            return Ok(Some(item));
        }
        // A client may have stored it anew under a name of its own.
        let same = reports::query(self, calendar, &reports::with_uid(&draft.uid)).await?;
        Ok(same.into_iter().next())
    }

    async fn create(&self, calendar: &str, draft: &EventDraft) -> Result<WrittenEvent, SyncError> {
        let url = self.href(calendar, draft)?;
        let answer = self.put(url, draft, Some(("if-none-match", "*".to_owned()))).await?;
        if answer.status.is_success() {
            return self.written(&answer).await;
        }
        Err(match refusal(&answer) {
            SyncError::Changed => SyncError::Exists,
            other => other,
        })
    }

    async fn update(
        &self,
        _calendar: &str,
        draft: &EventDraft,
        known: &WrittenEvent,
    ) -> Result<WrittenEvent, SyncError> {
        let url = self.url(&known.remote_id)?;
        let condition = (!known.etag.is_empty()).then(|| ("if-match", known.etag.clone()));
        let answer = self.put(url, draft, condition).await?;
        if answer.status.is_success() {
            return self.written(&answer).await;
        }
        Err(refusal(&answer))
    }

    async fn delete(&self, _calendar: &str, known: &WrittenEvent) -> Result<(), SyncError> {
        let answer = self.send(Ask::new(Method::DELETE, self.url(&known.remote_id)?)).await?;
        match answer.status {
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(()),
            status if status.is_success() => Ok(()),
            _ => Err(refusal(&answer)),
        }
    }
}

fn method(name: &[u8]) -> Result<Method, SyncError> {
    Method::from_bytes(name).map_err(|error| SyncError::Unsupported(error.to_string()))
}

/// What a refusal means: the condition in the body first, the status only if there is none.
fn refusal(answer: &Answer) -> SyncError {
    let body = xml::parse(&answer.body).ok();
    let said = |name: &str| body.as_ref().is_some_and(|body| body.mentions(name));
    if said("no-uid-conflict") || said("unique-scheduling-object-resource") {
        return SyncError::Exists;
    }
    if said("valid-sync-token") {
        return SyncError::CursorExpired;
    }
    let refused =
        ["valid-calendar-data", "valid-calendar-object-resource", "supported-calendar-data"];
    if let Some(name) = refused.into_iter().find(|name| said(name)) {
        return SyncError::Answer { status: answer.status.as_u16(), detail: name.to_owned() };
    }
    if said("quota-not-exceeded") || answer.status == StatusCode::INSUFFICIENT_STORAGE {
        let detail = "the account is full (quota-not-exceeded)".to_owned();
        return SyncError::Answer { status: answer.status.as_u16(), detail };
    }
    let status = answer.status.as_u16();
    match status {
        403 => SyncError::Forbidden("it answers 403".to_owned()),
        404 | 410 => SyncError::Gone(format!("it answers {status}")),
        // A calendar that is gone has no place for an event.
        409 => SyncError::Gone("the calendar is not there (409)".to_owned()),
        412 => SyncError::Changed,
        _ => SyncError::Answer { status, detail: "no condition named".to_owned() },
    }
}

//! An address that gives a whole calendar as iCalendar text; read only.

use reqwest::{Method, StatusCode};
use url::Url;

use crate::domain::calendars::remote::{
    Changes, Content, EventDraft, RemoteCalendar, RemoteItem, Window, WrittenEvent,
};
use crate::sync::http::{Ask, Http};
use crate::sync::{Provider, SyncError};

/// What the only item of such a calendar is called.
const WHOLE: &str = "calendar.ics";

/// A calendar at an address.
#[derive(Debug)]
pub struct IcsUrl {
    http: Http,
    url: Url,
}

impl IcsUrl {
    /// The calendar at an address; `webcal://` means `https://`.
    ///
    /// # Errors
    /// [`SyncError::Address`].
    pub(super) fn new(http: Http, url: &str) -> Result<Self, SyncError> {
        let url = url.trim();
        let rest = url.strip_prefix("webcal://").or_else(|| url.strip_prefix("webcals://"));
        let url = rest.map_or_else(|| url.to_owned(), |rest| format!("https://{rest}"));
        let url = Url::parse(&url).map_err(|error| SyncError::Address(error.to_string()))?;
        Ok(Self { http, url })
    }

    /// The text, unless it is the version that is known.
    async fn get(&self, etag: Option<&str>) -> Result<RemoteItem, SyncError> {
        let mut ask = Ask::new(Method::GET, self.url.clone()).header("accept", "text/calendar");
        if let Some(etag) = etag.filter(|etag| !etag.is_empty()) {
            ask = ask.header("if-none-match", etag);
        }
        let answer = self.http.send(ask).await?;
        let (remote_id, status) = (WHOLE.to_owned(), answer.status);
        match status {
            StatusCode::NOT_MODIFIED => {
                let etag = etag.unwrap_or_default().to_owned();
                Ok(RemoteItem { remote_id, etag, content: Content::Unchanged })
            }
            StatusCode::NOT_FOUND | StatusCode::GONE => {
                Err(SyncError::Gone(format!("the address answers {}", status.as_u16())))
            }
            StatusCode::FORBIDDEN => Err(SyncError::Refused("it answers 403".to_owned())),
            status if status.is_success() => {
                let etag = answer.header("etag").to_owned();
                look_whole(&answer.body)?;
                Ok(RemoteItem { remote_id, etag, content: Content::Ics(answer.body) })
            }
            status => {
                Err(SyncError::Answer { status: status.as_u16(), detail: "no calendar".to_owned() })
            }
        }
    }
}

/// Refuses what is no calendar, or not all of it: a page that asks for a password must not pass for a
/// reading in which nothing has changed.
fn look_whole(text: &str) -> Result<(), SyncError> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let upper = |part: Option<&str>| part.map(str::to_ascii_uppercase).unwrap_or_default();
    let (begin, end) = ("BEGIN:VCALENDAR", "END:VCALENDAR");
    if upper(text.get(..begin.len())) != begin {
        return Err(SyncError::Malformed("it is no iCalendar text".to_owned()));
    }
    let tail = text.len().checked_sub(end.len()).and_then(|at| text.get(at..));
    if upper(tail) != end {
        return Err(SyncError::Malformed("the iCalendar text breaks off".to_owned()));
    }
    Ok(())
}

impl Provider for IcsUrl {
    async fn calendars(&self) -> Result<Vec<RemoteCalendar>, SyncError> {
        let item = self.get(None).await?;
        let Content::Ics(text) = &item.content else { return Ok(Vec::new()) };
        let named = text.lines().find_map(|line| line.strip_prefix("X-WR-CALNAME:"));
        let host = self.url.host_str().unwrap_or("calendar");
        let name = named.map_or(host, str::trim).chars().take(200).collect();
        let remote_id = WHOLE.to_owned();
        Ok(vec![RemoteCalendar { remote_id, name, writable: false, primary: true }])
    }

    async fn changes(
        &self,
        _calendar: &str,
        cursor: Option<&str>,
        _known: &[(String, String)],
        _window: Window,
    ) -> Result<Changes, SyncError> {
        let item = self.get(cursor).await?;
        let unchanged = item.content == Content::Unchanged;
        let cursor = Some(item.etag.clone()).filter(|etag| !etag.is_empty());
        Ok(Changes { items: vec![item], cursor, complete: !unchanged })
    }

    async fn span(&self, _calendar: &str, _window: Window) -> Result<Vec<RemoteItem>, SyncError> {
        Err(SyncError::Unsupported("it can only be read whole".to_owned()))
    }

    async fn find(
        &self,
        _calendar: &str,
        _draft: &EventDraft,
        _known: Option<&WrittenEvent>,
    ) -> Result<Option<RemoteItem>, SyncError> {
        Ok(None)
    }

    async fn create(
        &self,
        _calendar: &str,
        _draft: &EventDraft,
    ) -> Result<WrittenEvent, SyncError> {
        Err(SyncError::Unsupported("it can only be read".to_owned()))
    }

    async fn update(
        &self,
        _calendar: &str,
        _draft: &EventDraft,
        _known: &WrittenEvent,
    ) -> Result<WrittenEvent, SyncError> {
        Err(SyncError::Unsupported("it can only be read".to_owned()))
    }

    async fn delete(&self, _calendar: &str, _known: &WrittenEvent) -> Result<(), SyncError> {
        Ok(())
    }
}

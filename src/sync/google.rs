//! Google Calendar, version 3, by OAuth 2.0.
//!
//! Calendars that the account owns are read event by event. Of others only busy times are read,
//! since the rights that are asked for go no further.
//!
//! Source: the API's discovery document, revision 20261030.

mod calls;
mod events;

use std::sync::Arc;

use chrono::DateTime;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::domain::calendars::Credentials;
use crate::domain::calendars::remote::{
    Changes, Content, EventDraft, RemoteCalendar, RemoteItem, Window, WrittenEvent,
};
use crate::sync::http::Http;
use crate::sync::oauth::{OAuth, OAuthClient};
use crate::sync::push::{Channel, ChannelRequest};
use crate::sync::{Account, Provider, SyncError};
pub(super) use calls::cut_off;

/// The rights that are asked for: the list of calendars, events of calendars that one owns, busy
/// times of others.
pub const SCOPE: &str = "https://www.googleapis.com/auth/calendar.calendarlist.readonly \
                         https://www.googleapis.com/auth/calendar.events.owned \
                         https://www.googleapis.com/auth/calendar.events.freebusy";
/// The cursor of a calendar of which only busy times may be read.
const BUSY_ONLY: &str = "busy-only";

/// Where Google is, and our application there.
#[derive(Debug, Clone)]
pub struct GoogleSettings {
    /// Our application.
    pub client: OAuthClient,
    /// Base of the consent page.
    pub accounts_url: Url,
    /// Base of the token and revocation end points.
    pub oauth_url: Url,
    /// Base of the API.
    pub api_url: Url,
}

impl GoogleSettings {
    /// The authorization server.
    ///
    /// # Errors
    /// [`SyncError::Address`] if a base takes no path.
    pub(super) fn oauth(&self) -> Result<OAuth, SyncError> {
        Ok(OAuth {
            client: self.client.clone(),
            authorize_url: below(&self.accounts_url, &["o", "oauth2", "v2", "auth"])?,
            token_url: below(&self.oauth_url, &["token"])?,
            revoke_url: Some(below(&self.oauth_url, &["revoke"])?),
            scope: SCOPE,
            // Without `prompt` a second consent would bring no refresh token.
            extra: &[("access_type", "offline"), ("prompt", "consent")],
        })
    }
}

/// An address below a base.
pub(super) fn below(base: &Url, path: &[&str]) -> Result<Url, SyncError> {
    let mut url = base.clone();
    let none = SyncError::Address(format!("{} takes no path", base.scheme()));
    url.path_segments_mut().map_err(|()| none)?.pop_if_empty().extend(path);
    Ok(url)
}

/// An account at Google.
#[derive(Debug)]
pub struct Google {
    http: Http,
    settings: Arc<GoogleSettings>,
    account: Account,
}

/// A page of any list.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(default)]
    items: Vec<Value>,
    next_page_token: Option<String>,
    next_sync_token: Option<String>,
}

impl Google {
    pub(super) fn new(http: Http, settings: Arc<GoogleSettings>, account: Account) -> Self {
        Self { http, settings, account }
    }

    /// The address of the account: that of its main calendar.
    ///
    /// # Errors
    /// If the provider does not answer or refuses.
    pub async fn login(&self) -> Result<String, SyncError> {
        let calendars = self.calendars().await?;
        let main = calendars.into_iter().find(|calendar| calendar.primary);
        Ok(main.map(|calendar| calendar.remote_id).unwrap_or_default())
    }

    /// Takes back what the account's owner granted.
    ///
    /// # Errors
    /// If the provider does not answer.
    pub async fn revoke(&self) -> Result<(), SyncError> {
        self.settings.oauth()?.revoke(&self.http, &self.account.refresh).await
    }

    /// Lets Google tell of changes in a calendar.
    ///
    /// # Errors
    /// If the provider does not answer or refuses.
    pub async fn watch(
        &self,
        calendar: &str,
        request: &ChannelRequest,
    ) -> Result<Channel, SyncError> {
        let body = json!({
            "id": request.id.to_string(), "type": "web_hook", "address": request.address,
            "token": request.secret,
            "expiration": request.until.timestamp_millis().to_string(),
        });
        let url = self.url(&["calendars", calendar, "events", "watch"], &[])?;
        let made = self.call(Method::POST, url, Some(&body), None).await?;
        let text = |name: &str| made[name].as_str().unwrap_or_default().to_owned();
        let until = text("expiration").parse().ok().and_then(DateTime::from_timestamp_millis);
        Ok(Channel {
            remote_id: text("id"),
            resource: text("resourceId"),
            until: until.unwrap_or(request.until),
        })
    }

    /// Ends a channel; it is fine if it has ended.
    ///
    /// # Errors
    /// If the provider does not answer or refuses.
    pub async fn unwatch(&self, channel: &Channel) -> Result<(), SyncError> {
        let body = json!({"id": channel.remote_id, "resourceId": channel.resource});
        let url = self.url(&["channels", "stop"], &[])?;
        match self.call(Method::POST, url, Some(&body), None).await {
            Ok(_) | Err(SyncError::Gone(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// All events of a list, and the token with which to go on.
    async fn events(
        &self,
        calendar: &str,
        query: &[(&str, &str)],
    ) -> Result<(Vec<Value>, Option<String>), SyncError> {
        let mut all = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let mut query = query.to_vec();
            query.extend([("singleEvents", "true"), ("maxResults", "2500")]);
            query.extend(next.as_deref().map(|token| ("pageToken", token)));
            let url = self.url(&["calendars", calendar, "events"], &query)?;
            let page = self.page(url).await?;
            all.extend(page.items);
            match page.next_page_token {
                Some(token) => next = Some(token),
                None => return Ok((all, page.next_sync_token)),
            }
        }
    }

    /// The busy times of a calendar whose events may not be read, each as an item of its own.
    async fn busy(&self, calendar: &str, window: Window) -> Result<Vec<RemoteItem>, SyncError> {
        let mut found = Vec::new();
        for part in calls::parts(window) {
            let body = json!({
                "timeMin": calls::shown(part.from), "timeMax": calls::shown(part.until),
                "items": [{"id": calendar}],
            });
            let url = self.url(&["freeBusy"], &[])?;
            let answer = self.call(Method::POST, url, Some(&body), None).await?;
            found.extend(events::busy(&answer["calendars"][calendar])?);
        }
        Ok(found)
    }
}

/// The window of a list as its query has it.
fn bounds(window: Window) -> [(&'static str, String); 2] {
    [("timeMin", calls::shown(window.from)), ("timeMax", calls::shown(window.until))]
}

impl Provider for Google {
    async fn calendars(&self) -> Result<Vec<RemoteCalendar>, SyncError> {
        let mut all = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let mut query = vec![("maxResults", "250")];
            query.extend(next.as_deref().map(|token| ("pageToken", token)));
            let page = self.page(self.url(&["users", "me", "calendarList"], &query)?).await?;
            all.extend(page.items.iter().filter_map(events::calendar));
            match page.next_page_token {
                Some(token) => next = Some(token),
                None => break,
            }
        }
        all.sort_by_key(|calendar| !calendar.primary);
        Ok(all)
    }

    async fn changes(
        &self,
        calendar: &str,
        cursor: Option<&str>,
        _known: &[(String, String)],
        window: Window,
    ) -> Result<Changes, SyncError> {
        let bounds = bounds(window);
        let bounded: Vec<_> = bounds.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let since = cursor.map(|cursor| vec![("syncToken", cursor)]);
        let listed = if cursor == Some(BUSY_ONLY) {
            Err(SyncError::Forbidden(String::new()))
        } else {
            self.events(calendar, since.as_deref().unwrap_or(&bounded)).await
        };
        match listed {
            Ok((rows, cursor_next)) => {
                let items = rows.iter().map(events::item).collect::<Result<_, _>>()?;
                Ok(Changes { items, cursor: cursor_next, complete: cursor.is_none() })
            }
            Err(SyncError::Forbidden(_)) => {
                let items = self.busy(calendar, window).await?;
                Ok(Changes { items, cursor: Some(BUSY_ONLY.to_owned()), complete: true })
            }
            Err(error) => Err(error),
        }
    }

    async fn span(&self, calendar: &str, window: Window) -> Result<Vec<RemoteItem>, SyncError> {
        let bounds = bounds(window);
        let query: Vec<_> = bounds.iter().map(|(name, text)| (*name, text.as_str())).collect();
        match self.events(calendar, &query).await {
            Ok((rows, _)) => rows.iter().map(events::item).collect(),
            Err(SyncError::Forbidden(_)) => self.busy(calendar, window).await,
            Err(error) => Err(error),
        }
    }

    async fn find(
        &self,
        calendar: &str,
        draft: &EventDraft,
        known: Option<&WrittenEvent>,
    ) -> Result<Option<RemoteItem>, SyncError> {
        let id = known.map_or_else(|| events::id_of(draft), |known| known.remote_id.clone());
        let url = self.url(&["calendars", calendar, "events", &id], &[])?;
        let found = match self.call(Method::GET, url, None, None).await {
            Ok(event) => Some(events::item(&event)?),
            Err(SyncError::Gone(_)) => None,
            Err(error) => return Err(error),
        };
        Ok(found.filter(|item| item.content != Content::Gone))
    }

    async fn create(&self, calendar: &str, draft: &EventDraft) -> Result<WrittenEvent, SyncError> {
        let mut body = events::body(draft);
        body["id"] = json!(events::id_of(draft));
        let url = self.url(&["calendars", calendar, "events"], &[("sendUpdates", "none")])?;
        self.call(Method::POST, url, Some(&body), None).await.map(|event| events::written(&event))
    }

    async fn update(
        &self,
        calendar: &str,
        draft: &EventDraft,
        known: &WrittenEvent,
    ) -> Result<WrittenEvent, SyncError> {
        let path = ["calendars", calendar, "events", &known.remote_id];
        let url = self.url(&path, &[("sendUpdates", "none")])?;
        let body = events::body(draft);
        let etag = Some(known.etag.as_str()).filter(|etag| !etag.is_empty());
        match self.call(Method::PATCH, url, Some(&body), etag).await {
            // What was deleted has another version, or may not be changed.
            Err(error @ (SyncError::Changed | SyncError::Forbidden(_))) => {
                let found = self.find(calendar, draft, Some(known)).await?;
                Err(found.map_or_else(|| SyncError::Gone("it was deleted".to_owned()), |_| error))
            }
            other => other.map(|event| events::written(&event)),
        }
    }

    async fn delete(&self, calendar: &str, known: &WrittenEvent) -> Result<(), SyncError> {
        let path = ["calendars", calendar, "events", &known.remote_id];
        let url = self.url(&path, &[("sendUpdates", "none")])?;
        match self.call(Method::DELETE, url, None, None).await {
            Ok(_) | Err(SyncError::Gone(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn renew(&self) -> Result<Option<Credentials>, SyncError> {
        let Account { access, refresh, scope, shared, now } = &self.account;
        let old = (access.as_str(), refresh.as_str(), scope.as_str());
        let oauth = self.settings.oauth()?;
        oauth.renew(&self.http, shared, old, *now).await.map(Some)
    }
}

//! Calendars of Microsoft 365 and Outlook.com through Microsoft Graph, by OAuth 2.0.
//!
//! Every request asks for ids that stay when an event is moved, and an account has at most four
//! requests under way, as its mailbox takes no more.
//!
//! Source: Microsoft's reference of Graph 1.0 and the models of `msgraph-sdk` 1.65.

mod calls;
mod events;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use crate::domain::calendars::Credentials;
use crate::domain::calendars::remote::{
    Changes, EventDraft, RemoteCalendar, RemoteItem, Window, WrittenEvent,
};
use crate::sync::google::below;
use crate::sync::http::Http;
use crate::sync::oauth::{OAuth, OAuthClient};
use crate::sync::push::{Channel, ChannelRequest};
use crate::sync::{Account, Provider, SyncError};

/// The rights that are asked for: events of the member's own calendars, and to keep them.
pub const SCOPE: &str = "offline_access https://graph.microsoft.com/Calendars.ReadWrite";
/// Requests of one mailbox that Graph takes at once.
const LANE_WIDTH: usize = 4;
/// Rows of one page.
const PAGE: usize = 200;

/// Where Microsoft is, and our application there.
#[derive(Debug, Clone)]
pub struct MicrosoftSettings {
    /// Our application.
    pub client: OAuthClient,
    /// Base of the consent page and the token end point.
    pub login_url: Url,
    /// Base of the API.
    pub graph_url: Url,
    /// Who may connect: `common`, `organizations`, or the id of one tenant.
    pub tenant: String,
}

impl MicrosoftSettings {
    /// The authorization server. It has no end point for revocation.
    ///
    /// # Errors
    /// [`SyncError::Address`] if a base takes no path.
    pub(super) fn oauth(&self) -> Result<OAuth, SyncError> {
        let at = |name: &str| below(&self.login_url, &[&self.tenant, "oauth2", "v2.0", name]);
        Ok(OAuth {
            client: self.client.clone(),
            authorize_url: at("authorize")?,
            token_url: at("token")?,
            revoke_url: None,
            scope: SCOPE,
            extra: &[("response_mode", "query"), ("prompt", "select_account")],
        })
    }
}

/// An account at Microsoft.
#[derive(Debug)]
pub struct Microsoft {
    http: Http,
    settings: Arc<MicrosoftSettings>,
    account: Account,
}

impl Microsoft {
    pub(super) fn new(http: Http, settings: Arc<MicrosoftSettings>, account: Account) -> Self {
        Self { http, settings, account }
    }

    /// The address of the account: that of whoever owns its main calendar.
    ///
    /// # Errors
    /// If the provider does not answer or refuses.
    pub async fn login(&self) -> Result<String, SyncError> {
        let calendars = self.all(self.url(&["me", "calendars"], &[("$top", "100")])?).await?;
        let main = calendars.iter().find(|calendar| calendar["isDefaultCalendar"] == true);
        let address = main.and_then(|calendar| calendar["owner"]["address"].as_str());
        Ok(address.unwrap_or_default().to_owned())
    }

    /// Lets Graph tell of changes in a calendar.
    ///
    /// # Errors
    /// If the provider does not answer or refuses, for instance because it cannot call us.
    pub async fn subscribe(
        &self,
        calendar: &str,
        request: &ChannelRequest,
    ) -> Result<Channel, SyncError> {
        let body = json!({
            "changeType": "created,updated,deleted",
            "notificationUrl": request.address,
            "lifecycleNotificationUrl": request.address,
            "resource": format!("/me/calendars/{calendar}/events"),
            "expirationDateTime": calls::shown(request.until),
            "clientState": request.secret,
        });
        let url = self.url(&["subscriptions"], &[])?;
        let made = self.call(Method::POST, url, Some(&body), None).await?;
        Ok(events::channel(&made, request.until))
    }

    /// Lets a subscription last longer.
    ///
    /// # Errors
    /// [`SyncError::Gone`] if it has ended.
    pub async fn renew_subscription(
        &self,
        channel: &Channel,
        until: DateTime<Utc>,
    ) -> Result<Channel, SyncError> {
        let body = json!({"expirationDateTime": calls::shown(until)});
        let url = self.url(&["subscriptions", &channel.remote_id], &[])?;
        let made = self.call(Method::PATCH, url, Some(&body), None).await?;
        Ok(events::channel(&made, until))
    }

    /// Ends a subscription; it is fine if it has ended.
    ///
    /// # Errors
    /// If the provider does not answer or refuses.
    pub async fn unsubscribe(&self, channel: &Channel) -> Result<(), SyncError> {
        let url = self.url(&["subscriptions", &channel.remote_id], &[])?;
        match self.call(Method::DELETE, url, None, None).await {
            Ok(_) | Err(SyncError::Gone(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The rows of a delta query as items; series lend their occurrences what those leave out.
    async fn items(&self, rows: Vec<Value>) -> Result<Vec<RemoteItem>, SyncError> {
        let mut series = events::series(&rows);
        for id in events::series_missing(&rows, &series) {
            let url = self.url(&["me", "events", &id], &[])?;
            match self.call(Method::GET, url, None, None).await {
                Ok(event) => drop(series.insert(id, event)),
                // Gone meanwhile: the next list of changes tells.
                Err(SyncError::Gone(_)) => {}
                Err(error) => return Err(error),
            }
        }
        events::items(&rows, &series)
    }
}

/// The window of a view as its query has it.
fn bounds(window: Window) -> [(&'static str, String); 2] {
    [("startDateTime", calls::shown(window.from)), ("endDateTime", calls::shown(window.until))]
}

impl Provider for Microsoft {
    async fn calendars(&self) -> Result<Vec<RemoteCalendar>, SyncError> {
        let rows = self.all(self.url(&["me", "calendars"], &[("$top", "100")])?).await?;
        let mut all: Vec<RemoteCalendar> = rows.iter().map(events::calendar).collect();
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
        let query: Vec<_> = bounds.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let url = match cursor {
            Some(link) => self.link(link)?,
            None => self.url(&["me", "calendars", calendar, "calendarView", "delta"], &query)?,
        };
        let (rows, link) = self.delta(url).await?;
        let items = self.items(rows).await?;
        Ok(Changes { items, cursor: link, complete: cursor.is_none() })
    }

    async fn span(&self, calendar: &str, window: Window) -> Result<Vec<RemoteItem>, SyncError> {
        let [from, until] = bounds(window);
        let page = PAGE.to_string();
        let query = [(from.0, from.1.as_str()), (until.0, until.1.as_str()), ("$top", &page)];
        let url = self.url(&["me", "calendars", calendar, "calendarView"], &query)?;
        self.items(self.all(url).await?).await
    }

    async fn find(
        &self,
        calendar: &str,
        draft: &EventDraft,
        known: Option<&WrittenEvent>,
    ) -> Result<Option<RemoteItem>, SyncError> {
        let expand = events::expand();
        if let Some(known) = known {
            let url = self.url(&["me", "events", &known.remote_id], &[("$expand", &expand)])?;
            return match self.call(Method::GET, url, None, None).await {
                Ok(event) => events::item(&event, None).map(Some),
                Err(SyncError::Gone(_)) => Ok(None),
                Err(error) => Err(error),
            };
        }
        let filter = events::filter(draft.visit_id);
        let query = [("$filter", filter.as_str()), ("$expand", &expand)];
        let rows = self.all(self.url(&["me", "calendars", calendar, "events"], &query)?).await?;
        rows.first().map(|event| events::item(event, None)).transpose()
    }

    async fn create(&self, calendar: &str, draft: &EventDraft) -> Result<WrittenEvent, SyncError> {
        let mut body = events::body(draft);
        body["transactionId"] = json!(events::transaction(draft));
        let url = self.url(&["me", "calendars", calendar, "events"], &[])?;
        self.call(Method::POST, url, Some(&body), None).await.map(|event| events::written(&event))
    }

    async fn update(
        &self,
        _calendar: &str,
        draft: &EventDraft,
        known: &WrittenEvent,
    ) -> Result<WrittenEvent, SyncError> {
        let url = self.url(&["me", "events", &known.remote_id], &[])?;
        let body = events::body(draft);
        let etag = Some(known.etag.as_str()).filter(|etag| !etag.is_empty());
        self.call(Method::PATCH, url, Some(&body), etag).await.map(|event| events::written(&event))
    }

    async fn delete(&self, _calendar: &str, known: &WrittenEvent) -> Result<(), SyncError> {
        let url = self.url(&["me", "events", &known.remote_id], &[])?;
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

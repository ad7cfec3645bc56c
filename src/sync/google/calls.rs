//! Calls of Google Calendar: addresses, answers, and what refusals mean.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use reqwest::Method;
use serde_json::Value;
use url::Url;

use super::{Google, Page, below};
use crate::domain::calendars::remote::Window;
use crate::sync::SyncError;
use crate::sync::http::{Answer, Ask};

/// The longest span for which busy times are asked at once; Google refuses spans of many months.
const BUSY_DAYS_MAX: i64 = 28;

impl Google {
    /// The address of a call.
    pub(super) fn url(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Url, SyncError> {
        let mut url = below(&self.settings.api_url, path)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    /// Makes a call; what comes back, null if nothing does.
    pub(super) async fn call(
        &self,
        method: Method,
        url: Url,
        body: Option<&Value>,
        if_match: Option<&str>,
    ) -> Result<Value, SyncError> {
        let mut ask = Ask::new(method, url);
        ask = ask.header("authorization", format!("Bearer {}", self.account.access));
        if let Some(etag) = if_match {
            ask = ask.header("if-match", etag);
        }
        if let Some(body) = body {
            ask = ask.body("application/json", body.to_string());
        }
        let answer = self.http.send(ask).await?;
        if !answer.status.is_success() {
            return Err(refusal(&answer));
        }
        if answer.body.is_empty() {
            return Ok(Value::Null);
        }
        // A body that is cut off says nothing of whether it was done.
        serde_json::from_str(&answer.body).map_err(|_| cut_off())
    }

    pub(super) async fn page(&self, url: Url) -> Result<Page, SyncError> {
        let body = self.call(Method::GET, url, None, None).await?;
        serde_json::from_value(body).map_err(|error| SyncError::Malformed(error.to_string()))
    }
}

/// What is said of an answer that ends too early: it is asked for again.
pub(crate) fn cut_off() -> SyncError {
    SyncError::Unreachable("the answer breaks off or is no JSON".to_owned())
}

/// What a refusal means: its reason first, the status only if there is none.
fn refusal(answer: &Answer) -> SyncError {
    let status = answer.status.as_u16();
    let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let reason = body["error"]["errors"][0]["reason"].as_str().unwrap_or_default();
    match (status, reason) {
        (
            403 | 429,
            "rateLimitExceeded"
            | "userRateLimitExceeded"
            | "quotaExceeded"
            | "calendarUsageLimitsExceeded",
        ) => SyncError::Busy { retry_after: answer.retry_after() },
        (409, "duplicate") => SyncError::Exists,
        // Two writers at the same moment: the other one was first.
        (409, _) => SyncError::Busy { retry_after: None },
        (410, "fullSyncRequired" | "updatedMinTooLongAgo") => SyncError::CursorExpired,
        (400, "invalid") if answer.url.query().is_some_and(|query| query.contains("syncToken")) => {
            SyncError::CursorExpired
        }
        (403, reason) => SyncError::Forbidden(format!("it answers 403 {}", word(reason))),
        (404 | 410, reason) => SyncError::Gone(format!("it answers {status} {}", word(reason))),
        (412, _) => SyncError::Changed,
        (_, reason) => SyncError::Answer { status, detail: word(reason).to_owned() },
    }
}

/// A reason if it is a plain word: texts may hold what belongs to the member.
fn word(reason: &str) -> &str {
    let plain = reason.chars().all(|c| c.is_ascii_alphanumeric() || c == '.');
    if plain && reason.len() <= 60 && !reason.is_empty() { reason } else { "without a reason" }
}

/// A moment in a query.
pub(super) fn shown(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A window in parts that can be asked for.
pub(super) fn parts(window: Window) -> Vec<Window> {
    let mut parts = Vec::new();
    let mut from = window.from;
    while from < window.until {
        let until = window.until.min(from + TimeDelta::days(BUSY_DAYS_MAX));
        parts.push(Window { from, until });
        from = until;
    }
    parts
}

//! Calls of Microsoft Graph: addresses, answers, and what refusals mean.

use chrono::{DateTime, SecondsFormat, Utc};
use reqwest::Method;
use serde_json::Value;
use url::Url;

use super::{LANE_WIDTH, Microsoft, PAGE, below};
use crate::sync::SyncError;
use crate::sync::google::cut_off;
use crate::sync::http::{Answer, Ask};

/// Pages of one list at most: the links come from the other side.
const PAGES_MAX: usize = 1000;

impl Microsoft {
    /// The address of a call.
    pub(super) fn url(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Url, SyncError> {
        let mut url = below(&self.settings.graph_url, &["v1.0"])?;
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
            // A plus is a blank in forms only.
            let query = url.query().map(|query| query.replace('+', "%20"));
            url.set_query(query.as_deref());
        }
        Ok(url)
    }

    /// A link that Graph gave, at the address where Graph is for us: behind a proxy links name another
    /// server, and the token is carried nowhere else.
    pub(super) fn link(&self, link: &str) -> Result<Url, SyncError> {
        let given = Url::parse(link).map_err(|error| SyncError::Malformed(error.to_string()))?;
        let Some((_, path)) = given.path().split_once("/v1.0/") else {
            return Err(SyncError::Malformed("a link to nowhere".to_owned()));
        };
        let mut url = self.url(&[], &[])?;
        let path = format!("{}/{path}", url.path().trim_end_matches('/'));
        url.set_path(&path);
        url.set_query(given.query());
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
        let prefer =
            format!("IdType=\"ImmutableId\", outlook.timezone=\"UTC\", odata.maxpagesize={PAGE}");
        let mut ask = Ask::new(method, url).header("prefer", prefer);
        ask = ask.header("authorization", format!("Bearer {}", self.account.access));
        if let Some(etag) = if_match {
            ask = ask.header("if-match", etag);
        }
        if let Some(body) = body {
            ask = ask.body("application/json", body.to_string());
        }
        let lane = self.account.shared.lane(&self.account.refresh, LANE_WIDTH);
        // Nobody closes a lane.
        let _place = lane.acquire_owned().await;
        let answer = self.http.send(ask).await?;
        if !answer.status.is_success() {
            return Err(refusal(&answer));
        }
        if answer.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&answer.body).map_err(|_| cut_off())
    }

    /// All rows of a list, and the link for the changes after it.
    pub(super) async fn delta(&self, url: Url) -> Result<(Vec<Value>, Option<String>), SyncError> {
        let (mut rows, mut url) = (Vec::new(), url);
        for _ in 0..PAGES_MAX {
            let mut page = self.call(Method::GET, url, None, None).await?;
            match page["value"].take() {
                Value::Array(value) => rows.extend(value),
                _ => return Err(SyncError::Malformed("a page without rows".to_owned())),
            }
            if let Some(link) = page["@odata.nextLink"].as_str() {
                url = self.link(link)?;
            } else {
                let link = page["@odata.deltaLink"].as_str().map(str::to_owned);
                return Ok((rows, link));
            }
        }
        Err(SyncError::Malformed(format!("a list of more than {PAGES_MAX} pages")))
    }

    /// All rows of a list.
    pub(super) async fn all(&self, url: Url) -> Result<Vec<Value>, SyncError> {
        self.delta(url).await.map(|(rows, _)| rows)
    }
}

/// What a refusal means: its code first, the status only if there is none that is known.
fn refusal(answer: &Answer) -> SyncError {
    let status = answer.status.as_u16();
    let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let code = word(body["error"]["code"].as_str().unwrap_or_default());
    let lower = code.to_ascii_lowercase();
    match (status, lower.as_str()) {
        // Reports of the status differ.
        (400 | 409, "errorduplicatetransactionid") => SyncError::Exists,
        (_, "syncstatenotfound" | "syncstateinvalid" | "resyncrequired") | (410, _) => {
            SyncError::CursorExpired
        }
        (_, "applicationthrottled" | "mailboxstoreunavailable" | "errormailboxstoreunavailable")
        // Two writers at the same moment.
        | (409, _) => SyncError::Busy { retry_after: answer.retry_after() },
        (_, "errorquotaexceeded") | (507, _) => {
            SyncError::Answer { status, detail: "the mailbox is full".to_owned() }
        }
        (_, "mailboxnotenabledforrestapi") => SyncError::Forbidden(
            "the account has no mailbox that Microsoft Graph can reach".to_owned(),
        ),
        (403, _) => SyncError::Forbidden(format!("it answers 403 {code}")),
        (404, _) => SyncError::Gone(format!("it answers 404 {code}")),
        (412, _) => SyncError::Changed,
        _ => SyncError::Answer { status, detail: code.to_owned() },
    }
}

/// A code if it is a plain word: texts may hold what belongs to the member.
fn word(code: &str) -> &str {
    let plain = code.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_');
    if plain && code.len() <= 60 && !code.is_empty() { code } else { "without a code" }
}

/// A moment in a query or body.
pub(super) fn shown(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Secs, true)
}

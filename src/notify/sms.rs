//! Text messages in the shape of Twilio's API, and the signature of its callbacks.
//!
//! Source: twilio.com/docs, Messages resource (2010-04-01) and webhooks security.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::domain::codes::{equal, hmac_sha1, hmac_sha256};
use crate::domain::messages::MessageStatus;
use crate::notify::{Notify, Outcome, Outgoing, ask, refused};

/// An account for text messages.
#[derive(Clone, PartialEq, Eq)]
pub struct SmsSettings {
    /// Where the API is, without a slash at the end.
    pub api_url: String,
    /// The account.
    pub account: String,
    /// Its secret.
    pub token: String,
    /// The number or name that sends, or the id of a messaging service (`MG..`).
    pub from: String,
    /// Where the provider reports to; empty for no reports.
    pub callback: String,
}

impl std::fmt::Debug for SmsSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmsSettings").field("account", &self.account).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Taken {
    sid: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    date_created: String,
}

#[derive(Deserialize)]
struct TakenList {
    #[serde(default)]
    messages: Vec<Taken>,
}

pub(super) async fn send(notify: &Notify, outgoing: &Outgoing<'_>) -> Outcome {
    let Some(settings) = &notify.settings().sms else {
        return Outcome::NotSet("no account for text messages is set".to_owned());
    };
    if let Some(since) = outgoing.unsure_since {
        // The API has no key against repetition, so the provider is asked whether it has it.
        match found(notify, settings, outgoing, since).await {
            Ok(Some(taken)) => {
                let detail = "the provider had it already".to_owned();
                return Outcome::Sent { provider_id: taken.sid, detail };
            }
            Ok(None) => {}
            Err(outcome) => return outcome,
        }
    }
    let client = match notify.client() {
        Ok(client) => client,
        Err(outcome) => return outcome,
    };
    let sender = if settings.from.starts_with("MG") { "MessagingServiceSid" } else { "From" };
    let mut form = vec![
        ("To", outgoing.content.to.as_str()),
        (sender, settings.from.as_str()),
        ("Body", outgoing.content.text.as_str()),
    ];
    if !settings.callback.is_empty() {
        form.push(("StatusCallback", settings.callback.as_str()));
    }
    let request = client
        .post(messages_url(settings))
        .basic_auth(&settings.account, Some(&settings.token))
        .form(&form);
    let answer = match ask(request).await {
        Ok(answer) => answer,
        Err(outcome) => return outcome,
    };
    if !(200..=299).contains(&answer.status) {
        return match answer.status {
            // The account, not the number: mending the settings helps.
            401 | 403 | 404 => {
                Outcome::later(format!("status {}: {}", answer.status, said(&answer.text)))
            }
            _ => refused(&answer, &said(&answer.text)),
        };
    }
    match serde_json::from_str::<Taken>(&answer.text) {
        Ok(taken) => Outcome::Sent { provider_id: taken.sid, detail: taken.status },
        Err(_) => Outcome::Sent { provider_id: String::new(), detail: answer.text },
    }
}

fn messages_url(settings: &SmsSettings) -> String {
    let (base, account) = (&settings.api_url, &settings.account);
    format!("{base}/2010-04-01/Accounts/{account}/Messages.json")
}

/// The message with these words to this number that the provider has taken since.
async fn found(
    notify: &Notify,
    settings: &SmsSettings,
    outgoing: &Outgoing<'_>,
    since: DateTime<Utc>,
) -> Result<Option<Taken>, Outcome> {
    let query = [
        ("To", outgoing.content.to.clone()),
        ("DateSent>", since.format("%Y-%m-%d").to_string()),
        ("PageSize", "100".to_owned()),
    ];
    let request = notify
        .client()?
        .get(with_query(&messages_url(settings), &query)?)
        .basic_auth(&settings.account, Some(&settings.token));
    let answer = ask(request).await?;
    if answer.status != 200 {
        return Err(Outcome::later(format!(
            "status {} when asked whether it has it",
            answer.status
        )));
    }
    let list: TakenList = serde_json::from_str(&answer.text)
        .map_err(|_| Outcome::later("the list of messages is not readable"))?;
    // A minute of grace for clocks that differ.
    let earliest = since - chrono::TimeDelta::minutes(1);
    let recent = |taken: &Taken| {
        let made = DateTime::parse_from_rfc2822(&taken.date_created);
        made.map_or(true, |made| made.to_utc() >= earliest)
    };
    let same = |taken: &Taken| taken.body == outgoing.content.text && recent(taken);
    Ok(list.messages.into_iter().find(same))
}

fn with_query(url: &str, query: &[(&str, String)]) -> Result<url::Url, Outcome> {
    let mut url: url::Url =
        url.parse().map_err(|_| Outcome::Refused("the address of the API is none".to_owned()))?;
    url.query_pairs_mut().extend_pairs(query);
    Ok(url)
}

/// The provider's words in an answer that refuses.
fn said(text: &str) -> String {
    #[derive(Deserialize)]
    struct Refusal {
        message: String,
        #[serde(default)]
        code: Option<i64>,
    }
    match serde_json::from_str::<Refusal>(text) {
        Ok(refusal) => match refusal.code {
            Some(code) => format!("{} (code {code})", refusal.message),
            None => refusal.message,
        },
        Err(_) => text.chars().take(200).collect(),
    }
}

/// Whether a callback is signed with the account's token.
///
/// * `url`: the address as the provider called it.
/// * `form`: the fields of the body, sorted by name.
/// * `settings_header`: `X-Twilio-Webhooks-Signature-Settings`, which selects SHA-256.
pub fn is_signed(
    token: &str,
    url: &str,
    form: &BTreeMap<String, String>,
    (signature, settings_header): (&str, &str),
) -> bool {
    let mut text = url.to_owned();
    for (name, value) in form {
        text.push_str(name);
        text.push_str(value);
    }
    let Ok(given) = STANDARD.decode(signature) else { return false };
    if settings_header.contains("HMAC_SHA256") {
        equal(&given, &hmac_sha256(token.as_bytes(), text.as_bytes()))
    } else {
        equal(&given, &hmac_sha1(token.as_bytes(), text.as_bytes()))
    }
}

/// What a word of the provider about a message means; none if nothing has changed for us.
pub fn status(word: &str) -> Option<MessageStatus> {
    match word {
        "delivered" | "read" => Some(MessageStatus::Delivered),
        "failed" | "undelivered" | "canceled" => Some(MessageStatus::Failed),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_signature_is_right_and_others_are_not() {
        // The example of Twilio's documentation on webhook security.
        let form: BTreeMap<String, String> = [
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+14158675309"),
            ("Digits", "1234"),
            ("From", "+14158675309"),
            ("To", "+18005551212"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
        assert!(is_signed("12345", url, &form, ("RSOYDt4T1cUTdK1PDd93/VVr8B8=", "")));
        assert!(!is_signed("12346", url, &form, ("RSOYDt4T1cUTdK1PDd93/VVr8B8=", "")));
        assert!(!is_signed("12345", url, &form, ("", "")));
    }
}

//! `WhatsApp` by the Cloud API: templates, free words within 24 hours, and its callbacks.
//!
//! Source: Meta's OpenAPI document of the business messaging API, v23.0.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::codes::{equal, hex, hmac_sha256};
use crate::domain::id::MessageId;
use crate::domain::messages::MessageStatus;
use crate::notify::{Notify, Outcome, Outgoing, ask, refused};

/// A number of `WhatsApp`.
#[derive(Clone, PartialEq, Eq)]
pub struct WhatsappSettings {
    /// Where the API is, with its version, without a slash at the end.
    pub api_url: String,
    /// The id of the number that sends.
    pub phone_number_id: String,
    /// The secret to send with.
    pub access_token: String,
    /// The secret that callbacks are signed with.
    pub app_secret: String,
    /// The word that proves that callbacks are to come here.
    pub verify_token: String,
}

impl std::fmt::Debug for WhatsappSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WhatsappSettings")
            .field("phone_number_id", &self.phone_number_id)
            .finish_non_exhaustive()
    }
}

/// Something a callback says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// Somebody has written.
    Written {
        /// The number, digits only; empty where the person shows none.
        phone: String,
        /// `WhatsApp`'s own name for the person.
        user_id: String,
        /// The words; empty for pictures and the like.
        text: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// A message has got further.
    Status {
        /// Its name there.
        provider_id: String,
        /// Its name here, if it was sent from here.
        message_id: Option<MessageId>,
        /// How far it is.
        status: MessageStatus,
        /// Why it failed; empty otherwise.
        error: String,
    },
}

pub(super) async fn send(notify: &Notify, outgoing: &Outgoing<'_>) -> Outcome {
    let Some(settings) = &notify.settings().whatsapp else {
        return Outcome::NotSet("no number of WhatsApp is set".to_owned());
    };
    let client = match notify.client() {
        Ok(client) => client,
        Err(outcome) => return outcome,
    };
    let url = format!("{}/{}/messages", settings.api_url, settings.phone_number_id);
    let request = client.post(url).bearer_auth(&settings.access_token).json(&body(outgoing));
    let answer = match ask(request).await {
        Ok(answer) => answer,
        Err(outcome) => return outcome,
    };
    if answer.status == 200 {
        let said: Value = serde_json::from_str(&answer.text).unwrap_or_default();
        let provider_id = said["messages"][0]["id"].as_str().unwrap_or_default().to_owned();
        let status = said["messages"][0]["message_status"].as_str().unwrap_or("accepted");
        return Outcome::Sent { provider_id, detail: status.to_owned() };
    }
    let said: Value = serde_json::from_str(&answer.text).unwrap_or_default();
    let words = said["error"]["message"].as_str().unwrap_or(&answer.text);
    match (answer.status, said["error"]["code"].as_i64()) {
        // Too many at once (4, 80007, 130429, 131048 and 131056) passes; where the token is meant and
        // not the number (401 and 190), mending the settings helps.
        (401, _) | (_, Some(4 | 190 | 80_007 | 130_429 | 131_048 | 131_056)) => {
            Outcome::later(words)
        }
        _ => refused(&answer, words),
    }
}

/// The request: a template if there is one, else free words.
fn body(outgoing: &Outgoing<'_>) -> Value {
    let content = outgoing.content;
    let to: String = content.to.chars().filter(char::is_ascii_digit).collect();
    // Comes back in the status callbacks.
    let id = outgoing.id.to_string();
    if content.template.is_empty() {
        return json!({
            "messaging_product": "whatsapp", "recipient_type": "individual", "to": to,
            "type": "text", "text": { "body": content.text, "preview_url": false },
            "biz_opaque_callback_data": id,
        });
    }
    let parameter = |text: &String| json!({ "type": "text", "text": text });
    let parameters: Vec<Value> = content.parameters.iter().map(parameter).collect();
    let components = if parameters.is_empty() {
        json!([])
    } else {
        json!([{ "type": "body", "parameters": parameters }])
    };
    json!({
        "messaging_product": "whatsapp", "recipient_type": "individual", "to": to,
        "type": "template", "template": {
            "name": content.template, "language": { "code": content.locale },
            "components": components,
        },
        "biz_opaque_callback_data": id,
    })
}

/// Whether a callback is signed with the app's secret; `signature` is `X-Hub-Signature-256`.
pub fn is_signed(app_secret: &str, body: &[u8], signature: &str) -> bool {
    let expected = format!("sha256={}", hex(&hmac_sha256(app_secret.as_bytes(), body)));
    equal(signature.as_bytes(), expected.as_bytes())
}

/// What a callback says; parts of other kinds are passed over.
pub fn read(body: &[u8]) -> Vec<Said> {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Hook {
        entry: Vec<Entry>,
    }
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Entry {
        changes: Vec<Change>,
    }
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Change {
        value: Value,
    }
    let hook: Hook = serde_json::from_slice(body).unwrap_or_default();
    let changes = hook.entry.into_iter().flat_map(|entry| entry.changes);
    changes.flat_map(|change| said(&change.value)).collect()
}

fn said(value: &Value) -> Vec<Said> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = |key: &str| value[key].as_array().cloned().unwrap_or_default();
    let moment = |value: &Value| {
        let seconds = value.as_str().and_then(|text| text.parse().ok());
        seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0)).unwrap_or_default()
    };
    let people = all("contacts");
    let user_of = |from: &str| {
        // Whoever shows a name instead of a number has a user id alone.
        let found = people.iter().find(|one| one["wa_id"].as_str() == Some(from));
        let found = found.or_else(|| people.first());
        found.map(|one| text(&one["user_id"])).unwrap_or_default()
    };
    let written = all("messages").into_iter().map(|one| {
        let phone = text(&one["from"]);
        Said::Written {
            user_id: user_of(&phone),
            text: text(&one["text"]["body"]),
            at: moment(&one["timestamp"]),
            phone,
        }
    });
    let statuses = all("statuses").into_iter().filter_map(|one| {
        let status = match one["status"].as_str()? {
            "sent" => MessageStatus::Sent,
            "delivered" | "read" => MessageStatus::Delivered,
            "failed" => MessageStatus::Failed,
            _ => return None,
        };
        let error = text(&one["errors"][0]["title"]);
        let message_id = one["biz_opaque_callback_data"].as_str().and_then(|id| id.parse().ok());
        Some(Said::Status { provider_id: text(&one["id"]), message_id, status, error })
    });
    written.chain(statuses).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callback_is_read_with_and_without_a_telephone_number() {
        let body = json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": [{
            "field": "messages", "value": {
                "contacts": [{ "user_id": "U1" }],
                "messages": [{ "from": "3545551234", "id": "wamid.1", "timestamp": "1800000000",
                    "type": "text", "text": { "body": "STOP" } }],
                "statuses": [{ "id": "wamid.2", "status": "delivered", "timestamp": "1800000000" },
                    { "id": "wamid.3", "status": "failed", "errors": [{ "title": "Blocked" }] },
                    { "id": "wamid.4", "status": "sent",
                        "biz_opaque_callback_data": "0192f0c1-2345-7000-8000-000000000001" },
                    { "id": "wamid.5", "status": "warning" }]
            } }] }] });
        let said = read(body.to_string().as_bytes());
        assert_eq!(said.len(), 4);
        let Said::Written { phone, user_id, text, at } = &said[0] else { panic!("{said:?}") };
        assert_eq!((phone.as_str(), user_id.as_str(), text.as_str()), ("3545551234", "U1", "STOP"));
        assert_eq!(at.timestamp(), 1_800_000_000);
        let Said::Status { status, error, .. } = &said[2] else { panic!("{said:?}") };
        assert_eq!((*status, error.as_str()), (MessageStatus::Failed, "Blocked"));
        let Said::Status { status, message_id, .. } = &said[3] else { panic!("{said:?}") };
        assert_eq!((*status, message_id.is_some()), (MessageStatus::Sent, true));
        assert!(read(b"nonsense").is_empty());
    }
}

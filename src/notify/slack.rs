//! Slack: an incoming webhook of a channel.
//!
//! Source: docs.slack.dev, sending messages using incoming webhooks: JSON with `text`, answer 200
//! `ok`; 429 with `Retry-After`.

use serde_json::json;

use crate::notify::guard::private_host;
use crate::notify::{Notify, Outcome, Outgoing, ask, refused};

/// Characters of a message at most; Slack cuts longer ones.
const TEXT_MAX: usize = 35_000;

pub(super) async fn send(notify: &Notify, outgoing: &Outgoing<'_>) -> Outcome {
    let Ok(url) = outgoing.content.to.parse::<url::Url>() else {
        return Outcome::Refused("the address is none".to_owned());
    };
    if let Some(address) = private_host(&url, &notify.settings().allowed_networks) {
        return Outcome::Refused(format!("{address} is a private address"));
    }
    let client = match notify.guarded() {
        Ok(client) => client,
        Err(outcome) => return outcome,
    };
    let content = outgoing.content;
    let heading = if content.subject.is_empty() {
        String::new()
    } else {
        format!("*{}*\n", escaped(&content.subject))
    };
    let text: String =
        format!("{heading}{}", escaped(&content.text)).chars().take(TEXT_MAX).collect();
    match ask(client.post(url).json(&json!({ "text": text }))).await {
        Err(outcome) => outcome,
        Ok(answer) if answer.status == 200 => {
            Outcome::Sent { provider_id: String::new(), detail: answer.text }
        }
        Ok(answer) => refused(&answer, &answer.text),
    }
}

/// The three characters that mean something to Slack.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

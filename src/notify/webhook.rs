//! Webhooks: a signed POST to any address.
//!
//! The signature is `v1=` and the HMAC-SHA256, in hexadecimal, of the timestamp, a full stop and the
//! body as it is sent. While a secret is being replaced there is one signature for each.

use crate::domain::codes::{hex, hmac_sha256};
use crate::notify::guard::private_host;
use crate::notify::{Notify, Outcome, Outgoing, ask, refused};

/// The header with the delivery's id, which is the same in every attempt.
pub const ID: &str = "roundsman-delivery";
/// The header with the moment of the attempt, in seconds since 1970.
pub const TIMESTAMP: &str = "roundsman-timestamp";
/// The header with the signatures, separated by commas.
pub const SIGNATURE: &str = "roundsman-signature";

/// The signatures of a body, by each secret.
pub fn signatures(secrets: &[String], timestamp: i64, body: &str) -> String {
    let signed = format!("{timestamp}.{body}");
    let one = |secret: &String| hex(&hmac_sha256(secret.as_bytes(), signed.as_bytes()));
    let all: Vec<String> = secrets.iter().map(|secret| format!("v1={}", one(secret))).collect();
    all.join(",")
}

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
    let body = outgoing.content.payload.as_ref().map(ToString::to_string).unwrap_or_default();
    let timestamp = outgoing.now.timestamp();
    let request = client
        .post(url)
        .header("content-type", "application/json")
        .header(ID, outgoing.id.to_string())
        .header(TIMESTAMP, timestamp)
        .header("roundsman-attempt", outgoing.attempt)
        .header(SIGNATURE, signatures(outgoing.secrets, timestamp, &body))
        .body(body);
    let answer = match ask(request).await {
        Ok(answer) => answer,
        Err(outcome) => return outcome,
    };
    let said: String = answer.text.chars().take(300).collect();
    match answer.status {
        200..=299 => Outcome::Sent {
            provider_id: String::new(),
            detail: format!("status {}: {said}", answer.status),
        },
        // A receiver that is being set up answers like this, too.
        404 => Outcome::later(format!("status 404: {said}")),
        _ => refused(&answer, &said),
    }
}

//! A webhook: an address that is told what happens, with a signature.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::faults::{Faults, Validate, check_length, check_text};

/// An address that is told what happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Webhook {
    /// What people call it.
    pub name: String,
    /// Where the events are sent by POST.
    pub url: String,
    /// Which events: whole kinds such as `booking.created`, or all of a noun such as `booking.*`;
    /// none means all.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Whether anything is sent.
    #[serde(default = "yes")]
    pub active: bool,
}

/// A secret that deliveries of a webhook are signed with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WebhookSecret {
    /// Counts the secrets of the webhook, from 1.
    pub version: u32,
    /// The secret itself.
    pub secret: String,
    /// Until when deliveries are signed with it; none for the newest.
    pub expires_at: Option<DateTime<Utc>>,
}

fn yes() -> bool {
    true
}

impl Webhook {
    /// Whether it wants events of this kind.
    pub fn wants(&self, kind: &str) -> bool {
        let matches = |wanted: &String| match wanted.strip_suffix('*') {
            Some(start) => kind.starts_with(start),
            None => wanted == kind,
        };
        self.kinds.is_empty() || self.kinds.iter().any(matches)
    }
}

impl Validate for Webhook {
    fn validate(&self, faults: &mut Faults) {
        check_text(faults, "name", &self.name, 200);
        check_text(faults, "url", &self.url, 2000);
        match url::Url::parse(&self.url) {
            Ok(url) => {
                let web = matches!(url.scheme(), "http" | "https") && url.has_host();
                faults.check(web, "url", &self.url, "must be an http or https address");
                let plain = url.username().is_empty() && url.password().is_none();
                let message = "must not hold a password; the signature shows who sends";
                faults.check(plain, "url", "(hidden)", message);
            }
            Err(error) => faults.add("url", &self.url, format!("is no address: {error}")),
        }
        let count = self.kinds.len();
        faults.check(count <= 50, "kinds", count, "must be at most 50");
        for (row, kind) in self.kinds.iter().enumerate() {
            check_length(faults, &format!("kinds[{row}]"), kind, 100);
            let fits = kind.contains('.') && !kind.contains(' ');
            let message = "must be a kind such as booking.created, or all of a noun: booking.*";
            faults.check(fits, &format!("kinds[{row}]"), kind, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_all_kinds_of_a_noun() {
        let one = |kinds: &[&str]| Webhook {
            name: "x".to_owned(),
            url: "https://example.com".to_owned(),
            kinds: kinds.iter().map(|&kind| kind.to_owned()).collect(),
            active: true,
        };
        assert!(one(&["booking.*"]).wants("booking.created"));
        assert!(!one(&["booking.*"]).wants("visit.moved"));
        assert!(one(&["visit.moved"]).wants("visit.moved"));
        assert!(one(&[]).wants("anything.at_all"));
    }
}

//! An organization's own words for a kind of message, in place of the built-in ones.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::faults::{Faults, Validate, check_length, check_text};
use crate::domain::id::ServiceId;
use crate::domain::messages::{Channel, MessageKind};

/// Names that can stand in braces in the words of a customer's message.
pub const CUSTOMER_NAMES: [&str; 18] = [
    "customer",
    "business",
    "location",
    "title",
    "service",
    "code",
    "date",
    "time",
    "window",
    "address",
    "technicians",
    "reason",
    "reason_line",
    "before",
    "before_line",
    "manage_link",
    "track_link",
    "opt_out_link",
];

/// Names that can stand in braces in the words of a technician's or the office's message.
pub const STAFF_NAMES: [&str; 17] = [
    "technician",
    "customer",
    "phone",
    "email",
    "business",
    "location",
    "title",
    "service",
    "code",
    "date",
    "time",
    "address",
    "note",
    "before",
    "before_line",
    "source",
    "list",
];

/// An organization's own words for a kind of message on a channel in a language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MessageTemplate {
    /// What people call it.
    pub name: String,
    /// For which messages.
    pub kind: MessageKind,
    /// For which channel.
    pub channel: Channel,
    /// For which language: `en`, `es` or `is`.
    pub locale: String,
    /// For which service; all that have none of their own if none.
    #[serde(default)]
    pub service_id: Option<ServiceId>,
    /// Subject of an e-mail, title of a notification.
    #[serde(default)]
    pub subject: String,
    /// The words; names in braces such as `{customer}` are filled in.
    pub text: String,
    /// HTML of an e-mail; made from the words if empty.
    #[serde(default)]
    pub html: String,
    /// `WhatsApp` only: the name of the approved template. It is filled with `parameters`.
    #[serde(default)]
    pub whatsapp_template: String,
    /// `WhatsApp` only: what fills the template's places, in order, for instance `{customer}`.
    #[serde(default)]
    pub parameters: Vec<String>,
    /// Whether it is used.
    #[serde(default = "yes")]
    pub active: bool,
}

fn yes() -> bool {
    true
}

/// The names in braces of some words, in order; what is no name is left alone.
pub fn names(words: &str) -> Vec<&str> {
    let parts = words.split('{').skip(1);
    let inside = parts.filter_map(|part| part.split_once('}').map(|(name, _)| name));
    inside
        .filter(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
        .collect()
}

/// Whether each brace that opens is closed again, and none is closed that was not opened.
fn is_balanced(words: &str) -> bool {
    let mut open = 0_u32;
    for sign in words.chars() {
        match sign {
            '{' => open += 1,
            '}' => match open.checked_sub(1) {
                Some(fewer) => open = fewer,
                None => return false,
            },
            _ => {}
        }
    }
    open == 0
}

/// The names that messages of a kind can fill in.
pub fn known_names(kind: MessageKind) -> &'static [&'static str] {
    if kind.is_for_customers() { &CUSTOMER_NAMES } else { &STAFF_NAMES }
}

impl Validate for MessageTemplate {
    fn validate(&self, faults: &mut Faults) {
        check_text(faults, "name", &self.name, 200);
        let kind = self.kind;
        let fits = !matches!(kind, MessageKind::Event | MessageKind::Test);
        faults.check(fits, "kind", kind.as_str(), "has no words of its own");
        let fits = self.channel != Channel::Webhook;
        faults.check(fits, "channel", self.channel.as_str(), "webhooks send data, not words");
        let known = ["en", "es", "is"].contains(&self.locale.as_str());
        faults.check(known, "locale", &self.locale, "must be en, es or is");
        check_length(faults, "subject", &self.subject, 300);
        check_text(faults, "text", &self.text, 10_000);
        check_length(faults, "html", &self.html, 100_000);
        let needs_subject = self.channel == Channel::Email && self.subject.trim().is_empty();
        faults.check(!needs_subject, "subject", "", "an e-mail needs a subject");
        let one_line = !self.subject.contains(['\n', '\r']);
        faults.check(one_line, "subject", &self.subject, "must be one line");
        check_length(faults, "whatsapp_template", &self.whatsapp_template, 512);
        let known = known_names(kind);
        let mut check = |field: &str, words: &str| {
            for name in names(words).into_iter().filter(|name| !known.contains(name)) {
                let message = format!("is not filled in here; known are: {}", known.join(", "));
                faults.add(field, format!("{{{name}}}"), message);
            }
            let message = "has a brace without its other half; names stand as {customer}";
            faults.check(is_balanced(words), field, "", message);
        };
        check("subject", &self.subject);
        check("text", &self.text);
        check("html", &self.html);
        for (row, words) in self.parameters.iter().enumerate() {
            check(&format!("parameters[{row}]"), words);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words_in_braces() {
        assert_eq!(names("{customer}, {b 1} {} { x {time}"), ["customer", "time"]);
    }

    #[test]
    fn braces_without_their_other_half_are_found() {
        assert!(["", "{time}", "p { color: red }", "{ {a} }"].into_iter().all(is_balanced));
        assert!(!["{time", "yo } {", "}", "{a} {"].into_iter().any(is_balanced));
    }
}

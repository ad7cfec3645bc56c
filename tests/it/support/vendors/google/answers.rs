//! Bodies of Google Calendar: events and refusals.

use serde_json::{Value, json};

use crate::support::vendors::google::times::span;
use crate::support::vendors::{Reply, merge, stamp};

/// A refusal in Google's form.
pub(crate) fn refusal(status: u16, reason: &str, message: &str) -> Reply {
    let domain = match reason {
        "rateLimitExceeded" | "userRateLimitExceeded" | "quotaExceeded" => "usageLimits",
        "fullSyncRequired" | "timeRangeEmpty" => "calendar",
        _ => "global",
    };
    let mut error = json!({"domain": domain, "reason": reason, "message": message});
    match reason {
        "conditionNotMet" => {
            error["locationType"] = json!("header");
            error["location"] = json!("If-Match");
        }
        "fullSyncRequired" => {
            error["locationType"] = json!("parameter");
            error["location"] = json!("syncToken");
        }
        "authError" => {
            error["locationType"] = json!("header");
            error["location"] = json!("Authorization");
        }
        _ => {}
    }
    let body = json!({"error": {"errors": [error], "code": status, "message": message}});
    Reply(status, Some(body))
}

/// The whole event that comes of what a client sent.
pub(crate) fn event_body(id: &str, sent: &Value, calendar: &str, seq: u64) -> Value {
    let mut body = json!({
        "kind": "calendar#event",
        "id": id,
        "status": "confirmed",
        "htmlLink": format!("https://www.google.com/calendar/event?eid={id}"),
        "created": stamp(seq).to_rfc3339(),
        "iCalUID": format!("{id}@google.com"),
        "sequence": 0,
        "creator": {"email": calendar, "self": true},
        "organizer": {"email": calendar, "self": true},
        "reminders": {"useDefault": true},
        "eventType": "default",
    });
    merge(&mut body, sent);
    body["id"] = json!(id);
    body
}

/// What is wrong with an event that a client sent, if anything is.
pub(crate) fn fault(body: &Value) -> Option<Reply> {
    if body["start"].is_null() {
        return Some(refusal(400, "required", "Missing start time."));
    }
    if body["end"].is_null() {
        return Some(refusal(400, "required", "Missing end time."));
    }
    match span(body) {
        None => Some(refusal(400, "badRequest", "Invalid start time.")),
        Some((start, end)) if end < start => {
            Some(refusal(400, "timeRangeEmpty", "The specified time range is empty."))
        }
        Some(_) => None,
    }
}

/// Whether a client may give an event this id.
pub(crate) fn is_id(id: &str) -> bool {
    let plain = |c: char| c.is_ascii_digit() || ('a'..='v').contains(&c);
    (5..=1024).contains(&id.len()) && id.chars().all(plain)
}

/// Whether an event makes its calendar busy.
pub(crate) fn is_busy(body: &Value) -> bool {
    let attendees = body["attendees"].as_array().cloned().unwrap_or_default();
    let declined =
        |person: &Value| person["self"] == true && person["responseStatus"] == "declined";
    body["status"] != "cancelled"
        && body["transparency"] != "transparent"
        && !attendees.iter().any(declined)
}

//! Events of Google Calendar, read and written.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone as _, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::calls::shown;
use crate::domain::calendars::remote::{
    Content, EventDraft, EventTime, RemoteCalendar, RemoteEvent, RemoteItem, WrittenEvent,
};
use crate::sync::SyncError;

/// The private property that marks events of ours.
const MARK: &str = "roundsmanVisit";
/// The letters of base32hex (RFC 4648), in lower case as Google wants ids.
const LETTERS: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";

/// The id of an event of ours: visit and generation in base32hex, 32 letters.
///
/// A deleted event keeps its id for ever, so that the next one needs another generation.
pub(super) fn id_of(draft: &EventDraft) -> String {
    let mut bytes = draft.visit_id.0.as_bytes().to_vec();
    bytes.extend(draft.generation.to_be_bytes());
    let mut id = String::with_capacity(32);
    // 20 bytes are four groups of five, each of eight letters.
    for group in bytes.chunks(5) {
        let bits = group.iter().fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
        for place in (0..8).rev() {
            let letter = usize::try_from((bits >> (5 * place)) & 31).unwrap_or_default();
            id.push(char::from(LETTERS[letter]));
        }
    }
    id
}

/// What is written for a draft, without its id.
pub(super) fn body(draft: &EventDraft) -> Value {
    let mut body = json!({
        "summary": draft.title,
        "description": draft.description,
        "location": draft.place,
        "start": {"dateTime": shown(draft.start), "timeZone": "UTC"},
        "end": {"dateTime": shown(draft.end), "timeZone": "UTC"},
        "transparency": "opaque",
        "visibility": if draft.private { "private" } else { "default" },
        "extendedProperties": {"private": {MARK: draft.visit_id.to_string()}},
    });
    if !draft.url.is_empty() {
        body["source"] = json!({"title": "Roundsman", "url": draft.url});
    }
    body
}

/// An event of ours as Google confirms it.
pub(super) fn written(event: &Value) -> WrittenEvent {
    WrittenEvent { remote_id: text(event, "id"), etag: text(event, "etag") }
}

/// An entry of the list of calendars; none for one that was taken away.
pub(super) fn calendar(entry: &Value) -> Option<RemoteCalendar> {
    if entry["deleted"] == true {
        return None;
    }
    let own = text(entry, "summaryOverride");
    Some(RemoteCalendar {
        remote_id: text(entry, "id"),
        name: if own.is_empty() { text(entry, "summary") } else { own },
        writable: entry["accessRole"] == "owner",
        primary: entry["primary"] == true,
    })
}

/// An event, or one time of an event that recurs.
pub(super) fn item(event: &Value) -> Result<RemoteItem, SyncError> {
    let (remote_id, etag) = (text(event, "id"), text(event, "etag"));
    if remote_id.is_empty() {
        return Err(SyncError::Malformed("an event without id".to_owned()));
    }
    if event["status"] == "cancelled" {
        return Ok(RemoteItem { remote_id, etag, content: Content::Gone });
    }
    let mark = event["extendedProperties"]["private"][MARK].as_str();
    let one = RemoteEvent {
        uid: text(event, "iCalUID"),
        time: time(event)?,
        busy: is_busy(event),
        cancelled: false,
        title: text(event, "summary"),
        place: text(event, "location"),
        position: None,
        visit_id: mark.and_then(|mark| mark.parse().ok()),
    };
    Ok(RemoteItem { remote_id, etag, content: Content::Events(vec![one]) })
}

/// The busy times of one calendar in an answer to `freeBusy`. With an error in it, it is not known
/// what is busy, which is not the same as free.
pub(super) fn busy(calendar: &Value) -> Result<Vec<RemoteItem>, SyncError> {
    if let Some(reason) = calendar["errors"][0]["reason"].as_str() {
        return Err(match reason {
            "notFound" => SyncError::Gone("busy times: notFound".to_owned()),
            _ => SyncError::Unreachable("it could not tell the busy times".to_owned()),
        });
    }
    let Some(spans) = calendar["busy"].as_array() else {
        return Err(SyncError::Malformed("no busy times for the calendar".to_owned()));
    };
    let event = |span: &Value| {
        let time = |name: &str| span[name].as_str().and_then(|text| text.parse().ok());
        let (Some(start), Some(end)) = (time("start"), time("end")) else {
            return Err(SyncError::Malformed("a busy time without start or end".to_owned()));
        };
        let one = RemoteEvent {
            uid: String::new(),
            time: EventTime::Moments { start, end },
            busy: true,
            cancelled: false,
            title: String::new(),
            place: String::new(),
            position: None,
            visit_id: None,
        };
        // A busy time has no name but when it is.
        let remote_id = format!("busy/{}/{}", shown(start), shown(end));
        let content = Content::Events(vec![one]);
        Ok(RemoteItem { remote_id, etag: String::new(), content })
    };
    spans.iter().map(event).collect()
}

/// Whether an event takes its calendar's owner's time.
fn is_busy(event: &Value) -> bool {
    let attendees = event["attendees"].as_array();
    let declined = attendees
        .into_iter()
        .flatten()
        .any(|person| person["self"] == true && person["responseStatus"] == "declined");
    // Where somebody works and whose birthday it is takes no time.
    let kind = event["eventType"].as_str().unwrap_or_default();
    event["transparency"] != "transparent"
        && !declined
        && !matches!(kind, "workingLocation" | "birthday")
}

fn time(event: &Value) -> Result<EventTime, SyncError> {
    let date = |name: &str| -> Option<NaiveDate> { event[name]["date"].as_str()?.parse().ok() };
    if let (Some(from), Some(until)) = (date("start"), date("end")) {
        return Ok(EventTime::Dates { from, until });
    }
    match (moment(&event["start"]), moment(&event["end"])) {
        (Some(start), Some(end)) => Ok(EventTime::Moments { start, end }),
        _ => Err(SyncError::Malformed("an event without start or end".to_owned())),
    }
}

fn moment(time: &Value) -> Option<DateTime<Utc>> {
    let text = time["dateTime"].as_str()?;
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Some(moment.to_utc());
    }
    let zone: Tz = time["timeZone"].as_str()?.parse().ok()?;
    let civil: NaiveDateTime = text.parse().ok()?;
    Some(zone.from_local_datetime(&civil).earliest()?.to_utc())
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

//! Events of Microsoft Graph, read and written.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use crate::domain::calendars::remote::{
    Content, EventDraft, EventTime, RemoteCalendar, RemoteEvent, RemoteItem, WrittenEvent,
};
use crate::domain::id::VisitId;
use crate::sync::SyncError;
use crate::sync::push::Channel;

/// The extended property that marks events of ours; the GUID is ours alone.
const MARK: &str = "String {5e1d2c0a-8f4b-4b7e-9a63-2f0c6d1b7e94} Name RoundsmanVisit";
/// How transaction ids of ours begin.
const TRANSACTION: &str = "roundsman-";

/// The transaction id of a draft: repeating it makes no second event.
pub(super) fn transaction(draft: &EventDraft) -> String {
    format!("{TRANSACTION}{}-{}", draft.visit_id, draft.generation)
}

/// The condition that finds the event of a visit.
pub(super) fn filter(visit: VisitId) -> String {
    format!("singleValueExtendedProperties/Any(ep: ep/id eq '{MARK}' and ep/value eq '{visit}')")
}

/// What lets the mark come along with an event.
pub(super) fn expand() -> String {
    format!("singleValueExtendedProperties($filter=id eq '{MARK}')")
}

/// What is written for a draft, without its transaction id.
pub(super) fn body(draft: &EventDraft) -> Value {
    let time = |moment: DateTime<Utc>| json!({"dateTime": moment.format("%Y-%m-%dT%H:%M:%S").to_string(), "timeZone": "UTC"});
    let text = [draft.description.as_str(), draft.url.as_str()];
    let text = text.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n");
    let (latitude, longitude) = draft.position;
    json!({
        "subject": draft.title,
        "body": {"contentType": "text", "content": text},
        "start": time(draft.start),
        "end": time(draft.end),
        "location": {
            "displayName": draft.place,
            "coordinates": {"latitude": latitude, "longitude": longitude},
        },
        "showAs": "busy",
        "sensitivity": if draft.private { "private" } else { "normal" },
        "singleValueExtendedProperties": [{"id": MARK, "value": draft.visit_id.to_string()}],
    })
}

/// An event of ours as Graph confirms it.
pub(super) fn written(event: &Value) -> WrittenEvent {
    WrittenEvent { remote_id: text(event, "id"), etag: text(event, "@odata.etag") }
}

/// A subscription as Graph confirms it.
pub(super) fn channel(body: &Value, until: DateTime<Utc>) -> Channel {
    let its = body["expirationDateTime"].as_str().and_then(|text| text.parse().ok());
    Channel { remote_id: text(body, "id"), resource: String::new(), until: its.unwrap_or(until) }
}

/// A row of the list of calendars.
pub(super) fn calendar(row: &Value) -> RemoteCalendar {
    RemoteCalendar {
        remote_id: text(row, "id"),
        name: text(row, "name"),
        writable: row["canEdit"] == true,
        primary: row["isDefaultCalendar"] == true,
    }
}

/// The series among rows, by id.
pub(super) fn series(rows: &[Value]) -> HashMap<String, Value> {
    let masters = rows.iter().filter(|row| row["type"] == "seriesMaster");
    masters.map(|row| (text(row, "id"), row.clone())).collect()
}

/// The series whose occurrences came without them, and without what they would inherit.
pub(super) fn series_missing(rows: &[Value], series: &HashMap<String, Value>) -> BTreeSet<String> {
    let bare = rows.iter().filter(|row| row["type"] == "occurrence" && row["showAs"].is_null());
    let ids = bare.map(|row| text(row, "seriesMasterId"));
    ids.filter(|id| !id.is_empty() && !series.contains_key(id)).collect()
}

/// Rows as items. A series is no item: it takes place in its occurrences.
pub(super) fn items(
    rows: &[Value],
    series: &HashMap<String, Value>,
) -> Result<Vec<RemoteItem>, SyncError> {
    let rows = rows.iter().filter(|row| row["type"] != "seriesMaster");
    rows.map(|row| item(row, series.get(&text(row, "seriesMasterId")))).collect()
}

/// An event, or one time of a series, which lends what the row leaves out.
pub(super) fn item(row: &Value, series: Option<&Value>) -> Result<RemoteItem, SyncError> {
    let (remote_id, etag) = (text(row, "id"), text(row, "@odata.etag"));
    if remote_id.is_empty() {
        return Err(SyncError::Malformed("an event without id".to_owned()));
    }
    if !row["@removed"].is_null() {
        return Ok(RemoteItem { remote_id, etag, content: Content::Gone });
    }
    let get = |name: &str| match (&row[name], series) {
        (Value::Null, Some(series)) => series[name].clone(),
        (value, _) => value.clone(),
    };
    let place = get("location");
    let degrees = |name: &str| place["coordinates"][name].as_f64();
    let said = |name: &str| get(name).as_str().unwrap_or_default().to_owned();
    let one = RemoteEvent {
        uid: said("iCalUId"),
        time: time(row, get("isAllDay") == true)?,
        busy: is_busy(&said("showAs"), &get("isCancelled"), &get("responseStatus")),
        cancelled: get("isCancelled") == true,
        title: said("subject"),
        place: place["displayName"].as_str().unwrap_or_default().to_owned(),
        position: degrees("latitude").zip(degrees("longitude")),
        visit_id: mark(row),
    };
    Ok(RemoteItem { remote_id, etag, content: Content::Events(vec![one]) })
}

/// The visit that an event was written for. Lists of changes show no extended properties, but the
/// transaction id holds it too.
fn mark(row: &Value) -> Option<VisitId> {
    let properties = row["singleValueExtendedProperties"].as_array();
    let mut properties = properties.into_iter().flatten();
    let marked = properties.find(|property| property["id"] == MARK);
    let marked = marked.and_then(|property| property["value"].as_str());
    let transaction = row["transactionId"].as_str();
    let named = transaction.and_then(|id| id.strip_prefix(TRANSACTION)?.get(..36));
    marked.or(named)?.parse().ok()
}

/// Whether an event takes its calendar's owner's time.
fn is_busy(show_as: &str, cancelled: &Value, response: &Value) -> bool {
    let free = matches!(show_as, "free" | "workingElsewhere");
    !free && *cancelled != true && response["response"] != "declined"
}

fn time(row: &Value, all_day: bool) -> Result<EventTime, SyncError> {
    let (start, end) = (civil(&row["start"])?, civil(&row["end"])?);
    let midnight = start.0.time() == NaiveTime::MIN && end.0.time() == NaiveTime::MIN;
    if all_day && midnight {
        return Ok(EventTime::Dates { from: start.0.date(), until: end.0.date() });
    }
    Ok(EventTime::Moments { start: moment(start)?, end: moment(end)? })
}

fn civil(time: &Value) -> Result<(NaiveDateTime, Tz), SyncError> {
    let text = time["dateTime"].as_str().unwrap_or_default().trim_end_matches('Z');
    let zone = time["timeZone"].as_str().unwrap_or("UTC");
    // Every request asks for UTC.
    match (text.parse(), zone.parse()) {
        (Ok(civil), Ok(zone)) => Ok((civil, zone)),
        _ => Err(SyncError::Malformed("an event with a time that cannot be read".to_owned())),
    }
}

fn moment((civil, zone): (NaiveDateTime, Tz)) -> Result<DateTime<Utc>, SyncError> {
    let moment = zone.from_local_datetime(&civil).earliest();
    let none = || SyncError::Malformed("a time that does not exist".to_owned());
    moment.map(|moment| moment.to_utc()).ok_or_else(none)
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

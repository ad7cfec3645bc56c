//! When events of Google Calendar are: moments with offset or zone, whole days, and recurrence.

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Tz;
use rrule::RRuleSet;
use serde_json::{Value, json};

/// The moments at which an event starts and ends.
pub(crate) fn span(body: &Value) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    Some((moment(&body["start"])?, moment(&body["end"])?))
}

fn zone(time: &Value) -> Tz {
    time["timeZone"].as_str().and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC)
}

/// One end of an event; whole days begin at midnight in UTC, as the calendars' zone here is.
pub(crate) fn moment(time: &Value) -> Option<DateTime<Utc>> {
    if let Some(date) = time["date"].as_str() {
        let date: NaiveDate = date.parse().ok()?;
        return Some(date.and_time(NaiveTime::MIN).and_utc());
    }
    let text = time["dateTime"].as_str()?;
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Some(moment.to_utc());
    }
    // Without an offset a zone is required.
    time["timeZone"].as_str()?;
    let civil: NaiveDateTime = text.parse().ok()?;
    Some(zone(time).from_local_datetime(&civil).earliest()?.to_utc())
}

/// The event itself, or its instances if it recurs; exceptions among `others` replace theirs.
pub(crate) fn instances(body: &Value, others: &[Value]) -> Vec<Value> {
    let Some(rules) = body["recurrence"].as_array() else { return vec![body.clone()] };
    let (start, end) = span(body).unwrap();
    let zone = zone(&body["start"]);
    let civil = start.with_timezone(&zone).format("%Y%m%dT%H%M%S");
    let rules: Vec<&str> = rules.iter().map(|rule| rule.as_str().unwrap()).collect();
    let text = format!("DTSTART;TZID={}:{civil}\n{}", zone.name(), rules.join("\n"));
    let set: RRuleSet = text.parse().unwrap();
    let id = body["id"].as_str().unwrap();
    let starts = set.all(400).dates.into_iter().map(|date| date.to_utc());
    let instance = |at: DateTime<Utc>| {
        let mut one = body.clone();
        let time = |moment: DateTime<Utc>| {
            let shown = moment.with_timezone(&zone).to_rfc3339();
            json!({"dateTime": shown, "timeZone": zone.name()})
        };
        one.as_object_mut().unwrap().remove("recurrence");
        one["id"] = json!(format!("{id}_{}", at.format("%Y%m%dT%H%M%SZ")));
        one["recurringEventId"] = json!(id);
        one["originalStartTime"] = time(at);
        one["start"] = time(at);
        one["end"] = time(at + (end - start));
        one
    };
    let is_replaced = |one: &Value| {
        others.iter().any(|other| {
            other["recurringEventId"] == one["recurringEventId"]
                && moment(&other["originalStartTime"]) == moment(&one["originalStartTime"])
        })
    };
    starts.map(instance).filter(|one| !is_replaced(one)).collect()
}

/// Busy times, joined where they touch.
pub(crate) fn joined(mut spans: Vec<(DateTime<Utc>, DateTime<Utc>)>) -> Vec<Value> {
    spans.sort_unstable();
    let mut joined: Vec<(DateTime<Utc>, DateTime<Utc>)> = Vec::new();
    for (start, end) in spans.into_iter().filter(|(start, end)| *end - *start > Duration::zero()) {
        match joined.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => joined.push((start, end)),
        }
    }
    let shown = |moment: DateTime<Utc>| moment.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    joined.iter().map(|(s, e)| json!({"start": shown(*s), "end": shown(*e)})).collect()
}

//! When events of Microsoft Graph are: civil times with a zone, whole days, and recurrence patterns.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveDateTime, TimeZone as _, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

/// Names of zones as Windows has them.
const WINDOWS: [(&str, Tz); 4] = [
    ("GMT Standard Time", Tz::Europe__London),
    ("W. Europe Standard Time", Tz::Europe__Berlin),
    ("Eastern Standard Time", Tz::America__New_York),
    ("Greenwich Standard Time", Tz::Atlantic__Reykjavik),
];
const DAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

pub(crate) fn zone(time: &Value) -> Option<Tz> {
    let name = time["timeZone"].as_str().unwrap_or("UTC");
    let windows = WINDOWS.iter().find(|(its, _)| *its == name).map(|(_, zone)| *zone);
    windows.or_else(|| name.parse().ok())
}

/// The moment of a `dateTimeTimeZone`.
pub(crate) fn moment(time: &Value) -> Option<DateTime<Utc>> {
    let civil: NaiveDateTime = time["dateTime"].as_str()?.trim_end_matches('Z').parse().ok()?;
    Some(zone(time)?.from_local_datetime(&civil).earliest()?.to_utc())
}

pub(crate) fn span(body: &Value) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    Some((moment(&body["start"])?, moment(&body["end"])?))
}

/// A moment as the service shows it: in UTC, with seven digits behind the point.
pub(crate) fn shown(moment: DateTime<Utc>) -> Value {
    let text = moment.format("%Y-%m-%dT%H:%M:%S.0000000").to_string();
    json!({"dateTime": text, "timeZone": "UTC"})
}

/// The spans in which a recurring event takes place, at most 200.
pub(crate) fn occurrences(body: &Value) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let recurrence = &body["recurrence"];
    let Some((start, end)) = span(body) else { return Vec::new() };
    if recurrence.is_null() {
        return vec![(start, end)];
    }
    let (pattern, range) = (&recurrence["pattern"], &recurrence["range"]);
    let name = json!({"timeZone": range["recurrenceTimeZone"]});
    let zone = zone(&name).unwrap();
    let civil = start.with_timezone(&zone).naive_local();
    let interval = pattern["interval"].as_u64().unwrap_or(1);
    let weekly = pattern["type"] == "weekly";
    let wanted = |date: NaiveDate| {
        let passed = date.signed_duration_since(civil.date()).num_days();
        let passed = u64::try_from(passed).unwrap();
        let day = json!(DAYS[date.weekday().num_days_from_monday() as usize]);
        if weekly {
            let days = pattern["daysOfWeek"].as_array().unwrap();
            (passed / 7).is_multiple_of(interval) && days.contains(&day)
        } else {
            passed.is_multiple_of(interval)
        }
    };
    let last: Option<NaiveDate> = match range["type"].as_str() {
        Some("endDate") => range["endDate"].as_str().and_then(|date| date.parse().ok()),
        _ => None,
    };
    let most = range["numberOfOccurrences"].as_u64().filter(|_| range["type"] == "numbered");
    let most = usize::try_from(most.unwrap_or(200)).unwrap().min(200);
    let dates = (0..1500).filter_map(|days| civil.date().checked_add_days(Days::new(days)));
    let dates = dates.take_while(|date| last.is_none_or(|last| *date <= last));
    let starts = dates.filter(|date| wanted(*date)).take(most).filter_map(|date| {
        let civil = date.and_time(civil.time());
        zone.from_local_datetime(&civil).earliest().map(|time| time.to_utc())
    });
    starts.map(|at| (at, at + (end - start))).collect()
}

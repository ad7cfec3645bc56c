//! Facts about slots, working hours and daylight saving, taken over as a table of cases.
//!
//! `tests/cases/slot-cases.json` says where each fact was found. Here are the facts about civil time
//! and sets of spans; those about whole plans are in `slot_cases_booked`, those that the solver can
//! answer alone in its own tests.

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use roundsman::calendar::bounds::{end_of, last_date, rolling_end, whole_dates};
use roundsman::calendar::dates::date_of;
use roundsman::calendar::hours::worked;
use roundsman::calendar::spans::{Span, Spans};
use roundsman::domain::hours::{DateSpan, WorkingHours};
use roundsman::domain::services::{Horizon, HorizonCount};
use serde_json::{Value, json};

/// The files whose tests go through all cases of a kind, and how they say so.
const COVERING: [(&str, &str); 3] = [
    (include_str!("slot_cases.rs"), "in cases("),
    (include_str!("slot_cases_booked.rs"), "in cases("),
    (include_str!("../solver/slot_cases.rs"), "each("),
];

const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

pub(crate) fn cases(kind: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("../cases/slot-cases.json")).unwrap();
    let all = all["cases"].as_array().unwrap();
    let found: Vec<Value> = all.iter().filter(|case| case["kind"] == kind).cloned().collect();
    assert!(!found.is_empty(), "no cases of kind {kind}");
    found
}

pub(crate) fn moment(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

pub(crate) fn date(value: &Value) -> NaiveDate {
    value.as_str().unwrap().parse().unwrap()
}

fn span(value: &Value) -> Span {
    Span::new(moment(&value[0]), moment(&value[1]))
}

fn set(value: &Value) -> Spans {
    value.as_array().unwrap().iter().map(span).collect()
}

/// The hours of a case in the words of the domain.
pub(crate) fn hours(input: &Value, zone: Tz) -> WorkingHours {
    let civil = |row: &Value| json!({"from": row["start"], "until": row["end"]});
    let mut weekly = Vec::new();
    for row in input["weekly"].as_array().unwrap() {
        let days = row["days"].as_array().unwrap().iter();
        let days: Vec<&str> =
            days.map(|day| DAYS[usize::try_from(day.as_u64().unwrap()).unwrap()]).collect();
        weekly.push(json!({"days": days, "from": row["start"], "until": row["end"]}));
    }
    let list = |name: &str| input[name].as_array().cloned().unwrap_or_default();
    let overrides: Vec<Value> = list("overrides")
        .iter()
        .map(|row| json!({"date": row["date"], "spans": [civil(row)]}))
        .collect();
    let changes: Vec<Value> = list("travel")
        .iter()
        .map(|row| {
            let day = |value: &Value| date_of(moment(value), zone);
            let until = row.get("end").map(day);
            json!({"from": day(&row["start"]), "until": until, "time_zone": row["tz"]})
        })
        .collect();
    let hours = json!({"weekly": weekly, "overrides": overrides, "zone_changes": changes});
    serde_json::from_value(hours).unwrap()
}

#[test]
fn every_kind_of_case_is_covered_somewhere() {
    let all: Value = serde_json::from_str(include_str!("../cases/slot-cases.json")).unwrap();
    let all = all["cases"].as_array().unwrap();
    assert_eq!(all.len(), 82);
    for case in all {
        let kind = case["kind"].to_string();
        let covers = |(text, call): &(&str, &str)| text.contains(&format!("{call}{kind}"));
        assert!(COVERING.iter().any(covers), "no test goes through {} of kind {kind}", case["id"]);
    }
}

/// Days off are whole-date absences here, for one technician as for a team: `own_free` is what
/// the hours say, `team_free` what is left without them.
#[test]
fn working_hours() {
    for case in cases("working_hours") {
        let (id, input, expect) = (&case["id"], &case["input"], &case["expect"]);
        let zone: Tz = input["tz"].as_str().unwrap().parse().unwrap();
        let window = span(&input["window"]);
        let last = window.end - TimeDelta::milliseconds(1);
        let dates = DateSpan { from: date_of(window.start, zone), until: date_of(last, zone) };
        let found = worked(&hours(input, zone), zone, dates);
        // Hours are whole dates: the window is cut only where a case says what is in it.
        let touched: Vec<Span> = found.into_iter().filter(|found| found.overlaps(window)).collect();
        let touched: Spans = touched.into_iter().collect();
        let mut checked = 0;
        for name in ["free", "own_free"] {
            if expect.get(name).is_some() {
                assert_eq!(touched, set(&expect[name]), "{id}");
                checked += 1;
            }
        }
        if let Some(team) = expect.get("team_free") {
            let off = input["days_off"].as_array().unwrap().iter().map(date);
            let off: Vec<DateSpan> = off.map(|day| DateSpan { from: day, until: day }).collect();
            assert_eq!(touched.subtract(&whole_dates(zone, &off)), set(team), "{id}");
            checked += 1;
        }
        if let Some(first) = expect.get("first") {
            assert_eq!(touched.as_slice()[0], span(first), "{id}");
            checked += 1;
        }
        for wanted in expect.get("contains").and_then(Value::as_array).into_iter().flatten() {
            assert!(touched.as_slice().contains(&span(wanted)), "{id}: {wanted}");
            checked += 1;
        }
        assert!(checked > 0, "{id} expects nothing that is known here");
    }
}

#[test]
fn rolling_ends() {
    for case in cases("rolling_end") {
        let (id, input) = (&case["id"], &case["input"]);
        let local = |value: &Value| -> DateTime<FixedOffset> {
            DateTime::parse_from_rfc3339(value.as_str().unwrap()).unwrap()
        };
        let today = local(&input["start_local"]).date_naive();
        let needed = u32::try_from(input["days_needed"].as_u64().unwrap()).unwrap();
        let bookable = |day: NaiveDate| input["bookable"][day.to_string()] == true;
        let expected = local(&case["expect"]["end_local"]).date_naive();
        assert_eq!(rolling_end(today, needed, bookable), expected, "{id}");
        assert_eq!(input["count_non_business"], true, "{id} wants weekends left out");
    }
}

/// The dates that each horizon opens and closes. Zones of the person who asks are the location's
/// zone here: one horizon for everybody.
#[test]
fn booking_windows() {
    for case in cases("booking_window") {
        let (id, input, expect) = (&case["id"], &case["input"], &case["expect"]);
        let zone: Tz = input["booker_tz"].as_str().unwrap().parse().unwrap();
        let now = moment(&input["now"]);
        let member = &input["members"][0];
        let busy: Spans = input["bookings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|booking| Span::new(moment(&booking["start"]), moment(&booking["end"])))
            .collect();
        let length = TimeDelta::minutes(input["event"]["duration_min"].as_i64().unwrap());
        let hours = hours(member, zone);
        let free = |day: NaiveDate| {
            let its = worked(&hours, zone, DateSpan { from: day, until: day });
            let free = its.subtract(&busy);
            let hourly = its.into_iter().flat_map(|span| {
                (0..).map(move |n| span.start + length * n).take_while(move |s| *s < span.end)
            });
            let fits = |start: &DateTime<Utc>| {
                *start > now && free.covers(Span::new(*start, *start + length))
            };
            hourly.filter(fits).count()
        };
        let period = &input["event"]["period"];
        let count = match (period["type"].as_str().unwrap(), period["count"].as_str().unwrap()) {
            ("rolling", "calendar") => HorizonCount::Calendar,
            ("rolling", "business") => HorizonCount::Business,
            ("rolling_window", "calendar") => HorizonCount::Bookable,
            other => panic!("{id} has an unknown period {other:?}"),
        };
        let days = u32::try_from(period["days"].as_u64().unwrap()).unwrap();
        let last = last_date(now, zone, Horizon { days, count }, |day| free(day) > 0);
        let offered = |day: NaiveDate| if day <= last { free(day) } else { 0 };
        // 09:30 to 18:00 has room for eight hours on the half hour: 10:00 to 17:00, as 04:30 UTC
        // to 11:30 UTC; counted from 09:30 they are eight too.
        for day in expect["full_days"].as_array().unwrap() {
            assert_eq!(offered(date(day)), 8, "{id}: {day}");
        }
        for day in expect["no_days"].as_array().unwrap() {
            assert_eq!(offered(date(day)), 0, "{id}: {day}");
        }
        assert_eq!(date_of(end_of(last, zone) - TimeDelta::seconds(1), zone), last);
    }
}

#[test]
fn intersections() {
    for case in cases("intersect") {
        let lists: Vec<Spans> =
            case["input"]["lists"].as_array().unwrap().iter().map(set).collect();
        assert_eq!(Spans::intersect_all(&lists), set(&case["expect"]["free"]), "{}", case["id"]);
    }
}

#[test]
fn subtractions() {
    for case in cases("subtract") {
        let (input, expect) = (&case["input"], &case["expect"]);
        let found = set(&input["free"]).subtract(&set(&input["busy"]));
        assert_eq!(found, set(&expect["free"]), "{}", case["id"]);
    }
}

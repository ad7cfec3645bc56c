//! Shifts of technicians: dates, nights, zones, breaks.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::{America, Asia, Atlantic, Europe, TZ_VARIANTS, Tz};
use proptest::prelude::{prop, prop_assert, prop_assert_eq, proptest};
use roundsman::calendar::hours::worked;
use roundsman::calendar::shifts::{ShiftMaker, shifts};
use roundsman::calendar::spans::{Span, Spans};
use roundsman::domain::hours::DateSpan;
use roundsman::domain::id::{LocationId, TechnicianId};
use roundsman::domain::shifts::Shift;
use roundsman::domain::technicians::Technician;
use serde_json::{Value, json};
use uuid::Uuid;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn dates(from: &str, until: &str) -> DateSpan {
    DateSpan { from: date(from), until: date(until) }
}

/// A technician with these fields besides the ones that must be there.
fn technician(fields: Value) -> Technician {
    let mut all = json!({"name": "Anna", "location_id": LocationId(Uuid::from_u128(1))});
    all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    serde_json::from_value(all).unwrap()
}

fn made(zone: Tz, range: DateSpan, technician: &Technician) -> Vec<Shift> {
    ShiftMaker::new(zone, range).shifts(TechnicianId(Uuid::from_u128(2)), technician)
}

fn times(shifts: &[Shift]) -> Vec<(NaiveDate, DateTime<Utc>, DateTime<Utc>)> {
    shifts.iter().map(|shift| (shift.date, shift.start, shift.end)).collect()
}

#[test]
fn a_week_has_a_shift_for_each_span_of_each_day() {
    let weekly = json!([
        {"days": ["Mon", "Tue"], "from": "08:00", "until": "12:00"},
        {"days": ["Mon"], "from": "13:00", "until": "17:00"},
    ]);
    let anna = technician(json!({"working_hours": {"weekly": weekly}}));
    let found = made(Atlantic::Reykjavik, dates("2027-03-01", "2027-03-07"), &anna);
    let expected = [
        (date("2027-03-01"), utc("2027-03-01T08:00:00Z"), utc("2027-03-01T12:00:00Z")),
        (date("2027-03-01"), utc("2027-03-01T13:00:00Z"), utc("2027-03-01T17:00:00Z")),
        (date("2027-03-02"), utc("2027-03-02T08:00:00Z"), utc("2027-03-02T12:00:00Z")),
    ];
    assert_eq!(times(&found), expected);
}

#[test]
fn a_night_is_one_shift_of_the_date_it_starts_on() {
    let weekly = json!([
        {"days": ["Mon"], "from": "22:00", "until": "23:59"},
        {"days": ["Tue"], "from": "00:00", "until": "06:00"},
    ]);
    let night = technician(json!({"working_hours": {"weekly": weekly}}));
    let expected = (date("2027-03-01"), utc("2027-03-01T22:00:00Z"), utc("2027-03-02T06:00:00Z"));
    let monday = made(Tz::UTC, dates("2027-03-01", "2027-03-01"), &night);
    assert_eq!(times(&monday), [expected]);
    // Whoever asks for Tuesday alone does not get its half of the night.
    assert!(made(Tz::UTC, dates("2027-03-02", "2027-03-02"), &night).is_empty());
}

#[test]
fn who_works_around_the_clock_has_one_shift_a_date() {
    let weekly = json!([{"days": DAYS, "from": "00:00", "until": "23:59"}]);
    let always = technician(json!({"working_hours": {"weekly": weekly}}));
    let found = made(Europe::Berlin, dates("2027-03-27", "2027-03-29"), &always);
    let hours: Vec<_> = found.iter().map(|s| (s.end - s.start).num_hours()).collect();
    assert_eq!(hours, [24, 23, 24]);
}

#[test]
fn a_technician_in_another_zone_has_shifts_on_the_dates_of_the_location() {
    // 09:00 in Tokyo on 2 March is 19:00 on 1 March in New York.
    let weekly = json!([{"days": ["Tue"], "from": "09:00", "until": "17:00"}]);
    let fields = json!({"time_zone": "Asia/Tokyo", "working_hours": {"weekly": weekly}});
    let found = made(America::New_York, dates("2027-03-01", "2027-03-01"), &technician(fields));
    let expected = (date("2027-03-01"), utc("2027-03-02T00:00:00Z"), utc("2027-03-02T08:00:00Z"));
    assert_eq!(times(&found), [expected]);
}

#[test]
fn there_are_no_shifts_before_the_technician_joined() {
    let weekly = json!([{"days": DAYS, "from": "09:00", "until": "17:00"}]);
    let fields = json!({"joined": "2027-03-03", "working_hours": {"weekly": weekly}});
    let found = made(Tz::UTC, dates("2027-03-01", "2027-03-04"), &technician(fields));
    let found: Vec<_> = found.iter().map(|shift| shift.date).collect();
    assert_eq!(found, [date("2027-03-03"), date("2027-03-04")]);
}

#[test]
fn breaks_are_due_in_shifts_that_span_them_wholly() {
    let weekly = json!([
        {"days": ["Mon"], "from": "08:00", "until": "17:00"},
        {"days": ["Tue"], "from": "08:00", "until": "12:30"},
        {"days": ["Wed"], "from": "08:00", "until": "13:30"},
    ]);
    let breaks = json!([{"earliest": "11:30", "latest": "13:00", "duration_min": 30}]);
    let anna = technician(json!({"working_hours": {"weekly": weekly}, "breaks": breaks}));
    let found = made(Tz::UTC, dates("2027-03-01", "2027-03-03"), &anna);
    let due: Vec<_> = found.iter().map(|shift| shift.breaks.len()).collect();
    assert_eq!(due, [1, 0, 1]);
    let pause = &found[0].breaks[0];
    assert_eq!(pause.earliest, utc("2027-03-01T11:30:00Z"));
    assert_eq!((pause.latest, pause.duration_s), (utc("2027-03-01T13:00:00Z"), 1800));
}

#[test]
fn a_break_after_midnight_is_due_once_in_a_night_shift() {
    let weekly = json!([
        {"days": DAYS, "from": "22:00", "until": "23:59"},
        {"days": DAYS, "from": "00:00", "until": "06:00"},
    ]);
    let breaks = json!([{"earliest": "02:00", "latest": "02:00", "duration_min": 45}]);
    let night = technician(json!({"working_hours": {"weekly": weekly}, "breaks": breaks}));
    let found = made(Tz::UTC, dates("2027-03-01", "2027-03-02"), &night);
    let due = |shift: &Shift| shift.breaks.iter().map(|due| due.earliest).collect::<Vec<_>>();
    let due: Vec<_> = found.iter().map(due).collect();
    let expected = [vec![utc("2027-03-02T02:00:00Z")], vec![utc("2027-03-03T02:00:00Z")]];
    assert_eq!(due, expected);
}

#[test]
fn shifts_that_a_change_of_zone_makes_overlap_become_one() {
    // On 1 March until midnight in New York (05:00 UTC on the 2nd), on 2 March from midnight in
    // Kolkata (18:30 UTC on the 1st).
    let hours = json!({
        "weekly": [{"days": DAYS, "from": "00:00", "until": "23:59"}],
        "zone_changes": [{"from": "2027-03-02", "until": null, "time_zone": "Asia/Kolkata"}],
    });
    let anna = technician(json!({"working_hours": hours}));
    let found = made(America::New_York, dates("2027-03-01", "2027-03-04"), &anna);
    assert!(found.windows(2).all(|pair| pair[0].end <= pair[1].start), "{found:#?}");
    assert_eq!(found[0].start, utc("2027-03-01T05:00:00Z"));
    assert_eq!(found[0].end, utc("2027-03-02T18:30:00Z"));
}

proptest! {
    #[test]
    fn shifts_are_the_working_time_whichever_dates_are_asked_for(
        zone in 0..TZ_VARIANTS.len(),
        day in 0..12_000_i64,
        split in 0..12_i64,
        rows in prop::collection::vec((0..7_usize, 0..24_u32, 0..25_u32), 0..10),
    ) {
        let zone = TZ_VARIANTS[zone];
        let rows: Vec<Value> = rows.into_iter().map(|(day, from, until)| {
            let until = if until == 24 { "23:59".into() } else { format!("{until:02}:00") };
            json!({"days": [DAYS[day]], "from": format!("{from:02}:00"), "until": until})
        }).collect();
        let anna = technician(json!({"working_hours": {"weekly": rows}}));
        let from = date("1999-12-31") + TimeDelta::days(day);
        let whole = DateSpan { from, until: from + TimeDelta::days(13) };
        let found = made(zone, whole, &anna);
        prop_assert!(found.windows(2).all(|pair| pair[0].end <= pair[1].start));
        prop_assert!(found.iter().all(|shift| shift.start < shift.end));
        // Asked for in two parts, they are the same.
        let middle = from + TimeDelta::days(split);
        let mut parts = made(zone, DateSpan { from, until: middle }, &anna);
        let rest = DateSpan { from: middle + TimeDelta::days(1), until: whole.until };
        parts.extend(made(zone, rest, &anna));
        prop_assert_eq!(&parts, &found);
        // And they hold all the time worked on the dates in the middle, no more and no less.
        let inner = DateSpan { from: from + TimeDelta::days(2), until: from + TimeDelta::days(11) };
        let span = roundsman::calendar::zones::days(zone, inner);
        let inside = Spans::from(span);
        let held: Spans = found.iter().map(|shift| Span::new(shift.start, shift.end)).collect();
        let hours = worked(&anna.working_hours, zone, whole);
        prop_assert_eq!(held.intersect(&inside), hours.intersect(&inside));
    }
}

/// A thousand technicians for thirty days are quick enough to lay out for every request.
#[test]
fn shifts_of_many_technicians_are_all_there() {
    let weekly = json!([{"days": DAYS[..5], "from": "09:00", "until": "17:00"}]);
    let zones = [None, Some(Asia::Tokyo), Some(Europe::Berlin)];
    let people: Vec<_> = (0..1000_u32)
        .map(|n| {
            let mut one = technician(json!({"working_hours": {"weekly": weekly}}));
            one.time_zone = zones[n as usize % 3];
            (TechnicianId(Uuid::from_u128(n.into())), one)
        })
        .collect();
    let range = dates("2027-03-01", "2027-03-30");
    let found = shifts(America::New_York, range, people.iter().map(|(id, one)| (*id, one)));
    // 1 to 30 March 2027 has 22 weekdays, in Berlin too, whose 09:00 is the same date in New York.
    // In Tokyo 09:00 is 19:00 or 20:00 of the date before: of the weekdays 2 to 31 March 22 too.
    assert_eq!(found.len(), 22_000);
}

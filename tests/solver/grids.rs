//! Starts that lay themselves out in free time: local alignment, daylight saving, half-hour zones.

use chrono::{NaiveDate, NaiveTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use roundsman_solver::problem::{Grid, Request, Shift};
use roundsman_solver::slots::{SearchOptions, Workspace, search};
use roundsman_solver::units::{Moment, Seconds, Span};

use crate::plans;

fn local(zone: Tz, date: &str, time: &str) -> Moment {
    let date: NaiveDate = date.parse().unwrap();
    let time = NaiveTime::parse_from_str(time, "%H:%M").unwrap();
    Moment(zone.from_local_datetime(&date.and_time(time)).unwrap().timestamp())
}

/// Offsets as a caller lists them: one entry per hour will do.
fn offsets(zone: Tz, span: Span) -> Vec<(Moment, Seconds)> {
    let hours = (span.from.0 - 3600..span.until.0).step_by(1800);
    let offset = |at: i64| {
        let time = Utc.timestamp_opt(at, 0).unwrap().with_timezone(&zone);
        (Moment(at), Seconds(i64::from(time.offset().fix().local_minus_utc())))
    };
    let mut offsets: Vec<(Moment, Seconds)> = hours.map(offset).collect();
    offsets.dedup_by_key(|(_, offset)| *offset);
    offsets
}

fn starts(zone: Tz, from: Moment, until: Moment, minutes: i64) -> Vec<String> {
    let span = Span::new(from, until);
    let step = Seconds::minutes(minutes);
    let grid = Grid::anchored(step, offsets(zone, span));
    let request = Request::simple(step, span, grid);
    let snapshot = plans::solo(Shift::new(from, until));
    let slots =
        search(&snapshot, &request, SearchOptions::default(), &mut Workspace::default()).unwrap();
    let name = |start: Moment| {
        let time = Utc.timestamp_opt(start.0, 0).unwrap().with_timezone(&zone);
        time.format("%H:%M%z").to_string()
    };
    slots.iter().map(|slot| name(slot.start)).collect()
}

#[test]
fn the_hour_that_is_skipped_is_not_offered() {
    let zone = chrono_tz::Europe::Berlin;
    // 28 March 2027: 2:00 becomes 3:00. From 0:15 the first full hour is 1:00.
    let (from, until) = (local(zone, "2027-03-28", "00:15"), local(zone, "2027-03-28", "05:00"));
    assert_eq!(starts(zone, from, until, 60), ["01:00+0100", "03:00+0200", "04:00+0200"]);
}

#[test]
fn the_hour_that_comes_twice_is_offered_twice() {
    let zone = chrono_tz::Europe::Berlin;
    // 31 October 2027: 3:00 becomes 2:00.
    let (from, until) = (local(zone, "2027-10-31", "01:00"), local(zone, "2027-10-31", "04:00"));
    let expected = ["01:00+0200", "02:00+0200", "02:00+0100", "03:00+0100"];
    assert_eq!(starts(zone, from, until, 60), expected);
}

#[test]
fn half_hour_zones_start_on_their_own_hour() {
    let zone = chrono_tz::Asia::Kolkata;
    let (from, until) = (local(zone, "2027-06-01", "09:10"), local(zone, "2027-06-01", "12:30"));
    assert_eq!(starts(zone, from, until, 60), ["10:00+0530", "11:00+0530"]);
}

#[test]
fn a_shift_of_clocks_by_half_an_hour_keeps_local_hours() {
    let zone = chrono_tz::Australia::Lord_Howe;
    // 3 October 2027: 2:00 becomes 2:30, so the day has 23.5 hours.
    let (from, until) = (local(zone, "2027-10-03", "02:40"), local(zone, "2027-10-03", "06:00"));
    assert_eq!(starts(zone, from, until, 60), ["03:00+1100", "04:00+1100", "05:00+1100"]);
}

#[test]
fn a_step_that_nothing_divides_aligns_to_the_minute() {
    assert_eq!(Grid::alignment(Seconds::minutes(7)), Seconds::minutes(1));
    assert_eq!(Grid::alignment(Seconds::minutes(90)), Seconds::minutes(30));
    assert_eq!(Grid::alignment(Seconds::minutes(40)), Seconds::minutes(20));
}

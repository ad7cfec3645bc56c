//! The grid of starts on plain days and where clocks change.

use chrono::{DateTime, TimeDelta, Timelike as _, Utc};
use chrono_tz::{Africa, America, Asia, Australia, Europe, TZ_VARIANTS, Tz};
use proptest::prelude::{prop_assert_eq, proptest};
use roundsman::calendar::grid::{day_grid, offsets};
use roundsman::calendar::spans::Span;
use roundsman::calendar::zones::{day, offset_s};
use roundsman::domain::hours::DateSpan;

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn on(text: &str) -> DateSpan {
    DateSpan { from: text.parse().unwrap(), until: text.parse().unwrap() }
}

fn clock(zone: Tz, moments: &[DateTime<Utc>]) -> Vec<String> {
    moments.iter().map(|moment| moment.with_timezone(&zone).format("%H:%M").to_string()).collect()
}

#[test]
fn starts_are_counted_from_local_midnight() {
    // 24 h / 45 min = 32 starts; the last is 31 x 45 min = 23:15 after midnight at +5:30.
    let grid = day_grid(Asia::Kolkata, on("2027-03-03"), (45, 0));
    assert_eq!(grid.len(), 32);
    assert_eq!(grid[0], utc("2027-03-02T18:30:00Z"));
    assert_eq!(grid[31], utc("2027-03-03T17:45:00Z"));
}

#[test]
fn a_shifted_grid_is_shifted_on_the_clock_of_the_zone() {
    // 13:15 at +5:30 is 07:45 UTC, however far a zone is from whole hours.
    let grid = day_grid(Asia::Kolkata, on("2027-03-03"), (60, 15));
    assert_eq!(grid.len(), 24);
    assert_eq!(grid[0], utc("2027-03-02T18:45:00Z"));
    assert_eq!(grid[13], utc("2027-03-03T07:45:00Z"));
}

#[test]
fn a_skipped_hour_has_no_starts_and_a_repeated_one_has_each_twice() {
    let skipped = day_grid(Europe::Berlin, on("2027-03-28"), (30, 0));
    let shown = clock(Europe::Berlin, &skipped);
    assert_eq!(shown[3..6], ["01:30", "03:00", "03:30"]);
    assert_eq!(skipped.len(), 46);
    let repeated = day_grid(America::New_York, on("2027-11-07"), (30, 0));
    let shown = clock(America::New_York, &repeated);
    assert_eq!(shown[1..8], ["00:30", "01:00", "01:30", "01:00", "01:30", "02:00", "02:30"]);
    assert_eq!(repeated.len(), 50);
}

#[test]
fn a_day_without_midnight_starts_its_grid_where_it_starts() {
    let grid = day_grid(Africa::Cairo, on("2027-04-30"), (60, 0));
    assert_eq!(clock(Africa::Cairo, &grid)[..2], ["01:00", "02:00"]);
    assert_eq!(grid.len(), 23);
}

#[test]
fn a_half_hour_change_keeps_the_grid_on_the_clock() {
    // 02:00 jumps to 02:30, so the hourly start at 02:00 is skipped and 03:00 stays 03:00.
    let grid = day_grid(Australia::Lord_Howe, on("2027-10-03"), (60, 0));
    assert_eq!(clock(Australia::Lord_Howe, &grid)[1..3], ["01:00", "03:00"]);
}

#[test]
fn a_step_of_zero_offers_nothing_instead_of_running_for_ever() {
    assert!(day_grid(Tz::UTC, on("2027-03-03"), (0, 0)).is_empty());
}

#[test]
fn offsets_name_the_second_of_each_change() {
    let year = Span::new(utc("2027-01-01T00:00:00Z"), utc("2028-01-01T00:00:00Z"));
    let expected = [
        ("2027-01-01T00:00:00Z", -5 * 3600),
        ("2027-03-14T07:00:00Z", -4 * 3600),
        ("2027-11-07T06:00:00Z", -5 * 3600),
    ];
    assert_eq!(offsets(America::New_York, year), expected.map(|(from, s)| (utc(from), s)));
    assert_eq!(offsets(Tz::UTC, year).len(), 1);
}

proptest! {
    #[test]
    fn the_grid_holds_every_moment_at_which_the_clock_shows_a_step(
        zone in 0..TZ_VARIANTS.len(),
        days in 0..20_000_i64,
        step in proptest::sample::select(vec![7_u32, 15, 30, 45, 60, 90, 120, 480]),
        shift in 0..480_u32,
    ) {
        let shift = shift % step;
        let zone = TZ_VARIANTS[zone];
        let from = (utc("1995-01-01T00:00:00Z") + TimeDelta::days(days)).date_naive();
        let dates = DateSpan { from, until: from };
        let span = day(zone, from);
        // Every minute of the day, one by one.
        let mut expected = Vec::new();
        let mut moment = span.start;
        while moment < span.end {
            let shown = moment.with_timezone(&zone);
            let minute = shown.hour() * 60 + shown.minute();
            if minute % step == shift && shown.second() == 0 && shown.date_naive() == from {
                expected.push(moment);
            }
            moment += TimeDelta::minutes(1);
        }
        prop_assert_eq!(day_grid(zone, dates, (step, shift)), expected);
        let table = offsets(zone, span);
        for quarter in 0..100 {
            let moment = span.start + TimeDelta::minutes(15 * quarter);
            if moment < span.end {
                let known = table.iter().rev().find(|(from, _)| *from <= moment).unwrap();
                prop_assert_eq!(known.1, offset_s(zone, moment));
            }
        }
    }
}

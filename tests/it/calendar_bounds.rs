//! Bounds on starts: horizons, blackouts, opening hours, parts of the day.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::{America, Asia, Atlantic};
use roundsman::calendar::bounds::{
    end_of, last_date, notice, opening, part_of_day, rolling_end, whole_dates,
};
use roundsman::calendar::spans::{Span, Spans};
use roundsman::domain::hours::{DateSpan, WorkingHours};
use roundsman::domain::services::{Horizon, HorizonCount};
use roundsman::domain::slots::PartOfDay;
use serde_json::json;

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn dates(from: &str, until: &str) -> DateSpan {
    DateSpan { from: date(from), until: date(until) }
}

fn spans(list: &[(&str, &str)]) -> Spans {
    list.iter().map(|(from, until)| Span::new(utc(from), utc(until))).collect()
}

fn last(now: &str, days: u32, count: HorizonCount) -> NaiveDate {
    last_date(utc(now), Asia::Kolkata, Horizon { days, count }, |_| true)
}

#[test]
fn notice_counts_from_now_in_plain_minutes() {
    assert_eq!(notice(utc("2027-03-13T20:00:00Z"), 1440), utc("2027-03-14T20:00:00Z"));
}

#[test]
fn the_horizon_counts_dates_of_the_location() {
    // 20:00 UTC on Thursday is already Friday in Kolkata.
    assert_eq!(last("2024-05-30T20:00:00Z", 0, HorizonCount::Calendar), date("2024-05-31"));
    assert_eq!(last("2024-05-30T20:00:00Z", 2, HorizonCount::Calendar), date("2024-06-02"));
    assert_eq!(end_of(date("2024-06-02"), Asia::Kolkata), utc("2024-06-02T18:30:00Z"));
}

#[test]
fn business_days_leave_out_weekends() {
    // From Friday: Monday and Tuesday are the next two. From Saturday they are the same.
    assert_eq!(last("2024-05-31T01:30:00Z", 2, HorizonCount::Business), date("2024-06-04"));
    assert_eq!(last("2024-06-01T01:30:00Z", 2, HorizonCount::Business), date("2024-06-04"));
    assert_eq!(last("2024-06-01T01:30:00Z", 0, HorizonCount::Business), date("2024-06-01"));
    assert_eq!(last("2024-05-31T01:30:00Z", 5, HorizonCount::Business), date("2024-06-07"));
}

#[test]
fn bookable_days_count_from_today_and_skip_full_ones() {
    let full = |day: NaiveDate| day != date("2024-06-02");
    assert_eq!(rolling_end(date("2024-05-31"), 3, full), date("2024-06-03"));
    assert_eq!(rolling_end(date("2024-05-31"), 0, full), date("2024-05-31"));
    assert_eq!(rolling_end(date("2024-06-02"), 1, full), date("2024-06-03"));
}

#[test]
fn the_search_for_bookable_days_gives_up_after_61_dates() {
    assert_eq!(rolling_end(date("2024-05-02"), 3, |_| false), date("2024-07-02"));
    // Bookable on the first date only: 61 dates after it.
    let first = |day: NaiveDate| day == date("2024-05-02");
    assert_eq!(rolling_end(date("2024-05-02"), 3, first), date("2024-07-02"));
    let mut asked = Vec::new();
    rolling_end(date("2024-05-02"), 3, |day| {
        asked.push(day);
        true
    });
    assert_eq!(asked, [date("2024-05-02"), date("2024-05-03"), date("2024-05-04")]);
}

#[test]
fn blackouts_are_whole_dates_of_the_location() {
    let list = [dates("2027-03-13", "2027-03-14"), dates("2027-03-14", "2027-03-14")];
    let expected = spans(&[("2027-03-13T05:00:00Z", "2027-03-15T04:00:00Z")]);
    assert_eq!(whole_dates(America::New_York, &list), expected);
    assert!(whole_dates(America::New_York, &[dates("2027-03-14", "2027-03-13")]).is_empty());
}

#[test]
fn a_location_without_hours_is_always_open() {
    let week = dates("2027-03-01", "2027-03-07");
    assert_eq!(opening(&WorkingHours::default(), Atlantic::Reykjavik, week), None);
}

#[test]
fn an_override_closes_one_date_of_a_location_that_is_otherwise_open() {
    let hours = json!({"overrides": [{"date": "2027-03-02", "spans": []}]});
    let hours: WorkingHours = serde_json::from_value(hours).unwrap();
    let open = opening(&hours, Atlantic::Reykjavik, dates("2027-03-01", "2027-03-03"));
    let expected = spans(&[
        ("2027-03-01T00:00:00Z", "2027-03-02T00:00:00Z"),
        ("2027-03-03T00:00:00Z", "2027-03-04T00:00:00Z"),
    ]);
    assert_eq!(open, Some(expected));
}

#[test]
fn opening_hours_bound_the_starts_of_each_date() {
    let hours = json!({"weekly": [{"days": ["Mon", "Tue"], "from": "08:00", "until": "16:00"}]});
    let hours: WorkingHours = serde_json::from_value(hours).unwrap();
    // 1 March 2027 is a Monday.
    let open = opening(&hours, America::New_York, dates("2027-03-01", "2027-03-07"));
    let expected = spans(&[
        ("2027-03-01T13:00:00Z", "2027-03-01T21:00:00Z"),
        ("2027-03-02T13:00:00Z", "2027-03-02T21:00:00Z"),
    ]);
    assert_eq!(open, Some(expected));
}

#[test]
fn the_parts_of_a_day_fill_it_without_overlap() {
    let day = dates("2027-03-14", "2027-03-14");
    let part = |part| part_of_day(part, America::New_York, day);
    let morning = part(PartOfDay::Morning);
    // Clocks jump at 02:00: midnight is at -5, noon at -4.
    assert_eq!(morning, spans(&[("2027-03-14T05:00:00Z", "2027-03-14T16:00:00Z")]));
    let (afternoon, evening) = (part(PartOfDay::Afternoon), part(PartOfDay::Evening));
    assert_eq!(afternoon.length().num_hours(), 5);
    assert!(afternoon.intersect(&evening).is_empty());
    let all = morning.union(&afternoon).union(&evening);
    assert_eq!(all, spans(&[("2027-03-14T05:00:00Z", "2027-03-15T04:00:00Z")]));
}

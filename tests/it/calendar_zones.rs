//! Civil time to instants where clocks change.

use chrono::{DateTime, NaiveDate, TimeDelta, Timelike as _, Utc};
use chrono_tz::{Africa, America, Asia, Atlantic, Australia, Europe, Pacific, TZ_VARIANTS, Tz};
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
use roundsman::calendar::dates::{date_of, each, month_dates, week_dates, week_of};
use roundsman::calendar::zones::{Edge, ZoneTable, day, instant, start_of_day};
use roundsman::domain::hours::DateSpan;

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn both(zone: Tz, civil: &str) -> (DateTime<Utc>, DateTime<Utc>) {
    let civil = civil.parse().unwrap();
    (instant(zone, civil, Edge::Start), instant(zone, civil, Edge::End))
}

#[test]
fn a_time_that_does_not_exist_moves_forward_by_the_gap() {
    // New York skips 02:00 to 03:00 on 14 March 2027: 02:30 means 03:30 EDT = 07:30 UTC.
    let moment = utc("2027-03-14T07:30:00Z");
    assert_eq!(both(America::New_York, "2027-03-14T02:30:00"), (moment, moment));
    // Lord Howe skips half an hour: 02:15 means 02:45 at +11.
    let moment = utc("2027-10-02T15:45:00Z");
    assert_eq!(both(Australia::Lord_Howe, "2027-10-03T02:15:00"), (moment, moment));
    // Samoa skipped the whole of 30 December 2011: its noon is noon of the 31st at +14.
    let moment = utc("2011-12-30T22:00:00Z");
    assert_eq!(both(Pacific::Apia, "2011-12-30T12:00:00"), (moment, moment));
}

#[test]
fn a_time_that_happens_twice_is_early_for_starts_and_late_for_ends() {
    // New York repeats 01:00 to 02:00 on 7 November 2027, first at -4, then at -5.
    let twice = (utc("2027-11-07T05:30:00Z"), utc("2027-11-07T06:30:00Z"));
    assert_eq!(both(America::New_York, "2027-11-07T01:30:00"), twice);
    // Lord Howe repeats only half an hour.
    let twice = (utc("2027-04-03T14:45:00Z"), utc("2027-04-03T15:15:00Z"));
    assert_eq!(both(Australia::Lord_Howe, "2027-04-04T01:45:00"), twice);
}

#[test]
fn days_are_as_long_as_their_clocks_say() {
    let minutes = |zone, text| day(zone, date(text)).length().num_minutes();
    assert_eq!(minutes(Europe::Berlin, "2027-03-28"), 23 * 60);
    assert_eq!(minutes(Europe::Berlin, "2027-10-31"), 25 * 60);
    assert_eq!(minutes(Atlantic::Reykjavik, "2027-03-28"), 24 * 60);
    assert_eq!(minutes(Australia::Lord_Howe, "2027-10-03"), 23 * 60 + 30);
    // Cairo's midnight of 30 April 2027 does not exist; the date starts at 01:00.
    assert_eq!(start_of_day(Africa::Cairo, date("2027-04-30")), utc("2027-04-29T22:00:00Z"));
    assert_eq!(minutes(Africa::Cairo, "2027-04-30"), 23 * 60);
    // Havana's midnight of 7 November 2027 happens twice; the date starts at the first.
    assert_eq!(start_of_day(America::Havana, date("2027-11-07")), utc("2027-11-07T04:00:00Z"));
    assert_eq!(minutes(America::Havana, "2027-11-07"), 25 * 60);
    assert_eq!(minutes(Pacific::Apia, "2011-12-30"), 0);
}

#[test]
fn half_hour_zones_start_their_days_on_the_half_hour() {
    assert_eq!(start_of_day(Asia::Kolkata, date("2027-03-03")), utc("2027-03-02T18:30:00Z"));
    assert_eq!(start_of_day(Asia::Kathmandu, date("2027-03-03")), utc("2027-03-02T18:15:00Z"));
}

#[test]
fn weeks_start_on_monday_and_belong_to_the_year_of_their_thursday() {
    let key = week_of(date("2027-01-01"));
    assert_eq!((key.year, key.week), (2026, 53));
    let week = week_dates(date("2027-01-01"));
    assert_eq!((week.from, week.until), (date("2026-12-28"), date("2027-01-03")));
    let month = month_dates(date("2028-02-10"));
    assert_eq!((month.from, month.until), (date("2028-02-01"), date("2028-02-29")));
}

#[test]
fn dates_beyond_the_calendar_end_quietly() {
    let ever = DateSpan { from: NaiveDate::MIN, until: NaiveDate::MAX };
    assert_eq!(each(ever).next(), NaiveDate::from_ymd_opt(1, 1, 1));
    assert_eq!(each(ever).next_back(), NaiveDate::from_ymd_opt(9999, 12, 31));
    let last = start_of_day(Europe::Berlin, date("9999-12-31"));
    assert_eq!(last, utc("9999-12-30T23:00:00Z"));
}

proptest! {
    /// The table is an optimization: it must say what the plain look-up says.
    #[test]
    fn the_table_agrees_with_looking_up_each_time(
        zone in 0..TZ_VARIANTS.len(),
        from in 730_000..760_000_i32,
        second in 0..86_400_u32,
        late in proptest::bool::ANY,
    ) {
        let zone = TZ_VARIANTS[zone];
        let from = NaiveDate::from_num_days_from_ce_opt(from).unwrap();
        let range = DateSpan { from, until: from + TimeDelta::days(400) };
        let edge = if late { Edge::End } else { Edge::Start };
        let mut table = ZoneTable::new(range);
        for date in each(range) {
            let time = date.and_hms_opt(0, 0, 0).unwrap() + TimeDelta::seconds(second.into());
            let moment = table.instant(zone, date, second, edge);
            prop_assert_eq!(moment, instant(zone, time, edge));
            prop_assert_eq!(table.instant(zone, date, 86_400, edge), day(zone, date).end);
            prop_assert_eq!(table.date_of(zone, moment), date_of(moment, zone));
            let shown = moment.with_timezone(&zone);
            let gap = shown.naive_local() - time;
            prop_assert!((TimeDelta::zero()..=TimeDelta::days(1)).contains(&gap), "{shown}");
            prop_assert!(gap > TimeDelta::zero() || shown.second() == second % 60);
        }
    }
}

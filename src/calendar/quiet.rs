//! Moments before an appointment, and hours in which nothing is sent.

use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::calendar::zones::{Edge, instant};
use crate::domain::messages::settings::QuietHours;

/// Minutes of a civil day.
const DAY_MIN: u32 = 1440;

/// So many minutes before `start`: whole days by the calendar, so that a day before is the same time
/// of day also when clocks change; the rest by the clock.
pub fn before(zone: Tz, start: DateTime<Utc>, minutes: u32) -> DateTime<Utc> {
    let days = Days::new(u64::from(minutes / DAY_MIN));
    let civil = start.with_timezone(&zone).naive_local();
    let civil = civil.checked_sub_days(days).unwrap_or(civil);
    let whole = if minutes < DAY_MIN { start } else { instant(zone, civil, Edge::Start) };
    whole - TimeDelta::minutes(i64::from(minutes % DAY_MIN))
}

/// `due` itself, or if that is in quiet hours, their end; or the moment before they begin, if their
/// end is less than `least` before `start`.
pub fn outside(
    zone: Tz,
    quiet: QuietHours,
    (due, start): (DateTime<Utc>, DateTime<Utc>),
    least: TimeDelta,
) -> DateTime<Utc> {
    let Some((from, until)) = around(zone, quiet, due) else { return due };
    if until + least <= start { until } else { from - TimeDelta::minutes(1) }
}

/// `now`, or if that is in quiet hours, their end. What is about an appointment that begins sooner than
/// `least` after their end cannot wait for it.
///
/// * `start`: of the appointment; none if it is about no time.
pub fn patient(
    zone: Tz,
    quiet: QuietHours,
    (now, start): (DateTime<Utc>, Option<DateTime<Utc>>),
    least: TimeDelta,
) -> DateTime<Utc> {
    let Some((_, until)) = around(zone, quiet, now) else { return now };
    if start.is_none_or(|start| until + least <= start) { until } else { now }
}

/// The quiet hours that a moment lies in.
fn around(
    zone: Tz,
    quiet: QuietHours,
    moment: DateTime<Utc>,
) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let date = moment.with_timezone(&zone).date_naive();
    let yesterday = date.checked_sub_days(Days::new(1)).unwrap_or(date);
    [yesterday, date].into_iter().find_map(|from_date| {
        let overnight = quiet.until <= quiet.from;
        let until_date = if overnight {
            from_date.checked_add_days(Days::new(1)).unwrap_or(from_date)
        } else {
            from_date
        };
        let at = |date: chrono::NaiveDate, time: NaiveTime| {
            instant(zone, date.and_time(time), Edge::Start)
        };
        let (from, until) = (at(from_date, quiet.from), at(until_date, quiet.until));
        (from <= moment && moment < until).then_some((from, until))
    })
}

#[cfg(test)]
mod tests {
    use chrono_tz::Atlantic::Reykjavik;
    use chrono_tz::Europe::Madrid;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn quiet(from: u32, until: u32) -> QuietHours {
        let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
        QuietHours { from: time(from), until: time(until) }
    }

    #[test]
    fn a_day_before_is_the_same_time_of_day_when_clocks_change() {
        // Madrid's clocks jump from 2 to 3 on 28 March 2027: 10:00 is 8:00 UTC, and 9:00 the day before.
        let start = at("2027-03-28T08:00:00Z");
        assert_eq!(before(Madrid, start, 1440), at("2027-03-27T09:00:00Z"));
        assert_eq!(before(Madrid, start, 120), at("2027-03-28T06:00:00Z"));
        assert_eq!(before(Madrid, start, 2 * 1440 + 60), at("2027-03-26T08:00:00Z"));
        assert_eq!(before(Reykjavik, start, 1440), at("2027-03-27T08:00:00Z"));
    }

    #[test]
    fn a_moment_in_quiet_hours_moves_to_their_end_or_before_them() {
        let night = quiet(21, 8);
        let hour = TimeDelta::hours(1);
        let moved = |due: &str, start: &str| outside(Reykjavik, night, (at(due), at(start)), hour);
        // 23:00 and 3:00 wait for 8:00, if the appointment is at 9:00 or later.
        let eight = at("2027-03-02T08:00:00Z");
        assert_eq!(moved("2027-03-01T23:00:00Z", "2027-03-02T09:00:00Z"), eight);
        assert_eq!(moved("2027-03-02T03:00:00Z", "2027-03-02T12:00:00Z"), eight);
        // For one at 8:30 the reminder comes the evening before.
        let evening = at("2027-03-01T20:59:00Z");
        assert_eq!(moved("2027-03-02T07:30:00Z", "2027-03-02T08:30:00Z"), evening);
        let day = at("2027-03-01T12:00:00Z");
        assert_eq!(moved("2027-03-01T12:00:00Z", "2027-03-01T13:00:00Z"), day);
    }

    #[test]
    fn quiet_hours_of_one_day_end_on_it() {
        let noon = quiet(12, 14);
        let (due, start) = (at("2027-03-01T13:00:00Z"), at("2027-03-01T18:00:00Z"));
        let moved = outside(Reykjavik, noon, (due, start), TimeDelta::hours(1));
        assert_eq!(moved, at("2027-03-01T14:00:00Z"));
    }

    #[test]
    fn what_can_wait_waits_for_the_end_of_quiet_hours_unless_it_is_about_soon_after() {
        let night = quiet(21, 8);
        let least = TimeDelta::hours(4);
        let sent = |now: &str, start: Option<&str>| {
            patient(Reykjavik, night, (at(now), start.map(at)), least)
        };
        let (late, eight) = ("2027-03-01T23:00:00Z", at("2027-03-02T08:00:00Z"));
        // 8:00 and four hours are noon: an appointment then can wait, one a minute earlier cannot.
        assert_eq!(sent(late, Some("2027-03-02T12:00:00Z")), eight);
        assert_eq!(sent(late, Some("2027-03-02T11:59:00Z")), at(late));
        assert_eq!(sent(late, None), eight);
        assert_eq!(sent("2027-03-01T20:00:00Z", None), at("2027-03-01T20:00:00Z"));
        // In Madrid it is an hour later: 20:30 in Reykjavik is 21:30 there.
        let half = at("2027-03-01T20:30:00Z");
        assert_eq!(patient(Madrid, night, (half, None), least), at("2027-03-02T07:00:00Z"));
    }
}

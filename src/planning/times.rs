//! Instants and civil dates to the solver's moments and back.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
pub use roundsman_solver::units::Seconds as Length;
use roundsman_solver::units::{Moment, Seconds, Span};

/// The moment of an instant, in Unix seconds; parts of a second are dropped.
pub fn moment(at: DateTime<Utc>) -> Moment {
    Moment(at.timestamp())
}

/// The first moment that is not before an instant.
pub fn moment_after(at: DateTime<Utc>) -> Moment {
    Moment(at.timestamp() + i64::from(at.timestamp_subsec_nanos() > 0))
}

/// The instant of a moment; moments outside the calendar become its end.
pub fn instant(at: Moment) -> DateTime<Utc> {
    DateTime::from_timestamp(at.0, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// The half-open span between two instants.
pub fn span(from: DateTime<Utc>, until: DateTime<Utc>) -> Span {
    Span::new(moment(from), moment(until))
}

/// First instant of a date in a zone. Where clocks skip midnight, the first instant after the skip.
pub fn midnight(date: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let mut civil = date.and_time(NaiveTime::MIN);
    // Zones skip at most a few hours, except for a whole date skipped at the date line.
    for _ in 0..=96 {
        if let Some(found) = zone.from_local_datetime(&civil).earliest() {
            return found.to_utc();
        }
        civil += TimeDelta::minutes(15);
    }
    civil.and_utc()
}

/// The span of a date in a zone, 23 to 25 hours long when clocks change.
pub fn day_span(date: NaiveDate, zone: Tz) -> Span {
    let next = date.succ_opt().unwrap_or(date);
    span(midnight(date, zone), midnight(next, zone))
}

/// The date of an instant in a zone.
pub fn date(at: DateTime<Utc>, zone: Tz) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}

/// Whole minutes as seconds.
pub fn minutes(minutes: u32) -> Seconds {
    Seconds::minutes(i64::from(minutes))
}

/// Seconds as whole minutes, rounded up.
pub fn minutes_up(seconds: i64) -> i64 {
    seconds.div_euclid(60) + i64::from(seconds.rem_euclid(60) > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date_of(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn days_have_23_and_25_hours_when_clocks_change() {
        let zone = chrono_tz::Europe::Berlin;
        assert_eq!(day_span(date_of("2027-03-28"), zone).length(), Seconds::hours(23));
        assert_eq!(day_span(date_of("2027-10-31"), zone).length(), Seconds::hours(25));
    }

    #[test]
    fn a_date_whose_midnight_is_skipped_starts_at_one() {
        // Clocks in Cairo went from 23:59:59 on 27 April 2023 to 01:00 on the 28th.
        let start = midnight(date_of("2023-04-28"), chrono_tz::Africa::Cairo);
        assert_eq!(start.to_rfc3339(), "2023-04-27T22:00:00+00:00");
    }

    #[test]
    fn minutes_are_rounded_up() {
        assert_eq!([0, 1, 60, 61].map(minutes_up), [0, 1, 1, 2]);
    }
}

//! Civil dates: walking over them, and the weeks and months they belong to.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, Utc, Weekday};
use chrono_tz::Tz;

use crate::domain::hours::DateSpan;

/// Names an ISO 8601 week, Monday to Sunday; orders by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WeekKey {
    /// The ISO year, which differs from the calendar year around New Year.
    pub year: i32,
    /// 1 to 53.
    pub week: u32,
}

/// Names a calendar month; orders by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MonthKey {
    /// The year.
    pub year: i32,
    /// 1 to 12.
    pub month: u32,
}

/// The date that clocks in `zone` show at `moment`.
pub fn date_of(moment: DateTime<Utc>, zone: Tz) -> NaiveDate {
    moment.with_timezone(&zone).date_naive()
}

/// The ISO week of a date.
pub fn week_of(date: NaiveDate) -> WeekKey {
    let week = date.iso_week();
    WeekKey { year: week.year(), week: week.week() }
}

/// Monday to Sunday around a date.
pub fn week_dates(date: NaiveDate) -> DateSpan {
    let week = date.week(Weekday::Mon);
    DateSpan {
        from: week.checked_first_day().unwrap_or(date),
        until: week.checked_last_day().unwrap_or(date),
    }
}

/// The month of a date.
pub fn month_of(date: NaiveDate) -> MonthKey {
    MonthKey { year: date.year(), month: date.month() }
}

/// First to last of the month around a date.
pub fn month_dates(date: NaiveDate) -> DateSpan {
    let from = date.with_day(1).unwrap_or(date);
    let until = (28..=31).rev().find_map(|day| date.with_day(day)).unwrap_or(date);
    DateSpan { from, until }
}

/// Every date of `span`, in order; dates outside the years 1 to 9999 are left out, so that no
/// later sum can leave the calendar.
///
/// ```
/// # use roundsman::{calendar::dates::each, domain::hours::DateSpan};
/// let day = |text: &str| text.parse().unwrap_or_default();
/// let dates = each(DateSpan { from: day("2024-02-28"), until: day("2024-03-01") });
/// assert_eq!(dates.count(), 3);
/// ```
pub fn each(span: DateSpan) -> impl DoubleEndedIterator<Item = NaiveDate> {
    // Days are counted from 1 January of year 1, which is day 1.
    let first = NaiveDate::from_ymd_opt(1, 1, 1).unwrap_or(NaiveDate::MIN);
    let last = NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or(NaiveDate::MAX);
    let (from, until) = (span.from.max(first), span.until.min(last));
    (from.num_days_from_ce()..=until.num_days_from_ce())
        .filter_map(NaiveDate::from_num_days_from_ce_opt)
}

/// `span` with `before` more dates at its start and `after` at its end.
pub fn widened(span: DateSpan, before: u32, after: u32) -> DateSpan {
    DateSpan {
        from: shifted(span.from, -i64::from(before)),
        until: shifted(span.until, after.into()),
    }
}

/// The date `days` after `date`, before it if negative; the last representable one beyond.
pub fn shifted(date: NaiveDate, days: i64) -> NaiveDate {
    let step = Days::new(days.unsigned_abs());
    if days < 0 {
        date.checked_sub_days(step).unwrap_or(NaiveDate::MIN)
    } else {
        date.checked_add_days(step).unwrap_or(NaiveDate::MAX)
    }
}

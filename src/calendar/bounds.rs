//! The bounds on starts: notice, horizon, blackouts, closed dates, opening hours, parts of the day.

use chrono::{DateTime, Datelike as _, NaiveDate, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;

use crate::calendar::dates::{date_of, each, shifted};
use crate::calendar::hours::Timetable;
use crate::calendar::spans::{Span, Spans};
use crate::calendar::zones::{DAY_S, Edge, ZoneTable, days};
use crate::domain::hours::{DateSpan, WorkingHours};
use crate::domain::services::{Horizon, HorizonCount};
use crate::domain::slots::PartOfDay;

/// A horizon of bookable dates ends when this many dates in a row are not bookable.
pub const SEARCH_DAYS_MAX: i64 = 61;

/// The earliest start that keeps a notice of `notice_min` minutes.
pub fn notice(now: DateTime<Utc>, notice_min: u32) -> DateTime<Utc> {
    now + TimeDelta::minutes(notice_min.into())
}

/// The last date within a horizon, in the location's zone.
///
/// * Calendar days: today plus their number.
/// * Business days: the date on which that many Mondays to Fridays after today have come; the
///   weekends between count as within it.
/// * Bookable days: see [`rolling_end`]; asks `bookable` about one date after the other.
pub fn last_date(
    now: DateTime<Utc>,
    zone: Tz,
    horizon: Horizon,
    bookable: impl FnMut(NaiveDate) -> bool,
) -> NaiveDate {
    let today = date_of(now, zone);
    match horizon.count {
        HorizonCount::Calendar => shifted(today, horizon.days.into()),
        HorizonCount::Business => {
            let later = each(DateSpan { from: shifted(today, 1), until: NaiveDate::MAX });
            let mut business = later.filter(|date| !is_weekend(*date));
            let last = horizon.days.checked_sub(1).map(|before| business.nth(before as usize));
            last.map_or(today, |last| last.unwrap_or(today))
        }
        HorizonCount::Bookable => rolling_end(today, horizon.days, bookable),
    }
}

/// The date on which `days` bookable dates, `today` among them, have come; at least `today`.
///
/// Gives up [`SEARCH_DAYS_MAX`] dates after the last bookable one, or after today if none is, and
/// returns that date. Asks about each date once, in order.
pub fn rolling_end(
    today: NaiveDate,
    days: u32,
    mut bookable: impl FnMut(NaiveDate) -> bool,
) -> NaiveDate {
    let (mut found, mut latest, mut date) = (0, today, today);
    while found < days {
        if bookable(date) {
            (found, latest) = (found + 1, date);
        }
        if found == days || (date - latest).num_days() >= SEARCH_DAYS_MAX {
            break;
        }
        date = shifted(date, 1);
    }
    date
}

/// The first instant after the last date of a horizon; starts must come before it.
pub fn end_of(last: NaiveDate, zone: Tz) -> DateTime<Utc> {
    days(zone, DateSpan { from: last, until: last }).end
}

/// Whole dates as a set of moments: blackouts of a service, closed dates of a location.
pub fn whole_dates(zone: Tz, dates: &[DateSpan]) -> Spans {
    dates.iter().filter(|span| span.from <= span.until).map(|span| days(zone, *span)).collect()
}

/// The moments at which opening hours let visits start on `dates`; none if they never matter.
///
/// Without weekly hours every date is open all day, but those that an override names.
pub fn opening(hours: &WorkingHours, zone: Tz, dates: DateSpan) -> Option<Spans> {
    if hours.weekly.is_empty() && hours.overrides.is_empty() {
        return None;
    }
    let timetable = Timetable::new(hours, zone);
    let mut zones = ZoneTable::new(dates);
    let mut spans = Vec::new();
    for date in each(dates) {
        let its = timetable.zone(date);
        let mut open = |from, until| {
            let start = zones.instant(its, date, from, Edge::Start);
            spans.push(Span::new(start, zones.instant(its, date, until, Edge::End)));
        };
        if hours.weekly.is_empty() && !timetable.is_overridden(date) {
            open(0, DAY_S);
        } else {
            timetable.each_civil(date, open);
        }
    }
    Some(spans.into_iter().collect())
}

/// The moments of a part of the day on `dates`.
pub fn part_of_day(part: PartOfDay, zone: Tz, dates: DateSpan) -> Spans {
    let (from, until) = match part {
        PartOfDay::Morning => (0, 12 * 3600),
        PartOfDay::Afternoon => (12 * 3600, 17 * 3600),
        PartOfDay::Evening => (17 * 3600, DAY_S),
    };
    let mut zones = ZoneTable::new(dates);
    let span = |date| {
        let start = zones.instant(zone, date, from, Edge::Start);
        // Parts of the day do not overlap, so an end is where the next one starts.
        Span::new(start, zones.instant(zone, date, until, Edge::Start))
    };
    each(dates).map(span).collect()
}

fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

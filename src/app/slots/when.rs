//! When a visit may start: grid, notice, horizon, blackouts, opening hours and part of the day.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::app::slots::asked::Asked;
use crate::calendar::bounds::{end_of, last_date, notice, opening, part_of_day, whole_dates};
use crate::calendar::grid::{day_grid, offsets};
use crate::calendar::spans::Spans;
use crate::calendar::zones::days;
use crate::domain::hours::DateSpan;
use crate::domain::services::{Grid, HorizonCount};
use crate::domain::visits::ArrivalWindow;
use crate::planning::requests::{Between, Starts, When};

/// The bounds of starts on `dates`.
///
/// * `start`: only this start, wherever the grid lies.
pub(crate) fn when(
    asked: &Asked,
    dates: DateSpan,
    start: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> When {
    let zone = asked.zone();
    let work = &asked.work;
    let span = days(zone, dates);
    let starts = match (start, work.grid) {
        (Some(start), _) => Starts::Listed(vec![start]),
        (None, Grid::Day) => Starts::Listed(day_grid(zone, dates, shape(asked))),
        (None, Grid::FreeSpan) => {
            // Seen from a clock that is slow by the shift, the starts are plain minutes again.
            let shift_s = i64::from(work.offset_min) * 60;
            let offsets = offsets(zone, span).into_iter().map(|(at, s)| (at, s - shift_s));
            Starts::FreeSpans { step_min: work.step_min, offsets: offsets.collect() }
        }
    };
    if asked.relaxed {
        return When {
            range: (span.start, span.end),
            starts,
            notice: None,
            horizon_end: None,
            freeze: now,
            blackouts: Vec::new(),
            only_within: asked.promised.iter().map(kept).collect(),
        };
    }
    let mut closed = asked.location().closed.clone();
    closed.extend(&work.blackouts);
    When {
        range: (span.start, span.end),
        starts,
        notice: (work.notice_min > 0).then(|| notice(now, work.notice_min)),
        horizon_end: horizon(asked, now).map(|last| end_of(last, zone)),
        // A start at this very second is past before anybody can take it.
        freeze: now + TimeDelta::seconds(1),
        blackouts: plain(&whole_dates(zone, &closed)),
        only_within: open(asked, dates),
    }
}

/// The starts that keep a promise; both its ends count.
fn kept(promised: &ArrivalWindow) -> Between {
    (promised.from, promised.until + TimeDelta::seconds(1))
}

/// The last date within the horizons that need no search; those that count bookable dates do.
pub(crate) fn horizon(asked: &Asked, now: DateTime<Utc>) -> Option<NaiveDate> {
    let horizons = asked.work.horizons.iter().filter(|h| h.count != HorizonCount::Bookable);
    horizons.map(|horizon| last_date(now, asked.zone(), *horizon, |_| true)).min()
}

/// Opening hours and the part of the day wished for; empty if neither matters.
fn open(asked: &Asked, dates: DateSpan) -> Vec<Between> {
    let zone = asked.zone();
    let hours = opening(&asked.location().opening_hours, zone, dates);
    let part = asked.part_of_day.map(|part| part_of_day(part, zone, dates));
    let both = match (hours, part) {
        (None, None) => return Vec::new(),
        (Some(one), None) | (None, Some(one)) => one,
        (Some(hours), Some(part)) => hours.intersect(&part),
    };
    if both.is_empty() {
        // An empty list would mean "always": name a moment that no start can have instead.
        let before = days(zone, dates).start - TimeDelta::days(2);
        return vec![(before, before + TimeDelta::seconds(1))];
    }
    plain(&both)
}

fn plain(spans: &Spans) -> Vec<Between> {
    spans.as_slice().iter().map(|span| (span.start, span.end)).collect()
}

/// Minutes between two starts, and by which they are shifted.
fn shape(asked: &Asked) -> (u32, u32) {
    (asked.work.step_min, asked.work.offset_min)
}

/// Whether a start lies on the grid; a grid that begins where free time begins has no fixed moments.
pub(crate) fn is_on_grid(asked: &Asked, start: DateTime<Utc>, date: NaiveDate) -> bool {
    let dates = DateSpan { from: date, until: date };
    asked.work.grid == Grid::FreeSpan
        || day_grid(asked.zone(), dates, shape(asked)).contains(&start)
}

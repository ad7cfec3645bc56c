//! The grid of starts, laid out in a location's zone.

use chrono::offset::LocalResult;
use chrono::{DateTime, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;

use crate::calendar::dates::each;
use crate::calendar::spans::Span;
use crate::calendar::zones::{DAY_S, offset_s};
use crate::domain::hours::DateSpan;

/// Starts every `step_min` minutes from `offset_min` minutes after local midnight of each date,
/// ascending.
///
/// Follows the clock on the wall: where it skips an hour, the starts in it are left out; where it
/// repeats one, each of its starts is there twice, an hour apart. Nothing if `step_min` is 0.
///
/// ```
/// # use chrono_tz::America::New_York;
/// # use roundsman::{calendar::grid::day_grid, domain::hours::DateSpan};
/// let on = |text: &str| DateSpan {
///     from: text.parse().unwrap_or_default(),
///     until: text.parse().unwrap_or_default(),
/// };
/// assert_eq!(day_grid(New_York, on("2027-03-14"), (60, 0)).len(), 23);
/// assert_eq!(day_grid(New_York, on("2027-11-07"), (60, 15)).len(), 25);
/// ```
pub fn day_grid(
    zone: Tz,
    dates: DateSpan,
    (step_min, offset_min): (u32, u32),
) -> Vec<DateTime<Utc>> {
    let mut moments = Vec::new();
    if step_min == 0 {
        return moments;
    }
    for date in each(dates) {
        let midnight = date.and_time(NaiveTime::MIN);
        for second in (offset_min * 60..DAY_S).step_by(step_min as usize * 60) {
            match zone.from_local_datetime(&(midnight + TimeDelta::seconds(second.into()))) {
                LocalResult::Single(moment) => moments.push(moment.to_utc()),
                LocalResult::Ambiguous(early, late) => {
                    moments.extend([early.to_utc(), late.to_utc()]);
                }
                LocalResult::None => {}
            }
        }
    }
    moments.sort_unstable();
    moments
}

/// How far clocks in `zone` are ahead of UTC during `span`: the offset in seconds from each
/// moment on, ascending. The first entry is for the start of the span.
///
/// For grids that start where free time starts. Cost: one look-up a day of the span, and 17 more
/// for each clock change.
pub fn offsets(zone: Tz, span: Span) -> Vec<(DateTime<Utc>, i64)> {
    let mut known = span.start;
    let mut offset = offset_s(zone, known);
    let mut found = vec![(known, offset)];
    while known < span.end {
        let next = (known + TimeDelta::days(1)).min(span.end);
        if offset_s(zone, next) == offset {
            known = next;
            continue;
        }
        // Clocks changed after `known`, at or before `next`: halve until the second is known.
        let (mut before, mut after) = (known, next);
        while after - before > TimeDelta::seconds(1) {
            let middle = before + TimeDelta::seconds((after - before).num_seconds() / 2);
            if offset_s(zone, middle) == offset {
                before = middle;
            } else {
                after = middle;
            }
        }
        offset = offset_s(zone, after);
        if after < span.end {
            found.push((after, offset));
        }
        known = after;
    }
    found
}

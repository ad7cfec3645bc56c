//! The starts that may be offered, before anybody is asked who could come.

use crate::problem::{Grid, Request};
use crate::units::{Moment, Seconds, Span};

/// Whether a start keeps the rules that do not depend on people: blackouts, part of day, limits per day.
pub(crate) fn is_open(request: &Request, start: Moment) -> bool {
    let bounds = &request.bounds;
    !lies_in(&bounds.blackouts, start)
        && (bounds.only_within.is_empty() || lies_in(&bounds.only_within, start))
        && request.day_of(start).is_none_or(|day| day_has_room(request, day))
}

/// Whether `moment` lies in one of `spans`, which ascend and do not overlap.
pub(crate) fn lies_in(spans: &[Span], moment: Moment) -> bool {
    let next = spans.partition_point(|span| span.from <= moment);
    next > 0 && spans[next - 1].contains(moment)
}

/// Whether the service may be booked once more on a day.
pub(crate) fn day_has_room(request: &Request, day: usize) -> bool {
    let (limits, day) = (&request.limits, &request.days[day]);
    limits.count_per_day.is_none_or(|limit| day.count_used < limit)
        && limits.seconds_per_day.is_none_or(|limit| day.seconds_used + request.duration <= limit)
}

/// Listed starts inside `first..=last` that are open.
pub(crate) fn listed(request: &Request, listed: &[Moment], first: i64, last: i64) -> Vec<i64> {
    let from = listed.partition_point(|start| start.0 < first);
    let rest = &listed[from..];
    let until = rest.partition_point(|start| start.0 <= last);
    rest[..until].iter().filter(|start| is_open(request, **start)).map(|start| start.0).collect()
}

/// Starts laid out anew in each interval of feasible starts.
///
/// * `intervals`: closed, ascending, disjoint.
pub(crate) fn anchored(request: &Request, intervals: &[(i64, i64)]) -> Vec<i64> {
    let Grid::Anchored { step, align, offsets } = &request.grid else { return Vec::new() };
    let mut starts = Vec::new();
    for &(first, last) in intervals {
        let mut start = round_up(first, *align, offsets);
        while start <= last {
            if is_open(request, Moment(start)) {
                starts.push(start);
            }
            start += step.0;
        }
    }
    starts
}

/// The first moment from `moment` on whose local time is a multiple of `align`.
fn round_up(moment: i64, align: Seconds, offsets: &[(Moment, Seconds)]) -> i64 {
    let next = offsets.partition_point(|(from, _)| from.0 <= moment);
    let offset = offsets.get(next.saturating_sub(1)).map_or(0, |(_, offset)| offset.0);
    let local = moment + offset;
    moment + (align.0 - local.rem_euclid(align.0)) % align.0
}

/// Joins closed intervals that overlap or touch. Cost: O(n log n).
pub(crate) fn join(mut intervals: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    intervals.sort_unstable();
    let mut joined: Vec<(i64, i64)> = Vec::new();
    for (first, last) in intervals {
        match joined.last_mut() {
            Some(open) if first <= open.1 + 1 => open.1 = open.1.max(last),
            _ => joined.push((first, last)),
        }
    }
    joined
}

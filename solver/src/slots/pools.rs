//! Starts that shared equipment rules out.

use crate::problem::{Pool, PoolNeed, Request};

/// Starts, as closed intervals, ascending and disjoint, at which some pool has too few free units.
///
/// Several needs of the same pool add up only if the caller adds them up.
pub(crate) fn blocked_starts(pools: &[Pool], request: &Request) -> Vec<(i64, i64)> {
    let mut blocked: Vec<(i64, i64)> = Vec::new();
    for need in request.pools.iter().filter(|need| need.units > 0) {
        blocked.extend(blocked_by(&pools[need.pool.at()], need, request.duration.0));
    }
    blocked.sort_unstable();
    let mut joined: Vec<(i64, i64)> = Vec::with_capacity(blocked.len());
    for (from, until) in blocked {
        match joined.last_mut() {
            Some(last) if from <= last.1 + 1 => last.1 = last.1.max(until),
            _ => joined.push((from, until)),
        }
    }
    joined
}

fn blocked_by(pool: &Pool, need: &PoolNeed, duration: i64) -> impl Iterator<Item = (i64, i64)> {
    // A start s takes [s - lead, s + duration + trail); it meets a short span [a, b) exactly if
    // s - lead < b and s + duration + trail > a.
    let (lead, tail) = (need.lead.0, duration + need.trail.0);
    let takes_time = lead + tail > 0;
    pool.short_of(need.units)
        .into_iter()
        .filter(move |_| takes_time)
        .map(move |span| (span.from.0 - tail + 1, span.until.0 + lead - 1))
        .filter(|(from, until)| from <= until)
}

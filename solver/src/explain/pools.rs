//! The rule about shared equipment: where it comes nearest to having enough units.

use crate::explain::candidates::Intervals;
use crate::explain::{Change, Failure, Reason, Rule};
use crate::problem::{Pool, PoolNeed};
use crate::slots::scan::Scan;
use crate::units::{Moment, PoolIdx};

/// Why none of the `feasible` planned starts has the equipment, at the start that lacks fewest units.
pub(super) fn failure(scan: &Scan<'_>, pools: &[Pool], feasible: &Intervals) -> Failure {
    let needs = &scan.request.pools;
    let short = |start: i64| -> Vec<(usize, u32, u32, Moment)> {
        (0..needs.len()).filter_map(|at| shortage(scan, pools, (at, start))).collect()
    };
    let total = |start: &i64| short(*start).iter().map(|&(_, more, ..)| more).sum::<u32>();
    let best = points(scan, pools, feasible).into_iter().min_by_key(|start| (total(start), *start));
    let short = short(best.unwrap_or(0));
    let more: Vec<(PoolIdx, u32)> =
        short.iter().map(|&(at, more, ..)| (needs[at].pool, more)).collect();
    let reason = match short.first() {
        Some(&(at, _, free, moment)) => {
            let PoolNeed { pool, units, .. } = needs[at];
            Reason::PoolShort { pool, units, free, at: moment }
        }
        None => Reason::OutsideRange,
    };
    (Rule::Pool, reason, Change::Units { more })
}

/// Starts at which the number of free units can be at its best: where an interval begins, and
/// where the span taken begins just after others bring units back.
fn points(scan: &Scan<'_>, pools: &[Pool], feasible: &Intervals) -> Vec<i64> {
    let mut points: Vec<i64> = feasible.0.iter().map(|interval| interval.0).collect();
    for need in &scan.request.pools {
        let pool = &pools[need.pool.at()];
        let returns = pool.changes().map(|moment| (moment + need.lead).0);
        let inside = |at: &i64| feasible.0.iter().any(|&(from, until)| (from..=until).contains(at));
        points.extend(returns.filter(inside));
    }
    points
}

/// Units missing for one need at one start, units free, and the tightest moment.
fn shortage(
    scan: &Scan<'_>,
    pools: &[Pool],
    (at, start): (usize, i64),
) -> Option<(usize, u32, u32, Moment)> {
    let need = scan.request.pools[at];
    let pool = &pools[need.pool.at()];
    let span = Pool::blocked(Moment(start), scan.request.duration, need.lead, need.trail);
    let (used, moment) = pool.peak(span);
    let free = pool.units().saturating_sub(used);
    let needed = used.saturating_add(need.units);
    (needed > pool.units()).then(|| (at, needed - pool.units(), free, moment))
}

//! One-to-all: one search up, then one pass down over all ranks.
//!
//! Source: Delling, Goldberg, Nowatzyk, Werneck (2011), "PHAST: hardware-accelerated shortest path trees".

use crate::ch::SideView;
use crate::ch::upward::{Seed, Upward};
use crate::units::UNREACHED;

/// Packed costs by rank from the seeds to everything, [`UNREACHED`] where no way leads.
///
/// * `up`, `down`: the sides in and against the direction of the question: out and into for costs *from* the seeds,
///   into and out for costs *to* them.
///
/// Cost: linear in the arcs.
pub(crate) fn sweep(
    up: SideView<'_>,
    down: SideView<'_>,
    search: &mut Upward,
    seeds: &[Seed],
) -> Vec<u64> {
    search.run(up, seeds);
    let mut cost = vec![UNREACHED; search.cost.len()];
    for rank in &search.touched {
        cost[*rank as usize] = search.cost[*rank as usize];
    }
    for rank in (0..cost.len()).rev() {
        let arcs = &down.arcs[down.first[rank] as usize..down.first[rank + 1] as usize];
        let best = arcs.iter().map(|arc| cost[arc.head as usize] + arc.cost).min();
        cost[rank] = cost[rank].min(best.unwrap_or(UNREACHED));
    }
    cost
}

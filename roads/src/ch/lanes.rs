//! Large matrices: a sweep over only the ranks above the targets, for several sources side by side.
//!
//! Source: Delling, Goldberg, Werneck (2011), "Faster batched shortest paths in road networks" (RPHAST).
//!
//! Inside, a cost is one `f64` that holds an integer: tenths of a second times 2^28 plus decimetres. Sums below 2^53
//! (38 days of driving, 26,000 km) are exact, and even the oldest 64-bit processors compare and add floats in lanes,
//! which they cannot do with 64-bit integers.

use crate::ch::upward::{Seed, Upward};
use crate::ch::{Hierarchy, SideView};
use crate::units::{NONE, UNREACHED, decimetres, idx, pack, tenths};

/// Sources per pass: one cache line of costs per rank.
const LANES: usize = 8;
/// Bits for decimetres.
const SHIFT: u32 = 28;
/// One tenth of a second.
const TENTH: f64 = (1_u32 << SHIFT) as f64;

/// Where a target may be reached: at the end of a piece, from whose cost the rest behind the target is taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) rank: u32,
    pub(crate) rest: u64,
}

/// Hands out the packed costs from each source to all targets, [`UNREACHED`] where no way leads.
///
/// * `from`: seeds of each source, on the pieces after its own.
/// * `to`: ends of each target, on its own pieces.
/// * `row`: called once per source, in order, with its place and costs; may change them.
///
/// Cost: one pass over the arcs above the targets for every eight sources.
pub(crate) fn rows(
    ch: &Hierarchy,
    search: &mut Upward,
    from: &[Vec<Seed>],
    to: &[Vec<End>],
    mut row: impl FnMut(usize, &mut [u64]),
) {
    let part = Part::new(ch.into.view(), ch.len(), to);
    let mut lanes = vec![[f64::INFINITY; LANES]; part.first.len() - 1];
    let mut costs = vec![UNREACHED; to.len()];
    for (batch, sources) in from.chunks(LANES).enumerate() {
        lanes.fill([f64::INFINITY; LANES]);
        for (lane, seeds) in sources.iter().enumerate() {
            search.run(ch.out.view(), seeds);
            for rank in &search.touched {
                let place = part.place[*rank as usize];
                if place != NONE {
                    lanes[place as usize][lane] = to_lane(search.cost[*rank as usize]);
                }
            }
        }
        part.sweep(&mut lanes);
        for lane in 0..sources.len() {
            part.collect(&lanes, lane, &mut costs);
            row(batch * LANES + lane, &mut costs);
        }
    }
}

/// The arcs above the targets, most important ranks first.
struct Part {
    /// By rank: its place among the ranks of this part, or [`NONE`].
    place: Vec<u32>,
    /// Arcs into place `p` are `tail[first[p]..first[p + 1]]`.
    first: Vec<u32>,
    tail: Vec<u32>,
    cost: Vec<f64>,
    /// Ends of target `t` are `ends[end_first[t]..end_first[t + 1]]`: place and rest.
    end_first: Vec<u32>,
    ends: Vec<(u32, f64)>,
}

impl Part {
    fn new(down: SideView<'_>, rank_count: usize, to: &[Vec<End>]) -> Self {
        let mut place = vec![NONE; rank_count];
        let mut ranks = Vec::new();
        for end in to.iter().flatten() {
            if std::mem::replace(&mut place[end.rank as usize], 0) == NONE {
                ranks.push(end.rank);
            }
        }
        let mut next = 0;
        while let Some(rank) = ranks.get(next) {
            for arc in down.of(*rank) {
                if std::mem::replace(&mut place[arc.head as usize], 0) == NONE {
                    ranks.push(arc.head);
                }
            }
            next += 1;
        }
        ranks.sort_unstable_by(|a, b| b.cmp(a));
        for (at, rank) in ranks.iter().enumerate() {
            place[*rank as usize] = idx(at);
        }
        let (mut first, mut tail, mut cost) = (vec![0], vec![], vec![]);
        for rank in &ranks {
            tail.extend(down.of(*rank).iter().map(|arc| place[arc.head as usize]));
            cost.extend(down.of(*rank).iter().map(|arc| to_lane(arc.cost)));
            first.push(idx(tail.len()));
        }
        let (mut end_first, mut ends) = (vec![0], vec![]);
        for target in to {
            ends.extend(target.iter().map(|end| (place[end.rank as usize], to_lane(end.rest))));
            end_first.push(idx(ends.len()));
        }
        Self { place, first, tail, cost, end_first, ends }
    }

    /// Passes costs down all arcs; no allocation.
    fn sweep(&self, lanes: &mut [[f64; LANES]]) {
        for place in 0..lanes.len() {
            let range = self.first[place] as usize..self.first[place + 1] as usize;
            let mut best = lanes[place];
            for (tail, cost) in self.tail[range.clone()].iter().zip(&self.cost[range]) {
                let above = &lanes[*tail as usize];
                for lane in 0..LANES {
                    let through = above[lane] + cost;
                    best[lane] = if through < best[lane] { through } else { best[lane] };
                }
            }
            lanes[place] = best;
        }
    }

    /// Costs of one source to all targets.
    fn collect(&self, lanes: &[[f64; LANES]], lane: usize, costs: &mut [u64]) {
        for (cost, range) in costs.iter_mut().zip(self.end_first.windows(2)) {
            let mut best = f64::INFINITY;
            for (place, rest) in &self.ends[range[0] as usize..range[1] as usize] {
                let here = lanes[*place as usize][lane] - rest;
                best = if here < best { here } else { best };
            }
            *cost = from_lane(best);
        }
    }
}

#[inline]
fn to_lane(cost: u64) -> f64 {
    f64::from(tenths(cost)) * TENTH + f64::from(decimetres(cost))
}

#[inline]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "lanes hold non-negative integers below 2^53; infinity was sorted out"
)]
fn from_lane(lane: f64) -> u64 {
    if lane == f64::INFINITY {
        return UNREACHED;
    }
    let whole = lane as i64;
    pack((whole >> SHIFT) as u32, (whole & ((1 << SHIFT) - 1)) as u32)
}

#[cfg(test)]
mod tests {
    use super::{from_lane, to_lane};
    use crate::units::pack;

    #[test]
    fn lanes_add_like_packed_costs() {
        // Ten days and 9,000 km, a far longer drive than any on Earth's roads.
        let (a, b) = (pack(8_640_000, 90_000_000), pack(17, 123));
        assert_eq!(from_lane(to_lane(a) + to_lane(b)), a + b);
        assert_eq!(from_lane(to_lane(a) - to_lane(b)), a - b);
    }
}

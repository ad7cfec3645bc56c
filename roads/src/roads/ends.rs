//! Where searches start and end for a place on a piece of road.
//!
//! A place lies on up to two directed pieces. A drive starts by finishing one of them and ends part of the way along
//! one. The two pieces may be the same, with the target ahead or behind: "ahead" is answered by itself
//! ([`Graph::direct`]); all other drives cross at least one junction. To keep them apart, one of the two places is
//! always looked at from the next junction: either the source from the pieces after its own ([`Roads::after`]) or the
//! target from the pieces before its own ([`Roads::before`]).

use crate::ch::lanes::End;
use crate::ch::upward::Seed;
use crate::graph::Graph;
use crate::roads::Roads;
use crate::snap::Snap;
use crate::units::UNREACHED;

impl Roads {
    /// Seeds on the place's own pieces: the cost of finishing them.
    pub(crate) fn on(&self, snap: &Snap) -> Vec<Seed> {
        let rank = &self.ch.rank;
        self.graph
            .splits(snap)
            .map(|split| Seed { rank: rank[split.vertex as usize], cost: split.behind })
            .collect()
    }

    /// Seeds on the pieces after the place's own, at their far ends.
    pub(crate) fn after(&self, snap: &Snap) -> Vec<Seed> {
        let mut seeds = Vec::with_capacity(6);
        for split in self.graph.splits(snap) {
            seeds.extend(self.graph.leaving(split.vertex).map(|(vertex, cost)| Seed {
                rank: self.ch.rank[vertex as usize],
                cost: split.behind + cost,
            }));
        }
        seeds
    }

    /// Seeds on the pieces before the place's own: the cost of turning into those and reaching the place.
    pub(crate) fn before(&self, snap: &Snap) -> Vec<Seed> {
        let mut seeds = Vec::with_capacity(6);
        for split in self.graph.splits(snap) {
            for copy in self.graph.copies(split.vertex) {
                seeds.extend(self.graph.arriving(copy).map(|(vertex, cost)| Seed {
                    rank: self.ch.rank[vertex as usize],
                    cost: cost - split.behind,
                }));
            }
        }
        seeds
    }

    /// The place's own pieces, with what lies behind the place on each.
    pub(crate) fn ends(&self, snap: &Snap) -> Vec<End> {
        let mut ends = Vec::with_capacity(2);
        for split in self.graph.splits(snap) {
            ends.extend(
                self.graph
                    .copies(split.vertex)
                    .map(|copy| End { rank: self.ch.rank[copy as usize], rest: split.behind }),
            );
        }
        ends
    }
}

impl Graph {
    /// Cost of driving straight on to a place ahead on the same piece, or [`UNREACHED`].
    pub(crate) fn direct(&self, from: &Snap, to: &Snap) -> u64 {
        if from.piece != to.piece {
            return UNREACHED;
        }
        let ways = self.splits(from).zip(self.splits(to));
        let ahead = ways.filter_map(|(from, to)| to.before.checked_sub(from.before));
        // A borrow from the distance half would mean "behind", and `offset` orders both halves alike.
        ahead.min().unwrap_or(UNREACHED)
    }
}

//! Searches from one place up the hierarchy: the building block of every answer.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::ch::SideView;
use crate::units::{NONE, UNREACHED};

/// Where a search starts: a rank and the packed cost of being there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seed {
    pub(crate) rank: u32,
    pub(crate) cost: u64,
}

/// The state of one search; its memory is used again and again.
#[derive(Debug)]
pub(crate) struct Upward {
    /// By rank; [`UNREACHED`] where the latest search did not come.
    pub(crate) cost: Vec<u64>,
    /// By rank: where the best way came from; only after [`Upward::run_traced`].
    pub(crate) parent: Vec<u32>,
    /// Ranks the latest search reached.
    pub(crate) touched: Vec<u32>,
    by_rank: BinaryHeap<Reverse<u32>>,
    by_cost: BinaryHeap<Reverse<(u64, u32)>>,
}

impl Upward {
    pub(crate) fn new(count: usize) -> Self {
        Self {
            cost: vec![UNREACHED; count],
            parent: Vec::new(),
            touched: Vec::new(),
            by_rank: BinaryHeap::new(),
            by_cost: BinaryHeap::new(),
        }
    }

    /// Forgets the latest search. Cost: what that search touched.
    fn clear(&mut self) {
        for rank in self.touched.drain(..) {
            self.cost[rank as usize] = UNREACHED;
        }
    }

    /// Best costs from the seeds to everything above them, in order of rank.
    pub(crate) fn run(&mut self, side: SideView<'_>, seeds: &[Seed]) {
        self.explore::<false>(side, seeds);
    }

    /// [`Upward::run`] that remembers where each best way came from.
    pub(crate) fn run_traced(&mut self, side: SideView<'_>, seeds: &[Seed]) {
        self.parent.resize(self.cost.len(), NONE);
        self.explore::<true>(side, seeds);
    }

    fn explore<const TRACED: bool>(&mut self, side: SideView<'_>, seeds: &[Seed]) {
        self.clear();
        for seed in seeds {
            let known = &mut self.cost[seed.rank as usize];
            if *known == UNREACHED {
                self.touched.push(seed.rank);
                self.by_rank.push(Reverse(seed.rank));
            }
            if seed.cost < *known {
                *known = seed.cost;
                if TRACED {
                    self.parent[seed.rank as usize] = NONE;
                }
            }
        }
        // All arcs lead to higher ranks, so the lowest open rank is final.
        while let Some(Reverse(rank)) = self.by_rank.pop() {
            let cost = self.cost[rank as usize];
            for arc in side.of(rank) {
                let known = &mut self.cost[arc.head as usize];
                if *known == UNREACHED {
                    self.touched.push(arc.head);
                    self.by_rank.push(Reverse(arc.head));
                }
                if cost + arc.cost < *known {
                    *known = cost + arc.cost;
                    if TRACED {
                        self.parent[arc.head as usize] = rank;
                    }
                }
            }
        }
    }

    /// Like [`Upward::run`], but collects into `settled` only ranks no better way leads to from above.
    ///
    /// * `other`: the opposite side, whose arcs reveal such better ways ("stall on demand").
    pub(crate) fn run_pruned(
        &mut self,
        side: SideView<'_>,
        other: SideView<'_>,
        seeds: &[Seed],
        settled: &mut Vec<(u32, u64)>,
    ) {
        self.clear();
        self.by_cost.clear();
        settled.clear();
        for seed in seeds {
            let known = &mut self.cost[seed.rank as usize];
            if *known == UNREACHED {
                self.touched.push(seed.rank);
            }
            if seed.cost < *known {
                *known = seed.cost;
                self.by_cost.push(Reverse((seed.cost, seed.rank)));
            }
        }
        while let Some(Reverse((cost, rank))) = self.by_cost.pop() {
            let is_beaten = |costs: &[u64]| {
                other.of(rank).iter().any(|arc| costs[arc.head as usize] + arc.cost < cost)
            };
            if cost > self.cost[rank as usize] || is_beaten(&self.cost) {
                continue;
            }
            settled.push((rank, cost));
            for arc in side.of(rank) {
                let known = &mut self.cost[arc.head as usize];
                if cost + arc.cost < *known {
                    if *known == UNREACHED {
                        self.touched.push(arc.head);
                    }
                    *known = cost + arc.cost;
                    self.by_cost.push(Reverse((*known, arc.head)));
                }
            }
        }
    }
}

/// The cheapest way through both searches: its cost and the rank where they meet.
pub(crate) fn meet(from: &Upward, to: &Upward) -> Option<(u64, u32)> {
    let (small, large) =
        if from.touched.len() <= to.touched.len() { (from, to) } else { (to, from) };
    small
        .touched
        .iter()
        .map(|rank| (small.cost[*rank as usize] + large.cost[*rank as usize], *rank))
        .min()
        .filter(|(cost, _)| *cost < UNREACHED)
}

//! Many sources, many targets; and single rows of that, to or from one place.

use crate::ch::sweep::sweep;
use crate::ch::upward::Upward;
use crate::ch::{buckets, lanes};
use crate::roads::Roads;
use crate::snap::Snap;
use crate::units::{Leg, UNREACHED, idx};

/// Up to this many sources plus targets searching from each is quicker than sweeping, by measurement.
const SEARCHES_MAX: usize = 160;
/// A row with fewer targets than one in this many vertices is answered target by target, by measurement.
const ROW_SHARE: usize = 400;

/// Seconds and metres from every source to every target, row-major: a row per source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    rows: usize,
    columns: usize,
    seconds: Vec<u32>,
    metres: Vec<u32>,
}

impl Matrix {
    /// Marks a pair without a drive in [`Matrix::seconds`] and [`Matrix::metres`].
    pub const UNREACHABLE: u32 = u32::MAX;

    fn new(rows: usize, columns: usize) -> Self {
        let cells = vec![Self::UNREACHABLE; rows * columns];
        Self { rows, columns, seconds: cells.clone(), metres: cells }
    }

    /// How many sources.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many targets.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The drive from source `row` to target `column`; `None` if there is none or no such pair.
    pub fn leg(&self, row: usize, column: usize) -> Option<Leg> {
        if column >= self.columns {
            return None;
        }
        let cell = row * self.columns + column;
        let (seconds, metres) = (*self.seconds.get(cell)?, *self.metres.get(cell)?);
        (seconds != Self::UNREACHABLE).then_some(Leg { seconds, metres })
    }

    /// Drive times `[row * columns + column]` in seconds.
    pub fn seconds(&self) -> &[u32] {
        &self.seconds
    }

    /// Lengths `[row * columns + column]` in metres.
    pub fn metres(&self) -> &[u32] {
        &self.metres
    }

    /// Both lists, as in [`Matrix::seconds`] and [`Matrix::metres`].
    pub fn into_parts(self) -> (Vec<u32>, Vec<u32>) {
        (self.seconds, self.metres)
    }

    fn fill(&mut self, row: usize, costs: &[u64]) {
        let cells = row * self.columns..(row + 1) * self.columns;
        let seconds = &mut self.seconds[cells.clone()];
        let metres = &mut self.metres[cells];
        for ((cost, seconds), metres) in costs.iter().zip(seconds).zip(metres) {
            if let Some(leg) = Leg::from_cost(*cost) {
                *seconds = leg.seconds;
                *metres = leg.metres;
            }
        }
    }
}

impl Roads {
    /// Seconds and metres between all pairs; equal to [`Roads::leg`] for each.
    ///
    /// One thread. Cost: about ten nanoseconds per pair for large matrices.
    pub fn matrix(&self, from: &[Snap], to: &[Snap]) -> Matrix {
        let mut matrix = Matrix::new(from.len(), to.len());
        if from.is_empty() || to.is_empty() {
            return matrix;
        }
        let direct = Direct::new(self, to);
        self.with_search(|search| {
            let row = |row: usize, costs: &mut [u64]| {
                direct.improve(&from[row], costs);
                matrix.fill(row, costs);
            };
            if from.len() + to.len() <= SEARCHES_MAX {
                let from: Vec<_> = from.iter().map(|snap| self.on(snap)).collect();
                let to: Vec<_> = to.iter().map(|snap| self.before(snap)).collect();
                buckets::rows(&self.ch, search, &from, &to, row);
            } else {
                let from: Vec<_> = from.iter().map(|snap| self.after(snap)).collect();
                let to: Vec<_> = to.iter().map(|snap| self.ends(snap)).collect();
                lanes::rows(&self.ch, search, &from, &to, row);
            }
        });
        matrix
    }

    /// Drives from one place to many; `None` where there is none. Equal to [`Roads::leg`] for each.
    ///
    /// Cost: one pass over all roads however many targets, or a search per target if they are few.
    pub fn row_from(&self, from: &Snap, to: &[Snap]) -> Vec<Option<Leg>> {
        if self.is_short(to) {
            return to.iter().map(|to| self.leg(from, to)).collect();
        }
        let costs = self.with_search(|search| self.costs_from(from, search));
        let across = |to: &Snap| {
            let ends = self.graph.splits(to).flat_map(|split| {
                self.graph.copies(split.vertex).map(move |copy| (copy, split.behind))
            });
            ends.filter_map(|(vertex, behind)| {
                let cost = costs[self.ch.rank[vertex as usize] as usize];
                (cost < UNREACHED).then(|| cost - behind)
            })
            .min()
            .unwrap_or(UNREACHED)
        };
        to.iter().map(|to| Leg::from_cost(across(to).min(self.graph.direct(from, to)))).collect()
    }

    /// Drives from many places to one; `None` where there is none. Equal to [`Roads::leg`] for each.
    ///
    /// Cost: one pass over all roads however many sources, or a search per source if they are few.
    pub fn row_to(&self, to: &Snap, from: &[Snap]) -> Vec<Option<Leg>> {
        if self.is_short(from) {
            return from.iter().map(|from| self.leg(from, to)).collect();
        }
        let costs = self.with_search(|search| {
            sweep(self.ch.into.view(), self.ch.out.view(), search, &self.before(to))
        });
        let across = |from: &Snap| {
            let starts = self.graph.splits(from);
            let cost = |rank: u32| costs[rank as usize];
            starts
                .map(|split| split.behind + cost(self.ch.rank[split.vertex as usize]))
                .min()
                .unwrap_or(UNREACHED)
        };
        from.iter()
            .map(|from| Leg::from_cost(across(from).min(self.graph.direct(from, to))))
            .collect()
    }

    /// Packed costs by rank of reaching the end of each directed piece by way of at least one junction.
    pub(crate) fn costs_from(&self, from: &Snap, search: &mut Upward) -> Vec<u64> {
        sweep(self.ch.out.view(), self.ch.into.view(), search, &self.after(from))
    }

    fn is_short(&self, places: &[Snap]) -> bool {
        places.len() * ROW_SHARE < self.ch.len()
    }
}

/// Targets by piece, to find those straight ahead of a source.
struct Direct<'a> {
    roads: &'a Roads,
    to: &'a [Snap],
    /// Piece and place in `to`, sorted.
    by_piece: Vec<(u32, u32)>,
}

impl<'a> Direct<'a> {
    fn new(roads: &'a Roads, to: &'a [Snap]) -> Self {
        let mut by_piece: Vec<(u32, u32)> =
            to.iter().enumerate().map(|(place, snap)| (snap.piece, idx(place))).collect();
        by_piece.sort_unstable();
        Self { roads, to, by_piece }
    }

    /// Lowers the costs of the targets that lie ahead on the source's own piece.
    fn improve(&self, from: &Snap, costs: &mut [u64]) {
        let first = self.by_piece.partition_point(|(piece, _)| *piece < from.piece);
        let same = self.by_piece[first..].iter().take_while(|(piece, _)| *piece == from.piece);
        for (_, target) in same {
            let direct = self.roads.graph.direct(from, &self.to[*target as usize]);
            let cost = &mut costs[*target as usize];
            *cost = direct.min(*cost);
        }
    }
}

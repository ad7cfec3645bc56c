//! A read-only look at the graph, for checks that share no code with the search and for analysis.

use crate::graph::Graph;
use crate::roads::Roads;
use crate::snap::Snap;
use crate::units::{UNREACHED, decimetres, tenths};

/// The turn-expanded graph: a vertex per open direction of a piece of road (being at its end), an edge per allowed turn.
#[derive(Debug, Clone, Copy)]
pub struct GraphView<'a> {
    graph: &'a Graph,
}

/// Time and length before rounding, as the graph counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExactCost {
    /// Tenths of a second.
    pub tenths: u32,
    /// Decimetres.
    pub decimetres: u32,
}

/// A place on a directed piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnVertex {
    /// The vertex of the directed piece.
    pub vertex: u32,
    /// Cost from the start of the piece to the place.
    pub before: ExactCost,
    /// Cost from the place to the end of the piece.
    pub behind: ExactCost,
}

impl ExactCost {
    fn new(cost: u64) -> Self {
        Self { tenths: tenths(cost), decimetres: decimetres(cost) }
    }
}

impl GraphView<'_> {
    /// How many vertices; they are numbered from 0.
    pub fn vertex_count(&self) -> usize {
        self.graph.vertex_count()
    }

    /// Turns out of a vertex: the next vertex and the cost of the turn plus the whole next piece.
    pub fn leaving(&self, vertex: u32) -> impl Iterator<Item = (u32, ExactCost)> + '_ {
        self.graph.leaving(vertex).map(|(vertex, cost)| (vertex, ExactCost::new(cost)))
    }

    /// The directed pieces a place lies on. Where a turn restriction over several pieces gave a directed piece more
    /// than one vertex, each of them is listed, the one to start from first.
    pub fn on(&self, snap: &Snap) -> Vec<Vec<OnVertex>> {
        let splits = self.graph.splits(snap);
        splits
            .map(|split| {
                let copies = self.graph.copies(split.vertex);
                let before = ExactCost::new(split.before);
                let behind = ExactCost::new(split.behind);
                copies.map(|vertex| OnVertex { vertex, before, behind }).collect()
            })
            .collect()
    }
}

impl Roads {
    /// A read-only look at the graph.
    pub fn view(&self) -> GraphView<'_> {
        GraphView { graph: &self.graph }
    }

    /// Cost of the quickest drive before rounding; `None` if there is none. [`Roads::leg`] rounds it.
    pub fn exact_cost(&self, from: &Snap, to: &Snap) -> Option<ExactCost> {
        let cost = self.cost(from, to);
        (cost < UNREACHED).then(|| ExactCost::new(cost))
    }
}

//! Orders the vertices by importance and adds the shortcuts.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::ch::adjacency::{Adjacency, Link, Shortcut};
use crate::ch::witness::Witness;
use crate::ch::{Arc, Hierarchy, Side};
use crate::graph::Graph;
use crate::units::{NONE, idx};

/// How far to look for ways around when estimating a vertex's importance.
const ESTIMATE_SETTLED_MAX: usize = 30;
/// How far to look when the vertex is contracted for good.
const CONTRACT_SETTLED_MAX: usize = 300;

/// Builds the hierarchy of a graph.
///
/// Deterministic: ties are settled by vertex number. Cost: about ten microseconds per vertex on road graphs.
pub(crate) fn contract(graph: &Graph) -> Hierarchy {
    let count = graph.vertex_count();
    let mut contraction = Contraction {
        adjacency: Adjacency::new(graph),
        witness: Witness::new(count),
        level: vec![0; count],
        shortcuts: Vec::new(),
    };
    let mut queue = BinaryHeap::with_capacity(count);
    for vertex in 0..idx(count) {
        queue.push(Reverse((contraction.importance(vertex), vertex)));
    }
    let mut order = Vec::with_capacity(count);
    let mut out = vec![Vec::new(); count];
    let mut into = vec![Vec::new(); count];
    while let Some(Reverse((before, vertex))) = queue.pop() {
        // Contractions around it may have made it more important since; then others come first.
        let now = contraction.importance(vertex);
        if now > before && queue.peek().is_some_and(|Reverse((next, _))| now > *next) {
            queue.push(Reverse((now, vertex)));
            continue;
        }
        order.push(vertex);
        (out[vertex as usize], into[vertex as usize]) = contraction.remove(vertex);
    }
    number(order, &out, &into)
}

struct Contraction {
    adjacency: Adjacency,
    witness: Witness,
    /// How many contractions deep the vertices next to each one are.
    level: Vec<u32>,
    /// Result of the latest look around.
    shortcuts: Vec<Shortcut>,
}

impl Contraction {
    /// A number that is small for vertices that are cheap to remove; weights by trial on road graphs.
    fn importance(&mut self, vertex: u32) -> usize {
        self.look_around(vertex, ESTIMATE_SETTLED_MAX);
        let at = vertex as usize;
        let degree = self.adjacency.out[at].len() + self.adjacency.into[at].len();
        let shortcuts = self.shortcuts.len();
        2000 * shortcuts / degree.max(1) + 300 * self.level[at] as usize + 20 * shortcuts
    }

    fn look_around(&mut self, vertex: u32, settled_max: usize) {
        self.witness.shortcuts(&self.adjacency, vertex, settled_max, &mut self.shortcuts);
    }

    /// Contracts a vertex; returns its edges to more important vertices: out of it, into it.
    fn remove(&mut self, vertex: u32) -> (Vec<Link>, Vec<Link>) {
        if !self.shortcuts.is_empty() {
            self.look_around(vertex, CONTRACT_SETTLED_MAX);
        }
        for shortcut in &self.shortcuts {
            self.adjacency.add(*shortcut, vertex);
        }
        let (out, into) = self.adjacency.remove(vertex);
        let above = self.level[vertex as usize] + 1;
        for link in out.iter().chain(&into) {
            let level = &mut self.level[link.vertex as usize];
            *level = above.max(*level);
        }
        (out, into)
    }
}

/// Renames vertices to ranks and packs the arcs into lists.
fn number(order: Vec<u32>, out: &[Vec<Link>], into: &[Vec<Link>]) -> Hierarchy {
    let mut rank = vec![0; order.len()];
    for (place, vertex) in order.iter().enumerate() {
        rank[*vertex as usize] = idx(place);
    }
    let side = |links: &[Vec<Link>]| side(&order, &rank, links);
    let (out, into) = (side(out), side(into));
    Hierarchy { rank: rank.into(), vertex: order.into(), out, into }
}

fn side(order: &[u32], rank: &[u32], links: &[Vec<Link>]) -> Side {
    let mut first = vec![0];
    let mut arcs: Vec<Arc> = Vec::new();
    for vertex in order {
        let start = arcs.len();
        arcs.extend(links[*vertex as usize].iter().map(|link| Arc {
            cost: link.cost,
            head: rank[link.vertex as usize],
            middle: if link.middle == NONE { NONE } else { rank[link.middle as usize] },
        }));
        arcs[start..].sort_unstable_by_key(|arc| arc.head);
        first.push(idx(arcs.len()));
    }
    Side { first: first.into(), arcs: arcs.into() }
}

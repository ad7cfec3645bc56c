//! The shrinking graph during contraction.

use crate::graph::Graph;
use crate::units::{NONE, idx};

/// An edge of the shrinking graph, seen from one of its ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Link {
    pub(crate) vertex: u32,
    /// Vertex a shortcut leads over, or [`NONE`].
    pub(crate) middle: u32,
    pub(crate) cost: u64,
}

/// A shortcut that contraction of a vertex needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shortcut {
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) cost: u64,
}

/// Edges between vertices not contracted yet, from both ends.
#[derive(Debug)]
pub(crate) struct Adjacency {
    pub(crate) out: Vec<Vec<Link>>,
    pub(crate) into: Vec<Vec<Link>>,
}

impl Adjacency {
    pub(crate) fn new(graph: &Graph) -> Self {
        let count = graph.vertex_count();
        let mut adjacency = Self { out: vec![Vec::new(); count], into: vec![Vec::new(); count] };
        for from in 0..idx(count) {
            for (to, cost) in graph.leaving(from) {
                adjacency.add(Shortcut { from, to, cost }, NONE);
            }
        }
        adjacency
    }

    /// Adds an edge; of parallel edges the cheaper stays. A loop is never part of a best path.
    pub(crate) fn add(&mut self, edge: Shortcut, middle: u32) {
        if edge.from == edge.to {
            return;
        }
        let Shortcut { from, to, cost } = edge;
        improve(&mut self.out[from as usize], Link { vertex: to, middle, cost });
        improve(&mut self.into[to as usize], Link { vertex: from, middle, cost });
    }

    /// Takes a vertex out and returns its edges: out of it, into it.
    pub(crate) fn remove(&mut self, vertex: u32) -> (Vec<Link>, Vec<Link>) {
        let out = std::mem::take(&mut self.out[vertex as usize]);
        let into = std::mem::take(&mut self.into[vertex as usize]);
        for link in &out {
            self.into[link.vertex as usize].retain(|back| back.vertex != vertex);
        }
        for link in &into {
            self.out[link.vertex as usize].retain(|back| back.vertex != vertex);
        }
        (out, into)
    }
}

fn improve(links: &mut Vec<Link>, link: Link) {
    match links.iter_mut().find(|known| known.vertex == link.vertex) {
        Some(known) if link.cost < known.cost => *known = link,
        Some(_) => {}
        None => links.push(link),
    }
}

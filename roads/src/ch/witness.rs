//! Looks for ways around a vertex that make a shortcut over it unnecessary.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::ch::adjacency::{Adjacency, Shortcut};
use crate::units::UNREACHED;

/// A bounded search from one vertex; its memory is used again and again.
#[derive(Debug)]
pub(crate) struct Witness {
    cost: Vec<u64>,
    touched: Vec<u32>,
    queue: BinaryHeap<Reverse<(u64, u32)>>,
}

impl Witness {
    pub(crate) fn new(vertex_count: usize) -> Self {
        Self { cost: vec![UNREACHED; vertex_count], touched: vec![], queue: BinaryHeap::new() }
    }

    /// Collects the shortcuts that contracting `over` needs.
    ///
    /// * `settled_max`: how many vertices a search for a way around may settle. Giving up early only adds shortcuts
    ///   that are not needed; answers stay exact.
    pub(crate) fn shortcuts(
        &mut self,
        graph: &Adjacency,
        over: u32,
        settled_max: usize,
        found: &mut Vec<Shortcut>,
    ) {
        found.clear();
        let out = &graph.out[over as usize];
        let Some(farthest) = out.iter().map(|link| link.cost).max() else { return };
        for entry in &graph.into[over as usize] {
            if out.iter().all(|exit| exit.vertex == entry.vertex) {
                continue;
            }
            self.search(graph, entry.vertex, over, entry.cost + farthest, settled_max);
            for exit in out.iter().filter(|exit| exit.vertex != entry.vertex) {
                let cost = entry.cost + exit.cost;
                if self.cost[exit.vertex as usize] > cost {
                    found.push(Shortcut { from: entry.vertex, to: exit.vertex, cost });
                }
            }
        }
    }

    /// Costs from `from` without `over`, up to `bound`.
    fn search(&mut self, graph: &Adjacency, from: u32, over: u32, bound: u64, settled_max: usize) {
        for vertex in self.touched.drain(..) {
            self.cost[vertex as usize] = UNREACHED;
        }
        self.queue.clear();
        self.cost[from as usize] = 0;
        self.touched.push(from);
        self.queue.push(Reverse((0, from)));
        let mut settled = 0;
        while let Some(Reverse((cost, vertex))) = self.queue.pop() {
            if cost > self.cost[vertex as usize] {
                continue;
            }
            settled += 1;
            if settled > settled_max {
                return;
            }
            for link in &graph.out[vertex as usize] {
                let next = cost + link.cost;
                let known = &mut self.cost[link.vertex as usize];
                if link.vertex == over || next > bound || next >= *known {
                    continue;
                }
                if *known == UNREACHED {
                    self.touched.push(link.vertex);
                }
                *known = next;
                self.queue.push(Reverse((next, link.vertex)));
            }
        }
    }
}

//! Visits that must wait for each other in a circle.

use std::collections::VecDeque;

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

use super::{Check, ModelFault};
use crate::optimize::model::Link;
use crate::units::VisitIdx;

/// One edge for each order; true where one visit must be over, or begun for some time, before the
/// other starts.
type Orders = DiGraph<(), bool>;

impl Check<'_> {
    /// One circle in driving order for each group of visits that wait for each other; links that
    /// only say "not before" make no circle by themselves.
    pub(super) fn cycles(&mut self) {
        let mut graph = Orders::new();
        let nodes: Vec<NodeIndex> = self.model.visits.iter().map(|_| graph.add_node(())).collect();
        for link in &self.model.links {
            let strict = match link {
                Link::Gap { .. } | Link::Shipment { .. } => true,
                Link::Starts { min, .. } => min.0 > 0,
                _ => continue,
            };
            let (first, second) = link.visits();
            graph.add_edge(nodes[first.at()], nodes[second.at()], strict);
        }
        for group in tarjan_scc(&graph).into_iter().filter(|group| group.len() > 1) {
            if let Some(circle) = circle(&graph, &group) {
                let visit =
                    |node: &NodeIndex| VisitIdx(u32::try_from(node.index()).unwrap_or(u32::MAX));
                let visits = circle.iter().map(visit).collect();
                self.faults.push(ModelFault::Cycle { visits });
            }
        }
    }
}

/// A shortest way back from the end of a strict order inside the group to its beginning.
fn circle(graph: &Orders, group: &[NodeIndex]) -> Option<Vec<NodeIndex>> {
    let inside = |node: NodeIndex| group.contains(&node);
    let edges = group.iter().flat_map(|&node| graph.edges(node));
    let strict = edges
        .filter(|edge| *edge.weight() && inside(edge.target()))
        .min_by_key(|edge| (edge.source().index(), edge.target().index()))?;
    let (first, second) = (strict.source(), strict.target());
    let mut before: Vec<Option<NodeIndex>> = vec![None; graph.node_count()];
    let mut queue = VecDeque::from([second]);
    while let Some(node) = queue.pop_front() {
        if node == first {
            break;
        }
        for next in graph.neighbors(node) {
            if before[next.index()].is_none() && next != second {
                before[next.index()] = Some(node);
                queue.push_back(next);
            }
        }
    }
    // From the first back to the second, then turned round: first, second, and on to the first.
    let mut way = vec![first];
    let mut node = first;
    while node != second {
        node = before[node.index()]?;
        way.push(node);
    }
    way[1..].reverse();
    Some(way)
}

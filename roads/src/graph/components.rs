//! Connected parts of the graph: which are big enough to keep, which is the largest.

use crate::graph::Turn;
use crate::units::{NONE, idx};

/// A part is kept when its directed pieces are together at least this long (a two-way road counts twice).
/// Shorter ones are drives cut off by a gate, a missing link in the map or the edge of the extract.
const KEPT_MIN_M: f64 = 2_000.0;

/// The parts that are kept.
#[derive(Debug)]
pub(crate) struct Parts {
    /// By vertex: whether it stays.
    pub(crate) kept: Vec<bool>,
    /// By vertex: whether it belongs to the largest part.
    pub(crate) main: Vec<bool>,
}

/// Finds the strongly connected parts: those in which every vertex reaches every other.
///
/// * `metres`: length by vertex.
///
/// Cost: linear. Source: Tarjan (1972), "Depth-first search and linear graph algorithms", without recursion.
pub(crate) fn parts(turns: &[Vec<Turn>], metres: &[f64]) -> Parts {
    let part = label(turns);
    let part_count = part.iter().max().map_or(0, |last| *last as usize + 1);
    let mut length = vec![0.0; part_count];
    let mut size = vec![0_u32; part_count];
    for (vertex, part) in part.iter().enumerate() {
        length[*part as usize] += metres[vertex];
        size[*part as usize] += 1;
    }
    // A vertex by itself leads nowhere or is reached from nowhere, however long it is.
    for (length, size) in length.iter_mut().zip(&size) {
        if *size < 2 {
            *length = 0.0;
        }
    }
    // The first of equals, so that the answer does not depend on anything but the map.
    let largest = (0..part_count).rev().max_by(|a, b| length[*a].total_cmp(&length[*b]));
    let is_main = |part: &u32| Some(*part as usize) == largest;
    let is_kept = |part: &u32| {
        is_main(part) && length[*part as usize] > 0.0 || length[*part as usize] >= KEPT_MIN_M
    };
    Parts { kept: part.iter().map(is_kept).collect(), main: part.iter().map(is_main).collect() }
}

/// Number of the part of each vertex.
fn label(turns: &[Vec<Turn>]) -> Vec<u32> {
    let mut search = Search {
        order: vec![NONE; turns.len()],
        low: vec![0; turns.len()],
        part: vec![NONE; turns.len()],
        ..Search::default()
    };
    for root in 0..idx(turns.len()) {
        if search.order[root as usize] == NONE {
            search.explore(turns, root);
        }
    }
    search.part
}

#[derive(Default)]
struct Search {
    order: Vec<u32>,
    low: Vec<u32>,
    part: Vec<u32>,
    /// Vertices whose part is not known yet.
    open: Vec<u32>,
    visited: u32,
    part_count: u32,
}

impl Search {
    fn visit(&mut self, vertex: u32) {
        self.order[vertex as usize] = self.visited;
        self.low[vertex as usize] = self.visited;
        self.visited += 1;
        self.open.push(vertex);
    }

    fn explore(&mut self, turns: &[Vec<Turn>], root: u32) {
        self.visit(root);
        let mut path = vec![(root, 0)];
        while let Some((vertex, next)) = path.last_mut() {
            let at = *vertex as usize;
            if let Some(turn) = turns[at].get(*next) {
                *next += 1;
                let head = turn.vertex as usize;
                if self.order[head] == NONE {
                    self.visit(turn.vertex);
                    path.push((turn.vertex, 0));
                } else if self.part[head] == NONE {
                    self.low[at] = self.low[at].min(self.order[head]);
                }
                continue;
            }
            path.pop();
            if let Some((before, _)) = path.last() {
                self.low[*before as usize] = self.low[*before as usize].min(self.low[at]);
            }
            if self.low[at] == self.order[at] {
                self.close(at);
            }
        }
    }

    /// Everything above `root` on the open list is one part.
    fn close(&mut self, root: usize) {
        while let Some(vertex) = self.open.pop() {
            self.part[vertex as usize] = self.part_count;
            if vertex as usize == root {
                break;
            }
        }
        self.part_count += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::parts;
    use crate::graph::Turn;

    #[test]
    fn dead_ends_and_short_islands_are_dropped_and_long_islands_kept() {
        let to = |vertex| vec![Turn { vertex, tenths: 0 }];
        // 0 <-> 1 is the largest, 2 leads into it only, 3 <-> 4 is a long island, 5 <-> 6 a short one.
        let turns = [to(1), to(0), to(0), to(4), to(3), to(6), to(5)];
        let metres = [3000.0, 3000.0, 5000.0, 1500.0, 1500.0, 10.0, 10.0];
        // 2 is longer than the limit, but nobody can come back to it.
        let parts = parts(&turns, &metres);
        assert_eq!(parts.main, [true, true, false, false, false, false, false]);
        assert_eq!(parts.kept, [true, true, false, true, true, false, false]);
    }
}

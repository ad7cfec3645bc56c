//! Puts the graph together: expand turns, apply restrictions, keep connected parts, pack into lists.

use crate::graph::components::{Parts, parts};
use crate::graph::turns::{Expanded, expand};
use crate::graph::{Graph, PieceRecord, Turn, copies};
use crate::network::{Network, Piece};
use crate::units::{NONE, idx, pack, round};

/// Builds the graph of a network; pieces outside every kept part are gone.
///
/// Cost: linear in the turns. The result has no vertex if the map has no connected roads.
pub(crate) fn build(network: &Network) -> Graph {
    let mut expanded = expand(network);
    let next_copy = copies::apply(network, &mut expanded);
    let metres: Vec<f64> =
        expanded.vertices.iter().map(|step| network.pieces[step.piece as usize].metres).collect();
    let parts = parts(&expanded.turns, &metres);
    Packer::new(network, &expanded, &next_copy, &parts).pack()
}

struct Packer<'a> {
    network: &'a Network,
    expanded: &'a Expanded,
    next_copy: &'a [u32],
    parts: &'a Parts,
    /// New number of each vertex, or [`NONE`].
    number: Vec<u32>,
    /// Old vertices in their new order.
    kept: Vec<u32>,
}

impl<'a> Packer<'a> {
    /// Numbers the kept vertices piece by piece, so that neighbours in space stay neighbours in memory.
    fn new(
        network: &'a Network,
        expanded: &'a Expanded,
        next_copy: &'a [u32],
        parts: &'a Parts,
    ) -> Self {
        let mut number = vec![NONE; expanded.vertices.len()];
        let mut kept = Vec::new();
        for first in expanded.of_piece.iter().flatten() {
            for vertex in chain(next_copy, *first) {
                if parts.kept[vertex as usize] {
                    number[vertex as usize] = idx(kept.len());
                    kept.push(vertex);
                }
            }
        }
        Self { network, expanded, next_copy, parts, number, kept }
    }

    fn pack(self) -> Graph {
        let (turn_first, turns) = self.turns();
        let (back_first, back_turns) = reverse(&turn_first, &turns);
        let mut vertex_piece = vec![0; self.kept.len()];
        let mut vertex_cost = vec![0; self.kept.len()];
        let mut next_copy = vec![NONE; self.kept.len()];
        let mut pieces = Vec::new();
        let mut points = Vec::new();
        for (old, both) in self.expanded.of_piece.iter().enumerate() {
            let piece = &self.network.pieces[old];
            let copies = both.map(|first| self.kept_copies(first));
            if copies.iter().all(Vec::is_empty) {
                continue;
            }
            for (reverse, copies) in copies.iter().enumerate() {
                for (place, vertex) in copies.iter().enumerate() {
                    let vertex = *vertex as usize;
                    vertex_piece[vertex] = idx(pieces.len() * 2 + reverse);
                    vertex_cost[vertex] = cost(piece, reverse);
                    next_copy[vertex] = copies.get(place + 1).copied().unwrap_or(NONE);
                }
            }
            pieces.push(PieceRecord {
                vertices: copies.map(|copies| copies.first().copied().unwrap_or(NONE)),
                point_first: idx(points.len()),
                flags: self.flags(piece, *both),
            });
            points.extend_from_slice(&piece.points);
        }
        pieces.push(PieceRecord { vertices: [NONE; 2], point_first: idx(points.len()), flags: 0 });
        Graph {
            vertex_piece: vertex_piece.into(),
            vertex_cost: vertex_cost.into(),
            next_copy: next_copy.into(),
            turn_first: turn_first.into(),
            turns: turns.into(),
            back_first: back_first.into(),
            back_turns: back_turns.into(),
            pieces: pieces.into(),
            points: points.into(),
        }
    }

    /// Kept turns by new vertex, as one list and where each vertex's part of it starts.
    fn turns(&self) -> (Vec<u32>, Vec<Turn>) {
        let mut first = vec![0];
        let mut turns = Vec::new();
        for old in &self.kept {
            for turn in &self.expanded.turns[*old as usize] {
                let vertex = self.number[turn.vertex as usize];
                if vertex != NONE {
                    turns.push(Turn { vertex, tenths: turn.tenths });
                }
            }
            first.push(idx(turns.len()));
        }
        (first, turns)
    }

    /// New numbers of the kept copies of a directed piece.
    fn kept_copies(&self, first: u32) -> Vec<u32> {
        let numbers = chain(self.next_copy, first).map(|vertex| self.number[vertex as usize]);
        numbers.filter(|number| *number != NONE).collect()
    }

    fn flags(&self, piece: &Piece, both: [u32; 2]) -> u32 {
        let is_main = both
            .into_iter()
            .flat_map(|first| chain(self.next_copy, first))
            .any(|vertex| self.parts.main[vertex as usize]);
        let ferry = if piece.kind.ferry { PieceRecord::FERRY } else { 0 };
        ferry | if is_main { PieceRecord::MAIN } else { 0 }
    }
}

fn chain(next_copy: &[u32], first: u32) -> impl Iterator<Item = u32> + '_ {
    std::iter::successors((first != NONE).then_some(first), |vertex| {
        let next = next_copy[*vertex as usize];
        (next != NONE).then_some(next)
    })
}

/// Packed cost of a whole piece; at least a tenth of a second, so that no cycle is free.
fn cost(piece: &Piece, reverse: usize) -> u64 {
    let tenths = round(f64::from(piece.seconds[reverse]) * 10.0).max(1);
    pack(tenths, round(piece.metres * 10.0))
}

/// The same turns by the vertex they lead to. Cost: linear.
fn reverse(first: &[u32], turns: &[Turn]) -> (Vec<u32>, Vec<Turn>) {
    let mut back_first = vec![0_u32; first.len()];
    for turn in turns {
        back_first[turn.vertex as usize + 1] += 1;
    }
    for vertex in 1..back_first.len() {
        back_first[vertex] += back_first[vertex - 1];
    }
    let mut next = back_first.clone();
    let mut back = vec![Turn { vertex: 0, tenths: 0 }; turns.len()];
    for (vertex, range) in first.windows(2).enumerate() {
        for turn in &turns[range[0] as usize..range[1] as usize] {
            let place = &mut next[turn.vertex as usize];
            back[*place as usize] = Turn { vertex: idx(vertex), tenths: turn.tenths };
            *place += 1;
        }
    }
    (back_first, back)
}

//! The turn-expanded graph: one vertex per direction of a piece of road, one edge per allowed turn.
//!
//! Being at a vertex means: having driven the piece to its end. An edge costs the turn plus the whole next piece, so
//! every turn has its own price and any turn can be forbidden. A restriction over several pieces gives the pieces on
//! its way a copy that only those reach who came the restricted way; a piece may therefore have more than one vertex.

pub(crate) mod build;
pub(crate) mod components;
pub(crate) mod copies;
pub(crate) mod turns;

use bytemuck::{Pod, Zeroable};

use crate::array::Array;
use crate::geo::Fixed;
use crate::units::{NONE, pack};

/// An allowed turn seen from one of its sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Turn {
    /// The vertex at the other side.
    pub(crate) vertex: u32,
    /// Tenths of a second of the turn itself.
    pub(crate) tenths: u32,
}

/// A piece of road as routing sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct PieceRecord {
    /// Vertices of driving it forward and back; [`NONE`] where nobody drives.
    pub(crate) vertices: [u32; 2],
    /// First of its points; the next record's is the end.
    pub(crate) point_first: u32,
    /// [`PieceRecord::FERRY`] and [`PieceRecord::MAIN`].
    pub(crate) flags: u32,
}

impl PieceRecord {
    /// The piece is a ferry line; nobody starts or ends there.
    pub(crate) const FERRY: u32 = 1;
    /// The piece belongs to the largest connected part of the map.
    pub(crate) const MAIN: u32 = 2;
}

/// The graph; immutable.
#[derive(Debug)]
pub(crate) struct Graph {
    /// By vertex: piece times two, plus one when driven back.
    pub(crate) vertex_piece: Array<u32>,
    /// By vertex: packed cost of driving the whole piece.
    pub(crate) vertex_cost: Array<u64>,
    /// By vertex: another vertex of the same directed piece, or [`NONE`].
    pub(crate) next_copy: Array<u32>,
    /// Turns out of vertex `v` are `turns[turn_first[v]..turn_first[v + 1]]`.
    pub(crate) turn_first: Array<u32>,
    pub(crate) turns: Array<Turn>,
    /// The same turns by the vertex they lead to.
    pub(crate) back_first: Array<u32>,
    pub(crate) back_turns: Array<Turn>,
    /// One record per piece and a last one that only ends the points.
    pub(crate) pieces: Array<PieceRecord>,
    pub(crate) points: Array<Fixed>,
}

impl Graph {
    pub(crate) fn vertex_count(&self) -> usize {
        self.vertex_cost.len()
    }

    pub(crate) fn piece_count(&self) -> usize {
        self.pieces.len() - 1
    }

    /// Turns out of a vertex with the packed cost of turn and next piece.
    pub(crate) fn leaving(&self, vertex: u32) -> impl Iterator<Item = (u32, u64)> + '_ {
        let range = self.turn_first[vertex as usize]..self.turn_first[vertex as usize + 1];
        let costs = &self.vertex_cost;
        self.turns[range.start as usize..range.end as usize]
            .iter()
            .map(|turn| (turn.vertex, pack(turn.tenths, 0) + costs[turn.vertex as usize]))
    }

    /// Turns into a vertex with the packed cost of turn and that vertex's piece.
    pub(crate) fn arriving(&self, vertex: u32) -> impl Iterator<Item = (u32, u64)> + '_ {
        let range = self.back_first[vertex as usize]..self.back_first[vertex as usize + 1];
        let cost = self.vertex_cost[vertex as usize];
        self.back_turns[range.start as usize..range.end as usize]
            .iter()
            .map(move |turn| (turn.vertex, pack(turn.tenths, 0) + cost))
    }

    /// All vertices of the directed piece that `vertex` stands for, itself first.
    pub(crate) fn copies(&self, vertex: u32) -> impl Iterator<Item = u32> + '_ {
        let next = move |at: &u32| {
            let copy = self.next_copy[*at as usize];
            (copy != NONE).then_some(copy)
        };
        std::iter::successors((vertex != NONE).then_some(vertex), next)
    }

    /// The line of a piece, from its start.
    pub(crate) fn line(&self, piece: u32) -> &[Fixed] {
        let first = self.pieces[piece as usize].point_first as usize;
        let end = self.pieces[piece as usize + 1].point_first as usize;
        &self.points[first..end]
    }
}

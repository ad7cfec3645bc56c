//! Places on roads and the index that finds the nearest.

pub(crate) mod hilbert;
pub(crate) mod search;
pub(crate) mod tree;

use crate::geo::Point;
use crate::graph::Graph;
use crate::units::{decimetres, pack, share, tenths};

/// A place on a road, as near as possible to a point; valid for the [`Roads`](crate::Roads) that made it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Snap {
    pub(crate) piece: u32,
    /// Decimetres from the start of the piece.
    pub(crate) offset: u32,
    pub(crate) distance_m: f64,
    pub(crate) point: Point,
}

impl Snap {
    /// Straight distance from the asked point to the road, in metres.
    pub fn distance_m(&self) -> f64 {
        self.distance_m
    }

    /// The place on the road.
    pub fn point(&self) -> Point {
        self.point
    }
}

/// How a directed piece is split by a place on it: packed costs before and behind.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Split {
    pub(crate) vertex: u32,
    pub(crate) before: u64,
    pub(crate) behind: u64,
}

impl Graph {
    /// The open directions of the piece a snap lies on, with the costs before and behind it.
    pub(crate) fn splits(&self, snap: &Snap) -> impl Iterator<Item = Split> + '_ {
        let vertices = self.pieces[snap.piece as usize].vertices;
        let offset = snap.offset;
        vertices.into_iter().enumerate().filter_map(move |(reverse, vertex)| {
            let cost = *self.vertex_cost.get(vertex as usize)?;
            let length = decimetres(cost);
            let offset = offset.min(length);
            let driven = if reverse == 0 { offset } else { length - offset };
            let before = pack(share(tenths(cost), driven, length), driven);
            Some(Split { vertex, before, behind: cost - before })
        })
    }
}

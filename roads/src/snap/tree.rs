//! A packed R-tree over short stretches of road, as plain lists that can be saved and mapped.
//!
//! Source: Kamel, Faloutsos (1993), "On packing R-trees": entries sorted along the Hilbert curve, full nodes.

use bytemuck::{Pod, Zeroable};

use crate::array::Array;
use crate::geo::Fixed;
use crate::graph::{Graph, PieceRecord};
use crate::snap::hilbert::along;
use crate::units::idx;

/// Segments per entry: fewer entries than one per segment, boxes still small.
pub(crate) const SEGMENTS: usize = 4;
/// Children per node.
pub(crate) const FANOUT: usize = 8;

/// A rectangle in fixed point degrees, bounds included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Rect {
    pub(crate) lat_min: i32,
    pub(crate) lon_min: i32,
    pub(crate) lat_max: i32,
    pub(crate) lon_max: i32,
}

impl Rect {
    const EMPTY: Self =
        Self { lat_min: i32::MAX, lon_min: i32::MAX, lat_max: i32::MIN, lon_max: i32::MIN };

    fn cover(self, other: Self) -> Self {
        Self {
            lat_min: self.lat_min.min(other.lat_min),
            lon_min: self.lon_min.min(other.lon_min),
            lat_max: self.lat_max.max(other.lat_max),
            lon_max: self.lon_max.max(other.lon_max),
        }
    }

    fn around(points: &[Fixed]) -> Self {
        points.iter().fold(Self::EMPTY, |rect, point| {
            rect.cover(Self {
                lat_min: point.lat,
                lon_min: point.lon,
                lat_max: point.lat,
                lon_max: point.lon,
            })
        })
    }
}

/// Up to [`SEGMENTS`] segments of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Stretch {
    pub(crate) piece: u32,
    /// First of its segments; segment `s` runs from point `s` to `s + 1` of the piece.
    pub(crate) segment: u32,
}

/// The tree: level 0 are the boxes of the stretches, each higher level the boxes of [`FANOUT`] below.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) stretches: Array<Stretch>,
    /// All levels one after the other, the root last.
    pub(crate) rects: Array<Rect>,
    /// Where each level starts in `rects`, and the end.
    pub(crate) levels: Array<u32>,
}

impl Tree {
    /// Builds the tree over all roads but ferries. Cost: a sort.
    pub(crate) fn new(graph: &Graph) -> Self {
        let mut entries = Vec::new();
        for piece in 0..idx(graph.piece_count()) {
            if graph.pieces[piece as usize].flags & PieceRecord::FERRY != 0 {
                continue;
            }
            let line = graph.line(piece);
            for segment in (0..line.len() - 1).step_by(SEGMENTS) {
                let end = (segment + SEGMENTS + 1).min(line.len());
                let stretch = Stretch { piece, segment: idx(segment) };
                entries.push((Rect::around(&line[segment..end]), stretch));
            }
        }
        let all = entries.iter().fold(Rect::EMPTY, |all, (rect, _)| all.cover(*rect));
        entries.sort_by_cached_key(|(rect, stretch)| {
            (curve_place(all, *rect), stretch.piece, stretch.segment)
        });
        let stretches: Vec<Stretch> = entries.iter().map(|(_, stretch)| *stretch).collect();
        let mut rects: Vec<Rect> = entries.iter().map(|(rect, _)| *rect).collect();
        let mut levels = vec![0, idx(rects.len())];
        let mut below = 0..rects.len();
        while below.len() > 1 {
            let above: Vec<Rect> = rects[below.clone()]
                .chunks(FANOUT)
                .map(|children| children.iter().copied().fold(Rect::EMPTY, Rect::cover))
                .collect();
            below = rects.len()..rects.len() + above.len();
            rects.extend(above);
            levels.push(idx(rects.len()));
        }
        Self { stretches: stretches.into(), rects: rects.into(), levels: levels.into() }
    }
}

/// Place of a rectangle's middle on the Hilbert curve over `all`.
fn curve_place(all: Rect, rect: Rect) -> u32 {
    let cell = |min: i32, max: i32, low: i32, high: i32| {
        let span = (i64::from(max) - i64::from(min)).max(1);
        let middle = i64::midpoint(i64::from(low), i64::from(high)) - i64::from(min);
        u16::try_from(middle * i64::from(u16::MAX) / span).unwrap_or(u16::MAX)
    };
    along(
        cell(all.lon_min, all.lon_max, rect.lon_min, rect.lon_max),
        cell(all.lat_min, all.lat_max, rect.lat_min, rect.lat_max),
    )
}

//! Nearest-place search in the tree, best box first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::geo::{Fixed, Point, Scale};
use crate::graph::Graph;
use crate::snap::tree::{FANOUT, Rect, SEGMENTS, Tree};
use crate::units::idx;

/// A place on a segment of a piece.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub(crate) piece: u32,
    pub(crate) segment: u32,
    /// How far along the segment, 0 to 1.
    pub(crate) share: f64,
}

/// A flat map around a point, in metres.
struct Plane {
    centre: Point,
    scale: Scale,
}

impl Plane {
    fn new(centre: Point) -> Self {
        Self { centre, scale: Scale::at(centre.lat) }
    }

    fn position(&self, point: Fixed) -> (f64, f64) {
        let point = point.point();
        let east = (point.lon - self.centre.lon) * self.scale.east_m;
        (east, (point.lat - self.centre.lat) * self.scale.north_m)
    }

    /// Squared metres from the centre to a rectangle; 0 inside.
    fn square_to(&self, rect: &Rect) -> f64 {
        let (west, south) = self.position(Fixed { lat: rect.lat_min, lon: rect.lon_min });
        let (east, north) = self.position(Fixed { lat: rect.lat_max, lon: rect.lon_max });
        let (x, y) = (west.max(-east).max(0.0), south.max(-north).max(0.0));
        x * x + y * y
    }

    /// Squared metres from the centre to a segment and how far along it the nearest place is.
    fn square_to_segment(&self, start: Fixed, end: Fixed) -> (f64, f64) {
        let ((ax, ay), (bx, by)) = (self.position(start), self.position(end));
        let (dx, dy) = (bx - ax, by - ay);
        let length = dx * dx + dy * dy;
        let share =
            if length > 0.0 { (-(ax * dx + ay * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
        let (x, y) = (ax + share * dx, ay + share * dy);
        (x * x + y * y, share)
    }
}

impl Tree {
    /// The nearest place on a wanted piece within `reach_m` metres.
    ///
    /// Of equally near places the first in the tree counts. Cost: logarithmic in the stretches.
    pub(crate) fn nearest(
        &self,
        graph: &Graph,
        point: Point,
        reach_m: f64,
        wanted: impl Fn(u32) -> bool,
    ) -> Option<Found> {
        let plane = Plane::new(point);
        let top = self.levels.len().checked_sub(2)?;
        let root = *self.levels.get(top)?;
        let rect = self.rects.get(root as usize)?;
        let mut best = None;
        let mut best_square = reach_m * reach_m;
        // Non-negative floats sort like their bits.
        let mut open = BinaryHeap::new();
        open.push((Reverse(plane.square_to(rect).to_bits()), Reverse(root), top));
        while let Some((Reverse(square), Reverse(node), level)) = open.pop() {
            if f64::from_bits(square) > best_square {
                break;
            }
            if level == 0 {
                let stretch = self.stretches[node as usize];
                if wanted(stretch.piece) {
                    let line = graph.line(stretch.piece);
                    let first = stretch.segment as usize;
                    let end = (first + SEGMENTS + 1).min(line.len());
                    for (place, pair) in line[first..end].windows(2).enumerate() {
                        let (square, share) = plane.square_to_segment(pair[0], pair[1]);
                        if square < best_square || best.is_none() && square <= best_square {
                            best_square = square;
                            let segment = idx(first + place);
                            best = Some(Found { piece: stretch.piece, segment, share });
                        }
                    }
                }
                continue;
            }
            let below = self.levels[level - 1];
            let first = below + (node - self.levels[level]) * idx(FANOUT);
            let end = (first + idx(FANOUT)).min(self.levels[level]);
            for child in first..end {
                let square = plane.square_to(&self.rects[child as usize]);
                if square <= best_square {
                    open.push((Reverse(square.to_bits()), Reverse(child), level - 1));
                }
            }
        }
        best
    }
}

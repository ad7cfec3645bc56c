//! From a point to the nearest place on a road.

use crate::error::SnapError;
use crate::geo::{Fixed, Point, length_m};
use crate::graph::PieceRecord;
use crate::roads::Roads;
use crate::snap::Snap;
use crate::snap::search::Found;
use crate::units::round;

/// A road of the largest connected part is preferred over one of a small part (an island, a fenced estate) if it is
/// at most this much farther away: from a small part little can be reached.
const MAIN_EXTRA_M: f64 = 100.0;

impl Roads {
    /// The nearest place on a road; ferries do not count.
    ///
    /// * `limit_m`: how far away that may be, in metres; about 1,000 is sensible for addresses.
    ///
    /// # Errors
    /// [`SnapError::TooFar`] with the distance of the nearest road, [`SnapError::NotOnEarth`].
    /// Cost: a few microseconds.
    pub fn snap(&self, point: Point, limit_m: f64) -> Result<Snap, SnapError> {
        if !point.is_on_earth() {
            return Err(SnapError::NotOnEarth { lat: point.lat, lon: point.lon });
        }
        let any = |_: u32| true;
        let main = |piece: u32| self.graph.pieces[piece as usize].flags & PieceRecord::MAIN != 0;
        let too_far = |distance_m| SnapError::TooFar { distance_m, limit_m };
        let Some(nearest) = self.tree.nearest(&self.graph, point, f64::INFINITY, any) else {
            return Err(too_far(f64::INFINITY));
        };
        let mut snap = self.place(point, nearest);
        if !main(nearest.piece) {
            let reach_m = (snap.distance_m + MAIN_EXTRA_M).min(limit_m);
            if let Some(found) = self.tree.nearest(&self.graph, point, reach_m, main) {
                snap = self.place(point, found);
            }
        }
        if snap.distance_m <= limit_m { Ok(snap) } else { Err(too_far(snap.distance_m)) }
    }

    /// Measures where on its piece a found place lies.
    fn place(&self, point: Point, found: Found) -> Snap {
        let line = self.graph.line(found.piece);
        let segment = found.segment as usize;
        let (start, end) = (line[segment].point(), line[segment + 1].point());
        let place = start.towards(end, found.share);
        let before_m = length_m(&line[..=segment]) + start.distance_m(place);
        Snap {
            piece: found.piece,
            offset: round(before_m * 10.0),
            distance_m: point.distance_m(place),
            point: Fixed::new(place).point(),
        }
    }
}

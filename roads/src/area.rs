//! The area around lines: everything within a set distance of them, as polygons.

pub(crate) mod contour;
pub(crate) mod field;
pub(crate) mod polygons;

use crate::geo::{METRES_PER_DEGREE, Point};

/// A place on a flat map: metres east and north of its origin.
pub(crate) type Position = [f64; 2];

/// A flat map around an origin; good for the size of a region.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plane {
    origin: Point,
    east_m: f64,
}

impl Plane {
    pub(crate) fn new(origin: Point) -> Self {
        // Near the poles a degree east vanishes; the floor keeps the map finite.
        let east_m = METRES_PER_DEGREE * origin.lat.to_radians().cos().max(0.001);
        Self { origin, east_m }
    }

    pub(crate) fn position(&self, point: Point) -> Position {
        let east = (point.lon - self.origin.lon) * self.east_m;
        [east, (point.lat - self.origin.lat) * METRES_PER_DEGREE]
    }

    pub(crate) fn point(&self, position: Position) -> Point {
        Point {
            lat: self.origin.lat + position[1] / METRES_PER_DEGREE,
            lon: self.origin.lon + position[0] / self.east_m,
        }
    }
}

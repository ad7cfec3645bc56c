//! The area around lines: everything within a set distance of them, as polygons.

pub(crate) mod contour;
pub(crate) mod field;
pub(crate) mod polygons;

use crate::geo::{Point, Scale};

/// A place on a flat map: metres east and north of its origin.
pub(crate) type Position = [f64; 2];

/// A flat map around an origin; good for the size of a region.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plane {
    origin: Point,
    scale: Scale,
}

impl Plane {
    pub(crate) fn new(origin: Point) -> Self {
        Self { origin, scale: Scale::at(origin.lat) }
    }

    pub(crate) fn position(&self, point: Point) -> Position {
        let east = (point.lon - self.origin.lon) * self.scale.east_m;
        [east, (point.lat - self.origin.lat) * self.scale.north_m]
    }

    pub(crate) fn point(&self, position: Position) -> Point {
        Point {
            lat: self.origin.lat + position[1] / self.scale.north_m,
            lon: self.origin.lon + position[0] / self.scale.east_m,
        }
    }
}

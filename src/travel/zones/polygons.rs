//! Polygons prepared for asking whether they contain a place.

use geo::coordinate_position::{CoordPos, CoordinatePosition as _};
use geo::{Coord, LineString, Polygon};
use serde_json::Value;

use crate::domain::faults::Faults;
use crate::domain::zones::geometry::{Ring, Rings, polygons};

/// One or more polygons with the bounds of each.
#[derive(Debug)]
pub struct Area {
    parts: Vec<Part>,
}

#[derive(Debug)]
struct Part {
    least: Coord,
    most: Coord,
    polygon: Polygon,
}

impl Area {
    /// Reads a GeoJSON `Polygon` or `MultiPolygon`; none if it has faults.
    pub fn new(geometry: &Value) -> Option<Self> {
        let mut faults = Faults::default();
        let polygons = polygons(geometry, &mut faults);
        let sound = faults.list().is_empty() && !polygons.is_empty();
        sound.then(|| Self { parts: polygons.into_iter().map(Part::new).collect() })
    }

    /// Whether a place given in degrees lies inside or on an edge.
    pub fn contains(&self, lat: f64, lon: f64) -> bool {
        let place = Coord { x: lon, y: lat };
        self.parts.iter().any(|part| part.contains(place))
    }
}

impl Part {
    fn new(rings: Rings) -> Self {
        let line = |ring: Ring| LineString::from(ring);
        let mut lines = rings.into_iter().map(line);
        let outer = lines.next().unwrap_or_else(|| LineString::new(Vec::new()));
        let polygon = Polygon::new(outer, lines.collect());
        let corners = &polygon.exterior().0;
        let fold = |pick: fn(f64, f64) -> f64, start: f64| {
            corners.iter().fold(Coord { x: start, y: start }, |found, corner| Coord {
                x: pick(found.x, corner.x),
                y: pick(found.y, corner.y),
            })
        };
        let (least, most) = (fold(f64::min, f64::INFINITY), fold(f64::max, f64::NEG_INFINITY));
        Self { least, most, polygon }
    }

    fn contains(&self, place: Coord) -> bool {
        let across = self.least.x <= place.x && place.x <= self.most.x;
        let along = self.least.y <= place.y && place.y <= self.most.y;
        across && along && self.polygon.coordinate_position(&place) != CoordPos::Outside
    }
}

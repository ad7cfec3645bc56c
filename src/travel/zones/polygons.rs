//! Polygons from GeoJSON: their faults, and whether they contain a place.

use geo::coordinate_position::{CoordPos, CoordinatePosition as _};
use geo::{Coord, LineString, Polygon};
use serde_json::Value;

use crate::domain::faults::Faults;

/// Most corners of one zone; more make no better zone and slow everything down.
pub const CORNERS_MAX: usize = 50_000;

/// Most faults listed of one geometry; a broken file should not drown its reader.
const FAULTS_MAX: usize = 100;

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
    /// Reads a GeoJSON `Polygon` or `MultiPolygon`; none if [`check`] refuses it.
    pub fn new(geometry: &Value) -> Option<Self> {
        let mut faults = Faults::default();
        let polygons = read(geometry, &mut faults);
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
    fn new(polygon: Polygon) -> Self {
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

/// Notes every fault of a GeoJSON `Polygon` or `MultiPolygon`, at most 100.
///
/// Rings must be closed, have at least four positions on Earth and not cross the date line.
pub fn check(geometry: &Value, faults: &mut Faults) {
    read(geometry, faults);
}

fn read(geometry: &Value, faults: &mut Faults) -> Vec<Polygon> {
    let coordinates = &geometry["coordinates"];
    let mut reader = Reader { faults, corners: 0 };
    let polygons = match geometry["type"].as_str() {
        Some("Polygon") => vec![reader.polygon("coordinates", coordinates)],
        Some("MultiPolygon") => reader.list("coordinates", coordinates, Reader::polygon),
        _ => {
            let kind = geometry["type"].to_string();
            reader.add("type", &kind, "must be Polygon or MultiPolygon");
            Vec::new()
        }
    };
    let corners = reader.corners;
    let message = format!("must have at most {CORNERS_MAX} corners; simplify it");
    faults.check(corners <= CORNERS_MAX, "coordinates", corners, &message);
    polygons
}

/// Reads coordinates and notes what is wrong with them.
struct Reader<'a> {
    faults: &'a mut Faults,
    corners: usize,
}

impl Reader<'_> {
    fn add(&mut self, path: &str, value: &str, message: &str) {
        if self.faults.list().len() < FAULTS_MAX {
            self.faults.add(path, value, message);
        }
    }

    fn list<T>(
        &mut self,
        path: &str,
        value: &Value,
        mut each: impl FnMut(&mut Self, &str, &Value) -> T,
    ) -> Vec<T> {
        let Some(items) = value.as_array().filter(|items| !items.is_empty()) else {
            self.add(path, &value.to_string(), "must be a list that is not empty");
            return Vec::new();
        };
        let items = items.iter().enumerate();
        items.map(|(row, item)| each(self, &format!("{path}[{row}]"), item)).collect()
    }

    fn polygon(&mut self, path: &str, value: &Value) -> Polygon {
        let mut rings = self.list(path, value, Self::ring).into_iter();
        let outer = rings.next().unwrap_or_else(|| LineString::new(Vec::new()));
        Polygon::new(outer, rings.collect())
    }

    fn ring(&mut self, path: &str, value: &Value) -> LineString {
        let positions = self.list(path, value, Self::position);
        self.corners += positions.len();
        let known: Vec<Coord> = positions.iter().copied().flatten().collect();
        if known.len() < positions.len() || known.is_empty() {
            return LineString::new(Vec::new());
        }
        if known.len() < 4 {
            let count = known.len().to_string();
            self.add(path, &count, "must have at least 4 positions, the last equal to the first");
        }
        if known.first() != known.last() {
            let last = known.last().map(|at| format!("{}, {}", at.x, at.y)).unwrap_or_default();
            self.add(path, &last, "is not closed; end it with its first position");
        }
        let jump = known.windows(2).find(|pair| (pair[1].x - pair[0].x).abs() > 180.0);
        if let Some(pair) = jump {
            let edge = format!("{} to {}", pair[0].x, pair[1].x);
            let message = "crosses the date line; cut it there into two polygons";
            self.add(path, &edge, message);
        }
        LineString::new(known)
    }

    fn position(&mut self, path: &str, value: &Value) -> Option<Coord> {
        let numbers = value.as_array().map(|at| at.iter().map(Value::as_f64).collect::<Vec<_>>());
        let (Some([Some(lon), Some(lat)]), Some(2..=3)) =
            (numbers.as_ref().and_then(|at| at.first_chunk()), numbers.as_ref().map(Vec::len))
        else {
            self.add(path, &value.to_string(), "must be longitude and latitude as numbers");
            return None;
        };
        let (lon, lat) = (*lon, *lat);
        if !(-180.0..=180.0).contains(&lon) || !(-90.0..=90.0).contains(&lat) {
            let message = "must be longitude -180 to 180, then latitude -90 to 90";
            self.add(path, &value.to_string(), message);
            return None;
        }
        Some(Coord { x: lon, y: lat })
    }
}

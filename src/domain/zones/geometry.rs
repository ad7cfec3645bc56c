//! GeoJSON polygons as lists of positions, with every fault of theirs.

use serde_json::Value;

use crate::domain::faults::Faults;

/// Most corners of one zone; more make no better zone and slow everything down.
pub const CORNERS_MAX: usize = 50_000;

/// Most faults listed of one geometry; a broken file should not drown its reader.
const FAULTS_MAX: usize = 100;

/// Longitude and latitude in degrees.
pub type Position = [f64; 2];

/// A closed line.
pub type Ring = Vec<Position>;

/// An outer ring, then its holes.
pub type Rings = Vec<Ring>;

/// The polygons of a GeoJSON `Polygon` or `MultiPolygon`; notes every fault, at most 100.
///
/// Rings must be closed, have at least four positions on Earth and not cross the date line (RFC
/// 7946, 3.1.6 and 3.1.9). What has faults is returned with gaps and should not be used.
pub fn polygons(geometry: &Value, faults: &mut Faults) -> Vec<Rings> {
    let coordinates = &geometry["coordinates"];
    let before = faults.list().len();
    let mut reader = Reader { faults, before, corners: 0 };
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
    /// How many faults were known before.
    before: usize,
    corners: usize,
}

impl Reader<'_> {
    fn add(&mut self, path: &str, value: &str, message: &str) {
        if self.faults.list().len() - self.before < FAULTS_MAX {
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

    fn polygon(&mut self, path: &str, value: &Value) -> Rings {
        self.list(path, value, Self::ring)
    }

    fn ring(&mut self, path: &str, value: &Value) -> Ring {
        let positions = self.list(path, value, Self::position);
        self.corners += positions.len();
        let known: Ring = positions.iter().copied().flatten().collect();
        if known.len() < positions.len() || known.is_empty() {
            return Vec::new();
        }
        if known.len() < 4 {
            let count = known.len().to_string();
            self.add(path, &count, "must have at least 4 positions, the last equal to the first");
        }
        if known.first() != known.last() {
            let last = known.last().map(|at| format!("{}, {}", at[0], at[1])).unwrap_or_default();
            self.add(path, &last, "is not closed; end it with its first position");
        }
        let jump = known.windows(2).find(|pair| (pair[1][0] - pair[0][0]).abs() > 180.0);
        if let Some(pair) = jump {
            let edge = format!("{} to {}", pair[0][0], pair[1][0]);
            let message = "crosses the date line; cut it there into two polygons";
            self.add(path, &edge, message);
        }
        known
    }

    fn position(&mut self, path: &str, value: &Value) -> Option<Position> {
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
        Some([lon, lat])
    }
}

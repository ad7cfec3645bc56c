//! Points on the Earth: degrees, fixed point, distances and bearings.

use bytemuck::{Pod, Zeroable};

/// Mean radius of the Earth in metres (IUGG, `(2a + b) / 3` of WGS 84).
const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// Metres in one degree of latitude on that sphere.
pub(crate) const METRES_PER_DEGREE: f64 = EARTH_RADIUS_M * std::f64::consts::PI / 180.0;

/// A place in WGS 84 degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Degrees north, -90 to 90.
    pub lat: f64,
    /// Degrees east, -180 to 180.
    pub lon: f64,
}

impl Point {
    /// Whether both numbers are finite and inside their ranges.
    pub fn is_on_earth(self) -> bool {
        self.lat.abs() <= 90.0 && self.lon.abs() <= 180.0
    }

    /// Great-circle distance in metres.
    pub fn distance_m(self, other: Self) -> f64 {
        let (lat_a, lat_b) = (self.lat.to_radians(), other.lat.to_radians());
        let half_lat = (lat_b - lat_a) / 2.0;
        let half_lon = (other.lon - self.lon).to_radians() / 2.0;
        let chord = half_lat.sin().powi(2) + lat_a.cos() * lat_b.cos() * half_lon.sin().powi(2);
        2.0 * EARTH_RADIUS_M * chord.sqrt().min(1.0).asin()
    }

    /// The point a `share` (0 to 1) of the way to `other`, straight in degrees.
    pub(crate) fn towards(self, other: Self, share: f64) -> Self {
        Self {
            lat: self.lat + share * (other.lat - self.lat),
            lon: self.lon + share * (other.lon - self.lon),
        }
    }

    /// Direction to `other` in degrees, clockwise from north, -180 to 180; flat-map approximation.
    pub(crate) fn bearing(self, other: Self) -> f64 {
        let east = (other.lon - self.lon) * self.lat.to_radians().cos();
        east.atan2(other.lat - self.lat).to_degrees()
    }
}

/// A point in units of 1e-7 degrees: exact for OpenStreetMap, eight bytes, the same on every machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Fixed {
    pub(crate) lat: i32,
    pub(crate) lon: i32,
}

impl Fixed {
    /// Rounds a point to 1e-7 degrees.
    #[expect(clippy::cast_possible_truncation, reason = "180e7 fits 32 bits; casts saturate")]
    pub(crate) fn new(point: Point) -> Self {
        Self { lat: (point.lat * 1e7).round() as i32, lon: (point.lon * 1e7).round() as i32 }
    }

    /// Back to degrees.
    pub(crate) fn point(self) -> Point {
        Point { lat: f64::from(self.lat) * 1e-7, lon: f64::from(self.lon) * 1e-7 }
    }
}

/// Length of a line in metres.
pub(crate) fn length_m(points: &[Fixed]) -> f64 {
    points.windows(2).map(|pair| pair[0].point().distance_m(pair[1].point())).sum()
}

#[cfg(test)]
mod tests {
    use super::{Fixed, Point};

    #[test]
    fn one_degree_of_latitude_is_about_111_km() {
        let distance = Point { lat: 64.0, lon: -21.0 }.distance_m(Point { lat: 65.0, lon: -21.0 });
        assert!((distance - 111_195.0).abs() < 1.0, "{distance}");
    }

    #[test]
    fn bearings_turn_clockwise_from_north() {
        let here = Point { lat: 0.0, lon: 0.0 };
        assert!((here.bearing(Point { lat: 0.0, lon: 1.0 }) - 90.0).abs() < 1e-9);
        assert!((here.bearing(Point { lat: 0.0, lon: -1.0 }) + 90.0).abs() < 1e-9);
    }

    #[test]
    fn fixed_point_keeps_seven_digits() {
        let point = Point { lat: 64.141_252_3, lon: -21.958_542_1 };
        assert_eq!(Fixed::new(Fixed::new(point).point()), Fixed::new(point));
    }

    #[test]
    fn numbers_outside_the_earth_are_noticed() {
        assert!(!Point { lat: f64::NAN, lon: 0.0 }.is_on_earth());
        assert!(!Point { lat: 91.0, lon: 0.0 }.is_on_earth());
    }
}

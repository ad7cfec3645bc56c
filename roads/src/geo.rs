//! Points on the Earth: degrees, fixed point, distances and bearings.

use bytemuck::{Pod, Zeroable};

/// Radius of the Earth at the equator in metres (WGS 84).
const EQUATOR_RADIUS_M: f64 = 6_378_137.0;
/// Square of the Earth's eccentricity (WGS 84): it is 0.3 % wider than high.
const ECCENTRICITY_SQUARED: f64 = 0.006_694_379_990_141;
/// Mean radius of the Earth in metres (IUGG, `(2a + b) / 3` of WGS 84).
const MEAN_RADIUS_M: f64 = 6_371_008.8;
/// Up to this many degrees the map around a line is taken as flat.
const FLAT_DEGREES: f64 = 2.0;

/// Metres in a degree northwards and eastwards at some latitude.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scale {
    pub(crate) north_m: f64,
    pub(crate) east_m: f64,
}

impl Scale {
    /// Scale at a latitude in degrees, from the two radii of curvature of the WGS 84 ellipsoid.
    ///
    /// Source: Snyder (1987), "Map projections: a working manual", equations 4-18 to 4-20.
    pub(crate) fn at(lat: f64) -> Self {
        let (sin, cos) = lat.to_radians().sin_cos();
        let bulge = 1.0 - ECCENTRICITY_SQUARED * sin * sin;
        let across_m = EQUATOR_RADIUS_M / bulge.sqrt();
        let along_m = across_m * (1.0 - ECCENTRICITY_SQUARED) / bulge;
        // At the poles a degree east vanishes; the floor keeps everything finite.
        Self { north_m: along_m.to_radians(), east_m: (across_m * cos).max(1.0).to_radians() }
    }
}

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

    /// Distance in metres as the crow flies.
    ///
    /// On the ellipsoid for points within two degrees of each other (exact to a few hundredths of a percent), on a
    /// sphere beyond (0.5 %).
    pub fn distance_m(self, other: Self) -> f64 {
        let (north, east) = (other.lat - self.lat, other.lon - self.lon);
        if north.abs() > FLAT_DEGREES || east.abs() > FLAT_DEGREES {
            return self.great_circle_m(other);
        }
        let scale = Scale::at(self.lat + north / 2.0);
        (north * scale.north_m).hypot(east * scale.east_m)
    }

    /// Distance in metres on a sphere (haversine formula).
    fn great_circle_m(self, other: Self) -> f64 {
        let (lat_a, lat_b) = (self.lat.to_radians(), other.lat.to_radians());
        let half_lat = (lat_b - lat_a) / 2.0;
        let half_lon = (other.lon - self.lon).to_radians() / 2.0;
        let chord = half_lat.sin().powi(2) + lat_a.cos() * lat_b.cos() * half_lon.sin().powi(2);
        2.0 * MEAN_RADIUS_M * chord.sqrt().min(1.0).asin()
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
    fn distances_agree_with_the_geodesic_on_the_ellipsoid() {
        // By Vincenty's formula: 64 N 21 W to 65 N 21 W, and to 64 N 22 W.
        let from = Point { lat: 64.0, lon: -21.0 };
        let north = from.distance_m(Point { lat: 65.0, lon: -21.0 });
        let east = from.distance_m(Point { lat: 64.0, lon: -22.0 });
        assert!((north - 111_485.0).abs() < 1.0, "{north}");
        assert!((east - 48_931.2).abs() < 1.0, "{east}");
    }

    #[test]
    fn far_distances_are_those_of_a_sphere() {
        // A quarter of the way around a sphere of 6371 km.
        let distance = Point { lat: 0.0, lon: 0.0 }.distance_m(Point { lat: 0.0, lon: 90.0 });
        assert!((distance - 10_007_557.0).abs() < 10.0, "{distance}");
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

//! Drives as the crow flies, times a detour factor, at one speed.

use crate::travel::cache::PlaceKey;
use crate::travel::legs::LegRaw;

/// Mean radius of the Earth in metres: `(2a + b) / 3` of WGS 84, by IUGG.
pub const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// A way of turning great-circle distances into drives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StraightLine {
    detour_factor: f64,
    metres_per_second: f64,
}

/// A place with its sine and cosine taken once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bearing {
    lat_rad: f64,
    lon_rad: f64,
    lat_cos: f64,
}

impl Bearing {
    /// Prepares a place given in degrees.
    pub fn new(lat: f64, lon: f64) -> Self {
        let (lat_rad, lon_rad) = (lat.to_radians(), lon.to_radians());
        Self { lat_rad, lon_rad, lat_cos: lat_rad.cos() }
    }

    /// Great-circle distance in metres, also across the date line.
    ///
    /// Source: the haversine formula; R. W. Sinnott (1984), "Virtues of the haversine".
    pub fn distance_m(self, other: Self) -> f64 {
        let lat = ((other.lat_rad - self.lat_rad) / 2.0).sin();
        let lon = ((other.lon_rad - self.lon_rad) / 2.0).sin();
        let chord = lat * lat + self.lat_cos * other.lat_cos * lon * lon;
        2.0 * EARTH_RADIUS_M * chord.min(1.0).sqrt().asin()
    }
}

impl From<PlaceKey> for Bearing {
    fn from(place: PlaceKey) -> Self {
        let (lat, lon) = place.degrees();
        Self::new(lat, lon)
    }
}

impl StraightLine {
    /// Drives `detour_factor` times the great-circle distance at `speed_kmh`.
    pub fn new(detour_factor: f64, speed_kmh: f64) -> Self {
        Self { detour_factor, metres_per_second: speed_kmh / 3.6 }
    }

    /// The drive between two places, both numbers rounded up so that a promise holds.
    pub fn leg(self, from: PlaceKey, to: PlaceKey) -> LegRaw {
        self.between(from.into(), to.into())
    }

    /// The drive between two prepared places. Cost: some 30 nanoseconds.
    #[inline]
    pub fn between(self, from: Bearing, to: Bearing) -> LegRaw {
        let metres = from.distance_m(to) * self.detour_factor;
        LegRaw { seconds: whole(metres / self.metres_per_second), metres: whole(metres) }
    }
}

/// Rounds up to a whole number; what a float cannot tell from a whole number stays it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "float to integer casts saturate, and drives are not negative"
)]
fn whole(value: f64) -> u32 {
    ((value - 1e-6).ceil().max(0.0) as u32).min(u32::MAX - 1)
}

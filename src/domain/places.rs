//! Places on the map and their addresses.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::faults::{Faults, Validate, check_length};

/// A point on the earth with, if known, its address.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Place {
    /// Latitude in degrees, WGS 84, -90 to 90.
    pub lat: f64,
    /// Longitude in degrees, WGS 84, -180 to 180.
    pub lon: f64,
    /// How people write it.
    #[serde(default)]
    pub address: Address,
}

/// A postal address; every part may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Address {
    /// Street without number.
    pub street: String,
    /// House number with letters.
    pub house_number: String,
    /// Postcode, compared without spaces and case.
    pub postcode: String,
    /// Town.
    pub city: String,
}

impl Place {
    /// A point without an address.
    pub fn at(lat: f64, lon: f64) -> Self {
        Self { lat, lon, address: Address::default() }
    }
}

impl Validate for Place {
    fn validate(&self, faults: &mut Faults) {
        let latitude_fits = (-90.0..=90.0).contains(&self.lat);
        faults.check(latitude_fits, "lat", self.lat, "must be between -90 and 90 degrees");
        let longitude_fits = (-180.0..=180.0).contains(&self.lon);
        faults.check(longitude_fits, "lon", self.lon, "must be between -180 and 180 degrees");
        let address = &self.address;
        check_length(faults, "address.street", &address.street, 200);
        check_length(faults, "address.house_number", &address.house_number, 40);
        check_length(faults, "address.postcode", &address.postcode, 40);
        check_length(faults, "address.city", &address.city, 200);
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let street = format!("{} {}", self.street, self.house_number);
        let city = format!("{} {}", self.postcode, self.city);
        let parts = [street.trim(), city.trim()];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        f.write_str(&parts.join(", "))
    }
}

/// Metres between two points as the crow flies, each latitude and longitude in degrees.
///
/// Source: haversine on a sphere of 6,371 km; off by at most half a percent.
pub fn metres_between((lat, lon): (f64, f64), (other_lat, other_lon): (f64, f64)) -> f64 {
    const RADIUS_M: f64 = 6_371_000.0;
    let half = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
    let across = lat.to_radians().cos() * other_lat.to_radians().cos() * half(lon - other_lon);
    2.0 * RADIUS_M * (half(lat - other_lat) + across).sqrt().asin()
}

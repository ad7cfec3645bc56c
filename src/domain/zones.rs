//! A zone: an area that technicians cover.

pub mod geometry;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::faults::{Faults, Validate, check_text};
use crate::domain::id::ZoneId;
use crate::domain::places::Place;

/// An area that technicians cover.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Zone {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub shape: ZoneShape,
}

/// The ways to say where a zone is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ZoneShape {
    /// A GeoJSON `Polygon` or `MultiPolygon`, longitude first (RFC 7946).
    Polygon {
        /// The GeoJSON geometry object.
        #[schema(value_type = Object)]
        geometry: serde_json::Value,
    },
    /// Every address with one of these postcodes.
    Postcodes {
        /// The postcodes; spaces, hyphens and case do not matter. A trailing `*` stands for any ending.
        postcodes: Vec<String>,
    },
    /// Everything within a distance as the crow flies.
    Radius {
        /// The centre.
        centre: Place,
        /// Metres, 1 to 500,000.
        metres: u32,
    },
    /// Everything that can be driven to in a time, by the embedded roads.
    DriveTime {
        /// Where the drive starts.
        centre: Place,
        /// Minutes, 1 to 240.
        minutes: u32,
    },
}

/// How a technician covers a zone.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ZoneLevel {
    /// Home ground.
    Primary,
    /// Allowed, at a cost.
    Secondary,
}

/// A zone that a technician covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ZoneCovered {
    /// Which zone.
    pub zone_id: ZoneId,
    /// As home ground or as a help-out.
    pub level: ZoneLevel,
}

impl Validate for Zone {
    fn validate(&self, faults: &mut Faults) {
        check_text(faults, "name", &self.name, 200);
        match &self.shape {
            ZoneShape::Polygon { geometry } => {
                faults.within("shape.geometry.", |faults| {
                    geometry::polygons(geometry, faults);
                });
            }
            ZoneShape::Postcodes { postcodes } => {
                faults.check(!postcodes.is_empty(), "shape.postcodes", "[]", "name at least one");
                for (row, postcode) in postcodes.iter().enumerate() {
                    let text = plain_postcode(postcode);
                    let stem = text.strip_suffix('*').unwrap_or(&text);
                    let fits = !text.is_empty() && !stem.contains('*');
                    let message = "must be a postcode, with a `*` only at its end";
                    faults.check(fits, &format!("shape.postcodes[{row}]"), postcode, message);
                }
            }
            ZoneShape::Radius { centre, metres } => {
                faults.within("shape.centre.", |faults| centre.validate(faults));
                let fits = (1..=500_000).contains(metres);
                faults.check(fits, "shape.metres", metres, "must be 1 to 500000 metres");
            }
            ZoneShape::DriveTime { centre, minutes } => {
                faults.within("shape.centre.", |faults| centre.validate(faults));
                let fits = (1..=240).contains(minutes);
                faults.check(fits, "shape.minutes", minutes, "must be 1 to 240 minutes");
            }
        }
    }
}

/// A postcode as it is compared: without spaces and hyphens, in upper case.
pub fn plain_postcode(postcode: &str) -> String {
    let signs = postcode.chars().filter(|c| !c.is_whitespace() && *c != '-');
    signs.flat_map(char::to_uppercase).collect()
}

//! What can go wrong with travel.

use crate::domain::error::AppError;

/// What is not available when a drive is not at hand.
pub const DRIVES: &str = "drive times";

/// Why a drive could not be reckoned.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TravelError {
    /// Travel by road is asked for but no roads are loaded.
    #[error(
        "no roads are loaded; name a map in the setting `roads.file`, or choose another way of travel"
    )]
    NoRoads,
    /// Travel by OSRM is asked for but the organization names no server.
    #[error(
        "the organization has no OSRM server; give its address, or choose another way of travel"
    )]
    NoOsrm,
    /// A place is too far from any road.
    #[error(
        "the nearest road is {distance_m} m away, more than the limit of {limit_m} m; check the coordinates"
    )]
    OffRoad {
        /// Metres to the nearest road.
        distance_m: u32,
        /// The limit in metres.
        limit_m: u32,
    },
    /// A place is not on Earth.
    #[error("latitude {lat} and longitude {lon} are not a place on Earth")]
    NotOnEarth {
        /// Degrees as given.
        lat: f64,
        /// Degrees as given.
        lon: f64,
    },
    /// The OSRM server stands where it must not be asked.
    #[error("the OSRM server's address {address} is private; allow it in `osrm.allowed_networks`")]
    PrivateAddress {
        /// The address.
        address: String,
    },
    /// The OSRM server did not answer, or not with what was asked for.
    #[error("the OSRM server did not answer: {0}")]
    Osrm(String),
    /// A drive is not remembered, and nobody may be asked just now.
    #[error("a drive is not known yet")]
    NotAtHand,
    /// The computation was stopped because the server shuts down.
    #[error("the computation was stopped")]
    Stopped,
}

impl TravelError {
    /// Whether another server might have answered, so that a fallback may step in. An address
    /// that must not be asked is a mistake to be mended, not to be covered up.
    pub fn is_of_service(&self) -> bool {
        matches!(self, Self::Osrm(_))
    }

    /// The error for the application; what is wrong with a place is a fault of `field`.
    pub fn into_app(self, field: &str) -> AppError {
        let detail = self.to_string();
        match self {
            Self::OffRoad { distance_m, .. } => {
                AppError::invalid(field, format!("{distance_m} m off the road"), detail)
            }
            Self::NotOnEarth { lat, lon } => {
                AppError::invalid(field, format!("{lat}, {lon}"), detail)
            }
            Self::PrivateAddress { .. } | Self::Osrm(_) => {
                AppError::Unavailable { service: "OSRM", detail }
            }
            Self::NotAtHand => AppError::Unavailable { service: DRIVES, detail },
            Self::NoRoads | Self::NoOsrm => AppError::Conflict(detail),
            Self::Stopped => AppError::Unavailable { service: "travel", detail },
        }
    }
}

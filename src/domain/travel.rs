//! How travel between two places is reckoned.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::faults::{Faults, Validate};

/// How travel is reckoned; chosen per organization and, if it differs, per service.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum TravelMode {
    /// Fixed buffers around each visit, whatever the places; none at the edges of a shift.
    Fixed {
        /// Minutes kept free before a visit.
        before_min: u32,
        /// Minutes kept free after a visit.
        after_min: u32,
    },
    /// Great-circle distance times a detour factor at one speed.
    StraightLine {
        /// Driven distance over great-circle distance, 1 to 3.
        detour_factor: f64,
        /// Average speed in km/h, 1 to 150.
        speed_kmh: f64,
    },
    /// Drive times on the embedded road graph.
    Road,
    /// Drive times of the organization's own OSRM server.
    Osrm,
    /// The longer of fixed buffers and the embedded road graph.
    MaxFixedRoad {
        /// Minutes kept free before a visit.
        before_min: u32,
        /// Minutes kept free after a visit.
        after_min: u32,
    },
}

impl TravelMode {
    /// Minutes kept free before and after a visit; zero without fixed buffers.
    pub fn buffers_min(self) -> (u32, u32) {
        match self {
            Self::Fixed { before_min, after_min }
            | Self::MaxFixedRoad { before_min, after_min } => (before_min, after_min),
            Self::StraightLine { .. } | Self::Road | Self::Osrm => (0, 0),
        }
    }

    /// Whether places matter at all.
    pub fn uses_places(self) -> bool {
        !matches!(self, Self::Fixed { .. })
    }
}

impl Validate for TravelMode {
    fn validate(&self, faults: &mut Faults) {
        let (before_min, after_min) = self.buffers_min();
        faults.check(before_min <= 480, "before_min", before_min, "must be 0 to 480 minutes");
        faults.check(after_min <= 480, "after_min", after_min, "must be 0 to 480 minutes");
        if let Self::StraightLine { detour_factor, speed_kmh } = *self {
            let factor_fits = (1.0..=3.0).contains(&detour_factor);
            faults.check(factor_fits, "detour_factor", detour_factor, "must be 1 to 3");
            let speed_fits = (1.0..=150.0).contains(&speed_kmh);
            faults.check(speed_fits, "speed_kmh", speed_kmh, "must be 1 to 150 km/h");
        }
    }
}

/// What one drive takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Leg {
    /// Seconds of driving.
    pub seconds: i64,
    /// Metres driven.
    pub metres: i64,
}

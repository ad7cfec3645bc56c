//! Drives on the embedded roads.

use std::collections::HashMap;
use std::sync::Arc;

use roundsman_roads::{Point, Roads, Snap, SnapError};

use crate::travel::cache::{PairKey, PlaceKey};
use crate::travel::errors::TravelError;
use crate::travel::legs::LegRaw;

/// The embedded roads, asked with rounded places.
#[derive(Debug, Clone)]
pub struct RoadTravel {
    roads: Arc<Roads>,
}

impl RoadTravel {
    /// Answers by `roads`.
    pub fn new(roads: Arc<Roads>) -> Self {
        Self { roads }
    }

    /// The roads.
    pub fn roads(&self) -> &Arc<Roads> {
        &self.roads
    }

    /// The nearest place on a road.
    ///
    /// # Errors
    /// [`TravelError::OffRoad`], [`TravelError::NotOnEarth`]. Cost: a few microseconds.
    pub fn snap(&self, place: PlaceKey, limit_m: u32) -> Result<Snap, TravelError> {
        let (lat, lon) = place.degrees();
        self.roads.snap(Point { lat, lon }, limit_m.into()).map_err(|error| match error {
            SnapError::TooFar { distance_m, .. } => {
                TravelError::OffRoad { distance_m: metres(distance_m), limit_m }
            }
            SnapError::NotOnEarth { lat, lon } => TravelError::NotOnEarth { lat, lon },
        })
    }

    /// The drive of each pair; each place is snapped once. Cost: some 20 microseconds a pair.
    pub fn legs(&self, pairs: &[PairKey], limit_m: u32) -> Vec<LegRaw> {
        let mut snaps: HashMap<PlaceKey, Option<Snap>> = HashMap::new();
        for place in pairs.iter().flat_map(|(from, to)| [*from, *to]) {
            snaps.entry(place).or_insert_with(|| self.snap(place, limit_m).ok());
        }
        let leg = |(from, to): &PairKey| {
            if from == to {
                return LegRaw::ZERO;
            }
            let both = snaps.get(from).copied().flatten().zip(snaps.get(to).copied().flatten());
            both.and_then(|(from, to)| self.roads.leg(&from, &to)).into()
        };
        pairs.iter().map(leg).collect()
    }
}

/// Whole metres, rounded up, so that a refused distance never reads like the limit.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "casts of floats saturate, and distances are not negative"
)]
fn metres(distance_m: f64) -> u32 {
    distance_m.ceil() as u32
}

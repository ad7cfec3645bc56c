//! Drives between many places and many others.

use std::sync::Arc;

use roundsman_roads::Snap;

use crate::domain::places::Place;
use crate::domain::travel::Leg;
use crate::travel::cache::PlaceKey;
use crate::travel::errors::TravelError;
use crate::travel::legs::{Fallback, LegRaw};
use crate::travel::{Ask, Means, Travel};

impl Travel {
    /// The drive from each of `from` to each of `to`, row by row; none if there is no way, above
    /// all where a place is off the roads.
    ///
    /// Cost: by road that of a sweep for each place, some milliseconds for a hundred by a hundred;
    /// otherwise as [`Travel::legs`].
    ///
    /// # Errors
    /// As [`Travel::legs`].
    pub async fn matrix(
        &self,
        ask: &Ask,
        from: &[Place],
        to: &[Place],
    ) -> Result<(Vec<Vec<Option<Leg>>>, Option<Fallback>), TravelError> {
        let Means::Road(road) = self.means(ask)? else {
            let pairs = from.iter().flat_map(|a| to.iter().map(move |b| (a.clone(), b.clone())));
            let pairs: Vec<(Place, Place)> = pairs.collect();
            let (legs, fallback) = self.legs(ask, &pairs).await?;
            let rows = legs.chunks(to.len().max(1)).map(<[_]>::to_vec).collect();
            return Ok((rows, fallback));
        };
        let keys = |places: &[Place]| places.iter().map(PlaceKey::of).collect::<Vec<_>>();
        let (road, limit_m, percent) = (road.clone(), ask.snap_limit_m, self.percent(ask, None));
        let (from, to) = (keys(from), keys(to));
        let work = move || {
            let snap = |place: &PlaceKey| road.snap(*place, limit_m).ok();
            let (starts, from_at) = known(from.iter().map(snap));
            let (ends, to_at) = known(to.iter().map(snap));
            let matrix = Arc::clone(road.roads()).matrix(&starts, &ends);
            let leg = |row: usize, column: usize| {
                if from[row] == to[column] {
                    return LegRaw::ZERO.leg();
                }
                LegRaw::from(matrix.leg(from_at[row]?, to_at[column]?)).slowed(percent).leg()
            };
            let row = |row| (0..to.len()).map(|column| leg(row, column)).collect();
            (0..from.len()).map(row).collect()
        };
        let rows = tokio::task::spawn_blocking(work).await.map_err(|_| TravelError::Stopped)?;
        Ok((rows, None))
    }
}

/// The snaps there are, and for each place the position of its own.
fn known(snaps: impl Iterator<Item = Option<Snap>>) -> (Vec<Snap>, Vec<Option<usize>>) {
    let mut found = Vec::new();
    let places = snaps.map(|snap| {
        found.push(snap?);
        Some(found.len() - 1)
    });
    let places = places.collect();
    (found, places)
}

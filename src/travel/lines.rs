//! Drives as lines on the map, and what can be reached within a time.

use roundsman_roads::{Leg as RoadLeg, Point, Route};
use serde_json::Value;

use crate::domain::places::Place;
use crate::domain::travel::{Leg, Line, TravelMode};
use crate::travel::cache::PlaceKey;
use crate::travel::errors::TravelError;
use crate::travel::road::RoadTravel;
use crate::travel::{Ask, Means, Travel};

/// One drive of a day with its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawnLeg {
    /// What it takes, the same as [`Travel::legs`]; none if there is no way.
    pub leg: Option<Leg>,
    /// The line on the map.
    pub line: Line,
}

impl Travel {
    /// The drives from each place to the next, with their lines.
    ///
    /// Lines come from the embedded roads, also for drives reckoned by an OSRM server; where there
    /// are no roads they are straight. Cost: some 50 microseconds a drive.
    ///
    /// # Errors
    /// As [`Travel::legs`].
    pub async fn route(&self, ask: &Ask, places: &[Place]) -> Result<Vec<DrawnLeg>, TravelError> {
        let pairs: Vec<(Place, Place)> =
            places.windows(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
        self.drawn_legs(ask, pairs).await
    }

    /// The drive of each pair, with its line; as [`Travel::route`].
    ///
    /// # Errors
    /// As [`Travel::legs`].
    pub async fn drawn_legs(
        &self,
        ask: &Ask,
        pairs: Vec<(Place, Place)>,
    ) -> Result<Vec<DrawnLeg>, TravelError> {
        let (legs, _) = self.legs(ask, &pairs).await?;
        let (travel, ask) = (self.clone(), ask.clone());
        let draw = move || {
            let drawn = legs.into_iter().zip(&pairs);
            drawn.map(|(leg, (from, to))| travel.drawn(&ask, leg, from, to)).collect()
        };
        tokio::task::spawn_blocking(draw).await.map_err(|_| TravelError::Stopped)
    }

    /// The areas that can be reached from `place` within each of `minutes`, by the embedded roads,
    /// as a GeoJSON `FeatureCollection` in the order asked, with the property `minutes`.
    ///
    /// Cost: some milliseconds for each area.
    ///
    /// # Errors
    /// [`TravelError::NoRoads`], [`TravelError::OffRoad`], [`TravelError::NotOnEarth`].
    pub async fn isochrone(
        &self,
        ask: &Ask,
        place: &Place,
        minutes: &[u32],
    ) -> Result<Value, TravelError> {
        let by_road = ask.by(TravelMode::Road);
        let Means::Road(road) = self.means(&by_road)? else { return Err(TravelError::NoRoads) };
        let snap = road.snap(PlaceKey::of(place), ask.snap_limit_m)?;
        let percent = u32::from(self.percent(&by_road, None));
        // Where drives take longer, less is reached: the same as driving for a shorter time.
        let seconds = |minutes: &u32| minutes.saturating_mul(6000) / percent;
        let seconds: Vec<u32> = minutes.iter().map(seconds).collect();
        let roads = std::sync::Arc::clone(road.roads());
        let work = move || roads.isochrone(&snap, &seconds);
        let mut areas =
            tokio::task::spawn_blocking(work).await.map_err(|_| TravelError::Stopped)?;
        let features = areas["features"].as_array_mut().into_iter().flatten();
        for (feature, minutes) in features.zip(minutes) {
            feature["properties"] = serde_json::json!({ "minutes": minutes });
        }
        Ok(areas)
    }

    fn drawn(&self, ask: &Ask, leg: Option<Leg>, from: &Place, to: &Place) -> DrawnLeg {
        let by_road = matches!(
            ask.mode,
            TravelMode::Road | TravelMode::MaxFixedRoad { .. } | TravelMode::Osrm
        );
        let road = self.inner.road.as_ref().filter(|_| by_road && leg.is_some());
        let line = road.and_then(|road| line(road, from, to, ask.snap_limit_m));
        let on_roads = line.is_some();
        let points = line.unwrap_or_else(|| vec![point(from), point(to)]);
        let polyline = Route { leg: RoadLeg { seconds: 0, metres: 0 }, points }.polyline();
        DrawnLeg { leg, line: Line { polyline, on_roads } }
    }
}

/// The quickest drive from door to door, so that the lines of a day join.
fn line(road: &RoadTravel, from: &Place, to: &Place, limit_m: u32) -> Option<Vec<Point>> {
    let snap = |place| road.snap(PlaceKey::of(place), limit_m).ok();
    let route = road.roads().route(&snap(from)?, &snap(to)?)?;
    let (start, end) = (std::iter::once(point(from)), std::iter::once(point(to)));
    Some(start.chain(route.points).chain(end).collect())
}

fn point(place: &Place) -> Point {
    Point { lat: place.lat, lon: place.lon }
}

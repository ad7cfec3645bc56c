//! Which zones contain a place.
//!
//! The edge of a polygon belongs to it, that of a hole too; the ends of a radius and of a drive
//! time as well. Polygons are flat in degrees, as GeoJSON has them: a zone across the date line is
//! given as two polygons, one on each side (RFC 7946, 3.1.9).

pub mod polygons;

use std::collections::HashSet;

use roundsman_roads::{Roads, Snap};

use crate::domain::id::ZoneId;
use crate::domain::places::Place;
use crate::domain::zones::{Zone, ZoneShape, plain_postcode};
use crate::travel::Travel;
use crate::travel::cache::PlaceKey;
use crate::travel::road::RoadTravel;
use crate::travel::straight::Bearing;
use crate::travel::zones::polygons::Area;

/// The zones of an organization, prepared for asking which contain a place.
#[derive(Debug)]
pub struct ZoneIndex {
    zones: Vec<(ZoneId, Prepared)>,
    road: Option<RoadTravel>,
    snap_limit_m: u32,
}

#[derive(Debug)]
enum Prepared {
    Area(Area),
    Postcodes {
        exact: HashSet<String>,
        starts: Vec<String>,
    },
    Radius {
        centre: Bearing,
        metres: f64,
    },
    DriveTime {
        centre: Option<Snap>,
        seconds: u32,
    },
    /// What was stored before it was checked; contains nothing.
    Unusable,
}

impl ZoneIndex {
    /// Prepares zones; in the order given they come out.
    ///
    /// * `travel`: for zones by drive time; without roads those contain nothing.
    /// * `snap_limit_m`: places farther than this from a road are in no zone by drive time.
    ///
    /// A zone whose shape has faults contains nothing. Cost: linear in the corners of the polygons.
    pub fn new(zones: &[(ZoneId, Zone)], travel: &Travel, snap_limit_m: u32) -> Self {
        let road = travel.inner.road.clone();
        let prepare = |zone: &Zone| prepare(&zone.shape, road.as_ref(), snap_limit_m);
        let zones = zones.iter().map(|(id, zone)| (*id, prepare(zone))).collect();
        Self { zones, road, snap_limit_m }
    }

    /// The zones that contain `place`, in the order in which they were given.
    ///
    /// Cost: linear in the zones, and in the corners of those whose bounds contain the place; some
    /// 20 microseconds for each zone by drive time.
    pub fn containing(&self, place: &Place) -> Vec<ZoneId> {
        let asked = Asked::new(place);
        let mut snap = None;
        let inside = |(_, zone): &&(ZoneId, Prepared)| match zone {
            Prepared::DriveTime { centre, seconds } => {
                let road = self.road.as_ref();
                let snap = *snap.get_or_insert_with(|| {
                    road.and_then(|road| road.snap(PlaceKey::of(place), self.snap_limit_m).ok())
                });
                let roads = road.map(RoadTravel::roads);
                drives(roads.map(AsRef::as_ref), *centre, snap).is_some_and(|s| s <= *seconds)
            }
            zone => asked.is_in(zone),
        };
        self.zones.iter().filter(inside).map(|(id, _)| *id).collect()
    }

    /// Zones that contain nothing because their shape cannot be used.
    pub fn unusable(&self) -> Vec<ZoneId> {
        let broken = |zone: &Prepared| {
            matches!(zone, Prepared::Unusable | Prepared::DriveTime { centre: None, .. })
        };
        self.zones.iter().filter(|(_, zone)| broken(zone)).map(|(id, _)| *id).collect()
    }
}

fn prepare(shape: &ZoneShape, road: Option<&RoadTravel>, snap_limit_m: u32) -> Prepared {
    match shape {
        ZoneShape::Polygon { geometry } => {
            Area::new(geometry).map_or(Prepared::Unusable, Prepared::Area)
        }
        ZoneShape::Postcodes { postcodes } => {
            let (starts, exact): (Vec<String>, Vec<String>) = postcodes
                .iter()
                .map(|code| plain_postcode(code))
                .partition(|code| code.ends_with('*'));
            let starts = starts.iter().map(|code| code.trim_end_matches('*').to_owned()).collect();
            let exact = exact.into_iter().filter(|code| !code.is_empty()).collect();
            Prepared::Postcodes { exact, starts }
        }
        ZoneShape::Radius { centre, metres } => Prepared::Radius {
            centre: Bearing::new(centre.lat, centre.lon),
            metres: f64::from(*metres),
        },
        ZoneShape::DriveTime { centre, minutes } => {
            let snap = road.and_then(|road| road.snap(PlaceKey::of(centre), snap_limit_m).ok());
            Prepared::DriveTime { centre: snap, seconds: minutes.saturating_mul(60) }
        }
    }
}

/// A place with what each kind of zone looks at.
#[derive(Debug)]
struct Asked {
    lat: f64,
    lon: f64,
    bearing: Bearing,
    postcode: String,
}

impl Asked {
    fn new(place: &Place) -> Self {
        let (lat, lon) = (place.lat, place.lon);
        let postcode = plain_postcode(&place.address.postcode);
        Self { lat, lon, bearing: Bearing::new(lat, lon), postcode }
    }

    fn is_in(&self, zone: &Prepared) -> bool {
        match zone {
            Prepared::Area(area) => area.contains(self.lat, self.lon),
            Prepared::Postcodes { exact, starts } => {
                let code = &self.postcode;
                let begins = || starts.iter().any(|start| code.starts_with(start));
                !code.is_empty() && (exact.contains(code) || begins())
            }
            Prepared::Radius { centre, metres } => {
                // A tenth of a millimetre for what floats lose.
                centre.distance_m(self.bearing) <= metres + 1e-4
            }
            Prepared::DriveTime { .. } | Prepared::Unusable => false,
        }
    }
}

/// Seconds of driving, if both places are on roads and there is a way.
fn drives(roads: Option<&Roads>, from: Option<Snap>, to: Option<Snap>) -> Option<u32> {
    roads?.leg(&from?, &to?).map(|leg| leg.seconds)
}

//! Drives between the places of a file: on roads, or in straight lines.

use std::path::Path;

use roundsman_roads::{Point, Roads, Snap, polyline};

use super::super::error::CliError;
use super::super::roads;
use super::super::settings::SettingsArgs;
use crate::domain::places::Place;
use crate::planning::solving::{self, Coordinates, Problem, Travel};
use crate::travel::cache::PlaceKey;
use crate::travel::straight::StraightLine;

/// Driven distance over distance as the crow flies, in towns and villages.
const DETOUR: f64 = 1.3;
/// Average speed in km/h.
const SPEED_KMH: f64 = 40.0;
/// Farthest a place may be from a road, in metres.
const SNAP_LIMIT_M: f64 = 1_000.0;

type Drive = Option<(u32, u32)>;

/// Drives on roads, or in straight lines where there are none.
#[derive(Default)]
pub(super) struct Ways {
    roads: Option<Roads>,
}

impl Ways {
    /// The roads of `map`, else those of the settings.
    ///
    /// # Errors
    /// If the map cannot be used.
    pub(super) fn open(settings: &SettingsArgs, map: Option<&Path>) -> Result<Self, CliError> {
        let own: Vec<_> =
            map.map(|map| ("--map", "roads.file", map.display().to_string())).into_iter().collect();
        let (config, _) = settings.load(&own)?;
        // A map that cannot be used is a wrong flag.
        let opened = roads::open(&config).map_err(|error| match error {
            CliError::Fault(why) if map.is_some() => CliError::Usage(why),
            other => other,
        });
        Ok(Self { roads: opened? })
    }

    /// Reckons the drives that a file asks for.
    ///
    /// # Errors
    /// Every place that is too far from a road.
    pub(super) fn fill(&self, problem: &mut Problem) -> Result<(), CliError> {
        let Travel::Asked(places) = problem.case().travel.clone() else { return Ok(()) };
        let legs = match &self.roads {
            Some(roads) => by_road(roads, &places, |at| solving::who_is_at(problem, at))?,
            None => straight(&places),
        };
        if solving::drive(problem, &legs) {
            return Ok(());
        }
        Err(CliError::Fault("the drives do not fit the places".to_owned()))
    }

    /// The line through some places, straight where no road leads.
    pub(super) fn path(&self, stops: &[Coordinates]) -> Vec<Coordinates> {
        let Some(roads) = &self.roads else { return stops.to_vec() };
        let snap =
            |at: &Coordinates| roads.snap(Point { lat: at.lat, lon: at.lon }, SNAP_LIMIT_M).ok();
        let mut path: Vec<Coordinates> = stops.first().copied().into_iter().collect();
        for pair in stops.windows(2) {
            let [from, to] = pair else { continue };
            let route = snap(from).zip(snap(to)).and_then(|(from, to)| roads.route(&from, &to));
            let points = route.map(|route| route.points).unwrap_or_default();
            path.extend(points.iter().map(|at| Coordinates { lat: at.lat, lon: at.lon }));
            path.push(*to);
        }
        path.dedup();
        path
    }

    /// The same as an encoded polyline.
    pub(super) fn polyline(&self, stops: &[Coordinates]) -> String {
        let path = self.path(stops);
        let points: Vec<Point> = path.iter().map(|at| Point { lat: at.lat, lon: at.lon }).collect();
        polyline(&points)
    }
}

/// * `who`: what stands at a place, by its position.
fn by_road(
    roads: &Roads,
    places: &[Coordinates],
    who: impl Fn(usize) -> String,
) -> Result<Vec<Drive>, CliError> {
    let (mut snaps, mut faults): (Vec<Snap>, Vec<String>) = (Vec::new(), Vec::new());
    for (at, &Coordinates { lat, lon }) in places.iter().enumerate() {
        match roads.snap(Point { lat, lon }, SNAP_LIMIT_M) {
            Ok(snap) => snaps.push(snap),
            Err(error) => {
                faults.push(format!("{} at lat {lat}, lon {lon}: {error}", who(at)));
            }
        }
    }
    if !faults.is_empty() {
        return Err(CliError::Usage(faults.join("\n")));
    }
    let matrix = roads.matrix(&snaps, &snaps);
    let count = places.len();
    let leg = |from: usize, to: usize| {
        if from == to {
            return Some((0, 0));
        }
        matrix.leg(from, to).map(|leg| (leg.seconds, leg.metres))
    };
    Ok((0..count).flat_map(|from| (0..count).map(move |to| leg(from, to))).collect())
}

fn straight(places: &[Coordinates]) -> Vec<Drive> {
    let line = StraightLine::new(DETOUR, SPEED_KMH);
    let keys: Vec<PlaceKey> =
        places.iter().map(|place| PlaceKey::of(&Place::at(place.lat, place.lon))).collect();
    let leg = |from: PlaceKey, to: PlaceKey| {
        let leg = line.leg(from, to);
        leg.is_reachable().then_some((leg.seconds, leg.metres))
    };
    keys.iter().flat_map(|from| keys.iter().map(move |to| leg(*from, *to))).collect()
}

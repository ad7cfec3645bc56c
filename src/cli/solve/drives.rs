//! Drives between the places of a file: on roads, or in straight lines.

use std::path::Path;

use roundsman_roads::{Point, Roads, Snap};

use super::super::error::CliError;
use super::super::settings::SettingsArgs;
use super::super::{output, roads};
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

/// Reckons the drives that a file asks for.
///
/// # Errors
/// If the map cannot be used; every place that is too far from a road.
pub(super) fn fill(
    settings: &SettingsArgs,
    map: Option<&Path>,
    problem: &mut Problem,
) -> Result<(), CliError> {
    let Travel::Asked(places) = problem.case().travel.clone() else {
        if map.is_some() {
            output::warn("the file has drives of its own; --map is not needed");
        }
        return Ok(());
    };
    let own: Vec<_> =
        map.map(|map| ("--map", "roads.file", map.display().to_string())).into_iter().collect();
    let (config, _) = settings.load(&own)?;
    let legs = match roads::open(&config)? {
        Some(roads) => by_road(&roads, &places)?,
        None => straight(&places),
    };
    if solving::drive(problem, &legs) {
        return Ok(());
    }
    Err(CliError::Fault("the drives do not fit the places".to_owned()))
}

fn by_road(roads: &Roads, places: &[Coordinates]) -> Result<Vec<Drive>, CliError> {
    let (mut snaps, mut faults): (Vec<Snap>, Vec<String>) = (Vec::new(), Vec::new());
    for &Coordinates { lat, lon } in places {
        match roads.snap(Point { lat, lon }, SNAP_LIMIT_M) {
            Ok(snap) => snaps.push(snap),
            Err(error) => faults.push(format!("{lat}, {lon}: {error}")),
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

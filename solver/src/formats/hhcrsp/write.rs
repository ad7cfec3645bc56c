//! The plan: who is with which patient from when until when.

use serde::Serialize;

use super::TICKS_DECIMAL;
use crate::formats::cases::Case;
use crate::optimize::Solution;
use crate::optimize::solution::{RouteStop, StopKind};

#[derive(Serialize)]
struct Plan<'a> {
    routes: Vec<Tour<'a>>,
}

#[derive(Serialize)]
struct Tour<'a> {
    caregiver_id: &'a str,
    locations: Vec<Stay<'a>>,
}

#[derive(Serialize)]
struct Stay<'a> {
    patient: &'a str,
    service: &'a str,
    /// Start of the service, after any waiting.
    arrival_time: f64,
    departure_time: f64,
}

/// Writes a plan as the collection's validator reads it.
pub fn write(case: &Case, solution: &Solution) -> String {
    let routes = solution.routes.iter().map(|route| Tour {
        caregiver_id: case.names.shifts.get(route.shift.at()).map_or("", String::as_str),
        locations: route.stops.iter().filter_map(|stop| stay(case, stop)).collect(),
    });
    let plan = Plan { routes: routes.collect() };
    serde_json::to_string_pretty(&plan).unwrap_or_default()
}

fn stay<'a>(case: &'a Case, stop: &RouteStop) -> Option<Stay<'a>> {
    let StopKind::Visit { visit, role } = stop.kind else { return None };
    let (patient, services) = case.names.visits.get(visit.at())?.rsplit_once('/')?;
    let service = services.split('+').nth(usize::from(role)).unwrap_or(services);
    let decimal = |ticks: i64| units(ticks) / TICKS_DECIMAL;
    Some(Stay {
        patient,
        service,
        arrival_time: decimal(stop.start.0),
        departure_time: decimal(stop.end.0),
    })
}

#[expect(clippy::cast_precision_loss, reason = "days in thousandths of minutes are far below 2^53")]
fn units(ticks: i64) -> f64 {
    ticks as f64
}

//! The plan, with lunch at a patient or terminal point as the set wants it.

use serde::Serialize;

use crate::formats::cases::Case;
use crate::optimize::Solution;
use crate::optimize::solution::{Route, RouteStop, StopKind};
use crate::units::{Moment, PlaceIdx, ShiftIdx};

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
    /// Left out for lunch where the caregiver sets out or comes back.
    #[serde(skip_serializing_if = "Option::is_none")]
    patient: Option<&'a str>,
    service: &'a str,
    start_time: i64,
    end_time: i64,
}

/// Writes a plan as the collection's validator reads it.
///
/// The model takes lunch anywhere on the way, this set at one end of a drive: at the next stop if
/// there is time after arrival, else at the stop before; where neither fits, lunch is left out.
pub fn write(case: &Case, solution: &Solution) -> String {
    // Everybody has a route, so that the idle time of those without work is seen.
    let routes = (0..).zip(&case.names.shifts).map(|(shift, caregiver_id)| {
        let route = solution.routes.iter().find(|route| route.shift == ShiftIdx(shift));
        Tour { caregiver_id, locations: route.map_or(Vec::new(), |route| stays(case, route)) }
    });
    serde_json::to_string_pretty(&Plan { routes: routes.collect() }).unwrap_or_default()
}

fn stays<'a>(case: &'a Case, route: &Route) -> Vec<Stay<'a>> {
    let mut stays = Vec::new();
    for (at, stop) in route.stops.iter().enumerate() {
        match stop.kind {
            StopKind::Visit { visit, role } => {
                let name = case.names.visits.get(visit.at()).and_then(|name| name.rsplit_once('/'));
                let Some((patient, services)) = name else { continue };
                let service = services.split('+').nth(usize::from(role)).unwrap_or(services);
                let (start_time, end_time) = (stop.start.0, stop.end.0);
                stays.push(Stay { patient: Some(patient), service, start_time, end_time });
            }
            StopKind::Break { index } => stays.extend(lunch(case, route, at, index)),
            StopKind::Depot { .. } => {}
        }
    }
    stays
}

/// One end of the drive that lunch interrupts.
struct End<'a> {
    place: Option<PlaceIdx>,
    patient: Option<&'a str>,
    time: Moment,
}

fn lunch<'a>(case: &'a Case, route: &Route, at: usize, index: usize) -> Option<Stay<'a>> {
    let shift = case.model.shifts.get(route.shift.at())?;
    let pause = shift.breaks.get(index)?;
    let visited = |stop: &RouteStop, time: Moment| {
        let StopKind::Visit { visit, .. } = stop.kind else { return None };
        let patient = case.names.visits[visit.at()].rsplit_once('/').map(|(patient, _)| patient);
        Some(End { place: case.model.visits[visit.at()].place, patient, time })
    };
    let leaves = End { place: shift.start_place, patient: None, time: shift.start };
    let before = route.stops[..at].iter().rev().find_map(|stop| visited(stop, stop.end));
    let before = before.unwrap_or(leaves);
    let back = End { place: shift.end_place, patient: None, time: Moment(i64::MAX) };
    let after = route.stops[at + 1..].iter().find_map(|stop| visited(stop, stop.start));
    let after = after.unwrap_or(back);
    let drive = case.model.matrices.first()?.leg(before.place, after.place).travel();
    let fits = |from: Moment, until: Moment| {
        let mut starts = pause.starts.iter().map(|&(first, last)| (from.max(first), last));
        let start = starts.find(|(start, last)| start <= last).map(|(start, _)| start)?;
        (until.0 == i64::MAX || start + pause.duration <= until).then_some(start)
    };
    let there = fits(before.time + drive, after.time).map(|start| (start, after.patient));
    let until = if after.time.0 == i64::MAX { after.time } else { after.time - drive };
    let here = || fits(before.time, until).map(|start| (start, before.patient));
    // On the way home lunch comes before the drive: waiting for it there would be overtime.
    let home_last = after.patient.is_none();
    let found = if home_last { here().or(there) } else { there.or_else(here) };
    found.map(|(start, patient)| Stay {
        patient,
        service: "lunch_break",
        start_time: start.0,
        end_time: (start + pause.duration).0,
    })
}

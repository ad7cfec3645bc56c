//! Plans for people and maps: a table, and GeoJSON.

use std::fmt::Write as _;

use chrono::DateTime;
use roundsman_solver::formats::{Case, Coordinates};
use roundsman_solver::optimize::solution::{Route, RouteStop, StopKind};
use roundsman_solver::units::PlaceIdx;
use serde_json::{Value, json};

use super::{Answer, Drawing, Problem};

/// The plan as a table: a block per route, a line per stop.
pub fn table(problem: &Problem, answer: &Answer) -> String {
    let case = problem.case();
    let mut text = String::new();
    for route in &answer.solution.routes {
        let driving = route.stops.iter().map(|stop| stop.drive.0).sum::<i64>() + route.drive_home.0;
        let _ = writeln!(
            text,
            "{}  {} - {}  driving {}",
            name(&case.names.shifts, route.shift.at()),
            time(case, route.departure.0),
            time(case, route.arrival.0),
            length(case, driving),
        );
        for stop in &route.stops {
            let _ = writeln!(
                text,
                "  {}  {}  {}",
                time(case, stop.start.0),
                time(case, stop.end.0),
                what(case, stop.kind)
            );
        }
    }
    for visit in &answer.solution.unassigned {
        let _ = writeln!(text, "left out  {}", name(&case.names.visits, visit.at()));
    }
    let score = answer.solution.score;
    let _ = writeln!(
        text,
        "{}, {} left out, cost {}",
        counted(answer.solution.routes.len(), "route"),
        counted(answer.solution.unassigned.len(), "visit"),
        case.cost_text(score.cost)
    );
    text
}

/// A number of things in words.
fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

fn name(names: &[String], at: usize) -> String {
    names.get(at).cloned().unwrap_or_else(|| at.to_string())
}

fn what(case: &Case, kind: StopKind) -> String {
    match kind {
        StopKind::Visit { visit, .. } => name(&case.names.visits, visit.at()),
        StopKind::Break { .. } => "break".to_owned(),
        StopKind::Depot { place } => format!("depot {}", name(&case.names.places, place.at())),
    }
}

/// A moment: a date and time in UTC, or the number of the file's own clock.
fn time(case: &Case, seconds: i64) -> String {
    let date = DateTime::from_timestamp(seconds, 0).filter(|_| case.dates);
    date.map_or_else(|| case.time_text(seconds), |date| date.format("%F %TZ").to_string())
}

fn length(case: &Case, seconds: i64) -> String {
    if case.time_scale != 1 {
        return case.time_text(seconds);
    }
    format!("{}:{:02} h", seconds / 3600, seconds % 3600 / 60)
}

/// The plan as GeoJSON: a line per route and a point per stop; `None` if the problem does not say
/// where things are on the Earth.
///
/// * `drawing`: for lines that follow the roads.
pub fn geojson(problem: &Problem, answer: &Answer, drawing: Option<Drawing<'_>>) -> Option<String> {
    let case = problem.case();
    if case.coordinates.iter().all(Option::is_none) {
        return None;
    }
    let mut features = Vec::new();
    for route in &answer.solution.routes {
        features.extend(features_of(case, route, drawing));
    }
    let collection = json!({ "type": "FeatureCollection", "features": features });
    Some(format!("{collection:#}\n"))
}

fn features_of(case: &Case, route: &Route, drawing: Option<Drawing<'_>>) -> Vec<Value> {
    let shift = &case.model.shifts[route.shift.at()];
    let shift_name = name(&case.names.shifts, route.shift.at());
    let (mut line, mut features) = (Vec::new(), Vec::new());
    line.extend(shift.start_place.and_then(|place| spot(case, place.at())));
    for (number, stop) in (1..).zip(&route.stops) {
        let Some(place) = place_of(case, stop) else { continue };
        let Some(at) = spot(case, place) else { continue };
        line.push(at);
        features.push(json!({
            "type": "Feature",
            "geometry": { "type": "Point", "coordinates": at },
            "properties": {
                "shift": shift_name,
                "number": number,
                "stop": what(case, stop.kind),
                "start": time(case, stop.start.0),
                "end": time(case, stop.end.0),
            },
        }));
    }
    line.extend(shift.end_place.and_then(|place| spot(case, place.at())));
    if line.len() > 1 {
        let line = drawing.map_or(line.clone(), |drawing| {
            let stops = line.iter().map(|[lon, lat]| Coordinates { lat: *lat, lon: *lon });
            let path = (drawing.path)(&stops.collect::<Vec<_>>());
            path.iter().map(|point| [point.lon, point.lat]).collect()
        });
        features.insert(
            0,
            json!({
                "type": "Feature",
                "geometry": { "type": "LineString", "coordinates": line },
                "properties": { "shift": shift_name },
            }),
        );
    }
    features
}

fn place_of(case: &Case, stop: &RouteStop) -> Option<usize> {
    match stop.kind {
        StopKind::Visit { visit, .. } => case.model.visits[visit.at()].place.map(PlaceIdx::at),
        StopKind::Depot { place } => Some(place.at()),
        StopKind::Break { .. } => None,
    }
}

fn spot(case: &Case, place: usize) -> Option<[f64; 2]> {
    let Coordinates { lat, lon } = (*case.coordinates.get(place)?)?;
    Some([lon, lat])
}

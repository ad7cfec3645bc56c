//! Route lines: `Route #1: 4 7 2` and `Cost 827.3`, as solution files of routing benchmarks have them.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use crate::formats::cases::Case;
use crate::formats::faults::Faults;
use crate::optimize::Solution;
use crate::optimize::solution::{Route, StopKind};
use crate::units::{ShiftIdx, VisitIdx};

/// Visits of one shift in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Whose.
    pub shift: ShiftIdx,
    /// Visits, and stops at depots as `None`.
    pub stops: Vec<Option<VisitIdx>>,
}

/// The routes of a plan as lines, numbered from 1, and its cost.
///
/// Breaks are left out, stops at a depot are the name of its place.
pub fn write(case: &Case, solution: &Solution) -> String {
    let mut text = String::new();
    for (number, route) in (1..).zip(&solution.routes) {
        let _ = writeln!(text, "Route #{number}: {}", stops(case, route));
    }
    let _ = writeln!(text, "Cost {}", case.cost_text(solution.score.cost));
    text
}

/// The same with the number of a route being the number of its shift in the document.
pub fn write_by_shift(case: &Case, solution: &Solution) -> String {
    let mut text = String::new();
    for route in &solution.routes {
        let name = case.names.shifts.get(route.shift.at()).map_or("", String::as_str);
        let _ = writeln!(text, "Route #{name}: {}", stops(case, route));
    }
    let _ = writeln!(text, "Cost {}", case.cost_text(solution.score.cost));
    text
}

fn stops(case: &Case, route: &Route) -> String {
    let name = |kind: StopKind| match kind {
        StopKind::Visit { visit, .. } => case.names.visits.get(visit.at()),
        StopKind::Depot { place } => case.names.places.get(place.at()),
        StopKind::Break { .. } => None,
    };
    let names: Vec<&str> =
        route.stops.iter().filter_map(|stop| name(stop.kind)).map(String::as_str).collect();
    names.join(" ")
}

/// Reads route lines; lines that are none are left out.
///
/// * `by_shift`: the number of a route names a shift; else routes take the shifts in order.
///
/// # Errors
/// Every name that is not known, every visit that is there twice, and more routes than shifts.
pub fn read(case: &Case, text: &str, by_shift: bool) -> Result<Vec<Line>, Faults> {
    let visits: HashMap<&str, VisitIdx> =
        case.names.visits.iter().map(String::as_str).zip((0..).map(VisitIdx)).collect();
    let shifts: HashMap<&str, u32> =
        case.names.shifts.iter().map(String::as_str).zip(0..).collect();
    let (mut faults, mut seen, mut found) = (Faults::default(), HashSet::new(), Vec::new());
    for (number, line) in (1..).zip(text.lines()) {
        let Some((name, stops)) = route(line) else { continue };
        let at = format!("line {number}");
        let mut read = Vec::new();
        for stop in stops.split_whitespace() {
            match visits.get(stop) {
                Some(visit) if !seen.insert(*visit) => {
                    faults.add(&at, format!("visit {stop} is there twice"));
                }
                Some(visit) => read.push(Some(*visit)),
                None if case.names.places.first().is_some_and(|depot| depot == stop) => {
                    read.push(None);
                }
                None => faults.add(&at, format!("there is no visit {stop}")),
            }
        }
        let next = u32::try_from(found.len()).unwrap_or(u32::MAX);
        let shift = if by_shift { shifts.get(name).copied() } else { Some(next) };
        match shift.filter(|shift| (*shift as usize) < case.model.shifts.len()) {
            Some(shift) => found.push(Line { shift: ShiftIdx(shift), stops: read }),
            None => faults.add(&at, format!("there is no shift for route {name}")),
        }
    }
    faults.or(found)
}

/// The number and the stops of a route line.
fn route(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start();
    let rest = line.get(..5).filter(|word| word.eq_ignore_ascii_case("route"))?;
    let (number, stops) = line[rest.len()..].split_once(':')?;
    Some((number.trim().trim_start_matches('#').trim(), stops))
}

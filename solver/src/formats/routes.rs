//! Route lines: `Route #1: 4 7 2` and `Cost 827.3`, as solution files of routing benchmarks have them.

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::formats::cases::Case;
use crate::formats::faults::Faults;
use crate::optimize::Solution;
use crate::optimize::solution::{Route, Rule, StopKind};
use crate::units::{ShiftIdx, VisitIdx};

/// Visits of one shift in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Whose.
    pub shift: ShiftIdx,
    /// Visits, and stops at depots as `None`.
    pub stops: Vec<Option<VisitIdx>>,
}

/// What the number of a route says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Numbers {
    /// Nothing: all shifts are alike, and routes take them in order.
    InOrder,
    /// The position of the shift, from 1.
    Position,
    /// The name of the shift.
    Name,
}

/// The routes of a plan as lines, and its cost but for what shifts cost to be used where only their
/// number counts.
///
/// Breaks are left out, stops at a depot are the name of its place.
pub fn write(case: &Case, solution: &Solution, numbers: Numbers) -> String {
    let mut text = String::new();
    for (number, route) in (1..).zip(&solution.routes) {
        let at = route.shift.at();
        let name = match numbers {
            Numbers::InOrder => number.to_string(),
            Numbers::Position => (at + 1).to_string(),
            Numbers::Name => case.names.shifts.get(at).cloned().unwrap_or_default(),
        };
        let _ = writeln!(text, "Route #{name}: {}", stops(case, route));
    }
    let used = solution.costs.iter().filter(|(rule, _)| *rule == Rule::Used);
    let used: i64 = used.map(|(_, cost)| cost).sum();
    let cost = solution.score.cost - if numbers == Numbers::InOrder { used } else { 0 };
    let _ = writeln!(text, "Cost {}", case.cost_text(cost));
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
/// # Errors
/// Every name that is not known, every visit that is there more often than it has people, and every
/// route without a shift.
pub fn read(case: &Case, text: &str, numbers: Numbers) -> Result<Vec<Line>, Faults> {
    let visits: HashMap<&str, VisitIdx> =
        case.names.visits.iter().map(String::as_str).zip((0..).map(VisitIdx)).collect();
    let shifts: HashMap<&str, u32> =
        case.names.shifts.iter().map(String::as_str).zip(0..).collect();
    let (mut faults, mut found) = (Faults::default(), Vec::new());
    let mut seen: HashMap<VisitIdx, usize> = HashMap::new();
    for (number, line) in (1..).zip(text.lines()) {
        let Some((name, stops)) = route(line) else { continue };
        let at = format!("line {number}");
        let mut read = Vec::new();
        for stop in stops.split_whitespace() {
            match visits.get(stop) {
                Some(visit) => {
                    let times = seen.entry(*visit).or_default();
                    *times += 1;
                    let crew = case.model.visits[visit.at()].crew.len();
                    if *times > crew {
                        let often =
                            if crew == 1 { "twice".to_owned() } else { format!("{times} times") };
                        faults.add(&at, format!("visit {stop} is there {often}"));
                    } else {
                        read.push(Some(*visit));
                    }
                }
                None if case.names.places.first().is_some_and(|depot| depot == stop) => {
                    read.push(None);
                }
                None => faults.add(&at, format!("there is no visit {stop}")),
            }
        }
        let next = u32::try_from(found.len()).unwrap_or(u32::MAX);
        let shift = match numbers {
            Numbers::InOrder => Some(next),
            Numbers::Position => name.parse::<u32>().ok().and_then(|number| number.checked_sub(1)),
            Numbers::Name => shifts.get(name).copied(),
        };
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

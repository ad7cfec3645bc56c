//! Plans as route lines: nothing but who goes where in which order, so that times and roles are ours.

use std::collections::HashMap;

use super::read::read_by;
use super::{Plan, PlanRoute, PlanStop};
use crate::formats::cases::Case;
use crate::formats::faults::Faults;
use crate::formats::native::{PLAN_FORMAT, VERSION};
use crate::formats::routes::Line;
use crate::optimize::Solution;
use crate::optimize::model::Link;
use crate::optimize::solution::StopKind;
use crate::problem::SkillNeed;
use crate::units::{Moment, ShiftIdx, TechnicianIdx, VisitIdx};

/// Rounds in which visits are put off until those who come together start together.
const ROUNDS: usize = 200;

/// Route lines as a plan: everybody as early as can be, crews together, visits after those that they
/// have to follow. A crew's members take the roles that their skills and equipment allow.
///
/// # Errors
/// Every fault, as of [`super::read_plan`].
pub fn read_lines(case: &Case, lines: &[Line]) -> Result<Solution, Faults> {
    let plan = plan_of(case, lines);
    let mut least = HashMap::new();
    let mut solution = read_by(case, &plan, Faults::default(), &least)?;
    for _ in 0..ROUNDS {
        if !put_off(case, &solution, &mut least) {
            break;
        }
        solution = read_by(case, &plan, Faults::default(), &least)?;
    }
    Ok(solution)
}

fn plan_of(case: &Case, lines: &[Line]) -> Plan {
    let mut roles = roles(case, lines);
    let depot = |shift: ShiftIdx| {
        let depot = case.model.shifts.get(shift.at()).and_then(|shift| shift.depots.first());
        depot.and_then(|depot| case.names.places.get(depot.at()).cloned())
    };
    let mut stop = |stop: Option<VisitIdx>, shift: ShiftIdx| PlanStop {
        visit: stop.and_then(|visit| case.names.visits.get(visit.at()).cloned()),
        role: stop.and_then(|visit| roles.remove(&(visit, shift))),
        depot: if stop.is_none() { depot(shift) } else { None },
        ..PlanStop::default()
    };
    let mut route = |line: &Line| PlanRoute {
        shift: case.names.shifts.get(line.shift.at()).cloned().unwrap_or_default(),
        technician: None,
        departure: None,
        arrival: None,
        drive_home_s: None,
        distance_home_m: None,
        // Where nothing can be fetched, the depot at both ends is no stop.
        stops: line
            .stops
            .iter()
            .map(|&visit| stop(visit, line.shift))
            .filter(|stop| stop.visit.is_some() || stop.depot.is_some())
            .collect(),
    };
    let lines = lines.iter().filter(|line| line.stops.iter().any(Option::is_some));
    Plan {
        format: PLAN_FORMAT.to_owned(),
        version: VERSION,
        routes: lines.map(&mut route).collect(),
        ..Plan::default()
    }
}

/// Who of a crew has which role: as many as can have one that they are able to fill, the others what
/// is left.
fn roles(case: &Case, lines: &[Line]) -> HashMap<(VisitIdx, ShiftIdx), u8> {
    let mut crews: HashMap<VisitIdx, Vec<ShiftIdx>> = HashMap::new();
    for line in lines {
        for visit in line.stops.iter().flatten() {
            if case.model.visits[visit.at()].crew.len() > 1 {
                crews.entry(*visit).or_default().push(line.shift);
            }
        }
    }
    let mut found = HashMap::new();
    for (visit, shifts) in crews {
        let roles = case.model.visits[visit.at()].crew.len();
        let mut holders: Vec<Option<usize>> = vec![None; roles];
        for at in 0..shifts.len() {
            let able = |who: usize, role: usize| {
                can(case, case.model.shifts[shifts[who].at()].technician, (visit, role))
            };
            take(&able, at, &mut holders, &mut vec![false; roles]);
        }
        for at in 0..shifts.len() {
            if !holders.contains(&Some(at))
                && let Some(free) = holders.iter_mut().find(|holder| holder.is_none())
            {
                *free = Some(at);
            }
        }
        for (role, holder) in (0..).zip(holders) {
            found.extend(holder.map(|at| ((visit, shifts[at]), role)));
        }
    }
    found
}

/// Gives somebody a role, moving others to roles they can fill as well.
fn take(
    able: &impl Fn(usize, usize) -> bool,
    who: usize,
    holders: &mut [Option<usize>],
    asked: &mut [bool],
) -> bool {
    for role in 0..holders.len() {
        if asked[role] || !able(who, role) {
            continue;
        }
        asked[role] = true;
        if holders[role].is_none_or(|other| take(able, other, holders, asked)) {
            holders[role] = Some(who);
            return true;
        }
    }
    false
}

fn can(case: &Case, who: TechnicianIdx, (visit, role): (VisitIdx, usize)) -> bool {
    let technician = &case.model.technicians[who.at()];
    let needs = &case.model.visits[visit.at()].crew[role].needs;
    let holds = |need: &SkillNeed| technician.skills.iter().any(|held| held.meets(*need));
    needs.skills.iter().all(holds) && technician.carries(needs)
}

/// Notes visits that start before others of their crew, or too soon after one they follow; whether
/// there were some.
fn put_off(case: &Case, solution: &Solution, least: &mut HashMap<VisitIdx, Moment>) -> bool {
    let mut times: HashMap<VisitIdx, (Moment, Moment, Moment)> = HashMap::new();
    for stop in solution.routes.iter().flat_map(|route| &route.stops) {
        if let StopKind::Visit { visit, .. } = stop.kind {
            let known = times.entry(visit).or_insert((stop.start, stop.start, stop.end));
            *known = (known.0.min(stop.start), known.1.max(stop.start), known.2.max(stop.end));
        }
    }
    let mut changed = false;
    let mut raise = |visit: VisitIdx, (first, to): (Moment, Moment)| {
        if first < to {
            changed |= least.insert(visit, to).is_none_or(|was| was < to);
        }
    };
    for (&visit, &(first, last, _)) in &times {
        raise(visit, (first, last));
    }
    for link in &case.model.links {
        let (before, after) = link.visits();
        let Some((before, after_at)) = times.get(&before).zip(times.get(&after)) else { continue };
        match *link {
            Link::Gap { min, .. } => raise(after, (after_at.0, before.2 + min)),
            Link::Starts { min, .. } => raise(after, (after_at.0, before.1 + min)),
            _ => {}
        }
    }
    changed
}

//! What a plan of the optimizer changes against the plan in force, visit by visit.

use std::collections::{BTreeMap, BTreeSet};

use roundsman_solver::optimize::Solution;
use roundsman_solver::optimize::solution::{Route, StopKind};
use roundsman_solver::units::{Moment, Seconds, ShiftIdx};

use crate::domain::id::{TechnicianId, VisitId};
use crate::domain::proposals::Stand;
use crate::planning::optimizing::drafting::Problem;
use crate::planning::times::{instant, moment};

/// What a plan changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// The visits that change, by their new start; those taken out last.
    pub changes: Vec<Change>,
    /// Visits that wait as before.
    pub left_out: Vec<VisitId>,
    /// Seconds of driving in the new plan.
    pub drive_s: i64,
    /// Metres of driving in the new plan.
    pub drive_m: i64,
}

/// One visit that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Which.
    pub visit_id: VisitId,
    /// From whom and when.
    pub before: Option<Stand>,
    /// To whom and when.
    pub after: Option<Stand>,
    /// Positions in the list of the changes that must come with it: where they stood they leave it no time.
    pub with: Vec<usize>,
}

/// Who is with a visit in the new plan, in which shift of the model, and from when until when.
type Reach = Vec<(TechnicianId, ShiftIdx, (Moment, Moment))>;

/// What `solution` changes.
pub fn differences(problem: &Problem, solution: &Solution) -> Difference {
    let mut found = Difference::default();
    let mut placed: BTreeMap<usize, (Stand, Reach)> = BTreeMap::new();
    for route in &solution.routes {
        found.drive_s += drive(route).0;
        found.drive_m += metres(route);
        place(problem, route, &mut placed);
    }
    let mut changes: Vec<(Change, Reach, usize)> = Vec::new();
    for (at, key) in problem.visits.iter().enumerate().filter(|(_, key)| key.movable) {
        let after = placed.remove(&at);
        if key.before.is_none() && after.is_none() {
            found.left_out.push(key.visit_id);
            continue;
        }
        let (after, reach) =
            after.map_or((None, Reach::new()), |(stand, reach)| (Some(stand), reach));
        if !is_same(key.before.as_ref(), after.as_ref()) {
            let (visit_id, before) = (key.visit_id, key.before.clone());
            changes.push((Change { visit_id, before, after, with: Vec::new() }, reach, at));
        }
    }
    changes.sort_by_key(|(change, ..)| {
        let start = change.after.as_ref().map(|stand| stand.start);
        (start.is_none(), start, change.visit_id)
    });
    bind(problem, &mut changes);
    found.changes = changes.into_iter().map(|(change, ..)| change).collect();
    found
}

fn drive(route: &Route) -> Seconds {
    let legs: i64 = route.stops.iter().map(|stop| stop.drive.0).sum();
    Seconds(legs + route.drive_home.0)
}

fn metres(route: &Route) -> i64 {
    route.stops.iter().map(|stop| stop.metres.0).sum::<i64>() + route.metres_home.0
}

/// Notes where the visits of a route stand, by role.
fn place(problem: &Problem, route: &Route, placed: &mut BTreeMap<usize, (Stand, Reach)>) {
    let technician_id = problem.shifts[route.shift.at()].technician_id;
    for stop in &route.stops {
        let StopKind::Visit { visit, role } = stop.kind else { continue };
        let crew = problem.model.visits[visit.at()].crew.len();
        let (stand, reach) = placed.entry(visit.at()).or_insert_with(|| {
            let technician_ids = vec![technician_id; crew];
            let (start, end) = (instant(stop.start), instant(stop.end));
            (Stand { technician_ids, start, end }, Reach::new())
        });
        if let Some(member) = stand.technician_ids.get_mut(usize::from(role)) {
            *member = technician_id;
        }
        stand.end = stand.end.max(instant(stop.end));
        reach.push((technician_id, route.shift, (stop.start, stop.end)));
    }
}

/// Whether two stands are the same, whoever has which role.
fn is_same(before: Option<&Stand>, after: Option<&Stand>) -> bool {
    let (Some(before), Some(after)) = (before, after) else {
        return before.is_none() && after.is_none();
    };
    let people = |stand: &Stand| stand.technician_ids.iter().copied().collect::<BTreeSet<_>>();
    before.start == after.start && people(before) == people(after)
}

/// Binds each change to those that leave no time for it where they stood: by overlap, or since the
/// drive to or from there would take too long.
fn bind(problem: &Problem, changes: &mut [(Change, Reach, usize)]) {
    let mut old: BTreeMap<TechnicianId, Vec<(Moment, Moment, usize)>> = BTreeMap::new();
    for (at, (change, ..)) in changes.iter().enumerate() {
        if let Some(stand) = &change.before {
            for id in &stand.technician_ids {
                let span = (moment(stand.start), moment(stand.end), at);
                old.entry(*id).or_default().push(span);
            }
        }
    }
    let visits: Vec<usize> = changes.iter().map(|(_, _, visit)| *visit).collect();
    for (at, (change, reach, visit)) in changes.iter_mut().enumerate() {
        let mut with = BTreeSet::new();
        for (id, shift, (from, until)) in reach.iter() {
            let there = old.get(id).into_iter().flatten();
            let taken = there.filter(|(start, end, other)| {
                let drive = |from, to| problem.drive(*shift, from, to);
                *other != at
                    && *start < *until + drive(*visit, visits[*other])
                    && *from < *end + drive(visits[*other], *visit)
            });
            with.extend(taken.map(|(_, _, other)| *other));
        }
        change.with = with.into_iter().collect();
    }
}

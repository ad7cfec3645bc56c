//! Reads a plan: which visit is done by whom and when, and what is missing or named twice.

use crate::check::plans::PlanFault;
use crate::check::plans::trips::Trip;
use crate::optimize::Model;
use crate::optimize::solution::{Route, Solution, StopKind};
use crate::units::{Moment, ShiftIdx, TechnicianIdx, VisitIdx};

/// One person of a crew at a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) role: usize,
    pub(crate) technician: TechnicianIdx,
    pub(crate) shift: ShiftIdx,
    /// Position in [`Plan::trips`].
    pub(crate) trip: usize,
    /// Position in the route's stops.
    pub(crate) stop: usize,
    pub(crate) start: Moment,
    /// Start plus the time on site.
    pub(crate) end: Moment,
}

/// A visit that is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) visit: VisitIdx,
    /// Start of the first member listed.
    pub(crate) start: Moment,
    /// When the last member is ready.
    pub(crate) end: Moment,
    /// By role; roles that nobody fills are missing.
    pub(crate) crew: Vec<Member>,
}

/// A plan as read: routes whose indexes all point at something.
pub(crate) struct Plan<'a> {
    pub(crate) model: &'a Model,
    pub(crate) trips: Vec<Trip<'a>>,
    /// By visit; `None` = not in any route.
    pub(crate) done: Vec<Option<Done>>,
}

impl<'a> Plan<'a> {
    /// Reads what can be read, and says what cannot. A route with an index that points at nothing
    /// is left out as a whole.
    pub(crate) fn read(model: &'a Model, solution: &'a Solution) -> (Self, Vec<PlanFault>) {
        let mut faults = Vec::new();
        let known = |route: &&Route| is_known(model, route, &mut faults);
        let routes: Vec<&Route> = solution.routes.iter().filter(known).collect();
        let trips: Vec<Trip> = routes.iter().map(|route| Trip::read(model, route)).collect();
        for pair in routes.windows(2).filter(|pair| pair[1].shift <= pair[0].shift) {
            faults.push(PlanFault::Unordered { shift: pair[1].shift });
        }
        let mut plan = Self { model, trips, done: vec![None; model.visits.len()] };
        plan.gather(&mut faults);
        plan.verify_lists(&solution.unassigned, &mut faults);
        (plan, faults)
    }

    fn gather(&mut self, faults: &mut Vec<PlanFault>) {
        for (at, trip) in self.trips.iter().enumerate() {
            if trip.stays.is_empty() {
                faults.push(PlanFault::EmptyRoute { shift: trip.route.shift });
            }
            for stay in &trip.stays {
                let start = trip.route.stops[stay.stop].start;
                let member = Member {
                    role: stay.role,
                    technician: trip.shift.technician,
                    shift: trip.route.shift,
                    trip: at,
                    stop: stay.stop,
                    start,
                    end: start + stay.onsite,
                };
                let empty = Done { visit: stay.visit, start, end: member.end, crew: Vec::new() };
                let done = self.done[stay.visit.at()].get_or_insert(empty);
                if done.crew.iter().any(|other| other.role == stay.role) {
                    let (index, shift) = (stay.visit.at(), trip.route.shift);
                    faults.push(PlanFault::Twice { what: "a role of visit", index, shift });
                    continue;
                }
                done.end = done.end.max(member.end);
                done.crew.push(member);
            }
        }
        for done in self.done.iter_mut().flatten() {
            done.crew.sort_by_key(|member| member.role);
            done.start = done.crew[0].start;
        }
    }

    fn verify_lists(&self, unassigned: &[VisitIdx], faults: &mut Vec<PlanFault>) {
        let count = self.model.visits.len();
        for visit in unassigned.iter().filter(|visit| visit.at() >= count) {
            faults.push(PlanFault::Unknown { what: "visit left out", value: visit.at(), count });
        }
        for pair in unassigned.windows(2).filter(|pair| pair[1] <= pair[0]) {
            faults.push(PlanFault::Unlisted { visit: pair[1] });
        }
        let mut is_listed = vec![false; count];
        for visit in unassigned.iter().filter(|visit| visit.at() < count) {
            is_listed[visit.at()] = true;
        }
        for (at, done) in self.done.iter().enumerate() {
            if is_listed[at] == done.is_some() {
                let visit = VisitIdx(u32::try_from(at).unwrap_or(u32::MAX));
                faults.push(PlanFault::Unlisted { visit });
            }
            let Some(done) = done else { continue };
            for role in 0..self.model.visits[at].crew.len() {
                if !done.crew.iter().any(|member| member.role == role) {
                    faults.push(PlanFault::RoleMissing { visit: done.visit, role });
                }
            }
        }
    }
}

/// Whether every index of a route points at something.
fn is_known(model: &Model, route: &Route, faults: &mut Vec<PlanFault>) -> bool {
    let before = faults.len();
    let mut ask = |what: &'static str, value: usize, count: usize| {
        if value >= count {
            faults.push(PlanFault::Unknown { what, value, count });
        }
        value < count
    };
    if !ask("shift", route.shift.at(), model.shifts.len()) {
        return false;
    }
    let shift = &model.shifts[route.shift.at()];
    for stop in &route.stops {
        match stop.kind {
            StopKind::Visit { visit, role } => {
                if ask("visit", visit.at(), model.visits.len()) {
                    ask("role", role.into(), model.visits[visit.at()].crew.len());
                }
            }
            StopKind::Break { index } => {
                ask("break", index, shift.breaks.len());
            }
            StopKind::Depot { place } => {
                ask("place", place.at(), model.place_count());
            }
        }
    }
    faults.len() == before
}

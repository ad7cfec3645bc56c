//! Steps played through: when everything happens, and which rules that breaks.

use super::arrivals;
use super::input::{Problem, Step, StepKind, Vehicle};
use super::timed::{Timed, TimedRoute, Violation, leg_cost};
use crate::formats::cases::Case;
use crate::optimize::model::{Current, Lock};
use crate::optimize::solution::{Route, RouteStop, Solution, StopKind};
use crate::problem::Leg;
use crate::units::{Metres, Moment, PlaceIdx, Seconds, ShiftIdx, VisitIdx};

/// The routes of all vehicles with steps.
///
/// Times are those that miss windows by the fewest seconds in all; then starts move later where that
/// saves waiting and breaks nothing more.
pub(super) fn routes(problem: &Problem, case: &Case) -> Vec<TimedRoute> {
    let route = |(at, vehicle): (usize, &Vehicle)| {
        let steps = vehicle.steps.as_deref()?;
        Some(Player::new(problem, case, at).play(steps))
    };
    problem.vehicles.iter().enumerate().filter_map(route).collect()
}

/// Makes the given steps the plan in force.
pub(super) fn start(problem: &Problem, case: &mut Case) {
    let routes = routes(problem, case);
    let mut current = vec![None; problem.tasks.len()];
    for route in routes {
        let shift = ShiftIdx(u32::try_from(route.vehicle).unwrap_or(u32::MAX));
        for step in &route.steps {
            if let Some(StepKind::Task(task)) = step.kind {
                let (start, shifts) = (Moment(step.start), vec![shift]);
                current[task] = Some(Current { start, shifts, lock: Lock::Free, started: false });
            }
        }
    }
    case.model.current = current;
}

/// The given steps as a plan.
pub(super) fn given(problem: &Problem, case: &Case) -> Solution {
    let mut solution = Solution::default();
    let mut done = vec![false; problem.tasks.len()];
    for timed in routes(problem, case) {
        let (Some(first), Some(last)) = (timed.steps.first(), timed.steps.last()) else { continue };
        let mut stops = Vec::new();
        // Breaks are taken on the way: the whole drive belongs to the next place.
        let (mut drive, mut metres) = (Seconds::ZERO, Metres(0));
        for step in &timed.steps {
            drive += Seconds(step.drive);
            metres = Metres(metres.0 + step.metres);
            let kind = match step.kind {
                Some(StepKind::Task(task)) => {
                    done[task] = true;
                    let visit = VisitIdx(u32::try_from(task).unwrap_or(u32::MAX));
                    StopKind::Visit { visit, role: 0 }
                }
                Some(StepKind::Break(index)) => StopKind::Break { index },
                _ => continue,
            };
            let (arrival, start) = (Moment(step.arrival), Moment(step.start));
            let end = start + Seconds(step.setup + step.service);
            let mut stop = RouteStop { kind, drive, metres, arrival, start, end };
            if step.is_break() {
                (stop.drive, stop.metres) = (Seconds::ZERO, Metres(0));
            } else {
                (drive, metres) = (Seconds::ZERO, Metres(0));
            }
            stops.push(stop);
        }
        let is_visit = |stop: &RouteStop| matches!(stop.kind, StopKind::Visit { .. });
        if stops.iter().any(is_visit) {
            solution.routes.push(Route {
                shift: ShiftIdx(u32::try_from(timed.vehicle).unwrap_or(u32::MAX)),
                departure: Moment(first.start),
                stops,
                drive_home: drive,
                metres_home: metres,
                arrival: Moment(last.start),
            });
        }
    }
    let left = (0..).zip(&done).filter(|(_, done)| !**done);
    solution.unassigned = left.map(|(visit, _)| VisitIdx(visit)).collect();
    solution
}

/// A route of the optimizer as VROOM tells it: breaks before the departure and after the return are
/// part of it, and whoever waits leaves later.
pub(super) fn of(problem: &Problem, case: &Case, route: &Route) -> TimedRoute {
    let kind = |stop: &RouteStop| match stop.kind {
        StopKind::Visit { visit, .. } => Some(StepKind::Task(visit.at())),
        StopKind::Break { index } => Some(StepKind::Break(index)),
        StopKind::Depot { .. } => None,
    };
    let stops = route.stops.iter().filter_map(|stop| Some((kind(stop)?, stop)));
    let steps: Vec<Step> = stops.clone().map(|(kind, _)| Step::free(kind)).collect();
    let vehicle = route.shift.at();
    let (mut timed, bounds) = Player::new(problem, case, vehicle).lay(&steps);
    let first = route.stops.first().map_or(route.departure, |stop| stop.start);
    let last = route.stops.last().map_or(route.arrival, |stop| stop.end);
    let mut starts = vec![route.departure.min(first).0];
    starts.extend(stops.map(|(_, stop)| stop.start.0));
    starts.push(route.arrival.max(last).0);
    arrivals::later(&bounds, &mut starts);
    drive_first(&mut timed, &starts);
    TimedRoute { vehicle, steps: timed, violations: Vec::new() }
}

struct Player<'a> {
    problem: &'a Problem,
    case: &'a Case,
    at: usize,
    vehicle: &'a Vehicle,
    here: Option<PlaceIdx>,
}

impl<'a> Player<'a> {
    fn new(problem: &'a Problem, case: &'a Case, at: usize) -> Self {
        let vehicle = &problem.vehicles[at];
        let shift = &case.model.shifts[at];
        Self { problem, case, at, vehicle, here: shift.start_place }
    }

    fn play(mut self, steps: &[Step]) -> TimedRoute {
        let (mut timed, bounds) = self.lay(steps);
        let starts = arrivals::choose(&bounds);
        drive_first(&mut timed, &starts);
        let mut route = TimedRoute { vehicle: self.at, steps: timed, violations: Vec::new() };
        for (step, bound) in route.steps.iter_mut().zip(&bounds) {
            times(step, &bound.windows);
        }
        self.others(&mut route);
        route
    }

    /// The steps from the start to the end without times, and what binds those.
    fn lay(&mut self, steps: &[Step]) -> (Vec<Timed>, Vec<arrivals::Step>) {
        let ask = |kind: StepKind| {
            let asked = steps.iter().find(|step| step.kind == kind).copied();
            asked.unwrap_or_else(|| Step::free(kind))
        };
        let (from, to) = self.vehicle.window.unwrap_or((0, arrivals::FOREVER));
        let mut timed = vec![Timed::default()];
        let opens = [(from, arrivals::FOREVER)];
        let mut bounds = vec![bound(&timed[0], &opens, &ask(StepKind::Start))];
        for step in steps {
            let (next, windows) = match step.kind {
                StepKind::Task(task) => (self.task(task), &self.problem.tasks[task].windows),
                StepKind::Break(at) => (self.rest(at), &self.vehicle.breaks[at].windows),
                StepKind::Start | StepKind::End => continue,
            };
            bounds.push(bound(&next, windows, step));
            timed.push(next);
        }
        let end = self.drive(self.case.model.shifts[self.at].end_place);
        bounds.push(bound(&end, &[(0, to)], &ask(StepKind::End)));
        timed.push(end);
        (timed, bounds)
    }

    fn leg(&self, to: Option<PlaceIdx>) -> Leg {
        let profile = self.case.model.shifts[self.at].profile;
        self.case.model.matrices[profile].leg(self.here, to)
    }

    fn drive(&self, to: Option<PlaceIdx>) -> Timed {
        let shift = &self.case.model.shifts[self.at];
        let leg = self.leg(to);
        let drive = (leg.travel().0 * i64::from(shift.drive_percent) + 99) / 100;
        let leg_cost = leg_cost(&self.case.model.matrices[shift.profile], self.here, to);
        Timed { drive, metres: leg.distance().0, leg_cost, ..Timed::default() }
    }

    fn task(&mut self, at: usize) -> Timed {
        let task = &self.problem.tasks[at];
        let place = self.case.model.visits[at].place;
        let (setup, service) = task.times(self.vehicle.kind.as_deref());
        let is_there = self.here.is_some() && self.here == place;
        let mut timed = self.drive(place);
        timed.kind = Some(StepKind::Task(at));
        timed.setup = if is_there { 0 } else { setup };
        timed.service = service;
        self.here = place;
        if !task.skills.iter().all(|skill| self.vehicle.skills.contains(skill)) {
            timed.violations.push(Violation { cause: "skills", duration: None });
        }
        timed
    }

    fn rest(&self, at: usize) -> Timed {
        let costs = self.case.model.matrices[self.case.model.shifts[self.at].profile].has_costs();
        Timed {
            kind: Some(StepKind::Break(at)),
            service: self.vehicle.breaks[at].service,
            leg_cost: costs.then_some(0),
            ..Timed::default()
        }
    }

    /// Limits and loads.
    fn others(&self, route: &mut TimedRoute) {
        let loads = super::output::loads(self.problem, route);
        let planned: Vec<usize> = route.tasks().collect();
        let (mut drive, mut metres, mut tasks, mut done) = (0, 0, 0, Vec::new());
        for (step, load) in route.steps.iter_mut().zip(&loads) {
            let is_break = step.is_break();
            let over = |limit: &[i64]| load.iter().zip(limit).any(|(load, limit)| load > limit);
            let mut note = |cause| step.violations.push(Violation { cause, duration: None });
            drive += step.drive;
            metres += step.metres;
            if over(&self.vehicle.capacity) {
                note("load");
            }
            // Of a drive that a break cuts, the rest still has to be driven.
            let driven = drive - if is_break { step.drive } else { 0 };
            if self.vehicle.max_travel_time.is_some_and(|limit| driven > limit) {
                note("max_travel_time");
            }
            if self.vehicle.max_distance.is_some_and(|limit| metres > limit) {
                note("max_distance");
            }
            match step.kind {
                Some(StepKind::Task(task)) => {
                    tasks += 1;
                    if self.vehicle.max_tasks.is_some_and(|limit| tasks > limit) {
                        note("max_tasks");
                    }
                    if self.is_alone(task, (&done, &planned[done.len()..])) {
                        note("precedence");
                    }
                    done.push(task);
                }
                Some(StepKind::Break(at))
                    if self.vehicle.breaks[at].max_load.as_deref().is_some_and(over) =>
                {
                    note("max_load");
                }
                _ => {}
            }
        }
        let taken =
            |at: usize| route.steps.iter().any(|step| step.kind == Some(StepKind::Break(at)));
        if !(0..self.vehicle.breaks.len()).all(taken) {
            route.violations.push(Violation { cause: "missing_break", duration: None });
        }
    }

    /// Whether one end of a shipment is without the other where it should be.
    fn is_alone(&self, task: usize, (done, ahead): (&[usize], &[usize])) -> bool {
        let Some(end) = task.checked_sub(self.problem.job_count) else { return false };
        if end.is_multiple_of(2) {
            !ahead.contains(&(task + 1))
        } else {
            !done.contains(&(task - 1))
        }
    }
}

/// Notes by how much a step misses its nearest window: before it opens, or after it closes.
fn times(step: &mut Timed, windows: &[(i64, i64)]) {
    let miss = |&(from, to): &(i64, i64)| (from - step.start, step.start - to);
    let best = windows.iter().map(miss).min_by_key(|(lead, delay)| *lead.max(delay));
    let Some((lead, delay)) = best else { return };
    for (cause, seconds) in [("lead_time", lead), ("delay", delay)] {
        if seconds > 0 {
            step.violations.push(Violation { cause, duration: Some(seconds) });
        }
    }
}

/// What binds the start of a step.
fn bound(timed: &Timed, windows: &[(i64, i64)], ask: &Step) -> arrivals::Step {
    let asked = ask.at.map(|at| (at, at));
    arrivals::Step {
        stay: timed.setup + timed.service,
        drive: timed.drive,
        is_break: timed.is_break(),
        windows: windows.to_vec(),
        asked: asked.unwrap_or((ask.after.unwrap_or(0), ask.before.unwrap_or(arrivals::FOREVER))),
    }
}

/// Writes the starts in, with arrivals as in VROOM: driving comes before waiting, also before a break
/// on the way.
fn drive_first(timed: &mut [Timed], starts: &[i64]) {
    let legs: Vec<i64> = timed.iter().map(|step| step.drive).collect();
    let breaks: Vec<bool> = timed.iter().map(Timed::is_break).collect();
    let (mut now, mut left) = (starts[0], 0);
    for (at, (step, &start)) in timed.iter_mut().zip(starts).enumerate() {
        if at == 0 || !breaks[at] && !breaks[at - 1] {
            left = legs[at];
        } else if breaks[at] && !breaks[at - 1] {
            let next = (at..legs.len()).find(|&next| !breaks[next]);
            left = next.map_or(0, |next| legs[next]);
        }
        step.drive = if breaks[at] { left.min((start - now).max(0)) } else { left };
        left -= step.drive;
        step.arrival = now + step.drive;
        step.start = start;
        now = start + step.setup + step.service;
    }
}

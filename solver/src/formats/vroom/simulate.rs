//! Given steps played through: when everything happens, and which rules that breaks.

use super::input::{Pause, Problem, Step, StepKind, Vehicle};
use super::timed::{Timed, TimedRoute, Violation, leg_cost};
use crate::formats::cases::Case;
use crate::optimize::model::{Current, Lock};
use crate::problem::Leg;
use crate::units::{Moment, PlaceIdx, ShiftIdx};

/// The routes of all vehicles with steps.
///
/// Everything starts as soon as it can after arrival and opening; then starts move later where that
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

struct Player<'a> {
    problem: &'a Problem,
    case: &'a Case,
    at: usize,
    vehicle: &'a Vehicle,
    here: Option<PlaceIdx>,
    now: i64,
    /// Whether the vehicle is at the place of a task.
    at_task: bool,
}

/// What bounds the start of a step: the window it falls into, and what the step asks.
#[derive(Clone, Copy)]
struct Bound {
    latest: i64,
    fixed: bool,
}

impl<'a> Player<'a> {
    fn new(problem: &'a Problem, case: &'a Case, at: usize) -> Self {
        let vehicle = &problem.vehicles[at];
        let shift = &case.model.shifts[at];
        let (here, now) = (shift.start_place, shift.start.0);
        Self { problem, case, at, vehicle, here, now, at_task: false }
    }

    fn play(mut self, steps: &[Step]) -> TimedRoute {
        let ask = steps.iter().find(|step| step.kind == StepKind::Start);
        if let Some(ask) = ask {
            self.now = ask.at.or(ask.after).unwrap_or(self.now);
        }
        let mut timed = vec![Timed { arrival: self.now, start: self.now, ..Timed::default() }];
        let fixed = ask.is_some_and(|ask| ask.at.is_some());
        let mut bounds = vec![Bound { latest: i64::MAX, fixed }];
        for step in steps {
            let (next, bound) = match step.kind {
                StepKind::Task(task) => self.task(task, step),
                StepKind::Break(at) => self.rest(at, step),
                StepKind::Start | StepKind::End => continue,
            };
            timed.push(next);
            bounds.push(bound);
        }
        timed.push(self.home());
        bounds.push(Bound { latest: i64::MAX, fixed: true });
        later(&mut timed, &bounds);
        let mut route = TimedRoute { vehicle: self.at, steps: timed, violations: Vec::new() };
        self.times(&mut route);
        self.others(&mut route);
        route
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
        let arrival = self.now + drive;
        Timed { drive, metres: leg.distance().0, leg_cost, arrival, ..Timed::default() }
    }

    fn task(&mut self, at: usize, step: &Step) -> (Timed, Bound) {
        let task = &self.problem.tasks[at];
        let place = self.case.model.visits[at].place;
        let (setup, service) = task.times(self.vehicle.kind.as_deref());
        let is_there = self.at_task && self.here == place;
        let mut timed = self.drive(place);
        timed.kind = Some(StepKind::Task(at));
        timed.setup = if is_there { 0 } else { setup };
        timed.service = service;
        let bound = begin(&mut timed, &task.windows, step);
        (self.here, self.at_task) = (place, true);
        self.now = timed.start + timed.setup + service;
        if !task.skills.iter().all(|skill| self.vehicle.skills.contains(skill)) {
            timed.violations.push(Violation { cause: "skills", duration: None });
        }
        (timed, bound)
    }

    fn rest(&mut self, at: usize, step: &Step) -> (Timed, Bound) {
        let Pause { windows, service, .. } = &self.vehicle.breaks[at];
        let costs = self.case.model.matrices[self.case.model.shifts[self.at].profile].has_costs();
        let mut timed = Timed {
            kind: Some(StepKind::Break(at)),
            arrival: self.now,
            service: *service,
            leg_cost: costs.then_some(0),
            ..Timed::default()
        };
        let bound = begin(&mut timed, windows, step);
        self.now = timed.start + service;
        (timed, bound)
    }

    fn home(&mut self) -> Timed {
        let end = self.case.model.shifts[self.at].end_place;
        let timed = self.drive(end);
        Timed { start: timed.arrival, ..timed }
    }

    /// Windows missed: before they open, and after they close.
    fn times(&self, route: &mut TimedRoute) {
        let own = self.vehicle.window.unwrap_or((0, i64::MAX));
        let last = route.steps.len() - 1;
        for (at, step) in route.steps.iter_mut().enumerate() {
            let (problem, vehicle) = (self.problem, self.vehicle);
            let windows = match step.kind {
                Some(StepKind::Task(task)) => problem.tasks[task].windows.as_slice(),
                Some(StepKind::Break(pause)) => vehicle.breaks[pause].windows.as_slice(),
                _ if at == 0 || at == last => std::slice::from_ref(&own),
                _ => &[],
            };
            let miss = |&(from, to): &(i64, i64)| (from - step.start, step.start - to);
            let best = windows.iter().map(miss).min_by_key(|(lead, delay)| *lead.max(delay));
            if let Some((lead, delay)) = best {
                let mut note = |cause, duration| {
                    step.violations.push(Violation { cause, duration: Some(duration) });
                };
                if lead > 0 {
                    note("lead_time", lead);
                }
                if delay > 0 {
                    note("delay", delay);
                }
            }
        }
    }

    /// Limits and loads.
    fn others(&self, route: &mut TimedRoute) {
        let loads = super::output::loads(self.problem, route);
        let (mut drive, mut metres, mut tasks, mut done) = (0, 0, 0, Vec::new());
        let planned: Vec<usize> = route.tasks().collect();
        for (step, load) in route.steps.iter_mut().zip(&loads) {
            let over = |limit: &[i64]| load.iter().zip(limit).any(|(load, limit)| load > limit);
            let mut note = |cause| step.violations.push(Violation { cause, duration: None });
            drive += step.drive;
            metres += step.metres;
            if over(&self.vehicle.capacity) {
                note("load");
            }
            if self.vehicle.max_travel_time.is_some_and(|limit| drive > limit) {
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
                    if self.is_alone(task, &done, &planned) {
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
    fn is_alone(&self, task: usize, done: &[usize], planned: &[usize]) -> bool {
        let Some(end) = task.checked_sub(self.problem.job_count) else { return false };
        if end.is_multiple_of(2) {
            !planned.contains(&(task + 1))
        } else {
            !done.contains(&(task - 1))
        }
    }
}

/// Starts a step as early as its windows and what it asks allow.
fn begin(timed: &mut Timed, windows: &[(i64, i64)], step: &Step) -> Bound {
    let open = windows.iter().find(|(_, to)| *to >= timed.arrival);
    let mut start = timed.arrival.max(open.map_or(timed.arrival, |window| window.0));
    if let Some(after) = step.after {
        start = start.max(after);
    }
    if let Some(before) = step.before {
        start = start.min(before).max(timed.arrival);
    }
    if let Some(at) = step.at {
        start = at.max(timed.arrival);
    }
    timed.start = start;
    // Outside every window it is late or early enough: it does not move any more.
    let inside = windows.iter().find(|(from, to)| (*from..=*to).contains(&start));
    let free = inside.map_or(if windows.is_empty() { i64::MAX } else { start }, |window| window.1);
    let latest = free.min(step.before.unwrap_or(i64::MAX)).max(start);
    Bound { latest, fixed: step.at.is_some() }
}

/// Moves starts later, from the last to the first, where that shortens waiting.
fn later(timed: &mut [Timed], bounds: &[Bound]) {
    for at in (0..timed.len() - 1).rev() {
        let (head, tail) = timed.split_at_mut(at + 1);
        let (step, next) = (&mut head[at], &mut tail[0]);
        let stay = step.setup + step.service;
        if !bounds[at].fixed {
            let latest = next.start - next.drive - stay;
            step.start = step.start.max(latest.min(bounds[at].latest));
        }
        next.arrival = step.start + stay + next.drive;
    }
    timed[0].arrival = timed[0].start;
}

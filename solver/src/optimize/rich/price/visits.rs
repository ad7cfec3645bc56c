//! What a visit costs for when it starts and who comes.

use crate::optimize::model::Visit;
use crate::optimize::rich::data::{Data, Job};
use crate::optimize::rich::price::{Crews, Ledger};
use crate::optimize::rich::route::Route;
use crate::optimize::solution::Rule;

/// What it costs that a member is done so near the end of the shift.
pub(super) fn risk_cost(data: &Data, job: u32, end: i32, soft_end: i32) -> i64 {
    let risk = &data.model.weights.risk;
    if risk.second == 0 || data.visit(job).priority < risk.priority_min {
        return 0;
    }
    (i64::from(end) + risk.margin.0 - i64::from(soft_end)).max(0) * risk.second
}

/// Cost and lateness of a start against the cheapest of a visit's windows.
fn window_cost(data: &Data, visit: &Visit, start: i64) -> (i64, i64) {
    let mut best = (i64::MAX, 0);
    for window in &visit.windows {
        let (from, until) = (window.earliest.0 - data.origin, window.latest.0 - data.origin);
        let option = if start < from {
            window.early_second.map(|rate| ((from - start) * rate, 0))
        } else if start > until {
            window.late_second.map(|rate| ((start - until) * rate, start - until))
        } else {
            Some((0, 0))
        };
        if let Some(option) = option {
            best = best.min(option);
        }
    }
    if best.0 == i64::MAX { (0, 0) } else { best }
}

/// Seconds a visit is late, by windows and due time.
fn lateness_of(data: &Data, visit: &Visit, start: i32, end: i32) -> i64 {
    let by_window = window_cost(data, visit, i64::from(start)).1;
    let by_due = visit.due.map_or(0, |due| i64::from(end) - (due.by.0 - data.origin));
    by_window.max(by_due).max(0)
}

/// Cost of a visit that depends only on its start: windows, due, promise, move in time.
pub(in crate::optimize::rich) fn start_cost(data: &Data, job: u32, start: i32, end: i32) -> i64 {
    let of = &data.jobs[job as usize];
    if of.late_only {
        let [window, due] = late_costs(data, of, (start, end));
        return window + due;
    }
    let mut ledger = Ledger::default();
    start_costs(data, job, (start, end), &mut ledger);
    ledger.sum()
}

/// What lateness against the only window and the due time costs.
#[inline]
fn late_costs(data: &Data, of: &Job, (start, end): (i32, i32)) -> [i64; 2] {
    let percent = data.model.weights.late_percent;
    let cost = |time: i32, (by, rate): (i32, i64)| {
        if time > by { i64::from(time - by) * rate * percent / 100 } else { 0 }
    };
    [cost(start, of.late[0]), cost(end, of.late[1])]
}

impl Crews<'_> {
    /// What the visit of a stop costs for when it starts.
    pub(super) fn own_cost(self, data: &Data, route: &Route, (stop, start): (usize, i32)) -> i64 {
        let node = &route.nodes[stop];
        let of = &data.jobs[node.job as usize];
        if data.tasks[node.task as usize].role != 0 || of.persons == 0 {
            return 0;
        }
        let mut cost = 0;
        if of.timed {
            let end = start + self.span(data, node.job).max(node.dur);
            cost += start_cost(data, node.job, start, end);
        }
        let moved = data.model.weights.moved_visit;
        if moved != 0 && is_moved(data, node.job, start, (route, self.at)) {
            cost += moved;
        }
        cost
    }

    /// Writes down what a visit costs at its start; returns its lateness.
    pub(super) fn visit_costs(
        self,
        data: &Data,
        route: &Route,
        (stop, start): (usize, i32),
        ledger: &mut Ledger,
    ) -> i32 {
        let node = &route.nodes[stop];
        let job = data.tasks[node.task as usize].job;
        let end = start + self.span(data, job).max(node.dur);
        let visit = data.visit(job);
        let weights = &data.model.weights;
        if data.jobs[job as usize].timed {
            start_costs(data, job, (start, end), ledger);
        }
        if weights.moved_visit != 0 && is_moved(data, job, start, (route, self.at)) {
            ledger.add(Rule::Stability, weights.moved_visit);
        }
        if visit.crew.len() > 1 && !visit.usual.is_empty() && !usual_comes(data, job, self.at) {
            ledger.add(Rule::Continuity, weights.unusual_technician);
        }
        if weights.largest_late_second == 0 {
            return 0;
        }
        crate::optimize::rich::data::narrow(lateness_of(data, visit, start, end))
    }
}

fn start_costs(data: &Data, job: u32, (start, end): (i32, i32), ledger: &mut Ledger) {
    let weights = &data.model.weights;
    let of = &data.jobs[job as usize];
    if of.late_only {
        let [window, due] = late_costs(data, of, (start, end));
        ledger.add(Rule::Windows, window);
        ledger.add(Rule::Due, due);
        return;
    }
    let visit = data.visit(job);
    let start = i64::from(start);
    if !visit.windows.is_empty() {
        let cost = window_cost(data, visit, start).0;
        ledger.add(Rule::Windows, cost * weights.late_percent / 100);
    }
    if let Some(due) = visit.due {
        let late = (i64::from(end) - (due.by.0 - data.origin)).max(0);
        ledger.add(Rule::Due, late * due.late_second * weights.late_percent / 100);
    }
    if let Some(promise) = visit.promise {
        let early = (promise.earliest.0 - data.origin - start).max(0);
        let missed = early.max(start - (promise.latest.0 - data.origin));
        if missed > 0 {
            let broken = weights.broken_promise.unwrap_or(0);
            ledger.add(Rule::Promises, broken + missed * weights.broken_promise_second);
        }
    }
    if weights.moved_second != 0
        && let Some(current) = data.model.current.get(job as usize).and_then(Option::as_ref)
    {
        let moved = (start - (current.start.0 - data.origin)).abs();
        ledger.add(Rule::Stability, moved * weights.moved_second);
    }
}

fn is_moved(data: &Data, job: u32, start: i32, (route, at): (&Route, &[u32])) -> bool {
    let Some(current) = data.model.current.get(job as usize).and_then(Option::as_ref) else {
        return false;
    };
    let of = &data.jobs[job as usize];
    let who = |car: u32| data.cars[car as usize].technician;
    let stranger = |(role, task): (usize, u32)| {
        // A visit that is only tried out has no car yet but this one.
        let car = at[task as usize];
        let car = if (car as usize) < data.shifts { car } else { route.car };
        current.shifts.get(role).is_none_or(|shift| who(shift.0) != who(car))
    };
    i64::from(start) != current.start.0 - data.origin
        || (of.first..of.first + of.persons).enumerate().any(stranger)
}

fn usual_comes(data: &Data, job: u32, at: &[u32]) -> bool {
    let of = &data.jobs[job as usize];
    let usual = &data.visit(job).usual;
    (of.first..of.first + of.persons).any(|task| {
        let who = data.cars.get(at[task as usize] as usize).map(|car| car.technician);
        who.is_some_and(|who| usual.iter().any(|one| one.0 == who))
    })
}

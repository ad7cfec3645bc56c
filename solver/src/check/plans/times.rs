//! Driving, arrivals, starts, ends and breaks of one route; windows and promises of one visit.

use crate::check::plans::lookup::{is_settled, is_started};
use crate::check::plans::reading::{Done, Plan};
use crate::check::plans::trips::{Stretch, Trip};
use crate::check::plans::{PlanFault, costs};
use crate::optimize::model::Lock;
use crate::optimize::solution::StopKind;
use crate::units::{Moment, PlaceIdx, Seconds};

/// Every fault of the times of a route.
pub(super) fn verify(plan: &Plan, trip: &Trip, faults: &mut Vec<PlanFault>) {
    let mut judge = Judge { plan, trip, faults };
    judge.departure();
    judge.breaks();
    judge.clearances();
    for way in &trip.ways {
        judge.way(way);
    }
    judge.ends();
}

struct Judge<'a, 'b> {
    plan: &'a Plan<'b>,
    trip: &'a Trip<'b>,
    faults: &'a mut Vec<PlanFault>,
}

impl Judge<'_, '_> {
    fn expect(&mut self, stop: usize, name: &'static str, told: i64, expected: i64) {
        if told != expected {
            let shift = self.trip.route.shift;
            self.faults.push(PlanFault::WrongNumber { shift, stop, name, told, expected });
        }
    }

    fn too_soon(&mut self, stop: usize, start: Moment, earliest: Moment) {
        if start < earliest {
            let shift = self.trip.route.shift;
            self.faults.push(PlanFault::StartsTooSoon { shift, stop, start, earliest });
        }
    }

    /// Whether a stop is a visit on which work has begun: nothing is asked about getting there.
    fn started(&self, stop: usize) -> bool {
        self.trip.stay(stop).is_some_and(|stay| is_started(self.plan.model, stay.visit))
    }

    fn departure(&mut self) {
        let model = self.plan.model;
        let first = self.trip.stays.first().map(|stay| stay.visit);
        let last = self.trip.stays.last().map(|stay| stay.visit);
        let (shift, departure) = (self.trip.route.shift, self.trip.route.departure);
        let settled = first.is_some_and(|visit| is_settled(model, visit));
        let from = model.from.filter(|_| !settled);
        let earliest = self.trip.shift.start.max(from.unwrap_or(self.trip.shift.start));
        if departure < earliest && !first.is_some_and(|visit| is_started(model, visit)) {
            self.faults.push(PlanFault::DepartsEarly { shift, departure, earliest });
        }
        let (arrival, latest) = (self.trip.route.arrival, self.trip.shift.hard_end());
        if arrival > latest && !last.is_some_and(|visit| is_started(model, visit)) {
            self.faults.push(PlanFault::ReturnsLate { shift, arrival, latest });
        }
    }

    fn breaks(&mut self) {
        let (trip, shift) = (self.trip, self.trip.route.shift);
        let mut taken = vec![false; trip.shift.breaks.len()];
        let mut ended: Option<Moment> = None;
        for (at, stop) in trip.route.stops.iter().enumerate() {
            let Some((index, pause)) = trip.pause(at) else { continue };
            if std::mem::replace(&mut taken[index], true) {
                self.faults.push(PlanFault::Twice { what: "break", index, shift });
            }
            let here = |place: Option<PlaceIdx>| pause.place.is_none() || pause.place == place;
            let in_place = if at < trip.first {
                here(trip.shift.start_place)
            } else {
                at < trip.last || here(trip.shift.end_place)
            };
            let spans = &pause.starts;
            let in_time = spans.iter().any(|&(from, to)| (from..=to).contains(&stop.start));
            if !in_place || !in_time {
                let start = stop.start;
                self.faults.push(PlanFault::BreakMisplaced { shift, index, start });
            }
            if at < trip.first || at >= trip.last {
                let free = if at < trip.first { None } else { Some(trip.route.arrival) };
                self.too_soon(at, stop.start, ended.max(free).unwrap_or(stop.start));
                ended = Some(trip.end(at));
            }
            if at + 1 == trip.first {
                if !self.started(trip.first) {
                    self.too_soon(trip.first, trip.route.departure, trip.end(at));
                }
                ended = None;
            }
        }
        for (index, pause) in trip.shift.breaks.iter().enumerate() {
            if !taken[index] && pause.missed_cost.is_none() {
                self.faults.push(PlanFault::BreakMissing { shift, index });
            }
        }
    }

    /// Pads of visits lie clear of padded breaks.
    fn clearances(&mut self) {
        let visits = &self.plan.model.visits;
        let mut clear_of_visit: Option<Moment> = None;
        let mut clear_of_break: Option<Moment> = None;
        for (at, stop) in self.trip.route.stops.iter().enumerate() {
            match stop.kind {
                StopKind::Visit { visit, .. } => {
                    let free = clear_of_break.map(|end| end + visits[visit.at()].pad_before);
                    if let Some(free) = free.filter(|_| !self.started(at)) {
                        self.too_soon(at, stop.start, free);
                    }
                    clear_of_visit = Some(self.trip.end(at) + visits[visit.at()].pad_after);
                    clear_of_break = None;
                }
                StopKind::Break { index } if self.trip.shift.breaks[index].padded => {
                    self.too_soon(at, stop.start, clear_of_visit.unwrap_or(stop.start));
                    clear_of_break = clear_of_break.max(Some(self.trip.end(at)));
                }
                _ => {}
            }
        }
    }

    fn way(&mut self, way: &Stretch) {
        let (trip, route) = (self.trip, self.trip.route);
        let to = way.to.unwrap_or(route.stops.len());
        let (seconds, metres, arrival) = match way.to {
            Some(stop) => {
                let stop = &route.stops[stop];
                (stop.drive, stop.metres, stop.arrival)
            }
            None => (route.drive_home, route.metres_home, route.arrival),
        };
        if !way.drive.reachable {
            self.faults.push(PlanFault::NoRoad { shift: route.shift, stop: to });
            return;
        }
        self.expect(to, "seconds driven", seconds.0, way.drive.seconds.0);
        self.expect(to, "metres driven", metres.0, way.drive.metres.0);
        for &stop in &way.breaks {
            self.expect(stop, "seconds driven", route.stops[stop].drive.0, 0);
            self.expect(stop, "metres driven", route.stops[stop].metres.0, 0);
        }
        if way.to.is_some_and(|stop| self.started(stop)) {
            return;
        }
        let left = way.from.map_or(route.departure, |stop| trip.end(stop));
        let mut now = left;
        let mut ahead = way.drive.seconds;
        let mut paused = Seconds::ZERO;
        for &stop in &way.breaks {
            let start = route.stops[stop].start;
            self.too_soon(stop, start, now);
            let free = (start - now).max(Seconds::ZERO);
            ahead -= free.min(ahead);
            now = start.max(now) + trip.length(stop);
            paused += trip.length(stop);
        }
        let expected = now + ahead;
        self.expect(to, "arrival", arrival.0, expected.0);
        let Some(stop) = way.to else { return };
        let pads = self.pads(way.from, stop);
        let earliest = expected.max(left + paused + way.drive.seconds.max(pads));
        self.too_soon(stop, route.stops[stop].start, earliest);
    }

    /// Pads between two stops, if both are visits.
    fn pads(&self, from: Option<usize>, to: usize) -> Seconds {
        let visits = &self.plan.model.visits;
        let visit = |stop| self.trip.stay(stop).map(|stay| &visits[stay.visit.at()]);
        let pair = from.and_then(visit).zip(visit(to));
        pair.map_or(Seconds::ZERO, |(before, after)| before.pad_after + after.pad_before)
    }

    fn ends(&mut self) {
        for (at, stop) in self.trip.route.stops.iter().enumerate() {
            self.expect(at, "end", stop.end.0, self.trip.end(at).0);
            if let StopKind::Depot { place } = stop.kind
                && !self.trip.shift.depots.contains(&place)
            {
                let shift = self.trip.route.shift;
                self.faults.push(PlanFault::NoDepot { shift, stop: at });
            }
        }
    }
}

/// Every fault of the start of a visit: windows and promise.
pub(super) fn verify_start(plan: &Plan, done: &Done, faults: &mut Vec<PlanFault>) {
    let model = plan.model;
    if is_settled(model, done.visit) {
        return;
    }
    let (asked, start) = (&model.visits[done.visit.at()], done.start);
    if costs::window(asked, start).is_none() {
        let away = |window: &crate::optimize::model::Window| {
            (window.earliest - start).max(start - window.latest)
        };
        let short_by = asked.windows.iter().map(away).min().unwrap_or(Seconds::ZERO);
        faults.push(PlanFault::OutsideWindows { visit: done.visit, start, short_by });
    }
    let locked = super::lookup::current(model, done.visit)
        .is_some_and(|current| current.lock == Lock::Window);
    if let Some(promise) = asked.promise
        && (locked || model.weights.broken_promise.is_none())
        && !(promise.earliest..=promise.latest).contains(&start)
    {
        let (earliest, latest) = (promise.earliest, promise.latest);
        faults.push(PlanFault::BrokenPromise { visit: done.visit, start, earliest, latest });
    }
}

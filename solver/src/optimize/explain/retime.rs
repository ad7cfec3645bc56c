//! Times for a given order of visits in one shift: as early as possible, with breaks wherever they
//! delay least.
//!
//! Where no times keep all rules, those that miss them by the fewest seconds come out, so that the
//! verifier's numbers are the smallest change that would help.

mod gaps;
mod state;

use std::collections::HashMap;

use crate::check::plans::lookup::{drive, onsite};
use crate::optimize::explain::starts::{Asker, Spans, Starts, both, first_from};
use crate::optimize::model::{Link, Shift};
use crate::optimize::solution::{Route, RouteStop, StopKind};
use crate::units::{Metres, Moment, PlaceIdx, Seconds, VisitIdx};
use state::{State, keep_best};

/// A stop whose order is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    Visit { visit: VisitIdx, role: u8 },
    Depot { place: PlaceIdx },
}

/// Rounds in which a visit is put off because another may not start too long after it.
const ROUNDS: usize = 12;

/// How a visit is timed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner<'a> {
    /// Wait for windows instead of being early at a cost.
    pub(super) waits: bool,
    /// No visit earlier than it is planned.
    pub(super) stays: bool,
    /// The start of one visit.
    pub(super) fixed: Option<(VisitIdx, Moment)>,
    /// Shift as it is or would be.
    pub(super) shift: &'a Shift,
}

/// The route through `items` in their order.
///
/// Cost: O(items x 2^breaks x breaks!) for up to four breaks; more are taken in their order.
pub(super) fn retime(asker: &Asker, items: &[Item], manner: Manner) -> Route {
    let planned = asker.loose.iter().filter(|_| manner.stays).filter_map(|visit| {
        let done = asker.plan.done[visit.at()].as_ref()?;
        Some((*visit, done.start))
    });
    let mut timer = Timer { asker, manner, least: planned.collect() };
    let mut route = timer.run(items);
    for _ in 0..ROUNDS {
        if !timer.put_off(&route) {
            break;
        }
        route = timer.run(items);
    }
    route
}

struct Timer<'a, 'b, 'c> {
    asker: &'a Asker<'a, 'b>,
    manner: Manner<'c>,
    /// Starts put off.
    least: HashMap<VisitIdx, Moment>,
}

impl Timer<'_, '_, '_> {
    fn run(&self, items: &[Item]) -> Route {
        let mut states = vec![State::new(self.asker.plan.model.from, self.manner.shift)];
        for item in items {
            let mut next = Vec::new();
            for state in &states {
                for ready in self.gap(state) {
                    next.push(match *item {
                        Item::Visit { visit, role } => self.visit(ready, visit, role),
                        Item::Depot { place } => self.depot(ready, place),
                    });
                }
            }
            states = keep_best(next);
        }
        let ends = states.iter().flat_map(|state| self.gap(state));
        let mut ends: Vec<(State, Moment)> = ends.map(|state| self.home(state)).collect();
        ends.sort_by_key(|(state, arrival)| (state.missed, state.price, *arrival));
        let (state, arrival) = ends.swap_remove(0);
        self.written(state, arrival)
    }

    /// The drive of this car.
    fn drive(&self, from: Option<PlaceIdx>, to: Option<PlaceIdx>) -> (Seconds, Metres) {
        let drive = drive(self.asker.plan.model, self.manner.shift, from, to);
        (drive.seconds, drive.metres)
    }

    fn visit(&self, mut state: State, visit: VisitIdx, role: u8) -> State {
        let model = self.asker.plan.model;
        let asked = &model.visits[visit.at()];
        let technician = self.manner.shift.technician;
        let onsite = onsite(model, visit, role.into(), technician, state.before);
        let starts = self.asker.starts(visit, role.into(), onsite);
        let (drive, metres) = self.drive(state.place, asked.place);
        if let Some(start) = starts.fixed.filter(|_| state.stops.is_empty()) {
            state.depart(start - drive);
        }
        let arrival = state.arrival(drive);
        let pads = state.pad_after.map_or(Seconds::ZERO, |pad| pad + asked.pad_before);
        let mut earliest = arrival.max(state.left + state.paused() + drive.max(pads));
        let clear = state.clear_of_break.map(|end| end + asked.pad_before);
        earliest = earliest.max(clear.unwrap_or(earliest));
        earliest = earliest.max(self.least.get(&visit).copied().unwrap_or(earliest));
        let (lower, upper) = self.linked(&state, visit, onsite);
        earliest = earliest.max(lower.unwrap_or(earliest));
        let start = match starts.fixed {
            Some(start) => start,
            None => self.pick(&starts, (visit, earliest), &mut state.missed),
        };
        state.missed += upper.map_or(0, |upper| (start - upper).0.max(0));
        let kind = StopKind::Visit { visit, role };
        let end = start + onsite;
        state.anchor(RouteStop { kind, drive, metres, arrival, start, end }, asked.place);
        state.pad_after = Some(asked.pad_after);
        state.clear_of_visit = Some(end + asked.pad_after);
        state.clear_of_break = None;
        state.before = asked.place;
        state
    }

    fn pick(&self, starts: &Starts, asked: (VisitIdx, Moment), missed: &mut i64) -> Moment {
        let (visit, Moment(earliest)) = asked;
        let fixed = self.manner.fixed.filter(|(fixed, _)| *fixed == visit);
        let cut = |spans: &Spans| fixed.map(|(_, Moment(at))| both(spans, &vec![(at, at)]));
        let first = |spans: &Spans| {
            cut(spans).map_or_else(|| first_from(spans, earliest), |cut| first_from(&cut, earliest))
        };
        if self.manner.waits
            && let Some(start) = first(&starts.wished_open)
        {
            return Moment(start);
        }
        if let Some(start) = first(&starts.timed_open) {
            return Moment(start);
        }
        *missed += 1;
        if let Some(start) = first(&starts.timed) {
            return Moment(start);
        }
        let last = cut(&starts.timed)
            .map_or_else(|| starts.timed.last().copied(), |cut| cut.last().copied());
        *missed += last.map_or(1_000_000, |(_, last)| earliest - last);
        Moment(earliest)
    }

    /// Bounds by links to visits before it in this route.
    fn linked(
        &self,
        state: &State,
        visit: VisitIdx,
        onsite: Seconds,
    ) -> (Option<Moment>, Option<Moment>) {
        let mut bounds = (None, None);
        for &link in &self.asker.plan.model.links {
            let (first, second) = link.visits();
            if first != visit && second != visit {
                continue;
            }
            let other = if first == visit { second } else { first };
            let Some(stop) = state.stop_of(other) else { continue };
            let (from, min, max) = match (link, second == visit) {
                (Link::Gap { min, max, .. }, true) => (stop.end, min, max),
                (Link::Starts { min, max, .. }, true) => (stop.start, min, max),
                // The other was to start after this one, but stands before it.
                (Link::Gap { min, .. }, false) => {
                    bounds.1 = bounds.1.or(Some(stop.start - min - onsite));
                    continue;
                }
                (Link::Starts { min, .. }, false) => {
                    bounds.1 = bounds.1.or(Some(stop.start - min));
                    continue;
                }
                _ => continue,
            };
            bounds.0 = bounds.0.max(Some(from + min));
            let upper = max.map(|max| from + max);
            bounds.1 = bounds.1.or(upper).map(|bound| bound.min(upper.unwrap_or(bound)));
        }
        bounds
    }

    fn depot(&self, mut state: State, place: PlaceIdx) -> State {
        let (drive, metres) = self.drive(state.place, Some(place));
        let arrival = state.arrival(drive);
        let (kind, end) = (StopKind::Depot { place }, arrival + self.manner.shift.depot_duration);
        let stop = RouteStop { kind, drive, metres, arrival, start: arrival, end };
        state.anchor(stop, Some(place));
        state
    }

    /// Drives home and takes what breaks are left afterwards.
    fn home(&self, mut state: State) -> (State, Moment) {
        let shift = self.manner.shift;
        let (drive, _) = self.drive(state.place, shift.end_place);
        let arrival = state.arrival(drive);
        state.missed += (arrival - shift.hard_end()).0.max(0);
        state.last = state.stops.len();
        let mut free = arrival;
        for (index, pause) in shift.breaks.iter().enumerate() {
            if state.has_taken(index) {
                continue;
            }
            let clear = state.clear_of_visit.filter(|_| pause.padded).unwrap_or(free);
            let here = pause.place.is_none() || pause.place == shift.end_place;
            let start = gaps::first_start(pause, free.max(clear)).filter(|_| here);
            match (start, pause.missed_cost) {
                (Some(start), _) => {
                    free = start + pause.duration;
                    state.stops.push(gaps::pause_stop(index, start, pause.duration));
                }
                (None, Some(cost)) => state.price += cost,
                (None, None) => state.missed += 1_000_000_000,
            }
        }
        (state, arrival)
    }

    fn written(&self, mut state: State, arrival: Moment) -> Route {
        let shift = self.manner.shift;
        let mut stops = state.stops.to_vec();
        let (drive_home, metres_home) = self.drive(state.place, shift.end_place);
        // Leaves as late as the first stop allows.
        let early = state.early;
        let wayside = stops.get(early).is_some_and(|stop| match stop.kind {
            StopKind::Break { index } => shift.breaks[index].place.is_none(),
            _ => false,
        });
        if early < state.last && !wayside {
            let first = &mut stops[early];
            state.departure = state.departure.max(first.start - first.drive);
            first.arrival = state.departure + first.drive;
        }
        Route {
            shift: self.asker.shift,
            departure: state.departure,
            stops,
            drive_home,
            metres_home,
            arrival,
        }
    }

    /// Puts off a visit that another in this route follows too late; whether there was one.
    fn put_off(&mut self, route: &Route) -> bool {
        let stop_of = |visit: VisitIdx| {
            let is = |stop: &&RouteStop| matches!(stop.kind, StopKind::Visit { visit: v, .. } if v == visit);
            route.stops.iter().find(is)
        };
        for &link in &self.asker.plan.model.links {
            let (first, second) = link.visits();
            let Some((before, after)) = stop_of(first).zip(stop_of(second)) else { continue };
            let (from, max) = match link {
                Link::Gap { max: Some(max), .. } => (before.end, max),
                Link::Starts { max: Some(max), .. } => (before.start, max),
                _ => continue,
            };
            let late = after.start - (from + max);
            if late > Seconds::ZERO && before.start <= after.start {
                self.least.insert(first, before.start + late);
                return true;
            }
        }
        false
    }
}

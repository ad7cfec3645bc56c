//! How far a route has been timed.

use std::rc::Rc;

use crate::check::plans::lookup::ready_at;
use crate::optimize::model::Shift;
use crate::optimize::solution::{RouteStop, StopKind};
use crate::units::{Moment, PlaceIdx, Seconds, VisitIdx};

/// Stops in order; those of states that go on from the same one are kept once.
#[derive(Debug, Clone, Default)]
pub(super) struct Stops {
    last: Option<Rc<Stop>>,
    count: usize,
}

#[derive(Debug)]
struct Stop {
    stop: RouteStop,
    before: Option<Rc<Self>>,
}

impl Stops {
    pub(super) fn push(&mut self, stop: RouteStop) {
        self.last = Some(Rc::new(Stop { stop, before: self.last.take() }));
        self.count += 1;
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// From the last one back.
    pub(super) fn back(&self) -> impl Iterator<Item = &RouteStop> {
        let links = std::iter::successors(self.last.as_deref(), |link| link.before.as_deref());
        links.map(|link| &link.stop)
    }

    pub(super) fn to_vec(&self) -> Vec<RouteStop> {
        let mut stops: Vec<RouteStop> = self.back().copied().collect();
        stops.reverse();
        stops
    }
}

/// A route up to the end of a stop, with the breaks taken since.
#[derive(Debug, Clone)]
pub(super) struct State {
    /// Seconds by which rules are missed so far.
    pub(super) missed: i64,
    /// Grains for breaks left out.
    pub(super) price: i64,
    /// Breaks taken, one bit each.
    taken: u64,
    pub(super) departure: Moment,
    /// End of the last stop with a place, or departure.
    pub(super) left: Moment,
    pub(super) place: Option<PlaceIdx>,
    /// Pad of the last stop if it is a visit.
    pub(super) pad_after: Option<Seconds>,
    /// From when on a padded break may start, and end of the last one.
    pub(super) clear_of_visit: Option<Moment>,
    pub(super) clear_of_break: Option<Moment>,
    /// Starts and ends of breaks taken on the way since.
    pub(super) pending: Vec<(Moment, Moment)>,
    /// Place of the visit before.
    pub(super) before: Option<PlaceIdx>,
    pub(super) stops: Stops,
    /// Number of breaks before the departure.
    pub(super) early: usize,
    /// Number of stops before the return.
    pub(super) last: usize,
}

impl State {
    /// At the start place, as early as the shift and the plan may begin.
    pub(super) fn new(from: Option<Moment>, shift: &Shift) -> Self {
        let departure = shift.start.max(from.unwrap_or(shift.start));
        Self {
            missed: 0,
            price: 0,
            taken: 0,
            departure,
            left: departure,
            place: shift.start_place,
            pad_after: None,
            clear_of_visit: None,
            clear_of_break: None,
            pending: Vec::new(),
            before: ready_at(shift),
            stops: Stops::default(),
            early: 0,
            last: 0,
        }
    }

    /// Departs then; only before the first stop on the way.
    pub(super) fn depart(&mut self, at: Moment) {
        (self.departure, self.left) = (at, at);
    }

    /// Whether the route has not left the start place.
    pub(super) fn is_at_start(&self) -> bool {
        self.stops.len() == self.early
    }

    pub(super) fn has_taken(&self, index: usize) -> bool {
        self.taken & (1 << index.min(63)) != 0
    }

    pub(super) fn take(&mut self, index: usize) {
        self.taken |= 1 << index.min(63);
    }

    /// Seconds of breaks since the last stop with a place.
    pub(super) fn paused(&self) -> Seconds {
        Seconds(self.pending.iter().map(|(start, end)| (*end - *start).0).sum())
    }

    /// From when on the technician is free, breaks on the way included.
    pub(super) fn free(&self) -> Moment {
        self.pending.last().map_or(self.left, |(_, end)| *end)
    }

    /// Arrival after a drive, begun at once and interrupted by the breaks on the way.
    pub(super) fn arrival(&self, drive: Seconds) -> Moment {
        let (mut now, mut ahead) = (self.left, drive);
        for &(start, end) in &self.pending {
            ahead -= (start - now).min(ahead);
            now = end;
        }
        now + ahead
    }

    /// Stands at a stop with a place of its own.
    pub(super) fn anchor(&mut self, stop: RouteStop, place: Option<PlaceIdx>) {
        self.left = stop.end;
        self.place = place;
        self.pad_after = None;
        self.pending.clear();
        self.stops.push(stop);
    }

    /// The stop of a visit, if it is in the route so far.
    pub(super) fn stop_of(&self, visit: VisitIdx) -> Option<&RouteStop> {
        let is =
            |stop: &&RouteStop| matches!(stop.kind, StopKind::Visit { visit: v, .. } if v == visit);
        self.stops.back().find(is)
    }
}

/// For each set of breaks taken, the state that misses least and is ready first.
pub(super) fn keep_best(mut states: Vec<State>) -> Vec<State> {
    states.sort_by_key(|state| (state.taken, state.missed, state.left));
    states.dedup_by_key(|state| state.taken);
    states
}

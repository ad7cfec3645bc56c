//! Every way of taking breaks between two stops.

use super::Timer;
use super::state::State;
use crate::optimize::model::Break;
use crate::optimize::solution::{RouteStop, StopKind};
use crate::units::{Metres, Moment, Seconds};

/// Up to so many breaks are tried in every order.
const ANY_ORDER: usize = 4;

/// First start of a break at or after `at`.
pub(super) fn first_start(pause: &Break, at: Moment) -> Option<Moment> {
    pause.starts.iter().find(|(_, last)| *last >= at).map(|(first, _)| at.max(*first))
}

/// A break as a stop where the technician already is.
pub(super) fn pause_stop(index: usize, start: Moment, duration: Seconds) -> RouteStop {
    let kind = StopKind::Break { index };
    let (drive, metres) = (Seconds::ZERO, Metres(0));
    RouteStop { kind, drive, metres, arrival: start, start, end: start + duration }
}

impl Timer<'_, '_, '_> {
    /// The state as it is, and after each selection and order of breaks that can be taken now.
    pub(super) fn gap(&self, state: &State) -> Vec<State> {
        let mut found = vec![state.clone()];
        let mut next = 0;
        while next < found.len() {
            let state = found[next].clone();
            next += 1;
            let breaks = &self.manner.shift.breaks;
            let free = (0..breaks.len()).filter(|&index| !state.has_taken(index));
            let tried = if breaks.len() <= ANY_ORDER { breaks.len() } else { 1 };
            for index in free.take(tried) {
                found.extend(self.before_departure(&state, index));
                found.extend(self.take(&state, index));
            }
        }
        found
    }

    /// Takes a break at the start place, before work begins.
    fn before_departure(&self, state: &State, index: usize) -> Option<State> {
        let shift = self.manner.shift;
        let pause = &shift.breaks[index];
        let here = pause.place.is_none() || pause.place == shift.start_place;
        if !state.is_at_start() || !here {
            return None;
        }
        let free = state.stops.back().next().map_or(Moment(i64::MIN / 4), |stop| stop.end);
        let start = first_start(pause, free)?;
        let mut state = state.clone();
        state.take(index);
        state.stops.push(pause_stop(index, start, pause.duration));
        state.early += 1;
        let end = start + pause.duration;
        state.depart(state.departure.max(end));
        if pause.padded {
            state.clear_of_break = Some(end);
        }
        Some(state)
    }

    /// Takes a break on the way or at its place, as early as it can.
    fn take(&self, state: &State, index: usize) -> Option<State> {
        let pause = &self.manner.shift.breaks[index];
        let mut state = state.clone();
        let clear = state.clear_of_visit.filter(|_| pause.padded);
        let start = if pause.place.is_some() {
            let (drive, metres) = self.drive(state.place, pause.place);
            let arrival = state.arrival(drive);
            let start = first_start(pause, arrival.max(clear.unwrap_or(arrival)))?;
            let end = start + pause.duration;
            let kind = StopKind::Break { index };
            let stop = RouteStop { kind, drive, metres, arrival, start, end };
            state.anchor(stop, pause.place);
            start
        } else {
            let free = state.free();
            let start = first_start(pause, free.max(clear.unwrap_or(free)))?;
            state.stops.push(pause_stop(index, start, pause.duration));
            state.pending.push((start, start + pause.duration));
            start
        };
        state.take(index);
        if pause.padded {
            state.clear_of_break = state.clear_of_break.max(Some(start + pause.duration));
        }
        Some(state)
    }
}

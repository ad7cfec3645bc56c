//! Putting a stop into a route and taking one out, moving as little as possible.

use crate::problem::{Leg, Shift, Stop};
use crate::schedule::timetable::{self, PauseTime};
use crate::units::{Metres, Moment, Seconds};

/// A stop whose planned start changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// Position in the shift before the insertion.
    pub stop: usize,
    /// Planned start before.
    pub from: Moment,
    /// Planned start after; still inside its promise.
    pub to: Moment,
}

/// What an insertion does to a shift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Insertion {
    /// The shift with the new stop and the new planned starts.
    pub shift: Shift,
    /// Position of the new stop in it.
    pub position: usize,
    /// Existing stops that move.
    pub moved: Vec<Moved>,
    /// When each pause is taken.
    pub pauses: Vec<PauseTime>,
    /// Arrival at the end place.
    pub arrival: Moment,
    /// How long after the soft end that is.
    pub overtime: Seconds,
    /// Driving added.
    pub added_travel: Seconds,
    /// Metres added.
    pub added_distance: Metres,
}

/// Puts `stop` after `position` stops of `shift`, at its planned start exactly.
///
/// * `shift`: pauses tidied, as in [`crate::schedule::PreparedShift::shift`].
/// * `stop`: `leg_in` is the drive from the neighbour before.
/// * `leg_after`: the drive to the neighbour after.
///
/// Stops keep their planned start unless they must move; those before move earlier, those after
/// later, each only as far as needed and inside its promise. (A pause that has to be taken
/// elsewhere may push a stop the other way.)
///
/// Returns `None` if the stop does not fit there.
///
/// Cost: O(orders x stops x pauses^2).
pub fn insert(shift: &Shift, position: usize, stop: Stop, leg_after: Leg) -> Option<Insertion> {
    if position > shift.stops.len() {
        return None;
    }
    let mut new = shift.clone();
    let replaced = shift.stops.get(position).map_or(shift.leg_out, |next| next.leg_in);
    match new.stops.get_mut(position) {
        Some(next) => next.leg_in = leg_after,
        None => new.leg_out = leg_after,
    }
    new.stops.insert(position, Stop { fixed: true, ..stop });
    let times = timetable::around(&new, position)?;
    new.stops[position].fixed = stop.fixed;
    let mut moved = Vec::new();
    for (at, (stop, &start)) in new.stops.iter_mut().zip(&times.starts).enumerate() {
        if stop.planned_start != start {
            let old = if at > position { at - 1 } else { at };
            moved.push(Moved { stop: old, from: stop.planned_start, to: start });
            stop.planned_start = start;
        }
    }
    Some(Insertion {
        shift: new,
        position,
        moved,
        pauses: times.pauses,
        arrival: times.arrival,
        overtime: times.overtime,
        added_travel: stop.leg_in.travel() + leg_after.travel() - replaced.travel(),
        added_distance: stop.leg_in.distance() + leg_after.distance() - replaced.distance(),
    })
}

/// Takes a stop out of a shift; nothing else moves.
///
/// * `leg`: the drive between its neighbours.
///
/// Returns the shift unchanged if it has no such stop.
pub fn remove(shift: &Shift, position: usize, leg: Leg) -> Shift {
    let mut new = shift.clone();
    if position < new.stops.len() {
        new.stops.remove(position);
        match new.stops.get_mut(position) {
            Some(next) => next.leg_in = leg,
            None => new.leg_out = leg,
        }
    }
    new
}

//! Small random shifts and requests, and the brute force they are compared with.

use std::sync::Arc;

use roundsman_solver::check::verify_shift;
use roundsman_solver::problem::{
    Caps, Grid, Leg, Pause, Request, Shift, ShiftEntry, Snapshot, Stop, StopKind, Technician,
    TravelRows, Usage,
};
use roundsman_solver::schedule::PreparedShift;
use roundsman_solver::units::{Moment, PlaceIdx, Seconds, Span, TechnicianIdx};

use crate::chance::Chance;

/// Places used by random cases.
pub const PLACES: u32 = 4;

pub fn entry(technician: u32, shift: Shift) -> ShiftEntry {
    let shift = Arc::new(PreparedShift::new(shift).unwrap());
    ShiftEntry { technician: TechnicianIdx(technician), shift, elsewhere: Usage::default() }
}

pub fn solo(shift: Shift) -> Snapshot {
    Snapshot::new(vec![Technician::new(1)], vec![entry(0, shift)], vec![]).unwrap()
}

fn leg(chance: &mut Chance) -> Leg {
    if chance.happens(1, 40) {
        return Leg::UNREACHABLE;
    }
    let seconds = u32::try_from(chance.within(0, 3)).unwrap();
    Leg::new(seconds, seconds * 10)
}

fn place(chance: &mut Chance) -> Option<PlaceIdx> {
    let place = u32::try_from(chance.within(0, i64::from(PLACES))).unwrap();
    (place < PLACES).then_some(PlaceIdx(place))
}

/// A stop around `middle`.
fn stop(chance: &mut Chance, middle: i64) -> Stop {
    let earliest = middle - chance.within(0, 2);
    let latest = middle + chance.within(0, 2);
    let at = place(chance);
    Stop {
        kind: if chance.happens(1, 5) { StopKind::Absence } else { StopKind::Visit },
        place: at,
        leg_in: if at.is_some() { leg(chance) } else { Leg::ZERO },
        earliest: Moment(earliest),
        latest: Moment(latest),
        planned_start: Moment(chance.within(earliest, latest)),
        duration: Seconds(chance.within(0, 3)),
        pad_before: Seconds(chance.within(0, 1)),
        pad_after: Seconds(chance.within(0, 1)),
        fixed: chance.happens(1, 6),
    }
}

/// A shift of about 18 seconds with up to `stops` stops and `pauses` pauses; often infeasible.
pub fn shift(chance: &mut Chance, stops: usize, pauses: usize) -> Shift {
    let end = chance.within(12, 18);
    let mut shift = Shift::new(Moment(0), Moment(end));
    shift.overtime_limit = Seconds(chance.within(0, 2).max(chance.within(0, 2)));
    shift.start_place = place(chance);
    shift.end_place = place(chance);
    shift.leg_out = leg(chance);
    let count = chance.count(0, stops);
    for at in 0..count {
        let middle = (2 * at as i64 + 1) * end / (2 * count as i64);
        let stop = stop(chance, middle);
        shift.stops.push(stop);
    }
    for _ in 0..chance.count(0, pauses) {
        let earliest = chance.within(-1, end);
        let duration = Seconds(chance.within(0, 3));
        shift.pauses.push(if chance.happens(1, 2) {
            Pause::absence(Moment(earliest), Moment(earliest) + duration)
        } else {
            Pause::floating(Moment(earliest), Moment(earliest + chance.within(0, 6)), duration)
        });
    }
    shift
}

/// Limits on driving, often none.
pub fn caps(chance: &mut Chance) -> Caps {
    let mut caps = Caps::default();
    if chance.happens(1, 5) {
        caps.drive_per_leg = Some(Seconds(chance.within(1, 3)));
    }
    if chance.happens(1, 5) {
        caps.drive_per_day = Some(Seconds(chance.within(2, 10)));
    }
    if chance.happens(1, 8) {
        caps.visits_per_day = Some(u32::try_from(chance.within(1, 3)).unwrap());
    }
    if chance.happens(1, 8) {
        caps.onsite_per_week = Some(Seconds(chance.within(2, 8)));
    }
    caps
}

/// A request for one person whose grid is every second from -2 to 22.
pub fn request(chance: &mut Chance) -> Request {
    let duration = Seconds(chance.within(0, 3));
    let range = Span::new(Moment(-2), Moment(23));
    let mut request =
        Request::simple(duration, range, Grid::Listed((-2..=22).map(Moment).collect()));
    request.pad_before = Seconds(chance.within(0, 1));
    request.pad_after = Seconds(chance.within(0, 1));
    if chance.happens(4, 5) {
        request.travel = Some(rows(chance));
    }
    request
}

pub fn rows(chance: &mut Chance) -> TravelRows {
    TravelRows {
        to_place: (0..PLACES).map(|_| leg(chance)).collect(),
        from_place: (0..PLACES).map(|_| leg(chance)).collect(),
    }
}

/// The shift with a new stop pinned at `start` in a position.
pub fn with_stop(shift: &Shift, request: &Request, position: usize, start: i64) -> Shift {
    let mut new = shift.clone();
    let before = match position.checked_sub(1) {
        Some(last) => shift.stops[last].place,
        None => shift.start_place,
    };
    let after = shift.stops.get(position).map_or(shift.end_place, |stop| stop.place);
    let row = |row: fn(&TravelRows, Option<PlaceIdx>) -> Leg, place| {
        request.travel.as_ref().map_or(Leg::ZERO, |rows| row(rows, place))
    };
    let leg_after = row(TravelRows::from, after);
    match new.stops.get_mut(position) {
        Some(next) => next.leg_in = leg_after,
        None => new.leg_out = leg_after,
    }
    let visit = Stop {
        leg_in: row(TravelRows::to, before),
        pad_before: request.pad_before,
        pad_after: request.pad_after,
        ..Stop::exact(Moment(start), request.duration)
    };
    new.stops.insert(position, visit);
    new
}

/// Whether some planned starts of the other stops make the checker accept the route.
pub fn can_be_timed(shift: &Shift, caps: &Caps) -> bool {
    fn go(shift: &mut Shift, caps: &Caps, at: usize) -> bool {
        let Some(stop) = shift.stops.get(at).copied() else {
            return verify_shift(shift, caps, &Usage::default()).is_empty();
        };
        (stop.opens().0..=stop.closes().0).any(|start| {
            let previous = at.checked_sub(1).map(|last| shift.stops[last].planned_end());
            if previous.is_some_and(|end| end.0 > start) {
                return false;
            }
            shift.stops[at].planned_start = Moment(start);
            let done = go(shift, caps, at + 1);
            shift.stops[at].planned_start = stop.planned_start;
            done
        })
    }
    go(&mut shift.clone(), caps, 0)
}

/// Planned starts at which one more visit fits somewhere in the shift, by trying everything.
pub fn brute_force(shift: &Shift, caps: &Caps, request: &Request) -> Vec<i64> {
    let fits = |start: &i64| {
        (0..=shift.stops.len())
            .any(|position| can_be_timed(&with_stop(shift, request, position, *start), caps))
    };
    (-2..=22).filter(fits).collect()
}

//! Independent verifier: looks at finished routes only, and shares no code with schedule or search.
//!
//! It simulates a route as a dispatcher with a watch would: stops at their planned times, and every
//! way of fitting the pauses in between, tried one after the other. Slow and plain on purpose.
//!
//! [`plans`] does the same for whole plans of the optimizer, [`crews`] for crews that stay together
//! for a day.

pub mod crews;
pub mod plans;

use crate::problem::{Caps, PoolUse, Shift, Stop, StopKind, Usage};
use crate::units::{Moment, PoolIdx, Seconds, Span, TechnicianIdx};

/// Something a finished plan gets wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A stop starts outside its promise.
    BrokenPromise {
        /// Position in the shift.
        stop: usize,
    },
    /// A leg leads nowhere.
    NoRoad {
        /// Position of the stop it should lead to; the number of stops for the way home.
        stop: usize,
    },
    /// The stops cannot be driven at their planned times with all pauses and back home in time.
    DoesNotFit,
    /// A cap of the technician is exceeded.
    OverCap {
        /// Which cap.
        cap: &'static str,
        /// What the cap allows.
        allowed: i64,
        /// What the plan does.
        used: i64,
    },
    /// Two visits of a technician overlap.
    Overlap {
        /// Whose.
        technician: TechnicianIdx,
        /// Start of the later one.
        at: Moment,
    },
    /// More units in use than exist.
    PoolExceeded {
        /// The pool.
        pool: PoolIdx,
        /// First moment.
        at: Moment,
        /// Units in use.
        used: u32,
    },
}

/// Every fault of one shift as planned.
///
/// * `shift`: pauses clipped and joined, as a prepared shift has them.
///
/// Cost: up to exponential in the number of floating breaks; fine for tests.
pub fn verify_shift(shift: &Shift, caps: &Caps, elsewhere: &Usage) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (at, stop) in shift.stops.iter().enumerate() {
        let in_time = stop.planned_start >= stop.earliest && stop.planned_start <= stop.latest;
        if !stop.fixed && !in_time {
            faults.push(Fault::BrokenPromise { stop: at });
        }
        if !stop.leg_in.is_reachable() {
            faults.push(Fault::NoRoad { stop: at });
        }
    }
    if !shift.leg_out.is_reachable() {
        faults.push(Fault::NoRoad { stop: shift.stops.len() });
    }
    let mut walk = Walk { shift, taken: vec![false; shift.pauses.len()] };
    if !walk.gap(0) {
        faults.push(Fault::DoesNotFit);
    }
    verify_caps(shift, caps, elsewhere, &mut faults);
    faults
}

fn verify_caps(shift: &Shift, caps: &Caps, elsewhere: &Usage, faults: &mut Vec<Fault>) {
    let mut visits = 0;
    let mut onsite = 0;
    let mut driving = shift.leg_out.travel().0;
    let mut longest = driving;
    for stop in &shift.stops {
        if stop.kind == StopKind::Visit {
            visits += 1;
            onsite += stop.duration.0;
        }
        driving += stop.leg_in.travel().0;
        longest = longest.max(stop.leg_in.travel().0);
    }
    let seconds = |cap: Option<Seconds>| cap.map(|cap| cap.0);
    let list = [
        (
            "visits per day",
            caps.visits_per_day.map(i64::from),
            visits + i64::from(elsewhere.day_visits),
        ),
        (
            "visits per week",
            caps.visits_per_week.map(i64::from),
            visits + i64::from(elsewhere.week_visits),
        ),
        ("on site per day", seconds(caps.onsite_per_day), onsite + elsewhere.day_onsite.0),
        ("on site per week", seconds(caps.onsite_per_week), onsite + elsewhere.week_onsite.0),
        ("drive per leg", seconds(caps.drive_per_leg), longest),
        ("drive per day", seconds(caps.drive_per_day), driving + elsewhere.day_drive.0),
    ];
    for (cap, allowed, used) in list {
        if let Some(allowed) = allowed.filter(|&allowed| used > allowed) {
            faults.push(Fault::OverCap { cap, allowed, used });
        }
    }
}

/// A walk through a route, gap by gap, with the pauses not yet taken.
struct Walk<'a> {
    shift: &'a Shift,
    taken: Vec<bool>,
}

/// Where the walk stands between two stops.
#[derive(Clone, Copy)]
struct Between {
    /// End of the stop before, and the free time it needs.
    ended: i64,
    pad: i64,
    /// Pauses taken since, in total; end of the last one; end of the last absence.
    paused: i64,
    free_from: i64,
    absent_until: Option<i64>,
}

impl Walk<'_> {
    /// Whether the route from the gap before stop `at` on can be done.
    fn gap(&mut self, at: usize) -> bool {
        let (ended, pad) = match at.checked_sub(1).map(|last| &self.shift.stops[last]) {
            Some(last) => (last.planned_start.0 + last.duration.0, last.pad_after.0),
            None => (self.shift.start.0, 0),
        };
        let between = Between { ended, pad, paused: 0, free_from: ended, absent_until: None };
        self.go_on(at, between)
    }

    fn go_on(&mut self, at: usize, between: Between) -> bool {
        let arrives = match self.shift.stops.get(at) {
            Some(stop) => reaches(stop, at == 0, between) && self.gap(at + 1),
            None => self.comes_home(between),
        };
        if arrives {
            return true;
        }
        for pause in 0..self.taken.len() {
            if self.taken[pause] {
                continue;
            }
            let Some(after) = self.take(pause, between) else { continue };
            if self.shift.stops.get(at).is_some_and(|next| next.planned_start.0 < after.free_from) {
                continue;
            }
            self.taken[pause] = true;
            let done = self.go_on(at, after);
            self.taken[pause] = false;
            if done {
                return true;
            }
        }
        false
    }

    /// Takes a pause next, as early as possible.
    fn take(&self, pause: usize, between: Between) -> Option<Between> {
        let pause = &self.shift.pauses[pause];
        let mut start = pause.earliest.0.max(between.free_from);
        if pause.padded {
            start = start.max(between.ended + between.pad);
        }
        if start > pause.latest.0 {
            return None;
        }
        let end = start + pause.duration.0;
        let absent_until = if pause.padded { Some(end) } else { between.absent_until };
        let paused = between.paused + pause.duration.0;
        Some(Between { paused, free_from: end, absent_until, ..between })
    }

    /// Whether the technician is home in time and can take the pauses that are left afterwards.
    fn comes_home(&mut self, between: Between) -> bool {
        let driven = between.ended + between.paused + self.shift.leg_out.travel().0;
        let arrival = driven.max(between.free_from);
        if arrival > self.shift.end.0 + self.shift.overtime_limit.0 {
            return false;
        }
        let home = Between { free_from: arrival, ..between };
        self.rest_at_home(home)
    }

    fn rest_at_home(&mut self, between: Between) -> bool {
        let mut left = false;
        for pause in 0..self.taken.len() {
            if self.taken[pause] {
                continue;
            }
            left = true;
            if let Some(after) = self.take(pause, between) {
                self.taken[pause] = true;
                let done = self.rest_at_home(after);
                self.taken[pause] = false;
                if done {
                    return true;
                }
            }
        }
        !left
    }
}

/// Whether a stop can start as planned.
fn reaches(stop: &Stop, is_first: bool, between: Between) -> bool {
    let pads = if is_first { 0 } else { between.pad + stop.pad_before.0 };
    let travel = stop.leg_in.travel().0.max(pads);
    let start = stop.planned_start.0;
    start >= between.ended + between.paused + travel
        && start >= between.free_from
        && between.absent_until.is_none_or(|until| start >= until + stop.pad_before.0)
}

/// Moments at which two shifts' worth of stops of one technician overlap.
pub fn verify_overlaps(technician: TechnicianIdx, shifts: &[&Shift]) -> Vec<Fault> {
    let stops = shifts.iter().flat_map(|shift| &shift.stops);
    let mut spans: Vec<Span> =
        stops.map(|s| Span::new(s.planned_start, s.planned_start + s.duration)).collect();
    spans.sort_unstable();
    let overlaps = spans.windows(2).filter(|pair| pair[1].from < pair[0].until);
    overlaps.map(|pair| Fault::Overlap { technician, at: pair[1].from }).collect()
}

/// Moments at which a pool runs out; looks at the start of every use, where the number can only grow.
pub fn verify_pool(at: PoolIdx, units: u32, uses: &[PoolUse]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for moment in uses.iter().filter(|u| u.span.length() > Seconds::ZERO).map(|u| u.span.from) {
        let here = uses.iter().filter(|other| other.span.contains(moment));
        let used = here.map(|other| other.units).sum();
        if used > units {
            faults.push(Fault::PoolExceeded { pool: at, at: moment, used });
        }
    }
    faults
}

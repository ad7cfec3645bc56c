//! One stop of a route.

use crate::optimize::rich::data::{Data, Kind, NONE, OUT, snap_down, snap_up};
use crate::optimize::rich::rests::Between;

/// No place, not even none.
pub(super) const UNKNOWN: u32 = u32::MAX - 1;

/// What stands in a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::optimize::rich) enum Role {
    /// The start or the end place.
    Edge,
    /// A task of a visit or of a unit.
    Work,
    /// A break with a place.
    Pause,
    /// A depot, where stock and tools are fetched.
    Depot,
}

/// One stop, the start or the end of a route.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is asked by itself, and all are independent"
)]
pub(in crate::optimize::rich) struct Node {
    pub(in crate::optimize::rich) task: u32,
    pub(in crate::optimize::rich) job: u32,
    pub(in crate::optimize::rich) place: u32,
    /// Place of the last visit up to here.
    pub(in crate::optimize::rich) last_place: u32,
    /// Time at the stop.
    pub(in crate::optimize::rich) dur: i32,
    pub(in crate::optimize::rich) setup: i32,
    /// Setup where the stop before is at another place.
    pub(in crate::optimize::rich) setup_full: i32,
    /// Time at the stop without setup.
    pub(in crate::optimize::rich) work: i32,
    /// First and last start.
    pub(in crate::optimize::rich) from: i32,
    pub(in crate::optimize::rich) to: i32,
    pub(in crate::optimize::rich) pad_before: i32,
    pub(in crate::optimize::rich) pad_after: i32,
    pub(in crate::optimize::rich) windows: (u32, u32),
    /// Drive to here from the stop before.
    pub(in crate::optimize::rich) hop: i32,
    pub(in crate::optimize::rich) hop_cost: i64,
    pub(in crate::optimize::rich) hop_metres: i64,
    /// Where the drive was measured from; `UNKNOWN` = the node is in none of the route's sums.
    pub(in crate::optimize::rich) hop_from: u32,
    /// The drive cannot or may not be.
    pub(super) bad: bool,
    /// Fixed cost of the task on the car.
    pub(in crate::optimize::rich) fit: i64,
    /// Done by a person, not by a unit of equipment.
    pub(in crate::optimize::rich) person: bool,
    pub(in crate::optimize::rich) role: Role,
    pub(in crate::optimize::rich) settled: bool,
    pub(in crate::optimize::rich) forced: bool,
    pub(in crate::optimize::rich) coupled: bool,
    /// An absence at a place: pads of visits lie clear of it.
    pub(in crate::optimize::rich) padded: bool,
}

impl Node {
    pub(super) fn edge(place: u32, from: i32, to: i32) -> Self {
        Self {
            task: NONE,
            job: NONE,
            place,
            last_place: NONE,
            dur: 0,
            setup: 0,
            setup_full: 0,
            work: 0,
            from,
            to,
            pad_before: 0,
            pad_after: 0,
            windows: (0, 0),
            hop: 0,
            hop_cost: 0,
            hop_metres: 0,
            hop_from: UNKNOWN,
            bad: false,
            fit: 0,
            person: false,
            role: Role::Edge,
            settled: false,
            forced: false,
            coupled: false,
            padded: false,
        }
    }

    /// A stop at a depot.
    pub(in crate::optimize::rich) fn depot(place: u32, dur: i32) -> Self {
        Self { dur, role: Role::Depot, ..Self::edge(place, -OUT, OUT) }
    }

    /// A task on a car, setup included.
    pub(in crate::optimize::rich) fn new(data: &Data, task: u32, car: u32) -> Self {
        let of = &data.tasks[task as usize];
        let job = &data.jobs[of.job as usize];
        let windows = data.windows_of(task, car);
        let list = data.window_list(windows);
        let (from, to) = match (list.first(), list.last()) {
            (Some(first), Some(last)) => (first.0, last.1),
            _ => (OUT, -OUT),
        };
        let is_break = matches!(job.kind, Kind::Break(_));
        let (setup, service) = data.times_of(task, car);
        let work = service + of.exit;
        Self {
            task,
            job: of.job,
            place: of.place,
            last_place: of.place,
            dur: setup + work,
            setup,
            setup_full: setup,
            work,
            from,
            to,
            pad_before: of.pad_before,
            pad_after: of.pad_after,
            windows,
            hop: 0,
            hop_cost: 0,
            hop_metres: 0,
            hop_from: UNKNOWN,
            bad: false,
            fit: if is_break || of.pool != NONE { 0 } else { data.fit(task, car) },
            person: of.pool == NONE,
            role: if is_break { Role::Pause } else { Role::Work },
            settled: job.settled,
            forced: job.forced,
            coupled: job.coupled,
            padded: is_padded(data, job.kind, car),
        }
    }

    /// Whether it has one window and begins when somebody is there.
    pub(in crate::optimize::rich) fn is_simple(&self) -> bool {
        self.role != Role::Pause && !self.forced && self.windows.1 <= self.windows.0 + 1
    }

    /// First start at or after an arrival; `OUT` if too late.
    #[inline]
    pub(in crate::optimize::rich) fn start_after(&self, data: &Data, arrival: i32) -> i32 {
        if self.forced {
            return self.from;
        }
        let mut start = arrival.max(self.from);
        if self.windows.1 > self.windows.0 + 1 {
            start = snap_up(data.window_list(self.windows), start);
        }
        if start <= self.to { start } else { OUT }
    }

    /// Last start that ends by `end`; `-OUT` if there is none.
    #[inline]
    pub(in crate::optimize::rich) fn start_before(&self, data: &Data, end: i32) -> i32 {
        if self.forced {
            return self.from;
        }
        let mut start = (end - self.dur).min(self.to);
        if self.windows.1 > self.windows.0 + 1 {
            start = snap_down(data.window_list(self.windows), start);
        }
        if start >= self.from { start } else { -OUT }
    }
}

/// What lies between two nodes with a drive of so many seconds.
#[inline]
pub(in crate::optimize::rich) fn between(before: &Node, after: &Node, drive: i32) -> Between {
    let pads = match (before.role, after.role) {
        (Role::Work, Role::Work) => before.pad_after + after.pad_before,
        (Role::Work, _) if after.padded => before.pad_after,
        (_, Role::Work) if before.padded => after.pad_before,
        _ => 0,
    };
    Between { travel: drive.max(pads), pad_after: before.pad_after, pad_before: after.pad_before }
}

fn is_padded(data: &Data, kind: Kind, car: u32) -> bool {
    let Kind::Break(at) = kind else { return false };
    let shift = data.model.shifts.get(car as usize);
    shift.and_then(|shift| shift.breaks.get(at as usize)).is_some_and(|pause| pause.padded)
}

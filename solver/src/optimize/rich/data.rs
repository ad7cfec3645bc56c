//! The model as flat tables: tasks, shifts, windows and who may do what at which fixed cost.
//!
//! A *job* is a visit, a break with a place, or maintenance of a unit of equipment. A *task* is what
//! one person or one unit does in it. A *car* is a shift, or one unit of a pool: a route without
//! travel. So a crew, a visit with shared equipment, and both together are the same thing: a job
//! with several tasks that start at one time on different cars.

use std::collections::HashMap;

use crate::optimize::model::{Model, Visit};
use crate::optimize::rich::travel::Travel;
use crate::units::Moment;

/// No index.
pub(super) const NONE: u32 = u32::MAX;
/// Later than everything; sums of a few of these still fit.
pub(super) const OUT: i32 = 1 << 29;
/// Cost of somebody who may not do a task.
pub(super) const NEVER: i64 = i64::MAX / 4;

/// First and last moment, both count.
pub(super) type Window = (i32, i32);

/// What one person or one unit does in a job.
#[derive(Debug, Clone, Copy)]
pub(super) struct Task {
    pub(super) job: u32,
    pub(super) role: u8,
    pub(super) place: u32,
    pub(super) setup: i32,
    pub(super) service: i32,
    pub(super) exit: i32,
    pub(super) pad_before: i32,
    pub(super) pad_after: i32,
    /// Pool whose unit does it; `NONE` = a person.
    pub(super) pool: u32,
}

/// What a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Visit,
    /// A break with a place: its position in the shift's list.
    Break(u32),
    /// Equipment away for reasons of its own.
    Taken,
}

/// Something that is done at one time by all who take part.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is asked by itself, and all are independent"
)]
pub(super) struct Job {
    pub(super) kind: Kind,
    /// First task and number of tasks; people first, then units.
    pub(super) first: u32,
    pub(super) tasks: u32,
    pub(super) persons: u32,
    /// Part of `Data::windows`: when it may start.
    pub(super) windows: (u32, u32),
    /// First and last start of all windows.
    pub(super) outer: Window,
    /// Times of other routes depend on it, or it on theirs.
    pub(super) coupled: bool,
    /// Never taken out.
    pub(super) fixed: bool,
    /// Started or frozen: start and shifts are given, and it may be before the first moment.
    pub(super) settled: bool,
    /// Started: stays at its time even if that breaks rules.
    pub(super) forced: bool,
    pub(super) mandatory: i64,
    pub(super) prize: i64,
    /// Any cost depends on when it starts.
    pub(super) timed: bool,
    /// A later start never costs less: the first possible one bounds the cost from below.
    pub(super) late_only: bool,
    /// Where `late_only`: end of its window and grains per second after it, then of its due time.
    pub(super) late: [(i32, i64); 2],
    /// Position in the plan in force among those whose order must stay.
    pub(super) order: u32,
}

impl Job {
    /// What it is worth if it need not be done.
    pub(super) fn optional_prize(&self) -> i64 {
        if self.kind == Kind::Visit && self.mandatory == 0 { self.prize } else { 0 }
    }
}

/// How much care is taken with the times of routes; see `price::labels`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Care {
    /// As early as can be, then moved on where that saves something.
    Usual,
    /// The cheapest ones for plans that may be the best.
    Best,
    /// The cheapest ones for every route.
    Always,
}

/// A break without a place that must be taken.
#[derive(Debug, Clone)]
pub(super) struct Rest {
    /// Position in the shift's list.
    pub(super) index: u32,
    pub(super) starts: Vec<Window>,
    pub(super) duration: i32,
    pub(super) padded: bool,
    pub(super) paid: bool,
    /// Grains for leaving it out.
    pub(super) missed: Option<i64>,
    /// Most load it may be taken with, by kind; empty = any.
    pub(super) load_max: Vec<i64>,
}

/// A shift, or one unit of a pool.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is asked by itself, and all are independent"
)]
pub(super) struct Car {
    /// Whose; `NONE` for a unit.
    pub(super) technician: u32,
    /// Pool of a unit.
    pub(super) pool: u32,
    pub(super) start: i32,
    pub(super) soft_end: i32,
    pub(super) hard_end: i32,
    pub(super) start_place: u32,
    /// Where no setup is needed at the first visit.
    pub(super) ready_place: u32,
    pub(super) end_place: u32,
    pub(super) rests: Vec<Rest>,
    /// Tasks of breaks with a place that may be left out, and what that costs.
    pub(super) placed: Vec<(u32, i64)>,
    /// Tasks of breaks with a place that must be taken if there is any work.
    pub(super) must: Vec<u32>,
    pub(super) travel: usize,
    pub(super) leg_max: i32,
    pub(super) drive_max: i64,
    pub(super) metres_max: i64,
    pub(super) visits_max: i64,
    pub(super) paid_max: i64,
    /// Sums of the technician's day and week.
    pub(super) day: u32,
    pub(super) week: u32,
    pub(super) paid_second: i64,
    pub(super) onsite_second: i64,
    pub(super) overtime_second: i64,
    pub(super) used: i64,
    /// Seconds from the start to the soft end: how idle it is without work.
    pub(super) idle: i32,
    /// Earliest departure if the first visit is settled.
    pub(super) first_start: i32,
    /// Any cost depends on the times of the route.
    pub(super) timed: bool,
    /// But for breaks and visits, only on its length and its end.
    pub(super) simple: bool,
    /// Loads, stock or tools have to be looked at.
    pub(super) loaded: bool,
    /// Some break may be taken only with little load.
    pub(super) picky: bool,
}

impl Car {
    /// Whether the number of its visits or its drives are limited.
    pub(super) fn is_limited(&self) -> bool {
        self.visits_max.min(self.drive_max).min(self.metres_max) < i64::MAX / 8
    }

    pub(super) fn is_unit(&self) -> bool {
        self.technician == NONE
    }

    /// Whether time between departure and return costs something, or is limited.
    pub(super) fn pays_time(&self) -> bool {
        self.paid_second != 0 || self.paid_max < i64::MAX / 8
    }
}

/// How a visit is tied to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tie {
    /// It starts so long after the end of the other (least, most).
    AfterEnd(i32, i32),
    /// It starts so long after the start of the other.
    AfterStart(i32, i32),
    /// The other starts so long after its end.
    BeforeEnd(i32, i32),
    /// The other starts so long after its start.
    BeforeStart(i32, i32),
    Same,
    Different,
    /// Both or neither.
    Both,
    /// In the same shift; the other comes later.
    Pickup,
    /// In the same shift; the other comes earlier.
    Dropoff,
}

/// Limits of a technician in a day or week.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Limit {
    pub(super) visits: i64,
    pub(super) onsite: i64,
    pub(super) drive: i64,
}

/// The compiled model.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is asked by itself, and all are independent"
)]
pub(super) struct Data<'m> {
    pub(super) model: &'m Model,
    /// Moment 0 of all times.
    pub(super) origin: i64,
    pub(super) jobs: Vec<Job>,
    pub(super) tasks: Vec<Task>,
    /// First task of each job, and one past the last task.
    pub(super) firsts: Vec<u32>,
    pub(super) cars: Vec<Car>,
    /// Shifts of people; the cars after them are units.
    pub(super) shifts: usize,
    pub(super) windows: Vec<Window>,
    /// Fixed cost by task and shift: `fit[task * shifts + shift]`; `NEVER` = not allowed.
    pub(super) fit: Vec<i64>,
    /// By task: a bit for each shift that may do it, 64 to a number.
    pub(super) able: Vec<u64>,
    /// By task: its fixed cost, if it is the same on all shifts that may do it; else `NEVER`.
    pub(super) even: Vec<i64>,
    /// Windows that differ for certain tasks and shifts.
    pub(super) narrowed: HashMap<(u32, u32), (u32, u32)>,
    /// Setup and service by task and technician.
    pub(super) paced: HashMap<(u32, u32), (i32, i32)>,
    pub(super) ties: Vec<Vec<(u32, Tie)>>,
    pub(super) limits: Vec<Limit>,
    pub(super) travels: Vec<Travel<'m>>,
    /// First car of each pool's units.
    pub(super) units: Vec<(u32, u32)>,
    /// Jobs near each job, nearest first.
    pub(super) near: Vec<Vec<u32>>,
    /// By task: shifts that would do it alone and what that costs in drives and fixed costs, the
    /// cheapest first.
    pub(super) alone: Vec<Vec<(i64, u32)>>,
    /// How far each job is from where shifts start, in seconds.
    pub(super) remote: Vec<i32>,
    /// By job: all that are done together or not at all, itself included.
    pub(super) bundles: Vec<Vec<u32>>,
    /// Any job is coupled.
    pub(super) coupled: bool,
    /// There are links.
    pub(super) linked: bool,
    /// By job and kind of load: parts used up; empty if nobody needs any.
    pub(super) parts: Vec<i64>,
    /// By job and technician: whether a tool has to be fetched; empty if no job needs a tool.
    pub(super) lacking: Vec<bool>,
    /// Any task has a setup.
    pub(super) setups: bool,
    /// Something keeps clear of a stop or a break for longer than the drive may take.
    pub(super) pads: bool,
    /// Anybody's day or week has limits.
    pub(super) limited: bool,
    /// Any shift has a break with a place that must be taken.
    pub(super) must: bool,
    /// Putting a job in may lower the cost.
    pub(super) may_gain: bool,
    /// Any optional visit is worth something.
    pub(super) prizes: bool,
    /// To use a shift or a technician at all costs something.
    pub(super) shifts_cost: bool,
    /// Any cost depends on times.
    pub(super) timed: bool,
    /// Waiting costs something, or is limited.
    pub(super) pays_time: bool,
    pub(super) care: Care,
    /// The sum of the people's shares, and by technician.
    pub(super) shares: Vec<i64>,
    pub(super) first_day: u32,
}

impl Data<'_> {
    /// The model's time of a moment.
    pub(super) fn time(&self, moment: Moment) -> i32 {
        relative(self.origin, moment)
    }

    pub(super) fn moment(&self, time: i32) -> Moment {
        Moment(self.origin + i64::from(time))
    }

    /// The model's visit of a job that is one.
    pub(super) fn visit(&self, job: u32) -> &Visit {
        &self.model.visits[job as usize]
    }

    /// Seconds from the start of a job until its first member is done, setup included.
    pub(super) fn length(&self, job: u32) -> i32 {
        let task = &self.tasks[self.jobs[job as usize].first as usize];
        task.setup + task.service + task.exit
    }

    #[inline]
    pub(super) fn job_tasks(&self, job: u32) -> std::ops::Range<u32> {
        self.firsts[job as usize]..self.firsts[job as usize + 1]
    }

    /// Below which price times are looked for with care, in the search and for its best plans.
    pub(super) fn careful_below(&self, best: bool) -> i64 {
        match self.care {
            Care::Always => i64::MAX,
            Care::Best if best => i64::MAX,
            _ => i64::MIN,
        }
    }

    /// Whether routes share times that cost something: what one does may cost on another.
    pub(super) fn shares_costs(&self) -> bool {
        self.timed && (self.coupled || self.linked)
    }

    /// Fixed cost of a task on a car, or `NEVER`.
    #[inline]
    pub(super) fn fit(&self, task: u32, car: u32) -> i64 {
        let (at, car) = (task as usize, car as usize);
        if car < self.shifts {
            // The large table lies far away.
            return match self.even.get(at) {
                Some(&cost) if cost < NEVER => {
                    let able = self.able[at * self.shifts.div_ceil(64) + car / 64];
                    if able >> (car % 64) & 1 == 1 { cost } else { NEVER }
                }
                _ => self.fit[at * self.shifts + car],
            };
        }
        let pool = self.tasks[at].pool;
        if pool != NONE && pool == self.cars[car].pool { 0 } else { NEVER }
    }

    /// A bit for each shift that may do a task, 64 to a number.
    #[inline]
    pub(super) fn able(&self, task: u32) -> &[u64] {
        let words = self.shifts.div_ceil(64);
        &self.able[task as usize * words..][..words]
    }

    /// Parts that a job uses up, by kind.
    #[inline]
    pub(super) fn parts_of(&self, job: u32) -> &[i64] {
        let kinds = self.model.loads.len();
        self.parts.get(job as usize * kinds..(job as usize + 1) * kinds).unwrap_or(&[])
    }

    /// Whether a technician has to fetch a tool for a visit for one person.
    #[inline]
    pub(super) fn lacks(&self, job: u32, who: u32) -> bool {
        let people = self.model.technicians.len();
        self.lacking.get(job as usize * people + who as usize).is_some_and(|&lacks| lacks)
    }

    /// Windows of a task on a car.
    #[inline]
    pub(super) fn windows_of(&self, task: u32, car: u32) -> (u32, u32) {
        if !self.narrowed.is_empty()
            && let Some(&found) = self.narrowed.get(&(task, car))
        {
            return found;
        }
        self.jobs[self.tasks[task as usize].job as usize].windows
    }

    /// Seconds of setup and of service of a task on a car.
    #[inline]
    pub(super) fn times_of(&self, task: u32, car: u32) -> (i32, i32) {
        if !self.paced.is_empty()
            && let Some(&found) = self.paced.get(&(task, self.cars[car as usize].technician))
        {
            return found;
        }
        let of = &self.tasks[task as usize];
        (of.setup, of.service)
    }

    #[inline]
    pub(super) fn window_list(&self, range: (u32, u32)) -> &[Window] {
        &self.windows[range.0 as usize..range.1 as usize]
    }
}

/// Seconds after the origin, cut to what can be counted with.
pub(super) fn relative(origin: i64, moment: Moment) -> i32 {
    narrow(moment.0.saturating_sub(origin))
}

/// A length or time cut to plus or minus a quarter of a billion seconds.
pub(super) fn narrow(value: i64) -> i32 {
    let bound = i64::from(OUT / 2);
    i32::try_from(value.clamp(-bound, bound)).unwrap_or(0)
}

/// A position as an index.
pub(super) fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(NONE)
}

/// First start in any window at or after `time`; `OUT` if there is none.
#[inline]
pub(super) fn snap_up(windows: &[Window], time: i32) -> i32 {
    for &(from, until) in windows {
        if time <= until {
            return time.max(from);
        }
    }
    OUT
}

/// Last start in any window at or before `time`; `-OUT` if there is none.
#[inline]
pub(super) fn snap_down(windows: &[Window], time: i32) -> i32 {
    for &(from, until) in windows.iter().rev() {
        if time >= from {
            return time.min(until);
        }
    }
    -OUT
}

/// What both lists of ascending, disjoint windows allow.
pub(super) fn intersect(one: &[Window], other: &[Window]) -> Vec<Window> {
    let mut both = Vec::new();
    for &(from, until) in one {
        for &(first, last) in other {
            let (low, high) = (from.max(first), until.min(last));
            if low <= high {
                both.push((low, high));
            }
        }
    }
    both
}

/// What either of the windows allows, ascending and disjoint.
pub(super) fn unite(mut windows: Vec<Window>) -> Vec<Window> {
    windows.sort_unstable();
    let mut joined: Vec<Window> = Vec::new();
    for (from, until) in windows {
        match joined.last_mut() {
            Some(last) if from <= last.1.saturating_add(1) => last.1 = last.1.max(until),
            _ => joined.push((from, until)),
        }
    }
    joined
}

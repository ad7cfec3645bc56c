//! A plan that changes: routes, who does what, times that routes share, and a log to take back.

mod loosen;
mod saved;
mod settle;
mod sums;
mod worth;

use std::collections::VecDeque;

use crate::optimize::rich::data::{Data, Kind, NONE, OUT};
use crate::optimize::rich::loads;
use crate::optimize::rich::price::{Price, Pricing};
use crate::optimize::rich::route::{Node, Route};

pub(super) use saved::Saved;
pub(super) use worth::Worth;

/// What is remembered to take a change back.
#[derive(Debug)]
enum Undo {
    Route(u32, Box<Route>),
    At(u32, u32),
    Earliest(u32, i32),
    Latest(u32, i32),
    Hold(u32, i32),
    Span(u32, i32),
    Sum(u32, Sum),
}

/// What a technician does in a day or week.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    visits: i64,
    onsite: i64,
    drive: i64,
}

/// Routes of all cars and what is known about shared times.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is asked by itself, and all are independent"
)]
pub(super) struct Plan {
    pub(super) routes: Vec<Route>,
    /// Car of each task.
    pub(super) at: Vec<u32>,
    /// Earliest start of each coupled job that is planned, over all its cars: it starts then.
    pub(super) earliest: Vec<i32>,
    /// Latest start of each coupled job that is planned.
    pub(super) latest: Vec<i32>,
    /// No coupled job starts before this, whatever its windows: chosen when it is put in.
    hold: Vec<i32>,
    /// Seconds from the start of a coupled job until its last member is done.
    pub(super) span: Vec<i32>,
    sums: Vec<Sum>,
    /// Shifts without work.
    pub(super) idle: usize,
    /// Whether each shift has work.
    pub(super) busy: Vec<bool>,
    log: Vec<Undo>,
    #[expect(clippy::vec_box, reason = "boxes go back and forth between here and the log")]
    spare: Vec<Box<Route>>,
    /// Cars whose routes changed since times were settled.
    touched: Vec<u32>,
    stale: Vec<u32>,
    /// Coupled jobs put in since then.
    fresh: Vec<u32>,
    /// Something was taken out since then.
    loosened: bool,
    /// Any job is coupled.
    coupled: bool,
    /// What has begun goes in whatever limits it breaks.
    pub(super) lenient: bool,
    /// Breaks with a place may come after the visits.
    pub(super) unrested: bool,
    queue: VecDeque<u32>,
    queued: Vec<bool>,
    /// Cars whose times are being settled.
    reached: Vec<u32>,
    /// `None` where there is no car at all.
    scratch: Option<Box<Route>>,
    pub(super) pricing: Pricing,
    /// By car: number of a state of its route, and its price with the cheapest times.
    best_prices: Vec<(u64, Price)>,
    /// Start of the log since the last mark.
    level: usize,
    /// Last number given to the state of a route.
    stamps: u64,
    /// By car: number of the state of its route; 0 = it has none, or the log has an earlier state. Side
    /// by side, for they are asked for again and again.
    known: Vec<u64>,
    /// Sum of the costs of all routes.
    pub(super) total: i64,
    /// Weight and prize of what is left out.
    pub(super) left_out: (i64, i64),
    /// By task: weight and prize of its job, if it is the first one.
    value: Vec<(i64, i64)>,
}

/// A point to go back to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    at: usize,
    outer: usize,
}

impl Plan {
    /// A plan without visits; equipment that is away is in its place.
    pub(super) fn new(data: &Data) -> Self {
        let cars = u32::try_from(data.cars.len()).unwrap_or(NONE);
        let mut plan = Self {
            routes: (0..cars).map(|car| Route::new(data, car)).collect(),
            at: vec![NONE; data.tasks.len()],
            earliest: data.jobs.iter().map(|job| job.outer.0).collect(),
            latest: data.jobs.iter().map(|job| job.outer.1).collect(),
            hold: vec![-OUT; data.jobs.len()],
            span: vec![0; data.jobs.len()],
            sums: vec![Sum::default(); data.limits.len()],
            idle: data.shifts,
            busy: vec![false; data.shifts],
            log: Vec::new(),
            spare: Vec::new(),
            touched: Vec::new(),
            stale: Vec::new(),
            fresh: Vec::new(),
            loosened: false,
            coupled: data.coupled,
            lenient: false,
            unrested: false,
            queue: VecDeque::new(),
            queued: vec![false; data.cars.len()],
            reached: Vec::new(),
            scratch: (cars > 0).then(|| Box::new(Route::new(data, 0))),
            pricing: Pricing::default(),
            best_prices: Vec::new(),
            level: 0,
            stamps: 0,
            known: Vec::new(),
            total: 0,
            left_out: (0, 0),
            value: vec![(0, 0); data.tasks.len()],
        };
        for job in data.jobs.iter().filter(|job| job.kind != Kind::Taken) {
            // What a break costs that is left out is part of its route.
            let prize = if job.kind == Kind::Visit { job.prize } else { 0 };
            plan.value[job.first as usize] = (job.mandatory, prize);
            plan.left_out.0 += job.mandatory;
            plan.left_out.1 += prize;
        }
        for route in &mut plan.routes {
            plan.stamps += 1;
            route.measure(data);
            if data.cars[route.car as usize].loaded {
                loads::measure(data, route);
            }
            let feasible = route.forward(data) && route.backward(data);
            if !feasible {
                // Nothing fits into a shift whose own breaks do not; keep the arrays whole.
                let count = route.nodes.len() * route.stride();
                (route.ends, route.lates) = (vec![OUT; count], vec![-OUT; count]);
            } else if data.timed {
                route.join(data);
            }
            route.stamp = plan.stamps;
        }
        plan.known = plan.routes.iter().map(|route| route.stamp).collect();
        plan
    }

    /// Whether a job is in the plan.
    #[inline]
    pub(super) fn has(&self, data: &Data, job: u32) -> bool {
        self.at[data.jobs[job as usize].first as usize] != NONE
    }

    /// Where a visit stands now: its route and position.
    pub(super) fn find(&self, task: u32) -> Option<(u32, usize)> {
        let car = self.at[task as usize];
        let route = self.routes.get(car as usize)?;
        route.find(task).map(|at| (car, at))
    }

    /// Begins something that can be taken back.
    pub(super) fn begin(&mut self) -> Mark {
        let mark = Mark { at: self.log.len(), outer: self.level };
        self.level = mark.at;
        mark
    }

    /// Ends it for good, as far as what is around it stays.
    pub(super) fn release(&mut self, mark: Mark) {
        self.level = mark.outer;
    }

    /// Takes everything back to a mark.
    pub(super) fn rollback(&mut self, mark: Mark) {
        while self.log.len() > mark.at {
            match self.log.pop() {
                Some(Undo::Route(car, old)) => {
                    let route = &mut self.routes[car as usize];
                    self.total += old.cost - route.cost;
                    if let Some(busy) = self.busy.get_mut(car as usize) {
                        *busy = old.visits > 0;
                        self.idle += usize::from(old.visits == 0);
                        self.idle -= usize::from(route.visits == 0);
                    }
                    let mut old = old;
                    std::mem::swap(route, &mut old);
                    // It may have been changed before the mark, too.
                    let is_kept = !is_saved(&self.log, route);
                    self.known[car as usize] = if is_kept { route.stamp } else { 0 };
                    self.spare.push(old);
                    if route.stale {
                        self.stale.push(car);
                    }
                }
                Some(Undo::At(task, old)) => self.set_at(task, old),
                Some(Undo::Earliest(job, old)) => self.earliest[job as usize] = old,
                Some(Undo::Latest(job, old)) => self.latest[job as usize] = old,
                Some(Undo::Hold(job, old)) => self.hold[job as usize] = old,
                Some(Undo::Span(job, old)) => self.span[job as usize] = old,
                Some(Undo::Sum(at, old)) => self.sums[at as usize] = old,
                None => break,
            }
        }
        self.level = mark.outer;
        self.touched.clear();
        self.fresh.clear();
    }

    /// Forgets how to go back.
    pub(super) fn keep(&mut self) {
        self.keep_and_tell(&mut Vec::new());
    }

    /// Forgets how to go back; adds the routes that have changed to a list.
    pub(super) fn keep_and_tell(&mut self, moved: &mut Vec<u32>) {
        while let Some(undo) = self.log.pop() {
            if let Undo::Route(car, old) = undo {
                self.known[car as usize] = self.routes[car as usize].stamp;
                self.spare.push(old);
                moved.push(car);
            }
        }
        if moved.len() > 8 * self.routes.len() {
            moved.sort_unstable();
            moved.dedup();
        }
        self.level = 0;
    }

    /// Whether a route has been changed since the last mark.
    #[inline]
    pub(super) fn is_changed(&self, car: u32) -> bool {
        let route = &self.routes[car as usize];
        route.saved >= self.level && is_saved(&self.log, route)
    }

    /// Number of the state of a route whose times are settled.
    #[inline]
    pub(super) fn stamp(&mut self, car: u32) -> u64 {
        let route = &mut self.routes[car as usize];
        if route.stamp == 0 {
            // Its cost is as it was, but it may end otherwise than before.
            self.stamps += 1;
            route.stamp = self.stamps;
        }
        if !is_saved(&self.log, route) {
            self.known[car as usize] = route.stamp;
        }
        route.stamp
    }

    /// The same for a route that is as it was when all was kept last, if it has one; else 0.
    #[inline]
    pub(super) fn known(&self, car: u32) -> u64 {
        self.known[car as usize]
    }

    /// Saves a route once since the last mark.
    fn save(&mut self, car: u32) {
        if self.is_changed(car) {
            return;
        }
        let route = &mut self.routes[car as usize];
        let saved = route.saved;
        let mut copy = match self.spare.pop() {
            Some(mut spare) => {
                spare.copy_from(route);
                spare
            }
            None => Box::new(route.clone()),
        };
        copy.saved = saved;
        route.saved = self.log.len();
        self.known[car as usize] = 0;
        self.log.push(Undo::Route(car, copy));
    }

    fn touch(&mut self, car: u32) {
        if !self.touched.contains(&car) {
            self.touched.push(car);
        }
    }

    fn assign(&mut self, task: u32, car: u32) {
        self.log.push(Undo::At(task, self.at[task as usize]));
        self.set_at(task, car);
    }

    fn set_at(&mut self, task: u32, car: u32) {
        let old = std::mem::replace(&mut self.at[task as usize], car);
        let value = self.value[task as usize];
        let sign = i64::from(car == NONE) - i64::from(old == NONE);
        self.left_out.0 += sign * value.0;
        self.left_out.1 += sign * value.1;
    }

    /// Puts a node into a route, at position `at`; [`Plan::settle`] has the last word.
    pub(super) fn put(&mut self, data: &Data, node: Node, car: u32, at: usize) {
        self.save(car);
        self.routes[car as usize].insert(at, node);
        self.touch(car);
        if node.task != NONE {
            self.assign(node.task, car);
            let job = data.tasks[node.task as usize].job;
            if data.jobs[job as usize].coupled && !self.fresh.contains(&job) {
                self.fresh.push(job);
                self.set_earliest(job, self.first_start(data, job));
                self.set_latest(job, data.jobs[job as usize].outer.1);
            }
        }
    }

    /// Takes a node out of a route.
    pub(super) fn pull(&mut self, car: u32, at: usize) {
        self.save(car);
        let node = self.routes[car as usize].remove(at);
        self.touch(car);
        self.loosened = true;
        if node.task != NONE {
            self.assign(node.task, NONE);
        }
    }

    /// Takes a job out of the plan.
    pub(super) fn remove(&mut self, data: &Data, job: u32) {
        for task in data.job_tasks(job) {
            if let Some((car, at)) = self.find(task) {
                self.pull(car, at);
            }
        }
        if data.jobs[job as usize].coupled {
            for &(other, _) in &data.ties[job as usize] {
                self.mark_job(data, other);
            }
        }
    }

    /// Has the times of a coupled job and of those tied to it computed anew, as far as they are in the
    /// plan.
    pub(super) fn stir(&mut self, data: &Data, job: u32) {
        self.mark_job(data, job);
        for &(other, _) in &data.ties[job as usize] {
            self.mark_job(data, other);
        }
    }

    fn mark_job(&mut self, data: &Data, job: u32) {
        for task in data.job_tasks(job) {
            if let Some((car, at)) = self.find(task) {
                self.save(car);
                self.routes[car as usize].mark(at);
                self.touch(car);
            }
        }
    }

    /// Has a coupled job that is put in next start at `time` at the earliest.
    pub(super) fn hold(&mut self, job: u32, time: i32) {
        let old = std::mem::replace(&mut self.hold[job as usize], time);
        if old != time {
            self.log.push(Undo::Hold(job, old));
        }
    }

    /// First start of a coupled job by its windows and by what was chosen for it.
    fn first_start(&self, data: &Data, job: u32) -> i32 {
        data.jobs[job as usize].outer.0.max(self.hold[job as usize])
    }

    fn set_earliest(&mut self, job: u32, time: i32) {
        self.log.push(Undo::Earliest(job, self.earliest[job as usize]));
        self.earliest[job as usize] = time;
    }

    fn set_latest(&mut self, job: u32, time: i32) {
        self.log.push(Undo::Latest(job, self.latest[job as usize]));
        self.latest[job as usize] = time;
    }
}

/// Whether the log has an earlier state of a route.
#[inline]
fn is_saved(log: &[Undo], route: &Route) -> bool {
    matches!(log.get(route.saved), Some(Undo::Route(other, _)) if *other == route.car)
}

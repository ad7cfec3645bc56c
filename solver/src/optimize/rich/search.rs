//! The search: ruin, mend, accept or take back.

use crate::optimize::options::{Control, Options, Progress};
use crate::optimize::rich::answer::Saved;
use crate::optimize::rich::data::{Data, Kind, Tie, index};
use crate::optimize::rich::insert::Builder;
use crate::optimize::rich::plan::Worth;
use crate::optimize::search::Cooling;
use crate::optimize::solution::Score;

/// Absent jobs tried again in one step.
const RETRIED: usize = 12;
/// Places overlooked: one in so many.
const BLINK: usize = 100;
/// Length of the first round where only steps count; each round is twice as long as the one before.
const FIRST_ROUND: u64 = 500;
/// Temperatures at the start and the end of a round, in thousandths of the cost of a visit.
const HOT: i64 = 200;
const COLD: i64 = 5;

/// One search on one thread.
pub(super) struct Search<'d, 'm, 'c> {
    builder: Builder<'d, 'm>,
    control: &'c Control<'c>,
    /// Left out by the current plan.
    absent: Vec<u32>,
    /// How often each job could not be placed.
    misses: Vec<u64>,
    open: Vec<u32>,
    worth: Worth,
    best: Saved,
    best_worth: Worth,
    steps: u64,
    improved_at: u64,
    found_after: std::time::Duration,
}

impl<'d, 'm, 'c> Search<'d, 'm, 'c> {
    /// Starts from the plan in force, mended.
    pub(super) fn new(data: &'d Data<'m>, seed: u64, control: &'c Control<'c>) -> Self {
        let mut builder = Builder::new(data, seed);
        builder.place_breaks();
        builder.take_over();
        let worth = Worth { unserved: i64::MAX, cost: i64::MAX };
        let best = Saved::new(&builder.plan);
        let mut search = Self {
            builder,
            control,
            absent: Vec::new(),
            misses: vec![0; data.jobs.len()],
            open: Vec::new(),
            worth,
            best,
            best_worth: worth,
            steps: 0,
            improved_at: 0,
            found_after: std::time::Duration::ZERO,
        };
        search.fill();
        search
    }

    /// Puts in everything that is missing, the hardest first.
    fn fill(&mut self) {
        let data = self.builder.data;
        let mut missing = self.missing();
        missing.sort_by_key(|&job| {
            let of = &data.jobs[job as usize];
            let room = i64::from(of.outer.1) - i64::from(of.outer.0);
            (-of.mandatory, std::cmp::Reverse(of.tasks), room, job)
        });
        let mark = self.builder.plan.begin();
        if self.mend(missing) && self.builder.plan.reprice(data) {
            self.builder.plan.release(mark);
        } else {
            self.builder.plan.rollback(mark);
        }
        self.builder.plan.keep();
        self.worth = self.builder.plan.worth(data);
        self.absent = self.missing();
        self.keep_best();
    }

    /// Jobs that are not in the plan.
    fn missing(&self) -> Vec<u32> {
        let data = self.builder.data;
        let jobs = (0..index(data.jobs.len())).filter(|&job| {
            data.jobs[job as usize].kind != Kind::Taken && !self.builder.plan.has(data, job)
        });
        jobs.collect()
    }

    fn keep_best(&mut self) {
        self.best_worth = self.worth;
        self.best.update(&self.builder.plan);
        self.improved_at = self.steps;
        self.found_after = (self.control.elapsed)();
        let data = self.builder.data;
        let score =
            Score { hard: 0, unserved: self.builder.plan.unserved(data), cost: self.worth.cost };
        let elapsed = self.found_after;
        (self.control.progress)(Progress { elapsed, steps: self.steps, score });
    }

    /// Places jobs in the given order, those that wait for others after them; then takes out what
    /// may not stay without them. `false` if that cannot be done: then take it back.
    fn mend(&mut self, mut open: Vec<u32>) -> bool {
        let data = self.builder.data;
        loop {
            let mut waiting = Vec::new();
            let mut placed = false;
            for job in open {
                if self.builder.plan.has(data, job) {
                    continue;
                }
                if self.builder.is_waiting(job) {
                    waiting.push(job);
                    continue;
                }
                let of = &data.jobs[job as usize];
                let optional = data.bundles[job as usize]
                    .iter()
                    .all(|&member| data.jobs[member as usize].mandatory == 0);
                let limit = if optional { self.bundle_prize(job) } else { i64::MAX / 8 };
                if of.kind == Kind::Taken {
                    continue;
                }
                if self.builder.place(job, limit) {
                    placed = true;
                } else {
                    self.misses[job as usize] += 1;
                }
            }
            if waiting.is_empty() || !placed {
                break;
            }
            open = waiting;
        }
        self.drop_orphans()
    }

    fn bundle_prize(&self, job: u32) -> i64 {
        let data = self.builder.data;
        let members = data.bundles[job as usize].iter();
        members.map(|&member| data.jobs[member as usize].prize).sum()
    }

    /// Takes out jobs that must follow one that is left out.
    fn drop_orphans(&mut self) -> bool {
        let data = self.builder.data;
        if data.model.links.is_empty() {
            return true;
        }
        let mut dropped = Vec::new();
        loop {
            let before = dropped.len();
            for job in 0..index(data.model.visits.len()) {
                let after = data.ties[job as usize].iter();
                let after =
                    after.filter(|(_, tie)| matches!(tie, Tie::AfterEnd(..) | Tie::AfterStart(..)));
                let plan = &self.builder.plan;
                let orphan = { after }.any(|&(other, _)| !plan.has(data, other));
                if orphan && self.builder.plan.has(data, job) {
                    self.builder.take_out(job, &mut dropped);
                }
            }
            if dropped.len() == before {
                break;
            }
        }
        dropped.is_empty() || self.builder.plan.settle(data)
    }

    /// Searches until a limit is reached.
    pub(super) fn run(mut self, options: &Options) -> Found {
        let rounds = options.steps.is_some() || options.time.is_none();
        let mut round = FIRST_ROUND;
        while !self.is_over(options) && self.can_search() {
            let cooling = self.cooling();
            let first = self.steps;
            let length = if rounds { round } else { u64::MAX };
            self.round(options, &cooling, (first, length));
            self.return_to_best();
            round *= 2;
        }
        Found {
            plan: self.best,
            worth: self.best_worth,
            steps: self.steps,
            after: self.found_after,
        }
    }

    fn can_search(&self) -> bool {
        let data = self.builder.data;
        data.jobs[..data.model.visits.len()].iter().any(|job| !job.fixed)
    }

    fn is_over(&self, options: &Options) -> bool {
        self.control.cancel.load(std::sync::atomic::Ordering::Relaxed)
            || options.steps.is_some_and(|most| self.steps >= most)
            || options.steps_unimproved.is_some_and(|most| self.steps - self.improved_at >= most)
            || (options.time.is_some_and(|most| (self.control.elapsed)() >= most))
    }

    /// One cooling, from hot to cold.
    fn round(&mut self, options: &Options, cooling: &Cooling, (first, length): (u64, u64)) {
        let mut temperature = cooling.temperature(0.0);
        let began = (self.control.elapsed)();
        loop {
            let done = self.steps - first;
            if done >= length {
                return;
            }
            if done.is_multiple_of(16) {
                if self.is_over(options) {
                    return;
                }
                let share = if length < u64::MAX {
                    crate::optimize::search::real_count(usize::try_from(done).unwrap_or(0))
                        / crate::optimize::search::real_count(usize::try_from(length).unwrap_or(1))
                } else {
                    self.time_share(options, began)
                };
                temperature = cooling.temperature(share);
            } else if options.steps.is_some_and(|most| self.steps >= most) {
                return;
            }
            let threshold = cooling.threshold(temperature, &mut self.builder.chance);
            self.step(crate::optimize::search::whole(threshold.min(1e15)));
        }
    }

    fn time_share(&self, options: &Options, began: std::time::Duration) -> f64 {
        let Some(until) = options.time else { return 1.0 };
        let whole = until.saturating_sub(began).as_secs_f64();
        let spent = (self.control.elapsed)().saturating_sub(began).as_secs_f64();
        if whole > 0.0 { spent / whole } else { 1.0 }
    }

    /// Temperatures that suit the costs of this plan.
    fn cooling(&self) -> Cooling {
        let plan = &self.builder.plan;
        let served = plan.routes.iter().map(|route| route.visits).sum::<i64>().max(1);
        let cost: i64 = plan.routes.iter().map(|route| route.cost.abs()).sum();
        let each = crate::optimize::search::real((cost / served).max(1));
        let part = |thousandths: i64| each * crate::optimize::search::real(thousandths) / 1000.0;
        Cooling::new(part(HOT), part(COLD))
    }

    fn return_to_best(&mut self) {
        self.best.restore(&mut self.builder.plan);
        self.worth = self.best_worth;
        self.absent = self.missing();
    }

    /// One ruin and one mending; a worse plan is accepted up to a threshold.
    fn step(&mut self, threshold: usize) {
        self.steps += 1;
        let data = self.builder.data;
        let mark = self.builder.plan.begin();
        let mut removed = std::mem::take(&mut self.open);
        removed.clear();
        self.builder.blink = BLINK;
        if !self.builder.ruin(&mut removed) {
            self.builder.plan.rollback(mark);
            self.open = removed;
            return;
        }
        let mut open = removed.clone();
        self.builder.chance.shuffle(&mut self.absent);
        open.extend(self.absent.iter().take(RETRIED));
        self.open = removed;
        self.arrange(&mut open);
        let rested = self.mend(open) && self.all_rested();
        let priced = rested && self.builder.plan.reprice(data);
        let worth = self.builder.plan.worth(data);
        let ceiling = self.worth.cost.saturating_add(i64::try_from(threshold).unwrap_or(i64::MAX));
        let better = worth.unserved < self.worth.unserved
            || (worth.unserved == self.worth.unserved && worth.cost < ceiling);
        if !(priced && (better || self.misses_less(worth))) {
            self.builder.plan.rollback(mark);
            return;
        }
        self.builder.plan.keep();
        self.worth = worth;
        self.absent = self.missing();
        if worth < self.best_worth {
            self.keep_best();
        }
    }

    /// Whether no shift works without the breaks it must take.
    fn all_rested(&self) -> bool {
        let data = self.builder.data;
        let cars = 0..index(data.shifts);
        { cars }.all(|car| {
            data.cars[car as usize].must.is_empty() || !self.builder.plan.lacks_break(data, car)
        })
    }

    /// Whether the jobs left out now were easier to place so far.
    ///
    /// Source: Christiaens and Vanden Berghe (2020), section 5.5: sums of absences.
    fn misses_less(&self, worth: Worth) -> bool {
        let data = self.builder.data;
        if self.worth.unserved == 0 || worth.unserved > 2 * self.worth.unserved {
            return false;
        }
        let sum = |jobs: &[u32]| -> u64 {
            let mandatory = jobs.iter().filter(|&&job| data.jobs[job as usize].mandatory > 0);
            mandatory.map(|&job| self.misses[job as usize]).sum()
        };
        sum(&self.missing()) < sum(&self.absent)
    }

    /// An order of insertion at random.
    fn arrange(&mut self, open: &mut [u32]) {
        let data = self.builder.data;
        self.builder.chance.shuffle(open);
        let job = |job: u32| &data.jobs[job as usize];
        let kind = self.builder.chance.below(16);
        match kind {
            0..=3 => {}
            4..=6 => {
                open.sort_by_key(|&at| i64::from(job(at).outer.1) - i64::from(job(at).outer.0));
            }
            7 | 8 => open.sort_by_key(|&at| job(at).outer.0),
            9 => open.sort_by_key(|&at| -job(at).outer.1),
            10 | 11 => open.sort_by_key(|&at| {
                -data.tasks.get(job(at).first as usize).map_or(0, |task| task.service)
            }),
            _ => open.sort_by_key(|&at| std::cmp::Reverse(data.remote[at as usize])),
        }
        // What is hard to place, or weighs most, mostly goes first.
        if !kind.is_multiple_of(4) {
            open.sort_by_key(|&at| {
                (matches!(job(at).kind, Kind::Visit), std::cmp::Reverse(job(at).tasks))
            });
        }
        if kind.is_multiple_of(2) {
            open.sort_by_key(|&at| -job(at).mandatory);
        }
        open.sort_by_key(|&at| job(at).kind == Kind::Visit);
    }
}

/// What a search found.
pub(super) struct Found {
    pub(super) plan: Saved,
    pub(super) worth: Worth,
    pub(super) steps: u64,
    pub(super) after: std::time::Duration,
}

//! The search: ruin, mend, accept or take back.

mod best;
mod combine;
mod heat;
mod hopes;
mod little;
mod starts;

use std::time::Duration;

use crate::optimize::options::{Control, Options};
use crate::optimize::rich::answer::Saved;
use crate::optimize::rich::data::{Data, Kind, Tie, index};
use crate::optimize::rich::insert::{Builder, FREE};
use crate::optimize::rich::plan::Worth;
use crate::optimize::rich::pool::{self, Pool};
use crate::optimize::search::{Cooling, whole};

/// Absent jobs tried again in one step.
const RETRIED: usize = 12;
/// Places overlooked: one in so many on large days; more on days with so few jobs that all are tried
/// again and again.
const BLINK: usize = 100;
const BLINK_LEAST: usize = 8;
/// Length of the first round where only steps count; each round is twice as long as the one before.
const FIRST_ROUND: u64 = 500;
/// Heat at the start of each round, in thousandths of the usual one.
const ROUND_HEATS: [i64; 3] = [1000, 500, 300];
/// Where each round ends, in thousandths of the whole time.
const ROUND_SHARES: [u32; 3] = [550, 800, 980];
/// Routes of plans that cost at most one in so many more than the best one are kept to be combined.
const POOLED: i64 = 25;

/// Part of the whole time that combining routes may take after each round.
const COMBINING: u32 = 50;
/// The same of each time in between.
const COMBINING_BETWEEN: u32 = 150;
/// So many times in each round.
const COMBINED: f64 = 5.0;

/// How long a round lasts.
#[derive(Debug, Clone, Copy)]
enum Length {
    Steps(u64),
    Until(Duration),
}

fn ratio(part: u64, whole: u64) -> f64 {
    let real = |count: u64| {
        crate::optimize::search::real_count(usize::try_from(count).unwrap_or(usize::MAX))
    };
    real(part) / real(whole.max(1))
}

/// One search on one thread.
pub(super) struct Search<'d, 'm, 'c> {
    builder: Builder<'d, 'm>,
    control: &'c Control<'c>,
    /// Left out by the current plan.
    absent: Vec<u32>,
    /// Taken out or left out in the step at hand.
    loose: Vec<u32>,
    /// Routes that differ from those of the best plan, if they are few.
    moved: Vec<u32>,
    /// Routes of good plans, where a plan is nothing but its routes.
    pool: Option<Pool>,
    /// What several optional visits together may cost in the step at hand; 0 = each pays for itself.
    hopes: i64,
    /// How often each job could not be placed.
    misses: Vec<u64>,
    open: Vec<u32>,
    worth: Worth,
    best: Saved,
    best_worth: Worth,
    /// The same without care for times; see [`crate::optimize::rich::data::Care`].
    least: Worth,
    /// The most that care has saved so far.
    saving: i64,
    steps: u64,
    improved_at: u64,
    found_after: Duration,
    began: Duration,
    rounds: usize,
    /// So many of the rounds begin from nothing.
    starts: usize,
    /// Steps a second, about.
    pace: f64,
    /// Small moves come between ruins.
    moves: bool,
}

impl<'d, 'm, 'c> Search<'d, 'm, 'c> {
    /// Starts from the plan in force, mended.
    pub(super) fn new(data: &'d Data<'m>, seed: u64, control: &'c Control<'c>) -> Self {
        let mut builder = Builder::new(data, seed);
        builder.take_over();
        let worth = Worth { unserved: i64::MAX, cost: i64::MAX };
        let best = Saved::new(&builder.plan);
        let mut search = Self {
            builder,
            control,
            absent: Vec::new(),
            loose: Vec::new(),
            moved: Vec::new(),
            pool: pool::is_separable(data).then(Pool::default),
            hopes: 0,
            misses: vec![0; data.jobs.len()],
            open: Vec::new(),
            worth,
            best,
            best_worth: worth,
            least: worth,
            saving: 0,
            steps: 0,
            improved_at: 0,
            found_after: Duration::ZERO,
            began: Duration::ZERO,
            rounds: 0,
            starts: 1,
            pace: 0.0,
            moves: little::has_moves(data),
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
        if self.mend(&missing, i64::MAX) && self.builder.plan.reprice(data) {
            self.builder.plan.release(mark);
        } else {
            self.builder.plan.rollback(mark);
        }
        self.builder.plan.keep_and_tell(&mut self.moved);
        self.worth = self.builder.plan.worth(data);
        self.absent = self.missing();
        self.keep_if_best();
    }

    /// Jobs that are not in the plan.
    fn missing(&self) -> Vec<u32> {
        let data = self.builder.data;
        let jobs = (0..index(data.jobs.len())).filter(|&job| {
            data.jobs[job as usize].kind != Kind::Taken && !self.builder.plan.has(data, job)
        });
        jobs.collect()
    }

    /// Places jobs in the given order, those that wait for others after them; then takes out what
    /// may not stay without them. `false` if that cannot be done, or only at `ceiling` or more: then
    /// take it back.
    fn mend(&mut self, open: &[u32], ceiling: i64) -> bool {
        let data = self.builder.data;
        let mut waiting: Vec<u32> = Vec::new();
        for &job in open {
            if self.builder.plan.has(data, job) {
                continue;
            }
            if data.linked && self.builder.is_waiting(job) {
                waiting.push(job);
                continue;
            }
            let Some(mut placed) = self.place(job, ceiling) else { return false };
            // Those that had their turn but had to wait for this one.
            while placed && !waiting.is_empty() {
                let ready = waiting.iter().position(|&job| !self.builder.is_waiting(job));
                let Some(ready) = ready.map(|at| waiting.remove(at)) else { break };
                if !self.builder.plan.has(data, ready) {
                    match self.place(ready, ceiling) {
                        Some(found) => placed |= found,
                        None => return false,
                    }
                }
            }
        }
        !data.linked || self.drop_orphans()
    }

    /// Places one job if it is worth it; `None`: only at the ceiling or more.
    fn place(&mut self, job: u32, ceiling: i64) -> Option<bool> {
        let data = self.builder.data;
        if data.jobs[job as usize].kind == Kind::Taken {
            return Some(false);
        }
        let own = [job];
        let bundle = if data.linked { &data.bundles[job as usize][..] } else { &own };
        let optional = bundle.iter().all(|&member| data.jobs[member as usize].mandatory == 0);
        let mut limit = if optional { self.hoped(job) } else { FREE };
        if ceiling < i64::MAX {
            limit = limit.min(ceiling - self.builder.spent());
        }
        if self.builder.place(job, limit) {
            return Some(true);
        }
        self.misses[job as usize] += 1;
        if ceiling < i64::MAX { None } else { Some(false) }
    }

    /// Takes out jobs that must follow one that is left out.
    fn drop_orphans(&mut self) -> bool {
        let data = self.builder.data;
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
        self.loose.extend_from_slice(&dropped);
        dropped.is_empty() || self.builder.plan.settle(data)
    }

    /// Gets ready to search from now on.
    pub(super) fn start(&mut self, options: &Options) {
        if let Some(time) = options.time.filter(|_| options.steps.is_none()) {
            self.pace = self.pace(time);
            self.starts = self.starts_within(time.as_secs_f64());
        }
        self.began = (self.control.elapsed)();
    }

    /// One more round, after which the routes met are combined anew; `false` if a limit was reached
    /// before it. With a time limit there are a few rounds, those after the starts cooling from less
    /// heat, else they get longer.
    pub(super) fn next_round(&mut self, options: &Options) -> bool {
        if self.is_over(options) || !self.can_search() {
            return false;
        }
        if (1..self.starts).contains(&self.rounds) {
            self.begin_anew();
        }
        let timed = options.time.filter(|_| options.steps.is_none());
        let (length, cooling) = if let Some(time) = timed {
            let (share, heat) = self.round_plan();
            let until = self.began + time.saturating_sub(self.began) * share / 1000;
            let left = until.saturating_sub((self.control.elapsed)());
            (Length::Until(until), self.cooling(heat, self.pace * left.as_secs_f64()))
        } else {
            let steps = FIRST_ROUND << self.rounds.min(40);
            (Length::Steps(steps), self.cooling(1000, ratio(steps, 1)))
        };
        self.round(options, &cooling, length);
        self.combine(options, COMBINING);
        self.return_to_best();
        self.rounds += 1;
        true
    }

    /// Worth of the best plan so far.
    pub(super) fn best_worth(&self) -> Worth {
        self.best_worth
    }

    /// The best plan so far, for another search.
    pub(super) fn best(&self) -> Saved {
        self.best.unstamped()
    }

    /// Goes on from the best plan of another search if that is better.
    pub(super) fn go_on_from(&mut self, plan: &Saved, worth: Worth) {
        if worth < self.best_worth {
            self.best = plan.clone();
            self.best_worth = worth;
            self.return_to_best();
        }
    }

    /// What it has found.
    pub(super) fn found(self) -> Found {
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
    fn round(&mut self, options: &Options, cooling: &Cooling, length: Length) {
        let first = self.steps;
        let mut temperature = cooling.temperature(0.0);
        let began = (self.control.elapsed)();
        let mut combined = 0;
        // Steps with small moves take long enough to look at the clock after each.
        let looks = if self.moves { 1 } else { 16 };
        loop {
            let done = self.steps - first;
            if done.is_multiple_of(looks) {
                if self.is_over(options) {
                    return;
                }
                let share = match length {
                    Length::Steps(length) => ratio(done, length),
                    Length::Until(until) => self.time_share((began, until)),
                };
                if share >= 1.0 {
                    return;
                }
                temperature = cooling.temperature(share);
                let times = whole(share * COMBINED);
                if times > combined && matches!(length, Length::Until(_)) {
                    combined = times;
                    self.combine(options, COMBINING_BETWEEN);
                }
            } else if options.steps.is_some_and(|most| self.steps >= most) {
                return;
            }
            let threshold = cooling.threshold(temperature, &mut self.builder.chance);
            self.step(whole(threshold.min(1e15)));
            self.move_about(Some((cooling, temperature)));
        }
    }

    fn time_share(&self, (began, until): (Duration, Duration)) -> f64 {
        let whole = until.saturating_sub(began).as_secs_f64();
        let spent = (self.control.elapsed)().saturating_sub(began).as_secs_f64();
        if whole > 0.0 { spent / whole } else { 1.0 }
    }

    fn return_to_best(&mut self) {
        self.best.restore(&mut self.builder.plan);
        self.worth = self.builder.plan.worth(self.builder.data);
        self.least = self.least.min(self.worth);
        self.absent = self.missing();
        self.moved.clear();
    }

    /// One ruin and one mending; a worse plan is accepted up to a threshold.
    fn step(&mut self, threshold: usize) {
        self.steps += 1;
        let data = self.builder.data;
        let mark = self.builder.plan.begin();
        self.loose.clear();
        let mut open = std::mem::take(&mut self.open);
        open.clear();
        self.builder.blink = (2 * data.jobs.len()).clamp(BLINK_LEAST, BLINK);
        let ruined = self.builder.ruin(&mut open) && self.builder.plan.reprice(data);
        self.loose.extend_from_slice(&open);
        let ceiling = self.worth.cost.saturating_add(i64::try_from(threshold).unwrap_or(i64::MAX));
        let cut = self.absent.is_empty() && self.worth.unserved == 0 && !data.may_gain;
        let mut mended = ruined;
        if ruined {
            self.builder.chance.shuffle(&mut self.absent);
            let count = if data.prizes { self.hope(&open) } else { RETRIED };
            open.extend(self.absent.iter().take(count));
            self.builder.plan.unrested = data.must && self.builder.chance.one_in(2);
            self.arrange(&mut open);
            let most = if cut { ceiling } else { i64::MAX };
            mended = self.mend(&open, most) && (!data.must || self.all_rested());
            self.builder.plan.unrested = false;
            self.hopes = 0;
        }
        self.builder.reopen();
        self.open = open;
        let priced = mended && self.builder.plan.reprice(data);
        if !priced {
            self.builder.plan.rollback(mark);
            return;
        }
        let worth = self.builder.plan.worth(data);
        let better = worth.unserved < self.worth.unserved
            || (worth.unserved == self.worth.unserved && worth.cost < ceiling);
        if !(better || self.misses_less(worth)) {
            self.builder.plan.rollback(mark);
            return;
        }
        let told = self.moved.len();
        self.builder.plan.keep_and_tell(&mut self.moved);
        if let Some(pool) = &mut self.pool
            && worth.unserved == 0
            && worth.cost < self.least.cost + self.least.cost / POOLED
        {
            for &car in self.moved.get(told..).unwrap_or_default() {
                pool.add(&self.builder.plan.routes[car as usize]);
            }
        }
        self.worth = worth;
        self.absent = self.left_out();
        self.keep_if_best();
    }

    /// What the plan leaves out now; only what was taken out or absent before can be.
    fn left_out(&mut self) -> Vec<u32> {
        let data = self.builder.data;
        let mut list = std::mem::take(&mut self.absent);
        list.append(&mut self.loose);
        list.retain(|&job| !self.builder.plan.has(data, job));
        if list.len() > 1 {
            list.sort_unstable();
            list.dedup();
        }
        list
    }

    /// Whether no shift works without the breaks it must take, but for those where work has begun.
    fn all_rested(&self) -> bool {
        let data = self.builder.data;
        let cars = 0..index(data.shifts);
        { cars }.all(|car| {
            let plan = &self.builder.plan;
            data.cars[car as usize].must.is_empty()
                || !plan.lacks_break(data, car)
                || plan.routes[car as usize].nodes.iter().any(|node| node.forced)
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
            open.sort_by_key(|&at| std::cmp::Reverse(job(at).tasks));
        }
        if kind.is_multiple_of(2) {
            open.sort_by_key(|&at| -job(at).mandatory);
        }
        if !self.builder.plan.unrested {
            open.sort_by_key(|&at| job(at).kind == Kind::Visit);
        }
    }
}

/// What a search found.
pub(super) struct Found {
    pub(super) plan: Saved,
    pub(super) worth: Worth,
    pub(super) steps: u64,
    pub(super) after: Duration,
}

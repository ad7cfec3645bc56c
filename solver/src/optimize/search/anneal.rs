//! The loop: ruin, recreate, accept or take back.

mod empties;
mod hopes;

use super::recreate::arrange;
use super::routes::Blink;
use super::{Budget, Chance, Cooling, Routes, RuinSettings, Ruins, real, real_count};

/// Visits nobody serves yet that one step tries to place, besides those it removed.
const RETRIED: usize = 12;

/// How the search behaves.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// How much is taken out at a time.
    pub ruin: RuinSettings,
    /// A place is overlooked once in so many times; 0: never.
    pub blink_one_in: usize,
    /// Temperature at the beginning, in average costs of one visit.
    pub hot: f64,
    /// Temperature at the end, in average costs of one visit.
    pub cold: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { ruin: RuinSettings::default(), blink_one_in: 100, hot: 1.0, cold: 0.01 }
    }
}

/// What a search tells while it runs. Everything has a default that does nothing.
pub trait Observer<R: Routes> {
    /// A plan was accepted as the one to go on from; `routes` shows it before it is committed.
    fn accepted(&mut self, routes: &R) {
        let _ = routes;
    }

    /// The best plan so far was found.
    ///
    /// * `cost`: with what it costs to leave visits out.
    fn improved(&mut self, routes: &R, cost: i64, unserved: usize) {
        let _ = (routes, cost, unserved);
    }
}

/// An observer that is not interested.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl<R: Routes> Observer<R> for Silent {}

/// How a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Cost of the best plan, with what it costs to leave visits out.
    pub cost: i64,
    /// Visits the best plan leaves out.
    pub unserved: usize,
    /// Steps done.
    pub steps: u64,
}

/// A search by simulated annealing that can be continued.
#[derive(Debug)]
pub struct Annealing<R: Routes> {
    settings: Settings,
    ruins: Ruins,
    /// Visits the current plan leaves out.
    bank: Vec<u32>,
    /// The visits this step has to place.
    open: Vec<u32>,
    /// The visits this step could not place.
    failed: Vec<u32>,
    /// Whether any visit that may be left out is worth something.
    has_prizes: bool,
    /// What several such visits together may cost in this step; 0: each pays for itself.
    hopes: i64,
    /// Whether routes cost something by themselves.
    routes_cost: bool,
    /// How often a step failed to place each visit.
    absences: Vec<u32>,
    cost: i64,
    best: R::Saved,
    best_cost: i64,
    best_unserved: usize,
    steps: u64,
    improved_at: u64,
}

impl<R: Routes> Annealing<R> {
    /// Starts from `routes` as they are, filled greedily with what they leave out.
    pub fn new(routes: &mut R, settings: Settings, chance: &mut Chance) -> Self {
        let visits = 0..super::narrow(routes.visit_count());
        let mut search = Self {
            settings,
            ruins: Ruins::new(routes, settings.ruin),
            bank: visits.clone().filter(|&visit| !routes.is_served(visit)).collect(),
            open: Vec::new(),
            failed: Vec::new(),
            has_prizes: visits.clone().any(|visit| hopes::prize(routes, visit) > 0),
            hopes: 0,
            routes_cost: routes.routes_cost(),
            absences: vec![0; routes.visit_count()],
            cost: 0,
            best: routes.unsaved(),
            best_cost: i64::MAX,
            best_unserved: 0,
            steps: 0,
            improved_at: 0,
        };
        let mut missing = std::mem::take(&mut search.bank);
        chance.shuffle(&mut missing);
        // Wide windows are easier to place last; among equals the order stays random.
        missing.sort_by_key(|&visit| routes.rank(super::Order::Narrow, visit));
        for visit in missing {
            let mut blink = Blink::new(chance, 0);
            match routes.best_insertion(visit, routes.skip_cost(visit), &mut blink) {
                Some((_, insertion)) => routes.insert(visit, insertion),
                None => search.bank.push(visit),
            }
        }
        routes.commit();
        search.cost = routes.cost() + skipped(routes, &search.bank);
        search.keep(routes);
        search
    }

    /// Cost of the best plan, with what it costs to leave visits out.
    pub fn best_cost(&self) -> i64 {
        self.best_cost
    }

    /// Cost of the plan the search is at.
    pub fn cost(&self) -> i64 {
        self.cost
    }

    /// The best plan.
    pub fn best(&self) -> &R::Saved {
        &self.best
    }

    /// Visits that the best plan leaves out.
    pub fn best_unserved(&self) -> usize {
        self.best_unserved
    }

    /// Goes back to the best plan.
    pub fn return_to_best(&mut self, routes: &mut R) {
        routes.restore(&self.best);
        self.look_again(routes);
    }

    /// Takes notice of a plan that somebody else has put into `routes`.
    pub fn look_again(&mut self, routes: &R) {
        let visits = 0..super::narrow(routes.visit_count());
        self.bank.clear();
        self.bank.extend(visits.filter(|&visit| !routes.is_served(visit)));
        self.cost = routes.cost() + skipped(routes, &self.bank);
        if self.cost < self.best_cost {
            self.keep(routes);
        }
    }

    /// A cooling from [`Settings::hot`] to [`Settings::cold`] in units of what one served visit
    /// costs in the current plan, so that it suits the instance.
    pub fn cooling(&self, routes: &R) -> Cooling {
        let served = routes.visit_count() - self.bank.len();
        let mut unit = real(routes.cost()) / real_count(served.max(1));
        if served == 0 && self.has_prizes {
            let prizes = self.bank.iter().map(|&visit| hopes::prize(routes, visit));
            unit = real(prizes.sum()) / real_count(self.bank.len());
        }
        Cooling::new(self.settings.hot * unit, self.settings.cold * unit)
    }

    /// Searches until the budget is spent; the steps it counts are those of this call.
    pub fn run<O: Observer<R>>(
        &mut self,
        routes: &mut R,
        cooling: &Cooling,
        budget: &Budget<'_>,
        chance: &mut Chance,
        observer: &mut O,
    ) -> Outcome {
        let first = self.steps;
        self.improved_at = self.improved_at.max(first);
        let (mut share, mut temperature) = (0.0, cooling.temperature(0.0));
        loop {
            let (done, idle) = (self.steps - first, self.steps - self.improved_at);
            let Some(now) = budget.look(done, idle, share) else { break };
            if now > share {
                (share, temperature) = (now, cooling.temperature(now));
            }
            let threshold = cooling.threshold(temperature, chance);
            self.step(routes, threshold, chance, observer);
        }
        Outcome { cost: self.best_cost, unserved: self.best_unserved, steps: self.steps - first }
    }

    /// One ruin and recreate; accepts what is worse by less than `threshold`.
    fn step<O: Observer<R>>(
        &mut self,
        routes: &mut R,
        threshold: f64,
        chance: &mut Chance,
        observer: &mut O,
    ) {
        self.steps += 1;
        self.open.clear();
        self.failed.clear();
        let emptied = self.routes_cost && self.empty(routes, chance);
        if !emptied {
            self.ruins.ruin(routes, &mut self.open, chance);
        }
        let removed = self.open.len();
        if !self.bank.is_empty() {
            chance.shuffle(&mut self.bank);
            let count = if self.has_prizes { self.hope(routes, emptied, chance) } else { RETRIED };
            self.open.extend(self.bank.iter().take(count));
        }
        let retried = self.open.len() - removed;
        arrange(routes, &mut self.open, chance);
        let bank_cost = skipped(routes, &self.bank[retried..]);
        // What the plan may cost at most and still be accepted.
        let ceiling = self.cost + below(threshold);
        let complete = self.recreate(routes, ceiling - bank_cost, chance);
        if emptied || self.hopes > 0 {
            self.hopes = 0;
            routes.reopen();
        }
        let cost = routes.cost() + skipped(routes, &self.failed) + bank_cost;
        let better = complete && (cost < ceiling || self.misses_less(routes, retried));
        let accepted = better && routes.is_sound();
        if !accepted {
            routes.rollback();
            return;
        }
        self.bank.drain(..retried);
        self.bank.append(&mut self.failed);
        self.cost = cost;
        observer.accepted(routes);
        routes.commit();
        if cost < self.best_cost {
            self.keep(routes);
            observer.improved(routes, cost, self.best_unserved);
        }
    }

    /// Puts the open visits back. False: given up, because the plan would cost `ceiling` or more.
    fn recreate(&mut self, routes: &mut R, ceiling: i64, chance: &mut Chance) -> bool {
        // While visits are missing, plans that miss others are of interest, whatever they cost.
        let cut = self.bank.is_empty() && !routes.insertions_may_gain();
        let mut skipped = 0;
        for &visit in &self.open {
            let skip = routes.skip_cost(visit);
            let room = if cut { ceiling - skipped - routes.cost() } else { i64::MAX };
            let mut blink = Blink::new(chance, self.settings.blink_one_in);
            let limit = if self.hopes > skip && hopes::prize(routes, visit) > 0 {
                self.hopes
            } else {
                skip
            };
            if let Some((_, insertion)) = routes.best_insertion(visit, limit.min(room), &mut blink)
            {
                routes.insert(visit, insertion);
            } else if room <= skip {
                return false;
            } else {
                skipped += skip;
                self.failed.push(visit);
                self.absences[visit as usize] += 1;
            }
        }
        true
    }

    /// Whether this step leaves out required visits that were easier to place so far.
    ///
    /// Source: Christiaens and Vanden Berghe (2020), section 5.5: sums of absences.
    fn misses_less(&self, routes: &R, retried: usize) -> bool {
        if self.bank.is_empty() {
            return false;
        }
        let absent = |visits: &[u32]| -> Option<u64> {
            visits
                .iter()
                .map(|&visit| {
                    routes.is_required(visit).then(|| u64::from(self.absences[visit as usize]))
                })
                .sum()
        };
        match (absent(&self.failed), absent(&self.bank[..retried])) {
            (Some(now), Some(before)) => now < before,
            _ => false,
        }
    }

    fn keep(&mut self, routes: &R) {
        self.best_cost = self.cost;
        self.best_unserved = self.bank.len();
        self.improved_at = self.steps;
        routes.save(&mut self.best);
    }
}

/// What it costs to leave all these visits out.
fn skipped<R: Routes>(routes: &R, visits: &[u32]) -> i64 {
    visits.iter().map(|&visit| routes.skip_cost(visit)).sum()
}

/// The amount below which integers are below `threshold`.
#[expect(clippy::cast_possible_truncation, reason = "saturates, and thresholds are moderate")]
fn below(threshold: f64) -> i64 {
    threshold.ceil() as i64
}

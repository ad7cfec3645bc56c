//! Ruin and recreate over crews, from the most promising orders of priorities.

use std::cmp::Reverse;
use std::time::Duration;

use super::data::{Data, SCALE, amount};
use super::insert::Inserter;
use super::problem::{CrewPlan, CrewProblem};
use super::ruin::Ruins;
use super::state::State;
use crate::optimize::options::{Control, Options, Progress};
use crate::optimize::search::{Budget, Chance, Cooling, narrow, real, real_count};
use crate::optimize::solution::Score;

/// First and last temperature, in shares of the cost of the first plan.
const HOT: f64 = 0.012;
const COLD: f64 = 0.000_15;
/// Orders of priorities that are tried; each is one after which everything is planned.
const ORDERS: usize = 24;
/// Rounds of a tournament: how many stay in, and the share of the budget each round has.
const ROUNDS: [(usize, f64); 4] = [(24, 0.10), (8, 0.15), (4, 0.25), (2, 0.50)];

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrewOutcome {
    /// The best plan.
    pub plan: CrewPlan,
    /// Steps over all threads.
    pub steps: u64,
    /// When the best plan was found.
    pub found_after: Duration,
}

/// The best plan found within the limits.
///
/// Visits that no crew could do are outsourced, even beyond the budget; the verifier says so. The
/// problem must hold no cycle of visits that wait for each other, and its indexes must exist.
///
/// With several threads each searches with luck of its own, and the best of their plans counts.
///
/// Cost: until the first limit of `options`; each step O(visits + days * crews * technicians).
pub fn solve(problem: &CrewProblem, options: &Options, control: &Control<'_>) -> CrewOutcome {
    solve_from(problem, None, options, control)
}

/// As [`solve`], with a plan to begin with; the answer costs no more than that.
///
/// * `start`: a plan that breaks no rule.
pub fn solve_from(
    problem: &CrewProblem,
    start: Option<&CrewPlan>,
    options: &Options,
    control: &Control<'_>,
) -> CrewOutcome {
    let data = Data::new(problem);
    let threads = options.threads.max(1);
    let run = |thread: usize| {
        let seed = options.seed.wrapping_add((thread as u64) << 32);
        Search::new(&data, seed, control).run(start, options)
    };
    let mut found: Vec<CrewOutcome> = std::thread::scope(|scope| {
        let run = &run;
        let others: Vec<_> = (1..threads).map(|thread| scope.spawn(move || run(thread))).collect();
        let own = run(0);
        std::iter::once(own).chain(others.into_iter().filter_map(|it| it.join().ok())).collect()
    });
    let steps = found.iter().map(|found| found.steps).sum();
    let over = |plan: &CrewPlan| over_budget(problem, plan);
    let at = (0..found.len()).min_by_key(|&at| (over(&found[at].plan), found[at].plan.cost));
    CrewOutcome { steps, ..found.swap_remove(at.unwrap_or(0)) }
}

fn over_budget(problem: &CrewProblem, plan: &CrewPlan) -> i64 {
    let spent: i64 = plan.outsourced.iter().map(|&it| problem.visits[it].outsourcing).sum();
    (spent - problem.budget).max(0)
}

/// A plan that is worked on.
struct Line {
    state: State,
    cost: i64,
}

struct Search<'a> {
    data: &'a Data<'a>,
    control: &'a Control<'a>,
    chance: Chance,
    ruins: Ruins,
    inserter: Inserter,
    trial: State,
    best: State,
    best_cost: i64,
    best_true: i64,
    found_after: Duration,
    steps: u64,
    /// What a technician more on a crew costs at most, in search cost.
    price: i64,
    keys: Vec<(i64, u32)>,
}

impl<'a> Search<'a> {
    fn new(data: &'a Data<'a>, seed: u64, control: &'a Control<'a>) -> Self {
        let visits = data.visit_count().max(1);
        let average: i64 = data.average.iter().sum::<i64>() / amount(visits);
        Self {
            data,
            control,
            chance: Chance::new(seed),
            ruins: Ruins::default(),
            inserter: Inserter::default(),
            trial: State::new(data),
            best: State::new(data),
            best_cost: i64::MAX,
            best_true: i64::MAX,
            found_after: Duration::ZERO,
            steps: 0,
            price: average * i64::from(data.day_length),
            keys: Vec::new(),
        }
    }

    fn run(mut self, start: Option<&CrewPlan>, options: &Options) -> CrewOutcome {
        let mut budget = match options.time {
            Some(time) => Budget::until(self.control.elapsed, time),
            None => Budget::default(),
        };
        if let Some(steps) = options.steps {
            budget = budget.and_steps(steps);
        }
        let budget = budget.and_cancel(self.control.cancel);
        let mut lines: Vec<Line> = start.map(|plan| self.given(plan)).into_iter().collect();
        lines.push(self.first(0));
        for order in 1..ORDERS {
            // Of large problems, only as many as the time of the first round allows.
            if budget.is_spent(0) || budget.share_spent(0) > ROUNDS[0].1 / 2.0 {
                break;
            }
            lines.push(self.first(order));
        }
        let unit = lines.iter().map(|line| line.cost).min().unwrap_or(0);
        let mut from = 0.0;
        for (round, (count, share)) in ROUNDS.into_iter().enumerate() {
            lines.sort_by_key(|line| line.cost);
            lines.truncate(count);
            let hot = HOT * real(unit) / real_count(1 << round.min(2));
            let cooling = Cooling::new(hot, COLD * real(unit));
            for at in 0..lines.len() {
                let own = share / real_count(lines.len());
                let part = budget.part(own / (1.0 - from), self.steps);
                from += own;
                let idle = options.steps_unimproved;
                self.anneal(&mut lines[at], &cooling, &part, idle);
            }
        }
        let plan = self.best.plan(self.data);
        CrewOutcome { plan, steps: self.steps, found_after: self.found_after }
    }

    /// Everything planned, priorities in one of their orders.
    fn first(&mut self, order: usize) -> Line {
        let data = self.data;
        let ranks = ranks(order, data.weight.len());
        let mut state = State::new(data);
        self.inserter.price = self.price / 8;
        self.keys.clear();
        for visit in 0..data.visit_count() {
            let later = data.descendants[visit].iter().map(|&it| ranks[data.priority[it as usize]]);
            let rank = later.chain([ranks[data.priority[visit]]]).min().unwrap_or(0);
            let key = amount(rank) * (1 << 40) - data.size[visit].min(1 << 39);
            self.keys.push((key, narrow(visit)));
        }
        self.outsource(&mut state, 0);
        self.recreate(&mut state);
        let cost = state.cost(data) + self.over(&state);
        self.keep(&state, cost);
        Line { state, cost }
    }

    /// A plan made elsewhere.
    fn given(&mut self, plan: &CrewPlan) -> Line {
        let state = State::of(self.data, plan);
        let cost = state.cost(self.data) + self.over(&state);
        self.keep(&state, cost);
        Line { state, cost }
    }

    fn anneal(
        &mut self,
        line: &mut Line,
        cooling: &Cooling,
        budget: &Budget<'_>,
        idle: Option<u64>,
    ) {
        let first = self.steps;
        let mut own_best = (line.cost, State::new(self.data));
        own_best.1.copy(&line.state);
        let (mut share, mut temperature) = (0.0, cooling.temperature(0.0));
        let mut improved_at = first;
        loop {
            let done = self.steps - first;
            if budget.step_limit().is_some_and(|limit| done >= limit)
                || idle.is_some_and(|idle| self.steps - improved_at >= idle)
            {
                break;
            }
            if done.is_multiple_of(8) {
                let now = budget.share_spent(done);
                if now >= 1.0 || budget.is_cancelled() {
                    break;
                }
                if now > share {
                    (share, temperature) = (now, cooling.temperature(now));
                }
            }
            self.steps += 1;
            let threshold = cooling.threshold(temperature, &mut self.chance);
            if self.step(line, threshold) && line.cost < own_best.0 {
                own_best.0 = line.cost;
                own_best.1.copy(&line.state);
                improved_at = self.steps;
            }
        }
        if own_best.0 < line.cost {
            line.cost = own_best.0;
            std::mem::swap(&mut line.state, &mut own_best.1);
        }
    }

    /// One ruin and recreate; true if it is accepted.
    fn step(&mut self, line: &mut Line, threshold: f64) -> bool {
        let data = self.data;
        let mut trial = std::mem::take(&mut self.trial);
        trial.copy(&line.state);
        self.ruins.ruin(data, &mut trial, &mut self.chance);
        self.arrange();
        self.inserter.price = match self.chance.below(4) {
            0 => 0,
            1 => self.price / 16,
            2 => self.price / 4,
            _ => self.price,
        };
        if data.problem.budget > 0 {
            let mode = self.chance.below(3);
            self.outsource(&mut trial, mode);
        }
        self.recreate(&mut trial);
        let cost = trial.cost(data) + self.over(&trial);
        let accepted = real(cost - line.cost) < threshold;
        if accepted {
            std::mem::swap(&mut line.state, &mut trial);
            line.cost = cost;
            self.keep(&line.state, cost);
        }
        self.trial = trial;
        accepted
    }

    /// The order in which visits are put back.
    fn arrange(&mut self) {
        let data = self.data;
        let kind = self.chance.below(5);
        self.keys.clear();
        for at in 0..self.ruins.open.len() {
            let visit = self.ruins.open[at];
            let own = visit as usize;
            let luck = amount(self.chance.below(1 << 10));
            // Up to half as much again, so that the order is not always the same.
            let noisy = |value: i64| value.saturating_mul(2048 + luck) / 2048;
            let key = match kind {
                0 => luck,
                1 => -noisy(data.size[own]),
                2 => -noisy(data.urgency[own]),
                3 => -noisy(i64::from(data.duration[own]) * 1000),
                _ => -noisy((data.urgency[own] / SCALE + 1).saturating_mul(data.size[own])),
            };
            self.keys.push((key, visit));
        }
    }

    /// Gives away what the budget allows: what is large for its price first.
    fn outsource(&mut self, state: &mut State, mode: usize) {
        let data = self.data;
        let left = data.problem.budget - state.spent;
        if left <= 0 || mode == 2 {
            return;
        }
        let mut wishes: Vec<(Reverse<i64>, u32)> = Vec::new();
        for &(_, visit) in &self.keys {
            let own = visit as usize;
            let mut price = data.problem.visits[own].outsourcing;
            let mut size = data.size[own];
            for &later in &data.descendants[own] {
                if !state.outsourced[later as usize] {
                    price += data.problem.visits[later as usize].outsourcing;
                    size += data.size[later as usize];
                }
            }
            if price <= left {
                let luck = if mode == 0 { 1024 } else { 512 + amount(self.chance.below(1024)) };
                wishes.push((Reverse(size.saturating_mul(luck) / price.max(1)), visit));
            }
        }
        wishes.sort_unstable();
        for (_, visit) in wishes {
            let open = |it: &u32| !state.outsourced[*it as usize];
            if !open(&visit) {
                continue;
            }
            let all: Vec<u32> = data.descendants[visit as usize]
                .iter()
                .chain([&visit])
                .copied()
                .filter(open)
                .collect();
            let price: i64 =
                all.iter().map(|&it| data.problem.visits[it as usize].outsourcing).sum();
            if state.spent + price <= data.problem.budget {
                state.spent += price;
                for it in all {
                    state.outsourced[it as usize] = true;
                }
            }
        }
    }

    /// Puts everything back in the order of the keys, each after what must come before.
    fn recreate(&mut self, state: &mut State) {
        let mut keys = std::mem::take(&mut self.keys);
        keys.sort_unstable();
        for &(_, visit) in &keys {
            self.put(state, visit);
        }
        self.keys = keys;
    }

    fn put(&mut self, state: &mut State, visit: u32) {
        let data = self.data;
        if state.is_planned(visit) || state.outsourced[visit as usize] {
            return;
        }
        for &before in &data.before[visit as usize] {
            self.put(state, before);
        }
        let possible = data.before[visit as usize].iter().all(|&it| state.is_planned(it));
        if possible && self.inserter.place(data, state, visit, &mut self.chance) {
            return;
        }
        state.outsourced[visit as usize] = true;
        state.spent += data.problem.visits[visit as usize].outsourcing;
    }

    /// What it costs to be beyond the budget: more than anything else.
    fn over(&self, state: &State) -> i64 {
        (state.spent - self.data.problem.budget).max(0) * SCALE * 1_000_000
    }

    fn keep(&mut self, state: &State, cost: i64) {
        let own = state.true_cost(self.data) + self.over(state);
        if (own, cost) >= (self.best_true, self.best_cost) {
            return;
        }
        if own < self.best_true {
            self.found_after = (self.control.elapsed)();
            (self.control.progress)(Progress {
                elapsed: self.found_after,
                steps: self.steps,
                score: Score { hard: 0, unserved: 0, cost: state.true_cost(self.data) },
            });
        }
        (self.best_true, self.best_cost) = (own, cost);
        self.best.copy(state);
    }
}

/// The rank of each priority in an order by number: all orders of four come up.
fn ranks(mut order: usize, count: usize) -> Vec<usize> {
    let mut left: Vec<usize> = (0..count).collect();
    let mut ranks = vec![0; count];
    for rank in 0..count {
        let choice = order % left.len();
        order /= left.len();
        ranks[left.remove(choice)] = rank;
    }
    ranks
}

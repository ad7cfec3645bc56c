//! Days of up to some hundred visits: anneal, breed, on islands that exchange all that is born.

use std::time::Duration;

use super::{Answer, Day, Ear, Found, Options, threads};
use crate::optimize::genetic::{Evolution, EvolutionSettings, Ground, News};
use crate::optimize::plain::{PlainError, PlainRoutes, Problem, Saved};
use crate::optimize::search::{Annealing, Budget, Chance, real_count};

/// Share of the budget for the first annealing.
const FIRST_SHARE: f64 = 0.15;
/// Share of the budget for making a population, by many short annealings.
const POPULATION_SHARE: f64 = 0.15;
/// Plans made for a population, over all islands.
const PLANS: usize = 20;
/// Parts of the time for breeding; after every third, routes are chosen anew.
const EPOCHS: usize = 10;
/// Times in each of them that islands exchange what was born, if there are several: often enough
/// for them to be one population that several threads breed.
const MEETINGS: usize = 12;
/// Steps of ruin and recreate that take about as long as one child, per visit.
const STEPS_PER_CHILD: u64 = 4;
/// Breeding pays from so many steps per visit on.
const STEPS_TO_BREED: f64 = 800.0;
/// Children without a better plan after which a population is made anew.
const PATIENCE: u64 = 6000;

/// Choosing among all routes pays from so much time on.
const TIME_TO_RECOMBINE: Duration = Duration::from_secs(3);

/// Share of what is left of the budget for one such choice.
const RECOMBINING_SHARE: f64 = 0.02;

/// One island.
struct Island<'a> {
    chance: Chance,
    evolution: Evolution<'a>,
    /// Plans it has annealed.
    plans: Vec<(i64, Saved)>,
    best: (i64, usize, Saved),
    steps: u64,
    /// Children up to the last better plan.
    improved_at: u64,
    /// How often its population was made anew.
    renewals: u64,
}

pub(super) fn solve(
    day: &Day<'_>,
    options: &Options<'_>,
    budget: &Budget<'_>,
) -> Result<Answer, PlainError> {
    let problem = Problem::new(day.legs, day.visits.to_vec(), day.vehicles)?;
    let ground = Ground::new(&problem);
    let mut chance = Chance::new(options.seed);
    let mut islands: Vec<Island<'_>> = (0..options.threads.max(1))
        .map(|_| Island {
            chance: chance.split(),
            evolution: Evolution::new(&problem, &ground, EvolutionSettings::default()),
            plans: Vec::new(),
            best: (i64::MAX, usize::MAX, Saved::default()),
            steps: 0,
            improved_at: 0,
            renewals: 0,
        })
        .collect();
    let search = Search { problem: &problem, options, budget };
    search.run(&mut islands);
    let steps = islands.iter().map(|island| island.steps).sum();
    let children = islands.iter().map(|island| island.evolution.children()).sum();
    let best = islands.into_iter().map(|island| island.best).min_by_key(|best| best.0);
    let (cost, unserved, saved) = best.unwrap_or_default();
    Ok(Answer { routes: saved.routes, cost, unserved, steps, children })
}

/// What all islands share.
struct Search<'a> {
    problem: &'a Problem,
    options: &'a Options<'a>,
    budget: &'a Budget<'a>,
}

impl<'a> Search<'a> {
    fn run(&self, islands: &mut [Island<'a>]) {
        let share = if self.may_breed(islands) { FIRST_SHARE } else { 1.0 };
        let first = self.budget.part(share, 0);
        threads::each(islands, |index, island| {
            // Only one island goes on from the given plan as it is, so that they differ.
            let start = if index == 0 { self.options.start } else { None };
            self.anneal(island, start, &first);
        });
        if share >= 1.0 {
            return;
        }
        let steps = islands[0].steps;
        if islands.iter().all(|island| island.best.1 > 0) || !self.pays(steps) {
            // Somebody cannot be served, or there is no time: annealing does better.
            let rest = self.budget.part(1.0, steps);
            threads::each(islands, |_, island| self.anneal(island, None, &rest));
            return;
        }
        let count = islands.len();
        let part = self.budget.part(POPULATION_SHARE / (1.0 - FIRST_SHARE), steps);
        threads::each(islands, |_, island| self.populate(island, PLANS.div_ceil(count), &part));
        exchange_plans(islands);
        if count > 1 {
            // All have got the same so far.
            for island in islands.iter_mut() {
                drop(island.evolution.news());
            }
        }
        let mut spent = islands[0].steps;
        let meetings = if count > 1 { MEETINGS } else { 1 };
        let epochs = EPOCHS * meetings;
        for epoch in 1..=epochs {
            let part = self.budget.part(1.0 / real_count(epochs + 1 - epoch), spent);
            threads::each(islands, |_, island| {
                self.breed(island, &part);
                if epoch.is_multiple_of(3 * meetings) && self.has_time_to_recombine() {
                    let part = self.budget.part(RECOMBINING_SHARE, spent);
                    island.evolution.recombine(&part, &mut island.chance);
                    self.note_best(island);
                }
            });
            if count > 1 {
                self.exchange_news(islands);
            }
            spent += part.step_limit().unwrap_or(0);
        }
    }

    /// Every island gets what was born on each other; one whose population is being made anew goes
    /// its own way until theirs are, too.
    fn exchange_news(&self, islands: &mut [Island<'a>]) {
        let tell = |island: &mut Island<'_>| (island.renewals, island.evolution.news());
        let news: Vec<(u64, News)> = islands.iter_mut().map(tell).collect();
        threads::each(islands, |index, island| {
            for (other, (renewals, news)) in news.iter().enumerate() {
                if other != index && *renewals == island.renewals {
                    island.evolution.hear(news);
                }
            }
            self.note_best(island);
        });
    }

    /// Whether hybrid genetic search is able to take the problem.
    fn may_breed(&self, islands: &[Island<'_>]) -> bool {
        self.problem.visit_count() >= 8 && islands.iter().all(|island| island.evolution.is_able())
    }

    /// Whether there is time for many children, judged by the steps of the first share.
    fn pays(&self, steps: u64) -> bool {
        let visits = real_count(self.problem.visit_count());
        real_count(usize::try_from(steps).unwrap_or(usize::MAX)) / FIRST_SHARE
            >= STEPS_TO_BREED * visits
    }

    /// Anneals from a given or a fresh plan, and notes the plan.
    fn anneal(&self, island: &mut Island<'_>, start: Option<&[Vec<u32>]>, budget: &Budget<'_>) {
        let mut routes = PlainRoutes::new(self.problem);
        if let Some(start) = start {
            routes.restore_feasible(start);
        }
        let settings = self.options.settings;
        let mut search = Annealing::new(&mut routes, settings, &mut island.chance);
        let mut ear = Ear { hear: self.options.hear, cost: island.best.0 };
        if search.best_cost() < island.best.0 {
            ear.cost = search.best_cost();
            let unserved = search.best_unserved();
            (self.options.hear)(Found { cost: search.best_cost(), unserved });
        }
        let cooling = search.cooling(&routes);
        let outcome = search.run(&mut routes, &cooling, budget, &mut island.chance, &mut ear);
        island.steps += outcome.steps;
        if outcome.unserved == 0 {
            island.plans.push((outcome.cost, search.best().clone()));
        }
        if outcome.cost < island.best.0 {
            island.best = (outcome.cost, outcome.unserved, search.best().clone());
        }
    }

    /// Makes plans by short annealings.
    fn populate(&self, island: &mut Island<'_>, plans: usize, budget: &Budget<'_>) {
        let first = island.steps;
        for index in 0..plans {
            let part = budget.part(1.0 / real_count(plans - index), island.steps - first);
            self.anneal(island, None, &part);
        }
    }

    /// Choosing from the pool takes some hundredths of a second.
    fn has_time_to_recombine(&self) -> bool {
        self.budget.time_whole().is_none_or(|time| time >= TIME_TO_RECOMBINE)
    }

    /// Children until the budget is spent; a new population when nothing gets better any more.
    fn breed(&self, island: &mut Island<'_>, budget: &Budget<'_>) {
        let (problem, cost) = (self.problem, STEPS_PER_CHILD * self.problem.visit_count() as u64);
        let (mut spent, first) = (0, island.steps);
        while !budget.is_spent(spent + island.steps - first) {
            if island.evolution.children() - island.improved_at > PATIENCE {
                island.evolution.forget();
                island.renewals += 1;
                island.plans.clear();
                let steps = 20 * problem.visit_count() as u64;
                for _ in 0..PLANS {
                    let part = budget.part(1.0, spent + island.steps - first).and_steps(steps);
                    self.anneal(island, None, &part);
                }
                island.take_plans();
                island.improved_at = island.evolution.children();
            }
            if !island.evolution.step(&mut island.chance) {
                island.improved_at = 0;
                spent += cost;
                continue;
            }
            spent += cost;
            self.note_best(island);
        }
    }

    fn note_best(&self, island: &mut Island<'_>) {
        if let Some((routes, cost)) = island.evolution.best()
            && cost < island.best.0
        {
            island.best = (cost, 0, Saved { routes: routes.to_vec() });
            island.improved_at = island.evolution.children();
            (self.options.hear)(Found { cost, unserved: 0 });
        }
    }
}

impl Island<'_> {
    fn take_plans(&mut self) {
        for (_, plan) in std::mem::take(&mut self.plans) {
            self.evolution.add(&plan.routes, &mut self.chance);
        }
    }
}

/// Every island gets the plans of all.
fn exchange_plans(islands: &mut [Island<'_>]) {
    let all: Vec<(i64, Saved)> =
        islands.iter_mut().flat_map(|island| std::mem::take(&mut island.plans)).collect();
    threads::each(islands, |_, island| {
        island.plans.clone_from(&all);
        island.take_plans();
    });
}

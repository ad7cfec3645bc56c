//! The generations: choose parents, cross, improve, survive.

use super::crossover::{Child, exchange_routes};
use super::individual::Individual;
use super::local::LocalSearch;
use super::penalties::{Adaption, Penalties};
use super::population::Population;
use super::proximity::Proximity;
use crate::optimize::plain::Problem;
use crate::optimize::search::{Budget, Chance, Partitioning, Pool};

/// How the evolution behaves.
#[derive(Debug, Clone, Copy)]
pub struct EvolutionSettings {
    /// A child that breaks a rule is repaired once in so many times.
    pub repair_one_in: usize,
    /// How many times dearer penalties are in a repair.
    pub repair_factor: i64,
}

impl Default for EvolutionSettings {
    fn default() -> Self {
        Self { repair_one_in: 2, repair_factor: 12 }
    }
}

/// Routes kept to choose from.
const POOLED: usize = 8000;

/// A population under evolution.
#[derive(Debug)]
pub struct Evolution<'a> {
    problem: &'a Problem,
    settings: EvolutionSettings,
    local: LocalSearch<'a>,
    adaption: Adaption,
    population: Population,
    best: Option<Individual>,
    /// Routes of all plans, if they broke nothing.
    pool: Pool,
    children: u64,
    /// Plans taken in since others were told, if anybody asks.
    news: Option<Vec<Individual>>,
}

/// Plans that one evolution has taken in, for others of the same problem.
#[derive(Debug, Default)]
pub struct News(Vec<Individual>);

/// What all evolutions of a problem share.
#[derive(Debug)]
pub struct Ground(Proximity);

impl Ground {
    /// Cost: O(visits^2).
    pub fn new(problem: &Problem) -> Self {
        Self(Proximity::new(problem))
    }
}

impl<'a> Evolution<'a> {
    /// An empty population.
    pub fn new(problem: &'a Problem, ground: &'a Ground, settings: EvolutionSettings) -> Self {
        let adaption = Adaption::new(problem);
        Self {
            problem,
            settings,
            local: LocalSearch::new(problem, &ground.0, adaption.penalties()),
            adaption,
            population: Population::default(),
            best: None,
            pool: Pool::new(POOLED),
            children: 0,
            news: None,
        }
    }

    /// What it has taken in since this was asked last; nothing at the first time.
    pub fn news(&mut self) -> News {
        News(self.news.replace(Vec::new()).unwrap_or_default())
    }

    /// Takes in what another evolution has found, as it is.
    pub fn hear(&mut self, news: &News) {
        for plan in &news.0 {
            self.note_cost(plan);
            self.population.add(plan.clone(), self.adaption.penalties());
        }
    }

    fn settle_in(&mut self, plan: Individual, penalties: Penalties) {
        if let Some(news) = &mut self.news {
            news.push(plan.clone());
        }
        self.population.add(plan, penalties);
    }

    /// Takes in a plan that serves every visit, improved by local search.
    ///
    /// * `routes`: the visits of each vehicle.
    pub fn add(&mut self, routes: &[Vec<u32>], chance: &mut Chance) {
        self.local.state().load(routes, &[]);
        let given = self.local.state().individual();
        self.note(&given);
        self.settle_in(given, self.adaption.penalties());
        self.local.run(chance);
        self.take_in(chance);
    }

    /// The best feasible plan and its cost.
    pub fn best(&self) -> Option<(&[Vec<u32>], i64)> {
        self.best.as_ref().map(|plan| (plan.routes.as_slice(), plan.cost))
    }

    /// How many children there were.
    pub fn children(&self) -> u64 {
        self.children
    }

    /// Whether times and loads of a whole plan stay so far within 32 bits, however late it is,
    /// that penalties for them stay within 64.
    pub fn is_able(&self) -> bool {
        let visits = 0..crate::optimize::search::narrow(self.problem.visit_count());
        let longest: i64 = visits
            .map(|visit| {
                let leg = self.problem.time_out(visit).iter().copied().max().unwrap_or(0);
                let into = self.problem.time_into(visit).iter().copied().max().unwrap_or(0);
                let stay = self.problem.stay(visit);
                i64::from(leg) + i64::from(into) + i64::from(stay.service) + i64::from(stay.load)
            })
            .sum();
        let horizon = self.problem.shifts.iter().map(|shift| shift.latest).max().unwrap_or(0);
        longest + 2 * i64::from(horizon) < i64::from(i32::MAX) / 16
    }

    /// Drops the population; the best plan and the number of children stay.
    pub fn forget(&mut self) {
        self.population = Population::default();
    }

    /// How many plans there are.
    pub fn len(&self) -> usize {
        self.population.len()
    }

    /// Whether there is no plan.
    pub fn is_empty(&self) -> bool {
        self.population.len() == 0
    }

    /// One child. False: there are no two plans to cross.
    pub fn step(&mut self, chance: &mut Chance) -> bool {
        let Some(parents) = self.population.parents(chance) else { return false };
        let children = exchange_routes(self.problem, parents, chance);
        let [first, second] = children.map(|child| self.complete(child, chance));
        let penalties = self.adaption.penalties();
        let (plan, changed) = if second.0.penalized(penalties) < first.0.penalized(penalties) {
            second
        } else {
            first
        };
        self.local.state().load(&plan.routes, &changed);
        self.local.run(chance);
        self.take_in(chance);
        self.children += 1;
        true
    }

    /// A child with its missing visits inserted, and which of its routes are new.
    fn complete(&mut self, child: Child, chance: &mut Chance) -> (Individual, Vec<bool>) {
        let Child { routes, mut missing, changed } = child;
        self.local.state().load(&routes, &changed);
        self.local.insert_all(&mut missing, chance);
        (self.local.state().individual(), self.local.state().changed())
    }

    /// Takes the plan of the local search into the population, and its repair too.
    fn take_in(&mut self, chance: &mut Chance) {
        let penalties = self.adaption.penalties();
        let plan = self.local.state().individual();
        let feasible = plan.is_feasible();
        let changed = self.adaption.note(&plan);
        self.note(&plan);
        self.settle_in(plan, penalties);
        if !feasible && chance.one_in(self.settings.repair_one_in) {
            self.local.state().set_penalties(penalties.times(self.settings.repair_factor), true);
            self.local.run(chance);
            let repaired = self.local.state().individual();
            if repaired.is_feasible() {
                self.note(&repaired);
                self.settle_in(repaired, penalties);
            }
        }
        let penalties = self.adaption.penalties();
        self.local.state().set_penalties(penalties, false);
        if changed {
            self.population.rank(penalties);
        }
    }

    /// Chooses the cheapest plan from all routes met so far; takes it in if it is the best.
    pub fn recombine(&mut self, budget: &Budget<'_>, chance: &mut Chance) {
        let Some(best) = &self.best else { return };
        let problem = self.problem;
        let visits = 0..crate::optimize::search::narrow(problem.visit_count());
        // Plans of a population serve every visit.
        let skip_costs: Vec<i64> = visits.map(|_| best.cost).collect();
        let vehicles: Vec<usize> = problem.kinds.iter().map(Vec::len).collect();
        let columns = self.pool.columns();
        let question = Partitioning {
            columns: &columns,
            skip_costs: &skip_costs,
            vehicles: &vehicles,
            below: best.cost,
        };
        let Some(chosen) = question.solve(budget) else { return };
        let mut routes = vec![Vec::new(); problem.vehicle_count()];
        let mut next = vec![0; problem.kinds.len()];
        for column in chosen.into_iter().map(|index| &columns[index]) {
            let kind = column.kind as usize;
            routes[problem.kinds[kind][next[kind]] as usize].clone_from(&column.visits);
            next[kind] += 1;
        }
        self.add(&routes, chance);
    }

    /// Takes notice of the plan of the local search: of its new routes that break nothing, and
    /// whether it is the best.
    fn note(&mut self, plan: &Individual) {
        let state = self.local.state();
        for (vehicle, list) in (0..).zip(&plan.routes) {
            if !list.is_empty() && state.is_new_and_allowed(vehicle) {
                let kind = self.problem.shifts[vehicle as usize].kind;
                self.pool.add(kind, list, self.problem.route_cost(vehicle, list));
            }
        }
        self.note_cost(plan);
    }

    fn note_cost(&mut self, plan: &Individual) {
        if plan.is_feasible() && self.best.as_ref().is_none_or(|best| plan.cost < best.cost) {
            self.best = Some(plan.clone());
        }
    }
}

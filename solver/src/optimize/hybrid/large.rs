//! Large days: ruin and recreate on the whole, or on parts that change from epoch to epoch.

use std::time::Duration;

use super::parts::{Part, cut};
use super::{Answer, Day, Ear, Found, Options, threads};
use crate::optimize::plain::{PlainError, PlainRoutes, Problem, Saved};
use crate::optimize::search::{
    Annealing, Budget, Chance, Cooling, Routes, Silent, narrow, real, real_count, whole,
};

/// Visits up to which one thread searches the day as a whole. Parts of half a thousand visits are
/// searched better in the same time: every step then falls where it can still help, and the
/// matrices stay in the cache.
const WHOLE: usize = 700;
/// Visits of a part of a day of up to [`MEDIUM`] visits.
const PART: usize = 500;
/// The same of larger days, which would have too many parts to cut anew often.
const PART_LARGE: usize = 1000;
const MEDIUM: usize = 2500;
/// Most epochs, and so most cuts into parts. The borders of the parts must change many times while
/// the temperature falls.
const EPOCHS: f64 = 48.0;
/// A part is searched at least so long; laying it out takes some thousandths of a second.
const PART_SECONDS: f64 = 0.1;
/// The same in steps per visit, where only steps are limited.
const PART_STEPS: u64 = 20;

pub(super) fn solve(
    day: &Day<'_>,
    options: &Options<'_>,
    budget: &Budget<'_>,
) -> Result<Answer, PlainError> {
    if options.threads <= 1 && day.visits.len() <= WHOLE {
        return solve_whole(day, options, budget);
    }
    // Faults of the whole day are told with its own numbers.
    Problem::check(day.legs, day.visits, day.vehicles)?;
    let mut search = Search::new(day, options);
    search.run(budget)?;
    Ok(search.best)
}

/// One search over the whole day.
fn solve_whole(
    day: &Day<'_>,
    options: &Options<'_>,
    budget: &Budget<'_>,
) -> Result<Answer, PlainError> {
    let problem = Problem::new(day.legs, day.visits.to_vec(), day.vehicles)?;
    let mut chance = Chance::new(options.seed);
    let mut routes = PlainRoutes::new(&problem);
    if let Some(start) = options.start {
        routes.restore_feasible(start);
    }
    let mut search = Annealing::new(&mut routes, options.settings, &mut chance);
    let cost = search.best_cost();
    (options.hear)(Found { cost, unserved: search.best_unserved() });
    let cooling = search.cooling(&routes);
    let mut ear = Ear { hear: options.hear, cost };
    let outcome = search.run(&mut routes, &cooling, budget, &mut chance, &mut ear);
    Ok(Answer {
        routes: search.best().routes.clone(),
        cost: outcome.cost,
        unserved: outcome.unserved,
        steps: outcome.steps,
        children: 0,
    })
}

/// A part at work.
struct Job {
    part: Part,
    chance: Chance,
    /// Where the search of the part is, and the best it met, with what they cost.
    current: (i64, Saved),
    best: (i64, Saved),
    steps: u64,
    fault: Option<PlainError>,
}

struct Search<'a> {
    day: &'a Day<'a>,
    options: &'a Options<'a>,
    chance: Chance,
    /// Where the search is: the visits of each vehicle.
    routes: Vec<Vec<u32>>,
    best: Answer,
    /// Average cost of one visit in the first plan, for temperatures.
    unit: Option<f64>,
}

impl<'a> Search<'a> {
    fn new(day: &'a Day<'a>, options: &'a Options<'a>) -> Self {
        let mut routes = vec![Vec::new(); day.vehicles.len()];
        for (own, given) in routes.iter_mut().zip(options.start.unwrap_or(&[])) {
            own.clone_from(given);
        }
        drop_unknown(&mut routes, day.visits.len());
        Self {
            day,
            options,
            chance: Chance::new(options.seed),
            routes,
            best: Answer { cost: i64::MAX, ..Answer::default() },
            unit: None,
        }
    }

    fn run(&mut self, budget: &Budget<'_>) -> Result<(), PlainError> {
        let threads = self.options.threads.max(1);
        let visits = self.day.visits.len();
        let size = if visits <= MEDIUM { PART } else { PART_LARGE };
        let count = threads.max(visits.div_ceil(size)).next_multiple_of(threads);
        let waves = count / threads;
        // The first plan is wanted soon: parts with hardly more than insertion.
        let first = budget.part(0.0, 0).and_steps(0);
        self.epoch(count, &first, (0.0, 0.0))?;
        let epochs = epochs(budget, waves, visits / count);
        let mut steps_done = 0;
        for epoch in 0..epochs {
            if epoch > 0 && budget.is_spent(steps_done) {
                break;
            }
            let from = budget.share_spent(steps_done).min(1.0);
            let share = 1.0 / real_count(epochs - epoch);
            let until = from + (1.0 - from) * share;
            let part = budget.part(share, steps_done);
            self.epoch(count, &part, (from, until))?;
            steps_done += part.step_limit().unwrap_or(0);
        }
        Ok(())
    }

    /// Cuts, searches every part, and puts the plan together again.
    fn epoch(
        &mut self,
        count: usize,
        budget: &Budget<'_>,
        shares: (f64, f64),
    ) -> Result<(), PlainError> {
        let threads = self.options.threads.max(1);
        let mut lists: Vec<Vec<Job>> = (0..threads).map(|_| Vec::new()).collect();
        for (index, part) in
            cut(self.day, &self.routes, count, &mut self.chance).into_iter().enumerate()
        {
            let chance = self.chance.split();
            lists[index % threads].push(Job::new(part, chance));
        }
        let this = &*self;
        threads::each(&mut lists, |_, jobs| {
            let (waves, mut steps) = (jobs.len(), 0);
            for (index, job) in jobs.iter_mut().enumerate() {
                let own = budget.part(1.0 / real_count(waves - index), steps);
                this.search(job, &own, shares);
                steps += job.steps;
            }
        });
        self.put_together(lists.into_iter().flatten().collect())
    }

    /// Searches one part.
    fn search(&self, job: &mut Job, budget: &Budget<'_>, shares: (f64, f64)) {
        let part = &job.part;
        let visits: Vec<_> =
            part.visits.iter().map(|&visit| self.day.visits[visit as usize]).collect();
        let vehicles: Vec<_> =
            part.vehicles.iter().map(|&vehicle| self.day.vehicles[vehicle as usize]).collect();
        let problem = match Problem::new(self.day.legs, visits, &vehicles) {
            Ok(problem) => problem,
            Err(fault) => {
                job.fault = Some(fault);
                return;
            }
        };
        let mut routes = PlainRoutes::new(&problem);
        routes.restore_feasible(&part.local_routes(self.day.visits.len()));
        let settings = self.options.settings;
        let mut search = Annealing::new(&mut routes, settings, &mut job.chance);
        if let Some(unit) = self.unit {
            let whole = Cooling::new(settings.hot * unit, settings.cold * unit);
            let cooling = Cooling::new(whole.temperature(shares.0), whole.temperature(shares.1));
            let outcome = search.run(&mut routes, &cooling, budget, &mut job.chance, &mut Silent);
            job.steps = outcome.steps;
        }
        job.best = (search.best_cost(), search.best().clone());
        job.current.0 = search.cost();
        routes.save(&mut job.current.1);
    }

    fn put_together(&mut self, jobs: Vec<Job>) -> Result<(), PlainError> {
        let mut best = vec![Vec::new(); self.day.vehicles.len()];
        let (mut cost, mut served) = (0, 0);
        for job in jobs {
            if let Some(fault) = job.fault {
                return Err(fault);
            }
            cost += job.best.0;
            self.best.steps += job.steps;
            let named = |list: &[u32]| -> Vec<u32> {
                list.iter().map(|&visit| job.part.visits[visit as usize]).collect()
            };
            for (slot, &vehicle) in job.part.vehicles.iter().enumerate() {
                best[vehicle as usize] = named(&job.best.1.routes[slot]);
                served += best[vehicle as usize].len();
                self.routes[vehicle as usize] = named(&job.current.1.routes[slot]);
            }
        }
        if self.unit.is_none() {
            let skipped = self.skip_cost(&best);
            self.unit = Some(real(cost - skipped) / real_count(served.max(1)));
        }
        if cost < self.best.cost {
            let unserved = self.day.visits.len() - served;
            (self.best.cost, self.best.unserved, self.best.routes) = (cost, unserved, best);
            (self.options.hear)(Found { cost, unserved });
        }
        Ok(())
    }

    /// What it costs to leave out the visits that no route has.
    fn skip_cost(&self, routes: &[Vec<u32>]) -> i64 {
        let mut served = vec![false; self.day.visits.len()];
        routes.iter().flatten().for_each(|&visit| served[visit as usize] = true);
        let skipped = served.iter().zip(self.day.visits).filter(|(served, _)| !**served);
        skipped.map(|(_, visit)| visit.skip_cost).sum()
    }
}

impl Job {
    fn new(part: Part, chance: Chance) -> Self {
        let nothing = (0, Saved::default());
        Self { part, chance, current: nothing.clone(), best: nothing, steps: 0, fault: None }
    }
}

impl Part {
    /// The routes by the part's own numbers of visits.
    fn local_routes(&self, visits: usize) -> Vec<Vec<u32>> {
        let mut own = vec![u32::MAX; visits];
        for (index, &visit) in self.visits.iter().enumerate() {
            own[visit as usize] = narrow(index);
        }
        let local = |list: &Vec<u32>| list.iter().map(|&visit| own[visit as usize]).collect();
        self.routes.iter().map(local).collect()
    }
}

/// Drops visits that do not exist or stand twice.
fn drop_unknown(routes: &mut [Vec<u32>], visits: usize) {
    let mut seen = vec![false; visits];
    for list in routes {
        list.retain(|&visit| {
            seen.get_mut(visit as usize).is_some_and(|seen| !std::mem::replace(seen, true))
        });
    }
}

/// How often to cut, so that each part is worth laying out.
fn epochs(budget: &Budget<'_>, waves: usize, part: usize) -> usize {
    let by_time = budget
        .time_left()
        .map(|time: Duration| time.as_secs_f64() / (PART_SECONDS * real_count(waves)));
    let by_steps = budget.step_limit().map(|steps| {
        let least = PART_STEPS * (part.max(1) * waves) as u64;
        real_count(usize::try_from(steps / least).unwrap_or(usize::MAX))
    });
    let limit = by_time.into_iter().chain(by_steps).fold(EPOCHS, f64::min);
    whole(limit).max(1)
}

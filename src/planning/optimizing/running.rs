//! Running the optimizer on a problem.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use roundsman_solver::check::plans;
use roundsman_solver::optimize::model::ModelFaults;
use roundsman_solver::optimize::solution::Score;
use roundsman_solver::optimize::{Control, Options, Progress, Solution, solve};

use crate::domain::optimizations::RunProgress;
use crate::planning::optimizing::changes::{Difference, differences};
use crate::planning::optimizing::drafting::Problem;
use crate::planning::optimizing::scoring::apart;
use crate::planning::optimizing::standing::standing;
use crate::planning::optimizing::weights::milli;
use crate::planning::plan::{Plan, Route};

/// How long and how hard to search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunLimits {
    /// Longest time.
    pub time: Duration,
    /// Most steps of each thread; none means no limit.
    pub steps: Option<u64>,
    /// Start of the random choices.
    pub seed: u64,
    /// Threads to search with.
    pub threads: usize,
}

/// What the optimizer found.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What it changes.
    pub difference: Difference,
    /// What it said last.
    pub progress: RunProgress,
    /// The plan itself.
    pub(super) solution: Solution,
}

impl Answer {
    /// The answer as it is if the plan becomes `after` and not what was found: rules, what is left out
    /// and its cost are those of that plan. None if its routes are of other shifts.
    ///
    /// * `before`: what the problem was made of.
    pub fn standing(&self, problem: &Problem, before: &Plan, after: &Plan) -> Option<Self> {
        let key = |plan: &Plan| {
            let of = |route: &Route| (route.technician, route.date);
            plan.routes.iter().map(of).collect::<Vec<_>>()
        };
        if key(before) != key(after) {
            return None;
        }
        let solution = judged(problem, standing(problem, after));
        let Score { unserved, cost, .. } = solution.score;
        let cost_milli = milli(cost - apart(problem, before));
        let progress = RunProgress { unserved, cost_milli, ..self.progress };
        Some(Self { difference: self.difference.clone(), progress, solution })
    }
}

/// What the optimizer refuses; it means that stored values make no sense.
pub type Refused = ModelFaults;

/// What the world outside tells a run and hears from it.
#[derive(Clone, Copy)]
pub struct Outside<'a> {
    /// Time since the run began.
    pub elapsed: &'a (dyn Fn() -> Duration + Sync),
    /// Set to true to stop; the best so far is the answer.
    pub cancel: &'a AtomicBool,
    /// Called now and then, from any thread of the search.
    pub progress: &'a (dyn Fn(RunProgress) + Sync),
}

/// Searches for a better plan; the plan in force is the answer if nothing better is found.
///
/// * `plan`: what the problem was made of.
///
/// # Errors
/// Every fault of the model, which means that stored values make no sense.
pub fn run(
    (problem, plan): (&Problem, &Plan),
    limits: RunLimits,
    outside: Outside<'_>,
) -> Result<Answer, Refused> {
    let options = Options {
        time: Some(limits.time),
        steps: limits.steps,
        steps_unimproved: None,
        seed: limits.seed,
        threads: limits.threads.max(1),
    };
    let apart = apart(problem, plan);
    if problem.model.shifts.is_empty() {
        // Nobody works, so nobody can be asked.
        let solution = judged(problem, standing(problem, plan));
        let (elapsed, score) = ((outside.elapsed)(), solution.score);
        let progress = told(Progress { elapsed, steps: 0, score }, apart);
        return Ok(Answer { difference: differences(problem, &solution), progress, solution });
    }
    let tell = |progress: Progress| (outside.progress)(told(progress, apart));
    let control = Control { elapsed: outside.elapsed, cancel: outside.cancel, progress: &tell };
    let outcome = solve(&problem.model, &options, &control)?;
    let solution = better(problem, plan, outcome.solution);
    let score = solution.score;
    let progress = Progress { elapsed: (outside.elapsed)(), steps: outcome.steps, score };
    let progress = told(progress, apart);
    let difference = differences(problem, &solution);
    Ok(Answer { difference, progress, solution })
}

/// A plan with what it costs.
fn judged(problem: &Problem, mut solution: Solution) -> Solution {
    solution.score = plans::score(&problem.model, &solution);
    solution.costs = plans::costs(&problem.model, &solution);
    solution
}

/// The plan that was found, or the one in force if that is sound and better: a search that cannot
/// take over all of a plan begins below it.
fn better(problem: &Problem, plan: &Plan, found: Solution) -> Solution {
    let before = judged(problem, standing(problem, plan));
    if before.score.hard > 0 || found.score <= before.score { found } else { before }
}

/// Progress as it is told; its cost is that of the proposal's rules.
///
/// * `apart`: the cost of other dates.
fn told(progress: Progress, apart: i64) -> RunProgress {
    RunProgress {
        elapsed_ms: u64::try_from(progress.elapsed.as_millis()).unwrap_or(u64::MAX),
        steps: progress.steps,
        unserved: progress.score.unserved,
        cost_milli: milli(progress.score.cost - apart),
    }
}

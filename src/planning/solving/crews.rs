//! Crews formed by day: problems of their own shape, solved, judged and written.

use std::fmt::Write as _;

use roundsman_solver::check::crews as check;
use roundsman_solver::formats::{Faults, roadef};
use roundsman_solver::optimize::crews;
use roundsman_solver::optimize::{Control, Options};

use super::{Effort, State, Watch};

pub use roundsman_solver::formats::roadef::{read, write, write_json};
pub use roundsman_solver::optimize::crews::{CrewPlan, CrewProblem};

/// Solves a problem.
///
/// * `start`: a plan that breaks no rule, to begin with; the answer costs no more.
pub fn solve(
    problem: &CrewProblem,
    start: Option<&CrewPlan>,
    effort: Effort,
    watch: &Watch<'_>,
) -> CrewPlan {
    let options = Options::from(effort);
    let progress = |state: roundsman_solver::optimize::Progress| {
        (watch.progress)(&State {
            elapsed: state.elapsed,
            steps: state.steps,
            unserved: 0,
            cost: state.score.cost.to_string(),
        });
    };
    let control = Control { elapsed: watch.elapsed, cancel: watch.cancel, progress: &progress };
    crews::solve_from(problem, start, &options, &control).plan
}

/// A plan made elsewhere, with what it costs.
///
/// # Errors
/// Every fault of the text.
pub fn read_plan(problem: &CrewProblem, text: &str) -> Result<CrewPlan, Faults> {
    let mut plan = roadef::read_plan(problem, text)?;
    plan.cost = check::cost(problem, &plan);
    Ok(plan)
}

/// Every rule that a plan breaks, a sentence each; things count from 0.
pub fn faults(problem: &CrewProblem, plan: &CrewPlan) -> Vec<String> {
    check::verify(problem, plan).iter().map(ToString::to_string).collect()
}

/// The plan as a table: a line per visit.
pub fn table(problem: &CrewProblem, plan: &CrewPlan) -> String {
    let mut text = "day  start    end  visit  technicians\n".to_owned();
    for crew in &plan.crews {
        let names: Vec<String> = from_one(&crew.members).iter().map(ToString::to_string).collect();
        for stop in &crew.stops {
            let end = stop.start + problem.visits[stop.visit].duration;
            let (day, visit, names) = (crew.day + 1, stop.visit + 1, names.join(" "));
            let _ = writeln!(text, "{day:>3} {:>6} {end:>6} {visit:>6}  {names}", stop.start);
        }
    }
    let _ = writeln!(text, "Cost {}, {} outsourced", plan.cost, plan.outsourced.len());
    text
}

fn from_one(indexes: &[usize]) -> Vec<usize> {
    indexes.iter().map(|index| index + 1).collect()
}

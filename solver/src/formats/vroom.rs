//! VROOM's JSON, as its API of January 2026 says: problems, plans, and plans to check.
//!
//! Every key of that API is read; keys that begin with `x_` are left alone, others are faults. One
//! key is added to what is written: `unassigned[].reasons`, why a task was left out.
//!
//! What differs from VROOM by a little: driving times under a `speed_factor` are rounded up leg by
//! leg.

mod arrivals;
mod convert;
mod input;
mod matrices;
mod model;
mod node;
mod output;
mod parse;
mod simulate;
mod timed;
mod vehicles;

use crate::formats::cases::Case;
use crate::formats::faults::Faults;
use crate::optimize::Solution;

pub use convert::write_problem;
pub use output::{Draw, error};

/// A problem as read, for writing its answer in the same words.
#[derive(Debug, Clone, PartialEq)]
pub struct Vroom {
    problem: input::Problem,
}

/// Reads a problem. Given `vehicles[].steps` become the plan that the search starts from.
///
/// # Errors
/// Every fault, in VROOM's words where it has some.
pub fn read(text: &str) -> Result<(Case, Vroom), Faults> {
    let problem = parse::parse(text)?;
    let case = model::case(&problem);
    Ok((case, Vroom { problem }))
}

impl Vroom {
    /// Whether some vehicle has steps.
    pub fn has_steps(&self) -> bool {
        self.problem.vehicles.iter().any(|vehicle| vehicle.steps.is_some())
    }

    /// Takes the given steps as the plan in force, so that the search starts from them. The drives
    /// of the case must be known.
    pub fn start_from_steps(&self, case: &mut Case) {
        simulate::start(&self.problem, case);
    }

    /// The answer to a problem: summary, routes, and what is left out with the reasons.
    ///
    /// * `reasons`: one list per visit, or empty.
    /// * `draw`: for the geometry of routes, if it is wanted.
    pub fn write(
        &self,
        case: &Case,
        solution: &Solution,
        (reasons, draw): (&[Vec<String>], Option<Draw<'_>>),
    ) -> String {
        let routes: Vec<_> =
            solution.routes.iter().map(|route| simulate::of(&self.problem, case, route)).collect();
        let left: Vec<usize> = solution.unassigned.iter().map(|visit| visit.at()).collect();
        output::write(&self.problem, case, &routes, &left, (reasons, draw))
    }

    /// Checks the given steps: when everything happens, and every rule they break. All rules are
    /// soft here; nothing is moved to another place in the plan.
    ///
    /// * `reasons`: by visit, why it is left out; or empty.
    pub fn check(
        &self,
        case: &Case,
        (reasons, draw): (&[Vec<String>], Option<Draw<'_>>),
    ) -> String {
        let routes = simulate::routes(&self.problem, case);
        let done: Vec<usize> = routes.iter().flat_map(timed::TimedRoute::tasks).collect();
        let left: Vec<usize> =
            (0..self.problem.tasks.len()).filter(|task| !done.contains(task)).collect();
        output::write(&self.problem, case, &routes, &left, (reasons, draw))
    }

    /// The given steps as a plan with the times that [`Self::check`] tells.
    pub fn given(&self, case: &Case) -> Solution {
        simulate::given(&self.problem, case)
    }
}

//! Plans with every rule of the model: crews, equipment, links, breaks, several windows, locks.
//!
//! One evaluation core: routes keep earliest and latest times per stop and number of breaks taken,
//! so that a place for a visit is judged in time that does not depend on the length of the route;
//! shared starts form a temporal network over the routes ([`plan`]). Ruin and recreate drives it.

mod answer;
mod compile;
mod compile_costs;
mod data;
mod insert;
mod loads;
mod plainly;
mod plan;
mod price;
mod rests;
mod route;
mod ruin;
mod search;
mod spots;
mod travel;
mod warm;

use crate::optimize::model::{Model, ModelFaults};
use crate::optimize::options::{Control, Options, Outcome};
use data::Data;
use insert::Builder;
use search::{Found, Search};

/// The best plan found for a model within the limits, starting from the plan in force.
///
/// Never fails for want of a plan: what cannot be done is left out. The plan found breaks no rule
/// but those that started work breaks already.
///
/// Cost: until the first limit of `options`; without any limit, until cancelled.
///
/// # Errors
/// Every fault of the model, see [`Model::check`].
pub fn solve(
    model: &Model,
    options: &Options,
    control: &Control<'_>,
) -> Result<Outcome, ModelFaults> {
    model.check()?;
    let data = Data::new(model);
    if let Some(outcome) = plainly::try_solve(&data, options, control) {
        return Ok(outcome);
    }
    let found = Search::new(&data, options.seed, control).run(options);
    Ok(outcome(&data, &found))
}

fn outcome(data: &Data, found: &Found) -> Outcome {
    let mut builder = Builder::new(data, 0);
    found.plan.restore(&mut builder.plan);
    let solution = answer::build(data, &builder.plan);
    debug_assert_eq!(solution.score.cost, found.worth.cost, "the cost is the sum of its rules");
    Outcome { solution, steps: found.steps, found_after: found.after }
}

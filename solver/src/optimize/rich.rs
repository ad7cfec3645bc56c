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
mod moves;
mod plainly;
mod plan;
mod pool;
mod price;
mod rests;
mod route;
mod ruin;
mod search;
mod segment;
mod spots;
mod travel;
mod warm;

use std::sync::Mutex;

use crate::optimize::model::{Model, ModelFaults};
use crate::optimize::options::{Control, Options, Outcome, Progress};
use data::{Care, Data};
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
    let mut data = Data::new(model);
    if let Some(outcome) = plainly::try_solve(&data, options, control) {
        return Ok(outcome);
    }
    data.prepare();
    Ok(outcome(&data, &search_all(&data, options, control)))
}

/// One search per thread, each with luck of its own; after each round all go on from the best plan.
fn search_all(data: &Data, options: &Options, control: &Control<'_>) -> Found {
    if options.threads <= 1 {
        let mut search = Search::new(data, options.seed, control);
        search.start(options);
        while search.next_round(options) {}
        return search.found();
    }
    let best = Mutex::new(None);
    let progress = |told: Progress| {
        if let Ok(mut best) = best.lock()
            && best.is_none_or(|best| told.score < best)
        {
            *best = Some(told.score);
            (control.progress)(told);
        }
    };
    let shared = Control { elapsed: control.elapsed, cancel: control.cancel, progress: &progress };
    let mut searches = new_searches(data, options, &shared);
    while next_rounds(&mut searches, options) {
        share_best(&mut searches);
    }
    let mut found: Vec<Found> = searches.into_iter().map(Search::found).collect();
    let steps = found.iter().map(|found| found.steps).sum();
    // Of equal plans the one of the first thread, so that the answer can be repeated.
    let at = (0..found.len()).min_by_key(|&at| found[at].worth).unwrap_or(0);
    Found { steps, ..found.swap_remove(at) }
}

/// One search per thread, ready to go.
fn new_searches<'d, 'm, 'c>(
    data: &'d Data<'m>,
    options: &Options,
    control: &'c Control<'c>,
) -> Vec<Search<'d, 'm, 'c>> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..options.threads as u64)
            .map(|thread| {
                let seed = options.seed.wrapping_add(thread << 32);
                scope.spawn(move || {
                    let mut search = Search::new(data, seed, control);
                    search.start(options);
                    search
                })
            })
            .collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
    })
}

/// One round of each search side by side; whether any was still to be done.
fn next_rounds(searches: &mut [Search<'_, '_, '_>], options: &Options) -> bool {
    std::thread::scope(|scope| {
        let threads: Vec<_> = searches
            .iter_mut()
            .map(|search| scope.spawn(move || search.next_round(options)))
            .collect();
        let more: Vec<bool> =
            threads.into_iter().map(|thread| thread.join().unwrap_or(false)).collect();
        more.contains(&true)
    })
}

/// All go on from the best plan, of equal ones that of the first.
fn share_best(searches: &mut [Search<'_, '_, '_>]) {
    let best = searches.iter().min_by_key(|search| search.best_worth());
    let Some((plan, worth)) = best.map(|best| (best.best(), best.best_worth())) else { return };
    for search in searches {
        search.go_on_from(&plan, worth);
    }
}

fn outcome(data: &Data, found: &Found) -> Outcome {
    let mut builder = Builder::new(data, 0);
    found.plan.restore(&mut builder.plan);
    if data.care == Care::Best {
        builder.plan.take_best_times(data);
    }
    let solution = answer::build(data, &builder.plan);
    debug_assert_eq!(solution.score.cost, found.worth.cost, "the cost is the sum of its rules");
    Outcome { solution, steps: found.steps, found_after: found.after }
}

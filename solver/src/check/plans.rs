//! Independent verifier of the optimizer's plans: every hard rule, and the cost rule by rule.
//!
//! Shares no code with the search. It reads a finished plan like a dispatcher with the rule book of
//! [`crate::optimize::model`] in hand: sums are made stop by stop, nothing is kept between
//! questions. The model must have passed [`Model::check`]; the plan may be as wrong as it likes.

mod costs;
mod currents;
mod faults;
mod limits;
mod loads;
pub(crate) mod lookup;
mod people;
mod reading;
mod resting;
mod times;
mod together;
mod trips;

use crate::optimize::Model;
use crate::optimize::solution::{Rule, Score, Solution};

pub use costs::{Amount, Match, Subject, matches};
pub use faults::{Limit, PlanFault};
pub(crate) use reading::{Done, Member, Plan};

/// Every hard rule that a plan breaks, and every number in it that is not what it should be.
///
/// Costs and score as told by the plan are not looked at; compare them with [`costs()`] and [`score`].
///
/// Cost: O(stops x breaks + links + uses of a pool squared).
pub fn verify(model: &Model, solution: &Solution) -> Vec<PlanFault> {
    let (plan, faults) = Plan::read(model, solution);
    faults_of(&plan, faults)
}

/// All faults of a plan, after those of its form.
fn faults_of(plan: &Plan, mut faults: Vec<PlanFault>) -> Vec<PlanFault> {
    for trip in &plan.trips {
        times::verify(plan, trip, &mut faults);
        resting::verify(trip, &mut faults);
        loads::verify(plan, trip, &mut faults);
    }
    limits::verify(plan, &mut faults);
    for done in plan.done.iter().flatten() {
        people::verify(plan, done, &mut faults);
        times::verify_start(plan, done, &mut faults);
        currents::verify(plan, done, &mut faults);
    }
    currents::verify_whole(plan, &mut faults);
    together::verify(plan, &mut faults);
    faults
}

/// [`verify`] and the sum of [`costs()`] at one reading.
pub(crate) fn judged(model: &Model, solution: &Solution) -> (Vec<PlanFault>, i64) {
    let (plan, faults) = Plan::read(model, solution);
    let cost = costs::all(&plan).iter().map(|one| one.cost).sum();
    (faults_of(&plan, faults), cost)
}

/// What a plan costs, rule by rule, in grains; rules that cost nothing are left out.
///
/// The sum of all [`matches()`] of each rule.
pub fn costs(model: &Model, solution: &Solution) -> Vec<(Rule, i64)> {
    let mut sums: Vec<(Rule, i64)> = Vec::new();
    for one in matches(model, solution) {
        match sums.iter_mut().find(|(rule, _)| *rule == one.rule) {
            Some((_, sum)) => *sum += one.cost,
            None => sums.push((one.rule, one.cost)),
        }
    }
    sums.retain(|(_, sum)| *sum != 0);
    sums.sort_unstable();
    sums
}

/// How good a plan is: faults found by [`verify`], mandatory work left out, and the sum of
/// [`costs()`].
pub fn score(model: &Model, solution: &Solution) -> Score {
    let (plan, _) = Plan::read(model, solution);
    let left_out = plan.done.iter().zip(&model.visits).filter(|(done, _)| done.is_none());
    Score {
        hard: i64::try_from(verify(model, solution).len()).unwrap_or(i64::MAX),
        unserved: left_out.map(|(_, visit)| i64::from(visit.mandatory)).sum(),
        cost: costs(model, solution).iter().map(|(_, cost)| cost).sum(),
    }
}

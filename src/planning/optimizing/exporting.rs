//! A problem as JSON of our own format, for `roundsman solve`.

use std::fmt::Display;

use roundsman_solver::formats::{Case, Names, native};
use roundsman_solver::optimize::model::UNIT;

use crate::planning::optimizing::drafting::Problem;
use crate::planning::plan::Plan;

/// A problem as JSON: ids are the names of people, visits, skills and equipment; places have
/// numbers.
///
/// * `plan`: what the problem was made of.
pub fn exported(problem: &Problem, plan: &Plan) -> String {
    let roster = &plan.roster;
    let shift = |key: &super::drafting::ShiftKey| {
        format!("{} {}", plan.routes[key.route].date, key.technician_id)
    };
    let case = Case {
        names: Names {
            technicians: words(&roster.technicians),
            shifts: problem.shifts.iter().map(shift).collect(),
            visits: problem.visits.iter().map(|key| key.visit_id.to_string()).collect(),
            skills: words(&roster.skills),
            tools: words(&roster.equipment),
            pools: roster.pools.iter().map(|(id, _)| id.to_string()).collect(),
            zones: words(&roster.zones),
            ..Names::default()
        },
        cost_scale: UNIT,
        dates: true,
        ..Case::new(problem.model.clone())
    };
    native::write_problem(&case).0
}

fn words<T: Display>(ids: &[T]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

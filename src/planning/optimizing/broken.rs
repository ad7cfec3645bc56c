//! Broken hard rules of a plan in words for people.

use roundsman_solver::check::plans::PlanFault;
use roundsman_solver::units::Moment;

use crate::planning::catalogue::Catalogue;
use crate::planning::optimizing::drafting::Problem;
use crate::planning::plan::Plan;
use crate::planning::positions::{position, replaced};
use crate::planning::times::minutes_up;

/// A fault with names and times of day in place of the solver's numbers.
///
/// * `visit`: a visit in words, by its position.
pub(super) fn sentence(
    fault: &PlanFault,
    (problem, plan, catalogue): (&Problem, &Plan, &Catalogue),
    visit: impl Fn(usize) -> Option<String>,
) -> String {
    let roster = &plan.roster;
    let technician = |at: usize| {
        let id = roster.technicians.get(at)?;
        Some(catalogue.technicians.get(id)?.name.clone())
    };
    let shift = |at: usize| {
        let id = problem.shifts.get(at)?.technician_id;
        let name = &catalogue.technicians.get(&id)?.name;
        let date = plan.routes.get(problem.shifts[at].route)?.date;
        Some(format!("of {name} on {date}"))
    };
    let pool = |at: usize| {
        let (id, _) = roster.pools.get(at)?;
        Some(catalogue.equipment.get(id)?.name.clone())
    };
    let skill = |at: usize| {
        let id = roster.skills.get(at)?;
        Some(catalogue.skills.get(id)?.name.clone())
    };
    let equipment = |at: usize| {
        let id = roster.equipment.get(at)?;
        Some(catalogue.equipment.get(id)?.name.clone())
    };
    let mut text = fault.to_string();
    text = replaced(&text, "visit VisitIdx(", |at| visit(position(at)));
    text = replaced(&text, "VisitIdx(", |at| visit(position(at)));
    text = replaced(&text, "ShiftIdx(", |at| shift(position(at)));
    text = replaced(&text, "technician TechnicianIdx(", |at| technician(position(at)));
    text = replaced(&text, "TechnicianIdx(", |at| technician(position(at)));
    text = replaced(&text, "PoolIdx(", |at| pool(position(at)));
    text = replaced(&text, "SkillIdx(", |at| skill(position(at)));
    text = replaced(&text, "EquipmentIdx(", |at| equipment(position(at)));
    text = replaced(&text, "Moment(", |at| Some(plan.clock(Moment(at))));
    text = replaced(&text, "Seconds(", |length| Some(format!("{} min", minutes_up(length))));
    text
}

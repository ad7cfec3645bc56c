//! The person fits the visit: skills valid then, equipment carried, zone covered, wish kept.

use crate::constraints::Violation;
use crate::problem::{HeldSkill, Request, Technician};
use crate::units::{Moment, TechnicianIdx};

/// Every rule about a person in one role of a visit that starts at a moment.
///
/// * `role`: position in the request's roles; an unknown one needs nothing.
///
/// Cost: O(skills).
pub fn evaluate_person(
    technician: &Technician,
    at: TechnicianIdx,
    request: &Request,
    role: usize,
    start: Moment,
) -> Vec<Violation> {
    let mut violations = Vec::new();
    if let Some(role) = request.roles.get(role) {
        for need in &role.skills {
            let valid = |held: &&HeldSkill| held.skill == need.skill && held.span().contains(start);
            let held = technician.skills.iter().filter(valid).map(|held| held.level).max();
            let (held, level_min) = (held.unwrap_or(0), need.level_min);
            if held < level_min {
                violations.push(Violation::Skill { skill: need.skill, level_min, held });
            }
        }
        for &equipment in role.carried.iter().filter(|kind| !technician.carried.contains(kind)) {
            violations.push(Violation::Carried { equipment });
        }
    }
    if request.zones.as_ref().is_some_and(|zones| technician.coverage.level(zones).is_none()) {
        violations.push(Violation::Zone);
    }
    let wishes = &request.wishes;
    let is_wished = wishes.only.as_ref().is_none_or(|only| only.contains(&at));
    if wishes.excluded.contains(&at) || !is_wished && !wishes.required.contains(&at) {
        violations.push(Violation::Wish);
    }
    violations
}

//! The crew of one visit: together, different people, wished for, able, equipped and in their zone.

use crate::check::plans::PlanFault;
use crate::check::plans::lookup::is_settled;
use crate::check::plans::reading::{Done, Member, Plan};
use crate::optimize::solution::StopKind;
use crate::units::{EquipmentIdx, Moment, SkillIdx};

/// Every fault of a crew.
pub(super) fn verify(plan: &Plan, done: &Done, faults: &mut Vec<PlanFault>) {
    let visit = done.visit;
    for (at, member) in done.crew.iter().enumerate() {
        let technician = member.technician;
        if done.crew[..at].iter().any(|before| before.technician == technician) {
            faults.push(PlanFault::SamePerson { visit, technician });
        }
        if member.start != done.start {
            let (role, start, expected) = (member.role, member.start, done.start);
            faults.push(PlanFault::NotTogether { visit, role, start, expected });
        }
    }
    if is_settled(plan.model, visit) {
        return;
    }
    wishes(plan, done, faults);
    for member in &done.crew {
        skills(plan, done, member, faults);
        equipment(plan, done, member, faults);
    }
    tools(plan, done, faults);
}

fn wishes(plan: &Plan, done: &Done, faults: &mut Vec<PlanFault>) {
    let visit = done.visit;
    let asked = &plan.model.visits[visit.at()];
    let wishes = &asked.wishes;
    for technician in done.crew.iter().map(|member| member.technician) {
        let others = wishes.only.as_ref().is_some_and(|only| !only.contains(&technician));
        if others || wishes.excluded.contains(&technician) {
            faults.push(PlanFault::Wish { visit, technician });
        }
        let coverage = &plan.model.technicians[technician.at()].coverage;
        if asked.zones.as_ref().is_some_and(|zones| coverage.level(zones).is_none()) {
            faults.push(PlanFault::OutsideZones { visit, technician });
        }
    }
    for &technician in &wishes.required {
        if !done.crew.iter().any(|member| member.technician == technician) {
            faults.push(PlanFault::Wish { visit, technician });
        }
    }
}

/// Highest level of a skill that a member holds and that is valid at `at`; 0 = none.
pub(super) fn held_level(plan: &Plan, member: &Member, skill: SkillIdx, at: Moment) -> u8 {
    let held = plan.model.technicians[member.technician.at()].skills.iter();
    let counts = held.filter(|held| held.skill == skill && held.span().contains(at));
    counts.map(|held| held.level).max().unwrap_or(0)
}

fn skills(plan: &Plan, done: &Done, member: &Member, faults: &mut Vec<PlanFault>) {
    let role = member.role;
    let needs = &plan.model.visits[done.visit.at()].crew[role].needs;
    for need in &needs.skills {
        let held = held_level(plan, member, need.skill, done.start);
        if held < need.level_min || held == 0 {
            let (visit, skill, level_min) = (done.visit, need.skill, need.level_min);
            faults.push(PlanFault::Skill { visit, role, skill, level_min, held });
        }
    }
}

fn carries(plan: &Plan, member: &Member, equipment: EquipmentIdx) -> bool {
    plan.model.technicians[member.technician.at()].carried.contains(&equipment)
}

fn equipment(plan: &Plan, done: &Done, member: &Member, faults: &mut Vec<PlanFault>) {
    let needs = &plan.model.visits[done.visit.at()].crew[member.role].needs;
    for &equipment in &needs.carried {
        if !carries(plan, member, equipment) {
            let (visit, role) = (done.visit, Some(member.role));
            faults.push(PlanFault::Equipment { visit, role, equipment });
        }
    }
}

fn tools(plan: &Plan, done: &Done, faults: &mut Vec<PlanFault>) {
    let fetched = |member: &Member| {
        let before = &plan.trips[member.trip].route.stops[..member.stop];
        before.iter().any(|stop| matches!(stop.kind, StopKind::Depot { .. }))
    };
    for &equipment in &plan.model.visits[done.visit.at()].tools {
        if !done.crew.iter().any(|member| carries(plan, member, equipment) || fetched(member)) {
            faults.push(PlanFault::Equipment { visit: done.visit, role: None, equipment });
        }
    }
}

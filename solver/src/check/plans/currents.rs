//! What replanning may not touch: started, locked and frozen visits, relaxations, notice.

use crate::check::plans::PlanFault;
use crate::check::plans::lookup::{current, is_frozen, is_settled};
use crate::check::plans::reading::{Done, Plan};
use crate::optimize::model::{Current, Freeze, Lock, Relaxation};
use crate::units::{Moment, ShiftIdx, TechnicianIdx, VisitIdx};

/// Whether each role is filled by the technician of the plan in force.
pub(super) fn same_people(plan: &Plan, done: &Done, current: &Current) -> bool {
    moved_roles(plan, done, current) == 0
}

/// Crew roles filled by another technician than in the plan in force.
pub(super) fn moved_roles(plan: &Plan, done: &Done, current: &Current) -> i64 {
    let planned = |role: usize| -> Option<TechnicianIdx> {
        let shift = current.shifts.get(role)?;
        Some(plan.model.shifts[shift.at()].technician)
    };
    let other = |member: &&super::Member| planned(member.role) != Some(member.technician);
    i64::try_from(done.crew.iter().filter(other).count()).unwrap_or(i64::MAX)
}

fn same_shifts(done: &Done, current: &Current) -> bool {
    let planned = |role: usize| -> Option<ShiftIdx> { current.shifts.get(role).copied() };
    done.crew.iter().all(|member| planned(member.role) == Some(member.shift))
}

/// What is allowed to a visit planned to start at `at`.
pub(super) fn relaxation(freeze: &Freeze, at: Moment) -> Relaxation {
    let past = freeze.relaxations.iter().take_while(|(from, _)| *from <= at).last();
    past.or(freeze.relaxations.first()).map_or(Relaxation::Anything, |(_, allowed)| *allowed)
}

/// Faults of one visit that is done, against the plan in force.
pub(super) fn verify(plan: &Plan, done: &Done, faults: &mut Vec<PlanFault>) {
    let (model, visit) = (plan.model, done.visit);
    let planned = current(model, visit);
    let settled = is_settled(model, visit);
    let kept = planned
        .is_some_and(|current| current.start == done.start && same_people(plan, done, current));
    if !settled {
        let notice = model.freeze.until.filter(|_| !kept).map(|until| until + model.freeze.notice);
        let earliest = [model.from, model.freeze.until, notice].into_iter().flatten().max();
        if let Some(earliest) = earliest.filter(|&earliest| done.start < earliest) {
            faults.push(PlanFault::BeforeFrom { visit, start: done.start, earliest });
        }
    }
    let Some(current) = planned else { return };
    let mut moved = |kept: &'static str, why: &'static str| {
        faults.push(PlanFault::Moved { visit, kept, why });
    };
    if settled {
        let why = if is_frozen(model, visit) { "freeze" } else { "started" };
        if done.start != current.start {
            moved("start", why);
        }
        if !same_shifts(done, current) {
            moved("shifts", why);
        }
        return;
    }
    if matches!(current.lock, Lock::Time | Lock::Both) && done.start != current.start {
        moved("start", "lock");
    }
    let people = same_people(plan, done, current);
    if matches!(current.lock, Lock::Technician | Lock::Both) && !people {
        moved("people", "lock");
    }
    match relaxation(&model.freeze, current.start) {
        Relaxation::Times if !same_shifts(done, current) => moved("shifts", "relaxation"),
        Relaxation::Order if !people => moved("people", "relaxation"),
        _ => {}
    }
}

/// Faults of the plan as a whole: started visits left out, orders that had to stay.
pub(super) fn verify_whole(plan: &Plan, faults: &mut Vec<PlanFault>) {
    let model = plan.model;
    for (at, planned) in model.current.iter().enumerate() {
        if planned.as_ref().is_some_and(|current| current.started)
            && plan.done.get(at).is_some_and(Option::is_none)
        {
            let visit = VisitIdx(u32::try_from(at).unwrap_or(u32::MAX));
            let kept = "place in the plan";
            faults.push(PlanFault::Moved { visit, kept, why: "started" });
        }
    }
    for trip in &plan.trips {
        let bound: Vec<(Moment, VisitIdx)> = trip
            .stays
            .iter()
            .filter_map(|stay| {
                let current = current(model, stay.visit)?;
                let here = current.shifts.get(stay.role) == Some(&trip.route.shift);
                let times = relaxation(&model.freeze, current.start) == Relaxation::Times;
                (here && times && !is_settled(model, stay.visit))
                    .then_some((current.start, stay.visit))
            })
            .collect();
        for pair in bound.windows(2).filter(|pair| pair[1].0 < pair[0].0) {
            let kept = "order";
            faults.push(PlanFault::Moved { visit: pair[1].1, kept, why: "relaxation" });
        }
    }
}

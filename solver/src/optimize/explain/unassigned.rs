//! Why a visit is left out: for each technician the rules that fail at the nearest place in the plan.

use crate::check::plans::PlanFault;
use crate::explain::Change;
use crate::optimize::Model;
use crate::optimize::explain::places::{Wanted, best, start_of};
use crate::optimize::explain::trial::Trial;
use crate::optimize::solution::Solution;
use crate::units::{Moment, ShiftIdx, TechnicianIdx, VisitIdx};

/// The answer for one technician.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Who.
    pub technician: TechnicianIdx,
    /// The shift that comes nearest; `None` = the technician has none.
    pub shift: Option<ShiftIdx>,
    /// The start tried there.
    pub start: Option<Moment>,
    /// Rules that fail there, in the order in which rules are asked; empty = it fits.
    pub faults: Vec<PlanFault>,
    /// For each fault the smallest change that helps; with all of them made, it fits.
    pub changes: Vec<Change>,
    /// Grains it would add to the routes it touches; the prize of doing it is taken off.
    pub more: i64,
}

/// [`why_unassigned`] for several visits, on several threads; the answers in the order of the visits.
pub fn why_each_unassigned(
    model: &Model,
    plan: &Solution,
    visits: &[VisitIdx],
    threads: usize,
) -> Vec<Vec<Verdict>> {
    let part = visits.len().div_ceil(threads.max(1)).max(1);
    let answers = |part: &[VisitIdx]| -> Vec<Vec<Verdict>> {
        part.iter().map(|&visit| why_unassigned(model, plan, visit)).collect()
    };
    if part >= visits.len() {
        return answers(visits);
    }
    std::thread::scope(|scope| {
        let parts: Vec<_> =
            visits.chunks(part).map(|part| (part, scope.spawn(move || answers(part)))).collect();
        // A thread that cannot be had does not leave anything out.
        let told = parts
            .into_iter()
            .flat_map(|(part, told)| told.join().unwrap_or_else(|_| answers(part)));
        told.collect()
    })
}

/// For each technician, why a visit that is left out does not fit, and what would make it fit.
///
/// Each place between the stops of each shift is tried, other visits of that shift in their order
/// and everything outside it as planned. For a crew, each technician is asked alone first, in the
/// best role; who could come fails only if no complete crew can start together.
///
/// * `plan`: a plan of the model that breaks no rule; `visit` may be in it, and is taken out then.
///
/// Cost: O(places in the plan x the routes touched).
pub fn why_unassigned(model: &Model, plan: &Solution, visit: VisitIdx) -> Vec<Verdict> {
    let plan = &super::here::without(model, plan, visit, None);
    let people = (0..u32::try_from(model.technicians.len()).unwrap_or(u32::MAX)).map(TechnicianIdx);
    let mut verdicts: Vec<Verdict> = people
        .map(|technician| {
            let trial = alone(model, plan, technician, (visit, None)).map(|(_, trial)| trial);
            verdict(model, technician, visit, trial)
        })
        .collect();
    if model.visits[visit.at()].crew.len() > 1 {
        complete(model, plan, visit, &mut verdicts);
    }
    verdicts
}

pub(super) fn verdict(
    model: &Model,
    technician: TechnicianIdx,
    visit: VisitIdx,
    trial: Option<Trial>,
) -> Verdict {
    let Some(trial) = trial else {
        let (faults, changes) = (Vec::new(), vec![Change::Other]);
        return Verdict { technician, shift: None, start: None, faults, changes, more: 0 };
    };
    let (shift, start) = (Some(trial.route.shift), start_of(&trial, visit));
    let changes = trial.changes(model);
    Verdict { technician, shift, start, changes, more: trial.more, faults: trial.faults }
}

/// The best role and trial of one technician, the rest of the crew set aside.
fn alone(
    model: &Model,
    plan: &Solution,
    technician: TechnicianIdx,
    (visit, fixed): (VisitIdx, Option<Moment>),
) -> Option<(u8, Trial)> {
    let crew = u8::try_from(model.visits[visit.at()].crew.len()).unwrap_or(u8::MAX);
    let trials = (0..crew).filter_map(|role| {
        let wanted = Wanted { visit, role, fixed, alone: crew > 1 };
        Some((role, best(model, plan, technician, wanted)?))
    });
    trials.min_by_key(|(_, trial)| trial.badness(model))
}

/// Those who could come alone still fail if no complete crew can start together.
fn complete(model: &Model, plan: &Solution, visit: VisitIdx, verdicts: &mut [Verdict]) {
    let able: Vec<TechnicianIdx> = verdicts
        .iter()
        .filter(|verdict| verdict.shift.is_some() && verdict.faults.is_empty())
        .map(|verdict| verdict.technician)
        .collect();
    let mut starts: Vec<Moment> = verdicts
        .iter()
        .filter(|verdict| verdict.faults.is_empty())
        .filter_map(|verdict| verdict.start)
        .collect();
    starts.sort_unstable();
    starts.dedup();
    let crew = model.visits[visit.at()].crew.len();
    let mut fullest: Vec<Option<TechnicianIdx>> = vec![None; crew];
    for start in starts {
        let filled = filled(model, plan, (visit, start), &able);
        let count = |roles: &[Option<TechnicianIdx>]| roles.iter().flatten().count();
        if count(&filled) > count(&fullest) {
            fullest = filled;
        }
    }
    let missing: Vec<PlanFault> = (0..crew)
        .filter(|&role| fullest[role].is_none())
        .map(|role| PlanFault::RoleMissing { visit, role })
        .collect();
    for verdict in verdicts.iter_mut().filter(|verdict| able.contains(&verdict.technician)) {
        verdict.changes = missing.iter().map(|_| Change::Other).collect();
        verdict.faults.clone_from(&missing);
    }
}

/// Who could fill which role at a start: a largest matching.
fn filled(
    model: &Model,
    plan: &Solution,
    (visit, start): (VisitIdx, Moment),
    able: &[TechnicianIdx],
) -> Vec<Option<TechnicianIdx>> {
    let crew = u8::try_from(model.visits[visit.at()].crew.len()).unwrap_or(u8::MAX);
    let mut fits = Vec::new();
    for role in 0..crew {
        let wanted = Wanted { visit, role, fixed: Some(start), alone: true };
        let can = |technician: &TechnicianIdx| {
            let trial = best(model, plan, *technician, wanted);
            // Who is there later is timed then, whatever was asked for.
            trial.is_some_and(|trial| {
                trial.faults.is_empty() && start_of(&trial, visit) == Some(start)
            })
        };
        fits.push(able.iter().copied().filter(can).collect::<Vec<_>>());
    }
    let mut roles = vec![None; fits.len()];
    for role in 0..fits.len() {
        let mut asked = Vec::new();
        place(&fits, role, &mut roles, &mut asked);
    }
    roles
}

/// Finds somebody for a role, moving others to roles they can fill as well.
fn place(
    fits: &[Vec<TechnicianIdx>],
    role: usize,
    roles: &mut Vec<Option<TechnicianIdx>>,
    asked: &mut Vec<TechnicianIdx>,
) -> bool {
    for &technician in &fits[role] {
        if asked.contains(&technician) {
            continue;
        }
        asked.push(technician);
        let holds = roles.iter().position(|held| *held == Some(technician));
        if holds.is_none_or(|other| place(fits, other, roles, asked)) {
            roles[role] = Some(technician);
            return true;
        }
    }
    false
}

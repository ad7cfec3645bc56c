//! Tries a visit at every place of every shift of a technician.

use crate::check::plans::PlanFault;
use crate::optimize::Model;
use crate::optimize::explain::retime::Item;
use crate::optimize::explain::trial::{Board, Trial};
use crate::optimize::solution::Solution;
use crate::units::{Moment, ShiftIdx, TechnicianIdx, VisitIdx};

/// What is tried.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub(super) visit: VisitIdx,
    pub(super) role: u8,
    /// At that start only.
    pub(super) fixed: Option<Moment>,
    /// Nobody else of the crew is in the plan: faults about them do not count.
    pub(super) alone: bool,
}

/// The best trial of a technician over all shifts and places, if there is any shift.
pub(super) fn best(
    model: &Model,
    plan: &Solution,
    technician: TechnicianIdx,
    wanted: Wanted,
) -> Option<Trial> {
    let mut best: Option<Trial> = None;
    for (at, shift) in model.shifts.iter().enumerate() {
        if shift.technician != technician {
            continue;
        }
        let shift = ShiftIdx(u32::try_from(at).unwrap_or(u32::MAX));
        for trial in in_shift(model, plan, shift, wanted) {
            let better = |old: &Trial| trial.badness(model) < old.badness(model);
            if best.as_ref().is_none_or(better) {
                best = Some(trial);
            }
        }
    }
    best
}

/// One trial for each place in a shift, with a stop at a depot where that may help.
fn in_shift(model: &Model, plan: &Solution, shift: ShiftIdx, wanted: Wanted) -> Vec<Trial> {
    let board = Board::new(model, plan, shift, wanted.visit);
    let items = board.items();
    let item = Item::Visit { visit: wanted.visit, role: wanted.role };
    let fixed = wanted.fixed.map(|start| (wanted.visit, start));
    let judge = |items: &[Item]| {
        let mut trial = board.judge(items, fixed);
        if wanted.alone {
            trial.faults.retain(|fault| !about_others(model, fault, shift, wanted.visit));
        }
        trial
    };
    let mut trials = Vec::new();
    for at in 0..=items.len() {
        let mut changed = items.clone();
        changed.insert(at, item);
        let trial = judge(&changed);
        let full = |fault: &PlanFault| matches!(fault, PlanFault::Overloaded { .. });
        let lacks = |fault: &PlanFault| {
            full(fault)
                || matches!(
                    fault,
                    PlanFault::OutOfStock { .. } | PlanFault::Equipment { role: None, .. }
                )
        };
        if trial.faults.iter().any(lacks) {
            // Before it, or after it, too, where the car is too small.
            let stops = if trial.faults.iter().any(full) { 3 } else { 1 };
            for &place in &model.shifts[shift.at()].depots {
                for places in 1..=stops {
                    let mut supplied = changed.clone();
                    if places & 2 != 0 {
                        supplied.insert(at + 1, Item::Depot { place });
                    }
                    if places & 1 != 0 {
                        supplied.insert(at, Item::Depot { place });
                    }
                    trials.push(judge(&supplied));
                }
            }
        }
        trials.push(trial);
    }
    trials
}

/// Whether a fault is that the rest of the crew is missing.
fn about_others(model: &Model, fault: &PlanFault, shift: ShiftIdx, wanted: VisitIdx) -> bool {
    match *fault {
        PlanFault::RoleMissing { visit, .. } => visit == wanted,
        PlanFault::Wish { visit, technician } => {
            visit == wanted && technician != model.shifts[shift.at()].technician
        }
        _ => false,
    }
}

/// The start of a visit in a trial.
pub(super) fn start_of(trial: &Trial, wanted: VisitIdx) -> Option<Moment> {
    use crate::optimize::solution::StopKind;
    let is = |kind| matches!(kind, StopKind::Visit { visit, .. } if visit == wanted);
    trial.route.stops.iter().find(|stop| is(stop.kind)).map(|stop| stop.start)
}

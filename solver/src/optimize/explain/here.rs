//! Why a visit is where it is: what it costs there, and at the best place of everybody else.

use crate::check::plans::{PlanFault, costs};
use crate::explain::Change;
use crate::optimize::Model;
use crate::optimize::explain::places::{Wanted, best};
use crate::optimize::explain::retime::Item;
use crate::optimize::explain::trial::{Board, with_route};
use crate::optimize::explain::unassigned::verdict;
use crate::optimize::solution::{Rule, Solution, StopKind};
use crate::units::{Moment, ShiftIdx, TechnicianIdx, VisitIdx};

/// What it would mean to send somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternative {
    /// Which place in the crew.
    pub role: usize,
    /// Who could come instead.
    pub technician: TechnicianIdx,
    /// In which shift; `None` = the technician has none.
    pub shift: Option<ShiftIdx>,
    /// Start of the visit then.
    pub start: Option<Moment>,
    /// Grains more (negative: fewer) than the plan as it is.
    pub more: i64,
    /// Rules it would break; empty = it is possible.
    pub faults: Vec<PlanFault>,
    /// For each fault the smallest change that helps.
    pub changes: Vec<Change>,
}

/// Why a visit is where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Here {
    /// Grains the plan costs more with the visit than without, prizes set aside.
    pub cost: i64,
    /// The best place with each other technician, by role and technician.
    pub alternatives: Vec<Alternative>,
}

/// What a visit costs where it is, and what it would cost with each other technician.
///
/// A visit for one may move in time; in a crew each person is exchanged at the start as planned.
/// `None` if the visit is left out. Cost: as [`super::why_unassigned`].
pub fn why_here(model: &Model, plan: &Solution, visit: VisitIdx) -> Option<Here> {
    let crew = people(model, plan, visit);
    let start = crew.first()?.2;
    let sum = |plan: &Solution| -> i64 {
        costs(model, plan).iter().filter(|(rule, _)| *rule != Rule::Prizes).map(|(_, c)| c).sum()
    };
    let with = sum(plan);
    let cost = with - sum(&without(model, plan, visit, None));
    let mut alternatives = Vec::new();
    for &(role, _, _) in &crew {
        let base = without(model, plan, visit, Some(role));
        for at in 0..model.technicians.len() {
            let technician = TechnicianIdx(u32::try_from(at).unwrap_or(u32::MAX));
            if crew.iter().any(|(_, member, _)| *member == technician) {
                continue;
            }
            let fixed = (crew.len() > 1).then_some(start);
            let wanted = Wanted { visit, role, fixed, alone: false };
            let trial = best(model, &base, technician, wanted);
            let route = trial.as_ref().map(|trial| trial.route.clone());
            let found = verdict(model, technician, visit, trial);
            let changed = route.map(|route| with_route(model, &base, route));
            alternatives.push(Alternative {
                role: usize::from(role),
                technician,
                shift: found.shift,
                start: found.start,
                more: changed.map_or(0, |changed| sum(&changed) - with),
                faults: found.faults,
                changes: found.changes,
            });
        }
    }
    Some(Here { cost, alternatives })
}

/// Who does a visit: role, technician, start.
fn people(model: &Model, plan: &Solution, wanted: VisitIdx) -> Vec<(u8, TechnicianIdx, Moment)> {
    let mut found = Vec::new();
    for route in &plan.routes {
        for stop in &route.stops {
            if let StopKind::Visit { visit, role } = stop.kind
                && visit == wanted
            {
                found.push((role, model.shifts[route.shift.at()].technician, stop.start));
            }
        }
    }
    found.sort_unstable();
    found
}

/// The plan without a visit, or without one role of it; routes that had it are timed anew, with
/// nothing earlier than planned if that is cheaper.
pub(super) fn without(
    model: &Model,
    plan: &Solution,
    wanted: VisitIdx,
    only: Option<u8>,
) -> Solution {
    let gone = |kind: &StopKind| matches!(kind, StopKind::Visit { visit, role } if *visit == wanted && only.is_none_or(|only| only == *role));
    let mut rest = plan.clone();
    for route in &plan.routes {
        if !route.stops.iter().any(|stop| gone(&stop.kind)) {
            continue;
        }
        let board = Board::new(model, plan, route.shift, wanted);
        let stays = |item: &Item| match *item {
            Item::Visit { visit, role } => !gone(&StopKind::Visit { visit, role }),
            Item::Depot { .. } => true,
        };
        let items: Vec<Item> = board.items().into_iter().filter(stays).collect();
        let trial = board.judge(&items, None);
        rest = with_route(model, &rest, trial.route);
    }
    rest
}

//! What changes from one plan to another: visits that move, costs by rule, driving saved.

use crate::check::plans::costs;
use crate::optimize::Model;
use crate::optimize::solution::{Rule, Solution, StopKind};
use crate::units::{Metres, Moment, Seconds, ShiftIdx, VisitIdx};

/// Who does a visit and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Start of the visit.
    pub start: Moment,
    /// Shift of each crew role, in the order of the roles.
    pub shifts: Vec<ShiftIdx>,
}

/// A visit that is planned differently in two plans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Which visit.
    pub visit: VisitIdx,
    /// Where it was; `None` = it was left out.
    pub from: Option<Planned>,
    /// Where it is now; `None` = it is left out.
    pub to: Option<Planned>,
    /// Whether other technicians come than before.
    pub other_people: bool,
    /// Seconds it starts later than before; negative = earlier; 0 where one side is missing.
    pub later: Seconds,
}

/// What changes from one plan to another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// Visits that move, by index.
    pub moved: Vec<Moved>,
    /// Grains more (positive) or fewer (negative) by rule; rules without a difference are left out.
    pub costs: Vec<(Rule, i64)>,
    /// Seconds at the wheel saved.
    pub drive_saved: Seconds,
    /// Metres saved.
    pub metres_saved: Metres,
}

/// What changes from plan `a` to plan `b` of one model.
///
/// Both plans name only visits, roles and shifts of the model. Cost: linear in both plans.
pub fn difference(model: &Model, a: &Solution, b: &Solution) -> Difference {
    let (before, after) = (planned(model, a), planned(model, b));
    let mut moved = Vec::new();
    for (at, (from, to)) in before.into_iter().zip(after).enumerate() {
        if from == to {
            continue;
        }
        let people = |planned: &Planned| -> Vec<_> {
            planned.shifts.iter().map(|shift| model.shifts[shift.at()].technician).collect()
        };
        let pair = from.as_ref().zip(to.as_ref());
        let other_people = pair.is_some_and(|(from, to)| people(from) != people(to));
        let later = pair.map_or(Seconds::ZERO, |(from, to)| to.start - from.start);
        let visit = VisitIdx(u32::try_from(at).unwrap_or(u32::MAX));
        moved.push(Moved { visit, from, to, other_people, later });
    }
    let (old, new) = (driving(a), driving(b));
    Difference {
        moved,
        costs: by_rule(&costs(model, a), &costs(model, b)),
        drive_saved: old.0 - new.0,
        metres_saved: old.1 - new.1,
    }
}

/// Where each visit is planned.
fn planned(model: &Model, plan: &Solution) -> Vec<Option<Planned>> {
    let mut found: Vec<Option<Planned>> = vec![None; model.visits.len()];
    for route in &plan.routes {
        for stop in &route.stops {
            let StopKind::Visit { visit, role } = stop.kind else { continue };
            let crew = model.visits[visit.at()].crew.len();
            let empty = || Planned { start: stop.start, shifts: vec![route.shift; crew] };
            found[visit.at()].get_or_insert_with(empty).shifts[usize::from(role)] = route.shift;
        }
    }
    found
}

fn driving(plan: &Solution) -> (Seconds, Metres) {
    let mut sum = (Seconds::ZERO, Metres(0));
    for route in &plan.routes {
        sum.0 += route.drive_home;
        sum.1 += route.metres_home;
        for stop in &route.stops {
            sum.0 += stop.drive;
            sum.1 += stop.metres;
        }
    }
    sum
}

fn by_rule(a: &[(Rule, i64)], b: &[(Rule, i64)]) -> Vec<(Rule, i64)> {
    let cost = |list: &[(Rule, i64)], rule: Rule| -> i64 {
        list.iter().filter(|(other, _)| *other == rule).map(|(_, cost)| cost).sum()
    };
    let mut rules: Vec<Rule> = a.iter().chain(b).map(|(rule, _)| *rule).collect();
    rules.sort_unstable();
    rules.dedup();
    let differences = rules.into_iter().map(|rule| (rule, cost(b, rule) - cost(a, rule)));
    differences.filter(|(_, more)| *more != 0).collect()
}

//! What a task on a shift costs whatever the time, rule by rule.

use crate::optimize::rich::data::Data;
use crate::optimize::rich::price::Ledger;
use crate::optimize::solution::Rule;

/// Writes down the parts of the fixed cost of a task on a shift.
pub(super) fn static_costs(data: &Data, task: u32, car: u32, ledger: &mut Ledger) {
    let of = &data.tasks[task as usize];
    let (job, role) = (of.job as usize, usize::from(of.role));
    let visit = &data.model.visits[job];
    let shift = &data.model.shifts[car as usize];
    let who = shift.technician.0;
    let (preferred, unusual) = data.wish_costs(visit, who);
    ledger.add(Rule::Preferences, preferred);
    ledger.add(Rule::Continuity, unusual);
    ledger.add(Rule::Zones, data.zone_cost(visit, who));
    ledger.add(Rule::UnneededLevels, data.level_cost(&visit.crew[role].needs, who));
    let (later, moved) = data.shift_costs(job, role, shift);
    ledger.add(Rule::LaterDays, later);
    ledger.add(Rule::Stability, moved);
}

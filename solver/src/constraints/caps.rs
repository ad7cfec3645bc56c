//! No more visits and time on site per day and week than the technician takes on.

use crate::constraints::Violation;
use crate::problem::{Caps, Shift, Usage};

pub(super) fn evaluate(
    shift: &Shift,
    caps: &Caps,
    elsewhere: &Usage,
    violations: &mut Vec<Violation>,
) {
    let (visits, onsite) = (shift.visit_count(), shift.onsite());
    let needed = elsewhere.day_visits + visits;
    if let Some(cap) = caps.visits_per_day.filter(|&cap| needed > cap) {
        violations.push(Violation::VisitsPerDay { cap, needed });
    }
    let needed = elsewhere.week_visits + visits;
    if let Some(cap) = caps.visits_per_week.filter(|&cap| needed > cap) {
        violations.push(Violation::VisitsPerWeek { cap, needed });
    }
    let needed = elsewhere.day_onsite + onsite;
    if let Some(cap) = caps.onsite_per_day.filter(|&cap| needed > cap) {
        violations.push(Violation::OnsitePerDay { cap, needed });
    }
    let needed = elsewhere.week_onsite + onsite;
    if let Some(cap) = caps.onsite_per_week.filter(|&cap| needed > cap) {
        violations.push(Violation::OnsitePerWeek { cap, needed });
    }
}

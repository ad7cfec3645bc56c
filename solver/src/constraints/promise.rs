//! A visit starts within what was promised; one whose time is fixed has no promise left to break.

use crate::constraints::Violation;
use crate::problem::Shift;

pub(super) fn evaluate(shift: &Shift, violations: &mut Vec<Violation>) {
    for (stop, visit) in shift.stops.iter().enumerate().filter(|(_, visit)| !visit.fixed) {
        let planned = visit.planned_start;
        if planned < visit.earliest {
            violations.push(Violation::Early { stop, promised: visit.earliest, planned });
        }
        if planned > visit.latest {
            violations.push(Violation::Late { stop, promised: visit.latest, planned });
        }
    }
}

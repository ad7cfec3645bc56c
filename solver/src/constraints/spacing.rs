//! Between two things there is time for the drive and for the free time both need.

use crate::constraints::Violation;
use crate::problem::Shift;
use crate::units::Seconds;

pub(super) fn evaluate(shift: &Shift, violations: &mut Vec<Violation>) {
    let mut ended = shift.start;
    let mut pad_after = None;
    for (stop, visit) in shift.stops.iter().enumerate() {
        let available = visit.planned_start - ended;
        let travel = visit.leg_in.travel();
        // The edges of a shift need no pads.
        let pads = pad_after.map_or(Seconds::ZERO, |pad: Seconds| pad + visit.pad_before);
        if !visit.leg_in.is_reachable() {
            violations.push(Violation::Unreachable { stop });
        } else if available < travel.max(pads) && travel >= pads {
            violations.push(Violation::Travel { stop, needed: travel, available });
        } else if available < pads {
            violations.push(Violation::Pad { stop, needed: pads, available });
        }
        ended = visit.planned_end();
        pad_after = Some(visit.pad_after);
    }
    if !shift.leg_out.is_reachable() {
        violations.push(Violation::Unreachable { stop: shift.stops.len() });
    }
}

//! The technician is home by the end of the shift plus the overtime allowed.

use crate::constraints::Violation;
use crate::problem::Shift;
use crate::schedule::timetable;
use crate::units::Seconds;

/// * `shift`: pinned, without a limit on overtime, and with only the pauses that fit.
pub(super) fn evaluate(shift: &Shift, limit: Seconds, violations: &mut Vec<Violation>) {
    let needed = timetable(shift).map(|times| times.overtime);
    if let Some(needed) = needed.filter(|needed| *needed > limit) {
        violations.push(Violation::Overtime { limit, needed });
    }
}

//! No drive and no day of driving is longer than the technician's caps.

use crate::constraints::Violation;
use crate::problem::{Caps, Shift, Usage};

pub(super) fn evaluate(
    shift: &Shift,
    caps: &Caps,
    elsewhere: &Usage,
    violations: &mut Vec<Violation>,
) {
    let legs = shift.stops.iter().map(|stop| stop.leg_in).chain([shift.leg_out]);
    let reachable = legs.enumerate().filter(|(_, leg)| leg.is_reachable());
    let mut driven = elsewhere.day_drive;
    for (stop, leg) in reachable {
        let needed = leg.travel();
        driven += needed;
        if let Some(cap) = caps.drive_per_leg.filter(|&cap| needed > cap) {
            violations.push(Violation::DrivePerLeg { stop, cap, needed });
        }
    }
    if let Some(cap) = caps.drive_per_day.filter(|&cap| driven > cap) {
        violations.push(Violation::DrivePerDay { cap, needed: driven });
    }
}

//! Every break and absence fits between the stops.

use crate::constraints::Violation;
use crate::problem::{Pause, Shift};
use crate::schedule::timetable;
use crate::units::Seconds;

/// Reports the pauses that do not fit between the pinned stops of `shift`, and returns the shift
/// without them.
///
/// If one pause alone is to blame, the amount is the least by which it would have to be shorter;
/// otherwise pauses are given up one by one, breaks before absences, until the rest fits.
pub(super) fn evaluate(shift: &Shift, violations: &mut Vec<Violation>) -> Shift {
    let mut kept: Vec<usize> = (0..shift.pauses.len()).collect();
    while timetable(&with(shift, &kept)).is_none() && !kept.is_empty() {
        let helps = |at: &usize| timetable(&with(shift, &without(&kept, *at))).is_some();
        let blamed = (0..kept.len()).rev().find(helps).unwrap_or(kept.len() - 1);
        let by = excess(shift, &kept, blamed);
        violations.push(Violation::Pause { pause: kept[blamed], by });
        kept.remove(blamed);
    }
    with(shift, &kept)
}

/// The least by which the pause at position `blamed` of `kept` must be shorter for all to fit; its
/// whole length if even none of it fits.
fn excess(shift: &Shift, kept: &[usize], blamed: usize) -> Seconds {
    let duration = shift.pauses[kept[blamed]].duration.0;
    let fits = |duration: i64| {
        let mut shorter = with(shift, kept);
        shorter.pauses[blamed].duration = Seconds(duration);
        timetable(&shorter).is_some()
    };
    let (mut fitting, mut too_long) = (0, duration);
    if !fits(0) {
        return Seconds(duration);
    }
    while too_long - fitting > 1 {
        let middle = i64::midpoint(fitting, too_long);
        if fits(middle) {
            fitting = middle;
        } else {
            too_long = middle;
        }
    }
    Seconds(duration - fitting)
}

fn without(kept: &[usize], at: usize) -> Vec<usize> {
    kept.iter().copied().enumerate().filter(|(other, _)| *other != at).map(|(_, k)| k).collect()
}

fn with(shift: &Shift, kept: &[usize]) -> Shift {
    let pauses: Vec<Pause> = kept.iter().map(|&at| shift.pauses[at]).collect();
    Shift { pauses, ..shift.clone() }
}

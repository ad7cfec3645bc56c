//! Costs of one route: driving, paid time, waiting, overtime, use, missed breaks.

use super::{Amount, Found, Subject};
use crate::check::plans::reading::Plan;
use crate::check::plans::trips::Trip;
use crate::optimize::model::Matrix;
use crate::optimize::solution::{Rule, StopKind};
use crate::units::Seconds;

/// * Driving: the matrix's own costs, or seconds x (`drive_second` of weights + of the shift) and
///   metres x (`drive_metre` of weights + `metre` of the shift).
/// * Paid time: seconds from departure to return without unpaid breaks x `paid_second`.
/// * On site: seconds x `onsite_second`.
/// * Waiting: seconds from departure to return that are neither drive, on site, break nor depot
///   x `waiting_second`.
/// * Overtime: seconds of return after the soft end x (`overtime_second` of weights + of the shift).
/// * Used: `shift_used` of weights + `used` of the shift.
/// * Missed breaks: `missed_cost` of each break that is not in the route.
pub(super) fn list(plan: &Plan, trip: &Trip, found: &mut Found) {
    let (weights, rates, shift) = (&plan.model.weights, &trip.shift.rates, trip.route.shift);
    let subject = Subject::Shift { shift };
    if plan.model.matrices.get(trip.shift.profile).is_some_and(Matrix::has_costs) {
        let cost = trip.ways.iter().map(|way| way.drive.cost.unwrap_or(0)).sum();
        found.add(Rule::Driving, subject, Amount::Grains(cost), 1);
    } else {
        let (second, metre) =
            (weights.drive_second + rates.drive_second, weights.drive_metre + rates.metre);
        found.add(Rule::Driving, subject, Amount::Seconds(trip.driven().0), second);
        found.add(Rule::Driving, subject, Amount::Metres(trip.metres()), metre);
    }
    found.add(Rule::PaidTime, subject, Amount::Seconds(trip.paid().0), rates.paid_second);
    found.add(Rule::Onsite, subject, Amount::Seconds(trip.onsite().0), rates.onsite_second);
    let waited = Amount::Seconds(trip.waited().0);
    found.add(Rule::Waiting, subject, waited, weights.waiting_second);
    let over = (trip.route.arrival - trip.shift.end).max(Seconds::ZERO);
    let rate = weights.overtime_second + rates.overtime_second;
    found.add(Rule::Overtime, subject, Amount::Seconds(over.0), rate);
    if !trip.stays.is_empty() {
        found.add(Rule::Used, subject, Amount::Count(1), weights.shift_used + rates.used);
    }
    let taken =
        |index: usize| trip.route.stops.iter().any(|stop| stop.kind == StopKind::Break { index });
    for (index, pause) in trip.shift.breaks.iter().enumerate().filter(|(index, _)| !taken(*index)) {
        let cost = pause.missed_cost.unwrap_or(0);
        let subject = Subject::Break { shift, index };
        found.add(Rule::MissedBreaks, subject, Amount::Grains(cost), 1);
    }
}

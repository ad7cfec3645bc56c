//! Costs of the plan as a whole: technicians used, the largest lateness and idle time, balance.

use super::{Amount, Found, Subject, visits};
use crate::check::plans::reading::Plan;
use crate::optimize::solution::Rule;
use crate::units::{Seconds, ShiftIdx, TechnicianIdx};

/// * Used: `technician_used` for each technician with a visit.
/// * Largest lateness: the most seconds any visit is late x `largest_late_second`; listed for the
///   first visit that is so late.
pub(super) fn list(plan: &Plan, found: &mut Found) {
    let weights = &plan.model.weights;
    let mut latest = None;
    for done in plan.done.iter().flatten() {
        let late = visits::lateness(plan, done).0;
        if late > latest.map_or(0, |(_, most)| most) {
            latest = Some((done.visit, late));
        }
    }
    if let Some((visit, late)) = latest {
        let (subject, late) = (Subject::Visit { visit }, Amount::Seconds(late));
        found.add(Rule::LargestLate, subject, late, weights.largest_late_second);
    }
    largest_idle(plan, found);
    for at in 0..plan.model.technicians.len() {
        let technician = TechnicianIdx(u32::try_from(at).unwrap_or(u32::MAX));
        let used = plan
            .trips
            .iter()
            .any(|trip| trip.shift.technician == technician && !trip.stays.is_empty());
        let subject = Subject::Technician { technician };
        let once = Amount::Count(i64::from(used));
        found.add(Rule::Used, subject, once, weights.technician_used);
    }
    balance(plan, found);
}

/// Largest idle time: the most seconds of any shift between its start and its end or the later
/// return that are no drive, stay, break or stop at a depot x `largest_idle_second`; listed for the
/// first shift that is so idle.
fn largest_idle(plan: &Plan, found: &mut Found) {
    let mut most: Option<(ShiftIdx, i64)> = None;
    for (at, shift) in (0_u32..).map(ShiftIdx).zip(&plan.model.shifts) {
        let trip = plan.trips.iter().find(|trip| trip.route.shift == at && !trip.stays.is_empty());
        let busy = trip.map_or(Seconds::ZERO, |trip| {
            let breaks = (0..trip.route.stops.len()).filter_map(|stop| trip.pause(stop));
            let breaks: i64 = breaks.map(|(_, pause)| pause.duration.0).sum();
            let depots = trip.depots() * shift.depot_duration.0;
            trip.driven() + trip.onsite() + Seconds(breaks + depots)
        });
        let until = trip.map_or(shift.end, |trip| trip.route.arrival.max(shift.end));
        let idle = (until - shift.start - busy).0;
        if idle > most.map_or(0, |(_, most)| most) {
            most = Some((at, idle));
        }
    }
    if let Some((shift, idle)) = most {
        let weight = plan.model.weights.largest_idle_second;
        found.add(Rule::LargestIdle, Subject::Shift { shift }, Amount::Seconds(idle), weight);
    }
}

/// Balance: seconds by which the work of a technician (history + on site + drives) exceeds all work
/// x share / all shares, rounded down, x `balance_second`.
fn balance(plan: &Plan, found: &mut Found) {
    let model = plan.model;
    let mut work: Vec<i64> = (0..model.technicians.len())
        .map(|at| model.history.get(at).map_or(0, |history| history.0))
        .collect();
    for trip in &plan.trips {
        work[trip.shift.technician.at()] += trip.onsite().0 + trip.driven().0;
    }
    let share = |at: usize| i128::from(model.shares.get(at).copied().unwrap_or(1));
    let share = |at: usize| if model.shares.is_empty() { 1 } else { share(at) };
    let shares: i128 = (0..work.len()).map(share).sum();
    if shares == 0 {
        return;
    }
    let total: i128 = work.iter().map(|&own| i128::from(own)).sum();
    for (at, &own) in work.iter().enumerate() {
        let fair = i64::try_from((total * share(at)).div_euclid(shares)).unwrap_or(i64::MAX);
        let technician = TechnicianIdx(u32::try_from(at).unwrap_or(u32::MAX));
        let excess = Amount::Seconds((own - fair).max(0));
        let weight = model.weights.balance_second;
        found.add(Rule::Balance, Subject::Technician { technician }, excess, weight);
    }
}

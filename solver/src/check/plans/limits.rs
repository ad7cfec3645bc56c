//! Limits of shifts, and of technicians per leg, day and week; nobody in two shifts at once.

use crate::check::plans::reading::Plan;
use crate::check::plans::trips::Trip;
use crate::check::plans::{Limit, PlanFault};
use crate::units::{Metres, Seconds, TechnicianIdx};

/// Every limit that is exceeded.
pub(super) fn verify(plan: &Plan, faults: &mut Vec<PlanFault>) {
    for trip in &plan.trips {
        let shift = trip.shift;
        let limits = [
            (Limit::VisitsPerShift, shift.visits_max.map(i64::from), visits(trip)),
            (Limit::DrivePerShift, shift.drive_max.map(|Seconds(most)| most), trip.driven().0),
            (Limit::MetresPerShift, shift.metres_max.map(|Metres(most)| most), trip.metres()),
            (Limit::PaidPerShift, shift.paid_max.map(|Seconds(most)| most), trip.paid().0),
        ];
        judge(trip, limits, faults);
    }
    for at in 0..plan.model.technicians.len() {
        let technician = TechnicianIdx(u32::try_from(at).unwrap_or(u32::MAX));
        let own = |trip: &&Trip| trip.shift.technician == technician;
        let mut trips: Vec<&Trip> = plan.trips.iter().filter(own).collect();
        trips.sort_by_key(|trip| (trip.route.departure, trip.route.shift));
        for pair in trips.windows(2) {
            let (until, departure) = (pair[0].route.arrival, pair[1].route.departure);
            if departure < until {
                let shift = pair[1].route.shift;
                faults.push(PlanFault::Overlap { shift, departure, until });
            }
        }
        caps(plan, technician, &trips, faults);
    }
}

fn judge<const N: usize>(
    trip: &Trip,
    limits: [(Limit, Option<i64>, i64); N],
    faults: &mut Vec<PlanFault>,
) {
    for (limit, allowed, used) in limits {
        if let Some(allowed) = allowed.filter(|&allowed| used > allowed) {
            let shift = trip.route.shift;
            faults.push(PlanFault::OverLimit { limit, shift, allowed, used });
        }
    }
}

fn visits(trip: &Trip) -> i64 {
    i64::try_from(trip.stays.len()).unwrap_or(i64::MAX)
}

fn caps(plan: &Plan, technician: TechnicianIdx, trips: &[&Trip], faults: &mut Vec<PlanFault>) {
    let caps = plan.model.technicians[technician.at()].caps;
    let seconds = |cap: Option<Seconds>| cap.map(|Seconds(most)| most);
    for (at, trip) in trips.iter().enumerate() {
        let legs = trip.ways.iter().map(|way| way.drive.seconds.0);
        let longest = legs.max().unwrap_or(0);
        judge(trip, [(Limit::DrivePerLeg, seconds(caps.drive_per_leg), longest)], faults);
        if trips[..at].iter().all(|before| before.shift.day != trip.shift.day) {
            let sum = |number: &dyn Fn(&Trip) -> i64| -> i64 {
                let of_day = trips.iter().filter(|other| other.shift.day == trip.shift.day);
                of_day.map(|trip| number(trip)).sum()
            };
            let limits = [
                (Limit::VisitsPerDay, caps.visits_per_day.map(i64::from), sum(&visits)),
                (Limit::OnsitePerDay, seconds(caps.onsite_per_day), sum(&|trip| trip.onsite().0)),
                (Limit::DrivePerDay, seconds(caps.drive_per_day), sum(&|trip| trip.driven().0)),
            ];
            judge(trip, limits, faults);
        }
        if trips[..at].iter().all(|before| before.shift.week != trip.shift.week) {
            let sum = |number: &dyn Fn(&Trip) -> i64| -> i64 {
                let of_week = trips.iter().filter(|other| other.shift.week == trip.shift.week);
                of_week.map(|trip| number(trip)).sum()
            };
            let limits = [
                (Limit::VisitsPerWeek, caps.visits_per_week.map(i64::from), sum(&visits)),
                (Limit::OnsitePerWeek, seconds(caps.onsite_per_week), sum(&|trip| trip.onsite().0)),
            ];
            judge(trip, limits, faults);
        }
    }
}

//! What is in the car: loads, parts and tools.

use crate::check::plans::reading::Plan;
use crate::check::plans::trips::Trip;
use crate::check::plans::{Limit, PlanFault};
use crate::optimize::model::Visit;
use crate::optimize::solution::StopKind;

/// Loads at departure and after every stop, parts at every visit, stops at depots.
pub(super) fn verify(plan: &Plan, trip: &Trip, faults: &mut Vec<PlanFault>) {
    let (allowed, used) = (i64::from(trip.shift.depot_stops_max), trip.depots());
    if used > allowed {
        let (limit, shift) = (Limit::DepotStops, trip.route.shift);
        faults.push(PlanFault::OverLimit { limit, shift, allowed, used });
    }
    for kind in 0..plan.model.loads.len() {
        load(plan, trip, kind, faults);
        parts(plan, trip, kind, faults);
    }
}

/// Visits whose load is in this car: role 0.
fn visits<'a>(plan: &'a Plan, trip: &'a Trip) -> impl Iterator<Item = (usize, &'a Visit)> {
    let stays = trip.stays.iter().filter(|stay| stay.role == 0);
    stays.map(|stay| (stay.stop, &plan.model.visits[stay.visit.at()]))
}

fn of(list: &[i64], kind: usize) -> i64 {
    list.get(kind).copied().unwrap_or(0)
}

/// What goods and parts of a kind are put into the car before a stop, for the visits from there up to
/// the next stop at a depot.
fn put_in(plan: &Plan, trip: &Trip, from: usize, kind: usize) -> i64 {
    let stops = trip.route.stops.get(from..).unwrap_or_default().iter();
    let until = stops.take_while(|stop| !matches!(stop.kind, StopKind::Depot { .. }));
    let brought = until.map(|stop| match stop.kind {
        StopKind::Visit { visit, role: 0 } => brought(&plan.model.visits[visit.at()], kind),
        _ => 0,
    });
    brought.sum()
}

fn brought(visit: &Visit, kind: usize) -> i64 {
    of(&visit.delivery, kind) + of(&visit.parts, kind)
}

fn load(plan: &Plan, trip: &Trip, kind: usize, faults: &mut Vec<PlanFault>) {
    let mut load = put_in(plan, trip, 0, kind);
    let mut judge = |stop: Option<usize>, load: i64, limits: &[i64]| {
        if let Some(&capacity) = limits.get(kind).filter(|&&limit| load > limit) {
            let shift = trip.route.shift;
            faults.push(PlanFault::Overloaded { shift, stop, kind, load, capacity });
        }
    };
    judge(None, load, &trip.shift.capacity);
    for (at, stop) in trip.route.stops.iter().enumerate() {
        match stop.kind {
            StopKind::Visit { visit, role: 0 } => {
                let visit = &plan.model.visits[visit.at()];
                load += of(&visit.pickup, kind) + of(&visit.transfer, kind) - brought(visit, kind);
                judge(Some(at), load, &trip.shift.capacity);
            }
            StopKind::Visit { .. } => {}
            StopKind::Depot { .. } => {
                load += put_in(plan, trip, at + 1, kind);
                judge(Some(at), load, &trip.shift.capacity);
            }
            StopKind::Break { index } => {
                judge(Some(at), load, &trip.shift.breaks[index].load_max);
            }
        }
    }
}

fn parts(plan: &Plan, trip: &Trip, kind: usize, faults: &mut Vec<PlanFault>) {
    let Some(&stock) = trip.shift.stock.get(kind) else { return };
    let is_depot = |at: &usize| matches!(trip.route.stops[*at].kind, StopKind::Depot { .. });
    let refilled = (0..trip.route.stops.len()).find(is_depot).unwrap_or(usize::MAX);
    let mut used = 0;
    for (stop, visit) in visits(plan, trip).take_while(|(stop, _)| *stop < refilled) {
        let needed = of(&visit.parts, kind);
        used += needed;
        if used > stock && needed > 0 {
            let shift = trip.route.shift;
            faults.push(PlanFault::OutOfStock { shift, stop, kind, used, stock });
        }
    }
}

//! Writes a possible change down as a plan and lets the verifier judge it.

use crate::check::plans::{Plan, PlanFault, judged};
use crate::explain::Change;
use crate::optimize::Model;
use crate::optimize::explain::changes::{change, rank, size};
use crate::optimize::explain::retime::{Item, Manner, retime};
use crate::optimize::explain::starts::Asker;
use crate::optimize::solution::{Route, Solution, StopKind};
use crate::units::{Moment, ShiftIdx, VisitIdx};

/// A change of one route, judged.
#[derive(Debug, Clone)]
pub(super) struct Trial {
    pub(super) route: Route,
    /// What is wrong with it and was not before, in the order in which rules are named.
    pub(super) faults: Vec<PlanFault>,
    /// What it adds to the cost of the routes that it touches.
    pub(super) more: i64,
}

impl Trial {
    pub(super) fn changes(&self, model: &Model) -> Vec<Change> {
        self.faults.iter().map(|fault| change(model, fault)).collect()
    }

    /// What the better of two trials has less of: faults, then a rule named later, then a smaller
    /// change, then cost.
    pub(super) fn badness(&self, model: &Model) -> (usize, u8, i64, i64) {
        let first = self.faults.first().map_or(0, |fault| u8::MAX - rank(fault));
        let sizes = self.faults.iter().map(|fault| size(&change(model, fault)));
        (self.faults.len(), first, sizes.sum(), self.more)
    }
}

/// A plan in which one route may change; everything else stays.
pub(super) struct Board<'a> {
    model: &'a Model,
    shift: ShiftIdx,
    plan: Plan<'a>,
    /// Routes that the change can touch, as they are.
    near: Solution,
    faults: Vec<PlanFault>,
    cost: i64,
}

impl<'a> Board<'a> {
    /// * `plan`: the whole plan, without what is to be inserted.
    /// * `visit`: what is to be inserted.
    pub(super) fn new(
        model: &'a Model,
        plan: &'a Solution,
        shift: ShiftIdx,
        visit: VisitIdx,
    ) -> Self {
        let near = near(model, plan, shift, visit);
        let (faults, cost) = judged(model, &near);
        Self { model, shift, plan: Plan::read(model, plan).0, near, faults, cost }
    }

    /// Visits and depots of the route as it is.
    pub(super) fn items(&self) -> Vec<Item> {
        let route = self.near.routes.iter().find(|route| route.shift == self.shift);
        let stops = route.map(|route| route.stops.as_slice()).unwrap_or_default();
        let items = stops.iter().filter_map(|stop| match stop.kind {
            StopKind::Visit { visit, role } => Some(Item::Visit { visit, role }),
            StopKind::Depot { place } => Some(Item::Depot { place }),
            StopKind::Break { .. } => None,
        });
        items.collect()
    }

    /// The route through `items` at the best of several timings.
    ///
    /// * `fixed`: a start that is given.
    pub(super) fn judge(&self, items: &[Item], fixed: Option<(VisitIdx, Moment)>) -> Trial {
        let loose: Vec<VisitIdx> = items
            .iter()
            .filter_map(|item| match item {
                Item::Visit { visit, .. } => Some(*visit),
                Item::Depot { .. } => None,
            })
            .collect();
        let asker = Asker::new(&self.plan, self.shift, &loose);
        let shift = &self.model.shifts[self.shift.at()];
        let manners = [(true, true), (true, false), (false, false)];
        let mut routes: Vec<Route> = manners
            .map(|(waits, stays)| retime(&asker, items, Manner { waits, stays, fixed, shift }))
            .into();
        // Most timings come out alike, and judging one costs far more than timing it.
        routes.dedup();
        let trials = routes.into_iter().map(|route| self.written(route));
        let best = trials.min_by_key(|trial| trial.badness(self.model));
        best.unwrap_or_else(|| self.unchanged())
    }

    fn unchanged(&self) -> Trial {
        let route = self.near.routes.first().cloned();
        let nowhere = Moment(0);
        let empty = Route {
            shift: self.shift,
            departure: nowhere,
            stops: Vec::new(),
            drive_home: crate::units::Seconds::ZERO,
            metres_home: crate::units::Metres(0),
            arrival: nowhere,
        };
        Trial { route: route.unwrap_or(empty), faults: Vec::new(), more: 0 }
    }

    fn written(&self, route: Route) -> Trial {
        let changed = with_route(self.model, &self.near, route.clone());
        let mut before = self.faults.clone();
        let (mut faults, cost) = judged(self.model, &changed);
        faults.retain(|fault| match before.iter().position(|old| old == fault) {
            Some(at) => {
                before.swap_remove(at);
                false
            }
            None => true,
        });
        faults.sort_by_key(rank);
        Trial { route, faults, more: cost - self.cost }
    }
}

/// A plan with one route in the place of the one its shift had.
pub(super) fn with_route(model: &Model, plan: &Solution, route: Route) -> Solution {
    let mut routes: Vec<Route> =
        plan.routes.iter().filter(|old| old.shift != route.shift).cloned().collect();
    let is_visit = |kind| matches!(kind, StopKind::Visit { .. });
    if route.stops.iter().any(|stop| is_visit(stop.kind)) {
        let at = routes.partition_point(|old| old.shift < route.shift);
        routes.insert(at, route);
    }
    closed(model, routes)
}

/// Routes as a plan in which everything else is left out.
fn closed(model: &Model, routes: Vec<Route>) -> Solution {
    let mut done = vec![false; model.visits.len()];
    for stop in routes.iter().flat_map(|route| &route.stops) {
        if let StopKind::Visit { visit, .. } = stop.kind {
            done[visit.at()] = true;
        }
    }
    let visits = (0..u32::try_from(done.len()).unwrap_or(u32::MAX)).map(VisitIdx);
    let unassigned = visits.filter(|visit| !done[visit.at()]).collect();
    Solution { routes, unassigned, ..Solution::default() }
}

/// The routes that a change of one shift by one visit can touch: those of its technician, and those
/// with visits that share crews, links or pools with the ones in it.
fn near(model: &Model, plan: &Solution, shift: ShiftIdx, visit: VisitIdx) -> Solution {
    let own = |route: &Route| -> Vec<VisitIdx> {
        let visits = route.stops.iter().filter_map(|stop| match stop.kind {
            StopKind::Visit { visit, .. } => Some(visit),
            _ => None,
        });
        visits.collect()
    };
    let mut touched = vec![false; model.visits.len()];
    touched[visit.at()] = true;
    for route in plan.routes.iter().filter(|route| route.shift == shift) {
        for visit in own(route) {
            touched[visit.at()] = true;
        }
    }
    let mut related = touched.clone();
    for link in &model.links {
        let (first, second) = link.visits();
        related[first.at()] |= touched[second.at()];
        related[second.at()] |= touched[first.at()];
    }
    let mut pools = vec![false; model.pools.len()];
    let asks = |at: usize| model.visits[at].pools.iter().map(|need| need.pool.at());
    (0..related.len()).filter(|&at| touched[at]).flat_map(asks).for_each(|pool| pools[pool] = true);
    for (at, related) in related.iter_mut().enumerate() {
        *related |= asks(at).any(|pool| pools[pool]);
    }
    let technician = model.shifts[shift.at()].technician;
    let kept = plan.routes.iter().filter(|route| {
        model.shifts[route.shift.at()].technician == technician
            || own(route).iter().any(|visit| related[visit.at()])
    });
    closed(model, kept.cloned().collect())
}

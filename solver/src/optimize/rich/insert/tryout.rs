//! What a route would cost with one more stop, computed on a copy.

use crate::optimize::rich::data::Data;
use crate::optimize::rich::insert::peaks::Peaks;
use crate::optimize::rich::plan::Plan;
use crate::optimize::rich::price::{Crews, Pricing};
use crate::optimize::rich::route::Route;
use crate::optimize::rich::spots::{Probe, Spot};

/// A copy to try things on.
pub(super) struct Tryout {
    /// `None` where there is no car at all.
    route: Option<Box<Route>>,
    pricing: Pricing,
}

impl Tryout {
    pub(super) fn new(data: &Data) -> Self {
        let route = (!data.cars.is_empty()).then(|| Box::new(Route::new(data, 0)));
        Self { route, pricing: Pricing::default() }
    }

    /// Added cost of a task at a spot, times and all; `None` if it does not work.
    ///
    /// * `limit`: more than that need not be exact.
    pub(super) fn cost(
        &mut self,
        data: &Data,
        (plan, route): (&Plan, &Route),
        (probe, spot): (&Probe, Spot),
        (peaks, limit): (&Peaks, i64),
    ) -> Option<i64> {
        let copy = self.route.as_mut()?;
        copy.copy_from(route);
        let mut node = probe.node;
        if node.coupled {
            (node.from, node.to) = (spot.low, spot.low);
        }
        copy.insert(spot.gap + 1, node);
        self.added(data, (plan, route), (peaks, limit))
    }

    /// Added cost of the copy as it is. Latest times are not needed but for the end's.
    fn added(
        &mut self,
        data: &Data,
        (plan, route): (&Plan, &Route),
        (peaks, limit): (&Peaks, i64),
    ) -> Option<i64> {
        let copy = self.route.as_mut()?;
        if !(copy.measure(data) && copy.forward(data)) {
            return None;
        }
        let crews = Crews::new(&plan.at, &plan.span);
        let below = data.careful_below(false).min(limit.saturating_add(route.cost));
        let price = self.pricing.price(data, copy, crews, (false, below))?;
        let mut added = price.cost - route.cost;
        added += peaks.cost(data, route.car, price.max_late, price.idle);
        let weights = &data.model.weights;
        if weights.technician_used != 0 && route.visits == 0 {
            let who = data.cars[route.car as usize].technician;
            let used = plan.routes[..data.shifts]
                .iter()
                .any(|other| other.visits > 0 && data.cars[other.car as usize].technician == who);
            added += if used { 0 } else { weights.technician_used };
        }
        Some(added)
    }
}

//! A task that needs a stop at a depot before it, where the route has none yet.

use crate::optimize::rich::data::{Data, narrow};
use crate::optimize::rich::insert::{Builder, Move, keep};
use crate::optimize::rich::loads::{Verdict, verdict};
use crate::optimize::rich::route::{Node, Route};
use crate::optimize::rich::spots::Probe;

impl Builder<'_, '_> {
    /// Tries every gap for a depot and every gap after it for the task.
    pub(super) fn try_depots(&mut self, task: u32, (probe, car): (&Probe, u32), limit: i64) {
        let data = self.data;
        let shift = &data.model.shifts[car as usize];
        let Self { plan, tryout, kept, .. } = self;
        let route = &plan.routes[car as usize];
        if route.depot().is_some() || shift.depots.is_empty() || shift.depot_stops_max == 0 {
            return;
        }
        if verdict(data, route, route.end() - 1, task) != Verdict::AfterDepot {
            return;
        }
        let mut copy = Box::new(route.clone());
        for before in 0..route.end() {
            let place = cheapest_depot(data, route, before);
            copy.copy_from(route);
            copy.nodes.insert(before + 1, Node::depot(place, narrow(shift.depot_duration.0)));
            // An idle car pays for its way to the depot only together with the visit.
            if !(copy.measure(data) && copy.forward(data) && copy.backward(data)) {
                continue;
            }
            let detour = if route.visits > 0 { copy.fixed_cost - route.fixed_cost } else { 0 };
            if data.cars[car as usize].loaded && !shift.capacity.is_empty() {
                copy.peaks.clear();
                crate::optimize::rich::loads::measure(data, &mut copy);
            }
            probe.scan(data, (&*plan, &copy), limit, |spot| {
                if spot.gap > before {
                    let cost = if data.timed {
                        tryout
                            .cost(data, (plan, &copy), (probe, spot))
                            .map(|cost| cost + copy.cost - plan.routes[car as usize].cost)
                    } else {
                        Some(spot.cost + detour)
                    };
                    if let Some(cost) = cost {
                        keep(
                            kept,
                            (cost, Move { task, spot, depot: Some((place, before)) }),
                            limit,
                        );
                    }
                }
                limit
            });
        }
    }
}

fn cheapest_depot(data: &Data, route: &Route, before: usize) -> u32 {
    let travel = &data.travels[data.cars[route.car as usize].travel];
    let (from, to) = (route.nodes[before].place, route.nodes[before + 1].place);
    let depots = data.model.shifts[route.car as usize].depots.iter().map(|depot| depot.0);
    let cost = |&depot: &u32| {
        let (there, on) = (travel.hop(from, depot), travel.hop(depot, to));
        (there.cost + on.cost, there.seconds.saturating_add(on.seconds), depot)
    };
    depots.min_by_key(cost).unwrap_or(0)
}

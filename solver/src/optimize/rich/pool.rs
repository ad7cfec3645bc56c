//! Routes of good plans, and the best plan that can be put together from them.
//!
//! Source: Pillac, Gueret, Medaglia (2013), "A parallel matheuristic for the technician routing and
//! scheduling problem".

use std::collections::HashMap;

use crate::optimize::rich::data::{Data, NONE};
use crate::optimize::rich::insert::FREE;
use crate::optimize::rich::plan::Plan;
use crate::optimize::rich::route::{Node, Role, Route};
use crate::optimize::search::{Budget, Chance, Column, Partitioning};

/// Routes kept at most; those that were in no good plan for longest give way.
const ROUTES_MAX: usize = 6_000;

/// Routes are combined again when one in so many is new.
const GROWTH: usize = 10;

/// A route to choose or not.
#[derive(Debug)]
struct Pooled {
    column: Column,
    nodes: Vec<Node>,
    rests: Vec<u8>,
    seen: u64,
}

/// Routes found so far, the cheapest of each car with each set of visits.
#[derive(Debug, Default)]
pub(super) struct Pool {
    by_hash: HashMap<u64, usize>,
    routes: Vec<Pooled>,
    age: u64,
    /// Routes added since they were last combined.
    fresh: usize,
}

/// Whether a plan is nothing but its routes: what one costs and may do has no part in another.
pub(super) fn is_separable(data: &Data) -> bool {
    let weights = &data.model.weights;
    let whole = [
        weights.largest_late_second,
        weights.largest_idle_second,
        weights.balance_second,
        weights.technician_used,
    ];
    !data.coupled
        && !data.linked
        && data.shifts > 1
        && whole.iter().all(|&weight| weight == 0)
        && data.cars.iter().all(|car| car.placed.is_empty() && car.must.is_empty())
        && data.limits.iter().all(|limit| limit.visits.min(limit.onsite).min(limit.drive) >= FREE)
}

fn work(route: &Route) -> impl Iterator<Item = &Node> {
    route.nodes.iter().filter(|node| node.role == Role::Work)
}

impl Pool {
    /// Takes note of a priced route.
    pub(super) fn add(&mut self, route: &Route) {
        if route.visits == 0 {
            return;
        }
        self.age += 1;
        let mixed = |number: u32| Chance::new(u64::from(number)).bits();
        let hash = work(route)
            .fold(mixed(route.car), |sum, node| sum.wrapping_add(mixed(node.job).rotate_left(7)));
        if let Some(&at) = self.by_hash.get(&hash) {
            let known = &mut self.routes[at];
            known.seen = self.age;
            // Two sets with the same hash: the cheaper one stays, both can be driven.
            if route.cost < known.column.cost {
                known.write(route);
            }
            return;
        }
        if self.routes.len() >= ROUTES_MAX + ROUTES_MAX / 2 {
            self.thin_out();
        }
        let column = Column { kind: route.car, visits: Vec::new(), cost: 0 };
        let mut fresh = Pooled { column, nodes: Vec::new(), rests: Vec::new(), seen: self.age };
        fresh.write(route);
        self.by_hash.insert(hash, self.routes.len());
        self.routes.push(fresh);
        self.fresh += 1;
    }

    /// Whether there is much that was not there when this was asked last and was so.
    pub(super) fn has_grown(&mut self) -> bool {
        let grown = self.fresh > 0 && self.fresh * GROWTH >= self.routes.len();
        if grown {
            self.fresh = 0;
        }
        grown
    }

    fn thin_out(&mut self) {
        let mut ages: Vec<u64> = self.routes.iter().map(|pooled| pooled.seen).collect();
        let (_, &mut oldest, _) = ages.select_nth_unstable(self.routes.len() - ROUTES_MAX);
        let mut moved = vec![usize::MAX; self.routes.len()];
        let mut kept = 0;
        for (at, pooled) in self.routes.iter().enumerate() {
            if pooled.seen >= oldest {
                moved[at] = kept;
                kept += 1;
            }
        }
        self.routes.retain(|pooled| pooled.seen >= oldest);
        self.by_hash.retain(|_, at| {
            *at = moved[*at];
            *at != usize::MAX
        });
    }

    /// Routes of the cheapest plan that is cheaper than `below`, if one is found.
    pub(super) fn best(&self, data: &Data, below: i64, budget: &Budget<'_>) -> Option<Vec<usize>> {
        // Leaving out what must be done costs more than the whole plan.
        let all = below.saturating_add(1);
        let skip = |job: &crate::optimize::rich::data::Job| {
            if job.mandatory > 0 { job.mandatory.saturating_mul(all) } else { job.prize }
        };
        let skip_costs: Vec<i64> = data.jobs.iter().map(skip).collect();
        let columns: Vec<Column> = self.routes.iter().map(|pooled| pooled.column.clone()).collect();
        let vehicles = vec![1; data.shifts];
        let problem =
            Partitioning { columns: &columns, skip_costs: &skip_costs, vehicles: &vehicles, below };
        problem.solve(budget)
    }

    /// Makes a plan of chosen routes; `false` if that cannot be done, then take it back.
    pub(super) fn put(&self, data: &Data, plan: &mut Plan, chosen: &[usize]) -> bool {
        for car in 0..crate::optimize::rich::data::index(data.shifts) {
            for at in (1..plan.routes[car as usize].end()).rev() {
                plan.pull(car, at);
            }
        }
        for &at in chosen {
            let Pooled { column, nodes, rests, .. } = &self.routes[at];
            let car = column.kind;
            if plan.routes[car as usize].rests != *rests {
                plan.set_rests(data, car, rests);
            }
            for (at, &node) in nodes.iter().enumerate() {
                if node.task != NONE && plan.at[node.task as usize] != NONE {
                    return false;
                }
                plan.put(data, node, car, at + 1);
            }
        }
        plan.settle(data) && plan.reprice(data)
    }
}

impl Pooled {
    fn write(&mut self, route: &Route) {
        self.column.cost = route.cost;
        self.column.visits.clear();
        self.column.visits.extend(work(route).map(|node| node.job));
        self.nodes.clear();
        self.nodes.extend_from_slice(&route.nodes[1..route.end()]);
        self.rests.clone_from(&route.rests);
    }
}

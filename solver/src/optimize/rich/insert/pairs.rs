//! Shipments: a pickup and its delivery in one shift.

use crate::optimize::rich::data::index;
use crate::optimize::rich::insert::{Builder, Move};
use crate::optimize::rich::loads;
use crate::optimize::rich::spots::{Probe, Spot};

impl Builder<'_, '_> {
    /// Puts both into one route, the first before the second.
    pub(super) fn place_pair(&mut self, (first, second): (u32, u32), limit: i64) -> bool {
        let data = self.data;
        if self.is_waiting(second) || self.is_waiting(first) {
            return false;
        }
        let tasks = (data.jobs[first as usize].first, data.jobs[second as usize].first);
        let mut kept: Vec<(i64, u32, Spot, Spot)> = Vec::new();
        for car in 0..index(data.shifts) {
            if self.may_come(tasks.0, car) && self.may_come(tasks.1, car) {
                self.pair_in(tasks, car, limit, &mut kept);
            }
        }
        kept.sort_unstable_by_key(|found| (found.0, found.1, found.2.gap, found.3.gap));
        kept.iter().any(|&(_, _, take, leave)| {
            // The second spot counts the first stop already.
            let moves = [
                Move { task: tasks.0, spot: take, depot: None },
                Move { task: tasks.1, spot: leave, depot: None },
            ];
            self.commit(&moves)
        })
    }

    fn pair_in(
        &mut self,
        tasks: (u32, u32),
        car: u32,
        limit: i64,
        kept: &mut Vec<(i64, u32, Spot, Spot)>,
    ) {
        let data = self.data;
        let (Some(take), Some(leave)) =
            (Probe::new(data, tasks.0, car), Probe::new(data, tasks.1, car))
        else {
            return;
        };
        let route = &self.plan.routes[car as usize];
        let plan = &self.plan;
        let mut starts = Vec::new();
        take.scan(data, (plan, route), limit, |spot| {
            starts.push(spot);
            limit
        });
        let mut copy = Box::new(route.clone());
        for spot in starts {
            copy.copy_from(route);
            copy.nodes.insert(spot.gap + 1, take.node);
            let driven = copy.measure(data) && copy.forward(data) && copy.backward(data);
            if !driven {
                continue;
            }
            if data.cars[car as usize].loaded {
                copy.peaks.clear();
                loads::measure(data, &mut copy);
            }
            let mut best: Option<Spot> = None;
            leave.scan(data, (plan, &copy), limit - spot.cost, |found| {
                if found.gap > spot.gap && best.is_none_or(|best| found.cost < best.cost) {
                    best = Some(found);
                }
                limit - spot.cost
            });
            if let Some(found) = best {
                kept.push((spot.cost + found.cost, car, spot, found));
            }
        }
        kept.sort_unstable_by_key(|found| (found.0, found.1, found.2.gap, found.3.gap));
        kept.truncate(super::KEPT);
    }
}

//! Shipments: a pickup and its delivery in one shift.

use crate::optimize::rich::data::{Tie, index};
use crate::optimize::rich::insert::{ANY_TIME, Builder};
use crate::optimize::rich::loads;
use crate::optimize::rich::spots::{Probe, Spot};

impl Builder<'_, '_> {
    /// Puts both into one route, the first before the second.
    pub(super) fn place_pair(&mut self, (first, second): (u32, u32), limit: i64) -> bool {
        let data = self.data;
        let apart = data.ties[first as usize].contains(&(second, Tie::Different));
        if apart || self.is_waiting(second) || self.is_waiting(first) {
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
            let mark = self.plan.begin();
            // The second spot counts the first stop already.
            let done = self.put_part(first, take) && self.put_part(second, leave);
            if done {
                self.plan.release(mark);
            } else {
                self.plan.rollback(mark);
            }
            done
        })
    }

    /// Puts one end of a shipment at a spot, with the equipment it needs.
    fn put_part(&mut self, job: u32, mut spot: Spot) -> bool {
        let task = self.data.jobs[job as usize].first;
        let Some(bounds) = self.start_bounds(job) else { return false };
        let Some(probe) = Probe::new(self.data, task, spot.car) else { return false };
        let probe = probe.bounded(bounds);
        let route = &self.plan.routes[spot.car as usize];
        spot.high = probe.last(self.data, route, spot.gap);
        spot.low = spot.low.max(bounds.0);
        self.with_units(job, &[spot]).is_some_and(|moves| self.commit(&moves, ANY_TIME))
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
            copy.insert(spot.gap + 1, take.node);
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

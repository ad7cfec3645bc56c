//! The plan in force at one stroke: all of its visits go in before any time is settled.
//!
//! A plan may work only as a whole, because drives need not keep to the triangle inequality and
//! whoever stays at a place sets up once. So it is not judged before it is whole.

use crate::optimize::rich::data::{NEVER, NONE, OUT, index, narrow};
use crate::optimize::rich::insert::Builder;
use crate::optimize::rich::loads;
use crate::optimize::rich::route::{Node, Role};

impl Builder<'_, '_> {
    /// Puts in all visits of the plan in force, or none of them.
    ///
    /// * `hold`: visits that share times start when they were planned.
    /// * `rested`: all breaks without a place are taken, not only those that must be.
    pub(super) fn take_over_whole(
        &mut self,
        planned: &[u32],
        (hold, rested): (bool, bool),
    ) -> bool {
        let data = self.data;
        let mark = self.plan.begin();
        if !rested {
            for car in 0..index(data.shifts) {
                let kept = self.rests_that_must_be(car);
                if kept.len() < self.plan.routes[car as usize].rests.len() {
                    self.plan.set_rests(data, car, &kept);
                }
            }
        }
        self.plan.unrested = true;
        let mut done = self.append_all(planned, hold);
        if done {
            self.stop_at_depots();
            done = planned.iter().all(|&job| self.may_be_here(job))
                && self.plan.settle(data)
                && self.plan.reprice(data)
                && (0..index(data.shifts)).all(|car| self.order_kept(car));
        }
        self.plan.unrested = false;
        if done {
            self.plan.release(mark);
        } else {
            self.plan.rollback(mark);
        }
        done
    }

    /// Every visit behind those planned before it; no times are settled.
    fn append_all(&mut self, planned: &[u32], hold: bool) -> bool {
        let data = self.data;
        let mut stops: Vec<(i32, u32, u32)> = Vec::new();
        for &job in planned {
            let Some(current) = data.model.current[job as usize].as_ref() else { return false };
            let start = data.time(current.start);
            let of = &data.jobs[job as usize];
            self.plan.hold(job, if hold { start } else { -OUT });
            for (task, shift) in (of.first..).zip(&current.shifts) {
                if data.fit(task, shift.0) >= NEVER {
                    return false;
                }
                stops.push((start, task, shift.0));
            }
            for task in of.first + of.persons..of.first + of.tasks {
                let Some(&unit) = self.reserved.get(&task) else { return false };
                stops.push((start, task, unit));
            }
        }
        stops.sort_unstable();
        for (start, task, car) in stops {
            let mut at = self.plan.routes[car as usize].end();
            // Equipment that is away stands in its route already.
            while at > 1 && self.starts_after(car, at - 1, start) {
                at -= 1;
            }
            self.plan.put(data, Node::new(data, task, car), car, at);
        }
        true
    }

    /// Whether a stop that was there before starts after a moment.
    fn starts_after(&self, car: u32, at: usize, start: i32) -> bool {
        let node = &self.plan.routes[car as usize].nodes[at];
        node.role == Role::Work
            && node.job as usize >= self.data.model.visits.len()
            && node.from > start
    }

    /// Stops at depots in each route whose stock, tools or room do not last, where there is most time.
    fn stop_at_depots(&mut self) {
        let data = self.data;
        for car in 0..index(data.shifts) {
            if !data.cars[car as usize].loaded {
                continue;
            }
            for _ in 0..data.model.shifts[car as usize].depot_stops_max {
                let nodes = &self.plan.routes[car as usize].nodes;
                if loads::last_for(data, car, nodes) || !self.stop_at_depot(car) {
                    break;
                }
            }
        }
    }

    /// One stop after which everything lasts, or else as late as it lasts until there.
    fn stop_at_depot(&mut self, car: u32) -> bool {
        let data = self.data;
        let shift = &data.model.shifts[car as usize];
        let route = &self.plan.routes[car as usize];
        let Some(depot) = shift.depots.first() else { return false };
        let node = Node::depot(depot.0, narrow(shift.depot_duration.0));
        let mut gaps: Vec<(i32, usize)> =
            (0..route.end()).map(|gap| (-self.spare(car, gap), gap)).collect();
        gaps.sort_unstable();
        let with = |gap: usize| {
            let mut nodes = route.nodes.clone();
            nodes.insert(gap + 1, node);
            nodes
        };
        let whole = gaps.iter().find(|&&(_, gap)| loads::last_for(data, car, &with(gap)));
        let latest = || {
            let first = route.depots().last().map_or(1, |at| at + 1);
            let mut gaps = (first..route.end()).rev();
            gaps.find(|&gap| loads::last_for(data, car, &with(gap)[..=gap + 1]))
        };
        let Some(gap) = whole.map(|&(_, gap)| gap).or_else(latest) else { return false };
        self.plan.put(data, self.closest_depot(car, gap, node), car, gap + 1);
        true
    }

    /// A stop at the depot with the shortest way there and on.
    fn closest_depot(&self, car: u32, gap: usize, stop: Node) -> Node {
        let data = self.data;
        let nodes = &self.plan.routes[car as usize].nodes;
        let travel = &data.travels[data.cars[car as usize].travel];
        let (from, to) = (nodes[gap].place, nodes[gap + 1].place);
        let depots = data.model.shifts[car as usize].depots.iter();
        let way = |depot: u32| {
            i64::from(travel.seconds(from, depot)) + i64::from(travel.seconds(depot, to))
        };
        let closest = depots.map(|depot| depot.0).min_by_key(|&depot| (way(depot), depot));
        closest.map_or(stop, |place| Node::depot(place, stop.dur))
    }

    /// Seconds between two planned stops.
    fn spare(&self, car: u32, gap: usize) -> i32 {
        let data = self.data;
        let of = &data.cars[car as usize];
        let route = &self.plan.routes[car as usize];
        let planned = |at: usize| -> Option<i32> {
            let job = data.tasks.get(route.nodes[at].task as usize)?.job;
            let current = data.model.current.get(job as usize)?.as_ref()?;
            Some(data.time(current.start))
        };
        let left = planned(gap).map_or(of.start, |start| start + route.nodes[gap].dur);
        let next = planned(gap + 1).unwrap_or(of.hard_end);
        let (from, to) = (route.nodes[gap].place, route.nodes[gap + 1].place);
        next - left - data.travels[of.travel].seconds(from, to)
    }

    /// Whether links and crews allow a visit where it is.
    fn may_be_here(&self, job: u32) -> bool {
        let data = self.data;
        let of = &data.jobs[job as usize];
        let cars: Vec<u32> =
            (of.first..of.first + of.persons).map(|task| self.plan.at[task as usize]).collect();
        let bundle = &data.bundles[job as usize];
        !self.is_waiting(job)
            && bundle.iter().all(|&member| self.plan.has(data, member))
            && (of.first..).zip(&cars).all(|(task, &car)| car != NONE && self.may_come(task, car))
            && (of.persons < 2 || self.crew_on(job, &cars))
            && self.shipment_kept(job)
    }
}

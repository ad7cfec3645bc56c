//! Shipments: a pickup and its delivery in one shift.

use crate::optimize::rich::data::{Data, OUT, Tie, index};
use crate::optimize::rich::insert::{ANY_TIME, Builder};
use crate::optimize::rich::loads;
use crate::optimize::rich::route::Route;
use crate::optimize::rich::spots::{Probe, Spot, Trial};

/// Pairs of gaps tried on a copy of a route.
const TRIED: usize = 40;

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
            let alone = |job: u32| {
                let job = &data.jobs[job as usize];
                job.tasks == 1 && !job.coupled
            };
            let done = if alone(first) && alone(second) {
                self.put_both((first, take), (second, leave))
            } else {
                self.put_part(first, take) && self.put_part(second, leave)
            };
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

    /// Puts both ends at once: the car may not hold for long what the first one takes.
    fn put_both(&mut self, first: (u32, Spot), second: (u32, Spot)) -> bool {
        let mut moves = Vec::new();
        for (job, spot) in [first, second] {
            let Some(part) = self.with_units(job, &[spot]) else { return false };
            moves.extend(part);
        }
        self.commit(&moves, ANY_TIME)
    }

    /// The cheapest two places in a route where loads decide about breaks: each pair on a copy.
    #[cold]
    fn pair_exactly(
        &self,
        (take, leave): (&Probe, &Probe),
        limit: i64,
        kept: &mut Vec<(i64, u32, Spot, Spot)>,
    ) {
        let data = self.data;
        let (car, plan) = (take.car, &self.plan);
        let route = &plan.routes[car as usize];
        let lies = Trial::default();
        let before = kept.len();
        let base = if route.visits > 0 { route.fixed_cost } else { 0 };
        let first = take.first_use(data, plan, route);
        let of = &data.cars[car as usize];
        let mut copy = Box::new(route.clone());
        for (gap, later) in detours(data, route, (take, leave)) {
            copy.copy_from(route);
            copy.insert(gap + 1, take.node);
            copy.insert(later + 1, leave.node);
            let within = copy.measure(data)
                && copy.visits <= of.visits_max
                && copy.drive <= of.drive_max
                && copy.metres <= of.metres_max
                && (!of.loaded || loads::measure(data, &mut copy));
            let cost = copy.fixed_cost - base + first;
            if !within || cost >= limit || !copy.forward(data) || !copy.backward(data) {
                continue;
            }
            let low = copy.earliest(gap + 1);
            let take = Spot { car, gap, cost, low, high: low, lies };
            let low = copy.earliest(later + 1);
            let leave = Spot { car, gap: later, cost: 0, low, high: OUT, lies };
            kept.push((cost, car, take, leave));
            if kept.len() >= before + super::KEPT {
                break;
            }
        }
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
        if route.is_picky(data) {
            self.pair_exactly((&take, &leave), limit, kept);
            return;
        }
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
        kept.truncate(super::KEPT_COUPLED);
    }
}

/// Pairs of gaps for both ends of a shipment, the shortest detours first; the second gap counts the
/// first stop already.
fn detours(data: &Data, route: &Route, (take, leave): (&Probe, &Probe)) -> Vec<(usize, usize)> {
    let travel = &data.travels[data.cars[route.car as usize].travel];
    let (one, other) = (take.node.place, leave.node.place);
    let hop = |from: u32, to: u32| travel.hop(from, to).cost;
    let place = |at: usize| route.nodes[at].place;
    let around = |gap: usize, middle: u32| {
        let next = &route.nodes[gap + 1];
        hop(place(gap), middle) + hop(middle, next.place) - next.hop_cost
    };
    let mut pairs = Vec::new();
    for gap in 0..route.end() {
        let next = &route.nodes[gap + 1];
        let through = hop(place(gap), one) + hop(one, other) + hop(other, next.place);
        pairs.push((through - next.hop_cost, gap, gap + 1));
        let first = around(gap, one);
        let rest = gap + 1..route.end();
        pairs.extend(rest.map(|later| (first + around(later, other), gap, later + 1)));
    }
    pairs.sort_unstable();
    pairs.truncate(TRIED);
    pairs.into_iter().map(|(_, gap, later)| (gap, later)).collect()
}

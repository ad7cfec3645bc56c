//! From the plan in force: what still fits stays, in its order.
//!
//! The plan in force says who does what and when, but not which unit of equipment is used, where
//! breaks lie, or when a depot is visited. Units are told apart first, by the planned times. Orders
//! of all routes are then those of the planned starts, so that the planned times are one way to
//! drive them. They are taken over at one stroke if that works, and else one visit after another,
//! with breaks before or after them, and shared starts as early as can be or as planned.

mod units;
mod whole;

use crate::optimize::model::Lock;
use crate::optimize::rich::data::{Data, Kind, NEVER, OUT, Tie, index, narrow};
use crate::optimize::rich::insert::Builder;
use crate::optimize::rich::loads;
use crate::optimize::rich::plan::Saved;
use crate::optimize::rich::route::{Node, Role, Route};

pub(super) use units::units_in_force;

/// Most combinations of gaps tried for one visit.
const TRIED: usize = 64;

/// A way to take the plan in force over.
#[derive(Debug, Clone, Copy)]
struct Way {
    /// At one stroke.
    whole: bool,
    /// At one stroke: all breaks without a place, not only those that must be. One by one: breaks
    /// with a place before the visits, not after them.
    breaks_first: bool,
    /// Visits that share times start when they were planned.
    hold: bool,
}

/// What a way loses; compared in the order of the fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Loss {
    /// Visits on which work has begun.
    begun: usize,
    restless: usize,
    mandatory: i64,
    visits: usize,
}

impl Builder<'_, '_> {
    /// Takes over the plan in force, started work first, then by start, and puts breaks with a
    /// place in.
    pub(super) fn take_over(&mut self) {
        self.drop_rests();
        let planned = self.planned();
        let empty = Saved::new(&self.plan);
        let mut best: Option<(Loss, Saved)> = None;
        for way in self.ways(planned.is_empty()) {
            empty.restore(&mut self.plan);
            let loss = self.take_over_by(way, &planned);
            if best.as_ref().is_none_or(|(other, _)| loss < *other) {
                best = Some((loss, Saved::new(&self.plan)));
            }
            if loss.visits == 0 && loss.restless == 0 {
                break;
            }
        }
        if let Some((_, plan)) = best {
            plan.restore(&mut self.plan);
        }
    }

    fn ways(&self, empty: bool) -> Vec<Way> {
        let weights = &self.data.model.weights;
        let stable = weights.moved_second != 0 || weights.moved_visit != 0;
        let single = Way { whole: false, breaks_first: true, hold: stable };
        if empty {
            return vec![single];
        }
        let coupled = self.data.coupled;
        let placed = self.data.cars.iter().any(|car| car.must.len() + car.placed.len() > 0);
        let mut ways = Vec::new();
        for whole in [true, false] {
            for hold in [stable, !stable] {
                for breaks_first in [true, false] {
                    let way = Way { whole, breaks_first, hold };
                    // At one stroke, breaks with a place always come last.
                    let same = !(breaks_first || whole || placed);
                    if !same && (coupled || hold == stable) {
                        ways.push(way);
                    }
                }
            }
        }
        ways
    }

    /// Visits of the plan in force in the order in which they are taken over.
    fn planned(&self) -> Vec<u32> {
        let mut planned: Vec<(bool, bool, i64, u32)> = Vec::new();
        for (job, current) in (0_u32..).zip(&self.data.model.current) {
            if let Some(current) = current {
                let of = &self.data.jobs[job as usize];
                let loose = !of.fixed && matches!(current.lock, Lock::Free | Lock::Window);
                planned.push((!of.forced, loose, current.start.0, job));
            }
        }
        planned.sort_unstable();
        planned.into_iter().map(|(.., job)| job).collect()
    }

    fn take_over_by(&mut self, way: Way, planned: &[u32]) -> Loss {
        let data = self.data;
        if way.whole && self.take_over_whole(planned, (way.hold, way.breaks_first)) {
            self.place_late_breaks();
        } else if !way.whole {
            self.take_over_singly(way, planned);
        }
        self.plan.reprice(data);
        self.plan.keep();
        let lost = planned.iter().filter(|&&job| !self.plan.has(data, job));
        let (mut begun, mut mandatory, mut visits) = (0, 0, 0);
        for &job in lost {
            begun += usize::from(data.jobs[job as usize].forced);
            mandatory += data.jobs[job as usize].mandatory;
            visits += 1;
        }
        let restless = (0..index(data.shifts)).filter(|&car| self.plan.lacks_break(data, car));
        Loss { begun, restless: restless.count(), mandatory, visits }
    }

    fn take_over_singly(&mut self, way: Way, planned: &[u32]) {
        let data = self.data;
        if way.breaks_first {
            self.place_breaks();
        }
        self.plan.unrested = !way.breaks_first;
        // What is in the way of one visit may be gone when others are in.
        for widely in [false, true, true] {
            for &job in planned {
                if !self.plan.has(data, job) {
                    self.take_over_one(job, (widely, way.hold));
                }
            }
            if planned.iter().all(|&job| self.plan.has(data, job)) {
                break;
            }
        }
        self.plan.unrested = false;
        if !way.breaks_first {
            self.place_late_breaks();
        }
    }

    /// Puts breaks with a place in behind the visits; where one that must be does not fit, takes
    /// visits out, the last ones first.
    fn place_late_breaks(&mut self) {
        let data = self.data;
        self.plan.unrested = true;
        self.place_breaks();
        for car in 0..index(data.shifts) {
            while self.plan.lacks_break(data, car) {
                let nodes = self.plan.routes[car as usize].nodes.iter().rev();
                let loose = |job: &u32| {
                    let mut members = data.bundles[*job as usize].iter();
                    members.all(|&member| !data.jobs[member as usize].fixed)
                };
                let mut work =
                    nodes.filter(|node| node.role == Role::Work).map(|node| node.job).filter(loose);
                let Some(job) = work.next() else { break };
                let mark = self.plan.begin();
                self.take_out(job, &mut Vec::new());
                if !self.plan.settle(data) {
                    self.plan.rollback(mark);
                    break;
                }
                self.plan.release(mark);
                self.place_breaks();
            }
        }
        self.plan.unrested = false;
    }

    /// Puts one visit where the plan in force has it, if it fits there.
    fn take_over_one(&mut self, job: u32, (widely, hold): (bool, bool)) {
        let data = self.data;
        if data.bundles[job as usize].len() > 1 && !data.jobs[job as usize].fixed {
            self.take_over_bundle(job, (widely, hold));
            return;
        }
        let forced = data.jobs[job as usize].forced;
        self.plan.lenient = forced;
        if !self.is_waiting(job) && !self.put_as_planned(job, (widely, hold)) && forced {
            self.put_without_breaks(job);
        }
        self.plan.lenient = false;
        if forced {
            self.mend_stock(job);
        }
    }

    /// All or nothing.
    fn take_over_bundle(&mut self, job: u32, how: (bool, bool)) {
        let data = self.data;
        let mark = self.plan.begin();
        let mut members = data.bundles[job as usize].clone();
        let start = |job: u32| {
            let current = data.model.current.get(job as usize).and_then(Option::as_ref);
            current.map_or(i64::MAX, |current| current.start.0)
        };
        members.sort_by_key(|&member| start(member));
        let done = members.iter().all(|&member| {
            self.plan.has(data, member)
                || (start(member) < i64::MAX
                    && !self.is_waiting(member)
                    && self.put_as_planned(member, how))
        });
        if done && members.iter().all(|&member| self.shipment_kept(member)) {
            self.plan.release(mark);
        } else {
            self.plan.rollback(mark);
        }
    }

    /// Whether pickup and delivery are in one route, in order.
    pub(super) fn shipment_kept(&self, job: u32) -> bool {
        let data = self.data;
        data.ties[job as usize].iter().all(|&(other, tie)| {
            let (take, leave) = match tie {
                Tie::Pickup => (job, other),
                Tie::Dropoff => (other, job),
                _ => return true,
            };
            let first = |job: u32| data.jobs[job as usize].first;
            let (take, leave) = (self.plan.find(first(take)), self.plan.find(first(leave)));
            let kept = |((car, at), (other, after)): ((u32, usize), (u32, usize))| {
                car == other && at < after
            };
            take.is_none() || leave.is_none() || take.zip(leave).is_some_and(kept)
        })
    }

    /// Work that has begun stays even where breaks make the shift impossible.
    fn put_without_breaks(&mut self, job: u32) {
        let data = self.data;
        let Some(Some(current)) = data.model.current.get(job as usize) else { return };
        let mark = self.plan.begin();
        for shift in &current.shifts {
            self.plan.set_rests(data, shift.0, &[]);
        }
        if self.put_as_planned(job, (false, false)) {
            self.plan.release(mark);
        } else {
            self.plan.rollback(mark);
        }
    }

    /// The plan in force does not say when a depot was visited: puts a stop there where work that
    /// has begun needs it.
    fn mend_stock(&mut self, job: u32) {
        let data = self.data;
        let Some((car, _)) = self.plan.find(data.jobs[job as usize].first) else { return };
        let shift = &data.model.shifts[car as usize];
        let lasts = !data.cars[car as usize].loaded
            || loads::last_for(data, car, &self.plan.routes[car as usize].nodes);
        let stops = self.plan.routes[car as usize].depots().count();
        if lasts || stops >= shift.depot_stops_max as usize {
            return;
        }
        for gap in 0..self.plan.routes[car as usize].end() {
            for depot in &shift.depots {
                let mark = self.plan.begin();
                let node = Node::depot(depot.0, narrow(shift.depot_duration.0));
                self.plan.put(data, node, car, gap + 1);
                if self.plan.settle(data) {
                    self.plan.release(mark);
                    return;
                }
                self.plan.rollback(mark);
            }
        }
    }

    /// Puts a visit where it was planned.
    ///
    /// * `widely`: before or after breaks, without those that may be left out, or after a depot.
    fn put_as_planned(&mut self, job: u32, (widely, hold): (bool, bool)) -> bool {
        let data = self.data;
        let Some(Some(current)) = data.model.current.get(job as usize) else { return false };
        let start = data.time(current.start);
        let of = &data.jobs[job as usize];
        let mut places = Vec::with_capacity(current.shifts.len());
        for (role, shift) in current.shifts.iter().enumerate() {
            let task = of.first + index(role);
            if !self.may_come(task, shift.0) || data.fit(task, shift.0) >= NEVER {
                return false;
            }
            places.push((task, shift.0, self.planned_gap(shift.0, start)));
        }
        let hold = if hold { start } else { -OUT };
        self.put_planned(job, &places, hold)
            || (widely
                && (self.put_near(job, &places, hold) || self.put_past_rests(job, &places, hold)))
    }

    /// The gap of a route for something that starts then.
    pub(super) fn planned_gap(&self, car: u32, start: i32) -> usize {
        let route = &self.plan.routes[car as usize];
        let gaps = (0..route.end()).rev();
        let mut gaps = gaps.filter(|&at| at == 0 || planned_start(self.data, route, at) <= start);
        gaps.next().unwrap_or(0)
    }

    /// Tries all gaps between the visits before and after, and stops at a depot.
    fn put_near(&mut self, job: u32, places: &[(u32, u32, usize)], hold: i32) -> bool {
        let start = self.data.model.current[job as usize].as_ref();
        let Some(start) = start.map(|current| self.data.time(current.start)) else { return false };
        let gaps: Vec<(usize, usize)> =
            places.iter().map(|&(_, car, _)| self.gaps_around(car, start)).collect();
        let mut picked: Vec<(u32, u32, usize)> = places.to_vec();
        for (place, &(first, _)) in picked.iter_mut().zip(&gaps) {
            place.2 = first;
        }
        for _ in 0..TRIED {
            if self.put_planned(job, &picked, hold) {
                return true;
            }
            // The next combination, like the digits of a number.
            let mut digits = picked.iter_mut().zip(&gaps);
            let more = digits.any(|(place, &(first, last))| {
                let full = place.2 >= last;
                place.2 = if full { first } else { place.2 + 1 };
                !full
            });
            if !more {
                break;
            }
        }
        self.put_after_depot(job, places, hold)
    }

    /// First and last gap between the planned visits before and after a start.
    fn gaps_around(&self, car: u32, start: i32) -> (usize, usize) {
        let route = &self.plan.routes[car as usize];
        let work = |at: &usize| route.nodes[*at].role == Role::Work;
        let planned = |at: usize| planned_start(self.data, route, at);
        let before = (1..route.end()).rev().find(|at| work(at) && planned(*at) <= start);
        let after = (1..route.end()).find(|at| work(at) && planned(*at) > start);
        let first = before.unwrap_or(0);
        (first, after.map_or(route.end() - 1, |at| at - 1).max(first))
    }

    /// Tries a stop at a depot anywhere before the visit.
    fn put_after_depot(&mut self, job: u32, places: &[(u32, u32, usize)], hold: i32) -> bool {
        let data = self.data;
        let &[(task, car, gap)] = places else { return false };
        let shift = &data.model.shifts[car as usize];
        let route = &self.plan.routes[car as usize];
        let full = route.depots().count() >= shift.depot_stops_max as usize;
        if !data.cars[car as usize].loaded || full {
            return false;
        }
        (0..=gap).rev().any(|before| {
            shift.depots.iter().any(|depot| {
                let mark = self.plan.begin();
                let node = Node::depot(depot.0, narrow(shift.depot_duration.0));
                self.plan.put(data, node, car, before + 1);
                let done = self.put_planned(job, &[(task, car, gap + 1)], hold);
                if done {
                    self.plan.release(mark);
                } else {
                    self.plan.rollback(mark);
                }
                done
            })
        })
    }

    /// Tries without breaks that may be left out.
    fn put_past_rests(&mut self, job: u32, places: &[(u32, u32, usize)], hold: i32) -> bool {
        let data = self.data;
        let mark = self.plan.begin();
        let mut fewer = false;
        for &(_, car, _) in places {
            let route = &self.plan.routes[car as usize];
            let kept: Vec<u8> = self.rests_that_must_be(car);
            if kept.len() < route.rests.len() {
                fewer = true;
                self.plan.set_rests(data, car, &kept);
            }
            for &(task, _) in &data.cars[car as usize].placed {
                if self.plan.at[task as usize] == car {
                    fewer = true;
                    self.plan.remove(data, data.tasks[task as usize].job);
                }
            }
        }
        let start = data.model.current[job as usize].as_ref();
        let start = start.map_or(0, |current| data.time(current.start));
        let again: Vec<(u32, u32, usize)> = places
            .iter()
            .map(|&(task, car, _)| (task, car, self.planned_gap(car, start)))
            .collect();
        let done = fewer && self.plan.settle(data) && self.put_planned(job, &again, hold);
        if done {
            self.plan.release(mark);
        } else {
            self.plan.rollback(mark);
        }
        done
    }

    /// Breaks without a place that a car takes and may not leave out.
    fn rests_that_must_be(&self, car: u32) -> Vec<u8> {
        let rests = &self.data.cars[car as usize].rests;
        let taken = self.plan.routes[car as usize].rests.iter().copied();
        taken.filter(|&at| rests[usize::from(at)].missed.is_none()).collect()
    }

    /// Shifts in which not even the breaks fit do without the optional ones.
    fn drop_rests(&mut self) {
        let data = self.data;
        for car in 0..index(data.shifts) {
            let route = &self.plan.routes[car as usize];
            let kept = self.rests_that_must_be(car);
            let fits = route.ends[0] < OUT && route.lates[0] > 0;
            if !fits && kept.len() < route.rests.len() {
                let mark = self.plan.begin();
                self.plan.set_rests(data, car, &kept);
                if self.plan.settle(data) {
                    self.plan.release(mark);
                } else {
                    self.plan.rollback(mark);
                }
            }
        }
        self.plan.reprice(data);
        self.plan.keep();
    }

    /// Puts breaks with a place into their shifts, as far as they fit.
    fn place_breaks(&mut self) {
        let data = self.data;
        for job in data.model.visits.len()..data.jobs.len() {
            if matches!(data.jobs[job].kind, Kind::Break(_)) && !self.plan.has(data, index(job)) {
                self.place_one(index(job), NEVER);
            }
        }
        self.plan.reprice(data);
    }
}

/// When a stop was planned to start; places to stop that are no visits keep their earliest start.
fn planned_start(data: &Data, route: &Route, at: usize) -> i32 {
    let node = &route.nodes[at];
    let job = data.tasks.get(node.task as usize).map(|task| task.job);
    let current = job.and_then(|job| data.model.current.get(job as usize)?.as_ref());
    current.map_or_else(|| route.earliest(at), |current| data.time(current.start))
}

//! Puts jobs into the plan at the cheapest place that is proved to work.

mod bounds;
mod crews;
mod depots;
mod pairs;
mod tryout;

use crate::optimize::rich::data::{Data, Kind, NEVER, NONE, Tie};
use crate::optimize::rich::plan::{Plan, Worth};
use crate::optimize::rich::route::{Node, Role};
use crate::optimize::rich::spots::{Probe, Spot};
use crate::optimize::search::Chance;
use tryout::Tryout;

/// Places kept for one task, to be proved from the cheapest on.
const KEPT: usize = 4;
/// Up to so many shifts, all of them are looked at.
const SHIFTS_ALL: usize = 48;
/// Beyond that, the routes of so many neighbours.
const NEIGHBOURS: usize = 40;

/// One task to be put into a route.
#[derive(Debug, Clone, Copy)]
struct Move {
    task: u32,
    spot: Spot,
    /// Place of a depot to stop at, and after which node, before the task goes in.
    depot: Option<(u32, usize)>,
}

/// A plan together with what is needed to put jobs into it.
pub(super) struct Builder<'d, 'm> {
    pub(super) data: &'d Data<'m>,
    pub(super) plan: Plan,
    pub(super) chance: Chance,
    /// Every so many places one is overlooked; 0 = never.
    pub(super) blink: usize,
    tryout: Tryout,
    /// Places found, the cheapest first, for the task at hand.
    kept: Vec<(i64, Move)>,
    cars: Vec<u32>,
    seen: Vec<u64>,
    look: u64,
}

impl<'d, 'm> Builder<'d, 'm> {
    pub(super) fn new(data: &'d Data<'m>, seed: u64) -> Self {
        let mut builder = Self {
            data,
            plan: Plan::new(data),
            chance: Chance::new(seed),
            blink: 0,
            tryout: Tryout::new(data),
            kept: Vec::new(),
            cars: Vec::new(),
            seen: vec![0; data.cars.len()],
            look: 0,
        };
        builder.place_taken();
        builder
    }

    /// Equipment that is away: each use on the first units that are free.
    fn place_taken(&mut self) {
        for job in 0..self.data.jobs.len() {
            if self.data.jobs[job].kind != Kind::Taken {
                continue;
            }
            let task = self.data.jobs[job].first;
            let (first, last) = self.data.units[self.data.tasks[task as usize].pool as usize];
            let _ = (first..last).any(|car| {
                let gap = self.plan.routes[car as usize].end() - 1;
                let spot = Spot { car, gap, cost: 0, low: 0, high: 0 };
                self.commit(&[Move { task, spot, depot: None }])
            });
        }
        self.plan.keep();
    }

    /// Breaks with a place stand in their shifts from the beginning; shifts in which not even
    /// the breaks fit do without the optional ones.
    pub(super) fn place_breaks(&mut self) {
        let data = self.data;
        for car in 0..crate::optimize::rich::data::index(data.shifts) {
            let route = &self.plan.routes[car as usize];
            let rests = &data.cars[car as usize].rests;
            let fits = route.ends[0] < crate::optimize::rich::data::OUT && route.lates[0] > 0;
            let optional = |at: &u8| rests[usize::from(*at)].missed.is_some();
            if !fits && route.rests.iter().any(optional) {
                let kept: Vec<u8> =
                    route.rests.iter().copied().filter(|at| !optional(at)).collect();
                let mark = self.plan.begin();
                self.plan.set_rests(data, car, &kept);
                if self.plan.settle(data) {
                    self.plan.release(mark);
                } else {
                    self.plan.rollback(mark);
                }
            }
        }
        for job in data.model.visits.len()..data.jobs.len() {
            if matches!(data.jobs[job].kind, Kind::Break(_)) {
                self.place_one(crate::optimize::rich::data::index(job), NEVER);
            }
        }
        self.plan.reprice(data);
        self.plan.keep();
    }

    /// Puts tasks in and settles all times; takes everything back if that breaks any rule.
    fn commit(&mut self, moves: &[Move]) -> bool {
        let mark = self.plan.begin();
        for step in moves {
            let (car, mut gap) = (step.spot.car, step.spot.gap);
            if let Some((place, before)) = step.depot {
                let shift = &self.data.model.shifts[car as usize];
                let dur = crate::optimize::rich::data::narrow(shift.depot_duration.0);
                self.plan.put(self.data, Node::depot(place, dur), car, before + 1);
                gap = gap.max(before + 1);
            }
            let node = Node::new(self.data, step.task, car);
            self.plan.put(self.data, node, car, gap + 1);
        }
        let fine = self.plan.settle(self.data)
            && (!self.data.timed || self.plan.reprice(self.data))
            && moves.iter().all(|step| {
                let job = self.data.tasks[step.task as usize].job;
                self.order_kept(step.spot.car) && self.shipment_kept(job)
            });
        if fine {
            self.plan.release(mark);
        } else {
            self.plan.rollback(mark);
        }
        fine
    }

    /// Whether visits whose order may not change follow each other as in the plan in force.
    fn order_kept(&self, car: u32) -> bool {
        if self.data.model.freeze.relaxations.is_empty() {
            return true;
        }
        let mut last = 0;
        self.plan.routes[car as usize].nodes.iter().all(|node| {
            if node.role != Role::Work {
                return true;
            }
            let job = &self.data.jobs[self.data.tasks[node.task as usize].job as usize];
            if job.order == NONE || job.settled {
                return true;
            }
            let kept = job.order >= last;
            last = job.order;
            kept
        })
    }

    /// Puts a job and all that belongs to it into the plan, if that costs less than `limit`.
    pub(super) fn place(&mut self, job: u32, limit: i64) -> bool {
        let data = self.data;
        let bundle = &data.bundles[job as usize];
        if bundle.len() == 1 {
            return self.place_one(job, limit);
        }
        let mark = self.plan.begin();
        for &member in bundle {
            if self.plan.has(data, member) {
                continue;
            }
            let ties = &data.ties[member as usize];
            let drop = ties.iter().find(|(_, tie)| *tie == Tie::Pickup).map(|tie| tie.0);
            if ties.iter().any(|&(other, tie)| tie == Tie::Dropoff && !self.plan.has(data, other)) {
                continue;
            }
            let done = match drop {
                Some(drop) => self.place_pair((member, drop), limit),
                None => self.place_one(member, limit),
            };
            if !done {
                self.plan.rollback(mark);
                return false;
            }
        }
        if bundle.iter().all(|&member| self.plan.has(data, member)) {
            self.plan.release(mark);
            return true;
        }
        self.plan.rollback(mark);
        false
    }

    fn place_one(&mut self, job: u32, limit: i64) -> bool {
        if self.is_waiting(job) {
            return false;
        }
        if self.data.jobs[job as usize].tasks > 1 {
            self.place_crew(job, limit)
        } else {
            self.place_single(job, limit)
        }
    }

    /// Whether the job follows one that is not in the plan.
    pub(super) fn is_waiting(&self, job: u32) -> bool {
        self.data.ties[job as usize].iter().any(|&(other, tie)| {
            matches!(tie, Tie::AfterEnd(..) | Tie::AfterStart(..))
                && !self.plan.has(self.data, other)
        })
    }

    fn place_single(&mut self, job: u32, limit: i64) -> bool {
        let task = self.data.jobs[job as usize].first;
        let Some(bounds) = self.start_bounds(job) else { return false };
        self.list_cars(task);
        self.kept.clear();
        let cars = std::mem::take(&mut self.cars);
        for &car in &cars {
            self.try_car(task, car, bounds, limit);
        }
        if self.kept.is_empty() && cars.len() < self.data.shifts {
            for car in 0..crate::optimize::rich::data::index(self.data.shifts) {
                if self.seen[car as usize] != self.look {
                    self.try_car(task, car, bounds, limit);
                }
            }
        }
        self.cars = cars;
        let kept = std::mem::take(&mut self.kept);
        let done = self.prove(&kept);
        self.kept = kept;
        done
    }

    /// Does the first of the moves that works; where other routes move too, the best one.
    fn prove(&mut self, kept: &[(i64, Move)]) -> bool {
        let coupled = kept.first().is_some_and(|(_, step)| {
            self.data.jobs[self.data.tasks[step.task as usize].job as usize].coupled
        });
        if !(coupled && self.data.timed) {
            return kept.iter().any(|(_, step)| self.commit(&[*step]));
        }
        let lists: Vec<Vec<Move>> = kept.iter().map(|(_, step)| vec![*step]).collect();
        self.prove_best(&lists)
    }

    /// Does the list of moves that gives the best plan.
    fn prove_best(&mut self, lists: &[Vec<Move>]) -> bool {
        let mut best: Option<(Worth, usize)> = None;
        for (at, list) in lists.iter().enumerate() {
            let mark = self.plan.begin();
            if self.commit(list) {
                let worth = self.plan.worth(self.data);
                if best.is_none_or(|(other, _)| worth < other) {
                    best = Some((worth, at));
                }
            }
            self.plan.rollback(mark);
        }
        best.is_some_and(|(_, at)| self.commit(&lists[at]))
    }

    /// Shifts worth looking at for a task.
    fn list_cars(&mut self, task: u32) {
        self.look += 1;
        self.cars.clear();
        let data = self.data;
        let all = data.shifts <= SHIFTS_ALL;
        let job = data.tasks[task as usize].job;
        if all {
            let cars = 0..crate::optimize::rich::data::index(data.shifts);
            self.cars.extend(cars.filter(|&car| data.fit(task, car) < NEVER));
            return;
        }
        let mut count = 0;
        for &other in &data.near[job as usize] {
            for near in data.job_tasks(other) {
                let car = self.plan.at[near as usize];
                if (car as usize) < data.shifts && self.seen[car as usize] != self.look {
                    self.seen[car as usize] = self.look;
                    if data.fit(task, car) < NEVER {
                        self.cars.push(car);
                    }
                }
                count += usize::from(car != NONE);
            }
            if count >= NEIGHBOURS {
                break;
            }
        }
        for car in 0..crate::optimize::rich::data::index(data.shifts) {
            let idle = self.plan.routes[car as usize].visits == 0;
            if idle && self.seen[car as usize] != self.look && data.fit(task, car) < NEVER {
                self.seen[car as usize] = self.look;
                self.cars.push(car);
            }
        }
    }

    fn try_car(&mut self, task: u32, car: u32, bounds: (i32, i32), limit: i64) {
        let data = self.data;
        let Some(probe) = Probe::new(data, task, car) else { return };
        let probe = probe.bounded(bounds);
        if !self.may_come(task, car) {
            return;
        }
        let job_at = data.tasks[task as usize].job;
        let job = &data.jobs[job_at as usize];
        let timed = data.timed && (job.timed || self.route_is_timed(car));
        let Self { plan, tryout, kept, chance, blink, .. } = self;
        let route = &plan.routes[car as usize];
        let worst = |kept: &[(i64, Move)]| {
            if kept.len() < KEPT { limit } else { kept[KEPT - 1].0.min(limit) }
        };
        probe.scan(data, (plan, route), worst(kept), |spot| {
            if *blink > 0 && chance.one_in(*blink) {
                return worst(kept);
            }
            let bound = if job.late_only {
                let end = spot.low + probe.node.dur - probe.node.setup;
                spot.cost + crate::optimize::rich::price::start_cost(data, job_at, spot.low, end)
            } else {
                spot.cost
            };
            if bound >= worst(kept) {
                return worst(kept);
            }
            let cost = if timed {
                match tryout.cost(data, (plan, route), (&probe, spot)) {
                    Some(cost) => cost,
                    None => return worst(kept),
                }
            } else {
                spot.cost
            };
            keep(kept, (cost, Move { task, spot, depot: None }), limit);
            worst(kept)
        });
        if data.cars[car as usize].loaded && job.kind == Kind::Visit {
            self.try_depots(task, (&probe, car), limit);
        }
    }

    fn route_is_timed(&self, car: u32) -> bool {
        let data = self.data;
        data.cars[car as usize].timed
            || self.plan.routes[car as usize].nodes.iter().any(|node| {
                let task = data.tasks.get(node.task as usize);
                task.is_some_and(|task| data.jobs[task.job as usize].timed)
            })
    }
}

/// Keeps the cheapest moves in order.
fn keep(kept: &mut Vec<(i64, Move)>, found: (i64, Move), limit: i64) {
    if found.0 >= limit {
        return;
    }
    let at = kept.partition_point(|other| other.0 <= found.0);
    if at < KEPT {
        kept.insert(at, found);
        kept.truncate(KEPT);
    }
}

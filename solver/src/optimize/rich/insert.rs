//! Puts jobs into the plan at the cheapest place that is proved to work.

mod bounds;
mod cache;
mod cars;
mod crews;
mod depots;
mod joined;
mod later;
mod pairs;
mod peaks;
mod plain;
mod planned;
mod stretch;
mod tryout;

use std::collections::HashMap;

use crate::optimize::rich::data::{Data, Job, Kind, NONE, OUT, Tie};
use crate::optimize::rich::plan::Plan;
use crate::optimize::rich::route::{Node, Role};
use crate::optimize::rich::spots::{Probe, Spot, Trial};
use crate::optimize::rich::warm::units_in_force;
use crate::optimize::search::Chance;
use cache::Cache;
use peaks::Peaks;
use stretch::Stretch;
use tryout::Tryout;

/// Places kept for one task, to be proved from the cheapest on: where nobody else is concerned,
/// where other routes move too, and where all of the first ones failed.
const KEPT: usize = 2;
const KEPT_COUPLED: usize = 4;
const KEPT_MOST: usize = 24;
/// A time before all others: jobs that share times start as early as they can.
pub(super) const ANY_TIME: i32 = -OUT;
/// A limit that nothing reaches.
pub(super) const FREE: i64 = i64::MAX / 8;

/// One task to be put into a route.
#[derive(Debug, Clone, Copy)]
struct Move {
    task: u32,
    spot: Spot,
    /// Place of a depot to stop at, and after which node; it goes in before the task does.
    depot: Option<(u32, usize)>,
}

impl Move {
    /// A place where costs and times do not matter.
    fn at(task: u32, car: u32, gap: usize) -> Self {
        let spot = Spot { car, gap, cost: 0, low: 0, high: 0, lies: Trial::default() };
        Self { task, spot, depot: None }
    }
}

/// Who of those who are idle may begin to work in the step at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begins {
    Anybody,
    Nobody,
    /// Only this shift.
    One(u32),
}

/// A plan together with what is needed to put jobs into it.
pub(super) struct Builder<'d, 'm> {
    pub(super) data: &'d Data<'m>,
    pub(super) plan: Plan,
    pub(super) chance: Chance,
    /// Every so many places one is overlooked; 0 = never.
    pub(super) blink: usize,
    tryout: Tryout,
    /// Unit of each task of the plan in force that needs one.
    pub(super) reserved: HashMap<u32, u32>,
    /// Places found, the cheapest first, for the task at hand, and how many of them are kept.
    kept: Vec<(i64, Move)>,
    most: usize,
    /// Places known from before, and room for those of one route.
    cache: Cache,
    here: Vec<(i64, Move)>,
    /// Largest lateness and idle times of the plan when the task at hand was begun.
    peaks: Peaks,
    pub(super) cars: Vec<u32>,
    /// Shifts that get nothing in the step at hand, and which of those that are idle may begin.
    pub(super) shut: Vec<u32>,
    pub(super) begins: Begins,
    /// Bits of the shifts that may do the task at hand and are not listed, 64 to a number.
    left: Vec<u64>,
    /// Room for a list of cars.
    listed: Vec<u32>,
    /// Cars of which the best place is not known.
    unknown: Vec<u32>,
    /// Places are known from before, and [`Probe::cheapest`] finds those that are not.
    plain: bool,
    /// Idle shifts are looked at after the others, as far as they may be cheaper.
    idle_last: bool,
}

impl<'d, 'm> Builder<'d, 'm> {
    pub(super) fn new(data: &'d Data<'m>, seed: u64) -> Self {
        let mut builder = Self {
            data,
            plan: Plan::new(data),
            chance: Chance::new(seed),
            blink: 0,
            tryout: Tryout::new(data),
            reserved: units_in_force(data),
            kept: Vec::new(),
            most: KEPT,
            cache: Cache::new(data),
            here: Vec::new(),
            peaks: Peaks::default(),
            cars: Vec::new(),
            shut: Vec::new(),
            begins: Begins::Anybody,
            left: Vec::new(),
            listed: vec![0; data.shifts + 1],
            unknown: Vec::new(),
            plain: false,
            idle_last: false,
        };
        builder.plain = builder.cache.is_used() && Probe::are_plain(data);
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
            let reserved = self.reserved.get(&task).copied();
            let _ = reserved.into_iter().chain(first..last).any(|car| {
                let gap = self.plan.routes[car as usize].end() - 1;
                self.commit(&[Move::at(task, car, gap)], ANY_TIME)
            });
        }
        self.plan.keep();
    }

    /// Puts tasks in and settles all times; takes everything back if that breaks any rule.
    ///
    /// * `hold`: jobs that share times do not start before.
    fn commit(&mut self, moves: &[Move], hold: i32) -> bool {
        let mark = self.plan.begin();
        for step in moves {
            self.put(step, hold);
        }
        let fine = self.plan.settle(self.data)
            && self.plan.reprice(self.data)
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

    /// Puts a task in, and the stop at a depot it needs; returns its position.
    fn put(&mut self, step: &Move, hold: i32) -> usize {
        let Spot { car, gap, .. } = step.spot;
        if let Some((place, before)) = step.depot {
            let shift = &self.data.model.shifts[car as usize];
            let dur = crate::optimize::rich::data::narrow(shift.depot_duration.0);
            self.plan.put(self.data, Node::depot(place, dur), car, before + 1);
        }
        let node = Node::new(self.data, step.task, car);
        if node.coupled {
            self.plan.hold(node.job, hold);
        }
        self.plan.put(self.data, node, car, gap + 1);
        gap + 1
    }

    /// Whether visits whose order may not change follow each other as in the plan in force.
    pub(super) fn order_kept(&self, car: u32) -> bool {
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
        // Without links nobody has company; the list of it lies far away.
        let bundle = if data.linked { &data.bundles[job as usize][..] } else { &[] };
        if bundle.len() <= 1 {
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

    pub(super) fn place_one(&mut self, job: u32, limit: i64) -> bool {
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
        self.peaks = self.plan.peaks(self.data);
        let together = self.data.coupled && self.data.timed;
        self.most = match self.data.jobs[job as usize] {
            Job { coupled: true, .. } => KEPT_COUPLED,
            // A place that is proved to be possible is known to be the best one.
            Job { kind: Kind::Visit, .. } if self.cache.is_used() => 1,
            _ if together => KEPT_COUPLED,
            _ => KEPT,
        };
        self.idle_last = self.most == 1 && self.may_see_idle_last();
        self.list_cars(task, !self.idle_last);
        if self.try_cars(task, bounds, limit) {
            return true;
        }
        let short = self.kept.len() < self.most;
        if limit < FREE && self.kept.is_empty() {
            return false;
        }
        let idle = if self.idle_last { self.idle_able(task) } else { 0 };
        if !short {
            self.most = KEPT_MOST;
        } else if self.cars.len() + idle >= self.data.shifts {
            return false;
        }
        self.idle_last = false;
        self.list_all_cars(task);
        self.try_cars(task, bounds, limit)
    }

    fn try_cars(&mut self, task: u32, bounds: (i32, i32), limit: i64) -> bool {
        self.kept.clear();
        let cars = std::mem::take(&mut self.cars);
        let others: &[(i64, u32)] =
            if self.idle_last { &self.data.alone[task as usize] } else { &[] };
        let others = others.iter().map(|&(_, car)| car);
        let first =
            cars.iter().copied().chain(others).find_map(|car| Probe::new(self.data, task, car));
        if let Some(first) = first {
            if self.most == 1 {
                self.try_known(task, (&cars, &first), limit);
            } else {
                for &car in &cars {
                    if let Some(probe) = first.on(self.data, car) {
                        self.try_car(&probe.bounded(bounds), limit);
                    }
                }
            }
        }
        self.cars = cars;
        let kept = std::mem::take(&mut self.kept);
        let done = self.prove(&kept, bounds);
        self.kept = kept;
        done
    }

    /// Does the first of the moves that works; where other routes move too, the best one.
    fn prove(&mut self, kept: &[(i64, Move)], bounds: (i32, i32)) -> bool {
        if self.most == 1 && !self.data.coupled {
            return kept.first().is_some_and(|(_, step)| self.commit_alone(step));
        }
        let together = self.data.timed
            && kept.iter().any(|(_, step)| {
                let job = self.data.tasks[step.task as usize].job;
                let route = &self.plan.routes[step.spot.car as usize];
                self.data.jobs[job as usize].coupled
                    || route.nodes[step.spot.gap + 1..].iter().any(|node| node.coupled)
            });
        if !together {
            return kept.iter().any(|(_, step)| self.commit(&[*step], ANY_TIME));
        }
        let mut offers = Vec::with_capacity(kept.len());
        for &(least, step) in kept {
            let Move { task, spot, .. } = step;
            let job = self.data.tasks[task as usize].job;
            let mut span = (spot.low, spot.low);
            if step.depot.is_none()
                && self.may_wait(job)
                && let Some(probe) = Probe::new(self.data, task, spot.car)
            {
                let route = &self.plan.routes[spot.car as usize];
                span.1 = probe.bounded(bounds).last(self.data, route, spot.gap);
            }
            self.offer(job, (least, vec![step]), span, &mut offers);
        }
        self.prove_best(offers)
    }

    /// Cost of the plan without what is left out.
    pub(super) fn spent(&self) -> i64 {
        self.plan.worth(self.data).cost - self.plan.left_out.1
    }

    fn try_car(&mut self, probe: &Probe, limit: i64) {
        let data = self.data;
        let (task, car, job_at) = (probe.node.task, probe.car, probe.node.job);
        if data.linked && !self.may_come(task, car) {
            return;
        }
        let job = &data.jobs[job_at as usize];
        let timed = data.timed && (job.timed || self.route_is_timed(car));
        let Self { plan, tryout, kept, chance, blink, most, peaks, .. } = self;
        let (most, route) = (*most, &plan.routes[car as usize]);
        let gain = peaks.gain(data, car);
        let worst = |kept: &[(i64, Move)]| {
            if kept.len() < most { limit } else { kept[most - 1].0.min(limit) }
        };
        let aim = |worst: i64| worst.saturating_add(gain);
        let simple = !job.timed && !job.coupled && probe.node.is_simple() && !data.setups;
        if timed && route.is_joined() && simple {
            probe.scan_joined(data, (plan, route, peaks), worst(kept), |spot| {
                if *blink == 0 || !chance.one_in(*blink) {
                    let step = Move { task, spot, depot: None };
                    keep(kept, (spot.cost, step), (limit, most));
                }
                worst(kept)
            });
            if data.cars[car as usize].loaded && job.kind == Kind::Visit {
                self.try_depots(task, (probe, car), limit);
            }
            return;
        }
        probe.scan(data, (plan, route), aim(worst(kept)), |spot| {
            if *blink > 0 && chance.one_in(*blink) {
                return aim(worst(kept));
            }
            let bound = spot.cost + if timed { probe.late_bound(data, route, spot) } else { 0 };
            if bound >= aim(worst(kept)) {
                return aim(worst(kept));
            }
            let cost = if !timed {
                Some(spot.cost)
            } else if route.is_joined()
                && spot.lies.more == 0
                && !job.timed
                && probe.node.is_simple()
            {
                let stretch = Stretch::around(route, &probe.node, spot);
                stretch.and_then(|stretch| stretch.cost(data, route, peaks, spot.cost))
            } else {
                let most = aim(worst(kept));
                tryout.cost(data, (plan, route), (probe, spot), (peaks, most))
            };
            if let Some(cost) = cost {
                keep(kept, (cost, Move { task, spot, depot: None }), (limit, most));
            }
            aim(worst(kept))
        });
        if data.cars[car as usize].loaded && job.kind == Kind::Visit {
            self.try_depots(task, (probe, car), limit);
        }
    }

    fn route_is_timed(&self, car: u32) -> bool {
        let data = self.data;
        data.cars[car as usize].timed
            || data.model.weights.largest_idle_second != 0
            || self.plan.routes[car as usize]
                .nodes
                .iter()
                .any(|node| node.role == Role::Work && data.jobs[node.job as usize].timed)
    }
}

/// Keeps the cheapest moves in order: at most `most`, each cheaper than `limit`.
fn keep(kept: &mut Vec<(i64, Move)>, found: (i64, Move), (limit, most): (i64, usize)) {
    if found.0 >= limit {
        return;
    }
    let at = kept.partition_point(|other| other.0 <= found.0);
    if at < most {
        kept.insert(at, found);
        kept.truncate(most);
    }
}

//! From the plan in force: what still fits stays, in its order.

use crate::optimize::model::Lock;
use crate::optimize::rich::data::{Data, Tie, index, narrow};
use crate::optimize::rich::insert::Builder;
use crate::optimize::rich::loads;
use crate::optimize::rich::route::Node;

impl Builder<'_, '_> {
    /// Takes over the plan in force, started work first, then by start.
    pub(super) fn take_over(&mut self) {
        let mut planned: Vec<(bool, bool, i64, u32)> = Vec::new();
        for (job, current) in (0_u32..).zip(&self.data.model.current) {
            if let Some(current) = current {
                let of = &self.data.jobs[job as usize];
                let loose = !of.fixed && matches!(current.lock, Lock::Free | Lock::Window);
                planned.push((!of.forced, loose, current.start.0, job));
            }
        }
        planned.sort_unstable();
        for (_, _, _, job) in planned {
            if !self.plan.has(self.data, job) {
                self.take_over_one(job);
            }
        }
        self.plan.keep();
    }

    /// Puts one visit where the plan in force has it, if it fits there.
    fn take_over_one(&mut self, job: u32) {
        let data = self.data;
        if data.bundles[job as usize].len() > 1 && !data.jobs[job as usize].fixed {
            self.take_over_bundle(job);
            return;
        }
        self.plan.lenient = data.jobs[job as usize].forced;
        if !self.is_waiting(job) && !self.put_as_planned(job) && data.jobs[job as usize].forced {
            self.put_without_breaks(job);
        }
        self.plan.lenient = false;
        if data.jobs[job as usize].forced {
            self.mend_stock(job);
        }
    }

    /// All or nothing.
    fn take_over_bundle(&mut self, job: u32) {
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
                    && self.put_as_planned(member))
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
        if self.put_as_planned(job) {
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
        let lasts =
            !data.cars[car as usize].loaded || loads::lasts(data, &self.plan.routes[car as usize]);
        if lasts || shift.depot_stops_max == 0 {
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

    fn put_as_planned(&mut self, job: u32) -> bool {
        let data = self.data;
        let Some(Some(current)) = data.model.current.get(job as usize) else { return false };
        let start = data.time(current.start);
        let of = &data.jobs[job as usize];
        let mut places = Vec::with_capacity(current.shifts.len());
        for (role, shift) in current.shifts.iter().enumerate() {
            let task = of.first + index(role);
            if !self.may_come(task, shift.0)
                || data.fit(task, shift.0) >= crate::optimize::rich::data::NEVER
            {
                return false;
            }
            let route = &self.plan.routes[shift.at()];
            let gap = (0..route.end())
                .rev()
                .find(|&at| at == 0 || planned_start(data, route, at) <= start);
            places.push((task, shift.0, gap.unwrap_or(0)));
        }
        self.put_planned(job, &places)
    }
}

/// When a stop was planned to start; places to stop that are no visits keep their earliest start.
fn planned_start(data: &Data, route: &crate::optimize::rich::route::Route, at: usize) -> i32 {
    let node = &route.nodes[at];
    let job = data.tasks.get(node.task as usize).map(|task| task.job);
    let current = job.and_then(|job| data.model.current.get(job as usize)?.as_ref());
    current.map_or_else(|| route.earliest(at), |current| data.time(current.start))
}

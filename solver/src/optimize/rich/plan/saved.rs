//! A whole plan to come back to.

use crate::optimize::rich::data::{Data, Kind};
use crate::optimize::rich::plan::{Plan, Sum};
use crate::optimize::rich::route::Route;

/// A copy of everything that makes a plan.
#[derive(Debug, Clone)]
pub(in crate::optimize::rich) struct Saved {
    routes: Vec<Route>,
    at: Vec<u32>,
    earliest: Vec<i32>,
    latest: Vec<i32>,
    hold: Vec<i32>,
    span: Vec<i32>,
    sums: Vec<Sum>,
    total: i64,
    left_out: (i64, i64),
}

impl Saved {
    pub(in crate::optimize::rich) fn new(plan: &Plan) -> Self {
        Self {
            routes: plan.routes.clone(),
            at: plan.at.clone(),
            earliest: plan.earliest.clone(),
            latest: plan.latest.clone(),
            hold: plan.hold.clone(),
            span: plan.span.clone(),
            sums: plan.sums.clone(),
            total: plan.total,
            left_out: plan.left_out,
        }
    }

    /// A copy for another search, which numbers the states of its routes by itself.
    pub(in crate::optimize::rich) fn unstamped(&self) -> Self {
        let mut copy = self.clone();
        copy.routes.iter_mut().for_each(|route| route.stamp = 0);
        copy
    }

    /// Becomes a copy of the plan as it is now, in the same memory.
    ///
    /// * `moved`: the routes that have changed since this was one; emptied.
    pub(in crate::optimize::rich) fn update(&mut self, plan: &Plan, moved: &mut Vec<u32>) {
        for car in moved.drain(..) {
            self.routes[car as usize].copy_from(&plan.routes[car as usize]);
        }
        self.at.clone_from(&plan.at);
        if plan.coupled {
            self.earliest.clone_from(&plan.earliest);
            self.latest.clone_from(&plan.latest);
            self.hold.clone_from(&plan.hold);
            self.span.clone_from(&plan.span);
        }
        self.sums.clone_from(&plan.sums);
        (self.total, self.left_out) = (plan.total, plan.left_out);
    }

    /// Makes a plan what it was.
    pub(in crate::optimize::rich) fn restore(&self, plan: &mut Plan) {
        plan.keep();
        for (route, own) in plan.routes.iter_mut().zip(&self.routes) {
            route.copy_from(own);
        }
        plan.at.clone_from(&self.at);
        plan.earliest.clone_from(&self.earliest);
        plan.latest.clone_from(&self.latest);
        plan.hold.clone_from(&self.hold);
        plan.span.clone_from(&self.span);
        plan.sums.clone_from(&self.sums);
        (plan.total, plan.left_out) = (self.total, self.left_out);
        for (busy, route) in plan.busy.iter_mut().zip(&plan.routes) {
            *busy = route.visits > 0;
        }
        plan.idle = plan.busy.iter().filter(|&&busy| !busy).count();
        plan.stale.clear();
        let stale = plan.routes.iter().filter(|route| route.stale);
        plan.stale.extend(stale.map(|route| route.car));
        plan.touched.clear();
        plan.fresh.clear();
        plan.loosened = false;
        plan.known.clear();
        plan.known.extend(plan.routes.iter().map(|route| route.stamp));
    }
}

impl Plan {
    /// Weight of the visits left out.
    pub(in crate::optimize::rich) fn unserved(&self, data: &Data) -> i64 {
        if data.jobs.len() == data.model.visits.len() {
            return self.left_out.0;
        }
        let jobs = data.jobs.iter().filter(|job| job.kind == Kind::Visit);
        let missing = jobs.filter(|job| self.at[job.first as usize] == super::NONE);
        missing.map(|job| job.mandatory).sum()
    }
}

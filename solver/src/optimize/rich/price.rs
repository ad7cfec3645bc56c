//! When a route is driven exactly, and what that costs.

mod aims;
mod course;
mod labels;
mod ledger;
mod stretch;
mod timing;
mod visits;

use crate::optimize::rich::data::{Data, OUT};
use crate::optimize::rich::route::{Role, Route};
use crate::optimize::rich::segment::Segment;
use crate::optimize::solution::Rule;

pub(super) use ledger::Ledger;
use timing::Timed;
pub(super) use timing::{Pricing, Rested, cheapest_start};
pub(super) use visits::start_cost;

/// What a route costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Price {
    pub(super) cost: i64,
    /// Largest lateness of its visits.
    pub(super) max_late: i32,
    /// Seconds with nothing to do.
    pub(super) idle: i32,
    /// Seconds beyond limits on paid time and on work without rest.
    pub(super) over: i64,
}

/// Who does what, and how long crews take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Crews<'a> {
    /// Car of each task.
    pub(super) at: &'a [u32],
    /// Length of each coupled job.
    pub(super) span: &'a [i32],
}

impl Crews<'_> {
    fn span(self, data: &Data, job: u32) -> i32 {
        if data.jobs[job as usize].coupled { self.span[job as usize] } else { 0 }
    }
}

/// Price of a route of which only length and end count.
fn simple_price(data: &Data, route: &Route, whole: Segment) -> Price {
    let of = &data.cars[route.car as usize];
    let busy = route.busy();
    let mut idle = i64::from(whole.end().max(of.soft_end) - of.first_start) - busy;
    if data.model.weights.largest_idle_second == 0 {
        idle = 0;
    }
    let cost = route.fixed_cost + of.length_cost(data, whole, busy);
    let idle = crate::optimize::rich::data::narrow(idle.max(0));
    let over = (i64::from(whole.length) - of.paid_max).max(0);
    Price { cost, max_late: 0, idle, over }
}

impl Pricing {
    /// Whether a route that is priced by its segments costs the same stop by stop.
    pub(super) fn agrees(
        &mut self,
        data: &Data,
        route: &Route,
        crews: Crews<'_>,
        price: Price,
    ) -> bool {
        if !route.is_joined() {
            return true;
        }
        let mut parted = route.clone();
        parted.heads.clear();
        self.price(data, &parted, crews, (true, i64::MIN)) == Some(price)
    }

    /// Price of a route whose times are settled; `None` if a limit on its times is broken, and by
    /// more than before.
    ///
    /// * `lenient`: limits may be broken.
    /// * `below`: a price that is not below may be too high.
    pub(super) fn price(
        &mut self,
        data: &Data,
        route: &Route,
        crews: Crews<'_>,
        (lenient, below): (bool, i64),
    ) -> Option<Price> {
        let price = self.any_price(data, route, crews, below)?;
        (price.over <= route.over || lenient).then_some(price)
    }

    fn any_price(
        &mut self,
        data: &Data,
        route: &Route,
        crews: Crews<'_>,
        below: i64,
    ) -> Option<Price> {
        let of = &data.cars[route.car as usize];
        if route.visits == 0 || of.is_unit() {
            return Some(Price { cost: 0, max_late: 0, idle: of.idle, over: 0 });
        }
        if !data.timed {
            return Some(Price { cost: route.fixed_cost, max_late: 0, idle: 0, over: 0 });
        }
        if let Some(&whole) = route.heads.last() {
            return Some(simple_price(data, route, whole));
        }
        let Timed { costs, max_late, over, idle } = self.schedule(data, route, crews, below)?;
        Some(Price { cost: route.fixed_cost + costs.sum(), max_late, idle, over })
    }

    /// What the times of the scheduled route cost.
    fn timed(&self, data: &Data, route: &Route, crews: Crews<'_>) -> Timed {
        let mut costs = Ledger::default();
        let (max_late, paid) = self.time_costs(data, route, crews, &mut costs);
        let paid_max = data.cars[route.car as usize].paid_max;
        let over = (paid - paid_max).max(0) + self.restless(data, route);
        Timed { costs, max_late, over, idle: self.idle(data, route) }
    }

    /// Writes down all costs of the scheduled route that depend on times; returns the largest
    /// lateness, and the seconds that are paid.
    fn time_costs(
        &self,
        data: &Data,
        route: &Route,
        crews: Crews<'_>,
        ledger: &mut Ledger,
    ) -> (i32, i64) {
        let of = &data.cars[route.car as usize];
        let weights = &data.model.weights;
        let mut max_late = 0;
        for (stop, node) in route.nodes.iter().enumerate() {
            if node.role != Role::Work {
                continue;
            }
            let task = &data.tasks[node.task as usize];
            let end = self.starts[stop] + node.dur;
            ledger.add(Rule::Risk, visits::risk_cost(data, task.job, end, of.soft_end));
            if task.role == 0 && data.jobs[task.job as usize].persons > 0 {
                let start = self.starts[stop];
                max_late = max_late.max(crews.visit_costs(data, route, (stop, start), ledger));
            }
        }
        let paid = self.arrival - self.departure;
        let (mut rested, mut unpaid) = (0, 0);
        for rest in self.rests.iter().filter(|rest| self.counts(route, rest)) {
            let rest = &of.rests[rest.rest as usize];
            rested += rest.duration;
            unpaid += if rest.paid { 0 } else { rest.duration };
        }
        for node in route.nodes.iter().filter(|node| node.role == Role::Pause) {
            rested += node.dur;
            if !timing::is_paid(data, route, node) {
                unpaid += node.dur;
            }
        }
        let paid_seconds = i64::from(paid - unpaid);
        ledger.add(Rule::PaidTime, of.paid_second * paid_seconds);
        let depots = route.nodes.iter().filter(|node| node.role == Role::Depot);
        let stops: i64 = depots.map(|node| i64::from(node.dur)).sum();
        let waiting = i64::from(paid - rested) - route.drive - route.onsite - stops;
        ledger.add(Rule::Waiting, weights.waiting_second * waiting);
        let overtime = (self.arrival - of.soft_end).max(0);
        ledger.add(Rule::Overtime, of.overtime_second * i64::from(overtime));
        (max_late, paid_seconds)
    }

    /// Seconds between the start and the end of the shift, or the later return, with nothing to do.
    fn idle(&self, data: &Data, route: &Route) -> i32 {
        if data.model.weights.largest_idle_second == 0 {
            return 0;
        }
        let of = &data.cars[route.car as usize];
        let rests = route.rests.iter().map(|&rest| of.rests[usize::from(rest)].duration);
        let stops =
            route.nodes.iter().filter(|node| matches!(node.role, Role::Pause | Role::Depot));
        let paused: i32 = rests.sum::<i32>() + stops.map(|node| node.dur).sum::<i32>();
        let until = self.arrival.max(of.soft_end);
        let idle = i64::from(until - of.first_start - paused) - route.drive - route.onsite;
        crate::optimize::rich::data::narrow(idle.max(0))
    }

    /// Whether a break lies between departure and return; between two stops it always does, even
    /// where work that has begun leaves no sense in the times around it.
    fn counts(&self, route: &Route, rest: &Rested) -> bool {
        (1..route.end()).contains(&rest.after) || self.within(rest.start)
    }

    fn within(&self, start: i32) -> bool {
        start >= self.departure && start < self.arrival && start < OUT
    }
}

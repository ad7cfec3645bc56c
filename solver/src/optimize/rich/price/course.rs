//! What the times of a route cost, as far as they can be chosen.

use crate::optimize::rich::data::{Car, Data, OUT, Rest};
use crate::optimize::rich::price::stretch::{Limit, Stretch};
use crate::optimize::rich::price::timing::{Pricing, each_bend};
use crate::optimize::rich::price::{Crews, visits};
use crate::optimize::rich::rests::{arrive, arrive_holding};
use crate::optimize::rich::route::{Node, Role, Route, between};

/// A route whose times are to be chosen.
#[derive(Clone, Copy)]
pub(super) struct Course<'a> {
    pub(super) data: &'a Data<'a>,
    /// With shared starts as they are.
    pub(super) route: &'a Route,
    pub(super) crews: Crews<'a>,
    pub(super) car: &'a Car,
    pub(super) rests: &'a [Rest],
    /// Grains per second between departure and return.
    pub(super) second: i64,
    pub(super) limit: Option<Limit>,
}

/// A way from one stop to the next.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    /// When the next stop can start.
    pub(super) arrival: i32,
    /// When drive and breaks are over.
    pub(super) there: i32,
    /// No break on it begins before.
    pub(super) hold: i32,
    pub(super) stretch: Option<Stretch>,
}

impl<'a> Course<'a> {
    pub(super) fn new(data: &'a Data<'a>, route: &'a Route, crews: Crews<'a>) -> Self {
        let car = &data.cars[route.car as usize];
        let second = car.paid_second + data.model.weights.waiting_second;
        let limit = Limit::of(data, route.car);
        Self { data, route, crews, car, rests: &car.rests, second, limit }
    }

    /// The only start a stop may have: that of what has begun, or that is shared.
    pub(super) fn fixed_start(&self, at: usize) -> Option<i32> {
        let node = &self.route.nodes[at];
        if node.forced {
            return Some(node.from);
        }
        node.coupled.then(|| self.route.earliest(at))
    }

    /// Whether a later start than the first possible one may save anything.
    pub(super) fn may_delay(&self, at: usize) -> bool {
        let node = &self.route.nodes[at];
        let timed = || node.role == Role::Work && self.data.jobs[node.job as usize].timed;
        self.second != 0 || self.limit.is_some() || timed()
    }

    /// What a stop costs for when it starts.
    pub(super) fn own_cost(&self, at: usize, start: i32) -> i64 {
        let node = &self.route.nodes[at];
        if node.role != Role::Work {
            return 0;
        }
        self.crews.own_cost(self.data, self.route, (at, start))
            + visits::risk_cost(self.data, node.job, start + node.dur, self.car.soft_end)
    }

    /// What a later return costs but for its length.
    pub(super) fn overtime(&self, arrival: i32) -> i64 {
        self.car.overtime_second * i64::from((arrival - self.car.soft_end).max(0))
    }

    /// What breaks between departure and return save of the time in between.
    pub(super) fn credit(&self, run: &[u8]) -> i64 {
        let saved = |&rest: &u8| {
            let rest = &self.rests[usize::from(rest)];
            let unpaid = if rest.paid { 0 } else { self.car.paid_second };
            i64::from(rest.duration) * (self.data.model.weights.waiting_second + unpaid)
        };
        run.iter().map(saved).sum()
    }

    /// Seconds of unpaid breaks.
    pub(super) fn unpaid(&self, run: &[u8]) -> i32 {
        let rests = run.iter().map(|&rest| &self.rests[usize::from(rest)]);
        rests.filter(|rest| !rest.paid).map(|rest| rest.duration).sum()
    }

    /// The way to a stop with these breaks; `None` if they come too late, or rest does.
    ///
    /// * `left`, `worked`: end of the stop before, and what was worked without rest until then.
    /// * `late`: breaks come after as much of the drive as the limit on work allows, not before it.
    pub(super) fn way(
        &self,
        at: usize,
        (run, late): (&[u8], bool),
        (left, worked): (i32, i32),
    ) -> Option<Way> {
        let (before, node) = (&self.route.nodes[at - 1], &self.route.nodes[at]);
        let lies = between(before, node, node.hop);
        let Some(limit) = self.limit else {
            let arrival = arrive(self.rests, run, left, lies, |_, _| {});
            let way = Way { arrival, there: arrival, hold: -OUT, stretch: None };
            return (arrival < OUT).then_some(way);
        };
        let mut stretch = Stretch::new(limit, worked);
        let mut way = (left, node.hop);
        let hold = if late { left + node.hop.min(limit.longest - worked) } else { -OUT };
        let arrival = arrive_holding(self.rests, run, (left, hold), lies, |rest, start| {
            stretch.break_at(start, self.rests[usize::from(rest)].duration, &mut way);
        });
        let there = stretch.drive_on(way);
        let fine = arrival < OUT && stretch.longest <= limit.longest;
        fine.then_some(Way { arrival, there, hold, stretch: Some(stretch) })
    }

    /// Whether breaks on the way to a stop come before the drive, or after as much of it as can be.
    pub(super) fn ways(&self, at: usize, run: &[u8]) -> &'static [bool] {
        let once = self.limit.is_none() || run.is_empty() || self.route.nodes[at].hop == 0;
        if once { &[false] } else { &[false, true] }
    }

    /// Work without rest after a stop that starts so; `None` if it is too long.
    pub(super) fn worked(&self, node: &Node, way: Way, start: i32) -> Option<i32> {
        let (Some(limit), Some(mut stretch)) = (self.limit, way.stretch) else { return Some(0) };
        stretch.wait((start - way.there).max(0));
        match node.role {
            Role::Pause => stretch.pause(node.dur),
            _ => stretch.work(node.dur),
        }
        (stretch.longest <= limit.longest).then_some(stretch.now)
    }

    /// Whether there may be time enough for all rests that the limit on work asks for.
    pub(super) fn may_rest_enough(&self) -> bool {
        let Some(limit) = self.limit else { return true };
        let nodes = &self.route.nodes[1..];
        let work = |node: &Node| node.hop + if node.role == Role::Pause { 0 } else { node.dur };
        let working: i32 = nodes.iter().map(work).sum();
        let paused: i32 =
            nodes.iter().filter(|node| node.role == Role::Pause).map(|node| node.dur).sum();
        let rests = (working - 1).max(0) / limit.longest.max(1);
        let least = working + (rests.saturating_mul(limit.rest)).max(paused);
        let most = if nodes.iter().any(|node| node.forced) { OUT } else { self.car.hard_end };
        let longest = nodes.iter().filter(|node| node.role != Role::Pause).map(|node| node.dur);
        self.car.first_start.saturating_add(least) <= most
            && longest.max().unwrap_or(0) <= limit.longest
    }

    /// What the times in `pricing` cost, apart from what is the same for all of them; and how much
    /// of that other times may save at most.
    pub(super) fn sum(&self, pricing: &Pricing) -> (i64, i64) {
        let (route, end) = (self.route, self.route.end());
        let (mut cost, mut gain, mut busy) = (0, 0, i64::from(route.nodes[end].hop));
        for at in 1..end {
            let node = &route.nodes[at];
            busy += i64::from(node.hop) + i64::from(node.dur);
            let own = self.own_cost(at, pricing.starts[at]);
            cost += own;
            if own > 0 && self.fixed_start(at).is_none() {
                gain += own - self.least_own(at);
            }
        }
        let within = &route.rests[pricing.taken[0]..pricing.taken[end]];
        let length = i64::from(pricing.arrival) - i64::from(pricing.departure);
        let time = self.second * length - self.credit(within);
        let overtime = self.overtime(pricing.arrival);
        let earliest = route.earliest(end);
        gain += time - self.second * busy - self.paid_breaks(within, busy);
        gain += overtime - self.overtime(earliest);
        (cost + time + overtime, gain)
    }

    /// What breaks cost that can be neither before the departure nor after the return.
    fn paid_breaks(&self, within: &[u8], busy: i64) -> i64 {
        if self.second == 0 {
            return 0;
        }
        let earliest = self.route.earliest(self.route.end());
        let must = |rest: &&u8| {
            let rest = &self.rests[usize::from(**rest)];
            let (Some(first), Some(last)) = (rest.starts.first(), rest.starts.last()) else {
                return false;
            };
            let after = i64::from(first.0) + i64::from(rest.duration) + busy;
            last.1 < earliest && after > i64::from(self.car.hard_end)
        };
        let cost = |rest: &u8| {
            let length = i64::from(self.rests[usize::from(*rest)].duration);
            self.second * length - self.credit(std::slice::from_ref(rest))
        };
        within.iter().filter(must).map(cost).sum()
    }

    /// A bound from below of what a stop costs for when it starts.
    fn least_own(&self, at: usize) -> i64 {
        let (data, node) = (self.data, &self.route.nodes[at]);
        let low = self.route.earliest(at);
        let job = &data.jobs[node.job as usize];
        if !job.timed || job.late_only {
            return self.own_cost(at, low);
        }
        let mut least = self.own_cost(at, low);
        each_bend(data, node.job, node.dur, |start| {
            if start > low && start <= node.to {
                least = least.min(visits::start_cost(data, node.job, start, start + node.dur));
            }
        });
        least.min(visits::start_cost(data, node.job, node.to, node.to + node.dur))
    }
}

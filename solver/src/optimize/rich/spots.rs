//! Where a task fits into a route, and what that adds to costs that do not depend on times.

use crate::optimize::rich::data::{Data, NEVER, OUT, Rest, snap_up};
use crate::optimize::rich::loads::{Verdict, first_gap, verdict};
use crate::optimize::rich::plan::Plan;
use crate::optimize::rich::price::start_cost;
use crate::optimize::rich::rests::{Between, arrive, leave};
use crate::optimize::rich::route::{Node, Role, Route, between};

/// A place for a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) car: u32,
    /// After which node.
    pub(super) gap: usize,
    /// Added cost, apart from costs of times.
    pub(super) cost: i64,
    /// First start.
    pub(super) low: i32,
    /// Last start; only computed where asked for.
    pub(super) high: i32,
    pub(super) lies: Trial,
}

/// A task on a car, about to be tried in its gaps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Probe {
    pub(super) node: Node,
    pub(super) car: u32,
    /// Seconds of setup that fall away after a visit at the same place.
    setup: i32,
    base: i64,
}

impl Probe {
    /// `None` if the task may not be done by this car at all.
    pub(super) fn new(data: &Data, task: u32, car: u32) -> Option<Self> {
        let base = data.fit(task, car);
        if base >= NEVER {
            return None;
        }
        let node = Node::new(data, task, car);
        let setup = node.setup;
        Some(Self { node, car, setup, base })
    }

    /// The same task on another car; `None` if that one may not do it.
    pub(super) fn on(mut self, data: &Data, car: u32) -> Option<Self> {
        if !(data.narrowed.is_empty() && data.paced.is_empty()) {
            return Self::new(data, self.node.task, car);
        }
        self.base = data.fit(self.node.task, car);
        (self.car, self.node.fit) = (car, self.base);
        (self.base < NEVER).then_some(self)
    }

    /// The same with less time to start in.
    pub(super) fn bounded(mut self, (low, high): (i32, i32)) -> Self {
        self.node.from = self.node.from.max(low);
        self.node.to = self.node.to.min(high);
        self
    }

    /// What the task costs on its car before any drive.
    pub(super) fn fixed_cost(&self, data: &Data, plan: &Plan, route: &Route) -> i64 {
        let of = &data.cars[self.car as usize];
        self.base + self.idle_cost(data, plan, route) + i64::from(self.node.dur) * of.onsite_second
    }

    /// How long the stay is after node `gap`.
    #[inline]
    pub(super) fn stay(&self, route: &Route, gap: usize) -> i32 {
        let place = self.node.place;
        let again = self.setup > 0
            && place != crate::optimize::rich::data::NONE
            && route.place_before(gap) == place;
        self.node.dur - if again { self.setup } else { 0 }
    }

    /// By how much the next stop gets longer if this one comes before it.
    #[inline]
    pub(super) fn next_change(&self, route: &Route, gap: usize) -> i32 {
        let next = &route.nodes[gap + 1];
        if next.role != Role::Work || self.node.role != Role::Work {
            return 0;
        }
        let full = next.setup_full;
        if full == 0 || !next.person {
            return 0;
        }
        let again =
            next.place != crate::optimize::rich::data::NONE && next.place == self.node.place;
        (if again { 0 } else { full }) - next.setup
    }

    /// Metres driven more between two stops; only counted where they are limited.
    pub(super) fn added_metres(&self, data: &Data, (before, next): (&Node, &Node)) -> i64 {
        let of = &data.cars[self.car as usize];
        if of.metres_max >= i64::MAX / 8 {
            return 0;
        }
        let travel = &data.travels[of.travel];
        let there = travel.hop(before.place, self.node.place).metres;
        there + travel.hop(self.node.place, next.place).metres - next.hop_metres
    }

    /// Every gap of a route in which the task costs less than `limit` and fits.
    pub(super) fn scan(
        &self,
        data: &Data,
        (plan, route): (&Plan, &Route),
        mut limit: i64,
        mut found: impl FnMut(Spot) -> i64,
    ) {
        let of = &data.cars[self.car as usize];
        let travel = &data.travels[of.travel];
        let base = self.base + self.idle_cost(data, plan, route);
        let (rows, stride) = (travel.rows(self.node.place), route.stride());
        let shortest = self.node.dur - self.setup;
        let (from, to) = (self.node.from, if self.node.forced { OUT } else { self.node.to });
        let ready = if self.node.forced { -OUT } else { from + shortest };
        let Some((first, carries)) = self.first_gap(data, route) else { return };
        let windows = data.window_list(self.node.windows);
        let several = windows.len() > 1 && !self.node.forced;
        for gap in first..route.end() {
            // What breaks leave is looked at below.
            let (leave, latest) = (route.ends[gap * stride], route.lates[(gap + 2) * stride - 1]);
            if leave > to {
                break;
            }
            if latest < ready || (several && snap_up(windows, leave.max(from)) + shortest > latest)
            {
                continue;
            }
            let (start, goal) = (route.row[gap], route.row[gap + 1]);
            let (to, away) = (rows.here(start.place), rows.away(goal.place));
            let mut cost = base + to.1 + away.1 - goal.cost;
            if cost >= limit || to.0 > of.leg_max || away.0 > of.leg_max {
                continue;
            }
            let least = leave.saturating_add(to.0).max(from);
            let (before, next) = (&route.nodes[gap], &route.nodes[gap + 1]);
            let next_least = next.dur - next.setup;
            if !self.node.forced
                && (least > self.node.to || least + shortest + away.0 + next_least > latest)
            {
                continue;
            }
            let (stay, more) = (self.stay(route, gap), self.next_change(route, gap));
            let onsite = i64::from(stay + more);
            if of.onsite_second != 0 {
                cost += onsite * of.onsite_second;
            }
            if cost >= limit {
                continue;
            }
            let lies = Trial { hops: (to.0, away.0), stay, more };
            let Some(low) = self.fits(data, route, gap, lies) else { continue };
            let drive = i64::from(to.0) + i64::from(away.0) - i64::from(next.hop);
            let metres = self.added_metres(data, (before, next));
            if !of.is_unit() && self.node.role == Role::Work {
                if !plan.has_room(data, route, (onsite, drive, metres)) {
                    continue;
                }
                if carries && verdict(data, route, gap, self.node.task) != Verdict::Fits {
                    continue;
                }
            }
            limit = found(Spot { car: self.car, gap, cost, low, high: low, lies });
        }
    }

    /// The first gap that parts and tools allow, and whether loads have to be looked at in each.
    pub(super) fn first_gap(&self, data: &Data, route: &Route) -> Option<(usize, bool)> {
        let of = &data.cars[self.car as usize];
        if !of.loaded || of.is_unit() || self.node.role != Role::Work {
            return Some((0, false));
        }
        if !data.model.shifts[self.car as usize].capacity.is_empty() {
            return Some((0, true));
        }
        // Parts and tools are the same in all gaps up to a depot, and no matter from there on.
        first_gap(data, route, self.node.task).map(|first| (first, false))
    }

    /// What a task at a spot costs at least for being late, and the next one for being later.
    pub(super) fn late_bound(&self, data: &Data, route: &Route, spot: Spot) -> i64 {
        let mut cost = 0;
        let job = &data.jobs[self.node.job as usize];
        if job.late_only && job.timed {
            let end = spot.low + spot.lies.stay;
            cost += start_cost(data, self.node.job, spot.low, end);
        }
        cost + next_bound(data, route, spot)
    }

    /// What using the car at all adds, if it is idle so far.
    fn idle_cost(&self, data: &Data, plan: &Plan, route: &Route) -> i64 {
        let of = &data.cars[self.car as usize];
        if route.visits > 0 || of.is_unit() || self.node.role != Role::Work {
            return 0;
        }
        let hops = route.nodes.iter().map(|node| node.hop_cost).sum::<i64>();
        of.used + hops + self.first_use(data, plan, route)
    }

    /// What the technician costs if nobody has called on them so far.
    pub(super) fn first_use(&self, data: &Data, plan: &Plan, route: &Route) -> i64 {
        let first = data.model.weights.technician_used;
        if first == 0 || route.visits > 0 {
            return 0;
        }
        let who = data.cars[self.car as usize].technician;
        let mut others = plan.routes[..data.shifts].iter();
        let used =
            others.any(|other| other.visits > 0 && data.cars[other.car as usize].technician == who);
        if used { 0 } else { first }
    }

    /// The first start in a gap, if the task fits there.
    #[inline]
    pub(super) fn fits(&self, data: &Data, route: &Route, gap: usize, trial: Trial) -> Option<i32> {
        let (before, next) = (&route.nodes[gap], &route.nodes[gap + 1]);
        let into = between(before, &self.node, trial.hops.0);
        let out = between(&self.node, next, trial.hops.1);
        let stride = route.stride();
        if stride > 1 && route.is_picky(data) {
            return self.fits_exactly(data, route, gap);
        }
        if stride == 1 {
            let end = route.ends[gap];
            if end >= OUT {
                return None;
            }
            let low = self.node.start_after(data, end + into.travel);
            if low >= OUT {
                return None;
            }
            let start = next.start_after(data, low + trial.stay + out.travel);
            let fits = start < OUT && start + next.dur + trial.more <= route.lates[gap + 1];
            return fits.then_some(low);
        }
        let rests = &data.cars[self.car as usize].rests;
        if stride == 2 {
            let rest = &rests[usize::from(route.rests[0])];
            return self.fits_one(data, (route, gap, rest), trial, (into, out));
        }
        let mut best = OUT;
        for first in 0..stride {
            let end = route.ends[gap * stride + first];
            if end >= OUT {
                continue;
            }
            for middle in first..stride {
                let arrival = arrive(rests, &route.rests[first..middle], end, into, |_, _| {});
                let low = if arrival >= OUT { OUT } else { self.node.start_after(data, arrival) };
                if low >= best {
                    continue;
                }
                for until in middle..stride {
                    let late = route.lates[(gap + 1) * stride + until];
                    if late <= -OUT {
                        continue;
                    }
                    let run = &route.rests[middle..until];
                    let arrival = arrive(rests, run, low + trial.stay, out, |_, _| {});
                    if arrival >= OUT {
                        break;
                    }
                    let start = next.start_after(data, arrival);
                    if start < OUT && start + next.dur + trial.more <= late {
                        best = best.min(low);
                        break;
                    }
                }
            }
        }
        (best < OUT).then_some(best)
    }

    /// The same on a copy: where loads decide about breaks, a task changes where they may be.
    #[cold]
    fn fits_exactly(&self, data: &Data, route: &Route, gap: usize) -> Option<i32> {
        let mut copy = route.clone();
        copy.insert(gap + 1, self.node);
        let fits = copy.measure(data) && copy.forward(data) && copy.backward(data);
        fits.then(|| copy.earliest(gap + 1))
    }

    /// The same with one break: it is over before the gap, or comes before the task, after it, or
    /// later.
    #[inline]
    fn fits_one(
        &self,
        data: &Data,
        (route, gap, rest): (&Route, usize, &Rest),
        trial: Trial,
        (into, out): (Between, Between),
    ) -> Option<i32> {
        let next = &route.nodes[gap + 1];
        let (ends, lates) = (&route.ends[gap * 2..][..2], &route.lates[gap * 2 + 2..][..2]);
        let in_time = |arrival: i32, late: i32| {
            let start = next.start_after(data, arrival);
            arrival < OUT && start < OUT && start + next.dur + trial.more <= late
        };
        // What comes with fewer breaks is never later.
        let low =
            if ends[0] < OUT { self.node.start_after(data, ends[0] + into.travel) } else { OUT };
        if low < OUT {
            let end = low + trial.stay;
            if in_time(end + out.travel, lates[0]) || in_time(rest.arrive(end, out), lates[1]) {
                return Some(low);
            }
        }
        let before = if ends[0] < OUT { rest.arrive(ends[0], into) } else { OUT };
        let arrival = before.min(ends[1].saturating_add(into.travel));
        if arrival >= OUT {
            return None;
        }
        let low = self.node.start_after(data, arrival);
        let fits = low < OUT && in_time(low + trial.stay + out.travel, lates[1]);
        fits.then_some(low)
    }

    /// The last start in a gap in which the task fits.
    pub(super) fn last(&self, data: &Data, route: &Route, gap: usize) -> i32 {
        let travel = &data.travels[data.cars[self.car as usize].travel];
        let next = &route.nodes[gap + 1];
        let out = between(&self.node, next, travel.seconds(self.node.place, next.place));
        let (stay, more) = (self.stay(route, gap), self.next_change(route, gap));
        let rests = &data.cars[self.car as usize].rests;
        let stride = route.stride();
        let mut own = self.node;
        own.dur = stay;
        let mut best = -OUT;
        for until in 0..stride {
            let late = route.lates[(gap + 1) * stride + until];
            if late <= -OUT {
                continue;
            }
            let start = next.start_before(data, late - more);
            for middle in 0..=until {
                if start <= -OUT {
                    break;
                }
                let end = leave(rests, &route.rests[middle..until], start, out);
                if end > -OUT {
                    best = best.max(own.start_before(data, end));
                }
            }
        }
        best
    }
}

/// Lengths of what an insertion changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Trial {
    /// Drives to and from the new stop.
    pub(super) hops: (i32, i32),
    /// Stay at the new stop.
    pub(super) stay: i32,
    /// By how much the next stop gets longer.
    pub(super) more: i32,
}

/// What the next visit costs at least for being later.
pub(super) fn next_bound(data: &Data, route: &Route, spot: Spot) -> i64 {
    let mut cost = 0;
    let next = &route.nodes[spot.gap + 1];
    if next.role == Role::Work && route.stride() == 1 {
        let job = &data.jobs[next.job as usize];
        let (was, now) =
            (route.ends[spot.gap + 1] - next.dur, spot.low + spot.lies.stay + spot.lies.hops.1);
        if job.timed && job.late_only && now > was {
            let span = |start: i32| (start, start + next.dur);
            let at = |(start, end): (i32, i32)| start_cost(data, next.job, start, end);
            cost += at(span(now)) - at(span(was));
        }
    }
    cost
}

//! Exact times of a route: as early as it can be, then moved on where that saves something.

use crate::optimize::rich::data::{Data, Kind, OUT, snap_up};
use crate::optimize::rich::price::course::Course;
use crate::optimize::rich::price::labels::Labels;
use crate::optimize::rich::price::{Crews, Ledger, start_cost};
use crate::optimize::rich::rests::{Between, arrive, arrive_holding, clear_before, leave};
use crate::optimize::rich::route::{Node, Role, Route, between};

/// A break taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::optimize::rich) struct Rested {
    /// Position in the car's breaks without a place.
    pub(in crate::optimize::rich) rest: u8,
    /// After which node.
    pub(in crate::optimize::rich) after: usize,
    pub(in crate::optimize::rich) start: i32,
}

/// Times of the route looked at last; memory is kept between routes.
#[derive(Debug, Default)]
pub(in crate::optimize::rich) struct Pricing {
    /// Start of each node.
    pub(in crate::optimize::rich) starts: Vec<i32>,
    /// Breaks taken before each node.
    pub(in crate::optimize::rich) taken: Vec<usize>,
    /// Breaks in order.
    pub(in crate::optimize::rich) rests: Vec<Rested>,
    pub(in crate::optimize::rich) departure: i32,
    pub(in crate::optimize::rich) arrival: i32,
    /// After each node, when the first break begins at the earliest; nothing = when it can.
    pub(super) holds: Vec<i32>,
    pinned: Option<Box<Route>>,
    labels: Labels,
    /// Times put aside.
    other: Times,
}

/// Times of a route, as in [`Pricing`].
#[derive(Debug, Default)]
struct Times {
    starts: Vec<i32>,
    taken: Vec<usize>,
    departure: i32,
    arrival: i32,
    holds: Vec<i32>,
}

/// What the times of a route cost.
#[derive(Debug, Clone)]
pub(in crate::optimize::rich) struct Timed {
    pub(in crate::optimize::rich) costs: Ledger,
    /// Largest lateness of its visits.
    pub(super) max_late: i32,
    /// Seconds beyond limits.
    pub(super) over: i64,
    /// Seconds with nothing to do.
    pub(super) idle: i32,
}

impl Timed {
    /// Its costs, and what it would cost the plan if nobody were later or more idle.
    fn worth(&self, data: &Data) -> i64 {
        let weights = &data.model.weights;
        self.costs.sum()
            + weights.largest_late_second * i64::from(self.max_late)
            + weights.largest_idle_second * i64::from(self.idle)
    }
}

impl Pricing {
    /// Chooses all times of a route that can be driven, and says what they cost; `None` if it
    /// cannot be driven.
    ///
    /// * `below`: times that cost more may be any that are possible.
    pub(in crate::optimize::rich) fn schedule(
        &mut self,
        data: &Data,
        route: &Route,
        crews: Crews<'_>,
        below: i64,
    ) -> Option<Timed> {
        if !route.coupled || route.rests.is_empty() {
            return self.schedule_bound(data, (route, route), crews, below);
        }
        let mut pinned = match self.pinned.take() {
            Some(mut pinned) => {
                pinned.copy_from(route);
                pinned
            }
            None => Box::new(route.clone()),
        };
        for node in pinned.nodes.iter_mut().filter(|node| node.coupled) {
            node.to = node.from;
        }
        pinned.mark_all();
        let fine = pinned.forward(data) && pinned.backward(data);
        let bound = (route, &*pinned);
        let timed = if fine { self.schedule_bound(data, bound, crews, below) } else { None };
        self.pinned = Some(pinned);
        timed
    }

    /// * `bound`: the route with shared starts as they are.
    fn schedule_bound(
        &mut self,
        data: &Data,
        (route, bound): (&Route, &Route),
        crews: Crews<'_>,
        below: i64,
    ) -> Option<Timed> {
        if !self.choose_path(data, bound) {
            return None;
        }
        self.shift_right(data, route);
        self.place_rests(data, route);
        let usual = self.timed(data, route, crews);
        Some(self.improve(data, (route, bound), crews, (usual, below)))
    }

    /// Looks for cheaper times than the usual ones where there may be some, or for such that keep
    /// limits.
    fn improve(
        &mut self,
        data: &Data,
        (route, bound): (&Route, &Route),
        crews: Crews<'_>,
        (usual, below): (Timed, i64),
    ) -> Timed {
        if below == i64::MIN {
            return usual;
        }
        let course = Course::new(data, bound, crews);
        let (cost, gain) = course.sum(self);
        let least = route.fixed_cost + usual.costs.sum() - gain;
        let over = usual.over > 0;
        if least >= below || (gain <= 0 && !over) || (over && !course.may_rest_enough()) {
            return usual;
        }
        let same = route.fixed_cost + usual.costs.sum() - cost;
        let most = if over { i64::MAX / 4 } else { cost };
        let mut labels = std::mem::take(&mut self.labels);
        let found = labels.search(&course, most.min(below.saturating_sub(same)));
        let Some(best) = found else {
            self.labels = labels;
            return usual;
        };
        self.swap_times();
        labels.write(&course, best, self);
        self.labels = labels;
        self.place_rests(data, route);
        let timed = self.timed(data, route, crews);
        let weigh = |timed: &Timed| (timed.over, timed.worth(data));
        if weigh(&timed) < weigh(&usual) {
            return timed;
        }
        self.swap_times();
        self.place_rests(data, route);
        usual
    }

    fn swap_times(&mut self) {
        std::mem::swap(&mut self.starts, &mut self.other.starts);
        std::mem::swap(&mut self.taken, &mut self.other.taken);
        std::mem::swap(&mut self.holds, &mut self.other.holds);
        std::mem::swap(&mut self.departure, &mut self.other.departure);
        std::mem::swap(&mut self.arrival, &mut self.other.arrival);
    }

    /// Breaks before each node and earliest starts, by going back from the earliest return.
    fn choose_path(&mut self, data: &Data, route: &Route) -> bool {
        let (stride, end) = (route.stride(), route.end());
        let at_end = |taken: usize| route.ends[end * stride + taken];
        let fits = |taken: &usize| {
            at_end(*taken) < OUT && at_end(*taken) <= route.lates[end * stride + *taken]
        };
        let Some(last) = (0..stride).filter(fits).min_by_key(|&taken| at_end(taken)) else {
            return false;
        };
        self.holds.clear();
        self.taken.clear();
        self.taken.resize(end + 1, 0);
        self.starts.clear();
        self.starts.resize(end + 1, 0);
        self.taken[end] = last;
        let rests = &data.cars[route.car as usize].rests;
        for at in (1..=end).rev() {
            let (before, node) = (&route.nodes[at - 1], &route.nodes[at]);
            let until = self.taken[at];
            let target = route.ends[at * stride + until];
            self.starts[at] = target - node.dur;
            let lies = between(before, node, node.hop);
            let leads = |first: &usize| {
                let left = route.ends[(at - 1) * stride + first];
                left < OUT && route.may_rest(at - 1, *first..until) && {
                    let run = &route.rests[*first..until];
                    let mut arrival = arrive(rests, run, left, lies, |_, _| {});
                    if at == 1 && *first > 0 {
                        arrival = arrival.max(route.clear_start(data, *first, node));
                    }
                    let start = node.start_after(data, arrival);
                    start < OUT && start + node.dur == target
                }
            };
            let Some(first) = (0..=until).rev().find(leads) else { return false };
            self.taken[at - 1] = first;
        }
        self.starts[0] = route.ends[self.taken[0]];
        true
    }

    /// Latest start of node `at` so that the next one can start when it does.
    fn room(&self, data: &Data, route: &Route, at: usize) -> i32 {
        let rests = &data.cars[route.car as usize].rests;
        let (node, next) = (&route.nodes[at], &route.nodes[at + 1]);
        let run = &route.rests[self.taken[at]..self.taken[at + 1]];
        let end = leave(rests, run, self.starts[at + 1], between(node, next, next.hop));
        if at == 0 { end } else { node.start_before(data, end) }
    }

    /// Moves stops on, last ones first, where waiting or starting early costs something.
    fn shift_right(&mut self, data: &Data, route: &Route) {
        let end = route.end();
        let car = &data.cars[route.car as usize];
        let squeeze = car.paid_second != 0
            || data.model.weights.waiting_second != 0
            || car.paid_max < i64::MAX / 8;
        for at in (1..end).rev() {
            let node = &route.nodes[at];
            if node.coupled || node.forced {
                continue;
            }
            let timed = node.role == Role::Work
                && data.jobs[data.tasks[node.task as usize].job as usize].timed;
            let early = self.starts[at];
            if at + 1 == end {
                if timed {
                    self.delay_last(data, route, at);
                }
                continue;
            }
            if !squeeze && !timed {
                continue;
            }
            let room = self.room(data, route, at);
            if room > early {
                self.starts[at] =
                    if timed { cheapest(data, node, (early, room), squeeze) } else { room };
            }
        }
        self.arrival = self.starts[end];
        if end > 1 && route.nodes[end - 1].role != Role::Edge {
            self.arrival = self.arrival_after(data, route);
        }
        self.starts[end] = self.arrival;
        let room = self.room(data, route, 0);
        let bound = route.ends[self.taken[0]];
        self.departure = if route.nodes[1].forced { room } else { room.max(bound) };
        self.starts[0] = self.departure;
    }

    fn arrival_after(&self, data: &Data, route: &Route) -> i32 {
        let end = route.end();
        let (last, node) = (&route.nodes[end - 1], &route.nodes[end]);
        let run = &route.rests[self.taken[end - 1]..self.taken[end]];
        let rests = &data.cars[route.car as usize].rests;
        let left = self.starts[end - 1] + last.dur;
        arrive(rests, run, left, between(last, node, node.hop), |_, _| {})
    }

    /// Latest start of the last stop so that the breaks after the return can still be taken.
    fn room_before_end(&mut self, data: &Data, route: &Route) -> i32 {
        let (end, stride) = (route.end(), route.stride());
        let taken = self.taken[end];
        let return_at = std::mem::replace(&mut self.starts[end], route.lates[end * stride + taken]);
        let room = self.room(data, route, end - 1);
        self.starts[end] = return_at;
        if taken + 1 >= stride {
            return room;
        }
        let node = &route.nodes[end - 1];
        let rests = &data.cars[route.car as usize].rests;
        let clear = clear_before(rests, &route.rests[taken..]);
        room.min(node.start_before(data, clear - node.pad_after))
    }

    /// Starts the last stop later if that is worth the later return.
    fn delay_last(&mut self, data: &Data, route: &Route, at: usize) {
        let node = &route.nodes[at];
        let car = &data.cars[route.car as usize];
        let (stride, taken) = (route.stride(), self.taken[at]);
        let room = node.start_before(data, route.lates[at * stride + taken]);
        let room = room.min(self.room_before_end(data, route));
        let early = self.starts[at];
        if room <= early {
            return;
        }
        let job = data.tasks[node.task as usize].job;
        let aim = cheapest(data, node, (early, room), false);
        let later = i64::from(aim - early);
        let rate = car.paid_second + data.model.weights.waiting_second;
        let beyond = i64::from((self.starts[at + 1] + aim - early - car.soft_end).max(0));
        let gain = start_cost(data, job, early, early + node.dur)
            - start_cost(data, job, aim, aim + node.dur);
        if gain > rate * later + car.overtime_second * beyond.min(later) {
            self.starts[at] = aim;
        }
    }

    /// Breaks between stops, as early as they can be.
    fn place_rests(&mut self, data: &Data, route: &Route) {
        self.rests.clear();
        let rests = &data.cars[route.car as usize].rests;
        if route.rests.is_empty() {
            return;
        }
        let end = route.end();
        let home = &route.nodes[0];
        let list = &mut self.rests;
        let tell = |rest, start| list.push(Rested { rest, after: 0, start });
        arrive(rests, &route.rests[..self.taken[0]], -OUT, between(home, home, 0), tell);
        for at in 0..end {
            let (node, next) = (&route.nodes[at], &route.nodes[at + 1]);
            let run = &route.rests[self.taken[at]..self.taken[at + 1]];
            let left = if at == 0 { self.departure } else { self.starts[at] + node.dur };
            let list = &mut self.rests;
            let tell = |rest, start| list.push(Rested { rest, after: at, start });
            let hold = self.holds.get(at).copied().unwrap_or(-OUT);
            arrive_holding(rests, run, (left, hold), between(node, next, next.hop), tell);
        }
        let list = &mut self.rests;
        let tell = |rest, start| list.push(Rested { rest, after: end, start });
        let last = &route.nodes[end];
        let run = &route.rests[self.taken[end]..];
        let pad_after =
            self.starts[end - 1] + route.nodes[end - 1].dur + route.nodes[end - 1].pad_after
                - self.arrival;
        let lies = Between { travel: 0, pad_after: pad_after.max(0), pad_before: 0 };
        debug_assert!(last.role == Role::Edge, "a route ends at its end");
        arrive(rests, run, self.arrival, lies, tell);
    }
}

/// Tells each start at which what a start costs by itself begins to rise or to fall otherwise.
///
/// * `length`: how long the visit takes.
pub(super) fn each_bend(data: &Data, job: u32, length: i32, mut tell: impl FnMut(i32)) {
    let visit = data.visit(job);
    for window in &visit.windows {
        tell(data.time(window.earliest));
        tell(data.time(window.latest));
    }
    if let Some(promise) = visit.promise {
        tell(data.time(promise.earliest));
        tell(data.time(promise.latest));
    }
    if let Some(due) = visit.due {
        tell(data.time(due.by) - length);
    }
    if let Some(current) = data.model.current.get(job as usize).and_then(Option::as_ref) {
        tell(data.time(current.start));
    }
}

/// The cheapest start between two; of equal ones the latest if time before is to be saved, else
/// the earliest.
fn cheapest(data: &Data, node: &Node, span: (i32, i32), squeeze: bool) -> i32 {
    let job = data.tasks[node.task as usize].job;
    let cost = |start: i32| start_cost(data, job, start, start + node.dur);
    let mut best = (i64::MAX, 0, span.0);
    let mut consider = |start: i32| {
        let start = start.clamp(span.0, span.1);
        let start = node.start_before(data, start + node.dur).max(span.0);
        best = best.min((cost(start), if squeeze { -start } else { start }, start));
    };
    consider(span.0);
    consider(span.1);
    each_bend(data, job, node.dur, consider);
    best.2
}

/// The least cost of a start between two by itself, and the first start that costs so little.
pub(in crate::optimize::rich) fn cheapest_start(
    data: &Data,
    job: u32,
    (low, high): (i32, i32),
) -> (i64, i32) {
    let windows = data.window_list(data.jobs[job as usize].windows);
    let length = data.length(job);
    let mut best = (start_cost(data, job, low, low + length), low);
    let mut consider = |start: i32| {
        let start = snap_up(windows, start.clamp(low, high));
        if start <= high {
            best = best.min((start_cost(data, job, start, start + length), start));
        }
    };
    consider(high);
    each_bend(data, job, length, consider);
    best
}

/// Whether a break with a place counts as paid.
pub(super) fn is_paid(data: &Data, route: &Route, node: &Node) -> bool {
    let job = data.tasks[node.task as usize].job;
    let Kind::Break(at) = data.jobs[job as usize].kind else { return true };
    data.model.shifts[route.car as usize].breaks.get(at as usize).is_none_or(|pause| pause.paid)
}

/// A view of who is where, for prices.
impl<'a> Crews<'a> {
    pub(in crate::optimize::rich) fn new(at: &'a [u32], span: &'a [i32]) -> Self {
        Self { at, span }
    }
}

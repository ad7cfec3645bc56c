//! The cheapest times of a route: where breaks come, where somebody rests or waits, what starts later.
//!
//! Dynamic programming along the route. A label is one way to get to a stop: with so many breaks
//! taken, a start, the work since the last rest, and what all of that costs; one that is no better
//! than another in any of these is dropped. Starts tried are the earliest one, those of [`Aims`], and
//! the one after a wait long enough to be a rest.
//!
//! Source: Goel (2009), "Vehicle scheduling and routing with drivers' working hours": labels along a
//! route with dominance decide where drivers rest.

use crate::optimize::rich::data::OUT;
use crate::optimize::rich::price::aims::Aims;
use crate::optimize::rich::price::course::{Course, Way};
use crate::optimize::rich::price::timing::Pricing;
use crate::optimize::rich::rests::{arrive, clear_before, leave};
use crate::optimize::rich::route::between;

/// One way to get to a stop.
#[derive(Debug, Clone, Copy)]
struct Label {
    start: i32,
    /// Work since the last rest, when the stop is done.
    worked: i32,
    cost: i64,
    /// Departure, and unpaid breaks since: the time since then is paid.
    left: i32,
    /// Breaks taken before the stop.
    taken: usize,
    /// No break on the way to the stop begins before.
    hold: i32,
    /// The label of the stop before; at the first stop, breaks taken before the departure.
    before: usize,
}

/// Times that were found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Best {
    cost: i64,
    label: usize,
    taken: usize,
    arrival: i32,
    hold: i32,
}

/// Labels of all stops; memory is kept between routes.
#[derive(Debug, Default)]
pub(super) struct Labels {
    all: Vec<Label>,
    /// Those of the stop at hand.
    fresh: Vec<Label>,
    aims: Aims,
    /// Seconds of drives and stays from each stop on.
    ahead: Vec<i32>,
}

impl Labels {
    /// The cheapest times that cost less than `most`.
    pub(super) fn search(&mut self, course: &Course<'_>, most: i64) -> Option<Best> {
        let end = course.route.end();
        self.aims.fill(course);
        self.measure(course);
        self.all.clear();
        self.fresh.clear();
        self.begin(course, most);
        let mut first = self.keep(course);
        for at in 2..end {
            let last = self.all.len();
            for label in first..last {
                self.extend(course, at, label, most);
            }
            first = self.keep(course);
        }
        let mut best = Best { cost: most, label: usize::MAX, taken: 0, arrival: 0, hold: -OUT };
        for label in first..self.all.len() {
            self.finish(course, label, &mut best);
        }
        (best.label < usize::MAX).then_some(best)
    }

    fn measure(&mut self, course: &Course<'_>) {
        let (route, end) = (course.route, course.route.end());
        self.ahead.clear();
        self.ahead.resize(end + 1, 0);
        for at in (1..end).rev() {
            let next = &route.nodes[at + 1];
            self.ahead[at] = route.nodes[at].dur + next.hop + self.ahead[at + 1];
        }
    }

    /// Labels of the first stop: with breaks before the departure and on the way.
    fn begin(&mut self, course: &Course<'_>, most: i64) {
        let (data, route) = (course.data, course.route);
        let (stride, node) = (route.stride(), &route.nodes[1]);
        let lies = between(&route.nodes[0], node, node.hop);
        for early in 0..stride {
            let bound = route.ends[early];
            if bound >= OUT {
                continue;
            }
            for taken in (early..stride).filter(|&taken| route.may_rest(0, early..taken)) {
                let run = &route.rests[early..taken];
                let mut arrival = arrive(course.rests, run, bound, lies, |_, _| {});
                if early > 0 {
                    arrival = arrival.max(route.clear_start(data, early, node));
                }
                let first = if arrival < OUT { node.start_after(data, arrival) } else { OUT };
                let mut add = |labels: &mut Self, start: i32| {
                    let departure = leave(course.rests, run, start, lies);
                    let departure = if node.forced { departure } else { departure.max(bound) };
                    if departure <= -OUT {
                        return;
                    }
                    let cost = -course.second * i64::from(departure) - course.credit(run);
                    let left = departure + course.unpaid(run);
                    for &late in course.ways(1, run) {
                        let way = course.way(1, (run, late), (departure, 0));
                        let Some(way) = way.filter(|way| node.forced || way.arrival <= start)
                        else {
                            continue;
                        };
                        let hold = way.hold;
                        let label =
                            Label { start, worked: 0, cost, left, taken, hold, before: early };
                        labels.add(course, (1, way), label, most);
                    }
                };
                self.each_start(course, 1, first, &mut add);
            }
        }
    }

    /// Tells every start of a stop worth a look, from the first possible one on.
    fn each_start(
        &mut self,
        course: &Course<'_>,
        at: usize,
        first: i32,
        add: &mut impl FnMut(&mut Self, i32),
    ) {
        if first >= OUT {
            return;
        }
        if let Some(fixed) = course.fixed_start(at) {
            if first <= fixed {
                add(self, fixed);
            }
            return;
        }
        add(self, first);
        if course.may_delay(at) {
            let later = self.aims.of(at).partition_point(|&start| start <= first);
            for aim in later..self.aims.of(at).len() {
                let start = self.aims.of(at)[aim];
                add(self, start);
            }
        }
    }

    /// All ways to go on to a stop.
    fn extend(&mut self, course: &Course<'_>, at: usize, label: usize, most: i64) {
        let (data, route) = (course.data, course.route);
        let from = self.all[label];
        let left = from.start + route.nodes[at - 1].dur;
        for taken in from.taken..route.stride() {
            if !route.may_rest(at - 1, from.taken..taken) {
                continue;
            }
            let run = &route.rests[from.taken..taken];
            for &late in course.ways(at, run) {
                let way = course.way(at, (run, late), (left, from.worked));
                let Some(way) = way else { continue };
                let first = route.nodes[at].start_after(data, way.arrival);
                let cost = from.cost - course.credit(run);
                let (left, hold) = (from.left + course.unpaid(run), way.hold);
                let mut add = |labels: &mut Self, start: i32| {
                    let next = Label { start, worked: 0, cost, left, taken, hold, before: label };
                    labels.add(course, (at, way), next, most);
                };
                self.each_start(course, at, first, &mut add);
                if let Some(limit) = course.limit
                    && course.fixed_start(at).is_none()
                {
                    let rested = route.nodes[at].start_after(data, way.there + limit.rest);
                    if rested < OUT && rested > first {
                        add(self, rested);
                    }
                }
            }
        }
    }

    fn add(&mut self, course: &Course<'_>, (at, way): (usize, Way), mut label: Label, most: i64) {
        let node = &course.route.nodes[at];
        let Some(worked) = course.worked(node, way, label.start) else { return };
        label.worked = worked;
        let ahead = i64::from(label.start) + i64::from(self.ahead[at]);
        if label.cost + course.second * ahead >= most {
            return;
        }
        label.cost += course.own_cost(at, label.start);
        if label.cost + course.second * ahead < most {
            self.fresh.push(label);
        }
    }

    /// Keeps the labels of the stop at hand that no other one is as good as; returns the first.
    fn keep(&mut self, course: &Course<'_>) -> usize {
        let first = self.all.len();
        self.fresh.sort_unstable_by_key(|label| {
            (label.taken, label.start, label.cost, label.worked, label.before)
        });
        let limited = course.limit.is_some();
        let mut group = first;
        for label in self.fresh.drain(..) {
            if self.all.len() > group && self.all[group].taken != label.taken {
                group = self.all.len();
            }
            let as_good = |other: &Label| {
                // Who is there earlier may wait, but waiting is no rest.
                let worked = other.worked + (label.start - other.start);
                other.cost <= label.cost && (!limited || worked <= label.worked)
            };
            let kept = &self.all[group..];
            // Without a limit on work each label that is kept costs less than all before it.
            let few = if limited { kept } else { &kept[kept.len().saturating_sub(1)..] };
            if !few.iter().any(as_good) {
                self.all.push(label);
            }
        }
        first
    }

    /// The return after the last stop.
    fn finish(&mut self, course: &Course<'_>, label: usize, best: &mut Best) {
        let (route, end) = (course.route, course.route.end());
        let (from, last) = (self.all[label], &route.nodes[end - 1]);
        let left = from.start + last.dur;
        for taken in from.taken..route.stride() {
            if !route.may_rest(end - 1, from.taken..taken) {
                continue;
            }
            let clear = clear_before(course.rests, &route.rests[taken..]);
            if taken < route.rests.len() && left > clear.saturating_sub(last.pad_after) {
                continue;
            }
            let run = &route.rests[from.taken..taken];
            for &late in course.ways(end, run) {
                let way = course.way(end, (run, late), (left, from.worked));
                let Some(Way { arrival, hold, .. }) = way else { continue };
                let paid = i64::from(arrival - from.left - course.unpaid(run));
                let latest = route.lates[end * route.stride() + taken];
                if arrival > latest || paid > course.car.paid_max {
                    continue;
                }
                let cost = from.cost - course.credit(run)
                    + course.second * i64::from(arrival)
                    + course.overtime(arrival);
                if cost < best.cost {
                    *best = Best { cost, label, taken, arrival, hold };
                }
            }
        }
    }

    /// Writes times that were found down.
    pub(super) fn write(&self, course: &Course<'_>, best: Best, pricing: &mut Pricing) {
        let (route, end) = (course.route, course.route.end());
        pricing.taken.clear();
        pricing.taken.resize(end + 1, best.taken);
        pricing.starts.clear();
        pricing.starts.resize(end + 1, best.arrival);
        pricing.holds.clear();
        pricing.holds.resize(end, best.hold);
        let mut at = best.label;
        for stop in (1..end).rev() {
            let label = self.all[at];
            (pricing.starts[stop], pricing.taken[stop]) = (label.start, label.taken);
            pricing.holds[stop - 1] = label.hold;
            at = label.before;
        }
        pricing.taken[0] = at;
        pricing.arrival = best.arrival;
        let (node, bound) = (&route.nodes[1], route.ends[at]);
        let run = &route.rests[at..pricing.taken[1]];
        let lies = between(&route.nodes[0], node, node.hop);
        let departure = leave(course.rests, run, pricing.starts[1], lies);
        pricing.departure = if node.forced { departure } else { departure.max(bound) };
        pricing.starts[0] = pricing.departure;
    }
}

//! Starts worth a look: those at which some cost begins to rise or to fall, those that let a later stop
//! start at such a moment without waiting, and the earliest ones.

use crate::optimize::rich::data::OUT;
use crate::optimize::rich::price::course::Course;
use crate::optimize::rich::price::timing::each_bend;
use crate::optimize::rich::rests::leave;
use crate::optimize::rich::route::{Role, between};

/// Most of them per stop; those that follow from later stops are left out first.
const AIMS_MAX: usize = 48;

/// Starts of each stop, ascending.
#[derive(Debug, Default)]
pub(super) struct Aims {
    starts: Vec<i32>,
    ranges: Vec<(usize, usize)>,
    found: Vec<i32>,
}

impl Aims {
    /// Those of a stop.
    pub(super) fn of(&self, at: usize) -> &[i32] {
        let (from, to) = self.ranges[at];
        &self.starts[from..to]
    }

    /// Finds them all, the last stop's first.
    pub(super) fn fill(&mut self, course: &Course<'_>) {
        let (route, end) = (course.route, course.route.end());
        self.starts.clear();
        self.ranges.clear();
        self.ranges.resize(end + 1, (0, 0));
        self.found.clear();
        self.found.extend_from_slice(&route.ends[end * route.stride()..]);
        if course.car.overtime_second != 0 {
            self.found.push(course.car.soft_end);
        }
        self.found.retain(|&time| time < OUT);
        let mut latest = route.nodes[end].to;
        self.keep(end, (-OUT, latest));
        for at in (1..end).rev() {
            latest = self.fill_stop(course, at, latest);
        }
    }

    /// Returns the latest start of the stop.
    fn fill_stop(&mut self, course: &Course<'_>, at: usize, next_latest: i32) -> i32 {
        let (data, route) = (course.data, course.route);
        let (node, next) = (&route.nodes[at], &route.nodes[at + 1]);
        let low = route.earliest(at);
        self.found.clear();
        if let Some(start) = course.fixed_start(at) {
            self.found.push(start);
            self.keep(at, (start, start));
            return start;
        }
        let lies = between(node, next, next.hop);
        let late = node.start_before(data, next_latest.saturating_sub(lies.travel));
        let high = if next.forced { node.to } else { late };
        course.own_aims(at, &mut self.found);
        let (from, to) = self.ranges[at + 1];
        let stride = route.stride();
        for first in 0..stride {
            for until in first..stride {
                if first > 0 && first == until {
                    continue;
                }
                let run = &route.rests[first..until];
                for &start in &self.starts[from..to] {
                    let end = leave(course.rests, run, start, lies);
                    self.found.push(node.start_before(data, end));
                    if let Some(limit) = course.limit {
                        self.found.push(node.start_before(data, end - limit.rest));
                    }
                }
            }
        }
        self.keep(at, (low, high));
        high
    }

    fn keep(&mut self, at: usize, (low, high): (i32, i32)) {
        self.found.retain(|&start| start >= low && start <= high);
        self.found.truncate(4 * AIMS_MAX);
        self.found.sort_unstable();
        self.found.dedup();
        self.found.truncate(AIMS_MAX);
        let from = self.starts.len();
        self.starts.extend_from_slice(&self.found);
        self.ranges[at] = (from, self.starts.len());
    }
}

impl Course<'_> {
    /// Starts that matter for a stop by itself; not all of them can be.
    fn own_aims(&self, at: usize, found: &mut Vec<i32>) {
        let (data, route) = (self.data, self.route);
        let node = &route.nodes[at];
        let mut add = |start: i32| {
            found.push(node.start_before(data, start.saturating_add(node.dur)));
            found.push(node.start_after(data, start));
        };
        let stride = route.stride();
        for &end in &route.ends[at * stride..(at + 1) * stride] {
            if end < OUT {
                add(end - node.dur);
            }
        }
        for &(from, to) in data.window_list(node.windows) {
            add(from.max(node.from));
            add(to.min(node.to));
        }
        if node.role == Role::Work {
            if data.jobs[node.job as usize].timed {
                each_bend(data, node.job, node.dur, &mut add);
            }
            let risk = &data.model.weights.risk;
            if risk.second != 0 {
                let margin = crate::optimize::rich::data::narrow(risk.margin.0);
                add(self.car.soft_end - margin - node.dur);
            }
        }
        for &rest in &route.rests {
            let rest = &self.rests[usize::from(rest)];
            let pad = if rest.padded { node.pad_before } else { 0 };
            for &(from, _) in &rest.starts {
                add(from + rest.duration + pad);
            }
        }
    }
}

//! Stretches of routes that are joined in constant time: how long they take at least, and when.
//!
//! Source: Vidal, Crainic, Gendreau, Prins (2013), "A hybrid genetic algorithm with adaptive
//! diversity management for a large class of vehicle routing problems with time-windows", without
//! time warp.

use crate::optimize::rich::data::{Car, Data, OUT};
use crate::optimize::rich::route::{Node, Role, Route, between};

/// A stretch of a route that can be driven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment {
    /// Seconds from its start to its end, without waiting that can be avoided.
    pub(super) length: i32,
    /// First start with that length; who is there before waits.
    pub(super) early: i32,
    /// Last start.
    pub(super) late: i32,
}

impl Segment {
    /// One stop; what others wait for starts when it can.
    pub(super) fn of(node: &Node) -> Self {
        let late = if node.coupled { node.from } else { node.to };
        let late = if node.role == Role::Edge && node.to == node.from { OUT } else { late };
        Self { length: node.dur, early: node.from, late }
    }

    /// This one and then another, with a drive in between; `None` if the other comes too late.
    #[inline]
    pub(super) fn join(self, travel: i32, other: Self) -> Option<Self> {
        let delta = self.length + travel;
        if self.early + delta > other.late {
            return None;
        }
        let wait = (other.early - self.late - delta).max(0);
        Some(Self {
            length: delta + other.length + wait,
            early: self.early.max(other.early - delta).min(self.late),
            late: self.late.min(other.late - delta),
        })
    }

    /// When it ends at the earliest.
    #[inline]
    pub(super) fn end(self) -> i32 {
        self.early + self.length
    }
}

impl Car {
    /// Costs of a whole route that depend on times, where only its length and its end matter.
    ///
    /// * `busy`: seconds of drives, stays and stops at depots.
    #[inline]
    pub(super) fn length_cost(&self, data: &Data, whole: Segment, busy: i64) -> i64 {
        let length = i64::from(whole.length);
        let over = i64::from((whole.end() - self.soft_end).max(0));
        self.paid_second * length
            + data.model.weights.waiting_second * (length - busy)
            + self.overtime_second * over
    }
}

impl Route {
    /// Whether costs that depend on times depend on nothing but length and end.
    fn is_simple(&self, data: &Data) -> bool {
        let car = &data.cars[self.car as usize];
        let end = self.end();
        car.simple
            && !self.coupled
            && self.rests.is_empty()
            && self.nodes[1..end].iter().all(|node| {
                node.is_simple() && (node.role != Role::Work || !data.jobs[node.job as usize].timed)
            })
    }

    /// Segments from the start up to each stop and from each stop to the end, if they tell all.
    pub(super) fn join(&mut self, data: &Data) {
        self.heads.clear();
        self.tails.clear();
        if !self.is_simple(data) || !self.fill_segments() {
            self.heads.clear();
            self.tails.clear();
        }
    }

    fn fill_segments(&mut self) -> bool {
        let end = self.end();
        let mut so_far = Segment::of(&self.nodes[0]);
        self.heads.push(so_far);
        for at in 1..=end {
            let (before, node) = (&self.nodes[at - 1], &self.nodes[at]);
            let travel = between(before, node, node.hop).travel;
            let Some(next) = so_far.join(travel, Segment::of(node)) else { return false };
            so_far = next;
            self.heads.push(so_far);
        }
        let mut rest = Segment::of(&self.nodes[end]);
        self.tails.resize(end + 1, rest);
        for at in (1..end).rev() {
            let (node, next) = (&self.nodes[at], &self.nodes[at + 1]);
            let travel = between(node, next, next.hop).travel;
            let Some(longer) = Segment::of(node).join(travel, rest) else { return false };
            rest = longer;
            self.tails[at] = rest;
        }
        true
    }

    /// Seconds of drives, stays and stops at depots; without work, of the drive from start to end.
    pub(super) fn busy(&self) -> i64 {
        if self.visits == 0 {
            return i64::from(self.nodes[self.end()].hop);
        }
        let depots = self.nodes.iter().filter(|node| node.role == Role::Depot);
        self.drive + self.onsite + depots.map(|node| i64::from(node.dur)).sum::<i64>()
    }
}

//! One route: its stops, and for each how early it can end and how late it may, by breaks taken.

mod measure;
mod node;
mod times;

use crate::optimize::rich::data::{Data, NONE, OUT};
use crate::optimize::rich::segment::Segment;
use measure::Sums;
use node::UNKNOWN;
use times::Dirty;

pub(super) use node::{Node, Role, between};

/// Where a node is, as scans call it, and the drive to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leg {
    pub(super) cost: i64,
    pub(super) place: u32,
    /// Time at the stop.
    pub(super) dur: i32,
}

impl Leg {
    const NONE: Self = Self { cost: 0, place: NONE, dur: 0 };
}

/// The route of one car.
#[derive(Debug, Clone)]
pub(super) struct Route {
    pub(super) car: u32,
    /// The start, the stops, the end.
    pub(super) nodes: Vec<Node>,
    /// Task of each node, to find them.
    tasks: Vec<u32>,
    /// Place of each node and drive to it, side by side for scans.
    pub(super) row: Vec<Leg>,
    /// Earliest end of node `i` with `k` breaks taken before: `ends[i * stride + k]`.
    pub(super) ends: Vec<i32>,
    /// Latest end of node `i` with `k` breaks taken before.
    pub(super) lates: Vec<i32>,
    ends_dirty: Dirty,
    lates_dirty: Dirty,
    /// What its measured nodes add up to, whether or not it is driven.
    sums: Sums,
    sums_dirty: Dirty,
    /// Times and costs from the start up to each node and from each node to the end; empty where
    /// they would not tell all (see [`Route::join`]).
    pub(super) heads: Vec<Segment>,
    pub(super) tails: Vec<Segment>,
    /// Breaks of the car that are taken, in order.
    pub(super) rests: Vec<u8>,
    /// Largest load up to and from each node on, by kind (see `loads`).
    pub(super) peaks: Vec<(i64, i64)>,
    /// By node and break of the car: the load after the node forbids it; empty = all are allowed.
    pub(super) barred: Vec<bool>,
    pub(super) coupled: bool,
    /// Drives that cannot or may not be.
    pub(super) bad_legs: i64,
    pub(super) visits: i64,
    pub(super) drive: i64,
    pub(super) metres: i64,
    pub(super) onsite: i64,
    /// Cost that does not depend on times.
    pub(super) fixed_cost: i64,
    /// All costs.
    pub(super) cost: i64,
    pub(super) max_late: i32,
    /// Seconds beyond its limits on paid time and on work without rest, because of what has begun.
    pub(super) over: i64,
    /// Seconds with nothing to do.
    pub(super) idle: i32,
    /// `cost`, `max_late` and `idle` are out of date.
    pub(super) stale: bool,
    /// Where the log last saved it.
    pub(super) saved: usize,
    /// Number of this state of the route, the same for no other state of any route; 0 while it
    /// changes.
    pub(super) stamp: u64,
}

impl Route {
    /// A route without stops.
    pub(super) fn new(data: &Data, car: u32) -> Self {
        let of = &data.cars[car as usize];
        let mut start = Node::edge(of.start_place, of.start, of.start);
        start.last_place = of.ready_place;
        let end = Node::edge(of.end_place, -OUT, of.hard_end);
        let rests = (0..of.rests.len()).filter_map(|at| u8::try_from(at).ok()).collect();
        let mut route = Self {
            car,
            nodes: vec![start, end],
            tasks: vec![NONE, NONE],
            row: vec![Leg::NONE; 2],
            ends: Vec::new(),
            lates: Vec::new(),
            ends_dirty: Dirty::CLEAN,
            lates_dirty: Dirty::CLEAN,
            sums: Sums::default(),
            sums_dirty: Dirty { from: 0, to: 2 },
            heads: Vec::new(),
            tails: Vec::new(),
            rests,
            peaks: Vec::new(),
            barred: Vec::new(),
            coupled: false,
            bad_legs: 0,
            visits: 0,
            drive: 0,
            metres: 0,
            onsite: 0,
            fixed_cost: 0,
            cost: 0,
            max_late: 0,
            over: 0,
            idle: of.idle,
            stale: false,
            saved: usize::MAX,
            stamp: 0,
        };
        route.mark_all();
        route
    }

    /// Becomes like another without new memory.
    pub(super) fn copy_from(&mut self, other: &Self) {
        self.nodes.clear();
        self.nodes.extend_from_slice(&other.nodes);
        self.tasks.clear();
        self.tasks.extend_from_slice(&other.tasks);
        self.row.clear();
        self.row.extend_from_slice(&other.row);
        self.ends.clear();
        self.ends.extend_from_slice(&other.ends);
        self.lates.clear();
        self.lates.extend_from_slice(&other.lates);
        (self.ends_dirty, self.lates_dirty) = (other.ends_dirty, other.lates_dirty);
        (self.sums, self.sums_dirty) = (other.sums, other.sums_dirty);
        self.rests.clear();
        self.rests.extend_from_slice(&other.rests);
        // Most routes have none of these.
        if !(other.heads.is_empty() && self.heads.is_empty()) {
            self.heads.clone_from(&other.heads);
            self.tails.clone_from(&other.tails);
        }
        if !(other.peaks.is_empty() && self.peaks.is_empty()) {
            self.peaks.clone_from(&other.peaks);
        }
        if !(other.barred.is_empty() && self.barred.is_empty()) {
            self.barred.clone_from(&other.barred);
        }
        self.car = other.car;
        (self.coupled, self.bad_legs) = (other.coupled, other.bad_legs);
        (self.visits, self.drive, self.metres) = (other.visits, other.drive, other.metres);
        (self.onsite, self.fixed_cost, self.cost) = (other.onsite, other.fixed_cost, other.cost);
        (self.max_late, self.over, self.idle) = (other.max_late, other.over, other.idle);
        (self.stale, self.saved, self.stamp) = (other.stale, other.saved, other.stamp);
    }

    /// Breaks taken at most, plus one.
    #[inline]
    pub(super) fn stride(&self) -> usize {
        self.rests.len() + 1
    }

    /// Position of the last node.
    #[inline]
    pub(super) fn end(&self) -> usize {
        self.nodes.len() - 1
    }

    /// Whether segments tell all about its times.
    #[inline]
    pub(super) fn is_joined(&self) -> bool {
        !self.heads.is_empty()
    }

    fn part(&mut self) {
        self.stamp = 0;
        self.heads.clear();
        self.tails.clear();
    }

    /// Position of a task.
    pub(super) fn find(&self, task: u32) -> Option<usize> {
        self.tasks.iter().position(|&other| other == task)
    }

    /// Puts a node in at `at`; its times are computed by [`Route::forward`] and [`Route::backward`].
    pub(super) fn insert(&mut self, at: usize, node: Node) {
        let stride = self.stride();
        self.part();
        self.nodes.insert(at, Node { hop_from: UNKNOWN, ..node });
        self.tasks.insert(at, node.task);
        self.row.insert(at, Leg::NONE);
        self.sums_dirty.insert(at);
        for (rows, dirty) in
            [(&mut self.ends, &mut self.ends_dirty), (&mut self.lates, &mut self.lates_dirty)]
        {
            let count = rows.len();
            rows.resize(count + stride, OUT);
            rows.copy_within(at * stride..count, (at + 1) * stride);
            dirty.insert(at);
        }
    }

    /// Takes the node at `at` out.
    pub(super) fn remove(&mut self, at: usize) -> Node {
        let stride = self.stride();
        self.part();
        for (rows, dirty) in
            [(&mut self.ends, &mut self.ends_dirty), (&mut self.lates, &mut self.lates_dirty)]
        {
            rows.drain(at * stride..(at + 1) * stride);
            dirty.remove(at);
        }
        self.tasks.remove(at);
        self.row.remove(at);
        self.sums_dirty.remove(at);
        let node = self.nodes.remove(at);
        self.sums.take(&node);
        node
    }

    /// Whether earliest times have to be computed again.
    pub(super) fn is_dirty(&self) -> bool {
        self.ends_dirty.from < self.nodes.len()
    }

    /// The first node whose earliest times have changed, and one past the last with new latest ones.
    pub(super) fn dirty(&self) -> (usize, usize) {
        (self.ends_dirty.from, self.lates_dirty.to)
    }

    /// Notes that a node has changed.
    pub(super) fn mark(&mut self, at: usize) {
        self.part();
        self.ends_dirty.mark(at, at + 1);
        self.lates_dirty.mark(at, at + 1);
    }

    /// Notes that everything has changed, breaks too.
    pub(super) fn mark_all(&mut self) {
        let count = self.nodes.len();
        self.part();
        self.ends.clear();
        self.ends.resize(count * self.stride(), OUT);
        self.lates.clear();
        self.lates.resize(count * self.stride(), -OUT);
        self.ends_dirty.mark(0, count);
        self.lates_dirty.mark(0, count);
    }

    /// Earliest start of a node over all numbers of breaks.
    pub(super) fn earliest(&self, at: usize) -> i32 {
        let stride = self.stride();
        let ends = self.ends[at * stride..(at + 1) * stride].iter().copied().min();
        ends.unwrap_or(OUT) - self.nodes[at].dur
    }

    /// Latest start of a node over all numbers of breaks.
    pub(super) fn latest(&self, data: &Data, at: usize) -> i32 {
        let stride = self.stride();
        let lates = self.lates[at * stride..(at + 1) * stride].iter().copied().max();
        self.nodes[at].start_before(data, lates.unwrap_or(-OUT))
    }

    /// Whether loads decide where its breaks may be taken.
    #[inline]
    pub(super) fn is_picky(&self, data: &Data) -> bool {
        let car = &data.cars[self.car as usize];
        car.picky && self.rests.iter().any(|&at| !car.rests[usize::from(at)].load_max.is_empty())
    }

    /// Whether the load after node `at` allows each of these breaks.
    #[inline]
    pub(super) fn may_rest(&self, at: usize, rests: std::ops::Range<usize>) -> bool {
        if self.barred.is_empty() || rests.is_empty() {
            return true;
        }
        let count = self.barred.len() / self.nodes.len();
        let row = &self.barred[at * count..(at + 1) * count];
        self.rests[rests].iter().all(|&rest| !row[usize::from(rest)])
    }

    /// Positions of the stops at depots.
    pub(super) fn depots(&self) -> impl Iterator<Item = usize> {
        (0..self.nodes.len()).filter(|&at| self.nodes[at].role == Role::Depot)
    }

    /// Position of the first depot stop.
    pub(super) fn depot(&self) -> Option<usize> {
        self.nodes.iter().position(|node| node.role == Role::Depot)
    }

    /// Place of the last visit before a gap after node `at`.
    pub(super) fn place_before(&self, at: usize) -> u32 {
        self.nodes[at].last_place
    }
}

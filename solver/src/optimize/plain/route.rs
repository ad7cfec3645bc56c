//! One route, as a structure of arrays, with what makes an insertion checkable in constant time.

use super::Problem;
use super::problem::Shift;

/// One route: its nodes from the start place to the end place, and per node when it can be done.
///
/// All arrays are as long as `nodes`, that is two more than there are visits.
///
/// Source of the bounds: Savelsbergh (1992), "The vehicle routing problem with time windows:
/// minimizing route duration".
#[derive(Debug, Clone, Default)]
pub(super) struct Route {
    /// Start place, visits, end place.
    pub(super) nodes: Vec<u32>,
    /// Earliest time at which each node is left.
    pub(super) leaves: Vec<i32>,
    /// Latest start at each node such that everything behind it is still in time.
    pub(super) latest: Vec<i32>,
    /// Cost of the leg into each node; 0 for the first.
    pub(super) legs: Vec<i32>,
    pub(super) load: i32,
    /// Legs and the vehicle, 0 while there is no visit.
    pub(super) cost: i64,
}

impl Route {
    /// A route without visits.
    pub(super) fn empty(problem: &Problem, shift: &Shift) -> Self {
        Self {
            nodes: vec![shift.start, shift.end],
            leaves: vec![shift.earliest, 0],
            latest: vec![0, shift.latest],
            legs: vec![0, problem.cost(shift.start, shift.end)],
            load: 0,
            cost: 0,
        }
    }

    /// Makes this route a copy of `other` in the memory it has.
    pub(super) fn copy_from(&mut self, other: &Self) {
        self.nodes.clone_from(&other.nodes);
        self.leaves.clone_from(&other.leaves);
        self.latest.clone_from(&other.latest);
        self.legs.clone_from(&other.legs);
        self.load = other.load;
        self.cost = other.cost;
    }

    /// The visits, without the ends.
    #[inline]
    pub(super) fn visits(&self) -> &[u32] {
        &self.nodes[1..self.nodes.len() - 1]
    }

    /// Whether there is no visit.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.nodes.len() == 2
    }

    /// Puts a visit before the node at `index`.
    pub(super) fn insert(&mut self, problem: &Problem, shift: &Shift, index: usize, visit: u32) {
        self.nodes.insert(index, visit);
        self.leaves.insert(index, 0);
        self.latest.insert(index, 0);
        self.legs.insert(index, 0);
        self.load += problem.stay(visit).load;
        self.refresh(problem, shift, index, index + 1);
    }

    /// Whether it holds windows, hours and capacity.
    pub(super) fn is_feasible(&self, problem: &Problem, shift: &Shift) -> bool {
        // Each visit starts when it can; that must not be later than what comes after it allows.
        let end = self.nodes.len() - 1;
        self.load <= shift.capacity
            && (1..end).all(|index| {
                let service = problem.stay(self.nodes[index]).service;
                self.leaves[index] - service <= self.latest[index]
            })
    }

    /// Holds these visits and no others.
    pub(super) fn fill(&mut self, problem: &Problem, shift: &Shift, visits: &[u32]) {
        *self = Self::empty(problem, shift);
        self.nodes.splice(1..1, visits.iter().copied());
        let length = self.nodes.len();
        self.leaves.resize(length, 0);
        self.latest.resize(length, 0);
        self.latest[length - 1] = shift.latest;
        self.legs.resize(length, 0);
        self.load = visits.iter().map(|&visit| problem.stay(visit).load).sum();
        self.refresh(problem, shift, 1, length - 1);
    }

    /// Takes out the visits that `gone` names.
    pub(super) fn remove(&mut self, problem: &Problem, shift: &Shift, gone: impl Fn(u32) -> bool) {
        let length = self.nodes.len();
        let (mut first, mut until, mut kept) = (0, 0, 1);
        for index in 1..length {
            let node = self.nodes[index];
            if index < length - 1 && gone(node) {
                self.load -= problem.stay(node).load;
                if first == 0 {
                    first = kept;
                }
                until = kept;
                continue;
            }
            self.nodes[kept] = node;
            self.leaves[kept] = self.leaves[index];
            self.latest[kept] = self.latest[index];
            self.legs[kept] = self.legs[index];
            kept += 1;
        }
        if first == 0 {
            return;
        }
        self.nodes.truncate(kept);
        self.leaves.truncate(kept);
        self.latest.truncate(kept);
        self.legs.truncate(kept);
        self.refresh(problem, shift, first, until);
    }

    /// Computes the arrays again where the nodes from index `first` up to but without `until` are
    /// new, and only as far before and behind them as anything changes.
    fn refresh(&mut self, problem: &Problem, shift: &Shift, first: usize, until: usize) {
        let end = self.nodes.len() - 1;
        let mut from = self.nodes[first - 1];
        let mut left = self.leaves[first - 1];
        for index in first..end {
            let node = self.nodes[index];
            let stay = problem.stay(node);
            left = (left + problem.time(from, node)).max(stay.earliest) + stay.service;
            if index >= until && self.leaves[index] == left {
                break;
            }
            self.leaves[index] = left;
            from = node;
        }
        let mut to = self.nodes[until];
        let mut latest = self.latest[until];
        for index in (1..until).rev() {
            let node = self.nodes[index];
            let stay = problem.stay(node);
            latest = (latest - problem.time(node, to) - stay.service).min(stay.latest);
            if index < first && self.latest[index] == latest {
                break;
            }
            self.latest[index] = latest;
            to = node;
        }
        for index in first..=until {
            self.legs[index] = problem.cost(self.nodes[index - 1], self.nodes[index]);
        }
        self.cost = if self.is_empty() {
            0
        } else {
            shift.fixed_cost + self.legs.iter().map(|&leg| i64::from(leg)).sum::<i64>()
        };
    }
}

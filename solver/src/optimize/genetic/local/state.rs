//! A plan as linked nodes, each with what comes before and behind it summed up.

use super::super::individual::Individual;
use super::super::penalties::Penalties;
use super::super::segment::Segment;
use crate::optimize::plain::Problem;
use crate::optimize::search::narrow;

/// One route of the plan at hand.
#[derive(Debug, Clone)]
pub(in super::super) struct Route {
    pub(super) visits: u32,
    pub(super) load: i32,
    pub(super) warp: i32,
    /// Cost of its penalties.
    pub(super) penalty: i64,
    /// Number of the move that changed it last.
    pub(super) changed: u32,
}

/// The plan at hand. Nodes are visits, then the start and end of each vehicle.
#[derive(Debug)]
pub(in super::super) struct State<'a> {
    pub(super) problem: &'a Problem,
    pub(super) penalties: Penalties,
    pub(super) visits: u32,
    /// Node of the problem's matrices.
    pub(super) site: Vec<u32>,
    pub(super) next: Vec<u32>,
    pub(super) previous: Vec<u32>,
    pub(super) route_of: Vec<u32>,
    pub(super) position: Vec<u32>,
    /// Cost of the leg into each node; that of starts means nothing.
    legs: Vec<i32>,
    /// From the start of the route to this node, both included.
    pub(super) before: Vec<Segment>,
    /// From this node to the end of the route, both included.
    pub(super) after: Vec<Segment>,
    pub(super) single: Vec<Segment>,
    pub(super) routes: Vec<Route>,
    /// Number of moves done so far; the first is 1.
    pub(super) moves: u32,
    /// [`moves`](Self::moves) when each visit was tried last.
    pub(super) tested: Vec<u32>,
    /// Sequences under construction.
    pub(super) lists: [Vec<u32>; 2],
}

impl<'a> State<'a> {
    pub(super) fn new(problem: &'a Problem, penalties: Penalties) -> Self {
        let visits = problem.visit_count();
        let nodes = visits + 2 * problem.vehicle_count();
        let mut site: Vec<u32> = (0..narrow(visits)).collect();
        let mut single: Vec<Segment> =
            site.iter().map(|&visit| Segment::of(problem.stay(visit))).collect();
        for shift in &problem.shifts {
            site.extend([shift.start, shift.end]);
            single.extend([Segment::end(shift.earliest, shift.latest); 2]);
        }
        let route = Route { visits: 0, load: 0, warp: 0, penalty: 0, changed: 0 };
        Self {
            problem,
            penalties,
            visits: narrow(visits),
            site,
            next: vec![0; nodes],
            previous: vec![0; nodes],
            route_of: vec![0; nodes],
            position: vec![0; nodes],
            legs: vec![0; nodes],
            before: single.clone(),
            after: single.clone(),
            single,
            routes: vec![route; problem.vehicle_count()],
            moves: 0,
            tested: vec![0; visits],
            lists: [Vec::new(), Vec::new()],
        }
    }

    /// Takes over a plan.
    ///
    /// * `changed`: routes worth looking at; empty means all.
    pub(in super::super) fn load(&mut self, routes: &[Vec<u32>], changed: &[bool]) {
        self.moves = 1;
        for (route, list) in routes.iter().enumerate() {
            self.set_route(narrow(route), list);
            self.routes[route].changed = u32::from(changed.get(route).copied().unwrap_or(true));
        }
    }

    /// The plan at hand as an individual.
    pub(in super::super) fn individual(&self) -> Individual {
        let routes: Vec<Vec<u32>> = (0..narrow(self.routes.len()))
            .map(|route| self.visits_from(self.next[self.start(route) as usize]).collect())
            .collect();
        let cost = (0..).zip(&routes).map(|(vehicle, list)| self.problem.route_cost(vehicle, list));
        let cost = cost.sum();
        let warp = self.routes.iter().map(|route| route.warp).sum();
        let excess =
            (0..self.routes.len()).map(|route| self.excess(route, self.routes[route].load));
        Individual::new(routes, cost, warp, excess.sum())
    }

    /// Which routes are worth looking at, as [`load`](Self::load) takes it.
    pub(in super::super) fn changed(&self) -> Vec<bool> {
        self.routes.iter().map(|route| route.changed > 0).collect()
    }

    /// Whether a route has changed since [`load`](Self::load) and breaks nothing.
    pub(in super::super) fn is_new_and_allowed(&self, route: u32) -> bool {
        let held = &self.routes[route as usize];
        held.changed > 0 && held.penalty == 0 && held.warp == 0
    }

    /// Other penalties from now on; everything is worth a look again.
    pub(in super::super) fn set_penalties(&mut self, penalties: Penalties, look_again: bool) {
        self.penalties = penalties;
        self.moves += 1;
        for route in 0..self.routes.len() {
            let held = &self.routes[route];
            let penalty = penalties.of(held.warp, self.excess(route, held.load));
            self.routes[route].penalty = penalty;
            if look_again && penalty > 0 {
                self.routes[route].changed = self.moves;
            }
        }
    }

    /// The node where a vehicle begins.
    #[inline]
    pub(super) fn start(&self, route: u32) -> u32 {
        self.visits + 2 * route
    }

    /// Whether a node is the start or end of a vehicle.
    #[inline]
    pub(super) fn is_end(&self, node: u32) -> bool {
        node >= self.visits
    }

    /// The start of an unused vehicle of a kind.
    pub(super) fn unused_start(&self, kind: u32) -> Option<u32> {
        let vehicles = &self.problem.kinds[kind as usize];
        let unused = vehicles.iter().find(|&&vehicle| self.routes[vehicle as usize].visits == 0);
        unused.map(|&vehicle| self.start(vehicle))
    }

    /// Visits from a node on to the end of its route.
    pub(super) fn visits_from(&self, node: u32) -> impl Iterator<Item = u32> {
        let follow = |node: u32| (!self.is_end(node)).then_some(node);
        std::iter::successors(follow(node), move |&at| follow(self.next[at as usize]))
    }

    /// Load beyond the capacity of a vehicle.
    #[inline]
    pub(super) fn excess(&self, route: usize, load: i32) -> i32 {
        (load - self.problem.shifts[route].capacity).max(0)
    }

    #[inline]
    pub(super) fn cost(&self, from: u32, to: u32) -> i64 {
        i64::from(self.leg_cost(from, to))
    }

    #[inline]
    fn leg_cost(&self, from: u32, to: u32) -> i32 {
        self.problem.cost(self.site[from as usize], self.site[to as usize])
    }

    /// Cost of the leg that leads to a node in the plan at hand.
    #[inline]
    pub(super) fn leg(&self, node: u32) -> i64 {
        i64::from(self.legs[node as usize])
    }

    #[inline]
    pub(super) fn time(&self, from: u32, to: u32) -> i32 {
        self.problem.time(self.site[from as usize], self.site[to as usize])
    }

    /// What using a vehicle adds to the legs that the distance formulas count.
    #[inline]
    pub(super) fn opening(&self, route: u32) -> i64 {
        let shift = &self.problem.shifts[route as usize];
        shift.fixed_cost + i64::from(self.problem.cost(shift.start, shift.end))
    }

    /// Gives a route these visits and sums it up anew. Cost: O(visits of the route).
    pub(super) fn set_route(&mut self, route: u32, visits: &[u32]) {
        let (start, end) = (self.start(route), self.start(route) + 1);
        let (mut from, mut sum) = (start, self.single[start as usize]);
        self.place(start, route, 0);
        self.before[start as usize] = sum;
        for (position, &node) in (1..).zip(visits) {
            self.place(node, route, position);
            self.next[from as usize] = node;
            self.previous[node as usize] = from;
            self.legs[node as usize] = self.leg_cost(from, node);
            sum = sum.join(self.time(from, node), &self.single[node as usize]);
            self.before[node as usize] = sum;
            from = node;
        }
        self.place(end, route, narrow(visits.len()) + 1);
        self.next[from as usize] = end;
        self.previous[end as usize] = from;
        self.legs[end as usize] = self.leg_cost(from, end);
        sum = sum.join(self.time(from, end), &self.single[end as usize]);
        self.before[end as usize] = sum;
        let mut back = self.single[end as usize];
        self.after[end as usize] = back;
        let mut to = end;
        for &node in visits.iter().rev().chain([&start]) {
            back = self.single[node as usize].join(self.time(node, to), &back);
            self.after[node as usize] = back;
            to = node;
        }
        let warp = if visits.is_empty() { 0 } else { sum.warp };
        let penalty = self.penalties.of(warp, self.excess(route as usize, sum.load));
        self.routes[route as usize] = Route {
            visits: narrow(visits.len()),
            load: sum.load,
            warp,
            penalty,
            changed: self.moves,
        };
    }

    fn place(&mut self, node: u32, route: u32, position: u32) {
        self.route_of[node as usize] = route;
        self.position[node as usize] = position;
    }
}

//! A plain plan under search.

use super::Problem;
use super::route::Route;
use crate::optimize::search::{Blink, Chance, Order, Place, Routes, narrow};

/// No route.
const NONE: u32 = u32::MAX;

/// Routes are looked at for an insertion if they hold one of so many closest neighbours.
const LOOKED_AT: usize = 60;

/// Kinds of vehicle that one is drawn from where others are shut.
const OPENED: usize = 8;

/// A place in a route.
#[derive(Debug, Clone, Copy)]
pub struct Insertion {
    route: u32,
    /// Index of the node that comes next.
    before: u32,
}

/// A copy of a plan: the visits of each vehicle in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Saved {
    /// One list per vehicle.
    pub routes: Vec<Vec<u32>>,
}

/// A plan of a [`Problem`], always within windows, hours and capacity.
///
/// An insertion is checked in O(1) per place. No allocation in a step once the buffers have grown.
#[derive(Debug, Clone)]
pub struct PlainRoutes<'a> {
    problem: &'a Problem,
    routes: Vec<Route>,
    /// Route of each visit, or [`NONE`].
    route_of: Vec<u32>,
    cost: i64,
    /// What the touched routes were before this step, by route.
    before: Vec<Route>,
    cost_before: i64,
    touched: Vec<u32>,
    is_touched: Vec<bool>,
    /// Routes that the removal at hand takes visits from.
    pending: Vec<u32>,
    /// Visits put in in this step.
    inserted: Vec<u32>,
    /// Per kind: no vehicle before this index of its list is unused.
    unused_from: Vec<std::cell::Cell<u32>>,
    /// Per kind: no vehicle of it is begun for now.
    shut: Vec<bool>,
    /// Marks of the routes an insertion has looked at, and the number of that insertion.
    seen: Vec<std::cell::Cell<u32>>,
    seen_tick: std::cell::Cell<u32>,
}

impl<'a> PlainRoutes<'a> {
    /// A plan without any visit served.
    pub fn new(problem: &'a Problem) -> Self {
        let routes: Vec<Route> =
            problem.shifts.iter().map(|shift| Route::empty(problem, shift)).collect();
        let count = routes.len();
        Self {
            problem,
            before: routes.clone(),
            routes,
            route_of: vec![NONE; problem.visit_count()],
            cost: 0,
            cost_before: 0,
            touched: Vec::new(),
            is_touched: vec![false; count],
            pending: Vec::new(),
            inserted: Vec::new(),
            unused_from: vec![std::cell::Cell::new(0); problem.kinds.len()],
            shut: vec![false; problem.kinds.len()],
            seen: vec![std::cell::Cell::new(0); count],
            seen_tick: std::cell::Cell::new(0),
        }
    }

    /// The problem this is a plan of.
    pub fn problem(&self) -> &'a Problem {
        self.problem
    }

    /// Takes over those of the given routes that hold every rule; begins a new step.
    ///
    /// * `routes`: the visits of each vehicle; more than there are vehicles are ignored.
    pub fn restore_feasible(&mut self, routes: &[Vec<u32>]) {
        let mut seen = vec![false; self.route_of.len()];
        let mut saved = Saved { routes: vec![Vec::new(); self.routes.len()] };
        for (index, list) in routes.iter().enumerate().take(self.routes.len()) {
            let known = list.iter().all(|&visit| {
                seen.get_mut(visit as usize).is_some_and(|seen| !std::mem::replace(seen, true))
            });
            if !known {
                continue;
            }
            let shift = &self.problem.shifts[index];
            self.routes[index].fill(self.problem, shift, list);
            if self.routes[index].is_feasible(self.problem, shift) {
                saved.routes[index].clone_from(list);
            }
        }
        self.restore(&saved);
    }

    /// Keeps what a route was, once per step.
    fn touch(&mut self, route: usize) {
        if !std::mem::replace(&mut self.is_touched[route], true) {
            self.touched.push(narrow(route));
            self.before[route].copy_from(&self.routes[route]);
        }
    }

    fn forget_step(&mut self) {
        for &route in &self.touched {
            self.is_touched[route as usize] = false;
        }
        self.touched.clear();
        self.inserted.clear();
        self.cost_before = self.cost;
    }

    /// Notes that a route may be unused now.
    fn note_unused(&self, route: usize) {
        if self.routes[route].is_empty() {
            let kind = self.problem.shifts[route].kind as usize;
            let list = &self.problem.kinds[kind];
            let rank = list.partition_point(|&vehicle| (vehicle as usize) < route);
            let from = &self.unused_from[kind];
            from.set(from.get().min(narrow(rank)));
        }
    }

    /// The first unused vehicle of a kind.
    fn unused(&self, kind: u32) -> Option<u32> {
        if self.shut[kind as usize] {
            return None;
        }
        let list = &self.problem.kinds[kind as usize];
        let from = &self.unused_from[kind as usize];
        while let Some(&vehicle) = list.get(from.get() as usize) {
            if self.routes[vehicle as usize].is_empty() {
                return Some(vehicle);
            }
            from.set(from.get() + 1);
        }
        None
    }

    /// Looks for a better place in one route, from the places its times allow.
    #[inline]
    fn look(&self, visit: u32, route: u32, best: &mut Best, blink: &mut Blink<'_>) {
        let held = &self.routes[route as usize];
        let stay = self.problem.stay(visit);
        if held.load + stay.load > self.problem.shifts[route as usize].capacity {
            return;
        }
        let row = Row::new(self.problem, visit);
        let count = held.nodes.len();
        let (nodes, leaves) = (&held.nodes[..count], &held.leaves[..count]);
        let (latest, legs) = (&held.latest[..count], &held.legs[..count]);
        for index in 1..count {
            if leaves[index - 1] > row.leave_by {
                break;
            }
            if latest[index] < row.ready {
                continue;
            }
            let (from, to) = (nodes[index - 1] as usize, nodes[index] as usize);
            let added = i64::from(row.cost_into[from] + row.cost_out[to] - legs[index]);
            if added >= best.cost {
                continue;
            }
            let start = (leaves[index - 1] + row.time_into[from]).max(stay.earliest);
            if start <= stay.latest
                && start + stay.service + row.time_out[to] <= latest[index]
                && !blink.now()
            {
                *best = Best { cost: added, route, before: narrow(index) };
            }
        }
    }

    /// Looks in the routes and at the kinds of vehicle that are not close.
    #[cold]
    fn look_everywhere(&self, visit: u32, tick: u32, best: &mut Best, blink: &mut Blink<'_>) {
        for (route, held) in (0..).zip(&self.routes) {
            if !held.is_empty() && self.seen[route as usize].get() != tick {
                self.look(visit, route, best, blink);
            }
        }
        let kinds = narrow(self.problem.kinds.len());
        if self.problem.neighbours.alone(visit).len() == kinds as usize {
            return;
        }
        for kind in 0..kinds {
            let Some(vehicle) = self.unused(kind) else { continue };
            let cost = self.problem.cost_of_alone(visit, vehicle);
            if cost < best.cost && self.fits_alone(visit, vehicle) {
                *best = Best { cost, route: vehicle, before: 1 };
            }
        }
    }

    /// Whether a vehicle of its own could serve a visit.
    fn fits_alone(&self, visit: u32, vehicle: u32) -> bool {
        let shift = &self.problem.shifts[vehicle as usize];
        let stay = self.problem.stay(visit);
        let start = (shift.earliest + self.problem.time(shift.start, visit)).max(stay.earliest);
        start <= stay.latest
            && start + stay.service + self.problem.time(visit, shift.end) <= shift.latest
            && stay.load <= shift.capacity
    }
}

/// What does not change while a visit is tried in many places.
struct Row<'a> {
    cost_into: &'a [i32],
    cost_out: &'a [i32],
    time_into: &'a [i32],
    time_out: &'a [i32],
    /// Who leaves a place later is too late for the visit, wherever that place is.
    leave_by: i32,
    /// Who must start before this cannot come after the visit, wherever that is.
    ready: i32,
}

impl<'a> Row<'a> {
    #[inline]
    fn new(problem: &'a Problem, visit: u32) -> Self {
        let stay = problem.stay(visit);
        Self {
            cost_into: problem.cost_into(visit),
            cost_out: problem.cost_out(visit),
            time_into: problem.time_into(visit),
            time_out: problem.time_out(visit),
            leave_by: stay.latest - problem.nearest_into[visit as usize],
            ready: stay.earliest + stay.service + problem.nearest_out[visit as usize],
        }
    }
}

/// The best place so far.
#[derive(Clone, Copy)]
struct Best {
    cost: i64,
    route: u32,
    before: u32,
}

impl Routes for PlainRoutes<'_> {
    type Insertion = Insertion;
    type Saved = Saved;

    fn visit_count(&self) -> usize {
        self.problem.visit_count()
    }

    fn route_count(&self) -> usize {
        self.routes.len()
    }

    fn route(&self, route: usize) -> &[u32] {
        self.routes[route].visits()
    }

    fn place_of(&self, visit: u32) -> Option<Place> {
        let route = self.route_of[visit as usize];
        if route == NONE {
            return None;
        }
        let route = route as usize;
        let position = self.routes[route].visits().iter().position(|&other| other == visit)?;
        Some(Place { route, position })
    }

    fn is_served(&self, visit: u32) -> bool {
        self.route_of[visit as usize] != NONE
    }

    fn route_of(&self, visit: u32) -> Option<usize> {
        let route = self.route_of[visit as usize];
        (route != NONE).then_some(route as usize)
    }

    fn neighbours(&self, visit: u32) -> &[u32] {
        self.problem.neighbours.of(visit)
    }

    fn cost(&self) -> i64 {
        self.cost
    }

    fn route_cost(&self, route: usize) -> i64 {
        self.routes[route].cost
    }

    fn skip_cost(&self, visit: u32) -> i64 {
        self.problem.visit(visit).skip_cost
    }

    fn is_required(&self, visit: u32) -> bool {
        self.problem.visit(visit).required
    }

    fn remove(&mut self, visits: &[u32]) {
        self.pending.clear();
        for &visit in visits {
            let route = std::mem::replace(&mut self.route_of[visit as usize], NONE);
            if route != NONE {
                self.touch(route as usize);
                if self.pending.last() != Some(&route) {
                    self.pending.push(route);
                }
            }
        }
        for index in 0..self.pending.len() {
            let route = self.pending[index] as usize;
            let held = &mut self.routes[route];
            let cost = held.cost;
            let route_of = &self.route_of;
            held.remove(self.problem, &self.problem.shifts[route], |visit| {
                route_of[visit as usize] == NONE
            });
            self.cost += held.cost - cost;
            self.note_unused(route);
        }
    }

    fn best_insertion(
        &self,
        visit: u32,
        limit: i64,
        blink: &mut Blink<'_>,
    ) -> Option<(i64, Insertion)> {
        let mut best = Best { cost: limit, route: NONE, before: 0 };
        let tick = self.seen_tick.get().wrapping_add(1);
        self.seen_tick.set(tick);
        for &neighbour in self.neighbours(visit).iter().take(LOOKED_AT) {
            let route = self.route_of[neighbour as usize];
            if route != NONE && self.seen[route as usize].replace(tick) != tick {
                self.look(visit, route, &mut best, blink);
            }
        }
        for &(cost, kind) in self.problem.neighbours.alone(visit) {
            if cost >= best.cost {
                break;
            }
            if let Some(vehicle) = self.unused(kind)
                && self.fits_alone(visit, vehicle)
            {
                best = Best { cost, route: vehicle, before: 1 };
                break;
            }
        }
        if best.route == NONE {
            self.look_everywhere(visit, tick, &mut best, blink);
        }
        let Best { cost, route, before } = best;
        (route != NONE).then_some((cost, Insertion { route, before }))
    }

    fn insert(&mut self, visit: u32, insertion: Insertion) {
        let route = insertion.route as usize;
        self.touch(route);
        let held = &mut self.routes[route];
        let cost = held.cost;
        let index = insertion.before as usize;
        held.insert(self.problem, &self.problem.shifts[route], index, visit);
        self.cost += held.cost - cost;
        self.route_of[visit as usize] = insertion.route;
        self.inserted.push(visit);
    }

    fn rank(&self, order: Order, visit: u32) -> i64 {
        let given = self.problem.visit(visit);
        match order {
            Order::Random => 0,
            Order::Demand => -i64::from(given.load),
            Order::Far => -self.problem.neighbours.cost_alone(visit),
            Order::Close => self.problem.neighbours.cost_alone(visit),
            Order::Narrow => i64::from(given.latest - given.earliest),
            Order::Earliest => i64::from(given.earliest),
            Order::Latest => -i64::from(given.latest),
        }
    }

    fn touched(&self) -> &[u32] {
        &self.touched
    }

    fn routes_cost(&self) -> bool {
        self.problem.shifts.iter().any(|shift| shift.fixed_cost != 0)
    }

    fn shut(&mut self, routes: &[usize], others: bool) {
        self.shut.fill(others);
        for &route in routes {
            self.shut[self.problem.shifts[route].kind as usize] = true;
        }
    }

    fn open_one(&mut self, visit: u32, chance: &mut Chance) {
        let kinds = self.problem.neighbours.alone(visit);
        let drawn = kinds.get(chance.below(kinds.len().min(OPENED)));
        if let Some(&(_, kind)) = drawn {
            self.shut.fill(true);
            self.shut[kind as usize] = false;
        }
    }

    fn reopen(&mut self) {
        self.shut.fill(false);
    }

    fn is_sound(&self) -> bool {
        self.touched.iter().all(|&route| {
            let shift = &self.problem.shifts[route as usize];
            self.routes[route as usize].is_feasible(self.problem, shift)
        })
    }

    fn commit(&mut self) {
        self.forget_step();
    }

    fn rollback(&mut self) {
        for &visit in &self.inserted {
            self.route_of[visit as usize] = NONE;
        }
        for index in 0..self.touched.len() {
            let route = self.touched[index] as usize;
            std::mem::swap(&mut self.routes[route], &mut self.before[route]);
            for &visit in self.routes[route].visits() {
                self.route_of[visit as usize] = narrow(route);
            }
            self.note_unused(route);
        }
        self.cost = self.cost_before;
        self.forget_step();
    }

    fn save(&self, saved: &mut Saved) {
        saved.routes.resize_with(self.routes.len(), Vec::new);
        for (list, route) in saved.routes.iter_mut().zip(&self.routes) {
            list.clear();
            list.extend_from_slice(route.visits());
        }
    }

    fn unsaved(&self) -> Saved {
        Saved::default()
    }

    fn restore(&mut self, saved: &Saved) {
        self.route_of.fill(NONE);
        self.cost = 0;
        for (index, list) in saved.routes.iter().enumerate() {
            self.routes[index].fill(self.problem, &self.problem.shifts[index], list);
            self.cost += self.routes[index].cost;
            for &visit in list {
                self.route_of[visit as usize] = narrow(index);
            }
        }
        for from in &self.unused_from {
            from.set(0);
        }
        self.forget_step();
    }
}

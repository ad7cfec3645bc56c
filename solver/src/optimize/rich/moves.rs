//! Small moves: one task goes elsewhere, or two change places, while all else stays.
//!
//! To take a visit out and put it back moves all its people at once, and a place is looked for by
//! what its own route costs. Where routes share times, that passes by what only pays in steps: one
//! of two goes to another route, and the other one waits for them for a while.
//!
//! Source: Ceschia, Di Gaspero, Rosati, Schaerf (2024), "Multi-neighborhood simulated annealing for
//! the home healthcare routing and scheduling problem", doi 10.1111/itor.13585.

use crate::optimize::rich::data::{Kind, NEVER, NONE, index};
use crate::optimize::rich::insert::{ANY_TIME, Builder};
use crate::optimize::rich::route::{Node, Route};

/// Draws until something that may move, or somebody who may do it, is found.
const DRAWN: usize = 8;
/// Of so many moves so many exchange parts of routes, and so many two tasks.
const KINDS: usize = 10;
const CROSSINGS: usize = 1;
const EXCHANGES: usize = 3;
/// Most tasks that go one way where routes do not exchange all the rest, and one more.
const PART: usize = 4;
/// Of so many places so many are beside neighbours, and so many anywhere in the route.
const PLACES: usize = 12;
const BESIDE: usize = 4;
const ANYWHERE: usize = 2;
/// So many of the nearest are the neighbours.
const NEIGHBOURS: usize = 20;
/// The other places are this far from where the task would be by its time.
const AROUND: usize = 2;

/// Where something stands, or after which node it goes.
type Place = (u32, usize);

impl Builder<'_, '_> {
    /// Does a small move drawn at random and settles all times; `false` if it did not work or costs too
    /// much: then take back what it did.
    ///
    /// * `room`: what it adds to costs that do not depend on times is less.
    pub(super) fn move_little(&mut self, room: i64) -> bool {
        let Some(task) = self.draw_task() else { return false };
        let kind = self.chance.below(KINDS);
        if kind < CROSSINGS {
            self.cross(task, room)
        } else if kind < CROSSINGS + EXCHANGES {
            self.exchange(task, room)
        } else {
            self.relocate(task, room)
        }
    }

    /// A person's part of a visit in the plan.
    fn draw_task(&mut self) -> Option<u32> {
        let count = self.data.tasks.len();
        for _ in 0..DRAWN {
            let task = index(self.chance.below(count));
            if self.may_move(task) {
                return Some(task);
            }
        }
        None
    }

    fn may_move(&self, task: u32) -> bool {
        let data = self.data;
        let of = &data.jobs[data.tasks[task as usize].job as usize];
        let car = self.plan.at[task as usize];
        of.kind == Kind::Visit
            && !of.fixed
            && task < of.first + of.persons
            && car != NONE
            && !data.cars[car as usize].loaded
    }

    /// One task to another place.
    fn relocate(&mut self, task: u32, room: i64) -> bool {
        let data = self.data;
        let Some(from) = self.plan.find(task) else { return false };
        let Some(to) = self.draw_place(task, from) else { return false };
        if to.0 == from.0 && to.1 + 1 == from.1 {
            return false;
        }
        if !data.setups && self.added_by(task, from, to) >= room {
            return false;
        }
        self.plan.pull(from.0, from.1);
        self.put_task(task, to.0, to.1 + 1);
        self.settle_moved(&[task])
    }

    /// Two tasks change places.
    fn exchange(&mut self, task: u32, room: i64) -> bool {
        let data = self.data;
        let Some(here) = self.plan.find(task) else { return false };
        let there = if self.chance.one_in(2) {
            self.draw_task().and_then(|other| self.plan.find(other))
        } else {
            self.draw_place(task, here).map(|(car, gap)| (car, gap + 1))
        };
        let Some(there) = there else { return false };
        let other = self.plan.routes[there.0 as usize].nodes[there.1].task;
        let beside = here.0 == there.0 && here.1.abs_diff(there.1) < 2;
        if beside || other == NONE || !self.may_move(other) {
            return false;
        }
        let job = |task: u32| data.tasks[task as usize].job;
        let may =
            |task: u32, car: u32| data.fit(task, car) < NEVER && !data.cars[car as usize].loaded;
        if job(task) == job(other) || !may(task, there.0) || !may(other, here.0) {
            return false;
        }
        if !data.setups {
            let added =
                self.added_instead(task, there).saturating_add(self.added_instead(other, here));
            if added >= room {
                return false;
            }
        }
        // What stands further back goes out first and comes in last: positions stay what they are.
        let mut swapped = [(task, here, there), (other, there, here)];
        swapped.sort_by_key(|&(_, (_, at), _)| std::cmp::Reverse(at));
        for (_, (car, at), _) in swapped {
            self.plan.pull(car, at);
        }
        swapped.sort_by_key(|&(_, _, (_, at))| at);
        for (task, _, (car, at)) in swapped {
            self.put_task(task, car, at);
        }
        self.settle_moved(&[task, other])
    }

    /// Two routes exchange what follows a time, or a part of it.
    fn cross(&mut self, task: u32, room: i64) -> bool {
        let data = self.data;
        let Some((car, at)) = self.plan.find(task) else { return false };
        let other = index(self.chance.below(data.shifts));
        if other == car || data.cars[other as usize].loaded {
            return false;
        }
        let (here, there) = (&self.plan.routes[car as usize], &self.plan.routes[other as usize]);
        let start = here.earliest(at);
        let until = (1..there.end()).take_while(|&node| there.earliest(node) < start).count() + 1;
        let (mut most, mut back) = (here.end() - at, there.end() - until);
        if !self.chance.one_in(3) {
            most = most.min(1 + self.chance.below(PART - 1));
            back = back.min(self.chance.below(PART));
        }
        let part = |car: u32, at: usize, count: usize| -> Vec<u32> {
            let nodes = &self.plan.routes[car as usize].nodes[at..at + count];
            nodes.iter().map(|node| node.task).collect()
        };
        let (ours, theirs) = (part(car, at, most), part(other, until, back));
        let may = |tasks: &[u32], to: u32| {
            tasks
                .iter()
                .all(|&task| task != NONE && self.may_move(task) && data.fit(task, to) < NEVER)
        };
        if !may(&ours, other) || !may(&theirs, car) {
            return false;
        }
        if !data.setups {
            let one = self.added_between((car, at), most, &theirs);
            let two = self.added_between((other, until), back, &ours);
            if one.saturating_add(two) >= room {
                return false;
            }
        }
        for (car, at, tasks) in [(car, at, &ours), (other, until, &theirs)] {
            for place in (at..at + tasks.len()).rev() {
                self.plan.pull(car, place);
            }
        }
        for (car, at, tasks) in [(car, at, &theirs), (other, until, &ours)] {
            for (&task, place) in tasks.iter().zip(at..) {
                self.put_task(task, car, place);
            }
        }
        let moved = [ours, theirs].concat();
        self.settle_moved(&moved)
    }

    /// Puts a task at a position, and has the times of those who share its own looked at.
    fn put_task(&mut self, task: u32, car: u32, at: usize) {
        let data = self.data;
        let node = Node::new(data, task, car);
        if node.coupled {
            if self.may_wait(node.job) && self.chance.one_in(2) {
                self.plan.hold(node.job, ANY_TIME);
            }
            self.plan.stir(data, node.job);
        }
        self.plan.put(data, node, car, at);
    }

    /// Whether the plan keeps all rules with these tasks where they are now.
    fn settle_moved(&mut self, tasks: &[u32]) -> bool {
        let data = self.data;
        let job = |task: u32| data.tasks[task as usize].job;
        tasks.iter().all(|&task| self.people_fit(job(task)))
            && self.plan.settle(data)
            && self.plan.reprice(data)
            && tasks.iter().all(|&task| {
                let car = self.plan.at[task as usize];
                // An idle shift may have a drive that is too long; one that is driven may not.
                self.plan.routes[car as usize].bad_legs == 0
                    && self.order_kept(car)
                    && self.shipment_kept(job(task))
            })
    }

    /// Whether those who come to a job are different people and may do so together.
    fn people_fit(&self, job: u32) -> bool {
        let data = self.data;
        let of = &data.jobs[job as usize];
        let tasks = of.first..of.first + of.persons;
        let car = |task: u32| self.plan.at[task as usize];
        if data.linked && !tasks.clone().all(|task| self.may_come(task, car(task))) {
            return false;
        }
        if of.persons < 2 {
            return true;
        }
        let who = |task: u32| data.cars[car(task) as usize].technician;
        let twice = |task: u32| (of.first..task).any(|other| who(other) == who(task));
        let cars: Vec<u32> = tasks.clone().map(car).collect();
        !tasks.clone().any(twice) && self.crew_on(job, &cars)
    }

    /// Somewhere for a task: after which node of a route, without the task itself.
    fn draw_place(&mut self, task: u32, (own, at): Place) -> Option<Place> {
        let data = self.data;
        let may = |car: u32| data.fit(task, car) < NEVER && !data.cars[car as usize].loaded;
        let kind = self.chance.below(PLACES);
        if kind < BESIDE {
            let job = data.tasks[task as usize].job;
            let near = &data.near[job as usize];
            let other = *near.get(self.chance.below(near.len().min(NEIGHBOURS)))?;
            let of = &data.jobs[other as usize];
            let other = of.first + index(self.chance.below(of.persons as usize));
            let (car, mut beside) = self.plan.find(other)?;
            if car == own && beside > at {
                beside -= 1;
            }
            return may(car).then(|| (car, beside - self.chance.below(2)));
        }
        let count = data.shifts;
        let car = (0..DRAWN).map(|_| index(self.chance.below(count))).find(|&car| may(car))?;
        let route = &self.plan.routes[car as usize];
        let last = if car == own { route.end() - 2 } else { route.end() - 1 };
        if kind < BESIDE + ANYWHERE {
            return Some((car, self.chance.below(last + 1)));
        }
        let start = self.plan.routes[own as usize].earliest(at);
        let before = if car == own {
            at - 1
        } else {
            (1..route.end()).take_while(|&node| route.earliest(node) < start).count()
        };
        let gap = (before + self.chance.below(2 * AROUND + 1)).saturating_sub(AROUND);
        Some((car, gap.min(last)))
    }

    /// What a relocation adds to costs that do not depend on times, at least.
    fn added_by(&self, task: u32, (own, at): Place, (car, gap): Place) -> i64 {
        let data = self.data;
        let (old, new) = (&self.plan.routes[own as usize], &self.plan.routes[car as usize]);
        let node = &old.nodes[at];
        let saved = if old.visits == 1 && own != car {
            old.fixed_cost
        } else {
            let cars = &data.cars[own as usize];
            let (before, next) = (&old.nodes[at - 1], &old.nodes[at + 1]);
            let across = data.travels[cars.travel].hop(before.place, next.place).cost;
            node.hop_cost + next.hop_cost - across
                + node.fit
                + i64::from(node.dur) * cars.onsite_second
        };
        let skipped = |node: usize| if own == car && node >= at { node + 1 } else { node };
        let (before, next) = (&new.nodes[skipped(gap)], &new.nodes[skipped(gap + 1)]);
        let of = &data.cars[car as usize];
        let travel = &data.travels[of.travel];
        let hop = |from: u32, to: u32| travel.hop(from, to).cost;
        let across = if new.visits == 0 { 0 } else { hop(before.place, next.place) };
        let used = if new.visits == 0 { of.used } else { 0 };
        let (setup, service) = data.times_of(task, car);
        let onsite = i64::from(setup + service + data.tasks[task as usize].exit);
        let added = hop(before.place, node.place) + hop(node.place, next.place) - across
            + used
            + data.fit(task, car)
            + onsite * of.onsite_second;
        added - saved
    }

    /// The same of a task that takes the place of another.
    fn added_instead(&self, task: u32, (car, at): Place) -> i64 {
        let data = self.data;
        let of = &data.cars[car as usize];
        let route: &Route = &self.plan.routes[car as usize];
        let (before, old, next) = (&route.nodes[at - 1], &route.nodes[at], &route.nodes[at + 1]);
        let place = data.tasks[task as usize].place;
        let travel = &data.travels[of.travel];
        let (setup, service) = data.times_of(task, car);
        let onsite = setup + service + data.tasks[task as usize].exit - old.dur;
        travel.hop(before.place, place).cost + travel.hop(place, next.place).cost
            - old.hop_cost
            - next.hop_cost
            + data.fit(task, car)
            - old.fit
            + i64::from(onsite) * of.onsite_second
    }

    /// The same where tasks take the places of so many from a position on.
    fn added_between(&self, (car, at): Place, count: usize, tasks: &[u32]) -> i64 {
        let data = self.data;
        let of = &data.cars[car as usize];
        let route = &self.plan.routes[car as usize];
        let visits = route.visits - i64::try_from(count).unwrap_or(0);
        if visits == 0 && tasks.is_empty() {
            return if count > 0 { -route.fixed_cost } else { 0 };
        }
        let travel = &data.travels[of.travel];
        let mut cost = if route.visits == 0 { of.used } else { 0 };
        let mut before = route.nodes[at - 1].place;
        for &task in tasks {
            let (setup, service) = data.times_of(task, car);
            let own = &data.tasks[task as usize];
            cost += travel.hop(before, own.place).cost
                + data.fit(task, car)
                + i64::from(setup + service + own.exit) * of.onsite_second;
            before = own.place;
        }
        cost += travel.hop(before, route.nodes[at + count].place).cost;
        for node in &route.nodes[at..at + count] {
            cost -= node.hop_cost + node.fit + i64::from(node.dur) * of.onsite_second;
        }
        // Drives of an idle shift cost nothing.
        cost - if route.visits == 0 { 0 } else { route.nodes[at + count].hop_cost }
    }

    /// Costs of the plan that do not depend on times.
    pub(super) fn fixed_costs(&self) -> i64 {
        let routes = self.plan.routes[..self.data.shifts].iter();
        let busy = routes.filter(|route| route.visits > 0);
        self.plan.left_out.1 + busy.map(|route| route.fixed_cost).sum::<i64>()
    }
}

//! What is taken out of the plan before it is mended.

mod empties;

use crate::optimize::rich::data::{Kind, NONE, index};
use crate::optimize::rich::insert::Builder;
use crate::optimize::rich::loads;
use crate::optimize::rich::route::Role;

/// Jobs taken out on average.
const AVERAGE: usize = 10;
/// On small days whose routes share times one in so many, but at least as many as this: with more of
/// them out, what is left says too little about where they go.
const SMALL: (usize, usize) = (6, 5);
/// Longest string.
const STRING_MAX: usize = 10;

/// Of so many ruins six are of other kinds than strings; more often where routes share times that
/// cost something, which strings move too little.
const DRAWS: usize = 80;
const DRAWS_COUPLED: usize = 20;

impl Builder<'_, '_> {
    /// Takes jobs out; `false` if times cannot be settled afterwards.
    pub(super) fn ruin(&mut self, removed: &mut Vec<u32>) -> bool {
        let draws = if self.data.shares_costs() { DRAWS_COUPLED } else { DRAWS };
        if !(self.data.shifts_cost && self.ruin_shifts(removed)) {
            match self.chance.below(draws) {
                14..=16 => self.ruin_scattered(removed),
                17 => self.ruin_route(removed),
                18 => self.ruin_linked(removed),
                19 => self.ruin_time(removed),
                _ => self.ruin_strings(removed),
            }
        }
        self.tidy_routes(removed);
        self.plan.settle(self.data)
    }

    /// Jobs taken out on average.
    fn average(&self) -> usize {
        let data = self.data;
        if data.shares_costs() {
            (data.model.visits.len() / SMALL.0).clamp(SMALL.1, AVERAGE)
        } else {
            AVERAGE
        }
    }

    /// A visit in the plan that may be moved.
    fn seed(&mut self) -> Option<u32> {
        let visits = self.data.model.visits.len();
        let drawn = self.chance.below(visits);
        let ring = (drawn..visits).chain(0..drawn).map(index);
        let mut ring = ring
            .filter(|&job| self.plan.has(self.data, job) && !self.data.jobs[job as usize].fixed);
        ring.next()
    }

    /// Strings of neighbouring routes.
    ///
    /// Source: Christiaens and Vanden Berghe (2020), section 5.2.
    fn ruin_strings(&mut self, removed: &mut Vec<u32>) {
        let data = self.data;
        let Some(seed) = self.seed() else { return };
        // The length is taken from the route at hand: cheap, and right where routes differ.
        let car = self.plan.at[data.jobs[seed as usize].first as usize];
        let longest = STRING_MAX.min(self.plan.routes[car as usize].nodes.len() - 2).max(1);
        let strings = (4 * self.average() / (1 + longest)).max(1);
        let strings = 1 + self.chance.below(strings);
        let mut ruined: Vec<u32> = Vec::with_capacity(strings);
        for near in 0..=data.near[seed as usize].len() {
            if ruined.len() >= strings {
                break;
            }
            let job = if near == 0 { seed } else { data.near[seed as usize][near - 1] };
            let tasks = data.job_tasks(job);
            let task =
                tasks.start + index(self.chance.below(data.jobs[job as usize].persons as usize));
            let car = self.plan.at[task as usize];
            if car == NONE || ruined.contains(&car) {
                continue;
            }
            ruined.push(car);
            self.ruin_string(car, task, longest, removed);
        }
    }

    /// A string of a route around a task, now and then with some stops in it spared.
    fn ruin_string(&mut self, car: u32, task: u32, longest: usize, removed: &mut Vec<u32>) {
        let data = self.data;
        let route = &self.plan.routes[car as usize];
        let jobs: Vec<(u32, bool)> = route
            .nodes
            .iter()
            .filter(|node| node.role == Role::Work)
            .map(|node| (data.tasks[node.task as usize].job, node.task == task))
            .collect();
        let count = jobs.len();
        let Some(at) = jobs.iter().position(|&(_, here)| here) else { return };
        let length = 1 + self.chance.below(longest.min(count));
        let mut spared = 0;
        if length > 1 && length < count && self.chance.one_in(2) {
            spared = 1;
            while length + spared < count && !self.chance.one_in(2) {
                spared += 1;
            }
        }
        let span = length + spared;
        let (low, high) = (at.saturating_sub(span - 1), at.min(count - span));
        let first = low + self.chance.below(high + 1 - low);
        let skip = first + if spared > 0 { 1 + self.chance.below(length - 1) } else { span };
        for (place, &(job, _)) in jobs.iter().enumerate().take(first + span).skip(first) {
            if place < skip || place >= skip + spared {
                self.take_out(job, removed);
            }
        }
    }

    /// Visits from anywhere.
    fn ruin_scattered(&mut self, removed: &mut Vec<u32>) {
        let average = self.average();
        let count = 1 + self.chance.below(2 * average);
        for _ in 0..count {
            if let Some(job) = self.seed() {
                self.take_out(job, removed);
            }
        }
    }

    /// A whole route, and now and then a neighbouring one.
    fn ruin_route(&mut self, removed: &mut Vec<u32>) {
        let Some(seed) = self.seed() else { return };
        let data = self.data;
        let mut cars = vec![self.plan.at[data.jobs[seed as usize].first as usize]];
        if self.chance.one_in(2) {
            let near = data.near[seed as usize].iter();
            let mut near = near.map(|&job| self.plan.at[data.jobs[job as usize].first as usize]);
            cars.extend(near.find(|&car| car != NONE && !cars.contains(&car)));
        }
        for car in cars {
            self.empty(car, removed);
        }
    }

    /// Takes out all visits of a route that need not stay.
    fn empty(&mut self, car: u32, removed: &mut Vec<u32>) {
        let nodes = self.plan.routes[car as usize].nodes.iter();
        let tasks: Vec<u32> =
            nodes.filter(|node| node.role == Role::Work).map(|node| node.task).collect();
        for task in tasks {
            self.take_out(self.data.tasks[task as usize].job, removed);
        }
    }

    /// A visit and what is linked to it, of its crews and of its equipment.
    fn ruin_linked(&mut self, removed: &mut Vec<u32>) {
        let data = self.data;
        let Some(seed) = self.seed() else { return };
        let mut open = vec![seed];
        // Visits that stay come up again and again.
        let average = self.average();
        for _ in 0..4 * average {
            let Some(job) = open.pop() else { break };
            if removed.len() >= 2 * average {
                break;
            }
            open.extend(
                data.ties[job as usize]
                    .iter()
                    .map(|tie| tie.0)
                    .filter(|&other| self.plan.has(data, other)),
            );
            for task in data.job_tasks(job) {
                let Some((car, at)) = self.plan.find(task) else { continue };
                let route = &self.plan.routes[car as usize];
                for beside in [at - 1, at + 1] {
                    let node = &route.nodes[beside];
                    if node.role == Role::Work {
                        open.push(data.tasks[node.task as usize].job);
                    }
                }
            }
            if self.plan.has(data, job) {
                self.take_out(job, removed);
            }
            self.chance.shuffle(&mut open);
            open.truncate(12);
        }
    }

    /// Visits of all routes around one time.
    fn ruin_time(&mut self, removed: &mut Vec<u32>) {
        let data = self.data;
        let Some(seed) = self.seed() else { return };
        let Some((car, at)) = self.plan.find(data.jobs[seed as usize].first) else { return };
        let time = self.plan.routes[car as usize].earliest(at);
        let average = self.average();
        let count = 1 + self.chance.below(2 * average);
        let mut close: Vec<(i32, u32)> = Vec::new();
        for near in std::iter::once(&seed).chain(&data.near[seed as usize]) {
            if let Some((car, at)) = self.plan.find(data.jobs[*near as usize].first) {
                close.push(((self.plan.routes[car as usize].earliest(at) - time).abs(), *near));
            }
        }
        close.sort_unstable();
        for &(_, job) in close.iter().take(count) {
            self.take_out(job, removed);
        }
    }

    /// Takes out a job and all that must be with it, unless part of it has to stay.
    pub(super) fn take_out(&mut self, job: u32, removed: &mut Vec<u32>) {
        let data = self.data;
        let own = [job];
        let bundle = if data.linked { &data.bundles[job as usize][..] } else { &own };
        if bundle.iter().any(|&member| data.jobs[member as usize].fixed) {
            return;
        }
        for &member in bundle {
            if self.plan.has(data, member) {
                self.plan.remove(data, member);
                removed.push(member);
            }
        }
    }

    /// Frees changed routes of depots nobody needs and, now and then, of breaks with a place.
    fn tidy_routes(&mut self, removed: &mut Vec<u32>) {
        let data = self.data;
        for car in self.plan.touched_cars() {
            if self.data.cars[car as usize].is_unit() {
                continue;
            }
            let of = &data.cars[car as usize];
            if of.loaded && self.plan.routes[car as usize].depot().is_some() {
                if self.chance.one_in(2) {
                    self.free_depot(car, removed);
                }
                self.plan.drop_depots(data, car);
            }
            if !(of.placed.is_empty() && of.must.is_empty()) {
                self.free_pauses(car);
            }
            let optional = of.rests.iter().any(|rest| rest.missed.is_some());
            if optional && self.chance.one_in(4) {
                self.toggle_rest(car);
            }
        }
    }

    /// Takes out breaks with a place, now and then.
    fn free_pauses(&mut self, car: u32) {
        let data = self.data;
        let breaks = self.plan.routes[car as usize].nodes.iter();
        let pauses: Vec<u32> =
            breaks.filter(|node| node.role == Role::Pause).map(|node| node.task).collect();
        for task in pauses {
            let job = data.tasks[task as usize].job;
            debug_assert!(matches!(data.jobs[job as usize].kind, Kind::Break(_)));
            if self.chance.one_in(2) {
                self.plan.remove(data, job);
            }
        }
    }

    /// Takes out what needs one of the stops at a depot, so that it can be put elsewhere.
    fn free_depot(&mut self, car: u32, removed: &mut Vec<u32>) {
        let data = self.data;
        let who = data.cars[car as usize].technician;
        let stops: Vec<usize> = self.plan.routes[car as usize].depots().collect();
        let chosen = if stops.len() > 1 { self.chance.below(stops.len()) } else { 0 };
        let from = if chosen > 0 { stops[chosen - 1] } else { 0 };
        let until = stops.get(chosen + 1).copied();
        let nodes = &self.plan.routes[car as usize].nodes;
        let jobs = nodes[from..until.unwrap_or(nodes.len())].iter();
        let jobs = jobs.filter(|node| node.role == Role::Work);
        let mut jobs: Vec<u32> = jobs.map(|node| data.tasks[node.task as usize].job).collect();
        let fetches = |job: u32| data.lacks(job, who);
        self.chance.shuffle(&mut jobs);
        jobs.sort_by_key(|&job| !fetches(job));
        for job in jobs {
            let route = &self.plan.routes[car as usize];
            let lasts = |at: usize| loads::last_without(data, route, at);
            let needs = chosen == 0 && fetches(job)
                || loads::needs_depot(data, job, car)
                    && !route.depots().nth(chosen).is_none_or(lasts);
            if needs {
                self.take_out(job, removed);
            }
        }
    }

    /// Leaves out an optional break, or takes it again.
    fn toggle_rest(&mut self, car: u32) {
        let rests = &self.data.cars[car as usize].rests;
        let optional: Vec<u8> = (0..rests.len())
            .filter(|&at| rests[at].missed.is_some())
            .filter_map(|at| u8::try_from(at).ok())
            .collect();
        let chosen = optional[self.chance.below(optional.len())];
        let mut kept = self.plan.routes[car as usize].rests.clone();
        if let Some(at) = kept.iter().position(|&at| at == chosen) {
            kept.remove(at);
        } else {
            kept.push(chosen);
            kept.sort_unstable();
        }
        self.plan.set_rests(self.data, car, &kept);
    }
}

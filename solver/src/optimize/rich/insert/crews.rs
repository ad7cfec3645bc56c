//! Jobs done by several: people who start together, and units of equipment.

use crate::optimize::rich::data::{NEVER, index};
use crate::optimize::rich::insert::{ANY_TIME, Builder, Move};
use crate::optimize::rich::price::{cheapest_start, start_cost};
use crate::optimize::rich::spots::{Probe, Spot, next_bound};

/// Places kept for each role.
const ROLE_KEPT: usize = 24;
/// Combinations looked at.
const LOOKED_MAX: usize = 2000;
/// Combinations proved.
const PROVED: usize = 4;

/// Choosing one place for each role.
struct Choice<'a> {
    roles: &'a [Vec<Spot>],
    /// Least cost of all roles from each on.
    rest: Vec<i64>,
    picked: Vec<Spot>,
    looked: usize,
    limit: i64,
    found: Vec<(i64, Vec<Spot>)>,
}

impl Builder<'_, '_> {
    pub(super) fn place_crew(&mut self, job: u32, limit: i64) -> bool {
        let data = self.data;
        let of = &data.jobs[job as usize];
        let Some(bounds) = self.start_bounds(job) else { return false };
        let mut roles = Vec::with_capacity(of.persons as usize);
        let mut room = limit;
        for task in of.first..of.first + of.persons {
            // Where nothing is ever saved, no role may cost more than the others leave of the limit.
            let spots = self.role_spots(task, bounds, if data.may_gain { NEVER } else { room });
            let Some(least) = spots.iter().map(|spot| spot.cost).min() else { return false };
            room -= least;
            roles.push(spots);
        }
        let mut rest: Vec<i64> = roles
            .iter()
            .map(|spots| spots.iter().map(|spot| spot.cost).min().unwrap_or(0))
            .collect();
        for at in (0..rest.len().saturating_sub(1)).rev() {
            rest[at] += rest[at + 1];
        }
        rest.push(0);
        let found = Vec::new();
        let mut choice =
            Choice { roles: &roles, rest, picked: Vec::new(), looked: 0, limit, found };
        self.choose(job, &mut choice, 0, bounds);
        let combinations = std::mem::take(&mut choice.found);
        let mut offers = Vec::new();
        for (cost, spots) in combinations {
            let Some(moves) = self.with_units(job, &spots) else { continue };
            if !data.timed {
                if self.commit(&moves, ANY_TIME) {
                    return true;
                }
                continue;
            }
            let low = spots.iter().map(|spot| spot.low).fold(bounds.0, i32::max);
            let high = spots.iter().map(|spot| spot.high).fold(bounds.1, i32::min);
            self.offer(job, (cost, moves), (low, high), &mut offers);
        }
        self.prove_best(offers)
    }

    /// The cheapest places of one role, each with the span of its starts.
    ///
    /// * `limit`: they cost less.
    fn role_spots(&mut self, task: u32, bounds: (i32, i32), limit: i64) -> Vec<Spot> {
        self.list_cars(task, true);
        let cars = std::mem::take(&mut self.cars);
        let data = self.data;
        let mut spots: Vec<Spot> = Vec::new();
        for &car in &cars {
            if !self.may_come(task, car) {
                continue;
            }
            let Some(probe) = Probe::new(data, task, car) else { continue };
            let probe = probe.bounded(bounds);
            let Self { plan, chance, blink, .. } = self;
            let route = &plan.routes[car as usize];
            probe.scan(data, (&*plan, route), limit, |mut spot| {
                if *blink == 0 || !chance.one_in(*blink) {
                    spot.high = probe.last(data, route, spot.gap);
                    if data.timed {
                        spot.cost += next_bound(data, route, spot);
                    }
                    spots.push(spot);
                }
                limit
            });
        }
        self.cars = cars;
        spots.sort_unstable_by_key(|spot| (spot.cost, spot.car, spot.gap));
        thin(&mut spots);
        spots
    }

    fn choose(&self, job: u32, choice: &mut Choice<'_>, cost: i64, span: (i32, i32)) {
        choice.looked += 1;
        let role = choice.picked.len();
        let worst = match choice.found.get(PROVED - 1) {
            Some((cost, _)) => *cost,
            None => choice.limit,
        };
        if choice.looked > LOOKED_MAX || cost + choice.rest[role] >= worst {
            return;
        }
        let Some(spots) = choice.roles.get(role) else {
            if self.crew_fits(job, &choice.picked) {
                let late = self.least_start_cost(job, span);
                let at = choice.found.partition_point(|other| other.0 <= cost + late);
                if cost + late < worst {
                    choice.found.insert(at, (cost + late, choice.picked.clone()));
                    choice.found.truncate(PROVED);
                }
            }
            return;
        };
        for &spot in spots {
            let who = |car: u32| self.data.cars[car as usize].technician;
            let (low, high) = (span.0.max(spot.low), span.1.min(spot.high));
            let twice = choice.picked.iter().any(|other| who(other.car) == who(spot.car));
            if low <= high && !twice {
                choice.picked.push(spot);
                self.choose(job, choice, cost + spot.cost, (low, high));
                choice.picked.pop();
            }
        }
    }

    /// What a start in a span costs at least by itself.
    fn least_start_cost(&self, job: u32, span: (i32, i32)) -> i64 {
        let data = self.data;
        let of = &data.jobs[job as usize];
        if !of.timed {
            0
        } else if of.late_only {
            start_cost(data, job, span.0, span.0 + data.length(job))
        } else {
            cheapest_start(data, job, span).0
        }
    }

    /// Whether everybody who is required comes, and somebody carries each tool: crews do not fetch
    /// any on the way.
    pub(super) fn crew_fits(&self, job: u32, picked: &[Spot]) -> bool {
        let cars: Vec<u32> = picked.iter().map(|spot| spot.car).collect();
        self.crew_on(job, &cars)
    }

    /// The same for a crew by its cars.
    pub(in crate::optimize::rich) fn crew_on(&self, job: u32, cars: &[u32]) -> bool {
        let data = self.data;
        let visit = data.visit(job);
        if data.jobs[job as usize].settled {
            return true;
        }
        let people = cars.iter().map(|&car| data.cars[car as usize].technician);
        let here = |who: u32| people.clone().any(|other| other == who);
        visit.wishes.required.iter().all(|who| here(who.0))
            && visit.tools.iter().all(|tool| {
                let carried =
                    |who: u32| data.model.technicians[who as usize].carried.contains(tool);
                people.clone().any(carried)
            })
    }

    /// The people's places together with those of the units needed.
    pub(super) fn with_units(&self, job: u32, spots: &[Spot]) -> Option<Vec<Move>> {
        let data = self.data;
        let of = &data.jobs[job as usize];
        let mut moves: Vec<Move> =
            (of.first..).zip(spots).map(|(task, &spot)| Move { task, spot, depot: None }).collect();
        let mut low = spots.iter().map(|spot| spot.low).max().unwrap_or(0);
        let high = spots.iter().map(|spot| spot.high).min().unwrap_or(0);
        let length = self.crew_length(job, spots);
        let mut at = of.first + of.persons;
        while at < of.first + of.tasks {
            let pool = data.tasks[at as usize].pool;
            let count = (at..of.first + of.tasks)
                .take_while(|&task| {
                    let (here, first) = (&data.tasks[task as usize], &data.tasks[at as usize]);
                    here.pool == pool && here.pad_before == first.pad_before
                })
                .count();
            let units = self.free_units(at, (low, high), length);
            let mut fresh =
                units.iter().filter(|unit| !moves.iter().any(|step| step.spot.car == unit.car));
            let mut chosen = Vec::new();
            for task in at..at + index(count) {
                let spot = *fresh.next()?;
                low = low.max(spot.low);
                chosen.push(Move { task, spot, depot: None });
            }
            moves.extend(chosen);
            at += index(count);
        }
        (low <= high).then_some(moves)
    }

    fn crew_length(&self, job: u32, spots: &[Spot]) -> i32 {
        let data = self.data;
        let of = &data.jobs[job as usize];
        let lengths = (of.first..).zip(spots).map(|(task, spot)| {
            Probe::new(data, task, spot.car)
                .map_or(0, |probe| probe.stay(&self.plan.routes[spot.car as usize], spot.gap))
        });
        lengths.max().unwrap_or(0)
    }

    /// Units that can come, the first to be there first; of equals the one with less idle time before.
    fn free_units(&self, task: u32, (low, high): (i32, i32), length: i32) -> Vec<Spot> {
        let data = self.data;
        let pool = data.tasks[task as usize].pool;
        let Some(&(first, last)) = data.units.get(pool as usize) else { return Vec::new() };
        let mut found: Vec<(i32, i32, Spot)> = Vec::new();
        for car in first..last {
            let Some(mut probe) = Probe::new(data, task, car) else { continue };
            probe.node.dur = length;
            let probe = probe.bounded((low, high));
            let route = &self.plan.routes[car as usize];
            let mut best: Option<(i32, i32, Spot)> = None;
            probe.scan(data, (&self.plan, route), NEVER, |spot| {
                let idle = spot.low.saturating_sub(route.ends[spot.gap]);
                if idle < 0 {
                    return NEVER;
                }
                let key = (spot.low, idle, spot);
                if best.is_none_or(|other| (key.0, key.1) < (other.0, other.1)) {
                    best = Some(key);
                }
                NEVER
            });
            found.extend(best);
        }
        found.sort_by_key(|unit| (unit.0, unit.1, unit.2.car));
        found.into_iter().map(|unit| unit.2).collect()
    }
}

/// Keeps the cheapest places, and of each car its best ones, so that nobody crowds out the others.
fn thin(spots: &mut Vec<Spot>) {
    let mut per_car: Vec<(u32, u32)> = Vec::new();
    spots.retain(|spot| {
        if let Some((_, count)) = per_car.iter_mut().find(|(car, _)| *car == spot.car) {
            *count += 1;
            return *count <= 4;
        }
        per_car.push((spot.car, 1));
        true
    });
    spots.truncate(ROLE_KEPT);
}

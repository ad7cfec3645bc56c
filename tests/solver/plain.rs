//! Plain routing: laws of the search, each plan checked by code of its own.

use roundsman_solver::optimize::plain::{Matrix, PlainRoutes, Problem, Saved, Vehicle, Visit};
use roundsman_solver::optimize::search::{
    Annealing, Budget, Chance as Luck, Outcome, Settings, Silent,
};

use crate::chance::Chance;

/// A problem as given, kept for checking.
pub struct Case {
    pub places: usize,
    pub cost: Vec<i32>,
    pub time: Vec<i32>,
    pub visits: Vec<Visit>,
    pub vehicles: Vec<Vehicle>,
}

impl Case {
    /// Random places, windows and vehicles; times differ from costs and depend on the direction.
    pub fn random(seed: u64, visits: usize, vehicles: usize) -> Self {
        let mut chance = Chance::new(seed);
        let places = visits + 3;
        let at: Vec<(i64, i64)> =
            (0..places).map(|_| (chance.within(0, 100), chance.within(0, 100))).collect();
        let (mut cost, mut time) = (Vec::new(), Vec::new());
        for from in &at {
            for to in &at {
                let distance = (from.0 - to.0).abs() + (from.1 - to.1).abs();
                cost.push(distance as i32);
                time.push((distance + if distance > 0 { chance.within(0, 9) } else { 0 }) as i32);
            }
        }
        let visit = |place: usize, chance: &mut Chance| {
            let earliest = chance.within(0, 600) as i32;
            let required = chance.happens(3, 4);
            Visit {
                place: place as u32,
                service: chance.within(0, 30) as i32,
                earliest,
                latest: earliest + chance.within(0, 400) as i32,
                load: chance.within(0, 9) as i32,
                skip_cost: if required { 1_000_000 } else { chance.within(0, 120) },
                required,
            }
        };
        let visits = (3..places).map(|place| visit(place, &mut chance)).collect();
        let vehicles = (0..vehicles)
            .map(|_| Vehicle {
                start: chance.happens(5, 6).then_some(chance.within(0, 2) as u32),
                end: chance.happens(5, 6).then_some(chance.within(0, 2) as u32),
                earliest: chance.within(0, 100) as i32,
                latest: chance.within(500, 1200) as i32,
                capacity: chance.within(10, 40) as i32,
                fixed_cost: chance.within(0, 50),
            })
            .collect();
        Self { places, cost, time, visits, vehicles }
    }

    /// Enough vehicles and time for everything, so that every visit can be served.
    pub fn roomy(seed: u64, visits: usize, vehicles_alike: bool) -> Self {
        let mut case = Self::random(seed, visits, 10);
        for visit in &mut case.visits {
            (visit.latest, visit.skip_cost, visit.required) =
                (visit.earliest + 300, 1_000_000, true);
        }
        let first = Vehicle { start: Some(0), end: Some(0), ..case.vehicles[0] };
        for vehicle in &mut case.vehicles {
            if vehicles_alike {
                *vehicle = first;
            }
            (vehicle.earliest, vehicle.latest, vehicle.capacity) = (0, 2000, 40);
        }
        case
    }

    pub fn problem(&self) -> Problem {
        let legs = Matrix::new(self.places, self.cost.clone(), self.time.clone()).unwrap();
        Problem::new(&legs, self.visits.clone(), &self.vehicles).unwrap()
    }

    fn leg(&self, table: &[i32], from: Option<u32>, to: Option<u32>) -> i64 {
        match (from, to) {
            (Some(from), Some(to)) => i64::from(table[from as usize * self.places + to as usize]),
            _ => 0,
        }
    }

    /// Cost of a plan, by the definition; an error names what is broken.
    pub fn cost(&self, routes: &[Vec<u32>]) -> Result<i64, String> {
        let mut served = vec![false; self.visits.len()];
        let mut total = 0;
        for (vehicle, route) in self.vehicles.iter().zip(routes) {
            for &visit in route {
                if std::mem::replace(&mut served[visit as usize], true) {
                    return Err(format!("visit {visit} is served twice"));
                }
            }
            total += self.route_cost(vehicle, route).ok_or(format!("route {route:?} fails"))?;
        }
        let skipped = served.iter().zip(&self.visits).filter(|(served, _)| !**served);
        Ok(total + skipped.map(|(_, visit)| visit.skip_cost).sum::<i64>())
    }

    /// Cost of one route; `None` if a window, the hours or the capacity do not hold.
    pub fn route_cost(&self, vehicle: &Vehicle, route: &[u32]) -> Option<i64> {
        if route.is_empty() {
            return Some(0);
        }
        let (mut at, mut now, mut load) = (vehicle.start, i64::from(vehicle.earliest), 0);
        let mut cost = vehicle.fixed_cost;
        for &visit in route {
            let visit = &self.visits[visit as usize];
            now = (now + self.leg(&self.time, at, Some(visit.place))).max(visit.earliest.into());
            if now > i64::from(visit.latest) {
                return None;
            }
            cost += self.leg(&self.cost, at, Some(visit.place));
            now += i64::from(visit.service);
            load += visit.load;
            at = Some(visit.place);
        }
        cost += self.leg(&self.cost, at, vehicle.end);
        now += self.leg(&self.time, at, vehicle.end);
        (now <= i64::from(vehicle.latest) && load <= vehicle.capacity).then_some(cost)
    }
}

fn anneal(case: &Case, seed: u64, steps: u64) -> (Outcome, Saved) {
    let problem = case.problem();
    let mut chance = Luck::new(seed);
    let mut routes = PlainRoutes::new(&problem);
    let mut search = Annealing::new(&mut routes, Settings::default(), &mut chance);
    let cooling = search.cooling(&routes);
    let outcome =
        search.run(&mut routes, &cooling, &Budget::steps(steps), &mut chance, &mut Silent);
    (outcome, search.best().clone())
}

#[test]
fn annealed_plans_hold_every_rule_and_cost_what_they_say() {
    for seed in 0..60 {
        let case = Case::random(seed, 3 + (seed as usize % 25), 1 + (seed as usize % 6));
        let (outcome, best) = anneal(&case, seed, 400);
        assert_eq!(case.cost(&best.routes), Ok(outcome.cost), "seed {seed}");
    }
}

#[test]
fn the_same_seed_gives_the_same_plan() {
    let case = Case::random(7, 30, 6);
    assert_eq!(anneal(&case, 3, 2000), anneal(&case, 3, 2000));
}

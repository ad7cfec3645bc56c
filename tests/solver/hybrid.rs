//! Both engines together: laws, on days small enough to solve by trying everything and on large ones.

use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use roundsman_solver::optimize::hybrid::{Answer, Day, Found, Options, solve};
use roundsman_solver::optimize::plain::{Matrix, PlainError};
use roundsman_solver::optimize::search::{Budget, Settings};

use crate::chance::Chance;
use crate::plain::Case;

fn answer(case: &Case, seed: u64, threads: usize, budget: &Budget<'_>) -> Answer {
    let legs = Matrix::new(case.places, case.cost.clone(), case.time.clone()).unwrap();
    let day = Day { legs: &legs, visits: &case.visits, vehicles: &case.vehicles };
    let best = Mutex::new(i64::MAX);
    let hear = |found: Found| {
        let mut best = best.lock().unwrap();
        *best = found.cost.min(*best);
    };
    let settings = Settings::default();
    let options = Options { seed, threads, settings, start: None, hear: &hear };
    let answer = solve(&day, &options, budget).unwrap();
    assert_eq!(case.cost(&answer.routes), Ok(answer.cost), "seed {seed}");
    assert_eq!(*best.lock().unwrap(), answer.cost, "the best plan was announced, seed {seed}");
    let served: usize = answer.routes.iter().map(Vec::len).sum();
    assert_eq!(answer.unserved, case.visits.len() - served);
    answer
}

/// Cheapest cost over all orders and assignments.
fn brute_force(case: &Case) -> i64 {
    fn extend(case: &Case, vehicle: usize, open: &[u32], route: &mut Vec<u32>, spent: i64) -> i64 {
        let shift = &case.vehicles[vehicle];
        let own = case.route_cost(shift, route);
        let mut best = i64::MAX;
        if let Some(own) = own {
            best = if vehicle + 1 < case.vehicles.len() {
                extend(case, vehicle + 1, open, &mut Vec::new(), spent + own)
            } else {
                let skipped = open.iter().map(|&visit| case.visits[visit as usize].skip_cost);
                spent + own + skipped.sum::<i64>()
            };
        }
        for (index, &visit) in open.iter().enumerate() {
            let mut rest = open.to_vec();
            rest.remove(index);
            route.push(visit);
            best = best.min(extend(case, vehicle, &rest, route, spent));
            route.pop();
        }
        best
    }
    let all: Vec<u32> = (0..case.visits.len() as u32).collect();
    extend(case, 0, &all, &mut Vec::new(), 0)
}

#[test]
fn tiny_days_are_solved_as_well_as_by_trying_everything() {
    for seed in 0..40 {
        let case = Case::random(seed, 1 + (seed as usize % 5), 1 + (seed as usize % 3));
        let found = answer(&case, seed, 1, &Budget::steps(3000));
        assert_eq!(found.cost, brute_force(&case), "seed {seed}");
    }
}

#[test]
fn bred_plans_hold_every_rule_and_cost_what_they_say() {
    for seed in 0..8 {
        for vehicles_alike in [true, false] {
            let case = Case::roomy(seed, 30, vehicles_alike);
            let found = answer(&case, seed, 1 + (seed as usize % 2), &Budget::steps(60_000));
            assert_eq!(found.unserved, 0);
            assert!(found.children > 0, "the case is meant to be bred, seed {seed}");
        }
    }
}

#[test]
fn the_same_seed_threads_and_steps_give_the_same_answer() {
    for threads in 1..=3 {
        let case = Case::roomy(5, 30, true);
        let budget = Budget::steps(60_000);
        assert_eq!(answer(&case, 1, threads, &budget), answer(&case, 1, threads, &budget));
    }
}

#[test]
fn large_days_are_cut_into_parts_and_put_together_again() {
    let case = Case::random(3, 700, 60);
    let budget = Budget::steps(30_000);
    let few = answer(&case, 1, 2, &Budget::steps(200));
    let found = answer(&case, 1, 2, &budget);
    assert!(found.cost < few.cost, "{} < {}", found.cost, few.cost);
    assert_eq!(found, answer(&case, 1, 2, &budget));
}

#[test]
fn a_given_plan_is_never_made_worse() {
    for (visits, threads) in [(20, 1), (20, 2), (650, 1), (650, 2)] {
        let case = Case::random(9, visits, 1 + visits / 8);
        let first = answer(&case, 1, threads, &Budget::steps(2000));
        let legs = Matrix::new(case.places, case.cost.clone(), case.time.clone()).unwrap();
        let day = Day { legs: &legs, visits: &case.visits, vehicles: &case.vehicles };
        let start = Some(first.routes.as_slice());
        let settings = Settings::default();
        let options = Options { seed: 2, threads, settings, start, hear: &|_| () };
        let second = solve(&day, &options, &Budget::steps(5)).unwrap();
        assert!(second.cost <= first.cost, "{} <= {}", second.cost, first.cost);
        assert_eq!(case.cost(&second.routes), Ok(second.cost));
    }
}

#[test]
fn a_cancelled_search_still_answers() {
    let cancel = AtomicBool::new(true);
    for visits in [0, 1, 30, 650] {
        let case = Case::random(4, visits, 3);
        let found = answer(&case, 1, 1, &Budget::steps(1_000_000_000).and_cancel(&cancel));
        assert!(found.steps < 1000);
    }
}

#[test]
fn days_without_vehicles_leave_everything_out() {
    let case = Case::random(4, 5, 0);
    assert_eq!(answer(&case, 1, 1, &Budget::steps(10)).unserved, 5);
}

#[test]
fn faults_are_refused_with_the_culprit() {
    let mut case = Case::random(4, 5, 2);
    case.visits[3].place = 99;
    let legs = Matrix::new(case.places, case.cost.clone(), case.time.clone()).unwrap();
    let day = Day { legs: &legs, visits: &case.visits, vehicles: &case.vehicles };
    let settings = Settings::default();
    let options = Options { seed: 1, threads: 1, settings, start: None, hear: &|_| () };
    let fault = solve(&day, &options, &Budget::steps(10)).unwrap_err();
    let places = case.places;
    assert_eq!(fault, PlainError::UnknownVisitPlace { visit: 3, place: 99, places });
}

#[test]
fn more_steps_never_end_worse_on_average() {
    // One seed may be unlucky with a slower cooling; the sum over cases may not.
    let mut chance = Chance::new(8);
    let sum = |steps: u64, seeds: &[u64]| -> i64 {
        let cost = |&seed: &u64| {
            let case = Case::random(seed, 60, 8);
            answer(&case, seed, 1, &Budget::steps(steps)).cost
        };
        seeds.iter().map(cost).sum()
    };
    let seeds: Vec<u64> = (0..6).map(|_| chance.next() % 1000).collect();
    let costs = [30, 300, 3000, 30_000].map(|steps| sum(steps, &seeds));
    assert!(costs.is_sorted_by(|few, many| few >= many), "{costs:?}");
}

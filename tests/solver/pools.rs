//! Choosing the best plan from a pool of routes.

use good_lp::{Expression, Solution, SolverModel, constraint, microlp, variable, variables};
use proptest::prelude::*;
use roundsman_solver::optimize::search::{Budget, Column, Partitioning, Pool};

use crate::chance::Chance;

/// The cheapest choice, by trying all.
fn brute_force(question: &Partitioning<'_>, from: usize, taken: u32, left: &[usize]) -> i64 {
    let Some(column) = question.columns.get(from) else {
        let open = (0..).zip(question.skip_costs).filter(|(visit, _)| taken & (1 << visit) == 0);
        return open.map(|(_, &cost)| cost).sum();
    };
    let without = brute_force(question, from + 1, taken, left);
    let mask = column.visits.iter().fold(0, |mask, visit| mask | (1 << visit));
    let kind = column.kind as usize;
    if taken & mask != 0 || left[kind] == 0 {
        return without;
    }
    let mut fewer = left.to_vec();
    fewer[kind] -= 1;
    without.min(column.cost + brute_force(question, from + 1, taken | mask, &fewer))
}

#[test]
fn the_chosen_routes_are_the_cheapest_plan_of_the_pool() {
    let mut better = 0;
    for seed in 0..200 {
        let mut chance = Chance::new(seed);
        let visits = chance.count(1, 8);
        let vehicles = [chance.count(0, 3), chance.count(1, 3)];
        let columns: Vec<Column> = (0..chance.count(1, 14))
            .map(|_| {
                let mut all: Vec<u32> = (0..visits as u32).collect();
                chance.shuffle(&mut all);
                all.truncate(chance.count(1, visits.min(4)));
                let cost = chance.within(5, 60) + 10 * all.len() as i64;
                Column { kind: u32::from(chance.happens(1, 2)), visits: all, cost }
            })
            .collect();
        let skip_costs: Vec<i64> = (0..visits).map(|_| chance.within(20, 90)).collect();
        let mut question = Partitioning {
            columns: &columns,
            skip_costs: &skip_costs,
            vehicles: &vehicles,
            below: i64::MAX / 4,
        };
        let cheapest = brute_force(&question, 0, 0, &vehicles);
        question.below = cheapest + 1 + chance.within(0, 50);
        let chosen = question.solve(&Budget::default()).unwrap();
        let mut open: Vec<i64> = skip_costs.clone();
        let mut cost = 0;
        for index in chosen {
            cost += columns[index].cost;
            for &visit in &columns[index].visits {
                open[visit as usize] = 0;
            }
            better += 1;
        }
        assert_eq!(cost + open.iter().sum::<i64>(), cheapest, "seed {seed}");
        question.below = cheapest;
        assert_eq!(question.solve(&Budget::default()), None, "nothing is cheaper, seed {seed}");
    }
    assert!(better > 100, "most choices hold routes");
}

/// The cheapest choice by integer programming; visits that no route can have are left out too.
fn by_programming(question: &Partitioning<'_>) -> i64 {
    let real = |amount: i64| f64::from(i32::try_from(amount).unwrap());
    let mut all = variables!();
    let chosen: Vec<_> = question.columns.iter().map(|_| all.add(variable().binary())).collect();
    let skipped: Vec<_> =
        question.skip_costs.iter().map(|_| all.add(variable().min(0.0).max(1.0))).collect();
    let mut cost = Expression::from(0.0);
    let mut served: Vec<Expression> = skipped.iter().map(|&skip| skip.into()).collect();
    let mut used = vec![Expression::from(0.0); question.vehicles.len()];
    for (&skip, &price) in skipped.iter().zip(question.skip_costs) {
        cost.add_mul(real(price), skip);
    }
    for (&choice, column) in chosen.iter().zip(question.columns) {
        cost.add_mul(real(column.cost), choice);
        used[column.kind as usize].add_mul(1.0, choice);
        for &visit in &column.visits {
            served[visit as usize].add_mul(1.0, choice);
        }
    }
    let mut program = all.minimise(cost.clone()).using(microlp);
    for row in served {
        program.add_constraint(constraint!(row == 1.0));
    }
    for (row, &count) in used.into_iter().zip(question.vehicles) {
        program.add_constraint(constraint!(row <= real(count as i64)));
    }
    program.solve().unwrap().eval(cost).round() as i64
}

/// A pool of routes over so many visits, with what it costs to leave each out.
fn any_pool() -> impl Strategy<Value = (Vec<Column>, Vec<i64>, Vec<usize>)> {
    (4_usize..28).prop_flat_map(|visits| {
        let all: Vec<u32> = (0..visits as u32).collect();
        let column = (0_u32..2, proptest::sample::subsequence(all, 1..=visits.min(5)), 20_i64..90);
        let column = column.prop_map(|(kind, visits, cost)| {
            let cost = cost + 15 * visits.len() as i64;
            Column { kind, visits, cost }
        });
        let skips = proptest::collection::vec(40_i64..200, visits);
        let vehicles = proptest::collection::vec(0_usize..8, 2);
        (proptest::collection::vec(column, 1..90), skips, vehicles)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_chosen_routes_cost_what_integer_programming_says(
        (columns, skip_costs, vehicles) in any_pool()
    ) {
        let below = skip_costs.iter().sum::<i64>() + 1;
        let question = Partitioning {
            columns: &columns, skip_costs: &skip_costs, vehicles: &vehicles, below,
        };
        let chosen = question.solve(&Budget::default()).unwrap();
        let mut open = skip_costs.clone();
        let mut cost = 0;
        for column in chosen.into_iter().map(|index| &columns[index]) {
            cost += column.cost;
            column.visits.iter().for_each(|&visit| open[visit as usize] = 0);
        }
        prop_assert_eq!(cost + open.iter().sum::<i64>(), by_programming(&question));
    }
}

#[test]
fn a_pool_keeps_each_set_of_visits_once_at_its_lowest_cost() {
    let mut pool = Pool::new(10);
    pool.add(0, &[1, 2, 3], 30);
    pool.add(0, &[3, 2, 1], 20);
    pool.add(0, &[2, 1, 3], 25);
    pool.add(1, &[1, 2, 3], 40);
    let mut columns = pool.columns();
    columns.sort_by_key(|column| column.kind);
    let column = |kind, visits: &[u32], cost| Column { kind, visits: visits.to_vec(), cost };
    assert_eq!(columns, [column(0, &[3, 2, 1], 20), column(1, &[1, 2, 3], 40)]);
}

#[test]
fn a_full_pool_drops_what_was_not_seen_for_longest() {
    let mut pool = Pool::new(4);
    for visit in 0..100 {
        pool.add(0, &[visit], 1);
        pool.add(0, &[1000], 1);
    }
    assert!(pool.len() <= 6);
    let kept: Vec<u32> = pool.columns().iter().map(|column| column.visits[0]).collect();
    assert_eq!(kept, [1000, 99, 98, 97]);
}

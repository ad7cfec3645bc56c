//! The best plan from a pool of routes, as an integer program for `good_lp`.

use std::time::Duration;

use good_lp::{
    Expression, Solution as _, SolverModel as _, Variable, WithTimeLimit as _, constraint, microlp,
    variable, variables,
};

use super::{Partitioning, real, real_count};

/// What the plan at hand costs in the program, so that its numbers are neither huge nor tiny.
const SCALE: f64 = 1000.0;

/// Indexes of the cheapest routes among `kept` that cost less than `below` together with the visits
/// they leave out, if some are found in time. Not before the time is over can it be stopped.
pub(super) fn solve(
    question: &Partitioning<'_>,
    kept: &[usize],
    below: i64,
    time: Duration,
) -> Option<Vec<usize>> {
    let scaled = |cost: i64| real(cost) / real(below).max(1.0) * SCALE;
    let mut all = variables!();
    let chosen: Vec<Variable> = kept.iter().map(|_| all.add(variable().binary())).collect();
    let mut cost = Expression::from(0.0);
    let mut served = vec![Expression::from(0.0); question.skip_costs.len()];
    let mut used = vec![Expression::from(0.0); question.vehicles.len()];
    for (&choice, &index) in chosen.iter().zip(kept) {
        let column = &question.columns[index];
        cost.add_mul(scaled(column.cost), choice);
        used[column.kind as usize].add_mul(1.0, choice);
        for &visit in &column.visits {
            served[visit as usize].add_mul(1.0, choice);
        }
    }
    // Who leaves out what costs as much as the whole plan gains nothing.
    for (row, &skip) in
        served.iter_mut().zip(question.skip_costs).filter(|(_, skip)| **skip < below)
    {
        let skipped = all.add(variable().min(0.0).max(1.0));
        cost.add_mul(scaled(skip), skipped);
        row.add_mul(1.0, skipped);
    }
    let mut program = all.minimise(cost).using(microlp).with_time_limit(time.as_secs_f64());
    for row in served {
        program.add_constraint(constraint!(row == 1.0));
    }
    for (row, &count) in used.into_iter().zip(question.vehicles) {
        program.add_constraint(constraint!(row <= real_count(count)));
    }
    let found = program.solve().ok()?;
    let picked = kept.iter().zip(&chosen).filter(|(_, choice)| found.value(**choice) > 0.5);
    let picked: Vec<usize> = picked.map(|(&index, _)| index).collect();
    // Its numbers are rounded, ours are not.
    question.cost(&picked).filter(|&cost| cost < below).map(|_| picked)
}

impl Partitioning<'_> {
    /// What a choice costs with all that it leaves out; `None` if it takes a visit or a vehicle twice.
    fn cost(&self, chosen: &[usize]) -> Option<i64> {
        let (mut open, mut left) = (self.skip_costs.to_vec(), self.vehicles.to_vec());
        let mut served = vec![false; open.len()];
        let mut cost = 0;
        for column in chosen.iter().map(|&index| &self.columns[index]) {
            let kind = &mut left[column.kind as usize];
            *kind = kind.checked_sub(1)?;
            cost += column.cost;
            for &visit in &column.visits {
                if std::mem::replace(&mut served[visit as usize], true) {
                    return None;
                }
                open[visit as usize] = 0;
            }
        }
        Some(cost + open.iter().sum::<i64>())
    }
}

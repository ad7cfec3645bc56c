//! The best plan from a pool of routes: set partitioning by Lagrangian bounds and branching.
//!
//! Bounds come from prices of visits, improved by subgradients; routes too dear for any better plan
//! are dropped; what is left is branched. Where that proves nothing soon, and there is a clock, the
//! routes left are given to [`program`], which needs time but sees the whole.
//!
//! Measured on 52 pools of 26 to 4,800 routes, met in 6 s on days of 100 and 200 visits: of 36 with
//! 200 visits, 20,000 branches prove 17 and the program 26 within 2 s, most of those in 0.2 s; of 16
//! of technicians with skills, tools and parts neither proves any, but the program has the cheaper
//! plan for 9, by up to 5 %, and branching for one. Six times the rounds of improving prices bring the
//! bounds of the former from 1-3 % below the plan at hand to 0.5-2 %.
//!
//! Sources: Balinski, Quandt (1964), "On an integer program for a delivery problem"; Held, Karp
//! (1971), "The traveling-salesman problem and minimum spanning trees: part II", for the prices;
//! Pillac, Gueret, Medaglia (2013), "A parallel matheuristic for the technician routing and
//! scheduling problem", for the use of a pool.

use std::time::Duration;

use super::{Budget, program, real};

/// A route to choose or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Kind of vehicle.
    pub kind: u32,
    /// Its visits, in order.
    pub visits: Vec<u32>,
    /// What it costs.
    pub cost: i64,
}

/// A choice among routes.
#[derive(Debug)]
pub struct Partitioning<'a> {
    /// Routes to choose from. Leaving a visit out is always possible too.
    pub columns: &'a [Column],
    /// What it costs to leave each visit out.
    pub skip_costs: &'a [i64],
    /// How many vehicles there are of each kind.
    pub vehicles: &'a [usize],
    /// Cost of a plan at hand; only cheaper ones are of interest.
    pub below: i64,
}

/// Rounds of improving prices.
const ROUNDS: usize = 1500;
/// Rounds without a better bound before the steps get shorter, and how much shorter.
const PATIENCE: usize = 20;
const SHORTER: f64 = 0.7;
/// Branches tried in all; some microseconds each.
const BRANCHES: usize = 20_000;
/// Branches tried before the integer program.
const BRANCHES_FIRST: usize = 4_000;
/// Routes for which the integer program is worth laying out, and the least time for that.
const PROGRAM_MAX: usize = 5_000;
const PROGRAM_TIME: Duration = Duration::from_millis(50);
/// The integer program cannot be stopped.
const PROGRAM_TIME_MAX: Duration = Duration::from_secs(2);

impl Partitioning<'_> {
    /// Indexes of the routes of the cheapest plan that is cheaper than `below`, if one was found
    /// within the budget and `BRANCHES` branches; visits in none of them are left out.
    ///
    /// Cost: O(`ROUNDS` * size of the columns) and the branches.
    pub fn solve(&self, budget: &Budget<'_>) -> Option<Vec<usize>> {
        let prices = self.prices(budget);
        let reduced: Vec<f64> =
            self.columns.iter().map(|column| reduced(column, &prices)).collect();
        let skips: Vec<f64> =
            self.skip_costs.iter().zip(&prices).map(|(&cost, price)| real(cost) - price).collect();
        let bound = bound(&prices, &reduced, &skips);
        let gap = real(self.below) - bound;
        let mut by_visit: Vec<Vec<usize>> = vec![Vec::new(); self.skip_costs.len()];
        let mut order: Vec<usize> = (0..self.columns.len()).collect();
        order.retain(|&index| reduced[index] < gap);
        order.sort_by(|&a, &b| reduced[a].total_cmp(&reduced[b]).then(a.cmp(&b)));
        for &index in &order {
            for &visit in &self.columns[index].visits {
                by_visit[visit as usize].push(index);
            }
        }
        let mut branching = Branching {
            problem: self,
            reduced: &reduced,
            skips: &skips,
            by_visit: &by_visit,
            covered: vec![false; self.skip_costs.len()],
            left: self.vehicles.to_vec(),
            chosen: Vec::new(),
            cost: 0,
            best_cost: self.below,
            best: None,
            branches: 0,
            most: if budget.is_counted() { BRANCHES } else { BRANCHES_FIRST },
            budget,
        };
        branching.branch(bound);
        let Branching { best, best_cost, branches, most, .. } = branching;
        let time = budget.time_left().unwrap_or_default().min(PROGRAM_TIME_MAX);
        if branches <= most || order.len() > PROGRAM_MAX || time < PROGRAM_TIME {
            return best;
        }
        program::solve(self, &order, best_cost, time).or(best)
    }

    /// Prices of visits under which the cheapest routes are about a plan.
    fn prices(&self, budget: &Budget<'_>) -> Vec<f64> {
        // A first price: the cheapest share of a route.
        let mut prices: Vec<f64> = self.skip_costs.iter().map(|&cost| real(cost)).collect();
        for column in self.columns {
            let share = real(column.cost) / super::real_count(column.visits.len().max(1));
            for &visit in &column.visits {
                prices[visit as usize] = prices[visit as usize].min(share);
            }
        }
        let (mut best, mut best_bound) = (prices.clone(), f64::NEG_INFINITY);
        let (mut step, mut idle) = (1.0, 0);
        let mut slope = vec![0.0; prices.len()];
        for round in 0..ROUNDS {
            if round % 16 == 0 && budget.is_spent(0) {
                break;
            }
            slope.fill(1.0);
            let mut bound: f64 = prices.iter().sum();
            for column in self.columns {
                let reduced = reduced(column, &prices);
                if reduced < 0.0 {
                    bound += reduced;
                    for &visit in &column.visits {
                        slope[visit as usize] -= 1.0;
                    }
                }
            }
            for ((&cost, price), slope) in self.skip_costs.iter().zip(&prices).zip(&mut slope) {
                if real(cost) < *price {
                    bound += real(cost) - price;
                    *slope -= 1.0;
                }
            }
            if bound > best_bound {
                (best_bound, idle) = (bound, 0);
                best.clone_from(&prices);
            } else {
                idle += 1;
                if idle >= PATIENCE {
                    (step, idle) = (step * SHORTER, 0);
                    prices.clone_from(&best);
                    continue;
                }
            }
            let norm: f64 = slope.iter().map(|slope| slope * slope).sum();
            if norm == 0.0 {
                break;
            }
            let length = step * (real(self.below) - bound).max(1.0) / norm;
            for (price, slope) in prices.iter_mut().zip(&slope) {
                *price += length * slope;
            }
        }
        best
    }
}

/// What a route costs above the prices of its visits.
fn reduced(column: &Column, prices: &[f64]) -> f64 {
    real(column.cost) - column.visits.iter().map(|&visit| prices[visit as usize]).sum::<f64>()
}

/// What every plan costs at least under these prices.
fn bound(prices: &[f64], reduced: &[f64], skips: &[f64]) -> f64 {
    let gains = reduced.iter().chain(skips).filter(|&&reduced| reduced < 0.0);
    prices.iter().sum::<f64>() + gains.sum::<f64>()
}

/// Depth first search over the routes that are left.
struct Branching<'a> {
    problem: &'a Partitioning<'a>,
    reduced: &'a [f64],
    skips: &'a [f64],
    /// Columns with each visit, the most promising first.
    by_visit: &'a [Vec<usize>],
    covered: Vec<bool>,
    left: Vec<usize>,
    chosen: Vec<usize>,
    cost: i64,
    best_cost: i64,
    best: Option<Vec<usize>>,
    branches: usize,
    most: usize,
    budget: &'a Budget<'a>,
}

impl Branching<'_> {
    /// Goes on from the routes chosen so far, under which a plan costs at least `bound`.
    fn branch(&mut self, bound: f64) {
        self.branches += 1;
        let spent = self.branches.is_multiple_of(64) && self.budget.is_spent(0);
        if self.branches > self.most || spent {
            self.branches = self.most + 1;
            return;
        }
        let Some(visit) = self.hardest() else {
            if self.cost < self.best_cost {
                self.best_cost = self.cost;
                self.best = Some(self.chosen.clone());
            }
            return;
        };
        let by_visit = self.by_visit;
        for &index in &by_visit[visit] {
            let above = bound + self.reduced[index].max(0.0);
            // The columns come by rising reduced cost.
            if above >= real(self.best_cost) {
                break;
            }
            if self.fits(index) {
                self.set(index, true);
                self.branch(above);
                self.set(index, false);
                if self.branches > self.most {
                    return;
                }
            }
        }
        let above = bound + self.skips[visit].max(0.0);
        if above < real(self.best_cost) {
            self.covered[visit] = true;
            self.cost += self.problem.skip_costs[visit];
            self.branch(above);
            self.cost -= self.problem.skip_costs[visit];
            self.covered[visit] = false;
        }
    }

    /// The open visit with the fewest routes that still fit.
    fn hardest(&self) -> Option<usize> {
        let mut best: Option<(usize, usize)> = None;
        for (visit, columns) in self.by_visit.iter().enumerate() {
            if self.covered[visit] {
                continue;
            }
            let fewest = best.map_or(usize::MAX, |(count, _)| count);
            let count = columns.iter().filter(|&&index| self.fits(index)).take(fewest).count();
            if count < fewest {
                best = Some((count, visit));
                if count == 0 {
                    break;
                }
            }
        }
        best.map(|(_, visit)| visit)
    }

    fn fits(&self, index: usize) -> bool {
        let column = &self.problem.columns[index];
        self.left[column.kind as usize] > 0
            && column.visits.iter().all(|&visit| !self.covered[visit as usize])
    }

    fn set(&mut self, index: usize, chosen: bool) {
        let column = &self.problem.columns[index];
        for &visit in &column.visits {
            self.covered[visit as usize] = chosen;
        }
        if chosen {
            self.left[column.kind as usize] -= 1;
            self.cost += column.cost;
            self.chosen.push(index);
        } else {
            self.left[column.kind as usize] += 1;
            self.cost -= column.cost;
            self.chosen.pop();
        }
    }
}

//! For each visit the visits close to it, and the vehicles worth starting for it.

use super::Problem;
use crate::optimize::search::narrow;

/// Neighbours kept per visit: more than any ruin walks through, and bounded memory.
const KEPT: usize = 300;

/// Vehicle kinds kept per visit.
const KINDS_KEPT: usize = 40;

/// Lists of neighbours, the closest first.
#[derive(Debug, Default)]
pub(crate) struct Neighbours {
    visits: usize,
    kept: usize,
    /// `[visit * kept ..]`.
    close: Vec<u32>,
    kinds_kept: usize,
    /// Kinds by what a route of this visit alone costs: `(cost, kind)`, `[visit * kinds_kept ..]`.
    alone: Vec<(i64, u32)>,
}

impl Neighbours {
    /// Cost: O(visits^2).
    pub(super) fn new(problem: &Problem) -> Self {
        let visits = problem.visit_count();
        let kept = KEPT.min(visits.saturating_sub(1));
        let kinds_kept = KINDS_KEPT.min(problem.kinds.len());
        let mut close = Vec::with_capacity(visits * kept);
        let mut alone = Vec::with_capacity(visits * kinds_kept);
        let mut others: Vec<(i32, u32)> = Vec::with_capacity(visits);
        for visit in 0..narrow(visits) {
            let (out, into) = (problem.cost_out(visit), problem.cost_into(visit));
            let pairs = out.iter().zip(into).take(visits).zip(0..);
            others.clear();
            others.extend(
                pairs.filter(|&(_, other)| other != visit).map(|((a, b), other)| (a + b, other)),
            );
            if kept > 0 && kept < others.len() {
                others.select_nth_unstable(kept - 1);
                others.truncate(kept);
            }
            others.sort_unstable();
            close.extend(others.iter().map(|&(_, other)| other));
            let mut kinds: Vec<(i64, u32)> = problem
                .kinds
                .iter()
                .zip(0..)
                .map(|(vehicles, kind)| (problem.cost_of_alone(visit, vehicles[0]), kind))
                .collect();
            kinds.sort_unstable();
            alone.extend(kinds.into_iter().take(kinds_kept));
        }
        Self { visits, kept, close, kinds_kept, alone }
    }

    /// The visits close to this one.
    pub(crate) fn of(&self, visit: u32) -> &[u32] {
        debug_assert!((visit as usize) < self.visits, "only visits have neighbours");
        &self.close[visit as usize * self.kept..][..self.kept]
    }

    /// Kinds of vehicle with what a route of this visit alone costs, the cheapest first.
    pub(crate) fn alone(&self, visit: u32) -> &[(i64, u32)] {
        &self.alone[visit as usize * self.kinds_kept..][..self.kinds_kept]
    }

    /// What the cheapest route of this visit alone costs.
    pub(super) fn cost_alone(&self, visit: u32) -> i64 {
        self.alone(visit).first().map_or(0, |&(cost, _)| cost)
    }
}

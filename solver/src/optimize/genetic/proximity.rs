//! Which visits are worth trying next to each other.

use crate::optimize::plain::Problem;
use crate::optimize::search::narrow;

/// Neighbours per visit.
const KEPT: usize = 40;

/// Short lists of visits close in place and time: local search tries nothing else (*granular
/// neighbourhood*).
///
/// Source: Vidal, Crainic, Gendreau, Prins (2013), section 4.5, with weight 0.2 for waiting and 1
/// for time warp; Schneider, Schwahn, Vigo (2017), "Designing granular solution methods for
/// routing problems with time windows".
#[derive(Debug)]
pub(super) struct Proximity {
    kept: usize,
    lists: Vec<u32>,
}

impl Proximity {
    /// Cost: O(visits^2).
    pub(super) fn new(problem: &Problem) -> Self {
        let visits = problem.visit_count();
        let kept = KEPT.min(visits.saturating_sub(1));
        let mut lists = Vec::with_capacity(visits * kept);
        let mut others: Vec<(i64, u32)> = Vec::with_capacity(visits);
        for visit in 0..narrow(visits) {
            others.clear();
            for other in (0..narrow(visits)).filter(|&other| other != visit) {
                let apart = apart(problem, visit, other).min(apart(problem, other, visit));
                others.push((apart, other));
            }
            if kept > 0 && kept < others.len() {
                others.select_nth_unstable(kept - 1);
                others.truncate(kept);
            }
            others.sort_unstable();
            lists.extend(others.iter().map(|&(_, other)| other));
        }
        Self { kept, lists }
    }

    /// The visits to try beside this one, the closest first.
    #[inline]
    pub(super) fn of(&self, visit: u32) -> &[u32] {
        &self.lists[visit as usize * self.kept..][..self.kept]
    }
}

/// What going from one visit to the next costs at least, with waiting and lateness.
fn apart(problem: &Problem, from: u32, to: u32) -> i64 {
    let (first, second) = (problem.stay(from), problem.stay(to));
    let travel = i64::from(problem.time(from, to));
    let way = i64::from(first.service) + travel;
    let wait = (i64::from(second.earliest) - i64::from(first.latest) - way).max(0);
    let warp = (i64::from(first.earliest) + way - i64::from(second.latest)).max(0);
    i64::from(problem.cost(from, to)) * 5 + wait + 5 * warp
}

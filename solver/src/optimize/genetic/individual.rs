//! One plan of the population.

use super::penalties::Penalties;
use crate::optimize::search::narrow;

/// No visit: a place where a vehicle begins or ends.
const END: u32 = u32::MAX;

/// A plan that serves every visit, maybe late or overloaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Individual {
    /// The visits of each vehicle in order.
    pub(super) routes: Vec<Vec<u32>>,
    /// Legs and vehicles, without penalties.
    pub(super) cost: i64,
    /// Sum of the routes' time warp.
    pub(super) warp: i32,
    /// Sum of the routes' load beyond capacity.
    pub(super) excess: i32,
    /// The visit after each visit, or [`END`].
    next: Vec<u32>,
    /// The visit before each visit, or [`END`].
    previous: Vec<u32>,
}

impl Individual {
    /// A plan with what it costs.
    pub(super) fn new(routes: Vec<Vec<u32>>, cost: i64, warp: i32, excess: i32) -> Self {
        let count = routes.iter().map(Vec::len).sum();
        let (mut next, mut previous) = (vec![END; count], vec![END; count]);
        for pair in routes.iter().flat_map(|route| route.windows(2)) {
            next[pair[0] as usize] = pair[1];
            previous[pair[1] as usize] = pair[0];
        }
        Self { routes, cost, warp, excess, next, previous }
    }

    /// Whether it breaks nothing.
    pub(super) fn is_feasible(&self) -> bool {
        self.warp == 0 && self.excess == 0
    }

    /// Cost with penalties.
    pub(super) fn penalized(&self, penalties: Penalties) -> i64 {
        self.cost + penalties.of(self.warp, self.excess)
    }

    /// How many visits have another visit before them, plus how many another behind them: *broken
    /// pairs*. Source: Vidal (2022), section 3.3. Cost: O(visits).
    pub(super) fn distance(&self, other: &Self) -> u32 {
        let differ = |a: &[u32], b: &[u32]| a.iter().zip(b).filter(|(a, b)| a != b).count();
        narrow(differ(&self.next, &other.next) + differ(&self.previous, &other.previous))
    }
}

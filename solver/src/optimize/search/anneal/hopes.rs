//! Visits that pay only together: one alone costs more than it is worth, but once somebody is there
//! the others cost little.

use super::super::{Chance, Routes};
use super::{Annealing, RETRIED};

/// In one of so many steps some neighbours that were left out are put in together.
const TOGETHER: usize = 8;
/// The same of steps that emptied routes.
const TOGETHER_EMPTIED: usize = 2;
/// In one of so many of them only one route is begun, not always the one that is the cheapest for
/// the first visit.
const ONE_OPEN: usize = 2;

/// What a visit is worth that may be left out.
pub(super) fn prize<R: Routes>(routes: &R, visit: u32) -> i64 {
    if routes.is_required(visit) { 0 } else { routes.skip_cost(visit) }
}

impl<R: Routes> Annealing<R> {
    /// So many of the first visits of the bank are tried in this step. Now and then these are
    /// neighbours, and each may cost as much as all that are open are worth: the plan as a whole has
    /// to be better then.
    ///
    /// * `emptied`: whole routes were taken out.
    pub(super) fn hope(&mut self, routes: &mut R, emptied: bool, chance: &mut Chance) -> usize {
        if !chance.one_in(if emptied { TOGETHER_EMPTIED } else { TOGETHER }) {
            return RETRIED;
        }
        let Some(seed) = self.bank.iter().position(|&visit| prize(routes, visit) > 0) else {
            return RETRIED;
        };
        self.bank.swap(0, seed);
        let mut count = 1;
        let most = 1 + chance.below(RETRIED);
        for &visit in routes.neighbours(self.bank[0]) {
            if count >= most {
                break;
            }
            // Those that were taken out are not served either, but not in the bank.
            if prize(routes, visit) > 0
                && !routes.is_served(visit)
                && let Some(at) = self.bank.iter().position(|&other| other == visit)
            {
                self.bank.swap(count, at);
                count += 1;
            }
        }
        let open = self.open.iter().chain(&self.bank[..count]);
        self.hopes = open.map(|&visit| prize(routes, visit)).sum();
        if chance.one_in(ONE_OPEN) {
            routes.open_one(self.bank[0], chance);
        }
        count
    }
}

//! Whole routes are emptied, where each costs something by itself.

use super::super::{Chance, Routes, narrow};
use super::Annealing;

/// One in so many ruins empties routes.
const EMPTIED: usize = 40;
/// Most routes emptied at once, and most visits they hold, but for the first one.
const ROUTES_MOST: usize = 3;
const VISITS_MOST: usize = 60;
/// In one of so many of these steps no other route is begun.
const FEWER: usize = 2;

impl<R: Routes> Annealing<R> {
    /// Now and then takes everything out of a few neighbouring routes and keeps them shut for this
    /// step: the visits go to those that are used already, or to others that are not. Whether it did.
    pub(super) fn empty(&mut self, routes: &mut R, chance: &mut Chance) -> bool {
        if routes.visit_count() == 0 || !chance.one_in(EMPTIED) {
            return false;
        }
        let seed = narrow(chance.below(routes.visit_count()));
        let most = 1 + chance.below(ROUTES_MOST);
        let mut emptied: Vec<usize> = Vec::with_capacity(most);
        for &visit in std::iter::once(&seed).chain(routes.neighbours(seed)) {
            if emptied.len() >= most {
                break;
            }
            let Some(route) = routes.route_of(visit) else { continue };
            let count = self.open.len() + routes.route(route).len();
            if !emptied.contains(&route) && (emptied.is_empty() || count <= VISITS_MOST) {
                emptied.push(route);
                self.open.extend_from_slice(routes.route(route));
            }
        }
        if emptied.is_empty() {
            return false;
        }
        routes.remove(&self.open);
        // What must stay has stayed.
        self.open.retain(|&visit| !routes.is_served(visit));
        routes.shut(&emptied, chance.one_in(FEWER));
        true
    }
}

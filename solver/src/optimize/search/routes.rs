//! What the search needs to know of a plan, and may do to it.

use super::Chance;

/// Where a visit is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Index of the route.
    pub route: usize,
    /// Index in [`Routes::route`].
    pub position: usize,
}

/// A plan under search: routes of visits with a cost, changed step by step and taken back whole.
///
/// A *step* is everything between two calls of [`commit`](Self::commit) or
/// [`rollback`](Self::rollback). The plan is always feasible: [`best_insertion`](Self::best_insertion)
/// offers nothing else. A visit done by a crew stands in several routes under one number.
pub trait Routes {
    /// One way to put a visit into the plan, good until the next change.
    type Insertion;
    /// A whole plan to come back to.
    type Saved: Clone;

    /// How many visits there are, served or not; they are numbered from 0.
    fn visit_count(&self) -> usize;

    /// How many routes there are, the empty ones too; they are numbered from 0.
    fn route_count(&self) -> usize;

    /// The visits of a route in order.
    fn route(&self, route: usize) -> &[u32];

    /// Where a visit is; for a crew the first of its places. `None`: it is not served.
    fn place_of(&self, visit: u32) -> Option<Place>;

    /// Whether a visit is in the plan. Cost: O(1).
    fn is_served(&self, visit: u32) -> bool {
        self.place_of(visit).is_some()
    }

    /// Which route a visit is in; for a crew the first. Cost: O(1).
    fn route_of(&self, visit: u32) -> Option<usize> {
        self.place_of(visit).map(|place| place.route)
    }

    /// Other visits, the closest first: close in distance, or in whatever makes visits exchange
    /// places. May be cut after some hundred.
    fn neighbours(&self, visit: u32) -> &[u32];

    /// Sum of the costs of all routes, without what is not served. Cost: O(1).
    fn cost(&self) -> i64;

    /// What one route adds to [`cost`](Self::cost).
    fn route_cost(&self, route: usize) -> i64;

    /// What it costs to leave this visit out.
    fn skip_cost(&self, visit: u32) -> i64;

    /// Whether leaving this visit out is a fault and not a choice; then also plans that leave
    /// other visits out are worth a try.
    fn is_required(&self, visit: u32) -> bool;

    /// Takes visits out of the plan, each out of all its routes. None may be named twice; one
    /// that is not served or must stay is passed over.
    fn remove(&mut self, visits: &[u32]);

    /// The cheapest insertion of a visit that costs less than `limit`, with its added cost.
    ///
    /// Passes over a place that would be the best now and then (a *blink*), if
    /// `blink` says so; see [`Blink`].
    fn best_insertion(
        &self,
        visit: u32,
        limit: i64,
        blink: &mut Blink<'_>,
    ) -> Option<(i64, Self::Insertion)>;

    /// Does an insertion that [`best_insertion`](Self::best_insertion) just offered.
    fn insert(&mut self, visit: u32, insertion: Self::Insertion);

    /// Whether what this step has changed holds every rule. Taking a visit out breaks one where the
    /// way by it is faster than the direct one.
    fn is_sound(&self) -> bool {
        true
    }

    /// Whether an insertion can lower the cost. If not, the search gives up a step as soon as it
    /// is too dear, though visits are still missing.
    fn insertions_may_gain(&self) -> bool {
        false
    }

    /// Whether it costs something to use a route at all, so that fewer or other ones may cost less.
    fn routes_cost(&self) -> bool {
        false
    }

    /// Until [`reopen`](Self::reopen) no insertion begins one of these routes, or one like them.
    ///
    /// * `others`: no other route that is empty either.
    fn shut(&mut self, routes: &[usize], others: bool) {
        let _ = (routes, others);
    }

    /// Until [`reopen`](Self::reopen) insertions begin only one of the empty routes, drawn from the
    /// few that would do this visit alone at the least cost, or one like it.
    fn open_one(&mut self, visit: u32, chance: &mut Chance) {
        let _ = (visit, chance);
    }

    /// Any empty route may be begun again.
    fn reopen(&mut self) {}

    /// How a visit ranks in an order of insertion; smaller comes first.
    fn rank(&self, order: super::Order, visit: u32) -> i64;

    /// The routes this step has changed so far, each once.
    fn touched(&self) -> &[u32];

    /// Keeps the changes of this step.
    fn commit(&mut self);

    /// Takes the changes of this step back. Cost: only what the touched routes hold.
    fn rollback(&mut self);

    /// Keeps a copy of the plan in `saved`, whose memory is used again.
    fn save(&self, saved: &mut Self::Saved);

    /// An empty copy to save into.
    fn unsaved(&self) -> Self::Saved;

    /// Returns to a saved plan; begins a new step.
    fn restore(&mut self, saved: &Self::Saved);
}

/// Decides which places an insertion overlooks, so that greedy insertion varies.
///
/// Source: Christiaens and Vanden Berghe (2020), section 5.3.
#[derive(Debug)]
pub struct Blink<'a> {
    chance: &'a mut Chance,
    one_in: usize,
}

impl<'a> Blink<'a> {
    /// Blinks once in `one_in` times; never if that is 0.
    pub fn new(chance: &'a mut Chance, one_in: usize) -> Self {
        Self { chance, one_in }
    }

    /// Whether to overlook this place. Ask only about a place that would be the best.
    #[inline]
    pub fn now(&mut self) -> bool {
        self.one_in > 0 && self.chance.one_in(self.one_in)
    }
}

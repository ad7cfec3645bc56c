//! Local search: small changes of one or two routes until none helps.

mod exchange;
mod insert;
mod moves;
mod pairs;
mod star;
mod state;

use state::Route;
pub(super) use state::State;

use super::penalties::Penalties;
use super::proximity::Proximity;
use crate::optimize::plain::Problem;
use crate::optimize::search::Chance;

/// Kinds of vehicle of which an unused one is tried for a visit.
const KINDS_TRIED: usize = 2;

/// Improves a plan by exchanging one or two visits, tails of routes and reversals, all between
/// visits that are close, and by SWAP*.
///
/// Each move is judged in constant time. Nothing is allocated per move but when routes grow.
#[derive(Debug)]
pub(super) struct LocalSearch<'a> {
    problem: &'a Problem,
    proximity: &'a Proximity,
    state: State<'a>,
    order: Vec<u32>,
    star: star::Memory,
}

impl<'a> LocalSearch<'a> {
    /// Ready for plans of this problem.
    pub(super) fn new(
        problem: &'a Problem,
        proximity: &'a Proximity,
        penalties: Penalties,
    ) -> Self {
        let visits = crate::optimize::search::narrow(problem.visit_count());
        Self {
            problem,
            proximity,
            state: State::new(problem, penalties),
            order: (0..visits).collect(),
            star: star::Memory::new(problem),
        }
    }

    /// The plan at hand.
    pub(super) fn state(&mut self) -> &mut State<'a> {
        &mut self.state
    }

    /// Improves the plan at hand until no move helps. Looks only at pairs of routes of which one
    /// has changed since [`State::load`].
    pub(super) fn run(&mut self, chance: &mut Chance) {
        chance.shuffle(&mut self.order);
        self.state.tested.fill(0);
        self.star.forget();
        let mut first_round = true;
        loop {
            let moves = self.state.moves;
            for index in 0..self.order.len() {
                self.improve(self.order[index], first_round);
            }
            if !first_round && self.state.moves == moves && !self.swap_stars() {
                return;
            }
            first_round = false;
        }
    }

    /// Tries a visit beside those close to it.
    fn improve(&mut self, visit: u32, first_round: bool) {
        let last = std::mem::replace(&mut self.state.tested[visit as usize], self.state.moves);
        let proximity = self.proximity;
        for &other in proximity.of(visit) {
            let state = &mut self.state;
            let newer = |state: &State<'_>, node: u32| {
                state.routes[state.route_of[node as usize] as usize].changed > last
            };
            if !newer(state, visit) && !newer(state, other) {
                continue;
            }
            state.improve_pair(visit, other);
            let before = state.previous[other as usize];
            if state.is_end(before) {
                state.improve_at_start(visit, before);
            }
        }
        if first_round
            || !self.state.routes[self.state.route_of[visit as usize] as usize].is_newer(last)
        {
            return;
        }
        for &(_, kind) in self.problem.neighbours.alone(visit).iter().take(KINDS_TRIED) {
            if let Some(start) = self.state.unused_start(kind) {
                self.state.improve_at_start(visit, start);
            }
        }
    }
}

impl Route {
    fn is_newer(&self, last: u32) -> bool {
        self.changed > last
    }
}

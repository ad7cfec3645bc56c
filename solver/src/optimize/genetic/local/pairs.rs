//! Which moves are tried for two visits that are close.

use super::State;

impl State<'_> {
    /// Tries to bring `u` behind `v`, to exchange them, or the routes behind them; does the first
    /// move that helps.
    pub(super) fn improve_pair(&mut self, u: u32, v: u32) -> bool {
        self.exchange::<1, 0>(u, v)
            || self.exchange::<2, 0>(u, v)
            || self.reversed_pair(u, v)
            || (u < v && self.exchange::<1, 1>(u, v))
            || self.exchange::<2, 1>(u, v)
            || (u < v && self.exchange::<2, 2>(u, v))
            || self.swap_tails(u, v)
            || self.reverse(u, v)
    }

    /// Tries to bring `u` to the front of the route that begins at `start`.
    pub(super) fn improve_at_start(&mut self, u: u32, start: u32) -> bool {
        self.exchange::<1, 0>(u, start)
            || self.exchange::<2, 0>(u, start)
            || self.swap_tails(u, start)
    }
}

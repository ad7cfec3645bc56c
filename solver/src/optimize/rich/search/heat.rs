//! How hot a search is: by what a visit costs, and by how many steps there are for each.

use crate::optimize::rich::route::Route;
use crate::optimize::rich::search::Search;
use crate::optimize::search::{Cooling, real};

/// Temperatures at the start and the end of a round, in thousandths of the cost of a visit.
const USUAL: (i64, i64) = (600, 6);
/// The same where routes are paid by time and depend on nothing but themselves, and where there is
/// much time: waiting and stops at depots lie between good plans like walls. In distances, it is
/// about what Christiaens and Vanden Berghe (2020) begin and end with.
const WALLED: (i64, i64) = (4500, 45);
/// The same where routes share times that cost nothing, such as starts of crews and of equipment:
/// what binds others lies between good plans, too. Where such times cost something, this is too hot.
const BOUND: (i64, i64) = (2400, 24);
/// Steps for each visit from which on there is much time.
const STEPS_MANY: f64 = 150.0;
/// Steps that tell how fast the search is.
const STEPS_TRIED: u64 = 100;
/// One in so many parts of the whole time is enough for them.
const TRYING: u32 = 50;

impl Search<'_, '_, '_> {
    /// Temperatures that suit the costs of this plan, without those that no plan can do without.
    ///
    /// * `heat`: thousandths of the usual temperature at the start.
    /// * `steps`: about so many there will be.
    pub(super) fn cooling(&self, heat: i64, steps: f64) -> Cooling {
        let data = self.builder.data;
        let plan = &self.builder.plan;
        let served = plan.routes.iter().map(|route| route.visits).sum::<i64>().max(1);
        let movable = |route: &Route| {
            let of = &data.cars[route.car as usize];
            let stays = route.onsite * (of.onsite_second + of.paid_second);
            (route.cost - stays.min(route.cost)).abs()
        };
        let cost = plan.routes.iter().map(movable).sum::<i64>()
            + plan.largest_late(data)
            + plan.largest_idle(data);
        let each = real((cost / served).max(1)) / 1000.0;
        let much = if data.timed && self.pool.is_some() {
            WALLED
        } else if !data.timed && (data.coupled || data.linked) {
            BOUND
        } else {
            USUAL
        };
        let share = (steps / real(served) / STEPS_MANY).min(1.0);
        let between = |(least, most): (i64, i64)| real(least) + share * real(most - least);
        let cold = each * between((USUAL.1, much.1));
        let hot = each * between((USUAL.0, much.0)) * real(heat) / 1000.0;
        Cooling::new(hot.max(cold), cold)
    }

    /// Steps a second, as far as a few tell.
    pub(super) fn pace(&mut self, time: std::time::Duration) -> f64 {
        let (first, began) = (self.steps, (self.control.elapsed)());
        let mut spent = std::time::Duration::ZERO;
        while self.steps < first + STEPS_TRIED && spent < time / TRYING && self.can_search() {
            self.step(0);
            self.move_about(None);
            spent = (self.control.elapsed)().saturating_sub(began);
        }
        let steps = real(i64::try_from(self.steps - first).unwrap_or(i64::MAX));
        steps / spent.as_secs_f64().max(1e-6)
    }
}

//! Small moves between two ruins, where routes share times that cost something.
//!
//! There, many moves that cost little time find more than few ruins: a ruin takes out a visit with all
//! its people, and all that share times with it wait for the one place that is tried.

use crate::optimize::rich::data::{Car, Data};
use crate::optimize::rich::search::Search;
use crate::optimize::search::{Cooling, real, whole};

/// Small moves for each visit, and most of them, between two ruins.
const MOVES_EACH: usize = 4;
const MOVES_MAX: usize = 200;
/// The same where something is or may be left out: nothing goes in or out by a small move.
const MOVES_SHORT: usize = 40;
/// Days of more visits have more use for ruins in the time there is.
const VISITS_MOST: usize = 300;
/// So many times as hot as ruins are.
const HEAT: i64 = 2;

/// Whether small moves come between ruins: where times that routes share cost something, on days that
/// are planned from nothing and without breaks at places.
pub(super) fn has_moves(data: &Data) -> bool {
    let placed = |car: &Car| !(car.placed.is_empty() && car.must.is_empty());
    data.shares_costs()
        && data.model.visits.len() <= VISITS_MOST
        && data.model.current.iter().all(Option::is_none)
        && !data.cars.iter().any(placed)
}

impl Search<'_, '_, '_> {
    /// Some small moves, each accepted by the temperature as ruins are.
    ///
    /// * `heat`: how temperatures become thresholds, and the one of now; `None` = nothing worse is
    ///   accepted.
    pub(super) fn move_about(&mut self, heat: Option<(&Cooling, f64)>) {
        if !self.moves {
            return;
        }
        let data = self.builder.data;
        let short = data.prizes || !self.absent.is_empty();
        let most = if short { MOVES_SHORT } else { MOVES_MAX };
        let count = (MOVES_EACH * data.model.visits.len()).min(most);
        let mut fixed = self.builder.fixed_costs();
        for _ in 0..count {
            let threshold = heat.map_or(0.0, |(cooling, temperature)| {
                cooling.threshold(real(HEAT) * temperature, &mut self.builder.chance)
            });
            let threshold = i64::try_from(whole(threshold.min(1e15))).unwrap_or(i64::MAX);
            let ceiling = self.worth.cost.saturating_add(threshold);
            if self.move_one(ceiling, fixed) {
                fixed = self.builder.fixed_costs();
            }
        }
    }

    /// One of them; whether the plan is another one then.
    ///
    /// * `fixed`: what the plan costs apart from times; all other costs might vanish.
    fn move_one(&mut self, ceiling: i64, fixed: i64) -> bool {
        let mark = self.builder.plan.begin();
        let moved = self.builder.move_little(ceiling.saturating_sub(fixed));
        if moved {
            let worth = self.builder.plan.worth(self.builder.data);
            if worth.unserved == self.worth.unserved && worth.cost < ceiling {
                self.builder.plan.keep_and_tell(&mut self.moved);
                self.worth = worth;
                self.keep_if_best();
                return true;
            }
        }
        self.builder.plan.rollback(mark);
        false
    }
}

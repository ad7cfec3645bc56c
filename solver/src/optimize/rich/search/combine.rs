//! Better plans of the routes that a search has met.

use crate::optimize::options::Options;
use crate::optimize::rich::search::Search;
use crate::optimize::search::Budget;

/// Most visits for which routes are combined without a clock.
const COMBINED_MAX: usize = 400;

impl Search<'_, '_, '_> {
    /// Looks for a better plan among all that the routes met so far make, and goes on from it.
    ///
    /// * `part`: one in so many parts of the whole time may be spent.
    pub(super) fn combine(&mut self, options: &Options, part: u32) {
        let data = self.builder.data;
        let Some(pool) = &mut self.pool else { return };
        if !pool.has_grown() {
            return;
        }
        // Without a clock only days of some hundred visits are quick enough.
        let large = options.time.is_none() && data.jobs.len() > COMBINED_MAX;
        if self.best_worth.unserved > 0 || large {
            return;
        }
        let mut budget = Budget::default();
        if let Some(time) = options.time {
            let until = time.min((self.control.elapsed)() + time / part);
            budget = Budget::until(self.control.elapsed, until);
        }
        let budget = budget.and_cancel(self.control.cancel);
        let Some(chosen) = pool.best(data, self.least.cost, &budget) else { return };
        let mark = self.builder.plan.begin();
        let done = pool.put(data, &mut self.builder.plan, &chosen);
        let worth = self.builder.plan.worth(data);
        if !done || worth >= self.least {
            self.builder.plan.rollback(mark);
            return;
        }
        self.builder.plan.keep_and_tell(&mut self.moved);
        self.worth = worth;
        self.absent = self.missing();
        self.keep_if_best();
    }
}

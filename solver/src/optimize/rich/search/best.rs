//! The best plan so far.

use crate::optimize::options::Progress;
use crate::optimize::rich::data::Care;
use crate::optimize::rich::search::Search;
use crate::optimize::solution::Score;

impl Search<'_, '_, '_> {
    /// Keeps the plan if it is the best one so far; with care for its times where that may be so.
    pub(super) fn keep_if_best(&mut self) {
        let mut worth = self.worth;
        if self.builder.data.care == Care::Best {
            let best = self.best_worth;
            let near = worth.unserved <= best.unserved
                && worth.cost < best.cost.saturating_add(self.saving);
            if !near && worth >= self.least {
                return;
            }
            worth = self.builder.plan.best_worth(self.builder.data);
            self.saving = self.saving.max(self.worth.cost - worth.cost);
        }
        self.least = self.least.min(self.worth);
        if worth < self.best_worth {
            self.best_worth = worth;
            self.keep_best();
        }
    }

    fn keep_best(&mut self) {
        self.best.update(&self.builder.plan, &mut self.moved);
        self.improved_at = self.steps;
        self.found_after = (self.control.elapsed)();
        let data = self.builder.data;
        let score = Score {
            hard: 0,
            unserved: self.builder.plan.unserved(data),
            cost: self.best_worth.cost,
        };
        let elapsed = self.found_after;
        (self.control.progress)(Progress { elapsed, steps: self.steps, score });
    }
}

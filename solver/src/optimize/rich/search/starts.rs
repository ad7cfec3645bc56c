//! Several searches from nothing one after another, where there is time for them.
//!
//! On small days whose routes share times, one cooling ends where it began to settle, however slow
//! it is: the best of several is better than one that takes as long as all of them.

use crate::optimize::rich::data::index;
use crate::optimize::rich::search::{ROUND_HEATS, ROUND_SHARES, Search};
use crate::optimize::search::{real, real_count, whole};

/// Steps for each visit that are enough for one of them.
const STEPS_EACH: f64 = 500.0;
/// Days of more visits have use for all the time there is.
const VISITS_MOST: usize = 60;
/// Most of them.
const STARTS_MAX: usize = 4;
/// Where the last of several ends, and the round after them, in thousandths of the whole time.
const SHARES_MANY: (u32, u32) = (700, 860);

impl Search<'_, '_, '_> {
    /// How often to begin anew within so many seconds, the first time included.
    pub(super) fn starts_within(&self, seconds: f64) -> usize {
        let data = self.builder.data;
        let count = data.model.visits.len();
        if !data.shares_costs() || count > VISITS_MOST {
            return 1;
        }
        let visits = real_count(count.max(1));
        let steps = self.pace * seconds * real(i64::from(SHARES_MANY.0)) / 1000.0;
        whole(steps / visits / STEPS_EACH).clamp(1, STARTS_MAX)
    }

    /// Where the round at hand ends and how hot it begins: thousandths of the whole time and of the
    /// usual heat.
    pub(super) fn round_plan(&self) -> (u32, i64) {
        let after = (self.rounds + 1).saturating_sub(self.starts);
        let heat = ROUND_HEATS[after.min(ROUND_HEATS.len() - 1)];
        let share = if self.starts == 1 || after >= 2 {
            ROUND_SHARES.get(after).copied().unwrap_or(1000)
        } else if after == 1 {
            SHARES_MANY.1
        } else {
            let part = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
            SHARES_MANY.0 * part(self.rounds + 1) / part(self.starts)
        };
        (share, heat)
    }

    /// Leaves the best plan for one made from nothing but what has to stay.
    pub(super) fn begin_anew(&mut self) {
        let data = self.builder.data;
        let mark = self.builder.plan.begin();
        let mut removed = Vec::new();
        for job in 0..index(data.model.visits.len()) {
            if self.builder.plan.has(data, job) {
                self.builder.take_out(job, &mut removed);
            }
        }
        if self.builder.plan.settle(data) && self.builder.plan.reprice(data) {
            self.builder.plan.release(mark);
            self.fill();
        } else {
            self.builder.plan.rollback(mark);
        }
    }
}

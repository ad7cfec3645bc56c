//! Optional visits that pay only together: one alone costs more than its prize, but once somebody is
//! there the others cost little.

use crate::optimize::rich::search::{RETRIED, Search};

/// In one of so many steps some neighbours that were left out are put in together.
const TOGETHER: usize = 8;
/// The same where routes share times: without a limit on what it costs, to place a crew takes long.
const TOGETHER_COUPLED: usize = 64;
/// The same of steps that emptied shifts.
const TOGETHER_EMPTIED: usize = 2;
/// In one of so many of them only one shift is begun, not always the one that is the cheapest for the
/// first visit.
const ONE_OPEN: usize = 2;

impl Search<'_, '_, '_> {
    /// So many of the first absent jobs are tried in this step. Now and then these are neighbours,
    /// and each may cost as much as all that are open are worth: the plan as a whole has to be
    /// better then.
    ///
    /// * `open`: jobs that were taken out.
    pub(super) fn hope(&mut self, open: &[u32]) -> usize {
        let data = self.builder.data;
        let prize = |job: u32| data.jobs[job as usize].optional_prize();
        let emptied = !self.builder.shut.is_empty();
        let together = match (data.coupled, emptied) {
            (true, _) => TOGETHER_COUPLED,
            (false, true) => TOGETHER_EMPTIED,
            (false, false) => TOGETHER,
        };
        if self.absent.is_empty() || !self.builder.chance.one_in(together) {
            return RETRIED;
        }
        let Some(seed) = self.absent.iter().position(|&job| prize(job) > 0) else {
            return RETRIED;
        };
        self.absent.swap(0, seed);
        let mut count = 1;
        let most = 1 + self.builder.chance.below(RETRIED);
        for &job in &data.near[self.absent[0] as usize] {
            if count >= most {
                break;
            }
            // Those that were taken out are not in the plan either, but not absent before.
            if prize(job) > 0
                && !self.builder.plan.has(data, job)
                && let Some(at) = self.absent.iter().position(|&other| other == job)
            {
                self.absent.swap(count, at);
                count += 1;
            }
        }
        let open = open.iter().chain(&self.absent[..count]);
        self.hopes = open.map(|&job| prize(job)).sum();
        if self.builder.chance.one_in(ONE_OPEN) {
            self.builder.open_one(self.absent[0]);
        }
        count
    }

    /// What an optional job and all that belongs to it may cost.
    pub(super) fn hoped(&self, job: u32) -> i64 {
        let data = self.builder.data;
        let members = data.bundles[job as usize].iter();
        let prize: i64 = members.map(|&member| data.jobs[member as usize].prize).sum();
        if prize > 0 { prize.max(self.hopes) } else { prize }
    }
}

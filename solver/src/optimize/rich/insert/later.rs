//! When jobs that share times start: as early as they can, or later where that is cheaper.

use crate::optimize::rich::data::Data;
use crate::optimize::rich::insert::{ANY_TIME, Builder, Move};
use crate::optimize::rich::plan::Worth;
use crate::optimize::rich::price::{cheapest_start, start_cost};

/// Moves that put a job into the plan, and when it starts.
pub(super) struct Offer {
    /// What it costs at least, without what others have to wait.
    least: i64,
    moves: Vec<Move>,
    /// It does not start before.
    hold: i32,
}

impl Builder<'_, '_> {
    /// Whether a job that shares times may be cheaper when it does not start as early as it can.
    pub(in crate::optimize::rich) fn may_wait(&self, job: u32) -> bool {
        let data = self.data;
        let of = &data.jobs[job as usize];
        of.coupled && ((of.timed && !of.late_only) || data.pays_time)
    }

    /// Adds moves as they are, and with a later start where that may be cheaper.
    ///
    /// * `span`: first and last start.
    pub(super) fn offer(
        &mut self,
        job: u32,
        (least, moves): (i64, Vec<Move>),
        (low, high): (i32, i32),
        offers: &mut Vec<Offer>,
    ) {
        let data = self.data;
        let of = &data.jobs[job as usize];
        if low < high && self.may_wait(job) && !of.settled {
            let mut held = ANY_TIME;
            let mut bound = least;
            if of.timed && !of.late_only {
                let now = at(data, job, low);
                let (cost, start) = cheapest_start(data, job, (low, high));
                if cost < now {
                    (held, bound) = (start, least - now + cost);
                }
            }
            if held == ANY_TIME && data.pays_time && self.chance.one_in(2) {
                // What waits before it costs: nobody knows how much less it is.
                (held, bound) = (high, i64::MIN / 4);
            }
            if held > low {
                offers.push(Offer { least: bound, moves: moves.clone(), hold: held });
            }
        }
        offers.push(Offer { least, moves, hold: ANY_TIME });
    }

    /// Does the moves that give the best plan.
    pub(super) fn prove_best(&mut self, mut offers: Vec<Offer>) -> bool {
        offers.sort_by_key(|offer| offer.least);
        let before = self.spent();
        let mut best: Option<(Worth, i64, usize)> = None;
        for (at, offer) in offers.iter().enumerate() {
            // None of the others can be better any more.
            if best.is_some_and(|(_, added, _)| added <= offer.least) {
                break;
            }
            let mark = self.plan.begin();
            if !self.commit(&offer.moves, offer.hold) {
                self.plan.rollback(mark);
                continue;
            }
            let (worth, added) = (self.plan.worth(self.data), self.spent() - before);
            if best.is_none_or(|(other, ..)| worth < other) {
                if offers.get(at + 1).is_none_or(|next| added <= next.least) {
                    self.plan.release(mark);
                    return true;
                }
                best = Some((worth, added, at));
            }
            self.plan.rollback(mark);
        }
        best.is_some_and(|(.., at)| self.commit(&offers[at].moves, offers[at].hold))
    }
}

/// What a start costs by itself.
fn at(data: &Data, job: u32, start: i32) -> i64 {
    start_cost(data, job, start, start + data.length(job))
}

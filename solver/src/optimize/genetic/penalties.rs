//! What being late or overloaded costs, adapted so that about as many plans as wanted are feasible.

use super::individual::Individual;
use crate::optimize::plain::Problem;

/// Penalties are whole numbers of 1 / 256, so that small ones can be adapted finely.
const FRACTION_BITS: u32 = 8;
/// Plans between two adaptions.
const EVERY: u32 = 100;
/// Plans that should be feasible, of 100.
const WANTED: u32 = 40;

/// Bound of both penalties: twelve times as much, times the largest lateness of a plan that
/// `Evolution::is_able` lets pass, fits into 64 bits.
const DEAREST: i64 = 1 << 32;

/// Cost of one unit of time warp and of load beyond capacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Penalties {
    warp: i64,
    load: i64,
}

impl Penalties {
    /// The cost of being late and overloaded.
    #[inline]
    pub(super) fn of(self, warp: i32, excess: i32) -> i64 {
        (self.warp * i64::from(warp) + self.load * i64::from(excess)) >> FRACTION_BITS
    }

    /// So many times dearer, to make a plan feasible.
    pub(super) fn times(self, factor: i64) -> Self {
        Self { warp: self.warp * factor, load: self.load * factor }
    }
}

/// Adapts the penalties. Source: Vidal (2022), section 3.4.
#[derive(Debug)]
pub(super) struct Adaption {
    penalties: Penalties,
    seen: u32,
    in_time: u32,
    within_load: u32,
}

impl Adaption {
    /// Begins with what suits the legs and loads of the problem.
    pub(super) fn new(problem: &Problem) -> Self {
        let visits = 0..crate::optimize::search::narrow(problem.visit_count());
        let (mut cost, mut time, mut load) = (0i64, 0i64, 0i64);
        for visit in visits.clone() {
            cost += problem.cost_out(visit)[..problem.visit_count()]
                .iter()
                .map(|&c| i64::from(c))
                .sum::<i64>();
            time += problem.time_out(visit)[..problem.visit_count()]
                .iter()
                .map(|&t| i64::from(t))
                .sum::<i64>();
            load += i64::from(problem.stay(visit).load);
        }
        let count = i64::from(visits.end).max(1);
        let average_leg = cost / (count * count);
        let one = 1i64 << FRACTION_BITS;
        let penalties = Penalties {
            warp: (one * cost.max(1) / time.max(1)).clamp(1, DEAREST),
            load: (one * average_leg * count / load.max(1)).clamp(1, DEAREST),
        };
        Self { penalties, seen: 0, in_time: 0, within_load: 0 }
    }

    /// The penalties of now.
    pub(super) fn penalties(&self) -> Penalties {
        self.penalties
    }

    /// Takes notice of a plan from local search. True: the penalties have changed.
    pub(super) fn note(&mut self, plan: &Individual) -> bool {
        self.seen += 1;
        self.in_time += u32::from(plan.warp == 0);
        self.within_load += u32::from(plan.excess == 0);
        if self.seen < EVERY {
            return false;
        }
        let adapt = |penalty: i64, feasible: u32| {
            if feasible + 5 <= WANTED {
                (penalty + penalty / 5 + 1).min(DEAREST)
            } else if feasible >= WANTED + 5 {
                (penalty * 17 / 20).max(1)
            } else {
                penalty
            }
        };
        self.penalties = Penalties {
            warp: adapt(self.penalties.warp, self.in_time),
            load: adapt(self.penalties.load, self.within_load),
        };
        (self.seen, self.in_time, self.within_load) = (0, 0, 0);
        true
    }
}

//! Where a new visit fits: every feasible start with the crews that can do it and what they cost.

use crate::problem::{Leg, ZoneLevel};
use crate::units::{Metres, Moment, Seconds, ShiftIdx, TechnicianIdx};

/// How much of the answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SearchOptions {
    /// Crews listed per slot, cheapest first; 0 = only starts and counts.
    pub crews_per_slot: usize,
}

impl Default for SearchOptions {
    fn default() -> Self {
        Self { crews_per_slot: 3 }
    }
}

/// A start at which an insertion into the plan is proven feasible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// The promised start; with an arrival window, its beginning.
    pub start: Moment,
    /// Position in the request's `days`.
    pub day: Option<usize>,
    /// For one person: how many technicians can do it. For a crew: how many could fill some role.
    pub candidate_count: u32,
    /// The cheapest crews, best first; as many as asked for.
    pub crews: Vec<Crew>,
    /// Cost of the best crew plus the cost of waiting; lower is better.
    pub score: i64,
    /// 0 for the best slot of the answer.
    pub rank: u32,
}

/// People who can do the visit together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crew {
    /// When they start; inside the promised window.
    pub planned_start: Moment,
    /// One per role, in role order.
    pub members: Vec<Member>,
    /// Sum over the members by the request's weights.
    pub cost: i64,
}

impl Crew {
    /// Seconds of driving the visit adds, over all members.
    pub fn added_travel(&self) -> Seconds {
        Seconds(self.members.iter().map(|member| member.added_travel().0).sum())
    }

    /// Metres of driving the visit adds, over all members.
    pub fn added_distance(&self) -> Metres {
        Metres(self.members.iter().map(|member| member.added_distance().0).sum())
    }

    /// Seconds of overtime in the routes of the members.
    pub fn overtime(&self) -> Seconds {
        Seconds(self.members.iter().map(|member| member.overtime.0).sum())
    }
}

/// One person of a crew and where the visit goes in that person's route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub technician: TechnicianIdx,
    /// In which shift.
    pub shift: ShiftIdx,
    /// After how many of the shift's stops.
    pub position: usize,
    /// Drive from the stop before (or the start place).
    pub before: Leg,
    /// Drive to the next stop (or the end place).
    pub after: Leg,
    /// The drive these two replace.
    pub replaced: Leg,
    /// Least overtime the shift then has, in seconds.
    pub overtime: Seconds,
    /// How well the technician's zones cover the place.
    pub zone: ZoneLevel,
}

impl Member {
    /// Seconds of driving added to the route; negative if the new place lies on a better road.
    pub fn added_travel(&self) -> Seconds {
        self.before.travel() + self.after.travel() - self.replaced.travel()
    }

    /// Metres of driving added to the route.
    pub fn added_distance(&self) -> Metres {
        self.before.distance() + self.after.distance() - self.replaced.distance()
    }
}

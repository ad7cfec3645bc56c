//! Who gets a visit among those who can do it, and the numbers behind the choice.

use crate::units::{Moment, Seconds, Span};

/// What a policy knows about one member of the group that shares the work.
///
/// Members who cannot do this visit belong in the list too: they have a share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The technician's stable key; settles ties (smaller first).
    pub key: u128,
    /// Share of the work relative to the others; 100 is customary, 0 = only if nobody else can.
    pub weight: u32,
    /// Tier, higher first; 2 is customary.
    pub priority: u8,
    /// When the technician joined the group; work before it creates no target.
    pub joined: Moment,
    /// When work was last given; `None` = never.
    pub last_assigned: Option<Moment>,
    /// When the technician was away; work given to others then creates no target.
    pub absences: Vec<Span>,
    /// Seconds of work (driving included) already planned around the visit, for `most free`.
    pub planned: Seconds,
}

/// Work somebody of the group was given in the period that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// Position in the standings.
    pub member: usize,
    /// When it takes place.
    pub at: Moment,
    /// How much: minutes including driving, or 1 per booking; the unit is the caller's.
    pub amount: i64,
}

/// One technician who can do the visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// Position in the standings.
    pub member: usize,
    /// Driving the visit adds.
    pub added_travel: Seconds,
    /// Overtime the visit needs.
    pub overtime: Seconds,
}

/// Weights of the blend; each turns its term into cost, 0 switches it off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Blend {
    /// Per second of added driving.
    pub travel_second: i64,
    /// Per second of overtime.
    pub overtime_second: i64,
    /// Per unit of work the member is ahead of the target share (a member behind costs less).
    pub ahead_unit: i64,
    /// Per second of work already planned.
    pub planned_second: i64,
    /// Per hour by which the last assignment is more recent than the oldest of the candidates.
    pub recent_hour: i64,
    /// Per tier below the highest of the candidates.
    pub tier: i64,
}

/// How the choice is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Largest shortfall against the weighted share; then higher weight, higher tier, least recent.
    RoundRobin,
    /// Least recently assigned.
    LeastRecent,
    /// Highest tier, then least recent.
    Priority,
    /// Least added travel, then least overtime, then least recent.
    LeastTravel,
    /// Least planned work, then least recent.
    MostFree,
    /// Least weighted sum, then least recent.
    Blend(Blend),
}

/// The numbers of one candidate, for the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Score {
    /// Position in the candidates.
    pub candidate: usize,
    /// Position in the standings.
    pub member: usize,
    /// 0 for the one chosen.
    pub rank: u32,
    /// The number the policy compares first; lower is better.
    pub cost: i64,
    /// Work done in the period, in thousandths of a unit.
    pub done_milli: i64,
    /// Share of the work due in the period, in thousandths of a unit, with credit for absences and late joining.
    pub target_milli: i64,
    /// Driving the visit adds.
    pub added_travel: Seconds,
    /// Overtime the visit needs.
    pub overtime: Seconds,
    /// Work already planned.
    pub planned: Seconds,
    /// Last assignment.
    pub last_assigned: Option<Moment>,
    /// Weight.
    pub weight: u32,
    /// Tier.
    pub priority: u8,
}

/// Who was chosen and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The policy that decided.
    pub policy: Policy,
    /// Every candidate, best first; empty if there was none.
    pub scores: Vec<Score>,
}

impl Decision {
    /// Position in the candidates of the one chosen.
    pub fn chosen(&self) -> Option<usize> {
        self.scores.first().map(|score| score.candidate)
    }
}

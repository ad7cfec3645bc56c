//! Assignment policies: who of those who could do a visit gets it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::faults::{Faults, Validate};

/// Who of those who could do a visit gets it. Ties go to the least recently assigned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct AssignmentPolicy {
    /// The measure.
    pub kind: PolicyKind,
    /// Whether only the highest tier of priority that could do it is asked.
    pub tiers: bool,
    /// Span over which round robin is fair.
    pub period: FairPeriod,
    /// Weights of the blend, each 0 to 100; used by `blend` alone.
    pub blend: BlendWeights,
}

/// The measure by which candidates are compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PolicyKind {
    /// Largest shortfall in minutes of work, driving included, against the weighted share.
    #[default]
    RoundRobin,
    /// Longest time since the last assignment.
    LeastRecent,
    /// Least added travel.
    LeastTravel,
    /// Most free minutes left on the day.
    MostFree,
    /// A weighted sum of the above.
    Blend,
}

/// Span over which round robin is fair.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FairPeriod {
    /// The calendar week of the visit, Monday to Sunday.
    Week,
    /// The calendar month of the visit.
    #[default]
    Month,
}

/// Weights of a blend.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct BlendWeights {
    /// Fairness (round robin).
    pub fairness: u32,
    /// Time since the last assignment.
    pub recency: u32,
    /// Added travel.
    pub travel: u32,
    /// Free time left on the day.
    pub free_time: u32,
}

impl Validate for AssignmentPolicy {
    fn validate(&self, faults: &mut Faults) {
        let blend = self.blend;
        let weights = [
            ("blend.fairness", blend.fairness),
            ("blend.recency", blend.recency),
            ("blend.travel", blend.travel),
            ("blend.free_time", blend.free_time),
        ];
        for (field, weight) in weights {
            faults.check(weight <= 100, field, weight, "must be 0 to 100");
        }
        let some = self.kind != PolicyKind::Blend || weights.iter().any(|(_, weight)| *weight > 0);
        faults.check(some, "blend", "all 0", "a blend needs at least one weight above 0");
    }
}

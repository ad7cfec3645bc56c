//! The rule by which a location's plan is repaired without being asked.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::faults::{Faults, Validate};

/// What happens by itself after an absence, a visit that runs late, or a cancellation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Replanning {
    /// Whether the plan is repaired.
    pub mode: ReplanningMode,
    /// With `apply`: most visits that may change; a proposal with more waits for a dispatcher, and
    /// so does one that breaks a promise or takes a visit out of the plan.
    pub visits_max: u32,
    /// Least minutes by which a later visit must become late before an overrun counts.
    pub late_min: u32,
    /// Longest time to search, in seconds.
    #[schema(minimum = 1, maximum = 600)]
    pub time_s: u32,
}

/// Whether a plan is repaired by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplanningMode {
    /// Nothing happens by itself.
    #[default]
    Off,
    /// A proposal is made.
    Suggest,
    /// A proposal is made, and applied if it stays within the limits.
    Apply,
}

impl Default for Replanning {
    fn default() -> Self {
        Self { mode: ReplanningMode::Off, visits_max: 5, late_min: 15, time_s: 2 }
    }
}

impl Validate for Replanning {
    fn validate(&self, faults: &mut Faults) {
        let (visits, late, time) = (self.visits_max, self.late_min, self.time_s);
        faults.check(visits <= 1000, "visits_max", visits, "must be 0 to 1000");
        faults.check(late <= 1440, "late_min", late, "must be 0 to 1440 minutes");
        faults.check((1..=600).contains(&time), "time_s", time, "must be 1 to 600 seconds");
    }
}

//! What costs how much in an optimization: named weights, each switched off by 0.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::faults::{Faults, Validate};

/// What costs how much, in units of cost of one's own choice; 0 switches a rule off.
///
/// Before any of these counts, no hard rule is broken, and as little work as possible is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RuleWeights {
    /// An hour at the wheel; 30 if not given.
    pub drive_per_hour: u32,
    /// A kilometre driven; 0 if not given.
    pub drive_per_km: u32,
    /// An hour of waiting between departure and return; 2 if not given.
    pub waiting_per_hour: u32,
    /// An hour of overtime; 60 if not given.
    pub overtime_per_hour: u32,
    /// A technician who works outside the primary zones, each visit; 5 if not given.
    pub secondary_zone: u32,
    /// A visit done by nobody who has served the customer before, if somebody has; 3 if not given.
    pub unusual_technician: u32,
    /// A member of a crew who is another than in the plan in force; 2 if not given.
    pub moved_technician: u32,
    /// An hour by which a visit moves against the plan in force; 1 if not given.
    pub moved_per_hour: u32,
    /// A visit that moves at all against the plan in force; 1 if not given.
    pub moved_visit: u32,
    /// A broken promise, where promises may be broken; 500 if not given.
    pub broken_promise: u32,
    /// An hour by which a broken promise is missed; 100 if not given.
    pub broken_promise_per_hour: u32,
    /// An hour of work, driving included, above somebody's fair share; 0 if not given.
    pub balance_per_hour: u32,
    /// A technician with any visit; 0 if not given.
    pub technician_used: u32,
    /// A shift with any visit; 0 if not given.
    pub shift_used: u32,
    /// A visit, for each day after the first; 1 if not given.
    pub later_day: u32,
    /// A level of a skill above the level needed; 0 if not given.
    pub unneeded_level: u32,
    /// An hour by which a visit ends closer than `risk_margin_min` to the end of its shift; 0 if
    /// not given.
    pub risk_per_hour: u32,
    /// Minutes before the end of a shift in which visits are at risk; 30 if not given.
    pub risk_margin_min: u32,
    /// Only visits of at least this priority are at risk; 0 if not given.
    pub risk_priority_min: u32,
}

/// Largest weight.
const WEIGHT_MAX: u32 = 1_000_000;

impl Default for RuleWeights {
    fn default() -> Self {
        Self {
            drive_per_hour: 30,
            drive_per_km: 0,
            waiting_per_hour: 2,
            overtime_per_hour: 60,
            secondary_zone: 5,
            unusual_technician: 3,
            moved_technician: 2,
            moved_per_hour: 1,
            moved_visit: 1,
            broken_promise: 500,
            broken_promise_per_hour: 100,
            balance_per_hour: 0,
            technician_used: 0,
            shift_used: 0,
            later_day: 1,
            unneeded_level: 0,
            risk_per_hour: 0,
            risk_margin_min: 30,
            risk_priority_min: 0,
        }
    }
}

impl RuleWeights {
    /// The weights of a repair: what is planned stays as it is where it can.
    pub fn stable() -> Self {
        Self {
            moved_technician: 20,
            moved_per_hour: 10,
            moved_visit: 10,
            unusual_technician: 0,
            ..Self::default()
        }
    }

    /// Names and values, in the order of the fields.
    pub fn named(&self) -> [(&'static str, u32); 19] {
        [
            ("drive_per_hour", self.drive_per_hour),
            ("drive_per_km", self.drive_per_km),
            ("waiting_per_hour", self.waiting_per_hour),
            ("overtime_per_hour", self.overtime_per_hour),
            ("secondary_zone", self.secondary_zone),
            ("unusual_technician", self.unusual_technician),
            ("moved_technician", self.moved_technician),
            ("moved_per_hour", self.moved_per_hour),
            ("moved_visit", self.moved_visit),
            ("broken_promise", self.broken_promise),
            ("broken_promise_per_hour", self.broken_promise_per_hour),
            ("balance_per_hour", self.balance_per_hour),
            ("technician_used", self.technician_used),
            ("shift_used", self.shift_used),
            ("later_day", self.later_day),
            ("unneeded_level", self.unneeded_level),
            ("risk_per_hour", self.risk_per_hour),
            ("risk_margin_min", self.risk_margin_min),
            ("risk_priority_min", self.risk_priority_min),
        ]
    }
}

impl Validate for RuleWeights {
    fn validate(&self, faults: &mut Faults) {
        for (name, value) in self.named() {
            faults.check(value <= WEIGHT_MAX, name, value, "must be at most 1000000");
        }
    }
}

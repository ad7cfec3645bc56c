//! Weights of a document, in money.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::build::Money;
use crate::optimize::model::{self, Risk};
use crate::units::Seconds;

/// What costs how much; 0 switches a rule off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Weights {
    /// Per hour at the wheel.
    #[schema(minimum = 0, default = 1)]
    pub drive_per_hour: f64,
    /// Per kilometre.
    #[schema(minimum = 0)]
    pub drive_per_km: f64,
    /// Per hour of waiting.
    #[schema(minimum = 0)]
    pub waiting_per_hour: f64,
    /// Per hour of overtime, on top of the shift's own rate.
    #[schema(minimum = 0, default = 2)]
    pub overtime_per_hour: f64,
    /// Multiplies what soft windows and due times cost, in per cent.
    #[schema(default = 100)]
    pub late_percent: u32,
    /// Per hour of the largest lateness.
    #[schema(minimum = 0)]
    pub largest_late_per_hour: f64,
    /// Per hour of the largest idle time of all shifts, from start to end without drives, stays and
    /// breaks.
    #[schema(minimum = 0)]
    pub largest_idle_per_hour: f64,
    /// Per crew member outside primary zones.
    #[schema(minimum = 0)]
    pub secondary_zone: f64,
    /// Per visit done by nobody who usually serves the customer.
    #[schema(minimum = 0)]
    pub unusual_technician: f64,
    /// Per crew member who changes against the plan in force.
    #[schema(minimum = 0)]
    pub moved_technician: f64,
    /// Per hour a visit moves.
    #[schema(minimum = 0)]
    pub moved_per_hour: f64,
    /// Per visit that moves at all.
    #[schema(minimum = 0)]
    pub moved_visit: f64,
    /// Per broken promise; left out = no promise may be broken.
    #[schema(minimum = 0)]
    pub broken_promise: Option<f64>,
    /// Per hour by which a promise is broken.
    #[schema(minimum = 0)]
    pub broken_promise_per_hour: f64,
    /// Per hour of work above the fair share.
    #[schema(minimum = 0)]
    pub balance_per_hour: f64,
    /// Per technician with any visit.
    #[schema(minimum = 0)]
    pub technician_used: f64,
    /// Per shift with any visit.
    #[schema(minimum = 0)]
    pub shift_used: f64,
    /// Per visit and day after the first.
    #[schema(minimum = 0)]
    pub later_day: f64,
    /// Per skill level above the one needed.
    #[schema(minimum = 0)]
    pub unneeded_level: f64,
    /// A visit that ends less than this many seconds before the end of its shift is at risk.
    pub risk_margin_s: u32,
    /// Only visits of at least this priority are.
    pub risk_priority_min: u32,
    /// Per hour short of the margin.
    #[schema(minimum = 0)]
    pub risk_per_hour: f64,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            drive_per_hour: 1.0,
            drive_per_km: 0.0,
            waiting_per_hour: 0.0,
            overtime_per_hour: 2.0,
            late_percent: 100,
            largest_late_per_hour: 0.0,
            largest_idle_per_hour: 0.0,
            secondary_zone: 0.0,
            unusual_technician: 0.0,
            moved_technician: 0.0,
            moved_per_hour: 0.0,
            moved_visit: 0.0,
            broken_promise: None,
            broken_promise_per_hour: 0.0,
            balance_per_hour: 0.0,
            technician_used: 0.0,
            shift_used: 0.0,
            later_day: 0.0,
            unneeded_level: 0.0,
            risk_margin_s: 0,
            risk_priority_min: 0,
            risk_per_hour: 0.0,
        }
    }
}

impl Weights {
    /// The weights in grains.
    pub(super) fn weights(&self, money: &mut Money<'_>) -> model::Weights {
        let at = "weights";
        model::Weights {
            drive_second: money.per_hour(at, self.drive_per_hour),
            drive_metre: money.per_km(at, self.drive_per_km),
            waiting_second: money.per_hour(at, self.waiting_per_hour),
            overtime_second: money.per_hour(at, self.overtime_per_hour),
            late_percent: i64::from(self.late_percent),
            largest_late_second: money.per_hour(at, self.largest_late_per_hour),
            largest_idle_second: money.per_hour(at, self.largest_idle_per_hour),
            secondary_zone: money.units(at, self.secondary_zone),
            unusual_technician: money.units(at, self.unusual_technician),
            moved_technician: money.units(at, self.moved_technician),
            moved_second: money.per_hour(at, self.moved_per_hour),
            moved_visit: money.units(at, self.moved_visit),
            broken_promise: self.broken_promise.map(|cost| money.units(at, cost)),
            broken_promise_second: money.per_hour(at, self.broken_promise_per_hour),
            balance_second: money.per_hour(at, self.balance_per_hour),
            technician_used: money.units(at, self.technician_used),
            shift_used: money.units(at, self.shift_used),
            later_day: money.units(at, self.later_day),
            unneeded_level: money.units(at, self.unneeded_level),
            risk: Risk {
                margin: Seconds(self.risk_margin_s.into()),
                priority_min: self.risk_priority_min,
                second: money.per_hour(at, self.risk_per_hour),
            },
        }
    }
}

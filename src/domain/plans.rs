//! Plans: all assignments of a location on a date, with a version number.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::id::LocationId;

/// The version of one day's plan; every change of the day raises it by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct PlanVersion {
    /// Whose plan.
    pub location_id: LocationId,
    /// The date, in the location's zone.
    pub date: NaiveDate,
    /// 0 if nothing was ever planned.
    pub version: i64,
}

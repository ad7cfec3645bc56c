//! Visits of a document.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::problem::Amounts;
use super::shifts::Span;
use super::time::Time;

/// One stay on site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Visit {
    /// Its id.
    pub id: String,
    /// Where; left out = no travel.
    #[serde(default)]
    pub place: Option<String>,
    /// When it may start; empty = at any time.
    #[serde(default)]
    pub windows: Vec<Window>,
    /// What the customer was told about the start.
    #[serde(default)]
    pub promise: Option<Span>,
    /// By when it should have ended.
    #[serde(default)]
    pub due: Option<Due>,
    /// Seconds of work.
    #[serde(default)]
    pub service_s: u32,
    /// Seconds on arrival, once for visits that follow each other at one place.
    #[serde(default)]
    pub setup_s: u32,
    /// Seconds before leaving.
    #[serde(default)]
    pub exit_s: u32,
    /// Who takes other times than these, whatever their pace.
    #[serde(default)]
    pub own_times: Vec<OwnTimes>,
    /// Free seconds wanted before it.
    #[serde(default)]
    pub pad_before_s: u32,
    /// Free seconds wanted after it.
    #[serde(default)]
    pub pad_after_s: u32,
    /// Skills of a visit for one person.
    #[serde(default)]
    pub skills: Vec<NeededSkill>,
    /// People who start together, one entry each, at most 8; left out = one person with `skills`.
    #[serde(default)]
    pub crew: Vec<CrewRole>,
    /// Zones it lies in; left out = zones do not matter.
    #[serde(default)]
    pub zones: Option<Vec<String>>,
    /// Only these people.
    #[serde(default)]
    pub only: Option<Vec<String>>,
    /// Each of these must come.
    #[serde(default)]
    pub required: Vec<String>,
    /// None of these may come.
    #[serde(default)]
    pub excluded: Vec<String>,
    /// These are preferred.
    #[serde(default)]
    pub preferred: Vec<Preference>,
    /// Who usually serves this customer.
    #[serde(default)]
    pub usual: Vec<String>,
    /// Shared equipment.
    #[serde(default)]
    pub pools: Vec<PoolNeed>,
    /// Carried equipment, or fetched at a depot before.
    #[serde(default)]
    pub tools: Vec<String>,
    /// Load taken along from the start or the last depot and left here.
    #[serde(default)]
    pub delivery: Amounts,
    /// Load taken here and brought to the end.
    #[serde(default)]
    pub pickup: Amounts,
    /// Load taken (positive) or left (negative) here on the way.
    #[serde(default)]
    pub transfer: Amounts,
    /// Parts used up, taken along from the start or the last depot.
    #[serde(default)]
    pub parts: Amounts,
    /// Weight of leaving it out against other mandatory visits; 0 = optional.
    #[serde(default = "one")]
    #[schema(default = 1)]
    pub mandatory: u32,
    /// Earned by doing it.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub prize: f64,
    /// Higher is more urgent.
    #[serde(default)]
    pub priority: u32,
}

const fn one() -> u32 {
    1
}

/// A span in which a visit may start.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// First moment.
    pub earliest: Time,
    /// Last moment.
    pub latest: Time,
    /// Cost per hour of starting before; left out = it waits.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub early_per_hour: Option<f64>,
    /// Cost per hour of starting after; left out = it may not.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub late_per_hour: Option<f64>,
}

/// Times that one technician takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnTimes {
    /// Who.
    pub technician: String,
    /// Seconds of work.
    pub service_s: u32,
    /// Seconds on arrival, once for visits that follow each other at one place.
    #[serde(default)]
    pub setup_s: u32,
}

/// A service level.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Due {
    /// By when it should have ended.
    pub by: Time,
    /// Cost per hour after that.
    #[schema(minimum = 0)]
    pub late_per_hour: f64,
}

/// A skill a person needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NeededSkill {
    /// Its name.
    pub skill: String,
    /// Least level.
    #[serde(default = "level")]
    #[schema(minimum = 1, maximum = 10, default = 1)]
    pub level_min: u8,
}

const fn level() -> u8 {
    1
}

/// One person of a crew.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CrewRole {
    /// Skills this person needs.
    #[serde(default)]
    pub skills: Vec<NeededSkill>,
    /// Equipment this person must carry.
    #[serde(default)]
    pub carried: Vec<String>,
    /// Seconds this person works; left out = as the visit.
    #[serde(default)]
    pub service_s: Option<u32>,
}

/// Somebody preferred.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Preference {
    /// Who.
    pub technician: String,
    /// Cost saved if they come; negative = cost.
    pub saved: f64,
}

/// Shared equipment a visit needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PoolNeed {
    /// Which pool.
    pub pool: String,
    /// How many units.
    #[serde(default = "one")]
    #[schema(minimum = 1, default = 1)]
    pub units: u32,
    /// Seconds they leave the pool before the start.
    #[serde(default)]
    pub lead_s: u32,
    /// Seconds they are back after the end.
    #[serde(default)]
    pub trail_s: u32,
}

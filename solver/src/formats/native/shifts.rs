//! Shifts of a document.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::problem::Amounts;
use super::time::Time;

/// A span of work of one technician.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Shift {
    /// Its id.
    pub id: String,
    /// Whose.
    pub technician: String,
    /// Number of the day, for limits per day and for early days first.
    #[serde(default)]
    pub day: u32,
    /// Number of the week, for limits per week.
    #[serde(default)]
    pub week: u32,
    /// Which matrix; left out = the first.
    #[serde(default)]
    pub profile: Option<String>,
    /// Earliest departure.
    pub start: Time,
    /// Soft end: a later return is overtime.
    pub end: Time,
    /// Seconds of overtime allowed.
    #[serde(default)]
    pub overtime_max_s: u32,
    /// Place it starts at; left out = the first drive costs nothing.
    #[serde(default)]
    pub start_place: Option<String>,
    /// Place it ends at; left out = the last drive costs nothing.
    #[serde(default)]
    pub end_place: Option<String>,
    /// Whether a first visit at the start place needs no setup.
    #[serde(default)]
    pub set_up: bool,
    /// Breaks and absences.
    #[serde(default)]
    pub breaks: Vec<Break>,
    /// Rest at least every so many hours.
    #[serde(default)]
    pub work_limit: Option<WorkLimit>,
    /// What fits in the car, by kind of load, parts included; left out = without limit.
    #[serde(default)]
    pub capacity: Option<Amounts>,
    /// Parts on board at departure; left out = without limit.
    #[serde(default)]
    pub stock: Option<Amounts>,
    /// Places where goods, parts and tools are fetched.
    #[serde(default)]
    pub depots: Vec<String>,
    /// Seconds a stop at a depot takes.
    #[serde(default)]
    pub depot_duration_s: u32,
    /// Most stops at depots; left out = one if there are depots.
    #[serde(default)]
    pub depot_stops_max: Option<u32>,
    /// Most visits.
    #[serde(default)]
    pub visits_max: Option<u32>,
    /// Most seconds at the wheel.
    #[serde(default)]
    pub drive_max_s: Option<u32>,
    /// Most metres.
    #[serde(default)]
    pub metres_max: Option<u32>,
    /// Most seconds from departure to return.
    #[serde(default)]
    pub paid_max_s: Option<u32>,
    /// Per cent of the matrix's seconds this car needs.
    #[serde(default = "hundred")]
    #[schema(minimum = 1, maximum = 10_000, default = 100)]
    pub drive_percent: u32,
    /// Cost of using the shift at all.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub used_cost: f64,
    /// Cost per hour from departure to return.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub paid_per_hour: f64,
    /// Cost per hour at the wheel.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub drive_per_hour: f64,
    /// Cost per kilometre.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub per_km: f64,
    /// Cost per hour on site.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub onsite_per_hour: f64,
    /// Cost per hour of overtime.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub overtime_per_hour: f64,
}

const fn hundred() -> u32 {
    100
}

/// A pause in a shift.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Break {
    /// Spans in which it may start.
    pub starts: Vec<Span>,
    /// How long.
    pub duration_s: u32,
    /// Where; left out = anywhere.
    #[serde(default)]
    pub place: Option<String>,
    /// Cost of leaving it out; left out = it must be taken.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub missed_cost: Option<f64>,
    /// Whether it is unpaid.
    #[serde(default)]
    pub unpaid: bool,
    /// Whether it is an absence: pads of visits must lie clear of it.
    #[serde(default)]
    pub absence: bool,
    /// Most load it may be taken with.
    #[serde(default)]
    pub load_max: Option<Amounts>,
}

/// From the first to the last moment, both counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// First moment.
    pub earliest: Time,
    /// Last moment.
    pub latest: Time,
}

/// Rest at least every so many hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkLimit {
    /// Longest stretch of driving and work without rest, in seconds.
    pub longest_s: u32,
    /// What counts as rest, in seconds.
    pub rest_s: u32,
}

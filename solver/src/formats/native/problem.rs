//! The document: places, people, equipment, links, the plan in force; shifts and visits beside.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::shifts::Shift;
use super::time::Time;
use super::visits::Visit;
use super::weights::Weights;

/// Amounts by kind of load.
pub(super) type Amounts = BTreeMap<String, i64>;

/// A problem: who works when, what is to be done, what binds and what costs.
///
/// Ids are texts of your own. Lists that are left out are empty; a rule that is left out does not
/// hold. Costs are in money, or whatever you count in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Problem {
    /// `roundsman.problem`.
    pub format: String,
    /// 1.
    pub version: u32,
    /// Where things are.
    #[serde(default)]
    pub places: Vec<Place>,
    /// Travel between all places, one entry per profile; left out: reckoned from the coordinates.
    #[serde(default)]
    pub matrices: Vec<Matrix>,
    /// Kinds of load and parts, such as `kg` or `routers`.
    #[serde(default)]
    pub loads: Vec<String>,
    /// People.
    pub technicians: Vec<Technician>,
    /// When they work.
    pub shifts: Vec<Shift>,
    /// What is to be done.
    pub visits: Vec<Visit>,
    /// Equipment shared by many.
    #[serde(default)]
    pub pools: Vec<Pool>,
    /// What binds visits to each other.
    #[serde(default)]
    pub links: Vec<Link>,
    /// The plan in force; visits that are not listed are not planned.
    #[serde(default)]
    pub current: Vec<Current>,
    /// What replanning may not touch.
    #[serde(default)]
    pub freeze: Freeze,
    /// What costs how much.
    #[serde(default)]
    pub weights: Weights,
    /// Nothing starts before this moment.
    #[serde(default)]
    pub from: Option<Time>,
}

/// A place.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Its id.
    pub id: String,
    /// Latitude in degrees.
    #[serde(default)]
    #[schema(minimum = -90, maximum = 90)]
    pub lat: Option<f64>,
    /// Longitude in degrees.
    #[serde(default)]
    #[schema(minimum = -180, maximum = 180)]
    pub lon: Option<f64>,
}

/// Travel for one profile; rows in the order of the places, from row to column.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Matrix {
    /// Name that shifts refer to.
    pub profile: String,
    /// Seconds; `null` = no way.
    pub seconds: Vec<Vec<Option<u32>>>,
    /// Metres; left out = 0.
    #[serde(default)]
    pub metres: Option<Vec<Vec<u32>>>,
    /// Costs in place of the rates for driving.
    #[serde(default)]
    pub costs: Option<Vec<Vec<u32>>>,
}

/// A skill somebody holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HeldSkill {
    /// Its name.
    pub skill: String,
    /// How well.
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 10, default = 1)]
    pub level: u8,
    /// First moment it counts.
    #[serde(default)]
    pub valid_from: Option<Time>,
    /// First moment it no longer counts.
    #[serde(default)]
    pub valid_until: Option<Time>,
    /// Per cent of the ordinary duration at work that needs this skill.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1000)]
    pub pace_percent: Option<u32>,
}

const fn one() -> u8 {
    1
}

/// A technician.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Technician {
    /// Their id.
    pub id: String,
    /// What they can do.
    #[serde(default)]
    pub skills: Vec<HeldSkill>,
    /// Zones they cover; left out = everywhere.
    #[serde(default)]
    pub zones: Option<Vec<HeldZone>>,
    /// Equipment they carry.
    #[serde(default)]
    pub carried: Vec<String>,
    /// Most visits in one day.
    #[serde(default)]
    pub visits_per_day_max: Option<u32>,
    /// Most visits in one week.
    #[serde(default)]
    pub visits_per_week_max: Option<u32>,
    /// Most seconds on site in one day.
    #[serde(default)]
    pub onsite_per_day_max_s: Option<u32>,
    /// Most seconds on site in one week.
    #[serde(default)]
    pub onsite_per_week_max_s: Option<u32>,
    /// Most seconds at the wheel in one drive.
    #[serde(default)]
    pub drive_per_leg_max_s: Option<u32>,
    /// Most seconds at the wheel in one day.
    #[serde(default)]
    pub drive_per_day_max_s: Option<u32>,
    /// Seconds worked before, for fair shares.
    #[serde(default)]
    pub history_s: u32,
    /// Share of the work relative to others.
    #[serde(default)]
    #[schema(default = 1)]
    pub share: Option<u32>,
}

/// A zone somebody covers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HeldZone {
    /// Its name.
    pub zone: String,
    /// Works there only when nobody closer can, at a cost.
    #[serde(default)]
    pub secondary: bool,
}

/// Shared equipment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Pool {
    /// Its id.
    pub id: String,
    /// Units that exist.
    pub units: u32,
    /// Units away for other reasons.
    #[serde(default)]
    pub taken: Vec<Taken>,
}

/// Units of a pool that are away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Taken {
    /// From this moment.
    pub from: Time,
    /// Until before this moment.
    pub until: Time,
    /// How many.
    pub units: u32,
}

/// What binds two visits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Which rule.
    pub kind: LinkKind,
    /// A visit; the earlier one where order matters.
    pub first: String,
    /// The other.
    pub second: String,
    /// Least seconds between the two.
    #[serde(default)]
    pub min_s: u32,
    /// Most seconds between the two.
    #[serde(default)]
    pub max_s: Option<u32>,
}

/// Rules between two visits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// From the end of the first to the start of the second.
    Gap,
    /// From start to start.
    Starts,
    /// The same people.
    SameTechnicians,
    /// Nobody does both.
    DifferentTechnicians,
    /// Taken at the first, left at the second.
    Shipment,
    /// Both or neither.
    Both,
}

/// Where a visit stands in the plan in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Current {
    /// Which visit.
    pub visit: String,
    /// Planned start.
    pub start: Time,
    /// Shifts of the crew, in the order of its roles.
    pub shifts: Vec<String>,
    /// What may not change.
    #[serde(default)]
    pub lock: Lock,
    /// Whether work has begun.
    #[serde(default)]
    pub started: bool,
}

/// What replanning may not change about a visit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Lock {
    /// Nothing.
    #[default]
    Free,
    /// Its start.
    Time,
    /// Its people.
    Technician,
    /// Both.
    Both,
    /// It stays in its promised window.
    Window,
}

/// What replanning may not touch, by time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Freeze {
    /// Visits planned before this moment stay.
    #[serde(default)]
    pub until: Option<Time>,
    /// How much is allowed from which moment on.
    #[serde(default)]
    pub relaxations: Vec<Relaxation>,
    /// Least seconds between `until` and a start that changes.
    #[serde(default)]
    pub notice_s: u32,
}

/// How much replanning may do from a moment on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Relaxation {
    /// From when.
    pub from: Time,
    /// What may change.
    pub allow: Allow,
}

/// What may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Allow {
    /// Times only.
    Times,
    /// The order too.
    Order,
    /// Anything.
    Anything,
}

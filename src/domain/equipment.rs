//! Equipment: kinds of things with countable units that visits need.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::faults::{Faults, Validate, check_text};
use crate::domain::id::{EquipmentId, LocationId, VisitId};

/// A kind of thing that visits need: carried by technicians, or shared in pools.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Equipment {
    /// Its name.
    pub name: String,
    /// Units shared at locations; none if only carried.
    #[serde(default)]
    pub pools: Vec<Pool>,
    /// Whether a shared unit is out while it travels between its location and the site.
    #[serde(default)]
    pub travels: bool,
}

/// Units of one kind shared at one location.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Pool {
    /// Where the units are kept.
    pub location_id: LocationId,
    /// How many there are, 0 to 10,000.
    pub units: u32,
}

/// Equipment that a visit needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EquipmentNeed {
    /// Which kind.
    pub equipment_id: EquipmentId,
    /// How many units; the technicians' own count first.
    #[serde(default = "one")]
    pub units: u32,
}

/// Units of pooled equipment that a visit takes for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EquipmentUse {
    /// The visit.
    pub visit_id: VisitId,
    /// Which kind.
    pub equipment_id: EquipmentId,
    /// From which location's pool.
    pub location_id: LocationId,
    /// How many units, at least 1.
    pub units: u32,
    /// First moment, on the way there included.
    pub start: DateTime<Utc>,
    /// First moment after, on the way back included.
    pub end: DateTime<Utc>,
}

fn one() -> u32 {
    1
}

impl Validate for Equipment {
    fn validate(&self, faults: &mut Faults) {
        check_text(faults, "name", &self.name, 200);
        for (row, pool) in self.pools.iter().enumerate() {
            let field = format!("pools[{row}].units");
            faults.check(pool.units <= 10_000, &field, pool.units, "must be 0 to 10000");
            let first = self.pools.iter().position(|other| other.location_id == pool.location_id);
            let message = "a location may have one pool of a kind; add its units together";
            let field = format!("pools[{row}].location_id");
            faults.check(first == Some(row), &field, pool.location_id, message);
        }
    }
}

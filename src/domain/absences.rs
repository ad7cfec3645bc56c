//! An absence: a dated span in which a technician, or units of equipment, cannot work.

use chrono::{DateTime, Datelike as _, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::faults::{Faults, Validate};
use crate::domain::id::{EquipmentId, LocationId, TechnicianId};
use crate::domain::places::Place;

/// Longest absence in days: every date of it is a plan that has to be made again.
const DAYS_MAX: i64 = 800;

/// A dated span in which somebody or something cannot work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Absence {
    /// Who or what is absent.
    #[serde(flatten)]
    pub of: AbsenceOf,
    /// First moment.
    pub start: DateTime<Utc>,
    /// First moment after.
    pub end: DateTime<Utc>,
    /// Where the technician is meanwhile, if known; then the drive there and back counts.
    #[serde(default)]
    pub place: Option<Place>,
    /// Why.
    #[serde(default)]
    pub kind: AbsenceKind,
    /// Words for the dispatcher.
    #[serde(default)]
    pub note: String,
}

/// Who or what is absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum AbsenceOf {
    /// A technician.
    Technician {
        /// Which one.
        technician_id: TechnicianId,
    },
    /// Units of pooled equipment, for instance in maintenance.
    Equipment {
        /// Which kind.
        equipment_id: EquipmentId,
        /// Of which location's pool.
        location_id: LocationId,
        /// How many units.
        units: u32,
    },
}

/// Why somebody or something is absent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AbsenceKind {
    /// Holiday or time off.
    #[default]
    TimeOff,
    /// Illness.
    Sick,
    /// Busy in the member's own calendar.
    Calendar,
    /// Training, meeting, office work.
    Internal,
    /// Repair or inspection of equipment.
    Maintenance,
}

impl Validate for Absence {
    fn validate(&self, faults: &mut Faults) {
        faults.check(self.start < self.end, "end", self.end, "must be after start");
        let long = self.end.signed_duration_since(self.start).num_days() > DAYS_MAX;
        let message = format!("must be at most {DAYS_MAX} days after start; deactivate who left");
        faults.check(!long, "end", self.end, &message);
        let plain = 1970 <= self.start.year() && self.end.year() < 2200;
        faults.check(plain, "start", self.start, "must lie in 1970 to 2199, and the end too");
        if let Some(place) = &self.place {
            faults.within("place.", |faults| place.validate(faults));
        }
        if let AbsenceOf::Equipment { units, .. } = self.of {
            faults.check(units >= 1, "units", units, "must be at least 1");
        }
    }
}

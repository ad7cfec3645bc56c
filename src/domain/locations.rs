//! A location: a branch of the business.

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::faults::{Faults, Validate, check_text};
use crate::domain::hours::{DateSpan, WorkingHours};
use crate::domain::places::Place;
use crate::domain::replanning::Replanning;

/// A branch of the business: zone, base point, opening hours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Location {
    /// Its name.
    pub name: String,
    /// IANA zone of its dates and of the slot grid.
    #[schema(value_type = String, example = "Atlantic/Reykjavik")]
    pub time_zone: Tz,
    /// The base point: depot of its technicians, home of its pooled equipment.
    pub place: Place,
    /// When visits may start; no weekly hours means always.
    #[serde(default)]
    pub opening_hours: WorkingHours,
    /// Dates on which nothing is offered.
    #[serde(default)]
    pub closed: Vec<DateSpan>,
    /// How its plan is repaired without being asked.
    #[serde(default)]
    pub replanning: Replanning,
}

impl Validate for Location {
    fn validate(&self, faults: &mut Faults) {
        check_text(faults, "name", &self.name, 200);
        faults.within("place.", |faults| self.place.validate(faults));
        faults.within("opening_hours.", |faults| self.opening_hours.validate(faults));
        faults.within("replanning.", |faults| self.replanning.validate(faults));
        for (row, span) in self.closed.iter().enumerate() {
            faults.within(&format!("closed[{row}]."), |faults| span.validate(faults));
        }
    }
}

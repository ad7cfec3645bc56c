//! A technician: who does visits, where, when and with which limits.

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::faults::{Faults, Validate, check_text};
use crate::domain::hours::{BreakRule, WorkingHours};
use crate::domain::id::{EquipmentId, LocationId};
use crate::domain::places::Place;
use crate::domain::skills::SkillHeld;
use crate::domain::zones::ZoneCovered;

/// Who does visits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Technician {
    /// The technician's name.
    pub name: String,
    /// The location whose plan the technician's days belong to.
    pub location_id: LocationId,
    /// Whether new work may be given.
    #[serde(default = "yes")]
    pub active: bool,
    /// IANA zone of the working hours; the location's if none.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub time_zone: Option<Tz>,
    /// Where the technician lives.
    #[serde(default)]
    pub home: Option<Place>,
    /// Where a day starts.
    #[serde(default)]
    pub start: DayEdge,
    /// Where a day ends.
    #[serde(default)]
    pub end: DayEdge,
    /// What the technician can do.
    #[serde(default)]
    pub skills: Vec<SkillHeld>,
    /// Where the technician works; none means everywhere.
    #[serde(default)]
    pub zones: Vec<ZoneCovered>,
    /// When the technician works.
    #[serde(default)]
    pub working_hours: WorkingHours,
    /// Pauses of every day worked.
    #[serde(default)]
    pub breaks: Vec<BreakRule>,
    /// Kinds of equipment that are always in the technician's van.
    #[serde(default)]
    pub carries: Vec<EquipmentId>,
    /// What no plan may exceed.
    #[serde(default)]
    pub limits: Limits,
    /// Share of the work in round robin against the others, 0 to 1000; 100 is one full share.
    #[serde(default = "one_share")]
    pub round_robin_weight: u32,
    /// Tier in assignment, 0 to 4; a higher tier gets work first.
    #[serde(default = "middle")]
    pub priority: u8,
    /// First date with the business; assignment gives credit for the time before.
    #[serde(default)]
    pub joined: Option<NaiveDate>,
}

/// Where a technician's day starts or ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DayEdge {
    /// At home; the drive is part of the shift.
    Home,
    /// At the location's base point; the drive is part of the shift.
    Depot,
    /// At the first or last visit; no drive counts.
    #[default]
    Anywhere,
}

/// What no plan may exceed; none means no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Limits {
    /// Minutes of overtime a day that may be planned after the end of the shift.
    pub overtime_min: u32,
    /// Visits a day.
    pub visits_per_day: Option<u32>,
    /// Visits a week, Monday to Sunday.
    pub visits_per_week: Option<u32>,
    /// Minutes on site a day.
    pub minutes_per_day: Option<u32>,
    /// Minutes on site a week, Monday to Sunday.
    pub minutes_per_week: Option<u32>,
    /// Minutes of driving between two stops.
    pub drive_per_leg_min: Option<u32>,
    /// Minutes of driving a day.
    pub drive_per_day_min: Option<u32>,
}

fn yes() -> bool {
    true
}

fn one_share() -> u32 {
    100
}

fn middle() -> u8 {
    2
}

impl Validate for Technician {
    fn validate(&self, faults: &mut Faults) {
        check_text(faults, "name", &self.name, 200);
        if let Some(home) = &self.home {
            faults.within("home.", |faults| home.validate(faults));
        }
        for (field, edge) in [("start", self.start), ("end", self.end)] {
            let known = edge != DayEdge::Home || self.home.is_some();
            faults.check(
                known,
                field,
                "home",
                "needs the technician's home; give one or choose depot",
            );
        }
        for (row, skill) in self.skills.iter().enumerate() {
            faults.within(&format!("skills[{row}]."), |faults| skill.validate(faults));
        }
        faults.within("working_hours.", |faults| self.working_hours.validate(faults));
        for (row, rule) in self.breaks.iter().enumerate() {
            faults.within(&format!("breaks[{row}]."), |faults| rule.validate(faults));
        }
        let overtime = self.limits.overtime_min;
        faults.check(overtime <= 720, "limits.overtime_min", overtime, "must be 0 to 720 minutes");
        let weight = self.round_robin_weight;
        faults.check(weight <= 1000, "round_robin_weight", weight, "must be 0 to 1000");
        faults.check(self.priority <= 4, "priority", self.priority, "must be 0 to 4");
    }
}

//! A visit: one stay on site; the unit that is placed into the plan.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::equipment::EquipmentNeed;
use crate::domain::faults::Faults;
use crate::domain::id::{JobId, LocationId, ServiceId, TechnicianId, VisitId};
use crate::domain::places::Place;
use crate::domain::services::CrewMode;
use crate::domain::skills::SkillNeed;
use crate::domain::travel::TravelMode;

/// One stay on site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Visit {
    /// Its name.
    pub id: VisitId,
    /// The job it is part of.
    pub job_id: JobId,
    /// The location whose plan it belongs to.
    pub location_id: LocationId,
    /// Counts its changes, from 1.
    pub revision: i64,
    /// Where.
    pub place: Place,
    /// What it takes; copied from the services when the visit is made.
    pub needs: VisitNeeds,
    /// How far it is.
    pub status: VisitStatus,
    /// What replanning may not change.
    pub lock: Lock,
    /// How urgent it is against other visits: 0 (ordinary) to 100.
    #[serde(default)]
    #[schema(maximum = 100)]
    pub priority: u8,
    /// The span promised to the customer, bounds on the start; both ends count. An exact promise
    /// has equal ends. None while nothing is promised.
    pub promised: Option<ArrivalWindow>,
    /// What the plan says now; none while unassigned.
    pub planned_start: Option<DateTime<Utc>>,
    /// What happened.
    pub actual: ActualTimes,
}

/// The most urgent that a visit can be.
pub const PRIORITY_MAX: u8 = 100;

/// What a visit takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VisitNeeds {
    /// The services done, in order.
    pub service_ids: Vec<ServiceId>,
    /// Seconds to set up on site.
    pub setup_s: i64,
    /// Seconds of work for the crew that comes.
    pub work_s: i64,
    /// Seconds to pack up on site.
    pub exit_s: i64,
    /// The skills of each member of the crew; as many as the crew is large, at least one.
    pub crew: Vec<RoleNeed>,
    /// Whether the crew has shortened the work.
    pub crew_mode: CrewMode,
    /// Equipment it takes.
    pub equipment: Vec<EquipmentNeed>,
    /// How travel to it is reckoned.
    pub travel: TravelMode,
}

/// The skills that one member of a crew needs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoleNeed {
    /// Name of the role; may be empty.
    pub role: String,
    /// Its skills.
    pub skills: Vec<SkillNeed>,
}

/// Bounds on the start, promised to the customer; both ends count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ArrivalWindow {
    /// First moment.
    pub from: DateTime<Utc>,
    /// Last moment.
    pub until: DateTime<Utc>,
}

/// What happened, as the technician reported it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ActualTimes {
    /// Set out for the site.
    pub en_route_at: Option<DateTime<Utc>>,
    /// Reached the site.
    pub arrived_at: Option<DateTime<Utc>>,
    /// Began to work.
    pub started_at: Option<DateTime<Utc>>,
    /// Left the site.
    pub finished_at: Option<DateTime<Utc>>,
    /// Seconds that the visit needs beyond its needs.
    pub extra_s: i64,
    /// When somebody came and could not do it, by time.
    #[serde(default)]
    pub attempts: Vec<Attempt>,
}

/// Somebody came, or would have, and could not do the work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Attempt {
    /// When that was clear.
    pub at: DateTime<Utc>,
    /// Who reported it; none for the office.
    pub technician_id: Option<TechnicianId>,
    /// Why.
    pub obstacle: Obstacle,
    /// More words; may be empty.
    pub note: String,
}

/// Why a visit could not be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// The customer was not there.
    NobodyThere,
    /// No way in.
    NoAccess,
    /// Something to work with is missing.
    MissingEquipment,
    /// It is another or larger work than was booked.
    OtherWork,
    /// It would not be safe.
    Unsafe,
    /// Something else; the note says what.
    Other,
}

/// How far a visit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VisitStatus {
    /// In nobody's day.
    Unassigned,
    /// Reserved by a hold.
    Held,
    /// In the plan.
    Planned,
    /// The technician is on the way.
    EnRoute,
    /// The technician is there.
    Arrived,
    /// Work goes on.
    Started,
    /// Work is done.
    Finished,
    /// Will not happen.
    Cancelled,
}

/// What replanning may not change about a visit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Lock {
    /// Everything may change.
    #[default]
    None,
    /// Not the planned start.
    Time,
    /// Not the technicians.
    Technician,
    /// Neither.
    Both,
    /// The planned start may move only inside the arrival window.
    Window,
}

/// One technician does one visit at a planned time; a crew of two has two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Assignment {
    /// The visit.
    pub visit_id: VisitId,
    /// Who does it.
    pub technician_id: TechnicianId,
    /// Index of the role in the visit's crew.
    pub role: u32,
    /// Planned start on site.
    pub start: DateTime<Utc>,
    /// Planned end on site.
    pub end: DateTime<Utc>,
}

/// Most technicians that a request may name as a crew.
const CREW_MAX: usize = 8;

/// Notes a crew that is too large, and whoever is named in it twice.
pub fn check_crew(faults: &mut Faults, field: &str, technician_ids: &[TechnicianId]) {
    let count = technician_ids.len();
    faults.check(count <= CREW_MAX, field, count, "must name at most 8 technicians");
    for (row, id) in technician_ids.iter().enumerate().take(CREW_MAX) {
        let first = !technician_ids[..row].contains(id);
        faults.check(first, &format!("{field}[{row}]"), id, "is named twice");
    }
}

/// Notes a priority beyond [`PRIORITY_MAX`].
pub fn check_priority(faults: &mut Faults, field: &str, priority: u8) {
    faults.check(priority <= PRIORITY_MAX, field, priority, "must be 0 to 100");
}

impl VisitNeeds {
    /// Seconds on site: setup, work and exit.
    pub fn on_site_s(&self) -> i64 {
        self.setup_s + self.work_s + self.exit_s
    }
}

impl VisitStatus {
    /// The word in tables and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unassigned => "unassigned",
            Self::Held => "held",
            Self::Planned => "planned",
            Self::EnRoute => "en_route",
            Self::Arrived => "arrived",
            Self::Started => "started",
            Self::Finished => "finished",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether the visit takes a technician's time in the plan.
    pub fn occupies(self) -> bool {
        !matches!(self, Self::Unassigned | Self::Cancelled)
    }

    /// Whether the technician has set out, so that the plan may no longer move it.
    pub fn under_way(self) -> bool {
        matches!(self, Self::EnRoute | Self::Arrived | Self::Started | Self::Finished)
    }
}

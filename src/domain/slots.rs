//! Slots: what is asked, and what is answered.

pub mod public;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::Ref;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::schema::{Array, ArrayBuilder};

use crate::domain::faults::{Faults, Validate};
use crate::domain::id::{
    EquipmentId, LocationId, PackageId, ServiceId, SkillId, TeamId, TechnicianId,
};
use crate::domain::places::Place;
use crate::domain::visits::ArrivalWindow;
use crate::domain::zones::ZoneLevel;

/// What is wanted: which work, where, when, and by whom.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SlotQuery {
    /// The services, in order of work; or name a package.
    #[serde(default)]
    #[schema(schema_with = work_ids)]
    pub service_ids: Vec<ServiceId>,
    /// The package; or name services.
    #[serde(default)]
    pub package_id: Option<PackageId>,
    /// The location that does it; the nearest that comes there for it if none.
    #[serde(default)]
    pub location_id: Option<LocationId>,
    /// Where.
    pub place: Place,
    /// First date, in the location's zone.
    pub from: NaiveDate,
    /// Last date, included; at most 92 days after the first.
    pub until: NaiveDate,
    /// What else is wished for.
    #[serde(default)]
    pub wishes: Wishes,
    /// At most this many starts, diverse over days and parts of the day; all if none.
    #[serde(default)]
    pub limit: Option<u32>,
    /// How many crews to name for each start, 1 to 50.
    #[serde(default = "three")]
    pub crews_per_slot: u32,
}

/// What else is wished for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Wishes {
    /// Only with this technician in the crew.
    pub technician_id: Option<TechnicianId>,
    /// Only with technicians of this team.
    pub team_id: Option<TeamId>,
    /// Only starts in this part of the day.
    pub part_of_day: Option<PartOfDay>,
    /// Never with these technicians.
    pub excluded_technician_ids: Vec<TechnicianId>,
}

/// A part of the day, in the location's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartOfDay {
    /// Starts before 12:00.
    Morning,
    /// Starts from 12:00 to before 17:00.
    Afternoon,
    /// Starts from 17:00.
    Evening,
}

/// A start at which an insertion into the live plan is proven feasible.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Slot {
    /// The start on the grid; with an arrival window, the start of the window.
    pub start: DateTime<Utc>,
    /// What would be promised.
    pub window: ArrivalWindow,
    /// End of the stay if it starts at `start`.
    pub end: DateTime<Utc>,
    /// The best crews that can do it, best first.
    pub crews: Vec<CrewOption>,
    /// How many crews can do it in all.
    pub crew_count: u64,
    /// 0 to 100; 100 is the best start of the answer.
    pub score: u32,
    /// 1 is the best start of the answer.
    pub rank: u32,
}

/// One way to staff a slot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CrewOption {
    /// The technicians in order of the roles.
    pub technician_ids: Vec<TechnicianId>,
    /// Planned start on site.
    pub planned_start: DateTime<Utc>,
    /// Seconds of driving that the visit adds to the routes of all.
    pub added_travel_s: i64,
    /// Metres of driving that the visit adds to the routes of all.
    pub added_travel_m: i64,
    /// Seconds of the longest drive to the visit.
    pub drive_before_s: i64,
    /// Seconds of the longest drive from the visit.
    pub drive_after_s: i64,
    /// Seconds of overtime that the visit adds.
    pub overtime_s: i64,
    /// The least of the crew's zone levels; none if a member covers no zones in particular.
    pub zone: Option<ZoneLevel>,
    /// Equipment it takes.
    pub equipment: Vec<EquipmentId>,
}

/// The slots of one date.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SlotDay {
    /// The date, in the location's zone.
    pub date: NaiveDate,
    /// Version of the day's plan that was searched.
    pub plan_version: i64,
    /// The slots by time.
    pub slots: Vec<Slot>,
}

/// The answer to a query.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SlotAnswer {
    /// The location that would do it.
    pub location_id: LocationId,
    /// IANA zone of the dates.
    pub time_zone: String,
    /// Seconds on site.
    pub on_site_s: i64,
    /// Every date asked for, in order, also without slots.
    pub days: Vec<SlotDay>,
    /// Where nothing fits: the nearest starts outside the wishes or dates.
    pub alternatives: Vec<Alternative>,
    /// Where nothing fits: why.
    pub explanation: Option<Explanation>,
}

/// A start that is feasible although it is not what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Alternative {
    /// The start on the grid.
    pub start: DateTime<Utc>,
    /// What would be promised.
    pub window: ArrivalWindow,
    /// Who could come.
    pub technician_ids: Vec<TechnicianId>,
}

/// Why something is not offered.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Explanation {
    /// For each technician and date or start: the first rule that fails.
    pub reasons: Vec<Reason>,
    /// How many technicians fail by each rule, most first; over all dates, so that one technician
    /// counts once for each.
    pub counts: Vec<RuleCount>,
    /// Reasons that are counted but not listed, because there are more than 5000; ask about one
    /// technician, or fewer dates, for the rest.
    #[serde(default)]
    pub left_out: u64,
}

/// How many technicians fail by a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RuleCount {
    /// Plain name of the rule, for instance `skill_missing`.
    pub rule: String,
    /// How many.
    pub count: u32,
}

/// The first rule that fails for a technician, with its numbers and the way out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Reason {
    /// Who; none if the rule is not about a technician.
    pub technician_id: Option<TechnicianId>,
    /// The date in the location's zone.
    pub date: NaiveDate,
    /// Plain name of the rule, for instance `overtime`.
    pub rule: String,
    /// One sentence for people.
    pub sentence: String,
    /// The numbers of the rule, named with their units.
    #[schema(value_type = Object)]
    pub numbers: serde_json::Value,
    /// The smallest change that would make it fit; none if no single change does.
    pub change: Option<Change>,
    /// The changes that make it fit only all together; empty if one does, or if nothing small does.
    #[serde(default)]
    pub changes: Vec<Change>,
    /// What is in the way besides, in words: each holds once what is named before it is mended.
    #[serde(default)]
    pub besides: Vec<String>,
}

/// The smallest change that would make something fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Change {
    /// Allow overtime up to this much.
    AllowOvertime {
        /// The overtime limit that makes it fit, in whole minutes, rounded up.
        minutes: i64,
    },
    /// Give the technician a skill, or a higher level of it.
    AddSkill {
        /// Which skill.
        skill_id: SkillId,
        /// Which level.
        level: u8,
    },
    /// Let the technician cover the zone of the place.
    CoverZone,
    /// Start at another time.
    StartAt {
        /// The nearest feasible start.
        start: DateTime<Utc>,
    },
    /// Raise a limit.
    RaiseLimit {
        /// Which limit, by its field name.
        limit: String,
        /// The least value that makes it fit.
        to: i64,
    },
    /// Add units of equipment.
    AddEquipment {
        /// Which kind.
        equipment_id: EquipmentId,
        /// How many units more.
        units: u32,
    },
    /// Let the technician work on the date.
    AddShift,
    /// Change who may come: lift an exclusion, or add the technician to the team.
    AllowTechnician,
}

/// The schema of services that a package may stand for: one of the two fields is required.
pub(crate) fn work_ids() -> Array {
    let or = ExtensionsBuilder::new().add("x-or", "package_id").build();
    ArrayBuilder::new()
        .items(Ref::from_schema_name("ServiceId"))
        .description(Some("The services, in order of work; or name a package."))
        .extensions(Some(or))
        .build()
}

fn three() -> u32 {
    3
}

impl Validate for SlotQuery {
    fn validate(&self, faults: &mut Faults) {
        let count = self.service_ids.len();
        let one = self.package_id.is_some() != (count > 0);
        faults.check(one, "service_ids", count, "name services or a package, one of the two");
        faults.check(count <= 20, "service_ids", count, "must be at most 20 services");
        faults.within("place.", |faults| self.place.validate(faults));
        faults.check(self.from <= self.until, "until", self.until, "must not be before from");
        let days = (self.until - self.from).num_days();
        faults.check(days <= 92, "until", self.until, "must be at most 92 days after from");
        let crews = self.crews_per_slot;
        faults.check((1..=50).contains(&crews), "crews_per_slot", crews, "must be 1 to 50");
        if let Some(limit) = self.limit {
            faults.check((1..=1000).contains(&limit), "limit", limit, "must be 1 to 1000");
        }
    }
}

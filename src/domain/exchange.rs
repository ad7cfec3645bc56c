//! The document that holds a whole organization, for export and import.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::absences::Absence;
use crate::domain::bookings::Booking;
use crate::domain::customers::Customer;
use crate::domain::equipment::{Equipment, EquipmentUse};
use crate::domain::id::{
    AbsenceId, CustomerId, EquipmentId, JobId, LocationId, MemberId, MessageTemplateId,
    OrganizationId, PackageId, ServiceId, SiteId, SkillId, TeamId, TechnicianId, ZoneId,
};
use crate::domain::jobs::Job;
use crate::domain::locations::Location;
use crate::domain::members::Member;
use crate::domain::messages::settings::MessageSettings;
use crate::domain::messages::templates::MessageTemplate;
use crate::domain::organizations::Organization;
use crate::domain::packages::Package;
use crate::domain::services::Service;
use crate::domain::sites::Site;
use crate::domain::skills::Skill;
use crate::domain::teams::Team;
use crate::domain::technicians::Technician;
use crate::domain::visits::{Assignment, Visit};
use crate::domain::zones::Zone;

/// What the field `format` of every document says.
pub const FORMAT: &str = "roundsman.organization";

/// The version of the format that this program writes, and the newest it reads.
pub const VERSION: u32 = 1;

/// A whole organization: what is set up, and what is planned.
///
/// Lists are in the order of ids, so that equal organizations give equal documents. Not part of
/// it: passwords, API keys, webhooks, addresses of Slack, calendar accounts, holds, messages, audit
/// entries, and counters of changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Document {
    /// Always `roundsman.organization`.
    #[schema(example = "roundsman.organization")]
    pub format: String,
    /// Version of the format, now 1.
    #[schema(example = 1)]
    pub version: u32,
    /// The organization itself.
    pub organization: Item<OrganizationId, Organization>,
    /// Its locations.
    #[serde(default)]
    pub locations: Vec<Item<LocationId, Location>>,
    /// Its skills.
    #[serde(default)]
    pub skills: Vec<Item<SkillId, Skill>>,
    /// Its kinds of equipment.
    #[serde(default)]
    pub equipment: Vec<Item<EquipmentId, Equipment>>,
    /// Its zones.
    #[serde(default)]
    pub zones: Vec<Item<ZoneId, Zone>>,
    /// Its technicians.
    #[serde(default)]
    pub technicians: Vec<Item<TechnicianId, Technician>>,
    /// Its teams.
    #[serde(default)]
    pub teams: Vec<Item<TeamId, Team>>,
    /// Its members, without their passwords.
    #[serde(default)]
    pub members: Vec<Item<MemberId, Member>>,
    /// Its services.
    #[serde(default)]
    pub services: Vec<Item<ServiceId, Service>>,
    /// Its packages.
    #[serde(default)]
    pub packages: Vec<Item<PackageId, Package>>,
    /// The rules of its messages, without receivers whose addresses are secret; none if it has the
    /// usual ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_settings: Option<MessageSettings>,
    /// Its own words for messages.
    #[serde(default)]
    pub message_templates: Vec<Item<MessageTemplateId, MessageTemplate>>,
    /// Absences of its technicians and equipment.
    #[serde(default)]
    pub absences: Vec<Item<AbsenceId, Absence>>,
    /// Its customers.
    #[serde(default)]
    pub customers: Vec<Item<CustomerId, Customer>>,
    /// Their sites.
    #[serde(default)]
    pub sites: Vec<Item<SiteId, Site>>,
    /// What they ordered.
    #[serde(default)]
    pub jobs: Vec<Item<JobId, Job>>,
    /// The visits of these jobs; not those that are only held.
    #[serde(default)]
    pub visits: Vec<Visit>,
    /// Who does these visits, and when; called-off ones have nobody.
    #[serde(default)]
    pub assignments: Vec<PlannedAssignment>,
    /// Units of pooled equipment that these visits take.
    #[serde(default)]
    pub equipment_uses: Vec<EquipmentUse>,
    /// What was agreed with the customers.
    #[serde(default)]
    pub bookings: Vec<Booking>,
}

/// A noun with its id; in JSON the id stands beside the fields.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Item<I, T> {
    /// Its name, for ever.
    pub id: I,
    /// What it says.
    #[serde(flatten)]
    pub value: T,
}

/// An assignment with what later decisions need to know of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlannedAssignment {
    /// Who does what, and when.
    #[serde(flatten)]
    pub assignment: Assignment,
    /// Seconds of driving before the visit, as planned; counted as work in round robin.
    #[serde(default)]
    pub travel_s: i64,
    /// When the technician was chosen.
    pub assigned_at: DateTime<Utc>,
}

impl Document {
    /// A document with nothing but the organization.
    pub fn of(id: OrganizationId, organization: Organization) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            organization: Item { id, value: organization },
            locations: Vec::new(),
            skills: Vec::new(),
            equipment: Vec::new(),
            zones: Vec::new(),
            technicians: Vec::new(),
            teams: Vec::new(),
            members: Vec::new(),
            services: Vec::new(),
            packages: Vec::new(),
            message_settings: None,
            message_templates: Vec::new(),
            absences: Vec::new(),
            customers: Vec::new(),
            sites: Vec::new(),
            jobs: Vec::new(),
            visits: Vec::new(),
            assignments: Vec::new(),
            equipment_uses: Vec::new(),
            bookings: Vec::new(),
        }
    }
}

impl<I, T> Item<I, T> {
    /// A noun with its id.
    pub fn new(id: impl Into<I>, value: T) -> Self {
        Self { id: id.into(), value }
    }
}

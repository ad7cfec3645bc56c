//! A service: a bookable catalogue item with its rules.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::equipment::EquipmentNeed;
use crate::domain::faults::{Faults, Validate, check_text};
use crate::domain::hours::DateSpan;
use crate::domain::id::{LocationId, TeamId};
use crate::domain::policies::AssignmentPolicy;
use crate::domain::questions::{self, Question};
use crate::domain::skills::SkillNeed;
use crate::domain::travel::TravelMode;
use crate::domain::visits::check_priority;

/// A bookable catalogue item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// What the customer reads.
    #[serde(default)]
    pub description: String,
    /// Whether anyone may ask for slots and book without a credential.
    #[serde(default)]
    pub public: bool,
    /// Whether it can be booked at all.
    #[serde(default = "yes")]
    pub active: bool,
    /// Locations that offer it; none means all.
    #[serde(default)]
    pub location_ids: Vec<LocationId>,
    /// Teams that do it; none means every technician.
    #[serde(default)]
    pub team_ids: Vec<TeamId>,
    /// Minutes of work.
    pub duration_min: u32,
    /// Minutes to set up on site, before the work.
    #[serde(default)]
    pub setup_min: u32,
    /// Minutes to pack up on site, after the work.
    #[serde(default)]
    pub exit_min: u32,
    /// Skills that every technician of the crew needs.
    #[serde(default)]
    pub skills: Vec<SkillNeed>,
    /// Who comes together.
    #[serde(default)]
    pub crew: Crew,
    /// Equipment it takes.
    #[serde(default)]
    pub equipment: Vec<EquipmentNeed>,
    /// How travel is reckoned; the organization's way if none.
    #[serde(default)]
    pub travel: Option<TravelMode>,
    /// When slots may start, and how they are promised.
    #[serde(default)]
    pub slots: SlotRules,
    /// How urgent its visits are against others, unless a visit says otherwise: 0 (ordinary) to
    /// 100. The optimizer leaves out, and puts at risk, what is least urgent first.
    #[serde(default)]
    #[schema(maximum = 100)]
    pub priority: u8,
    /// Who gets the work.
    #[serde(default)]
    pub policy: AssignmentPolicy,
    /// Whether the customer may choose the technician.
    #[serde(default)]
    pub customer_may_choose: bool,
    /// What it asks whoever books it, in order; at most 40.
    #[serde(default)]
    pub questions: Vec<Question>,
}

/// Who comes together to one visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Crew {
    /// Technicians, 1 to 8.
    pub size: u32,
    /// Whether more hands shorten the work.
    pub mode: CrewMode,
    /// Extra skills by role; at most `size` roles. Members beyond the roles need only the
    /// service's own skills.
    pub roles: Vec<CrewRole>,
}

/// Whether more hands shorten the work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CrewMode {
    /// All stay for the whole duration.
    #[default]
    Together,
    /// The duration is divided by the size of the crew, rounded up to whole minutes.
    Split,
}

/// One role of a crew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CrewRole {
    /// Its name, for instance `lead`.
    pub name: String,
    /// Skills the role needs besides the service's own.
    #[serde(default)]
    pub skills: Vec<SkillNeed>,
}

/// When slots may start, and how they are promised.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SlotRules {
    /// Minutes between two starts on the grid, 1 to 1440.
    pub step_min: u32,
    /// Where the grid starts.
    pub grid: Grid,
    /// Minutes by which the grid is shifted, less than `step_min`: with 60 and 15, starts are at a
    /// quarter past each hour.
    pub offset_min: u32,
    /// Minutes of the arrival window promised to the customer; 0 promises the exact time.
    pub arrival_window_min: u32,
    /// Minutes from now to the first start offered.
    pub notice_min: u32,
    /// How far ahead starts are offered.
    pub horizon: Horizon,
    /// Dates without offers.
    pub blackouts: Vec<DateSpan>,
    /// Bookings of this service a day and location; none means no limit.
    pub visits_per_day: Option<u32>,
    /// Minutes of work of this service a day and location; none means no limit.
    pub minutes_per_day: Option<u32>,
}

/// Where the grid of starts begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Grid {
    /// At midnight of the location, so that starts are the same every day.
    #[default]
    Day,
    /// At the beginning of each free span, rounded up to a plain minute, so that no time is lost.
    FreeSpan,
}

/// How far ahead starts are offered, in dates of the location after today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Horizon {
    /// Number of days, 0 to 730.
    pub days: u32,
    /// Which days count.
    #[serde(default)]
    pub count: HorizonCount,
}

/// Which days count towards a horizon.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HorizonCount {
    /// Every date.
    #[default]
    Calendar,
    /// Monday to Friday.
    Business,
    /// Dates that have at least one slot.
    Bookable,
}

fn yes() -> bool {
    true
}

impl Default for Crew {
    fn default() -> Self {
        Self { size: 1, mode: CrewMode::Together, roles: Vec::new() }
    }
}

impl Default for SlotRules {
    fn default() -> Self {
        Self {
            step_min: 30,
            grid: Grid::Day,
            offset_min: 0,
            arrival_window_min: 0,
            notice_min: 0,
            horizon: Horizon { days: 60, count: HorizonCount::Calendar },
            blackouts: Vec::new(),
            visits_per_day: None,
            minutes_per_day: None,
        }
    }
}

impl Validate for Service {
    fn validate(&self, faults: &mut Faults) {
        check_text(faults, "name", &self.name, 200);
        let duration = (1..=10_080).contains(&self.duration_min);
        faults.check(duration, "duration_min", self.duration_min, "must be 1 to 10080 minutes");
        faults.check(self.setup_min <= 480, "setup_min", self.setup_min, "must be 0 to 480");
        faults.check(self.exit_min <= 480, "exit_min", self.exit_min, "must be 0 to 480");
        for (row, skill) in self.skills.iter().enumerate() {
            faults.within(&format!("skills[{row}]."), |faults| skill.validate(faults));
        }
        faults.within("crew.", |faults| self.crew.validate(faults));
        for (row, need) in self.equipment.iter().enumerate() {
            let field = format!("equipment[{row}].units");
            faults.check((1..=1000).contains(&need.units), &field, need.units, "must be 1 to 1000");
        }
        if let Some(travel) = self.travel {
            faults.within("travel.", |faults| travel.validate(faults));
        }
        faults.within("slots.", |faults| self.slots.validate(faults));
        check_priority(faults, "priority", self.priority);
        faults.within("policy.", |faults| self.policy.validate(faults));
        questions::validate_all(&self.questions, faults);
    }
}

impl Validate for Crew {
    fn validate(&self, faults: &mut Faults) {
        faults.check((1..=8).contains(&self.size), "size", self.size, "must be 1 to 8");
        let roles = self.roles.len();
        faults.check(roles <= self.size as usize, "roles", roles, "must not be more than size");
        for (row, role) in self.roles.iter().enumerate() {
            check_text(faults, &format!("roles[{row}].name"), &role.name, 100);
            for (at, skill) in role.skills.iter().enumerate() {
                let prefix = format!("roles[{row}].skills[{at}].");
                faults.within(&prefix, |faults| skill.validate(faults));
            }
        }
    }
}

impl Validate for SlotRules {
    fn validate(&self, faults: &mut Faults) {
        let step = (1..=1440).contains(&self.step_min);
        faults.check(step, "step_min", self.step_min, "must be 1 to 1440 minutes");
        let offset = self.offset_min;
        let fits = offset == 0 || offset < self.step_min;
        faults.check(fits, "offset_min", offset, "must be less than step_min");
        let window = self.arrival_window_min;
        faults.check(window <= 1440, "arrival_window_min", window, "must be 0 to 1440 minutes");
        let notice = self.notice_min;
        faults.check(notice <= 525_600, "notice_min", notice, "must be 0 to 525600 minutes");
        let days = self.horizon.days;
        faults.check(days <= 730, "horizon.days", days, "must be 0 to 730 days");
        for (row, span) in self.blackouts.iter().enumerate() {
            faults.within(&format!("blackouts[{row}]."), |faults| span.validate(faults));
        }
    }
}

//! Proposals: the difference that an optimization suggests, line by line.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::id::{
    CustomerId, LocationId, OptimizationId, ProposalId, TechnicianId, VisitId,
};
use crate::domain::plans::PlanVersion;
use crate::domain::slots::Reason;
use crate::domain::visits::ArrivalWindow;

/// The difference that an optimization suggests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Proposal {
    /// Its name.
    pub id: ProposalId,
    /// Counts its changes, from 1.
    pub revision: i64,
    /// The run that made it.
    pub optimization_id: OptimizationId,
    /// How far it is.
    pub status: ProposalStatus,
    /// The versions of the days it is about; it can be applied as long as these are the newest.
    pub versions: Vec<PlanVersion>,
    /// What changes in all.
    pub summary: Summary,
    /// Each rule before and after, where one of the two is not 0.
    pub rules: Vec<RuleChange>,
    /// The visits that change, by their new start; those taken out last.
    pub lines: Vec<Line>,
    /// Visits that stay in nobody's day, with the reasons.
    pub left_out: Vec<LeftOut>,
    /// The run that takes its place, if the plan moved on before it was applied.
    pub replaced_by: Option<OptimizationId>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// How far a proposal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProposalStatus {
    /// Nothing of it is applied.
    Open,
    /// Some of its lines are applied.
    PartlyApplied,
    /// All of it is applied.
    Applied,
    /// It was applied and taken back.
    Undone,
    /// Somebody decided against it.
    Rejected,
    /// The plan moved on before it was applied.
    Stale,
}

/// What a proposal changes in all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Summary {
    /// Visits that go to somebody else or to another time.
    pub moved_visits: u32,
    /// Visits that were in nobody's day and are planned.
    pub assigned_visits: u32,
    /// Visits that are taken out of everybody's day.
    pub unassigned_visits: u32,
    /// Seconds of driving before.
    pub drive_before_s: i64,
    /// Seconds of driving after.
    pub drive_after_s: i64,
    /// Metres of driving before.
    pub drive_before_m: i64,
    /// Metres of driving after.
    pub drive_after_m: i64,
    /// Promised arrival windows that are kept.
    pub windows_kept: u32,
    /// Promised arrival windows that are not.
    pub windows_broken: u32,
    /// Lines whose customers must be told.
    pub customers_to_tell: u32,
}

/// A rule before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RuleChange {
    /// Plain name of the rule.
    pub rule: String,
    /// Its cost before, in thousandths of a unit of cost.
    pub before_milli: i64,
    /// Its cost after.
    pub after_milli: i64,
}

/// One visit that changes; its whole crew moves together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Line {
    /// Its number in the proposal, from 1.
    pub number: u32,
    /// The visit.
    pub visit_id: VisitId,
    /// Whose plan it belongs to.
    pub location_id: LocationId,
    /// What happens to it.
    pub kind: LineKind,
    /// From whom and when; none if it was in nobody's day.
    pub before: Option<Stand>,
    /// To whom and when; none if it leaves everybody's day.
    pub after: Option<Stand>,
    /// What was promised to the customer.
    pub promised: Option<ArrivalWindow>,
    /// Whether the promise is kept; true if there is none.
    pub window_kept: bool,
    /// Whether the customer must be told: the promise breaks, or the visit will not happen then.
    pub tell_customer: bool,
    /// The customer, if the visit is booked for one.
    pub customer_id: Option<CustomerId>,
    /// The code of the booking.
    pub booking_code: Option<String>,
    /// Numbers of the lines that must be applied with it: where they stood they leave it no time.
    pub moves_with: Vec<u32>,
    /// Whether it is applied now.
    pub applied: bool,
}

/// What happens to a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// It was in nobody's day and is planned.
    Assign,
    /// It goes to somebody else, to another time, or both.
    Move,
    /// It is taken out of everybody's day.
    Unassign,
}

/// Who does a visit when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Stand {
    /// The crew, by role.
    pub technician_ids: Vec<TechnicianId>,
    /// Planned start on site.
    pub start: DateTime<Utc>,
    /// Planned end on site.
    pub end: DateTime<Utc>,
}

/// A visit that stays in nobody's day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LeftOut {
    /// Which.
    pub visit_id: VisitId,
    /// Why, for each technician, with the smallest change that would make it fit.
    pub reasons: Vec<Reason>,
}

impl ProposalStatus {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Open, Self::PartlyApplied, Self::Applied, Self::Undone, Self::Rejected, Self::Stale];

    /// The word in tables and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::PartlyApplied => "partly_applied",
            Self::Applied => "applied",
            Self::Undone => "undone",
            Self::Rejected => "rejected",
            Self::Stale => "stale",
        }
    }
}

impl Proposal {
    /// The lines with these numbers and all that must move with them, by number; every line if no
    /// number is given. Numbers that do not exist are left out.
    pub fn together(&self, numbers: &[u32]) -> Vec<u32> {
        if numbers.is_empty() {
            return self.lines.iter().map(|line| line.number).collect();
        }
        let mut wanted: std::collections::BTreeSet<u32> = std::collections::BTreeSet::new();
        let mut open: Vec<u32> = numbers.to_vec();
        while let Some(number) = open.pop() {
            let line = self.lines.iter().find(|line| line.number == number);
            if let Some(line) = line
                && wanted.insert(number)
            {
                open.extend(&line.moves_with);
            }
        }
        wanted.into_iter().collect()
    }
}

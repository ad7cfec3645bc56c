//! Optimizations: what the optimizer is asked, why, and how far it is.

pub mod disruptions;
pub mod weights;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::faults::{Faults, Validate};
use crate::domain::id::{LocationId, OptimizationId, ProposalId, TechnicianId};

pub use disruptions::{Disruption, Repair};
pub use weights::RuleWeights;

/// Most days that one optimization may look at.
pub const DAYS_MAX: i64 = 31;

/// What the optimizer is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OptimizationRequest {
    /// Whose plans; each location's visits go to its own technicians.
    pub location_ids: Vec<LocationId>,
    /// First date, in each location's zone.
    pub from: NaiveDate,
    /// Last date; at most 31 days.
    pub until: NaiveDate,
    /// Whose days may change; everybody's if empty.
    #[serde(default)]
    pub technician_ids: Vec<TechnicianId>,
    /// Whether visits that are in nobody's day are given to somebody.
    #[serde(default = "yes")]
    pub include_unassigned: bool,
    /// What is planned to start before this stays as it is, and nothing new starts before; two minutes
    /// after the search at the earliest.
    #[serde(default)]
    pub freeze_until: Option<DateTime<Utc>>,
    /// How much may change from when on, ascending; anything from the freeze on if empty.
    #[serde(default)]
    pub relaxations: Vec<Relaxation>,
    /// Whether promised arrival windows may be broken, at the weight of `broken_promise`.
    #[serde(default)]
    pub break_promises: bool,
    /// What costs how much.
    #[serde(default)]
    pub weights: RuleWeights,
    /// Longest time to search, in seconds; several locations share it by their numbers of visits.
    #[serde(default = "ten")]
    #[schema(minimum = 1, maximum = 3600)]
    pub time_s: u32,
    /// Threads to search with; cut to what the server's settings allow.
    #[serde(default = "one_thread")]
    #[schema(minimum = 1, maximum = 64)]
    pub threads: u32,
    /// Start of the random choices: the same plan, seed, threads and steps give the same answer.
    #[serde(default = "one")]
    pub seed: u64,
    /// Most steps of the search, per thread; none means that the time decides.
    #[serde(default)]
    pub steps: Option<u64>,
}

/// From a moment on, so much may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Relaxation {
    /// From when on.
    pub from: DateTime<Utc>,
    /// What may change.
    pub allow: Allowed,
}

/// What replanning may change; each allows what is before it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Allowed {
    /// Planned times.
    Times,
    /// The order of a technician's visits.
    Order,
    /// Anything.
    Anything,
}

/// One run of the optimizer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Optimization {
    /// Its name.
    pub id: OptimizationId,
    /// Counts its changes, from 1.
    pub revision: i64,
    /// What is asked.
    pub request: OptimizationRequest,
    /// Why it runs.
    pub cause: Cause,
    /// Who asked, for instance `member:<id>`.
    pub requested_by: String,
    /// How far it is.
    pub status: OptimizationStatus,
    /// What the search said last; none before it began.
    pub progress: Option<RunProgress>,
    /// What came out.
    pub proposal_id: Option<ProposalId>,
    /// Why it failed, in words; empty otherwise.
    pub message: String,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// Why an optimization runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Cause {
    /// Somebody asked for it.
    Asked,
    /// Something went otherwise than planned.
    Repair {
        /// What.
        disruption: Disruption,
        /// Whether the location's rule asked, and not a person.
        by_rule: bool,
    },
    /// The plan had moved on when an earlier proposal was to be applied.
    Refresh {
        /// The earlier proposal.
        proposal_id: ProposalId,
    },
}

/// How far an optimization is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OptimizationStatus {
    /// Waiting for its turn.
    Queued,
    /// Searching.
    Running,
    /// Told to stop; the best so far becomes the proposal.
    Cancelling,
    /// Done; there is a proposal.
    Finished,
    /// Stopped before it had begun.
    Cancelled,
    /// Could not be done; the message says why.
    Failed,
}

/// What the search says while it runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunProgress {
    /// Milliseconds searched.
    pub elapsed_ms: u64,
    /// Steps so far, over all threads.
    pub steps: u64,
    /// Weight of the visits that are left out so far.
    pub unserved: i64,
    /// Weighted cost so far, in thousandths of a unit of cost: at the end the sum of the proposal's
    /// rules after it, but for rounding.
    pub cost_milli: i64,
}

fn yes() -> bool {
    true
}

fn ten() -> u32 {
    10
}

fn one_thread() -> u32 {
    1
}

fn one() -> u64 {
    1
}

impl OptimizationStatus {
    /// All of them, in the order of a run's life.
    pub const ALL: [Self; 6] = [
        Self::Queued,
        Self::Running,
        Self::Cancelling,
        Self::Finished,
        Self::Cancelled,
        Self::Failed,
    ];

    /// The word in tables and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Cancelling => "cancelling",
            Self::Finished => "finished",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    /// Whether nothing more will happen to it.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Finished | Self::Cancelled | Self::Failed)
    }
}

impl Validate for OptimizationRequest {
    fn validate(&self, faults: &mut Faults) {
        let count = self.location_ids.len();
        faults.check((1..=50).contains(&count), "location_ids", count, "name 1 to 50 locations");
        let days = (self.until - self.from).num_days() + 1;
        faults.check(days >= 1, "until", self.until, "must not be before from");
        faults.check(days <= DAYS_MAX, "until", self.until, "must be at most 31 days in all");
        let time = self.time_s;
        faults.check((1..=3600).contains(&time), "time_s", time, "must be 1 to 3600 seconds");
        let threads = self.threads;
        faults.check((1..=64).contains(&threads), "threads", threads, "must be 1 to 64");
        let ascending = self
            .relaxations
            .windows(2)
            .all(|pair| pair[0].from < pair[1].from && pair[0].allow <= pair[1].allow);
        let (count, message) = (self.relaxations.len(), "must be ascending and allow ever more");
        faults.check(ascending, "relaxations", count, message);
        faults.within("weights.", |faults| self.weights.validate(faults));
    }
}

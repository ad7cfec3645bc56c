//! Disruptions: what goes otherwise than planned, and how a plan is repaired after it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::faults::{Faults, Validate};
use crate::domain::id::{LocationId, TechnicianId, VisitId};
use crate::domain::optimizations::weights::RuleWeights;

/// What goes otherwise than planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Disruption {
    /// A technician cannot work, whether or not an absence says so already.
    TechnicianAbsent {
        /// Who.
        technician_id: TechnicianId,
        /// From when.
        absent_from: DateTime<Utc>,
        /// Until when.
        absent_until: DateTime<Utc>,
    },
    /// A visit takes longer than planned, as its progress says.
    Overrun {
        /// Which.
        visit_id: VisitId,
    },
    /// A visit that must be done at once, before others: every hour it waits costs what an hour beyond
    /// a promise does.
    Emergency {
        /// Which; in nobody's day so far.
        visit_id: VisitId,
        /// How much it weighs against other work: 1 to 100 times a promised visit.
        #[serde(default = "ten")]
        #[schema(minimum = 1, maximum = 100)]
        priority: u32,
    },
    /// A visit was called off; others may fill the gap.
    Cancellation {
        /// Whose day has a gap; everybody's may change if empty.
        #[serde(default)]
        technician_ids: Vec<TechnicianId>,
    },
}

/// How a plan is repaired after a disruption.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Repair {
    /// Whose plan.
    pub location_id: LocationId,
    /// What happened.
    #[serde(flatten)]
    pub disruption: Disruption,
    /// The date to repair; if none that of the absence or the visit, else today.
    #[serde(default)]
    pub date: Option<NaiveDate>,
    /// What is planned to start before this stays as it is; now if none.
    #[serde(default)]
    pub freeze_until: Option<DateTime<Utc>>,
    /// Whether promised arrival windows may be broken.
    #[serde(default)]
    pub break_promises: bool,
    /// What costs how much; weights that keep the plan stable if none.
    #[serde(default)]
    pub weights: Option<RuleWeights>,
    /// Longest time to search, in seconds.
    #[serde(default = "two")]
    #[schema(minimum = 1, maximum = 600)]
    pub time_s: u32,
    /// Start of the random choices.
    #[serde(default = "one")]
    pub seed: u64,
}

fn ten() -> u32 {
    10
}

fn two() -> u32 {
    2
}

fn one() -> u64 {
    1
}

impl Validate for Repair {
    fn validate(&self, faults: &mut Faults) {
        match &self.disruption {
            Disruption::TechnicianAbsent { absent_from, absent_until, .. } => {
                let ordered = absent_from < absent_until;
                faults.check(ordered, "absent_until", absent_until, "must be after absent_from");
            }
            Disruption::Emergency { priority, .. } => {
                let fits = (1..=100).contains(priority);
                faults.check(fits, "priority", priority, "must be 1 to 100");
            }
            Disruption::Overrun { .. } | Disruption::Cancellation { .. } => {}
        }
        let time = self.time_s;
        faults.check((1..=600).contains(&time), "time_s", time, "must be 1 to 600 seconds");
        if let Some(weights) = &self.weights {
            faults.within("weights.", |faults| weights.validate(faults));
        }
    }
}

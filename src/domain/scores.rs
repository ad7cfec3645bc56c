//! Scores: what the rules say about a plan, match by match.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::id::{LocationId, TechnicianId, VisitId};

/// What the rules say about a day's plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlanScore {
    /// Whose plan.
    pub location_id: LocationId,
    /// The version of the day's plan this is about.
    pub plan_version: i64,
    /// The weighted cost, in thousandths of a unit of cost; the sum of the rules.
    pub cost_milli: i64,
    /// Hard rules that the plan breaks, in words; none in a sound plan.
    pub broken: Vec<String>,
    /// The rules that cost something, dearest first.
    pub rules: Vec<RuleScore>,
}

/// What one rule says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RuleScore {
    /// Its plain name.
    pub rule: String,
    /// What it costs, in thousandths of a unit of cost; the sum of its matches.
    pub cost_milli: i64,
    /// Each thing it is about.
    pub matches: Vec<RuleMatch>,
}

/// One thing that a rule is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RuleMatch {
    /// The visit, if it is about one.
    pub visit_id: Option<VisitId>,
    /// The technician, if it is about one.
    pub technician_id: Option<TechnicianId>,
    /// How much.
    pub amount: i64,
    /// Of what.
    pub unit: AmountUnit,
    /// What an hour, a kilometre or one of it costs, in thousandths of a unit of cost.
    pub weight_milli: i64,
    /// What it costs in all, in thousandths of a unit of cost.
    pub cost_milli: i64,
    /// One sentence for people.
    pub sentence: String,
}

/// What an amount is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AmountUnit {
    /// Seconds; weighed by the hour.
    Seconds,
    /// Metres; weighed by the kilometre.
    Metres,
    /// Things; weighed one by one.
    Count,
    /// Thousandths of a unit of cost.
    Cost,
}

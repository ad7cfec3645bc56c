//! Plans of any case as JSON: routes with times, the cost rule by rule, what is left out and why.

mod lines;
mod read;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::time::Time;
use super::{PLAN_FORMAT, VERSION};
use crate::formats::cases::Case;
use crate::optimize::Solution;
use crate::optimize::solution::{Route, RouteStop, Rule, StopKind};
use crate::units::Moment;

pub use lines::read_lines;
pub use read::read_plan;
pub(in crate::formats) use read::read_timed;

/// A plan.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// `roundsman.plan`.
    pub format: String,
    /// 1.
    pub version: u32,
    /// How good it is; not read.
    #[serde(default)]
    pub score: Option<PlanScore>,
    /// The cost rule by rule; not read.
    #[serde(default)]
    pub costs: Vec<PlanCost>,
    /// Routes with at least one visit.
    pub routes: Vec<PlanRoute>,
    /// Visits left out; not read, since it is what no route has.
    #[serde(default)]
    pub unassigned: Vec<UnassignedVisit>,
}

/// How good a plan is, compared in this order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanScore {
    /// Hard rules broken.
    pub hard: i64,
    /// Weight of the mandatory visits left out.
    pub unserved: i64,
    /// Cost.
    pub cost: f64,
}

/// A line of the cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanCost {
    /// Which rule.
    pub rule: String,
    /// What it costs.
    pub cost: f64,
}

/// The route of one shift.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanRoute {
    /// Which shift.
    pub shift: String,
    /// Whose; not read.
    #[serde(default)]
    pub technician: Option<String>,
    /// Departure; left out = as the first stop needs it.
    #[serde(default)]
    pub departure: Option<Time>,
    /// Return; left out = the last end and drive.
    #[serde(default)]
    pub arrival: Option<Time>,
    /// Seconds of the last drive; not read.
    #[serde(default)]
    pub drive_home_s: Option<i64>,
    /// Metres of the last drive; not read.
    #[serde(default)]
    pub distance_home_m: Option<i64>,
    /// Stops in order.
    pub stops: Vec<PlanStop>,
}

/// A stop: of `visit`, `break` and `depot` one is there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanStop {
    /// A visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit: Option<String>,
    /// Which place in its crew, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 7)]
    pub role: Option<u8>,
    /// A break: its position in the shift's breaks, from 0.
    #[serde(default, rename = "break", skip_serializing_if = "Option::is_none")]
    pub pause: Option<u32>,
    /// A depot: its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depot: Option<String>,
    /// Seconds driven to it; not read.
    #[serde(default)]
    pub drive_s: Option<i64>,
    /// Metres driven to it; not read.
    #[serde(default)]
    pub distance_m: Option<i64>,
    /// When the technician is there; left out = as soon as the drive ends.
    #[serde(default)]
    pub arrival: Option<Time>,
    /// When it starts; left out = as early as possible.
    #[serde(default)]
    pub start: Option<Time>,
    /// When it ends; left out = start and duration.
    #[serde(default)]
    pub end: Option<Time>,
}

/// A visit left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnassignedVisit {
    /// Which.
    pub visit: String,
    /// Why, a sentence each.
    #[serde(default)]
    pub reasons: Vec<String>,
}

/// Writes a plan.
///
/// * `reasons`: by visit, why it was left out; may be empty.
pub fn write_plan(case: &Case, solution: &Solution, reasons: &[Vec<String>]) -> String {
    let cost = |grains: i64| decimal(grains) / decimal(case.cost_scale.max(1));
    let score = solution.score;
    let name = |names: &[String], at: usize| names.get(at).cloned().unwrap_or_default();
    let left = |visit: &crate::units::VisitIdx| UnassignedVisit {
        visit: name(&case.names.visits, visit.at()),
        reasons: reasons.get(visit.at()).cloned().unwrap_or_default(),
    };
    let line = |(rule, grains): &(Rule, i64)| PlanCost {
        rule: rule_name(*rule).to_owned(),
        cost: cost(*grains),
    };
    let plan = Plan {
        format: PLAN_FORMAT.to_owned(),
        version: VERSION,
        score: Some(PlanScore {
            hard: score.hard,
            unserved: score.unserved,
            cost: cost(score.cost),
        }),
        costs: solution.costs.iter().filter(|(_, grains)| *grains != 0).map(line).collect(),
        routes: solution.routes.iter().map(|route| plan_route(case, route)).collect(),
        unassigned: solution.unassigned.iter().map(left).collect(),
    };
    let mut text = serde_json::to_string_pretty(&plan).unwrap_or_default();
    text.push('\n');
    text
}

fn plan_route(case: &Case, route: &Route) -> PlanRoute {
    let time = |moment: Moment| Some(Time { seconds: moment.0, is_date: case.dates });
    let technician = case.model.shifts.get(route.shift.at()).map(|shift| shift.technician);
    let names = &case.names;
    PlanRoute {
        shift: names.shifts.get(route.shift.at()).cloned().unwrap_or_default(),
        technician: technician
            .and_then(|technician| names.technicians.get(technician.at()).cloned()),
        departure: time(route.departure),
        arrival: time(route.arrival),
        drive_home_s: Some(route.drive_home.0),
        distance_home_m: Some(route.metres_home.0),
        stops: route.stops.iter().map(|stop| plan_stop(case, stop)).collect(),
    }
}

fn plan_stop(case: &Case, stop: &RouteStop) -> PlanStop {
    let time = |moment: Moment| Some(Time { seconds: moment.0, is_date: case.dates });
    let mut written = PlanStop {
        drive_s: Some(stop.drive.0),
        distance_m: Some(stop.metres.0),
        arrival: time(stop.arrival),
        start: time(stop.start),
        end: time(stop.end),
        ..PlanStop::default()
    };
    match stop.kind {
        StopKind::Visit { visit, role } => {
            written.visit = case.names.visits.get(visit.at()).cloned();
            let crew = case.model.visits.get(visit.at()).map_or(1, |visit| visit.crew.len());
            written.role = (crew > 1).then_some(role);
        }
        StopKind::Break { index } => written.pause = u32::try_from(index).ok(),
        StopKind::Depot { place } => written.depot = case.names.places.get(place.at()).cloned(),
    }
    written
}

/// A rule as plans name it.
pub fn rule_name(rule: Rule) -> &'static str {
    match rule {
        Rule::Driving => "driving",
        Rule::PaidTime => "paid_time",
        Rule::Onsite => "onsite",
        Rule::Waiting => "waiting",
        Rule::Overtime => "overtime",
        Rule::Used => "used",
        Rule::Windows => "windows",
        Rule::Due => "due",
        Rule::LargestLate => "largest_late",
        Rule::LargestIdle => "largest_idle",
        Rule::MissedBreaks => "missed_breaks",
        Rule::Zones => "zones",
        Rule::Preferences => "preferences",
        Rule::Continuity => "continuity",
        Rule::Stability => "stability",
        Rule::Promises => "promises",
        Rule::Balance => "balance",
        Rule::LaterDays => "later_days",
        Rule::UnneededLevels => "unneeded_levels",
        Rule::Risk => "risk",
        Rule::Prizes => "prizes",
    }
}

#[expect(clippy::cast_precision_loss, reason = "costs are shown, not reckoned with")]
fn decimal(grains: i64) -> f64 {
    grains as f64
}

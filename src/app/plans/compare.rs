//! The difference of two plans of the same days, rule by rule: the plan as it is, what a proposal
//! would make of it, or what some moves would.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::app::live::{self, View};
use crate::app::optimizations::gathering::Inputs;
use crate::app::permissions::{Operation, Sight, permit};
use crate::app::plans::score;
use crate::app::proposals::arranging::{arrange, prepare};
use crate::app::visits::{VisitDetails, details};
use crate::calendar::dates::{date_of, each};
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::faults::{Fault, Faults, Validate};
use crate::domain::hours::DateSpan;
use crate::domain::id::{LocationId, ProposalId, TechnicianId, VisitId};
use crate::domain::optimizations::RuleWeights;
use crate::domain::plans::PlanVersion;
use crate::domain::proposals::{LeftOut, RuleChange, Stand};
use crate::store::{Tx, proposals};

/// Most dates that are compared at once.
const DATES_MAX: i64 = 31;
/// Most single changes of one plan.
const CHANGES_MAX: usize = 500;

/// Two plans of the same days.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Comparison {
    /// Whose plans.
    pub location_id: LocationId,
    /// First date, in the location's zone.
    pub from: NaiveDate,
    /// Last date, at most 31 in all; the first if none.
    #[serde(default)]
    pub until: Option<NaiveDate>,
    /// Whose days matter; everybody's if empty.
    #[serde(default)]
    pub technician_ids: Vec<TechnicianId>,
    /// The one plan; the plan in force if nothing is said.
    #[serde(default)]
    pub before: PlanVariant,
    /// The other plan.
    #[serde(default)]
    pub after: PlanVariant,
    /// What costs how much.
    #[serde(default)]
    pub weights: RuleWeights,
}

/// The plan in force with some changes: first those of a proposal, then single ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct PlanVariant {
    /// What this proposal suggests and nobody applied yet.
    pub proposal_id: Option<ProposalId>,
    /// Only the lines of the proposal with these numbers, and those that must move with them; all
    /// if empty.
    pub lines: Vec<u32>,
    /// Single changes.
    pub changes: Vec<PlanChange>,
}

/// A visit that goes elsewhere, or out of everybody's day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlanChange {
    /// Which.
    pub visit_id: VisitId,
    /// When it would start; none takes it out of everybody's day.
    #[serde(default)]
    pub start: Option<DateTime<Utc>>,
    /// Who would do it; who does it now if empty.
    #[serde(default)]
    pub technician_ids: Vec<TechnicianId>,
}

/// Two plans side by side.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Compared {
    /// The versions of the days that both are about.
    pub versions: Vec<PlanVersion>,
    /// The one plan.
    pub before: PlanSums,
    /// The other plan.
    pub after: PlanSums,
    /// Each rule in both, where one of the two is not 0.
    pub rules: Vec<RuleChange>,
}

/// One of two plans in numbers.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PlanSums {
    /// The weighted cost, in thousandths of a unit of cost.
    pub cost_milli: i64,
    /// Seconds of driving.
    pub drive_s: i64,
    /// Metres of driving.
    pub drive_m: i64,
    /// Hard rules that it breaks, in words.
    pub broken: Vec<String>,
    /// Changes that do not fit: these visits are in nobody's day in this plan.
    pub misfits: Vec<LeftOut>,
}

impl Comparison {
    fn dates(&self) -> DateSpan {
        DateSpan { from: self.from, until: self.until.unwrap_or(self.from) }
    }
}

impl Validate for Comparison {
    fn validate(&self, faults: &mut Faults) {
        let until = self.dates().until;
        let days = (until - self.from).num_days() + 1;
        faults.check(days >= 1, "until", until, "must not be before from");
        faults.check(days <= DATES_MAX, "until", until, "must be at most 31 days in all");
        for (field, variant) in [("before.", &self.before), ("after.", &self.after)] {
            faults.within(field, |faults| variant.validate(faults));
        }
        faults.within("weights.", |faults| self.weights.validate(faults));
    }
}

impl Validate for PlanVariant {
    fn validate(&self, faults: &mut Faults) {
        let (count, message) = (self.changes.len(), "must be at most 500 changes");
        faults.check(count <= CHANGES_MAX, "changes", count, message);
        let of_proposal = self.lines.is_empty() || self.proposal_id.is_some();
        faults.check(of_proposal, "lines", self.lines.len(), "name the proposal they belong to");
        let mut seen = BTreeSet::new();
        for (row, change) in self.changes.iter().enumerate() {
            let field = format!("changes[{row}].visit_id");
            faults.check(seen.insert(change.visit_id), &field, change.visit_id, "is there twice");
            if let Some(start) = change.start {
                let field = format!("changes[{row}].start");
                let plain = live::reach::is_plain(start);
                faults.check(plain, &field, start, "must lie in 1970 to 2199");
            }
        }
    }
}

/// The difference of two plans by rule; changes nothing.
///
/// # Errors
/// [`AppError::Invalid`] with all faults; [`AppError::NotFound`]; [`AppError::Conflict`] for a visit
/// that is under way; [`AppError::Forbidden`].
#[tracing::instrument(skip_all)]
pub async fn compare(
    app: &App,
    actor: &Actor,
    comparison: &Comparison,
) -> Result<Compared, AppError> {
    permit(actor, Operation::PlansScore)?;
    let mut faults = Faults::default();
    comparison.validate(&mut faults);
    let (location_id, dates) = (comparison.location_id, comparison.dates());
    live::reach::note(app.now(), "from", dates.from, &mut faults);
    live::reach::note(app.now(), "until", dates.until, &mut faults);
    faults.into_result()?;
    let mut tx = app.db.read().await?;
    let view = live::view(app, &mut tx, (actor.organization_id, location_id), dates).await?;
    let mut faults = Faults::default();
    let mut plans = Vec::with_capacity(2);
    for (field, variant) in [("before.", &comparison.before), ("after.", &comparison.after)] {
        let mut own = Faults::default();
        let moves = moves(&mut tx, actor, (variant, &view, dates), &mut own).await?;
        faults.extend(prefixed(field, own));
        plans.push(moves);
    }
    faults.into_result()?;
    let after = varied(app, actor, &mut tx, &view, plans.pop().unwrap_or_default()).await?;
    let before = varied(app, actor, &mut tx, &view, plans.pop().unwrap_or_default()).await?;
    let mut scope = score::scope(location_id, dates, comparison.technician_ids.clone());
    scope.request.weights = comparison.weights.clone();
    let inputs = Inputs::read(&mut tx, &view, &scope, app.now()).await?;
    drop(tx);
    let found = score::differences(app, (&before.0, &after.0), &scope, &inputs).await?;
    let sum = |of: fn(&RuleChange) -> i64| found.rules.iter().map(of).sum();
    let (before_milli, after_milli) = (sum(|rule| rule.before_milli), sum(|rule| rule.after_milli));
    let sums = |cost_milli, (drive_s, drive_m), broken, misfits| PlanSums {
        cost_milli,
        drive_s,
        drive_m,
        broken,
        misfits,
    };
    let versions = each(dates);
    Ok(Compared {
        versions: versions
            .map(|date| PlanVersion { location_id, date, version: view.version(date) })
            .collect(),
        before: sums(before_milli, found.driven.0, found.broken.0, before.1),
        after: sums(after_milli, found.driven.1, found.broken.1, after.1),
        rules: found.rules,
    })
}

/// The faults with a field before theirs.
fn prefixed(field: &str, faults: Faults) -> Vec<Fault> {
    let all = faults.list().iter().cloned();
    all.map(|fault| Fault { field: format!("{field}{}", fault.field), ..fault }).collect()
}

/// A visit and where it goes.
type Move = (VisitDetails, Option<Stand>);

/// The moves that a variant means; each visit goes where the last says.
async fn moves(
    tx: &mut Tx,
    actor: &Actor,
    (variant, view, dates): (&PlanVariant, &View, DateSpan),
    faults: &mut Faults,
) -> Result<Vec<Move>, AppError> {
    let mut wanted: Vec<(String, VisitId, Option<Stand>)> = Vec::new();
    if let Some(id) = variant.proposal_id {
        let proposal = proposals::get(tx, actor.organization_id, id).await?;
        let proposal = proposal.ok_or_else(|| AppError::not_found("proposal", id))?;
        for number in &variant.lines {
            let known = proposal.lines.iter().any(|line| line.number == *number);
            faults.check(known, "lines", number, "the proposal has no such line");
        }
        let chosen = proposal.together(&variant.lines);
        let open = proposal.lines.iter().filter(|line| {
            chosen.contains(&line.number)
                && !line.applied
                && line.location_id == view.roster.location_id
        });
        wanted.extend(open.map(|line| ("lines".to_owned(), line.visit_id, line.after.clone())));
    }
    let changed: BTreeSet<VisitId> = variant.changes.iter().map(|it| it.visit_id).collect();
    wanted.retain(|(_, visit_id, _)| !changed.contains(visit_id));
    for (row, change) in variant.changes.iter().enumerate() {
        let stand = change.start.map(|start| Stand {
            technician_ids: change.technician_ids.clone(),
            start,
            end: start,
        });
        wanted.push((format!("changes[{row}]"), change.visit_id, stand));
    }
    let mut moves = Vec::with_capacity(wanted.len());
    for (field, visit_id, mut stand) in wanted {
        let found = details(tx, actor, Sight::Everything, visit_id).await?;
        if let Some(stand) = &mut stand {
            if stand.technician_ids.is_empty() {
                stand.technician_ids = found.technician_ids();
            }
            let named = !stand.technician_ids.is_empty();
            let crew = format!("{field}.technician_ids");
            faults.check(named, &crew, "", "nobody does it now: say who would");
        }
        check(view, dates, (&field, &found, stand.as_ref()), faults);
        moves.push((found, stand));
    }
    Ok(moves)
}

/// Notes what keeps a visit from being moved inside the dates.
fn check(
    view: &View,
    dates: DateSpan,
    (field, found, stand): (&str, &VisitDetails, Option<&Stand>),
    faults: &mut Faults,
) {
    let own = found.visit.location_id == view.roster.location_id;
    let visit = format!("{field}.visit_id");
    faults.check(own, &visit, found.visit.id, "belongs to the plan of another location");
    let inside = |start: DateTime<Utc>| dates.contains(date_of(start, view.roster.zone));
    let before = found.assignments.first().is_none_or(|one| inside(one.start));
    faults.check(before, &visit, found.visit.id, "is planned outside the dates");
    if let Some(stand) = stand {
        let field = format!("{field}.start");
        faults.check(inside(stand.start), &field, stand.start, "lies outside the dates");
    }
}

/// The view after the moves, and what did not fit.
async fn varied(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    view: &View,
    moves: Vec<Move>,
) -> Result<(View, Vec<LeftOut>), AppError> {
    let mut steps = Vec::with_capacity(moves.len());
    for (details, stand) in moves {
        steps.push(prepare(app, actor, tx, view, (details, stand.as_ref(), false)).await?);
    }
    let arranged = arrange(app, view.clone(), &steps).await?;
    let misfits = arranged
        .misfits
        .into_iter()
        .map(|misfit| LeftOut { visit_id: misfit.visit_id, reasons: misfit.reasons })
        .collect();
    Ok((arranged.view, misfits))
}

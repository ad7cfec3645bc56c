//! What the rules say about a day's plan, and about the difference of two.

use chrono::NaiveDate;

use crate::app::App;
use crate::app::live::{self, View};
use crate::app::optimizations::gathering::{Inputs, Scope, drafted, driven};
use crate::app::permissions::{Operation, permit};
use crate::app::reader;
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::hours::DateSpan;
use crate::domain::id::{LocationId, TechnicianId};
use crate::domain::optimizations::{OptimizationRequest, RuleWeights};
use crate::domain::proposals::RuleChange;
use crate::domain::scores::PlanScore;
use crate::planning::optimizing::{Problem, Scored, Stray, broken, compared, scored};
use crate::planning::plan::Plan;

/// What the rules say about a day's plan, at the weights that runs have if nobody says otherwise.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Forbidden`].
#[tracing::instrument(skip_all)]
pub async fn score(
    app: &App,
    actor: &Actor,
    location_id: LocationId,
    date: NaiveDate,
) -> Result<PlanScore, AppError> {
    permit(actor, Operation::PlansScore)?;
    let dates = DateSpan { from: date, until: date };
    let mut tx = app.db.read().await?;
    let view = live::view(app, &mut tx, (actor.organization_id, location_id), dates).await?;
    let scope = scope(location_id, dates, Vec::new());
    let inputs = Inputs::read(&mut tx, &view, &scope, app.now()).await?;
    drop(tx);
    let found = judged(app, &view, &scope, inputs).await?;
    let cost_milli = found.rules.iter().map(|rule| rule.cost_milli).sum();
    let Scored { broken, rules } = found;
    Ok(PlanScore { location_id, plan_version: view.version(date), cost_milli, broken, rules })
}

/// What is judged: the plan as it is, with nobody waiting.
pub(crate) fn scope(
    location_id: LocationId,
    dates: DateSpan,
    technician_ids: Vec<TechnicianId>,
) -> Scope {
    let request = OptimizationRequest {
        location_ids: vec![location_id],
        from: dates.from,
        until: dates.until,
        technician_ids,
        include_unassigned: false,
        freeze_until: None,
        relaxations: Vec::new(),
        break_promises: true,
        weights: RuleWeights::default(),
        time_s: 1,
        threads: 1,
        seed: 1,
        steps: None,
    };
    Scope { location_id, request, disruption: None }
}

/// What the rules say about the plan of a view.
pub(crate) async fn judged(
    app: &App,
    view: &View,
    scope: &Scope,
    inputs: Inputs,
) -> Result<Scored, AppError> {
    let (problem, plan, strays) = problem(app, view, scope, inputs).await?;
    Ok(scored(&problem, (&plan, &strays), &view.setup.catalogue, reader::locale()))
}

/// The plan of a view to be judged, with the visits that no shift holds.
async fn problem(
    app: &App,
    view: &View,
    scope: &Scope,
    inputs: Inputs,
) -> Result<(Problem, Plan, Vec<Stray>), AppError> {
    let only = scope.technicians();
    let (standing, strays) = view.with_strays(app, scope.dates(), only.as_ref()).await?;
    let (draft, plan) = drafted(app, standing.as_ref().unwrap_or(view), scope, inputs).await?;
    Ok((draft.judged(&plan), plan, strays))
}

/// The difference of two views by rule, on some dates and for some technicians.
pub(crate) async fn difference(
    app: &App,
    views: (&View, &View),
    (dates, technician_ids): (DateSpan, Vec<TechnicianId>),
) -> Result<Vec<RuleChange>, AppError> {
    let scope = scope(views.0.roster.location_id, dates, technician_ids);
    Ok(differences(app, views, &scope, &Inputs::default()).await?.rules)
}

/// Two plans side by side.
pub(crate) struct Differences {
    /// Each rule, where one of the two is not 0.
    pub(crate) rules: Vec<RuleChange>,
    /// Hard rules that each of them breaks, in words.
    pub(crate) broken: (Vec<String>, Vec<String>),
    /// Driving of each of them: seconds and metres.
    pub(crate) driven: ((i64, i64), (i64, i64)),
}

/// The difference of two views, in what a scope speaks of.
pub(crate) async fn differences(
    app: &App,
    (before, after): (&View, &View),
    scope: &Scope,
    inputs: &Inputs,
) -> Result<Differences, AppError> {
    let one = problem(app, before, scope, inputs.clone()).await?;
    let other = problem(app, after, scope, inputs.clone()).await?;
    let (dates, only) = (scope.dates(), scope.technicians());
    let (catalogue, locale) = (&before.setup.catalogue, reader::locale());
    Ok(Differences {
        rules: compared((&one.0, &one.1), (&other.0, &other.1)),
        broken: (
            broken(&one.0, (&one.1, &one.2), catalogue, locale),
            broken(&other.0, (&other.1, &other.2), catalogue, locale),
        ),
        driven: (driven(&one.1, dates, only.as_ref()), driven(&other.1, dates, only.as_ref())),
    })
}

//! Putting a proposal into the plan, whole or by line, and taking it back: only onto the plan it was
//! made for, by the same checks as single moves.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::live::{self, View};
use crate::app::optimizations::create_in;
use crate::app::permissions::{Operation, Sight, permit};
use crate::app::placing::{Attempts, lacks_drives};
use crate::app::proposals::arranging::{Misfit, Step, arrange, concerned, prepare};
use crate::app::proposals::{over, stored, update, writing};
use crate::app::visits::details;
use crate::app::{App, idempotency};
use crate::calendar::dates::date_of;
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::faults::Faults;
use crate::domain::hours::DateSpan;
use crate::domain::id::{LocationId, OrganizationId, ProposalId};
use crate::domain::optimizations::Cause;
use crate::domain::plans::PlanVersion;
use crate::domain::proposals::{Line, LineKind, Proposal, ProposalStatus, Stand};
use crate::domain::replanning::ReplanningMode;
use crate::store::queue::{Finished, Lease};
use crate::store::{Tx, holds, optimizations, plans};

/// The kind of the task that applies a proposal by the rule of its location.
pub const APPLY_TASK: &str = "proposals.apply";

/// What of a proposal is applied.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApplyRequest {
    /// Numbers of the lines; those that must move with them come too. All if empty.
    #[serde(default)]
    pub lines: Vec<u32>,
}

/// Which way lines go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Forth,
    Back,
}

impl Way {
    fn target(self, line: &Line) -> Option<&Stand> {
        match self {
            Self::Forth => line.after.as_ref(),
            Self::Back => line.before.as_ref(),
        }
    }
}

/// Applies a proposal, or some of its lines with those that must move with them; also one that was
/// taken back, once more.
///
/// # Errors
/// [`AppError::Stale`] with what changed, if the plan is newer, or the start of a line has come: then
/// the proposal is stale and a new run was queued in its place; [`AppError::SlotTaken`] with the reasons if a line does not fit;
/// [`AppError::Conflict`] for a proposal that is over; [`AppError::Invalid`] for unknown lines;
/// [`AppError::NotFound`]; [`AppError::Forbidden`].
#[tracing::instrument(skip_all, fields(proposal.id = %id))]
pub async fn apply(
    app: &App,
    actor: &Actor,
    id: ProposalId,
    request: &ApplyRequest,
) -> Result<Proposal, AppError> {
    permit(actor, Operation::ProposalsApply)?;
    let mut tx = app.db.read().await?;
    let proposal = stored(&mut tx, actor.organization_id, id).await?;
    drop(tx);
    let again = proposal.status == ProposalStatus::Undone;
    if !again && !matches!(proposal.status, ProposalStatus::Open | ProposalStatus::PartlyApplied) {
        return Err(over(proposal.status));
    }
    let mut faults = Faults::default();
    for (row, number) in request.lines.iter().enumerate() {
        let known = proposal.lines.iter().any(|line| line.number == *number);
        faults.check(known, &format!("lines[{row}]"), number, "the proposal has no such line");
    }
    faults.into_result()?;
    if proposal.lines.is_empty() {
        return Err(AppError::Conflict("the proposal changes nothing".to_owned()));
    }
    let wanted = proposal.together(&request.lines);
    let open = |line: &&Line| wanted.contains(&line.number) && !line.applied;
    let lines: Vec<u32> = proposal.lines.iter().filter(open).map(|line| line.number).collect();
    if lines.is_empty() {
        return Err(AppError::Conflict("these lines are applied already".to_owned()));
    }
    if too_late(&proposal, &lines, app.now()) {
        refresh(app, actor, id).await?;
        let (noun, expected, visits) = ("proposal", proposal.revision, Vec::new());
        return Err(AppError::Stale {
            noun,
            id: id.to_string(),
            expected,
            actual: expected + 1,
            visits,
        });
    }
    match go(app, actor, id, (&lines, Way::Forth)).await {
        // What was taken back once is not looked for anew.
        Err(error @ AppError::Stale { noun: "plan", .. }) if !again => {
            refresh(app, actor, id).await?;
            Err(error)
        }
        done => done,
    }
}

/// Whether the start of a line has come before it was decided about.
fn too_late(proposal: &Proposal, numbers: &[u32], now: DateTime<Utc>) -> bool {
    let chosen = proposal.lines.iter().filter(|line| numbers.contains(&line.number));
    chosen.filter_map(|line| line.after.as_ref()).any(|stand| stand.start <= now)
}

/// Takes back what was applied of a proposal: each visit stands again as it did, also where a rule was
/// broken there, as with somebody who is absent.
///
/// # Errors
/// [`AppError::Stale`] with what changed, if the plan is newer; [`AppError::SlotTaken`] with the
/// reasons if somebody has other work there now; [`AppError::Conflict`] if nothing is applied;
/// [`AppError::NotFound`]; [`AppError::Forbidden`].
#[tracing::instrument(skip_all, fields(proposal.id = %id))]
pub async fn undo(app: &App, actor: &Actor, id: ProposalId) -> Result<Proposal, AppError> {
    permit(actor, Operation::ProposalsUndo)?;
    let mut tx = app.db.read().await?;
    let proposal = stored(&mut tx, actor.organization_id, id).await?;
    drop(tx);
    if !matches!(proposal.status, ProposalStatus::Applied | ProposalStatus::PartlyApplied) {
        return Err(over(proposal.status));
    }
    let applied = proposal.lines.iter().filter(|line| line.applied);
    let lines: Vec<u32> = applied.map(|line| line.number).collect();
    go(app, actor, id, (&lines, Way::Back)).await
}

/// Applies a proposal if it stays within what the rule of its location allows; else it waits for
/// a dispatcher. For the worker.
///
/// # Errors
/// If the store or travel fails; then the task stays.
pub async fn apply_by_rule(app: &App, lease: Lease) -> Result<Finished, AppError> {
    let task = lease.task();
    let id = task.payload["proposal_id"].as_str().and_then(|id| id.parse().ok());
    if let Some((organization_id, id)) = task.organization_id.zip(id)
        && within_rule(app, organization_id, id).await?
    {
        let actor = Actor::system(organization_id);
        match apply(app, &actor, id, &ApplyRequest::default()).await {
            Ok(_) => tracing::info!(proposal.id = %id, "Applied proposal {id} by rule"),
            Err(error @ (AppError::Internal(_) | AppError::Unavailable { .. })) => {
                return Err(error);
            }
            // The proposal stays for a dispatcher, or a newer one comes.
            Err(error) => tracing::info!(proposal.id = %id, %error, "Not applied by rule"),
        }
    }
    let tx = app.db.write().await?;
    Ok(lease.finish(tx).await?)
}

/// Whether the location's rule lets a proposal be applied without being asked.
async fn within_rule(
    app: &App,
    organization_id: OrganizationId,
    id: ProposalId,
) -> Result<bool, AppError> {
    let mut tx = app.db.read().await?;
    let Ok(proposal) = stored(&mut tx, organization_id, id).await else { return Ok(false) };
    let setup = live::setup(app, &mut tx, organization_id).await?;
    let location_id = proposal.versions.first().map(|seen| seen.location_id);
    let location = location_id.and_then(|id| setup.catalogue.locations.get(&id));
    let Some(rule) = location.map(|location| location.replanning) else { return Ok(false) };
    let harmless = |line: &Line| line.window_kept && line.kind != LineKind::Unassign;
    let count = u32::try_from(proposal.lines.len()).unwrap_or(u32::MAX);
    Ok(rule.mode == ReplanningMode::Apply
        && proposal.status == ProposalStatus::Open
        && (1..=rule.visits_max).contains(&count)
        && proposal.lines.iter().all(harmless))
}

/// Moves lines forth or back, trying again while other writers are quicker.
async fn go(
    app: &App,
    actor: &Actor,
    id: ProposalId,
    (numbers, way): (&[u32], Way),
) -> Result<Proposal, AppError> {
    let mut attempts = Attempts::default();
    loop {
        match attempt(app, actor, id, (numbers, way)).await {
            Err(AppError::Unavailable { service: "database", .. }) if attempts.next() => {}
            Err(error) if (lacks_drives(&error) || is_stale_visit(&error)) && attempts.next() => {}
            done => return done,
        }
    }
}

/// Whether somebody changed a visit while it was looked at.
fn is_stale_visit(error: &AppError) -> bool {
    matches!(error, AppError::Stale { noun: "visit", .. })
}

async fn attempt(
    app: &App,
    actor: &Actor,
    id: ProposalId,
    (numbers, way): (&[u32], Way),
) -> Result<Proposal, AppError> {
    let organization_id = actor.organization_id;
    let mut tx = app.db.read().await?;
    let proposal = stored(&mut tx, organization_id, id).await?;
    let lines: Vec<Line> =
        proposal.lines.iter().filter(|line| numbers.contains(&line.number)).cloned().collect();
    let locations: BTreeSet<LocationId> = lines.iter().map(|line| line.location_id).collect();
    let mut parts = Vec::with_capacity(locations.len());
    for location_id in locations {
        let lines: Vec<&Line> =
            lines.iter().filter(|line| line.location_id == location_id).collect();
        parts.push(part(app, actor, &mut tx, (location_id, &lines, way)).await?);
    }
    for part in &parts {
        fresh(&mut tx, organization_id, (&proposal, part)).await?;
    }
    drop(tx);
    // Once outside: drives are asked for here, and what does not fit is found while nobody waits.
    for part in &parts {
        fits(arrange(app, part.view.clone(), &part.steps).await?.misfits)?;
    }
    let mut tx = app.db.write().await?;
    let people: Vec<_> =
        parts.iter().flat_map(|part| concerned(&part.steps, &part.view).0).collect();
    plans::lock_technicians(&mut tx, &people).await?;
    holds::expire(&mut tx, organization_id, app.now(), Some(&people)).await?;
    let mut proposal = stored(&mut tx, organization_id, id).await?;
    for part in &parts {
        fresh(&mut tx, organization_id, (&proposal, part)).await?;
        let (people, _) = concerned(&part.steps, &part.view);
        let view = part.view.inside(app, &mut tx, part.dates(), &people).await?;
        let arranged = arrange(app, view, &part.steps).await?;
        if !arranged.misfits.is_empty() {
            return fits(arranged.misfits).map(|()| proposal);
        }
        writing::write(app, actor, &mut tx, (&part.steps, &arranged)).await?;
        raise(&mut proposal, part);
    }
    mark(&mut proposal, numbers, way);
    let (verb, kind) = match way {
        Way::Forth => ("apply", "proposal.applied"),
        Way::Back => ("undo", "proposal.undone"),
    };
    let proposal = update(app, actor, &mut tx, (&proposal, verb, kind)).await?;
    idempotency::keep(app, &mut tx, &proposal).await?;
    tx.commit().await?;
    Ok(proposal)
}

/// The lines of one location, ready to be arranged.
struct Part {
    location_id: LocationId,
    view: View,
    steps: Vec<Step>,
    /// The dates they touch.
    touched: BTreeSet<NaiveDate>,
}

impl Part {
    fn dates(&self) -> DateSpan {
        let first = self.touched.first().copied().unwrap_or_default();
        DateSpan { from: first, until: self.touched.last().copied().unwrap_or(first) }
    }
}

async fn part(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    (location_id, lines, way): (LocationId, &[&Line], Way),
) -> Result<Part, AppError> {
    let setup = live::setup(app, tx, actor.organization_id).await?;
    let location = setup.catalogue.locations.get(&location_id);
    let zone = location.ok_or_else(|| AppError::not_found("location", location_id))?.time_zone;
    let stands = lines.iter().flat_map(|line| line.before.iter().chain(&line.after));
    // A visit over midnight touches both dates.
    let touched: BTreeSet<NaiveDate> = stands
        .flat_map(|stand| [stand.start, stand.end - chrono::TimeDelta::seconds(1)])
        .map(|at| date_of(at, zone))
        .collect();
    let mut part = Part {
        location_id,
        view: View::clone(
            &*live::view(app, tx, (actor.organization_id, location_id), {
                let first = touched.first().copied().unwrap_or_default();
                DateSpan { from: first, until: touched.last().copied().unwrap_or(first) }
            })
            .await?,
        ),
        steps: Vec::with_capacity(lines.len()),
        touched,
    };
    for line in lines {
        let details = details(tx, actor, Sight::Everything, line.visit_id).await?;
        let step = (details, way.target(line), way == Way::Back);
        part.steps.push(prepare(app, actor, tx, &part.view, step).await?);
    }
    Ok(part)
}

/// Refuses if one of the days the part touches is not as the proposal knew it.
async fn fresh(
    tx: &mut Tx,
    organization_id: OrganizationId,
    (proposal, part): (&Proposal, &Part),
) -> Result<(), AppError> {
    let dates = part.dates();
    let found =
        plans::versions(tx, organization_id, part.location_id, dates.from, dates.until).await?;
    for date in &part.touched {
        let is_it = |one: &&PlanVersion| one.location_id == part.location_id && one.date == *date;
        let actual = found.iter().find(is_it).map_or(0, |one| one.version);
        // Days that the proposal never looked at are not held against it.
        let Some(seen) = proposal.versions.iter().find(is_it) else { continue };
        if seen.version != actual {
            let visits = plans::changed_since(tx, organization_id, *seen).await?;
            let visits = visits.into_iter().map(Into::into).collect();
            let (noun, id, expected) = ("plan", date.to_string(), seen.version);
            return Err(AppError::Stale { noun, id, expected, actual, visits });
        }
    }
    Ok(())
}

/// Notes the versions that the days get at the commit.
fn raise(proposal: &mut Proposal, part: &Part) {
    let touched = |seen: &&mut PlanVersion| {
        seen.location_id == part.location_id && part.touched.contains(&seen.date)
    };
    for seen in proposal.versions.iter_mut().filter(touched) {
        seen.version += 1;
    }
}

fn mark(proposal: &mut Proposal, numbers: &[u32], way: Way) {
    for line in proposal.lines.iter_mut().filter(|line| numbers.contains(&line.number)) {
        line.applied = way == Way::Forth;
    }
    proposal.status = match way {
        Way::Back => ProposalStatus::Undone,
        Way::Forth if proposal.lines.iter().all(|line| line.applied) => ProposalStatus::Applied,
        Way::Forth => ProposalStatus::PartlyApplied,
    };
}

/// Refuses with the reasons of whatever does not fit.
fn fits(misfits: Vec<Misfit>) -> Result<(), AppError> {
    if misfits.is_empty() {
        return Ok(());
    }
    let words = misfits.iter().map(|misfit| {
        let reasons = misfit.reasons.iter().map(|reason| reason.sentence.as_str());
        format!("visit {}: {}", misfit.visit_id, reasons.collect::<Vec<_>>().join(", "))
    });
    let reason = words.collect::<Vec<_>>().join("; ");
    Err(AppError::SlotTaken { reason, alternatives: Vec::new() })
}

/// A proposal that the plan has left behind is put away, and computed anew on the plan as it is.
async fn refresh(app: &App, actor: &Actor, id: ProposalId) -> Result<(), AppError> {
    let organization_id = actor.organization_id;
    let mut tx = app.db.write().await?;
    let proposal = stored(&mut tx, organization_id, id).await?;
    let old = optimizations::get(&mut tx, organization_id, proposal.optimization_id).await?;
    let Some(old) = old else { return Ok(()) };
    let cause = match old.cause {
        // The disruption is still there.
        Cause::Repair { disruption, .. } => Cause::Repair { disruption, by_rule: false },
        Cause::Asked | Cause::Refresh { .. } => Cause::Refresh { proposal_id: id },
    };
    let run = create_in(app, actor, &mut tx, (&old.request, cause)).await?;
    let replaced_by = Some(run.id);
    let changed = Proposal { status: ProposalStatus::Stale, replaced_by, ..proposal };
    update(app, actor, &mut tx, (&changed, "refresh", "proposal.stale")).await?;
    tx.commit().await?;
    Ok(())
}

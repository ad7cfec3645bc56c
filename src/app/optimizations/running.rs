//! One run from its turn in the queue to its proposal.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;

use crate::app::App;
use crate::app::optimizations::gathering::{Gathered, Scope, gather};
use crate::app::optimizations::solving::{BROKEN_OFF, Search};
use crate::app::optimizations::tell;
use crate::app::proposals::{APPLY_TASK, making};
use crate::app::reader;
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::id::{OptimizationId, OrganizationId};
use crate::domain::optimizations::{
    Cause, Optimization, OptimizationRequest, OptimizationStatus, RunProgress,
};
use crate::domain::proposals::Proposal;
use crate::planning::optimizing::{Answer, RunLimits};
use crate::store::queue::{self, Finished, Lease, NewTask, Task};
use crate::store::{StoreError, Tx, optimizations as rows, proposals};
use crate::text::Locale;

/// How often progress is written down, and a wish to stop is looked for.
const BEAT: Duration = Duration::from_millis(400);

/// How long after the end of its search a proposal can be looked at before the first of its starts is
/// over.
const LEEWAY: TimeDelta = TimeDelta::minutes(2);

/// Does one run, for the worker: reads the plan, searches, and stores the proposal together with
/// the end of the task. A run that is broken off starts over from the plan as it is then.
///
/// # Errors
/// If the store or travel fails; then the task stays.
pub async fn run(app: &App, lease: Lease) -> Result<Finished, AppError> {
    let Some((organization_id, id)) = subject(lease.task()) else {
        let tx = app.db.write().await?;
        return Ok(lease.finish(tx).await?);
    };
    let actor = Actor::system(organization_id);
    let Some(run) = begin(app, organization_id, id).await? else {
        let tx = app.db.write().await?;
        return Ok(lease.finish(tx).await?);
    };
    let asked = lease.task().payload["locale"].as_str().and_then(Locale::from_tag);
    let work = Box::pin(search(app, &actor, &run));
    match reader::reading(asked.unwrap_or_default(), work).await {
        Ok(found) => Ok(finish(app, organization_id, (id, &found), lease).await?),
        // What is wrong with the question stays wrong; what fails around it may work later.
        Err(error @ (AppError::Invalid(_) | AppError::NotFound { .. } | AppError::Conflict(_))) => {
            let message = reason(&error);
            Ok(fail(app, organization_id, (id, message), lease).await?)
        }
        Err(error) => Err(error),
    }
}

/// Ends a run whose task is given up, for the worker: nothing will happen to it any more.
///
/// # Errors
/// If the store fails.
pub async fn given_up(app: &App, task: &Task) -> Result<(), AppError> {
    let Some((organization_id, id)) = subject(task) else { return Ok(()) };
    let mut tx = app.db.write().await?;
    let Some(run) = rows::get(&mut tx, organization_id, id).await? else { return Ok(()) };
    let (status, kind) = match run.status {
        OptimizationStatus::Queued | OptimizationStatus::Running => {
            (OptimizationStatus::Failed, "optimization.failed")
        }
        OptimizationStatus::Cancelling => (OptimizationStatus::Cancelled, "optimization.cancelled"),
        _ => return Ok(()),
    };
    let run = Optimization { status, message: BROKEN_OFF.to_owned(), ..run };
    rows::update(&mut tx, organization_id, &run, app.now()).await?;
    tell(app, organization_id, &mut tx, (&run, kind));
    tx.commit().await?;
    Ok(())
}

fn subject(task: &Task) -> Option<(OrganizationId, OptimizationId)> {
    let id = task.payload["optimization_id"].as_str()?.parse().ok()?;
    Some((task.organization_id?, id))
}

/// Notes that a run begins; none if there is nothing to do.
async fn begin(
    app: &App,
    organization_id: OrganizationId,
    id: OptimizationId,
) -> Result<Option<Optimization>, AppError> {
    let mut tx = app.db.write().await?;
    let Some(run) = rows::get(&mut tx, organization_id, id).await? else { return Ok(None) };
    match run.status {
        OptimizationStatus::Queued | OptimizationStatus::Running => {}
        // Broken off before it had an answer, and nobody wants one any more.
        OptimizationStatus::Cancelling => {
            let run = Optimization { status: OptimizationStatus::Cancelled, ..run };
            rows::update(&mut tx, organization_id, &run, app.now()).await?;
            tell(app, organization_id, &mut tx, (&run, "optimization.cancelled"));
            tx.commit().await?;
            return Ok(None);
        }
        _ => return Ok(None),
    }
    let run = Optimization { status: OptimizationStatus::Running, ..run };
    let run = rows::update(&mut tx, organization_id, &run, app.now()).await?;
    if let Some(run) = &run {
        tell(app, organization_id, &mut tx, (run, "optimization.started"));
    }
    tx.commit().await?;
    Ok(run)
}

/// Searches every location in turn; the proposal with the lines of all, and what the plan would then
/// be worth.
///
/// Whatever starts while it searches stays as it is, and nothing new starts before the proposal can be
/// applied: it would be too late.
async fn search(
    app: &App,
    actor: &Actor,
    run: &Optimization,
) -> Result<(Proposal, Option<RunProgress>), AppError> {
    let disruption = match &run.cause {
        Cause::Repair { disruption, .. } => Some(disruption.clone()),
        Cause::Asked | Cause::Refresh { .. } => None,
    };
    let over = app.now() + TimeDelta::seconds(run.request.time_s.into()) + LEEWAY;
    let freeze_until = Some(run.request.freeze_until.map_or(over, |asked| asked.max(over)));
    let mut parts: Vec<Gathered> = Vec::with_capacity(run.request.location_ids.len());
    for location_id in &run.request.location_ids {
        let request = OptimizationRequest { freeze_until, ..run.request.clone() };
        let disruption = disruption.clone();
        let scope = Scope { location_id: *location_id, request, disruption };
        parts.push(gather(app, actor, &scope).await?);
    }
    let visits: usize = parts.iter().map(|part| part.movable).sum();
    let mut answers = Vec::with_capacity(parts.len());
    let mut spent = Duration::ZERO;
    for part in &parts {
        let share = u32::try_from(part.movable).unwrap_or(u32::MAX);
        let all = u32::try_from(visits.max(1)).unwrap_or(u32::MAX);
        let time = Duration::from_secs(run.request.time_s.into()) * share / all;
        let limits = RunLimits {
            time,
            steps: run.request.steps,
            seed: run.request.seed,
            threads: run.request.threads.min(app.optimizer.threads_max.max(1)) as usize,
        };
        let done = u64::try_from(spent.as_millis()).unwrap_or(u64::MAX);
        let followed = followed(app, actor.organization_id, run.id, (part, limits, done)).await?;
        answers.push(followed);
        spent += time;
    }
    making::proposal(app, actor, run, parts.iter().zip(&answers)).await
}

/// The answer for one location; writes progress down meanwhile, and stops when told to.
///
/// * `before_ms`: what the locations before took.
async fn followed(
    app: &App,
    organization_id: OrganizationId,
    id: OptimizationId,
    (part, limits, before_ms): (&Gathered, RunLimits, u64),
) -> Result<Answer, AppError> {
    let whole = (Arc::clone(&part.problem), Arc::clone(&part.plan));
    let mut search = Search::start(whole, limits)?;
    let mut beat = tokio::time::interval(BEAT);
    beat.tick().await;
    let mut told: Option<RunProgress> = None;
    let in_all = |told: RunProgress| RunProgress {
        elapsed_ms: told.elapsed_ms.saturating_add(before_ms),
        ..told
    };
    loop {
        tokio::select! {
            answer = search.answer() => {
                let answer = answer?;
                // What it said last was when it found the best; all its steps are in the answer.
                note(app, organization_id, id, Some(in_all(answer.progress))).await?;
                return Ok(answer);
            }
            _ = beat.tick() => {
                let progress = search.progress().map(in_all);
                if note(app, organization_id, id, progress.filter(|_| progress != told)).await? {
                    search.stop();
                }
                told = progress;
            }
        }
    }
}

/// Writes progress down; whether the run shall stop.
async fn note(
    app: &App,
    organization_id: OrganizationId,
    id: OptimizationId,
    progress: Option<RunProgress>,
) -> Result<bool, AppError> {
    let over = |run: &Option<Optimization>| {
        run.as_ref().is_none_or(|run| run.status != OptimizationStatus::Running)
    };
    if progress.is_none() {
        let mut tx = app.db.read().await?;
        return Ok(over(&rows::get(&mut tx, organization_id, id).await?));
    }
    let mut tx = app.db.write().await?;
    let run = rows::get(&mut tx, organization_id, id).await?;
    let stop = over(&run);
    if let Some(run) = run {
        let run = Optimization { progress, ..run };
        rows::update(&mut tx, organization_id, &run, app.now()).await?;
        tx.commit().await?;
    }
    Ok(stop)
}

/// Stores the proposal with the end of the task, and asks for it to be applied where the
/// location's rule allows it.
async fn finish(
    app: &App,
    organization_id: OrganizationId,
    (id, (proposal, progress)): (OptimizationId, &(Proposal, Option<RunProgress>)),
    lease: Lease,
) -> Result<Finished, StoreError> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    let Some(run) = rows::get(&mut tx, organization_id, id).await? else {
        return lease.finish(tx).await;
    };
    let by_rule = matches!(run.cause, Cause::Repair { by_rule: true, .. });
    // Nobody asked, and nothing changes: there is nothing to decide.
    let worth_it = !by_rule || !proposal.lines.is_empty() || !proposal.left_out.is_empty();
    if worth_it {
        proposals::insert(&mut tx, organization_id, proposal).await?;
    }
    let (status, proposal_id) = (OptimizationStatus::Finished, worth_it.then_some(proposal.id));
    let progress = progress.or(run.progress);
    let run = Optimization { status, progress, proposal_id, ..run };
    rows::update(&mut tx, organization_id, &run, now).await?;
    tell(app, organization_id, &mut tx, (&run, "optimization.finished"));
    if by_rule && worth_it {
        let task = NewTask {
            kind: APPLY_TASK.to_owned(),
            unique_key: proposal.id.to_string(),
            organization_id: Some(organization_id),
            run_at: now,
            payload: json!({ "proposal_id": proposal.id }),
        };
        queue::enqueue(&mut tx, &task, now).await?;
    }
    let lines = proposal.lines.len();
    let finished = lease.finish(tx).await?;
    tracing::info!(optimization.id = %id, lines, "Optimization {id} suggests {lines} changes");
    Ok(finished)
}

/// Notes that a run cannot be done, and why.
async fn fail(
    app: &App,
    organization_id: OrganizationId,
    (id, message): (OptimizationId, String),
    lease: Lease,
) -> Result<Finished, StoreError> {
    let mut tx: Tx = app.db.write().await?;
    if let Some(run) = rows::get(&mut tx, organization_id, id).await? {
        let run = Optimization { status: OptimizationStatus::Failed, message, ..run };
        rows::update(&mut tx, organization_id, &run, app.now()).await?;
        tell(app, organization_id, &mut tx, (&run, "optimization.failed"));
    }
    lease.finish(tx).await
}

/// An error in words, with all faults of an input.
fn reason(error: &AppError) -> String {
    match error {
        AppError::Invalid(faults) => {
            let words = faults.iter().map(|fault| format!("{} {}", fault.field, fault.message));
            words.collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    }
}

/// How long after a disruption its repair begins, so that several become one.
pub(crate) const CALM: TimeDelta = TimeDelta::seconds(3);

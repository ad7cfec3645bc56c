//! Runs of the optimizer: asked for, followed, stopped; what they find is a proposal.

mod exporting;
pub(crate) mod gathering;
mod repairs;
mod running;
mod solving;

use serde_json::{Value, json};

use crate::app::catalogue::{Page, PageQuery};
use crate::app::permissions::{Operation, permit};
use crate::app::{App, audit, idempotency, reader};
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::faults::{Faults, Validate as _};
use crate::domain::id::{LocationId, OptimizationId, OrganizationId};
use crate::domain::locations::Location;
use crate::domain::optimizations::{Cause, Optimization, OptimizationRequest, OptimizationStatus};
use crate::domain::technicians::Technician;
use crate::store::events::{self, NewEvent};
use crate::store::queue::{self, NewTask};
use crate::store::{Tx, optimizations as rows, records};

pub use exporting::problem;
pub use repairs::repair;
pub(crate) use repairs::repair_request;
pub(crate) use running::CALM;
pub use running::{given_up, run};

/// The kind of the task that does one run.
pub const RUN_TASK: &str = "optimizations.run";

/// What runs of this process may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptimizerLimits {
    /// Threads of one run at most.
    pub threads_max: u32,
}

impl Default for OptimizerLimits {
    fn default() -> Self {
        Self { threads_max: 1 }
    }
}

/// Lets the optimizer look for a better plan; the run waits for its turn.
///
/// # Errors
/// [`AppError::Invalid`] with all faults; [`AppError::Forbidden`].
#[tracing::instrument(skip_all)]
pub async fn create(
    app: &App,
    actor: &Actor,
    request: &OptimizationRequest,
) -> Result<Optimization, AppError> {
    permit(actor, Operation::PlansOptimize)?;
    let mut tx = app.db.write().await?;
    let run = create_in(app, actor, &mut tx, (request, Cause::Asked)).await?;
    idempotency::keep(app, &mut tx, &run).await?;
    tx.commit().await?;
    tracing::info!(optimization.id = %run.id, "Queued optimization {}", run.id);
    Ok(run)
}

/// The same inside the transaction of a larger step.
pub(crate) async fn create_in(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    (request, cause): (&OptimizationRequest, Cause),
) -> Result<Optimization, AppError> {
    check(tx, actor.organization_id, request).await?;
    let now = app.now();
    let run = Optimization {
        id: OptimizationId(app.new_id()),
        revision: 1,
        request: request.clone(),
        cause,
        requested_by: actor.label(),
        status: OptimizationStatus::Queued,
        progress: None,
        proposal_id: None,
        message: String::new(),
        created_at: now,
        updated_at: now,
    };
    rows::insert(tx, actor.organization_id, &run).await?;
    let task = NewTask {
        kind: RUN_TASK.to_owned(),
        unique_key: run.id.to_string(),
        organization_id: Some(actor.organization_id),
        run_at: now,
        // Its reasons are for whoever asked.
        payload: json!({ "optimization_id": run.id, "locale": reader::locale() }),
    };
    queue::enqueue(tx, &task, now).await?;
    tell(app, actor.organization_id, tx, (&run, "optimization.queued"));
    let action = audit::Action { noun: "optimizations", verb: "create", id: run.id.into() };
    audit::note(app, tx, actor, action, (Value::Null, audit::json(&run))).await?;
    Ok(run)
}

/// Every fault of a request, things that do not exist included.
async fn check(
    tx: &mut Tx,
    organization_id: OrganizationId,
    request: &OptimizationRequest,
) -> Result<(), AppError> {
    let mut faults = Faults::default();
    request.validate(&mut faults);
    for (row, id) in request.location_ids.iter().enumerate() {
        let known = records::get::<Location>(tx, organization_id, *id).await?.is_some();
        faults.check(known, &format!("location_ids[{row}]"), id, "no such location");
    }
    for (row, id) in request.technician_ids.iter().enumerate() {
        let known = records::get::<Technician>(tx, organization_id, *id).await?.is_some();
        faults.check(known, &format!("technician_ids[{row}]"), id, "no such technician");
    }
    Ok(faults.into_result()?)
}

/// Tells whoever follows one of the locations what became of a run.
pub(crate) fn tell(
    app: &App,
    organization_id: OrganizationId,
    tx: &mut Tx,
    (run, kind): (&Optimization, &'static str),
) {
    for location_id in &run.request.location_ids {
        let payload = json!({ "status": run.status, "proposal_id": run.proposal_id });
        let event = NewEvent {
            organization_id,
            location_id: Some(*location_id),
            kind: kind.to_owned(),
            subject_id: run.id.to_string(),
            payload,
            at: app.now(),
        };
        events::append(tx, event);
    }
}

/// The run with this id.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Forbidden`].
pub async fn get(app: &App, actor: &Actor, id: OptimizationId) -> Result<Optimization, AppError> {
    permit(actor, Operation::OptimizationsRead)?;
    let mut tx = app.db.read().await?;
    let found = rows::get(&mut tx, actor.organization_id, id).await?;
    found.ok_or_else(|| AppError::not_found("optimization", id))
}

/// One page of runs, newest first.
///
/// # Errors
/// [`AppError::Invalid`] for a foreign cursor; [`AppError::Forbidden`].
pub async fn list(
    app: &App,
    actor: &Actor,
    location_id: Option<LocationId>,
    page: &PageQuery,
) -> Result<Page<Optimization>, AppError> {
    permit(actor, Operation::OptimizationsRead)?;
    let mut tx = app.db.read().await?;
    Ok(rows::list(&mut tx, actor.organization_id, location_id, page).await?)
}

/// Stops a run: one that searches keeps the best it has, one that waits never begins. One that is
/// over stays as it is.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Forbidden`].
#[tracing::instrument(skip_all, fields(optimization.id = %id))]
pub async fn cancel(
    app: &App,
    actor: &Actor,
    id: OptimizationId,
) -> Result<Optimization, AppError> {
    permit(actor, Operation::OptimizationsCancel)?;
    let organization_id = actor.organization_id;
    let mut tx = app.db.write().await?;
    let missing = || AppError::not_found("optimization", id);
    let before = rows::get(&mut tx, organization_id, id).await?.ok_or_else(missing)?;
    let status = match before.status {
        OptimizationStatus::Queued => OptimizationStatus::Cancelled,
        OptimizationStatus::Running => OptimizationStatus::Cancelling,
        _ => return Ok(before),
    };
    let changed = Optimization { status, ..before.clone() };
    let run = rows::update(&mut tx, organization_id, &changed, app.now()).await?;
    let run = run.ok_or_else(missing)?;
    tell(app, organization_id, &mut tx, (&run, "optimization.cancelled"));
    let action = audit::Action { noun: "optimizations", verb: "cancel", id: id.into() };
    let both = (audit::json(&before.status), audit::json(&run.status));
    audit::note(app, &mut tx, actor, action, both).await?;
    tx.commit().await?;
    Ok(run)
}

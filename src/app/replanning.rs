//! Repairs that nobody asks for: after an absence, a late visit or a cancellation, as the rule of
//! the location says.

use std::fmt::Display;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::app::optimizations::{CALM, create_in, repair_request};
use crate::calendar::dates::date_of;
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::id::{LocationId, OrganizationId, TechnicianId};
use crate::domain::locations::Location;
use crate::domain::optimizations::{Cause, Disruption, Repair};
use crate::domain::replanning::ReplanningMode;
use crate::domain::technicians::Technician;
use crate::domain::visits::Visit;
use crate::store::queue::{self, Finished, Lease, NewTask};
use crate::store::{Tx, records};

/// The kind of the task that asks for a repair.
pub const TASK: &str = "plans.repair";

/// What the task must know.
#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    location_id: LocationId,
    date: Option<NaiveDate>,
    disruption: Disruption,
}

/// A technician who has visits cannot work.
pub(crate) async fn after_absence(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    (technician_id, absent_from, absent_until): (TechnicianId, DateTime<Utc>, DateTime<Utc>),
) -> Result<(), AppError> {
    if absent_until <= app.now() {
        return Ok(());
    }
    let organization_id = actor.organization_id;
    let found = records::get::<Technician>(tx, organization_id, technician_id).await?;
    let Some(technician) = found else { return Ok(()) };
    let location_id = technician.value.location_id;
    let disruption = Disruption::TechnicianAbsent { technician_id, absent_from, absent_until };
    ask(app, organization_id, tx, (location_id, None, disruption), technician_id).await
}

/// A visit runs late.
///
/// * `late_s`: by how much the latest of the visits after it misses its promise.
pub(crate) async fn after_overrun(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    (visit, late_s): (&Visit, i64),
) -> Result<(), AppError> {
    let organization_id = actor.organization_id;
    let found = records::get::<Location>(tx, organization_id, visit.location_id).await?;
    let least = found.map_or(0, |location| i64::from(location.value.replanning.late_min) * 60);
    if late_s <= 0 || late_s < least {
        return Ok(());
    }
    let disruption = Disruption::Overrun { visit_id: visit.id };
    ask(app, organization_id, tx, (visit.location_id, None, disruption), visit.id).await
}

/// A visit was called off, and its time is free.
pub(crate) async fn after_cancellation(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    (visit, technician_ids): (&Visit, Vec<TechnicianId>),
) -> Result<(), AppError> {
    let organization_id = actor.organization_id;
    let Some(start) = visit.planned_start.filter(|start| *start > app.now()) else {
        return Ok(());
    };
    let found = records::get::<Location>(tx, organization_id, visit.location_id).await?;
    let date = found.map(|location| date_of(start, location.value.time_zone));
    let disruption = Disruption::Cancellation { technician_ids };
    ask(app, organization_id, tx, (visit.location_id, date, disruption), visit.id).await
}

/// Asks for a repair where the location's rule wants one; what comes soon after is one repair.
async fn ask(
    app: &App,
    organization_id: OrganizationId,
    tx: &mut Tx,
    (location_id, date, disruption): (LocationId, Option<NaiveDate>, Disruption),
    subject: impl Display,
) -> Result<(), AppError> {
    let found = records::get::<Location>(tx, organization_id, location_id).await?;
    let mode = found.map_or(ReplanningMode::Off, |location| location.value.replanning.mode);
    if mode == ReplanningMode::Off {
        return Ok(());
    }
    let payload = Payload { location_id, date, disruption };
    let payload =
        serde_json::to_value(payload).map_err(|error| AppError::Internal(error.into()))?;
    let task = NewTask {
        kind: TASK.to_owned(),
        unique_key: format!("{location_id}:{subject}"),
        organization_id: Some(organization_id),
        run_at: app.now() + CALM,
        payload,
    };
    Ok(queue::enqueue(tx, &task, app.now()).await?)
}

/// Queues the repair that a disruption asked for, for the worker.
///
/// # Errors
/// If the store fails; then the task stays.
pub async fn repair(app: &App, lease: Lease) -> Result<Finished, AppError> {
    let task = lease.task();
    let payload: Option<Payload> = serde_json::from_value(task.payload.clone()).ok();
    let mut tx = app.db.write().await?;
    if let Some((organization_id, payload)) = task.organization_id.zip(payload) {
        match queue_repair(app, organization_id, &mut tx, payload).await {
            // What it was about is gone by now.
            Err(AppError::NotFound { .. } | AppError::Invalid(_)) | Ok(()) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(lease.finish(tx).await?)
}

async fn queue_repair(
    app: &App,
    organization_id: OrganizationId,
    tx: &mut Tx,
    payload: Payload,
) -> Result<(), AppError> {
    let Payload { location_id, date, disruption } = payload;
    let found = records::get::<Location>(tx, organization_id, location_id).await?;
    let location = found.ok_or_else(|| AppError::not_found("location", location_id))?;
    let repair = Repair {
        location_id,
        disruption: disruption.clone(),
        date,
        freeze_until: None,
        break_promises: false,
        weights: None,
        time_s: location.value.replanning.time_s,
        seed: 1,
    };
    let request = repair_request(app, organization_id, tx, &repair).await?;
    let cause = Cause::Repair { disruption, by_rule: true };
    create_in(app, &Actor::system(organization_id), tx, (&request, cause)).await?;
    Ok(())
}

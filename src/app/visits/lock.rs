//! What replanning may not change about a visit, and how urgent it is.

use crate::app::permissions::{Operation, permit};
use crate::app::visits::{VisitDetails, noted, opened};
use crate::app::{App, audit};
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::faults::Faults;
use crate::domain::id::VisitId;
use crate::domain::visits::{Lock, Visit, check_priority};
use crate::store::visits as rows;

/// Sets or clears the lock of a visit.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Stale`] if the visit does not have `revision` any more;
/// [`AppError::Forbidden`].
#[tracing::instrument(skip_all, fields(visit.id = %id))]
pub async fn lock(
    app: &App,
    actor: &Actor,
    (id, revision): (VisitId, Option<i64>),
    lock: Lock,
) -> Result<VisitDetails, AppError> {
    permit(actor, Operation::VisitsLock)?;
    let (mut tx, before) = opened(app, actor, id).await?;
    let revision = revision.unwrap_or(before.visit.revision);
    let changed = Visit { revision, lock, ..before.visit.clone() };
    let visit = rows::update(&mut tx, actor.organization_id, &changed, app.now()).await?;
    let visit = visit.ok_or_else(|| AppError::not_found("visit", id))?;
    let both = (audit::json(&before.visit.lock), audit::json(&lock));
    noted(app, actor, &mut tx, (&before, &visit, ("lock", "visit.locked")), both).await?;
    tx.commit().await?;
    Ok(VisitDetails { visit, ..before })
}

/// Says how urgent a visit is.
///
/// # Errors
/// [`AppError::Invalid`] above 100; [`AppError::NotFound`]; [`AppError::Stale`] if the visit does not
/// have `revision` any more; [`AppError::Forbidden`].
#[tracing::instrument(skip_all, fields(visit.id = %id))]
pub async fn prioritize(
    app: &App,
    actor: &Actor,
    (id, revision): (VisitId, Option<i64>),
    priority: u8,
) -> Result<VisitDetails, AppError> {
    permit(actor, Operation::VisitsPrioritize)?;
    let mut faults = Faults::default();
    check_priority(&mut faults, "priority", priority);
    faults.into_result()?;
    let (mut tx, before) = opened(app, actor, id).await?;
    let revision = revision.unwrap_or(before.visit.revision);
    let changed = Visit { revision, priority, ..before.visit.clone() };
    let visit = rows::update(&mut tx, actor.organization_id, &changed, app.now()).await?;
    let visit = visit.ok_or_else(|| AppError::not_found("visit", id))?;
    let both = (audit::json(&before.visit.priority), audit::json(&priority));
    noted(app, actor, &mut tx, (&before, &visit, ("prioritize", "visit.prioritized")), both)
        .await?;
    tx.commit().await?;
    Ok(VisitDetails { visit, ..before })
}

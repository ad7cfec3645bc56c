//! Locks: what replanning may not change about a visit.

use crate::app::permissions::{Operation, Sight, permit};
use crate::app::placing::written::{News, tell};
use crate::app::visits::{VisitDetails, details};
use crate::app::{App, audit};
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::id::VisitId;
use crate::domain::visits::{Lock, Visit};
use crate::store::{plans, visits as rows};

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
    let organization_id = actor.organization_id;
    let mut tx = app.db.read().await?;
    let seen = details(&mut tx, actor, Sight::Everything, id).await?;
    drop(tx);
    let technician_ids: Vec<_> = seen.assignments.iter().map(|one| one.technician_id).collect();
    let mut tx = app.db.write().await?;
    plans::lock_technicians(&mut tx, &technician_ids).await?;
    let before = details(&mut tx, actor, Sight::Everything, id).await?;
    let revision = revision.unwrap_or(before.visit.revision);
    let changed = Visit { revision, lock, ..before.visit.clone() };
    let visit = rows::update(&mut tx, organization_id, &changed, app.now()).await?;
    let visit = visit.ok_or_else(|| AppError::not_found("visit", id))?;
    let news = News {
        kind: "visit.locked",
        subject_id: id.to_string(),
        location_id: visit.location_id,
        visit_id: id,
        technician_ids,
        start: visit.planned_start,
        moved: Vec::new(),
    };
    tell(app, organization_id, &mut tx, news);
    let action = audit::Action { noun: "visits", verb: "lock", id: id.into() };
    let both = (audit::json(&before.visit.lock), audit::json(&lock));
    audit::note(app, &mut tx, actor, action, both).await?;
    tx.commit().await?;
    Ok(VisitDetails { visit, ..before })
}

//! Calling off a visit that nobody has booked.

use serde_json::Value;

use crate::app::permissions::{Operation, permit};
use crate::app::visits::{VisitDetails, noted, opened};
use crate::app::{App, audit, waitlist_entries};
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::id::VisitId;
use crate::domain::visits::{Visit, VisitStatus};
use crate::store::{assignments, equipment_uses, visits as rows};

/// Calls a visit off: it is in nobody's day and waits for nobody.
///
/// # Errors
/// [`AppError::Conflict`] for one that is under way or over, that is held, or that a booking stands
/// for, which is called off instead; [`AppError::NotFound`]; [`AppError::Forbidden`].
#[tracing::instrument(skip_all, fields(visit.id = %id))]
pub async fn cancel(app: &App, actor: &Actor, id: VisitId) -> Result<VisitDetails, AppError> {
    permit(actor, Operation::VisitsMove)?;
    let (organization_id, now) = (actor.organization_id, app.now());
    let (mut tx, before) = opened(app, actor, id).await?;
    callable(&before)?;
    assignments::end(&mut tx, organization_id, id).await?;
    equipment_uses::replace(&mut tx, organization_id, &[id], &[]).await?;
    let status = VisitStatus::Cancelled;
    let visit = Visit { status, ..before.visit.clone() };
    let visit = rows::update(&mut tx, organization_id, &visit, now).await?;
    let visit = visit.ok_or_else(|| AppError::not_found("visit", id))?;
    waitlist_entries::after_freed(app, organization_id, &mut tx, &before.visit).await?;
    let both = (audit::json(&before.assignments), Value::Null);
    let verb = ("cancel", "visit.cancelled");
    noted(app, actor, &mut tx, (&before, &visit, verb), both).await?;
    tx.commit().await?;
    Ok(VisitDetails { visit, assignments: Vec::new(), booking: None })
}

fn callable(before: &VisitDetails) -> Result<(), AppError> {
    if let Some(booking) = &before.booking {
        let code = &booking.code;
        let message = format!("booking {code} stands for it; call off the booking");
        return Err(AppError::Conflict(message));
    }
    match before.visit.status {
        VisitStatus::Unassigned | VisitStatus::Planned => Ok(()),
        VisitStatus::Held => {
            Err(AppError::Conflict("it is held; release the hold, or let it lapse".to_owned()))
        }
        status => {
            let status = status.as_str().replace('_', " ");
            Err(AppError::Conflict(format!("the visit is {status}")))
        }
    }
}

//! A visit that could not be done: nobody was there, or it goes back to the office.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::permissions::{Operation, Sight, permit};
use crate::app::visits::{VisitDetails, details, noted};
use crate::app::{App, audit, idempotency};
use crate::domain::actors::{Actor, ActorKind};
use crate::domain::bookings::{Booking, BookingStatus};
use crate::domain::error::AppError;
use crate::domain::faults::{Faults, Validate, check_length};
use crate::domain::id::VisitId;
use crate::domain::visits::{ActualTimes, Attempt, Obstacle, Visit, VisitStatus};
use crate::store::{Tx, assignments, bookings, equipment_uses, plans, visits as rows};

/// Why a visit could not be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Failure {
    /// Why.
    pub obstacle: Obstacle,
    /// More words, at most 1000 characters; needed where the obstacle is `other`.
    #[serde(default)]
    pub note: String,
    /// When; now if none. Not in the future.
    #[serde(default)]
    pub at: Option<DateTime<Utc>>,
}

impl Validate for Failure {
    fn validate(&self, faults: &mut Faults) {
        check_length(faults, "note", &self.note, 1000);
        let says = self.obstacle != Obstacle::Other || !self.note.trim().is_empty();
        faults.check(says, "note", "\"\"", "must say what stood in the way");
    }
}

/// Notes that a visit could not be done.
///
/// Where nobody was there it is over, and its booking a no-show. Otherwise it waits in nobody's day
/// for a dispatcher, with what was promised and the attempt on it, and its time is free.
///
/// # Errors
/// [`AppError::Invalid`]; [`AppError::Conflict`] for a visit that is over or in nobody's day, and for
/// a customer missed before anybody was promised; [`AppError::NotFound`], also for a technician who is
/// not in the crew; [`AppError::Forbidden`].
#[tracing::instrument(skip_all, fields(visit.id = %id))]
pub async fn give_up(
    app: &App,
    actor: &Actor,
    id: VisitId,
    failure: &Failure,
) -> Result<VisitDetails, AppError> {
    let sight = permit(actor, Operation::VisitsProgress)?;
    let at = checked(app, failure)?;
    let mut tx = app.db.read().await?;
    let seen = details(&mut tx, actor, sight, id).await?;
    drop(tx);
    let mut tx = app.db.write().await?;
    plans::lock_technicians(&mut tx, &seen.technician_ids()).await?;
    let before = details(&mut tx, actor, sight, id).await?;
    let status = before.visit.status;
    if !status.occupies() || matches!(status, VisitStatus::Held | VisitStatus::Finished) {
        let status = status.as_str();
        return Err(AppError::Conflict(format!("the visit is {status}, so it cannot fail")));
    }
    let mut visit = before.visit.clone();
    visit.actual.attempts.push(attempt(actor, failure, at));
    if failure.obstacle == Obstacle::NobodyThere {
        missed(app, actor, &mut tx, (&before, &mut visit), at).await?;
    } else {
        give_back(actor, &mut tx, &mut visit).await?;
    }
    let stored = rows::update(&mut tx, actor.organization_id, &visit, app.now()).await?;
    let visit = stored.ok_or_else(|| AppError::not_found("visit", id))?;
    let both = (audit::json(&before.visit.actual), audit::json(&visit.actual));
    let verb = ("give_up", "visit.given_up");
    noted(app, actor, &mut tx, (&before, &visit, verb), both).await?;
    let after = details(&mut tx, actor, Sight::Everything, id).await?;
    idempotency::keep(app, &mut tx, &after).await?;
    tx.commit().await?;
    Ok(after)
}

fn checked(app: &App, failure: &Failure) -> Result<DateTime<Utc>, AppError> {
    let now = app.now();
    let at = failure.at.unwrap_or(now);
    let mut faults = Faults::default();
    failure.validate(&mut faults);
    let later = at > now + chrono::TimeDelta::minutes(5);
    faults.check(!later, "at", at, "must not lie in the future");
    let earlier = at < now - chrono::TimeDelta::days(1);
    faults.check(!earlier, "at", at, "must lie within the last day");
    faults.into_result()?;
    Ok(at)
}

fn attempt(actor: &Actor, failure: &Failure, at: DateTime<Utc>) -> Attempt {
    let technician_id = match actor.kind {
        ActorKind::Member { technician_id, .. } => technician_id,
        _ => None,
    };
    Attempt { at, technician_id, obstacle: failure.obstacle, note: failure.note.clone() }
}

/// The visit is over, and its booking a no-show.
async fn missed(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    (before, visit): (&VisitDetails, &mut Visit),
    at: DateTime<Utc>,
) -> Result<(), AppError> {
    if let Some(window) = visit.promised.filter(|window| at < window.from) {
        let from = window.from;
        let message = format!("nobody can be missed before {from}, when the customer expects you");
        return Err(AppError::Conflict(message));
    }
    visit.status = VisitStatus::Finished;
    visit.actual.finished_at = Some(at);
    let Some(booking) = before.booking.as_ref().filter(|booking| booking.status.is_open()) else {
        return Ok(());
    };
    let missed = Booking { status: BookingStatus::NoShow, ..booking.clone() };
    let address = visit.place.address.to_string();
    bookings::update(tx, actor.organization_id, &missed, &address, app.now()).await?;
    Ok(())
}

/// The visit waits in nobody's day, as if nobody had set out.
async fn give_back(actor: &Actor, tx: &mut Tx, visit: &mut Visit) -> Result<(), AppError> {
    let organization_id = actor.organization_id;
    assignments::replace(tx, organization_id, &[visit.id], &[]).await?;
    equipment_uses::replace(tx, organization_id, &[visit.id], &[]).await?;
    visit.status = VisitStatus::Unassigned;
    visit.planned_start = None;
    let attempts = std::mem::take(&mut visit.actual.attempts);
    visit.actual = ActualTimes { attempts, ..ActualTimes::default() };
    Ok(())
}

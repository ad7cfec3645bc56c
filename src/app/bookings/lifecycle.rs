//! The life of a booking after it is made: confirmed, called off, done, or nobody there.

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::bookings::BookingDetails;
use crate::app::bookings::list::details;
use crate::app::permissions::{Operation, permit};
use crate::app::placing::written::{News, tell};
use crate::app::{App, audit, replanning, waitlist_entries};
use crate::domain::actors::Actor;
use crate::domain::bookings::{Booking, BookingStatus};
use crate::domain::error::AppError;
use crate::domain::faults::{Faults, check_length, check_text};
use crate::domain::id::BookingId;
use crate::domain::visits::{Visit, VisitStatus};
use crate::store::{Tx, assignments, bookings as rows, equipment_uses, plans, visits};

/// What happens to a booking.
#[derive(Debug, Clone)]
struct Step {
    operation: Operation,
    verb: &'static str,
    kind: &'static str,
    to: BookingStatus,
    /// Why it is called off.
    reason: String,
}

/// Notes that the customer confirmed.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] for a booking that is over; [`AppError::Stale`]
/// if it does not have `revision` any more; [`AppError::Forbidden`].
pub async fn confirm(
    app: &App,
    actor: &Actor,
    id: BookingId,
    revision: Option<i64>,
) -> Result<BookingDetails, AppError> {
    let (verb, kind) = ("confirm", "booking.confirmed");
    let (operation, to) = (Operation::BookingsConfirm, BookingStatus::Confirmed);
    let step = Step { operation, verb, kind, to, reason: String::new() };
    take(app, actor, (id, revision), step).await
}

/// Calls a booking off; its time and equipment are free at once.
///
/// # Errors
/// As [`confirm`]; [`AppError::Invalid`] for a reason that is too long.
pub async fn cancel(
    app: &App,
    actor: &Actor,
    id: BookingId,
    revision: Option<i64>,
    reason: &str,
) -> Result<BookingDetails, AppError> {
    let (verb, kind) = ("cancel", "booking.cancelled");
    let (operation, to) = (Operation::BookingsCancel, BookingStatus::Cancelled);
    let mut faults = Faults::default();
    check_reason(reason, &mut faults);
    faults.into_result()?;
    let step = Step { operation, verb, kind, to, reason: reason.to_owned() };
    take(app, actor, (id, revision), step).await
}

/// Notes that the work is done.
///
/// # Errors
/// As [`confirm`].
pub async fn complete(
    app: &App,
    actor: &Actor,
    id: BookingId,
    revision: Option<i64>,
) -> Result<BookingDetails, AppError> {
    let (verb, kind) = ("complete", "booking.completed");
    let (operation, to) = (Operation::BookingsComplete, BookingStatus::Completed);
    let step = Step { operation, verb, kind, to, reason: String::new() };
    take(app, actor, (id, revision), step).await
}

/// Notes that the customer was not there.
///
/// # Errors
/// As [`confirm`].
pub async fn no_show(
    app: &App,
    actor: &Actor,
    id: BookingId,
    revision: Option<i64>,
) -> Result<BookingDetails, AppError> {
    let (verb, kind) = ("no_show", "booking.no_show");
    let (operation, to) = (Operation::BookingsNoShow, BookingStatus::NoShow);
    let step = Step { operation, verb, kind, to, reason: String::new() };
    take(app, actor, (id, revision), step).await
}

#[tracing::instrument(skip_all, fields(booking.id = %id, verb = step.verb))]
async fn take(
    app: &App,
    actor: &Actor,
    (id, revision): (BookingId, Option<i64>),
    step: Step,
) -> Result<BookingDetails, AppError> {
    let sight = permit(actor, step.operation)?;
    let organization_id = actor.organization_id;
    let mut tx = app.db.read().await?;
    let seen = details(&mut tx, actor, id).await?;
    drop(tx);
    let technician_ids: Vec<_> = seen.assignments.iter().map(|one| one.technician_id).collect();
    let mut tx = app.db.write().await?;
    plans::lock_technicians(&mut tx, &technician_ids).await?;
    let before = details(&mut tx, actor, id).await?;
    if !before.assignments.iter().any(|one| sight.covers(one.technician_id))
        && sight != crate::app::permissions::Sight::Everything
    {
        return Err(AppError::not_found("booking", id));
    }
    check(&before.booking, revision, step.verb)?;
    is_due(&before, step.to, app.now())?;
    let visit = end_visit(app, actor, &mut tx, &before.visit, step.to).await?;
    let changed =
        Booking { status: step.to, cancel_reason: step.reason.clone(), ..before.booking.clone() };
    let address = visit.place.address.to_string();
    let now = app.now();
    let booking = rows::update(&mut tx, organization_id, &changed, &address, now).await?;
    let booking = booking.ok_or_else(|| AppError::not_found("booking", id))?;
    let news = News {
        kind: step.kind,
        subject_id: id.to_string(),
        location_id: booking.location_id,
        visit_id: visit.id,
        technician_ids: technician_ids.clone(),
        start: visit.planned_start,
        moved: Vec::new(),
    };
    tell(app, organization_id, &mut tx, news);
    if step.to == BookingStatus::Cancelled {
        replanning::after_cancellation(app, actor, &mut tx, (&visit, technician_ids)).await?;
        waitlist_entries::after_freed(app, organization_id, &mut tx, &before.visit).await?;
    }
    let action = audit::Action { noun: "bookings", verb: step.verb, id: id.into() };
    let both = (audit::json(&before.booking), audit::json(&booking));
    audit::note(app, &mut tx, actor, action, both).await?;
    tx.commit().await?;
    Ok(BookingDetails { booking, visit, assignments: before.assignments })
}

/// Refuses what is over, and what somebody changed first.
pub(crate) fn check(booking: &Booking, revision: Option<i64>, verb: &str) -> Result<(), AppError> {
    if let Some(expected) = revision.filter(|revision| *revision != booking.revision) {
        let (noun, id, actual) = ("booking", booking.id.to_string(), booking.revision);
        return Err(AppError::Stale { noun, id, expected, actual, visits: Vec::new() });
    }
    if !booking.status.is_open() {
        let (code, status) = (&booking.code, booking.status.as_str());
        let status = status.replace('_', " ");
        let verb = match verb {
            "move" => "move",
            "confirm" => "be confirmed",
            "cancel" => "be called off",
            "complete" => "be completed",
            "no_show" => "count as missed by the customer",
            _ => "change",
        };
        return Err(AppError::Conflict(format!(
            "booking {code} is {status}, so it can no longer {verb}"
        )));
    }
    Ok(())
}

/// Refuses to call a booking done, or nobody there, before that can be known: work is done a day
/// before it is planned at the earliest, and nobody is missed before the customer expects anybody.
fn is_due(before: &BookingDetails, to: BookingStatus, now: DateTime<Utc>) -> Result<(), AppError> {
    let promised = before.booking.window.from;
    let planned = before.visit.planned_start.unwrap_or(promised);
    let from = match to {
        BookingStatus::NoShow => promised,
        BookingStatus::Completed => planned - TimeDelta::days(1),
        _ => return Ok(()),
    };
    if now < from {
        let (code, word) = (&before.booking.code, to.as_str());
        let message = format!("booking {code} cannot be {word} before {from}");
        return Err(AppError::Conflict(message));
    }
    Ok(())
}

/// What the end of a booking means for its visit.
async fn end_visit(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    visit: &Visit,
    to: BookingStatus,
) -> Result<Visit, AppError> {
    let (organization_id, now) = (actor.organization_id, app.now());
    let mut changed = visit.clone();
    match to {
        BookingStatus::Cancelled => {
            assignments::end(tx, organization_id, visit.id).await?;
            equipment_uses::replace(tx, organization_id, &[visit.id], &[]).await?;
            changed.status = VisitStatus::Cancelled;
        }
        BookingStatus::Completed | BookingStatus::NoShow => {
            changed.status = VisitStatus::Finished;
            changed.actual.finished_at = changed.actual.finished_at.or(Some(now));
        }
        BookingStatus::Scheduled | BookingStatus::Confirmed | BookingStatus::Rescheduled => {
            return Ok(changed);
        }
    }
    let stored = visits::update(tx, organization_id, &changed, now).await?;
    stored.ok_or_else(|| AppError::not_found("visit", visit.id))
}

/// Changes the words of a booking.
///
/// # Errors
/// [`AppError::Invalid`]; [`AppError::NotFound`]; [`AppError::Stale`]; [`AppError::Forbidden`].
pub async fn update(
    app: &App,
    actor: &Actor,
    (id, revision): (BookingId, i64),
    (title, description): (&str, &str),
) -> Result<BookingDetails, AppError> {
    permit(actor, Operation::BookingsUpdate)?;
    let mut faults = Faults::default();
    check_words((title, description), &mut faults);
    faults.into_result()?;
    let mut tx = app.db.write().await?;
    let before = details(&mut tx, actor, id).await?;
    let changed = Booking {
        revision,
        title: title.to_owned(),
        description: description.to_owned(),
        ..before.booking.clone()
    };
    let address = before.visit.place.address.to_string();
    let stored =
        rows::update(&mut tx, actor.organization_id, &changed, &address, app.now()).await?;
    let booking = stored.ok_or_else(|| AppError::not_found("booking", id))?;
    let news = News {
        kind: "booking.updated",
        subject_id: id.to_string(),
        location_id: booking.location_id,
        visit_id: before.visit.id,
        technician_ids: before.assignments.iter().map(|one| one.technician_id).collect(),
        start: before.visit.planned_start,
        moved: Vec::new(),
    };
    tell(app, actor.organization_id, &mut tx, news);
    let action = audit::Action { noun: "bookings", verb: "update", id: id.into() };
    let both = (audit::json(&before.booking), audit::json(&booking));
    audit::note(app, &mut tx, actor, action, both).await?;
    tx.commit().await?;
    Ok(BookingDetails { booking, ..before })
}

/// Notes a reason for calling off that is too long.
pub fn check_reason(reason: &str, faults: &mut Faults) {
    check_length(faults, "reason", reason, 1000);
}

/// Notes what is wrong with the title and the description of a booking.
pub fn check_words((title, description): (&str, &str), faults: &mut Faults) {
    check_text(faults, "title", title, 300);
    let words = description.chars().count();
    faults.check(words <= 10_000, "description", words, "must have at most 10000 characters");
}

//! Conflicts: what members did to events of ours, accepted into the plan or rejected.

use serde_json::{Value, json};

use crate::app::calendars::accounts::is_seen;
use crate::app::calendars::{ask, writing};
use crate::app::permissions::{Operation, Sight, permit};
use crate::app::{App, audit, bookings, visits};
use crate::domain::actors::Actor;
use crate::domain::calendars::{CalendarConflict, ConflictStatus};
use crate::domain::error::AppError;
use crate::domain::id::{CalendarConflictId, VisitId};
use crate::store::Tx;
use crate::store::calendars::conflicts as rows;
pub use crate::store::calendars::conflicts::ConflictFilter;
use crate::store::calendars::written::{self, VisitEvent};

/// Conflicts in one answer.
const LIMIT: u32 = 500;

/// Conflicts that the actor may see, newest first.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn list(
    app: &App,
    actor: &Actor,
    filter: ConflictFilter,
) -> Result<Vec<CalendarConflict>, AppError> {
    let filter = match permit(actor, Operation::CalendarConflictsRead)? {
        Sight::Own(own) => ConflictFilter { technician_id: Some(own), ..filter },
        _ => filter,
    };
    let mut tx = app.db.read().await?;
    Ok(rows::list(&mut tx, actor.organization_id, filter, LIMIT).await?)
}

/// The conflict with this id.
///
/// # Errors
/// [`AppError::NotFound`], also for somebody else's; [`AppError::Forbidden`].
pub async fn get(
    app: &App,
    actor: &Actor,
    id: CalendarConflictId,
) -> Result<CalendarConflict, AppError> {
    let sight = permit(actor, Operation::CalendarConflictsRead)?;
    let mut tx = app.db.read().await?;
    let found = stored(&mut tx, actor, id).await?;
    if is_seen(sight, found.technician_id) {
        return Ok(found);
    }
    Err(AppError::not_found("calendar conflict", id))
}

async fn stored(
    tx: &mut Tx,
    actor: &Actor,
    id: CalendarConflictId,
) -> Result<CalendarConflict, AppError> {
    let found = rows::get(tx, actor.organization_id, id).await?;
    found.ok_or_else(|| AppError::not_found("calendar conflict", id))
}

/// Lets the plan follow the calendar: a visit that was moved there moves, one whose event was deleted
/// is taken out of everybody's day.
///
/// * `force`: whether to move it although rules are broken or the promise to the customer is.
///
/// # Errors
/// What moving the visit refuses, among it [`AppError::SlotTaken`]; then the conflict stays open.
/// [`AppError::Conflict`] if it is decided already; [`AppError::NotFound`]; [`AppError::Forbidden`].
#[tracing::instrument(skip_all, fields(conflict.id = %id))]
pub async fn accept(
    app: &App,
    actor: &Actor,
    id: CalendarConflictId,
    force: bool,
) -> Result<CalendarConflict, AppError> {
    permit(actor, Operation::CalendarConflictsDecide)?;
    let mut tx = app.db.read().await?;
    let conflict = undecided(stored(&mut tx, actor, id).await?)?;
    drop(tx);
    match conflict.start {
        None => {
            visits::unassign(app, actor, conflict.visit_id).await?;
        }
        Some(start) => follow(app, actor, conflict.visit_id, (start, force)).await?,
    }
    decide(app, actor, &conflict, ConflictStatus::Accepted).await
}

/// Moves the visit to where its event is. A booking whose promise does not hold there is rescheduled,
/// so that the customer gets a new promise.
async fn follow(
    app: &App,
    actor: &Actor,
    visit_id: VisitId,
    (start, force): (chrono::DateTime<chrono::Utc>, bool),
) -> Result<(), AppError> {
    let details = visits::get(app, actor, visit_id).await?;
    let kept = details.visit.promised.is_none_or(|it| it.from <= start && start <= it.until);
    if let (Some(booking), false, false) = (&details.booking, kept, force) {
        let change = bookings::Reschedule {
            start,
            technician_ids: details.technician_ids(),
            revision: None,
        };
        bookings::reschedule(app, actor, booking.id, &change).await?;
        return Ok(());
    }
    let (technician_ids, plan_version) = (Vec::new(), None);
    let request = visits::MoveRequest { start, technician_ids, plan_version, force };
    visits::place(app, actor, visit_id, &request).await?;
    Ok(())
}

/// Lets the calendar follow the plan: the event is written again as it was.
///
/// # Errors
/// [`AppError::Conflict`] if it is decided already; [`AppError::NotFound`]; [`AppError::Forbidden`].
#[tracing::instrument(skip_all, fields(conflict.id = %id))]
pub async fn reject(
    app: &App,
    actor: &Actor,
    id: CalendarConflictId,
) -> Result<CalendarConflict, AppError> {
    permit(actor, Operation::CalendarConflictsDecide)?;
    let mut tx = app.db.read().await?;
    let conflict = undecided(stored(&mut tx, actor, id).await?)?;
    drop(tx);
    decide(app, actor, &conflict, ConflictStatus::Rejected).await
}

fn undecided(conflict: CalendarConflict) -> Result<CalendarConflict, AppError> {
    if conflict.status == ConflictStatus::Open {
        return Ok(conflict);
    }
    let status = conflict.status.as_str();
    Err(AppError::Conflict(format!("the conflict is {status} already")))
}

/// Closes a conflict and asks for the event to be written as the plan says now.
async fn decide(
    app: &App,
    actor: &Actor,
    conflict: &CalendarConflict,
    status: ConflictStatus,
) -> Result<CalendarConflict, AppError> {
    let organization_id = actor.organization_id;
    let mut tx = app.db.write().await?;
    rows::decide(&mut tx, organization_id, conflict.id, status, app.now()).await?;
    let (calendar_id, visit_id) = (conflict.calendar_id, conflict.visit_id);
    if let Some(event) = written::get(&mut tx, calendar_id, visit_id).await? {
        // Without a hash of what stands there it is written whatever it was.
        let anew = VisitEvent { content_hash: String::new(), ..event };
        written::set(&mut tx, &anew).await?;
    }
    written::ask(&mut tx, organization_id, calendar_id, visit_id).await?;
    ask(app, &mut tx, organization_id, calendar_id, writing::TASK).await?;
    let verb = if status == ConflictStatus::Accepted { "accept" } else { "reject" };
    let action = audit::Action { noun: "calendar_conflicts", verb, id: conflict.id.into() };
    let after = json!({"visit_id": visit_id, "start": conflict.start});
    audit::note(app, &mut tx, actor, action, (Value::Null, after)).await?;
    let decided = stored(&mut tx, actor, conflict.id).await?;
    tx.commit().await?;
    Ok(decided)
}

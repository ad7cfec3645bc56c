//! What a calendar is used for: whether it blocks, whether it receives, and reading it now.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::app::calendars::accounts::{forget_busy, is_seen};
use crate::app::calendars::{ask, reading, writing};
use crate::app::permissions::{Operation, Sight, permit};
use crate::app::{App, audit};
use crate::domain::actors::Actor;
use crate::domain::calendars::{Calendar, CalendarStatus};
use crate::domain::error::AppError;
use crate::domain::faults::Faults;
use crate::domain::id::{CalendarId, OrganizationId, TechnicianId};
use crate::store::calendars::{self as rows, CalendarFilter, Standing, written};
use crate::store::{StoreError, Tx};

/// What a calendar shall be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Uses {
    /// Whether its busy times keep the technician free of visits.
    pub blocks: bool,
    /// Whether visits are written into it.
    pub receives: bool,
}

/// The calendars that the actor may see, oldest first.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn list(
    app: &App,
    actor: &Actor,
    technician_id: Option<TechnicianId>,
) -> Result<Vec<Calendar>, AppError> {
    let technician_id = match permit(actor, Operation::CalendarsRead)? {
        Sight::Own(own) => Some(own),
        _ => technician_id,
    };
    let mut tx = app.db.read().await?;
    let filter = CalendarFilter { technician_id, account_id: None };
    Ok(rows::list(&mut tx, actor.organization_id, filter).await?)
}

/// The calendar with this id.
///
/// # Errors
/// [`AppError::NotFound`], also for somebody else's; [`AppError::Forbidden`].
pub async fn get(app: &App, actor: &Actor, id: CalendarId) -> Result<Calendar, AppError> {
    let sight = permit(actor, Operation::CalendarsRead)?;
    let mut tx = app.db.read().await?;
    seen(&mut tx, actor, sight, id).await
}

async fn seen(
    tx: &mut Tx,
    actor: &Actor,
    sight: Sight,
    id: CalendarId,
) -> Result<Calendar, AppError> {
    let found = rows::get(tx, actor.organization_id, id).await?;
    let found = found.filter(|calendar| is_seen(sight, calendar.technician_id));
    found.ok_or_else(|| AppError::not_found("calendar", id))
}

/// Changes what a calendar is used for. One that blocks no more gives its times back at once; one
/// that receives from now on gets all coming visits, and one that receives no more loses them.
///
/// # Errors
/// [`AppError::Invalid`] for a use it is not fit for; [`AppError::Stale`]; [`AppError::NotFound`];
/// [`AppError::Forbidden`].
#[tracing::instrument(skip_all, fields(calendar.id = %id))]
pub async fn set(
    app: &App,
    actor: &Actor,
    (id, revision): (CalendarId, i64),
    wanted: Uses,
) -> Result<Calendar, AppError> {
    let sight = permit(actor, Operation::CalendarsWrite)?;
    let organization_id = actor.organization_id;
    let mut tx = app.db.write().await?;
    let before = seen(&mut tx, actor, sight, id).await?;
    let mut faults = Faults::default();
    let writable = before.writable || !wanted.receives;
    faults.check(writable, "receives", true, "this calendar can only be read");
    let somebodys = before.technician_id.is_some() || !wanted.blocks;
    faults.check(somebodys, "blocks", true, "a calendar of the business blocks nobody");
    faults.into_result()?;
    let both = (wanted.blocks, wanted.receives);
    let seen_at = (id, revision);
    if !rows::set_uses(&mut tx, organization_id, seen_at, both, app.now()).await? {
        let (noun, actual) = ("calendar", before.revision);
        let stale = StoreError::Stale { noun, id: id.to_string(), expected: revision, actual };
        return Err(stale.into());
    }
    let after = Calendar { blocks: wanted.blocks, receives: wanted.receives, ..before.clone() };
    if before.blocks && !after.blocks {
        forget_busy(&mut tx, actor, id).await?;
    }
    if before.blocks != after.blocks {
        rows::forget_cursor(&mut tx, organization_id, id).await?;
        ask(app, &mut tx, organization_id, id, reading::TASK).await?;
    }
    if after.receives && !before.receives {
        fill(app, &mut tx, organization_id, &after).await?;
    }
    if before.receives && !after.receives {
        for event in written::of_calendar(&mut tx, id).await? {
            written::ask(&mut tx, organization_id, id, event.visit_id).await?;
        }
        ask(app, &mut tx, organization_id, id, writing::TASK).await?;
    }
    let action = audit::Action { noun: "calendars", verb: "update", id: id.into() };
    let words =
        |calendar: &Calendar| json!({"blocks": calendar.blocks, "receives": calendar.receives});
    audit::note(app, &mut tx, actor, action, (words(&before), words(&after))).await?;
    tx.commit().await?;
    get(app, actor, id).await
}

/// Asks for all coming visits of a calendar's owner to be written into it.
pub(super) async fn fill(
    app: &App,
    tx: &mut Tx,
    organization_id: OrganizationId,
    calendar: &Calendar,
) -> Result<(), AppError> {
    let owner = calendar.technician_id;
    for visit_id in written::coming(tx, organization_id, owner, app.now()).await? {
        written::ask(tx, organization_id, calendar.id, visit_id).await?;
    }
    ask(app, tx, organization_id, calendar.id, writing::TASK).await
}

/// Asks for a calendar to be read and written now, whatever rests it is in.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] if it has to be connected anew first;
/// [`AppError::Forbidden`].
pub async fn sync_now(app: &App, actor: &Actor, id: CalendarId) -> Result<Calendar, AppError> {
    let sight = permit(actor, Operation::CalendarsWrite)?;
    let organization_id = actor.organization_id;
    let mut tx = app.db.write().await?;
    let calendar = seen(&mut tx, actor, sight, id).await?;
    match calendar.status {
        CalendarStatus::Reconnect => {
            let message = "its provider refuses the credentials; connect the account anew";
            return Err(AppError::Conflict(message.to_owned()));
        }
        CalendarStatus::Gone => {
            let error = String::new();
            let again = Standing { status: CalendarStatus::Pending, error, failures: 0 };
            rows::set_standing(&mut tx, organization_id, id, &again).await?;
        }
        CalendarStatus::Pending | CalendarStatus::Ok | CalendarStatus::Failing => {}
    }
    ask(app, &mut tx, organization_id, id, reading::TASK).await?;
    ask(app, &mut tx, organization_id, id, writing::TASK).await?;
    tx.commit().await?;
    get(app, actor, id).await
}

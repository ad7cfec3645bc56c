//! The task that reads one calendar: what has changed since the last time, and once a day all of it,
//! since the window of times moves on.

use chrono::TimeDelta;

use crate::app::App;
use crate::app::calendars::opening::{open, reopen};
use crate::app::calendars::writing::{WRITING, standing};
use crate::app::calendars::{Trouble, apart, channels, noticing, rest, taking_in};
use crate::domain::actors::Actor;
use crate::domain::calendars::remote::{Changes, Window};
use crate::domain::calendars::{Calendar, CalendarStatus};
use crate::domain::error::AppError;
use crate::domain::id::{CalendarId, OrganizationId};
use crate::store::calendars::written::{self, VisitEvent};
use crate::store::calendars::{self as rows, Standing, busy};
use crate::store::queue::{Finished, Lease};
use crate::sync::{Provider as _, SyncError};

/// The kind of the task; its key is the calendar's id.
pub const TASK: &str = "calendars.read";

/// After this long a calendar is read whole again.
const WHOLE: TimeDelta = TimeDelta::hours(24);
/// Busy times that ended longer ago are of no use.
const BEHIND: TimeDelta = TimeDelta::days(1);

/// Reads a calendar and comes back for it later.
///
/// # Errors
/// If the store fails. What the provider refuses is noted at the calendar and tried again.
pub async fn read(app: &App, lease: Lease) -> Result<Finished, AppError> {
    let task = lease.task();
    let (Some(organization_id), Ok(id)) =
        (task.organization_id, task.unique_key.parse::<CalendarId>())
    else {
        return Err(AppError::invalid("unique_key", &task.unique_key, "must be a calendar's id"));
    };
    let mut tx = app.db.read().await?;
    let calendar = rows::get(&mut tx, organization_id, id).await?;
    let seen = match &calendar {
        Some(_) => written::of_calendar(&mut tx, id).await?,
        None => Vec::new(),
    };
    let known = busy::items(&mut tx, id).await?;
    drop(tx);
    let Some(calendar) = calendar.filter(|calendar| calendar.status.works()) else {
        let tx = lease.db().write().await?;
        return Ok(lease.finish(tx).await?);
    };
    let window = window(app);
    let outcome = fetch(app, organization_id, &calendar, &known, window).await;
    let whole = outcome.as_ref().is_ok_and(|changes| changes.complete);
    let outcome = match outcome {
        Ok(changes) => take(app, organization_id, &calendar, (&seen, changes, window)).await,
        Err(trouble) => Err(trouble),
    };
    let now = app.clock.now();
    let mut tx = lease.db().write().await?;
    let trouble = match outcome {
        Ok(faults) => {
            // Faults of writing are for the writer to clear.
            if !calendar.error.starts_with(WRITING) {
                let (status, mut error) = (CalendarStatus::Ok, faults.join("; "));
                // What could not be read is in no list of changes again; the note about it stays until
                // everything is read the next time.
                if error.is_empty() && !whole && calendar.status == CalendarStatus::Ok {
                    error.clone_from(&calendar.error);
                }
                let told = Standing { status, error, failures: 0 };
                rows::set_standing(&mut tx, organization_id, id, &told).await?;
            }
            return Ok(lease.postpone(tx, now + app.calendars.rules.poll).await?);
        }
        Err(trouble) => trouble,
    };
    tracing::warn!(calendar.id = %id, "Cannot read a calendar: {trouble}");
    let standing = standing(&calendar, "", &trouble);
    rows::set_standing(&mut tx, organization_id, id, &standing).await?;
    if standing.status.works() {
        return Ok(lease.postpone(tx, now + apart(rest(standing.failures, &trouble))).await?);
    }
    Ok(lease.finish(tx).await?)
}

/// The times that are read.
pub(super) fn window(app: &App) -> Window {
    let now = app.now();
    Window { from: now - BEHIND, until: now + app.calendars.rules.ahead }
}

/// Asks the provider what has changed; anew from the start if it does not know any more.
async fn fetch(
    app: &App,
    organization_id: OrganizationId,
    calendar: &Calendar,
    known: &[(String, String)],
    window: Window,
) -> Result<Changes, Trouble> {
    let mut opened = open(app, organization_id, calendar.account_id).await?;
    let recent = calendar.full_synced_at.is_some_and(|at| at > app.now() - WHOLE);
    let mut cursor = calendar.cursor.as_deref().filter(|_| recent);
    let mut renewed = false;
    loop {
        match opened.remote.changes(&calendar.remote_id, cursor, known, window).await {
            Ok(changes) => return Ok(changes),
            Err(SyncError::CursorExpired) if cursor.is_some() => cursor = None,
            Err(error @ SyncError::Refused(_)) if !renewed => {
                renewed = true;
                opened = reopen(app, organization_id, opened, error.into()).await?;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Takes in what was fetched; what could not be read of it, in words.
async fn take(
    app: &App,
    organization_id: OrganizationId,
    calendar: &Calendar,
    (seen, changes, window): (&[VisitEvent], Changes, Window),
) -> Result<Vec<String>, Trouble> {
    let zone = noticing::zone(app, organization_id, calendar).await?;
    let actor = Actor::system(organization_id);
    let read = taking_in::Reading { calendar, seen, zone, window };
    let full = changes.complete;
    let cursor = changes.cursor.clone();
    let mut tx = app.db.write().await?;
    let faults = taking_in::take_in(app, &actor, &mut tx, &read, changes).await?;
    let cursor = (cursor.as_deref(), full);
    rows::set_read(&mut tx, organization_id, calendar.id, cursor, app.now()).await?;
    if full {
        // With the first reading, and once a day.
        channels::wanted(app, &mut tx, organization_id, calendar.id).await?;
    }
    tx.commit().await?;
    Ok(faults)
}

//! The last look at calendars before a booking is written: the days of those who would come are read
//! once more, for a bounded time.

use std::collections::BTreeSet;
use std::sync::PoisonError;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;

use crate::app::App;
use crate::app::calendars::opening::open;
use crate::app::calendars::{Trouble, noticing, reading, taking_in};
use crate::domain::actors::Actor;
use crate::domain::calendars::remote::{Changes, Content, RemoteItem, Window};
use crate::domain::calendars::{Calendar, CalendarStatus};
use crate::domain::error::AppError;
use crate::domain::id::{OrganizationId, TechnicianId};
use crate::store::Tx;
use crate::store::calendars::written;
use crate::store::calendars::{self as rows, busy};
use crate::sync::{Provider as _, SyncError};

/// A reading that is younger counts as fresh.
const FRESH: TimeDelta = TimeDelta::seconds(5);
/// Hours around a start that are looked at.
const AROUND: TimeDelta = TimeDelta::hours(12);

/// What a last look has found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Looked {
    /// Whether busy times have changed, so that the search has to be asked again.
    pub(crate) changed: bool,
    /// Whose calendars cannot be read and were last read too long ago.
    pub(crate) unknown: Vec<TechnicianId>,
}

/// Whether any of these technicians has a calendar that [`look`] would read.
pub(crate) async fn is_due(
    app: &App,
    tx: &mut Tx,
    organization_id: OrganizationId,
    technician_ids: &[TechnicianId],
) -> Result<bool, AppError> {
    if app.calendars.rules.reread.is_none() || technician_ids.is_empty() {
        return Ok(false);
    }
    let blocking = rows::blocking(tx, organization_id, technician_ids).await?;
    let now = app.now();
    Ok(blocking.iter().any(|calendar| !is_fresh(app, calendar, now)))
}

/// Reads the calendars of those who would come once more, around a start.
///
/// Costs one query where nobody has a calendar that blocks; otherwise at most the time that the
/// setting allows.
pub(crate) async fn look(
    app: &App,
    organization_id: OrganizationId,
    technician_ids: &[TechnicianId],
    start: DateTime<Utc>,
) -> Result<Looked, AppError> {
    let Some(limit) = app.calendars.rules.reread else { return Ok(Looked::default()) };
    let mut tx = app.db.read().await?;
    let blocking = rows::blocking(&mut tx, organization_id, technician_ids).await?;
    drop(tx);
    let now = app.now();
    let due: Vec<&Calendar> = blocking.iter().filter(|one| !is_fresh(app, one, now)).collect();
    if due.is_empty() {
        return Ok(Looked::default());
    }
    let window = Window { from: start - AROUND, until: start + AROUND };
    let all = due.iter().map(|calendar| bounded(app, organization_id, calendar, (window, limit)));
    let outcomes = join_all(all).await;
    let mut looked = Looked::default();
    for (calendar, outcome) in due.into_iter().zip(outcomes) {
        match outcome {
            Ok(changed) => {
                looked.changed |= changed;
                remember(app, calendar, now);
            }
            Err(Trouble::Sync(error)) => {
                tracing::debug!(calendar.id = %calendar.id, "No last look: {error}");
                let trusted =
                    calendar.synced_at.is_some_and(|at| now - at <= app.calendars.rules.trust);
                if !trusted {
                    looked.unknown.extend(calendar.technician_id);
                }
            }
            Err(Trouble::App(error)) => return Err(error),
        }
    }
    Ok(looked)
}

/// [`reread`], for a bounded time.
async fn bounded(
    app: &App,
    organization_id: OrganizationId,
    calendar: &Calendar,
    (span, limit): (Window, Duration),
) -> Result<bool, Trouble> {
    let read = reread(app, organization_id, calendar, span);
    match tokio::time::timeout(limit, read).await {
        Ok(done) => done,
        Err(_) => Err(SyncError::Unreachable("it took too long".to_owned()).into()),
    }
}

/// Whether a calendar was read a moment ago, or can only be read whole by its task.
fn is_fresh(app: &App, calendar: &Calendar, now: DateTime<Utc>) -> bool {
    let reread = app.calendars.reread.lock().unwrap_or_else(PoisonError::into_inner);
    let latest = reread.get(&calendar.id).copied().max(calendar.synced_at);
    latest.is_some_and(|at| now - at < FRESH)
}

fn remember(app: &App, calendar: &Calendar, now: DateTime<Utc>) {
    let mut reread = app.calendars.reread.lock().unwrap_or_else(PoisonError::into_inner);
    reread.retain(|_, at| now - *at < FRESH);
    reread.insert(calendar.id, now);
}

/// Reads a span of a calendar; whether its busy times have changed.
async fn reread(
    app: &App,
    organization_id: OrganizationId,
    calendar: &Calendar,
    span: Window,
) -> Result<bool, Trouble> {
    if matches!(calendar.status, CalendarStatus::Reconnect | CalendarStatus::Gone) {
        return Err(SyncError::Refused("it waits for its member".to_owned()).into());
    }
    let opened = open(app, organization_id, calendar.account_id).await?;
    let mut items = match opened.remote.span(&calendar.remote_id, span).await {
        Ok(items) => items,
        // Such a calendar is only as fresh as its last reading.
        Err(SyncError::Unsupported(_)) => return trusted(app, calendar),
        Err(error) => return Err(error.into()),
    };
    let zone = noticing::zone(app, organization_id, calendar).await?;
    let mut tx = app.db.read().await?;
    let before = busy::overlapping(&mut tx, calendar.id, (span.from, span.until)).await?;
    let seen = written::of_calendar(&mut tx, calendar.id).await?;
    drop(tx);
    // What is known of the span and was not found there has gone elsewhere.
    let known: BTreeSet<&str> = before.iter().map(|busy| busy.remote_id.as_str()).collect();
    let lost: Vec<String> = known
        .into_iter()
        .filter(|id| items.iter().all(|item| item.remote_id != *id))
        .map(str::to_owned)
        .collect();
    let gone = lost.into_iter().map(|remote_id| RemoteItem {
        remote_id,
        etag: String::new(),
        content: Content::Gone,
    });
    items.extend(gone);
    let mut tx = app.db.write().await?;
    let window = reading::window(app);
    let read = taking_in::Reading { calendar, seen: &seen, zone, window };
    let changes = Changes { items, cursor: None, complete: false };
    let actor = Actor::system(organization_id);
    taking_in::take_in(app, &actor, &mut tx, &read, changes).await?;
    let after = busy::overlapping(&mut tx, calendar.id, (span.from, span.until)).await?;
    if after == before {
        // Nothing to write: versions of items come with the next reading.
        return Ok(false);
    }
    // What comes and goes between two readings is in no list of changes: the next reads all.
    rows::forget_cursor(&mut tx, organization_id, calendar.id).await?;
    tx.commit().await?;
    Ok(true)
}

fn trusted(app: &App, calendar: &Calendar) -> Result<bool, Trouble> {
    let trust = app.calendars.rules.trust;
    if calendar.synced_at.is_some_and(|at| app.now() - at <= trust) {
        return Ok(false);
    }
    Err(SyncError::Unreachable("it was not read for long".to_owned()).into())
}

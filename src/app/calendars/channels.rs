//! Channels by which Google and Microsoft tell of changes: opened, kept open, and heard.
//!
//! A notice says only that something has changed; the task that reads the calendar asks what. So
//! notices may come twice, late or never: the calendar is read at its own times anyhow.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::App;
use crate::app::calendars::opening::{Opened, open};
use crate::app::calendars::{Trouble, ask, reading};
use crate::app::secrets::{token, token_hash};
use crate::domain::calendars::{Calendar, CalendarProvider};
use crate::domain::error::AppError;
use crate::domain::id::{CalendarId, OrganizationId};
use crate::store::Tx;
use crate::store::calendars as rows;
use crate::store::calendars::channels::{self, ChannelRecord};
use crate::store::queue::{Finished, Lease};
use crate::sync::SyncError;
use crate::sync::push::{Channel, ChannelRequest};

/// The kind of the task; its key is the calendar's id.
pub const TASK: &str = "calendars.channel";
/// Where providers tell of changes.
pub const GOOGLE_PATH: &str = "/api/v1/calendar-pushes/google";
/// The same for Microsoft.
pub const MICROSOFT_PATH: &str = "/api/v1/calendar-pushes/microsoft";

/// How long channels last; Microsoft allows less than seven days.
const LASTS: TimeDelta = TimeDelta::days(6);
/// How long before its end a channel is renewed.
const EARLY: TimeDelta = TimeDelta::days(1);
/// How long to wait after a channel could not be opened; the calendar is read at its times anyhow.
const AGAIN: TimeDelta = TimeDelta::hours(1);

/// What a provider tells of a channel itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Notice {
    /// Something has changed in the calendar, or may have.
    Changed,
    /// The channel has to be renewed now.
    Renew,
    /// The channel has ended.
    Ended,
}

/// Asks for a calendar's channel to be seen to, where providers shall tell of changes.
pub(super) async fn wanted(
    app: &App,
    tx: &mut Tx,
    organization_id: OrganizationId,
    calendar_id: CalendarId,
) -> Result<(), AppError> {
    if app.calendars.rules.push {
        ask(app, tx, organization_id, calendar_id, TASK).await?;
    }
    Ok(())
}

/// Hears notices: each with the secret of its channel. Those without a channel do nothing.
///
/// Cost: one indexed query for each secret; what follows is done by tasks.
///
/// # Errors
/// If the store fails; the provider tells again then.
pub async fn hear(app: &App, notices: &BTreeSet<(String, Notice)>) -> Result<usize, AppError> {
    let mut tx = app.db.read().await?;
    let mut known = Vec::new();
    for (secret, notice) in notices {
        let channel = channels::find(&mut tx, &token_hash(secret)).await?;
        known.extend(channel.map(|channel| (channel, *notice)));
    }
    drop(tx);
    if known.is_empty() {
        return Ok(0);
    }
    let mut tx = app.db.write().await?;
    for (channel, notice) in &known {
        let (organization_id, calendar_id) = (channel.organization_id, channel.calendar_id);
        match notice {
            Notice::Changed => {}
            Notice::Renew => channels::extend(&mut tx, channel.id, app.now()).await?,
            Notice::Ended => channels::delete(&mut tx, channel.id).await?,
        }
        if *notice != Notice::Changed {
            ask(app, &mut tx, organization_id, calendar_id, TASK).await?;
        }
        ask(app, &mut tx, organization_id, calendar_id, reading::TASK).await?;
    }
    tx.commit().await?;
    Ok(known.len())
}

/// Sees to a calendar's channel: opens it, renews it before it ends, ends it when it is not wanted
/// any more.
///
/// # Errors
/// If the store fails. What the provider refuses is logged and tried again.
pub async fn keep(app: &App, lease: Lease) -> Result<Finished, AppError> {
    let task = lease.task();
    let (Some(organization_id), Ok(id)) =
        (task.organization_id, task.unique_key.parse::<CalendarId>())
    else {
        return Err(AppError::invalid("unique_key", &task.unique_key, "must be a calendar's id"));
    };
    let mut tx = app.db.read().await?;
    let calendar = rows::get(&mut tx, organization_id, id).await?;
    let open_now = channels::list(&mut tx, organization_id, id).await?;
    drop(tx);
    let next = match calendar.filter(|calendar| calendar.status.works()) {
        Some(calendar) => match see_to(app, organization_id, &calendar, open_now).await {
            Ok(next) => next,
            Err(Trouble::App(error)) => return Err(error),
            Err(Trouble::Sync(error)) => {
                tracing::warn!(calendar.id = %id, "No channel for a calendar: {error}");
                Some(app.now() + AGAIN)
            }
        },
        // It asks anew when it comes back.
        None => None,
    };
    let tx = lease.db().write().await?;
    match next {
        Some(next) => Ok(lease.postpone(tx, next).await?),
        None => Ok(lease.finish(tx).await?),
    }
}

/// When to look again; none if no channel is wanted.
async fn see_to(
    app: &App,
    organization_id: OrganizationId,
    calendar: &Calendar,
    open_now: Vec<ChannelRecord>,
) -> Result<Option<DateTime<Utc>>, Trouble> {
    let used = calendar.blocks || calendar.receives;
    if !(app.calendars.rules.push && used) {
        if !open_now.is_empty() {
            let opened = open(app, organization_id, calendar.account_id).await?;
            end(app, &opened, open_now).await?;
        }
        return Ok(None);
    }
    let now = app.now();
    if let Some(best) = open_now.first().filter(|best| best.until > now + EARLY) {
        return Ok(Some(best.until - EARLY));
    }
    let opened = open(app, organization_id, calendar.account_id).await?;
    let path = match opened.account.provider {
        CalendarProvider::Google => GOOGLE_PATH,
        CalendarProvider::Microsoft => MICROSOFT_PATH,
        CalendarProvider::Caldav | CalendarProvider::Ics => return Ok(None),
    };
    if let Some(best) = open_now.first()
        && let Some(until) = prolonged(&opened, best, now + LASTS).await?
    {
        let mut tx = app.db.write().await?;
        channels::extend(&mut tx, best.id, until).await?;
        tx.commit().await?;
        return Ok(Some(until - EARLY));
    }
    let until = start(app, &opened, (organization_id, calendar), path).await?;
    // The old ones overlap with the new one, so that nothing goes unheard between them.
    end(app, &opened, open_now).await?;
    Ok(Some(until - EARLY))
}

/// Until when a channel lasts now; none if another one has to be opened.
async fn prolonged(
    opened: &Opened,
    channel: &ChannelRecord,
    until: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, Trouble> {
    match opened.remote.prolong(&remote(channel), until).await {
        Ok(channel) => Ok(channel.map(|channel| channel.until)),
        Err(SyncError::Gone(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Opens a channel. It is stored first: the first notice may be here before the answer.
async fn start(
    app: &App,
    opened: &Opened,
    (organization_id, calendar): (OrganizationId, &Calendar),
    path: &str,
) -> Result<DateTime<Utc>, Trouble> {
    let (id, secret, until) = (app.new_id(), token(), app.now() + LASTS);
    let mut channel = ChannelRecord {
        id,
        organization_id,
        calendar_id: calendar.id,
        remote_id: String::new(),
        resource: String::new(),
        until,
    };
    let mut tx = app.db.write().await?;
    channels::insert(&mut tx, &channel, &token_hash(&secret)).await?;
    tx.commit().await?;
    let address = format!("{}{path}", app.outside.base_url());
    let request = ChannelRequest { id, address, secret, until };
    let outcome = opened.remote.watch(&calendar.remote_id, &request).await;
    let mut tx = app.db.write().await?;
    match outcome {
        Ok(made) => {
            channel.until = made.until.min(until);
            let names = (made.remote_id.as_str(), made.resource.as_str());
            channels::set_opened(&mut tx, id, names, channel.until).await?;
            tx.commit().await?;
            Ok(channel.until)
        }
        Err(error) => {
            channels::delete(&mut tx, id).await?;
            tx.commit().await?;
            Err(error.into())
        }
    }
}

/// Ends channels at the provider and forgets them.
async fn end(app: &App, opened: &Opened, all: Vec<ChannelRecord>) -> Result<(), Trouble> {
    for channel in all {
        // One that never got its name was never opened.
        if !channel.remote_id.is_empty() {
            opened.remote.unwatch(&remote(&channel)).await?;
        }
        let mut tx = app.db.write().await?;
        channels::delete(&mut tx, channel.id).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// A channel as its provider knows it.
pub(super) fn remote(channel: &ChannelRecord) -> Channel {
    Channel {
        remote_id: channel.remote_id.clone(),
        resource: channel.resource.clone(),
        until: channel.until,
    }
}

//! What is left to do at the provider of an account that was given up: channels are ended, coming
//! events are taken out, and the access is given back.
//!
//! Events are taken out by a task that carries the sealed credentials along, since the account itself
//! is forgotten at once. It is tried for a day; then both are given up, and so are the credentials.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::app::calendars::Trouble;
use crate::app::calendars::channels::remote;
use crate::app::calendars::opening::{Opened, open};
use crate::domain::calendars::remote::WrittenEvent;
use crate::domain::calendars::{Calendar, CalendarAccount, CalendarProvider, Credentials};
use crate::domain::error::AppError;
use crate::domain::id::{CalendarAccountId, OrganizationId};
use crate::store::Tx;
use crate::store::calendars::{accounts, channels, written};
use crate::store::queue::{Finished, Lease, NewTask, enqueue};
use crate::sync::push::Channel;
use crate::sync::{Provider as _, Remote, SyncError};

/// The kind of the task; its key is the account's id.
pub const TASK: &str = "calendars.part";

/// How long events of ours are tried to be taken out.
const LONGEST: TimeDelta = TimeDelta::days(1);
/// The rest between two attempts.
const AGAIN: TimeDelta = TimeDelta::minutes(5);

/// How long somebody waits for a provider to say good-bye.
const PATIENCE: Duration = Duration::from_secs(5);

/// An account with what is open at its provider, taken along before it is forgotten.
#[derive(Debug)]
pub(super) struct Parting {
    opened: Opened,
    channels: Vec<Channel>,
}

/// Takes along what is needed to leave a provider; none where there is nothing to leave.
pub(super) async fn prepare(
    app: &App,
    organization_id: OrganizationId,
    account: &CalendarAccount,
    calendars: &[Calendar],
) -> Result<Option<Parting>, AppError> {
    if !matches!(account.provider, CalendarProvider::Google | CalendarProvider::Microsoft) {
        return Ok(None);
    }
    let opening = tokio::time::timeout(PATIENCE, open(app, organization_id, account.id)).await;
    // What cannot be opened any more has nothing left to give back.
    let Ok(Ok(opened)) = opening else { return Ok(None) };
    let mut tx = app.db.read().await?;
    let mut open_now = Vec::new();
    for calendar in calendars {
        let of_one = channels::list(&mut tx, organization_id, calendar.id).await?;
        open_now.extend(of_one.iter().filter(|one| !one.remote_id.is_empty()).map(remote));
    }
    Ok(Some(Parting { opened, channels: open_now }))
}

impl Parting {
    /// Leaves the provider. What it does not do in time ends by itself later.
    ///
    /// * `revokes`: gives the access back too; not while a task still needs it.
    pub(super) async fn leave(self, revokes: bool) {
        let all = async {
            for channel in &self.channels {
                self.opened.remote.unwatch(channel).await?;
            }
            if revokes { self.opened.remote.revoke().await } else { Ok(()) }
        };
        let outcome: Result<Result<(), SyncError>, _> = tokio::time::timeout(PATIENCE, all).await;
        if !matches!(outcome, Ok(Ok(()))) {
            let id = self.opened.account.id;
            tracing::warn!(account.id = %id, "A provider did not take its access back in time");
        }
    }
}

/// What a task takes along of an account that is forgotten.
#[derive(Serialize, Deserialize)]
struct Left {
    provider: CalendarProvider,
    url: String,
    /// The credentials as they were stored.
    sealed: String,
    until: DateTime<Utc>,
    events: Vec<LeftEvent>,
}

/// A coming event of ours.
#[derive(Serialize, Deserialize)]
struct LeftEvent {
    /// How the provider names its calendar.
    calendar: String,
    remote_id: String,
    etag: String,
}

/// Asks for the coming events of an account to be taken out, before it is forgotten in the same
/// transaction; whether there are any. What is over is the member's to keep.
pub(super) async fn ask(
    app: &App,
    tx: &mut Tx,
    organization_id: OrganizationId,
    (account, calendars): (&CalendarAccount, &[Calendar]),
) -> Result<bool, AppError> {
    let now = app.clock.now();
    let mut events = Vec::new();
    for calendar in calendars {
        for event in written::of_calendar(tx, calendar.id).await? {
            let (Some(remote_id), Some(end)) = (event.remote_id, event.end) else { continue };
            if end > app.now() {
                let (calendar, etag) = (calendar.remote_id.clone(), event.etag);
                events.push(LeftEvent { calendar, remote_id, etag });
            }
        }
    }
    let sealed = accounts::secret(tx, organization_id, account.id).await?;
    let (Some(sealed), false) = (sealed, events.is_empty()) else { return Ok(false) };
    let (provider, url, until) = (account.provider, account.url.clone(), now + LONGEST);
    let left = Left { provider, url, sealed, until, events };
    let payload =
        serde_json::to_value(left).map_err(|error| AppError::Internal(Box::new(error)))?;
    let task = NewTask {
        kind: TASK.to_owned(),
        unique_key: account.id.to_string(),
        organization_id: Some(organization_id),
        run_at: now,
        payload,
    };
    enqueue(tx, &task, now).await?;
    Ok(true)
}

/// Takes the coming events of a forgotten account out of its calendars, and gives its access back.
///
/// # Errors
/// If the store fails. A provider that does not answer is asked again for a day.
pub async fn part(app: &App, lease: Lease) -> Result<Finished, AppError> {
    let task = lease.task();
    let left = serde_json::from_value::<Left>(task.payload.clone());
    let (Some(organization_id), Ok(id), Ok(left)) =
        (task.organization_id, task.unique_key.parse::<CalendarAccountId>(), left)
    else {
        return Err(AppError::invalid("payload", &task.unique_key, "must be a calendar account"));
    };
    let outcome = take_out(app, organization_id, id, &left).await;
    let now = app.clock.now();
    let tx = lease.db().write().await?;
    match outcome {
        Ok(()) => {}
        Err(Trouble::Sync(error)) if error.is_passing() && now + AGAIN < left.until => {
            return Ok(lease.postpone(tx, now + AGAIN).await?);
        }
        Err(trouble) => {
            tracing::warn!(account.id = %id, "Events of a forgotten account stay: {trouble}");
        }
    }
    Ok(lease.finish(tx).await?)
}

async fn take_out(
    app: &App,
    organization_id: OrganizationId,
    id: CalendarAccountId,
    left: &Left,
) -> Result<(), Trouble> {
    let text = app.vault.open(&id.to_string(), &left.sealed)?;
    let credentials: Credentials = serde_json::from_str(&text)
        .map_err(|_| AppError::Internal("credentials of an account cannot be read".into()))?;
    let mut remote = app.calendars.sync.open(left.provider, &left.url, &credentials)?;
    if let Credentials::OAuth { expires_at, .. } = &credentials
        && *expires_at <= app.now() + AGAIN
        && let Some(renewed) = remote.renew().await?
    {
        remote = app.calendars.sync.open(left.provider, &left.url, &renewed)?;
    }
    for event in &left.events {
        let mut tx = app.db.read().await?;
        let again = written::stands(&mut tx, organization_id, &event.remote_id).await?;
        drop(tx);
        // Connected anew meanwhile: the event is that of the new account.
        if !again {
            delete(&remote, event).await?;
        }
    }
    Ok(remote.revoke().await?)
}

async fn delete(remote: &Remote, event: &LeftEvent) -> Result<(), SyncError> {
    let (remote_id, etag) = (event.remote_id.clone(), event.etag.clone());
    match remote.delete(&event.calendar, &WrittenEvent { remote_id, etag }).await {
        // The calendar itself may be gone, or be open for reading only by now.
        Err(SyncError::Gone(_) | SyncError::Forbidden(_) | SyncError::Changed) => Ok(()),
        done => done,
    }
}

//! What acts on events later: one task for each organization reads its events in order and lets every
//! follower see each of them once.
//!
//! A follower only writes rows and queues tasks, in the transaction that notes how far the events
//! were followed: so an event has its effects exactly once, whatever is killed when. It speaks to no
//! other server, which its own tasks do, and it appends no events.

use crate::app::{App, calendars, messages};
use crate::domain::error::AppError;
use crate::domain::id::OrganizationId;
use crate::store::Tx;
use crate::store::events::{self, Event};
use crate::store::queue::{Finished, Lease};

/// The kind of the task; every commit with events leaves one in the queue.
pub const TASK: &str = events::FOLLOW_TASK;

/// Events that are followed in one transaction.
const BATCH: u32 = 100;

/// Lets the followers act on what happened in the task's organization.
///
/// # Errors
/// If the store fails; then nothing was followed and the task stays.
pub async fn follow(app: &App, lease: Lease) -> Result<Finished, AppError> {
    let now = lease.now();
    let mut tx = lease.db().write().await?;
    let Some(organization_id) = lease.task().organization_id else {
        return Ok(lease.finish(tx).await?);
    };
    let seen = events::followed(&mut tx, organization_id).await?;
    let new = events::after(&mut tx, organization_id, None, seen, BATCH).await?;
    tell(app, &mut tx, organization_id, &new).await?;
    if let Some(last) = new.last() {
        events::set_followed(&mut tx, organization_id, last.seq).await?;
    }
    let more = u32::try_from(new.len()).is_ok_and(|count| count == BATCH);
    Ok(if more { lease.postpone(tx, now).await? } else { lease.finish(tx).await? })
}

/// Passes over everything that has happened so far: nobody is told of what was only set up.
///
/// # Errors
/// If the store fails.
pub async fn pass_over(app: &App, organization_id: OrganizationId) -> Result<(), AppError> {
    let mut tx = app.db.write().await?;
    let last = events::last(&mut tx, organization_id).await?;
    events::set_followed(&mut tx, organization_id, last).await?;
    tx.commit().await?;
    Ok(())
}

/// Every follower, one after the other.
async fn tell(
    app: &App,
    tx: &mut Tx,
    organization_id: OrganizationId,
    new: &[Event],
) -> Result<(), AppError> {
    calendars::following::following(app, tx, organization_id, new).await?;
    messages::following::follow(app, tx, organization_id, new).await
}

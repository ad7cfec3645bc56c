//! The queue: work to be done later, in the same database and transaction as the change that
//! asks for it.
//!
//! A worker claims a task for a while (its lease). Whatever it does is committed together with the
//! removal of the task, and only while the lease is its own: so a worker that is killed or too
//! slow leaves no effect, another one starts over, and nothing is done twice.

pub mod claim;
pub mod dead;
pub mod depth;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::id::OrganizationId;
use crate::store::sql::Query;
use crate::store::{Db, StoreError, Tx};

/// Attempts after which a task is given up.
pub const ATTEMPTS_MAX: i64 = 10;

/// Work to be done later.
#[derive(Debug, Clone, PartialEq)]
pub struct NewTask {
    /// Which handler does it.
    pub kind: String,
    /// Only one task of a kind has this key at a time.
    pub unique_key: String,
    /// For whom; none for the installation itself. Organizations take turns.
    pub organization_id: Option<OrganizationId>,
    /// Not before this moment.
    pub run_at: DateTime<Utc>,
    /// What the handler needs to know.
    pub payload: serde_json::Value,
}

/// A claimed task.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Which handler does it.
    pub kind: String,
    /// Its key.
    pub unique_key: String,
    /// For whom; none for the installation itself.
    pub organization_id: Option<OrganizationId>,
    /// What the handler needs to know.
    pub payload: serde_json::Value,
    /// How often it was claimed, this time included.
    pub attempts: i64,
    /// Which claim this is; proves that the task is still ours.
    pub(crate) lease: String,
}

/// A claimed task in the hands of its handler, which must end it with its own changes.
#[derive(Debug)]
pub struct Lease {
    db: Db,
    task: Task,
    now: DateTime<Utc>,
}

/// Proof that a task was ended in a committed transaction.
#[derive(Debug)]
#[must_use]
pub struct Finished(());

impl Lease {
    /// Hands a claimed task to a handler.
    pub fn new(db: Db, task: Task, now: DateTime<Utc>) -> Self {
        Self { db, task, now }
    }

    /// What is to be done.
    pub fn task(&self) -> &Task {
        &self.task
    }

    /// When the handler was called.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The database, for [`Db::read`] and [`Db::write`].
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// Commits the handler's changes and the end of the task together.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] if another worker has the task by now, or if the database
    /// refuses; then nothing has changed.
    pub async fn finish(self, mut tx: Tx) -> Result<Finished, StoreError> {
        complete(&mut tx, &self.task).await?;
        tx.commit().await?;
        Ok(Finished(()))
    }

    /// Commits the handler's changes and leaves the task for a later moment, as if it were new.
    ///
    /// # Errors
    /// As [`Lease::finish`].
    pub async fn postpone(self, mut tx: Tx, run_at: DateTime<Utc>) -> Result<Finished, StoreError> {
        postpone(&mut tx, &self.task, run_at).await?;
        tx.commit().await?;
        Ok(Finished(()))
    }
}

/// Asks for work; it is there when this transaction is committed.
///
/// If a task of this kind has the key already, the earlier moment and the new payload hold; if it
/// runs just now, it runs once more afterwards; if it was given up, it starts anew.
///
/// # Errors
/// If the database fails.
pub async fn enqueue(tx: &mut Tx, task: &NewTask, now: DateTime<Utc>) -> Result<(), StoreError> {
    let organization_id = organization_text(task.organization_id);
    Query::new(
        "insert into task_turns (organization_id, turn) values ($1, 0) \
         on conflict (organization_id) do nothing",
    )
    .bind(organization_id.as_str())
    .execute(tx)
    .await?;
    Query::new(
        "insert into tasks (kind, unique_key, organization_id, payload, run_at_ms, attempts, \
         created_ms) values ($1, $2, $3, $4, $5, 0, $6) \
         on conflict (kind, unique_key) do update set \
         payload = excluded.payload, dead = false, \
         attempts = case when tasks.dead then 0 else tasks.attempts end, \
         run_at_ms = case \
           when tasks.dead then excluded.run_at_ms \
           when tasks.lease is null and excluded.run_at_ms < tasks.run_at_ms \
           then excluded.run_at_ms else tasks.run_at_ms end, \
         again_at_ms = case \
           when tasks.lease is null then null \
           when tasks.again_at_ms < excluded.run_at_ms then tasks.again_at_ms \
           else excluded.run_at_ms end",
    )
    .bind(task.kind.as_str())
    .bind(task.unique_key.as_str())
    .bind(organization_id)
    .bind(task.payload.to_string())
    .bind(task.run_at.timestamp_millis())
    .bind(now.timestamp_millis())
    .execute(tx)
    .await?;
    tx.changes.ask();
    Ok(())
}

/// Ends a claimed task, unless it was asked for again meanwhile.
///
/// # Errors
/// [`StoreError::LeaseLost`] if the task is not ours any more; the caller must not commit.
pub async fn complete(tx: &mut Tx, task: &Task) -> Result<(), StoreError> {
    let text = "delete from tasks where kind = $1 and unique_key = $2 and lease = $3 \
        and again_at_ms is null";
    if ours(text, task).execute(tx).await? > 0 {
        return Ok(());
    }
    let text = "update tasks set run_at_ms = again_at_ms, again_at_ms = null, lease = null, \
        attempts = 0, error = '' where kind = $1 and unique_key = $2 and lease = $3 \
        and again_at_ms is not null";
    if ours(text, task).execute(tx).await? > 0 {
        tx.changes.ask();
        return Ok(());
    }
    Err(lost(task))
}

/// Leaves a claimed task for a later moment, or an earlier one it was asked for meanwhile.
///
/// # Errors
/// [`StoreError::LeaseLost`] if the task is not ours any more; the caller must not commit.
pub async fn postpone(tx: &mut Tx, task: &Task, run_at: DateTime<Utc>) -> Result<(), StoreError> {
    let text = "update tasks set run_at_ms = case when again_at_ms < $4 then again_at_ms \
        else $4 end, again_at_ms = null, lease = null, attempts = 0, error = '' \
        where kind = $1 and unique_key = $2 and lease = $3";
    if ours(text, task).bind(run_at.timestamp_millis()).execute(tx).await? == 0 {
        return Err(lost(task));
    }
    tx.changes.ask();
    Ok(())
}

/// Makes a claim last until `until`; whether the task is still ours.
///
/// # Errors
/// If the database fails.
pub async fn renew(tx: &mut Tx, task: &Task, until: DateTime<Utc>) -> Result<bool, StoreError> {
    let text = "update tasks set run_at_ms = $4 \
        where kind = $1 and unique_key = $2 and lease = $3";
    Ok(ours(text, task).bind(until.timestamp_millis()).execute(tx).await? > 0)
}

/// What becomes of a task that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    /// It is tried again at this moment.
    Retried(DateTime<Utc>),
    /// It was given up, and waits among the dead letters.
    Dead,
    /// Another worker has it.
    Lost,
}

/// Gives a failed task back, to be tried after `delay`; or gives it up if it was tried
/// [`ATTEMPTS_MAX`] times or `delay` is none.
///
/// * `error`: what went wrong, for people; cut to 1000 characters.
///
/// # Errors
/// If the database fails.
pub async fn fail(
    tx: &mut Tx,
    task: &Task,
    error: &str,
    delay: Option<Duration>,
    now: DateTime<Utc>,
) -> Result<Failed, StoreError> {
    let error: String = error.chars().take(1000).collect();
    let delay = delay.filter(|_| task.attempts < ATTEMPTS_MAX);
    let delay = delay.map(|delay| TimeDelta::from_std(delay).unwrap_or(TimeDelta::days(1)));
    let run_at = now + delay.unwrap_or_default();
    let text = "update tasks set lease = null, again_at_ms = null, error = $4, run_at_ms = $5, \
        dead = $6 where kind = $1 and unique_key = $2 and lease = $3";
    let query = ours(text, task).bind(error).bind(run_at.timestamp_millis()).bind(delay.is_none());
    if query.execute(tx).await? == 0 {
        return Ok(Failed::Lost);
    }
    Ok(if delay.is_none() { Failed::Dead } else { Failed::Retried(run_at) })
}

/// A query whose first three values are those of a claim.
fn ours(text: &str, task: &Task) -> Query {
    Query::new(text)
        .bind(task.kind.as_str())
        .bind(task.unique_key.as_str())
        .bind(task.lease.as_str())
}

fn lost(task: &Task) -> StoreError {
    StoreError::LeaseLost(format!("{} {}", task.kind, task.unique_key))
}

/// The installation's own tasks have an empty text for an organization.
fn organization_text(organization_id: Option<OrganizationId>) -> String {
    organization_id.map(|id| id.to_string()).unwrap_or_default()
}

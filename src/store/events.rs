//! The outbox: news of what happened, written in the transaction in which it happened.
//!
//! Numbers count up for each organization without a gap and become visible in order, since the
//! row that counts stays locked until the commit: a reader that has seen number n has seen all
//! before it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::domain::id::{LocationId, OrganizationId};
use crate::store::rows::{from_json, optional_id};
use crate::store::sql::Query;
use crate::store::{Db, StoreError, Tx};

/// How soon news of other processes is looked for. Notifications of PostgreSQL would be quicker,
/// but they make all commits of a server wait in one line.
const POLL: Duration = Duration::from_millis(500);

/// The kind of the task that every commit with events leaves in the queue, one for an organization:
/// it lets followers act on them.
pub const FOLLOW_TASK: &str = "events.follow";

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// In which organization.
    pub organization_id: OrganizationId,
    /// In which location's plan, if it is about one.
    pub location_id: Option<LocationId>,
    /// What, as noun and verb: `booking.created`.
    pub kind: String,
    /// The id of what it is about.
    pub subject_id: String,
    /// What listeners get.
    pub payload: serde_json::Value,
    /// When.
    pub at: DateTime<Utc>,
}

/// Something that happened, with its number.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Counts the organization's events from 1.
    pub seq: i64,
    /// In which location's plan, if it is about one.
    pub location_id: Option<LocationId>,
    /// What, as noun and verb.
    pub kind: String,
    /// The id of what it is about.
    pub subject_id: String,
    /// What listeners get.
    pub payload: serde_json::Value,
    /// When, in seconds since 1970.
    pub at_s: i64,
}

/// Appends an event at the commit of this transaction.
pub fn append(tx: &mut Tx, event: NewEvent) {
    tx.changes.tell(event);
}

#[derive(sqlx::FromRow)]
struct EventRow {
    seq: i64,
    location_id: Option<String>,
    kind: String,
    subject_id: String,
    payload: String,
    at_s: i64,
}

/// At most `limit` events after number `seq`, by number; with a location, only those about its
/// plan.
///
/// # Errors
/// If the database fails.
pub async fn after(
    tx: &mut Tx,
    organization_id: OrganizationId,
    location_id: Option<LocationId>,
    seq: i64,
    limit: u32,
) -> Result<Vec<Event>, StoreError> {
    let mut query = Query::new(
        "select seq, location_id, kind, subject_id, payload, at_s from events \
         where organization_id = ",
    );
    query.push_value(organization_id).push(" and seq > ").push_value(seq);
    if let Some(location_id) = location_id {
        query.push(" and location_id = ").push_value(location_id);
    }
    query.push(" order by seq limit ").push_value(limit);
    let rows = query.all::<EventRow>(tx).await?;
    rows.into_iter()
        .map(|row| {
            Ok(Event {
                seq: row.seq,
                location_id: optional_id(row.location_id.as_deref())?,
                kind: row.kind,
                subject_id: row.subject_id,
                payload: from_json(&row.payload)?,
                at_s: row.at_s,
            })
        })
        .collect()
}

/// The number of the organization's last event; 0 if there is none.
///
/// # Errors
/// If the database fails.
pub async fn last(tx: &mut Tx, organization_id: OrganizationId) -> Result<i64, StoreError> {
    let text = "select event_seq from organizations where id = $1";
    let row = Query::new(text).bind(organization_id).first::<(i64,)>(tx).await?;
    Ok(row.map_or(0, |(seq,)| seq))
}

/// The number of the last event that the organization's followers have acted on.
///
/// # Errors
/// If the database fails.
pub async fn followed(tx: &mut Tx, organization_id: OrganizationId) -> Result<i64, StoreError> {
    let text = "select seq from event_cursors where organization_id = $1";
    let row = Query::new(text).bind(organization_id).first::<(i64,)>(tx).await?;
    Ok(row.map_or(0, |(seq,)| seq))
}

/// Notes that followers have acted on all events up to number `seq`.
///
/// # Errors
/// If the database fails.
pub async fn set_followed(
    tx: &mut Tx,
    organization_id: OrganizationId,
    seq: i64,
) -> Result<(), StoreError> {
    let text = "insert into event_cursors (organization_id, seq) values ($1, $2) \
        on conflict (organization_id) do update set seq = excluded.seq";
    Query::new(text).bind(organization_id).bind(seq).execute(tx).await?;
    Ok(())
}

/// Deletes events older than `before`; how many. Those who resume from an older number start anew.
///
/// # Errors
/// If the database fails.
pub async fn prune(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, StoreError> {
    Query::new("delete from events where at_s < $1").bind(before).execute(tx).await
}

/// Waits for news of one organization.
#[derive(Debug)]
pub struct Listener {
    organization_id: OrganizationId,
    notices: broadcast::Receiver<OrganizationId>,
    shared: bool,
}

impl Listener {
    /// A listener that misses nothing committed after this call.
    pub fn new(db: &Db, organization_id: OrganizationId) -> Self {
        Self { organization_id, notices: db.notices(), shared: db.is_shared() }
    }

    /// Returns when there may be new events; then read them with [`after`].
    ///
    /// At once for commits of this process; for those of other processes on the same PostgreSQL
    /// server, after half a second at most. Dropping the future loses nothing.
    pub async fn changed(&mut self) {
        loop {
            let notice = if self.shared {
                match tokio::time::timeout(POLL, self.notices.recv()).await {
                    Ok(notice) => notice,
                    Err(_) => return,
                }
            } else {
                self.notices.recv().await
            };
            match notice {
                Ok(organization_id) if organization_id == self.organization_id => return,
                Ok(_) => {}
                // Too many to tell whose they were.
                Err(RecvError::Lagged(_)) => return,
                // The database is closing; poll, so that the caller's own end is not missed.
                Err(RecvError::Closed) => return tokio::time::sleep(POLL).await,
            }
        }
    }
}

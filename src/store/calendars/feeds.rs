//! The `calendar_feeds` table. Addresses are kept as hashes only.

use chrono::{DateTime, Utc};

use crate::domain::calendars::CalendarFeed;
use crate::domain::id::{CalendarFeedId, OrganizationId, TechnicianId};
use crate::store::rows::{id, moment, optional_id, optional_moment};
use crate::store::sql::{Query, Value};
use crate::store::{StoreError, Tx};

#[derive(sqlx::FromRow)]
struct FeedRow {
    organization_id: String,
    id: String,
    technician_id: Option<String>,
    team_id: Option<String>,
    created_s: i64,
    rotated_s: i64,
    used_s: Option<i64>,
}

const COLUMNS: &str = "organization_id, id, technician_id, team_id, created_s, rotated_s, used_s";

fn feed(row: &FeedRow) -> Result<CalendarFeed, StoreError> {
    Ok(CalendarFeed {
        id: id(&row.id)?,
        technician_id: optional_id(row.technician_id.as_deref())?,
        team_id: optional_id(row.team_id.as_deref())?,
        created_at: moment(row.created_s)?,
        rotated_at: moment(row.rotated_s)?,
        used_at: optional_moment(row.used_s)?,
    })
}

/// Stores a new feed by the hash of its secret (SHA-256, hexadecimal).
///
/// # Errors
/// [`StoreError::Missing`] for a technician or team the organization does not have, or if the
/// database fails.
pub async fn insert(
    tx: &mut Tx,
    organization_id: OrganizationId,
    feed: &CalendarFeed,
    token_hash: &str,
) -> Result<(), StoreError> {
    let mut query =
        Query::new(format!("insert into calendar_feeds ({COLUMNS}, token_hash) values "));
    let values: [Value; 8] = [
        organization_id.into(),
        feed.id.into(),
        feed.technician_id.into(),
        feed.team_id.into(),
        feed.created_at.into(),
        feed.rotated_at.into(),
        feed.used_at.into(),
        token_hash.into(),
    ];
    query.push_tuple(values);
    query.execute(tx).await?;
    Ok(())
}

/// The organization's feeds, oldest first; with a technician, only that one's.
///
/// # Errors
/// If the database fails.
pub async fn list(
    tx: &mut Tx,
    organization_id: OrganizationId,
    technician_id: Option<TechnicianId>,
) -> Result<Vec<CalendarFeed>, StoreError> {
    let mut query =
        Query::new(format!("select {COLUMNS} from calendar_feeds where organization_id = "));
    query.push_value(organization_id);
    if let Some(technician_id) = technician_id {
        query.push(" and technician_id = ").push_value(technician_id);
    }
    query.push(" order by created_s, id");
    query.all::<FeedRow>(tx).await?.iter().map(feed).collect()
}

/// The feed with this secret, and whose organization's it is.
///
/// # Errors
/// If the database fails.
pub async fn find(
    tx: &mut Tx,
    token_hash: &str,
) -> Result<Option<(OrganizationId, CalendarFeed)>, StoreError> {
    let text = format!("select {COLUMNS} from calendar_feeds where token_hash = $1");
    let row = Query::new(text).bind(token_hash).first::<FeedRow>(tx).await?;
    row.map(|row| Ok((id(&row.organization_id)?, feed(&row)?))).transpose()
}

/// Gives a feed another secret; whether there is such a feed.
///
/// # Errors
/// If the database fails.
pub async fn rotate(
    tx: &mut Tx,
    organization_id: OrganizationId,
    feed_id: CalendarFeedId,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let text = "update calendar_feeds set token_hash = $1, rotated_s = $2 \
        where organization_id = $3 and id = $4";
    let query = Query::new(text).bind(token_hash).bind(now).bind(organization_id).bind(feed_id);
    Ok(query.execute(tx).await? > 0)
}

/// Deletes a feed; whether there was one.
///
/// # Errors
/// If the database fails.
pub async fn delete(
    tx: &mut Tx,
    organization_id: OrganizationId,
    feed_id: CalendarFeedId,
) -> Result<bool, StoreError> {
    let text = "delete from calendar_feeds where organization_id = $1 and id = $2";
    Ok(Query::new(text).bind(organization_id).bind(feed_id).execute(tx).await? > 0)
}

/// Notes that a feed was read; look at [`CalendarFeed::used_at`] before writing for this.
///
/// # Errors
/// If the database fails.
pub async fn touch(
    tx: &mut Tx,
    feed_id: CalendarFeedId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let text = "update calendar_feeds set used_s = $1 where id = $2";
    Query::new(text).bind(now).bind(feed_id).execute(tx).await?;
    Ok(())
}

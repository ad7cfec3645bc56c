//! The `calendar_channels` table. Secrets are kept as hashes only.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::id::{CalendarId, OrganizationId};
use crate::store::rows::{id, moment};
use crate::store::sql::{Query, Value};
use crate::store::{StoreError, Tx};

/// A channel by which a provider tells of changes in a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelRecord {
    /// Its name with us.
    pub id: Uuid,
    /// Whose calendar.
    pub organization_id: OrganizationId,
    /// Which calendar.
    pub calendar_id: CalendarId,
    /// How the provider names it.
    pub remote_id: String,
    /// How the provider names what it watches; may be empty.
    pub resource: String,
    /// When it ends.
    pub until: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct ChannelRow {
    id: String,
    organization_id: String,
    calendar_id: String,
    remote_id: String,
    resource: String,
    until_s: i64,
}

const COLUMNS: &str = "id, organization_id, calendar_id, remote_id, resource, until_s";

impl TryFrom<ChannelRow> for ChannelRecord {
    type Error = StoreError;

    fn try_from(row: ChannelRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: id(&row.id)?,
            organization_id: id(&row.organization_id)?,
            calendar_id: id(&row.calendar_id)?,
            remote_id: row.remote_id,
            resource: row.resource,
            until: moment(row.until_s)?,
        })
    }
}

/// Stores a new channel by the hash of its secret (SHA-256, hexadecimal).
///
/// # Errors
/// If the database fails.
pub async fn insert(
    tx: &mut Tx,
    channel: &ChannelRecord,
    token_hash: &str,
) -> Result<(), StoreError> {
    let text = format!("insert into calendar_channels (token_hash, {COLUMNS}) values ");
    let mut query = Query::new(text);
    let values: [Value; 7] = [
        token_hash.into(),
        channel.id.to_string().into(),
        channel.organization_id.into(),
        channel.calendar_id.into(),
        channel.remote_id.as_str().into(),
        channel.resource.as_str().into(),
        channel.until.into(),
    ];
    query.push_tuple(values);
    query.execute(tx).await?;
    Ok(())
}

/// The channels of a calendar, the one that lasts longest first.
///
/// # Errors
/// If the database fails.
pub async fn list(
    tx: &mut Tx,
    organization_id: OrganizationId,
    calendar_id: CalendarId,
) -> Result<Vec<ChannelRecord>, StoreError> {
    let text = format!(
        "select {COLUMNS} from calendar_channels where organization_id = $1 and calendar_id = $2 \
         order by until_s desc, id"
    );
    let query = Query::new(text).bind(organization_id).bind(calendar_id);
    query.all::<ChannelRow>(tx).await?.into_iter().map(TryInto::try_into).collect()
}

/// The channel with this secret.
///
/// # Errors
/// If the database fails.
pub async fn find(tx: &mut Tx, token_hash: &str) -> Result<Option<ChannelRecord>, StoreError> {
    let text = format!("select {COLUMNS} from calendar_channels where token_hash = $1");
    let row = Query::new(text).bind(token_hash).first::<ChannelRow>(tx).await?;
    row.map(TryInto::try_into).transpose()
}

/// Notes how the provider names a channel and what it watches, and until when it lasts.
///
/// # Errors
/// If the database fails.
pub async fn set_opened(
    tx: &mut Tx,
    channel: Uuid,
    (remote_id, resource): (&str, &str),
    until: DateTime<Utc>,
) -> Result<(), StoreError> {
    let text = "update calendar_channels set remote_id = $1, resource = $2, until_s = $3 \
        where id = $4";
    let query = Query::new(text).bind(remote_id).bind(resource).bind(until);
    query.bind(channel.to_string()).execute(tx).await?;
    Ok(())
}

/// Notes that a channel lasts longer.
///
/// # Errors
/// If the database fails.
pub async fn extend(tx: &mut Tx, channel: Uuid, until: DateTime<Utc>) -> Result<(), StoreError> {
    let text = "update calendar_channels set until_s = $1 where id = $2";
    Query::new(text).bind(until).bind(channel.to_string()).execute(tx).await?;
    Ok(())
}

/// Forgets a channel; it is fine if it is not there.
///
/// # Errors
/// If the database fails.
pub async fn delete(tx: &mut Tx, channel: Uuid) -> Result<(), StoreError> {
    let text = "delete from calendar_channels where id = $1";
    Query::new(text).bind(channel.to_string()).execute(tx).await?;
    Ok(())
}

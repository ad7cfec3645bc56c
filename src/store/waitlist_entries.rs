//! What only the waitlist asks of its table, beside what all nouns of the catalogue can.

use chrono::{DateTime, Utc};

use crate::domain::id::{LocationId, OrganizationId, WaitlistEntryId};
use crate::domain::records::Record;
use crate::domain::waitlist_entries::{WaitlistEntry, WaitlistStatus};
use crate::store::records;
use crate::store::rows::id;
use crate::store::sql::Query;
use crate::store::{StoreError, Tx};

/// Entries of a location in one state, who waits longest first; at most `limit`.
///
/// # Errors
/// If the database fails or holds what this version cannot read.
pub async fn of_location(
    tx: &mut Tx,
    organization_id: OrganizationId,
    location_id: LocationId,
    status: WaitlistStatus,
    limit: u32,
) -> Result<Vec<Record<WaitlistEntryId, WaitlistEntry>>, StoreError> {
    let text = "select id from waitlist_entries where organization_id = $1 \
        and location_id = $2 and status = $3 order by created_s, id limit $4";
    let rows = Query::new(text)
        .bind(organization_id)
        .bind(location_id)
        .bind(status.as_str())
        .bind(limit)
        .all::<(String,)>(tx)
        .await?;
    let mut entries = Vec::with_capacity(rows.len());
    for (text,) in rows {
        entries.extend(records::get::<WaitlistEntry>(tx, organization_id, id(&text)?).await?);
    }
    Ok(entries)
}

/// Whether anybody waits at a location.
///
/// # Errors
/// If the database fails.
pub async fn any_waits(
    tx: &mut Tx,
    organization_id: OrganizationId,
    location_id: LocationId,
) -> Result<bool, StoreError> {
    let text = "select id from waitlist_entries where organization_id = $1 \
        and location_id = $2 and status = $3 limit 1";
    let query = Query::new(text)
        .bind(organization_id)
        .bind(location_id)
        .bind(WaitlistStatus::Waiting.as_str());
    Ok(query.first::<(String,)>(tx).await?.is_some())
}

/// How many entries anyone has added to an organization since a moment.
///
/// # Errors
/// If the database fails.
pub async fn count_since(
    tx: &mut Tx,
    organization_id: OrganizationId,
    since: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let text = "select count(*) from waitlist_entries \
        where organization_id = $1 and created_s >= $2";
    let row = Query::new(text).bind(organization_id).bind(since).first::<(i64,)>(tx).await?;
    Ok(row.map_or(0, |(count,)| count))
}

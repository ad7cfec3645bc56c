//! The `drafts` table: bookings that customers have begun.

use chrono::{DateTime, Utc};

use crate::domain::drafts::Draft;
use crate::domain::id::{DraftId, OrganizationId};
use crate::store::rows::{from_json, to_json};
use crate::store::sql::Query;
use crate::store::{StoreError, Tx};

/// Stores a draft, whether it is new or known.
///
/// # Errors
/// If the database fails.
pub async fn put(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: DraftId,
    draft: &Draft,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    Query::new(
        "insert into drafts (id, organization_id, body, created_s, updated_s) \
         values ($1, $2, $3, $4, $4) on conflict (id) do update set \
         body = excluded.body, updated_s = excluded.updated_s",
    )
    .bind(id)
    .bind(organization_id)
    .bind(to_json(draft)?)
    .bind(now)
    .execute(tx)
    .await?;
    Ok(())
}

/// The draft with this id.
///
/// # Errors
/// If the database fails or holds what this version cannot read.
pub async fn get(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: DraftId,
) -> Result<Option<Draft>, StoreError> {
    let text = "select body from drafts where organization_id = $1 and id = $2";
    let row = Query::new(text).bind(organization_id).bind(id).first::<(String,)>(tx).await?;
    row.map(|(body,)| from_json(&body)).transpose()
}

/// Forgets drafts that nobody has touched since `before`; how many.
///
/// # Errors
/// If the database fails.
pub async fn prune(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, StoreError> {
    Query::new("delete from drafts where updated_s < $1").bind(before).execute(tx).await
}

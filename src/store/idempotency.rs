//! The `idempotency_keys` table: a request that comes twice is done once.
//!
//! A request begins in a transaction of its own, so that a second one hears that the first is under
//! way. Its answer belongs in the transaction of the change: then both are stored or neither, and
//! whoever comes again after a crash either gets the answer or does what was not done. A claim that
//! another request has taken over can no longer be finished.

use chrono::{DateTime, Utc};

use crate::domain::id::OrganizationId;
use crate::store::sql::Query;
use crate::store::{StoreError, Tx};

/// Seconds after which a request that never ended may be done by another.
const ABANDONED_S: i64 = 60;

/// What a key stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// Nothing yet: do the request, then call [`finish`] or [`forget`] with this claim.
    New(Claimed),
    /// This request, done: its answer.
    Replay {
        /// HTTP status.
        status: u16,
        /// Body.
        response: String,
    },
    /// Another request.
    Mismatch,
    /// This request, under way.
    InProgress,
}

/// Which claim of a key it is: each takes over from one that began earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claimed(i64);

#[derive(sqlx::FromRow)]
struct KeyRow {
    request_hash: String,
    status: Option<i64>,
    response: Option<String>,
    created_s: i64,
}

/// Looks a key up, and takes it if nobody has.
///
/// * `request_hash`: SHA-256 of method, path and body, hexadecimal.
///
/// # Errors
/// If the database fails.
pub async fn begin(
    tx: &mut Tx,
    organization_id: OrganizationId,
    key: &str,
    request_hash: &str,
    now: DateTime<Utc>,
) -> Result<Begun, StoreError> {
    let taken = Query::new(
        "insert into idempotency_keys (organization_id, key, request_hash, created_s) \
         values ($1, $2, $3, $4) on conflict (organization_id, key) do nothing",
    )
    .bind(organization_id)
    .bind(key)
    .bind(request_hash)
    .bind(now)
    .execute(tx)
    .await?;
    if taken > 0 {
        return Ok(Begun::New(Claimed(now.timestamp())));
    }
    let row = Query::new(
        "select request_hash, status, response, created_s from idempotency_keys \
         where organization_id = $1 and key = $2",
    )
    .bind(organization_id)
    .bind(key)
    .first::<KeyRow>(tx)
    .await?;
    let Some(row) = row else { return Ok(Begun::InProgress) };
    if row.request_hash != request_hash {
        return Ok(Begun::Mismatch);
    }
    if let (Some(status), Some(response)) = (row.status, row.response) {
        let status = u16::try_from(status)
            .map_err(|error| StoreError::Corrupt { what: "status", detail: error.to_string() })?;
        return Ok(Begun::Replay { status, response });
    }
    let retaken = Query::new(
        "update idempotency_keys set created_s = $1 where organization_id = $2 and key = $3 \
         and status is null and created_s = $4 and created_s < $5",
    )
    .bind(now)
    .bind(organization_id)
    .bind(key)
    .bind(row.created_s)
    .bind(now.timestamp() - ABANDONED_S)
    .execute(tx)
    .await?;
    Ok(if retaken > 0 { Begun::New(Claimed(now.timestamp())) } else { Begun::InProgress })
}

/// Keeps the answer of a request for those who come again with the key; whether the claim still
/// held. If not, another request has taken over, and the caller must not commit.
///
/// # Errors
/// If the database fails.
pub async fn finish(
    tx: &mut Tx,
    organization_id: OrganizationId,
    (key, claimed): (&str, Claimed),
    (status, response): (u16, &str),
) -> Result<bool, StoreError> {
    let count = Query::new(
        "update idempotency_keys set status = $1, response = $2 \
         where organization_id = $3 and key = $4 and status is null and created_s = $5",
    )
    .bind(i64::from(status))
    .bind(response)
    .bind(organization_id)
    .bind(key)
    .bind(claimed.0)
    .execute(tx)
    .await?;
    Ok(count > 0)
}

/// Gives a key free whose request failed without changing anything, if the claim still holds.
///
/// # Errors
/// If the database fails.
pub async fn forget(
    tx: &mut Tx,
    organization_id: OrganizationId,
    (key, claimed): (&str, Claimed),
) -> Result<(), StoreError> {
    Query::new(
        "delete from idempotency_keys where organization_id = $1 and key = $2 \
         and status is null and created_s = $3",
    )
    .bind(organization_id)
    .bind(key)
    .bind(claimed.0)
    .execute(tx)
    .await?;
    Ok(())
}

/// Forgets keys older than `before`; how many.
///
/// # Errors
/// If the database fails.
pub async fn prune(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, StoreError> {
    Query::new("delete from idempotency_keys where created_s < $1").bind(before).execute(tx).await
}

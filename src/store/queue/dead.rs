//! Tasks that were given up.

use chrono::{DateTime, Utc};

use crate::domain::id::OrganizationId;
use crate::store::queue::organization_text;
use crate::store::rows::from_json;
use crate::store::sql::Query;
use crate::store::{StoreError, Tx};

/// A task that was given up.
#[derive(Debug, Clone, PartialEq)]
pub struct DeadTask {
    /// Which handler should have done it.
    pub kind: String,
    /// Its key.
    pub unique_key: String,
    /// What the handler had to know.
    pub payload: serde_json::Value,
    /// How often it was tried.
    pub attempts: i64,
    /// What went wrong at last.
    pub error: String,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct DeadRow {
    kind: String,
    unique_key: String,
    payload: String,
    attempts: i64,
    error: String,
    created_ms: i64,
}

/// At most `limit` tasks of an organization (none: the installation's own) that were given up,
/// oldest first.
///
/// # Errors
/// If the database fails.
pub async fn list(
    tx: &mut Tx,
    organization_id: Option<OrganizationId>,
    limit: u32,
) -> Result<Vec<DeadTask>, StoreError> {
    let rows = Query::new(
        "select kind, unique_key, payload, attempts, error, created_ms from tasks \
         where organization_id = $1 and dead order by created_ms, kind, unique_key limit $2",
    )
    .bind(organization_text(organization_id))
    .bind(limit)
    .all::<DeadRow>(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(DeadTask {
                payload: from_json(&row.payload)?,
                kind: row.kind,
                unique_key: row.unique_key,
                attempts: row.attempts,
                error: row.error,
                created_at: DateTime::from_timestamp_millis(row.created_ms).unwrap_or_default(),
            })
        })
        .collect()
}

/// Lets a task that was given up start anew, now; whether there is such a task.
///
/// # Errors
/// If the database fails.
pub async fn replay(
    tx: &mut Tx,
    organization_id: Option<OrganizationId>,
    (kind, unique_key): (&str, &str),
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let count = Query::new(
        "update tasks set dead = false, attempts = 0, run_at_ms = $1 \
         where organization_id = $2 and kind = $3 and unique_key = $4 and dead",
    )
    .bind(now.timestamp_millis())
    .bind(organization_text(organization_id))
    .bind(kind)
    .bind(unique_key)
    .execute(tx)
    .await?;
    tx.changes.ask();
    Ok(count > 0)
}

/// Forgets a task that was given up; whether there is such a task.
///
/// # Errors
/// If the database fails.
pub async fn discard(
    tx: &mut Tx,
    organization_id: Option<OrganizationId>,
    (kind, unique_key): (&str, &str),
) -> Result<bool, StoreError> {
    let count = Query::new(
        "delete from tasks where organization_id = $1 and kind = $2 and unique_key = $3 and dead",
    )
    .bind(organization_text(organization_id))
    .bind(kind)
    .bind(unique_key)
    .execute(tx)
    .await?;
    Ok(count > 0)
}

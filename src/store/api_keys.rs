//! The `api_keys` table. Keys are stored as hashes only.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::domain::id::{ApiKeyId, OrganizationId};
use crate::store::rows::{id, moment, optional_moment};
use crate::store::sql::Query;
use crate::store::{StoreError, Tx};

/// A key that programs come in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// Whose.
    pub organization_id: OrganizationId,
    /// What people call it.
    pub name: String,
    /// The first characters of the key, to tell keys apart.
    pub prefix: String,
    /// What it allows.
    pub scopes: BTreeSet<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub used_at: Option<DateTime<Utc>>,
    /// When it was revoked; then it opens nothing.
    pub revoked_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct ApiKeyRow {
    id: String,
    organization_id: String,
    name: String,
    prefix: String,
    scopes: String,
    created_s: i64,
    used_s: Option<i64>,
    revoked_s: Option<i64>,
}

const COLUMNS: &str = "id, organization_id, name, prefix, scopes, created_s, used_s, revoked_s";

impl TryFrom<ApiKeyRow> for ApiKey {
    type Error = StoreError;

    fn try_from(row: ApiKeyRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: id(&row.id)?,
            organization_id: id(&row.organization_id)?,
            scopes: row.scopes.split_whitespace().map(str::to_owned).collect(),
            created_at: moment(row.created_s)?,
            used_at: optional_moment(row.used_s)?,
            revoked_at: optional_moment(row.revoked_s)?,
            name: row.name,
            prefix: row.prefix,
        })
    }
}

/// Stores a key by its hash (SHA-256, hexadecimal).
///
/// # Errors
/// [`StoreError::Taken`] if the hash is, or if the database fails.
pub async fn insert(tx: &mut Tx, key: &ApiKey, key_hash: &str) -> Result<(), StoreError> {
    let scopes: Vec<&str> = key.scopes.iter().map(String::as_str).collect();
    Query::new(
        "insert into api_keys (id, organization_id, name, prefix, key_hash, scopes, created_s) \
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(key.id)
    .bind(key.organization_id)
    .bind(key.name.as_str())
    .bind(key.prefix.as_str())
    .bind(key_hash)
    .bind(scopes.join(" "))
    .bind(key.created_at)
    .execute(tx)
    .await?;
    Ok(())
}

/// The key with this hash, if it is not revoked.
///
/// # Errors
/// If the database fails.
pub async fn find(tx: &mut Tx, key_hash: &str) -> Result<Option<ApiKey>, StoreError> {
    let text = format!("select {COLUMNS} from api_keys where key_hash = $1 and revoked_s is null");
    let row = Query::new(text).bind(key_hash).first::<ApiKeyRow>(tx).await?;
    row.map(TryInto::try_into).transpose()
}

/// The organization's keys, revoked ones included, oldest first.
///
/// # Errors
/// If the database fails.
pub async fn list(tx: &mut Tx, organization_id: OrganizationId) -> Result<Vec<ApiKey>, StoreError> {
    let text =
        format!("select {COLUMNS} from api_keys where organization_id = $1 order by created_s, id");
    let rows = Query::new(text).bind(organization_id).all::<ApiKeyRow>(tx).await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Makes a key open nothing any more; whether there is such a key that still did.
///
/// # Errors
/// If the database fails.
pub async fn revoke(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: ApiKeyId,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let text = "update api_keys set revoked_s = $1 \
        where organization_id = $2 and id = $3 and revoked_s is null";
    let query = Query::new(text).bind(now).bind(organization_id).bind(id);
    Ok(query.execute(tx).await? > 0)
}

/// Notes that a key was used; whether that was worth a write, which it is once a minute.
///
/// Look at [`ApiKey::used_at`] before opening a writing transaction for this.
///
/// # Errors
/// If the database fails.
pub async fn touch(tx: &mut Tx, id: ApiKeyId, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let text = "update api_keys set used_s = $1 where id = $2 and (used_s is null or used_s <= $3)";
    let query = Query::new(text).bind(now).bind(id).bind(now.timestamp() - 60);
    Ok(query.execute(tx).await? > 0)
}

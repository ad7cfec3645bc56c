//! The `organizations` table.

use chrono::{DateTime, Utc};

use crate::domain::id::OrganizationId;
use crate::domain::organizations::Organization;
use crate::domain::records::Record;
use crate::store::rows::{from_json, id, moment, stored, to_json};
use crate::store::sql::Query;
use crate::store::{StoreError, Tx};

#[derive(sqlx::FromRow)]
struct OrganizationRow {
    id: String,
    body: String,
    revision: i64,
    created_s: i64,
    updated_s: i64,
}

impl TryFrom<OrganizationRow> for Record<OrganizationId, Organization> {
    type Error = StoreError;

    fn try_from(row: OrganizationRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: id(&row.id)?,
            revision: row.revision,
            created_at: moment(row.created_s)?,
            updated_at: moment(row.updated_s)?,
            value: from_json(&row.body)?,
        })
    }
}

/// Stores a new organization.
///
/// # Errors
/// [`StoreError::Taken`] if the id or the slug is, or if the database fails.
pub async fn insert(
    tx: &mut Tx,
    id: OrganizationId,
    organization: &Organization,
    now: DateTime<Utc>,
) -> Result<Record<OrganizationId, Organization>, StoreError> {
    Query::new(
        "insert into organizations (id, slug, name, body, revision, created_s, updated_s) \
         values ($1, $2, $3, $4, 1, $5, $5)",
    )
    .bind(id)
    .bind(organization.slug.as_str())
    .bind(organization.name.as_str())
    .bind(to_json(organization)?)
    .bind(now)
    .execute(tx)
    .await?;
    let now = stored(now);
    let value = organization.clone();
    Ok(Record { id, revision: 1, created_at: now, updated_at: now, value })
}

/// The organization with this id.
///
/// # Errors
/// If the database fails.
pub async fn get(
    tx: &mut Tx,
    id: OrganizationId,
) -> Result<Option<Record<OrganizationId, Organization>>, StoreError> {
    let text = "select id, body, revision, created_s, updated_s from organizations where id = $1";
    let row = Query::new(text).bind(id).first::<OrganizationRow>(tx).await?;
    row.map(TryInto::try_into).transpose()
}

/// The organization with this slug.
///
/// # Errors
/// If the database fails.
pub async fn get_by_slug(
    tx: &mut Tx,
    slug: &str,
) -> Result<Option<Record<OrganizationId, Organization>>, StoreError> {
    let text = "select id, body, revision, created_s, updated_s from organizations where slug = $1";
    let row = Query::new(text).bind(slug).first::<OrganizationRow>(tx).await?;
    row.map(TryInto::try_into).transpose()
}

/// Every organization of the installation, by slug.
///
/// # Errors
/// If the database fails.
pub async fn all(tx: &mut Tx) -> Result<Vec<Record<OrganizationId, Organization>>, StoreError> {
    let text =
        "select id, body, revision, created_s, updated_s from organizations order by slug, id";
    let rows = Query::new(text).all::<OrganizationRow>(tx).await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Changes the organization if it still has the revision the caller saw; `None` if there is none.
///
/// # Errors
/// [`StoreError::Stale`], [`StoreError::Taken`] for the slug, or if the database fails.
pub async fn update(
    tx: &mut Tx,
    (id, revision): (OrganizationId, i64),
    organization: &Organization,
    now: DateTime<Utc>,
) -> Result<Option<Record<OrganizationId, Organization>>, StoreError> {
    let count = Query::new(
        "update organizations set slug = $1, name = $2, body = $3, revision = revision + 1, \
         updated_s = $4 where id = $5 and revision = $6",
    )
    .bind(organization.slug.as_str())
    .bind(organization.name.as_str())
    .bind(to_json(organization)?)
    .bind(now)
    .bind(id)
    .bind(revision)
    .execute(tx)
    .await?;
    let Some(record) = get(tx, id).await? else { return Ok(None) };
    if count == 0 {
        let (noun, actual) = ("organization", record.revision);
        return Err(StoreError::Stale { noun, id: id.to_string(), expected: revision, actual });
    }
    tx.changes.touch_catalog(id);
    Ok(Some(record))
}

/// The version of the organization's catalogue; 0 if there is no such organization. Any change of
/// a noun with [`crate::store::records::Noun::IN_CATALOG`] raises it.
///
/// # Errors
/// If the database fails.
pub async fn catalog_version(tx: &mut Tx, id: OrganizationId) -> Result<i64, StoreError> {
    let text = "select catalog_version from organizations where id = $1";
    let row = Query::new(text).bind(id).first::<(i64,)>(tx).await?;
    Ok(row.map_or(0, |(version,)| version))
}

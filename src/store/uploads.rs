//! The `uploads` table: files that customers sent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};

use crate::domain::id::{BookingId, OrganizationId, UploadId};
use crate::domain::uploads::Upload;
use crate::store::rows::{id, moment, optional_id};
use crate::store::sql::Query;
use crate::store::{StoreError, Tx};

/// The columns that [`UploadRow`] reads.
const COLUMNS: &str = "id, booking_id, name, media_type, size_bytes, created_s";

#[derive(sqlx::FromRow)]
struct UploadRow {
    id: String,
    booking_id: Option<String>,
    name: String,
    media_type: String,
    size_bytes: i64,
    created_s: i64,
}

impl TryFrom<UploadRow> for Upload {
    type Error = StoreError;

    fn try_from(row: UploadRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: id(&row.id)?,
            booking_id: optional_id(row.booking_id.as_deref())?,
            name: row.name,
            media_type: row.media_type,
            size_bytes: row.size_bytes,
            created_at: moment(row.created_s)?,
        })
    }
}

/// Stores a file.
///
/// # Errors
/// If the database fails.
pub async fn insert(
    tx: &mut Tx,
    organization_id: OrganizationId,
    upload: &Upload,
    bytes: &[u8],
) -> Result<(), StoreError> {
    Query::new(
        "insert into uploads (id, organization_id, booking_id, name, media_type, size_bytes, \
         content, created_s) values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(upload.id)
    .bind(organization_id)
    .bind(upload.booking_id)
    .bind(upload.name.as_str())
    .bind(upload.media_type.as_str())
    .bind(upload.size_bytes)
    .bind(STANDARD.encode(bytes))
    .bind(upload.created_at)
    .execute(tx)
    .await?;
    Ok(())
}

/// What is known of a file.
///
/// # Errors
/// If the database fails.
pub async fn get(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: UploadId,
) -> Result<Option<Upload>, StoreError> {
    let text = format!("select {COLUMNS} from uploads where organization_id = $1 and id = $2");
    let row = Query::new(text).bind(organization_id).bind(id).first::<UploadRow>(tx).await?;
    row.map(TryInto::try_into).transpose()
}

/// The file itself.
///
/// # Errors
/// If the database fails or holds what is no file.
pub async fn content(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: UploadId,
) -> Result<Option<Vec<u8>>, StoreError> {
    let text = "select content from uploads where organization_id = $1 and id = $2";
    let row = Query::new(text).bind(organization_id).bind(id).first::<(String,)>(tx).await?;
    let Some((content,)) = row else { return Ok(None) };
    let decoded = STANDARD.decode(content);
    let corrupt = |error: base64::DecodeError| StoreError::Corrupt {
        what: "upload",
        detail: error.to_string(),
    };
    decoded.map(Some).map_err(corrupt)
}

/// Gives a file to the booking it was sent with, unless it has one.
///
/// # Errors
/// If the database fails.
pub async fn attach(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: UploadId,
    booking_id: BookingId,
) -> Result<(), StoreError> {
    let text = "update uploads set booking_id = $1 \
        where organization_id = $2 and id = $3 and booking_id is null";
    Query::new(text).bind(booking_id).bind(organization_id).bind(id).execute(tx).await?;
    Ok(())
}

/// Files of a client that have come since a moment and belong to no booking; how many bytes, of the
/// whole organization.
///
/// # Errors
/// If the database fails.
pub async fn loose_bytes(
    tx: &mut Tx,
    organization_id: OrganizationId,
    since: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let text = "select cast(coalesce(sum(size_bytes), 0) as bigint) from uploads \
        where organization_id = $1 and booking_id is null and created_s >= $2";
    let row = Query::new(text).bind(organization_id).bind(since).first::<(i64,)>(tx).await?;
    Ok(row.map_or(0, |(bytes,)| bytes))
}

/// Forgets files from before `before` that belong to no booking; how many.
///
/// # Errors
/// If the database fails.
pub async fn prune(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, StoreError> {
    let text = "delete from uploads where booking_id is null and created_s < $1";
    Query::new(text).bind(before).execute(tx).await
}

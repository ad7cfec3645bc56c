//! The `day_views` table: what technicians have seen of their days.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::id::{OrganizationId, TechnicianId, VisitId};
use crate::store::rows::{from_json, moment, to_json};
use crate::store::sql::Query;
use crate::store::{StoreError, Tx};

/// A visit as it was shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenStop {
    /// Which.
    pub visit_id: VisitId,
    /// Its line for lists.
    pub title: String,
    /// Its planned start, in unix seconds.
    pub start_s: i64,
}

#[derive(sqlx::FromRow)]
struct ViewRow {
    stops: String,
    at_s: i64,
}

/// When a technician said to have seen a day, and how it was then.
///
/// # Errors
/// If the database fails.
pub async fn get(
    tx: &mut Tx,
    organization_id: OrganizationId,
    (technician_id, date): (TechnicianId, NaiveDate),
) -> Result<Option<(DateTime<Utc>, Vec<SeenStop>)>, StoreError> {
    let text = "select stops, at_s from day_views \
        where organization_id = $1 and technician_id = $2 and date = $3";
    let query = Query::new(text).bind(organization_id).bind(technician_id).bind(date.to_string());
    let Some(row) = query.first::<ViewRow>(tx).await? else { return Ok(None) };
    Ok(Some((moment(row.at_s)?, from_json(&row.stops)?)))
}

/// Notes how a day was when its technician saw it.
///
/// # Errors
/// [`StoreError::Missing`] if the technician is not the organization's, or if the database fails.
pub async fn put(
    tx: &mut Tx,
    organization_id: OrganizationId,
    (technician_id, date): (TechnicianId, NaiveDate),
    stops: &[SeenStop],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let text = "insert into day_views (organization_id, technician_id, date, stops, at_s) \
        values ($1, $2, $3, $4, $5) on conflict (technician_id, date) do update set \
        stops = excluded.stops, at_s = excluded.at_s";
    Query::new(text)
        .bind(organization_id)
        .bind(technician_id)
        .bind(date.to_string())
        .bind(to_json(&stops)?)
        .bind(now)
        .execute(tx)
        .await?;
    Ok(())
}

/// Forgets days seen before `before`; how many.
///
/// # Errors
/// If the database fails.
pub async fn prune(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, StoreError> {
    Query::new("delete from day_views where at_s < $1").bind(before).execute(tx).await
}

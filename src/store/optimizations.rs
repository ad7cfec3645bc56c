//! The `optimizations` table: runs of the optimizer.

use chrono::{DateTime, Utc};

use crate::domain::id::{LocationId, OptimizationId, OrganizationId};
use crate::domain::optimizations::{Optimization, OptimizationStatus};
use crate::store::pages::{Order, Page, PageQuery, Sorted};
use crate::store::rows::{from_json, moment, to_json};
use crate::store::sql::{Query, Value};
use crate::store::{StoreError, Tx};

const COLUMNS: &str = "id, body, status, revision, created_s, updated_s";

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    body: String,
    status: String,
    revision: i64,
    created_s: i64,
    updated_s: i64,
}

impl TryFrom<Row> for Optimization {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let status = OptimizationStatus::ALL.into_iter().find(|it| it.as_str() == row.status);
        let detail = row.status;
        let status = status.ok_or(StoreError::Corrupt { what: "optimization status", detail })?;
        let body: Self = from_json(&row.body)?;
        Ok(Self {
            status,
            revision: row.revision,
            created_at: moment(row.created_s)?,
            updated_at: moment(row.updated_s)?,
            ..body
        })
    }
}

/// Stores a new run at revision 1.
///
/// # Errors
/// [`StoreError::Missing`] if its first location is not the organization's, or if the database
/// fails.
pub async fn insert(
    tx: &mut Tx,
    organization_id: OrganizationId,
    run: &Optimization,
) -> Result<(), StoreError> {
    let mut query = Query::new(
        "insert into optimizations (id, organization_id, location_id, status, body, revision, \
         created_s, updated_s) values ",
    );
    let location_id = run.request.location_ids.first().copied();
    let values: [Value; 8] = [
        run.id.into(),
        organization_id.into(),
        location_id.into(),
        run.status.as_str().into(),
        to_json(run)?.into(),
        1_i64.into(),
        run.created_at.into(),
        run.updated_at.into(),
    ];
    query.push_tuple(values);
    query.execute(tx).await?;
    Ok(())
}

/// The run with this id.
///
/// # Errors
/// If the database fails or holds what this version cannot read.
pub async fn get(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: OptimizationId,
) -> Result<Option<Optimization>, StoreError> {
    let mut text =
        format!("select {COLUMNS} from optimizations where organization_id = $1 and id = $2");
    if tx.is_postgres() && tx.writes() {
        // Whoever wants to cancel or end it meanwhile waits, and then sees what happened.
        text.push_str(" for update");
    }
    let row = Query::new(text).bind(organization_id).bind(id).first::<Row>(tx).await?;
    row.map(TryInto::try_into).transpose()
}

/// One page of the organization's runs, newest first; of one location if one is given.
///
/// # Errors
/// [`StoreError::BadCursor`] if the cursor belongs to another list, or if the database fails.
pub async fn list(
    tx: &mut Tx,
    organization_id: OrganizationId,
    location_id: Option<LocationId>,
    page: &PageQuery,
) -> Result<Page<Optimization>, StoreError> {
    let mut query =
        Query::new(format!("select {COLUMNS} from optimizations where organization_id = "));
    query.push_value(organization_id);
    if let Some(location_id) = location_id {
        query.push(" and location_id = ").push_value(location_id);
    }
    let order = Order { column: "created_s", id: "id", descending: true };
    page.apply(&mut query, order)?;
    let rows = query.all::<Row>(tx).await?;
    let rows = page.page(rows, order, |row| (Sorted::Int(row.created_s), row.id.clone()));
    rows.try_map(TryInto::try_into)
}

/// Changes a run, whatever its revision: the caller has read it in this transaction. Returns it at
/// its new revision, `None` if it is gone.
///
/// # Errors
/// If the database fails.
pub async fn update(
    tx: &mut Tx,
    organization_id: OrganizationId,
    run: &Optimization,
    now: DateTime<Utc>,
) -> Result<Option<Optimization>, StoreError> {
    let count = Query::new(
        "update optimizations set status = $1, body = $2, updated_s = $3, \
         revision = revision + 1 where organization_id = $4 and id = $5",
    )
    .bind(run.status.as_str())
    .bind(to_json(run)?)
    .bind(now)
    .bind(organization_id)
    .bind(run.id)
    .execute(tx)
    .await?;
    let changed = Optimization { revision: run.revision + 1, updated_at: now, ..run.clone() };
    Ok((count > 0).then_some(changed))
}

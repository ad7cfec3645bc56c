//! The `proposals` table: what runs of the optimizer suggest.

use chrono::{DateTime, Utc};

use crate::domain::id::{OrganizationId, ProposalId};
use crate::domain::proposals::{Proposal, ProposalStatus};
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

impl TryFrom<Row> for Proposal {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let status = ProposalStatus::ALL.into_iter().find(|it| it.as_str() == row.status);
        let detail = row.status;
        let status = status.ok_or(StoreError::Corrupt { what: "proposal status", detail })?;
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

/// Stores a new proposal at revision 1; its run must be there.
///
/// # Errors
/// [`StoreError::Taken`] if the run has one already, or if the database fails.
pub async fn insert(
    tx: &mut Tx,
    organization_id: OrganizationId,
    proposal: &Proposal,
) -> Result<(), StoreError> {
    let mut query = Query::new(
        "insert into proposals (id, organization_id, optimization_id, status, body, revision, \
         created_s, updated_s) values ",
    );
    let values: [Value; 8] = [
        proposal.id.into(),
        organization_id.into(),
        proposal.optimization_id.into(),
        proposal.status.as_str().into(),
        to_json(proposal)?.into(),
        1_i64.into(),
        proposal.created_at.into(),
        proposal.updated_at.into(),
    ];
    query.push_tuple(values);
    query.execute(tx).await?;
    Ok(())
}

/// The proposal with this id.
///
/// # Errors
/// If the database fails or holds what this version cannot read.
pub async fn get(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: ProposalId,
) -> Result<Option<Proposal>, StoreError> {
    let mut text =
        format!("select {COLUMNS} from proposals where organization_id = $1 and id = $2");
    if tx.is_postgres() && tx.writes() {
        // Whoever wants to apply or reject it meanwhile waits, and then sees what happened.
        text.push_str(" for update");
    }
    let row = Query::new(text).bind(organization_id).bind(id).first::<Row>(tx).await?;
    row.map(TryInto::try_into).transpose()
}

/// One page of the organization's proposals, newest first; of one status if one is given.
///
/// # Errors
/// [`StoreError::BadCursor`] if the cursor belongs to another list, or if the database fails.
pub async fn list(
    tx: &mut Tx,
    organization_id: OrganizationId,
    status: Option<ProposalStatus>,
    page: &PageQuery,
) -> Result<Page<Proposal>, StoreError> {
    let mut query = Query::new(format!("select {COLUMNS} from proposals where organization_id = "));
    query.push_value(organization_id);
    if let Some(status) = status {
        query.push(" and status = ").push_value(status.as_str());
    }
    let order = Order { column: "created_s", id: "id", descending: true };
    page.apply(&mut query, order)?;
    let rows = query.all::<Row>(tx).await?;
    let rows = page.page(rows, order, |row| (Sorted::Int(row.created_s), row.id.clone()));
    rows.try_map(TryInto::try_into)
}

/// Changes a proposal if it still has `proposal.revision`; returns it at its new revision, `None`
/// if it is gone or was changed.
///
/// # Errors
/// If the database fails.
pub async fn update(
    tx: &mut Tx,
    organization_id: OrganizationId,
    proposal: &Proposal,
    now: DateTime<Utc>,
) -> Result<Option<Proposal>, StoreError> {
    let count = Query::new(
        "update proposals set status = $1, body = $2, updated_s = $3, revision = revision + 1 \
         where organization_id = $4 and id = $5 and revision = $6",
    )
    .bind(proposal.status.as_str())
    .bind(to_json(proposal)?)
    .bind(now)
    .bind(organization_id)
    .bind(proposal.id)
    .bind(proposal.revision)
    .execute(tx)
    .await?;
    let revision = proposal.revision + 1;
    let changed = Proposal { revision, updated_at: now, ..proposal.clone() };
    Ok((count > 0).then_some(changed))
}

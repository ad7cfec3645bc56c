//! What only import and export ask: everything of an organization, and ids that are taken.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::domain::bookings::Booking;
use crate::domain::equipment::EquipmentUse;
use crate::domain::id::{OrganizationId, VisitId};
use crate::domain::visits::Visit;
use crate::store::assignments::{self, Assigned};
use crate::store::records::Noun;
use crate::store::rows::id;
use crate::store::sql::Query;
use crate::store::visits::{COLUMNS, VisitRow};
use crate::store::{StoreError, Tx, bookings, equipment_uses};

/// The plan of an organization, past and future.
#[derive(Debug, Clone, Default)]
pub struct WholePlan {
    /// All visits by id, held ones included.
    pub visits: Vec<Visit>,
    /// Their assignments by visit and role; those of called-off visits are left out.
    pub assigned: Vec<Assigned>,
    /// Their uses of pooled equipment, by visit.
    pub equipment_uses: Vec<EquipmentUse>,
    /// The bookings that stand for them, by visit.
    pub bookings: Vec<Booking>,
}

/// Reads the whole plan.
///
/// # Errors
/// If the database fails or holds what this version cannot read.
pub async fn plan(tx: &mut Tx, organization_id: OrganizationId) -> Result<WholePlan, StoreError> {
    let text = format!("select {COLUMNS} from visits where organization_id = $1 order by id");
    let rows = Query::new(text).bind(organization_id).all::<VisitRow>(tx).await?;
    let visits = rows.into_iter().map(TryInto::try_into).collect::<Result<Vec<Visit>, _>>()?;
    let ids: Vec<VisitId> = visits.iter().map(|visit| visit.id).collect();
    Ok(WholePlan {
        visits,
        assigned: assignments::of_visits(tx, organization_id, &ids).await?,
        equipment_uses: equipment_uses::of_visits(tx, organization_id, &ids).await?,
        bookings: bookings::of_visits(tx, organization_id, &ids).await?,
    })
}

/// Those of `ids` that name a noun of another organization.
///
/// # Errors
/// If the database fails.
pub async fn taken_elsewhere<N: Noun>(
    tx: &mut Tx,
    organization_id: OrganizationId,
    ids: &[Uuid],
) -> Result<BTreeSet<Uuid>, StoreError> {
    others(tx, organization_id, N::TABLE, ids, false).await
}

/// Those of `ids` that name a visit, of this organization or of others.
///
/// # Errors
/// If the database fails.
pub async fn taken_visits(
    tx: &mut Tx,
    organization_id: OrganizationId,
    ids: &[Uuid],
    own: bool,
) -> Result<BTreeSet<Uuid>, StoreError> {
    others(tx, organization_id, "visits", ids, own).await
}

/// Those of `ids` that name a booking, of this organization or of others.
///
/// # Errors
/// If the database fails.
pub async fn taken_bookings(
    tx: &mut Tx,
    organization_id: OrganizationId,
    ids: &[Uuid],
    own: bool,
) -> Result<BTreeSet<Uuid>, StoreError> {
    others(tx, organization_id, "bookings", ids, own).await
}

async fn others(
    tx: &mut Tx,
    organization_id: OrganizationId,
    table: &str,
    ids: &[Uuid],
    own: bool,
) -> Result<BTreeSet<Uuid>, StoreError> {
    let mut taken = BTreeSet::new();
    for chunk in ids.chunks(500) {
        let whose = if own { "=" } else { "<>" };
        let mut query =
            Query::new(format!("select id from {table} where organization_id {whose} "));
        query.push_value(organization_id).push(" and id in ");
        query
            .push_tuple(chunk.iter().map(|id| id.to_string().as_str().into()))
            .push(" order by id");
        for (text,) in query.all::<(String,)>(tx).await? {
            taken.insert(id(&text)?);
        }
    }
    Ok(taken)
}

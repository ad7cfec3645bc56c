//! Pools of equipment and which visits use their units when.
//!
//! The database itself refuses more units in use, maintenance included, than a pool has.

use chrono::{DateTime, Utc};

use crate::domain::equipment::{EquipmentUse, Pool};
use crate::domain::id::{EquipmentId, LocationId, OrganizationId, VisitId};
use crate::store::rows::{id, moment};
use crate::store::sql::{Query, Value};
use crate::store::{StoreError, Tx};

#[derive(sqlx::FromRow)]
struct UseRow {
    visit_id: String,
    equipment_id: String,
    location_id: String,
    units: i64,
    start_s: i64,
    end_s: i64,
}

impl TryFrom<UseRow> for EquipmentUse {
    type Error = StoreError;

    fn try_from(row: UseRow) -> Result<Self, StoreError> {
        Ok(Self {
            visit_id: id(&row.visit_id)?,
            equipment_id: id(&row.equipment_id)?,
            location_id: id(&row.location_id)?,
            units: u32::try_from(row.units).map_err(|error| StoreError::Corrupt {
                what: "number of units",
                detail: error.to_string(),
            })?,
            start: moment(row.start_s)?,
            end: moment(row.end_s)?,
        })
    }
}

/// Replaces all equipment uses of some visits; those that have none need not be named. Call it after the assignments are written: their
/// change is what raises the plan's version.
///
/// # Errors
/// [`StoreError::EquipmentOverbooked`] if a pool has too few units, [`StoreError::Missing`] if a
/// visit or pool is not the organization's, or if the database fails.
pub async fn replace(
    tx: &mut Tx,
    organization_id: OrganizationId,
    visit_ids: &[VisitId],
    uses: &[EquipmentUse],
) -> Result<(), StoreError> {
    if !visit_ids.is_empty() {
        let mut query = Query::new("delete from equipment_uses where organization_id = ");
        query.push_value(organization_id).push(" and visit_id in ");
        query.push_tuple(visit_ids.iter().map(|id| (*id).into()));
        query.execute(tx).await?;
    }
    // Each row locks its pool; always in the same order, so that writers never wait in a ring.
    let mut uses: Vec<&EquipmentUse> = uses.iter().collect();
    uses.sort_unstable_by_key(|one| (one.equipment_id, one.location_id, one.visit_id));
    for chunk in uses.chunks(500) {
        let mut query = Query::new(
            "insert into equipment_uses (organization_id, visit_id, equipment_id, location_id, \
             units, start_s, end_s) values ",
        );
        for (place, row) in chunk.iter().enumerate() {
            query.push(if place > 0 { ", " } else { "" });
            let values: [Value; 7] = [
                organization_id.into(),
                row.visit_id.into(),
                row.equipment_id.into(),
                row.location_id.into(),
                row.units.into(),
                row.start.into(),
                row.end.into(),
            ];
            query.push_tuple(values);
        }
        query.execute(tx).await?;
    }
    Ok(())
}

/// The uses of some visits, by visit and kind.
///
/// # Errors
/// If the database fails.
pub async fn of_visits(
    tx: &mut Tx,
    organization_id: OrganizationId,
    visit_ids: &[VisitId],
) -> Result<Vec<EquipmentUse>, StoreError> {
    let mut uses = Vec::new();
    for chunk in visit_ids.chunks(500) {
        let mut query = Query::new(
            "select visit_id, equipment_id, location_id, units, start_s, end_s \
             from equipment_uses where organization_id = ",
        );
        query.push_value(organization_id).push(" and visit_id in ");
        query.push_tuple(chunk.iter().map(|id| (*id).into()));
        query.push(" order by visit_id, equipment_id, location_id");
        for row in query.all::<UseRow>(tx).await? {
            uses.push(row.try_into()?);
        }
    }
    Ok(uses)
}

/// Uses of a location's pools that have a part in `[from, until)`, by start.
///
/// # Errors
/// If the database fails.
pub async fn overlapping(
    tx: &mut Tx,
    organization_id: OrganizationId,
    location_id: LocationId,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<EquipmentUse>, StoreError> {
    // By pool, so that the index on the end leaves the past out.
    let rows = Query::new(
        "select u.visit_id, u.equipment_id, u.location_id, u.units, u.start_s, u.end_s \
         from equipment_pools p join equipment_uses u \
         on u.equipment_id = p.equipment_id and u.location_id = p.location_id \
         where p.organization_id = $1 and p.location_id = $2 and u.end_s > $3 and u.start_s < $4 \
         order by u.start_s, u.visit_id, u.equipment_id",
    )
    .bind(organization_id)
    .bind(location_id)
    .bind(from)
    .bind(until)
    .all::<UseRow>(tx)
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Makes others who take or withdraw units of a pool wait until this transaction is over; how many
/// units there are, none if there is no such pool.
///
/// # Errors
/// If the database fails.
pub async fn lock_pool(
    tx: &mut Tx,
    organization_id: OrganizationId,
    (equipment_id, location_id): (EquipmentId, LocationId),
) -> Result<Option<i64>, StoreError> {
    let mut text = String::from(
        "select units from equipment_pools \
         where organization_id = $1 and equipment_id = $2 and location_id = $3",
    );
    if tx.is_postgres() {
        // The same lock that each use takes.
        text.push_str(" for no key update");
    }
    let query = Query::new(text).bind(organization_id).bind(equipment_id).bind(location_id);
    Ok(query.first::<(i64,)>(tx).await?.map(|(units,)| units))
}

/// Makes the pools of one kind of equipment equal to `pools`.
pub(crate) async fn write_pools(
    tx: &mut Tx,
    organization_id: OrganizationId,
    equipment_id: EquipmentId,
    pools: &[Pool],
) -> Result<(), StoreError> {
    let mut query = Query::new("delete from equipment_pools where organization_id = ");
    query.push_value(organization_id).push(" and equipment_id = ").push_value(equipment_id);
    if !pools.is_empty() {
        query.push(" and location_id not in ");
        query.push_tuple(pools.iter().map(|pool| pool.location_id.into()));
    }
    query.execute(tx).await.map_err(|error| error.or_in_use("pool"))?;
    for pool in pools {
        Query::new(
            "insert into equipment_pools (organization_id, equipment_id, location_id, units) \
             values ($1, $2, $3, $4) on conflict (organization_id, equipment_id, location_id) \
             do update set units = excluded.units",
        )
        .bind(organization_id)
        .bind(equipment_id)
        .bind(pool.location_id)
        .bind(pool.units)
        .execute(tx)
        .await?;
    }
    Ok(())
}

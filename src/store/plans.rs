//! Plans: everything placed in a location's span of time, and the versions of its days.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::domain::absences::Absence;
use crate::domain::equipment::EquipmentUse;
use crate::domain::id::{AbsenceId, HoldId, LocationId, OrganizationId, TechnicianId, VisitId};
use crate::domain::plans::PlanVersion;
use crate::domain::records::Record;
use crate::domain::visits::Visit;
use crate::store::assignments::{Assigned, AssignmentRow};
use crate::store::changes::{Whose, parse_date};
use crate::store::rows::{id, moment};
use crate::store::sql::{Query, Value};
use crate::store::visits::VisitRow;
use crate::store::{StoreError, Tx, absences, assignments, equipment_uses, visits};

/// What is placed in a span of a location's time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StoredPlan {
    /// Visits of the location, and those its technicians do for others, by planned start.
    pub visits: Vec<Visit>,
    /// Assignments of these visits and of the location's technicians, by technician and start.
    pub assigned: Vec<Assigned>,
    /// Holds on these visits: until when. Lapsed ones are included.
    pub holds: Vec<HeldUntil>,
    /// Absences of the location's technicians and equipment, by start.
    pub absences: Vec<Record<AbsenceId, Absence>>,
    /// Uses of the location's equipment, by start.
    pub equipment_uses: Vec<EquipmentUse>,
}

/// Until when a visit is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldUntil {
    /// The visit.
    pub visit_id: VisitId,
    /// Its hold.
    pub hold_id: HoldId,
    /// When the hold lapses.
    pub expires_at: DateTime<Utc>,
}

/// A span of a location's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// Whose.
    pub organization_id: OrganizationId,
    /// Which location's.
    pub location_id: LocationId,
    /// First moment.
    pub from: DateTime<Utc>,
    /// First moment after.
    pub until: DateTime<Utc>,
}

/// Everything that has a part in the scope, called-off visits left out.
///
/// Cost: five queries over indices that skip the past.
///
/// # Errors
/// If the database fails or holds what this version cannot read.
pub async fn load(tx: &mut Tx, scope: Scope) -> Result<StoredPlan, StoreError> {
    let Scope { organization_id, location_id, from, until } = scope;
    let assigned = assigned(tx, scope).await?;
    let mut plan = StoredPlan {
        visits: own_visits(tx, scope).await?,
        assigned,
        holds: holds(tx, scope).await?,
        absences: absences::overlapping(tx, organization_id, location_id, from, until).await?,
        equipment_uses: equipment_uses::overlapping(tx, organization_id, location_id, from, until)
            .await?,
    };
    let known: BTreeSet<VisitId> = plan.visits.iter().map(|visit| visit.id).collect();
    let placed = plan.assigned.iter().map(|one| one.assignment.visit_id);
    let missing: BTreeSet<VisitId> = placed.filter(|id| !known.contains(id)).collect();
    if !missing.is_empty() {
        // The location's technicians help out elsewhere.
        let missing: Vec<VisitId> = missing.into_iter().collect();
        plan.visits.extend(visits::get_many(tx, organization_id, &missing).await?);
        plan.visits.sort_by_key(|visit| (visit.planned_start, visit.id));
    }
    let known: BTreeSet<(VisitId, u32)> =
        plan.assigned.iter().map(|one| (one.assignment.visit_id, one.assignment.role)).collect();
    let mut others = helpers(tx, scope).await?;
    others.retain(|one| !known.contains(&(one.assignment.visit_id, one.assignment.role)));
    plan.assigned.extend(others);
    plan.assigned.sort_by_key(|one| (one.assignment.technician_id, one.assignment.start));
    Ok(plan)
}

async fn own_visits(tx: &mut Tx, scope: Scope) -> Result<Vec<Visit>, StoreError> {
    let text = format!(
        "select {} from visits where organization_id = $1 and location_id = $2 and end_s > $3 \
         and start_s < $4 and status <> 'cancelled' order by start_s, id",
        visits::COLUMNS
    );
    let rows = bind(text, scope).all::<VisitRow>(tx).await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Assignments of the location's technicians.
async fn assigned(tx: &mut Tx, scope: Scope) -> Result<Vec<Assigned>, StoreError> {
    let text = format!(
        "select {} from technicians t join assignments a on a.technician_id = t.id \
         where t.organization_id = $1 and t.location_id = $2 and a.end_s > $3 and a.start_s < $4 \
         and not a.ended order by a.technician_id, a.start_s",
        assignments::COLUMNS
    );
    let rows = bind(text, scope).all::<AssignmentRow>(tx).await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Assignments of the location's visits to technicians of other locations.
async fn helpers(tx: &mut Tx, scope: Scope) -> Result<Vec<Assigned>, StoreError> {
    let text = format!(
        "select {} from visits v join assignments a on a.visit_id = v.id \
         join technicians t on t.id = a.technician_id \
         where v.organization_id = $1 and v.location_id = $2 and v.end_s > $3 and v.start_s < $4 \
         and not a.ended and t.location_id <> $2 order by a.technician_id, a.start_s",
        assignments::COLUMNS
    );
    let rows = bind(text, scope).all::<AssignmentRow>(tx).await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

#[derive(sqlx::FromRow)]
struct HeldRow {
    visit_id: String,
    id: String,
    expires_s: i64,
}

async fn holds(tx: &mut Tx, scope: Scope) -> Result<Vec<HeldUntil>, StoreError> {
    let text = "select h.visit_id, h.id, h.expires_s from holds h \
        join visits v on v.id = h.visit_id \
        where h.organization_id = $1 and h.location_id = $2 and v.end_s > $3 and v.start_s < $4 \
        order by h.visit_id";
    let rows = bind(text.to_owned(), scope).all::<HeldRow>(tx).await?;
    rows.into_iter()
        .map(|row| {
            Ok(HeldUntil {
                visit_id: id(&row.visit_id)?,
                hold_id: id(&row.id)?,
                expires_at: moment(row.expires_s)?,
            })
        })
        .collect()
}

fn bind(text: String, scope: Scope) -> Query {
    Query::new(text)
        .bind(scope.organization_id)
        .bind(scope.location_id)
        .bind(scope.from)
        .bind(scope.until)
}

#[derive(sqlx::FromRow)]
struct VersionRow {
    date: String,
    version: i64,
}

/// Versions of the days `[from, until]`, both included, by date; days never changed are left out
/// and have version 0.
///
/// # Errors
/// If the database fails.
pub async fn versions(
    tx: &mut Tx,
    organization_id: OrganizationId,
    location_id: LocationId,
    from: NaiveDate,
    until: NaiveDate,
) -> Result<Vec<PlanVersion>, StoreError> {
    let rows = Query::new(
        "select date, version from plan_versions where organization_id = $1 \
         and location_id = $2 and date >= $3 and date <= $4 order by date",
    )
    .bind(organization_id)
    .bind(location_id)
    .bind(from.to_string())
    .bind(until.to_string())
    .all::<VersionRow>(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            let date = parse_date(&row.date)?;
            Ok(PlanVersion { location_id, date, version: row.version })
        })
        .collect()
}

/// Visits whose changes made the versions after `version` of a day, by id. Visits that are gone
/// are among them.
///
/// # Errors
/// If the database fails.
pub async fn changed_since(
    tx: &mut Tx,
    organization_id: OrganizationId,
    seen: PlanVersion,
) -> Result<Vec<VisitId>, StoreError> {
    let rows = Query::new(
        "select distinct c.visit_id from plan_changes c join locations l on l.id = c.location_id \
         where l.organization_id = $1 and c.location_id = $2 and c.date = $3 and c.version > $4 \
         order by c.visit_id",
    )
    .bind(organization_id)
    .bind(seen.location_id)
    .bind(seen.date.to_string())
    .bind(seen.version)
    .all::<(String,)>(tx)
    .await?;
    rows.into_iter().map(|(visit_id,)| id(&visit_id)).collect()
}

/// Raises the versions of the days that `[from, until)` has a part in, at the commit.
///
/// Changes of visits, assignments, holds and absences do that by themselves; this is for changes
/// the store cannot see, such as a freeze.
pub fn bump(tx: &mut Tx, scope: Scope) {
    let span = (scope.from.timestamp(), scope.until.timestamp());
    let whose = Whose::Location(scope.location_id);
    tx.changes.touch(scope.organization_id, whose, span, None);
}

/// Makes other writers for any of these technicians wait until this transaction is over.
///
/// On PostgreSQL, take these locks before reading what the writing depends on, all in one call:
/// they are taken in one order, so that two writers never wait in a ring. On SQLite, a writing
/// transaction is alone anyway, and this does nothing.
///
/// # Errors
/// If the database fails.
pub async fn lock_technicians(
    tx: &mut Tx,
    technician_ids: &[TechnicianId],
) -> Result<(), StoreError> {
    lock(tx, technician_ids.iter().map(|id| id.0)).await
}

/// As [`lock_technicians`], for anything that has an id.
pub(crate) async fn lock(
    tx: &mut Tx,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<(), StoreError> {
    let keys: BTreeSet<i64> = ids.into_iter().map(lock_key).collect();
    if keys.is_empty() || !tx.is_postgres() {
        return Ok(());
    }
    // The rows come, and the locks are taken, in the order of the list.
    let mut query =
        Query::new("select count(*) from (select pg_advisory_xact_lock(key) from (values ");
    for (place, key) in keys.into_iter().enumerate() {
        query.push(if place > 0 { ", " } else { "" });
        query.push_tuple([Value::from(key)]);
    }
    query.push(") as keys (key)) as locks");
    query.all::<(i64,)>(tx).await?;
    Ok(())
}

/// A number for a lock. Two with the same number would only wait for each other.
fn lock_key(id: Uuid) -> i64 {
    let digest = Sha256::digest(id.as_bytes());
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&digest[..8]);
    i64::from_le_bytes(bytes)
}

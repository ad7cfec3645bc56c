//! The `assignments` table: who does which visit when.
//!
//! The database itself refuses two that overlap for one technician; a called-off visit's rows are
//! marked as ended and no longer count.

use chrono::{DateTime, Utc};

use crate::domain::id::{OrganizationId, TechnicianId, VisitId};
use crate::domain::visits::Assignment;
use crate::store::changes::Whose;
use crate::store::rows::{id, moment};
use crate::store::sql::{Query, Value};
use crate::store::{StoreError, Tx};

/// The columns that [`AssignmentRow`] reads, of `assignments a`.
pub(crate) const COLUMNS: &str =
    "a.visit_id, a.role, a.technician_id, a.start_s, a.end_s, a.travel_s, a.assigned_s";

/// An assignment as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assigned {
    /// Who, what, when.
    pub assignment: Assignment,
    /// Seconds of driving before the visit, as planned; counted as work in round robin.
    pub travel_s: i64,
    /// When the technician was chosen.
    pub assigned_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
pub(crate) struct AssignmentRow {
    visit_id: String,
    role: i64,
    technician_id: String,
    start_s: i64,
    end_s: i64,
    travel_s: i64,
    assigned_s: i64,
}

impl TryFrom<AssignmentRow> for Assigned {
    type Error = StoreError;

    fn try_from(row: AssignmentRow) -> Result<Self, StoreError> {
        let role = u32::try_from(row.role)
            .map_err(|error| StoreError::Corrupt { what: "role", detail: error.to_string() })?;
        Ok(Self {
            assignment: Assignment {
                visit_id: id(&row.visit_id)?,
                technician_id: id(&row.technician_id)?,
                role,
                start: moment(row.start_s)?,
                end: moment(row.end_s)?,
            },
            travel_s: row.travel_s,
            assigned_at: moment(row.assigned_s)?,
        })
    }
}

#[derive(sqlx::FromRow)]
struct SpanRow {
    visit_id: String,
    technician_id: String,
    start_s: i64,
    end_s: i64,
}

/// Replaces all assignments of some visits; visits without a new one are left to nobody. Visits that
/// nobody has need not be named.
///
/// Old ones go first, so that visits can change places. Cost: two statements.
///
/// # Errors
/// [`StoreError::Overlap`] if two of one technician would overlap, [`StoreError::Missing`] if a
/// visit or technician is not the organization's, or if the database fails.
pub async fn replace(
    tx: &mut Tx,
    organization_id: OrganizationId,
    visit_ids: &[VisitId],
    assigned: &[Assigned],
) -> Result<(), StoreError> {
    if visit_ids.is_empty() {
        return insert(tx, organization_id, assigned).await;
    }
    let mut query = Query::new("delete from assignments where organization_id = ");
    query.push_value(organization_id).push(" and visit_id in ");
    query.push_tuple(visit_ids.iter().map(|id| (*id).into()));
    query.push(" returning visit_id, technician_id, start_s, end_s");
    let gone = query.all::<SpanRow>(tx).await?;
    touch(tx, organization_id, gone)?;
    insert(tx, organization_id, assigned).await
}

/// Adds assignments.
///
/// # Errors
/// As [`replace`], and [`StoreError::Taken`] if a visit has somebody in that role.
pub async fn insert(
    tx: &mut Tx,
    organization_id: OrganizationId,
    assigned: &[Assigned],
) -> Result<(), StoreError> {
    for chunk in assigned.chunks(500) {
        let mut query = Query::new(
            "insert into assignments (organization_id, visit_id, role, technician_id, start_s, \
             end_s, travel_s, assigned_s) values ",
        );
        for (place, row) in chunk.iter().enumerate() {
            let Assignment { visit_id, technician_id, role, start, end } = row.assignment;
            query.push(if place > 0 { ", " } else { "" });
            let values: [Value; 8] = [
                organization_id.into(),
                visit_id.into(),
                role.into(),
                technician_id.into(),
                start.into(),
                end.into(),
                row.travel_s.into(),
                row.assigned_at.into(),
            ];
            query.push_tuple(values);
            let span = (start.timestamp(), end.timestamp());
            let whose = Whose::Technician(technician_id);
            tx.changes.touch(organization_id, whose, span, Some(visit_id));
        }
        query.execute(tx).await?;
    }
    Ok(())
}

/// Frees the time of a visit that was called off; its rows stay for history.
///
/// # Errors
/// If the database fails.
pub async fn end(
    tx: &mut Tx,
    organization_id: OrganizationId,
    visit_id: VisitId,
) -> Result<(), StoreError> {
    let ended = Query::new(
        "update assignments set ended = true \
         where organization_id = $1 and visit_id = $2 and not ended \
         returning visit_id, technician_id, start_s, end_s",
    )
    .bind(organization_id)
    .bind(visit_id)
    .all::<SpanRow>(tx)
    .await?;
    touch(tx, organization_id, ended)
}

/// The assignments of some visits that count, by visit and role.
///
/// # Errors
/// If the database fails.
pub async fn of_visits(
    tx: &mut Tx,
    organization_id: OrganizationId,
    visit_ids: &[VisitId],
) -> Result<Vec<Assigned>, StoreError> {
    let mut assigned = Vec::new();
    for chunk in visit_ids.chunks(500) {
        let mut query =
            Query::new(format!("select {COLUMNS} from assignments a where a.organization_id = "));
        query.push_value(organization_id).push(" and not a.ended and a.visit_id in ");
        query.push_tuple(chunk.iter().map(|id| (*id).into()));
        query.push(" order by a.visit_id, a.role");
        for row in query.all::<AssignmentRow>(tx).await? {
            assigned.push(row.try_into()?);
        }
    }
    Ok(assigned)
}

/// One technician's assignments that have a part in `[from, until)`, by start.
///
/// # Errors
/// If the database fails.
pub async fn of_technician(
    tx: &mut Tx,
    organization_id: OrganizationId,
    technician_id: TechnicianId,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<Assigned>, StoreError> {
    let text = format!(
        "select {COLUMNS} from assignments a where a.organization_id = $1 \
         and a.technician_id = $2 and a.end_s > $3 and a.start_s < $4 and not a.ended \
         order by a.start_s, a.visit_id"
    );
    let query = Query::new(text).bind(organization_id).bind(technician_id).bind(from).bind(until);
    query.all::<AssignmentRow>(tx).await?.into_iter().map(TryInto::try_into).collect()
}

fn touch(
    tx: &mut Tx,
    organization_id: OrganizationId,
    rows: Vec<SpanRow>,
) -> Result<(), StoreError> {
    for row in rows {
        let whose = Whose::Technician(id(&row.technician_id)?);
        let visit_id = Some(id(&row.visit_id)?);
        tx.changes.touch(organization_id, whose, (row.start_s, row.end_s), visit_id);
    }
    Ok(())
}

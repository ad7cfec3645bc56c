//! The `calendar_conflicts` table: what members did in their calendars to events of ours.

use chrono::{DateTime, Utc};

use crate::domain::calendars::{CalendarConflict, ConflictKind, ConflictStatus};
use crate::domain::id::{CalendarConflictId, CalendarId, OrganizationId, TechnicianId, VisitId};
use crate::store::rows::{id, moment, optional_id, optional_moment};
use crate::store::sql::{Query, Value};
use crate::store::{StoreError, Tx};

#[derive(sqlx::FromRow)]
struct ConflictRow {
    id: String,
    calendar_id: String,
    technician_id: Option<String>,
    visit_id: String,
    kind: String,
    planned_s: i64,
    start_s: Option<i64>,
    end_s: Option<i64>,
    status: String,
    created_s: i64,
    decided_s: Option<i64>,
}

const COLUMNS: &str = "id, calendar_id, technician_id, visit_id, kind, planned_s, start_s, end_s, \
    status, created_s, decided_s";

impl TryFrom<ConflictRow> for CalendarConflict {
    type Error = StoreError;

    fn try_from(row: ConflictRow) -> Result<Self, StoreError> {
        let kinds = [ConflictKind::Moved, ConflictKind::Deleted];
        let kind = kinds.into_iter().find(|kind| kind.as_str() == row.kind);
        let status = ConflictStatus::ALL.into_iter().find(|one| one.as_str() == row.status);
        let corrupt = |what, detail: &str| StoreError::Corrupt { what, detail: detail.to_owned() };
        Ok(Self {
            id: id(&row.id)?,
            calendar_id: id(&row.calendar_id)?,
            technician_id: optional_id(row.technician_id.as_deref())?,
            visit_id: id(&row.visit_id)?,
            kind: kind.ok_or_else(|| corrupt("kind of conflict", &row.kind))?,
            planned_start: moment(row.planned_s)?,
            start: optional_moment(row.start_s)?,
            end: optional_moment(row.end_s)?,
            status: status.ok_or_else(|| corrupt("status of a conflict", &row.status))?,
            created_at: moment(row.created_s)?,
            decided_at: optional_moment(row.decided_s)?,
        })
    }
}

/// Stores a new conflict.
///
/// # Errors
/// If the database fails.
pub async fn insert(
    tx: &mut Tx,
    organization_id: OrganizationId,
    conflict: &CalendarConflict,
) -> Result<(), StoreError> {
    let mut query =
        Query::new(format!("insert into calendar_conflicts (organization_id, {COLUMNS}) values "));
    let values: [Value; 12] = [
        organization_id.into(),
        conflict.id.into(),
        conflict.calendar_id.into(),
        conflict.technician_id.into(),
        conflict.visit_id.into(),
        conflict.kind.as_str().into(),
        conflict.planned_start.into(),
        conflict.start.into(),
        conflict.end.into(),
        conflict.status.as_str().into(),
        conflict.created_at.into(),
        conflict.decided_at.into(),
    ];
    query.push_tuple(values);
    query.execute(tx).await?;
    Ok(())
}

/// The conflict with this id.
///
/// # Errors
/// If the database fails.
pub async fn get(
    tx: &mut Tx,
    organization_id: OrganizationId,
    conflict_id: CalendarConflictId,
) -> Result<Option<CalendarConflict>, StoreError> {
    let text =
        format!("select {COLUMNS} from calendar_conflicts where organization_id = $1 and id = $2");
    let row = Query::new(text).bind(organization_id).bind(conflict_id).first::<ConflictRow>(tx);
    row.await?.map(TryInto::try_into).transpose()
}

/// The open conflict about a visit in a calendar, if there is one.
///
/// # Errors
/// If the database fails.
pub async fn open(
    tx: &mut Tx,
    calendar_id: CalendarId,
    visit_id: VisitId,
) -> Result<Option<CalendarConflict>, StoreError> {
    let text = format!(
        "select {COLUMNS} from calendar_conflicts where calendar_id = $1 and visit_id = $2 \
         and status = 'open' order by id"
    );
    let row = Query::new(text).bind(calendar_id).bind(visit_id).first::<ConflictRow>(tx).await?;
    row.map(TryInto::try_into).transpose()
}

/// Which conflicts are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ConflictFilter {
    /// Only those of this technician's calendars.
    pub technician_id: Option<TechnicianId>,
    /// Only those about this visit.
    pub visit_id: Option<VisitId>,
    /// Only those that wait for a decision.
    pub open: bool,
}

/// Conflicts, newest first, at most `limit`.
///
/// # Errors
/// If the database fails.
pub async fn list(
    tx: &mut Tx,
    organization_id: OrganizationId,
    filter: ConflictFilter,
    limit: u32,
) -> Result<Vec<CalendarConflict>, StoreError> {
    let mut query =
        Query::new(format!("select {COLUMNS} from calendar_conflicts where organization_id = "));
    query.push_value(organization_id);
    if let Some(technician_id) = filter.technician_id {
        query.push(" and technician_id = ").push_value(technician_id);
    }
    if let Some(visit_id) = filter.visit_id {
        query.push(" and visit_id = ").push_value(visit_id);
    }
    if filter.open {
        query.push(" and status = 'open'");
    }
    query.push(" order by created_s desc, id desc limit ").push_value(limit);
    query.all::<ConflictRow>(tx).await?.into_iter().map(TryInto::try_into).collect()
}

/// Notes what the event is now, while its conflict is open.
///
/// # Errors
/// If the database fails.
pub async fn set_times(tx: &mut Tx, conflict: &CalendarConflict) -> Result<(), StoreError> {
    let text = "update calendar_conflicts set kind = $1, start_s = $2, end_s = $3 where id = $4";
    let query = Query::new(text).bind(conflict.kind.as_str()).bind(conflict.start);
    query.bind(conflict.end).bind(conflict.id).execute(tx).await?;
    Ok(())
}

/// Closes an open conflict; whether it was open.
///
/// # Errors
/// If the database fails.
pub async fn decide(
    tx: &mut Tx,
    organization_id: OrganizationId,
    conflict_id: CalendarConflictId,
    status: ConflictStatus,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let text = "update calendar_conflicts set status = $1, decided_s = $2 \
        where organization_id = $3 and id = $4 and status = 'open'";
    let query = Query::new(text).bind(status.as_str()).bind(now);
    Ok(query.bind(organization_id).bind(conflict_id).execute(tx).await? > 0)
}

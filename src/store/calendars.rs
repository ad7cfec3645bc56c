//! The tables of people's calendars: the calendars themselves; accounts, what was read and what was
//! written stand in files of their own.

pub mod accounts;
pub mod busy;
pub mod channels;
pub mod conflicts;
pub mod feeds;
pub mod written;

use chrono::{DateTime, Utc};

use crate::domain::calendars::{Calendar, CalendarStatus};
use crate::domain::id::{CalendarAccountId, CalendarId, OrganizationId, TechnicianId};
use crate::store::rows::{id, optional_id, optional_moment};
use crate::store::sql::{Query, Value};
use crate::store::{StoreError, Tx};

#[derive(sqlx::FromRow)]
struct CalendarRow {
    id: String,
    account_id: String,
    technician_id: Option<String>,
    remote_id: String,
    name: String,
    writable: bool,
    blocks: bool,
    receives: bool,
    status: String,
    error: String,
    failures: i64,
    cursor: Option<String>,
    synced_s: Option<i64>,
    full_synced_s: Option<i64>,
    revision: i64,
}

const COLUMNS: &str = "id, account_id, technician_id, remote_id, name, writable, blocks, receives, \
    status, error, failures, cursor, synced_s, full_synced_s, revision";

impl TryFrom<CalendarRow> for Calendar {
    type Error = StoreError;

    fn try_from(row: CalendarRow) -> Result<Self, StoreError> {
        let corrupt =
            || StoreError::Corrupt { what: "calendar status", detail: row.status.clone() };
        Ok(Self {
            id: id(&row.id)?,
            revision: row.revision,
            account_id: id(&row.account_id)?,
            technician_id: optional_id(row.technician_id.as_deref())?,
            status: CalendarStatus::parse(&row.status).ok_or_else(corrupt)?,
            remote_id: row.remote_id,
            name: row.name,
            writable: row.writable,
            blocks: row.blocks,
            receives: row.receives,
            error: row.error,
            failures: u32::try_from(row.failures).unwrap_or(u32::MAX),
            cursor: row.cursor,
            synced_at: optional_moment(row.synced_s)?,
            full_synced_at: optional_moment(row.full_synced_s)?,
        })
    }
}

/// Stores a new calendar.
///
/// # Errors
/// [`StoreError::Taken`] if the account has one of this remote id, or if the database fails.
pub async fn insert(
    tx: &mut Tx,
    organization_id: OrganizationId,
    calendar: &Calendar,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut query = Query::new(format!(
        "insert into calendars (organization_id, created_s, updated_s, {COLUMNS}) values "
    ));
    let values: [Value; 18] = [
        organization_id.into(),
        now.into(),
        now.into(),
        calendar.id.into(),
        calendar.account_id.into(),
        calendar.technician_id.into(),
        calendar.remote_id.as_str().into(),
        calendar.name.as_str().into(),
        calendar.writable.into(),
        calendar.blocks.into(),
        calendar.receives.into(),
        calendar.status.as_str().into(),
        calendar.error.as_str().into(),
        calendar.failures.into(),
        calendar.cursor.clone().into(),
        calendar.synced_at.into(),
        calendar.full_synced_at.into(),
        calendar.revision.into(),
    ];
    query.push_tuple(values);
    query.execute(tx).await?;
    Ok(())
}

/// The calendar with this id.
///
/// # Errors
/// If the database fails.
pub async fn get(
    tx: &mut Tx,
    organization_id: OrganizationId,
    calendar_id: CalendarId,
) -> Result<Option<Calendar>, StoreError> {
    let text = format!("select {COLUMNS} from calendars where organization_id = $1 and id = $2");
    let row = Query::new(text).bind(organization_id).bind(calendar_id).first::<CalendarRow>(tx);
    row.await?.map(TryInto::try_into).transpose()
}

/// Which calendars are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CalendarFilter {
    /// Only those of this technician.
    pub technician_id: Option<TechnicianId>,
    /// Only those of this account.
    pub account_id: Option<CalendarAccountId>,
}

/// The organization's calendars, oldest first.
///
/// # Errors
/// If the database fails.
pub async fn list(
    tx: &mut Tx,
    organization_id: OrganizationId,
    filter: CalendarFilter,
) -> Result<Vec<Calendar>, StoreError> {
    let mut query = Query::new(format!("select {COLUMNS} from calendars where organization_id = "));
    query.push_value(organization_id);
    if let Some(technician_id) = filter.technician_id {
        query.push(" and technician_id = ").push_value(technician_id);
    }
    if let Some(account_id) = filter.account_id {
        query.push(" and account_id = ").push_value(account_id);
    }
    query.push(" order by created_s, id");
    query.all::<CalendarRow>(tx).await?.into_iter().map(TryInto::try_into).collect()
}

/// Calendars into which visits of these technicians are written: their own, and those of the
/// business.
///
/// # Errors
/// If the database fails.
pub async fn receiving(
    tx: &mut Tx,
    organization_id: OrganizationId,
    technician_ids: &[TechnicianId],
) -> Result<Vec<Calendar>, StoreError> {
    let mut query = Query::new(format!(
        "select {COLUMNS} from calendars where receives = true and organization_id = "
    ));
    query.push_value(organization_id).push(" and (technician_id is null or technician_id in ");
    query.push_tuple(technician_ids.iter().map(|id| (*id).into())).push(") order by id");
    query.all::<CalendarRow>(tx).await?.into_iter().map(TryInto::try_into).collect()
}

/// Calendars whose busy times keep these technicians free of visits.
///
/// # Errors
/// If the database fails.
pub async fn blocking(
    tx: &mut Tx,
    organization_id: OrganizationId,
    technician_ids: &[TechnicianId],
) -> Result<Vec<Calendar>, StoreError> {
    let mut query = Query::new(format!(
        "select {COLUMNS} from calendars where blocks = true and organization_id = "
    ));
    query.push_value(organization_id).push(" and technician_id in ");
    query.push_tuple(technician_ids.iter().map(|id| (*id).into())).push(" order by id");
    query.all::<CalendarRow>(tx).await?.into_iter().map(TryInto::try_into).collect()
}

/// Changes what a calendar is used for; whether it still had the revision the caller saw.
///
/// # Errors
/// If the database fails.
pub async fn set_uses(
    tx: &mut Tx,
    organization_id: OrganizationId,
    (calendar_id, revision): (CalendarId, i64),
    (blocks, receives): (bool, bool),
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let text = "update calendars set blocks = $1, receives = $2, updated_s = $3, \
        revision = revision + 1 where organization_id = $4 and id = $5 and revision = $6";
    let query = Query::new(text).bind(blocks).bind(receives).bind(now);
    let query = query.bind(organization_id).bind(calendar_id).bind(revision);
    Ok(query.execute(tx).await? > 0)
}

/// How a calendar stands after an attempt to read or write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// How it goes.
    pub status: CalendarStatus,
    /// What went wrong, in words; empty if nothing did.
    pub error: String,
    /// Faults in a row.
    pub failures: u32,
}

/// Notes how a calendar stands.
///
/// # Errors
/// If the database fails.
pub async fn set_standing(
    tx: &mut Tx,
    organization_id: OrganizationId,
    calendar_id: CalendarId,
    standing: &Standing,
) -> Result<(), StoreError> {
    let error: String = standing.error.chars().take(1000).collect();
    let text = "update calendars set status = $1, error = $2, failures = $3 \
        where organization_id = $4 and id = $5";
    let query = Query::new(text).bind(standing.status.as_str()).bind(error);
    let query = query.bind(standing.failures).bind(organization_id).bind(calendar_id);
    query.execute(tx).await?;
    Ok(())
}

/// Notes how far a calendar was read.
///
/// * `full`: whether it was read whole.
///
/// # Errors
/// If the database fails.
pub async fn set_read(
    tx: &mut Tx,
    organization_id: OrganizationId,
    calendar_id: CalendarId,
    (cursor, full): (Option<&str>, bool),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let text = "update calendars set cursor = $1, synced_s = $2, \
        full_synced_s = case when $3 then $2 else full_synced_s end \
        where organization_id = $4 and id = $5";
    let query = Query::new(text).bind(cursor.map(str::to_owned)).bind(now).bind(full);
    query.bind(organization_id).bind(calendar_id).execute(tx).await?;
    Ok(())
}

/// Lets the next reading start anew.
///
/// # Errors
/// If the database fails.
pub async fn forget_cursor(
    tx: &mut Tx,
    organization_id: OrganizationId,
    calendar_id: CalendarId,
) -> Result<(), StoreError> {
    let text = "update calendars set cursor = null, full_synced_s = null \
        where organization_id = $1 and id = $2";
    Query::new(text).bind(organization_id).bind(calendar_id).execute(tx).await?;
    Ok(())
}

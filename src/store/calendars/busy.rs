//! What was read from calendars: items with their versions, and the busy times they give.

use chrono::{DateTime, Utc};

use crate::domain::id::{AbsenceId, CalendarId};
use crate::store::rows::{id, moment};
use crate::store::sql::{Query, Value};
use crate::store::{StoreError, Tx};

/// Rows in one statement at most; databases limit the number of values.
const ROWS_MAX: usize = 300;

/// A busy time that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusyTime {
    /// The absence it became.
    pub absence_id: AbsenceId,
    /// The item it comes from.
    pub remote_id: String,
    /// First moment.
    pub start: DateTime<Utc>,
    /// First moment after.
    pub end: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct BusyRow {
    absence_id: String,
    remote_id: String,
    start_s: i64,
    end_s: i64,
}

impl TryFrom<BusyRow> for BusyTime {
    type Error = StoreError;

    fn try_from(row: BusyRow) -> Result<Self, StoreError> {
        Ok(Self {
            absence_id: id(&row.absence_id)?,
            remote_id: row.remote_id,
            start: moment(row.start_s)?,
            end: moment(row.end_s)?,
        })
    }
}

/// All busy times of a calendar, by start.
///
/// # Errors
/// If the database fails.
pub async fn all(tx: &mut Tx, calendar_id: CalendarId) -> Result<Vec<BusyTime>, StoreError> {
    let text = "select absence_id, remote_id, start_s, end_s from calendar_busy \
        where calendar_id = $1 order by start_s, absence_id";
    let rows = Query::new(text).bind(calendar_id).all::<BusyRow>(tx).await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The calendar whose busy time an absence is; none for any other absence.
///
/// # Errors
/// If the database fails.
pub async fn source(tx: &mut Tx, absence_id: AbsenceId) -> Result<Option<CalendarId>, StoreError> {
    let text = "select calendar_id from calendar_busy where absence_id = $1";
    let found = Query::new(text).bind(absence_id).all::<(String,)>(tx).await?;
    found.first().map(|(text,)| id(text)).transpose()
}

/// Busy times of some items, by start.
///
/// # Errors
/// If the database fails.
pub async fn of_items(
    tx: &mut Tx,
    calendar_id: CalendarId,
    remote_ids: &[String],
) -> Result<Vec<BusyTime>, StoreError> {
    let mut found = Vec::new();
    for chunk in remote_ids.chunks(ROWS_MAX) {
        let mut query = Query::new(
            "select absence_id, remote_id, start_s, end_s from calendar_busy where calendar_id = ",
        );
        query.push_value(calendar_id).push(" and remote_id in ");
        query.push_tuple(chunk.iter().map(|id| id.as_str().into()));
        query.push(" order by start_s, absence_id");
        for row in query.all::<BusyRow>(tx).await? {
            found.push(row.try_into()?);
        }
    }
    Ok(found)
}

/// Busy times that have a part in `[from, until)`, by start.
///
/// # Errors
/// If the database fails.
pub async fn overlapping(
    tx: &mut Tx,
    calendar_id: CalendarId,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<BusyTime>, StoreError> {
    let text = "select absence_id, remote_id, start_s, end_s from calendar_busy \
        where calendar_id = $1 and start_s < $2 and end_s > $3 order by start_s, absence_id";
    let query = Query::new(text).bind(calendar_id).bind(until).bind(from);
    query.all::<BusyRow>(tx).await?.into_iter().map(TryInto::try_into).collect()
}

/// Notes busy times whose absences are there already. They go with their absences.
///
/// # Errors
/// If the database fails.
pub async fn insert(
    tx: &mut Tx,
    calendar_id: CalendarId,
    times: &[BusyTime],
) -> Result<(), StoreError> {
    for chunk in times.chunks(ROWS_MAX) {
        let mut query = Query::new(
            "insert into calendar_busy (absence_id, calendar_id, remote_id, start_s, end_s) values ",
        );
        for (place, time) in chunk.iter().enumerate() {
            query.push(if place > 0 { ", " } else { "" });
            let values: [Value; 5] = [
                time.absence_id.into(),
                calendar_id.into(),
                time.remote_id.as_str().into(),
                time.start.into(),
                time.end.into(),
            ];
            query.push_tuple(values);
        }
        query.execute(tx).await?;
    }
    Ok(())
}

/// The items of a calendar with their versions, by remote id.
///
/// # Errors
/// If the database fails.
pub async fn items(
    tx: &mut Tx,
    calendar_id: CalendarId,
) -> Result<Vec<(String, String)>, StoreError> {
    let text =
        "select remote_id, etag from calendar_items where calendar_id = $1 order by remote_id";
    Query::new(text).bind(calendar_id).all::<(String, String)>(tx).await
}

/// Notes the versions of items.
///
/// # Errors
/// If the database fails.
pub async fn set_items(
    tx: &mut Tx,
    calendar_id: CalendarId,
    items: &[(String, String)],
) -> Result<(), StoreError> {
    for chunk in items.chunks(ROWS_MAX) {
        let mut query =
            Query::new("insert into calendar_items (calendar_id, remote_id, etag) values ");
        for (place, (remote_id, etag)) in chunk.iter().enumerate() {
            query.push(if place > 0 { ", " } else { "" });
            let values: [Value; 3] =
                [calendar_id.into(), remote_id.as_str().into(), etag.as_str().into()];
            query.push_tuple(values);
        }
        query.push(" on conflict (calendar_id, remote_id) do update set etag = excluded.etag");
        query.execute(tx).await?;
    }
    Ok(())
}

/// Forgets items.
///
/// # Errors
/// If the database fails.
pub async fn forget_items(
    tx: &mut Tx,
    calendar_id: CalendarId,
    remote_ids: &[String],
) -> Result<(), StoreError> {
    for chunk in remote_ids.chunks(ROWS_MAX) {
        let mut query = Query::new("delete from calendar_items where calendar_id = ");
        query.push_value(calendar_id).push(" and remote_id in ");
        query.push_tuple(chunk.iter().map(|id| id.as_str().into()));
        query.execute(tx).await?;
    }
    Ok(())
}

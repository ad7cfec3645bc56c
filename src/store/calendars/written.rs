//! The `calendar_events` table: which visits shall stand in which calendars, and what was written.

use chrono::{DateTime, Utc};

use crate::domain::id::{CalendarId, OrganizationId, TechnicianId, VisitId};
use crate::store::rows::{id, optional_moment};
use crate::store::sql::Query;
use crate::store::{StoreError, Tx};

/// A visit in a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitEvent {
    /// In which calendar.
    pub calendar_id: CalendarId,
    /// Which visit.
    pub visit_id: VisitId,
    /// How often the event was made anew.
    pub generation: u32,
    /// Counts changes of time and place.
    pub sequence: u32,
    /// The event at the provider; none while there is none.
    pub remote_id: Option<String>,
    /// Its version as it was last written or read.
    pub etag: String,
    /// First moment as it was written.
    pub start: Option<DateTime<Utc>>,
    /// First moment after, as it was written.
    pub end: Option<DateTime<Utc>>,
    /// Hash of all that was written; empty for nothing, or to write it anew.
    pub content_hash: String,
    /// Counts the wishes to write it.
    pub asked: i64,
    /// The wishes that are done.
    pub done: i64,
}

#[derive(sqlx::FromRow)]
struct EventRow {
    calendar_id: String,
    visit_id: String,
    generation: i64,
    sequence: i64,
    remote_id: Option<String>,
    etag: String,
    start_s: Option<i64>,
    end_s: Option<i64>,
    content_hash: String,
    asked: i64,
    done: i64,
}

const COLUMNS: &str = "calendar_id, visit_id, generation, sequence, remote_id, etag, start_s, end_s, \
    content_hash, asked, done";

impl TryFrom<EventRow> for VisitEvent {
    type Error = StoreError;

    fn try_from(row: EventRow) -> Result<Self, StoreError> {
        Ok(Self {
            calendar_id: id(&row.calendar_id)?,
            visit_id: id(&row.visit_id)?,
            generation: u32::try_from(row.generation).unwrap_or(u32::MAX),
            sequence: u32::try_from(row.sequence).unwrap_or(u32::MAX),
            remote_id: row.remote_id,
            etag: row.etag,
            start: optional_moment(row.start_s)?,
            end: optional_moment(row.end_s)?,
            content_hash: row.content_hash,
            asked: row.asked,
            done: row.done,
        })
    }
}

/// Asks for a visit to be written into a calendar, or taken out of it, as the plan says then.
///
/// # Errors
/// If the database fails.
pub async fn ask(
    tx: &mut Tx,
    organization_id: OrganizationId,
    calendar_id: CalendarId,
    visit_id: VisitId,
) -> Result<(), StoreError> {
    let text = "insert into calendar_events (calendar_id, visit_id, organization_id, generation, \
        sequence, remote_id, etag, start_s, end_s, content_hash, asked, done) \
        values ($1, $2, $3, 0, 0, null, '', null, null, '', 1, 0) \
        on conflict (calendar_id, visit_id) do update set asked = calendar_events.asked + 1";
    Query::new(text).bind(calendar_id).bind(visit_id).bind(organization_id).execute(tx).await?;
    Ok(())
}

/// What a calendar waits for, at most `limit`, by visit.
///
/// # Errors
/// If the database fails.
pub async fn asked(
    tx: &mut Tx,
    calendar_id: CalendarId,
    limit: u32,
) -> Result<Vec<VisitEvent>, StoreError> {
    let text = format!(
        "select {COLUMNS} from calendar_events where calendar_id = $1 and asked > done \
         order by visit_id limit $2"
    );
    let rows = Query::new(text).bind(calendar_id).bind(limit).all::<EventRow>(tx).await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Whether an event of ours stands in a calendar under a provider's name.
///
/// # Errors
/// If the database fails.
pub async fn stands(
    tx: &mut Tx,
    organization_id: OrganizationId,
    remote_id: &str,
) -> Result<bool, StoreError> {
    let text = "select visit_id from calendar_events where organization_id = $1 \
        and remote_id = $2 limit 1";
    let query = Query::new(text).bind(organization_id).bind(remote_id);
    Ok(!query.all::<(String,)>(tx).await?.is_empty())
}

/// All visits of a calendar, by visit.
///
/// # Errors
/// If the database fails.
pub async fn of_calendar(
    tx: &mut Tx,
    calendar_id: CalendarId,
) -> Result<Vec<VisitEvent>, StoreError> {
    let text =
        format!("select {COLUMNS} from calendar_events where calendar_id = $1 order by visit_id");
    let rows = Query::new(text).bind(calendar_id).all::<EventRow>(tx).await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The calendars that some visits stand in, or shall.
///
/// # Errors
/// If the database fails.
pub async fn of_visits(
    tx: &mut Tx,
    organization_id: OrganizationId,
    visit_ids: &[VisitId],
) -> Result<Vec<VisitEvent>, StoreError> {
    let mut found = Vec::new();
    for chunk in visit_ids.chunks(300) {
        let mut query =
            Query::new(format!("select {COLUMNS} from calendar_events where organization_id = "));
        query.push_value(organization_id).push(" and visit_id in ");
        query.push_tuple(chunk.iter().map(|id| (*id).into()));
        query.push(" order by calendar_id, visit_id");
        for row in query.all::<EventRow>(tx).await? {
            found.push(row.try_into()?);
        }
    }
    Ok(found)
}

/// A visit in a calendar.
///
/// # Errors
/// If the database fails.
pub async fn get(
    tx: &mut Tx,
    calendar_id: CalendarId,
    visit_id: VisitId,
) -> Result<Option<VisitEvent>, StoreError> {
    let text =
        format!("select {COLUMNS} from calendar_events where calendar_id = $1 and visit_id = $2");
    let row = Query::new(text).bind(calendar_id).bind(visit_id).first::<EventRow>(tx).await?;
    row.map(TryInto::try_into).transpose()
}

/// Notes what stands in the calendar now, and the wishes that are done with it.
///
/// # Errors
/// If the database fails.
pub async fn set(tx: &mut Tx, event: &VisitEvent) -> Result<(), StoreError> {
    let text = "update calendar_events set generation = $1, sequence = $2, remote_id = $3, \
        etag = $4, start_s = $5, end_s = $6, content_hash = $7, done = $8 \
        where calendar_id = $9 and visit_id = $10";
    Query::new(text)
        .bind(event.generation)
        .bind(event.sequence)
        .bind(event.remote_id.clone())
        .bind(event.etag.as_str())
        .bind(event.start)
        .bind(event.end)
        .bind(event.content_hash.as_str())
        .bind(event.done)
        .bind(event.calendar_id)
        .bind(event.visit_id)
        .execute(tx)
        .await?;
    Ok(())
}

/// Forgets a visit that is not in the calendar any more, unless something was asked for meanwhile.
///
/// # Errors
/// If the database fails.
pub async fn forget(tx: &mut Tx, event: &VisitEvent) -> Result<bool, StoreError> {
    let text =
        "delete from calendar_events where calendar_id = $1 and visit_id = $2 and asked = $3";
    let query = Query::new(text).bind(event.calendar_id).bind(event.visit_id).bind(event.asked);
    Ok(query.execute(tx).await? > 0)
}

/// Visits that end after `from` and that somebody does: all of them, or one technician's.
///
/// # Errors
/// If the database fails.
pub async fn coming(
    tx: &mut Tx,
    organization_id: OrganizationId,
    technician_id: Option<TechnicianId>,
    from: DateTime<Utc>,
) -> Result<Vec<VisitId>, StoreError> {
    let mut query = Query::new(
        "select distinct a.visit_id from assignments a where not a.ended and a.organization_id = ",
    );
    query.push_value(organization_id).push(" and a.end_s > ").push_value(from);
    if let Some(technician_id) = technician_id {
        query.push(" and a.technician_id = ").push_value(technician_id);
    }
    query.push(" order by a.visit_id");
    let rows = query.all::<(String,)>(tx).await?;
    rows.into_iter().map(|(visit_id,)| id(&visit_id)).collect()
}

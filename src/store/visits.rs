//! The `visits` table and the zones of each visit.

pub mod list;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::id::{JobId, LocationId, OrganizationId, VisitId, ZoneId};
use crate::domain::places::Place;
use crate::domain::visits::{ActualTimes, ArrivalWindow, Lock, Visit, VisitNeeds, VisitStatus};
use crate::store::changes::Whose;
use crate::store::rows::{from_json, id, moment, optional_moment, to_json};
use crate::store::sql::{Query, Value};
use crate::store::{StoreError, Tx};

/// The columns that [`VisitRow`] reads.
pub(crate) const COLUMNS: &str = "id, location_id, job_id, status, start_s, promised_from_s, \
    promised_until_s, body, revision";

#[derive(sqlx::FromRow)]
pub(crate) struct VisitRow {
    id: String,
    location_id: String,
    job_id: String,
    status: String,
    start_s: Option<i64>,
    promised_from_s: Option<i64>,
    promised_until_s: Option<i64>,
    body: String,
    revision: i64,
}

/// What no query looks at.
#[derive(Serialize, Deserialize)]
struct Body {
    place: Place,
    needs: VisitNeeds,
    lock: Lock,
    #[serde(default)]
    priority: u8,
    actual: ActualTimes,
}

const STATUSES: [VisitStatus; 8] = [
    VisitStatus::Unassigned,
    VisitStatus::Held,
    VisitStatus::Planned,
    VisitStatus::EnRoute,
    VisitStatus::Arrived,
    VisitStatus::Started,
    VisitStatus::Finished,
    VisitStatus::Cancelled,
];

impl TryFrom<VisitRow> for Visit {
    type Error = StoreError;

    fn try_from(row: VisitRow) -> Result<Self, StoreError> {
        let status = STATUSES.into_iter().find(|status| status.as_str() == row.status);
        let unknown = || StoreError::Corrupt { what: "visit status", detail: row.status.clone() };
        let body: Body = from_json(&row.body)?;
        let promised = match (row.promised_from_s, row.promised_until_s) {
            (Some(from), Some(until)) => {
                Some(ArrivalWindow { from: moment(from)?, until: moment(until)? })
            }
            _ => None,
        };
        Ok(Self {
            id: id(&row.id)?,
            job_id: id(&row.job_id)?,
            location_id: id(&row.location_id)?,
            revision: row.revision,
            place: body.place,
            needs: body.needs,
            status: status.ok_or_else(unknown)?,
            lock: body.lock,
            priority: body.priority,
            promised,
            planned_start: optional_moment(row.start_s)?,
            actual: body.actual,
        })
    }
}

/// The planned stay of a visit in seconds, `None` while unassigned.
fn span(visit: &Visit) -> Option<(i64, i64)> {
    let start = visit.planned_start?;
    let length = TimeDelta::seconds((visit.needs.on_site_s() + visit.actual.extra_s).max(0));
    Some((start.timestamp(), (start + length).timestamp()))
}

fn body(visit: &Visit) -> Result<String, StoreError> {
    to_json(&Body {
        place: visit.place.clone(),
        needs: visit.needs.clone(),
        lock: visit.lock,
        priority: visit.priority,
        actual: visit.actual.clone(),
    })
}

/// Stores a new visit at revision 1 with the zones its place lies in; its job must be there.
///
/// # Errors
/// [`StoreError::Taken`] if the id is, [`StoreError::Missing`] if job, location or zone are not
/// the organization's, or if the database fails.
pub async fn insert(
    tx: &mut Tx,
    organization_id: OrganizationId,
    visit: &Visit,
    zone_ids: &[ZoneId],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let span = span(visit);
    let mut query = Query::new(
        "insert into visits (organization_id, id, location_id, job_id, status, start_s, end_s, \
         promised_from_s, promised_until_s, body, revision, created_s, updated_s) values ",
    );
    let values: [Value; 13] = [
        organization_id.into(),
        visit.id.into(),
        visit.location_id.into(),
        visit.job_id.into(),
        visit.status.as_str().into(),
        span.map(|(start, _)| start).into(),
        span.map(|(_, end)| end).into(),
        visit.promised.map(|window| window.from).into(),
        visit.promised.map(|window| window.until).into(),
        body(visit)?.into(),
        1_i64.into(),
        now.into(),
        now.into(),
    ];
    query.push_tuple(values);
    query.execute(tx).await?;
    touch(tx, organization_id, visit.location_id, span, visit.id);
    add_zones(tx, organization_id, visit.id, zone_ids).await
}

/// The visit with this id.
///
/// # Errors
/// If the database fails or holds what this version cannot read.
pub async fn get(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: VisitId,
) -> Result<Option<Visit>, StoreError> {
    let text = format!("select {COLUMNS} from visits where organization_id = $1 and id = $2");
    let row = Query::new(text).bind(organization_id).bind(id).first::<VisitRow>(tx).await?;
    row.map(TryInto::try_into).transpose()
}

/// The visits with these ids, by id; unknown ids are left out.
///
/// # Errors
/// If the database fails or holds what this version cannot read.
pub async fn get_many(
    tx: &mut Tx,
    organization_id: OrganizationId,
    ids: &[VisitId],
) -> Result<Vec<Visit>, StoreError> {
    let mut visits = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        let mut query =
            Query::new(format!("select {COLUMNS} from visits where organization_id = "));
        query.push_value(organization_id).push(" and id in ");
        query.push_tuple(chunk.iter().map(|id| (*id).into())).push(" order by id");
        for row in query.all::<VisitRow>(tx).await? {
            visits.push(row.try_into()?);
        }
    }
    Ok(visits)
}

/// When some visits last changed; those that do not exist are left out.
///
/// # Errors
/// If the database fails.
pub async fn changed_at(
    tx: &mut Tx,
    organization_id: OrganizationId,
    ids: &[VisitId],
) -> Result<BTreeMap<VisitId, DateTime<Utc>>, StoreError> {
    let mut changed = BTreeMap::new();
    for chunk in ids.chunks(500) {
        let mut query = Query::new("select id, updated_s from visits where organization_id = ");
        query.push_value(organization_id).push(" and id in ");
        query.push_tuple(chunk.iter().map(|id| (*id).into())).push(" order by id");
        for (text, updated_s) in query.all::<(String, i64)>(tx).await? {
            changed.insert(id(&text)?, moment(updated_s)?);
        }
    }
    Ok(changed)
}

/// The visits of a job, by planned start, unassigned ones last.
///
/// # Errors
/// If the database fails or holds what this version cannot read.
pub async fn of_job(
    tx: &mut Tx,
    organization_id: OrganizationId,
    job_id: JobId,
) -> Result<Vec<Visit>, StoreError> {
    let text = format!(
        "select {COLUMNS} from visits where organization_id = $1 and job_id = $2 \
         order by start_s is null, start_s, id"
    );
    let rows = Query::new(text).bind(organization_id).bind(job_id).all::<VisitRow>(tx).await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The visits of a location that are in nobody's day, by what was promised, then by id.
///
/// # Errors
/// If the database fails or holds what this version cannot read.
pub async fn unassigned(
    tx: &mut Tx,
    organization_id: OrganizationId,
    location_id: LocationId,
) -> Result<Vec<Visit>, StoreError> {
    let text = format!(
        "select {COLUMNS} from visits where organization_id = $1 and location_id = $2 \
         and status = 'unassigned' order by promised_from_s is null, promised_from_s, id"
    );
    let rows = Query::new(text).bind(organization_id).bind(location_id).all::<VisitRow>(tx).await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Changes a visit if it still has `visit.revision`; returns it at its new revision, `None` if
/// there is no such visit. Assignments are not changed.
///
/// # Errors
/// [`StoreError::Stale`] if it has another revision, or if the database fails.
pub async fn update(
    tx: &mut Tx,
    organization_id: OrganizationId,
    visit: &Visit,
    now: DateTime<Utc>,
) -> Result<Option<Visit>, StoreError> {
    let text = "select location_id, start_s, end_s, revision from visits \
        where organization_id = $1 and id = $2";
    let row = Query::new(text).bind(organization_id).bind(visit.id);
    let Some((location_id, start_s, end_s, actual)) =
        row.first::<(String, Option<i64>, Option<i64>, i64)>(tx).await?
    else {
        return Ok(None);
    };
    let span = span(visit);
    let count = Query::new(
        "update visits set location_id = $1, status = $2, start_s = $3, end_s = $4, \
         promised_from_s = $5, promised_until_s = $6, body = $7, updated_s = $8, \
         revision = revision + 1 where organization_id = $9 and id = $10 and revision = $11",
    )
    .bind(visit.location_id)
    .bind(visit.status.as_str())
    .bind(span.map(|(start, _)| start))
    .bind(span.map(|(_, end)| end))
    .bind(visit.promised.map(|window| window.from))
    .bind(visit.promised.map(|window| window.until))
    .bind(body(visit)?)
    .bind(now)
    .bind(organization_id)
    .bind(visit.id)
    .bind(visit.revision)
    .execute(tx)
    .await?;
    if count == 0 {
        let (noun, expected) = ("visit", visit.revision);
        return Err(StoreError::Stale { noun, id: visit.id.to_string(), expected, actual });
    }
    touch(tx, organization_id, id(&location_id)?, start_s.zip(end_s), visit.id);
    touch(tx, organization_id, visit.location_id, span, visit.id);
    Ok(Some(Visit { revision: visit.revision + 1, ..visit.clone() }))
}

/// Replaces the zones that a visit's place lies in.
///
/// # Errors
/// [`StoreError::Missing`] if a zone is not the organization's, or if the database fails.
pub async fn set_zones(
    tx: &mut Tx,
    organization_id: OrganizationId,
    visit_id: VisitId,
    zone_ids: &[ZoneId],
) -> Result<(), StoreError> {
    Query::new("delete from visit_zones where organization_id = $1 and visit_id = $2")
        .bind(organization_id)
        .bind(visit_id)
        .execute(tx)
        .await?;
    add_zones(tx, organization_id, visit_id, zone_ids).await
}

async fn add_zones(
    tx: &mut Tx,
    organization_id: OrganizationId,
    visit_id: VisitId,
    zone_ids: &[ZoneId],
) -> Result<(), StoreError> {
    if zone_ids.is_empty() {
        return Ok(());
    }
    let mut query =
        Query::new("insert into visit_zones (organization_id, visit_id, zone_id) values ");
    for (place, zone_id) in zone_ids.iter().enumerate() {
        query.push(if place > 0 { ", " } else { "" });
        query.push_tuple([organization_id.into(), visit_id.into(), (*zone_id).into()]);
    }
    query.push(" on conflict (visit_id, zone_id) do nothing");
    query.execute(tx).await?;
    Ok(())
}

/// Deletes a visit with its assignments, equipment uses and hold; whether there was one.
///
/// # Errors
/// [`StoreError::InUse`] if a booking stands for it, or if the database fails.
pub async fn delete(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: VisitId,
) -> Result<bool, StoreError> {
    crate::store::assignments::replace(tx, organization_id, &[id], &[]).await?;
    let text = "delete from visits where organization_id = $1 and id = $2 \
        returning location_id, start_s, end_s";
    let row = Query::new(text)
        .bind(organization_id)
        .bind(id)
        .first::<(String, Option<i64>, Option<i64>)>(tx)
        .await
        .map_err(|error| error.or_in_use("visit"))?;
    let Some((location_id, start_s, end_s)) = row else { return Ok(false) };
    let location_id = crate::store::rows::id(&location_id)?;
    touch(tx, organization_id, location_id, start_s.zip(end_s), id);
    Ok(true)
}

fn touch(
    tx: &mut Tx,
    organization_id: OrganizationId,
    location_id: LocationId,
    span: Option<(i64, i64)>,
    visit_id: VisitId,
) {
    if let Some(span) = span {
        let whose = Whose::Location(location_id);
        tx.changes.touch(organization_id, whose, span, Some(visit_id));
    }
}

//! What technicians have to do, for the policies of assignment; everything else about them is in
//! [`crate::store::records`].

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::domain::id::{LocationId, OrganizationId, TechnicianId, VisitId};
use crate::store::rows::{id, moment, optional_moment};
use crate::store::sql::Query;
use crate::store::{StoreError, Tx};

/// A technician's work in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Workload {
    /// Whose.
    pub technician_id: TechnicianId,
    /// Seconds on site of visits that start in the period.
    pub on_site_s: i64,
    /// Seconds of driving before these visits.
    pub travel_s: i64,
    /// How many visits.
    pub visit_count: i64,
    /// When the technician was last chosen for a visit, whenever that is.
    pub assigned_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct WorkloadRow {
    id: String,
    on_site_s: i64,
    travel_s: i64,
    visit_count: i64,
    assigned_s: Option<i64>,
}

/// The work of every technician of the organization in `[from, until)`, held visits included, by
/// technician.
///
/// # Errors
/// If the database fails.
pub async fn workloads(
    tx: &mut Tx,
    organization_id: OrganizationId,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<Workload>, StoreError> {
    let rows = Query::new(
        "select t.id, \
         cast(coalesce(sum(a.end_s - a.start_s), 0) as bigint) as on_site_s, \
         cast(coalesce(sum(a.travel_s), 0) as bigint) as travel_s, \
         count(a.visit_id) as visit_count, \
         (select max(b.assigned_s) from assignments b \
          where b.technician_id = t.id and not b.ended) as assigned_s \
         from technicians t left join assignments a on a.technician_id = t.id \
         and a.start_s >= $2 and a.start_s < $3 and not a.ended \
         where t.organization_id = $1 group by t.id order by t.id",
    )
    .bind(organization_id)
    .bind(from)
    .bind(until)
    .all::<WorkloadRow>(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Workload {
                technician_id: id(&row.id)?,
                on_site_s: row.on_site_s,
                travel_s: row.travel_s,
                visit_count: row.visit_count,
                assigned_at: optional_moment(row.assigned_s)?,
            })
        })
        .collect()
}

/// What a technician was given for one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkedDay {
    /// Whose.
    pub technician_id: TechnicianId,
    /// The first start on site of the day.
    pub at: DateTime<Utc>,
    /// Seconds on site.
    pub on_site_s: i64,
    /// Seconds of driving before the visits.
    pub travel_s: i64,
    /// When the technician was last chosen for one of the visits.
    pub assigned_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct WorkedRow {
    technician_id: String,
    at_s: i64,
    on_site_s: i64,
    travel_s: i64,
    assigned_s: i64,
}

#[derive(sqlx::FromRow)]
struct UsualRow {
    visit_id: String,
    technician_id: String,
}

/// Who has served the customers of some booked visits before, by visit, in order of their ids.
///
/// # Errors
/// If the database fails.
pub async fn usual(
    tx: &mut Tx,
    organization_id: OrganizationId,
    visit_ids: &[VisitId],
    now: DateTime<Utc>,
) -> Result<HashMap<VisitId, Vec<TechnicianId>>, StoreError> {
    let mut usual: HashMap<VisitId, Vec<TechnicianId>> = HashMap::new();
    for chunk in visit_ids.chunks(500) {
        let mut query = Query::new(
            "select distinct b.visit_id, a.technician_id from bookings b \
             join bookings o on o.customer_id = b.customer_id and o.visit_id <> b.visit_id \
             join assignments a on a.visit_id = o.visit_id and not a.ended and a.end_s < ",
        );
        query.push_value(now).push(" where b.organization_id = ").push_value(organization_id);
        query.push(" and b.visit_id in ");
        query.push_tuple(chunk.iter().map(|id| (*id).into()));
        query.push(" order by b.visit_id, a.technician_id");
        for row in query.all::<UsualRow>(tx).await? {
            usual.entry(id(&row.visit_id)?).or_default().push(id(&row.technician_id)?);
        }
    }
    Ok(usual)
}

/// The work of a location's technicians that starts in `[from, until)`, held visits included,
/// added up by technician and day (of UTC).
///
/// # Errors
/// If the database fails.
pub async fn worked_days(
    tx: &mut Tx,
    (organization_id, location_id): (OrganizationId, LocationId),
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<WorkedDay>, StoreError> {
    let rows = Query::new(
        "select a.technician_id, min(a.start_s) as at_s, \
         cast(sum(a.end_s - a.start_s) as bigint) as on_site_s, \
         cast(sum(a.travel_s) as bigint) as travel_s, max(a.assigned_s) as assigned_s \
         from technicians t join assignments a on a.technician_id = t.id \
         where t.organization_id = $1 and t.location_id = $2 \
         and a.start_s >= $3 and a.start_s < $4 and not a.ended \
         group by a.technician_id, a.start_s / 86400 order by a.technician_id, at_s",
    )
    .bind(organization_id)
    .bind(location_id)
    .bind(from)
    .bind(until)
    .all::<WorkedRow>(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(WorkedDay {
                technician_id: id(&row.technician_id)?,
                at: moment(row.at_s)?,
                on_site_s: row.on_site_s,
                travel_s: row.travel_s,
                assigned_at: moment(row.assigned_s)?,
            })
        })
        .collect()
}

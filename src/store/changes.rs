//! What a transaction has changed, written down at its commit: plan versions, catalogue versions
//! and events.
//!
//! These rows are shared by all writers of an organization. Writing them last, and always in the
//! order plan versions, then organizations by id, keeps waits short and rules out deadlocks; and
//! since an organization's row stays locked until the commit, event numbers appear in order.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::domain::id::{LocationId, OrganizationId, TechnicianId, VisitId};
use crate::domain::plans::PlanVersion;
use crate::store::events::{FOLLOW_TASK, NewEvent};
use crate::store::queue::{self, NewTask};
use crate::store::rows::id;
use crate::store::sql::{Query, Value};
use crate::store::{StoreError, Tx};

/// Rows in one statement at most; databases limit the number of values.
const ROWS_MAX: usize = 500;

/// What a commit has raised.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Committed {
    /// The new version of every day's plan that changed.
    pub plan_versions: Vec<PlanVersion>,
    /// The new version of the catalogue, if it changed.
    pub catalog_version: Option<i64>,
    /// The number of the last event appended, if there was one.
    pub event_seq: Option<i64>,
    /// Organizations with new events.
    pub(crate) told: Vec<OrganizationId>,
    /// Whether there may be work for a worker.
    pub(crate) asked: bool,
}

/// What has changed so far.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    touches: BTreeSet<Touch>,
    catalogs: BTreeSet<OrganizationId>,
    events: Vec<NewEvent>,
    tasks: bool,
}

/// A span of somebody's plan that changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Touch {
    organization_id: OrganizationId,
    whose: Whose,
    start_s: i64,
    end_s: i64,
    visit_id: Option<VisitId>,
}

/// Whose plan changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Whose {
    /// That of a location.
    Location(LocationId),
    /// That of the technician's location.
    Technician(TechnicianId),
}

type Days = BTreeMap<(LocationId, NaiveDate), (OrganizationId, BTreeSet<VisitId>)>;

impl Changes {
    /// Notes that the plan changed in `[start_s, end_s)`, because of a visit if one is named.
    pub(crate) fn touch(
        &mut self,
        organization_id: OrganizationId,
        whose: Whose,
        (start_s, end_s): (i64, i64),
        visit_id: Option<VisitId>,
    ) {
        self.touches.insert(Touch { organization_id, whose, start_s, end_s, visit_id });
    }

    /// Notes that the catalogue changed.
    pub(crate) fn touch_catalog(&mut self, organization_id: OrganizationId) {
        self.catalogs.insert(organization_id);
    }

    /// Keeps an event for the commit.
    pub(crate) fn tell(&mut self, event: NewEvent) {
        self.events.push(event);
    }

    /// Notes that a task was put into the queue.
    pub(crate) fn ask(&mut self) {
        self.tasks = true;
    }

    /// Writes everything down; the transaction has nothing noted afterwards.
    pub(crate) async fn write(tx: &mut Tx) -> Result<Committed, StoreError> {
        let changes = std::mem::take(&mut tx.changes);
        let mut committed = Committed { asked: changes.tasks, ..Committed::default() };
        if !changes.touches.is_empty() {
            let days = days(tx, &changes.touches).await?;
            committed.plan_versions = raise(tx, &days).await?;
            note(tx, &days, &committed.plan_versions).await?;
        }
        if changes.catalogs.is_empty() && changes.events.is_empty() {
            return Ok(committed);
        }
        let mut by_organization: BTreeMap<OrganizationId, Vec<NewEvent>> = BTreeMap::new();
        for organization_id in changes.catalogs.iter().copied() {
            by_organization.entry(organization_id).or_default();
        }
        for event in changes.events {
            by_organization.entry(event.organization_id).or_default().push(event);
        }
        for (organization_id, events) in by_organization {
            let catalog = changes.catalogs.contains(&organization_id);
            let numbers = count_up(tx, organization_id, catalog, events.len()).await?;
            if catalog {
                committed.catalog_version = Some(numbers.catalog_version);
            }
            if !events.is_empty() {
                committed.event_seq = Some(numbers.event_seq);
                committed.told.push(organization_id);
                let now = events.iter().map(|event| event.at).max().unwrap_or_default();
                append(tx, events, numbers.event_seq).await?;
                // Last of all, so that nobody waits while holding it.
                queue::enqueue(tx, &following(organization_id, now), now).await?;
                committed.asked = true;
            }
        }
        Ok(committed)
    }
}

#[derive(sqlx::FromRow)]
struct ZoneRow {
    id: String,
    location_id: String,
    time_zone: String,
}

/// The dates, in their locations' zones, that the touches cover.
async fn days(tx: &mut Tx, touches: &BTreeSet<Touch>) -> Result<Days, StoreError> {
    let (mut locations, mut technicians) = (BTreeSet::new(), BTreeSet::new());
    for touch in touches {
        match touch.whose {
            Whose::Location(id) => locations.insert(id.0),
            Whose::Technician(id) => technicians.insert(id.0),
        };
    }
    let mut query =
        Query::new("select id, id as location_id, time_zone from locations where id in ");
    query.push_tuple(locations.into_iter().map(Value::from));
    query.push(
        " union all select t.id, t.location_id, l.time_zone from technicians t \
         join locations l on l.id = t.location_id where t.id in ",
    );
    query.push_tuple(technicians.into_iter().map(Value::from));
    let mut zones = BTreeMap::new();
    for row in query.all::<ZoneRow>(tx).await? {
        let zone: Tz = row.time_zone.parse().map_err(|_| StoreError::Corrupt {
            what: "time zone",
            detail: row.time_zone.clone(),
        })?;
        zones.insert(row.id, (id::<LocationId>(&row.location_id)?, zone));
    }
    let mut days = Days::new();
    for touch in touches {
        let whose = match touch.whose {
            Whose::Location(id) => id.to_string(),
            Whose::Technician(id) => id.to_string(),
        };
        // What is gone by now has no plan either.
        let Some((location_id, zone)) = zones.get(&whose) else { continue };
        for date in dates(*zone, touch.start_s, touch.end_s) {
            let (_, visits) = days
                .entry((*location_id, date))
                .or_insert_with(|| (touch.organization_id, BTreeSet::new()));
            visits.extend(touch.visit_id);
        }
    }
    Ok(days)
}

/// Dates of a zone that `[start_s, end_s)` has a part in; an empty span counts as its start.
fn dates(zone: Tz, start_s: i64, end_s: i64) -> Vec<NaiveDate> {
    let date = |seconds: i64| {
        DateTime::from_timestamp(seconds, 0).map(|moment| moment.with_timezone(&zone).date_naive())
    };
    let (Some(mut day), Some(last)) = (date(start_s), date(start_s.max(end_s - 1))) else {
        return Vec::new();
    };
    let mut dates = Vec::new();
    while day <= last {
        dates.push(day);
        day += TimeDelta::days(1);
    }
    dates
}

#[derive(sqlx::FromRow)]
struct VersionRow {
    location_id: String,
    date: String,
    version: i64,
}

/// Raises the version of each day, in the order of locations and dates.
async fn raise(tx: &mut Tx, days: &Days) -> Result<Vec<PlanVersion>, StoreError> {
    let mut versions = Vec::with_capacity(days.len());
    let days: Vec<_> = days.iter().collect();
    for chunk in days.chunks(ROWS_MAX) {
        let mut query = Query::new(
            "insert into plan_versions (organization_id, location_id, date, version) values ",
        );
        for (place, ((location_id, date), (organization_id, _))) in chunk.iter().enumerate() {
            query.push(if place > 0 { ", " } else { "" });
            let row: [Value; 4] = [
                (*organization_id).into(),
                (*location_id).into(),
                date.to_string().into(),
                1_i64.into(),
            ];
            query.push_tuple(row);
        }
        query.push(
            " on conflict (location_id, date) do update set version = plan_versions.version + 1 \
             returning location_id, date, version",
        );
        for row in query.all::<VersionRow>(tx).await? {
            versions.push(PlanVersion {
                location_id: id(&row.location_id)?,
                date: parse_date(&row.date)?,
                version: row.version,
            });
        }
    }
    versions.sort_unstable_by_key(|version| (version.location_id, version.date));
    Ok(versions)
}

/// Notes which visits made the new versions.
async fn note(tx: &mut Tx, days: &Days, versions: &[PlanVersion]) -> Result<(), StoreError> {
    let mut rows: Vec<[Value; 4]> = Vec::new();
    for version in versions {
        let Some((_, visits)) = days.get(&(version.location_id, version.date)) else { continue };
        rows.extend(visits.iter().map(|visit_id| {
            let date = version.date.to_string();
            [version.location_id.into(), date.into(), version.version.into(), (*visit_id).into()]
        }));
    }
    for chunk in rows.chunks(ROWS_MAX) {
        let mut query =
            Query::new("insert into plan_changes (location_id, date, version, visit_id) values ");
        for (place, row) in chunk.iter().enumerate() {
            query.push(if place > 0 { ", " } else { "" });
            query.push_tuple(row.iter().cloned());
        }
        query.execute(tx).await?;
    }
    Ok(())
}

/// A date from its text.
pub(crate) fn parse_date(text: &str) -> Result<NaiveDate, StoreError> {
    text.parse().map_err(|_| StoreError::Corrupt { what: "date", detail: text.to_owned() })
}

/// The task that lets followers act on an organization's new events.
fn following(organization_id: OrganizationId, now: DateTime<Utc>) -> NewTask {
    NewTask {
        kind: FOLLOW_TASK.to_owned(),
        unique_key: organization_id.to_string(),
        organization_id: Some(organization_id),
        run_at: now,
        payload: serde_json::Value::Null,
    }
}

#[derive(sqlx::FromRow)]
struct Numbers {
    catalog_version: i64,
    event_seq: i64,
}

async fn count_up(
    tx: &mut Tx,
    organization_id: OrganizationId,
    catalog: bool,
    events: usize,
) -> Result<Numbers, StoreError> {
    let events = i64::try_from(events).unwrap_or(i64::MAX);
    let numbers = Query::new(
        "update organizations set catalog_version = catalog_version + $1, event_seq = event_seq + $2 \
         where id = $3 returning catalog_version, event_seq",
    )
    .bind(i64::from(catalog))
    .bind(events)
    .bind(organization_id)
    .first::<Numbers>(tx)
    .await?;
    let missing = || StoreError::Missing { noun: "organization", id: organization_id.to_string() };
    numbers.ok_or_else(missing)
}

/// Appends events whose last one gets the number `last`.
async fn append(tx: &mut Tx, events: Vec<NewEvent>, last: i64) -> Result<(), StoreError> {
    let mut seq = last - i64::try_from(events.len()).unwrap_or(i64::MAX);
    for chunk in events.chunks(ROWS_MAX) {
        let mut query = Query::new(
            "insert into events (organization_id, seq, location_id, kind, subject_id, payload, at_s) values ",
        );
        for (place, event) in chunk.iter().enumerate() {
            seq += 1;
            query.push(if place > 0 { ", " } else { "" });
            let row: [Value; 7] = [
                event.organization_id.into(),
                seq.into(),
                event.location_id.into(),
                event.kind.as_str().into(),
                event.subject_id.as_str().into(),
                event.payload.to_string().into(),
                event.at.into(),
            ];
            query.push_tuple(row);
        }
        query.execute(tx).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::dates;

    #[test]
    fn a_span_touches_the_dates_of_its_zone() {
        // 2027-03-01T23:30Z to 2027-03-02T00:30Z: in Berlin (UTC+1) both moments are on 2 March.
        let (start_s, end_s) = (1_803_943_800, 1_803_947_400);
        let berlin = dates(chrono_tz::Europe::Berlin, start_s, end_s);
        assert_eq!(berlin, ["2027-03-02".parse().unwrap()]);
        assert_eq!(dates(chrono_tz::UTC, start_s, end_s).len(), 2);
        // The end is not included: until midnight is the first date alone.
        assert_eq!(dates(chrono_tz::UTC, start_s, 1_803_945_600).len(), 1);
    }
}

//! What members do in their calendars to events of ours: noticed once, as a conflict to be decided.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::json;

use crate::app::App;
use crate::app::calendars::Trouble;
use crate::calendar::ics;
use crate::calendar::zones::start_of_day;
use crate::domain::calendars::remote::{Content, EventTime, RemoteItem, Window};
use crate::domain::calendars::{Calendar, CalendarConflict, ConflictKind, ConflictStatus};
use crate::domain::error::AppError;
use crate::domain::id::{CalendarConflictId, OrganizationId};
use crate::domain::locations::Location;
use crate::domain::technicians::Technician;
use crate::store::calendars::conflicts;
use crate::store::calendars::written::VisitEvent;
use crate::store::events::{self, NewEvent};
use crate::store::{Tx, organizations, records, visits};

/// First moment, and first moment after.
pub(super) type Times = (DateTime<Utc>, DateTime<Utc>);

/// The zone in which the owner of a calendar lives.
pub(super) async fn zone(
    app: &App,
    organization_id: OrganizationId,
    calendar: &Calendar,
) -> Result<Tz, Trouble> {
    let mut tx = app.db.read().await?;
    if let Some(technician_id) = calendar.technician_id {
        let technician =
            records::get::<Technician>(&mut tx, organization_id, technician_id).await?;
        if let Some(technician) = technician.map(|technician| technician.value) {
            if let Some(zone) = technician.time_zone {
                return Ok(zone);
            }
            let location_id = technician.location_id;
            let location = records::get::<Location>(&mut tx, organization_id, location_id).await?;
            if let Some(location) = location {
                return Ok(location.value.time_zone);
            }
        }
    }
    let organization = organizations::get(&mut tx, organization_id).await?;
    Ok(organization.map_or(Tz::UTC, |organization| organization.value.time_zone))
}

/// Moments of a time; whole dates begin and end at midnight in the zone.
pub(super) fn moments(time: EventTime, zone: Tz) -> Times {
    match time {
        EventTime::Moments { start, end } => (start, end),
        EventTime::Dates { from, until } => (start_of_day(zone, from), start_of_day(zone, until)),
    }
}

/// All times that calendars know.
pub(super) fn ever() -> Window {
    let year_3000 = DateTime::from_timestamp(32_503_680_000, 0).unwrap_or_default();
    Window { from: DateTime::UNIX_EPOCH, until: year_3000 }
}

/// The times of an item that is one event of ours, and whether it was called off; none if it cannot
/// be read.
pub(super) fn times(item: &RemoteItem, zone: Tz) -> Option<(Times, bool)> {
    let events = match &item.content {
        Content::Ics(text) => ics::read(text, zone, ever()).ok()?.events,
        Content::Events(events) => events.clone(),
        Content::Gone | Content::Unchanged => return None,
    };
    let event = events.first()?;
    Some((moments(event.time, zone), event.cancelled))
}

/// Notes that a member has moved an event, in a transaction of its own.
pub(super) async fn moved(
    app: &App,
    organization_id: OrganizationId,
    calendar: &Calendar,
    event: &VisitEvent,
    to: Times,
) -> Result<(), Trouble> {
    let mut tx = app.db.write().await?;
    note(app, &mut tx, organization_id, calendar, event, Some(to)).await?;
    tx.commit().await?;
    Ok(())
}

/// Notes that a member has deleted an event, in a transaction of its own.
pub(super) async fn deleted(
    app: &App,
    organization_id: OrganizationId,
    calendar: &Calendar,
    event: &VisitEvent,
) -> Result<(), Trouble> {
    let mut tx = app.db.write().await?;
    note(app, &mut tx, organization_id, calendar, event, None).await?;
    tx.commit().await?;
    Ok(())
}

/// Notes what a member did to an event: as a new conflict, or in the one that is open.
///
/// * `to`: the new times; none if it was deleted.
pub(super) async fn note(
    app: &App,
    tx: &mut Tx,
    organization_id: OrganizationId,
    calendar: &Calendar,
    event: &VisitEvent,
    to: Option<Times>,
) -> Result<(), AppError> {
    let Some(planned_start) = event.start else { return Ok(()) };
    let kind = if to.is_some() { ConflictKind::Moved } else { ConflictKind::Deleted };
    let (start, end) = (to.map(|to| to.0), to.map(|to| to.1));
    if let Some(open) = conflicts::open(tx, calendar.id, event.visit_id).await? {
        if (open.kind, open.start, open.end) != (kind, start, end) {
            let changed = CalendarConflict { kind, start, end, ..open };
            conflicts::set_times(tx, &changed).await?;
        }
        return Ok(());
    }
    let conflict = CalendarConflict {
        id: CalendarConflictId(app.new_id()),
        calendar_id: calendar.id,
        technician_id: calendar.technician_id,
        visit_id: event.visit_id,
        kind,
        planned_start,
        start,
        end,
        status: ConflictStatus::Open,
        created_at: app.now(),
        decided_at: None,
    };
    conflicts::insert(tx, organization_id, &conflict).await?;
    let visit = visits::get(tx, organization_id, event.visit_id).await?;
    let news = NewEvent {
        organization_id,
        location_id: visit.map(|visit| visit.location_id),
        kind: "calendar.conflict".to_owned(),
        subject_id: conflict.id.to_string(),
        payload: json!({
            "conflict_id": conflict.id,
            "technician_id": conflict.technician_id,
            "conflict_visit_id": conflict.visit_id,
            "conflict_kind": conflict.kind,
            "start": conflict.start,
        }),
        at: app.now(),
    };
    events::append(tx, news);
    tracing::info!(conflict.id = %conflict.id, "A member changed an event of a visit");
    Ok(())
}

/// Closes the conflict about an event that stands where the plan wants it again.
pub(super) async fn settle(
    app: &App,
    tx: &mut Tx,
    organization_id: OrganizationId,
    event: &VisitEvent,
) -> Result<(), AppError> {
    if let Some(open) = conflicts::open(tx, event.calendar_id, event.visit_id).await? {
        let status = ConflictStatus::Settled;
        conflicts::decide(tx, organization_id, open.id, status, app.now()).await?;
    }
    Ok(())
}

//! What a placement writes: the visits that move, who does which visit when, equipment, news.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::app::App;
use crate::app::placing::{Placed, Wanted};
use crate::app::slots::found::trips;
use crate::domain::actors::Actor;
use crate::domain::equipment::EquipmentUse;
use crate::domain::error::AppError;
use crate::domain::id::{LocationId, OrganizationId, TechnicianId, VisitId};
use crate::domain::visits::{Assignment, Visit};
use crate::planning::placing::Move;
use crate::store::assignments::{self, Assigned};
use crate::store::events::{self, NewEvent};
use crate::store::{Tx, equipment_uses, visits};

/// Gives a visit, whose row is written already and which nobody has, to its crew, and moves what must
/// move for it. Returns who does it, by role.
pub(crate) async fn assign(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    (wanted, placed): (&Wanted, &Placed),
    visit_id: VisitId,
) -> Result<Vec<Assignment>, AppError> {
    let organization_id = actor.organization_id;
    let placement = &placed.placement;
    let crew = (0..).zip(placement.technician_ids.iter().zip(&placement.travel_s));
    let mut assigned: Vec<Assigned> = crew
        .map(|(role, (technician_id, travel_s))| Assigned {
            assignment: Assignment {
                visit_id,
                technician_id: *technician_id,
                role,
                start: placement.planned_start,
                end: placed.end,
            },
            travel_s: *travel_s,
            assigned_at: app.now(),
        })
        .collect();
    let own: Vec<Assignment> = assigned.iter().map(|one| one.assignment).collect();
    let mut replaced = Vec::new();
    for one in &placement.moves {
        let (visit, rows) = moved(placed, one)?;
        visits::update(tx, organization_id, &visit, app.now()).await?;
        replaced.push(visit.id);
        assigned.extend(rows);
    }
    assignments::replace(tx, organization_id, &replaced, &assigned).await?;
    let uses = uses((wanted, placed), visit_id).await?;
    equipment_uses::replace(tx, organization_id, &[], &uses).await?;
    Ok(own)
}

/// A visit that moves, at its new time, with its assignments.
fn moved(placed: &Placed, one: &Move) -> Result<(Visit, Vec<Assigned>), AppError> {
    let planned = placed.view.rows.planned(one.visit_id);
    let planned = planned.ok_or_else(|| AppError::not_found("visit", one.visit_id))?;
    let shift = one.to - one.from;
    let rows = planned.crew.iter().map(|row| {
        let (start, end) = (row.assignment.start + shift, row.assignment.end + shift);
        Assigned { assignment: Assignment { start, end, ..row.assignment }, ..*row }
    });
    let visit = Visit { planned_start: Some(one.to), ..(*planned.visit).clone() };
    Ok((visit, rows.collect()))
}

async fn uses(
    (wanted, placed): (&Wanted, &Placed),
    visit_id: VisitId,
) -> Result<Vec<EquipmentUse>, AppError> {
    let (lead, trail) = trips(&placed.view.grounds, &wanted.asked).await?;
    let location_id = wanted.asked.location_id;
    let one = |(equipment_id, units): &(_, u32)| {
        let travels = wanted.asked.travelling.contains(equipment_id);
        let (lead, trail) = if travels { (lead, trail) } else { (0, 0) };
        EquipmentUse {
            visit_id,
            equipment_id: *equipment_id,
            location_id,
            units: *units,
            start: placed.placement.planned_start - TimeDelta::seconds(lead),
            end: placed.end + TimeDelta::seconds(trail),
        }
    };
    Ok(placed.placement.pooled.iter().map(one).collect())
}

/// Something that happened to a visit, told to whoever follows the location's plan.
#[derive(Debug, Clone)]
pub(crate) struct News {
    /// Noun and verb.
    pub(crate) kind: &'static str,
    /// Id of what it is about.
    pub(crate) subject_id: String,
    pub(crate) location_id: LocationId,
    pub(crate) visit_id: VisitId,
    pub(crate) technician_ids: Vec<TechnicianId>,
    /// Planned start, if it has one.
    pub(crate) start: Option<DateTime<Utc>>,
    /// Other visits that moved.
    pub(crate) moved: Vec<VisitId>,
}

/// Appends an event to the outbox; it holds ids and times, no names.
pub(crate) fn tell(app: &App, organization_id: OrganizationId, tx: &mut Tx, news: News) {
    let payload = json!({
        "visit_id": news.visit_id,
        "technician_ids": news.technician_ids,
        "start": news.start,
        "moved_visit_ids": news.moved,
    });
    let event = NewEvent {
        organization_id,
        location_id: Some(news.location_id),
        kind: news.kind.to_owned(),
        subject_id: news.subject_id,
        payload,
        at: app.now(),
    };
    events::append(tx, event);
}

/// The news of a placement.
pub(crate) fn news(
    kind: &'static str,
    subject_id: impl ToString,
    (wanted, placed): (&Wanted, &Placed),
    visit_id: VisitId,
) -> News {
    News {
        kind,
        subject_id: subject_id.to_string(),
        location_id: wanted.asked.location_id,
        visit_id,
        technician_ids: placed.placement.technician_ids.clone(),
        start: Some(placed.placement.planned_start),
        moved: placed.moved(),
    }
}

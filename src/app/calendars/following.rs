//! From events of the plan to wishes of calendars: which visits have to be written where.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::app::App;
use crate::app::calendars::{ask, travel, writing};
use crate::domain::error::AppError;
use crate::domain::id::{OrganizationId, TechnicianId, VisitId};
use crate::store::calendars::{self as rows, written};
use crate::store::events::Event;
use crate::store::{Tx, assignments};

/// Asks for every visit that events tell of to be written, moved or taken out in the calendars of
/// those who do it now, and of those who have it in theirs.
pub(crate) async fn following(
    app: &App,
    tx: &mut Tx,
    organization_id: OrganizationId,
    new: &[Event],
) -> Result<(), AppError> {
    let visit_ids: BTreeSet<VisitId> = new.iter().flat_map(concerned).collect();
    if visit_ids.is_empty() {
        return Ok(());
    }
    let visit_ids: Vec<VisitId> = visit_ids.into_iter().collect();
    let mut assigned = assignments::of_visits(tx, organization_id, &visit_ids).await?;
    let mut known = written::of_visits(tx, organization_id, &visit_ids).await?;
    let mut before = Vec::new();
    for event in &known {
        if app.calendars.rules.travel {
            let calendar = rows::get(tx, organization_id, event.calendar_id).await?;
            let whose = calendar.and_then(|calendar| calendar.technician_id);
            before.extend(whose.map(|id| (id, event.clone())));
        }
    }
    let both = (assigned.as_slice(), before.as_slice());
    let beside = travel::beside(app, tx, organization_id, both).await?;
    let beside: Vec<VisitId> = beside.into_iter().filter(|id| !visit_ids.contains(id)).collect();
    if !beside.is_empty() {
        assigned.extend(assignments::of_visits(tx, organization_id, &beside).await?);
        known.extend(written::of_visits(tx, organization_id, &beside).await?);
    }
    let people: BTreeSet<TechnicianId> =
        assigned.iter().map(|one| one.assignment.technician_id).collect();
    let people: Vec<TechnicianId> = people.into_iter().collect();
    let receiving = rows::receiving(tx, organization_id, &people).await?;
    let mut wishes = BTreeSet::new();
    for one in &assigned {
        let (visit_id, who) = (one.assignment.visit_id, one.assignment.technician_id);
        let theirs =
            receiving.iter().filter(|calendar| calendar.technician_id.is_none_or(|its| its == who));
        wishes.extend(theirs.map(|calendar| (calendar.id, visit_id)));
    }
    wishes.extend(known.iter().map(|event| (event.calendar_id, event.visit_id)));
    for (calendar_id, visit_id) in &wishes {
        written::ask(tx, organization_id, *calendar_id, *visit_id).await?;
    }
    let calendars: BTreeSet<_> = wishes.iter().map(|(calendar_id, _)| *calendar_id).collect();
    for calendar_id in calendars {
        ask(app, tx, organization_id, calendar_id, writing::TASK).await?;
    }
    Ok(())
}

/// The visits an event tells of. Holds are no business of calendars.
fn concerned(event: &Event) -> Vec<VisitId> {
    let kinds = ["booking.", "visit.", "proposal."];
    if !kinds.iter().any(|kind| event.kind.starts_with(kind)) {
        // What moves aside for a hold has moved all the same.
        return ids(event.payload.get("moved_visit_ids"));
    }
    let single = ids(event.payload.get("visit_id"));
    let lists = ["moved_visit_ids", "visit_ids"].into_iter();
    single.into_iter().chain(lists.flat_map(|name| ids(event.payload.get(name)))).collect()
}

fn ids(value: Option<&Value>) -> Vec<VisitId> {
    let one = |value: &Value| value.as_str().and_then(|text| text.parse().ok());
    match value {
        Some(Value::Array(list)) => list.iter().filter_map(one).collect(),
        Some(value) => one(value).into_iter().collect(),
        None => Vec::new(),
    }
}

//! From events to messages: who must be told what. Writes rows and tasks only; nothing is sent here.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::Value;

use crate::app::App;
use crate::app::messages::facts::{Facts, House};
use crate::app::messages::told::{Expected, Told};
use crate::app::messages::{customers, office, reminders, technicians};
use crate::domain::error::AppError;
use crate::domain::id::{OrganizationId, VisitId};
use crate::store::events::Event;
use crate::store::{Tx, message_settings, messages};

/// Questions older than this are about a day that is over.
const ASKED: TimeDelta = TimeDelta::days(2);

/// Writes down every message that follows from some events, in their order.
///
/// What is told is the difference between what holds now and what was told last, so that events that
/// cancel each other out before they are followed tell nothing, and an event that is seen twice
/// tells nothing twice.
///
/// # Errors
/// If the store fails.
pub(crate) async fn follow(
    app: &App,
    tx: &mut Tx,
    organization_id: OrganizationId,
    events: &[Event],
) -> Result<(), AppError> {
    if events.is_empty() {
        return Ok(());
    }
    let house = House::of(tx, organization_id).await?;
    if !house.settings.enabled {
        return Ok(());
    }
    let webhooks = office::webhooks(tx, &house).await?;
    for event in events {
        let mut visits = visits(event);
        if event.kind == "visit.progressed" {
            // A report that nothing is late any more names no other visit; those asked about are
            // looked at, too.
            let asked = messages::late_held(tx, organization_id, app.now() - ASKED).await?;
            visits.extend(asked.into_iter().filter(|id| !visits.contains(id)).collect::<Vec<_>>());
        }
        let mut first = None;
        for (place, visit_id) in visits.iter().enumerate() {
            let Some(facts) = Facts::of(app, tx, &house, *visit_id).await? else { continue };
            about_visit(app, tx, (&house, &facts), event).await?;
            if place == 0 && event.kind == "booking.created" {
                office::booked(app, tx, (&house, &facts), event).await?;
            }
            if place == 0 && one_visit(event) == Some(*visit_id) {
                first = Some(facts);
            }
        }
        office::event(app, tx, &house, &webhooks, (event, first.as_ref())).await?;
    }
    Ok(())
}

/// Tells the customer and the technicians of one visit what has changed.
async fn about_visit(
    app: &App,
    tx: &mut Tx,
    (house, facts): (&House, &Facts),
    event: &Event,
) -> Result<(), AppError> {
    // Nothing is told of what is only held.
    if event.kind.starts_with("hold.") {
        return Ok(());
    }
    let id = facts.visit.id;
    let before: Option<Told> = message_settings::state(tx, house.id, id).await?;
    let mut told = before.clone().unwrap_or_default();
    let kind = (event.kind.as_str(), event.seq);
    customers::tell(app, tx, (house, facts), &mut told, kind).await?;
    reminders::arrange(app, tx, (house, facts), (told.sequence, event.seq)).await?;
    told.expected = expected(event, facts, told.expected);
    reminders::late(app, tx, (house, facts), &mut told, event.seq).await?;
    technicians::tell(app, tx, (house, facts), &mut told, event.seq).await?;
    if before.as_ref() != Some(&told) {
        message_settings::set_state(tx, house.id, id, &told).await?;
    }
    Ok(())
}

/// The visit that an event is about, if it is about one.
fn one_visit(event: &Event) -> Option<VisitId> {
    event.payload["visit_id"].as_str()?.parse().ok()
}

/// Every visit that an event concerns; the one it is about comes first.
fn visits(event: &Event) -> Vec<VisitId> {
    let mut seen = BTreeSet::new();
    let list = |key: &str| event.payload[key].as_array().cloned().unwrap_or_default();
    let id = |value: &Value| value.as_str().and_then(|text| text.parse::<VisitId>().ok());
    let others = ["moved_visit_ids", "visit_ids"].into_iter().flat_map(list);
    let others: Vec<VisitId> = others.filter_map(|value| id(&value)).collect();
    one_visit(event).into_iter().chain(others).filter(|id| seen.insert(*id)).collect()
}

/// What is known of a visit's start after an event, where the plan does not say so.
fn expected(event: &Event, facts: &Facts, before: Option<Expected>) -> Option<Expected> {
    let (id, planned) = (facts.visit.id, facts.visit.planned_start);
    let time = |value: &Value| value.as_str().and_then(|text| text.parse().ok());
    let said = |value: &Value, after: Option<VisitId>| {
        let start = time(&value["expected_start"])?;
        Some(Expected { start, after, planned })
    };
    let about = one_visit(event);
    let before = before.filter(|before| before.planned == planned);
    match event.kind.as_str() {
        "visit.late" if about == Some(id) => {
            let after = event.payload["after_visit_id"].as_str().and_then(|id| id.parse().ok());
            said(&event.payload, after)
        }
        // Who is on the way there says it better than any report before.
        "visit.progressed" if about == Some(id) => None,
        "visit.progressed" => {
            let list = event.payload["expected"].as_array();
            let ours = list.and_then(|list| {
                list.iter().find(|one| one["visit_id"].as_str() == Some(&id.to_string()))
            });
            match ours {
                Some(ours) => said(ours, about),
                None => before.filter(|before| before.after != about),
            }
        }
        _ => before,
    }
}

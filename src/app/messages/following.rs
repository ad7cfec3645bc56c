//! From events to messages: who must be told what. Writes rows and tasks only; nothing is sent here.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::app::App;
use crate::app::messages::facts::{Facts, House};
use crate::app::messages::told::Told;
use crate::app::messages::{customers, office, reminders, technicians};
use crate::domain::error::AppError;
use crate::domain::id::{OrganizationId, VisitId};
use crate::store::events::Event;
use crate::store::{Tx, message_settings};

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
        let visits = visits(event);
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
    let expected = expected(event, id);
    reminders::late(app, tx, (house, facts), &mut told, (expected, event.seq)).await?;
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

/// When an event says that a visit will start, where the plan does not say so.
fn expected(event: &Event, id: VisitId) -> Option<DateTime<Utc>> {
    if event.kind != "visit.late" || one_visit(event) != Some(id) {
        return None;
    }
    event.payload["expected_start"].as_str()?.parse().ok()
}

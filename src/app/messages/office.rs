//! What the office and programs hear: new bookings, and every event for webhooks.

use chrono::DateTime;
use serde_json::{Value, json};

use crate::app::App;
use crate::app::messages::facts::{Facts, House};
use crate::app::messages::words::{self, Style};
use crate::app::messages::writing::{About, Draft, write};
use crate::domain::error::AppError;
use crate::domain::id::WebhookId;
use crate::domain::messages::settings::Creator;
use crate::domain::messages::webhooks::Webhook;
use crate::domain::messages::{Channel, Content, MessageKind};
use crate::domain::records::Record;
use crate::store::Tx;
use crate::store::events::Event;
use crate::store::records::{self, Listing, Noun as _};

/// Tells whoever wants to hear of it that somebody has booked.
///
/// # Errors
/// If the store fails.
pub(super) async fn booked(
    app: &App,
    tx: &mut Tx,
    (house, facts): (&House, &Facts),
    event: &Event,
) -> Result<(), AppError> {
    let Some(booking) = &facts.booking else { return Ok(()) };
    let services = &facts.visit.needs.service_ids;
    let wants = |one: &&Creator| {
        one.service_ids.is_empty() || one.service_ids.iter().any(|id| services.contains(id))
    };
    let locale = house.locale();
    for creator in house.settings.new_bookings.iter().filter(wants) {
        let channel = creator.channel;
        let mut values = words::of_staff(house, facts, locale, (booking.window.from, None));
        words::set(&mut values, "note", answers(facts));
        let which = (MessageKind::NewBooking, channel, locale);
        let own = words::template(tx, house, which, services).await?;
        let style =
            Style { kind: MessageKind::NewBooking, channel, locale, template: own.as_ref() };
        let mut content = words::content(house, &style, &values);
        content.to.clone_from(&creator.to);
        let mut about = about(facts);
        if channel == Channel::Webhook {
            let Ok(id) = creator.to.parse::<WebhookId>() else { continue };
            about.webhook_id = Some(id);
            content = Content {
                payload: Some(payload(house, "booking.new", event, Some(facts))),
                ..Content::default()
            };
        }
        let key = format!("new_booking:{}:{}:{}", booking.id, channel.as_str(), creator.to);
        let keys = (key, facts.visit.id.to_string());
        let kind = (MessageKind::NewBooking, channel);
        let draft = Draft::new(kind, about, content, keys, app.now());
        write(app, tx, house.id, draft, event.seq).await?;
    }
    Ok(())
}

fn about(facts: &Facts) -> About {
    About {
        visit_id: Some(facts.visit.id),
        booking_id: facts.booking.as_ref().map(|booking| booking.id),
        ..About::default()
    }
}

/// What the customer said: the words of the booking, and the answers to its questions if it has any.
fn answers(facts: &Facts) -> String {
    let booking = serde_json::to_value(&facts.booking).unwrap_or_default();
    let mut lines = vec![facts.note.clone()];
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    match &booking["answers"] {
        Value::Array(answers) => lines.extend(answers.iter().map(|one| {
            let names = ["question", "label", "name", "key"];
            let name = names.into_iter().find_map(|name| one[name].as_str()).unwrap_or_default();
            let value = if one["value"].is_null() { &one["answer"] } else { &one["value"] };
            format!("{name}: {}", text(value))
        })),
        Value::Object(answers) => {
            lines.extend(answers.iter().map(|(name, value)| format!("{name}: {}", text(value))));
        }
        _ => {}
    }
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

/// The webhooks of an organization that are switched on.
///
/// # Errors
/// If the store fails.
pub(super) async fn webhooks(
    tx: &mut Tx,
    house: &House,
) -> Result<Vec<Record<WebhookId, Webhook>>, AppError> {
    let filters = vec![("active", true.into())];
    let mut listing = Listing { filters, ..Listing::default() };
    listing.page.limit = 500;
    Ok(records::list::<Webhook>(tx, house.id, &listing).await?.items)
}

/// Writes an event for each webhook that wants it.
///
/// # Errors
/// If the store fails.
pub(super) async fn event(
    app: &App,
    tx: &mut Tx,
    house: &House,
    webhooks: &[Record<WebhookId, Webhook>],
    (event, facts): (&Event, Option<&Facts>),
) -> Result<(), AppError> {
    for webhook in webhooks.iter().filter(|one| one.value.wants(&event.kind)) {
        let mut about = facts.map(about).unwrap_or_default();
        about.webhook_id = Some(webhook.id);
        let content = Content {
            to: webhook.value.url.clone(),
            to_name: webhook.value.name().into_owned(),
            payload: Some(payload(house, &event.kind, event, facts)),
            ..Content::default()
        };
        let key = format!("event:{}:{}", webhook.id, event.seq);
        let order = facts.map_or_else(|| event.subject_id.clone(), |one| one.visit.id.to_string());
        let kind = (MessageKind::Event, Channel::Webhook);
        let draft = Draft::new(kind, about, content, (key, order), app.now());
        write(app, tx, house.id, draft, event.seq).await?;
    }
    Ok(())
}

/// What a webhook gets: the event, and what it is about as it was when the event was followed.
fn payload(house: &House, kind: &str, event: &Event, facts: Option<&Facts>) -> Value {
    let mut data = event.payload.clone();
    if let (Some(facts), Value::Object(data)) = (facts, &mut data) {
        data.insert("visit".to_owned(), json!(facts.visit));
        data.insert("assignments".to_owned(), json!(facts.assignments));
        data.insert("booking".to_owned(), json!(facts.booking));
        let customer = facts.customer.as_ref().map(|(id, customer)| {
            json!({ "id": id, "name": customer.name, "email": customer.email,
                "phone": customer.phone, "locale": customer.locale })
        });
        data.insert("customer".to_owned(), json!(customer));
    }
    json!({
        "kind": kind,
        "seq": event.seq,
        "at": DateTime::from_timestamp(event.at_s, 0),
        "organization_id": house.id,
        "location_id": event.location_id,
        "subject_id": event.subject_id,
        "data": data,
    })
}

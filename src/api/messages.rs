//! `/api/v1/messages`, the messages of a booking, and the rules of messages.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use axum::routing::{get, post, put};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::api::addressed::{At, Id};
use crate::api::catalogue::{All, all_shape, change_shape, page_asked, page_shape, with_tag};
use crate::api::credentials::Caller;
use crate::api::endpoint::{Access, Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::input::{Asked, Changed, Whole};
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::app;
use crate::app::messages::MessageFilter;
use crate::app::messages::trying::{Preview, TestSend};
use crate::app::permissions::Operation;
use crate::domain::faults::{Faults, Validate};
use crate::domain::id::{BookingId, CustomerId, MessageId, TechnicianId, VisitId, WebhookId};
use crate::domain::messages::settings::MessageSettings;
use crate::domain::messages::{
    Channel, Consent, Content, Message, MessageKind, MessageLog, MessageStatus,
};

#[derive(Debug, Deserialize, IntoParams)]
struct ListQuery {
    /// About this booking.
    booking_id: Option<BookingId>,
    /// About this visit.
    visit_id: Option<VisitId>,
    /// To this customer.
    customer_id: Option<CustomerId>,
    /// To this technician.
    technician_id: Option<TechnicianId>,
    /// To this webhook.
    webhook_id: Option<WebhookId>,
    /// Over this channel.
    channel: Option<Channel>,
    /// Of this kind.
    kind: Option<MessageKind>,
    /// So far: `dead` are those that were given up, `held` those that wait for a yes.
    status: Option<MessageStatus>,
    /// Rows of a page, 1 to 500; 50 if not given.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// What a customer says about a channel.
#[derive(Debug, Deserialize, ToSchema)]
struct ConsentChange {
    /// Over which channel: `email`, `sms` or `whatsapp`.
    channel: Channel,
    /// Whether the customer wants messages over it.
    granted: bool,
    /// Who said so; `office` if empty.
    #[serde(default)]
    source: String,
}

impl Validate for ConsentChange {
    fn validate(&self, faults: &mut Faults) {
        app::messages::consents::check((self.channel, &self.source), faults);
    }
}

/// The links of a booking.
#[derive(Debug, Serialize, ToSchema)]
struct BookingLinksBody {
    /// To see, move and cancel it; whoever has it may.
    manage: String,
    /// To see how its visit goes.
    track: String,
}

impl From<app::links::BookingLinks> for BookingLinksBody {
    fn from(links: app::links::BookingLinks) -> Self {
        Self { manage: links.manage, track: links.track }
    }
}

/// Adds the endpoints of messages.
pub(crate) fn add(routes: &mut Routes) {
    add_messages(routes);
    add_of_bookings(routes);
    add_settings(routes);
}

fn add_messages(routes: &mut Routes) {
    let tag = "messages";
    let log = Shape::of::<MessageLog>();
    let endpoint = Endpoint::get("/messages", Operation::MessagesRead)
        .says(tag, "Lists messages, the newest first")
        .more("Without HTML, invitations and payloads; reading one message gives all of it.")
        .asks::<ListQuery>()
        .gives(200, "One page.", page_shape("Message", Shape::of::<Message>()));
    routes.add(endpoint, get(list));
    let endpoint = Endpoint::get("/messages/{message_id}", Operation::MessagesRead)
        .says(tag, "Reads a message with everything that was tried")
        .gives(200, "It.", log.clone());
    routes.add(endpoint, get(read));
    let endpoint = Endpoint::post("/messages/{message_id}:replay", Operation::MessagesWrite)
        .says(tag, "Sends a message once more that was given up, refused or not sent")
        .gives(200, "It waits for its turn.", log.clone())
        .refuses(409, "It waits, was sent, or is not needed.");
    routes.add(endpoint, post(replay));
    let endpoint = Endpoint::post("/messages/{message_id}:release", Operation::MessagesWrite)
        .says(tag, "Sends a message that waits for a yes")
        .gives(200, "It waits for its turn.", log.clone())
        .refuses(409, "It does not wait for one.");
    routes.add(endpoint, post(release));
    let endpoint = Endpoint::post("/messages/{message_id}:drop", Operation::MessagesWrite)
        .says(tag, "Never sends a message that waits")
        .gives(200, "It.", log.clone())
        .refuses(409, "It does not wait.");
    routes.add(endpoint, post(discard));
    let endpoint = Endpoint::post("/message-templates:preview", Operation::MessageTemplatesRead)
        .says("message templates", "Shows what a message would say; nothing is sent")
        .takes(Shape::of::<Preview>())
        .gives(200, "Subject, words and HTML.", Shape::of::<Content>());
    routes.add(endpoint, post(preview));
    let endpoint = Endpoint::post("/message-templates:test", Operation::MessagesWrite)
        .says("message templates", "Sends a message to somebody who tries it out")
        .takes(Shape::of::<TestSend>())
        .gives(200, "The message; it waits for its turn.", log);
    routes.add(endpoint, post(test));
}

fn add_of_bookings(routes: &mut Routes) {
    let endpoint = Endpoint::get("/bookings/{booking_id}/messages", Operation::MessagesRead)
        .says("messages", "Everything that was told about a booking, as one log")
        .gives(
            200,
            "All messages, oldest first.",
            all_shape("MessageLog", Shape::of::<MessageLog>()),
        );
    routes.add(endpoint, get(of_booking));
    let endpoint = Endpoint::get("/bookings/{booking_id}/links", Operation::BookingsRead)
        .says("bookings", "The links by which the customer manages and tracks a booking")
        .gives(200, "Whoever has a link may use it.", Shape::of::<BookingLinksBody>());
    routes.add(endpoint, get(links));
    let endpoint = Endpoint::post("/bookings/{booking_id}:revoke-links", Operation::BookingsUpdate)
        .says("bookings", "Takes the links of a booking back and gives it new ones")
        .gives(200, "The new links.", Shape::of::<BookingLinksBody>());
    routes.add(endpoint, post(revoke_links));
    let consents = "/customers/{customer_id}/consents";
    let endpoint = Endpoint::get(consents, Operation::ConsentsRead)
        .says("customers", "Over which channels a customer wants messages")
        .gives(200, "What was said.", all_shape("Consent", Shape::of::<Consent>()));
    routes.add(endpoint, get(read_consents));
    let endpoint = Endpoint::post("/customers/{customer_id}:consent", Operation::ConsentsWrite)
        .says("customers", "Notes whether a customer wants messages over a channel")
        .takes(Shape::of::<ConsentChange>())
        .gives(200, "What was noted.", Shape::of::<Consent>());
    routes.add(endpoint, post(consent));
}

fn add_settings(routes: &mut Routes) {
    let path = "/message-settings";
    let endpoint = Endpoint::get(path, Operation::MessageSettingsRead)
        .says("message settings", "Reads what is told to whom, when, over which channels")
        .gives(200, "The rules; their revision is in `ETag`.", change_shape::<MessageSettings>());
    routes.add(endpoint, get(read_settings));
    let right = Access::Granted(Operation::MessageSettingsWrite);
    let endpoint = Endpoint::new(Method::PUT, path, right)
        .says("message settings", "Replaces the rules of messages")
        .more("Reminders of a booking follow new rules when something happens to it next.")
        .header("if-match", "The revision you saw, as in `ETag`; 0 the first time.")
        .takes(change_shape::<MessageSettings>())
        .gives(200, "The rules, as they are stored.", change_shape::<MessageSettings>())
        .refuses(409, "Somebody changed them first.");
    routes.add(endpoint, put(write_settings));
}

async fn list(
    State(api): State<Api>,
    Caller(actor): Caller,
    Asked(query): Asked<ListQuery>,
) -> Result<Json<Value>, ApiError> {
    let page = page_asked(query.limit, query.cursor)?;
    let filter = MessageFilter {
        booking_id: query.booking_id,
        visit_id: query.visit_id,
        customer_id: query.customer_id,
        technician_id: query.technician_id,
        webhook_id: query.webhook_id,
        channel: query.channel,
        kind: query.kind,
        status: query.status,
        oldest_first: false,
    };
    let page = app::messages::list(&api.app, &actor, &filter, &page).await?;
    Ok(Json(json!({ "items": page.items, "next_cursor": page.next })))
}

async fn read(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<MessageId>,
) -> Result<Json<MessageLog>, ApiError> {
    Ok(Json(app::messages::get(&api.app, &actor, id).await?))
}

async fn replay(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<MessageId>,
) -> Result<Json<MessageLog>, ApiError> {
    Ok(Json(app::messages::replay(&api.app, &actor, id).await?))
}

async fn release(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<MessageId>,
) -> Result<Json<MessageLog>, ApiError> {
    Ok(Json(app::messages::release(&api.app, &actor, id).await?))
}

async fn discard(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<MessageId>,
) -> Result<Json<MessageLog>, ApiError> {
    Ok(Json(app::messages::discard(&api.app, &actor, id).await?))
}

async fn preview(
    State(api): State<Api>,
    Caller(actor): Caller,
    Whole(asked): Whole<Preview>,
) -> Result<Json<Content>, ApiError> {
    Ok(Json(app::messages::trying::preview(&api.app, &actor, &asked).await?))
}

async fn test(
    State(api): State<Api>,
    Caller(actor): Caller,
    Whole(test): Whole<TestSend>,
) -> Result<Json<MessageLog>, ApiError> {
    Ok(Json(app::messages::trying::send(&api.app, &actor, &test).await?))
}

async fn of_booking(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<BookingId>,
) -> Result<Json<All<MessageLog>>, ApiError> {
    let items = app::messages::of_booking(&api.app, &actor, id).await?;
    Ok(Json(items.into()))
}

async fn links(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<BookingId>,
) -> Result<Json<BookingLinksBody>, ApiError> {
    Ok(Json(app::links::get(&api.app, &actor, id).await?.into()))
}

async fn revoke_links(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<BookingId>,
) -> Result<Json<BookingLinksBody>, ApiError> {
    Ok(Json(app::links::revoke(&api.app, &actor, id).await?.into()))
}

async fn read_consents(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<CustomerId>,
) -> Result<Json<All<Consent>>, ApiError> {
    let items = app::messages::consents::list(&api.app, &actor, id).await?;
    Ok(Json(items.into()))
}

async fn consent(
    State(api): State<Api>,
    Caller(actor): Caller,
    At(Id(id), Whole(change)): At<Id<CustomerId>, Whole<ConsentChange>>,
) -> Result<Json<Consent>, ApiError> {
    let said = (change.granted, change.source.as_str());
    let which = (id, change.channel);
    let noted = app::messages::consents::set(&api.app, &actor, which, said).await?;
    Ok(Json(noted))
}

async fn read_settings(
    State(api): State<Api>,
    Caller(actor): Caller,
) -> Result<Response, ApiError> {
    let (settings, revision) = app::messages::settings::get(&api.app, &actor).await?;
    Ok(answer(&settings, revision))
}

async fn write_settings(
    State(api): State<Api>,
    Caller(actor): Caller,
    Changed(seen, settings): Changed<MessageSettings>,
) -> Result<Response, ApiError> {
    let set = app::messages::settings::set(&api.app, &actor, (&settings, seen)).await?;
    Ok(answer(&set.0, set.1))
}

fn answer(settings: &MessageSettings, revision: i64) -> Response {
    let mut body = serde_json::to_value(settings).unwrap_or_default();
    body["revision"] = revision.into();
    with_tag(Json(body), revision)
}

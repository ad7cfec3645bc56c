//! `/api/v1/webhooks` with their secrets and deliveries, and `/api/v1/message-templates`.

use axum::Json;
use axum::extract::State;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::api::addressed::{At, Id};
use crate::api::catalogue::{
    self, All, Filter, FilterKind, Noun, all_shape, page_asked, page_shape,
};
use crate::api::credentials::Caller;
use crate::api::endpoint::{Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::input::{Asked, Input};
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::app;
use crate::app::messages::MessageFilter;
use crate::app::permissions::Operation;
use crate::domain::id::WebhookId;
use crate::domain::messages::templates::MessageTemplate;
use crate::domain::messages::webhooks::{Webhook, WebhookSecret};
use crate::domain::messages::{Message, MessageLog, MessageStatus};

impl Noun for Webhook {
    const FILTERS: &'static [Filter] = &[Filter {
        name: "active",
        kind: FilterKind::Flag,
        words: "Only those that are switched on, or off.",
    }];
}

impl Noun for MessageTemplate {
    const FILTERS: &'static [Filter] = &[
        Filter { name: "service_id", kind: FilterKind::Id, words: "Only of this service." },
        Filter {
            name: "active",
            kind: FilterKind::Flag,
            words: "Only those that are switched on, or off.",
        },
    ];

    fn path() -> String {
        "/message-templates".to_owned()
    }
}

#[derive(Debug, Deserialize, IntoParams)]
struct DeliveriesQuery {
    /// So far.
    status: Option<MessageStatus>,
    /// Rows of a page, 1 to 500; 50 if not given.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A new secret is wanted.
#[derive(Debug, Deserialize, ToSchema)]
struct Rotation {
    /// Hours for which deliveries carry a signature by the old secret, too; 0 to 720.
    #[serde(default = "a_day")]
    #[schema(maximum = 720)]
    overlap_h: u32,
}

fn a_day() -> u32 {
    24
}

/// Adds the endpoints of webhooks and of message templates.
pub(crate) fn add(routes: &mut Routes) {
    catalogue::add::<MessageTemplate>(routes);
    catalogue::add::<Webhook>(routes);
    let tag = "webhooks";
    let endpoint = Endpoint::get("/webhooks/{webhook_id}/secrets", Operation::WebhooksWrite)
        .says(tag, "Shows the secrets that deliveries are signed with")
        .gives(200, "All that are good.", all_shape("WebhookSecret", Shape::of::<WebhookSecret>()));
    routes.add(endpoint, get(secrets));
    let endpoint = Endpoint::post("/webhooks/{webhook_id}:rotate", Operation::WebhooksWrite)
        .says(tag, "Gives a webhook a new secret")
        .takes(Shape::of::<Rotation>())
        .gives(
            200,
            "All that are good, the new one first.",
            all_shape("WebhookSecret", Shape::of::<WebhookSecret>()),
        );
    routes.add(endpoint, post(rotate));
    let endpoint = Endpoint::post("/webhooks/{webhook_id}:test", Operation::WebhooksWrite)
        .says(tag, "Sends an event of the kind `webhook.test`")
        .gives(200, "The delivery; it waits for its turn.", Shape::of::<MessageLog>());
    routes.add(endpoint, post(test));
    let endpoint = Endpoint::get("/webhooks/{webhook_id}/deliveries", Operation::WebhooksRead)
        .says(tag, "Lists deliveries, the newest first")
        .more("Each is a message: `/messages/{message_id}` has its log, `:replay` repeats it.")
        .asks::<DeliveriesQuery>()
        .gives(200, "One page.", page_shape("Delivery", Shape::of::<Message>()));
    routes.add(endpoint, get(deliveries));
}

async fn secrets(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<WebhookId>,
) -> Result<Json<All<WebhookSecret>>, ApiError> {
    let items = app::webhooks::secrets(&api.app, &actor, id).await?;
    Ok(Json(items.into()))
}

async fn rotate(
    State(api): State<Api>,
    Caller(actor): Caller,
    At(Id(id), Input(rotation)): At<Id<WebhookId>, Input<Rotation>>,
) -> Result<Json<All<WebhookSecret>>, ApiError> {
    let items = app::webhooks::rotate(&api.app, &actor, id, rotation.overlap_h).await?;
    Ok(Json(items.into()))
}

async fn test(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<WebhookId>,
) -> Result<Json<MessageLog>, ApiError> {
    Ok(Json(app::webhooks::test(&api.app, &actor, id).await?))
}

async fn deliveries(
    State(api): State<Api>,
    Caller(actor): Caller,
    At(Id(id), Asked(query)): At<Id<WebhookId>, Asked<DeliveriesQuery>>,
) -> Result<Json<Value>, ApiError> {
    app::catalogue::get::<Webhook>(&api.app, &actor, id).await?;
    let page = page_asked(query.limit, query.cursor)?;
    let filter =
        MessageFilter { webhook_id: Some(id), status: query.status, ..MessageFilter::default() };
    let page = app::messages::list(&api.app, &actor, &filter, &page).await?;
    Ok(Json(json!({ "items": page.items, "next_cursor": page.next })))
}

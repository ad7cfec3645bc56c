//! `/api/v1/message-channels`: over which channels this server can send.

use axum::Json;
use axum::extract::State;
use axum::routing::get;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::credentials::Caller;
use crate::api::endpoint::{Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::app::messages::channels::{self, ChannelState};
use crate::app::permissions::Operation;

/// Channels.
#[derive(Debug, Serialize, ToSchema)]
struct ChannelList {
    /// All of them.
    items: Vec<ChannelState>,
    /// Always null: they come at once.
    next_cursor: Option<String>,
}

/// Adds the endpoint.
pub(crate) fn add(routes: &mut Routes) {
    let endpoint = Endpoint::get("/message-channels", Operation::MessageSettingsRead)
        .says("message_settings", "Lists channels, whether they send, as whom, and what is missing")
        .gives(200, "All channels.", Shape::of::<ChannelList>());
    routes.add(endpoint, get(list));
}

async fn list(
    State(api): State<Api>,
    Caller(actor): Caller,
) -> Result<Json<ChannelList>, ApiError> {
    let items = channels::list(&api.app, &actor)?;
    Ok(Json(ChannelList { items, next_cursor: None }))
}

//! `/api/v1/message-channels`: over which channels this server can send.

use axum::Json;
use axum::extract::State;
use axum::routing::get;

use crate::api::catalogue::{All, all_shape};
use crate::api::credentials::Caller;
use crate::api::endpoint::{Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::app::messages::channels::{self, ChannelState};
use crate::app::permissions::Operation;

/// Adds the endpoint.
pub(crate) fn add(routes: &mut Routes) {
    let endpoint = Endpoint::get("/message-channels", Operation::MessageSettingsRead)
        .says("message settings", "Lists channels, whether they send, as whom, and what is missing")
        .gives(200, "All channels.", all_shape("Channel", Shape::of::<ChannelState>()));
    routes.add(endpoint, get(list));
}

async fn list(
    State(api): State<Api>,
    Caller(actor): Caller,
) -> Result<Json<All<ChannelState>>, ApiError> {
    let items = channels::list(&api.app, &actor)?;
    Ok(Json(items.into()))
}

//! `/api/v1/calendar-providers`: where this server can connect accounts.

use axum::Json;
use axum::extract::State;
use axum::routing::get;

use crate::api::catalogue::{All, all_shape};
use crate::api::credentials::Caller;
use crate::api::endpoint::{Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::app::calendars::providers::{self, ProviderState};
use crate::app::permissions::Operation;

/// Adds the endpoint.
pub(crate) fn add(routes: &mut Routes) {
    let endpoint = Endpoint::get("/calendar-providers", Operation::CalendarsRead)
        .says("calendars", "Lists where accounts can be connected, and what is missing elsewhere")
        .gives(200, "All providers.", all_shape("Provider", Shape::of::<ProviderState>()));
    routes.add(endpoint, get(list));
}

async fn list(
    State(api): State<Api>,
    Caller(actor): Caller,
) -> Result<Json<All<ProviderState>>, ApiError> {
    let items = providers::list(&api.app, &actor)?;
    Ok(Json(items.into()))
}

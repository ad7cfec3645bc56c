//! `/api/v1/calendar-providers`: where this server can connect accounts.

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
use crate::app::calendars::providers::{self, ProviderState};
use crate::app::permissions::Operation;

/// Providers.
#[derive(Debug, Serialize, ToSchema)]
struct ProviderList {
    /// All of them.
    items: Vec<ProviderState>,
    /// Always null: they come at once.
    next_cursor: Option<String>,
}

/// Adds the endpoint.
pub(crate) fn add(routes: &mut Routes) {
    let endpoint = Endpoint::get("/calendar-providers", Operation::CalendarsRead)
        .says("calendars", "Lists where accounts can be connected, and what is missing elsewhere")
        .gives(200, "All providers.", Shape::of::<ProviderList>());
    routes.add(endpoint, get(list));
}

async fn list(
    State(api): State<Api>,
    Caller(actor): Caller,
) -> Result<Json<ProviderList>, ApiError> {
    let items = providers::list(&api.app, &actor)?;
    Ok(Json(ProviderList { items, next_cursor: None }))
}

//! `/api/v1/organization`: one's own.

use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use axum::routing::{get, put};

use crate::api::catalogue::{change_shape, record_shape, tagged};
use crate::api::credentials::Caller;
use crate::api::endpoint::{Access, Endpoint};
use crate::api::error::ApiError;
use crate::api::input::Changed;
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::app;
use crate::app::permissions::Operation;
use crate::domain::organizations::Organization;

/// Adds the endpoints of the organization.
pub(crate) fn add(routes: &mut Routes) {
    let record = record_shape::<Organization>();
    let endpoint = Endpoint::get("/organization", Operation::OrganizationsRead)
        .says("organization", "Reads the organization's settings")
        .gives(200, "They; the revision is in `ETag`, too.", record.clone());
    routes.add(endpoint, get(read));
    let right = Access::Granted(Operation::OrganizationsUpdate);
    let endpoint = Endpoint::new(Method::PUT, "/organization", right)
        .says("organization", "Replaces the organization's settings")
        .header("if-match", "The revision you saw, as in `ETag`.")
        .takes(change_shape::<Organization>())
        .gives(200, "They, as they are stored.", record)
        .refuses(409, "Somebody changed them first, or the slug is taken.");
    routes.add(endpoint, put(replace));
}

async fn read(State(api): State<Api>, Caller(actor): Caller) -> Result<Response, ApiError> {
    Ok(tagged(&app::organizations::get(&api.app, &actor).await?))
}

async fn replace(
    State(api): State<Api>,
    Caller(actor): Caller,
    Changed(seen, organization): Changed<Organization>,
) -> Result<Response, ApiError> {
    Ok(tagged(&app::organizations::update(&api.app, &actor, seen, &organization).await?))
}

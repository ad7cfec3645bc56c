//! `/api/v1/addresses`, and the same for anyone: addresses of the region while somebody types.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use axum::routing::get;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::credentials::Caller;
use crate::api::endpoint::{Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::input::Asked;
use crate::api::public;
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::app;
use crate::app::addresses::AddressFound;
use crate::app::permissions::Operation;

/// Suggestions unless the query says otherwise.
const LIMIT: u32 = 8;

#[derive(Debug, Deserialize, IntoParams)]
struct AddressQuery {
    /// What was typed so far, at most 200 characters: `skeif`, `Laugavegur 1`, `hafnargata 28 kef`.
    q: String,
    /// Suggestions at most, 1 to 50; 8 if not given.
    limit: Option<u32>,
}

/// Addresses that fit.
#[derive(Debug, Serialize, ToSchema)]
struct Addresses {
    /// Best first.
    items: Vec<AddressFound>,
}

/// Adds the endpoints.
pub(crate) fn add(routes: &mut Routes) {
    let own = Endpoint::get("/addresses", Operation::AddressesRead);
    let open = public::open(Method::GET, "/addresses", Operation::AddressesRead);
    for (endpoint, tag) in [(own, "addresses"), (open, "public")] {
        let endpoint = endpoint
            .says(tag, "Suggests addresses for an unfinished text")
            .more(
                "Case and accents do not matter, words may be unfinished, and one slip is forgiven. \
                 None if the server has no addresses of the region (`addresses.file`).",
            )
            .asks::<AddressQuery>()
            .gives(200, "The addresses that fit.", Shape::of::<Addresses>());
        routes.add(endpoint, get(list));
    }
}

async fn list(
    State(api): State<Api>,
    Caller(actor): Caller,
    Asked(query): Asked<AddressQuery>,
) -> Result<Json<Addresses>, ApiError> {
    let limit = query.limit.unwrap_or(LIMIT);
    let items = app::addresses::suggest(&api.app, &actor, &query.q, limit)?;
    Ok(Json(Addresses { items }))
}

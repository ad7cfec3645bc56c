//! The head of the OpenAPI document, and the document itself at `/api/openapi.json`.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use utoipa::ToSchema as _;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, InfoBuilder, License, OpenApi, OpenApiBuilder, Paths, ServerBuilder,
};

use crate::api::credentials::COOKIE;
use crate::api::endpoint::{Access, Endpoint, Shape};
use crate::api::problem::Problem;
use crate::api::routes::Routes;
use crate::api::state::Api;

const ABOUT: &str = "\
Slots on real roads, held and booked; technicians, plans and visits.

Send `Authorization: Bearer rk_..` with an API key, or log in with `POST /api/v1/session` and keep \
the cookie. With a cookie, every method but GET needs the header `X-Requested-With` (any value), or \
an `Origin` that is the server's own address: browsers send neither for other sites. Operations \
under `/api/v1/public/{organization_slug}` need no credential.

Bodies are JSON. Times are RFC 3339 with an offset, dates `YYYY-MM-DD` in the zone of the location, \
ids are UUIDs, and the units of numbers are in their names. Unknown fields are refused. Lists give \
`items` and `next_cursor`; send it back as `cursor` for the next page.

Failed answers are problems (RFC 9457, `application/problem+json`); `faults` lists everything that \
is wrong with an input. Sentences about plans and times (`sentence`) are in the language that \
`Accept-Language` likes best: English, Spanish or Icelandic; rules and numbers beside them are for \
programs. Every answer carries `x-request-id`; send your own if you like. Creates take \
an `Idempotency-Key`.

What you change carries a `revision`. Send the one you saw as `revision` in the body or as \
`If-Match`; if somebody was quicker the answer is 409 and nothing has changed.";

/// A document without endpoints.
pub(crate) fn head(base_url: &str) -> OpenApi {
    let info = InfoBuilder::new()
        .title("Roundsman")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .license(Some(License::new("Apache-2.0 OR MIT")))
        .build();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("rk_..");
    let cookie = ApiKey::Cookie(ApiKeyValue::new(COOKIE));
    let mut components = ComponentsBuilder::new()
        .schema(Problem::name().into_owned(), <Problem as utoipa::PartialSchema>::schema())
        .security_scheme("api_key", SecurityScheme::Http(bearer.build()))
        .security_scheme("session", SecurityScheme::ApiKey(cookie))
        .build();
    let mut needed = Vec::new();
    Problem::schemas(&mut needed);
    components.schemas.extend(needed);
    OpenApiBuilder::new()
        .info(info)
        .servers(Some([ServerBuilder::new().url(base_url).build()]))
        .paths(Paths::new())
        .components(Some(components))
        .build()
}

/// Adds the address of the document.
pub(crate) fn add(routes: &mut Routes) {
    let endpoint = Endpoint::new(Method::GET, "/api/openapi.json", Access::Open)
        .says("server", "This document")
        .gives(200, "OpenAPI 3.1.", Shape::anything());
    routes.add_at_root(&endpoint, get(document));
}

async fn document(State(api): State<Api>) -> Response {
    Json(api.document()).into_response()
}

//! The readable documentation at `/docs`, written from the OpenAPI document: one page without
//! scripts and without requests to anywhere else.

mod guides;
mod page;

use axum::extract::{Path, State};
use axum::http::Method;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{Html, IntoResponse};
use axum::routing::get;

use crate::api::endpoint::{Access, Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::domain::error::AppError;

/// What all pages share, then what is only its own.
const STYLE: &str = concat!(
    include_str!("../../web/tokens.css"),
    include_str!("../style.css"),
    include_str!("docs/style.css")
);

/// Adds the page and its style.
pub(crate) fn add(routes: &mut Routes) {
    let endpoint = Endpoint::new(Method::GET, "/docs", Access::Open)
        .says("server", "This documentation as a page")
        .gives_as(200, "A page.", Shape::text(), "text/html");
    routes.add_at_root(&endpoint, get(docs));
    let endpoint = Endpoint::new(Method::GET, "/docs/style.css", Access::Open)
        .says("server", "The style of the documentation")
        .gives_as(200, "A style sheet.", Shape::text(), "text/css");
    routes.add_at_root(&endpoint, get(style));
    let endpoint = Endpoint::new(Method::GET, "/docs/{area}/{name}", Access::Open)
        .says("server", "How to connect a calendar or a channel, as a page")
        .gives_as(200, "A page.", Shape::text(), "text/html")
        .refuses(404, "There is no such page.");
    routes.add_at_root(&endpoint, get(guide));
}

async fn docs(State(api): State<Api>) -> impl IntoResponse {
    Html(page::page(api.document()))
}

async fn guide(Path((area, name)): Path<(String, String)>) -> Result<Html<String>, ApiError> {
    let page = guides::page(&area, &name).map(Html);
    page.ok_or_else(|| AppError::not_found("page", format!("{area}/{name}")).into())
}

async fn style() -> impl IntoResponse {
    let headers = [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "max-age=3600")];
    (headers, STYLE)
}

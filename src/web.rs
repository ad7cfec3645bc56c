//! Pages: the plain one at `/` that says what is running and what to do next, and the built front
//! end with its base map.

mod built;
pub mod customers;
mod home;
mod map;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{Html, IntoResponse};
use axum::routing::get;

pub use home::{Example, Fact, Home, Login};
pub use map::Map;

/// What all pages share, then what is only theirs.
const STYLE: &str = concat!(
    include_str!("../web/tokens.css"),
    include_str!("style.css"),
    include_str!("web/style.css")
);

/// The pages. They ask nothing of other servers.
pub fn router(home: Home, map: Map) -> Router {
    let page = Arc::<str>::from(home.render());
    let plain = Router::new().route("/", get(front)).route("/style.css", get(style));
    plain.with_state(page).merge(built::router()).merge(map::router(map))
}

async fn front(State(page): State<Arc<str>>) -> impl IntoResponse {
    ([(CACHE_CONTROL, "no-cache")], Html(page.to_string()))
}

async fn style() -> impl IntoResponse {
    let headers = [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "max-age=3600")];
    (headers, STYLE)
}

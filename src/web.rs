//! Pages: today the plain one at `/` that says what is running and what to do next.

mod home;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{Html, IntoResponse};
use axum::routing::get;

pub use home::{Example, Fact, Home, Login};

/// What all pages share, then what is only theirs.
const STYLE: &str = concat!(include_str!("style.css"), include_str!("web/style.css"));

/// The pages. They ask nothing of other servers and run no scripts.
pub fn router(home: Home) -> Router {
    let page = Arc::<str>::from(home.render());
    Router::new().route("/", get(front)).route("/style.css", get(style)).with_state(page)
}

async fn front(State(page): State<Arc<str>>) -> impl IntoResponse {
    ([(CACHE_CONTROL, "no-cache")], Html(page.to_string()))
}

async fn style() -> impl IntoResponse {
    let headers = [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "max-age=3600")];
    (headers, STYLE)
}

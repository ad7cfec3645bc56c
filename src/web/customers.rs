//! Pages for customers: booking from the service to the confirmation, managing and following a
//! booking, and the widget for other sites. They work without JavaScript.

mod accent;
mod assets;
pub mod basemap;
mod calendar_file;
mod confirm;
mod errors;
mod frame;
mod manage;
mod maps;
mod paging;
mod picture;
mod place;
mod questions;
mod services;
mod tiles;
mod times;
mod track;
mod visitor;
mod waitlist;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::app::App;
use basemap::Basemap;

/// Largest form with files, in bytes: four files of the largest size.
const FORM_BYTES_MAX: usize = 21 * 1024 * 1024;
/// Largest form without files, in bytes.
const PLAIN_BYTES_MAX: usize = 64 * 1024;

/// What the pages work with. Cheap to clone.
#[derive(Debug, Clone)]
struct Pages {
    app: App,
    map: Option<Arc<Basemap>>,
}

/// The pages for customers.
///
/// * `map`: the base map for small pictures; without one they show the pin on empty ground.
pub fn router(app: App, map: Option<Basemap>) -> Router {
    let pages = Pages { app, map: map.map(Arc::new) };
    let steps = "/book/{slug}/{draft}";
    let step = |name: &str| format!("{steps}/{name}");
    let files =
        get(questions::show).post(questions::answer).layer(DefaultBodyLimit::max(FORM_BYTES_MAX));
    let plain = Router::new()
        .route("/book/{slug}", get(services::show).post(services::choose))
        .route("/book/{slug}/map.svg", get(maps::picture))
        .route("/book/{slug}/waitlist/{entry}", get(waitlist::open))
        .route(steps, get(services::again).post(services::rechoose))
        .route(&step("place"), get(place::show).post(place::choose))
        .route(&step("time"), get(times::show))
        .route(&step("hold"), post(times::hold))
        .route(&step("confirm"), get(confirm::show).post(confirm::book))
        .route(&step("done"), get(confirm::done))
        .route(&step("booking.ics"), get(confirm::calendar))
        .route(&step("waitlist"), get(waitlist::show).post(waitlist::join))
        .route("/manage/{token}", get(manage::show))
        .route("/manage/{token}/time", get(manage::times))
        .route("/manage/{token}/move", post(manage::reschedule))
        .route("/manage/{token}/cancel", get(manage::ask_cancel).post(manage::cancel))
        .route("/manage/{token}/booking.ics", get(manage::calendar))
        .route("/track/{token}", get(track::show))
        .route("/track/{token}/map.svg", get(track::picture))
        .layer(DefaultBodyLimit::max(PLAIN_BYTES_MAX));
    Router::new()
        .route(&step("questions"), files)
        .merge(plain)
        .with_state(pages)
        .merge(assets::router())
        .merge(accent::router())
}

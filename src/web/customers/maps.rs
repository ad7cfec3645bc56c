//! Small pictures of maps, as files of their own, which pages show.

use axum::extract::{Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use std::fmt::Write as _;

use crate::web::customers::Pages;
use crate::web::customers::picture::{View, ZOOMS};

/// The size of a picture that only shows a place, in pixels.
pub(super) const WIDE: (u32, u32) = (640, 260);
/// The size of a picture on which somebody sets a pin: as wide as the narrowest telephone, since it is
/// never shown smaller.
pub(super) const SQUARE: (u32, u32) = (288, 288);

/// What is asked of a picture.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    lat: f64,
    lon: f64,
    z: Option<u8>,
    /// Whether it is the picture to set a pin on.
    #[serde(default)]
    set: bool,
    plat: Option<f64>,
    plon: Option<f64>,
}

/// The picture around a point.
pub(super) async fn picture(State(pages): State<Pages>, Query(asked): Query<Asked>) -> Response {
    let Asked { lat, lon, z, set, plat, plon } = asked;
    let fits = |number: f64| if number.is_finite() { number } else { 0.0 };
    let pin = plat.zip(plon).map(|(lat, lon)| (fits(lat), fits(lon)));
    let view = View {
        centre: (fits(lat), fits(lon)),
        zoom: z.unwrap_or(16).clamp(*ZOOMS.start(), *ZOOMS.end()),
        size: if set { SQUARE } else { WIDE },
        pin,
        way: Vec::new(),
    };
    drawn(&pages, view, "public, max-age=86400").await
}

/// A view as an answer.
pub(super) async fn drawn(pages: &Pages, view: View, cache: &'static str) -> Response {
    let map = pages.map.clone();
    // Unpacking tiles takes some milliseconds.
    let work = move || view.draw(map.as_deref());
    let svg = tokio::task::spawn_blocking(work).await.unwrap_or_default();
    ([(CONTENT_TYPE, "image/svg+xml"), (CACHE_CONTROL, cache)], svg).into_response()
}

/// The address of a picture around a point.
pub(super) fn address(slug: &str, (lat, lon): (f64, f64), zoom: u8, pin: bool) -> String {
    let mut address = format!("/book/{slug}/map.svg?lat={lat:.6}&lon={lon:.6}&z={zoom}");
    if pin {
        let _cannot_fail = write!(address, "&plat={lat:.6}&plon={lon:.6}");
    }
    address
}

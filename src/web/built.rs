//! The built front end: the files of `web/dist`, and the pages that are made of them.
//!
//! Release builds carry the files; others read them when they are asked, so that neither needs the
//! other to be built again.

use std::borrow::Cow;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;

/// Everything comes from this server: scripts, styles, pictures, answers. Leaflet's empty picture is
/// the one exception.
const POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; \
                      base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/// What the built files of a name with a hash in it never do is change.
const FOREVER: &str = "public, max-age=31536000, immutable";
/// The mark of the product, for pages that name no icon.
const ICON: &str = include_str!("../../web/shared/icon.svg");
/// How to get a front end, for whoever runs a server without one.
const MISSING: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Roundsman</title>\
    <link rel=\"stylesheet\" href=\"/style.css\"><main><h1>This page is not built</h1>\
    <p>The program was built without its front end. In the folder of its sources run \
    <code>make web</code>; a release build must then be built again.</p></main></html>";

/// The files of release builds, by their names in `web/dist`.
static EMBEDDED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/front_end.rs"));

/// The applications of the front end: the dispatcher's, the technician's, the door to both,
/// and everybody's own calendars.
///
/// Each answers everything below its name, since its own script tells its pages apart.
pub(crate) fn router() -> Router {
    let icon =
        || async { ([(CONTENT_TYPE, "image/svg+xml"), (CACHE_CONTROL, "max-age=86400")], ICON) };
    let mut router =
        Router::new().route("/assets/{name}", get(asset)).route("/favicon.ico", get(icon));
    for application in ["board", "day", "login", "calendars"] {
        let front = move |headers: HeaderMap| async move { page(application, &headers) };
        let below = move |Path(rest): Path<String>, headers: HeaderMap| async move {
            // Files of an application that keep their names, for instance a service worker.
            let name = format!("{application}/{rest}");
            if rest.contains('.') {
                file(&name, "no-cache", &headers)
            } else {
                page(application, &headers)
            }
        };
        router = router
            .route(&format!("/{application}"), get(front))
            .route(&format!("/{application}/{{*rest}}"), get(below));
    }
    router
}

async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    file(&format!("assets/{name}"), FOREVER, &headers)
}

fn page(application: &str, headers: &HeaderMap) -> Response {
    let name = format!("{application}/index.html");
    if find(&name).is_none() {
        return (StatusCode::NOT_FOUND, Html(MISSING)).into_response();
    }
    file(&name, "no-cache", headers)
}

/// One file, packed if the reader takes it so.
fn file(name: &str, cache: &'static str, headers: &HeaderMap) -> Response {
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let brotli = accepted.is_some_and(|value| value.split(',').any(|one| one.trim() == "br"));
    let packed = if brotli { find(&format!("{name}.br")) } else { None };
    let is_packed = packed.is_some();
    let Some(bytes) = packed.or_else(|| find(name)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = Response::new(match bytes {
        Cow::Borrowed(bytes) => Body::from(bytes),
        Cow::Owned(bytes) => Body::from(bytes),
    });
    let answer = response.headers_mut();
    answer.insert(CONTENT_TYPE, HeaderValue::from_static(media_type(name)));
    answer.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    answer.insert(VARY, HeaderValue::from_static("accept-encoding"));
    answer.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    if name.ends_with("/sw.js") {
        // The page itself stands above the worker's own folder.
        answer.insert("service-worker-allowed", HeaderValue::from_static("/day"));
    }
    if is_packed {
        answer.insert(CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    response
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

/// A file by its name in `web/dist`.
fn find(name: &str) -> Option<Cow<'static, [u8]>> {
    if cfg!(debug_assertions) {
        let below = name.split('/').all(|part| !part.is_empty() && !part.starts_with('.'));
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/web/dist/");
        return std::fs::read(format!("{path}{name}")).ok().filter(|_| below).map(Cow::Owned);
    }
    EMBEDDED.iter().find(|(known, _)| *known == name).map(|(_, bytes)| Cow::Borrowed(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_the_folder() {
        assert!(find("../package.json").is_none());
        assert!(find("assets/../../package.json").is_none());
        assert!(find("/etc/hostname").is_none());
    }

    #[test]
    fn scripts_and_styles_have_their_media_types() {
        assert_eq!(media_type("assets/a.b.js"), "text/javascript; charset=utf-8");
        assert_eq!(media_type("day/sw.js"), "text/javascript; charset=utf-8");
        assert_eq!(media_type("what"), "application/octet-stream");
    }
}

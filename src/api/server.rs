//! The running server: everything around the routes, and an end that loses nothing.

use std::io;
use std::net::SocketAddr;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::http::header::{ACCEPT, ACCEPT_LANGUAGE};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{Html, IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower_http::compression::CompressionLayer;

use crate::api::problem::{Problem, ProblemKind};
use crate::api::routes::{documented, with_verbs};
use crate::api::state::{Api, Settings};
use crate::api::{endpoints, headers, limits, observe};
use crate::app::{App, reader};
use crate::text::Locale;

/// Answers requests on `listener` until `shutdown` is done.
///
/// Then no connection is accepted, streams of events end, and running requests have the grace
/// period of the settings to finish. `pages` answers what is not part of the API.
///
/// # Errors
/// If the listener fails.
pub async fn serve(
    app: App,
    settings: Settings,
    pages: Router,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let grace = settings.shutdown_grace;
    let (stop, stopping) = watch::channel(false);
    let mut stopped = stopping.clone();
    let router = router(&Api::new(app, settings, stopping), pages);
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let running = axum::serve(listener, service).with_graceful_shutdown(async move {
        shutdown.await;
        tracing::info!("Stopping: no new connections, running requests finish");
        stop.send_replace(true);
    });
    let overdue = async move {
        // An error means that the sender is gone, and with it the reason to wait.
        drop(stopped.wait_for(|stop| *stop).await);
        tokio::time::sleep(grace).await;
    };
    tokio::select! {
        result = running => result,
        () = overdue => {
            let seconds = grace.as_secs();
            tracing::warn!("Stopped with requests still running after {seconds} s of grace");
            Ok(())
        }
    }
}

/// Every route with everything around it.
fn router(api: &Api, pages: Router) -> Router {
    let limit = api.settings().body_limit_bytes;
    let pages = pages.layer(from_fn_with_state(api.clone(), limits::pages));
    let router = endpoints::all(api)
        .with_state(api.clone())
        .merge(pages)
        .fallback(nothing_here)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(limit))
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(api.clone(), headers::every_answer))
        .layer(from_fn(in_the_readers_language))
        .layer(from_fn_with_state(api.clone(), observe::every_request));
    with_verbs(router)
}

/// Sentences of an answer are in the language that the header `Accept-Language` likes best.
async fn in_the_readers_language(request: Request, next: Next) -> Response {
    let header = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let locale = header.and_then(Locale::negotiate).unwrap_or_default();
    reader::reading(locale, next.run(request)).await
}

async fn nothing_here(request: Request) -> Response {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let path = documented(request.uri().path());
    let is_reader = header(ACCEPT).is_some_and(|accepted| accepted.contains("text/html"));
    if is_reader && !path.starts_with("/api/") {
        let locale = header(ACCEPT_LANGUAGE).and_then(Locale::negotiate).unwrap_or_default();
        return (StatusCode::NOT_FOUND, Html(nothing_page(locale))).into_response();
    }
    ProblemKind::NOT_FOUND.with(format!("nothing is at {path}")).into_response()
}

/// What people read where nothing is.
fn nothing_page(locale: Locale) -> String {
    let text = |key: &str| locale.text(&format!("booking.error.{key}"), &[]);
    format!(
        "<!doctype html><html lang=\"{lang}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title} · Roundsman</title><link rel=\"stylesheet\" href=\"/style.css\"></head><body><main>\
         <h1>{title}</h1><p>{why}</p><p><a href=\"/\">{again}</a></p></main></body></html>",
        lang = locale.tag(),
        title = text("not_found.title"),
        why = text("not_found.text"),
        again = text("again"),
    )
}

async fn method_not_allowed(request: Request) -> Problem {
    let path = documented(request.uri().path());
    let detail = format!("{path} does not take {}", request.method());
    ProblemKind::METHOD_NOT_ALLOWED.with(detail)
}

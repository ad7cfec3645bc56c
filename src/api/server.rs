//! The running server: everything around the routes, and an end that loses nothing.

use std::io;
use std::net::SocketAddr;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower_http::compression::CompressionLayer;

use crate::api::problem::{Problem, ProblemKind};
use crate::api::routes::{documented, with_verbs};
use crate::api::state::{Api, Settings};
use crate::api::{endpoints, headers, limits, observe};
use crate::app::App;

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
        .layer(from_fn_with_state(api.clone(), observe::every_request));
    with_verbs(router)
}

async fn nothing_here(request: Request) -> Response {
    let path = documented(request.uri().path());
    ProblemKind::NOT_FOUND.with(format!("nothing is at {path}")).into_response()
}

async fn method_not_allowed(request: Request) -> Problem {
    let path = documented(request.uri().path());
    let detail = format!("{path} does not take {}", request.method());
    ProblemKind::METHOD_NOT_ALLOWED.with(detail)
}

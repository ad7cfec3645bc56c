//! What surrounds every request: its id, its time limit, a net for panics, one line of log and
//! its numbers.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use tracing::Instrument as _;

use crate::api::problem::{self, Problem, ProblemKind};
use crate::api::routes::documented;
use crate::api::state::Api;

/// The header that carries the id of a request, both ways.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of the request at hand.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(pub(crate) String);

/// Runs the request inside all of them. No name, address, token, query or body is logged.
pub(crate) async fn every_request(
    State(api): State<Api>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = request_id(request.headers()).unwrap_or_else(|| api.app.new_id().to_string());
    let method = known_method(request.method());
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or_else(|| "unmatched".to_owned(), |path| documented(path.as_str()));
    request.extensions_mut().insert(RequestId(id.clone()));
    let span = tracing::info_span!("request", request.id = %id);
    let started = Instant::now();
    let answer = run(&api, request, next).instrument(span.clone()).await;
    let mut response = problem::finish(answer, &id);
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let elapsed = started.elapsed();
    let status = response.status().as_u16();
    span.in_scope(|| {
        let duration_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        tracing::info!(
            http.method = method,
            http.route = route,
            http.status = status,
            duration_ms,
            "Answered {method} {route} with {status}"
        );
    });
    let labels = [("method", method.to_owned()), ("route", route), ("status", status.to_string())];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_duration_seconds", &labels).record(elapsed.as_secs_f64());
    response
}

/// The answer, also if the handler panics or takes too long.
async fn run(api: &Api, request: Request, next: Next) -> Response {
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(api.settings().request_timeout, answer).await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => {
            tracing::error!(panic = words(panic.as_ref()), "Request panicked");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Err(_) => {
            let seconds = api.settings().request_timeout.as_secs();
            tracing::warn!("Request took more than {seconds} s");
            let detail = format!("the server stopped waiting after {seconds} s");
            let problem = ProblemKind::TIMED_OUT.with(detail);
            Problem { retry_after_s: Some(1), ..problem }.into_response()
        }
    }
}

/// The client's own id if it is fit for a log.
fn request_id(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(REQUEST_ID)?.to_str().ok()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let fits = (1..=64).contains(&text.len()) && text.chars().all(plain);
    fits.then(|| text.to_owned())
}

/// Methods that clients invent must not make new series in the metrics.
fn known_method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        "PATCH" => "PATCH",
        _ => "other",
    }
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no words")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_that_are_fit_for_a_log_are_accepted() {
        let read = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, HeaderValue::from_str(text).unwrap());
            request_id(&headers)
        };
        assert_eq!(read("abc-1.2_3"), Some("abc-1.2_3".to_owned()));
        assert_eq!(read("a b"), None);
        assert_eq!(read(""), None);
        assert_eq!(read(&"a".repeat(65)), None);
    }
}

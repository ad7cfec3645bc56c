//! The body of every failed answer (RFC 9457), and the one list of kinds of problems.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::faults::Fault;
use crate::domain::slots::Alternative;

/// Media type of problems.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// What went wrong, for programs and for people (RFC 9457).
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Where the kind of problem is described, for instance `/docs#slot-taken`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words; the same for every problem of the kind.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What went wrong this time and what to do about it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// The id of the request, as in the header `x-request-id` and in the server's log.
    pub instance: String,
    /// Everything that is wrong with the input.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Fault>,
    /// If the slot is gone, or the hold has expired: the nearest starts that are feasible now,
    /// nearest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alternatives: Option<Vec<Alternative>>,
    /// If the hold has become a booking that the caller may see: which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub booking_id: Option<uuid::Uuid>,
    /// If the caller saw an old version: the visits that changed since, if it was a plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visits: Option<Vec<uuid::Uuid>>,
    /// If the caller saw an old version: the version that is stored now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actual_revision: Option<i64>,
    /// Seconds after which to try again; also in the header `Retry-After`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u64>,
}

/// One kind of problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ProblemKind {
    /// The name in the address of its description.
    pub name: &'static str,
    /// The status it comes with.
    pub status: StatusCode,
    /// The kind in words.
    pub title: &'static str,
    /// When it happens and what to do; for the documentation.
    pub help: &'static str,
}

macro_rules! kinds {
    ($($constant:ident = $name:literal, $status:ident, $title:literal, $help:literal;)*) => {
        impl ProblemKind {
            $(#[doc = $title] pub(crate) const $constant: Self = Self {
                name: $name, status: StatusCode::$status, title: $title, help: $help,
            };)*
            /// All of them, for the documentation and for answers that only have a status.
            pub(crate) const ALL: &[Self] = &[$(Self::$constant),*];
        }
    };
}

kinds! {
    BAD_REQUEST = "bad-request", BAD_REQUEST, "The request cannot be read",
        "The body is no JSON (the detail names line and column), or a header, the address or the \
         query is malformed.";
    UNAUTHENTICATED = "unauthenticated", UNAUTHORIZED, "A valid credential is needed",
        "Send `Authorization: Bearer rk_..` with an API key, or log in with `POST /api/v1/session`.";
    FORBIDDEN = "forbidden", FORBIDDEN, "The credential does not allow this",
        "The role of the member or the scopes of the key do not cover the operation.";
    CROSS_SITE = "cross-site", FORBIDDEN, "The request came from another site",
        "A change with a session cookie needs the header `X-Requested-With`, or an `Origin` that \
         is the server's own address.";
    NOT_FOUND = "not-found", NOT_FOUND, "It does not exist",
        "Nothing has this id or address, or the credential may not see it.";
    METHOD_NOT_ALLOWED = "method-not-allowed", METHOD_NOT_ALLOWED, "The method does not go here",
        "The header `Allow` lists the methods of the address.";
    TIMED_OUT = "timed-out", SERVICE_UNAVAILABLE, "The request took too long",
        "The server stopped waiting. Repeat the request; give creates an `Idempotency-Key`.";
    CONFLICT = "conflict", CONFLICT, "It does not go with what is stored",
        "For instance a name that is taken, or a thing that others still use.";
    STALE = "stale", CONFLICT, "Somebody changed it first",
        "Read it again and repeat the change. `actual_revision` is the version that is stored; \
         `visits` lists what changed in a plan.";
    SLOT_TAKEN = "slot-taken", CONFLICT, "The start cannot be had",
        "Offer the `alternatives`, or search again.";
    HOLD_EXPIRED = "hold-expired", CONFLICT, "The hold has expired",
        "Search again and take a new hold.";
    HOLD_BOOKED = "hold-booked", CONFLICT, "The hold has become a booking",
        "It was booked before, perhaps by a request whose answer was lost. `booking_id` names the \
         booking to whoever may read it.";
    IN_PROGRESS = "in-progress", CONFLICT, "The same request is still running",
        "A request with this idempotency key has not finished. Repeat it after `Retry-After`.";
    TOO_LARGE = "too-large", PAYLOAD_TOO_LARGE, "The body is too large",
        "Send less at once.";
    NOT_JSON = "not-json", UNSUPPORTED_MEDIA_TYPE, "The body must be JSON",
        "Send the header `Content-Type: application/json`.";
    INVALID = "invalid", UNPROCESSABLE_ENTITY, "The input is wrong",
        "`faults` lists everything that is wrong, each with the path of its field.";
    KEY_REUSED = "idempotency-key-reused", UNPROCESSABLE_ENTITY,
        "The idempotency key was used with another request",
        "Make a new key for every new request.";
    RATE_LIMITED = "rate-limited", TOO_MANY_REQUESTS, "Too many requests",
        "Wait as many seconds as the header `Retry-After` says.";
    UNAVAILABLE = "unavailable", SERVICE_UNAVAILABLE, "A service that is needed does not answer",
        "Repeat the request a little later.";
    INTERNAL = "internal", INTERNAL_SERVER_ERROR, "Internal error",
        "A fault of the server. Its log has the details under the id of the request.";
}

impl ProblemKind {
    /// A problem of this kind.
    pub(crate) fn with(self, detail: impl Into<String>) -> Problem {
        Problem {
            kind: format!("/docs#{}", self.name),
            title: self.title.to_owned(),
            status: self.status.as_u16(),
            detail: detail.into(),
            ..Problem::default()
        }
    }

    /// The kind that an answer with only a status stands for.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let same = Self::ALL.iter().find(|kind| kind.status == status).copied();
        let fallback = if status.is_client_error() { Self::BAD_REQUEST } else { Self::INTERNAL };
        same.unwrap_or(fallback)
    }
}

impl Problem {
    /// The answer's head and body, with the id of the request.
    pub(crate) fn render(mut self, request_id: &str) -> Response {
        request_id.clone_into(&mut self.instance);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if self.status == 401 {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// An answer without body that carries the problem; [`finish`] writes it out.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status);
        let mut response = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Makes every failed answer a problem that names the request, whoever made it.
///
/// Answers of the framework itself (no such route, method, media type) have only a status or plain
/// words; their headers, for instance `Allow`, are kept.
pub(crate) fn finish(mut response: Response, request_id: &str) -> Response {
    let failed = response.status().is_client_error() || response.status().is_server_error();
    let media = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    // A page says itself what went wrong.
    let is_said =
        media.is_some_and(|value| value == PROBLEM_JSON || value.starts_with("text/html"));
    if !failed || is_said {
        return response;
    }
    let carried = response.extensions_mut().remove::<Problem>();
    let problem = carried.unwrap_or_else(|| {
        let kind = ProblemKind::of_status(response.status());
        Problem { status: response.status().as_u16(), ..kind.with("") }
    });
    let (mut old, _) = response.into_parts();
    let (new, body) = problem.render(request_id).into_parts();
    old.headers.remove(axum::http::header::CONTENT_LENGTH);
    old.headers.extend(new.headers);
    Response::from_parts(old, body)
}

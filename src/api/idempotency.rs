//! Creates that may be repeated: the same key and body get the same answer, and happen once.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{CONTENT_TYPE, ETAG, LOCATION};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use tracing::Instrument as _;

use crate::api::created::Created;
use crate::api::credentials::Caller;
use crate::api::error::ApiError;
use crate::api::limits::{self, Household};
use crate::api::observe::RequestId;
use crate::api::problem::{self, Problem, ProblemKind};
use crate::api::secrets;
use crate::api::state::Api;
use crate::app::App;
use crate::app::idempotency::{self, Claim, Claimed};
use crate::domain::actors::ActorKind;
use crate::domain::error::AppError;
use crate::domain::id::OrganizationId;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Headers that are part of the answer and kept with it.
const KEPT: [HeaderName; 3] = [CONTENT_TYPE, ETAG, LOCATION];
/// Answers are kept in the database; none of ours comes near this many bytes.
const ANSWER_MAX: usize = 4 * 1024 * 1024;

/// An answer as it is kept.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    headers: Vec<(String, String)>,
    body: String,
}

impl Kept {
    fn text(headers: &HeaderMap, body: &[u8]) -> String {
        let headers = KEPT.iter().filter_map(|name| {
            let value = headers.get(name)?.to_str().ok()?;
            Some((name.to_string(), value.to_owned()))
        });
        let body = String::from_utf8_lossy(body).into_owned();
        // Strings always become JSON.
        serde_json::to_string(&Self { headers: headers.collect(), body }).unwrap_or_default()
    }
}

/// The claim of the request's key, if it came with one.
#[derive(Debug, Clone)]
pub(crate) struct Once(Option<Claimed>);

impl FromRequestParts<Api> for Once {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _api: &Api) -> Result<Self, ApiError> {
        Ok(Self(parts.extensions.get::<Claimed>().cloned()))
    }
}

impl Once {
    /// The application for this request: what it creates and its answer are stored together.
    ///
    /// * `render`: the answer; the same as the handler gives.
    pub(crate) fn app<T: 'static>(
        self,
        api: &Api,
        render: impl Fn(&T) -> Created + Send + Sync + 'static,
    ) -> App {
        let Some(claimed) = self.0 else { return api.app.clone() };
        api.app.once(claimed, move |made: &T| {
            let created = render(made);
            let headers = created.headers();
            (created.status().as_u16(), Kept::text(&headers, created.body().as_bytes()))
        })
    }
}

/// One request under its key.
#[derive(Debug, Clone)]
struct Ticket {
    organization_id: OrganizationId,
    /// Key and credential in one, so that two credentials may choose the same key.
    key: String,
    /// What is asked: method, address and body.
    request_hash: String,
}

/// Runs a request once per key. Without the header it just runs.
///
/// A request with a key runs to its end even if the client has gone, so that its answer is there
/// when it comes back.
pub(crate) async fn once(State(api): State<Api>, request: Request, next: Next) -> Response {
    if !request.headers().contains_key(KEY) {
        return next.run(request).await;
    }
    match keyed(&api, request, next).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

async fn keyed(api: &Api, request: Request, next: Next) -> Result<Response, ApiError> {
    let address = limits::client_address(api, &request).to_string();
    let is_public = request.extensions().get::<Household>().is_some();
    let limit = if is_public { limits::public_body(api) } else { api.settings().body_limit_bytes };
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, limit).await.map_err(|_| {
        ProblemKind::TOO_LARGE.with(format!("a body may have at most {limit} bytes"))
    })?;
    let ticket = ticket(&parts, &body, &address)?;
    let Ticket { organization_id, key, request_hash } = &ticket;
    let claim = idempotency::claim(&api.app, *organization_id, key, request_hash).await;
    match claim.map_err(|error| with_own_words(error, &parts))? {
        Claim::Done { status, answer } => Ok(replay(status, &answer)),
        Claim::Running => {
            let problem = ProblemKind::IN_PROGRESS.with("try again in a second");
            Err(Problem { retry_after_s: Some(1), ..problem }.into())
        }
        Claim::New(claimed) => {
            let mut request = Request::from_parts(parts, Body::from(body));
            request.extensions_mut().insert(claimed.clone());
            let run = run(api.clone(), claimed, request, next).in_current_span();
            let done = tokio::spawn(run).await;
            done.map_err(|error| AppError::Internal(Box::new(error)).into())
        }
    }
}

/// The key as the client knows it, instead of the one it is kept under.
fn with_own_words(error: AppError, parts: &Parts) -> AppError {
    match error {
        AppError::IdempotencyMismatch(_) => {
            let own = parts.headers.get(KEY).map(HeaderValue::as_bytes).unwrap_or_default();
            AppError::IdempotencyMismatch(String::from_utf8_lossy(own).into_owned())
        }
        other => other,
    }
}

fn ticket(parts: &Parts, body: &Bytes, address: &str) -> Result<Ticket, ApiError> {
    let header = parts.headers.get(KEY).map(HeaderValue::as_bytes).unwrap_or_default();
    let key = String::from_utf8_lossy(header);
    if !(1..=200).contains(&key.chars().count()) {
        let message = "must have 1 to 200 characters";
        return Err(AppError::invalid("Idempotency-Key", key, message).into());
    }
    let Some(Caller(actor)) = parts.extensions.get::<Caller>() else {
        return Err(AppError::Unauthenticated("a credential is needed").into());
    };
    // Strangers who happen to choose the same key must not see each other's answers.
    let place = if actor.kind == ActorKind::Public { address } else { "" };
    let method = parts.method.as_str().as_bytes();
    Ok(Ticket {
        organization_id: actor.organization_id,
        key: secrets::digest(&[actor.label().as_bytes(), place.as_bytes(), header]),
        request_hash: secrets::digest(&[method, parts.uri.to_string().as_bytes(), body]),
    })
}

/// Runs the request and keeps its answer, or gives the key back if a repetition may fare better.
async fn run(api: Api, claimed: Claimed, request: Request, next: Next) -> Response {
    let request_id = request.extensions().get::<RequestId>().cloned();
    let request_id = request_id.map(|RequestId(id)| id).unwrap_or_default();
    let mut release = Release { api: api.clone(), claimed: Some(claimed.clone()) };
    let response = problem::finish(next.run(request).await, &request_id);
    debug_assert!(
        claimed.is_kept() || !response.status().is_success(),
        "what is created under a key is stored together with its answer"
    );
    if response.status().is_success() && claimed.is_kept() {
        release.claimed = None;
        return response;
    }
    if !is_final(response.status()) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, ANSWER_MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let answer = Kept::text(&parts.headers, &body);
    match idempotency::settle(&api.app, &claimed, parts.status.as_u16(), &answer).await {
        Ok(()) => release.claimed = None,
        Err(error) => tracing::error!(error = %error, "Could not keep an answer for its key"),
    }
    Response::from_parts(parts, Body::from(body))
}

/// Whether a repetition would get the same answer for sure.
fn is_final(status: StatusCode) -> bool {
    let passing = [
        StatusCode::UNAUTHORIZED,
        StatusCode::FORBIDDEN,
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::TOO_MANY_REQUESTS,
    ];
    !status.is_server_error() && !passing.contains(&status)
}

fn replay(status: u16, answer: &str) -> Response {
    let Ok(kept) = serde_json::from_str::<Kept>(answer) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = Response::new(Body::from(kept.body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    for (name, value) in kept.headers {
        let pair = (HeaderName::try_from(name), HeaderValue::try_from(value));
        if let (Ok(name), Ok(value)) = pair {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// Gives a key back when its request did not come to an answer, also if it panicked.
struct Release {
    api: Api,
    claimed: Option<Claimed>,
}

impl Drop for Release {
    fn drop(&mut self) {
        let Some(claimed) = self.claimed.take() else { return };
        let app = self.api.app.clone();
        tokio::spawn(async move {
            if let Err(error) = idempotency::release(&app, &claimed).await {
                tracing::warn!(error = %error, "Could not give an idempotency key back");
            }
        });
    }
}

//! `/api/v1/calendar-pushes`: where Google and Microsoft tell that a calendar has changed.
//!
//! Anyone can call these; only the secret of a channel makes a call mean something. They note what
//! was told and answer at once: the calendar is read afterwards.

use std::collections::BTreeSet;

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde::Deserialize;
use serde_json::Value;

use crate::api::endpoint::{Access, Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::app::calendars::channels::{self, Notice};
use crate::domain::error::AppError;

/// Notices of one call that are looked at.
const NOTICES_MAX: usize = 1000;
/// Longest secret.
const SECRET_MAX: usize = 128;

/// How Microsoft asks whether we are there.
#[derive(Deserialize)]
struct Validation {
    /// To be said back.
    #[serde(rename = "validationToken")]
    token: Option<String>,
}

/// Adds the endpoints.
pub(crate) fn add(routes: &mut Routes) {
    let tag = "calendars";
    let endpoint = Endpoint::new(Method::POST, "/calendar-pushes/google", Access::Open)
        .says(tag, "Hears from Google that a calendar has changed")
        .header("x-goog-channel-token", "The secret of the channel.")
        .header("x-goog-resource-state", "`sync` for a new channel, else what has changed.")
        .ends(204, "Heard; the calendar is read soon.")
        .refuses(404, "There is no such channel.");
    routes.add(endpoint, post(google));
    let endpoint = Endpoint::new(Method::POST, "/calendar-pushes/microsoft", Access::Open)
        .says(tag, "Hears from Microsoft that calendars have changed")
        .more("With `validationToken` in its query, it says that back as plain text.")
        .takes(Shape::anything())
        .gives_as(200, "The validation token.", Shape::text(), "text/plain")
        .ends(202, "Heard; the calendars are read soon. Notices without a channel do nothing.");
    routes.add(endpoint, post(microsoft));
}

async fn google(State(api): State<Api>, headers: HeaderMap) -> Result<StatusCode, ApiError> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let secret = text("x-goog-channel-token").unwrap_or_default();
    if text("x-goog-resource-state") == Some("sync") {
        // Google says that the channel is open.
        return Ok(StatusCode::NO_CONTENT);
    }
    let notices = BTreeSet::from([(secret.to_owned(), Notice::Changed)]);
    let heard = channels::hear(&api.app, &notices).await?;
    if heard == 0 {
        return Err(AppError::not_found("channel", "of this call").into());
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn microsoft(
    State(api): State<Api>,
    Query(validation): Query<Validation>,
    body: Bytes,
) -> Result<Response, ApiError> {
    if let Some(token) = validation.token {
        return Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], token).into_response());
    }
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let all = body["value"].as_array().map(Vec::as_slice).unwrap_or_default();
    let notices: BTreeSet<(String, Notice)> =
        all.iter().take(NOTICES_MAX).filter_map(notice).collect();
    channels::hear(&api.app, &notices).await?;
    Ok(StatusCode::ACCEPTED.into_response())
}

/// One notice with the secret of its channel.
fn notice(row: &Value) -> Option<(String, Notice)> {
    let secret = row["clientState"].as_str().filter(|secret| secret.len() <= SECRET_MAX)?;
    let notice = match row["lifecycleEvent"].as_str() {
        Some("reauthorizationRequired") => Notice::Renew,
        Some("subscriptionRemoved") => Notice::Ended,
        // What was missed is found by reading.
        Some(_) | None => Notice::Changed,
    };
    Some((secret.to_owned(), notice))
}

//! `/api/v1/calendar-accounts:connect` and the way back from the providers' consent pages.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use url::form_urlencoded::Serializer;

use crate::api::credentials::{Caller, session_token};
use crate::api::endpoint::{Access, Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::input::Whole;
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::app::calendars::consent::{self, ConsentAnswer, ConsentPage, ConsentRequest, Returned};
use crate::app::permissions::Operation;
use crate::domain::error::AppError;

/// Adds the endpoints.
pub(crate) fn add(routes: &mut Routes) {
    let tag = "calendars";
    let endpoint = Endpoint::post("/calendar-accounts:connect", Operation::CalendarsWrite)
        .says(tag, "Begins to connect an account at Google or Microsoft")
        .more(
            "Open the address in the browser that holds the session. After consent the browser \
             comes back to `return_to`, with `calendar=connected` and `calendar_account` in its \
             query, or with `calendar=failed` and `calendar_error`. An account that is known gets \
             its new access.",
        )
        .takes(Shape::of::<ConsentRequest>())
        .gives(200, "Where to send the account's owner.", Shape::of::<ConsentPage>())
        .refuses(409, "The server has no application at the provider, or no key for secrets.");
    routes.add(endpoint, post(begin));
    let endpoint = Endpoint::new(Method::GET, "/calendar-accounts/callback", Access::Known)
        .says(tag, "Where providers send the browser back to")
        .ends(303, "On to the page that was asked for.")
        .refuses(409, "The state is of another login, or too old.");
    routes.add(endpoint, get(come_back));
}

async fn begin(
    State(api): State<Api>,
    Caller(actor): Caller,
    headers: HeaderMap,
    Whole(request): Whole<ConsentRequest>,
) -> Result<Json<ConsentPage>, ApiError> {
    let session = session_token(&headers).unwrap_or_default();
    Ok(Json(consent::begin(&api.app, &actor, session, &request)?))
}

async fn come_back(
    State(api): State<Api>,
    Caller(actor): Caller,
    headers: HeaderMap,
    Query(answer): Query<ConsentAnswer>,
) -> Result<Response, ApiError> {
    let session = session_token(&headers).unwrap_or_default();
    let returned = consent::complete(&api.app, &actor, session, &answer).await?;
    let onward = onward(&api.settings().base_url, &returned);
    Ok((StatusCode::SEE_OTHER, [(LOCATION, onward)]).into_response())
}

/// The page that was asked for, with what came of it.
fn onward(base_url: &str, returned: &Returned) -> String {
    let mut query = Serializer::new(String::new());
    match &returned.outcome {
        Ok(details) => {
            query.append_pair("calendar", "connected");
            query.append_pair("calendar_account", &details.account.id.to_string());
        }
        Err(error) => {
            query.append_pair("calendar", "failed");
            query.append_pair("calendar_error", &words(error));
        }
    }
    let path = if returned.return_to.is_empty() { "/" } else { &returned.return_to };
    let mark = if path.contains('?') { '&' } else { '?' };
    format!("{base_url}{path}{mark}{}", query.finish())
}

/// What the member may read of an error.
fn words(error: &AppError) -> String {
    match error {
        AppError::Invalid(faults) => {
            let told = faults.iter().map(|fault| format!("{}: {}", fault.field, fault.message));
            told.collect::<Vec<_>>().join("; ")
        }
        error => error.to_string(),
    }
}

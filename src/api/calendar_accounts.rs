//! `/api/v1/calendar-accounts`: accounts at calendar servers, connected with a login.

use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::{delete, get, post};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::addressed::{At, Id};
use crate::api::catalogue::{All, all_shape};
use crate::api::created::Created;
use crate::api::credentials::Caller;
use crate::api::endpoint::{Access, Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::input::{Asked, Whole};
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::app::calendars::accounts::{self, AccountDetails, Connect, Reconnect};
use crate::app::permissions::Operation;
use crate::domain::id::CalendarAccountId;

/// What becomes of events when an account is given up.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[serde(default)]
struct DisconnectQuery {
    /// Leaves all events that were written where they are.
    keep_events: bool,
}

/// Adds the endpoints of accounts.
pub(crate) fn add(routes: &mut Routes) {
    let tag = "calendars";
    let one = Shape::of::<AccountDetails>();
    let endpoint = Endpoint::get("/calendar-accounts", Operation::CalendarsRead)
        .says(tag, "Lists connected accounts with their calendars")
        .gives(
            200,
            "All of them, without credentials.",
            all_shape("Account", Shape::of::<AccountDetails>()),
        );
    routes.add(endpoint, get(list));
    let endpoint = Endpoint::post("/calendar-accounts", Operation::CalendarsWrite)
        .says(tag, "Connects an account")
        .more(
            "Finds the account's calendars. All of a technician's block slots at first, and the \
             main one receives visits; change that for each calendar. The password is stored \
             encrypted and never shown; it is not kept for repetitions, so there is no \
             `Idempotency-Key` here.",
        )
        .takes(Shape::of::<Connect>())
        .gives(201, "The account with its calendars.", one.clone())
        .refuses(409, "It has no calendar for events.")
        .refuses(503, "The calendar server does not answer.");
    routes.add(endpoint, post(create));
    let endpoint =
        Endpoint::get("/calendar-accounts/{calendar_account_id}", Operation::CalendarsRead)
            .says(tag, "Reads an account")
            .gives(200, "The account with its calendars.", one.clone());
    routes.add(endpoint, get(read));
    let path = "/calendar-accounts/{calendar_account_id}:reconnect";
    let endpoint = Endpoint::post(path, Operation::CalendarsWrite)
        .says(tag, "Gives an account new credentials")
        .more("Tried at once; then all of its calendars are read and written again.")
        .takes(Shape::of::<Reconnect>())
        .gives(200, "The account with its calendars.", one)
        .refuses(503, "The calendar server does not answer.");
    routes.add(endpoint, post(reconnect));
    let right = Access::Granted(Operation::CalendarsWrite);
    let path = "/calendar-accounts/{calendar_account_id}";
    let endpoint = Endpoint::new(Method::DELETE, path, right)
        .says(tag, "Gives an account up")
        .asks::<DisconnectQuery>()
        .more(
            "Its credentials and busy times are forgotten at once; coming events that were written \
            are taken out of its calendars within moments, as far as the provider lets us: it is \
            tried for a day.",
        )
        .ends(204, "It is forgotten.");
    routes.add(endpoint, delete(disconnect));
}

async fn list(
    State(api): State<Api>,
    Caller(actor): Caller,
) -> Result<Json<All<AccountDetails>>, ApiError> {
    let items = accounts::list(&api.app, &actor).await?;
    Ok(Json(items.into()))
}

async fn create(
    State(api): State<Api>,
    Caller(actor): Caller,
    Whole(request): Whole<Connect>,
) -> Result<Created, ApiError> {
    let made = accounts::connect(&api.app, &actor, &request).await?;
    Ok(Created::new(&made).at(&format!("/calendar-accounts/{}", made.account.id)))
}

async fn read(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<CalendarAccountId>,
) -> Result<Json<AccountDetails>, ApiError> {
    Ok(Json(accounts::get(&api.app, &actor, id).await?))
}

async fn reconnect(
    State(api): State<Api>,
    Caller(actor): Caller,
    At(Id(id), Whole(request)): At<Id<CalendarAccountId>, Whole<Reconnect>>,
) -> Result<Json<AccountDetails>, ApiError> {
    Ok(Json(accounts::reconnect(&api.app, &actor, id, &request).await?))
}

async fn disconnect(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<CalendarAccountId>,
    Asked(query): Asked<DisconnectQuery>,
) -> Result<StatusCode, ApiError> {
    accounts::disconnect(&api.app, &actor, id, query.keep_events).await?;
    Ok(StatusCode::NO_CONTENT)
}

//! `/api/v1/calendar-conflicts`: what members did in their calendars to events of visits.

use axum::Json;
use axum::extract::State;
use axum::routing::{get, post};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::api::addressed::{At, Id};
use crate::api::catalogue::{All, all_shape};
use crate::api::credentials::Caller;
use crate::api::endpoint::{Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::input::{Asked, Input};
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::app::calendars::conflicts::{self, ConflictFilter};
use crate::app::permissions::Operation;
use crate::domain::calendars::CalendarConflict;
use crate::domain::id::{CalendarConflictId, TechnicianId, VisitId};

/// Which conflicts are listed.
#[derive(Debug, Deserialize, IntoParams)]
struct ConflictQuery {
    /// Only those of this technician's calendars.
    #[serde(default)]
    technician_id: Option<TechnicianId>,
    /// Only those about this visit.
    #[serde(default)]
    visit_id: Option<VisitId>,
    /// Only those that wait for a decision.
    #[serde(default)]
    open: bool,
}

/// How to accept.
#[derive(Debug, Default, Deserialize, ToSchema)]
struct AcceptBody {
    /// Whether to move the visit although rules, or the promise to the customer, are broken.
    #[serde(default)]
    force: bool,
}

/// Adds the endpoints of conflicts.
pub(crate) fn add(routes: &mut Routes) {
    let tag = "calendars";
    let one = Shape::of::<CalendarConflict>();
    let endpoint = Endpoint::get("/calendar-conflicts", Operation::CalendarConflictsRead)
        .says(tag, "Lists events of visits that members moved or deleted in their calendars")
        .asks::<ConflictQuery>()
        .gives(
            200,
            "The newest first, 500 at most.",
            all_shape("Conflict", Shape::of::<CalendarConflict>()),
        );
    routes.add(endpoint, get(list));
    let path = "/calendar-conflicts/{calendar_conflict_id}";
    let endpoint = Endpoint::get(path, Operation::CalendarConflictsRead)
        .says(tag, "Reads a conflict")
        .gives(200, "The conflict.", one.clone());
    routes.add(endpoint, get(read));
    let decide =
        |verb: &str| Endpoint::post(format!("{path}:{verb}"), Operation::CalendarConflictsDecide);
    let endpoint = decide("accept")
        .says(tag, "Lets the plan follow the calendar")
        .more(
            "A visit whose event was moved moves there; if what was promised does not hold there, \
             its booking is rescheduled. A visit whose event was deleted is in nobody's day.",
        )
        .takes(Shape::of::<AcceptBody>())
        .gives(200, "The conflict.", one.clone())
        .refuses(409, "It does not fit into the plan, or is decided already.");
    routes.add(endpoint, post(accept));
    let endpoint = decide("reject")
        .says(tag, "Lets the calendar follow the plan: the event is written again")
        .gives(200, "The conflict.", one)
        .refuses(409, "It is decided already.");
    routes.add(endpoint, post(reject));
}

async fn list(
    State(api): State<Api>,
    Caller(actor): Caller,
    Asked(query): Asked<ConflictQuery>,
) -> Result<Json<All<CalendarConflict>>, ApiError> {
    let ConflictQuery { technician_id, visit_id, open } = query;
    let filter = ConflictFilter { technician_id, visit_id, open };
    let items = conflicts::list(&api.app, &actor, filter).await?;
    Ok(Json(items.into()))
}

async fn read(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<CalendarConflictId>,
) -> Result<Json<CalendarConflict>, ApiError> {
    Ok(Json(conflicts::get(&api.app, &actor, id).await?))
}

async fn accept(
    State(api): State<Api>,
    Caller(actor): Caller,
    At(Id(id), Input(body)): At<Id<CalendarConflictId>, Input<AcceptBody>>,
) -> Result<Json<CalendarConflict>, ApiError> {
    Ok(Json(conflicts::accept(&api.app, &actor, id, body.force).await?))
}

async fn reject(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<CalendarConflictId>,
) -> Result<Json<CalendarConflict>, ApiError> {
    Ok(Json(conflicts::reject(&api.app, &actor, id).await?))
}

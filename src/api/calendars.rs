//! `/api/v1/calendars`: what connected calendars are used for, and how it goes with them.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use axum::routing::{get, post, put};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::api::addressed::Id;
use crate::api::catalogue::{All, all_shape, with_tag};
use crate::api::credentials::Caller;
use crate::api::endpoint::{Access, Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::input::{Asked, formed, value};
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::app::calendars::uses::{self, Uses};
use crate::app::permissions::Operation;
use crate::domain::calendars::Calendar;
use crate::domain::id::{CalendarId, TechnicianId};

/// Which calendars are listed.
#[derive(Debug, Deserialize, IntoParams)]
struct CalendarQuery {
    /// Only those of this technician.
    #[serde(default)]
    technician_id: Option<TechnicianId>,
}

/// What a calendar shall be used for.
#[derive(Debug, Deserialize, ToSchema)]
struct UsesBody {
    /// The revision that the caller saw.
    revision: i64,
    /// Whether its busy times keep the technician free of visits.
    blocks: bool,
    /// Whether visits are written into it.
    receives: bool,
}

/// Adds the endpoints of calendars.
pub(crate) fn add(routes: &mut Routes) {
    let tag = "calendars";
    let one = Shape::of::<Calendar>();
    let endpoint = Endpoint::get("/calendars", Operation::CalendarsRead)
        .says(tag, "Lists connected calendars with their status and last error")
        .asks::<CalendarQuery>()
        .gives(200, "All of them.", all_shape("Calendar", Shape::of::<Calendar>()));
    routes.add(endpoint, get(list));
    let endpoint = Endpoint::get("/calendars/{calendar_id}", Operation::CalendarsRead)
        .says(tag, "Reads a calendar")
        .gives(200, "The calendar.", one.clone());
    routes.add(endpoint, get(read));
    let right = Access::Granted(Operation::CalendarsWrite);
    let endpoint = Endpoint::new(Method::PUT, "/calendars/{calendar_id}", right)
        .says(tag, "Decides whether a calendar blocks slots and whether it receives visits")
        .takes(Shape::of::<UsesBody>())
        .gives(200, "The calendar.", one.clone())
        .refuses(409, "Somebody changed it first.");
    routes.add(endpoint, put(set));
    let endpoint = Endpoint::post("/calendars/{calendar_id}:sync", Operation::CalendarsWrite)
        .says(tag, "Reads and writes a calendar now, whatever rests it is in")
        .more("Comes back at once; `synced_at` and `status` tell when it is done.")
        .gives(200, "The calendar as it is at the moment.", one)
        .refuses(409, "The account has to be connected anew first.");
    routes.add(endpoint, post(sync));
}

async fn list(
    State(api): State<Api>,
    Caller(actor): Caller,
    Asked(query): Asked<CalendarQuery>,
) -> Result<Json<All<Calendar>>, ApiError> {
    let items = uses::list(&api.app, &actor, query.technician_id).await?;
    Ok(Json(items.into()))
}

fn tagged(calendar: Calendar) -> Response {
    let revision = calendar.revision;
    with_tag(Json(calendar), revision)
}

async fn read(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<CalendarId>,
) -> Result<Response, ApiError> {
    Ok(tagged(uses::get(&api.app, &actor, id).await?))
}

/// Fields of a calendar that may be sent back as they were read.
const READ_ONLY: [&str; 9] = [
    "id",
    "account_id",
    "technician_id",
    "remote_id",
    "name",
    "writable",
    "status",
    "error",
    "synced_at",
];

async fn set(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<CalendarId>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, ApiError> {
    // What does not exist has no faults; above all, another organization's things do not.
    uses::get(&api.app, &actor, id).await?;
    let mut sent = value(&headers, &bytes)?;
    if let Some(object) = sent.as_object_mut() {
        object.retain(|name, _| !READ_ONLY.contains(&name.as_str()));
    }
    let body: UsesBody = formed(api.document(), sent)?;
    let wanted = Uses { blocks: body.blocks, receives: body.receives };
    Ok(tagged(uses::set(&api.app, &actor, (id, body.revision), wanted).await?))
}

async fn sync(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<CalendarId>,
) -> Result<Response, ApiError> {
    Ok(tagged(uses::sync_now(&api.app, &actor, id).await?))
}

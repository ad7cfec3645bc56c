//! `/api/v1/visits`: made, reported on, locked and moved.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::api::addressed::{At, Id};
use crate::api::catalogue::{page_asked, page_shape, with_tag};
use crate::api::created::Created;
use crate::api::credentials::Caller;
use crate::api::endpoint::{Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::idempotency::Once;
use crate::api::input::{Asked, Input, Whole};
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::app;
use crate::app::permissions::Operation;
use crate::app::visits::{
    Failure, MoveRequest, Moved, Outcome, Report, VisitDetails, VisitFilter, VisitRequest, Why,
};
use crate::domain::faults::Faults;
use crate::domain::id::{CustomerId, LocationId, TechnicianId, VisitId, ZoneId};
use crate::domain::visits::{Lock, VisitStatus};

/// What replanning may not change.
#[derive(Debug, Deserialize, ToSchema)]
struct LockBody {
    /// The lock; `none` lifts it.
    lock: Lock,
    /// The revision of the visit that the caller saw; any if none.
    #[serde(default)]
    revision: Option<i64>,
}

/// How urgent a visit is.
#[derive(Debug, Deserialize, ToSchema)]
struct PriorityBody {
    /// 0 (ordinary) to 100.
    #[schema(maximum = 100)]
    priority: u8,
    /// The revision of the visit that the caller saw; any if none.
    #[serde(default)]
    revision: Option<i64>,
}

#[derive(Debug, Deserialize, IntoParams)]
struct WhyQuery {
    /// Where to look for a visit in nobody's day; the date promised if none, else today.
    date: Option<NaiveDate>,
}

#[derive(Debug, Deserialize, IntoParams)]
struct ListQuery {
    /// Of this status; `unassigned` are those in nobody's day.
    status: Option<VisitStatus>,
    /// Planned to start at or after this time.
    from: Option<DateTime<Utc>>,
    /// Planned to start before this time.
    until: Option<DateTime<Utc>>,
    /// Of this location.
    location_id: Option<LocationId>,
    /// With this technician in the crew.
    technician_id: Option<TechnicianId>,
    /// For this customer.
    customer_id: Option<CustomerId>,
    /// With a place in this zone.
    zone_id: Option<ZoneId>,
    /// `created_at`; with a hyphen before it, as it is if not given, the newest first.
    sort: Option<String>,
    /// Rows of a page, 1 to 500; 50 if not given.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Adds the endpoints of visits.
pub(crate) fn add(routes: &mut Routes) {
    let tag = "visits";
    let details = Shape::of::<VisitDetails>();
    add_list(routes, details.clone());
    let endpoint = Endpoint::post("/visits", Operation::VisitsCreate)
        .says(tag, "Creates a job with a visit in nobody's day")
        .takes(Shape::of::<VisitRequest>())
        .once()
        .gives(201, "The visit.", details.clone());
    routes.add(endpoint, post(create));
    let endpoint = Endpoint::get("/visits/{visit_id}", Operation::VisitsRead)
        .says(tag, "Reads a visit")
        .gives(200, "The visit, who does it, and its booking.", details.clone());
    routes.add(endpoint, get(read));
    let endpoint = Endpoint::get("/visits/{visit_id}/why", Operation::VisitsWhy)
        .says(tag, "Says why a visit is where it is, or why it is in nobody's day")
        .more("Who else could do it, why each of the others cannot, and the smallest change that would let them.")
        .asks::<WhyQuery>()
        .gives(200, "The reasons.", Shape::of::<Why>())
        .refuses(409, "One of its services is gone.");
    routes.add(endpoint, get(why));
    let verb =
        |verb: &str, operation| Endpoint::post(format!("/visits/{{visit_id}}:{verb}"), operation);
    let endpoint = verb("progress", Operation::VisitsProgress)
        .says(tag, "Reports how a visit goes")
        .more(
            "The plan of the crew moves to what is to be expected now; `effects` names later \
             visits that change or become late. A finished visit completes its booking.",
        )
        .takes(Shape::of::<Report>())
        .once()
        .gives(200, "The visit and what the report leads to.", Shape::of::<Outcome>())
        .refuses(409, "A step backwards, or a visit that is in nobody's day.");
    routes.add(endpoint, post(progress));
    let endpoint = verb("give-up", Operation::VisitsProgress)
        .says(tag, "Reports that a visit could not be done")
        .more(
            "Where nobody was there the booking becomes `no_show`; otherwise the visit waits in \
             nobody's day for a dispatcher, with the attempt on it.",
        )
        .takes(Shape::of::<Failure>())
        .once()
        .gives(200, "The visit.", details.clone())
        .refuses(409, "It is over, or in nobody's day.");
    routes.add(endpoint, post(give_up));
    let endpoint = verb("lock", Operation::VisitsLock)
        .says(tag, "Locks a visit against replanning, or lifts the lock")
        .takes(Shape::of::<LockBody>())
        .gives(200, "The visit.", details.clone())
        .refuses(409, "Somebody changed it first.");
    routes.add(endpoint, post(lock));
    add_priority(routes, details.clone());
    let endpoint = verb("move", Operation::VisitsMove)
        .says(tag, "Gives a visit to technicians at a time, or moves it there")
        .more(
            "With `plan_version` only if the day's plan is still the one you saw. With `force` \
             although rules are broken; `checked` says which.",
        )
        .takes(Shape::of::<MoveRequest>())
        .gives(200, "The visit at its new place.", Shape::of::<Moved>())
        .refuses(409, "The plan is newer (`visits` names what changed), or it does not fit.");
    routes.add(endpoint, post(place));
    let endpoint = verb("unassign", Operation::VisitsMove)
        .says(tag, "Takes a visit out of everybody's day")
        .gives(200, "The visit.", details)
        .refuses(409, "It is under way or over.");
    routes.add(endpoint, post(unassign));
    add_cancel(routes);
}

/// Adds the list.
fn add_list(routes: &mut Routes, details: Shape) {
    let endpoint = Endpoint::get("/visits", Operation::VisitsRead)
        .says("visits", "Lists visits")
        .asks::<ListQuery>()
        .gives(200, "One page.", page_shape("Visit", details));
    routes.add(endpoint, get(list));
}

/// Adds the end of a visit that nobody has booked.
fn add_cancel(routes: &mut Routes) {
    let endpoint = Endpoint::post("/visits/{visit_id}:cancel", Operation::VisitsMove)
        .says("visits", "Calls a visit off that nobody has booked")
        .gives(200, "The visit.", Shape::of::<VisitDetails>())
        .refuses(409, "It is under way or over, or a booking stands for it: call off that.");
    routes.add(endpoint, post(cancel));
}

/// Adds how urgent a visit is.
fn add_priority(routes: &mut Routes, details: Shape) {
    let endpoint = Endpoint::post("/visits/{visit_id}:prioritize", Operation::VisitsPrioritize)
        .says("visits", "Says how urgent a visit is")
        .more("The optimizer leaves out, and puts at risk, what is least urgent first.")
        .takes(Shape::of::<PriorityBody>())
        .gives(200, "The visit.", details)
        .refuses(409, "Somebody changed it first.");
    routes.add(endpoint, post(prioritize));
}

/// A visit with its revision as `ETag`.
fn tagged(details: VisitDetails) -> Response {
    let revision = details.visit.revision;
    with_tag(Json(details), revision)
}

async fn list(
    State(api): State<Api>,
    Caller(actor): Caller,
    Asked(query): Asked<ListQuery>,
) -> Result<Json<Value>, ApiError> {
    let mut faults = Faults::default();
    let sort = query.sort.as_deref().unwrap_or("-created_at");
    let message = "must be created_at, with or without a hyphen before it";
    faults.check(matches!(sort, "created_at" | "-created_at"), "sort", sort, message);
    let descending = sort != "created_at";
    let page = faults.and("", page_asked(query.limit, query.cursor))?;
    let filter = VisitFilter {
        status: query.status,
        from: query.from,
        until: query.until,
        location_id: query.location_id,
        technician_id: query.technician_id,
        customer_id: query.customer_id,
        zone_id: query.zone_id,
    };
    let page = app::visits::list(&api.app, &actor, &filter, descending, &page).await?;
    Ok(Json(json!({ "items": page.items, "next_cursor": page.next })))
}

async fn create(
    State(api): State<Api>,
    Caller(actor): Caller,
    once: Once,
    Whole(request): Whole<VisitRequest>,
) -> Result<Created, ApiError> {
    let app = once.app(&api, created);
    Ok(created(&app::visits::create(&app, &actor, &request).await?))
}

fn created(details: &VisitDetails) -> Created {
    let visit = &details.visit;
    Created::new(details).at(&format!("/visits/{}", visit.id)).tagged(visit.revision)
}

async fn read(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<VisitId>,
) -> Result<Response, ApiError> {
    Ok(tagged(app::visits::get(&api.app, &actor, id).await?))
}

async fn why(
    State(api): State<Api>,
    Caller(actor): Caller,
    At(Id(id), Asked(query)): At<Id<VisitId>, Asked<WhyQuery>>,
) -> Result<Json<Why>, ApiError> {
    Ok(Json(app::visits::why(&api.app, &actor, id, query.date).await?))
}

async fn progress(
    State(api): State<Api>,
    Caller(actor): Caller,
    once: Once,
    At(Id(id), Whole(report)): At<Id<VisitId>, Whole<Report>>,
) -> Result<Created, ApiError> {
    let app = once.app(&api, |outcome: &Outcome| Created::changed(outcome));
    Ok(Created::changed(&app::visits::progress(&app, &actor, id, &report).await?))
}

async fn give_up(
    State(api): State<Api>,
    Caller(actor): Caller,
    once: Once,
    At(Id(id), Whole(failure)): At<Id<VisitId>, Whole<Failure>>,
) -> Result<Created, ApiError> {
    let app = once.app(&api, tagged_change);
    Ok(tagged_change(&app::visits::give_up(&app, &actor, id, &failure).await?))
}

fn tagged_change(details: &VisitDetails) -> Created {
    Created::changed(details).tagged(details.visit.revision)
}

async fn lock(
    State(api): State<Api>,
    Caller(actor): Caller,
    At(Id(id), Input(body)): At<Id<VisitId>, Input<LockBody>>,
) -> Result<Response, ApiError> {
    Ok(tagged(app::visits::lock(&api.app, &actor, (id, body.revision), body.lock).await?))
}

async fn prioritize(
    State(api): State<Api>,
    Caller(actor): Caller,
    At(Id(id), Input(body)): At<Id<VisitId>, Input<PriorityBody>>,
) -> Result<Response, ApiError> {
    let key = (id, body.revision);
    Ok(tagged(app::visits::prioritize(&api.app, &actor, key, body.priority).await?))
}

async fn place(
    State(api): State<Api>,
    Caller(actor): Caller,
    At(Id(id), Whole(request)): At<Id<VisitId>, Whole<MoveRequest>>,
) -> Result<Json<Moved>, ApiError> {
    Ok(Json(app::visits::place(&api.app, &actor, id, &request).await?))
}

async fn unassign(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<VisitId>,
) -> Result<Response, ApiError> {
    Ok(tagged(app::visits::unassign(&api.app, &actor, id).await?))
}

async fn cancel(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<VisitId>,
) -> Result<Response, ApiError> {
    Ok(tagged(app::visits::cancel(&api.app, &actor, id).await?))
}

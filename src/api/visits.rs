//! `/api/v1/visits`: made, reported on, locked and moved.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::api::catalogue::with_tag;
use crate::api::created::Created;
use crate::api::credentials::Caller;
use crate::api::endpoint::{Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::idempotency::Once;
use crate::api::input::{Asked, Id, Input};
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::app;
use crate::app::permissions::Operation;
use crate::app::visits::{
    Failure, MoveRequest, Moved, Outcome, Report, VisitDetails, VisitRequest, Why,
};
use crate::domain::id::VisitId;
use crate::domain::visits::Lock;

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

/// Adds the endpoints of visits.
pub(crate) fn add(routes: &mut Routes) {
    let tag = "visits";
    let details = Shape::of::<VisitDetails>();
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

async fn create(
    State(api): State<Api>,
    Caller(actor): Caller,
    once: Once,
    Input(request): Input<VisitRequest>,
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
    Id(id): Id<VisitId>,
    Asked(query): Asked<WhyQuery>,
) -> Result<Json<Why>, ApiError> {
    Ok(Json(app::visits::why(&api.app, &actor, id, query.date).await?))
}

async fn progress(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<VisitId>,
    once: Once,
    Input(report): Input<Report>,
) -> Result<Created, ApiError> {
    let app = once.app(&api, |outcome: &Outcome| Created::changed(outcome));
    Ok(Created::changed(&app::visits::progress(&app, &actor, id, &report).await?))
}

async fn give_up(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<VisitId>,
    once: Once,
    Input(failure): Input<Failure>,
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
    Id(id): Id<VisitId>,
    Input(body): Input<LockBody>,
) -> Result<Response, ApiError> {
    Ok(tagged(app::visits::lock(&api.app, &actor, (id, body.revision), body.lock).await?))
}

async fn prioritize(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<VisitId>,
    Input(body): Input<PriorityBody>,
) -> Result<Response, ApiError> {
    let key = (id, body.revision);
    Ok(tagged(app::visits::prioritize(&api.app, &actor, key, body.priority).await?))
}

async fn place(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<VisitId>,
    Input(request): Input<MoveRequest>,
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

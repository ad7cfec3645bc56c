//! `/api/v1/holds`: slots kept for a short time.

use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::{delete, get, post};

use crate::api::addressed::Id;
use crate::api::created::Created;
use crate::api::credentials::Caller;
use crate::api::endpoint::{Access, Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::idempotency::Once;
use crate::api::input::Whole;
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::app;
use crate::app::holds::SlotChoice;
use crate::app::permissions::Operation;
use crate::domain::bookings::Hold;
use crate::domain::id::HoldId;

const EXPIRED: &str = "The hold has expired.";
/// Why a hold does not last longer; for the document.
pub(crate) const NOT_LONGER: &str = "The hold has expired, or cannot last any longer.";
/// Why a slot may be lost; for the document.
pub(crate) const TAKEN: &str =
    "The slot is no longer free; `alternatives` names the nearest that are.";

/// Adds the endpoints of holds.
pub(crate) fn add(routes: &mut Routes) {
    let (tag, one) = ("holds", "/holds/{hold_id}");
    let endpoint = Endpoint::post("/holds", Operation::HoldsCreate)
        .says(tag, "Holds a slot")
        .more(
            "It takes exactly what the booking would take, for as long as the organization's \
             `hold_min` says. Name no technicians and the assignment policy chooses.",
        )
        .takes(Shape::of::<SlotChoice>())
        .once()
        .gives(201, "The hold.", Shape::of::<Hold>())
        .refuses(409, TAKEN);
    routes.add(endpoint, post(create));
    let endpoint = Endpoint::get(one, Operation::HoldsRead)
        .says(tag, "Reads a hold")
        .gives(200, "It.", Shape::of::<Hold>())
        .refuses(409, EXPIRED);
    routes.add(endpoint, get(read));
    let endpoint = Endpoint::post("/holds/{hold_id}:renew", Operation::HoldsRenew)
        .says(tag, "Lets a hold last as long again, from now")
        .more("Up to three times as long as a new one in all.")
        .gives(200, "It.", Shape::of::<Hold>())
        .refuses(409, NOT_LONGER);
    routes.add(endpoint, post(renew));
    let endpoint = Endpoint::new(Method::DELETE, one, Access::Granted(Operation::HoldsRelease))
        .says(tag, "Gives a hold back")
        .ends(204, "The slot is free again.");
    routes.add(endpoint, delete(release));
}

async fn create(
    State(api): State<Api>,
    Caller(actor): Caller,
    once: Once,
    Whole(choice): Whole<SlotChoice>,
) -> Result<Created, ApiError> {
    let created = |hold: &Hold| Created::new(hold).at(&format!("/holds/{}", hold.id));
    let app = once.app(&api, created);
    Ok(created(&app::holds::create(&app, &actor, &choice).await?))
}

/// As the endpoint says; also for anyone.
pub(crate) async fn read(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<HoldId>,
) -> Result<Json<Hold>, ApiError> {
    Ok(Json(app::holds::get(&api.app, &actor, id).await?))
}

/// As the endpoint says; also for anyone.
pub(crate) async fn renew(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<HoldId>,
) -> Result<Json<Hold>, ApiError> {
    Ok(Json(app::holds::renew(&api.app, &actor, id).await?))
}

/// As the endpoint says; also for anyone.
pub(crate) async fn release(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<HoldId>,
) -> Result<StatusCode, ApiError> {
    app::holds::release(&api.app, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

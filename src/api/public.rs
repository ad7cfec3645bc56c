//! `/api/v1/public/{organization_slug}`: what anyone may see and book, limited per address.

use axum::extract::{RawPathParams, RawQuery, State};
use axum::http::Method;
use axum::routing::{delete, get, post};
use axum::{Extension, Json};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::api::addressed::Id;
use crate::api::catalogue::{self, Noun, page_shape, record_shape};
use crate::api::created::Created;
use crate::api::credentials::Caller;
use crate::api::endpoint::{Access, Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::holds::{self, NOT_LONGER, TAKEN};
use crate::api::idempotency::Once;
use crate::api::input::Whole;
use crate::api::limits::Household;
use crate::api::routes::Routes;
use crate::api::slots;
use crate::api::state::Api;
use crate::app;
use crate::app::bookings::{BookingDetails, BookingRequest};
use crate::app::holds::SlotChoice;
use crate::app::permissions::Operation;
use crate::app::technicians::Choosable;
use crate::domain::bookings::{BookingStatus, Hold};
use crate::domain::error::AppError;
use crate::domain::id::{BookingId, LocationId, ServiceId};
use crate::domain::locations::Location;
use crate::domain::packages::Package;
use crate::domain::places::Place;
use crate::domain::services::Service;
use crate::domain::slots::SlotQuery;
use crate::domain::slots::public::PublicSlotAnswer;
use crate::domain::visits::ArrivalWindow;

const ROOT: &str = "/public/{organization_slug}";

/// A booking, as who made it sees it.
#[derive(Debug, Serialize, ToSchema)]
struct PublicBooking {
    /// Its id.
    id: BookingId,
    /// Short code to read aloud on the telephone.
    code: String,
    /// How far it is.
    status: BookingStatus,
    /// What it is about.
    title: String,
    /// More words.
    description: String,
    /// What was promised; equal ends promise the exact time.
    window: ArrivalWindow,
    /// Where.
    place: Place,
    /// Which location does it.
    location_id: LocationId,
}

impl From<BookingDetails> for PublicBooking {
    fn from(details: BookingDetails) -> Self {
        let BookingDetails { booking, visit, .. } = details;
        Self {
            id: booking.id,
            code: booking.code,
            status: booking.status,
            title: booking.title,
            description: booking.description,
            window: booking.window,
            place: visit.place,
            location_id: booking.location_id,
        }
    }
}

/// The technicians that a customer may choose.
#[derive(Debug, Serialize, ToSchema)]
struct PublicTechnicians {
    /// By name.
    items: Vec<Choosable>,
}

/// An endpoint that anyone may call.
pub(crate) fn open(method: Method, path: &str, operation: Operation) -> Endpoint {
    Endpoint::new(method, format!("{ROOT}{path}"), Access::Published(operation))
}

/// Adds the endpoints.
pub(crate) fn add(routes: &mut Routes) {
    add_list::<Location>(routes, "Lists the locations, without their hours");
    add_list::<Service>(routes, "Lists the services that anyone may book");
    add_list::<Package>(routes, "Lists the packages that anyone may book");
    let tag = "public";
    let path = "/services/{service_id}/technicians";
    let endpoint = open(Method::GET, path, Operation::ServicesRead)
        .says(tag, "Lists the technicians that a customer may choose")
        .more("None where the service does not let the customer choose.")
        .gives(200, "Their ids and names.", Shape::of::<PublicTechnicians>());
    routes.add(endpoint, get(technicians));
    let endpoint = open(Method::POST, "/slots:search", Operation::SlotsSearch)
        .says(tag, "Finds every start at which work can be done")
        .more("Technicians are named only where the service lets the customer choose.")
        .takes(Shape::of::<SlotQuery>())
        .gives(200, "The starts by day.", Shape::of::<PublicSlotAnswer>());
    routes.add(endpoint, post(search));
    let endpoint = open(Method::POST, "/holds", Operation::HoldsCreate)
        .says(tag, "Holds a slot")
        .more(
            "Who knows the id of the hold may renew, release and book it: keep it secret. One \
             address may hold five slots at a time.",
        )
        .takes(Shape::of::<SlotChoice>())
        .once()
        .gives(201, "The hold.", Shape::of::<Hold>())
        .refuses(409, TAKEN);
    routes.add(endpoint, post(hold));
    let endpoint = open(Method::GET, "/holds/{hold_id}", Operation::HoldsRead)
        .says(tag, "Reads a hold")
        .gives(200, "It.", Shape::of::<Hold>())
        .refuses(409, "The hold has expired.");
    routes.add(endpoint, get(holds::read));
    let endpoint = open(Method::POST, "/holds/{hold_id}:renew", Operation::HoldsRenew)
        .says(tag, "Lets a hold last as long again, from now")
        .more("Up to three times as long as a new one in all.")
        .gives(200, "It.", Shape::of::<Hold>())
        .refuses(409, NOT_LONGER);
    routes.add(endpoint, post(holds::renew));
    let endpoint = open(Method::DELETE, "/holds/{hold_id}", Operation::HoldsRelease)
        .says(tag, "Gives a hold back")
        .ends(204, "The slot is free again.");
    routes.add(endpoint, delete(holds::release));
    let endpoint = open(Method::POST, "/bookings", Operation::BookingsCreate)
        .says(tag, "Books, from a hold or directly")
        .takes(Shape::of::<BookingRequest>())
        .once()
        .gives(201, "The booking.", Shape::of::<PublicBooking>())
        .refuses(409, TAKEN);
    routes.add(endpoint, post(book));
}

fn add_list<N: Noun>(routes: &mut Routes, words: &str) {
    let endpoint = open(Method::GET, &N::path(), N::READ)
        .says("public", words)
        .parameters(catalogue::list_parameters(&[]))
        .gives(200, "One page.", page_shape(&<N as ToSchema>::name(), record_shape::<N>()));
    routes.add(endpoint, get(list::<N>));
}

async fn list<N: Noun>(
    State(api): State<Api>,
    Caller(actor): Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, ApiError> {
    let listing = catalogue::listing(query.as_deref().unwrap_or(""), &[])?;
    catalogue::page::<N>(&api, &actor, &listing).await
}

async fn search(
    State(api): State<Api>,
    Caller(actor): Caller,
    Whole(query): Whole<SlotQuery>,
) -> Result<Json<PublicSlotAnswer>, ApiError> {
    let answer = slots::timed(app::slots::search_public(&api.app, &actor, &query)).await;
    let answer = answer.map_err(|error| match error {
        // A question conflicts with nothing but how the server is set up.
        AppError::Conflict(detail) => outward(AppError::Unavailable { service: "travel", detail }),
        error => outward(error),
    });
    Ok(Json(answer?))
}

/// The refusal that anyone gets: what else the server needs, and how it is set up, stays inside.
fn outward(error: AppError) -> ApiError {
    match error {
        AppError::Unavailable { service, detail } if service != "database" => {
            tracing::warn!(service, detail, "Could not answer anyone's request");
            let detail = "try again in a moment".to_owned();
            AppError::Unavailable { service: "the calendar", detail }.into()
        }
        error => error.into(),
    }
}

async fn technicians(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<ServiceId>,
) -> Result<Json<PublicTechnicians>, ApiError> {
    let items = app::technicians::choosable(&api.app, &actor, id).await?;
    Ok(Json(PublicTechnicians { items }))
}

async fn hold(
    State(api): State<Api>,
    Caller(actor): Caller,
    Extension(household): Extension<Household>,
    params: RawPathParams,
    once: Once,
    Whole(choice): Whole<SlotChoice>,
) -> Result<Created, ApiError> {
    let slug = params.iter().next().map_or_else(String::new, |(_, slug)| slug.to_owned());
    let created =
        move |hold: &Hold| Created::new(hold).at(&format!("/public/{slug}/holds/{}", hold.id));
    let app = household.app(once.app(&api, created.clone()));
    Ok(created(&app::holds::create(&app, &actor, &choice).await.map_err(outward)?))
}

async fn book(
    State(api): State<Api>,
    Caller(actor): Caller,
    once: Once,
    Whole(request): Whole<BookingRequest>,
) -> Result<Created, ApiError> {
    let created = |details: &BookingDetails| Created::new(&PublicBooking::from(details.clone()));
    let app = once.app(&api, created);
    Ok(created(&app::bookings::create(&app, &actor, &request).await.map_err(outward)?))
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use axum::response::IntoResponse as _;

    use super::*;
    use crate::api::problem::finish;

    #[tokio::test]
    async fn anyone_hears_nothing_of_the_servers_behind_ours() {
        let detail = "the OSRM server's address 10.0.0.7 is private".to_owned();
        let error = AppError::Unavailable { service: "OSRM", detail };
        let answer = finish(outward(error).into_response(), "1");
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        let body = axum::body::to_bytes(answer.into_body(), 10_000).await.unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(!text.contains("10.0.0.7") && !text.contains("OSRM"), "{text}");
        assert!(text.contains("try again"), "{text}");
    }
}

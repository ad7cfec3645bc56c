//! `/api/v1/bookings`: made, found, moved, ended.

mod search;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::Method;
use axum::response::Response;
use axum::routing::{get, post, put};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::api::addressed::{At, Id};
use crate::api::catalogue::{page_shape, with_tag};
use crate::api::created::Created;
use crate::api::credentials::Caller;
use crate::api::endpoint::{Access, Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::holds::TAKEN;
use crate::api::idempotency::Once;
use crate::api::input::{Changed, Input, Whole};
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::app;
use crate::app::bookings::{BookingDetails, BookingRequest, Reschedule};
use crate::app::permissions::Operation;
use crate::domain::bookings::Booking;
use crate::domain::faults::{Faults, Validate};
use crate::domain::id::BookingId;

/// What the caller saw, if that matters.
#[derive(Debug, Deserialize, ToSchema)]
struct Seen {
    /// The revision of the booking that the caller saw; any if none.
    #[serde(default)]
    revision: Option<i64>,
}

/// Why a booking is called off.
#[derive(Debug, Deserialize, ToSchema)]
struct Cancellation {
    /// The reason, at most 1000 characters.
    #[serde(default)]
    reason: String,
    /// The revision of the booking that the caller saw; any if none.
    #[serde(default)]
    revision: Option<i64>,
}

impl Validate for Cancellation {
    fn validate(&self, faults: &mut Faults) {
        app::bookings::check_reason(&self.reason, faults);
    }
}

/// The words of a booking.
#[derive(Debug, Deserialize, ToSchema)]
struct BookingWords {
    /// One line for lists, 1 to 300 characters.
    title: String,
    /// More words.
    #[serde(default)]
    description: String,
}

impl Validate for BookingWords {
    fn validate(&self, faults: &mut Faults) {
        app::bookings::check_words((&self.title, &self.description), faults);
    }
}

/// Adds the endpoints of bookings.
pub(crate) fn add(routes: &mut Routes) {
    let (tag, one) = ("bookings", "/bookings/{booking_id}");
    let details = Shape::of::<BookingDetails>();
    let endpoint = Endpoint::get("/bookings", Operation::BookingsRead)
        .says(tag, "Lists and searches bookings")
        .parameters(search::parameters())
        .gives(200, "One page.", page_shape("Booking", Shape::of::<Booking>()));
    routes.add(endpoint, get(list));
    let endpoint = Endpoint::post("/bookings", Operation::BookingsCreate)
        .says(tag, "Books, from a hold or directly")
        .takes(Shape::of::<BookingRequest>())
        .once()
        .gives(201, "The booking, its visit and who comes.", details.clone())
        .refuses(409, TAKEN);
    routes.add(endpoint, post(create));
    let endpoint = Endpoint::get(one, Operation::BookingsRead).says(tag, "Reads a booking").gives(
        200,
        "The booking, its visit and who comes.",
        details.clone(),
    );
    routes.add(endpoint, get(read));
    let endpoint = Endpoint::new(Method::PUT, one, Access::Granted(Operation::BookingsUpdate))
        .says(tag, "Changes the words of a booking")
        .more("The revision you saw goes into `revision` or `If-Match`.")
        .header("if-match", "The revision you saw, as in `ETag`.")
        .takes(search::words_shape())
        .gives(200, "It, as it is stored.", details.clone())
        .refuses(409, "Somebody changed it first.");
    routes.add(endpoint, put(update));
    let verb = |verb: &str, operation| {
        Endpoint::post(format!("/bookings/{{booking_id}}:{verb}"), operation)
            .gives(200, "It, as it is now.", details.clone())
            .refuses(409, "It is over, under way, or somebody changed it first.")
    };
    let endpoint = verb("reschedule", Operation::BookingsReschedule)
        .says(tag, "Moves a booking to another time")
        .more("The same technicians come if they can, others otherwise, unless you name them.")
        .takes(Shape::of::<Reschedule>());
    routes.add(endpoint, post(reschedule));
    let endpoint = verb("cancel", Operation::BookingsCancel)
        .says(tag, "Calls a booking off")
        .takes(Shape::of::<Cancellation>());
    routes.add(endpoint, post(cancel));
    let endpoint = verb("confirm", Operation::BookingsConfirm)
        .says(tag, "Notes that the customer confirmed")
        .takes(Shape::of::<Seen>());
    routes.add(endpoint, post(confirm));
    let endpoint = verb("complete", Operation::BookingsComplete)
        .says(tag, "Notes that the work is done")
        .takes(Shape::of::<Seen>());
    routes.add(endpoint, post(complete));
    let endpoint = verb("no-show", Operation::BookingsNoShow)
        .says(tag, "Notes that the customer was not there")
        .takes(Shape::of::<Seen>());
    routes.add(endpoint, post(no_show));
}

/// A booking with its revision as `ETag`.
fn tagged(details: BookingDetails) -> Response {
    let revision = details.booking.revision;
    with_tag(Json(details), revision)
}

async fn list(
    State(api): State<Api>,
    Caller(actor): Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, ApiError> {
    let query = query.as_deref().unwrap_or("");
    let search::Search { filter, sort, page } = search::read(query, api.app.now())?;
    let page = app::bookings::list(&api.app, &actor, &filter, sort, &page).await?;
    Ok(Json(json!({ "items": page.items, "next_cursor": page.next })))
}

async fn create(
    State(api): State<Api>,
    Caller(actor): Caller,
    once: Once,
    Whole(request): Whole<BookingRequest>,
) -> Result<Created, ApiError> {
    let app = once.app(&api, created);
    Ok(created(&app::bookings::create(&app, &actor, &request).await?))
}

fn created(details: &BookingDetails) -> Created {
    let booking = &details.booking;
    Created::new(details).at(&format!("/bookings/{}", booking.id)).tagged(booking.revision)
}

async fn read(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<BookingId>,
) -> Result<Response, ApiError> {
    Ok(tagged(app::bookings::get(&api.app, &actor, id).await?))
}

async fn update(
    State(api): State<Api>,
    Caller(actor): Caller,
    At(Id(id), Changed(seen, words)): At<Id<BookingId>, Changed<BookingWords>>,
) -> Result<Response, ApiError> {
    let texts = (words.title.as_str(), words.description.as_str());
    Ok(tagged(app::bookings::update(&api.app, &actor, (id, seen), texts).await?))
}

async fn reschedule(
    State(api): State<Api>,
    Caller(actor): Caller,
    At(Id(id), Whole(change)): At<Id<BookingId>, Whole<Reschedule>>,
) -> Result<Response, ApiError> {
    Ok(tagged(app::bookings::reschedule(&api.app, &actor, id, &change).await?))
}

async fn cancel(
    State(api): State<Api>,
    Caller(actor): Caller,
    At(Id(id), Whole(body)): At<Id<BookingId>, Whole<Cancellation>>,
) -> Result<Response, ApiError> {
    let done = app::bookings::cancel(&api.app, &actor, id, body.revision, &body.reason);
    Ok(tagged(done.await?))
}

async fn confirm(
    State(api): State<Api>,
    Caller(actor): Caller,
    At(Id(id), Input(Seen { revision })): At<Id<BookingId>, Input<Seen>>,
) -> Result<Response, ApiError> {
    Ok(tagged(app::bookings::confirm(&api.app, &actor, id, revision).await?))
}

async fn complete(
    State(api): State<Api>,
    Caller(actor): Caller,
    At(Id(id), Input(Seen { revision })): At<Id<BookingId>, Input<Seen>>,
) -> Result<Response, ApiError> {
    Ok(tagged(app::bookings::complete(&api.app, &actor, id, revision).await?))
}

async fn no_show(
    State(api): State<Api>,
    Caller(actor): Caller,
    At(Id(id), Input(Seen { revision })): At<Id<BookingId>, Input<Seen>>,
) -> Result<Response, ApiError> {
    Ok(tagged(app::bookings::no_show(&api.app, &actor, id, revision).await?))
}

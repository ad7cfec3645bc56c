//! `/api/v1/waitlist-entries`, and signing up for anyone.

use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use axum::routing::post;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::addressed::{At, Id};
use crate::api::catalogue::{self, Filter, FilterKind, Noun};
use crate::api::created::Created;
use crate::api::credentials::Caller;
use crate::api::endpoint::{Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::input::Whole;
use crate::api::public;
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::app;
use crate::app::permissions::Operation;
use crate::app::waitlist_entries::offering::{self, Offer};
use crate::domain::id::WaitlistEntryId;
use crate::domain::waitlist_entries::{WaitlistEntry, WaitlistStatus};

impl Noun for WaitlistEntry {
    const FILTERS: &'static [Filter] = &[
        Filter { name: "location_id", kind: FilterKind::Id, words: "Only of this location." },
        Filter {
            name: "status",
            kind: FilterKind::Word(&["waiting", "ready", "booked", "closed"]),
            words: "Only those that are so far: waiting, ready, booked or closed.",
        },
    ];
}

/// A waitlist entry, as who signed up sees it.
#[derive(Debug, Serialize, ToSchema)]
struct SignedUp {
    /// Its id; who knows it may book what becomes free.
    id: WaitlistEntryId,
    /// How far it is.
    status: WaitlistStatus,
}

/// Adds the endpoints of waitlist entries.
pub(crate) fn add(routes: &mut Routes) {
    catalogue::add::<WaitlistEntry>(routes);
    let operation = Operation::WaitlistEntriesCreate;
    let endpoint = public::open(Method::POST, "/waitlist-entries", operation)
        .says("public", "Signs up for the waitlist")
        .more(
            "When time becomes free that suits, the entry is ready and the event `waitlist.ready` is \
             told. The location of the entry does not matter here: it is the one that does the work.",
        )
        .takes(Shape::of::<WaitlistEntry>())
        .gives(201, "The entry.", Shape::of::<SignedUp>());
    routes.add(endpoint, post(sign_up));
    let path = "/waitlist-entries/{waitlist_entry_id}:offer";
    let endpoint = Endpoint::post(path, Operation::WaitlistEntriesWrite)
        .says("waitlist entries", "Offers somebody who waits a time that is free")
        .more("The customer is told, with a link to book it. Nothing is held meanwhile.")
        .takes(Shape::of::<Offer>())
        .gives(200, "The entry, which is ready.", catalogue::record_shape::<WaitlistEntry>())
        .refuses(409, "The start is not free, or nobody waits any more.");
    routes.add(endpoint, post(offer));
}

async fn offer(
    State(api): State<Api>,
    Caller(actor): Caller,
    At(Id(id), Whole(offer)): At<Id<WaitlistEntryId>, Whole<Offer>>,
) -> Result<Response, ApiError> {
    let record = offering::offer(&api.app, &actor, id, offer).await?;
    Ok(catalogue::tagged(&record))
}

async fn sign_up(
    State(api): State<Api>,
    Caller(actor): Caller,
    Whole(entry): Whole<WaitlistEntry>,
) -> Result<Created, ApiError> {
    let record = app::waitlist_entries::create(&api.app, &actor, &entry).await?;
    Ok(Created::new(&SignedUp { id: record.id, status: record.value.status }))
}

//! `/api/v1/visits/{id}/notes` and `/api/v1/visit-notes/{id}/photo`.

use axum::Json;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::addressed::{At, Id};
use crate::api::created::Created;
use crate::api::credentials::Caller;
use crate::api::endpoint::{Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::idempotency::Once;
use crate::api::input::Whole;
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::app;
use crate::app::permissions::Operation;
use crate::domain::id::{VisitId, VisitNoteId};
use crate::domain::visit_notes::{NewVisitNote, VisitNote};

/// The notes about a visit.
#[derive(Debug, Serialize, ToSchema)]
struct VisitNotes {
    /// The notes, oldest first.
    items: Vec<VisitNote>,
}

/// Adds the endpoints.
pub(crate) fn add(routes: &mut Routes) {
    let tag = "visits";
    let path = "/visits/{visit_id}/notes";
    let endpoint = Endpoint::get(path, Operation::VisitNotesRead)
        .says(tag, "Reads the notes about a visit")
        .gives(200, "The notes, oldest first.", Shape::of::<VisitNotes>());
    routes.add(endpoint, get(list));
    let endpoint = Endpoint::post(path, Operation::VisitNotesCreate)
        .says(tag, "Notes something about a visit")
        .more("With a photo or without; everybody of the crew and the office see it.")
        .takes(Shape::of::<NewVisitNote>())
        .once()
        .gives(201, "The note.", Shape::of::<VisitNote>());
    routes.add(endpoint, post(create));
    let path = "/visit-notes/{note_id}/photo";
    let endpoint = Endpoint::get(path, Operation::VisitNotesRead)
        .says(tag, "Gives the photo of a note")
        .gives_as(200, "The picture.", Shape::text(), "image/*")
        .refuses(404, "No such note, or no photo.");
    routes.add(endpoint, get(photo));
}

async fn list(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<VisitId>,
) -> Result<Json<VisitNotes>, ApiError> {
    let items = app::visit_notes::list(&api.app, &actor, id).await?;
    Ok(Json(VisitNotes { items }))
}

async fn create(
    State(api): State<Api>,
    Caller(actor): Caller,
    once: Once,
    At(Id(id), Whole(new)): At<Id<VisitId>, Whole<NewVisitNote>>,
) -> Result<Created, ApiError> {
    let app = once.app(&api, |note: &VisitNote| Created::new(note));
    Ok(Created::new(&app::visit_notes::create(&app, &actor, id, &new).await?))
}

async fn photo(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<VisitNoteId>,
) -> Result<Response, ApiError> {
    let photo = app::visit_notes::photo(&api.app, &actor, id).await?;
    // A note never changes; only whoever may see it keeps it.
    let headers = [(CONTENT_TYPE, photo.media), (CACHE_CONTROL, "private, max-age=31536000")];
    Ok((headers, photo.bytes).into_response())
}

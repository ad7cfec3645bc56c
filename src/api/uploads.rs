//! `/api/v1/uploads`: files that customers send with their answers.

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, Method};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::addressed::Id;
use crate::api::created::Created;
use crate::api::credentials::Caller;
use crate::api::endpoint::{Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::public;
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::app;
use crate::app::permissions::Operation;
use crate::domain::id::UploadId;
use crate::domain::uploads::{BYTES_MAX, Upload};

const ANYTHING: &str = "application/octet-stream";

#[derive(Debug, Deserialize, IntoParams)]
struct UploadQuery {
    /// What to call the file.
    #[serde(default)]
    name: String,
}

/// Adds the endpoints.
pub(crate) fn add(routes: &mut Routes) {
    let own = Endpoint::post("/uploads", Operation::UploadsCreate);
    let open = public::open(Method::POST, "/uploads", Operation::UploadsCreate);
    for (endpoint, tag) in [(own, "uploads"), (open, "public")] {
        let endpoint = endpoint
            .says(tag, "Sends a file for an answer")
            .more(
                "The body is the file: a picture (JPEG, PNG, WebP, HEIC) or a PDF document of at most \
                 5 MB. Its id is the answer to a question of the kind `file`; a file that nothing is \
                 booked with is forgotten after two days.",
            )
            .asks::<UploadQuery>()
            .takes_as(Shape::text(), ANYTHING)
            .gives(201, "What is known of the file.", Shape::of::<Upload>());
        let limit = DefaultBodyLimit::max(BYTES_MAX + 1024);
        routes.add(endpoint, post(create).layer(limit));
    }
    let endpoint = Endpoint::get("/uploads/{upload_id}", Operation::UploadsRead)
        .says("uploads", "Reads a file")
        .more("Technicians read those of bookings they do.")
        .gives_as(200, "The file.", Shape::text(), ANYTHING);
    routes.add(endpoint, get(read));
}

async fn create(
    State(api): State<Api>,
    Caller(actor): Caller,
    Query(query): Query<UploadQuery>,
    bytes: Bytes,
) -> Result<Created, ApiError> {
    let named = ("body", query.name.as_str());
    let upload = app::uploads::create(&api.app, &actor, named, &bytes).await?;
    Ok(Created::new(&upload))
}

async fn read(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<UploadId>,
) -> Result<Response, ApiError> {
    let (upload, bytes) = app::uploads::read(&api.app, &actor, id).await?;
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    let media = HeaderValue::from_str(&upload.media_type);
    headers.insert(CONTENT_TYPE, media.unwrap_or(HeaderValue::from_static(ANYTHING)));
    // Shown by nobody but who saves it: what customers send is not ours to run.
    let plain: String = upload.name.chars().map(|c| if c.is_ascii() { c } else { '_' }).collect();
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{plain}\""));
    let disposition = disposition.unwrap_or(HeaderValue::from_static("attachment"));
    headers.insert(CONTENT_DISPOSITION, disposition);
    Ok(response)
}

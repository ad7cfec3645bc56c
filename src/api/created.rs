//! The answer to what is done once for a key: its status, where the thing lives, its revision, and itself.

use axum::http::header::{CONTENT_TYPE, ETAG, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;

/// The answer to a create, or to a change that may be repeated.
#[derive(Debug)]
pub(crate) struct Created {
    status: StatusCode,
    location: Option<String>,
    revision: Option<i64>,
    body: Value,
}

impl Created {
    /// Something new.
    pub(crate) fn new(made: &impl Serialize) -> Self {
        // What the API shows is made of values that JSON knows.
        let body = serde_json::to_value(made).unwrap_or_default();
        Self { status: StatusCode::CREATED, location: None, revision: None, body }
    }

    /// Something that was there before and has changed: 200.
    pub(crate) fn changed(now: &impl Serialize) -> Self {
        Self { status: StatusCode::OK, ..Self::new(now) }
    }

    /// 201 for something new, 200 for a change.
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// It lives at this path below `/api/v1`.
    pub(crate) fn at(self, path: &str) -> Self {
        Self { location: Some(format!("/api/v1{path}")), ..self }
    }

    /// It has this revision.
    pub(crate) fn tagged(self, revision: i64) -> Self {
        Self { revision: Some(revision), ..self }
    }

    /// The headers that say what the body does not.
    pub(crate) fn headers(&self) -> HeaderMap {
        let json = HeaderValue::from_static("application/json");
        let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, json)]);
        let tag = self.revision.map(|revision| format!("\"{revision}\""));
        for (name, text) in [(LOCATION, self.location.as_ref()), (ETAG, tag.as_ref())] {
            if let Some(value) = text.and_then(|text| HeaderValue::from_str(text).ok()) {
                headers.insert(name, value);
            }
        }
        headers
    }

    /// The body as JSON text.
    pub(crate) fn body(&self) -> String {
        self.body.to_string()
    }
}

impl IntoResponse for Created {
    fn into_response(self) -> Response {
        (self.status, self.headers(), self.body()).into_response()
    }
}

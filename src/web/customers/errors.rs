//! Refusals as pages: kind words, and what to do next.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use crate::domain::booking_pages::BookingPage;
use crate::domain::error::AppError;
use crate::web::customers::frame::Frame;
use crate::web::customers::words::Words;

/// A page that says what went wrong.
#[derive(Template)]
#[template(path = "refusal.html")]
struct Refusal {
    f: Frame,
    heading: String,
    sentence: String,
    /// Where to go on, and its words.
    next: Option<(String, String)>,
}

/// A refusal without a page around it: the organization or the draft is not there.
pub(super) fn lost(words: Words, error: AppError) -> Response {
    let page = BookingPage::default();
    let frame = Frame::plain(words, ("Roundsman", ""), &page, &words.t("error.title"));
    refused(frame, error, None)
}

/// The page of a refusal.
///
/// * `next`: where to go on, and its words.
pub(super) fn refused(frame: Frame, error: AppError, next: Option<(String, String)>) -> Response {
    let words = frame.words;
    let (status, key) = match &error {
        AppError::NotFound { .. } => (StatusCode::NOT_FOUND, "not_found"),
        AppError::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
        AppError::SlotTaken { .. } | AppError::Stale { .. } => (StatusCode::CONFLICT, "taken"),
        AppError::HoldExpired { .. } | AppError::HoldBooked { .. } => {
            (StatusCode::CONFLICT, "expired")
        }
        AppError::Conflict(_) => (StatusCode::CONFLICT, "conflict"),
        AppError::RateLimited { .. } => (StatusCode::TOO_MANY_REQUESTS, "busy"),
        AppError::Unavailable { .. } => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        AppError::Unauthenticated(_) | AppError::Forbidden(_) => {
            (StatusCode::FORBIDDEN, "not_found")
        }
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
    };
    if status.is_server_error() {
        tracing::error!(error = ?error, "A page for customers failed");
    }
    let heading = words.t(&format!("error.{key}.title"));
    let sentence = words.t(&format!("error.{key}.text"));
    let page = Refusal { f: frame, heading, sentence, next };
    let response = page.f.answer(status, &page);
    (status, response).into_response()
}

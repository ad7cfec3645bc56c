//! The only map from application errors to HTTP.

use axum::response::{IntoResponse, Response};

use crate::api::problem::{Problem, ProblemKind};
use crate::domain::error::AppError;

/// A refusal on its way out.
#[derive(Debug)]
pub(crate) struct ApiError(Box<Problem>);

impl From<AppError> for ApiError {
    fn from(error: AppError) -> Self {
        Self(Box::new(problem(error)))
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self(Box::new(problem))
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

/// What the client reads about an error; faults of ours are logged here and not shown.
fn problem(error: AppError) -> Problem {
    let detail = error.to_string();
    match error {
        AppError::Invalid(faults) => Problem { faults, ..ProblemKind::INVALID.with(detail) },
        AppError::NotFound { .. } => ProblemKind::NOT_FOUND.with(detail),
        AppError::Unauthenticated(_) => ProblemKind::UNAUTHENTICATED.with(detail),
        AppError::Forbidden(_) => ProblemKind::FORBIDDEN.with(detail),
        AppError::Stale { actual, visits, .. } => Problem {
            visits: Some(visits),
            actual_revision: Some(actual),
            ..ProblemKind::STALE.with(detail)
        },
        AppError::SlotTaken { alternatives, .. } => {
            Problem { alternatives: Some(alternatives), ..ProblemKind::SLOT_TAKEN.with(detail) }
        }
        AppError::Conflict(_) => ProblemKind::CONFLICT.with(detail),
        AppError::HoldExpired { alternatives, .. } => Problem {
            alternatives: (!alternatives.is_empty()).then_some(alternatives),
            ..ProblemKind::HOLD_EXPIRED.with(detail)
        },
        AppError::HoldBooked { booking, .. } => Problem {
            booking_id: booking.map(|(id, _)| id),
            ..ProblemKind::HOLD_BOOKED.with(detail)
        },
        AppError::IdempotencyMismatch(_) => ProblemKind::KEY_REUSED.with(detail),
        AppError::RateLimited { retry_after_s } => Problem {
            retry_after_s: Some(retry_after_s.max(1)),
            ..ProblemKind::RATE_LIMITED.with(detail)
        },
        AppError::Unavailable { service, detail: cause } => {
            tracing::warn!(service, cause, "A service that we need did not answer");
            Problem { retry_after_s: Some(5), ..ProblemKind::UNAVAILABLE.with(detail) }
        }
        AppError::Internal(source) => {
            tracing::error!(error = %chain(source.as_ref()), "Request failed");
            ProblemKind::INTERNAL.with("")
        }
    }
}

/// An error and all of its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

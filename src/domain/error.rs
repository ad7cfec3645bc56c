//! The one error of the application; it knows nothing of HTTP or SQL.

use uuid::Uuid;

use crate::domain::faults::Fault;
use crate::domain::slots::Alternative;

/// Why an operation did not happen.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The input is wrong; all faults at once.
    #[error("{} wrong with the input", count(.0.len()))]
    Invalid(Vec<Fault>),
    /// Nothing has this id, or the caller may not see it.
    #[error("{noun} {id} does not exist")]
    NotFound {
        /// The noun, singular.
        noun: &'static str,
        /// The id asked for.
        id: String,
    },
    /// No credential, or one that does not hold.
    #[error("{0}")]
    Unauthenticated(&'static str),
    /// The credential's role or scope does not allow this.
    #[error("{0}")]
    Forbidden(String),
    /// Somebody changed the thing first.
    #[error("{noun} {id} is at version {actual}, not {expected}; read it again and repeat")]
    Stale {
        /// The noun, singular.
        noun: &'static str,
        /// Its id.
        id: String,
        /// What the caller had seen.
        expected: i64,
        /// What is stored.
        actual: i64,
        /// Visits that changed since, if the thing is a plan.
        visits: Vec<Uuid>,
    },
    /// The slot is gone: somebody else has it, or the plan moved.
    #[error("this start cannot be had: {reason}")]
    SlotTaken {
        /// What stands against it, in words.
        reason: String,
        /// The nearest starts that are feasible now, nearest first.
        alternatives: Vec<Alternative>,
    },
    /// The change does not go with what is stored, for instance a name that is taken.
    #[error("{0}")]
    Conflict(String),
    /// The hold has run out or was released.
    #[error("hold {hold} has expired; search again")]
    HoldExpired {
        /// Which.
        hold: Uuid,
        /// The nearest starts that are feasible now, nearest first, where they are known.
        alternatives: Vec<Alternative>,
    },
    /// The hold has become a booking already.
    #[error("hold {hold} has become {}; there is nothing left to book", booked(.booking.as_ref()))]
    HoldBooked {
        /// Which.
        hold: Uuid,
        /// Id and code of the booking, if the caller may see it.
        booking: Option<(Uuid, String)>,
    },
    /// The same idempotency key came with another body.
    #[error("idempotency key `{0}` was used with another request; use a new key")]
    IdempotencyMismatch(String),
    /// Too many requests from one address.
    #[error("too many requests; try again in {retry_after_s} s")]
    RateLimited {
        /// Seconds until the next request is welcome.
        retry_after_s: u64,
    },
    /// A service we need did not answer, for instance a routing server.
    #[error("{service} did not answer: {detail}")]
    Unavailable {
        /// Which one.
        service: &'static str,
        /// What went wrong, without secrets.
        detail: String,
    },
    /// A fault of ours or of a service we need. Logged in full, shown as a number.
    #[error("internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl AppError {
    /// A single fault of the input.
    pub fn invalid(field: &str, value: impl ToString, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault::new(field, value.to_string(), message)])
    }

    /// The hold has run out.
    pub fn expired(hold: impl Into<Uuid>) -> Self {
        Self::HoldExpired { hold: hold.into(), alternatives: Vec::new() }
    }

    /// Nothing has this id.
    pub fn not_found(noun: &'static str, id: impl ToString) -> Self {
        Self::NotFound { noun, id: id.to_string() }
    }
}

impl From<Vec<Fault>> for AppError {
    fn from(faults: Vec<Fault>) -> Self {
        Self::Invalid(faults)
    }
}

fn booked(booking: Option<&(Uuid, String)>) -> String {
    booking.map_or_else(|| "a booking".to_owned(), |(_, code)| format!("booking {code}"))
}

fn count(faults: usize) -> String {
    if faults == 1 { "one thing is".to_owned() } else { format!("{faults} things are") }
}

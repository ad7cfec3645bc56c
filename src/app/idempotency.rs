//! Idempotency keys: a request that is sent twice is done once.

use crate::app::App;
use crate::domain::error::AppError;
use crate::domain::id::OrganizationId;
use crate::store::idempotency::{self as rows, Begun};

/// What is known about a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Nothing: do the request, then [`settle`] or [`release`].
    New,
    /// The same request is under way.
    Running,
    /// The same request was done: its answer.
    Done {
        /// HTTP status.
        status: u16,
        /// Body.
        answer: String,
    },
}

/// Claims a key for a request.
///
/// * `request_hash`: of method, path and body.
///
/// # Errors
/// [`AppError::IdempotencyMismatch`] if the key came with another request.
pub async fn claim(
    app: &App,
    organization_id: OrganizationId,
    key: &str,
    request_hash: &str,
) -> Result<Claim, AppError> {
    let mut tx = app.db.write().await?;
    let begun = rows::begin(&mut tx, organization_id, key, request_hash, app.now()).await?;
    tx.commit().await?;
    match begun {
        Begun::New => Ok(Claim::New),
        Begun::InProgress => Ok(Claim::Running),
        Begun::Replay { status, response } => Ok(Claim::Done { status, answer: response }),
        Begun::Mismatch => Err(AppError::IdempotencyMismatch(key.to_owned())),
    }
}

/// Keeps the answer of a request for the next time.
///
/// # Errors
/// If the store fails.
pub async fn settle(
    app: &App,
    organization_id: OrganizationId,
    key: &str,
    status: u16,
    answer: &str,
) -> Result<(), AppError> {
    let mut tx = app.db.write().await?;
    rows::finish(&mut tx, organization_id, key, (status, answer)).await?;
    tx.commit().await?;
    Ok(())
}

/// Gives a key back whose request came to nothing, so that it can be sent again.
///
/// # Errors
/// If the store fails.
pub async fn release(
    app: &App,
    organization_id: OrganizationId,
    key: &str,
) -> Result<(), AppError> {
    let mut tx = app.db.write().await?;
    rows::forget(&mut tx, organization_id, key).await?;
    tx.commit().await?;
    Ok(())
}

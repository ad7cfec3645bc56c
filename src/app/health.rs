//! Whether the application can serve, and how full its queue is.

use crate::app::App;
use crate::domain::error::AppError;
pub use crate::store::queue::depth::Depth;
use crate::store::queue::depth::depths;

/// Whether the database answers.
///
/// # Errors
/// [`AppError::Unavailable`] or [`AppError::Internal`] if it does not.
pub async fn ready(app: &App) -> Result<(), AppError> {
    Ok(app.db.ping().await?)
}

/// How many tasks wait, run and were given up, by kind.
///
/// # Errors
/// As [`ready`].
pub async fn queue(app: &App) -> Result<Vec<Depth>, AppError> {
    let mut tx = app.db.read().await?;
    Ok(depths(&mut tx, app.now()).await?)
}

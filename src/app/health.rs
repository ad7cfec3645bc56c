//! Whether the application can serve.

use crate::app::App;
use crate::domain::error::AppError;

/// Whether the database answers.
///
/// # Errors
/// [`AppError::Unavailable`] or [`AppError::Internal`] if it does not.
pub async fn ready(app: &App) -> Result<(), AppError> {
    Ok(app.db.ping().await?)
}

//! Drafts: bookings that customers have begun. Who knows the id of one may go on with it.

use crate::app::App;
use crate::app::permissions::{Operation, permit};
use crate::domain::actors::Actor;
use crate::domain::drafts::Draft;
use crate::domain::error::AppError;
use crate::domain::id::DraftId;
use crate::store::drafts as rows;

/// Begins one; its id cannot be guessed.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn create(app: &App, actor: &Actor, draft: &Draft) -> Result<DraftId, AppError> {
    let id = DraftId(app.new_id());
    put(app, actor, id, draft).await?;
    Ok(id)
}

/// Keeps what has been filled in so far; the last one to write is right.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn put(app: &App, actor: &Actor, id: DraftId, draft: &Draft) -> Result<(), AppError> {
    permit(actor, Operation::DraftsWrite)?;
    let mut tx = app.db.write().await?;
    rows::put(&mut tx, actor.organization_id, id, draft, app.now()).await?;
    Ok(tx.commit().await.map(|_| ())?)
}

/// The draft with this id.
///
/// # Errors
/// [`AppError::NotFound`], also for one that was kept long enough; [`AppError::Forbidden`].
pub async fn get(app: &App, actor: &Actor, id: DraftId) -> Result<Draft, AppError> {
    permit(actor, Operation::DraftsWrite)?;
    let mut tx = app.db.read().await?;
    let found = rows::get(&mut tx, actor.organization_id, id).await?;
    found.ok_or_else(|| AppError::not_found("draft", id))
}

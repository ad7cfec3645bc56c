//! Idempotency keys: a request that is sent twice is done once.
//!
//! What a request creates and the answer that is kept for its key are one transaction: the use case
//! calls `keep` just before its commit.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::app::App;
use crate::domain::error::AppError;
use crate::domain::id::OrganizationId;
use crate::store::Tx;
use crate::store::idempotency::{self as rows, Begun};

/// What is known about a key.
#[derive(Debug, Clone)]
pub enum Claim {
    /// Nothing: do the request with [`App::once`], then [`settle`] or [`release`].
    New(Claimed),
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

/// A key in the hands of one request.
#[derive(Debug, Clone)]
pub struct Claimed {
    organization_id: OrganizationId,
    key: String,
    claim: rows::Claimed,
    kept: Arc<AtomicBool>,
}

impl Claimed {
    /// Whether the use case has kept an answer with what it created.
    pub fn is_kept(&self) -> bool {
        self.kept.load(Ordering::SeqCst)
    }
}

/// The answer, as HTTP status and body, to whoever asked for this; none for something else.
type Render = dyn Fn(&dyn Any) -> Option<(u16, String)> + Send + Sync;

/// A claimed key and how to tell what was created under it.
pub(crate) struct Once {
    claimed: Claimed,
    render: Box<Render>,
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Once").field(&self.claimed.key).finish()
    }
}

impl App {
    /// The application for one request: the `T` it creates and the answer that `render` makes of it
    /// (HTTP status and body) are stored together.
    #[must_use]
    pub fn once<T: Any>(
        &self,
        claimed: Claimed,
        render: impl Fn(&T) -> (u16, String) + Send + Sync + 'static,
    ) -> Self {
        let render = move |made: &dyn Any| made.downcast_ref::<T>().map(&render);
        Self { once: Some(Arc::new(Once { claimed, render: Box::new(render) })), ..self.clone() }
    }
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
        Begun::New(claim) => {
            let (key, kept) = (key.to_owned(), Arc::default());
            Ok(Claim::New(Claimed { organization_id, key, claim, kept }))
        }
        Begun::InProgress => Ok(Claim::Running),
        Begun::Replay { status, response } => Ok(Claim::Done { status, answer: response }),
        Begun::Mismatch => Err(AppError::IdempotencyMismatch(key.to_owned())),
    }
}

/// Writes the answer into the transaction of what was made, if the request came with a key.
///
/// # Errors
/// [`AppError::Conflict`] if the request took so long that it was started again; then nothing may
/// be committed.
pub(crate) async fn keep<T: Any>(app: &App, tx: &mut Tx, made: &T) -> Result<(), AppError> {
    let Some(Once { claimed, render }) = app.once.as_deref() else { return Ok(()) };
    let Some((status, answer)) = render(made) else { return Ok(()) };
    let key = (claimed.key.as_str(), claimed.claim);
    if !rows::finish(tx, claimed.organization_id, key, (status, &answer)).await? {
        let message = "the same request was started again meanwhile; ask for its answer";
        return Err(AppError::Conflict(message.to_owned()));
    }
    claimed.kept.store(true, Ordering::SeqCst);
    Ok(())
}

/// Keeps the answer of a request that created nothing for the next time.
///
/// # Errors
/// If the store fails.
pub async fn settle(
    app: &App,
    claimed: &Claimed,
    status: u16,
    answer: &str,
) -> Result<(), AppError> {
    let mut tx = app.db.write().await?;
    let key = (claimed.key.as_str(), claimed.claim);
    rows::finish(&mut tx, claimed.organization_id, key, (status, answer)).await?;
    tx.commit().await?;
    Ok(())
}

/// Gives a key back whose request came to nothing, so that it can be sent again.
///
/// # Errors
/// If the store fails.
pub async fn release(app: &App, claimed: &Claimed) -> Result<(), AppError> {
    let mut tx = app.db.write().await?;
    let key = (claimed.key.as_str(), claimed.claim);
    rows::forget(&mut tx, claimed.organization_id, key).await?;
    tx.commit().await?;
    Ok(())
}

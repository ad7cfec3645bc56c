//! Who changed what: written by every use case that changes something, read by dispatchers.

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::app::App;
use crate::app::permissions::{Operation, permit};
use crate::domain::actors::Actor;
use crate::domain::audit::AuditEntry;
use crate::domain::error::AppError;
use crate::domain::id::AuditId;
use crate::store::Tx;
use crate::store::audit as rows;
pub use crate::store::audit::AuditFilter;
use crate::store::pages::{Page, PageQuery};

/// What was done to what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Action {
    /// The noun, plural.
    pub(crate) noun: &'static str,
    /// What was done to it.
    pub(crate) verb: &'static str,
    /// Its id.
    pub(crate) id: Uuid,
}

/// Writes an entry into the transaction of the change.
///
/// * `both`: the value before and after; null for "nothing".
pub(crate) async fn note(
    app: &App,
    tx: &mut Tx,
    actor: &Actor,
    action: Action,
    (before, after): (Value, Value),
) -> Result<(), AppError> {
    let entry = AuditEntry {
        id: AuditId(app.new_id()),
        at: app.now(),
        actor: actor.label(),
        action: format!("{}.{}", action.noun, action.verb),
        noun: action.noun.to_owned(),
        noun_id: action.id.to_string(),
        before,
        after,
    };
    rows::append(tx, actor.organization_id, &entry).await?;
    Ok(())
}

/// A value as audit entries keep it; null if it has no JSON form, which no noun lacks.
pub(crate) fn json<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

/// One page of entries, newest first.
///
/// # Errors
/// [`AppError::Forbidden`]; [`AppError::Invalid`] for a foreign cursor.
pub async fn list(
    app: &App,
    actor: &Actor,
    filter: &AuditFilter,
    page: &PageQuery,
) -> Result<Page<AuditEntry>, AppError> {
    permit(actor, Operation::AuditRead)?;
    let mut tx = app.db.read().await?;
    Ok(rows::list(&mut tx, actor.organization_id, filter, page).await?)
}

//! Who changed what: written by every use case that changes something, read by dispatchers.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::app::App;
use crate::app::permissions::{Operation, permit};
use crate::domain::actors::Actor;
use crate::domain::audit::AuditEntry;
use crate::domain::error::AppError;
use crate::domain::id::{AuditId, MemberId};
use crate::domain::members::Member;
use crate::store::audit as rows;
pub use crate::store::audit::AuditFilter;
use crate::store::pages::{Page, PageQuery};
use crate::store::{Tx, records};

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

/// The names of the members who made some changes, by the actor as the entries have it; those who
/// are gone have none.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn authors(
    app: &App,
    actor: &Actor,
    entries: &[AuditEntry],
) -> Result<HashMap<String, String>, AppError> {
    permit(actor, Operation::AuditRead)?;
    let member = |entry: &AuditEntry| {
        let id = entry.actor.strip_prefix("member:")?;
        id.parse::<MemberId>().ok()
    };
    let mut ids: Vec<MemberId> = entries.iter().filter_map(member).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut tx = app.db.read().await?;
    let members = records::get_many::<Member>(&mut tx, actor.organization_id, &ids).await?;
    let named = members.into_iter().map(|one| (format!("member:{}", one.id), one.value.name));
    Ok(named.collect())
}

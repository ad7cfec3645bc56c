//! API keys: made with scopes, shown once, stored as a hash.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::app::permissions::{Operation, SCOPES, permit};
use crate::app::secrets::{token, token_hash};
use crate::app::{App, audit};
use crate::domain::actors::{Actor, ActorKind};
use crate::domain::error::AppError;
use crate::domain::faults::{Faults, check_text};
use crate::domain::id::ApiKeyId;
use crate::store::api_keys as rows;
pub use crate::store::api_keys::ApiKey;

/// What every key starts with, so that scanners for leaked secrets know one.
pub const KEY_START: &str = "rk_";
/// Characters of a key that are kept readable, to tell keys apart.
const PREFIX_LENGTH: usize = 12;

/// Makes a key; the secret is returned here and nowhere else.
///
/// # Errors
/// [`AppError::Invalid`] for unknown scopes or no name; [`AppError::Forbidden`].
#[tracing::instrument(skip_all)]
pub async fn create(
    app: &App,
    actor: &Actor,
    name: &str,
    scopes: &BTreeSet<String>,
) -> Result<(ApiKey, String), AppError> {
    permit(actor, Operation::ApiKeysWrite)?;
    let mut faults = Faults::default();
    check((name, scopes), &mut faults);
    faults.into_result()?;
    let secret = format!("{KEY_START}{}", token());
    let key = ApiKey {
        id: ApiKeyId(app.new_id()),
        organization_id: actor.organization_id,
        name: name.to_owned(),
        prefix: secret.chars().take(PREFIX_LENGTH).collect(),
        scopes: scopes.clone(),
        created_at: app.now(),
        used_at: None,
        revoked_at: None,
    };
    let mut tx = app.db.write().await?;
    rows::insert(&mut tx, &key, &token_hash(&secret)).await?;
    let action = audit::Action { noun: "api_keys", verb: "create", id: key.id.into() };
    let after = json!({"name": key.name, "prefix": key.prefix, "scopes": key.scopes});
    audit::note(app, &mut tx, actor, action, (Value::Null, after)).await?;
    tx.commit().await?;
    Ok((key, secret))
}

/// Notes what is wrong with the name and the scopes of a key.
pub fn check((name, scopes): (&str, &BTreeSet<String>), faults: &mut Faults) {
    check_text(faults, "name", name, 200);
    faults.check(!scopes.is_empty(), "scopes", "[]", "name at least one scope");
    for scope in scopes.iter().filter(|scope| !SCOPES.contains(&scope.as_str())) {
        let known = SCOPES.join(", ");
        faults.add("scopes", scope, format!("no such scope; there are {known}"));
    }
}

/// The keys of the organization, revoked ones included, oldest first.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<ApiKey>, AppError> {
    permit(actor, Operation::ApiKeysRead)?;
    let mut tx = app.db.read().await?;
    Ok(rows::list(&mut tx, actor.organization_id).await?)
}

/// Makes a key open nothing any more.
///
/// # Errors
/// [`AppError::NotFound`] if there is no such key that still did; [`AppError::Forbidden`].
pub async fn revoke(app: &App, actor: &Actor, id: ApiKeyId) -> Result<(), AppError> {
    permit(actor, Operation::ApiKeysWrite)?;
    let mut tx = app.db.write().await?;
    if !rows::revoke(&mut tx, actor.organization_id, id, app.now()).await? {
        return Err(AppError::not_found("API key", id));
    }
    let action = audit::Action { noun: "api_keys", verb: "revoke", id: id.into() };
    audit::note(app, &mut tx, actor, action, (Value::Null, Value::Null)).await?;
    tx.commit().await?;
    Ok(())
}

/// Who a key belongs to. Notes, at most once a minute, that it was used.
///
/// # Errors
/// [`AppError::Unauthenticated`] for a key that is unknown or revoked.
pub async fn authenticate(app: &App, secret: &str) -> Result<Actor, AppError> {
    let mut tx = app.db.read().await?;
    let key = rows::find(&mut tx, &token_hash(secret)).await?;
    drop(tx);
    let key = key.ok_or(AppError::Unauthenticated("this API key is unknown or was revoked"))?;
    let now = app.now();
    if key.used_at.is_none_or(|used| (now - used).num_seconds() >= 60) {
        let mut tx = app.db.write().await?;
        rows::touch(&mut tx, key.id, now).await?;
        tx.commit().await?;
    }
    let kind = ActorKind::ApiKey { id: key.id, scopes: key.scopes };
    Ok(Actor { organization_id: key.organization_id, kind })
}

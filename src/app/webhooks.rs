//! Webhooks and message templates: who sets them up, and the secrets that deliveries are signed with.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::app::catalogue::{CatalogueNoun, Kind, References, Write, get};
use crate::app::messages::writing::{About, Draft, write};
use crate::app::permissions::{Operation, permit};
use crate::app::{App, audit, messages};
use crate::domain::actors::Actor;
use crate::domain::codes::hmac_sha256;
use crate::domain::error::AppError;
use crate::domain::id::{MessageTemplateId, OrganizationId, WebhookId};
use crate::domain::messages::templates::MessageTemplate;
use crate::domain::messages::webhooks::{Webhook, WebhookSecret};
use crate::domain::messages::{Channel, Content, MessageKind, MessageLog};
use crate::domain::records::Record;
use crate::store::records::Listing;
use crate::store::{Tx, records, webhooks as rows};

/// Longest time for which an old secret stays good, in hours.
const OVERLAP_MAX_H: u32 = 720;

impl CatalogueNoun for Webhook {
    const READ: Operation = Operation::WebhooksRead;
    const WRITE: Operation = Operation::WebhooksWrite;
    const PLURAL: &'static str = "webhooks";
}

impl CatalogueNoun for MessageTemplate {
    const READ: Operation = Operation::MessageTemplatesRead;
    const WRITE: Operation = Operation::MessageTemplatesWrite;
    const PLURAL: &'static str = "message_templates";

    fn references(&self, references: &mut References) {
        if let Some(id) = self.service_id {
            references.add("service_id", Kind::Service, id);
        }
    }

    /// Of two that are used for the same, nobody could say which one is.
    async fn prepare(
        _app: &App,
        actor: &Actor,
        tx: &mut Tx,
        write: &Write<'_, Self>,
    ) -> Result<(), AppError> {
        let Some(after) = write.after.filter(|after| after.active) else { return Ok(()) };
        let filters = vec![
            ("kind", after.kind.as_str().into()),
            ("channel", after.channel.as_str().into()),
            ("locale", after.locale.as_str().into()),
            ("active", true.into()),
        ];
        let listing = Listing { filters, ..Listing::default() };
        let found = records::list::<Self>(tx, actor.organization_id, &listing).await?;
        let same = |one: &&Record<MessageTemplateId, Self>| {
            one.id != write.id && one.value.service_id == after.service_id
        };
        let Some(other) = found.items.iter().find(same) else { return Ok(()) };
        Err(AppError::Conflict(format!(
            "\"{}\" is used for the same messages; switch it off first",
            other.value.name
        )))
    }
}

/// The secrets that deliveries of a webhook are signed with now, the newest first.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Forbidden`].
pub async fn secrets(
    app: &App,
    actor: &Actor,
    id: WebhookId,
) -> Result<Vec<WebhookSecret>, AppError> {
    permit(actor, Operation::WebhooksWrite)?;
    get::<Webhook>(app, actor, id).await?;
    let mut tx = app.db.read().await?;
    secrets_at(app, &mut tx, actor.organization_id, id).await
}

/// The same for whoever signs.
///
/// # Errors
/// If the store fails.
pub(crate) async fn secrets_at(
    app: &App,
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: WebhookId,
) -> Result<Vec<WebhookSecret>, AppError> {
    let (version, until) = rows::secret_version(tx, organization_id, id).await?;
    let mut all =
        vec![WebhookSecret { version, secret: secret(app, id, version), expires_at: None }];
    if version > 1 && until.is_some_and(|until| until > app.now()) {
        let version = version - 1;
        let secret = secret(app, id, version);
        all.push(WebhookSecret { version, secret, expires_at: until });
    }
    Ok(all)
}

/// Nothing is stored of a secret: it follows from the server's own.
fn secret(app: &App, id: WebhookId, version: u32) -> String {
    let text = format!("{id}:{version}");
    let code = hmac_sha256(&app.outside.key("webhooks"), text.as_bytes());
    format!("whsec_{}", STANDARD.encode(code))
}

/// Gives a webhook a new secret. Deliveries carry a signature by the old one, too, for some hours.
///
/// # Errors
/// [`AppError::Invalid`] for a time that is too long; [`AppError::NotFound`];
/// [`AppError::Forbidden`].
pub async fn rotate(
    app: &App,
    actor: &Actor,
    id: WebhookId,
    overlap_h: u32,
) -> Result<Vec<WebhookSecret>, AppError> {
    permit(actor, Operation::WebhooksWrite)?;
    if overlap_h > OVERLAP_MAX_H {
        let message = format!("must be 0 to {OVERLAP_MAX_H} hours");
        return Err(AppError::invalid("overlap_h", overlap_h, message));
    }
    get::<Webhook>(app, actor, id).await?;
    let owner = actor.organization_id;
    let mut tx = app.db.write().await?;
    let until = app.now() + TimeDelta::hours(overlap_h.into());
    rows::rotate(&mut tx, owner, id, until).await?;
    let all = secrets_at(app, &mut tx, owner, id).await?;
    let action = audit::Action { noun: "webhooks", verb: "rotate_secret", id: id.into() };
    audit::note(app, &mut tx, actor, action, (Value::Null, Value::Null)).await?;
    tx.commit().await?;
    Ok(all)
}

/// Sends an event of the kind `webhook.test` to a webhook.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Forbidden`].
pub async fn test(app: &App, actor: &Actor, id: WebhookId) -> Result<MessageLog, AppError> {
    permit(actor, Operation::WebhooksWrite)?;
    let owner = actor.organization_id;
    let mut tx = app.db.write().await?;
    let webhook = records::get::<Webhook>(&mut tx, owner, id).await?;
    let webhook = webhook.ok_or_else(|| AppError::not_found("webhook", id))?.value;
    let payload = json!({
        "kind": "webhook.test", "seq": Value::Null, "at": app.now(), "organization_id": owner,
        "location_id": Value::Null, "subject_id": id, "data": {},
    });
    let content = Content {
        to: webhook.url,
        to_name: webhook.name,
        payload: Some(payload),
        ..Content::default()
    };
    let about = About { webhook_id: Some(id), ..About::default() };
    let key = format!("test:{}", app.new_id());
    let kind = (MessageKind::Test, Channel::Webhook);
    let draft = Draft::new(kind, about, content, (key.clone(), key), app.now());
    let written = write(app, &mut tx, owner, draft, 0).await?;
    tx.commit().await?;
    let id = written.ok_or_else(|| AppError::Conflict("it is there already".to_owned()))?;
    messages::get(app, actor, id).await
}

//! The rows of webhooks and message templates, and the `webhook_secrets` table.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use crate::domain::id::{MessageTemplateId, OrganizationId, WebhookId};
use crate::domain::messages::templates::MessageTemplate;
use crate::domain::messages::webhooks::Webhook;
use crate::store::records::Noun;
use crate::store::rows::moment;
use crate::store::sql::{Query, Value};
use crate::store::{StoreError, Tx};

impl Noun for Webhook {
    type Id = WebhookId;
    const TABLE: &'static str = "webhooks";
    const SINGULAR: &'static str = "webhook";
    const COLUMNS: &'static [&'static str] = &["active"];
    const IN_CATALOG: bool = false;

    fn name(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.name)
    }

    fn searched(&self) -> String {
        format!("{} {}", self.name, self.url)
    }

    fn values(&self) -> Vec<Value> {
        vec![self.active.into()]
    }
}

impl Noun for MessageTemplate {
    type Id = MessageTemplateId;
    const TABLE: &'static str = "message_templates";
    const SINGULAR: &'static str = "message_template";
    const COLUMNS: &'static [&'static str] = &["kind", "channel", "locale", "service_id", "active"];
    const IN_CATALOG: bool = false;

    fn name(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.name)
    }

    fn values(&self) -> Vec<Value> {
        vec![
            self.kind.as_str().into(),
            self.channel.as_str().into(),
            self.locale.as_str().into(),
            self.service_id.into(),
            self.active.into(),
        ]
    }
}

/// Which secret of a webhook is the newest, and until when the one before is good.
///
/// # Errors
/// If the database fails.
pub async fn secret_version(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: WebhookId,
) -> Result<(u32, Option<DateTime<Utc>>), StoreError> {
    let text = "select version, previous_until_s from webhook_secrets \
        where organization_id = $1 and webhook_id = $2";
    let row = Query::new(text).bind(organization_id).bind(id).first::<(i64, i64)>(tx).await?;
    let Some((version, until)) = row else { return Ok((1, None)) };
    Ok((u32::try_from(version).unwrap_or(u32::MAX), Some(moment(until)?)))
}

/// Gives a webhook a new secret; the one before is good until `previous_until`.
///
/// # Errors
/// [`StoreError::Missing`] if there is no such webhook, or if the database fails.
pub async fn rotate(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: WebhookId,
    previous_until: DateTime<Utc>,
) -> Result<(), StoreError> {
    Query::new(
        "insert into webhook_secrets (webhook_id, organization_id, version, previous_until_s) \
         values ($1, $2, 2, $3) on conflict (webhook_id) do update set \
         version = webhook_secrets.version + 1, previous_until_s = excluded.previous_until_s",
    )
    .bind(id)
    .bind(organization_id)
    .bind(previous_until)
    .execute(tx)
    .await?;
    Ok(())
}

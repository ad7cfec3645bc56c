//! Writes messages down, with the task that sends them.

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::app::App;
use crate::app::messages::DELIVER_TASK;
use crate::domain::error::AppError;
use crate::domain::id::{
    BookingId, CustomerId, MessageId, OrganizationId, TechnicianId, VisitId, WebhookId,
};
use crate::domain::messages::{Channel, Content, Message, MessageKind, MessageStatus};
use crate::store::Tx;
use crate::store::messages::{self as rows, Place};
use crate::store::queue::{self, NewTask};

/// A message that is about to be written down.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) kind: MessageKind,
    pub(crate) channel: Channel,
    pub(crate) status: MessageStatus,
    pub(crate) due_at: DateTime<Utc>,
    pub(crate) about: About,
    pub(crate) content: Content,
    /// What makes it the same message.
    pub(crate) unique_key: String,
    /// Messages about the same to the same receiver go out in order.
    pub(crate) order: String,
    /// Why it is not sent, if it is not.
    pub(crate) error: String,
}

/// What a message is about, and whose it is.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_field_names, reason = "each is the id of another noun")]
pub(crate) struct About {
    pub(crate) visit_id: Option<VisitId>,
    pub(crate) booking_id: Option<BookingId>,
    pub(crate) customer_id: Option<CustomerId>,
    pub(crate) technician_id: Option<TechnicianId>,
    pub(crate) webhook_id: Option<WebhookId>,
}

impl Draft {
    /// A message for now.
    pub(crate) fn new(
        (kind, channel): (MessageKind, Channel),
        about: About,
        content: Content,
        (unique_key, order): (String, String),
        now: DateTime<Utc>,
    ) -> Self {
        let (status, error) = (MessageStatus::Waiting, String::new());
        Self { kind, channel, status, due_at: now, about, content, unique_key, order, error }
    }
}

/// Writes a message down, unless it is there already; its id if it was not.
///
/// * `seq`: tells the order of messages of one lane.
///
/// # Errors
/// If the store fails.
pub(crate) async fn write(
    app: &App,
    tx: &mut Tx,
    organization_id: OrganizationId,
    draft: Draft,
    seq: i64,
) -> Result<Option<MessageId>, AppError> {
    let now = app.now();
    let receiver = match draft.about.webhook_id {
        Some(webhook_id) => webhook_id.to_string(),
        None => draft.content.to.clone(),
    };
    let lane = format!("{}:{receiver}:{}", draft.channel.as_str(), draft.order);
    let message = Message {
        id: MessageId(app.new_id()),
        kind: draft.kind,
        channel: draft.channel,
        status: draft.status,
        due_at: draft.due_at,
        visit_id: draft.about.visit_id,
        booking_id: draft.about.booking_id,
        customer_id: draft.about.customer_id,
        technician_id: draft.about.technician_id,
        webhook_id: draft.about.webhook_id,
        content: draft.content,
        attempts: 0,
        provider_id: String::new(),
        error: draft.error,
        created_at: now,
        updated_at: now,
        sent_at: None,
    };
    let place = Place { unique_key: draft.unique_key, lane: lane.clone(), seq };
    if !rows::insert(tx, organization_id, &message, &place).await? {
        return Ok(None);
    }
    if message.status == MessageStatus::Waiting {
        ask(tx, organization_id, &lane, message.due_at, now).await?;
    }
    Ok(Some(message.id))
}

/// Drops a message that has not gone out, with why; whether it still stood as it was read.
///
/// # Errors
/// If the store fails.
pub(super) async fn drop_unsent(
    app: &App,
    tx: &mut Tx,
    organization_id: OrganizationId,
    message: &Message,
    why: &str,
) -> Result<bool, AppError> {
    let (status, error) = (MessageStatus::Dropped, why.to_owned());
    let changed = Message { status, error, ..message.clone() };
    Ok(rows::update(tx, organization_id, message, &changed, app.now()).await?)
}

/// Asks for the messages of a lane to be sent, from a moment on.
///
/// # Errors
/// If the store fails.
pub(crate) async fn ask(
    tx: &mut Tx,
    organization_id: OrganizationId,
    lane: &str,
    run_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let task = NewTask {
        kind: DELIVER_TASK.to_owned(),
        unique_key: format!("{organization_id}:{lane}"),
        organization_id: Some(organization_id),
        run_at: run_at.max(now),
        payload: json!({ "lane": lane }),
    };
    Ok(queue::enqueue(tx, &task, now).await?)
}

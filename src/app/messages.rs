//! Messages: what is told to whom, when, and what became of it.
//!
//! `following` turns events into messages, `delivering` sends them; what is here reads them and
//! does with them what people want.

pub mod channels;
pub mod consents;
mod customers;
pub mod daily;
pub mod delivering;
mod facts;
pub(crate) mod following;
mod html;
mod office;
mod reminders;
pub mod reports;
pub mod settings;
mod technicians;
mod told;
pub mod trying;
mod unheard;
mod words;
pub(crate) mod writing;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::app::catalogue::{Page, PageQuery};
use crate::app::permissions::{Operation, permit};
use crate::app::{App, audit};
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::id::{BookingId, CustomerId, MessageId, OrganizationId};
use crate::domain::messages::{Channel, Content, Message, MessageKind, MessageLog, MessageStatus};
use crate::store::messages::{self as rows, attempts};
use crate::store::{Tx, bookings};
use writing::{About, Draft};

pub use crate::store::messages::list::MessageFilter;

/// The kind of the task that sends the messages of a lane.
pub const DELIVER_TASK: &str = "messages.deliver";

impl App {
    /// What it sends messages with.
    pub fn notify_settings(&self) -> &crate::notify::NotifySettings {
        self.notify.settings()
    }

    /// The address that e-mails come from.
    pub(crate) fn mail_sender(&self) -> String {
        let from = &self.notify.settings().email.from;
        if from.is_empty() { format!("noreply@{}", self.mail_domain()) } else { from.clone() }
    }

    /// The domain of Message-IDs and of the names of appointments.
    pub(crate) fn mail_domain(&self) -> String {
        let domain = &self.notify.settings().email.domain;
        if domain.is_empty() { "localhost".to_owned() } else { domain.clone() }
    }
}

/// One page of messages.
///
/// # Errors
/// [`AppError::Invalid`] for a foreign cursor; [`AppError::Forbidden`].
pub async fn list(
    app: &App,
    actor: &Actor,
    filter: &MessageFilter,
    page: &PageQuery,
) -> Result<Page<Message>, AppError> {
    permit(actor, Operation::MessagesRead)?;
    let mut tx = app.db.read().await?;
    let mut page = rows::list::list(&mut tx, actor.organization_id, filter, page).await?;
    for message in &mut page.items {
        // A list is for looking through; the whole message is one request away.
        message.content.html = None;
        message.content.invitation = None;
        message.content.payload = None;
    }
    Ok(page)
}

/// A message with everything that was tried.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Forbidden`].
pub async fn get(app: &App, actor: &Actor, id: MessageId) -> Result<MessageLog, AppError> {
    permit(actor, Operation::MessagesRead)?;
    let mut tx = app.db.read().await?;
    log(&mut tx, actor.organization_id, id).await
}

async fn log(tx: &mut Tx, owner: OrganizationId, id: MessageId) -> Result<MessageLog, AppError> {
    let message = rows::get(tx, owner, id).await?;
    let message = message.ok_or_else(|| AppError::not_found("message", id))?;
    let log = attempts::of_messages(tx, &[id]).await?.remove(&id).unwrap_or_default();
    Ok(MessageLog { message, log })
}

/// Everything that was told about a booking, oldest first, with what was tried.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Forbidden`].
pub async fn of_booking(
    app: &App,
    actor: &Actor,
    id: BookingId,
) -> Result<Vec<MessageLog>, AppError> {
    permit(actor, Operation::MessagesRead)?;
    let mut tx = app.db.read().await?;
    let booking = bookings::get(&mut tx, actor.organization_id, id).await?;
    booking.ok_or_else(|| AppError::not_found("booking", id))?;
    let filter =
        MessageFilter { booking_id: Some(id), oldest_first: true, ..MessageFilter::default() };
    let page = PageQuery { limit: 500, cursor: None };
    let found = rows::list::list(&mut tx, actor.organization_id, &filter, &page).await?;
    let ids: Vec<MessageId> = found.items.iter().map(|message| message.id).collect();
    let mut tried = attempts::of_messages(&mut tx, &ids).await?;
    let logged = |message: Message| {
        let log = tried.remove(&message.id).unwrap_or_default();
        MessageLog { message, log }
    };
    Ok(found.items.into_iter().map(logged).collect())
}

/// Sends a message once more that was given up, refused or not sent.
///
/// # Errors
/// [`AppError::Conflict`] for one that waits, was sent or is not needed; [`AppError::NotFound`];
/// [`AppError::Forbidden`].
pub async fn replay(app: &App, actor: &Actor, id: MessageId) -> Result<MessageLog, AppError> {
    let allowed = |message: &Message| {
        // Webhooks are repeated on wish even when they have arrived: receivers know the id.
        let again = message.channel == Channel::Webhook && message.status == MessageStatus::Sent;
        message.status.is_replayable() || again
    };
    change(app, actor, id, ("replay", &allowed, MessageStatus::Waiting)).await
}

/// Sends a message that waited for a yes.
///
/// # Errors
/// [`AppError::Conflict`] for one that did not; [`AppError::NotFound`]; [`AppError::Forbidden`].
pub async fn release(app: &App, actor: &Actor, id: MessageId) -> Result<MessageLog, AppError> {
    let allowed = |message: &Message| message.status == MessageStatus::Held;
    change(app, actor, id, ("release", &allowed, MessageStatus::Waiting)).await
}

/// Never sends a message that waits.
///
/// # Errors
/// [`AppError::Conflict`] for one that does not; [`AppError::NotFound`]; [`AppError::Forbidden`].
pub async fn discard(app: &App, actor: &Actor, id: MessageId) -> Result<MessageLog, AppError> {
    let allowed = |message: &Message| {
        let waits = matches!(message.status, MessageStatus::Held | MessageStatus::Waiting);
        waits || message.status.is_replayable()
    };
    change(app, actor, id, ("drop", &allowed, MessageStatus::Dropped)).await
}

/// Which messages something may be done to.
type Condition<'a> = &'a (dyn Fn(&Message) -> bool + Sync);

async fn change(
    app: &App,
    actor: &Actor,
    id: MessageId,
    (verb, allowed, to): (&'static str, Condition<'_>, MessageStatus),
) -> Result<MessageLog, AppError> {
    permit(actor, Operation::MessagesWrite)?;
    let (owner, now) = (actor.organization_id, app.now());
    let mut tx = app.db.write().await?;
    let message = rows::get(&mut tx, owner, id).await?;
    let message = message.ok_or_else(|| AppError::not_found("message", id))?;
    let refused = || {
        let status = message.status.as_str();
        AppError::Conflict(format!("the message is {status}, so there is nothing to {verb}"))
    };
    if !allowed(&message) {
        return Err(refused());
    }
    let mut changed = Message { status: to, error: String::new(), ..message.clone() };
    if to == MessageStatus::Waiting {
        changed.due_at = now;
    } else {
        "dropped by the office".clone_into(&mut changed.error);
    }
    if !rows::update(&mut tx, owner, &message, &changed, now).await? {
        return Err(refused());
    }
    if to == MessageStatus::Waiting
        && let Some(lane) = rows::lane_of(&mut tx, owner, id).await?
    {
        writing::ask(&mut tx, owner, &lane, now, now).await?;
    }
    let action = audit::Action { noun: "messages", verb, id: id.into() };
    audit::note(app, &mut tx, actor, action, (Value::Null, Value::Null)).await?;
    let found = log(&mut tx, owner, id).await?;
    tx.commit().await?;
    Ok(found)
}

/// The newest messages of everybody, where they may be read without a credential.
///
/// # Errors
/// [`AppError::NotFound`] where they may not.
pub async fn outbox(app: &App) -> Result<Vec<Message>, AppError> {
    if !app.notify.settings().open_outbox {
        return Err(AppError::not_found("page", "/outbox"));
    }
    let mut tx = app.db.read().await?;
    Ok(rows::newest(&mut tx, 100).await?)
}

/// Tells a customer who waits that a time has become free, in the transaction that offers it.
///
/// * `key`: what makes it the same offer; it is told once.
/// * `values`: what the words can say: `title`, `date`, `window`, `manage_link`.
///
/// # Errors
/// [`AppError::NotFound`] for the customer; or if the store fails.
pub async fn waitlist_ready(
    app: &App,
    tx: &mut Tx,
    organization_id: OrganizationId,
    (customer_id, key, start): (CustomerId, &str, DateTime<Utc>),
    values: &[(&'static str, String)],
) -> Result<(), AppError> {
    let house = facts::House::of(tx, organization_id).await?;
    let found = crate::store::records::get::<crate::domain::customers::Customer>(
        tx,
        organization_id,
        customer_id,
    );
    let customer = found.await?.ok_or_else(|| AppError::not_found("customer", customer_id))?.value;
    let own = customer.locale.as_deref().and_then(crate::text::Locale::from_tag);
    let locale = own.unwrap_or_else(|| house.locale());
    let opt_out = crate::app::links::of_customer(app, customer_id);
    let mut all: words::Values = values.to_vec();
    words::set(&mut all, "customer", customer.name.as_str());
    words::set(&mut all, "business", house.organization.name.as_str());
    words::set(&mut all, "opt_out_link", opt_out.as_str());
    let kind = MessageKind::WaitlistReady;
    for channel in house.settings.customer_channels.clone() {
        let Some(to) = customers::address(&house, &customer, channel) else { continue };
        let own = words::template(tx, &house, (kind, channel, locale), &[]).await?;
        let style = words::Style { kind, channel, locale, template: own.as_ref() };
        let content = Content {
            to,
            to_name: customer.name.clone(),
            opt_out: Some(opt_out.clone()),
            ..words::content(&house, &style, &all)
        };
        let about = About { customer_id: Some(customer_id), ..About::default() };
        let keys = (format!("waitlist_ready:{key}:{}", channel.as_str()), key.to_owned());
        let draft = Draft::new((kind, channel), about, content, keys, app.now());
        let zone = customer.time_zone.unwrap_or(house.organization.time_zone);
        let draft = Draft { due_at: house.patient(zone, app.now(), Some(start)), ..draft };
        writing::write(app, tx, organization_id, draft, 0).await?;
    }
    Ok(())
}

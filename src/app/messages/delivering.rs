//! Sends the messages of a lane, one after the other.
//!
//! An attempt is noted before it is made and its end after it, each in a transaction of its own: a
//! worker that dies between the two leaves a message that is `sending`, and the next attempt knows
//! that the provider may have it already. Where a provider can be asked, or knows a repetition by
//! the message's id, nothing comes twice. Where neither is so, the message is `unknown` from then on,
//! and is sent again only if somebody says so.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::App;
use crate::app::messages::customers::international;
use crate::app::messages::facts::House;
use crate::app::webhooks::secrets_at;
use crate::domain::error::AppError;
use crate::domain::id::OrganizationId;
use crate::domain::messages::webhooks::Webhook;
use crate::domain::messages::{Attempt, Channel, Message, MessageKind, MessageStatus};
use crate::notify::push::Subscription;
use crate::notify::{Outcome, Outgoing};
use crate::store::messages::{self as rows, attempts};
use crate::store::queue::{Finished, Lease};
use crate::store::{Tx, bookings, consents, records, subscriptions};

/// Attempts after which a message is given up.
pub const ATTEMPTS_MAX: u32 = 16;
/// The wait after the first failure; it doubles with every further one.
const FIRST_WAIT: Duration = Duration::from_secs(5);
/// No wait is longer.
const LONGEST_WAIT: Duration = Duration::from_hours(1);
/// After somebody's last message, `WhatsApp` takes free words for so long.
const FREE_WORDS: TimeDelta = TimeDelta::hours(24);
/// What is said of a message of which nobody knows whether it was taken.
const UNKNOWN: &str = "it may have arrived: replay it if it has not";

/// What is needed for an attempt.
struct Ready {
    house: House,
    message: Message,
    secrets: Vec<String>,
    subscription: Option<Subscription>,
    unsure_since: Option<DateTime<Utc>>,
}

/// Whether a message can be sent now.
enum Check {
    Send(Box<Ready>),
    Not(MessageStatus, String),
}

/// Sends the next message of the task's lane, if its moment has come.
///
/// # Errors
/// If the store fails; then the task stays.
pub async fn deliver(app: &App, lease: Lease) -> Result<Finished, AppError> {
    let now = app.now();
    let lane = lease.task().payload["lane"].as_str().unwrap_or_default().to_owned();
    let mut tx = lease.db().write().await?;
    let Some(organization_id) = lease.task().organization_id else {
        return Ok(lease.finish(tx).await?);
    };
    let Some(message) = rows::next_of_lane(&mut tx, organization_id, &lane).await? else {
        return Ok(lease.finish(tx).await?);
    };
    if message.status == MessageStatus::Waiting && message.due_at > now {
        let due = message.due_at;
        return Ok(lease.postpone(tx, due).await?);
    }
    let ready = match check(app, &mut tx, organization_id, message.clone()).await? {
        Check::Send(ready) => ready,
        Check::Not(status, error) => {
            let changed = Message { status, error, ..message.clone() };
            rows::update(&mut tx, organization_id, &message, &changed, now).await?;
            return next(&mut tx, organization_id, &lane, now).await?.end(lease, tx).await;
        }
    };
    let number = ready.message.attempts + 1;
    let begun =
        Message { status: MessageStatus::Sending, attempts: number, ..ready.message.clone() };
    if !rows::update(&mut tx, organization_id, &message, &begun, now).await? {
        // Somebody changed it since; it is looked at again.
        return Ok(lease.postpone(tx, now).await?);
    }
    attempts::begin(&mut tx, begun.id, number, now).await?;
    tx.commit().await?;
    let outcome = attempt(app, &ready, number).await;
    let mut tx = lease.db().write().await?;
    record(app, &mut tx, organization_id, (&begun, &outcome)).await?;
    next(&mut tx, organization_id, &lane, app.now()).await?.end(lease, tx).await
}

/// When the lane has something to do again.
struct Next(Option<DateTime<Utc>>);

impl Next {
    async fn end(self, lease: Lease, tx: Tx) -> Result<Finished, AppError> {
        Ok(match self.0 {
            Some(at) => lease.postpone(tx, at).await?,
            None => lease.finish(tx).await?,
        })
    }
}

async fn next(
    tx: &mut Tx,
    organization_id: OrganizationId,
    lane: &str,
    now: DateTime<Utc>,
) -> Result<Next, AppError> {
    let next = rows::next_of_lane(tx, organization_id, lane).await?;
    Ok(Next(next.map(|message| message.due_at.max(now))))
}

async fn attempt(app: &App, ready: &Ready, number: u32) -> Outcome {
    let outgoing = Outgoing {
        id: ready.message.id,
        attempt: number,
        unsure_since: ready.unsure_since,
        now: app.now(),
        content: &ready.message.content,
        business: &ready.house.organization.name,
        reply_to: &ready.house.settings.reply_to,
        secrets: &ready.secrets,
        subscription: ready.subscription.as_ref(),
    };
    app.notify.send(ready.message.channel, &outgoing).await
}

/// Notes what came of an attempt.
async fn record(
    app: &App,
    tx: &mut Tx,
    organization_id: OrganizationId,
    (begun, outcome): (&Message, &Outcome),
) -> Result<(), AppError> {
    let now = app.now();
    let mut changed = begun.clone();
    changed.error = String::new();
    let (word, detail) = match outcome {
        Outcome::Sent { provider_id, detail } => {
            changed.status = MessageStatus::Sent;
            changed.provider_id.clone_from(provider_id);
            changed.sent_at = Some(now);
            ("sent", detail.clone())
        }
        Outcome::Refused(detail) => {
            changed.status = MessageStatus::Failed;
            ("refused", detail.clone())
        }
        Outcome::Gone(detail) => {
            if begun.channel == Channel::Push {
                subscriptions::forget(tx, organization_id, &begun.content.to).await?;
            }
            changed.status = MessageStatus::Failed;
            ("refused", detail.clone())
        }
        Outcome::NotSet(detail) => {
            changed.status = MessageStatus::Skipped;
            ("not set", format!("not sent: {detail}"))
        }
        Outcome::Unsure(detail) if !begun.channel.knows_repetitions() => {
            changed.status = MessageStatus::Unknown;
            ("unsure", format!("{detail}; {UNKNOWN}"))
        }
        Outcome::Later { detail, .. } if begun.attempts.is_multiple_of(ATTEMPTS_MAX) => {
            changed.status = MessageStatus::Dead;
            ("given up", detail.clone())
        }
        Outcome::Unsure(detail) if begun.attempts.is_multiple_of(ATTEMPTS_MAX) => {
            changed.status = MessageStatus::Dead;
            ("unsure", detail.clone())
        }
        Outcome::Later { detail, wait } => {
            changed.status = MessageStatus::Waiting;
            changed.due_at = now + pause(app, begun.attempts, *wait);
            ("retry", detail.clone())
        }
        Outcome::Unsure(detail) => {
            changed.status = MessageStatus::Waiting;
            changed.due_at = now + pause(app, begun.attempts, None);
            ("unsure", detail.clone())
        }
    };
    if changed.status != MessageStatus::Sent {
        changed.error.clone_from(&detail);
        let (id, channel) = (begun.id, begun.channel.as_str());
        tracing::warn!(message.id = %id, channel, outcome = word, "Message {id} was not sent");
    }
    rows::update(tx, organization_id, begun, &changed, now).await?;
    attempts::end(tx, begun.id, begun.attempts, (word, &detail), now).await?;
    Ok(())
}

/// The wait after so many attempts: half of it fixed, half at random, so that what failed together
/// does not come back together; not shorter than the provider asked for.
fn pause(app: &App, attempts: u32, asked: Option<Duration>) -> TimeDelta {
    let doublings = ((attempts.max(1) - 1) % ATTEMPTS_MAX).min(20);
    let full = FIRST_WAIT.saturating_mul(1 << doublings).min(LONGEST_WAIT);
    let chance = f64::from(app.new_id().as_bytes()[15]) / 255.0;
    let wait = full.mul_f64(0.5 + chance / 2.0).max(asked.unwrap_or_default().min(LONGEST_WAIT));
    TimeDelta::from_std(wait).unwrap_or(TimeDelta::hours(1)).max(TimeDelta::seconds(1))
}

/// Whether a message may go out now, and what it needs for that.
async fn check(
    app: &App,
    tx: &mut Tx,
    id: OrganizationId,
    mut message: Message,
) -> Result<Check, AppError> {
    let not = |status, words: &str| Ok(Check::Not(status, words.to_owned()));
    if message.status == MessageStatus::Sending && !message.channel.knows_repetitions() {
        return Ok(Check::Not(MessageStatus::Unknown, format!("the server stopped; {UNKNOWN}")));
    }
    let house = House::of(tx, id).await?;
    if !house.settings.enabled && message.kind != MessageKind::Test {
        return not(MessageStatus::Skipped, "messages are switched off");
    }
    if let Some(words) = overtaken(app, tx, id, &message).await? {
        return Ok(Check::Not(MessageStatus::Dropped, words));
    }
    if let Some(words) = unwanted(tx, &house, &message).await? {
        return Ok(Check::Not(MessageStatus::Skipped, words));
    }
    let way = match way(app, tx, &house, &mut message).await? {
        Ok(way) => way,
        Err((status, words)) => return Ok(Check::Not(status, words)),
    };
    let unsure_since = if message.attempts > 0 {
        let all = attempts::of_messages(tx, &[message.id]).await?;
        let unsure = |one: &&Attempt| one.ended_at.is_none() || one.outcome == "unsure";
        let all = all.get(&message.id).into_iter().flatten();
        all.filter(unsure).map(|attempt| attempt.started_at).min()
    } else {
        None
    };
    let Way { secrets, subscription } = way;
    let ready = Ready { house, message, secrets, subscription, unsure_since };
    Ok(Check::Send(Box::new(ready)))
}

/// What a channel needs besides the message.
#[derive(Default)]
struct Way {
    secrets: Vec<String>,
    subscription: Option<Subscription>,
}

/// The way to a message's receiver as it is now, or why there is none.
async fn way(
    app: &App,
    tx: &mut Tx,
    house: &House,
    message: &mut Message,
) -> Result<Result<Way, (MessageStatus, String)>, AppError> {
    let not = |status, words: &str| Ok(Err((status, words.to_owned())));
    let id = house.id;
    let mut way = Way::default();
    match message.channel {
        Channel::Webhook => {
            let webhook = match message.webhook_id {
                Some(webhook_id) => records::get::<Webhook>(tx, id, webhook_id).await?,
                None => None,
            };
            let Some(webhook) = webhook else {
                return not(MessageStatus::Dropped, "the webhook is gone");
            };
            if !webhook.value.active {
                return not(MessageStatus::Skipped, "the webhook is switched off");
            }
            message.content.to.clone_from(&webhook.value.url);
            let all = secrets_at(app, tx, id, webhook.id).await?;
            way.secrets = all.into_iter().map(|one| one.secret).collect();
        }
        Channel::Push => {
            let Some(technician_id) = message.technician_id else {
                return not(MessageStatus::Dropped, "it has no reader");
            };
            let found = subscriptions::of_technician(tx, id, technician_id).await?;
            let found = found.into_iter().find(|one| one.endpoint == message.content.to);
            let Some(found) = found else {
                return not(MessageStatus::Dropped, "the browser has taken its subscription back");
            };
            let (endpoint, p256dh, auth) = (found.endpoint, found.p256dh, found.auth);
            way.subscription = Some(Subscription { endpoint, p256dh, auth });
        }
        Channel::Whatsapp if message.content.template.is_empty() => {
            let digits: String = message.content.to.chars().filter(char::is_ascii_digit).collect();
            let written = subscriptions::last_written(tx, &digits).await?;
            if written.is_none_or(|at| app.now() >= at + FREE_WORDS) {
                let words = "no approved template of WhatsApp is named for this kind of message; \
                             free words are only taken within 24 hours after the customer wrote";
                return not(MessageStatus::Skipped, words);
            }
        }
        Channel::Sms => {
            // The office may name numbers without a country, too.
            let country = &house.settings.country_code;
            message.content.to = international(&message.content.to, country).unwrap_or_default();
            if message.content.to.is_empty() {
                return not(MessageStatus::Skipped, "the telephone number has no country code");
            }
        }
        Channel::Email | Channel::Whatsapp | Channel::Slack => {}
    }
    Ok(Ok(way))
}

/// Why a message is of no use any more, if it is not.
async fn overtaken(
    app: &App,
    tx: &mut Tx,
    id: OrganizationId,
    message: &Message,
) -> Result<Option<String>, AppError> {
    if !matches!(message.kind, MessageKind::Reminder | MessageKind::RunningLate) {
        return Ok(None);
    }
    let Some(booking_id) = message.booking_id else { return Ok(None) };
    let Some(booking) = bookings::get(tx, id, booking_id).await? else {
        return Ok(Some("the booking is gone".to_owned()));
    };
    if !booking.status.is_open() {
        let status = booking.status.as_str().replace('_', " ");
        return Ok(Some(format!("the booking is {status}")));
    }
    let over = message.kind == MessageKind::Reminder && booking.window.until < app.now();
    Ok(over.then(|| "it was too late for a reminder".to_owned()))
}

/// Why the customer does not want a message, if so.
async fn unwanted(
    tx: &mut Tx,
    house: &House,
    message: &Message,
) -> Result<Option<String>, AppError> {
    let Some(customer_id) = message.customer_id else { return Ok(None) };
    let said = consents::of_customer(tx, house.id, customer_id).await?;
    let channel = message.channel;
    match said.iter().find(|one| one.channel == channel) {
        Some(consent) if consent.granted => Ok(None),
        Some(_) => Ok(Some(format!("the customer wants no {}", channel.as_str()))),
        None if house.settings.consent_first.contains(&channel) => {
            let words = format!("the customer has not agreed to {} yet", channel.as_str());
            Ok(Some(words))
        }
        None => Ok(None),
    }
}

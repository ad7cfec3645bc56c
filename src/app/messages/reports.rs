//! What providers report about messages, what people answer, and browsers that want notifications.

use std::collections::BTreeMap;

use crate::app::App;
use crate::app::messages::consents;
use crate::app::permissions::{Operation, Sight, permit};
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::faults::Validate as _;
use crate::domain::id::TechnicianId;
use crate::domain::messages::{Channel, Consent, MessageStatus};
pub use crate::notify::push::Subscription;
use crate::notify::push::public_key;
use crate::notify::sms;
use crate::notify::whatsapp::{self, Said};
use crate::store::subscriptions::{self, PushSubscription};
use crate::store::{Tx, messages as rows};

/// Words by which people want no more messages, as networks require them to be understood.
const STOP: [&str; 7] = ["stop", "stopall", "unsubscribe", "cancel", "end", "quit", "baja"];
/// Words by which people want messages again.
const START: [&str; 3] = ["start", "unstop", "alta"];

/// Takes a callback of the provider of text messages: a report, or what somebody wrote.
///
/// * `path`: of the address that was called, with its query.
/// * `headers`: the signature, and which code it is made with.
///
/// # Errors
/// [`AppError::Forbidden`] for a wrong signature; [`AppError::NotFound`] without an account.
pub async fn of_sms(
    app: &App,
    path: &str,
    form: &BTreeMap<String, String>,
    headers: (&str, &str),
) -> Result<(), AppError> {
    let settings = app.notify.settings().sms.as_ref();
    let settings = settings.ok_or_else(|| AppError::not_found("account for", "text messages"))?;
    // The provider signs the address that it knows, which is the public one.
    let url = format!("{}{path}", app.outside.base_url());
    if !sms::is_signed(&settings.token, &url, form, headers) {
        return Err(AppError::Forbidden("the signature is wrong".to_owned()));
    }
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let sid = [field("MessageSid"), field("SmsSid")].into_iter().find(|sid| !sid.is_empty());
    let word = [field("MessageStatus"), field("SmsStatus")].into_iter().find(|it| !it.is_empty());
    let mut tx = app.db.write().await?;
    if let (Some(sid), Some(status)) = (sid, word.and_then(sms::status)) {
        let error = match (status, field("ErrorCode")) {
            (MessageStatus::Failed, code) => format!("not delivered (code {code})"),
            _ => String::new(),
        };
        let report = (status, error.as_str());
        rows::report(&mut tx, Channel::Sms, sid, report, app.now()).await?;
    }
    if !field("Body").is_empty() {
        answered(app, &mut tx, Channel::Sms, field("From"), field("Body")).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Whether callbacks of `WhatsApp` are to come here.
pub fn is_whatsapp(app: &App, verify_token: &str) -> bool {
    let settings = app.notify.settings().whatsapp.as_ref();
    settings.is_some_and(|one| !one.verify_token.is_empty() && one.verify_token == verify_token)
}

/// Takes a callback of `WhatsApp`.
///
/// # Errors
/// [`AppError::Forbidden`] for a wrong signature; [`AppError::NotFound`] without a number.
pub async fn of_whatsapp(app: &App, body: &[u8], signature: &str) -> Result<(), AppError> {
    let settings = app.notify.settings().whatsapp.as_ref();
    let settings = settings.ok_or_else(|| AppError::not_found("number of", "WhatsApp"))?;
    if !whatsapp::is_signed(&settings.app_secret, body, signature) {
        return Err(AppError::Forbidden("the signature is wrong".to_owned()));
    }
    let mut tx = app.db.write().await?;
    for said in whatsapp::read(body) {
        match said {
            Said::Written { phone, user_id, text, at } => {
                // Whoever shows no number is known by the other name alone.
                let known = if phone.is_empty() { &user_id } else { &phone };
                if !known.is_empty() {
                    let at = at.min(app.now());
                    subscriptions::written(&mut tx, (known, &user_id), at).await?;
                    answered(app, &mut tx, Channel::Whatsapp, known, &text).await?;
                }
            }
            Said::Status { provider_id, message_id, status, error } => {
                if let Some(id) = message_id {
                    // The provider has it, whether or not its answer came through.
                    rows::arrived(&mut tx, (Channel::Whatsapp, id), &provider_id, app.now())
                        .await?;
                }
                let report = (status, error.as_str());
                rows::report(&mut tx, Channel::Whatsapp, &provider_id, report, app.now()).await?;
            }
        }
    }
    tx.commit().await?;
    Ok(())
}

/// Notes a customer's STOP or START.
async fn answered(
    app: &App,
    tx: &mut Tx,
    channel: Channel,
    phone: &str,
    text: &str,
) -> Result<(), AppError> {
    let word = text.trim().to_lowercase();
    let granted = START.contains(&word.as_str());
    if !granted && !STOP.contains(&word.as_str()) {
        return Ok(());
    }
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    if digits.len() < 7 {
        return Ok(());
    }
    // Numbers may be kept without their country; the last seven digits tell people apart.
    let ending = &digits[digits.len() - 7..];
    for (owner, id) in crate::store::consents::customers_with_phone(tx, ending).await? {
        let (source, at) = ("reply".to_owned(), app.now());
        let consent = Consent { channel, granted, source, at };
        consents::write(app, tx, &Actor::system(owner), id, &consent).await?;
    }
    Ok(())
}

/// The key that browsers subscribe with; none if the server sends no notifications.
///
/// # Errors
/// [`AppError::Forbidden`].
pub fn push_key(app: &App, actor: &Actor) -> Result<Option<String>, AppError> {
    permit(actor, Operation::PushSubscribe)?;
    Ok(public_key(&app.notify.settings().push))
}

/// Sends a technician's notifications to a browser from now on.
///
/// * `technician_id`: whose; one's own if none.
///
/// # Errors
/// [`AppError::Invalid`] for keys that cannot be used; [`AppError::Forbidden`].
pub async fn subscribe(
    app: &App,
    actor: &Actor,
    technician_id: Option<TechnicianId>,
    subscription: Subscription,
) -> Result<(), AppError> {
    let technician_id = own(actor, technician_id)?;
    subscription.validated()?;
    let Subscription { endpoint, p256dh, auth } = subscription;
    let row = PushSubscription { endpoint, p256dh, auth };
    let mut tx = app.db.write().await?;
    subscriptions::put(&mut tx, actor.organization_id, technician_id, &row, app.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// Sends no more notifications to a browser.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Forbidden`].
pub async fn unsubscribe(app: &App, actor: &Actor, endpoint: &str) -> Result<(), AppError> {
    permit(actor, Operation::PushSubscribe)?;
    let mut tx = app.db.write().await?;
    if !subscriptions::forget(&mut tx, actor.organization_id, endpoint).await? {
        return Err(AppError::not_found("subscription", "endpoint"));
    }
    tx.commit().await?;
    Ok(())
}

fn own(actor: &Actor, wanted: Option<TechnicianId>) -> Result<TechnicianId, AppError> {
    let sight = permit(actor, Operation::PushSubscribe)?;
    match (sight, wanted) {
        (Sight::Own(own), None) => Ok(own),
        (sight, Some(wanted)) if sight.covers(wanted) => Ok(wanted),
        (Sight::Own(_), Some(_)) => {
            Err(AppError::Forbidden("only one's own notifications".to_owned()))
        }
        _ => {
            let own = match actor.kind {
                crate::domain::actors::ActorKind::Member { technician_id, .. } => technician_id,
                _ => None,
            };
            own.or(wanted).ok_or_else(|| {
                AppError::invalid("technician_id", "", "say whose notifications these are")
            })
        }
    }
}

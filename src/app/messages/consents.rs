//! Over which channels a customer wants messages.

use crate::app::permissions::{Operation, permit};
use crate::app::{App, audit, links};
use crate::domain::actors::Actor;
use crate::domain::customers::Customer;
use crate::domain::error::AppError;
use crate::domain::faults::Faults;
use crate::domain::id::{CustomerId, OrganizationId};
use crate::domain::messages::{Channel, Consent};
use crate::store::{Tx, consents as rows, organizations, records};
use crate::text::Locale;

/// What a customer has said, by channel.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Forbidden`].
pub async fn list(app: &App, actor: &Actor, id: CustomerId) -> Result<Vec<Consent>, AppError> {
    permit(actor, Operation::ConsentsRead)?;
    let mut tx = app.db.read().await?;
    known(&mut tx, actor.organization_id, id).await?;
    Ok(rows::of_customer(&mut tx, actor.organization_id, id).await?)
}

/// Notes that a customer wants messages over a channel, or none.
///
/// # Errors
/// [`AppError::Invalid`] for a channel that customers are not reached over; [`AppError::NotFound`];
/// [`AppError::Forbidden`].
pub async fn set(
    app: &App,
    actor: &Actor,
    (id, channel): (CustomerId, Channel),
    (granted, source): (bool, &str),
) -> Result<Consent, AppError> {
    permit(actor, Operation::ConsentsWrite)?;
    let mut faults = Faults::default();
    check((channel, source), &mut faults);
    faults.into_result()?;
    let source = if source.is_empty() { "office" } else { source };
    let consent = Consent { channel, granted, source: source.to_owned(), at: app.now() };
    let mut tx = app.db.write().await?;
    known(&mut tx, actor.organization_id, id).await?;
    write(app, &mut tx, actor, id, &consent).await?;
    tx.commit().await?;
    Ok(consent)
}

/// Notes a channel that customers are not reached over, and a source that is too long.
pub fn check((channel, source): (Channel, &str), faults: &mut Faults) {
    let message = "customers are reached by email, sms or whatsapp";
    faults.check(channel.is_for_customers(), "channel", channel.as_str(), message);
    let length = source.chars().count();
    faults.check(length <= 50, "source", source, "must have at most 50 characters");
}

async fn known(tx: &mut Tx, owner: OrganizationId, id: CustomerId) -> Result<(), AppError> {
    let found = records::get::<Customer>(tx, owner, id).await?;
    found.map(|_| ()).ok_or_else(|| AppError::not_found("customer", id))
}

/// Notes what a customer says, with its audit entry.
///
/// # Errors
/// If the store fails.
pub(super) async fn write(
    app: &App,
    tx: &mut Tx,
    actor: &Actor,
    id: CustomerId,
    consent: &Consent,
) -> Result<(), AppError> {
    let before = rows::of_customer(tx, actor.organization_id, id).await?;
    let before = before.into_iter().find(|one| one.channel == consent.channel);
    rows::set(tx, actor.organization_id, id, consent).await?;
    let action = audit::Action { noun: "consents", verb: "set", id: id.into() };
    let both = (audit::json(&before), audit::json(consent));
    audit::note(app, tx, actor, action, both).await
}

/// What an opt-out link shows before anything is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptOut {
    /// The business that sends.
    pub business: String,
    /// The customer's language.
    pub locale: Locale,
    /// The channels on which the customer can be reached and has not refused messages; those of e-mail
    /// first.
    pub channels: Vec<Channel>,
}

/// Whose messages an opt-out link ends.
///
/// # Errors
/// [`AppError::NotFound`] for a link that is not ours.
pub async fn look(app: &App, token: &str) -> Result<OptOut, AppError> {
    let (owner, id) = links::open_customer(app, token).await?;
    let mut tx = app.db.read().await?;
    let organization = organizations::get(&mut tx, owner).await?;
    let organization = organization.ok_or_else(|| AppError::not_found("organization", owner))?;
    let customer = records::get::<Customer>(&mut tx, owner, id).await?;
    let customer = customer.map(|record| record.value).unwrap_or_default();
    let own = customer.locale.as_deref().and_then(Locale::from_tag);
    let said = rows::of_customer(&mut tx, owner, id).await?;
    let is_open = |channel: &Channel| {
        let address = match channel {
            Channel::Email => &customer.email,
            _ => &customer.phone,
        };
        let refused = said.iter().any(|one| one.channel == *channel && !one.granted);
        channel.is_for_customers() && !refused && address.as_ref().is_some_and(|it| !it.is_empty())
    };
    let channels = Channel::ALL.into_iter().filter(is_open).collect();
    let house = Locale::from_tag(&organization.value.locale);
    let locale = own.or(house).unwrap_or_default();
    Ok(OptOut { business: organization.value.name, locale, channels })
}

/// Ends messages to the customer of an opt-out link over some channels.
///
/// # Errors
/// [`AppError::NotFound`] for a link that is not ours.
pub async fn opt_out(app: &App, token: &str, channels: &[Channel]) -> Result<(), AppError> {
    let (owner, id) = links::open_customer(app, token).await?;
    let mut tx = app.db.write().await?;
    let actor = Actor::public(owner);
    for &channel in channels.iter().filter(|channel| channel.is_for_customers()) {
        let consent = Consent { channel, granted: false, source: "link".to_owned(), at: app.now() };
        write(app, &mut tx, &actor, id, &consent).await?;
    }
    tx.commit().await?;
    Ok(())
}

//! Unguessable links in messages: to manage a booking, to track its visit, to want no more messages.
//!
//! A token holds what it opens and a code that only this server can make, so that nothing is stored
//! for it and every message can hold the same link. A booking's links are taken back by raising
//! their version.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::app::permissions::{Operation, permit};
use crate::app::{App, audit};
use crate::domain::actors::Actor;
use crate::domain::codes::{equal, hmac_sha256};
use crate::domain::error::AppError;
use crate::domain::id::{BookingId, CustomerId, OrganizationId};
use crate::store::{Tx, links as rows};

/// Bytes of the code in a token: 128 bits.
const CODE: usize = 16;
/// Bytes of a token: purpose, version, id, code.
const LENGTH: usize = 1 + 4 + 16 + CODE;

/// What a link is for; a token for one opens nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To see, move and cancel a booking: `/manage/{token}`.
    Manage,
    /// To see how its visit goes: `/track/{token}`.
    Track,
    /// To want no more messages: `/opt-out/{token}`.
    OptOut,
}

/// The links of a booking, as whole addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookingLinks {
    /// To see, move and cancel it.
    pub manage: String,
    /// To see how its visit goes.
    pub track: String,
}

/// What a link of a booking opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenedBooking {
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// Which.
    pub booking_id: BookingId,
}

impl Purpose {
    fn byte(self) -> u8 {
        match self {
            Self::Manage => b'm',
            Self::Track => b't',
            Self::OptOut => b'o',
        }
    }

    /// The first part of its address.
    pub fn path(self) -> &'static str {
        match self {
            Self::Manage => "manage",
            Self::Track => "track",
            Self::OptOut => "opt-out",
        }
    }
}

/// The links of a booking of the organization.
///
/// # Errors
/// If the database fails.
pub(crate) async fn of_booking(
    app: &App,
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: BookingId,
) -> Result<BookingLinks, AppError> {
    let version = rows::version(tx, organization_id, id).await?;
    let link = |purpose| address(app, purpose, &token(app, purpose, version, id.0));
    Ok(BookingLinks { manage: link(Purpose::Manage), track: link(Purpose::Track) })
}

/// The link by which a customer wants no more messages.
pub(crate) fn of_customer(app: &App, id: CustomerId) -> String {
    address(app, Purpose::OptOut, &token(app, Purpose::OptOut, 1, id.0))
}

/// What the token of a booking's link opens.
///
/// # Errors
/// [`AppError::NotFound`] for a token that is not ours, is for something else, or was taken back.
pub async fn open_booking(
    app: &App,
    purpose: Purpose,
    text: &str,
) -> Result<OpenedBooking, AppError> {
    let unknown = || AppError::not_found("link", shortened(text));
    let (version, id) = read(app, purpose, text).ok_or_else(unknown)?;
    let booking_id = BookingId(id);
    let mut tx = app.db.read().await?;
    let found = rows::owner_of_booking(&mut tx, booking_id).await?;
    let organization_id = found.ok_or_else(unknown)?;
    if rows::version(&mut tx, organization_id, booking_id).await? != version {
        return Err(unknown());
    }
    Ok(OpenedBooking { organization_id, booking_id })
}

/// The customer of an opt-out link, and whose customer that is.
///
/// # Errors
/// [`AppError::NotFound`] for a token that is not ours or is for something else.
pub async fn open_customer(
    app: &App,
    text: &str,
) -> Result<(OrganizationId, CustomerId), AppError> {
    let unknown = || AppError::not_found("link", shortened(text));
    let (_, id) = read(app, Purpose::OptOut, text).ok_or_else(unknown)?;
    let mut tx = app.db.read().await?;
    let organization_id = rows::owner_of_customer(&mut tx, CustomerId(id)).await?;
    Ok((organization_id.ok_or_else(unknown)?, CustomerId(id)))
}

/// The links of a booking, for somebody who may see it.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Forbidden`].
pub async fn get(app: &App, actor: &Actor, id: BookingId) -> Result<BookingLinks, AppError> {
    permit(actor, Operation::BookingsRead)?;
    let mut tx = app.db.read().await?;
    owned(&mut tx, actor, id).await?;
    of_booking(app, &mut tx, actor.organization_id, id).await
}

/// Takes all links of a booking back and gives it new ones.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Forbidden`].
pub async fn revoke(app: &App, actor: &Actor, id: BookingId) -> Result<BookingLinks, AppError> {
    permit(actor, Operation::BookingsUpdate)?;
    let mut tx = app.db.write().await?;
    owned(&mut tx, actor, id).await?;
    rows::raise(&mut tx, actor.organization_id, id).await?;
    let action = audit::Action { noun: "bookings", verb: "revoke_links", id: id.into() };
    let none = serde_json::Value::Null;
    audit::note(app, &mut tx, actor, action, (none.clone(), none)).await?;
    let links = of_booking(app, &mut tx, actor.organization_id, id).await?;
    tx.commit().await?;
    Ok(links)
}

async fn owned(tx: &mut Tx, actor: &Actor, id: BookingId) -> Result<(), AppError> {
    let owner = rows::owner_of_booking(tx, id).await?;
    let ours = owner == Some(actor.organization_id);
    if ours { Ok(()) } else { Err(AppError::not_found("booking", id)) }
}

fn address(app: &App, purpose: Purpose, token: &str) -> String {
    format!("{}/{}/{token}", app.outside.base_url(), purpose.path())
}

fn token(app: &App, purpose: Purpose, version: u32, id: Uuid) -> String {
    let mut bytes = Vec::with_capacity(LENGTH);
    bytes.push(purpose.byte());
    bytes.extend(version.to_be_bytes());
    bytes.extend(id.as_bytes());
    let signed = hmac_sha256(&app.outside.key("links"), &bytes);
    bytes.extend(&signed[..CODE]);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Version and id of a token that this server has made for the purpose.
fn read(app: &App, purpose: Purpose, text: &str) -> Option<(u32, Uuid)> {
    let bytes: [u8; LENGTH] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
    let (said, signed) = bytes.split_at(LENGTH - CODE);
    let expected = hmac_sha256(&app.outside.key("links"), said);
    if !equal(signed, &expected[..CODE]) || said[0] != purpose.byte() {
        return None;
    }
    let version = u32::from_be_bytes(said[1..5].try_into().ok()?);
    Some((version, Uuid::from_slice(&said[5..]).ok()?))
}

/// The first characters of a token, which open nothing.
fn shortened(text: &str) -> String {
    text.chars().take(8).collect()
}

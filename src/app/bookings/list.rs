//! Bookings by id and in lists.

use crate::app::App;
use crate::app::bookings::BookingDetails;
use crate::app::permissions::{Operation, permit};
use crate::domain::actors::{Actor, ActorKind};
use crate::domain::bookings::Booking;
use crate::domain::error::AppError;
use crate::domain::id::BookingId;
pub use crate::store::bookings::list::{BookingFilter, BookingSort};
use crate::store::pages::{Page, PageQuery};
use crate::store::{Tx, assignments, bookings as rows, visits};

/// The booking with this id, with its visit and who does it.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Forbidden`].
pub async fn get(app: &App, actor: &Actor, id: BookingId) -> Result<BookingDetails, AppError> {
    permit(actor, Operation::BookingsRead)?;
    let mut tx = app.db.read().await?;
    details(&mut tx, actor, id).await
}

/// The booking, its visit and its assignments, inside a transaction.
pub(crate) async fn details(
    tx: &mut Tx,
    actor: &Actor,
    id: BookingId,
) -> Result<BookingDetails, AppError> {
    let organization_id = actor.organization_id;
    let missing = || AppError::not_found("booking", id);
    if let ActorKind::Customer { booking_id } = actor.kind
        && booking_id != id
    {
        return Err(missing());
    }
    let booking = rows::get(tx, organization_id, id).await?.ok_or_else(missing)?;
    let visit = visits::get(tx, organization_id, booking.visit_id).await?.ok_or_else(missing)?;
    let assigned = assignments::of_visits(tx, organization_id, &[visit.id]).await?;
    let assignments = assigned.into_iter().map(|one| one.assignment).collect();
    Ok(BookingDetails { booking, visit, assignments })
}

/// One page of bookings.
///
/// * `sort`: by what, and whether the largest come first.
///
/// # Errors
/// [`AppError::Invalid`] for a foreign cursor; [`AppError::Forbidden`].
pub async fn list(
    app: &App,
    actor: &Actor,
    filter: &BookingFilter,
    sort: (BookingSort, bool),
    page: &PageQuery,
) -> Result<Page<Booking>, AppError> {
    permit(actor, Operation::BookingsRead)?;
    if let ActorKind::Customer { .. } = actor.kind {
        return Err(AppError::Unauthenticated("log in, or send an API key, to see lists"));
    }
    let mut tx = app.db.read().await?;
    Ok(rows::list::list(&mut tx, actor.organization_id, filter, sort, page).await?)
}

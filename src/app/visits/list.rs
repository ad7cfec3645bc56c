//! Visits in lists.

use std::collections::BTreeMap;

use crate::app::App;
use crate::app::permissions::{Operation, Sight, permit};
use crate::app::visits::VisitDetails;
use crate::domain::actors::Actor;
use crate::domain::bookings::Booking;
use crate::domain::error::AppError;
use crate::domain::id::VisitId;
use crate::domain::visits::Assignment;
use crate::store::pages::{Page, PageQuery};
pub use crate::store::visits::list::VisitFilter;
use crate::store::{assignments, bookings, visits as rows};

/// One page of visits with who does them and their bookings; technicians see those they do.
///
/// * `descending`: the newest first.
///
/// # Errors
/// [`AppError::Invalid`] for a foreign cursor; [`AppError::Forbidden`].
pub async fn list(
    app: &App,
    actor: &Actor,
    filter: &VisitFilter,
    descending: bool,
    page: &PageQuery,
) -> Result<Page<VisitDetails>, AppError> {
    let mut filter = filter.clone();
    if let Sight::Own(own) = permit(actor, Operation::VisitsRead)? {
        if filter.technician_id.is_some_and(|id| id != own) {
            return Ok(Page { items: Vec::new(), next: None });
        }
        filter.technician_id = Some(own);
    }
    let organization_id = actor.organization_id;
    let mut tx = app.db.read().await?;
    let page = rows::list::list(&mut tx, organization_id, &filter, descending, page).await?;
    let ids: Vec<VisitId> = page.items.iter().map(|visit| visit.id).collect();
    let mut crews: BTreeMap<VisitId, Vec<Assignment>> = BTreeMap::new();
    for one in assignments::of_visits(&mut tx, organization_id, &ids).await? {
        crews.entry(one.assignment.visit_id).or_default().push(one.assignment);
    }
    let booked = bookings::of_visits(&mut tx, organization_id, &ids).await?;
    let mut booked: BTreeMap<VisitId, Booking> =
        booked.into_iter().map(|booking| (booking.visit_id, booking)).collect();
    let items = page.items.into_iter().map(|visit| {
        let assignments = crews.remove(&visit.id).unwrap_or_default();
        let booking = booked.remove(&visit.id);
        VisitDetails { visit, assignments, booking }
    });
    Ok(Page { items: items.collect(), next: page.next })
}

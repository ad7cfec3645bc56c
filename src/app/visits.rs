//! Visits: created without a time, given to people, moved, locked, and reported on.

pub mod create;
pub mod lock;
pub mod moving;
pub mod progress;

use crate::app::App;
use crate::app::permissions::{Operation, Sight, permit};
use crate::domain::actors::Actor;
use crate::domain::bookings::Booking;
use crate::domain::error::AppError;
use crate::domain::id::VisitId;
use crate::domain::visits::{Assignment, Visit};
use crate::store::{Tx, assignments, bookings, visits as rows};

pub use create::{VisitRequest, create};
pub use lock::lock;
pub use moving::{MoveRequest, Moved, place, unassign};
pub use progress::{Effect, Outcome, Report, Step, progress};

/// A visit with who does it and the booking it stands for.
#[derive(Debug, Clone, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct VisitDetails {
    /// The visit.
    #[serde(flatten)]
    pub visit: Visit,
    /// Who does it when, by role; none while it is in nobody's day.
    pub assignments: Vec<Assignment>,
    /// The booking, if there is one.
    pub booking: Option<Booking>,
}

/// The visit with this id.
///
/// # Errors
/// [`AppError::NotFound`], also for a technician who is not in its crew; [`AppError::Forbidden`].
pub async fn get(app: &App, actor: &Actor, id: VisitId) -> Result<VisitDetails, AppError> {
    let sight = permit(actor, Operation::VisitsRead)?;
    let mut tx = app.db.read().await?;
    details(&mut tx, actor, sight, id).await
}

/// A visit as the actor may see it, inside a transaction.
pub(crate) async fn details(
    tx: &mut Tx,
    actor: &Actor,
    sight: Sight,
    id: VisitId,
) -> Result<VisitDetails, AppError> {
    let organization_id = actor.organization_id;
    let missing = || AppError::not_found("visit", id);
    let visit = rows::get(tx, organization_id, id).await?.ok_or_else(missing)?;
    let assigned = assignments::of_visits(tx, organization_id, &[id]).await?;
    let assignments: Vec<Assignment> = assigned.into_iter().map(|one| one.assignment).collect();
    let is_own = assignments.iter().any(|one| sight.covers(one.technician_id));
    if sight != Sight::Everything && !is_own {
        return Err(missing());
    }
    let booking = bookings::of_visit(tx, organization_id, id).await?;
    Ok(VisitDetails { visit, assignments, booking })
}

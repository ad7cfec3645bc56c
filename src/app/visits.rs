//! Visits: created without a time, given to people, moved, locked, and reported on.

pub mod calling_off;
pub mod create;
pub mod giving_up;
pub mod list;
pub mod lock;
pub mod moving;
pub mod progress;
pub mod why;

use serde_json::Value;

use crate::app::permissions::{Operation, Sight, permit};
use crate::app::placing::written::{News, tell};
use crate::app::{App, audit};
use crate::domain::actors::Actor;
use crate::domain::bookings::Booking;
use crate::domain::error::AppError;
use crate::domain::id::{TechnicianId, VisitId};
use crate::domain::visits::{Assignment, Visit};
use crate::store::{Tx, assignments, bookings, plans, visits as rows};

pub use calling_off::cancel;
pub use create::{VisitRequest, create};
pub use giving_up::{Failure, give_up};
pub use list::{VisitFilter, list};
pub use lock::{lock, prioritize};
pub use moving::{MoveRequest, Moved, place, unassign};
pub use progress::{Effect, Outcome, Report, Step, progress};
pub use why::{Candidate, VisitRule, Why, why};

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

impl VisitDetails {
    /// Who does it, by role.
    pub(crate) fn technician_ids(&self) -> Vec<TechnicianId> {
        self.assignments.iter().map(|one| one.technician_id).collect()
    }
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

/// A transaction to change a visit in, with its technicians locked, and the visit as it is then.
async fn opened(app: &App, actor: &Actor, id: VisitId) -> Result<(Tx, VisitDetails), AppError> {
    let mut tx = app.db.read().await?;
    let seen = details(&mut tx, actor, Sight::Everything, id).await?;
    drop(tx);
    let mut tx = app.db.write().await?;
    plans::lock_technicians(&mut tx, &seen.technician_ids()).await?;
    let before = details(&mut tx, actor, Sight::Everything, id).await?;
    Ok((tx, before))
}

/// Tells that something was done to a visit and writes it down, inside the transaction.
///
/// * `verb`: what was done, for the audit, and how the event calls it.
/// * `both`: the value before and after.
async fn noted(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    (before, after, verb): (&VisitDetails, &Visit, (&'static str, &'static str)),
    both: (Value, Value),
) -> Result<(), AppError> {
    let news = News {
        kind: verb.1,
        subject_id: after.id.to_string(),
        location_id: after.location_id,
        visit_id: after.id,
        technician_ids: before.technician_ids(),
        start: after.planned_start,
        moved: Vec::new(),
    };
    tell(app, actor.organization_id, tx, news);
    let action = audit::Action { noun: "visits", verb: verb.0, id: after.id.into() };
    audit::note(app, tx, actor, action, both).await
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

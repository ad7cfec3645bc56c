//! Moving a booking to another time, if possible with the same people.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::bookings::BookingDetails;
use crate::app::bookings::lifecycle::check;
use crate::app::bookings::list::details;
use crate::app::live::reach::is_plain;
use crate::app::permissions::{Operation, permit};
use crate::app::placing::written::{assign, news, tell};
use crate::app::placing::{Attempts, Placed, Wanted, is_race, taken};
use crate::app::slots::asked::Asked;
use crate::app::slots::choice::{OVER, check_start};
use crate::app::{App, audit, live, waitlist_entries};
use crate::domain::actors::Actor;
use crate::domain::bookings::{Booking, BookingStatus};
use crate::domain::error::AppError;
use crate::domain::faults::{Faults, Validate};
use crate::domain::id::{BookingId, TechnicianId};
use crate::domain::visits::{Visit, VisitStatus, check_crew};
use crate::store::{Tx, assignments, bookings as rows, equipment_uses, visits};

/// To when, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reschedule {
    /// The new start: of a slot for the same services and place.
    pub start: DateTime<Utc>,
    /// Exactly this crew; if none is named the present one, or who else can if it cannot.
    #[serde(default)]
    pub technician_ids: Vec<TechnicianId>,
    /// The revision of the booking that the caller saw, if that matters.
    #[serde(default)]
    pub revision: Option<i64>,
}

impl Validate for Reschedule {
    fn validate(&self, faults: &mut Faults) {
        check_start(self.start, faults);
        check_crew(faults, "technician_ids", &self.technician_ids);
    }
}

/// Moves a booking to another time. Its old place is free for it, so it may move by less than its
/// own length.
///
/// # Errors
/// [`AppError::SlotTaken`] with the nearest alternatives; [`AppError::Conflict`] for a booking that
/// is over or under way; [`AppError::NotFound`]; [`AppError::Stale`]; [`AppError::Forbidden`].
#[tracing::instrument(skip_all, fields(booking.id = %id))]
pub async fn reschedule(
    app: &App,
    actor: &Actor,
    id: BookingId,
    change: &Reschedule,
) -> Result<BookingDetails, AppError> {
    permit(actor, Operation::BookingsReschedule)?;
    let mut faults = Faults::default();
    change.validate(&mut faults);
    let fits = app.now() < change.start || !is_plain(change.start);
    faults.check(fits, "start", change.start, OVER);
    if change.technician_ids.is_empty() {
        faults.clone().into_result()?;
    }
    let mut attempts = Attempts::default();
    loop {
        let mut tx = app.db.read().await?;
        let before = details(&mut tx, actor, id).await?;
        movable(&before, change)?;
        let setup = live::setup(app, &mut tx, actor.organization_id).await?;
        drop(tx);
        let present: Vec<_> = before.assignments.iter().map(|one| one.technician_id).collect();
        let mut asked = Asked::of_visit(&setup, &before.visit)?;
        if !change.technician_ids.is_empty() {
            asked = faults.clone().and("", asked.by(&change.technician_ids))?;
        }
        let without = Some((before.visit.id, present.clone()));
        let (start, preferred) = (change.start, present);
        let wanted = Wanted { asked, start, preferred, of_free_span: false, without };
        let Some((tx, placed)) = attempts.placed(app, actor, &wanted).await? else {
            return Err(taken(app, actor, &wanted).await);
        };
        match write(app, actor, tx, &before, (&wanted, &placed)).await {
            Err(error @ AppError::Stale { .. }) if change.revision.is_some() => return Err(error),
            // The booking itself may have changed, so it is read again.
            Err(error) if is_race(&error) => {}
            done => return done,
        }
    }
}

fn movable(before: &BookingDetails, change: &Reschedule) -> Result<(), AppError> {
    check(&before.booking, change.revision, "move")?;
    if before.visit.status.under_way() {
        let code = &before.booking.code;
        return Err(AppError::Conflict(format!("the visit of booking {code} is under way")));
    }
    Ok(())
}

async fn write(
    app: &App,
    actor: &Actor,
    mut tx: Tx,
    before: &BookingDetails,
    (wanted, placed): (&Wanted, &Placed),
) -> Result<BookingDetails, AppError> {
    let (organization_id, now) = (actor.organization_id, app.now());
    let visit_id = before.visit.id;
    // The old place goes first, so that the new one may lie across it.
    assignments::replace(&mut tx, organization_id, &[visit_id], &[]).await?;
    equipment_uses::replace(&mut tx, organization_id, &[visit_id], &[]).await?;
    let visit = Visit {
        // It may have been in nobody's day.
        status: VisitStatus::Planned,
        promised: Some(placed.window),
        planned_start: Some(placed.placement.planned_start),
        ..before.visit.clone()
    };
    let visit = visits::update(&mut tx, organization_id, &visit, now).await?;
    let visit = visit.ok_or_else(|| AppError::not_found("visit", visit_id))?;
    let assignments = assign(app, actor, &mut tx, (wanted, placed), visit_id).await?;
    let booking = Booking {
        status: BookingStatus::Rescheduled,
        window: placed.window,
        decision: placed.decision.clone(),
        ..before.booking.clone()
    };
    let id = booking.id;
    let address = visit.place.address.to_string();
    let booking = rows::update(&mut tx, organization_id, &booking, &address, now).await?;
    let booking = booking.ok_or_else(|| AppError::not_found("booking", id))?;
    tell(
        app,
        organization_id,
        &mut tx,
        news("booking.rescheduled", id, (wanted, placed), visit_id),
    );
    waitlist_entries::after_freed(app, organization_id, &mut tx, &before.visit).await?;
    let action = audit::Action { noun: "bookings", verb: "reschedule", id: id.into() };
    let both = (audit::json(&before.booking), audit::json(&booking));
    audit::note(app, &mut tx, actor, action, both).await?;
    tx.commit().await?;
    Ok(BookingDetails { booking, visit, assignments })
}

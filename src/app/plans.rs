//! Plans: everybody's day at a location, and what a change would do.

pub mod board;
pub mod check;
pub mod compare;
pub mod days;
pub mod fits;
pub mod score;

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::app::live::{self, View};
use crate::app::permissions::{Operation, permit};
use crate::calendar::dates::shifted;
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::hours::DateSpan;
use crate::domain::id::{LocationId, TechnicianId};
use crate::domain::visits::Visit;
use crate::store::{events, visits};

pub use board::{BoardDay, board};
pub use check::{Checked, Hypothesis, OtherMove, Violation, check};
pub use compare::{Compared, Comparison, PlanChange, PlanSums, PlanVariant, compare};
pub use days::{DayBreak, DayShift, DayStop, TechnicianDay};
pub use fits::{FitQuery, Fits, TechnicianFit, fits};
pub use score::score;

/// Everybody's day at a location.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DayPlan {
    /// Whose plan.
    pub location_id: LocationId,
    /// The date, in the location's zone.
    pub date: NaiveDate,
    /// IANA zone of the location.
    pub time_zone: String,
    /// The version; changes name it, and are refused if it is no longer the newest.
    pub plan_version: i64,
    /// The number of the last event that is in this answer. Who follows `/events` from there, as
    /// `last_event_id`, hears of every later change and need not read the plan again first.
    pub last_event_id: i64,
    /// The days of the active technicians, and of everybody else who has visits of the location:
    /// who is no longer active, or works at another location. By name.
    pub technicians: Vec<TechnicianDay>,
    /// Visits of the location that are in nobody's day, whenever they are due.
    pub unassigned: Vec<Visit>,
}

/// Everybody's day at a location.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`] for a date that plans do not reach;
/// [`AppError::Forbidden`].
#[tracing::instrument(skip_all)]
pub async fn get(
    app: &App,
    actor: &Actor,
    location_id: LocationId,
    date: NaiveDate,
) -> Result<DayPlan, AppError> {
    permit(actor, Operation::PlansRead)?;
    live::reach::check(app.now(), "date", date)?;
    let mut tx = app.db.read().await?;
    // One moment is read: what is told later is not in it, and what is told before is.
    let last_event_id = events::last(&mut tx, actor.organization_id).await?;
    let dates = DateSpan { from: date, until: date };
    let key = (actor.organization_id, location_id);
    let view = live::view(app, &mut tx, key, dates).await?;
    let mut view = View::clone(&view);
    let mut technician_ids = view.roster.technicians.clone();
    let others = others(&view, date);
    // Who left still has the day as it was; the day of who works elsewhere is planned there.
    let left: Vec<_> = others.iter().copied().filter(|id| is_of(&view, *id)).collect();
    if !left.is_empty() {
        let near = DateSpan { from: shifted(date, -1), until: shifted(date, 1) };
        view.rebuild(app, near, &left).await?;
    }
    technician_ids.extend(others);
    let mut technicians =
        days::read(&mut tx, actor.organization_id, &view, &technician_ids, (date, app.now()))
            .await?;
    technicians.sort_by(|a, b| a.name.cmp(&b.name).then(a.technician_id.cmp(&b.technician_id)));
    Ok(DayPlan {
        location_id,
        date,
        time_zone: view.roster.zone.name().to_owned(),
        plan_version: view.version(date),
        last_event_id,
        technicians,
        unassigned: visits::unassigned(&mut tx, actor.organization_id, location_id).await?,
    })
}

/// Everybody with visits of the location on a date who is not on its roster.
fn others(view: &View, date: NaiveDate) -> BTreeSet<TechnicianId> {
    let location_id = view.roster.location_id;
    let planned = view.rows.on(date).filter(|one| one.visit.location_id == location_id);
    let crews = planned.flat_map(live::Planned::technician_ids);
    crews.filter(|id| view.roster.technician(*id).is_none()).collect()
}

/// Whether a technician belongs to the location.
fn is_of(view: &View, id: TechnicianId) -> bool {
    let technician = view.setup.catalogue.technicians.get(&id);
    technician.is_some_and(|technician| technician.location_id == view.roster.location_id)
}

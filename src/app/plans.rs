//! Plans: everybody's day at a location, and what a change would do.

pub mod check;
pub mod days;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::app::live::{self, View};
use crate::app::permissions::{Operation, permit};
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::hours::DateSpan;
use crate::domain::id::LocationId;
use crate::domain::visits::Visit;
use crate::store::visits;

pub use check::{Checked, Hypothesis, OtherMove, Violation, check};
pub use days::{DayBreak, DayShift, DayStop, TechnicianDay};

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
    /// The days of the active technicians, by name.
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
    let dates = DateSpan { from: date, until: date };
    let key = (actor.organization_id, location_id);
    let view = live::view(app, &mut tx, key, dates).await?;
    let view = View::clone(&view);
    let technician_ids = view.roster.technicians.clone();
    let mut technicians =
        days::read(&mut tx, actor.organization_id, &view, &technician_ids, (date, app.now()))
            .await?;
    technicians.sort_by(|a, b| a.name.cmp(&b.name).then(a.technician_id.cmp(&b.technician_id)));
    Ok(DayPlan {
        location_id,
        date,
        time_zone: view.roster.zone.name().to_owned(),
        plan_version: view.version(date),
        technicians,
        unassigned: visits::unassigned(&mut tx, actor.organization_id, location_id).await?,
    })
}

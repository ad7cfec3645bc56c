//! A technician's own day.

use chrono::NaiveDate;

use crate::app::App;
use crate::app::live::{self, View};
use crate::app::permissions::{Operation, permit};
use crate::app::plans::days::{self, TechnicianDay};
use crate::calendar::dates::shifted;
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::hours::DateSpan;
use crate::domain::id::TechnicianId;

/// A technician's day: stops with planned and actual times, drives, breaks and absences, addresses
/// and contacts.
///
/// # Errors
/// [`AppError::NotFound`], also for a technician who asks for somebody else's;
/// [`AppError::Invalid`] for a date that plans do not reach; [`AppError::Forbidden`].
#[tracing::instrument(skip_all)]
pub async fn day(
    app: &App,
    actor: &Actor,
    id: TechnicianId,
    date: NaiveDate,
) -> Result<TechnicianDay, AppError> {
    Ok(read(app, actor, id, date).await?.0)
}

/// The same with the lines of the drives on the map.
///
/// # Errors
/// As [`day`], and what travel answers.
#[tracing::instrument(skip_all)]
pub async fn drawn_day(
    app: &App,
    actor: &Actor,
    id: TechnicianId,
    date: NaiveDate,
) -> Result<TechnicianDay, AppError> {
    let (mut day, view) = read(app, actor, id, date).await?;
    days::draw(&view, &mut day).await?;
    Ok(day)
}

async fn read(
    app: &App,
    actor: &Actor,
    id: TechnicianId,
    date: NaiveDate,
) -> Result<(TechnicianDay, View), AppError> {
    let sight = permit(actor, Operation::TechniciansDay)?;
    let missing = || AppError::not_found("technician", id);
    if !sight.covers(id) {
        return Err(missing());
    }
    live::reach::check(app.now(), "date", date)?;
    let mut tx = app.db.read().await?;
    let setup = live::setup(app, &mut tx, actor.organization_id).await?;
    let technician = setup.catalogue.technicians.get(&id).ok_or_else(missing)?;
    let dates = DateSpan { from: date, until: date };
    let key = (actor.organization_id, technician.location_id);
    let mut view = View::clone(&*live::view(app, &mut tx, key, dates).await?);
    if view.day(id, date).is_none() {
        // Those who are no longer active still have the days they had.
        let near = DateSpan { from: shifted(date, -1), until: shifted(date, 1) };
        view.rebuild(app, near, &[id]).await?;
    }
    let days = days::read(&mut tx, actor.organization_id, &view, &[id], (date, app.now())).await?;
    let day = days.into_iter().next().ok_or_else(missing)?;
    Ok((day, view))
}

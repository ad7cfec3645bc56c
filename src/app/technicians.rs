//! A technician's own day, and technicians as customers may choose them.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::app::live::{self, View};
use crate::app::permissions::{Operation, permit};
use crate::app::plans::days::{self, TechnicianDay};
use crate::calendar::dates::{date_of, shifted};
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::hours::DateSpan;
use crate::domain::id::{LocationId, ServiceId, TechnicianId};
use crate::domain::services::Service;
use crate::domain::skills::SkillNeed;
use crate::domain::technicians::Technician;

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

/// A technician as anyone may see one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Choosable {
    /// Its id, for wishes and for holds and bookings with this technician.
    pub id: TechnicianId,
    /// What to call the technician.
    pub name: String,
}

/// The technicians that a customer may choose for a service, by name: active, of a location and a team
/// that do it, and with the skills it needs. None if the service does not let the customer choose.
///
/// # Errors
/// [`AppError::NotFound`] for a service that anyone may not book; [`AppError::Forbidden`].
#[tracing::instrument(skip_all)]
pub async fn choosable(
    app: &App,
    actor: &Actor,
    id: ServiceId,
) -> Result<Vec<Choosable>, AppError> {
    let sight = permit(actor, Operation::ServicesRead)?;
    let mut tx = app.db.read().await?;
    let setup = live::setup(app, &mut tx, actor.organization_id).await?;
    drop(tx);
    let catalogue = &setup.catalogue;
    let service = catalogue
        .services
        .get(&id)
        .filter(|service| !sight.is_published() || (service.public && service.active));
    let service = service.ok_or_else(|| AppError::not_found("service", id))?;
    if sight.is_published() && !service.customer_may_choose {
        return Ok(Vec::new());
    }
    let teams: Vec<_> =
        Some(service.team_ids.clone()).filter(|ids| !ids.is_empty()).into_iter().collect();
    let offers =
        |id: &LocationId| service.location_ids.is_empty() || service.location_ids.contains(id);
    let mut found = Vec::new();
    for (location_id, location) in catalogue.locations.iter().filter(|(id, _)| offers(id)) {
        let today = date_of(app.now(), location.time_zone);
        for id in catalogue.eligible(*location_id, &teams) {
            let Some(technician) = catalogue.technicians.get(&id) else { continue };
            if has_skills(technician, service, today) {
                found.push(Choosable { id, name: technician.name.clone() });
            }
        }
    }
    found.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    Ok(found)
}

/// Whether a technician has the skills of a service, and those of one of its roles, today or later.
fn has_skills(technician: &Technician, service: &Service, today: NaiveDate) -> bool {
    let holds = |needs: &[SkillNeed]| {
        needs.iter().all(|need| {
            technician.skills.iter().any(|held| {
                held.skill_id == need.skill_id
                    && held.level >= need.level_min
                    && held.valid_until.is_none_or(|last| today <= last)
            })
        })
    };
    let roles = &service.crew.roles;
    let plain = roles.len() < service.crew.size as usize;
    holds(&service.skills) && (plain || roles.iter().any(|role| holds(&role.skills)))
}

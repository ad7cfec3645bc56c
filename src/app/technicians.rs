//! A technician's own days, what changed since the technician looked, and technicians as customers may
//! choose them.

mod seen;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::app::live::{self, View};
use crate::app::permissions::{Operation, permit};
use crate::app::plans::days::{self, DaySeen, TechnicianDay};
use crate::calendar::dates::{date_of, shifted};
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::hours::DateSpan;
use crate::domain::id::{LocationId, ServiceId, TechnicianId};
use crate::domain::services::Service;
use crate::domain::skills::SkillNeed;
use crate::domain::technicians::Technician;
use crate::store::day_views;

/// Days that are read at once.
const DAYS_MAX: i32 = 14;

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
    let dates = DateSpan { from: date, until: date };
    let (mut days, _) = read(app, actor, id, dates).await?;
    days.pop().ok_or_else(|| AppError::not_found("technician", id))
}

/// Several days in a row, for a phone that will be offline.
///
/// * `count`: 1 to 14.
///
/// # Errors
/// As [`day`].
#[tracing::instrument(skip_all)]
pub async fn days(
    app: &App,
    actor: &Actor,
    id: TechnicianId,
    (from, count): (NaiveDate, i32),
) -> Result<Vec<TechnicianDay>, AppError> {
    if !(1..=DAYS_MAX).contains(&count) {
        let message = format!("must be 1 to {DAYS_MAX} days");
        return Err(AppError::invalid("count", count, message));
    }
    let dates = DateSpan { from, until: shifted(from, i64::from(count) - 1) };
    Ok(read(app, actor, id, dates).await?.0)
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
    let dates = DateSpan { from: date, until: date };
    let (mut days, view) = read(app, actor, id, dates).await?;
    let mut day = days.pop().ok_or_else(|| AppError::not_found("technician", id))?;
    days::draw(&view, &mut day).await?;
    Ok(day)
}

/// Notes that the technician has seen a day as the plan has it now; changes after it are news.
///
/// * `plan_version`: of the day that was seen.
///
/// # Errors
/// [`AppError::Stale`] if the plan is newer; else as [`day`].
#[tracing::instrument(skip_all)]
pub async fn acknowledge(
    app: &App,
    actor: &Actor,
    id: TechnicianId,
    (date, plan_version): (NaiveDate, i64),
) -> Result<TechnicianDay, AppError> {
    let sight = permit(actor, Operation::TechniciansAcknowledge)?;
    if !sight.covers(id) {
        return Err(AppError::not_found("technician", id));
    }
    let mut day = day(app, actor, id, date).await?;
    if day.plan_version != plan_version {
        let (noun, expected, actual) = ("plan", plan_version, day.plan_version);
        let (id, visits) = (date.to_string(), Vec::new());
        return Err(AppError::Stale { noun, id, expected, actual, visits });
    }
    let now = app.now();
    let mut tx = app.db.write().await?;
    let stops = seen::stops(&day);
    day_views::put(&mut tx, actor.organization_id, (id, date), &stops, now).await?;
    tx.commit().await?;
    day.seen = Some(DaySeen { at: now, changes: Vec::new() });
    Ok(day)
}

async fn read(
    app: &App,
    actor: &Actor,
    id: TechnicianId,
    dates: DateSpan,
) -> Result<(Vec<TechnicianDay>, View), AppError> {
    let sight = permit(actor, Operation::TechniciansDay)?;
    let missing = || AppError::not_found("technician", id);
    if !sight.covers(id) {
        return Err(missing());
    }
    live::reach::check(app.now(), "date", dates.from)?;
    live::reach::check(app.now(), "date", dates.until)?;
    let mut tx = app.db.read().await?;
    let setup = live::setup(app, &mut tx, actor.organization_id).await?;
    let technician = setup.catalogue.technicians.get(&id).ok_or_else(missing)?;
    let key = (actor.organization_id, technician.location_id);
    let mut view = View::clone(&*live::view(app, &mut tx, key, dates).await?);
    if view.day(id, dates.from).is_none() {
        // Those who are no longer active still have the days they had.
        let near = DateSpan { from: shifted(dates.from, -1), until: shifted(dates.until, 1) };
        view.rebuild(app, near, &[id]).await?;
    }
    let organization_id = actor.organization_id;
    let mut read = Vec::new();
    for date in dates.from.iter_days().take_while(|date| *date <= dates.until) {
        let days = days::read(&mut tx, organization_id, &view, &[id], (date, app.now())).await?;
        let mut day = days.into_iter().next().ok_or_else(missing)?;
        let before = day_views::get(&mut tx, organization_id, (id, date)).await?;
        day.seen = before.map(|(at, stops)| DaySeen { at, changes: seen::changes(&stops, &day) });
        read.push(day);
    }
    Ok((read, view))
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

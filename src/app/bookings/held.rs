//! A hold becomes a booking.

use crate::app::bookings::BookingDetails;
use crate::app::bookings::create::{Agreed, Answered, agree, people};
use crate::app::bookings::visit::JobWords;
use crate::app::calendars::fresh::{self, Looked};
use crate::app::holds::{release, unexpired};
use crate::app::placing::written::{News, assign};
use crate::app::placing::{Attempts, Placed, Wanted, is_race, taken};
use crate::app::slots::asked::Asked;
use crate::app::{App, live};
use crate::domain::absences::AbsenceOf;
use crate::domain::actors::Actor;
use crate::domain::bookings::Hold;
use crate::domain::error::AppError;
use crate::domain::id::{HoldId, OrganizationId, VisitId};
use crate::domain::jobs::Job;
use crate::domain::visits::{Visit, VisitStatus};
use crate::store::holds::Lapsed;
use crate::store::{Tx, absences, assignments, equipment_uses, holds, plans, records, visits};

/// Where a held visit goes instead of where it was held.
type Elsewhere<'a> = Option<(&'a Wanted, &'a Placed)>;

/// Turns a hold into a booking: what was held is what is booked, so nothing is searched again.
///
/// Only if somebody of the crew has become busy meanwhile, in the plan or in a calendar that is read
/// once more here, the same people are searched: the visit may move inside its window; otherwise the
/// hold is given up.
pub(super) async fn book(
    app: &App,
    actor: &Actor,
    request: Answered<'_>,
    hold_id: HoldId,
) -> Result<BookingDetails, AppError> {
    let organization_id = actor.organization_id;
    let mut tx = app.db.read().await?;
    let hold = match unexpired(app, &mut tx, actor, hold_id).await {
        Err(AppError::HoldExpired { .. }) => {
            return Err(lapsed(app, actor, &mut tx, hold_id).await?);
        }
        found => found?,
    };
    let visit = held(&mut tx, organization_id, &hold).await?;
    drop(tx);
    let start = visit.planned_start.unwrap_or(hold.window.from);
    let looked = fresh::look(app, organization_id, &hold.technician_ids, start).await?;
    if looked == Looked::default() {
        let tx = app.db.write().await?;
        match take_over(app, actor, tx, request, (&hold, None)).await {
            Err(AppError::SlotTaken { .. }) => {}
            done => return done,
        }
    }
    let wanted = again(app, actor, &hold, &visit).await?;
    let mut attempts = Attempts::default();
    while let Some((tx, placed)) = attempts.placed(app, actor, &wanted).await? {
        match take_over(app, actor, tx, request, (&hold, Some((&wanted, &placed)))).await {
            Err(error) if is_race(&error) => {}
            done => return done,
        }
    }
    // Nobody can have it any more, and what it keeps free is free for others.
    match release(app, actor, hold.id).await {
        Ok(()) | Err(AppError::NotFound { .. } | AppError::HoldExpired { .. }) => {}
        Err(error) => return Err(error),
    }
    Err(taken(app, actor, &Wanted { without: None, ..wanted }).await)
}

/// The refusal of a hold that has lapsed; while what was held is still known, with the nearest starts
/// that can be had now.
async fn lapsed(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    hold_id: HoldId,
) -> Result<AppError, AppError> {
    let organization_id = actor.organization_id;
    let (hold, visit, standing) = match holds::get(tx, organization_id, hold_id).await? {
        Some(hold) => {
            let visit = held(tx, organization_id, &hold).await?;
            (hold, visit, true)
        }
        None => match holds::lapsed(tx, organization_id, hold_id).await? {
            Some(Lapsed { hold, visit }) => (hold, visit, false),
            None => return Ok(AppError::expired(hold_id)),
        },
    };
    let setup = live::setup(app, tx, organization_id).await?;
    let Ok(asked) = Asked::of_visit(&setup, &visit) else { return Ok(AppError::expired(hold_id)) };
    // What was dropped is in nobody's way.
    let without = standing.then_some((visit.id, hold.technician_ids));
    let start = hold.window.from;
    let wanted = Wanted { asked, start, preferred: Vec::new(), of_free_span: false, without };
    let hold = hold_id.into();
    Ok(match taken(app, actor, &wanted).await {
        AppError::SlotTaken { alternatives, .. } => AppError::HoldExpired { hold, alternatives },
        _ => AppError::expired(hold_id),
    })
}

async fn held(
    tx: &mut Tx,
    organization_id: OrganizationId,
    hold: &Hold,
) -> Result<Visit, AppError> {
    let visit = visits::get(tx, organization_id, hold.visit_id).await?;
    visit.ok_or_else(|| AppError::expired(hold.id))
}

/// What is held, to be placed once more: the same people, in the same window.
async fn again(app: &App, actor: &Actor, hold: &Hold, visit: &Visit) -> Result<Wanted, AppError> {
    let mut tx = app.db.read().await?;
    let setup = live::setup(app, &mut tx, actor.organization_id).await?;
    drop(tx);
    let mut asked = Asked::of_visit(&setup, visit)?.by(&hold.technician_ids)?;
    // Notice, horizon and the like were kept when it was held.
    asked.relaxed = true;
    let (start, preferred) = (hold.window.from, hold.technician_ids.clone());
    let without = Some((visit.id, hold.technician_ids.clone()));
    Ok(Wanted { asked, start, preferred, of_free_span: false, without })
}

async fn take_over(
    app: &App,
    actor: &Actor,
    mut tx: Tx,
    request: Answered<'_>,
    (hold, elsewhere): (&Hold, Elsewhere<'_>),
) -> Result<BookingDetails, AppError> {
    let (organization_id, now) = (actor.organization_id, app.now());
    plans::lock_technicians(&mut tx, &hold.technician_ids).await?;
    // Somebody may have let it go, booked it, or waited for it to lapse meanwhile.
    let hold = unexpired(app, &mut tx, actor, hold.id).await?;
    let visit = held(&mut tx, organization_id, &hold).await?;
    if elsewhere.is_none() && is_away(&mut tx, organization_id, &visit).await? {
        let reason = "somebody who was held for it has become busy".to_owned();
        return Err(AppError::SlotTaken { reason, alternatives: Vec::new() });
    }
    holds::take(&mut tx, organization_id, hold.id).await?;
    let words = people(app, actor, &mut tx, request.0, &visit.place).await?;
    let job = name_job(app, actor, &mut tx, &visit, words).await?;
    let planned = Visit {
        status: VisitStatus::Planned,
        priority: request.0.priority.unwrap_or(visit.priority),
        planned_start: match elsewhere {
            Some((_, placed)) => Some(placed.placement.planned_start),
            None => visit.planned_start,
        },
        ..visit
    };
    let visit = visits::update(&mut tx, organization_id, &planned, now).await?;
    let visit = visit.ok_or_else(|| AppError::expired(hold.id))?;
    if let Some(placed) = elsewhere {
        move_there(app, actor, &mut tx, placed, visit.id).await?;
    }
    let decision = hold.decision.clone();
    let news = News {
        kind: "booking.created",
        subject_id: String::new(),
        location_id: visit.location_id,
        visit_id: visit.id,
        technician_ids: hold.technician_ids.clone(),
        start: visit.planned_start,
        moved: elsewhere.map(|(_, placed)| placed.moved()).unwrap_or_default(),
    };
    let assigned = assignments::of_visits(&mut tx, organization_id, &[visit.id]).await?;
    let assignments = assigned.into_iter().map(|one| one.assignment).collect();
    agree(app, actor, tx, request, Agreed { visit, job, assignments, decision, news }).await
}

/// Whether somebody of the crew is absent during the visit.
async fn is_away(
    tx: &mut Tx,
    organization_id: OrganizationId,
    visit: &Visit,
) -> Result<bool, AppError> {
    let crew = assignments::of_visits(tx, organization_id, &[visit.id]).await?;
    let Some(first) = crew.first().map(|one| one.assignment) else { return Ok(false) };
    let (id, from, until) = (visit.location_id, first.start, first.end);
    let away = absences::overlapping(tx, organization_id, id, from, until).await?;
    Ok(away.iter().any(|absence| match absence.value.of {
        AbsenceOf::Technician { technician_id } => {
            crew.iter().any(|one| one.assignment.technician_id == technician_id)
        }
        AbsenceOf::Equipment { .. } => false,
    }))
}

/// Gives a held visit its new place.
async fn move_there(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    placed: (&Wanted, &Placed),
    visit_id: VisitId,
) -> Result<(), AppError> {
    let organization_id = actor.organization_id;
    assignments::replace(tx, organization_id, &[visit_id], &[]).await?;
    equipment_uses::replace(tx, organization_id, &[visit_id], &[]).await?;
    assign(app, actor, tx, placed, visit_id).await?;
    Ok(())
}

/// The job of a hold gets its customer, site and words.
async fn name_job(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    visit: &Visit,
    words: JobWords,
) -> Result<Job, AppError> {
    let (organization_id, job_id) = (actor.organization_id, visit.job_id);
    let job = records::get::<Job>(tx, organization_id, job_id).await?;
    let job = job.ok_or_else(|| AppError::not_found("job", job_id))?;
    let title = if words.title.is_empty() { job.value.title.clone() } else { words.title };
    let (customer_id, site_id) = (words.customer_id, words.site_id);
    let description = words.description;
    let value = Job { customer_id, site_id, title, description, ..job.value };
    records::update(tx, organization_id, (job_id, job.revision), &value, app.now()).await?;
    Ok(value)
}

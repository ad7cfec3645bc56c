//! How a visit goes: what the technician reports, and what it means for the visits after it.

mod later;
mod steps;

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::live::{self, Planned, View};
use crate::app::permissions::{Operation, Sight, permit};
use crate::app::placing::{Attempts, lacks_drives};
use crate::app::visits::{VisitDetails, details};
use crate::app::{App, audit, idempotency, replanning};
use crate::calendar::dates::{date_of, shifted};
use crate::domain::actors::Actor;
use crate::domain::bookings::Booking;
use crate::domain::error::AppError;
use crate::domain::faults::{Faults, Validate};
use crate::domain::hours::DateSpan;
use crate::domain::id::{TechnicianId, VisitId};
use crate::domain::visits::{ArrivalWindow, Assignment, Visit};
use crate::store::assignments::{self, Assigned};
use crate::store::{Tx, bookings, plans, visits as rows};

use later::{Day, days_of, effects, longest_drive, tell};
use steps::{advanced, booking_status, plausible, undone};

pub(crate) use steps::expected_end;

/// What the technician reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// Set out for the site.
    EnRoute,
    /// Reached the site.
    Arrived,
    /// Began to work.
    Started,
    /// Left the site.
    Finished,
    /// The visit needs longer.
    NeedsMore {
        /// Minutes beyond what it was to take, 0 to 1440; a later report replaces it, and 0 takes
        /// it back.
        minutes: u32,
    },
    /// The last report was a mistake and is taken back, for dispatchers; the plan stays where it
    /// is. A booking that was completed by it, or where nobody was there, is scheduled again.
    Undo,
}

/// A report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Report {
    /// What happened.
    #[serde(flatten)]
    pub step: Step,
    /// When; now if none. Not before the step before, from a day before the visit is planned to a
    /// day after it ends; technicians report within a day.
    #[serde(default)]
    pub at: Option<DateTime<Utc>>,
}

impl Validate for Report {
    fn validate(&self, faults: &mut Faults) {
        if let Step::NeedsMore { minutes } = self.step {
            let fits = minutes <= 1440;
            faults.check(fits, "minutes", minutes, "must be 0 to 1440 minutes");
        }
    }
}

/// What a report leads to.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Outcome {
    /// The visit.
    #[serde(flatten)]
    pub visit: VisitDetails,
    /// When it is expected to end.
    pub expected_end: DateTime<Utc>,
    /// Later visits of its crew that start at another time than planned, or late.
    pub effects: Vec<Effect>,
    /// The most seconds of overtime that any of the crew will have.
    pub overtime_s: i64,
    /// Whether the plan was moved to what is expected now; not where visits of other people stand
    /// in the way.
    pub moved: bool,
}

/// A later visit that starts at another time than planned, or late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Effect {
    /// Which.
    pub visit_id: VisitId,
    /// Whose day.
    pub technician_id: TechnicianId,
    /// When it was planned to start.
    pub planned_start: DateTime<Utc>,
    /// When it will start.
    pub expected_start: DateTime<Utc>,
    /// What was promised.
    pub promised: Option<ArrivalWindow>,
    /// Seconds after the end of what was promised; 0 if the promise is kept.
    pub late_s: i64,
}

/// Notes how a visit goes, moves the plan of its crew to what is to be expected now, and says what
/// becomes late. A finished visit completes its booking.
///
/// # Errors
/// [`AppError::Conflict`] for a step backwards or a visit that is in nobody's day;
/// [`AppError::Invalid`] for a time that cannot be; [`AppError::NotFound`], also for a technician
/// who is not in the crew; [`AppError::Forbidden`].
#[tracing::instrument(skip_all, fields(visit.id = %id))]
pub async fn progress(
    app: &App,
    actor: &Actor,
    id: VisitId,
    report: &Report,
) -> Result<Outcome, AppError> {
    // After a clash, the plan of the others stays as it is.
    let (mut moves, mut attempts) = (true, Attempts::default());
    loop {
        match attempt(app, actor, id, report, moves).await {
            Err(AppError::SlotTaken { .. }) if moves => moves = false,
            Err(error) if lacks_drives(&error) && attempts.next() => {}
            done => return done,
        }
    }
}

async fn attempt(
    app: &App,
    actor: &Actor,
    id: VisitId,
    report: &Report,
    moves: bool,
) -> Result<Outcome, AppError> {
    let sight = permit(actor, Operation::VisitsProgress)?;
    let at = checked_time(app, report)?;
    let mut tx = app.db.read().await?;
    let seen = details(&mut tx, actor, sight, id).await?;
    let view = day_view(app, actor, &mut tx, &seen).await?;
    // Drives are fetched here: inside the transaction that writes, no travel server is asked.
    days_of(app, &view, &seen).await?;
    drop(tx);
    let mut locked: Vec<_> = seen.assignments.iter().map(|one| one.technician_id).collect();
    locked.extend(crews_after(&view, &seen));
    let mut tx = app.db.write().await?;
    plans::lock_technicians(&mut tx, &locked).await?;
    let before = details(&mut tx, actor, sight, id).await?;
    let Some(planned) = before.assignments.first().copied() else {
        return Err(AppError::Conflict("the visit is in nobody's day".to_owned()));
    };
    let mut changed = match report.step {
        Step::Undo => undone(sight, &before.visit)?,
        step => {
            plausible(sight, &before, at, app.now())?;
            advanced(&before.visit, step, at)?
        }
    };
    let at = if report.step == Step::Undo { planned.start } else { at };
    let crew: Vec<_> = before.assignments.iter().map(|one| one.technician_id).collect();
    let view = view.inside(app, &mut tx, around(&view, planned.start), &crew).await?;
    let days: Vec<Day> = days_of(app, &view, &before).await?;
    if report.step == Step::EnRoute {
        let arrival = at + TimeDelta::seconds(longest_drive(&days, id));
        changed.planned_start = Some(planned.start.max(arrival));
    }
    let end = expected_end(&changed, changed.planned_start.unwrap_or(planned.start), at);
    let (effects, overtime_s) = effects(&view, &days, id, end);
    // Those after it make room first.
    let moved = moves && shift_later(app, actor, &mut tx, &view, &effects).await?;
    let clip = (!moves).then_some(&view);
    write_visit(app, actor, &mut tx, (&before, &changed, end), clip).await?;
    let outcome = (effects, overtime_s, moved);
    finish(app, actor, tx, (&before, changed, end), outcome).await
}

fn checked_time(app: &App, report: &Report) -> Result<DateTime<Utc>, AppError> {
    let now = app.now();
    let at = report.at.unwrap_or(now);
    let mut faults = Faults::default();
    report.validate(&mut faults);
    let past = at <= now + TimeDelta::minutes(5);
    faults.check(past, "at", at, "must not lie in the future");
    faults.into_result()?;
    Ok(at)
}

async fn day_view(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    seen: &VisitDetails,
) -> Result<View, AppError> {
    let start = seen.assignments.first().map_or(app.now(), |one| one.start);
    let setup = live::setup(app, tx, actor.organization_id).await?;
    let location_id = seen.visit.location_id;
    let location = setup.catalogue.locations.get(&location_id);
    let location = location.ok_or_else(|| AppError::not_found("location", location_id))?;
    let date = date_of(start, location.time_zone);
    let key = (actor.organization_id, location_id);
    let view = live::view(app, tx, key, DateSpan { from: date, until: date }).await?;
    Ok(View::clone(&view))
}

fn around(view: &View, start: DateTime<Utc>) -> DateSpan {
    let date = date_of(start, view.roster.zone);
    DateSpan { from: shifted(date, -1), until: shifted(date, 1) }
}

/// Everybody who does a later visit of the same day together with somebody of this crew.
fn crews_after(view: &View, seen: &VisitDetails) -> Vec<TechnicianId> {
    let Some(first) = seen.assignments.first() else { return Vec::new() };
    let ids: Vec<_> = seen.assignments.iter().map(|one| one.technician_id).collect();
    let date = date_of(first.start, view.roster.zone);
    let planned = view.rows.on(date);
    let shared =
        planned.filter(|planned| planned.technician_ids().iter().any(|id| ids.contains(id)));
    shared.flat_map(Planned::technician_ids).collect()
}

/// The visit with its new status, and its assignments where it really is.
///
/// * `clip`: keeps it clear of the visits beside it, which stay where they are.
async fn write_visit(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    (before, changed, end): (&VisitDetails, &Visit, DateTime<Utc>),
    clip: Option<&View>,
) -> Result<(), AppError> {
    let organization_id = actor.organization_id;
    let assigned = assignments::of_visits(tx, organization_id, &[before.visit.id]).await?;
    let begun = changed.actual.arrived_at.or(changed.planned_start);
    let mut moved = Vec::with_capacity(assigned.len());
    for one in &assigned {
        let old = one.assignment;
        let free = clip.map(|view| neighbours(view, old.technician_id, &old));
        let (free_from, free_until) =
            free.unwrap_or((DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC));
        let start = begun.unwrap_or(old.start).max(free_from);
        let end = end.max(start + TimeDelta::minutes(1)).min(free_until);
        let (start, end) = if start < end { (start, end) } else { (old.start, old.end) };
        moved.push(Assigned { assignment: Assignment { start, end, ..old }, ..*one });
    }
    let planned_start = moved.iter().map(|one| one.assignment.start).min();
    let visit = Visit { planned_start, ..changed.clone() };
    let stored = rows::update(tx, organization_id, &visit, app.now()).await?;
    stored.ok_or_else(|| AppError::not_found("visit", visit.id))?;
    assignments::replace(tx, organization_id, &[visit.id], &moved).await?;
    Ok(())
}

/// The end of the visit before and the start of the visit after an assignment.
fn neighbours(
    view: &View,
    technician_id: TechnicianId,
    one: &Assignment,
) -> (DateTime<Utc>, DateTime<Utc>) {
    let planned = view.rows.all();
    let others = planned.filter(|planned| planned.visit.id != one.visit_id);
    let stays: Vec<_> = others.filter_map(|planned| planned.stay(technician_id)).collect();
    let before = stays.iter().filter(|stay| stay.end <= one.start).map(|stay| stay.end).max();
    let after = stays.iter().filter(|stay| stay.start >= one.end).map(|stay| stay.start).min();
    let (always, ever) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
    (before.unwrap_or(always), after.unwrap_or(ever))
}

/// Moves later visits to when they are expected; whether all could be.
async fn shift_later(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    view: &View,
    effects: &[Effect],
) -> Result<bool, AppError> {
    let organization_id = actor.organization_id;
    let mut latest: HashMap<VisitId, DateTime<Utc>> = HashMap::new();
    for effect in effects {
        let start = latest.entry(effect.visit_id).or_insert(effect.expected_start);
        *start = (*start).max(effect.expected_start);
    }
    let mut all = true;
    let mut assigned = Vec::new();
    let mut ids = Vec::new();
    for (visit_id, start) in latest {
        let Some(planned) = view.rows.planned(visit_id) else { continue };
        let shift = start - planned.crew[0].assignment.start;
        // Equipment and crews are promised to others too; their visits wait for a dispatcher.
        if planned.crew.len() > 1 || planned.pooled {
            all = false;
            continue;
        }
        let visit = Visit { planned_start: Some(start), ..(*planned.visit).clone() };
        rows::update(tx, organization_id, &visit, app.now()).await?;
        ids.push(visit_id);
        assigned.extend(planned.crew.iter().map(|one| {
            let (start, end) = (one.assignment.start + shift, one.assignment.end + shift);
            Assigned { assignment: Assignment { start, end, ..one.assignment }, ..*one }
        }));
    }
    if !ids.is_empty() {
        assignments::replace(tx, organization_id, &ids, &assigned).await?;
    }
    Ok(all)
}

async fn finish(
    app: &App,
    actor: &Actor,
    mut tx: Tx,
    (before, changed, expected_end): (&VisitDetails, Visit, DateTime<Utc>),
    (effects, overtime_s, moved): (Vec<Effect>, i64, bool),
) -> Result<Outcome, AppError> {
    let (organization_id, id) = (actor.organization_id, changed.id);
    if let Some(booking) = &before.booking
        && let Some(status) = booking_status(booking.status, (before.visit.status, changed.status))
    {
        let done = Booking { status, ..booking.clone() };
        let address = changed.place.address.to_string();
        bookings::update(&mut tx, organization_id, &done, &address, app.now()).await?;
    }
    tell(app, organization_id, &mut tx, (before, &changed), &effects);
    let late_s = effects.iter().map(|effect| effect.late_s).max().unwrap_or(0);
    replanning::after_overrun(app, actor, &mut tx, (&changed, late_s)).await?;
    let action = audit::Action { noun: "visits", verb: "progress", id: id.into() };
    let both = (audit::json(&before.visit.actual), audit::json(&changed.actual));
    audit::note(app, &mut tx, actor, action, both).await?;
    let visit = details(&mut tx, actor, Sight::Everything, id).await?;
    let outcome = Outcome { visit, expected_end, effects, overtime_s, moved };
    idempotency::keep(app, &mut tx, &outcome).await?;
    tx.commit().await?;
    Ok(outcome)
}

//! Holds: a slot kept for a short time, taking exactly what the booking would take.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::app::bookings::visit::{self, NewVisit};
use crate::app::permissions::{Operation, Sight, permit};
use crate::app::placing::written::{News, assign, news, tell};
use crate::app::placing::{Attempts, Placed, Wanted, is_race, taken};
pub use crate::app::slots::choice::SlotChoice;
use crate::app::{App, audit, idempotency, live};
use crate::domain::actors::{Actor, ActorKind};
use crate::domain::bookings::Hold;
use crate::domain::error::AppError;
use crate::domain::faults::{Faults, Validate as _};
use crate::domain::id::{HoldId, JobId, VisitId};
use crate::domain::visits::VisitStatus;
use crate::store::queue::{self, Finished, Lease, NewTask};
use crate::store::{StoreError, Tx, audit as audit_rows, bookings, holds as rows};

/// The kind of the task that drops one lapsed hold.
pub const EXPIRE_TASK: &str = "holds.expire";
/// Slots that one client may hold at a time where anyone may hold.
const CLIENT_MAX: i64 = 5;
/// A hold lasts at most so many times as long as a new one, however often it is renewed.
const LIFE: u32 = 3;

/// Holds a slot: a held visit with its crew and equipment, until it lapses.
///
/// # Errors
/// [`AppError::Invalid`] with all faults; [`AppError::SlotTaken`] with the nearest alternatives;
/// [`AppError::Forbidden`].
#[tracing::instrument(skip_all)]
pub async fn create(app: &App, actor: &Actor, choice: &SlotChoice) -> Result<Hold, AppError> {
    let sight = permit(actor, Operation::HoldsCreate)?;
    let mut faults = Faults::default();
    choice.validate(&mut faults);
    choice.check_future(app.now(), "start", &mut faults);
    let mut tx = app.db.read().await?;
    let setup = live::setup(app, &mut tx, actor.organization_id).await?;
    drop(tx);
    let wanted = faults.and("", choice.wanted(&setup, sight))?;
    let mut attempts = Attempts::default();
    while let Some((tx, placed)) = attempts.placed(app, actor, &wanted).await? {
        match write(app, actor, tx, (&wanted, &placed)).await {
            Err(error) if is_race(&error) => {}
            done => return done,
        }
    }
    Err(taken(app, actor, &wanted).await)
}

async fn write(
    app: &App,
    actor: &Actor,
    mut tx: Tx,
    (wanted, placed): (&Wanted, &Placed),
) -> Result<Hold, AppError> {
    let now = app.now();
    limit_client(app, actor, &mut tx).await?;
    let hold_min = wanted.asked.setup.catalogue.organization.hold_min;
    let (visit_id, job_id) = (VisitId(app.new_id()), JobId(app.new_id()));
    let new = NewVisit { visit_id, job_id, status: VisitStatus::Held, priority: None };
    visit::insert_job(app, actor, &mut tx, (wanted, job_id), &visit::JobWords::default()).await?;
    visit::insert(app, actor, &mut tx, (wanted, placed), new).await?;
    assign(app, actor, &mut tx, (wanted, placed), visit_id).await?;
    let hold = Hold {
        id: HoldId(app.new_id()),
        visit_id,
        location_id: wanted.asked.location_id,
        service_ids: wanted.asked.service_ids().to_vec(),
        technician_ids: placed.placement.technician_ids.clone(),
        window: placed.window,
        expires_at: now + TimeDelta::minutes(hold_min.into()),
        decision: placed.decision.clone(),
    };
    rows::insert(&mut tx, actor.organization_id, &hold, app.client.as_deref(), now).await?;
    let news = news("hold.created", hold.id, (wanted, placed), visit_id);
    tell(app, actor.organization_id, &mut tx, news);
    let action = audit::Action { noun: "holds", verb: "create", id: hold.id.into() };
    audit::note(app, &mut tx, actor, action, (Value::Null, audit::json(&hold))).await?;
    queue::enqueue(&mut tx, &expiry(actor, &hold), now).await?;
    let hold = shown(actor, hold, wanted.asked.work.customer_may_choose);
    idempotency::keep(app, &mut tx, &hold).await?;
    tx.commit().await?;
    tracing::info!(hold.id = %hold.id, visit.id = %visit_id, "Held a slot");
    Ok(hold)
}

/// Refuses one hold more to a client that has enough, so that nobody empties the calendar.
async fn limit_client(app: &App, actor: &Actor, tx: &mut Tx) -> Result<(), AppError> {
    let Some(client) = &app.client else { return Ok(()) };
    let open = rows::count_of_client(tx, actor.organization_id, client, app.now()).await?;
    if open < CLIENT_MAX {
        return Ok(());
    }
    let message = format!("you hold {open} slots already; book one or give one back first");
    Err(AppError::Conflict(message))
}

/// The hold as the actor may see it: anyone learns who comes only where the customer may choose.
fn shown(actor: &Actor, mut hold: Hold, may_choose: bool) -> Hold {
    if actor.kind == ActorKind::Public {
        hold.decision = Value::Null;
        if !may_choose {
            hold.technician_ids.clear();
        }
    }
    hold
}

/// The same for a hold whose services have to be looked up.
async fn shown_later(app: &App, actor: &Actor, tx: &mut Tx, hold: Hold) -> Result<Hold, AppError> {
    let setup = live::setup(app, tx, actor.organization_id).await?;
    let work = setup.catalogue.work(&hold.service_ids);
    Ok(shown(actor, hold, work.is_ok_and(|work| work.customer_may_choose)))
}

fn expiry(actor: &Actor, hold: &Hold) -> NewTask {
    NewTask {
        kind: EXPIRE_TASK.to_owned(),
        unique_key: hold.id.to_string(),
        organization_id: Some(actor.organization_id),
        run_at: hold.expires_at,
        payload: json!({ "hold_id": hold.id }),
    }
}

/// The hold with this id; its id is unguessable, so whoever knows it may see it.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::HoldExpired`]; [`AppError::HoldBooked`];
/// [`AppError::Forbidden`].
pub async fn get(app: &App, actor: &Actor, id: HoldId) -> Result<Hold, AppError> {
    permit(actor, Operation::HoldsRead)?;
    let mut tx = app.db.read().await?;
    let hold = unexpired(app, &mut tx, actor, id).await?;
    shown_later(app, actor, &mut tx, hold).await
}

/// The hold, if it has not lapsed.
pub(crate) async fn unexpired(
    app: &App,
    tx: &mut Tx,
    actor: &Actor,
    id: HoldId,
) -> Result<Hold, AppError> {
    match rows::get(tx, actor.organization_id, id).await? {
        Some(hold) if hold.expires_at > app.now() => Ok(hold),
        Some(_) => Err(AppError::expired(id)),
        None => Err(gone(tx, actor, id).await?),
    }
}

/// Why there is no such hold: it has lapsed, it was booked, or it was given back or never there.
async fn gone(tx: &mut Tx, actor: &Actor, id: HoldId) -> Result<AppError, AppError> {
    let organization_id = actor.organization_id;
    if rows::has_lapsed(tx, organization_id, id).await? {
        return Ok(AppError::expired(id));
    }
    // What the hold was is known from its audit entry, as long as that is kept.
    let made = audit_rows::first(tx, organization_id, ("holds", &id.to_string())).await?;
    let visit_id = made.and_then(|entry| entry.after["visit_id"].as_str()?.parse().ok());
    let booking = match visit_id {
        Some(visit_id) => bookings::of_visit(tx, organization_id, visit_id).await?,
        None => None,
    };
    let Some(booking) = booking else { return Ok(AppError::not_found("hold", id)) };
    // Who knows the id of a hold and nothing else is not told what became of it.
    let outsider = matches!(actor.kind, ActorKind::Public | ActorKind::Customer { .. });
    let reads = permit(actor, Operation::BookingsRead).is_ok_and(|s| s == Sight::Everything);
    let booking = (reads && !outsider).then_some((booking.id.into(), booking.code));
    Ok(AppError::HoldBooked { hold: id.into(), booking })
}

/// Lets a hold last as long again as a new one would, from now, but in all at most three times as
/// long.
///
/// # Errors
/// As [`get`]; [`AppError::Conflict`] if it cannot last any longer.
#[tracing::instrument(skip_all, fields(hold.id = %id))]
pub async fn renew(app: &App, actor: &Actor, id: HoldId) -> Result<Hold, AppError> {
    permit(actor, Operation::HoldsRenew)?;
    let (organization_id, now) = (actor.organization_id, app.now());
    let mut tx = app.db.write().await?;
    let setup = live::setup(app, &mut tx, organization_id).await?;
    let mut hold = unexpired(app, &mut tx, actor, id).await?;
    let hold_min = setup.catalogue.organization.hold_min;
    let created_at = rows::created_at(&mut tx, organization_id, id).await?.unwrap_or(now);
    let life_min = hold_min.saturating_mul(LIFE);
    let last = created_at + TimeDelta::minutes(life_min.into());
    if hold.expires_at >= last {
        let until = hold.expires_at;
        let message =
            format!("a hold lasts {life_min} min at most, this one until {until}; book it");
        return Err(AppError::Conflict(message));
    }
    hold.expires_at = (now + TimeDelta::minutes(hold_min.into())).min(last);
    rows::renew(&mut tx, organization_id, id, hold.expires_at).await?;
    let hold = shown_later(app, actor, &mut tx, hold).await?;
    tx.commit().await?;
    Ok(hold)
}

/// Gives a hold back; its slot is free at once.
///
/// # Errors
/// As [`get`]; one that has lapsed and is not dropped yet is dropped.
#[tracing::instrument(skip_all, fields(hold.id = %id))]
pub async fn release(app: &App, actor: &Actor, id: HoldId) -> Result<(), AppError> {
    permit(actor, Operation::HoldsRelease)?;
    let organization_id = actor.organization_id;
    let mut tx = app.db.write().await?;
    let hold = rows::release(&mut tx, organization_id, id).await?;
    let Some(hold) = hold else { return Err(gone(&mut tx, actor, id).await?) };
    tell(app, organization_id, &mut tx, ended("hold.released", &hold));
    let action = audit::Action { noun: "holds", verb: "release", id: id.into() };
    audit::note(app, &mut tx, actor, action, (audit::json(&hold), Value::Null)).await?;
    tx.commit().await?;
    Ok(())
}

fn ended(kind: &'static str, hold: &Hold) -> News {
    News {
        kind,
        subject_id: hold.id.to_string(),
        location_id: hold.location_id,
        visit_id: hold.visit_id,
        technician_ids: hold.technician_ids.clone(),
        start: None,
        moved: Vec::new(),
    }
}

/// Drops one hold if it has lapsed, for the worker; one that was renewed is looked at again later.
///
/// # Errors
/// If the store fails; then nothing has changed and the task stays.
pub async fn expire(app: &App, lease: Lease) -> Result<Finished, StoreError> {
    let (now, organization_id) = (app.now(), lease.task().organization_id);
    let hold_id = lease.task().unique_key.parse().ok();
    let mut tx = lease.db().write().await?;
    let (Some(organization_id), Some(hold_id)) = (organization_id, hold_id) else {
        return lease.finish(tx).await;
    };
    let Some(hold) = rows::get(&mut tx, organization_id, hold_id).await? else {
        return lease.finish(tx).await;
    };
    if hold.expires_at > now {
        return lease.postpone(tx, hold.expires_at).await;
    }
    rows::lapse(&mut tx, organization_id, hold_id, now).await?;
    tell(app, organization_id, &mut tx, ended("hold.expired", &hold));
    lease.finish(tx).await
}

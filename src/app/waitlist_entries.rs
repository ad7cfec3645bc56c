//! The waitlist: customers sign up; when time becomes free that suits, they are told in order.

pub mod offering;

use chrono::{NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::app::App;
use crate::app::areas::query;
use crate::app::bookings::answers::{by_key, questions_of};
use crate::app::permissions::{Operation, permit};
use crate::app::slots::asked::Asked;
use crate::app::{audit, catalogue, live, messages, slots};
use crate::calendar::dates::date_of;
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::faults::{Faults, Validate as _};
use crate::domain::id::{BookingId, CustomerId, LocationId, OrganizationId, WaitlistEntryId};
use crate::domain::locations::Location;
use crate::domain::questions;
use crate::domain::records::Record;
use crate::domain::slots::{SlotQuery, Wishes};
use crate::domain::visits::Visit;
use crate::domain::waitlist_entries::{WaitlistEntry, WaitlistReason, WaitlistStatus};
use crate::store::events::{self, NewEvent};
use crate::store::queue::{self, Finished, Lease, NewTask};
use crate::store::{Tx, records, waitlist_entries as rows};
use crate::text::{DateStyle, Locale, date};

/// The kind of the task that looks who waits for time that became free.
pub const TASK: &str = "waitlist.match";
/// The event of an entry for which something is free.
pub const READY: &str = "waitlist.ready";
/// How many customers are told at once of time that became free; the first of them to book has it.
const TOLD_AT_ONCE: usize = 3;
/// Entries looked at for time that became free, who waits longest first.
const LOOKED_AT: u32 = 200;
/// Entries that anyone may add to one organization within an hour.
const HOURLY_MAX: i64 = 300;

/// What the task must know.
#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    location_id: LocationId,
    date: NaiveDate,
}

/// Signs a customer up.
///
/// * `entry`: its status, start and booking do not matter; its location does not either, the one that
///   does the work at the place is taken.
///
/// # Errors
/// [`AppError::Invalid`] with all faults; [`AppError::RateLimited`]; [`AppError::Forbidden`].
#[tracing::instrument(skip_all)]
pub async fn create(
    app: &App,
    actor: &Actor,
    entry: &WaitlistEntry,
) -> Result<Record<WaitlistEntryId, WaitlistEntry>, AppError> {
    let sight = permit(actor, Operation::WaitlistEntriesCreate)?;
    entry.validated()?;
    let mut tx = app.db.write().await?;
    let setup = live::setup(app, &mut tx, actor.organization_id).await?;
    let wish = query(&entry.service_ids, entry.package_id, &entry.place);
    let asked = Asked::new(&setup, sight, &wish)?;
    let mut faults = Faults::default();
    let today = date_of(app.now(), asked.zone());
    faults.check(entry.until >= today, "until", entry.until, "is over");
    let asks = questions_of(&setup, asked.service_ids());
    questions::checked(&asks, &by_key(&entry.answers), false, &mut faults);
    faults.into_result()?;
    let since = app.now() - TimeDelta::hours(1);
    if sight.is_published()
        && rows::count_since(&mut tx, actor.organization_id, since).await? >= HOURLY_MAX
    {
        return Err(AppError::RateLimited { retry_after_s: 600 });
    }
    let entry = WaitlistEntry {
        location_id: asked.location_id,
        status: WaitlistStatus::Waiting,
        start: None,
        booking_id: None,
        ..entry.clone()
    };
    let record = catalogue::create_in(app, actor, &mut tx, &entry).await?;
    tell(app, actor.organization_id, &mut tx, "waitlist.created", &record);
    tx.commit().await?;
    tracing::info!(waitlist_entry.id = %record.id, "Signed up for the waitlist");
    Ok(record)
}

/// The entry with this id, for whoever knows it: ids of entries are told to nobody else.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Forbidden`].
pub async fn open(
    app: &App,
    actor: &Actor,
    id: WaitlistEntryId,
) -> Result<Record<WaitlistEntryId, WaitlistEntry>, AppError> {
    permit(actor, Operation::WaitlistEntriesCreate)?;
    let mut tx = app.db.read().await?;
    let found = records::get::<WaitlistEntry>(&mut tx, actor.organization_id, id).await?;
    found.ok_or_else(|| AppError::not_found("waitlist_entry", id))
}

/// Ends an entry: its customer has booked, or wants nothing any more.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Forbidden`].
pub async fn end(
    app: &App,
    actor: &Actor,
    id: WaitlistEntryId,
    booking_id: Option<BookingId>,
) -> Result<(), AppError> {
    permit(actor, Operation::WaitlistEntriesCreate)?;
    let mut tx = app.db.write().await?;
    let found = records::get::<WaitlistEntry>(&mut tx, actor.organization_id, id).await?;
    let record = found.ok_or_else(|| AppError::not_found("waitlist_entry", id))?;
    let status = if booking_id.is_some() { WaitlistStatus::Booked } else { WaitlistStatus::Closed };
    let entry = WaitlistEntry { status, booking_id, ..record.value.clone() };
    change(app, actor, &mut tx, &record, &entry).await?;
    tx.commit().await?;
    Ok(())
}

async fn change(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    record: &Record<WaitlistEntryId, WaitlistEntry>,
    entry: &WaitlistEntry,
) -> Result<(), AppError> {
    let seen = (record.id, record.revision);
    records::update(tx, actor.organization_id, seen, entry, app.now()).await?;
    let action = audit::Action { noun: "waitlist_entries", verb: "update", id: record.id.into() };
    audit::note(app, tx, actor, action, (audit::json(&record.value), audit::json(entry))).await
}

/// The time of a visit became free: asks who waits for it.
///
/// * `visit`: as it was before.
pub(crate) async fn after_freed(
    app: &App,
    organization_id: OrganizationId,
    tx: &mut Tx,
    visit: &Visit,
) -> Result<(), AppError> {
    let location_id = visit.location_id;
    let Some(start) = visit.planned_start.filter(|start| *start > app.now()) else {
        return Ok(());
    };
    if !rows::any_waits(tx, organization_id, location_id).await? {
        return Ok(());
    }
    let found = records::get::<Location>(tx, organization_id, location_id).await?;
    let Some(location) = found else { return Ok(()) };
    let payload = Payload { location_id, date: date_of(start, location.value.time_zone) };
    let unique_key = format!("{location_id}:{}", payload.date);
    let payload = json!({ "location_id": location_id, "date": payload.date });
    let task = NewTask {
        kind: TASK.to_owned(),
        unique_key,
        organization_id: Some(organization_id),
        run_at: app.now(),
        payload,
    };
    Ok(queue::enqueue(tx, &task, app.now()).await?)
}

/// Looks who waits for a date on which time became free, for the worker: the first for whom a slot is
/// free now are ready, and an event says so.
///
/// # Errors
/// If the store fails; then the task stays.
pub async fn match_freed(app: &App, lease: Lease) -> Result<Finished, AppError> {
    let task = lease.task();
    let payload: Option<Payload> = serde_json::from_value(task.payload.clone()).ok();
    let Some((organization_id, payload)) = task.organization_id.zip(payload) else {
        let tx = app.db.write().await?;
        return Ok(lease.finish(tx).await?);
    };
    let actor = Actor::system(organization_id);
    let changed = suiting(app, &actor, &payload).await?;
    let mut tx = app.db.write().await?;
    for (record, entry) in &changed {
        // Who was quicker than us has changed or ended it; then it is not ours to change.
        let now = records::get::<WaitlistEntry>(&mut tx, organization_id, record.id).await?;
        if now.is_none_or(|now| now.revision != record.revision) {
            continue;
        }
        change(app, &actor, &mut tx, record, entry).await?;
        let record = Record { value: entry.clone(), ..record.clone() };
        if entry.status == WaitlistStatus::Ready {
            tell(app, organization_id, &mut tx, READY, &record);
            write_to(app, organization_id, &mut tx, &record).await?;
        }
    }
    tracing::info!("Looked through the waitlist: {} entries changed", changed.len());
    Ok(lease.finish(tx).await?)
}

/// Writes to a customer for whom something is free, who is a customer of the organization from now on.
async fn write_to(
    app: &App,
    organization_id: OrganizationId,
    tx: &mut Tx,
    record: &Record<WaitlistEntryId, WaitlistEntry>,
) -> Result<(), AppError> {
    let entry = &record.value;
    let setup = live::setup(app, tx, organization_id).await?;
    let catalogue = &setup.catalogue;
    let ids = catalogue.services_of(&entry.service_ids, entry.package_id);
    let work = ids.and_then(|ids| catalogue.work(&ids));
    let location = catalogue.locations.get(&entry.location_id);
    // What is gone meanwhile is not offered.
    let (Some(start), Ok(work), Some(location)) = (entry.start, work, location) else {
        return Ok(());
    };
    let (organization, zone) = (&catalogue.organization, location.time_zone);
    let own = entry.customer.locale.as_deref().and_then(Locale::from_tag);
    let locale = own.or_else(|| Locale::from_tag(&organization.locale)).unwrap_or_default();
    let clock = |at| date(locale, zone, at, DateStyle::Time);
    let until = start + TimeDelta::minutes(work.arrival_window_min.into());
    let window =
        if until == start { clock(start) } else { format!("{}–{}", clock(start), clock(until)) };
    let link = format!("{}{}", app.outside.base_url(), path(&organization.slug, record.id));
    let values = [
        ("title", work.title),
        ("date", date(locale, zone, start, DateStyle::Date)),
        ("window", window),
        ("manage_link", link),
    ];
    let customer_id = CustomerId(app.new_id());
    records::insert(tx, organization_id, customer_id, &entry.customer, app.now()).await?;
    let key = format!("{}:{}", record.id, start.timestamp());
    messages::waitlist_ready(app, tx, organization_id, (customer_id, &key, start), &values).await
}

type Changed = (Record<WaitlistEntryId, WaitlistEntry>, WaitlistEntry);

/// The entries that are ready now, and those whose dates have passed, as they shall be.
async fn suiting(app: &App, actor: &Actor, payload: &Payload) -> Result<Vec<Changed>, AppError> {
    let (organization_id, date) = (actor.organization_id, payload.date);
    let mut tx = app.db.read().await?;
    let waiting = WaitlistStatus::Waiting;
    let entries =
        rows::of_location(&mut tx, organization_id, payload.location_id, waiting, LOOKED_AT);
    let entries = entries.await?;
    drop(tx);
    let today = app.now().date_naive();
    let (mut changed, mut told) = (Vec::new(), 0);
    for record in entries {
        let entry = &record.value;
        if entry.until < today.pred_opt().unwrap_or(today) {
            let closed = WaitlistEntry { status: WaitlistStatus::Closed, ..entry.clone() };
            changed.push((record, closed));
            continue;
        }
        let suits = (entry.from..=entry.until).contains(&date);
        if !suits || told >= TOLD_AT_ONCE || entry.reason == WaitlistReason::OutsideArea {
            continue;
        }
        let public = Actor::public(organization_id);
        // A service that is gone, or a place that no road leads to, has no slots.
        let found = slots::search_public(app, &public, &wish(entry, date)).await;
        let Ok(answer) = found else { continue };
        let start = answer.days.iter().flat_map(|day| &day.slots).map(|slot| slot.start).next();
        if let Some(start) = start {
            let (status, start) = (WaitlistStatus::Ready, Some(start));
            let ready = WaitlistEntry { status, start, ..entry.clone() };
            changed.push((record, ready));
            told += 1;
        }
    }
    Ok(changed)
}

/// What an entry wants, on one date.
fn wish(entry: &WaitlistEntry, date: NaiveDate) -> SlotQuery {
    SlotQuery {
        location_id: Some(entry.location_id),
        from: date,
        until: date,
        wishes: Wishes { part_of_day: entry.part_of_day, ..Wishes::default() },
        ..query(&entry.service_ids, entry.package_id, &entry.place)
    }
}

/// Appends an event about an entry to the outbox; it holds ids and times, no names.
fn tell(
    app: &App,
    organization_id: OrganizationId,
    tx: &mut Tx,
    kind: &str,
    record: &Record<WaitlistEntryId, WaitlistEntry>,
) {
    let entry = &record.value;
    let event = NewEvent {
        organization_id,
        location_id: Some(entry.location_id),
        kind: kind.to_owned(),
        subject_id: record.id.to_string(),
        payload: json!({ "reason": entry.reason, "start": entry.start }),
        at: app.now(),
    };
    events::append(tx, event);
}

/// Where a customer books what became free, behind the server's own address.
pub fn path(slug: &str, id: WaitlistEntryId) -> String {
    format!("/book/{slug}/waitlist/{id}")
}

//! What customers do with a booking of their own, by its link: see it, move it, call it off, follow
//! it on the day.

mod follow;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::app::App;
use crate::app::bookings::{self, BookingDetails, Reschedule};
use crate::app::live::{self, View};
use crate::app::placing::peers::turns;
use crate::app::slots::asked::Asked;
use crate::app::slots::found::{Search, search_view};
use crate::app::slots::offered::{keep_until, rolling_last};
use crate::calendar::dates::{date_of, each};
use crate::domain::actors::Actor;
use crate::domain::booking_pages::BookingPage;
use crate::domain::bookings::{Booking, BookingStatus};
use crate::domain::error::AppError;
use crate::domain::faults::Faults;
use crate::domain::hours::DateSpan;
use crate::domain::id::LocationId;
use crate::domain::locations::Location;
use crate::domain::slots::public::PublicSlotAnswer;
use crate::domain::slots::{PartOfDay, SlotAnswer, SlotDay};
use crate::domain::visits::Visit;
use crate::planning::answers::Context;
use crate::store::{organizations, records};

pub use follow::{Followed, follow};

/// A booking as its customer sees it.
#[derive(Debug, Clone)]
pub struct Managed {
    /// The booking; nothing about who does it.
    pub booking: Booking,
    /// The visit.
    pub visit: Visit,
    /// Zone of the location, which is that of all times.
    pub zone: Tz,
    /// The organization's name.
    pub organization: String,
    /// Its name in addresses.
    pub slug: String,
    /// BCP 47 language of readers who ask for none that we have.
    pub locale: String,
    /// Its words for customers.
    pub page: BookingPage,
    /// Until when the customer may move it or call it off.
    pub change_until: DateTime<Utc>,
    /// Whether the customer may do so now.
    pub may_change: bool,
}

/// The booking of a customer.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Forbidden`].
pub async fn get(app: &App, actor: &Actor, booking: &BookingKey) -> Result<Managed, AppError> {
    let details = bookings::get(app, actor, *booking).await?;
    managed(app, actor, details).await
}

/// The id of a booking, as its link gives it.
pub type BookingKey = crate::domain::id::BookingId;

async fn managed(app: &App, actor: &Actor, details: BookingDetails) -> Result<Managed, AppError> {
    let BookingDetails { booking, visit, .. } = details;
    let organization_id = actor.organization_id;
    let missing = || AppError::not_found("organization", organization_id);
    let mut tx = app.db.read().await?;
    let organization = organizations::get(&mut tx, organization_id).await?;
    let organization = organization.ok_or_else(missing)?.value;
    let zone = zone_of(app, actor, booking.location_id).await?;
    let notice = TimeDelta::hours(organization.booking_page.change_notice_h.into());
    let change_until = booking.window.from - notice;
    let open = booking.status.is_open() && !visit.status.under_way();
    let may_change = open && app.now() < change_until;
    Ok(Managed {
        booking: Booking { decision: serde_json::Value::Null, ..booking },
        visit,
        zone,
        organization: organization.name,
        slug: organization.slug,
        locale: organization.locale,
        page: organization.booking_page,
        change_until,
        may_change,
    })
}

async fn zone_of(app: &App, actor: &Actor, id: LocationId) -> Result<Tz, AppError> {
    let mut tx = app.db.read().await?;
    let location = records::get::<Location>(&mut tx, actor.organization_id, id).await?;
    Ok(location.ok_or_else(|| AppError::not_found("location", id))?.value.time_zone)
}

/// The starts to which a customer may move a booking; its present place counts as free.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] if a service of it is gone; [`AppError::Invalid`]
/// for dates that plans do not reach; [`AppError::Forbidden`].
#[tracing::instrument(skip_all)]
pub async fn slots(
    app: &App,
    actor: &Actor,
    id: BookingKey,
    (dates, part_of_day): (DateSpan, Option<PartOfDay>),
) -> Result<PublicSlotAnswer, AppError> {
    let details = bookings::get(app, actor, id).await?;
    let mut faults = Faults::default();
    for (field, date) in [("from", dates.from), ("until", dates.until)] {
        live::reach::note(app.now(), field, date, &mut faults);
    }
    faults.into_result()?;
    let mut tx = app.db.read().await?;
    let setup = live::setup(app, &mut tx, actor.organization_id).await?;
    let asked = Asked { part_of_day, ..Asked::of_visit(&setup, &details.visit)? };
    let key = (actor.organization_id, asked.location_id);
    let mut view = View::clone(&*live::view(app, &mut tx, key, dates).await?);
    view.remove(app, details.visit.id).await?;
    let turns = turns(app, &mut tx, &view, &asked, dates).await?;
    let last = rolling_last(app, &mut tx, actor.organization_id, &asked, dates.until).await?;
    drop(tx);
    let search = Search { asked: &asked, dates, start: None, crews: 1, turns: &turns };
    let mut found = search_view(app, &view, &search).await?;
    keep_until(&mut found, last, &asked);
    let context = Context { roster: &view.roster, work: &asked.work };
    let mut slots: std::collections::BTreeMap<_, _> = context.days(&found).into_iter().collect();
    let day = |date| SlotDay {
        date,
        plan_version: view.version(date),
        slots: slots.remove(&date).unwrap_or_default(),
    };
    let answer = SlotAnswer {
        location_id: asked.location_id,
        time_zone: asked.zone().name().to_owned(),
        on_site_s: asked.work.needs.on_site_s(),
        days: each(dates).map(day).collect(),
        alternatives: Vec::new(),
        explanation: None,
    };
    Ok(PublicSlotAnswer::new(answer, 0))
}

/// Moves a booking to another start that is offered, for its customer.
///
/// # Errors
/// [`AppError::SlotTaken`] with the nearest alternatives, also for a start that is not offered;
/// [`AppError::Conflict`] if it is too late for changes; [`AppError::NotFound`];
/// [`AppError::Forbidden`].
#[tracing::instrument(skip_all, fields(booking.id = %id))]
pub async fn reschedule(
    app: &App,
    actor: &Actor,
    id: BookingKey,
    start: DateTime<Utc>,
) -> Result<Managed, AppError> {
    let before = in_time(app, actor, id).await?;
    let date = date_of(start, before.zone);
    let dates = DateSpan { from: date, until: date };
    let offered = slots(app, actor, id, (dates, None)).await?;
    let mut starts = offered.days.iter().flat_map(|day| &day.slots).map(|slot| slot.start);
    if !starts.any(|offered| offered == start) {
        let alternatives = alternatives(app, actor, id, date).await?;
        let reason = "it is taken, or was never on offer".to_owned();
        return Err(AppError::SlotTaken { reason, alternatives });
    }
    let change = Reschedule { start, technician_ids: Vec::new(), revision: None };
    let details = bookings::reschedule(app, actor, id, &change).await?;
    managed(app, actor, details).await
}

/// The first starts from a date on, for a start that cannot be had.
async fn alternatives(
    app: &App,
    actor: &Actor,
    id: BookingKey,
    date: chrono::NaiveDate,
) -> Result<Vec<crate::domain::slots::Alternative>, AppError> {
    const DAYS: u64 = 13;
    let until = date.checked_add_days(chrono::Days::new(DAYS)).unwrap_or(date);
    let answer = slots(app, actor, id, (DateSpan { from: date, until }, None)).await?;
    let all = answer.days.into_iter().flat_map(|day| day.slots);
    let alternative =
        |slot: crate::domain::slots::public::PublicSlot| crate::domain::slots::Alternative {
            start: slot.start,
            window: slot.window,
            technician_ids: Vec::new(),
        };
    Ok(all.take(super::slots::ALTERNATIVES).map(alternative).collect())
}

/// Calls a booking off, for its customer.
///
/// # Errors
/// [`AppError::Conflict`] if it is over or too late for changes; [`AppError::Invalid`] for a reason
/// that is too long; [`AppError::NotFound`]; [`AppError::Forbidden`].
#[tracing::instrument(skip_all, fields(booking.id = %id))]
pub async fn cancel(
    app: &App,
    actor: &Actor,
    id: BookingKey,
    reason: &str,
) -> Result<Managed, AppError> {
    in_time(app, actor, id).await?;
    let details = bookings::cancel(app, actor, id, None, reason).await?;
    managed(app, actor, details).await
}

/// The booking, if its customer may still change it.
async fn in_time(app: &App, actor: &Actor, id: BookingKey) -> Result<Managed, AppError> {
    let before = get(app, actor, &id).await?;
    if before.may_change {
        return Ok(before);
    }
    let code = &before.booking.code;
    let message = match before.booking.status {
        BookingStatus::Cancelled => format!("booking {code} has been cancelled"),
        status if !status.is_open() => format!("booking {code} is over"),
        _ => format!("booking {code} could be changed until {}", before.change_until),
    };
    Err(AppError::Conflict(message))
}

//! What became of bookings until now: done, nobody there, called off, confirmed.

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::{App, bookings};
use crate::clock::TestClock;
use crate::demo::dice::Dice;
use crate::demo::orders::Outcome;
use crate::domain::actors::Actor;
use crate::domain::bookings::Booking;
use crate::domain::error::AppError;
use crate::domain::id::BookingId;

/// How long before the visit customers call it off.
const NOTICE: TimeDelta = TimeDelta::hours(26);

/// How long a technician waits for a customer.
const WAIT: TimeDelta = TimeDelta::minutes(20);

/// Customers confirm visits of the days until then.
const CONFIRMED: TimeDelta = TimeDelta::days(2);

/// Reasons for calling off, as the office writes them down.
const REASONS: [&str; 3] = ["Sold before the photos", "Customer is ill", "Found somebody sooner"];

/// Something that happened to a booking.
#[derive(Debug, Clone, Copy)]
enum Event {
    Cancelled(&'static str),
    NoShow,
    Completed,
    Confirmed,
}

/// Lets everything happen that happened before `now`, in the order of time.
pub(super) async fn settle(
    app: &App,
    actor: &Actor,
    clock: &TestClock,
    booked: &[(Booking, Outcome)],
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let mut events: Vec<(DateTime<Utc>, BookingId, Event)> = Vec::new();
    let mut dice = Dice::new(booked.len() as u64, "outcomes");
    for (booking, outcome) in booked {
        // Later bookings may have moved the visit inside its window.
        let details = bookings::get(app, actor, booking.id).await?;
        let Some(start) = details.visit.planned_start else { continue };
        let end = start + TimeDelta::seconds(details.visit.needs.on_site_s());
        let reason = dice.pick(&REASONS).copied().unwrap_or_default();
        let confirms = dice.chance(60);
        let event = match outcome {
            Outcome::Cancelled if booking.created_at + TimeDelta::hours(1) < start - NOTICE => {
                Some((start - NOTICE, Event::Cancelled(reason)))
            }
            Outcome::NoShow => Some((start + WAIT, Event::NoShow)),
            Outcome::Completed | Outcome::Cancelled => Some((end, Event::Completed)),
        };
        let soon = start > now && start < now + CONFIRMED && confirms;
        let confirmed = soon.then_some((now, Event::Confirmed));
        let happened = event.filter(|(at, _)| *at <= now).or(confirmed);
        events.extend(happened.map(|(at, event)| (at, booking.id, event)));
    }
    events.sort_by_key(|(at, id, _)| (*at, *id));
    for (at, id, event) in events {
        clock.set(at);
        match event {
            Event::Cancelled(reason) => bookings::cancel(app, actor, id, None, reason).await?,
            Event::NoShow => bookings::no_show(app, actor, id, None).await?,
            Event::Completed => bookings::complete(app, actor, id, None).await?,
            Event::Confirmed => bookings::confirm(app, actor, id, None).await?,
        };
    }
    Ok(())
}

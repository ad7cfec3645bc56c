//! Reminders of a booking, and the word that it runs late.

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::App;
use crate::app::messages::customers::{self, News, late_arrival};
use crate::app::messages::facts::{Facts, House};
use crate::app::messages::told::Told;
use crate::app::messages::writing::{Draft, ask, drop_unsent, write};
use crate::calendar::quiet;
use crate::domain::error::AppError;
use crate::domain::messages::settings::{LateMode, Reminder};
use crate::domain::messages::{Message, MessageKind, MessageStatus};
use crate::domain::visits::ArrivalWindow;
use crate::store::Tx;
use crate::store::messages::{self as rows, Place};

/// A reminder is of no use later than this before the appointment.
const LEAST: TimeDelta = TimeDelta::minutes(60);

/// Makes the reminders of a booking those that it should have: moved with it, dropped with it.
///
/// # Errors
/// If the store fails.
pub(super) async fn arrange(
    app: &App,
    tx: &mut Tx,
    (house, facts): (&House, &Facts),
    (sequence, seq): (u32, i64),
) -> Result<(), AppError> {
    let now = app.now();
    let waiting = rows::unsent_of_visit(tx, house.id, facts.visit.id).await?;
    let mut waiting: Vec<(Place, Message)> =
        waiting.into_iter().filter(|(_, one)| one.kind == MessageKind::Reminder).collect();
    let booking = facts.booking.as_ref().filter(|booking| booking.status.is_open());
    for (reminder, due) in wanted(house, facts) {
        let (Some(booking), Some((customer_id, customer))) = (booking, &facts.customer) else {
            break;
        };
        if due <= now || customers::address(house, customer, reminder.channel).is_none() {
            continue;
        }
        let base = base(facts, reminder);
        let promised = booking.window;
        let news = News { kind: MessageKind::Reminder, promised, before: None, seq };
        let both = (news, reminder.channel);
        let content = customers::content(app, tx, (house, facts), both, sequence).await?;
        let known = waiting.iter().position(|(place, _)| place.unique_key.starts_with(&base));
        if let Some(known) = known {
            let (place, message) = waiting.swap_remove(known);
            let changed = Message { due_at: due, content, ..message.clone() };
            if changed != message {
                rows::update(tx, house.id, &message, &changed, now).await?;
                rows::set_turn(tx, house.id, message.id, due).await?;
                ask(tx, house.id, &place.lane, due, now).await?;
            }
            continue;
        }
        let key = format!("{base}{}", promised.from.timestamp());
        let keys = (key, facts.visit.id.to_string());
        let about = customers::about(facts, *customer_id);
        let kind = (MessageKind::Reminder, reminder.channel);
        let draft = Draft { due_at: due, ..Draft::new(kind, about, content, keys, now) };
        write(app, tx, house.id, draft, seq).await?;
    }
    for (_, message) in waiting {
        drop_unsent(app, tx, house.id, &message, "no longer needed").await?;
    }
    Ok(())
}

/// The reminders that a booking should have, each with its moment. Of those that quiet hours put on
/// one minute only the one nearest to the appointment stays.
fn wanted(house: &House, facts: &Facts) -> Vec<(Reminder, DateTime<Utc>)> {
    let Some(booking) = &facts.booking else { return Vec::new() };
    let mut wanted: Vec<(Reminder, DateTime<Utc>)> = Vec::new();
    for reminder in house.settings.reminders_of(&facts.visit.needs.service_ids) {
        let due = due(house, facts, reminder, booking.window.from);
        let same = |(other, at): &(Reminder, DateTime<Utc>)| {
            (other.channel, *at) == (reminder.channel, due)
        };
        // The nearest come first.
        if !wanted.iter().any(same) {
            wanted.push((reminder, due));
        }
    }
    wanted
}

/// How the key of a reminder begins; the promise it was made for follows.
fn base(facts: &Facts, reminder: Reminder) -> String {
    let (visit, before, channel) = (facts.visit.id, reminder.before_min, reminder.channel.as_str());
    format!("reminder:{visit}:{before}:{channel}:")
}

fn due(house: &House, facts: &Facts, reminder: Reminder, start: DateTime<Utc>) -> DateTime<Utc> {
    let zone = facts.zone();
    let due = quiet::before(zone, start, reminder.before_min);
    match house.settings.quiet_hours {
        Some(hours) => quiet::outside(facts.reader_zone(), hours, (due, start), LEAST),
        None => due,
    }
}

/// What is said of a question that a dispatcher need not answer any more.
const TAKEN_BACK: &str = "the promise will be kept, or is over";

/// Tells the customer once for each promise that it will be missed, or asks a dispatcher whether to;
/// takes that question back if it will be kept after all. What has not gone out says the time that
/// is expected now.
///
/// # Errors
/// If the store fails.
pub(super) async fn late(
    app: &App,
    tx: &mut Tx,
    (house, facts): (&House, &Facts),
    told: &mut Told,
    seq: i64,
) -> Result<(), AppError> {
    let now = app.now();
    let expected = told.expected.map(|expected| expected.start);
    let arrival = late_arrival(house, facts, expected).filter(|arrival| *arrival > now);
    let (Some(arrival), Some(booking)) = (arrival, &facts.booking) else {
        return forget(app, tx, (house, facts), told).await;
    };
    let mode = house.settings.late_at(facts.visit.location_id).mode;
    let status = match mode {
        LateMode::Off => return Ok(()),
        LateMode::Ask => MessageStatus::Held,
        LateMode::Tell => MessageStatus::Waiting,
    };
    let Some((customer_id, customer)) = &facts.customer else { return Ok(()) };
    let promised = ArrivalWindow { from: arrival, until: arrival };
    let before = Some(booking.window);
    let news = News { kind: MessageKind::RunningLate, promised, before, seq };
    let unsent = rows::unsent_of_visit(tx, house.id, facts.visit.id).await?;
    let (visit, until) = (facts.visit.id, booking.window.until.timestamp());
    for channel in house.settings.channels_of(&facts.visit.needs.service_ids) {
        if customers::address(house, customer, channel).is_none() {
            continue;
        }
        let base = format!("running_late:{visit}:{}:{until}", channel.as_str());
        let both = (news, channel);
        if let Some((_, known)) = unsent.iter().find(|(one, _)| one.unique_key.starts_with(&base)) {
            let content = customers::content(app, tx, (house, facts), both, told.sequence).await?;
            let changed = Message { content, ..known.clone() };
            if changed != *known {
                rows::update(tx, house.id, known, &changed, now).await?;
            }
            continue;
        }
        if rows::any_but(tx, (house.id, visit), &base, TAKEN_BACK).await? {
            continue;
        }
        let content = customers::content(app, tx, (house, facts), both, told.sequence).await?;
        let about = customers::about(facts, *customer_id);
        let keys = (format!("{base}:{seq}"), visit.to_string());
        let kind = (MessageKind::RunningLate, channel);
        let draft = Draft { status, ..Draft::new(kind, about, content, keys, now) };
        write(app, tx, house.id, draft, seq).await?;
    }
    told.late = Some(booking.window.until);
    Ok(())
}

/// Takes back what waits for a dispatcher's yes.
async fn forget(
    app: &App,
    tx: &mut Tx,
    (house, facts): (&House, &Facts),
    told: &mut Told,
) -> Result<(), AppError> {
    if told.late.take().is_none() {
        return Ok(());
    }
    let unsent = rows::unsent_of_visit(tx, house.id, facts.visit.id).await?;
    let asked =
        |one: &Message| (one.kind, one.status) == (MessageKind::RunningLate, MessageStatus::Held);
    for (_, message) in unsent.iter().filter(|(_, one)| asked(one)) {
        drop_unsent(app, tx, house.id, message, TAKEN_BACK).await?;
    }
    Ok(())
}

//! What a customer must hear: what is agreed now against what was told last.

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::messages::facts::{Facts, House};
use crate::app::messages::told::{Told, ToldCustomer};
use crate::app::messages::unheard::{self, Unheard};
use crate::app::messages::words::{self, Style};
use crate::app::messages::writing::{About, Draft, write};
use crate::app::{App, links};
use crate::domain::bookings::Booking;
use crate::domain::customers::Customer;
use crate::domain::error::AppError;
use crate::domain::id::CustomerId;
use crate::domain::messages::{Channel, Content, Message, MessageKind, MessageStatus};
use crate::domain::visits::ArrivalWindow;
use crate::notify::itip::{Appointment, invitation};
use crate::store::Tx;
use crate::text::Locale;

/// A customer's message, before it is known over which channels it goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct News {
    pub(super) kind: MessageKind,
    pub(super) promised: ArrivalWindow,
    pub(super) before: Option<ArrivalWindow>,
    /// The event that it follows from; tells the order.
    pub(super) seq: i64,
}

/// Tells the customer of a booking what has changed, if anything has, and notes it.
///
/// * `kind`: of the event. A booking nobody was told of is confirmed only when it is made, so that
///   old bookings of another system are not confirmed once more.
///
/// # Errors
/// If the store fails.
pub(super) async fn tell(
    app: &App,
    tx: &mut Tx,
    (house, facts): (&House, &Facts),
    told: &mut Told,
    (kind, seq): (&str, i64),
) -> Result<(), AppError> {
    let Some(booking) = &facts.booking else { return Ok(()) };
    let now = current(facts, booking);
    let told_of = booking.status.is_open() || now.cancelled;
    if told_of && told.customer.as_ref() != Some(&now) {
        take_back(app, tx, (house, facts), told).await?;
    }
    let before = told.customer.clone();
    let over = booking.window.until < app.now();
    let news = match &before {
        _ if !booking.status.is_open() && !now.cancelled => None,
        Some(before) if *before == now => None,
        Some(before) if before.cancelled && now.cancelled => None,
        None if now.cancelled && kind != "booking.cancelled" => None,
        _ if now.cancelled => Some(MessageKind::Cancellation),
        None if kind == "booking.created" => Some(MessageKind::Confirmation),
        None if kind == "booking.rescheduled" => Some(MessageKind::Change),
        Some(before) if before.cancelled => Some(MessageKind::Confirmation),
        Some(before) if before.window == now.window && before.address == now.address => None,
        Some(_) => Some(MessageKind::Change),
        None => None,
    };
    if told_of {
        told.customer = Some(now);
    }
    let Some(kind) = news.filter(|_| !over) else { return Ok(()) };
    if kind != MessageKind::Confirmation || before.is_some() {
        told.sequence += 1;
    }
    let moved = before.as_ref().filter(|one| one.window != booking.window);
    let news = News { kind, promised: booking.window, before: moved.map(|one| one.window), seq };
    let count = send(app, tx, (house, facts), news, told.sequence).await?;
    let waits = due(house, facts, news, app.now()) > app.now();
    told.unheard = waits.then_some(Unheard { before, seq, count });
    Ok(())
}

/// Takes back what the customer was to hear and has not; what is known then is what was before.
async fn take_back(
    app: &App,
    tx: &mut Tx,
    (house, facts): (&House, &Facts),
    told: &mut Told,
) -> Result<(), AppError> {
    let Some(news) = told.unheard.take() else { return Ok(()) };
    let kinds = [MessageKind::Confirmation, MessageKind::Change, MessageKind::Cancellation];
    let theirs = |one: &Message| one.customer_id.is_some() && kinds.contains(&one.kind);
    if unheard::take_back(app, tx, (house.id, facts.visit.id), &news, theirs).await? {
        told.customer = news.before;
    }
    Ok(())
}

fn current(facts: &Facts, booking: &Booking) -> ToldCustomer {
    ToldCustomer {
        window: booking.window,
        address: facts.visit.place.address.to_string(),
        title: facts.title.clone(),
        cancelled: booking.status == crate::domain::bookings::BookingStatus::Cancelled,
    }
}

/// Writes a message for each channel on which the customer can be reached; how many.
async fn send(
    app: &App,
    tx: &mut Tx,
    (house, facts): (&House, &Facts),
    news: News,
    sequence: u32,
) -> Result<usize, AppError> {
    let Some((customer_id, customer)) = &facts.customer else { return Ok(0) };
    let channels = house.settings.channels_of(&facts.visit.needs.service_ids);
    let reachable: Vec<Channel> =
        channels.iter().copied().filter(|one| address(house, customer, *one).is_some()).collect();
    let about = about(facts, *customer_id);
    let key = |channel: Channel| {
        let (kind, visit) = (news.kind.as_str(), facts.visit.id);
        format!("{kind}:{visit}:{}:{}", channel.as_str(), news.seq)
    };
    let due_at = due(house, facts, news, app.now());
    for channel in &reachable {
        let content = content(app, tx, (house, facts), (news, *channel), sequence).await?;
        let keys = (key(*channel), facts.visit.id.to_string());
        let draft = Draft::new((news.kind, *channel), about, content, keys, app.now());
        let draft = Draft { due_at, ..draft };
        write(app, tx, house.id, draft, news.seq).await?;
    }
    if let (true, Some(channel)) = (reachable.is_empty(), channels.first()) {
        // Nothing can be sent, and the history of the booking says so.
        let content = content(app, tx, (house, facts), (news, *channel), sequence).await?;
        let keys = (key(*channel), facts.visit.id.to_string());
        let draft = Draft {
            status: MessageStatus::Skipped,
            error: unreachable(customer, *channel),
            ..Draft::new((news.kind, *channel), about, content, keys, app.now())
        };
        write(app, tx, house.id, draft, news.seq).await?;
    }
    Ok(reachable.len())
}

/// When news go out. Who has just booked waits for the answer; other news can wait for the morning,
/// unless they are about this very morning.
fn due(house: &House, facts: &Facts, news: News, now: DateTime<Utc>) -> DateTime<Utc> {
    if !matches!(news.kind, MessageKind::Change | MessageKind::Cancellation) {
        return now;
    }
    let start =
        news.before.map_or(news.promised.from, |before| before.from.min(news.promised.from));
    house.patient(facts.reader_zone(), now, Some(start))
}

fn unreachable(customer: &Customer, channel: Channel) -> String {
    match (channel, &customer.phone) {
        (Channel::Email, _) => "the customer has no e-mail address".to_owned(),
        (_, Some(_)) => "the customer's telephone number has no country code".to_owned(),
        (_, None) => "the customer has no telephone number".to_owned(),
    }
}

pub(super) fn about(facts: &Facts, customer_id: CustomerId) -> About {
    About {
        visit_id: Some(facts.visit.id),
        booking_id: facts.booking.as_ref().map(|booking| booking.id),
        customer_id: Some(customer_id),
        ..About::default()
    }
}

/// Where a customer is reached over a channel; none if that is not known.
pub(super) fn address(house: &House, customer: &Customer, channel: Channel) -> Option<String> {
    match channel {
        Channel::Email => customer.email.clone().filter(|email| !email.is_empty()),
        Channel::Sms | Channel::Whatsapp => {
            international(customer.phone.as_deref()?, &house.settings.country_code)
        }
        Channel::Slack | Channel::Push | Channel::Webhook => None,
    }
}

/// A telephone number with plus and country; none if the country is not known.
pub(super) fn international(phone: &str, country: &str) -> Option<String> {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    let trimmed = phone.trim();
    if trimmed.starts_with('+') {
        return Some(format!("+{digits}"));
    }
    if let Some(rest) = digits.strip_prefix("00") {
        return Some(format!("+{rest}"));
    }
    if country.is_empty() || digits.is_empty() {
        return None;
    }
    Some(format!("+{country}{}", digits.strip_prefix('0').unwrap_or(&digits)))
}

/// What a message says on a channel, with address, links and invitation.
pub(super) async fn content(
    app: &App,
    tx: &mut Tx,
    (house, facts): (&House, &Facts),
    (news, channel): (News, Channel),
    sequence: u32,
) -> Result<Content, AppError> {
    let locale = facts.locale(house);
    let mut values = words::of_customer(house, facts, locale, (news.promised, news.before));
    if news.kind == MessageKind::RunningLate
        && let Some(before) = news.before
    {
        words::set(&mut values, "before", words::window(locale, facts.zone(), before));
    }
    let opt_out = facts.customer.as_ref().map(|(id, _)| links::of_customer(app, *id));
    words::set(&mut values, "opt_out_link", opt_out.clone().unwrap_or_default());
    let which = (news.kind, channel, locale);
    let own = words::template(tx, house, which, &facts.visit.needs.service_ids).await?;
    let style = Style { kind: news.kind, channel, locale, template: own.as_ref() };
    let mut content = words::content(house, &style, &values);
    let customer = facts.customer.as_ref().map(|(_, customer)| customer.clone());
    let customer = customer.unwrap_or_default();
    content.to = address(house, &customer, channel).unwrap_or_default();
    content.to_name.clone_from(&customer.name);
    content.opt_out = opt_out;
    let invites = matches!(
        news.kind,
        MessageKind::Confirmation | MessageKind::Change | MessageKind::Cancellation
    );
    if channel == Channel::Email && invites && house.settings.invitations {
        let cancelled = news.kind == MessageKind::Cancellation;
        let one = appointment(app, (house, facts), locale, (sequence, cancelled));
        content.invitation = one.map(|one| invitation(&one));
    }
    Ok(content)
}

/// The booking as an appointment of the customer: from the first arrival to the end of the work
/// after the last.
fn appointment(
    app: &App,
    (house, facts): (&House, &Facts),
    locale: Locale,
    (sequence, cancelled): (u32, bool),
) -> Option<Appointment> {
    let (booking, (_, customer)) = (facts.booking.as_ref()?, facts.customer.as_ref()?);
    let place = &facts.visit.place;
    let promised = words::dated_window(locale, facts.zone(), booking.window);
    let description = locale.text("messages.invitation", &[("window", &promised)]);
    Some(Appointment {
        uid: format!("booking-{}@{}", booking.id, app.mail_domain()),
        sequence,
        cancelled,
        now: app.now(),
        start: booking.window.from,
        end: booking.window.until + TimeDelta::seconds(facts.visit.needs.on_site_s()),
        title: format!("{}: {}", house.organization.name, facts.title),
        description,
        address: place.address.to_string(),
        place: (place.lat, place.lon),
        organizer: (house.organization.name.clone(), app.mail_sender()),
        attendee: (customer.name.clone(), customer.email.clone().unwrap_or_default()),
        link: facts.links.as_ref().map(|links| links.manage.clone()),
    })
}

/// When a promise will be missed: the new time of arrival.
pub(super) fn late_arrival(
    house: &House,
    facts: &Facts,
    expected: Option<DateTime<Utc>>,
) -> Option<DateTime<Utc>> {
    let booking = facts.booking.as_ref().filter(|booking| booking.status.is_open())?;
    let under_way = facts.visit.status.under_way() && facts.visit.actual.arrived_at.is_some();
    let planned = facts.visit.planned_start;
    let arrival = planned.into_iter().chain(expected).max().filter(|_| !under_way)?;
    let least = house.settings.late_at(facts.visit.location_id).least_min;
    (arrival >= booking.window.until + TimeDelta::minutes(least.max(1).into())).then_some(arrival)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_without_country_needs_that_of_the_organization() {
        assert_eq!(international("+354 555-1234", "").as_deref(), Some("+3545551234"));
        assert_eq!(international("00354 5551234", "").as_deref(), Some("+3545551234"));
        assert_eq!(international("0171 1234", "49").as_deref(), Some("+491711234"));
        assert_eq!(international("555 1234", ""), None);
    }
}

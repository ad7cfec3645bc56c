//! What technicians must hear: their visits now against what they were told last.

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::App;
use crate::app::messages::facts::{Facts, House, Reader, reader};
use crate::app::messages::told::{Told, ToldTechnician};
use crate::app::messages::unheard::{self, Unheard};
use crate::app::messages::words::{self, Style, Values};
use crate::app::messages::writing::{About, Draft, write};
use crate::domain::error::AppError;
use crate::domain::id::TechnicianId;
use crate::domain::messages::{Channel, Content, Message, MessageKind};
use crate::domain::visits::VisitStatus;
use crate::notify::itip::{Appointment, invitation};
use crate::store::{Tx, subscriptions};

/// Something a technician hears about one visit.
struct News {
    kind: MessageKind,
    technician_id: TechnicianId,
    stay: ToldTechnician,
    before: Option<DateTime<Utc>>,
    sequence: u32,
    seq: i64,
}

/// Tells everybody who does the visit, or did until now, what has changed, and notes it.
///
/// # Errors
/// If the store fails.
pub(super) async fn tell(
    app: &App,
    tx: &mut Tx,
    (house, facts): (&House, &Facts),
    told: &mut Told,
    seq: i64,
) -> Result<(), AppError> {
    let rules = &house.settings.technicians;
    let now = app.now();
    let horizon = now + TimeDelta::days(rules.days.into());
    let address = facts.visit.place.address.to_string();
    let planned = matches!(facts.visit.status, VisitStatus::Planned | VisitStatus::EnRoute);
    let stays = facts.assignments.iter().filter(|_| planned);
    let stays: Vec<(TechnicianId, ToldTechnician)> = stays
        .map(|one| {
            let address = address.clone();
            (one.technician_id, ToldTechnician { start: one.start, end: one.end, address })
        })
        .collect();
    take_back(app, tx, (house, facts), (told, &stays)).await?;
    let mut all: Vec<News> = Vec::new();
    let begun = facts.visit.status.under_way();
    let least = TimeDelta::minutes(rules.least_min.max(1).into());
    for (technician_id, stay) in &stays {
        let known = told.technicians.get(technician_id);
        let (kind, before) = match known {
            Some(old) if old.address == stay.address && (stay.start - old.start).abs() < least => {
                continue;
            }
            // Who is on the way knows.
            Some(_) if begun => continue,
            Some(old) => (MessageKind::VisitChanged, Some(old.start)),
            None if rules.days == 0 || stay.start > horizon || stay.end < now => continue,
            None => (MessageKind::VisitNew, None),
        };
        let (technician_id, stay) = (*technician_id, stay.clone());
        all.push(News { kind, technician_id, stay, before, sequence: 0, seq });
    }
    let gone: Vec<(TechnicianId, ToldTechnician)> = told
        .technicians
        .iter()
        .filter(|(id, _)| !stays.iter().any(|(one, _)| one == *id))
        .map(|(id, stay)| (*id, stay.clone()))
        .collect();
    for (technician_id, stay) in gone {
        told.technicians.remove(&technician_id);
        // What is under way or over is no news.
        if begun || stay.end < now {
            continue;
        }
        let kind = MessageKind::VisitCancelled;
        all.push(News { kind, technician_id, stay, before: None, sequence: 0, seq });
    }
    if all.is_empty() {
        return Ok(());
    }
    told.crew_sequence += 1;
    for mut news in all {
        news.sequence = told.crew_sequence;
        let id = news.technician_id;
        // Whoever has lost it knew of the stay that is gone.
        let gone = news.kind == MessageKind::VisitCancelled;
        let before = if gone {
            Some(news.stay.clone())
        } else {
            told.technicians.insert(id, news.stay.clone())
        };
        let count = send(app, tx, (house, facts), &news).await?;
        if due(house, facts, &news, now) > now {
            told.unheard_crew.insert(id, Unheard { before, seq, count });
        } else {
            told.unheard_crew.remove(&id);
        }
    }
    Ok(())
}

/// Takes back what technicians were to hear and have not, where that is no longer true.
async fn take_back(
    app: &App,
    tx: &mut Tx,
    (house, facts): (&House, &Facts),
    (told, stays): (&mut Told, &[(TechnicianId, ToldTechnician)]),
) -> Result<(), AppError> {
    let current = |id: &TechnicianId| stays.iter().find(|(one, _)| one == id).map(|(_, stay)| stay);
    let changed: Vec<TechnicianId> = told
        .unheard_crew
        .keys()
        .filter(|id| told.technicians.get(*id) != current(id))
        .copied()
        .collect();
    for id in changed {
        let Some(news) = told.unheard_crew.remove(&id) else { continue };
        let theirs = |one: &Message| one.technician_id == Some(id);
        if !unheard::take_back(app, tx, (house.id, facts.visit.id), &news, theirs).await? {
            continue;
        }
        match news.before {
            Some(before) => told.technicians.insert(id, before),
            None => told.technicians.remove(&id),
        };
    }
    Ok(())
}

/// When news of a technician go out.
fn due(house: &House, facts: &Facts, news: &News, now: DateTime<Utc>) -> DateTime<Utc> {
    let start = news.before.map_or(news.stay.start, |before| before.min(news.stay.start));
    house.patient(facts.zone(), now, Some(start))
}

async fn send(
    app: &App,
    tx: &mut Tx,
    (house, facts): (&House, &Facts),
    news: &News,
) -> Result<usize, AppError> {
    let reader = reader(tx, house, news.technician_id).await?;
    let both = (news.stay.start, news.before);
    let mut values = words::of_staff(house, facts, reader.locale, both);
    words::set(&mut values, "technician", reader.name.as_str());
    let about = About {
        visit_id: Some(facts.visit.id),
        booking_id: facts.booking.as_ref().map(|booking| booking.id),
        technician_id: Some(news.technician_id),
        ..About::default()
    };
    let invited = invited(app, (house, facts), &reader, news);
    let due_at = due(house, facts, news, app.now());
    let key = format!("{}:{}", facts.visit.id, news.seq);
    let what = What { kind: news.kind, about, key, due_at };
    let order = facts.visit.id.to_string();
    reach(
        app,
        tx,
        house,
        (&reader, news.technician_id),
        (&what, &order, news.seq),
        &values,
        invited,
    )
    .await
}

/// Which message is written to a technician.
pub(super) struct What {
    pub(super) kind: MessageKind,
    pub(super) about: About,
    /// What makes it the same message.
    pub(super) key: String,
    /// When it goes out.
    pub(super) due_at: DateTime<Utc>,
}

/// Writes a message for each way on which a technician can be reached; how many.
///
/// # Errors
/// If the store fails.
#[expect(clippy::too_many_arguments, reason = "one message, its reader and its words")]
pub(super) async fn reach(
    app: &App,
    tx: &mut Tx,
    house: &House,
    (reader, technician_id): (&Reader, TechnicianId),
    (what, order, seq): (&What, &str, i64),
    values: &Values,
    invited: Option<Appointment>,
) -> Result<usize, AppError> {
    let mut count = 0;
    for channel in &house.settings.technicians.channels {
        let which = (what.kind, *channel, reader.locale);
        let own = words::template(tx, house, which, &[]).await?;
        let (kind, locale) = (what.kind, reader.locale);
        let style = Style { kind, channel: *channel, locale, template: own.as_ref() };
        let content = words::content(house, &style, values);
        let receivers: Vec<String> = match channel {
            Channel::Email => reader.email.iter().cloned().collect(),
            Channel::Push => {
                let found = subscriptions::of_technician(tx, house.id, technician_id).await?;
                found.into_iter().map(|one| one.endpoint).collect()
            }
            _ => Vec::new(),
        };
        for to in receivers {
            let key = format!("{}:{technician_id}:{to}:{}", what.kind.as_str(), what.key);
            let invitation = invited.as_ref().filter(|_| *channel == Channel::Email);
            let content = Content {
                to,
                to_name: reader.name.clone(),
                invitation: invitation.map(invitation_of),
                ..content.clone()
            };
            let keys = (key, order.to_owned());
            let draft = Draft::new((what.kind, *channel), what.about, content, keys, app.now());
            let draft = Draft { due_at: what.due_at, ..draft };
            write(app, tx, house.id, draft, seq).await?;
            count += 1;
        }
    }
    Ok(count)
}

fn invitation_of(one: &Appointment) -> crate::domain::messages::Invitation {
    invitation(one)
}

/// The visit as an appointment of the technician, if the organization wants that.
fn invited(
    app: &App,
    (house, facts): (&House, &Facts),
    reader: &Reader,
    news: &News,
) -> Option<Appointment> {
    if !house.settings.technicians.invitations {
        return None;
    }
    let place = &facts.visit.place;
    let customer = facts.customer.as_ref().map(|(_, customer)| customer.clone());
    let customer = customer.unwrap_or_default();
    let lines = [customer.name, customer.phone.unwrap_or_default(), facts.note.clone()];
    let lines: Vec<String> = lines.into_iter().filter(|line| !line.is_empty()).collect();
    Some(Appointment {
        uid: format!("visit-{}-{}@{}", facts.visit.id, news.technician_id, app.mail_domain()),
        sequence: news.sequence,
        cancelled: news.kind == MessageKind::VisitCancelled,
        now: app.now(),
        start: news.stay.start,
        end: news.stay.end,
        title: facts.title.clone(),
        description: lines.join("\n"),
        address: place.address.to_string(),
        place: (place.lat, place.lon),
        organizer: (house.organization.name.clone(), app.mail_sender()),
        attendee: (reader.name.clone(), reader.email.clone()?),
        link: None,
    })
}

//! The last step: the contact, while the start is held; then the confirmation and its calendar file.

use askama::Template;
use axum::Form;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::TimeDelta;

use crate::app::bookings::{BookingRequest, CustomerChoice, SiteChoice};
use crate::app::{bookings, holds, links, manage, waitlist_entries};
use crate::domain::actors::Actor;
use crate::domain::bookings::Hold;
use crate::domain::customers::Customer;
use crate::domain::drafts::Contact;
use crate::domain::error::AppError;
use crate::domain::faults::Fault;
use crate::domain::questions::AnswerGiven;
use crate::domain::visits::ArrivalWindow;
use crate::web::customers::calendar_file;
use crate::web::customers::frame::{Frame, Step, to};
use crate::web::customers::questions;
use crate::web::customers::times::{Ready, ready};
use crate::web::customers::visitor::{Fields, Visitor};

#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmPage<'a> {
    f: Frame,
    root: String,
    title: String,
    length: String,
    day: String,
    window: String,
    zone: String,
    address: String,
    answers: Vec<(String, String)>,
    contact: &'a Contact,
    policy: String,
    hold: HoldShown,
    errors: Errors,
}

/// The hold as the page shows it.
#[derive(Debug, Clone)]
struct HoldShown {
    /// Whether it is over.
    lapsed: bool,
    /// When it lapses, for programs.
    expires: String,
    /// When it lapses, for people.
    until: String,
    /// The start, to hold it again.
    start: String,
}

/// What is wrong with the contact, by field.
#[derive(Debug, Clone, Default)]
struct Errors {
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    other: Option<String>,
}

impl Errors {
    fn any(&self) -> bool {
        [&self.name, &self.email, &self.phone, &self.other].iter().any(|one| one.is_some())
    }
}

pub(super) async fn show(visitor: Visitor) -> Response {
    page(&visitor, Errors::default()).await
}

async fn page(visitor: &Visitor, errors: Errors) -> Response {
    if visitor.draft.booking_id.is_some() {
        return to(&format!("{}/done", visitor.root()));
    }
    let ready = match ready(visitor).await {
        Ok(ready) => ready,
        Err(response) => return response,
    };
    let Some(start) = visitor.draft.start else { return to(&format!("{}/time", visitor.root())) };
    let held = match held(visitor).await {
        Ok(held) => held,
        Err(error) => return visitor.refused(error, Step::Time),
    };
    let (words, zone) = (visitor.words(), ready.zone);
    let Ready { chosen, place, .. } = &ready;
    let lapsed = held.is_none();
    // A hold that lapsed promised the same from the same start.
    let length = TimeDelta::minutes(chosen.arrival_window_min.into());
    let agreed = ArrivalWindow { from: start, until: start + length };
    let window = held.as_ref().map_or(agreed, |hold| hold.window);
    let hold = HoldShown {
        lapsed,
        expires: held.as_ref().map(|hold| hold.expires_at.to_rfc3339()).unwrap_or_default(),
        until: held.as_ref().map(|hold| words.clock(zone, hold.expires_at)).unwrap_or_default(),
        start: start.to_rfc3339(),
    };
    let status = match (lapsed, errors.any()) {
        (true, _) => StatusCode::CONFLICT,
        (_, true) => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::OK,
    };
    let asks = !chosen.questions.is_empty();
    let page = ConfirmPage {
        f: visitor.frame(Step::Confirm, asks, &words.t("confirm.title")),
        root: visitor.root(),
        title: chosen.title.clone(),
        length: words.minutes(chosen.minutes),
        day: words.date(zone, start),
        window: words.window(zone, window),
        zone: words.zone(zone),
        address: place.address.to_string(),
        answers: questions::summary(visitor, &chosen.questions),
        contact: &visitor.draft.contact,
        policy: visitor.guest.shop.page.policy.clone(),
        hold,
        errors,
    };
    page.f.answer(status, &page)
}

/// The hold of the draft; none if it has lapsed.
async fn held(visitor: &Visitor) -> Result<Option<Hold>, AppError> {
    let Some(id) = visitor.draft.hold_id else { return Ok(None) };
    match holds::get(visitor.app(), visitor.actor(), id).await {
        Ok(hold) => Ok(Some(hold)),
        Err(
            AppError::HoldExpired { .. } | AppError::HoldBooked { .. } | AppError::NotFound { .. },
        ) => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) async fn book(
    mut visitor: Visitor,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    if visitor.draft.booking_id.is_some() {
        return to(&format!("{}/done", visitor.root()));
    }
    let fields = Fields(fields);
    visitor.draft.contact = contact(&visitor.draft.contact, &fields);
    if let Err(error) = visitor.keep().await {
        return visitor.refused(error, Step::Confirm);
    }
    // The script sends what was typed when the hold runs out: nothing is to be booked then.
    if !fields.get("later").is_empty() {
        return to(&format!("{}/confirm", visitor.root()));
    }
    let words = visitor.words();
    let unreachable =
        visitor.draft.contact.email.is_empty() && visitor.draft.contact.phone.is_empty();
    if unreachable || visitor.draft.hold_id.is_none() {
        let email = unreachable.then(|| words.t("confirm.reach"));
        let name =
            Some(words.t("confirm.name_wanted")).filter(|_| visitor.draft.contact.name.is_empty());
        return page(&visitor, Errors { name, email, ..Errors::default() }).await;
    }
    let request = request(&visitor);
    match bookings::create(visitor.app(), visitor.actor(), &request).await {
        Ok(details) => {
            visitor.draft.booking_id = Some(details.booking.id);
            visitor.draft.hold_id = None;
            if let Err(error) = visitor.keep().await {
                return visitor.refused(error, Step::Confirm);
            }
            if let Some(id) = visitor.draft.waitlist_entry_id {
                // The booking stands, whatever becomes of the wish.
                let booked = Some(details.booking.id);
                let ended = waitlist_entries::end(visitor.app(), visitor.actor(), id, booked).await;
                if let Err(error) = ended {
                    tracing::warn!(error = %error, "A waitlist entry could not be ended");
                }
            }
            to(&format!("{}/done", visitor.root()))
        }
        Err(AppError::Invalid(faults)) => page(&visitor, errors(&visitor, &faults)).await,
        // The same form was sent twice.
        Err(AppError::HoldBooked { .. }) => to(&format!("{}/done", visitor.root())),
        Err(AppError::HoldExpired { .. } | AppError::NotFound { .. }) => {
            visitor.draft.hold_id = None;
            page(&visitor, Errors::default()).await
        }
        Err(error) => visitor.refused(error, Step::Confirm),
    }
}

/// The contact as it was sent.
fn contact(before: &Contact, fields: &Fields) -> Contact {
    let cut = |name: &str, max: usize| fields.get(name).chars().take(max).collect::<String>();
    Contact {
        name: cut("name", 200),
        email: cut("email", 320),
        phone: cut("phone", 60),
        access_note: cut("access_note", 4000),
        note: cut("note", 4000),
        address: before.address.clone(),
    }
}

/// The customer of a contact.
pub(super) fn customer(contact: &Contact, locale: &str) -> Customer {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Customer {
        name: contact.name.clone(),
        email: some(&contact.email),
        phone: some(&contact.phone),
        locale: some(locale),
        time_zone: None,
        external_ref: None,
        note: String::new(),
    }
}

/// The answers of a draft on their way into a booking.
pub(super) fn answers(visitor: &Visitor) -> Vec<AnswerGiven> {
    let pair =
        |(key, value): (&String, &String)| AnswerGiven { key: key.clone(), value: value.clone() };
    visitor.draft.answers.iter().map(pair).collect()
}

fn request(visitor: &Visitor) -> BookingRequest {
    let (draft, contact) = (&visitor.draft, &visitor.draft.contact);
    let locale = visitor.words().0.tag();
    let site = SiteChoice::New { name: String::new(), access_note: contact.access_note.clone() };
    BookingRequest {
        hold_id: draft.hold_id,
        slot: None,
        customer: Some(CustomerChoice::New(customer(contact, locale))),
        site: Some(site),
        title: String::new(),
        description: contact.note.clone(),
        priority: None,
        source: draft.origin.source.clone(),
        answers: answers(visitor),
        campaign: draft.origin.campaign.clone(),
    }
}

fn errors(visitor: &Visitor, faults: &[Fault]) -> Errors {
    let words = visitor.words();
    let of = |field: &str, key: &str| {
        faults.iter().any(|fault| fault.field == field).then(|| words.t(key))
    };
    let mut errors = Errors {
        name: of("customer.name", "confirm.name_wanted"),
        email: of("customer.email", "confirm.email_wrong"),
        phone: of("customer.phone", "confirm.phone_wrong"),
        other: None,
    };
    if !errors.any() {
        errors.other = Some(words.t("confirm.wrong"));
    }
    errors
}

#[derive(Template)]
#[template(path = "done.html")]
struct DonePage {
    f: Frame,
    code: String,
    title: String,
    length: String,
    day: String,
    window: String,
    zone: String,
    address: String,
    picture: String,
    contact: String,
    policy: String,
    manage: String,
    calendar: String,
    again: String,
}

pub(super) async fn done(visitor: Visitor) -> Response {
    match shown_done(&visitor).await {
        Ok(Some(response)) => response,
        Ok(None) => to(&format!("{}/confirm", visitor.root())),
        Err(error) => visitor.refused(error, Step::Confirm),
    }
}

async fn shown_done(visitor: &Visitor) -> Result<Option<Response>, AppError> {
    let Some(id) = visitor.draft.booking_id else { return Ok(None) };
    let actor = Actor::customer(visitor.actor().organization_id, id);
    let managed = manage::get(visitor.app(), &actor, &id).await?;
    let chosen = visitor.chosen().await?;
    let links = links::get(visitor.app(), &actor, id).await?;
    let (words, zone, booking) = (visitor.words(), managed.zone, &managed.booking);
    let place = &managed.visit.place;
    let slug = &visitor.guest.shop.slug;
    let contact = &visitor.draft.contact;
    let mut f =
        Frame::booking(words, &visitor.guest.shop, &visitor.draft.look, &words.t("done.title"));
    f.booked = Some(booking.code.clone());
    let page = DonePage {
        f,
        code: booking.code.clone(),
        title: booking.title.clone(),
        length: words.minutes(chosen.minutes),
        day: words.date(zone, booking.window.from),
        window: words.window(zone, booking.window),
        zone: words.zone(zone),
        address: place.address.to_string(),
        picture: super::maps::address(slug, (place.lat, place.lon), 16, true),
        contact: if contact.email.is_empty() {
            contact.phone.clone()
        } else {
            contact.email.clone()
        },
        policy: managed.page.policy.clone(),
        manage: links.manage,
        calendar: format!("{}/booking.ics", visitor.root()),
        again: format!("/book/{slug}"),
    };
    Ok(Some(page.f.answer(StatusCode::OK, &page)))
}

pub(super) async fn calendar(visitor: Visitor) -> Response {
    let Some(id) = visitor.draft.booking_id else {
        return to(&format!("{}/confirm", visitor.root()));
    };
    let actor = Actor::customer(visitor.actor().organization_id, id);
    let file = async {
        let managed = manage::get(visitor.app(), &actor, &id).await?;
        let links = links::get(visitor.app(), &actor, id).await?;
        Ok(calendar_file::answer(visitor.words(), &managed, &links.manage, visitor.app().now()))
    };
    file.await.unwrap_or_else(|error: AppError| visitor.refused(error, Step::Confirm))
}

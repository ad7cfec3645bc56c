//! Signing up for the waitlist, and going on from it when something is free.

use askama::Template;
use axum::Form;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{Days, NaiveDate};

use crate::app::areas::{Area, Reach};
use crate::app::{booking_pages, drafts, waitlist_entries};
use crate::domain::drafts::{Contact, Draft};
use crate::domain::error::AppError;
use crate::domain::faults::Faults;
use crate::domain::id::WaitlistEntryId;
use crate::domain::places::Place;
use crate::domain::questions;
use crate::domain::waitlist_entries::{WaitlistEntry, WaitlistReason, WaitlistStatus};
use crate::text::DateStyle;
use crate::web::customers::confirm::{answers, customer};
use crate::web::customers::errors::refused;
use crate::web::customers::frame::{Frame, Step, to};
use crate::web::customers::paging::Wish;
use crate::web::customers::place;
use crate::web::customers::visitor::{Fields, Guest, Visitor};
use crate::web::customers::words::date_in;

/// Days within which a start is wanted unless the customer says otherwise.
const SOON: u64 = 28;

#[derive(Template)]
#[template(path = "waitlist.html")]
struct WaitlistPage<'a> {
    f: Frame,
    root: String,
    summary: String,
    address: String,
    outside: bool,
    from: String,
    until: String,
    today: String,
    part: &'static str,
    contact: &'a Contact,
    error: Option<String>,
    /// The dates of the wish, once it is kept.
    joined: Option<(String, String)>,
}

pub(super) async fn show(visitor: Visitor) -> Response {
    page(&visitor, None, StatusCode::OK).await
}

async fn page(visitor: &Visitor, error: Option<String>, status: StatusCode) -> Response {
    let (area, place) = match area(visitor).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let chosen = match visitor.chosen().await {
        Ok(chosen) => chosen,
        Err(error) => return visitor.refused(error, Step::Service),
    };
    let (words, draft) = (visitor.words(), &visitor.draft);
    let today = date_in(visitor.app().now(), area.time_zone);
    let joined = match draft.waitlist_entry_id {
        Some(id) => waitlist_entries::open(visitor.app(), visitor.actor(), id).await.ok(),
        None => None,
    };
    let joined = joined.map(|record| {
        let day = |date: NaiveDate| words.civil(date, DateStyle::Date);
        (day(record.value.from), day(record.value.until))
    });
    let page = WaitlistPage {
        f: visitor.frame(Step::Time, !chosen.questions.is_empty(), &words.t("waitlist.title")),
        root: visitor.root(),
        summary: format!("{} · {}", chosen.title, words.minutes(chosen.minutes)),
        address: place.address.to_string(),
        outside: area.reach == Reach::Outside,
        from: today.to_string(),
        until: later(today, SOON).to_string(),
        today: today.to_string(),
        part: "",
        contact: &draft.contact,
        error,
        joined,
    };
    page.f.answer(status, &page)
}

/// Where, and whether anybody comes there; or the step that is missing.
async fn area(visitor: &Visitor) -> Result<(Area, Place), Response> {
    let Some(place) = visitor.draft.place.clone() else {
        return Err(to(&format!("{}/place", visitor.root())));
    };
    let area = place::area(visitor, &place).await;
    Ok((area.map_err(|error| visitor.refused(error, Step::Place))?, place))
}

pub(super) async fn join(
    mut visitor: Visitor,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let fields = Fields(fields);
    let (area, place) = match area(&visitor).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let cut = |name: &str, max: usize| fields.get(name).chars().take(max).collect::<String>();
    let contact = Contact {
        name: cut("name", 200),
        email: cut("email", 320),
        phone: cut("phone", 60),
        note: cut("note", 4000),
        ..visitor.draft.contact.clone()
    };
    visitor.draft.contact = contact;
    let today = date_in(visitor.app().now(), area.time_zone);
    let date = |name: &str| fields.get(name).parse::<NaiveDate>().ok();
    let from = date("from").unwrap_or(today).max(today);
    let until = date("until").unwrap_or(later(from, SOON)).max(from).min(later(from, 92));
    let part = fields.get("part").to_owned();
    let outside = matches!(area.reach, Reach::Outside | Reach::OffRoad);
    let entry = WaitlistEntry {
        location_id: area.location_id,
        reason: if outside { WaitlistReason::OutsideArea } else { WaitlistReason::Full },
        status: WaitlistStatus::Waiting,
        service_ids: visitor.draft.service_ids.clone(),
        package_id: visitor.draft.package_id,
        place,
        from,
        until,
        part_of_day: Wish::read(|_| Some(part.clone())).part,
        customer: customer(&visitor.draft.contact, visitor.words().0.tag()),
        answers: answers(&visitor),
        note: visitor.draft.contact.note.clone(),
        start: None,
        booking_id: None,
    };
    let words = visitor.words();
    match waitlist_entries::create(visitor.app(), visitor.actor(), &entry).await {
        Ok(record) => {
            visitor.draft.waitlist_entry_id = Some(record.id);
            match visitor.keep().await {
                Ok(()) => to(&format!("{}/waitlist", visitor.root())),
                Err(error) => visitor.refused(error, Step::Time),
            }
        }
        Err(AppError::Invalid(faults)) => {
            let of = |field: &str| faults.iter().any(|fault| fault.field.starts_with(field));
            let key = if of("customer.name") {
                "confirm.name_wanted"
            } else if of("customer.phone") {
                "confirm.phone_wrong"
            } else if of("customer.email") && visitor.draft.contact.email.is_empty() {
                "confirm.reach"
            } else if of("customer.email") {
                "confirm.email_wrong"
            } else {
                "confirm.wrong"
            };
            page(&visitor, Some(words.t(key)), StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => visitor.refused(error, Step::Time),
    }
}

/// Goes on from an entry for which something is free: a draft of what it wants, at the day.
pub(super) async fn open(guest: Guest, Path((_, entry)): Path<(String, String)>) -> Response {
    let begun = async {
        let missing = || AppError::not_found("waitlist_entry", &entry);
        let id: WaitlistEntryId = entry.parse().map_err(|_| missing())?;
        let record = waitlist_entries::open(&guest.app, &guest.actor, id).await?;
        if record.value.status == WaitlistStatus::Closed {
            return Err(missing());
        }
        let mut draft = draft_of(&record.value, id);
        let work = (draft.service_ids.as_slice(), draft.package_id);
        let asked = booking_pages::chosen(&guest.app, &guest.actor, work).await?.questions;
        let asked: Vec<_> = asked.iter().collect();
        let mut faults = Faults::default();
        questions::checked(&asked, &draft.answers, true, &mut faults);
        draft.answered = faults.list().is_empty();
        let draft_id = drafts::create(&guest.app, &guest.actor, &draft).await?;
        let day = record.value.start.map(|start| format!("?day={}", start.date_naive()));
        let root = format!("/book/{}/{draft_id}", guest.shop.slug);
        Ok(format!("{root}/time{}", day.unwrap_or_default()))
    };
    match begun.await {
        Ok(path) => to(&path),
        Err(error) => {
            let again = (format!("/book/{}", guest.shop.slug), guest.words.t("error.again"));
            refused(guest.frame(&guest.look()), error, Some(again))
        }
    }
}

fn draft_of(entry: &WaitlistEntry, id: WaitlistEntryId) -> Draft {
    let customer = &entry.customer;
    let answers = entry.answers.iter().map(|one| (one.key.clone(), one.value.clone()));
    let mut draft = Draft {
        service_ids: entry.service_ids.clone(),
        package_id: entry.package_id,
        place: Some(entry.place.clone()),
        answers: answers.collect(),
        waitlist_entry_id: Some(id),
        contact: Contact {
            name: customer.name.clone(),
            email: customer.email.clone().unwrap_or_default(),
            phone: customer.phone.clone().unwrap_or_default(),
            note: entry.note.clone(),
            ..Contact::default()
        },
        ..Draft::default()
    };
    draft.look.locale = customer.locale.clone().unwrap_or_default();
    "waitlist".clone_into(&mut draft.origin.source);
    draft
}

fn later(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_add_days(Days::new(days)).unwrap_or(date)
}

//! `/manage/{token}`: a customer's own booking, to move or to call off.

use askama::Template;
use axum::Form;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use chrono::{DateTime, Utc};

use crate::app::App;
use crate::app::links::{self, Purpose};
use crate::app::manage::{self, Managed};
use crate::app::technicians::Choosable;
use crate::domain::actors::Actor;
use crate::domain::bookings::BookingStatus;
use crate::domain::error::AppError;
use crate::domain::id::BookingId;
use crate::domain::slots::Alternative;
use crate::web::customers::errors::{lost, refused};
use crate::web::customers::frame::{self, Frame, parameter, to};
use crate::web::customers::paging::{Links, StartShown, TimesShown, Wish, shown};
use crate::web::customers::visitor::Fields;
use crate::web::customers::words::{Words, date_in};
use crate::web::customers::{Pages, calendar_file, maps};

/// Who has the link of a booking.
#[derive(Debug, Clone)]
pub(super) struct Owner {
    pub(super) app: App,
    pub(super) actor: Actor,
    pub(super) id: BookingId,
    pub(super) managed: Managed,
    pub(super) words: Words,
    pub(super) token: String,
    pub(super) uri: Uri,
    pub(super) pages: Pages,
}

impl Owner {
    /// Who has a link for a purpose.
    pub(super) async fn enter(
        pages: &Pages,
        parts: &mut Parts,
        purpose: Purpose,
    ) -> Result<Self, Response> {
        let params = RawPathParams::from_request_parts(parts, pages).await.ok();
        let token = params.iter().flatten().next().map_or_else(String::new, |(_, t)| t.to_owned());
        let words = frame::words(&parts.uri, &parts.headers, "", "");
        let opened = async {
            let opened = links::open_booking(&pages.app, purpose, &token).await?;
            let actor = Actor::customer(opened.organization_id, opened.booking_id);
            let managed = manage::get(&pages.app, &actor, &opened.booking_id).await?;
            Ok((actor, opened.booking_id, managed))
        };
        let (actor, id, managed) = opened.await.map_err(|error: AppError| lost(words, error))?;
        let words = frame::words(&parts.uri, &parts.headers, "", &managed.locale);
        let (app, uri) = (pages.app.clone(), parts.uri.clone());
        Ok(Self { app, actor, id, managed, words, token, uri, pages: pages.clone() })
    }

    /// The frame of a page about the booking.
    pub(super) fn frame(&self, title: &str) -> Frame {
        let Managed { organization, slug, page, .. } = &self.managed;
        Frame::plain(self.words, (organization, slug), page, title)
    }

    fn root(&self) -> String {
        format!("/manage/{}", self.token)
    }

    fn refused(&self, error: AppError) -> Response {
        let next = Some((self.root(), self.words.t("manage.back")));
        refused(self.frame(&self.words.t("error.title")), error, next)
    }
}

impl FromRequestParts<Pages> for Owner {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, pages: &Pages) -> Result<Self, Response> {
        Self::enter(pages, parts, Purpose::Manage).await
    }
}

/// What every page about a booking says.
#[derive(Debug, Clone)]
pub(super) struct BookingShown {
    pub(super) code: String,
    pub(super) title: String,
    pub(super) status: &'static str,
    pub(super) status_name: String,
    pub(super) day: String,
    pub(super) window: String,
    pub(super) zone: String,
    pub(super) length: String,
    pub(super) address: String,
    pub(super) picture: String,
    pub(super) answers: Vec<(String, String)>,
    pub(super) policy: String,
    pub(super) may_change: bool,
    pub(super) is_open: bool,
    pub(super) change_until: String,
}

/// The booking as its customer reads it.
pub(super) fn booking_shown(words: Words, managed: &Managed) -> BookingShown {
    let Managed { booking, visit, zone, .. } = managed;
    let status = booking.status.as_str();
    let place = &visit.place;
    let until = managed.change_until;
    let answers = booking.answers.iter();
    let answers = answers.filter(|one| one.kind != crate::domain::questions::QuestionKind::File);
    BookingShown {
        code: booking.code.clone(),
        title: booking.title.clone(),
        status,
        status_name: words.t(&format!("status.{status}")),
        day: words.date(*zone, booking.window.from),
        window: words.window(*zone, booking.window),
        zone: words.zone(*zone),
        length: words.minutes(visit.needs.on_site_s() / 60),
        address: place.address.to_string(),
        picture: maps::address(&managed.slug, (place.lat, place.lon), 16, true),
        answers: answers.map(|one| (one.label.clone(), one.value.clone())).collect(),
        policy: managed.page.policy.clone(),
        may_change: managed.may_change,
        is_open: booking.status.is_open(),
        change_until: format!("{}, {}", words.date(*zone, until), words.clock(*zone, until)),
    }
}

#[derive(Template)]
#[template(path = "manage.html")]
struct ManagePage {
    f: Frame,
    root: String,
    b: BookingShown,
    track: Option<String>,
    /// What has just been done.
    news: Option<String>,
    book: String,
}

pub(super) async fn show(owner: Owner) -> Response {
    let news = match parameter(&owner.uri, "done").as_deref() {
        Some("moved") => Some("manage.moved"),
        Some("cancelled") => Some("manage.cancelled"),
        _ => None,
    };
    let links = match links::get(&owner.app, &owner.actor, owner.id).await {
        Ok(links) => links,
        Err(error) => return owner.refused(error),
    };
    let zone = owner.managed.zone;
    let today = date_in(owner.app.now(), zone);
    let is_today = date_in(owner.managed.booking.window.from, zone) == today;
    let b = booking_shown(owner.words, &owner.managed);
    let page = ManagePage {
        f: owner.frame(&owner.words.t("manage.title")),
        root: owner.root(),
        track: (b.is_open && is_today).then_some(links.track),
        news: news.map(|key| owner.words.t(key)),
        book: format!("/book/{}", owner.managed.slug),
        b,
    };
    page.f.answer(StatusCode::OK, &page)
}

#[derive(Template)]
#[template(path = "move.html")]
struct MovePage {
    f: Frame,
    root: String,
    /// Where the filters are sent, and where a start is.
    path: String,
    post: String,
    b: BookingShown,
    times: TimesShown,
    part: &'static str,
    first: String,
    day: String,
    /// Starts to take instead of one that is gone.
    alternatives: Vec<StartShown>,
    taken: bool,
    /// The filters can name people; who comes to a booking stays as it is.
    technicians: Vec<(Choosable, bool)>,
}

pub(super) async fn times(owner: Owner) -> Response {
    move_page(&owner, &[], false).await
}

async fn move_page(owner: &Owner, alternatives: &[Alternative], taken: bool) -> Response {
    if !owner.managed.may_change {
        return to(&owner.root());
    }
    let (words, zone) = (owner.words, owner.managed.zone);
    let wish = Wish::read(|name| parameter(&owner.uri, name));
    let today = date_in(owner.app.now(), zone);
    let dates = wish.dates(today);
    let answer = manage::slots(&owner.app, &owner.actor, owner.id, (dates, wish.part)).await;
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return owner.refused(error),
    };
    let path = format!("{}/time", owner.root());
    let kept =
        if wish.part.is_some() { format!("&part={}", wish.part_word()) } else { String::new() };
    let times = shown(words, zone, &answer, (&wish, today, &Links { path: &path, kept: &kept }));
    let start = |one: &Alternative| StartShown {
        start: one.start.to_rfc3339(),
        label: words.short(zone, one.window),
        day: crate::text::date(words.0, zone, one.start, crate::text::DateStyle::Day),
        is_good: false,
    };
    let page = MovePage {
        f: owner.frame(&words.t("manage.move_title")),
        root: owner.root(),
        post: format!("{}/move", owner.root()),
        b: booking_shown(words, &owner.managed),
        times,
        part: wish.part_word(),
        first: dates.from.to_string(),
        day: wish.day.map(|day| day.to_string()).unwrap_or_default(),
        alternatives: alternatives.iter().map(start).collect(),
        taken,
        technicians: Vec::new(),
        path,
    };
    page.f.answer(if taken { StatusCode::CONFLICT } else { StatusCode::OK }, &page)
}

pub(super) async fn reschedule(
    owner: Owner,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let Ok(start) = Fields(fields).get("start").parse::<DateTime<Utc>>() else {
        return to(&format!("{}/time", owner.root()));
    };
    match manage::reschedule(&owner.app, &owner.actor, owner.id, start).await {
        Ok(_) => to(&format!("{}?done=moved", owner.root())),
        Err(AppError::SlotTaken { alternatives, .. }) => {
            move_page(&owner, &alternatives, true).await
        }
        Err(error) => owner.refused(error),
    }
}

#[derive(Template)]
#[template(path = "cancel.html")]
struct CancelPage {
    f: Frame,
    root: String,
    b: BookingShown,
}

pub(super) async fn ask_cancel(owner: Owner) -> Response {
    if !owner.managed.may_change {
        return to(&owner.root());
    }
    let page = CancelPage {
        f: owner.frame(&owner.words.t("manage.cancel_title")),
        root: owner.root(),
        b: booking_shown(owner.words, &owner.managed),
    };
    page.f.answer(StatusCode::OK, &page)
}

pub(super) async fn cancel(owner: Owner, Form(fields): Form<Vec<(String, String)>>) -> Response {
    let fields = Fields(fields);
    let (chosen, more) = (fields.get("reason"), fields.get("more"));
    let reason = match (chosen.is_empty(), more.is_empty()) {
        (false, false) => format!("{chosen}: {more}"),
        (false, true) => chosen.to_owned(),
        _ => more.to_owned(),
    };
    let reason: String = reason.chars().take(1000).collect();
    if owner.managed.booking.status == BookingStatus::Cancelled {
        return to(&format!("{}?done=cancelled", owner.root()));
    }
    match manage::cancel(&owner.app, &owner.actor, owner.id, &reason).await {
        Ok(_) => to(&format!("{}?done=cancelled", owner.root())),
        Err(error) => owner.refused(error),
    }
}

pub(super) async fn calendar(owner: Owner) -> Response {
    match links::get(&owner.app, &owner.actor, owner.id).await {
        Ok(links) => {
            calendar_file::answer(owner.words, &owner.managed, &links.manage, owner.app.now())
        }
        Err(error) => owner.refused(error),
    }
}

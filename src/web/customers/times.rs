//! The fourth step: when; and holding a start.

use askama::Template;
use axum::Form;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::app::areas::Reach;
use crate::app::booking_pages::Chosen;
use crate::app::holds::SlotChoice;
use crate::app::technicians::Choosable;
use crate::app::{holds, slots, technicians};
use crate::domain::bookings::Hold;
use crate::domain::error::AppError;
use crate::domain::id::{ServiceId, TechnicianId};
use crate::domain::places::Place;
use crate::domain::slots::{Alternative, SlotQuery, Wishes};
use crate::web::customers::frame::{Frame, Step, parameter, to};
use crate::web::customers::paging::{Links, StartShown, TimesShown, Wish, shown};
use crate::web::customers::place;
use crate::web::customers::visitor::{Fields, Visitor};
use crate::web::customers::words::date_in;

#[derive(Template)]
#[template(path = "times.html")]
struct TimesPage {
    f: Frame,
    root: String,
    /// Where the filters are sent, and where a start is.
    path: String,
    post: String,
    summary: String,
    address: String,
    zone: String,
    times: TimesShown,
    part: &'static str,
    first: String,
    day: String,
    /// Who may be chosen, and whether they are.
    technicians: Vec<(Choosable, bool)>,
    /// How many come, if several do.
    crew: Option<usize>,
    arrival_window: Option<String>,
    alternatives: Vec<StartShown>,
    /// Whether somebody was chosen, who may not be free at the alternatives.
    has_chosen: bool,
}

/// The page of a start that is gone.
#[derive(Template)]
#[template(path = "taken.html")]
struct TakenPage {
    f: Frame,
    root: String,
    zone: String,
    alternatives: Vec<StartShown>,
    /// Whether somebody was chosen, who may not be free at the alternatives.
    has_chosen: bool,
}

/// Everything that must be filled in before times are shown.
pub(super) struct Ready {
    pub(super) chosen: Chosen,
    pub(super) place: Place,
    pub(super) zone: Tz,
}

/// What is filled in, or the step that is missing.
pub(super) async fn ready(visitor: &Visitor) -> Result<Ready, Response> {
    let root = visitor.root();
    let chosen = visitor.chosen().await.map_err(|error| visitor.refused(error, Step::Service))?;
    let Some(place) = visitor.draft.place.clone() else {
        return Err(to(&format!("{root}/place")));
    };
    let area = place::area(visitor, &place).await;
    let area = area.map_err(|error| visitor.refused(error, Step::Place))?;
    if area.reach != Reach::Inside {
        return Err(to(&format!("{root}/place")));
    }
    if !chosen.questions.is_empty() && !visitor.draft.answered {
        return Err(to(&format!("{root}/questions")));
    }
    Ok(Ready { chosen, place, zone: area.time_zone })
}

pub(super) async fn show(mut visitor: Visitor) -> Response {
    let ready = match ready(&visitor).await {
        Ok(ready) => ready,
        Err(response) => return response,
    };
    let uri = visitor.guest.uri.clone();
    if let Some(with) = parameter(&uri, "with") {
        // Anything that is no id means whoever is free first.
        visitor.draft.technician_id = with.parse::<TechnicianId>().ok();
        if let Err(error) = visitor.keep().await {
            return visitor.refused(error, Step::Time);
        }
    }
    match page(&visitor, &ready, &Wish::read(|name| parameter(&uri, name))).await {
        Ok(response) => response,
        Err(error) => visitor.refused(error, Step::Place),
    }
}

async fn page(visitor: &Visitor, ready: &Ready, wish: &Wish) -> Result<Response, AppError> {
    let (words, root) = (visitor.words(), visitor.root());
    let Ready { chosen, place, zone } = ready;
    let today = date_in(visitor.app().now(), *zone);
    let dates = wish.dates(today);
    let query = SlotQuery {
        service_ids: visitor.draft.service_ids.clone(),
        package_id: visitor.draft.package_id,
        location_id: None,
        place: place.clone(),
        from: dates.from,
        until: dates.until,
        wishes: wishes(visitor, chosen, wish),
        limit: None,
        crews_per_slot: 1,
    };
    let answer = slots::search_public(visitor.app(), visitor.actor(), &query).await?;
    let kept =
        if wish.part.is_some() { format!("&part={}", wish.part_word()) } else { String::new() };
    let path = format!("{root}/time");
    let links = Links { path: &path, kept: &kept };
    let times = shown(words, *zone, &answer, (wish, today, &links));
    let alternatives = answer.alternatives.iter().map(|one| alternative(visitor, *zone, one));
    let window = i64::from(chosen.arrival_window_min);
    let page = TimesPage {
        f: visitor.frame(Step::Time, !chosen.questions.is_empty(), &words.t("time.title")),
        summary: format!("{} · {}", chosen.title, words.minutes(chosen.minutes)),
        address: place.address.to_string(),
        zone: words.zone(*zone),
        part: wish.part_word(),
        first: dates.from.to_string(),
        day: wish.day.map(|day| day.to_string()).unwrap_or_default(),
        technicians: choosable(visitor, chosen).await?,
        crew: Some(chosen.crew).filter(|crew| *crew > 1),
        arrival_window: (window > 0).then(|| words.minutes(window)),
        alternatives: alternatives.collect(),
        has_chosen: query.wishes.technician_id.is_some(),
        times,
        post: format!("{root}/hold"),
        path,
        root,
    };
    Ok(page.f.answer(StatusCode::OK, &page))
}

fn wishes(visitor: &Visitor, chosen: &Chosen, wish: &Wish) -> Wishes {
    let technician_id = visitor.draft.technician_id.filter(|_| chosen.customer_may_choose);
    Wishes { technician_id, part_of_day: wish.part, ..Wishes::default() }
}

/// Who may be chosen for all of the services.
async fn choosable(visitor: &Visitor, chosen: &Chosen) -> Result<Vec<(Choosable, bool)>, AppError> {
    if !chosen.customer_may_choose {
        return Ok(Vec::new());
    }
    let mut all: Option<Vec<Choosable>> = None;
    for id in &chosen.service_ids {
        let its = of_service(visitor, *id).await?;
        all = Some(match all {
            None => its,
            Some(all) => all.into_iter().filter(|one| its.contains(one)).collect(),
        });
    }
    let wanted = visitor.draft.technician_id;
    let all = all.unwrap_or_default().into_iter();
    Ok(all
        .map(|one| {
            let on = Some(one.id) == wanted;
            (one, on)
        })
        .collect())
}

async fn of_service(visitor: &Visitor, id: ServiceId) -> Result<Vec<Choosable>, AppError> {
    match technicians::choosable(visitor.app(), visitor.actor(), id).await {
        // A service of a package need not be for anyone by itself.
        Err(AppError::NotFound { .. }) => Ok(Vec::new()),
        found => found,
    }
}

fn alternative(visitor: &Visitor, zone: Tz, one: &Alternative) -> StartShown {
    let words = visitor.words();
    StartShown {
        start: one.start.to_rfc3339(),
        label: words.short(zone, one.window),
        day: crate::text::date(words.0, zone, one.start, crate::text::DateStyle::Day),
        is_good: false,
    }
}

pub(super) async fn hold(
    mut visitor: Visitor,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let ready = match ready(&visitor).await {
        Ok(ready) => ready,
        Err(response) => return response,
    };
    let fields = Fields(fields);
    let Ok(start) = fields.get("start").parse::<DateTime<Utc>>() else {
        return to(&format!("{}/time", visitor.root()));
    };
    if visitor.draft.booking_id.is_some() {
        return to(&format!("{}/done", visitor.root()));
    }
    // Who chooses anew wants the other start no more; it may have lapsed already.
    if let Some(id) = visitor.draft.hold_id.take() {
        drop(holds::release(visitor.app(), visitor.actor(), id).await);
    }
    let mut found = held(&visitor, &ready, start).await;
    // Alternatives are the nearest of all starts: where whom one chose is not free, a colleague comes.
    let is_alternative = fields.get("anyone") == "yes" && visitor.draft.technician_id.is_some();
    if is_alternative && matches!(found, Err(AppError::SlotTaken { .. })) {
        visitor.draft.technician_id = None;
        found = held(&visitor, &ready, start).await;
    }
    match found {
        Ok(hold) => {
            visitor.draft.hold_id = Some(hold.id);
            visitor.draft.start = Some(start);
            match visitor.keep().await {
                Ok(()) => to(&format!("{}/confirm", visitor.root())),
                Err(error) => visitor.refused(error, Step::Time),
            }
        }
        Err(AppError::SlotTaken { alternatives, .. }) => taken(&visitor, &ready, &alternatives),
        // A start that is over or off the grid is gone like one that is taken.
        Err(AppError::Invalid(_)) => taken(&visitor, &ready, &[]),
        Err(error) => visitor.refused(error, Step::Time),
    }
}

/// Holds a start, for whom the visitor chose.
async fn held(visitor: &Visitor, ready: &Ready, start: DateTime<Utc>) -> Result<Hold, AppError> {
    let choice = SlotChoice {
        service_ids: visitor.draft.service_ids.clone(),
        package_id: visitor.draft.package_id,
        location_id: None,
        place: ready.place.clone(),
        start,
        technician_ids: Vec::new(),
        wishes: wishes(visitor, &ready.chosen, &Wish::default()),
    };
    holds::create(visitor.app(), visitor.actor(), &choice).await
}

fn taken(visitor: &Visitor, ready: &Ready, alternatives: &[Alternative]) -> Response {
    let words = visitor.words();
    let one = |one: &Alternative| alternative(visitor, ready.zone, one);
    let asks = !ready.chosen.questions.is_empty();
    let page = TakenPage {
        f: visitor.frame(Step::Time, asks, &words.t("taken.title")),
        root: visitor.root(),
        zone: words.zone(ready.zone),
        alternatives: alternatives.iter().map(one).collect(),
        has_chosen: wishes(visitor, &ready.chosen, &Wish::default()).technician_id.is_some(),
    };
    page.f.answer(StatusCode::CONFLICT, &page)
}

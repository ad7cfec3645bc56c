//! `/track/{token}`: a visit as its customer follows it on the day.

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;

use crate::app::links::{self, Purpose};
use crate::app::manage::{Followed, follow};
use crate::domain::error::AppError;
use crate::domain::visits::VisitStatus;
use crate::web::customers::Pages;
use crate::web::customers::errors::refused;
use crate::web::customers::frame::Frame;
use crate::web::customers::manage::{BookingShown, Owner, booking_shown};
use crate::web::customers::maps::{WIDE, drawn};
use crate::web::customers::picture::View;

/// Seconds after which the page is read again while somebody is expected.
const REFRESH_S: u32 = 60;

/// Who has the link to follow a visit.
#[derive(Debug, Clone)]
pub(super) struct Follower(Owner);

impl FromRequestParts<Pages> for Follower {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, pages: &Pages) -> Result<Self, Response> {
        Owner::enter(pages, parts, Purpose::Track).await.map(Self)
    }
}

/// A step of the visit: its name, and `done`, `now` or `next`.
type StepShown = (String, &'static str);

#[derive(Template)]
#[template(path = "track.html")]
struct TrackPage {
    f: Frame,
    b: BookingShown,
    headline: String,
    sentence: String,
    steps: Vec<StepShown>,
    /// When somebody is expected.
    expected: Option<String>,
    late: bool,
    picture: Option<String>,
    manage: String,
}

pub(super) async fn show(Follower(owner): Follower) -> Response {
    match page(&owner).await {
        Ok(response) => response,
        Err(error) => refused(owner.frame(&owner.words.t("error.title")), error, None),
    }
}

async fn page(owner: &Owner) -> Result<Response, AppError> {
    let followed = follow(&owner.app, &owner.actor, owner.id).await?;
    let links = links::get(&owner.app, &owner.actor, owner.id).await?;
    let (words, zone) = (owner.words, followed.managed.zone);
    let b = booking_shown(words, &followed.managed);
    let key = state(&followed);
    let names = followed.names.join(", ");
    let expected = followed.expected.map(|at| words.clock(zone, at));
    let values: [(&str, &dyn std::fmt::Display); 4] = [
        ("names", &names),
        ("day", &b.day),
        ("window", &b.window),
        ("time", &expected.as_deref().unwrap_or_default()),
    ];
    let mut f = owner.frame(&words.t("track.title"));
    let waiting = !matches!(key, "later" | "done" | "cancelled" | "over");
    f.refresh_s = waiting.then_some(REFRESH_S);
    let on_the_way = followed.status == VisitStatus::EnRoute && !followed.approach.is_empty();
    let picture = on_the_way.then(|| format!("/track/{}/map.svg", owner.token));
    // Somebody may come without a name that can be told.
    let sentence = if names.is_empty() { "plain" } else { "named" };
    let page = TrackPage {
        headline: words.all(&format!("track.{key}.title"), &values),
        sentence: words.all(&format!("track.{key}.{sentence}"), &values),
        steps: steps(owner, &followed),
        expected: expected.filter(|_| b.is_open),
        late: followed.late,
        picture,
        manage: links.manage,
        b,
        f,
    };
    Ok(page.f.answer(StatusCode::OK, &page))
}

/// The word of how it goes.
fn state(followed: &Followed) -> &'static str {
    let booking = &followed.managed.booking;
    if booking.status == crate::domain::bookings::BookingStatus::Cancelled {
        return "cancelled";
    }
    match followed.status {
        VisitStatus::Finished => "done",
        VisitStatus::Cancelled => "cancelled",
        VisitStatus::Started | VisitStatus::Arrived => "there",
        VisitStatus::EnRoute if followed.late => "late_on_the_way",
        VisitStatus::EnRoute => "on_the_way",
        _ if !booking.status.is_open() => "over",
        _ if followed.expected.is_none() => "later",
        _ if followed.late => "late",
        _ => "today",
    }
}

fn steps(owner: &Owner, followed: &Followed) -> Vec<StepShown> {
    let at = match followed.status {
        VisitStatus::EnRoute => 1,
        VisitStatus::Arrived | VisitStatus::Started => 2,
        VisitStatus::Finished => 3,
        _ => 0,
    };
    let names = ["planned", "on_the_way", "there", "done"];
    let step = |(place, name): (usize, &str)| {
        let state = match place.cmp(&at) {
            std::cmp::Ordering::Less => "done",
            std::cmp::Ordering::Equal => "now",
            std::cmp::Ordering::Greater => "next",
        };
        (owner.words.t(&format!("track.step.{name}")), state)
    };
    names.into_iter().enumerate().map(step).collect()
}

/// The last mile of the way, while somebody is on it; else the place alone.
pub(super) async fn picture(Follower(owner): Follower) -> Response {
    let followed = match follow(&owner.app, &owner.actor, owner.id).await {
        Ok(followed) => followed,
        Err(error) => return refused(owner.frame(&owner.words.t("error.title")), error, None),
    };
    let place = &followed.managed.visit.place;
    let view = View::around(&followed.approach, (place.lat, place.lon), WIDE);
    drawn(&owner.pages, view, "private, no-cache").await
}

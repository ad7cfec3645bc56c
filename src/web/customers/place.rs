//! The second step: where; found among the region's addresses, or set as a pin on the map.

use askama::Template;
use axum::Form;
use axum::http::StatusCode;
use axum::response::Response;

use crate::app::addresses::{self, AddressFound};
use crate::app::areas::{self, Area, Reach};
use crate::domain::error::AppError;
use crate::domain::faults::Validate as _;
use crate::domain::places::{Address, Place};
use crate::web::customers::frame::{Frame, Step, parameter, to};
use crate::web::customers::maps::{SQUARE, address};
use crate::web::customers::picture::{View, ZOOMS};
use crate::web::customers::visitor::{Fields, Visitor};

/// Addresses listed when a text fits several.
const FOUND_MAX: u32 = 12;
/// Houses listed of a street without a number.
const HOUSES_MAX: u32 = 48;
/// Zoom of the map on which the pin is set first, where nothing is known of the place.
const FAR: u8 = 11;

#[derive(Template)]
#[template(path = "place.html")]
struct PlacePage {
    f: Frame,
    root: String,
    summary: String,
    /// Where suggestions come from; none if the server has no addresses.
    api: Option<String>,
    query: String,
    found: Vec<AddressFound>,
    error: Option<String>,
    chosen: Option<ChosenPlace>,
    pin: Option<PinForm>,
    outside_words: String,
    next: String,
}

/// The place that is chosen, with what is known about it.
#[derive(Debug, Clone)]
struct ChosenPlace {
    label: String,
    picture: String,
    reach: Reach,
    location: String,
}

/// The form of a pin.
#[derive(Debug, Clone)]
struct PinForm {
    address: Address,
    lat: String,
    lon: String,
    z: u8,
    set: bool,
    picture: String,
}

/// What the page shows beside the draft.
#[derive(Debug, Default)]
struct Shown {
    query: Option<String>,
    found: Vec<AddressFound>,
    error: Option<String>,
    pin: Option<PinForm>,
    status: StatusCode,
}

impl ChosenPlace {
    fn is_inside(&self) -> bool {
        self.reach == Reach::Inside
    }

    fn is_outside(&self) -> bool {
        self.reach == Reach::Outside
    }

    fn is_apart(&self) -> bool {
        self.reach == Reach::Apart
    }
}

pub(super) async fn show(visitor: Visitor) -> Response {
    // Without addresses to search in, the pin is the only way; what was chosen is shown all the same.
    let only = !addresses::any(visitor.app()) && visitor.draft.place.is_none();
    let by_pin = only || parameter(&visitor.guest.uri, "pin").is_some();
    let pin = if by_pin { Some(first_pin(&visitor).await) } else { None };
    page(&visitor, Shown { pin, ..Shown::default() }).await
}

async fn page(visitor: &Visitor, shown: Shown) -> Response {
    let chosen = match visitor.chosen().await {
        Ok(chosen) => chosen,
        Err(error) => return visitor.refused(error, Step::Service),
    };
    let asks = !chosen.questions.is_empty();
    let (words, draft, root) = (visitor.words(), &visitor.draft, visitor.root());
    let place = match &draft.place {
        Some(place) => match area(visitor, place).await {
            Ok(area) => Some(chosen_place(visitor, place, area)),
            Err(error) => return visitor.refused(error, Step::Service),
        },
        None => None,
    };
    let label = draft.place.as_ref().map(|place| place.address.to_string());
    let known = label.unwrap_or_else(|| draft.contact.address.clone());
    let slug = &visitor.guest.shop.slug;
    let next = if asks { "questions" } else { "time" };
    let page = PlacePage {
        f: visitor.frame(Step::Place, asks, &words.t("place.title")),
        summary: format!("{} · {}", chosen.title, words.minutes(chosen.minutes)),
        api: addresses::any(visitor.app()).then(|| format!("/api/v1/public/{slug}/addresses")),
        query: shown.query.unwrap_or(known),
        found: shown.found,
        error: shown.error,
        chosen: place,
        pin: shown.pin,
        outside_words: visitor.guest.shop.page.outside.clone(),
        next: format!("{root}/{next}"),
        root,
    };
    page.f.answer(shown.status, &page)
}

/// Whether anybody comes to a place for what is chosen.
pub(super) async fn area(visitor: &Visitor, place: &Place) -> Result<Area, AppError> {
    let work = (visitor.draft.service_ids.as_slice(), visitor.draft.package_id);
    areas::check(visitor.app(), visitor.actor(), work, place).await
}

fn chosen_place(visitor: &Visitor, place: &Place, area: Area) -> ChosenPlace {
    let label = place.address.to_string();
    let here = format!("{:.5}, {:.5}", place.lat, place.lon);
    ChosenPlace {
        label: if label.is_empty() { here } else { label },
        picture: address(&visitor.guest.shop.slug, (place.lat, place.lon), 16, true),
        reach: area.reach,
        location: area.location,
    }
}

pub(super) async fn choose(
    mut visitor: Visitor,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let fields = Fields(fields);
    if fields.has("lat") {
        return set_pin(visitor, &fields).await;
    }
    // Without scripts an address that was pressed comes after what was typed, and counts.
    let asked = fields.all("q").last().unwrap_or_default();
    let text: String = asked.trim().chars().take(200).collect();
    let words = visitor.words();
    if let Some(place) = addresses::geocode(visitor.app(), &text) {
        return chose(&mut visitor, place).await;
    }
    let found = addresses::suggest(visitor.app(), visitor.actor(), &text, FOUND_MAX);
    let mut found = found.unwrap_or_default();
    let complete: Vec<_> = found.iter().filter(|one| one.complete).cloned().collect();
    if let [sole] = complete.as_slice() {
        return chose(&mut visitor, sole.place.clone()).await;
    }
    let mut key = "place.several";
    if complete.is_empty() && !found.is_empty() {
        // A street without a number: its houses are there to choose.
        let houses = addresses::houses(visitor.app(), &text, HOUSES_MAX);
        (found, key) = (houses, "place.which_house");
    } else if complete.is_empty() {
        key = if text.is_empty() { "place.empty" } else { "place.unknown" };
    } else {
        found = complete;
    }
    visitor.draft.place = None;
    let (error, status) = (Some(words.t(key)), StatusCode::UNPROCESSABLE_ENTITY);
    page(&visitor, Shown { query: Some(text), found, error, status, ..Shown::default() }).await
}

/// Keeps a place and shows it for confirmation.
async fn chose(visitor: &mut Visitor, place: Place) -> Response {
    visitor.draft.place = Some(place);
    match visitor.keep().await {
        Ok(()) => to(&format!("{}/place#chosen", visitor.root())),
        Err(error) => visitor.refused(error, Step::Place),
    }
}

/// Where the pin is first: at the place that is chosen, else at the location that would do it.
async fn first_pin(visitor: &Visitor) -> PinForm {
    if let Some(place) = &visitor.draft.place {
        return pin_form(visitor, place.address.clone(), (place.lat, place.lon), 16, true);
    }
    let far = Place::at(64.14, -21.92);
    let base = areas::base(visitor.app(), visitor.actor()).await.ok().flatten().unwrap_or(far);
    pin_form(visitor, Address::default(), (base.lat, base.lon), FAR, false)
}

fn pin_form(
    visitor: &Visitor,
    written: Address,
    (lat, lon): (f64, f64),
    z: u8,
    set: bool,
) -> PinForm {
    let picture = address(&visitor.guest.shop.slug, (lat, lon), z, set);
    let (lat, lon) = (format!("{lat:.6}"), format!("{lon:.6}"));
    PinForm { address: written, lat, lon, z, set, picture: format!("{picture}&set=true") }
}

/// A click on the map moves the pin and goes nearer; buttons change the scale; at last it is kept.
async fn set_pin(mut visitor: Visitor, fields: &Fields) -> Response {
    let number = |name: &str| fields.get(name).parse::<f64>().ok().filter(|n| n.is_finite());
    let cut = |name: &str| fields.get(name).chars().take(200).collect::<String>();
    let written = Address {
        street: cut("street"),
        house_number: cut("number"),
        postcode: cut("postcode"),
        city: cut("city"),
    };
    let at = (number("lat").unwrap_or_default(), number("lon").unwrap_or_default());
    let zoom = fields.get("z").parse().unwrap_or(FAR).clamp(*ZOOMS.start(), *ZOOMS.end());
    let is_set = fields.get("set") == "true";
    let view = View { centre: at, zoom, size: SQUARE, pin: None, way: Vec::new() };
    let words = visitor.words();
    // Who reaches the map by keyboard and presses it sends the corner, which nobody means.
    let click = number("pin.x").zip(number("pin.y")).filter(|click| *click != (0.0, 0.0));
    let moved = match (fields.get("zoom"), click) {
        (_, Some((x, y))) => Some((view.point(x, y), (zoom + 1).min(17), true)),
        ("in", _) => Some((at, (zoom + 1).min(*ZOOMS.end()), is_set)),
        ("out", _) => Some((at, (zoom - 1).max(*ZOOMS.start()), is_set)),
        ("here", _) => Some((at, zoom, true)),
        _ => None,
    };
    if let Some((at, zoom, set)) = moved {
        let pin = Some(pin_form(&visitor, written, at, zoom, set));
        return page(&visitor, Shown { pin, ..Shown::default() }).await;
    }
    let place = Place { lat: at.0, lon: at.1, address: written.clone() };
    if !is_set || written.street.is_empty() || place.validated().is_err() {
        let error = Some(words.t(if is_set { "place.street_wanted" } else { "place.pin_wanted" }));
        let pin = Some(pin_form(&visitor, written, at, zoom, is_set));
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return page(&visitor, Shown { error, pin, status, ..Shown::default() }).await;
    }
    chose(&mut visitor, place).await
}

//! The first step: services and packages.

use askama::Template;
use axum::Form;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use crate::app::booking_pages::{self, PackageOffered, ServiceOffered};
use crate::app::drafts;
use crate::domain::drafts::{Contact, Draft, Look, Origin};
use crate::domain::error::AppError;
use crate::domain::id::ServiceId;
use crate::web::customers::frame::{Frame, Step, parameter, to};
use crate::web::customers::visitor::{Fields, Guest, Visitor};

/// Most characters taken of a parameter of the address.
const PARAMETER_MAX: usize = 200;
/// Most parameters of a campaign.
const CAMPAIGN_MAX: usize = 20;

#[derive(Template)]
#[template(path = "services.html")]
struct ServicesPage<'a> {
    f: Frame,
    intro: &'a str,
    /// What is offered, whether it is ticked, and how long it takes.
    packages: Vec<(&'a PackageOffered, bool, String)>,
    services: Vec<(&'a ServiceOffered, bool, String)>,
    error: Option<String>,
    /// How long it takes what is chosen; none if nothing is.
    total: Option<String>,
}

/// What is ticked.
#[derive(Debug, Clone, Default)]
struct Ticked {
    services: Vec<String>,
    packages: Vec<String>,
}

pub(super) async fn show(guest: Guest) -> Response {
    let wished = |name: &str| -> Vec<String> {
        let query = guest.uri.query().unwrap_or("").as_bytes();
        let pairs = url::form_urlencoded::parse(query);
        pairs.filter(|(key, _)| key == name).map(|(_, value)| value.into_owned()).collect()
    };
    let ticked = Ticked { services: wished("service"), packages: wished("package") };
    page(&guest, guest.frame(&guest.look()), &ticked, None)
}

pub(super) async fn again(visitor: Visitor) -> Response {
    let Visitor { guest, draft, .. } = &visitor;
    let ticked = Ticked {
        services: draft.service_ids.iter().map(ToString::to_string).collect(),
        packages: draft.package_id.iter().map(ToString::to_string).collect(),
    };
    page(guest, guest.frame(&draft.look), &ticked, None)
}

fn page(guest: &Guest, frame: Frame, ticked: &Ticked, error: Option<(u16, String)>) -> Response {
    let shop = &guest.shop;
    let is_on = |list: &[String], id: &str, name: &str| {
        list.iter().any(|wished| wished == id || wished.eq_ignore_ascii_case(name))
    };
    let length = |stay: booking_pages::Stay| guest.words.minutes(stay.minutes());
    let services: Vec<_> = shop
        .services
        .iter()
        .map(|one| {
            let on = is_on(&ticked.services, &one.id.to_string(), &one.name);
            (one, on, length(one.stay))
        })
        .collect();
    let packages: Vec<_> = shop
        .packages
        .iter()
        .map(|one| {
            let on = is_on(&ticked.packages, &one.id.to_string(), &one.name);
            (one, on, length(one.stay))
        })
        .collect();
    let stays = services.iter().filter(|(_, on, _)| *on).map(|(one, ..)| one.stay);
    let stays = stays.chain(packages.iter().filter(|(_, on, _)| *on).map(|(one, ..)| one.stay));
    let total = stays.reduce(|a, b| booking_pages::Stay {
        setup: a.setup.max(b.setup),
        work: a.work + b.work,
        exit: a.exit.max(b.exit),
    });
    let status = error.as_ref().map_or(200, |(status, _)| *status);
    let page = ServicesPage {
        f: frame.at(Step::Service, "", true),
        intro: &shop.page.intro,
        packages,
        services,
        error: error.map(|(_, text)| text),
        total: total.map(length),
    };
    page.f.answer(StatusCode::from_u16(status).unwrap_or(StatusCode::OK), &page)
}

pub(super) async fn choose(guest: Guest, Form(fields): Form<Vec<(String, String)>>) -> Response {
    let fields = Fields(fields);
    let asked = |name: &str| -> String {
        parameter(&guest.uri, name).unwrap_or_default().chars().take(PARAMETER_MAX).collect()
    };
    let draft = Draft {
        contact: Contact {
            name: asked("name"),
            email: asked("email"),
            phone: asked("phone"),
            address: asked("address"),
            ..Contact::default()
        },
        origin: origin(&guest),
        look: guest.look(),
        ..Draft::default()
    };
    let look = draft.look.clone();
    match chosen(&guest, &fields, draft).await {
        Ok(draft) => match drafts::create(&guest.app, &guest.actor, &draft).await {
            Ok(id) => to(&format!("/book/{}/{id}/place", guest.shop.slug)),
            Err(error) => crate::web::customers::errors::refused(guest.frame(&look), error, None),
        },
        Err(error) => unfit(&guest, &look, &fields, error),
    }
}

pub(super) async fn rechoose(
    mut visitor: Visitor,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let fields = Fields(fields);
    match chosen(&visitor.guest, &fields, visitor.draft.clone()).await {
        Ok(draft) => {
            visitor.draft = Draft { answered: false, ..draft };
            match visitor.keep().await {
                Ok(()) => to(&format!("{}/place", visitor.root())),
                Err(error) => visitor.refused(error, Step::Service),
            }
        }
        Err(error) => unfit(&visitor.guest, &visitor.draft.look, &fields, error),
    }
}

/// The draft with what is ticked, if that goes together.
async fn chosen(guest: &Guest, fields: &Fields, draft: Draft) -> Result<Draft, AppError> {
    let services: Vec<ServiceId> = fields.all("service").filter_map(|id| id.parse().ok()).collect();
    let packages: Vec<_> = fields.all("package").filter_map(|id| id.parse().ok()).collect();
    let draft = match (services.is_empty(), packages.as_slice()) {
        (true, []) => return Err(AppError::invalid("service", "", "choose something")),
        (true, [one]) => Draft { service_ids: Vec::new(), package_id: Some(*one), ..draft },
        _ => {
            let mut service_ids = Vec::new();
            for package in packages {
                let its = booking_pages::chosen(&guest.app, &guest.actor, (&[], Some(package)));
                service_ids.extend(its.await?.service_ids);
            }
            service_ids.extend(services);
            let mut seen = std::collections::BTreeSet::new();
            service_ids.retain(|id| seen.insert(*id));
            Draft { service_ids, package_id: None, ..draft }
        }
    };
    let work = (draft.service_ids.as_slice(), draft.package_id);
    booking_pages::chosen(&guest.app, &guest.actor, work).await?;
    Ok(draft)
}

fn unfit(guest: &Guest, look: &Look, fields: &Fields, error: AppError) -> Response {
    let AppError::Invalid(_) = error else {
        return crate::web::customers::errors::refused(guest.frame(look), error, None);
    };
    let none = !fields.has("service") && !fields.has("package");
    let key = if none { "service.none" } else { "service.unfit" };
    let ticked = Ticked {
        services: fields.all("service").map(str::to_owned).collect(),
        packages: fields.all("package").map(str::to_owned).collect(),
    };
    let error = Some((422, guest.words.t(key)));
    page(guest, guest.frame(look), &ticked, error).into_response()
}

/// Where the customer comes from, as the address says.
fn origin(guest: &Guest) -> Origin {
    let cut = |text: &str| text.chars().take(PARAMETER_MAX).collect::<String>();
    let query = guest.uri.query().unwrap_or("").as_bytes();
    let campaign = url::form_urlencoded::parse(query)
        .filter(|(key, _)| key.starts_with("utm_") && key.len() <= 40)
        .take(CAMPAIGN_MAX)
        .map(|(key, value)| (key.into_owned(), cut(&value)))
        .collect();
    let source = parameter(&guest.uri, "source").unwrap_or_default();
    Origin { source: source.chars().take(40).collect(), campaign }
}

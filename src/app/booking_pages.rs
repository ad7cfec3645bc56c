//! What the booking page shows: the organization's words, what anyone may book, and what it asks.

use crate::app::App;
use crate::app::bookings::answers::questions_of;
use crate::app::live;
use crate::app::permissions::{Operation, permit};
use crate::domain::actors::Actor;
use crate::domain::booking_pages::BookingPage;
use crate::domain::error::AppError;
use crate::domain::id::{PackageId, ServiceId};
use crate::domain::questions::Question;

/// What anyone may know of an organization and book.
#[derive(Debug, Clone)]
pub struct Shop {
    /// The organization's name.
    pub name: String,
    /// Its name in addresses.
    pub slug: String,
    /// BCP 47 language of readers who ask for none that we have.
    pub locale: String,
    /// Its words for customers.
    pub page: BookingPage,
    /// What anyone may book, by name.
    pub services: Vec<ServiceOffered>,
    /// Packages that anyone may book, by name.
    pub packages: Vec<PackageOffered>,
}

/// A service that anyone may book.
#[derive(Debug, Clone)]
pub struct ServiceOffered {
    /// Its id.
    pub id: ServiceId,
    /// Its name.
    pub name: String,
    /// What the customer reads.
    pub description: String,
    /// How long it takes.
    pub stay: Stay,
}

/// A package that anyone may book.
#[derive(Debug, Clone)]
pub struct PackageOffered {
    /// Its id.
    pub id: PackageId,
    /// Its name.
    pub name: String,
    /// What the customer reads.
    pub description: String,
    /// The names of its services.
    pub services: Vec<String>,
    /// How long it takes.
    pub stay: Stay,
}

/// How long something takes on site, in minutes. Of several things work adds up, of the others the
/// longest counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stay {
    /// To set up.
    pub setup: i64,
    /// To work.
    pub work: i64,
    /// To pack up.
    pub exit: i64,
}

impl Stay {
    /// All of it.
    pub fn minutes(self) -> i64 {
        self.setup + self.work + self.exit
    }
}

/// What is chosen, as one visit.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// The names of the services, or of the package, joined.
    pub title: String,
    /// The services, in order of work.
    pub service_ids: Vec<ServiceId>,
    /// Minutes on site.
    pub minutes: i64,
    /// Minutes of the arrival window; 0 promises the exact time.
    pub arrival_window_min: u32,
    /// Whether the customer may choose who comes.
    pub customer_may_choose: bool,
    /// How many people come.
    pub crew: usize,
    /// What it asks, in order.
    pub questions: Vec<Question>,
}

/// What anyone may know of the actor's organization, and book.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Forbidden`].
pub async fn shop(app: &App, actor: &Actor) -> Result<Shop, AppError> {
    permit(actor, Operation::ServicesRead)?;
    let mut tx = app.db.read().await?;
    let setup = live::setup(app, &mut tx, actor.organization_id).await?;
    drop(tx);
    let catalogue = &setup.catalogue;
    let stay = |ids: &[ServiceId]| {
        catalogue.work(ids).map_or_else(
            |_| Stay::default(),
            |work| Stay {
                setup: work.needs.setup_s / 60,
                work: work.needs.work_s / 60,
                exit: work.needs.exit_s / 60,
            },
        )
    };
    let offered = catalogue.services.iter().filter(|(_, one)| one.active && one.public);
    let mut services: Vec<ServiceOffered> = offered
        .map(|(id, service)| ServiceOffered {
            id: *id,
            name: service.name.clone(),
            description: service.description.clone(),
            stay: stay(&[*id]),
        })
        .collect();
    services.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    let names = |ids: &[ServiceId]| -> Option<Vec<String>> {
        let named = ids.iter().map(|id| catalogue.services.get(id).filter(|one| one.active));
        named.map(|service| service.map(|service| service.name.clone())).collect()
    };
    let mut packages: Vec<PackageOffered> = catalogue
        .packages
        .iter()
        .filter(|(_, package)| package.public)
        .filter_map(|(id, package)| {
            Some(PackageOffered {
                id: *id,
                name: package.name.clone(),
                description: package.description.clone(),
                services: names(&package.service_ids)?,
                stay: stay(&package.service_ids),
            })
        })
        .collect();
    packages.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    let organization = &catalogue.organization;
    Ok(Shop {
        name: organization.name.clone(),
        slug: organization.slug.clone(),
        locale: organization.locale.clone(),
        page: organization.booking_page.clone(),
        services,
        packages,
    })
}

/// What some services, or a package, are as one visit.
///
/// # Errors
/// [`AppError::Invalid`] for what does not exist, is not for anyone, or does not go together;
/// [`AppError::Forbidden`].
pub async fn chosen(
    app: &App,
    actor: &Actor,
    (service_ids, package_id): (&[ServiceId], Option<PackageId>),
) -> Result<Chosen, AppError> {
    permit(actor, Operation::ServicesRead)?;
    let mut tx = app.db.read().await?;
    let setup = live::setup(app, &mut tx, actor.organization_id).await?;
    drop(tx);
    let catalogue = &setup.catalogue;
    let ids = catalogue.services_of(service_ids, package_id)?;
    let work = catalogue.work(&ids)?;
    let package = package_id.and_then(|id| catalogue.packages.get(&id));
    if !work.active || !package.map_or(work.public, |package| package.public) {
        return Err(AppError::invalid("service_ids", "", "this cannot be booked by anyone"));
    }
    Ok(Chosen {
        title: package.map_or(work.title.clone(), |package| package.name.clone()),
        minutes: work.needs.on_site_s() / 60,
        arrival_window_min: work.arrival_window_min,
        customer_may_choose: work.customer_may_choose,
        crew: work.needs.crew.len(),
        questions: questions_of(&setup, &ids).into_iter().cloned().collect(),
        service_ids: ids,
    })
}

//! What messages about a visit can say: the visit, its booking, and everybody concerned.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::app::App;
use crate::app::links::{self, BookingLinks};
use crate::calendar::quiet;
use crate::domain::bookings::Booking;
use crate::domain::customers::Customer;
use crate::domain::error::AppError;
use crate::domain::id::{CustomerId, OrganizationId, TechnicianId, VisitId};
use crate::domain::jobs::Job;
use crate::domain::locations::Location;
use crate::domain::members::Member;
use crate::domain::messages::settings::MessageSettings;
use crate::domain::organizations::Organization;
use crate::domain::services::Service;
use crate::domain::sites::Site;
use crate::domain::technicians::Technician;
use crate::domain::visits::{Assignment, Visit};
use crate::store::records::{self, Listing};
use crate::store::{Tx, assignments, bookings, message_settings, organizations, visits};
use crate::text::Locale;

/// What is about an appointment sooner than this after quiet hours does not wait for their end.
const SOON: TimeDelta = TimeDelta::hours(4);

/// An organization and its rules.
#[derive(Debug, Clone)]
pub(super) struct House {
    pub(super) id: OrganizationId,
    pub(super) organization: Organization,
    pub(super) settings: MessageSettings,
}

/// A visit and everybody concerned.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub(super) visit: Visit,
    pub(super) assignments: Vec<Assignment>,
    pub(super) booking: Option<Booking>,
    pub(super) customer: Option<(CustomerId, Customer)>,
    pub(super) location: Location,
    /// Names of the services, in order.
    pub(super) services: Vec<String>,
    /// One line for lists.
    pub(super) title: String,
    /// How to get in, and what the customer said.
    pub(super) note: String,
    /// Names of the crew, by role.
    pub(super) crew: Vec<(TechnicianId, String)>,
    pub(super) links: Option<BookingLinks>,
}

/// A technician as a reader.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    pub(super) name: String,
    /// Of the member that is the technician, if there is one.
    pub(super) email: Option<String>,
    pub(super) locale: Locale,
}

impl House {
    /// # Errors
    /// [`AppError::NotFound`]; or if the store fails.
    pub(super) async fn of(tx: &mut Tx, id: OrganizationId) -> Result<Self, AppError> {
        let organization = organizations::get(tx, id).await?;
        let organization = organization.ok_or_else(|| AppError::not_found("organization", id))?;
        let (settings, _) = message_settings::get(tx, id).await?;
        Ok(Self { id, organization: organization.value, settings })
    }

    /// When something that can wait goes out: now, or after the quiet hours of its reader. What is about
    /// an appointment soon after them cannot wait.
    pub(super) fn patient(
        &self,
        zone: Tz,
        now: DateTime<Utc>,
        start: Option<DateTime<Utc>>,
    ) -> DateTime<Utc> {
        let hours = self.settings.quiet_hours;
        hours.map_or(now, |hours| quiet::patient(zone, hours, (now, start), SOON))
    }

    /// The language of readers of whom none is known.
    pub(super) fn locale(&self) -> Locale {
        Locale::from_tag(&self.organization.locale).unwrap_or_default()
    }
}

impl Facts {
    /// Everything about a visit; none if it is gone.
    ///
    /// # Errors
    /// If the store fails.
    pub(super) async fn of(
        app: &App,
        tx: &mut Tx,
        house: &House,
        visit_id: VisitId,
    ) -> Result<Option<Self>, AppError> {
        let id = house.id;
        let Some(visit) = visits::get(tx, id, visit_id).await? else { return Ok(None) };
        let Some(location) = records::get::<Location>(tx, id, visit.location_id).await? else {
            return Ok(None);
        };
        let assigned = assignments::of_visits(tx, id, &[visit_id]).await?;
        let assignments: Vec<Assignment> = assigned.iter().map(|one| one.assignment).collect();
        let booking = bookings::of_visit(tx, id, visit_id).await?;
        let job = records::get::<Job>(tx, id, visit.job_id).await?.map(|job| job.value);
        let customer_id = booking.as_ref().and_then(|booking| booking.customer_id);
        let customer_id = customer_id.or(job.as_ref().and_then(|job| job.customer_id));
        let customer = match customer_id {
            Some(customer_id) => records::get::<Customer>(tx, id, customer_id).await?,
            None => None,
        };
        let site_id = booking.as_ref().and_then(|booking| booking.site_id);
        let site = match site_id.or(job.as_ref().and_then(|job| job.site_id)) {
            Some(site_id) => records::get::<Site>(tx, id, site_id).await?,
            None => None,
        };
        let services = names::<Service>(tx, id, &visit.needs.service_ids).await?;
        let ids: Vec<TechnicianId> = assignments.iter().map(|one| one.technician_id).collect();
        let found = records::get_many::<Technician>(tx, id, &ids).await?;
        let name = |id: TechnicianId| {
            let its = found.iter().find(|record| record.id == id);
            its.map(|record| record.value.name.clone()).unwrap_or_default()
        };
        let crew = ids.iter().map(|id| (*id, name(*id))).collect();
        let links = match &booking {
            Some(booking) => Some(links::of_booking(app, tx, id, booking.id).await?),
            None => None,
        };
        let access = site.map(|site| site.value.access_note).unwrap_or_default();
        let described = booking.as_ref().map(|booking| booking.description.as_str());
        let described = described.or(job.as_ref().map(|job| job.description.as_str()));
        let note = [access.as_str(), described.unwrap_or_default()];
        let note: Vec<&str> = note.into_iter().filter(|text| !text.is_empty()).collect();
        let titled = booking.as_ref().map(|booking| booking.title.clone());
        let titled = titled.or(job.as_ref().map(|job| job.title.clone()));
        let title = titled.unwrap_or_else(|| services.join(", "));
        Ok(Some(Self {
            customer: customer.map(|record| (record.id, record.value)),
            note: note.join("\n"),
            location: location.value,
            visit,
            assignments,
            booking,
            services,
            title,
            crew,
            links,
        }))
    }

    /// The zone of its times.
    pub(super) fn zone(&self) -> Tz {
        self.location.time_zone
    }

    /// The zone of its customer's clocks.
    pub(super) fn reader_zone(&self) -> Tz {
        let own = self.customer.as_ref().and_then(|(_, customer)| customer.time_zone);
        own.unwrap_or_else(|| self.zone())
    }

    /// The language of its customer.
    pub(super) fn locale(&self, house: &House) -> Locale {
        let own = self.customer.as_ref().and_then(|(_, customer)| customer.locale.as_deref());
        own.and_then(Locale::from_tag).unwrap_or_else(|| house.locale())
    }
}

async fn names<N: records::Noun>(
    tx: &mut Tx,
    id: OrganizationId,
    ids: &[N::Id],
) -> Result<Vec<String>, AppError> {
    let mut found = Vec::with_capacity(ids.len());
    for one in ids {
        let record = records::get::<N>(tx, id, *one).await?;
        found.extend(record.map(|record| record.value.name().into_owned()));
    }
    Ok(found)
}

/// A technician as a reader.
///
/// # Errors
/// If the store fails.
pub(super) async fn reader(
    tx: &mut Tx,
    house: &House,
    technician_id: TechnicianId,
) -> Result<Reader, AppError> {
    let technician = records::get::<Technician>(tx, house.id, technician_id).await?;
    let filters = vec![("technician_id", technician_id.into()), ("active", true.into())];
    let listing = Listing { filters, ..Listing::default() };
    let members = records::list::<Member>(tx, house.id, &listing).await?;
    let member = members.items.into_iter().next().map(|record| record.value);
    let own = member.as_ref().and_then(|member| member.locale.as_deref());
    Ok(Reader {
        name: technician.map(|record| record.value.name).unwrap_or_default(),
        locale: own.and_then(Locale::from_tag).unwrap_or_else(|| house.locale()),
        email: member.map(|member| member.email),
    })
}

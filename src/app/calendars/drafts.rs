//! From visits to events: title, people, place, times and what the technician needs to know.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::app::calendars::travel;
use crate::calendar::ics::write::{IcsEvent, uid_of_visit};
use crate::domain::bookings::Booking;
use crate::domain::codes::hex;
use crate::domain::customers::Customer;
use crate::domain::error::AppError;
use crate::domain::id::{OrganizationId, TechnicianId, VisitId};
use crate::domain::jobs::Job;
use crate::domain::locations::Location;
use crate::domain::records::Record;
use crate::domain::sites::Site;
use crate::domain::technicians::Technician;
use crate::domain::visits::{Visit, VisitStatus};
use crate::planning::times::minutes_up;
use crate::store::assignments::Assigned;
use crate::store::records::{Noun, get_many};
use crate::store::{Tx, assignments, bookings, organizations, visits};
use crate::text::{DateStyle, Locale, date};

/// A visit as an event, and who does it.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    event: IcsEvent,
    pub(super) technician_ids: Vec<TechnicianId>,
    /// Seconds that each of them drives to it, where that is to be said.
    drives: BTreeMap<TechnicianId, i64>,
    /// Pages about it: of those who do it, and of the office; none where the server has no address.
    pages: Option<Pages>,
    locale: Locale,
    zone: Tz,
}

#[derive(Debug, Clone)]
struct Pages {
    crew: String,
    office: String,
}

impl Draft {
    /// The event in a calendar of one of those who do it, or of the business.
    pub(super) fn event_of(&self, technician_id: Option<TechnicianId>) -> IcsEvent {
        let mut event = self.event.clone();
        let drive = technician_id.and_then(|id| self.drives.get(&id).copied());
        if let Some(seconds) = drive.filter(|seconds| *seconds > 0) {
            let leave = event.start - TimeDelta::seconds(seconds);
            let leave = date(self.locale, self.zone, leave, DateStyle::Time);
            let minutes = minutes_up(seconds);
            let values: [(&str, &dyn Display); 2] = [("minutes", &minutes), ("time", &leave)];
            let line = self.locale.text("calendar.travel", &values);
            event.description = format!("{line}\n{}", event.description);
        }
        if let Some(pages) = &self.pages {
            let page = if technician_id.is_some() { &pages.crew } else { &pages.office };
            event.url.clone_from(page);
            let line = self.locale.text("calendar.page", &[("value", page)]);
            event.description = format!("{}\n{line}", event.description);
        }
        event
    }
}

/// The visits that stand in somebody's day, as events; others are left out.
///
/// Cost: a handful of queries, however many visits.
pub(super) async fn load(
    app: &App,
    tx: &mut Tx,
    organization_id: OrganizationId,
    visit_ids: &[VisitId],
) -> Result<BTreeMap<VisitId, Draft>, AppError> {
    let found = visits::get_many(tx, organization_id, visit_ids).await?;
    let planned = |visit: &Visit| visit.status.occupies() && visit.status != VisitStatus::Held;
    let found: Vec<Visit> = found.into_iter().filter(planned).collect();
    let ids: Vec<VisitId> = found.iter().map(|visit| visit.id).collect();
    let assigned = assignments::of_visits(tx, organization_id, &ids).await?;
    let booked = bookings::of_visits(tx, organization_id, &ids).await?;
    let jobs = by_id::<Job>(tx, organization_id, found.iter().map(|visit| visit.job_id)).await?;
    let of_jobs = jobs.values().map(|job| &job.value);
    let customers = of_jobs.clone().filter_map(|job| job.customer_id);
    let customers = by_id::<Customer>(tx, organization_id, customers).await?;
    let sites = of_jobs.filter_map(|job| job.site_id);
    let sites = by_id::<Site>(tx, organization_id, sites).await?;
    let locations = found.iter().map(|visit| visit.location_id);
    let locations = by_id::<Location>(tx, organization_id, locations).await?;
    let people = assigned.iter().map(|one| one.assignment.technician_id);
    let people = by_id::<Technician>(tx, organization_id, people).await?;
    let changed = visits::changed_at(tx, organization_id, &ids).await?;
    let drives = travel::drives(app, tx, organization_id, (&found, &assigned)).await?;
    let organization = organizations::get(tx, organization_id).await?;
    let tag = organization.as_ref().map_or("en", |organization| &organization.value.locale);
    let locale = Locale::from_tag(tag).unwrap_or_default();
    let mut drafts = BTreeMap::new();
    for visit in &found {
        let crew: Vec<&Assigned> =
            assigned.iter().filter(|one| one.assignment.visit_id == visit.id).collect();
        let Some(first) = crew.first() else { continue };
        let booking = booked.iter().find(|booking| booking.visit_id == visit.id);
        let job = jobs.get(&visit.job_id).map(|job| &job.value);
        let zone = locations.get(&visit.location_id).map_or(Tz::UTC, |one| one.value.time_zone);
        let parts = Parts {
            visit,
            booking,
            job,
            customer: job.and_then(|job| customers.get(&job.customer_id?)).map(|one| &one.value),
            site: job.and_then(|job| sites.get(&job.site_id?)).map(|one| &one.value),
            crew: crew
                .iter()
                .filter_map(|one| people.get(&one.assignment.technician_id))
                .map(|person| person.value.name.as_str())
                .collect(),
            locale,
            zone,
        };
        let mut event = parts.event(app, (first.assignment.start, first.assignment.end));
        let agreed = booking.map(|booking| booking.updated_at);
        event.modified = changed.get(&visit.id).copied().max(agreed);
        let technician_ids: Vec<_> = crew.iter().map(|one| one.assignment.technician_id).collect();
        let of = |id: &TechnicianId| Some((*id, drives.get(&(visit.id, *id)).copied()?));
        let drives = technician_ids.iter().filter_map(of).collect();
        let pages = app.calendars.rules.links.as_deref().map(|base| parts.pages(base, &event));
        let draft = Draft { event, technician_ids, drives, pages, locale, zone };
        drafts.insert(visit.id, draft);
    }
    Ok(drafts)
}

async fn by_id<N: Noun>(
    tx: &mut Tx,
    organization_id: OrganizationId,
    ids: impl Iterator<Item = N::Id>,
) -> Result<BTreeMap<N::Id, Record<N::Id, N>>, AppError>
where
    N::Id: Ord,
{
    let ids: BTreeSet<N::Id> = ids.collect();
    let ids: Vec<N::Id> = ids.into_iter().collect();
    let found = get_many::<N>(tx, organization_id, &ids).await?;
    Ok(found.into_iter().map(|record| (record.id, record)).collect())
}

/// What an event is made of.
struct Parts<'a> {
    visit: &'a Visit,
    booking: Option<&'a Booking>,
    job: Option<&'a Job>,
    customer: Option<&'a Customer>,
    site: Option<&'a Site>,
    crew: Vec<&'a str>,
    locale: Locale,
    zone: Tz,
}

impl Parts<'_> {
    fn event(&self, app: &App, (start, end): (DateTime<Utc>, DateTime<Utc>)) -> IcsEvent {
        let visit = self.visit;
        let title = self.booking.map(|booking| booking.title.as_str());
        let title = title.or_else(|| self.job.map(|job| job.title.as_str())).unwrap_or("Roundsman");
        let title = match self.customer {
            Some(customer) => format!("{title} · {}", customer.name),
            None => title.to_owned(),
        };
        let place = &visit.place;
        let address = place.address.to_string();
        IcsEvent {
            uid: uid_of_visit(visit.id),
            visit_id: visit.id,
            sequence: u32::try_from(visit.revision - 1).unwrap_or_default(),
            stamp: app.now(),
            modified: None,
            start,
            end,
            title,
            description: self.description((start, end)),
            place: address,
            position: (place.lat, place.lon),
            url: String::new(),
            private: app.calendars.rules.private_events,
        }
    }

    /// The pages about it: the day of those who do it with the visit open, and the booking.
    fn pages(&self, base: &str, event: &IcsEvent) -> Pages {
        let (id, day) = (self.visit.id, event.start.with_timezone(&self.zone).date_naive());
        let office = match self.booking {
            Some(booking) => format!("{base}/board/bookings?booking={}", booking.id),
            None => format!("{base}/board?date={day}&visit={id}"),
        };
        Pages { crew: format!("{base}/day?date={day}&visit={id}"), office }
    }

    /// Line by line what the technician needs.
    fn description(&self, (start, end): (DateTime<Utc>, DateTime<Utc>)) -> String {
        let at = |moment| date(self.locale, self.zone, moment, DateStyle::Time);
        let line = |key: &str, value: &str| {
            let value: &dyn Display = &value;
            (!value.to_string().trim().is_empty())
                .then(|| self.locale.text(&format!("calendar.{key}"), &[("value", value)]))
        };
        let promised = self.visit.promised.map(|window| {
            let (from, until) = (at(window.from), at(window.until));
            if from == until { from } else { format!("{from}–{until}") }
        });
        let customer = self.customer;
        let words = self.booking.map(|booking| booking.description.as_str());
        let words = words.or_else(|| self.job.map(|job| job.description.as_str()));
        let (lat, lon) = (self.visit.place.lat, self.visit.place.lon);
        let map = format!("https://www.openstreetmap.org/?mlat={lat:.6}&mlon={lon:.6}&zoom=17");
        let crew = if self.crew.len() > 1 { self.crew.join(", ") } else { String::new() };
        let lines = [
            line("promised", promised.as_deref().unwrap_or_default()),
            line("planned", &format!("{}–{}", at(start), at(end))),
            line("customer", customer.map_or("", |customer| &customer.name)),
            line("phone", customer.and_then(|one| one.phone.as_deref()).unwrap_or_default()),
            line("crew", &crew),
            line("access", self.site.map_or("", |site| &site.access_note)),
            line("code", self.booking.map_or("", |booking| &booking.code)),
            line("map", &map),
            words.filter(|words| !words.trim().is_empty()).map(|words| format!("\n{words}")),
        ];
        lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
    }
}

/// A hash of all that an event says, when it was made and changed left out.
pub(super) fn hash(event: &IcsEvent) -> String {
    let stamp = DateTime::UNIX_EPOCH;
    let same = IcsEvent { stamp, modified: None, sequence: 0, ..event.clone() };
    hex(&Sha256::digest(format!("{same:?}").as_bytes())[..16])
}

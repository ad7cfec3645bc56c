//! One technician's day with everything needed on the road.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::live::{Planned, View};
use crate::app::visits::progress::expected_end;
use crate::domain::bookings::Booking;
use crate::domain::customers::Customer;
use crate::domain::error::AppError;
use crate::domain::id::{
    AbsenceId, BookingId, CustomerId, JobId, OrganizationId, SiteId, TechnicianId, VisitId,
};
use crate::domain::jobs::Job;
use crate::domain::places::Place;
use crate::domain::questions::Answer;
use crate::domain::sites::Site;
use crate::domain::travel::{Leg, Line};
use crate::domain::visits::{ActualTimes, ArrivalWindow, Lock, Visit, VisitStatus};
use crate::planning::days::StopOf;
use crate::planning::legs::Drive;
use crate::planning::reading::{self, ReadRoute, ReadStop};
use crate::store::{Tx, bookings, records};

/// A technician's day.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TechnicianDay {
    /// Whose.
    pub technician_id: TechnicianId,
    /// The technician's name.
    pub name: String,
    /// The date, in the location's zone.
    pub date: NaiveDate,
    /// IANA zone of the location.
    pub time_zone: String,
    /// The version of the day's plan.
    pub plan_version: i64,
    /// The shifts of the date, by start.
    pub shifts: Vec<DayShift>,
    /// Visits that lie outside every shift.
    pub outside: Vec<DayStop>,
    /// When the technician last said to have seen this day, and what changed since; none if never, and
    /// in days of a whole plan.
    #[serde(default)]
    pub seen: Option<DaySeen>,
}

/// What a technician has seen of a day.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DaySeen {
    /// When.
    pub at: DateTime<Utc>,
    /// What has changed since, by time.
    pub changes: Vec<DayChange>,
}

/// A visit that came, went or moved since the technician looked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DayChange {
    /// Which.
    pub visit_id: VisitId,
    /// One line for lists.
    pub title: String,
    /// Planned start when the technician looked; none if it is new.
    pub before: Option<DateTime<Utc>>,
    /// Planned start now; none if it is no longer in this day.
    pub after: Option<DateTime<Utc>>,
}

/// Equipment that a stop needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DayEquipment {
    /// What it is called.
    pub name: String,
    /// How many.
    pub units: u32,
}

/// Somebody who comes too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DayMate {
    /// Who.
    pub technician_id: TechnicianId,
    /// The technician's name.
    pub name: String,
}

/// One shift with its route.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DayShift {
    /// First moment of work.
    pub start: DateTime<Utc>,
    /// Last moment of work without overtime.
    pub end: DateTime<Utc>,
    /// Seconds of overtime allowed.
    pub overtime_limit_s: i64,
    /// The stops in order.
    pub stops: Vec<DayStop>,
    /// Breaks, and absences without a known place, by start.
    pub breaks: Vec<DayBreak>,
    /// The drive from the last stop home.
    pub drive_home: Option<Leg>,
    /// The line of that drive, if lines were asked for.
    pub line_home: Option<Line>,
    /// Where the shift starts; none for anywhere.
    pub start_place: Option<Place>,
    /// Where it ends; none for anywhere.
    pub end_place: Option<Place>,
    /// When the day's work and driving are over; none if the plan cannot be kept.
    pub arrival: Option<DateTime<Utc>>,
    /// Seconds of overtime.
    pub overtime_s: i64,
    /// Whether everything planned can be done as planned.
    pub feasible: bool,
}

/// A break or an absence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct DayBreak {
    /// Start.
    pub start: DateTime<Utc>,
    /// End.
    pub end: DateTime<Utc>,
    /// Whether it is an absence; a break otherwise.
    pub is_absence: bool,
}

/// One stop of a route.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct DayStop {
    /// The visit; none if it is an absence or a break at a known place.
    pub visit_id: Option<VisitId>,
    /// The absence.
    pub absence_id: Option<AbsenceId>,
    /// Planned start on site.
    pub planned_start: Option<DateTime<Utc>>,
    /// Planned end on site.
    pub planned_end: Option<DateTime<Utc>>,
    /// When it is expected to end by what was reported, if that is later than planned: then somebody
    /// whose visit comes next stands in the way, and the plan is not moved.
    pub expected_end: Option<DateTime<Utc>>,
    /// The drive to it; none if it is unknown or no road leads there.
    pub drive: Option<Leg>,
    /// The line of that drive, if lines were asked for.
    pub line: Option<Line>,
    /// How far the visit is.
    pub status: Option<VisitStatus>,
    /// What replanning may not change.
    pub lock: Option<Lock>,
    /// How urgent it is: 0 (ordinary) to 100.
    pub priority: u8,
    /// What was promised.
    pub promised: Option<ArrivalWindow>,
    /// What happened.
    pub actual: Option<ActualTimes>,
    /// Where.
    pub place: Option<Place>,
    /// One line for lists.
    pub title: String,
    /// More words.
    pub description: String,
    /// The booking.
    pub booking_id: Option<BookingId>,
    /// The booking's code.
    pub booking_code: Option<String>,
    /// Who the work is for.
    pub customer: Option<Customer>,
    /// How to get in.
    pub access_note: String,
    /// What the services asked whoever booked, and the answers; a file's value is the id of its
    /// upload.
    pub answers: Vec<Answer>,
    /// Everybody who comes, by role.
    pub technician_ids: Vec<TechnicianId>,
    /// When the hold behind it lapses; none if it is booked.
    pub held_until: Option<DateTime<Utc>>,
    /// Equipment to bring.
    pub equipment: Vec<DayEquipment>,
    /// Everybody who comes, with names.
    pub mates: Vec<DayMate>,
}

/// The words around visits.
#[derive(Default)]
struct Around {
    jobs: HashMap<JobId, Job>,
    customers: HashMap<CustomerId, Customer>,
    sites: HashMap<SiteId, Site>,
    bookings: HashMap<VisitId, Booking>,
}

/// The days of some technicians out of a view that has them; lapsed holds are left out.
pub(crate) async fn read(
    tx: &mut Tx,
    organization_id: OrganizationId,
    view: &View,
    technician_ids: &[TechnicianId],
    (date, now): (NaiveDate, DateTime<Utc>),
) -> Result<Vec<TechnicianDay>, AppError> {
    let around = around(tx, organization_id, view, date).await?;
    Ok(technician_ids.iter().map(|id| day(view, &around, *id, (date, now))).collect())
}

async fn around(
    tx: &mut Tx,
    organization_id: OrganizationId,
    view: &View,
    date: NaiveDate,
) -> Result<Around, AppError> {
    let near = [date.pred_opt(), Some(date), date.succ_opt()];
    let planned = near.iter().flatten().flat_map(|date| view.rows.on(*date));
    let (visit_ids, mut job_ids): (Vec<VisitId>, Vec<JobId>) =
        planned.map(|planned| (planned.visit.id, planned.visit.job_id)).unzip();
    job_ids.sort_unstable();
    job_ids.dedup();
    let jobs = records::get_many::<Job>(tx, organization_id, &job_ids).await?;
    let customer_ids: Vec<_> = jobs.iter().filter_map(|job| job.value.customer_id).collect();
    let site_ids: Vec<_> = jobs.iter().filter_map(|job| job.value.site_id).collect();
    let customers = records::get_many::<Customer>(tx, organization_id, &customer_ids).await?;
    let sites = records::get_many::<Site>(tx, organization_id, &site_ids).await?;
    let bookings = bookings::of_visits(tx, organization_id, &visit_ids).await?;
    Ok(Around {
        jobs: jobs.into_iter().map(|record| (record.id, record.value)).collect(),
        customers: customers.into_iter().map(|record| (record.id, record.value)).collect(),
        sites: sites.into_iter().map(|record| (record.id, record.value)).collect(),
        bookings: bookings.into_iter().map(|booking| (booking.visit_id, booking)).collect(),
    })
}

fn day(
    view: &View,
    around: &Around,
    id: TechnicianId,
    (date, now): (NaiveDate, DateTime<Utc>),
) -> TechnicianDay {
    let catalogue = &view.setup.catalogue;
    let routes = view.day(id, date).into_iter().flat_map(|day| day.routes.iter().zip(&day.drafts));
    let shifts: Vec<DayShift> = routes
        .map(|(route, draft)| DayShift {
            start_place: draft.ends().0.cloned(),
            end_place: draft.ends().1.cloned(),
            ..shift(view, around, reading::read(route))
        })
        .collect();
    let is_placed = |visit_id: VisitId| {
        shifts.iter().flat_map(|shift| &shift.stops).any(|stop| stop.visit_id == Some(visit_id))
    };
    let planned = view.rows.on(date).filter(|planned| planned.counts(now));
    let outside = planned.filter_map(|planned| {
        let stay = planned.stay(id).filter(|_| !is_placed(planned.visit.id))?;
        let stop = visit_stop(view, around, planned);
        Some(at(stop, stay.start, stay.end))
    });
    TechnicianDay {
        technician_id: id,
        name: catalogue.technicians.get(&id).map_or_else(String::new, |t| t.name.clone()),
        date,
        time_zone: view.roster.zone.name().to_owned(),
        plan_version: view.version(date),
        outside: outside.collect(),
        seen: None,
        shifts,
    }
}

/// Draws the drives of a technician's day.
///
/// Cost: some 50 microseconds a drive.
pub(crate) async fn draw(view: &View, day: &mut TechnicianDay) -> Result<(), AppError> {
    let Some(routes) = view.day(day.technician_id, day.date) else { return Ok(()) };
    for (draft, shift) in routes.drafts.iter().zip(&mut day.shifts) {
        for (at, stop) in shift.stops.iter_mut().enumerate() {
            stop.line = line(view, draft.drive_to(at)).await?;
        }
        // Nobody drives on a day without stops.
        shift.line_home = line(view, draft.drive_home()).await?;
    }
    Ok(())
}

async fn line(view: &View, drive: Option<Drive>) -> Result<Option<Line>, AppError> {
    let Some(Drive { from, to, mode, hours }) = drive else { return Ok(None) };
    let ask = view.grounds.ask(mode, hours);
    let drawn = view.grounds.travel().drawn_legs(&ask, vec![(from, to)]).await;
    let drawn = drawn.map_err(|error| error.into_app("place"))?;
    Ok(drawn.into_iter().next().map(|drawn| drawn.line))
}

fn shift(view: &View, around: &Around, route: ReadRoute) -> DayShift {
    DayShift {
        start: route.start,
        end: route.end,
        overtime_limit_s: route.overtime_limit_s,
        stops: route.stops.iter().map(|read| stop(view, around, read)).collect(),
        breaks: route
            .pauses
            .iter()
            .map(|p| DayBreak { start: p.start, end: p.end, is_absence: p.is_absence })
            .collect(),
        drive_home: route.drive_home,
        line_home: None,
        start_place: None,
        end_place: None,
        arrival: route.arrival,
        overtime_s: route.overtime_s,
        feasible: route.feasible,
    }
}

fn stop(view: &View, around: &Around, read: &ReadStop) -> DayStop {
    let mut stop = match read.of {
        StopOf::Visit(id) => {
            let planned = view.rows.planned(id);
            planned.map(|planned| visit_stop(view, around, planned)).unwrap_or_default()
        }
        StopOf::Absence(id) => DayStop { absence_id: Some(id), ..DayStop::default() },
        StopOf::Break => DayStop { title: "Break".to_owned(), ..DayStop::default() },
    };
    stop.drive = read.drive;
    at(stop, read.start, read.end)
}

/// A stop with the times of the plan.
fn at(stop: DayStop, start: DateTime<Utc>, end: DateTime<Utc>) -> DayStop {
    let expected_end = stop.expected_end.filter(|expected| *expected > end);
    DayStop { planned_start: Some(start), planned_end: Some(end), expected_end, ..stop }
}

/// When a visit ends by what was reported of it; none if nothing was, or if it is over.
fn expected(visit: &Visit) -> Option<DateTime<Utc>> {
    let reported = match visit.status {
        VisitStatus::Planned => visit.actual.extra_s > 0,
        VisitStatus::EnRoute | VisitStatus::Arrived | VisitStatus::Started => true,
        _ => false,
    };
    visit.planned_start.filter(|_| reported).map(|start| expected_end(visit, start, start))
}

fn visit_stop(view: &View, around: &Around, planned: &Planned) -> DayStop {
    let visit = &planned.visit;
    let job = around.jobs.get(&visit.job_id);
    let customer = job.and_then(|job| job.customer_id).and_then(|id| around.customers.get(&id));
    let site = job.and_then(|job| job.site_id).and_then(|id| around.sites.get(&id));
    let booking = around.bookings.get(&visit.id);
    DayStop {
        visit_id: Some(visit.id),
        expected_end: expected(visit),
        status: Some(visit.status),
        lock: Some(visit.lock),
        priority: visit.priority,
        promised: visit.promised,
        actual: Some(visit.actual.clone()),
        place: Some(visit.place.clone()),
        title: job.map_or_else(String::new, |job| job.title.clone()),
        description: job.map_or_else(String::new, |job| job.description.clone()),
        booking_id: booking.map(|booking| booking.id),
        booking_code: booking.map(|booking| booking.code.clone()),
        customer: customer.cloned(),
        access_note: site.map_or_else(String::new, |site| site.access_note.clone()),
        answers: booking.map_or_else(Vec::new, |booking| booking.answers.clone()),
        technician_ids: planned.technician_ids(),
        held_until: planned.lapses,
        equipment: equipment(view, planned),
        mates: mates(view, planned),
        ..DayStop::default()
    }
}

fn equipment(view: &View, planned: &Planned) -> Vec<DayEquipment> {
    let known = &view.setup.catalogue.equipment;
    let needs = planned.visit.needs.equipment.iter();
    let named = needs.filter_map(|need| {
        let name = known.get(&need.equipment_id)?.name.clone();
        Some(DayEquipment { name, units: need.units })
    });
    named.collect()
}

fn mates(view: &View, planned: &Planned) -> Vec<DayMate> {
    let known = &view.setup.catalogue.technicians;
    let ids = planned.technician_ids();
    let named = ids.into_iter().filter_map(|technician_id| {
        let name = known.get(&technician_id)?.name.clone();
        Some(DayMate { technician_id, name })
    });
    named.collect()
}

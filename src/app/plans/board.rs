//! A day as the dispatcher's board shows it: everybody's route, the equipment, and what waits, in one
//! answer and in few words.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::app::live::{self, View};
use crate::app::permissions::{Operation, permit};
use crate::app::plans::days::{self, DayBreak, DayShift, DayStop, TechnicianDay};
use crate::app::plans::{is_of, others};
use crate::calendar::dates::shifted;
use crate::calendar::zones;
use crate::domain::absences::{Absence, AbsenceKind, AbsenceOf};
use crate::domain::actors::Actor;
use crate::domain::customers::Customer;
use crate::domain::error::AppError;
use crate::domain::hours::DateSpan;
use crate::domain::id::{
    AbsenceId, EquipmentId, JobId, LocationId, OrganizationId, TechnicianId, VisitId,
};
use crate::domain::jobs::Job;
use crate::domain::places::Place;
use crate::domain::records::Record;
use crate::domain::travel::{Leg, Line};
use crate::domain::visits::{ActualTimes, ArrivalWindow, Lock, Visit, VisitStatus};
use crate::store::{Tx, absences, bookings, equipment_uses, events, records, visits};

/// A day as the dispatcher's board shows it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BoardDay {
    /// Whose plan.
    pub location_id: LocationId,
    /// The date, in the location's zone.
    pub date: NaiveDate,
    /// IANA zone of the location.
    pub time_zone: String,
    /// First moment of the date.
    pub from: DateTime<Utc>,
    /// First moment after it.
    pub until: DateTime<Utc>,
    /// The version; changes name it, and are refused if it is no longer the newest.
    pub plan_version: i64,
    /// The number of the last event that is in this answer. Who follows `/events` from there, as
    /// `last_event_id`, hears of every later change and need not read the plan again first.
    pub last_event_id: i64,
    /// The days of the active technicians, and of everybody else who has visits of the location,
    /// by name.
    pub technicians: Vec<BoardTechnician>,
    /// The equipment that the location shares.
    pub equipment: Vec<BoardEquipment>,
    /// Visits of the location that are in nobody's day, whenever they are due.
    pub unassigned: Vec<BoardVisit>,
}

/// A technician's day on the board.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BoardTechnician {
    /// Whose.
    pub technician_id: TechnicianId,
    /// The technician's name.
    pub name: String,
    /// The shifts of the date, by start.
    pub shifts: Vec<BoardShift>,
    /// Visits that lie outside every shift.
    pub outside: Vec<BoardStop>,
    /// When the technician cannot work.
    pub absences: Vec<BoardAbsence>,
}

/// A shift on the board.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BoardShift {
    /// First moment of work.
    pub start: DateTime<Utc>,
    /// Last moment of work without overtime.
    pub end: DateTime<Utc>,
    /// Seconds of overtime allowed.
    pub overtime_limit_s: i64,
    /// When the day's work and driving are over; none if the plan cannot be kept.
    pub arrival: Option<DateTime<Utc>>,
    /// Seconds of overtime.
    pub overtime_s: i64,
    /// Whether everything planned can be done as planned.
    pub feasible: bool,
    /// Breaks, and absences without a known place, by start.
    pub breaks: Vec<DayBreak>,
    /// The stops in order.
    pub stops: Vec<BoardStop>,
    /// The drive from the last stop home.
    pub drive_home: Option<Leg>,
    /// The line of that drive, if lines were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_home: Option<Line>,
    /// Where the shift starts; none for anywhere.
    pub start_place: Option<Place>,
    /// Where it ends; none for anywhere.
    pub end_place: Option<Place>,
}

/// A stop on the board.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BoardStop {
    /// The visit; none if it is an absence or a break at a known place.
    pub visit_id: Option<VisitId>,
    /// The absence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absence_id: Option<AbsenceId>,
    /// Planned start on site.
    pub start: Option<DateTime<Utc>>,
    /// Planned end on site.
    pub end: Option<DateTime<Utc>>,
    /// When it is expected to end by what was reported, if that is later than planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_end: Option<DateTime<Utc>>,
    /// The drive to it; none if it is unknown or no road leads there.
    pub drive: Option<Leg>,
    /// The line of that drive, if lines were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<Line>,
    /// How far the visit is.
    pub status: Option<VisitStatus>,
    /// What replanning may not change.
    pub lock: Option<Lock>,
    /// What was promised.
    pub promised: Option<ArrivalWindow>,
    /// What happened.
    pub actual: Option<ActualTimes>,
    /// Where.
    pub place: Option<Place>,
    /// One line for lists.
    pub title: String,
    /// The customer's name; empty if there is none.
    pub customer: String,
    /// The booking's code.
    pub booking_code: Option<String>,
    /// Everybody who comes, by role.
    pub technician_ids: Vec<TechnicianId>,
    /// When the hold behind it lapses; none if it is booked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_until: Option<DateTime<Utc>>,
}

/// An absence on the board.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BoardAbsence {
    /// Its id.
    pub absence_id: AbsenceId,
    /// First moment.
    pub start: DateTime<Utc>,
    /// First moment after.
    pub end: DateTime<Utc>,
    /// Why.
    pub kind: AbsenceKind,
    /// Words for the dispatcher.
    pub note: String,
    /// How many units of equipment; none for a technician.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<u32>,
}

/// A kind of equipment on the board.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BoardEquipment {
    /// Which kind.
    pub equipment_id: EquipmentId,
    /// Its name.
    pub name: String,
    /// Units that the location has.
    pub units: u32,
    /// Who takes units when, by start.
    pub uses: Vec<BoardUse>,
    /// When units are out of service.
    pub absences: Vec<BoardAbsence>,
}

/// Units in use.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BoardUse {
    /// For which visit.
    pub visit_id: VisitId,
    /// How many.
    pub units: u32,
    /// First moment, on the way there included.
    pub start: DateTime<Utc>,
    /// First moment after, on the way back included.
    pub end: DateTime<Utc>,
}

/// A visit in nobody's day.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BoardVisit {
    /// The visit.
    #[serde(flatten)]
    pub visit: Visit,
    /// One line for lists.
    pub title: String,
    /// The customer's name; empty if there is none.
    pub customer: String,
    /// The booking's code.
    pub booking_code: Option<String>,
}

/// A location's day for the board.
///
/// * `drawn`: whether each drive comes with its line on the map; some 50 microseconds a drive.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Invalid`] for a date that plans do not reach;
/// [`AppError::Forbidden`].
#[tracing::instrument(skip_all)]
pub async fn board(
    app: &App,
    actor: &Actor,
    location_id: LocationId,
    (date, drawn): (NaiveDate, bool),
) -> Result<BoardDay, AppError> {
    permit(actor, Operation::PlansRead)?;
    live::reach::check(app.now(), "date", date)?;
    let organization_id = actor.organization_id;
    let mut tx = app.db.read().await?;
    let last_event_id = events::last(&mut tx, organization_id).await?;
    let dates = DateSpan { from: date, until: date };
    let view = live::view(app, &mut tx, (organization_id, location_id), dates).await?;
    let mut view = View::clone(&view);
    let others = others(&view, date);
    let left: Vec<_> = others.iter().copied().filter(|id| is_of(&view, *id)).collect();
    if !left.is_empty() {
        let near = DateSpan { from: shifted(date, -1), until: shifted(date, 1) };
        view.rebuild(app, near, &left).await?;
    }
    let mut ids = view.roster.technicians.clone();
    ids.extend(others);
    let mut read = days::read(&mut tx, organization_id, &view, &ids, (date, app.now())).await?;
    let span = zones::day(view.roster.zone, date);
    let away =
        absences::overlapping(&mut tx, organization_id, location_id, span.start, span.end).await?;
    let equipment =
        equipment(&mut tx, (organization_id, location_id), &view, (span.start, span.end), &away)
            .await?;
    let waiting = visits::unassigned(&mut tx, organization_id, location_id).await?;
    let unassigned = unassigned(&mut tx, organization_id, waiting).await?;
    drop(tx);
    if drawn {
        for day in &mut read {
            days::draw(&view, day).await?;
        }
    }
    read.sort_by(|a, b| a.name.cmp(&b.name).then(a.technician_id.cmp(&b.technician_id)));
    Ok(BoardDay {
        location_id,
        date,
        time_zone: view.roster.zone.name().to_owned(),
        from: span.start,
        until: span.end,
        plan_version: view.version(date),
        last_event_id,
        technicians: read.into_iter().map(|day| technician(day, &away)).collect(),
        equipment,
        unassigned,
    })
}

type Away = Record<AbsenceId, Absence>;

fn technician(day: TechnicianDay, away: &[Away]) -> BoardTechnician {
    let id = day.technician_id;
    let is_own = |one: &&Away| one.value.of == AbsenceOf::Technician { technician_id: id };
    BoardTechnician {
        technician_id: id,
        name: day.name,
        shifts: day.shifts.into_iter().map(shift).collect(),
        outside: day.outside.into_iter().map(stop).collect(),
        absences: away.iter().filter(is_own).map(|one| absence(one, None)).collect(),
    }
}

fn absence(record: &Away, units: Option<u32>) -> BoardAbsence {
    let Absence { start, end, kind, note, .. } = record.value.clone();
    BoardAbsence { absence_id: record.id, start, end, kind, note, units }
}

fn shift(shift: DayShift) -> BoardShift {
    BoardShift {
        start: shift.start,
        end: shift.end,
        overtime_limit_s: shift.overtime_limit_s,
        arrival: shift.arrival,
        overtime_s: shift.overtime_s,
        feasible: shift.feasible,
        breaks: shift.breaks,
        stops: shift.stops.into_iter().map(stop).collect(),
        drive_home: shift.drive_home,
        line_home: shift.line_home,
        start_place: shift.start_place,
        end_place: shift.end_place,
    }
}

fn stop(stop: DayStop) -> BoardStop {
    BoardStop {
        visit_id: stop.visit_id,
        absence_id: stop.absence_id,
        start: stop.planned_start,
        end: stop.planned_end,
        expected_end: stop.expected_end,
        drive: stop.drive,
        line: stop.line,
        status: stop.status,
        lock: stop.lock,
        promised: stop.promised,
        actual: stop.actual,
        place: stop.place,
        title: stop.title,
        customer: stop.customer.map(|customer| customer.name).unwrap_or_default(),
        booking_code: stop.booking_code,
        technician_ids: stop.technician_ids,
        held_until: stop.held_until,
    }
}

/// The equipment that a location shares, with who has it when.
async fn equipment(
    tx: &mut Tx,
    (organization_id, location_id): (OrganizationId, LocationId),
    view: &View,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
    away: &[Away],
) -> Result<Vec<BoardEquipment>, AppError> {
    let uses = equipment_uses::overlapping(tx, organization_id, location_id, from, until).await?;
    let mut by_kind: BTreeMap<EquipmentId, Vec<BoardUse>> = BTreeMap::new();
    for one in uses {
        let taken =
            BoardUse { visit_id: one.visit_id, units: one.units, start: one.start, end: one.end };
        by_kind.entry(one.equipment_id).or_default().push(taken);
    }
    let kinds = view.setup.catalogue.equipment.iter();
    let mut all: Vec<BoardEquipment> = kinds
        .filter_map(|(id, kind)| {
            let pool = kind.pools.iter().find(|pool| pool.location_id == location_id)?;
            let out = away.iter().filter_map(|one| match one.value.of {
                AbsenceOf::Equipment { equipment_id, location_id: at, units }
                    if equipment_id == *id && at == location_id =>
                {
                    Some(absence(one, Some(units)))
                }
                _ => None,
            });
            Some(BoardEquipment {
                equipment_id: *id,
                name: kind.name.clone(),
                units: pool.units,
                uses: by_kind.remove(id).unwrap_or_default(),
                absences: out.collect(),
            })
        })
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name).then(a.equipment_id.cmp(&b.equipment_id)));
    Ok(all)
}

/// What waits, with the words around it.
async fn unassigned(
    tx: &mut Tx,
    organization_id: OrganizationId,
    waiting: Vec<Visit>,
) -> Result<Vec<BoardVisit>, AppError> {
    let visit_ids: Vec<VisitId> = waiting.iter().map(|visit| visit.id).collect();
    let mut job_ids: Vec<JobId> = waiting.iter().map(|visit| visit.job_id).collect();
    job_ids.sort_unstable();
    job_ids.dedup();
    let jobs = records::get_many::<Job>(tx, organization_id, &job_ids).await?;
    let mut customer_ids: Vec<_> = jobs.iter().filter_map(|job| job.value.customer_id).collect();
    customer_ids.sort_unstable();
    customer_ids.dedup();
    let customers = records::get_many::<Customer>(tx, organization_id, &customer_ids).await?;
    let names: HashMap<_, _> =
        customers.into_iter().map(|record| (record.id, record.value.name)).collect();
    let jobs: HashMap<_, _> = jobs.into_iter().map(|record| (record.id, record.value)).collect();
    let booked = bookings::of_visits(tx, organization_id, &visit_ids).await?;
    let codes: HashMap<_, _> =
        booked.into_iter().map(|booking| (booking.visit_id, booking.code)).collect();
    let told = waiting.into_iter().map(|visit| {
        let job = jobs.get(&visit.job_id);
        let customer = job.and_then(|job| job.customer_id).and_then(|id| names.get(&id));
        BoardVisit {
            title: job.map(|job| job.title.clone()).unwrap_or_default(),
            customer: customer.cloned().unwrap_or_default(),
            booking_code: codes.get(&visit.id).cloned(),
            visit,
        }
    });
    Ok(told.collect())
}

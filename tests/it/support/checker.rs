//! Checks a plan from outside: with its own arithmetic, on the document that an export gives.
//!
//! Shares no code with the search; only the drive times come from the same roads.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Datelike as _, NaiveDate, TimeDelta, Utc};
use roundsman::domain::absences::AbsenceOf;
use roundsman::domain::exchange::Document;
use roundsman::domain::id::{TechnicianId, VisitId};
use roundsman::domain::places::Place;
use roundsman::domain::technicians::{DayEdge, Technician};
use roundsman::domain::visits::{Assignment, Visit};
use roundsman_roads::{Point, Profile, Roads};

/// Longest way from an address to its road, as the demo company allows.
const SNAP_M: f64 = 1000.0;

/// The roads of the demo region, read once.
pub(crate) fn region_roads() -> Arc<Roads> {
    static ROADS: OnceLock<Arc<Roads>> = OnceLock::new();
    let roads = ROADS.get_or_init(|| {
        let map = "data/region/reykjavik-region.roads.osm.pbf";
        let map = Path::new(env!("CARGO_MANIFEST_DIR")).join(map);
        Arc::new(Roads::import(&map, &Profile::car()).unwrap())
    });
    Arc::clone(roads)
}

/// A plan in a zone without daylight saving, whose civil times are those of UTC.
pub(crate) struct Checker<'a> {
    document: &'a Document,
    visits: BTreeMap<VisitId, &'a Visit>,
    roads: Arc<Roads>,
}

/// One technician's work on one date.
struct Day<'a> {
    technician_id: TechnicianId,
    technician: &'a Technician,
    date: NaiveDate,
    /// By start.
    stays: Vec<(&'a Assignment, &'a Visit)>,
}

impl<'a> Checker<'a> {
    pub(crate) fn new(document: &'a Document) -> Self {
        let visits = document.visits.iter().map(|visit| (visit.id, visit)).collect();
        Self { document, visits, roads: region_roads() }
    }

    /// Everything that is wrong, a sentence each.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut days: BTreeMap<(TechnicianId, NaiveDate), Vec<_>> = BTreeMap::new();
        for planned in &self.document.assignments {
            let assignment = &planned.assignment;
            let key = (assignment.technician_id, assignment.start.date_naive());
            days.entry(key).or_default().push((assignment, self.visits[&assignment.visit_id]));
        }
        for ((technician_id, date), mut stays) in days {
            stays.sort_by_key(|(assignment, _)| assignment.start);
            let found = self.document.technicians.iter().find(|it| it.id == technician_id);
            let technician = &found.unwrap().value;
            let day = Day { technician_id, technician, date, stays };
            let name = &technician.name;
            let found = self.day(&day).into_iter().map(|fault| format!("{name}, {date}: {fault}"));
            faults.extend(found);
        }
        faults
    }

    fn day(&self, day: &Day<'_>) -> Vec<String> {
        let mut faults = Vec::new();
        let Some((start, end)) = shift(day) else { return vec!["works on a day off".to_owned()] };
        let overtime = TimeDelta::minutes(day.technician.limits.overtime_min.into());
        let gaps = self.gaps(day, start, end + overtime);
        for (from, until, drive) in &gaps {
            if *until - *from < *drive {
                faults.push(format!("{from} to {until} is too short for a drive of {drive}"));
            }
            if let Some(most) = day.technician.limits.drive_per_leg_min
                && *drive > TimeDelta::minutes(most.into())
            {
                faults.push(format!("drives {drive} at once"));
            }
        }
        let drives: TimeDelta = gaps.iter().map(|(_, _, drive)| *drive).sum();
        if let Some(most) = day.technician.limits.drive_per_day_min
            && drives > TimeDelta::minutes(most.into())
        {
            faults.push(format!("drives {drives} in all"));
        }
        let most = day.technician.limits.visits_per_day.unwrap_or(u32::MAX);
        if day.stays.len() > most as usize {
            faults.push(format!("has {} visits", day.stays.len()));
        }
        if !has_break(day, &gaps) {
            faults.push("has no time for the break".to_owned());
        }
        for (assignment, visit) in &day.stays {
            faults.extend(self.stay(day, assignment, visit));
        }
        faults
    }

    /// The spans between stays, each with the drive inside of it; the edges of the day included.
    fn gaps(
        &self,
        day: &Day<'_>,
        start: DateTime<Utc>,
        end: DateTime<Utc>,
    ) -> Vec<(DateTime<Utc>, DateTime<Utc>, TimeDelta)> {
        let depot = || {
            let its = day.technician.location_id;
            &self.document.locations.iter().find(|it| it.id == its).unwrap().value.place
        };
        let edge = |edge: DayEdge| match edge {
            DayEdge::Home => day.technician.home.as_ref(),
            DayEdge::Depot => Some(depot()),
            DayEdge::Anywhere => None,
        };
        let mut gaps = Vec::new();
        let (mut at, mut place) = (start, edge(day.technician.start));
        for (assignment, visit) in &day.stays {
            gaps.push((at, assignment.start, self.drive(place, Some(&visit.place))));
            (at, place) = (assignment.end, Some(&visit.place));
        }
        gaps.push((at, end, self.drive(place, edge(day.technician.end))));
        gaps
    }

    fn drive(&self, from: Option<&Place>, to: Option<&Place>) -> TimeDelta {
        let (Some(from), Some(to)) = (from, to) else { return TimeDelta::zero() };
        let snap = |place: &Place| {
            self.roads.snap(Point { lat: place.lat, lon: place.lon }, SNAP_M).unwrap()
        };
        let leg = self.roads.leg(&snap(from), &snap(to)).unwrap();
        TimeDelta::seconds(leg.seconds.into())
    }

    fn stay(&self, day: &Day<'_>, assignment: &Assignment, visit: &Visit) -> Vec<String> {
        let mut faults = Vec::new();
        let length = (assignment.end - assignment.start).num_seconds();
        if length != visit.needs.on_site_s() + visit.actual.extra_s {
            faults.push(format!("stays {length} s at a visit of {} s", visit.needs.on_site_s()));
        }
        let promised = visit.promised.unwrap();
        if assignment.start < promised.from || promised.until < assignment.start {
            faults.push(format!("comes at {} outside of {promised:?}", assignment.start));
        }
        for need in &visit.needs.crew[assignment.role as usize].skills {
            let has = day.technician.skills.iter().any(|held| {
                held.skill_id == need.skill_id
                    && held.level >= need.level_min
                    && held.valid_from.is_none_or(|from| from <= day.date)
                    && held.valid_until.is_none_or(|until| day.date <= until)
            });
            if !has {
                faults.push(format!("lacks skill {} on that day", need.skill_id));
            }
        }
        for absence in &self.document.absences {
            let of = AbsenceOf::Technician { technician_id: day.technician_id };
            let span = absence.value.start < assignment.end && assignment.start < absence.value.end;
            if absence.value.of == of && span {
                faults.push(format!("is away: {}", absence.value.note));
            }
        }
        faults
    }
}

/// The only shift of the day; none on a day off.
fn shift(day: &Day<'_>) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let weekly = &day.technician.working_hours.weekly;
    let span = weekly.iter().find(|weekly| weekly.days.contains(&day.date.weekday()))?.span;
    Some((day.date.and_time(span.from).and_utc(), day.date.and_time(span.until).and_utc()))
}

/// Whether the one break fits into a gap, before or after its drive.
fn has_break(day: &Day<'_>, gaps: &[(DateTime<Utc>, DateTime<Utc>, TimeDelta)]) -> bool {
    let [rule] = day.technician.breaks.as_slice() else { return true };
    let length = TimeDelta::minutes(rule.duration_min.into());
    let earliest = day.date.and_time(rule.earliest).and_utc();
    let latest = day.date.and_time(rule.latest).and_utc();
    let due = shift(day).is_some_and(|(from, until)| from <= earliest && latest + length <= until);
    let fits = |from: DateTime<Utc>, until: DateTime<Utc>| {
        let start = from.max(earliest);
        start <= latest && start + length <= until
    };
    let somewhere = |(from, until, drive): &(DateTime<Utc>, DateTime<Utc>, TimeDelta)| {
        fits(*from, *until - *drive) || fits(*from + *drive, *until)
    };
    !due || gaps.iter().any(somewhere)
}

//! A technician's day: shifts, breaks, absences and visits become shifts of the solver.

pub mod whole;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use roundsman_solver::problem::{Pause, ProblemErrors, Shift as Row, Stop, StopKind};
use roundsman_solver::schedule::PreparedShift;
use roundsman_solver::units::{Moment, Seconds};

use crate::domain::absences::Absence;
use crate::domain::id::{AbsenceId, VisitId};
use crate::domain::locations::Location;
use crate::domain::places::Place;
use crate::domain::shifts::{BreakDue, Shift};
use crate::domain::technicians::{DayEdge, Technician};
use crate::domain::travel::{HourSpan, TravelMode};
use crate::domain::visits::{Lock, Visit, VisitStatus};
use crate::planning::legs::{Drive, Legs};
use crate::planning::places::{Places, Way};
use crate::planning::times::{instant, minutes, moment};

/// One visit in one technician's day.
#[derive(Debug, Clone, PartialEq)]
pub struct Stay {
    /// The visit.
    pub visit: Arc<Visit>,
    /// Planned start on site.
    pub start: DateTime<Utc>,
    /// Planned end on site.
    pub end: DateTime<Utc>,
    /// Technicians who come; a crew starts together, so its visits stay where they are.
    pub crew: usize,
    /// Whether it takes shared equipment; then it stays where it is too.
    pub pooled: bool,
    /// When the hold behind it lapses; none if it is booked.
    pub lapses: Option<DateTime<Utc>>,
}

/// What a technician's day is made of.
#[derive(Debug, Clone, Copy)]
pub struct DayInput<'a> {
    /// Whose.
    pub technician: &'a Technician,
    /// Where the technician belongs.
    pub location: &'a Location,
    /// How travel to an absence is reckoned.
    pub travel: TravelMode,
    /// The date.
    pub date: NaiveDate,
    /// Shifts of the technician on this date and the ones beside it, by start.
    pub shifts: &'a [Shift],
    /// Absences of the technician that touch these dates.
    pub absences: &'a [(AbsenceId, Absence)],
    /// Visits of the technician on these dates.
    pub stays: &'a [Stay],
    /// What is before stays as it is.
    pub now: DateTime<Utc>,
}

/// What a stop of a route stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StopOf {
    /// A visit.
    Visit(VisitId),
    /// An absence at a known place.
    Absence(AbsenceId),
    /// A break at a known place.
    Break,
}

/// One shift of a day, before its drives are known.
#[derive(Debug, Clone, PartialEq)]
pub struct DayDraft {
    row: Row,
    start_place: Option<Place>,
    end_place: Option<Place>,
    stops: Vec<DraftStop>,
    travel: TravelMode,
    hours: HourSpan,
    valid_until: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq)]
struct DraftStop {
    of: StopOf,
    place: Place,
    mode: TravelMode,
    stop: Stop,
}

/// One shift of a day, ready to be searched.
#[derive(Debug, Clone)]
pub struct DayRoute {
    /// The shift.
    pub shift: Arc<PreparedShift>,
    /// What each of its stops stands for.
    pub stops: Arc<[StopOf]>,
    /// Until when it is right although nothing changes; none for ever. A visit freezes when its
    /// start comes, and a hold lapses.
    pub valid_until: Option<DateTime<Utc>>,
    /// The hours of the day in which its drives happen.
    pub hours: HourSpan,
}

impl DayRoute {
    /// Driving on it as planned: seconds and metres; drives without a road are left out.
    pub fn driven(&self) -> (i64, i64) {
        let shift = self.shift.shift();
        let legs = shift.stops.iter().map(|stop| stop.leg_in).chain([shift.leg_out]);
        let legs = legs.filter(|leg| leg.is_reachable());
        legs.fold((0, 0), |(s, m), leg| (s + leg.travel().0, m + leg.distance().0))
    }
}

/// The shifts of `input.date`, each with what belongs into it.
///
/// A visit belongs to the shift it overlaps most, also to one that began the day before; a visit
/// outside every shift is left out, as no shift can offer the time around it anyway.
pub fn drafts(input: &DayInput) -> Vec<DayDraft> {
    let owners: Vec<Option<usize>> =
        input.stays.iter().map(|stay| owner(input, stay.start, stay.end)).collect();
    let of_date = input.shifts.iter().enumerate().filter(|(_, shift)| shift.date == input.date);
    of_date
        .filter(|(at, _)| !is_absent(input, *at))
        .map(|(at, _)| {
            let stays = input.stays.iter().zip(&owners);
            let stays = stays.filter(|(stay, owner)| {
                **owner == Some(at) && stay.lapses.is_none_or(|lapses| lapses > input.now)
            });
            draft(input, at, stays.map(|(stay, _)| stay))
        })
        .collect()
}

impl DayDraft {
    /// The hours of the day in which its drives happen: those of the shift, overtime included, as
    /// clocks at the location show them.
    pub fn hours(&self) -> HourSpan {
        self.hours
    }

    /// The same with hours that stand for its own.
    #[must_use]
    pub fn within(self, hours: HourSpan) -> Self {
        Self { hours, ..self }
    }

    /// The drives the route is made of, in order: to each stop, and from the last one home. A shift
    /// that starts anywhere has none to its first stop.
    pub fn drives(&self) -> Vec<Drive> {
        let to_stops = (0..self.stops.len()).filter_map(|at| self.drive_to(at));
        to_stops.chain(self.drive_home()).collect()
    }

    /// The drive to a stop; none to the first stop of a shift that starts anywhere.
    pub fn drive_to(&self, stop: usize) -> Option<Drive> {
        let to = self.stops.get(stop)?;
        let before = stop.checked_sub(1).and_then(|before| self.stops.get(before));
        let from = before.map(|stop| &stop.place).or(self.start_place.as_ref())?;
        Some(self.drive(from, &to.place, to.mode))
    }

    /// The drive from the last stop home; none without stops, or if the shift ends anywhere.
    pub fn drive_home(&self) -> Option<Drive> {
        let last = self.stops.last()?;
        Some(self.drive(&last.place, self.end_place.as_ref()?, last.mode))
    }

    fn drive(&self, from: &Place, to: &Place, mode: TravelMode) -> Drive {
        Drive { from: from.clone(), to: to.clone(), mode, hours: self.hours }
    }

    /// Where the shift starts and ends; none for anywhere.
    pub fn ends(&self) -> (Option<&Place>, Option<&Place>) {
        (self.start_place.as_ref(), self.end_place.as_ref())
    }

    /// The route with its drives.
    ///
    /// # Errors
    /// What the solver refuses, which means that stored times make no sense.
    pub fn route(&self, legs: &Legs, places: &mut Places) -> Result<DayRoute, ProblemErrors> {
        let mut row = self.row.clone();
        let hours = self.hours;
        let mut number = |place, mode| places.number(place, Way { mode, hours });
        row.start_place = self.start_place.as_ref().map(|place| number(place, None));
        row.end_place = self.end_place.as_ref().map(|place| number(place, None));
        for (at, draft) in self.stops.iter().enumerate() {
            let mut stop = draft.stop;
            stop.place = Some(number(&draft.place, Some(draft.mode)));
            if let Some(drive) = self.drive_to(at) {
                stop.leg_in = legs.leg(&drive);
            }
            row.stops.push(stop);
        }
        if let Some(drive) = self.drive_home() {
            row.leg_out = legs.leg(&drive);
        }
        let stops = self.stops.iter().map(|stop| stop.of).collect();
        let shift = Arc::new(PreparedShift::new(row)?);
        Ok(DayRoute { shift, stops, valid_until: self.valid_until, hours: self.hours })
    }
}

/// Overtime may not reach into the next shift.
fn overtime(input: &DayInput, at: usize) -> Seconds {
    let limit = minutes(input.technician.limits.overtime_min);
    let end = moment(input.shifts[at].end);
    let next = input.shifts.iter().map(|shift| moment(shift.start)).filter(|start| *start >= end);
    next.min().map_or(limit, |next| limit.min(next - end))
}

fn hard_end(input: &DayInput, at: usize) -> Moment {
    moment(input.shifts[at].end) + overtime(input, at)
}

/// The shift that `start..end` overlaps most, the earliest of equals.
fn owner(input: &DayInput, start: DateTime<Utc>, end: DateTime<Utc>) -> Option<usize> {
    let overlap = |at: usize| {
        let from = moment(input.shifts[at].start).max(moment(start));
        let until = hard_end(input, at).min(moment(end));
        (until - from).0
    };
    let touched = (0..input.shifts.len()).filter(|at| overlap(*at) > 0);
    touched.max_by_key(|at| (overlap(*at), std::cmp::Reverse(*at)))
}

/// Whether one absence covers the whole shift.
fn is_absent(input: &DayInput, at: usize) -> bool {
    let start = input.shifts[at].start;
    let end = instant(hard_end(input, at));
    input.absences.iter().any(|(_, absence)| absence.start <= start && end <= absence.end)
}

fn draft<'a>(input: &DayInput, at: usize, stays: impl Iterator<Item = &'a Stay>) -> DayDraft {
    let shift = &input.shifts[at];
    let mut row = Row::new(moment(shift.start), moment(shift.end));
    row.overtime_limit = overtime(input, at);
    let edge = |edge| match edge {
        DayEdge::Home => input.technician.home.clone(),
        DayEdge::Depot => Some(input.location.place.clone()),
        DayEdge::Anywhere => None,
    };
    let clock = |at| instant(at).with_timezone(&input.location.time_zone).naive_local();
    let mut draft = DayDraft {
        start_place: edge(input.technician.start),
        end_place: edge(input.technician.end),
        stops: Vec::new(),
        travel: input.travel,
        hours: HourSpan::between(clock(row.start), clock(row.hard_end())),
        valid_until: None,
        row,
    };
    for due in &shift.breaks {
        draft.add_break(due);
    }
    let (from, until) = (shift.start, instant(draft.row.hard_end()));
    for (id, absence) in input.absences.iter().filter(|(_, a)| a.start < until && from < a.end) {
        draft.add_absence(*id, absence);
    }
    for stay in stays {
        draft.add_stay(stay, input.now);
    }
    draft.stops.sort_by_key(|stop| (stop.stop.planned_start, stop.stop.planned_end()));
    draft
}

impl DayDraft {
    fn add_break(&mut self, due: &BreakDue) {
        let (earliest, latest) = (moment(due.earliest), moment(due.latest));
        let duration = Seconds(due.duration_s);
        match &due.place {
            None => self.row.pauses.push(Pause::floating(earliest, latest, duration)),
            Some(place) => {
                let stop = Stop { kind: StopKind::Absence, ..Stop::exact(earliest, duration) };
                let (place, mode) = (place.clone(), self.travel);
                self.stops.push(DraftStop { of: StopOf::Break, place, mode, stop });
            }
        }
    }

    /// An absence with a place that lies inside the shift is driven to; any other is time without
    /// work, clipped to the shift by the solver.
    fn add_absence(&mut self, id: AbsenceId, absence: &Absence) {
        let (from, until) = (moment(absence.start), moment(absence.end));
        let inside = self.row.start <= from && until <= self.row.hard_end();
        match &absence.place {
            Some(place) if inside => {
                let stop = Stop { kind: StopKind::Absence, ..Stop::exact(from, until - from) };
                let (place, mode) = (place.clone(), self.travel);
                self.stops.push(DraftStop { of: StopOf::Absence(id), place, mode, stop });
            }
            _ => self.row.pauses.push(Pause::absence(from, until)),
        }
    }

    fn add_stay(&mut self, stay: &Stay, now: DateTime<Utc>) {
        let stop = stop_of(stay, self.row.start, self.row.hard_end(), now);
        // A visit that can still move freezes when its planned start comes.
        let freezes = (!stop.fixed).then_some(stay.start);
        let changes = [self.valid_until, freezes, stay.lapses, overruns(stay, now)];
        self.valid_until = changes.into_iter().flatten().min();
        let (place, mode) = (stay.visit.place.clone(), stay.visit.needs.travel);
        self.stops.push(DraftStop { of: StopOf::Visit(stay.visit.id), place, mode, stop });
    }
}

/// The stop of a visit: where it may move, and how long it lasts.
///
/// A promise that the plan already breaks is stretched to the plan, so that one late visit does not
/// hide the rest of the day; it may not get later still. A visit that nothing is promised of may
/// move inside its shift, unless it is locked.
fn stop_of(stay: &Stay, shift_start: Moment, shift_end: Moment, now: DateTime<Utc>) -> Stop {
    let visit = &stay.visit;
    let planned = moment(stay.start);
    let duration = duration(stay, now);
    let (before, after) = visit.needs.travel.buffers_min();
    let locked = match visit.lock {
        Lock::Time | Lock::Both => true,
        Lock::Window => visit.promised.is_none(),
        Lock::None | Lock::Technician => false,
    };
    let begun = visit.status.under_way() || stay.start <= now;
    let fixed = locked || begun || stay.crew > 1 || stay.pooled;
    let (from, until) = match visit.promised {
        Some(window) => (moment(window.from), moment(window.until)),
        None => (shift_start, shift_end - duration),
    };
    Stop {
        earliest: from.min(planned),
        latest: until.max(planned),
        fixed,
        pad_before: minutes(before),
        pad_after: minutes(after),
        ..Stop::exact(planned, duration)
    }
}

/// When a visit under way will have lasted longer than it is taken to last now.
fn overruns(stay: &Stay, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let is_there = matches!(stay.visit.status, VisitStatus::Arrived | VisitStatus::Started);
    is_there.then(|| stay.end.max(now + TimeDelta::minutes(1)))
}

/// Seconds on site: as planned, or as long as it took; a visit that runs over lasts until now.
fn duration(stay: &Stay, now: DateTime<Utc>) -> Seconds {
    let planned = moment(stay.end) - moment(stay.start);
    let visit = &stay.visit;
    match (visit.status, visit.actual.finished_at) {
        (VisitStatus::Finished, Some(finished)) => {
            (moment(finished) - moment(stay.start)).max(Seconds::ZERO)
        }
        (VisitStatus::Arrived | VisitStatus::Started, _) => {
            planned.max(moment(now) - moment(stay.start))
        }
        _ => planned,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        format!("2027-03-01T{text}:00Z").parse().unwrap()
    }

    fn technician(body: serde_json::Value) -> Technician {
        let mut all = json!({"name": "Anna", "location_id": uuid::Uuid::nil()});
        all.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        serde_json::from_value(all).unwrap()
    }

    fn location() -> Location {
        let place = json!({"lat": 64.1, "lon": -21.9});
        let body = json!({"name": "Base", "time_zone": "Atlantic/Reykjavik", "place": place});
        serde_json::from_value(body).unwrap()
    }

    fn shift(from: &str, until: &str) -> Shift {
        Shift {
            technician_id: uuid::Uuid::nil().into(),
            date: "2027-03-01".parse().unwrap(),
            start: at(from),
            end: at(until),
            breaks: Vec::new(),
        }
    }

    fn visit(promised: Option<(&str, &str)>) -> Visit {
        let promised = promised.map(|(from, until)| json!({"from": at(from), "until": at(until)}));
        let travel = json!({"mode": "fixed", "before_min": 10, "after_min": 20});
        serde_json::from_value(json!({
            "id": uuid::Uuid::from_u128(7), "job_id": uuid::Uuid::nil(),
            "location_id": uuid::Uuid::nil(), "revision": 1,
            "place": {"lat": 64.2, "lon": -21.8},
            "needs": {"service_ids": [], "setup_s": 0, "work_s": 3600, "exit_s": 0,
                "crew": [{"role": "", "skills": []}], "crew_mode": "together",
                "equipment": [], "travel": travel},
            "status": "planned", "lock": "none", "promised": promised,
            "planned_start": at("10:00"),
            "actual": {"extra_s": 0},
        }))
        .unwrap()
    }

    fn stay(promised: Option<(&str, &str)>) -> Stay {
        let visit = Arc::new(visit(promised));
        Stay { visit, start: at("10:00"), end: at("11:00"), crew: 1, pooled: false, lapses: None }
    }

    struct Case {
        technician: Technician,
        shifts: Vec<Shift>,
        absences: Vec<(AbsenceId, Absence)>,
        stays: Vec<Stay>,
        now: DateTime<Utc>,
    }

    impl Case {
        fn new(stays: Vec<Stay>) -> Self {
            let technician = technician(json!({"limits": {"overtime_min": 60}}));
            let shifts = vec![shift("08:00", "17:00")];
            Self { technician, shifts, absences: Vec::new(), stays, now: at("07:00") }
        }

        fn routes(&self) -> Vec<DayRoute> {
            let (location, mut places) = (location(), Places::default());
            let input = DayInput {
                technician: &self.technician,
                location: &location,
                travel: TravelMode::Fixed { before_min: 0, after_min: 0 },
                date: "2027-03-01".parse().unwrap(),
                shifts: &self.shifts,
                absences: &self.absences,
                stays: &self.stays,
                now: self.now,
            };
            let drafts = drafts(&input);
            drafts.iter().map(|d| d.route(&Legs::default(), &mut places).unwrap()).collect()
        }
    }

    #[test]
    fn a_visit_may_move_inside_its_promise_until_it_begins() {
        let mut case = Case::new(vec![stay(Some(("09:00", "12:00")))]);
        let routes = case.routes();
        let stop = routes[0].shift.shift().stops[0];
        assert_eq!((stop.opens(), stop.closes()), (moment(at("09:00")), moment(at("12:00"))));
        assert_eq!(routes[0].valid_until, Some(at("10:00")));
        case.now = at("10:00");
        let routes = case.routes();
        let stop = routes[0].shift.shift().stops[0];
        assert_eq!((stop.opens(), stop.closes()), (moment(at("10:00")), moment(at("10:00"))));
    }

    #[test]
    fn crews_locks_and_shared_equipment_keep_a_visit_where_it_is() {
        let free = stay(Some(("09:00", "12:00")));
        let mut locked = (*free.visit).clone();
        locked.lock = Lock::Time;
        let stays = [
            Stay { crew: 2, ..free.clone() },
            Stay { pooled: true, ..free.clone() },
            Stay { visit: Arc::new(locked), ..free },
        ];
        for stay in stays {
            assert!(Case::new(vec![stay]).routes()[0].shift.shift().stops[0].fixed);
        }
    }

    #[test]
    fn a_lapsed_hold_takes_nothing_and_a_broken_promise_hides_nothing() {
        let mut held = stay(None);
        held.lapses = Some(at("07:00"));
        assert!(Case::new(vec![held]).routes()[0].stops.is_empty());
        let late = stay(Some(("08:00", "09:00")));
        let routes = Case::new(vec![late]).routes();
        assert!(routes[0].shift.is_feasible());
        assert_eq!(routes[0].shift.shift().stops[0].latest, moment(at("10:00")));
    }

    #[test]
    fn an_absence_of_the_whole_shift_removes_it_and_overtime_ends_at_the_next_shift() {
        let mut case = Case::new(Vec::new());
        case.shifts = vec![shift("08:00", "12:00"), shift("12:30", "17:00")];
        let routes = case.routes();
        assert_eq!(routes[0].shift.shift().overtime_limit, Seconds::minutes(30));
        assert_eq!(routes[1].shift.shift().overtime_limit, Seconds::minutes(60));
        let body = json!({"technician_id": uuid::Uuid::nil(), "start": at("07:00"),
            "end": at("12:30")});
        case.absences = vec![(uuid::Uuid::nil().into(), serde_json::from_value(body).unwrap())];
        assert_eq!(case.routes().len(), 1);
    }
}

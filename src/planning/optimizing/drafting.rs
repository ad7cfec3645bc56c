//! From live routes and waiting visits to a model, in two steps: first everything but the drives,
//! then the drives between all places that came up.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{Datelike as _, NaiveDate};
use roundsman_solver::optimize::Model;
use roundsman_solver::optimize::model::{Current, Freeze, Lock, Matrix, Pool, Relaxation};
use roundsman_solver::problem::{Leg, PoolUse, Stop};
use roundsman_solver::units::{Moment, Seconds, ShiftIdx, Span};

use crate::domain::hours::DateSpan;
use crate::domain::id::{EquipmentId, TechnicianId, VisitId};
use crate::domain::optimizations::{Allowed, Relaxation as Asked};
use crate::domain::places::Place;
use crate::domain::proposals::Stand;
use crate::domain::travel::{HourSpan, TravelMode};
use crate::domain::visits::Lock as Locked;
use crate::planning::days::StopOf;
use crate::planning::optimizing::questions::{Question, Subject};
use crate::planning::optimizing::{shifts, visits, weights};
use crate::planning::places::{PlaceIdx, Point};
use crate::planning::plan::{Plan, UnitsTaken};
use crate::planning::times::moment;

/// A model that lacks only its drives.
#[derive(Debug, Clone)]
pub struct Draft {
    pub(super) model: Model,
    pub(super) shifts: Vec<ShiftKey>,
    pub(super) visits: Vec<VisitKey>,
    places: Numbered,
    /// The hours of the day that shifts lie in, by profile of the model.
    hours: Vec<HourSpan>,
    dates: DateSpan,
}

/// A place of the model.
#[derive(Debug, Clone, PartialEq)]
pub struct Spot {
    /// Where.
    pub place: Place,
    /// How travel to it is reckoned; none for the ends of a shift.
    pub mode: Option<TravelMode>,
}

/// A model with what its numbers stand for.
#[derive(Debug, Clone)]
pub struct Problem {
    pub(super) model: Model,
    pub(super) shifts: Vec<ShiftKey>,
    pub(super) visits: Vec<VisitKey>,
    /// The dates asked for; shifts of other dates are there for limits a week.
    pub(super) dates: DateSpan,
}

/// What a shift of the model stands for.
#[derive(Debug, Clone, Copy)]
pub(super) struct ShiftKey {
    /// Position of its route in the live plan.
    pub(super) route: usize,
    pub(super) technician_id: TechnicianId,
}

/// What a visit of the model stands for.
#[derive(Debug, Clone)]
pub(super) struct VisitKey {
    pub(super) visit_id: VisitId,
    pub(super) before: Option<Stand>,
    pub(super) movable: bool,
}

/// Where a visit stands in the model: shift and stop of each member of the crew that takes part.
type Standing<'a> = Vec<(TechnicianId, ShiftIdx, &'a Stop)>;

impl Draft {
    /// Everything but the drives.
    ///
    /// Cost: linear in routes and visits.
    pub fn new(question: &Question) -> Self {
        let mut builder = Builder {
            question,
            subjects: question.subjects.iter().map(|one| (one.id(), one)).collect(),
            routes: routes(question),
            places: Numbered::default(),
            hours: Vec::new(),
            model: Model::default(),
            keys: Vec::new(),
        };
        let moving = builder.visits();
        builder.shifts(&moving);
        builder.rest(&moving);
        if builder.hours.is_empty() {
            // Nobody works; the places are still numbered.
            builder.hours.push(HourSpan::default());
        }
        let plan = question.plan;
        let key = |at: &usize| ShiftKey {
            route: *at,
            technician_id: plan.roster.technicians[plan.routes[*at].technician.at()],
        };
        Self {
            shifts: builder.routes.iter().map(key).collect(),
            model: builder.model,
            visits: builder.keys,
            places: builder.places,
            hours: builder.hours,
            dates: question.dates,
        }
    }

    /// The places of the model.
    pub fn places(&self) -> &[Spot] {
        &self.places.spots
    }

    /// The ways and hours in which drives are reckoned.
    pub fn asks(&self) -> Vec<(TravelMode, HourSpan)> {
        let mut asks = Vec::new();
        for mode in self.places.spots.iter().filter_map(|spot| spot.mode) {
            for hours in self.hours.iter().filter(|_| mode.uses_places()) {
                if !asks.contains(&(mode, *hours)) {
                    asks.push((mode, *hours));
                }
            }
        }
        asks
    }

    /// How many visits may move or be placed.
    pub fn movable_count(&self) -> usize {
        self.visits.iter().filter(|visit| visit.movable).count()
    }

    /// The whole model.
    ///
    /// * `leg`: the drive between two places, by position, in some way and hours.
    pub fn finish(self, leg: impl Fn(usize, usize, (TravelMode, HourSpan)) -> Leg) -> Problem {
        let spots = &self.places.spots;
        let matrix = |hours: &HourSpan| {
            let mut legs = Vec::with_capacity(spots.len() * spots.len());
            for (at, from) in spots.iter().enumerate() {
                for (to_at, to) in spots.iter().enumerate() {
                    // A drive is reckoned by the way of the place it leads to, the way home by that
                    // of the last place.
                    let mode = to.mode.or(from.mode);
                    let same = (from.place.lat, from.place.lon) == (to.place.lat, to.place.lon);
                    legs.push(match mode.filter(|mode| mode.uses_places() && !same) {
                        Some(mode) => leg(at, to_at, (mode, *hours)),
                        None => Leg::ZERO,
                    });
                }
            }
            Matrix::new(spots.len(), legs)
        };
        let mut model = self.model;
        model.matrices = self.hours.iter().filter_map(matrix).collect();
        Problem { model, shifts: self.shifts, visits: self.visits, dates: self.dates }
    }
}

impl Draft {
    /// The model with only the drives that are part of a route of `plan`, for judging the plan as it
    /// is; any other drive has no road.
    pub fn judged(self, plan: &Plan) -> Problem {
        let count = self.places.spots.len();
        let number = |place: PlaceIdx| self.places.numbers.get(&place).map(|known| known.at());
        let mut matrices = vec![vec![Leg::UNREACHABLE; count * count]; self.hours.len()];
        for (key, shift) in self.shifts.iter().zip(&self.model.shifts) {
            let row = plan.routes[key.route].day.shift.shift();
            let legs = &mut matrices[shift.profile];
            let mut note = |from: Option<PlaceIdx>, to: Option<PlaceIdx>, leg: Leg| {
                if let Some((from, to)) = from.and_then(number).zip(to.and_then(number)) {
                    legs[from * count + to] = leg;
                }
            };
            let mut from = row.start_place;
            for stop in &row.stops {
                note(from, stop.place, stop.leg_in);
                from = stop.place;
            }
            note(from, row.end_place, row.leg_out);
        }
        let mut model = self.model;
        let made = matrices.into_iter().filter_map(|legs| Matrix::new(count, legs));
        model.matrices = made.collect();
        Problem { model, shifts: self.shifts, visits: self.visits, dates: self.dates }
    }
}

impl Problem {
    /// The drive of a shift's car from a visit to another.
    pub(super) fn drive(&self, shift: ShiftIdx, from: usize, to: usize) -> Seconds {
        let (shift, place) =
            (&self.model.shifts[shift.at()], |at: usize| self.model.visits[at].place);
        let matrix = self.model.matrices.get(shift.profile);
        let leg = matrix.map_or(Leg::ZERO, |matrix| matrix.leg(place(from), place(to)));
        Seconds(leg.travel().0 * i64::from(shift.drive_percent) / 100)
    }

    /// The role of a technician at a visit, by its position.
    pub(super) fn role(&self, visit: usize, id: TechnicianId) -> u8 {
        let current = self.model.current.get(visit).and_then(Option::as_ref);
        let shifts = current.map_or(&[][..], |current| current.shifts.as_slice());
        let role = shifts.iter().position(|shift| self.shifts[shift.at()].technician_id == id);
        role.and_then(|role| u8::try_from(role).ok()).unwrap_or(0)
    }
}

/// Positions of the routes that take part: those of the dates asked for, and those of the same
/// weeks where a technician has a limit a week.
fn routes(question: &Question) -> Vec<usize> {
    let weeks: BTreeSet<u32> = [question.dates.from, question.dates.until].map(week).into();
    let (first, last) = (weeks.first().copied(), weeks.last().copied());
    let plan = question.plan;
    let takes_part = |at: &usize| {
        let route = &plan.routes[*at];
        let id = plan.roster.technicians[route.technician.at()];
        let caps = &plan.roster.rows[route.technician.at()].caps;
        let limited = caps.visits_per_week.is_some() || caps.onsite_per_week.is_some();
        let in_week = first <= Some(week(route.date)) && Some(week(route.date)) <= last;
        question.is_open(id) && (question.dates.contains(route.date) || limited && in_week)
    };
    (0..plan.routes.len()).filter(takes_part).collect()
}

/// The number of a day: 0 for the first date asked for; days before have numbers after all others.
fn day(question: &Question, date: NaiveDate) -> u32 {
    let from = question.dates.from;
    let days = (date - from).num_days();
    let behind = (question.dates.until - from).num_days() + 7 - days;
    u32::try_from(days).or_else(|_| u32::try_from(behind)).unwrap_or(0)
}

fn week(date: NaiveDate) -> u32 {
    let week = date.iso_week();
    u32::try_from(week.year()).unwrap_or(0) * 100 + week.week()
}

/// Places of the live plan with the numbers that the model knows them by: one for each place and
/// way, whatever the hours.
#[derive(Debug, Clone, Default)]
struct Numbered {
    numbers: HashMap<PlaceIdx, PlaceIdx>,
    spots: Vec<Spot>,
    modes: Vec<Option<TravelMode>>,
    known: HashMap<(u64, u64, usize), PlaceIdx>,
}

impl Numbered {
    fn number(&mut self, points: &[Point], place: PlaceIdx) -> PlaceIdx {
        if let Some(known) = self.numbers.get(&place) {
            return *known;
        }
        // Numbers come from the same list as the points.
        let Some(point) = points.get(place.at()) else { return PlaceIdx(0) };
        let number = self.spot(&point.place, point.way.mode);
        self.numbers.insert(place, number);
        number
    }

    /// The number of a place that is visited in some way.
    fn spot(&mut self, place: &Place, mode: Option<TravelMode>) -> PlaceIdx {
        let way = self.modes.iter().position(|known| *known == mode).unwrap_or_else(|| {
            self.modes.push(mode);
            self.modes.len() - 1
        });
        let next = PlaceIdx(u32::try_from(self.spots.len()).unwrap_or(u32::MAX));
        let key = (place.lat.to_bits(), place.lon.to_bits(), way);
        let spots = &mut self.spots;
        *self.known.entry(key).or_insert_with(|| {
            spots.push(Spot { place: Place::at(place.lat, place.lon), mode });
            next
        })
    }
}

struct Builder<'a> {
    question: &'a Question<'a>,
    subjects: HashMap<VisitId, &'a Subject>,
    /// Positions of the routes that take part, by shift of the model.
    routes: Vec<usize>,
    places: Numbered,
    hours: Vec<HourSpan>,
    model: Model,
    keys: Vec<VisitKey>,
}

impl<'a> Builder<'a> {
    /// Adds the visits; those that may move.
    fn visits(&mut self) -> BTreeSet<VisitId> {
        let standing = self.standing();
        let mut moving = BTreeSet::new();
        for (visit_id, standing) in &standing {
            let subject = self.subjects.get(visit_id).copied();
            let stand = subject.and_then(|subject| subject.before.as_ref());
            let whole = stand.is_some_and(|stand| standing.len() == stand.technician_ids.len());
            match subject.zip(stand) {
                Some((subject, stand)) if whole && self.question.is_movable(subject, stand) => {
                    moving.insert(*visit_id);
                    self.add_free(subject, Some((stand, standing)));
                }
                _ => self.add_fixed(*visit_id, stand, standing),
            }
        }
        // In the order of the list: the same plan makes the same model.
        for subject in self.question.subjects {
            let known = standing.contains_key(&subject.id());
            let waits = match &subject.before {
                None => true,
                Some(stand) => subject.stranded && self.question.is_movable(subject, stand),
            };
            if !known && waits {
                moving.insert(subject.id());
                self.add_free(subject, None);
            }
        }
        moving
    }

    /// Where each visit of the routes stands.
    fn standing(&self) -> BTreeMap<VisitId, Standing<'a>> {
        let plan = self.question.plan;
        let mut standing: BTreeMap<VisitId, Standing<'a>> = BTreeMap::new();
        for (shift, at) in (0..).zip(&self.routes) {
            let route = &plan.routes[*at];
            let id = plan.roster.technicians[route.technician.at()];
            for (stop, of) in route.day.shift.shift().stops.iter().zip(route.day.stops.iter()) {
                if let StopOf::Visit(visit_id) = of {
                    standing.entry(*visit_id).or_default().push((id, ShiftIdx(shift), stop));
                }
            }
        }
        standing
    }

    fn add_free(&mut self, subject: &Subject, standing: Option<(&Stand, &Standing<'a>)>) {
        let visit = &subject.visit;
        let place = self.places.spot(&visit.place, Some(visit.needs.travel));
        for (_, _, stop) in standing.iter().flat_map(|(_, standing)| standing.iter()) {
            // The same place has another number in the hours of each shift.
            self.places.numbers.extend(stop.place.map(|known| (known, place)));
        }
        let stop = standing.and_then(|(_, standing)| standing.first()).map(|(_, _, stop)| *stop);
        self.model.visits.push(visits::free(self.question, subject, stop, place));
        let current = standing.and_then(|(stand, standing)| {
            let gone = |id: &TechnicianId| self.question.is_absent(*id, stand);
            if stand.technician_ids.iter().any(gone) {
                return None;
            }
            let shift = |id: &TechnicianId| standing.iter().find(|(who, ..)| who == id);
            let shifts = stand.technician_ids.iter().map(|id| Some(shift(id)?.1));
            Some(Current {
                start: moment(stand.start),
                shifts: shifts.collect::<Option<Vec<ShiftIdx>>>()?,
                lock: lock(subject.visit.lock),
                started: false,
            })
        });
        self.model.current.push(current);
        let before = subject.before.clone();
        self.keys.push(VisitKey { visit_id: subject.id(), before, movable: true });
    }

    fn add_fixed(&mut self, visit_id: VisitId, stand: Option<&Stand>, standing: &Standing<'a>) {
        let Some((_, _, stop)) = standing.first() else { return };
        let reached = stop.leg_in.is_reachable();
        let place = stop
            .place
            .filter(|_| reached)
            .map(|place| self.places.number(self.question.points, place));
        let stop = **stop;
        self.model.visits.push(visits::fixed(&stop, standing.len(), place));
        self.model.current.push(Some(Current {
            start: stop.planned_start,
            shifts: standing.iter().map(|(_, shift, _)| *shift).collect(),
            lock: Lock::Both,
            started: true,
        }));
        self.keys.push(VisitKey { visit_id, before: stand.cloned(), movable: false });
    }

    fn shifts(&mut self, moving: &BTreeSet<VisitId>) {
        let (question, plan) = (self.question, self.question.plan);
        for at in &self.routes {
            let route = &plan.routes[*at];
            let stays = |of: &StopOf| match of {
                StopOf::Visit(id) => !moving.contains(id),
                StopOf::Absence(_) | StopOf::Break => false,
            };
            let fixed: Vec<bool> = route.day.stops.iter().map(stays).collect();
            let id = plan.roster.technicians[route.technician.at()];
            let away = question.absent.filter(|absent| absent.technician_id == id);
            let source = shifts::Source {
                technician: route.technician,
                row: route.day.shift.shift(),
                stops: &route.day.stops,
                fixed: &fixed,
                day: (day(question, route.date), week(route.date)),
                next: self.next_start(*at),
                away: away.map(|absent| Span::new(moment(absent.from), moment(absent.until))),
                open: question.dates.contains(route.date),
            };
            let points = question.points;
            let mut shift = shifts::shift(&source, |place| self.places.number(points, place));
            let hours = route.day.hours;
            shift.profile =
                self.hours.iter().position(|known| *known == hours).unwrap_or_else(|| {
                    self.hours.push(hours);
                    self.hours.len() - 1
                });
            self.model.shifts.push(shift);
        }
    }

    /// When the technician's next shift starts.
    fn next_start(&self, at: usize) -> Option<Moment> {
        let routes = &self.question.plan.routes;
        let (who, start) = (routes[at].technician, routes[at].day.shift.shift().start);
        let theirs = routes.iter().filter(|route| route.technician == who);
        theirs.map(|route| route.day.shift.shift().start).filter(|next| *next > start).min()
    }

    fn rest(&mut self, moving: &BTreeSet<VisitId>) {
        let question = self.question;
        let roster = question.plan.roster.as_ref();
        // What visits that may move take now is theirs to give back.
        let others = question.taken.iter();
        let others: Vec<&UnitsTaken> =
            others.filter(|taken| taken.visit_id.is_none_or(|id| !moving.contains(&id))).collect();
        let model = &mut self.model;
        let pool = |(kind, units): &(EquipmentId, u32)| Pool {
            units: *units,
            taken: others.iter().filter(|taken| taken.kind == *kind).map(|one| used(one)).collect(),
        };
        model.pools = roster.pools.iter().map(pool).collect();
        model.technicians.clone_from(&roster.rows);
        model.shares = question.shares.iter().map(|(share, _)| *share).collect();
        model.history = question.shares.iter().map(|(_, worked)| Seconds(*worked)).collect();
        model.weights = weights::weights(question.weights, question.break_promises);
        model.freeze = Freeze {
            until: Some(moment(question.freeze)),
            relaxations: question.relaxations.iter().map(relaxation).collect(),
            notice: Seconds::ZERO,
        };
    }
}

fn used(taken: &UnitsTaken) -> PoolUse {
    let span = Span::new(moment(taken.from), moment(taken.until));
    PoolUse { span, units: taken.units }
}

fn relaxation(asked: &Asked) -> (Moment, Relaxation) {
    let allow = match asked.allow {
        Allowed::Times => Relaxation::Times,
        Allowed::Order => Relaxation::Order,
        Allowed::Anything => Relaxation::Anything,
    };
    (moment(asked.from), allow)
}

fn lock(lock: Locked) -> Lock {
    match lock {
        Locked::None => Lock::Free,
        Locked::Time => Lock::Time,
        Locked::Technician => Lock::Technician,
        Locked::Both => Lock::Both,
        Locked::Window => Lock::Window,
    }
}

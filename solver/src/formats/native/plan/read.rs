//! Plans made elsewhere: names become positions, times that are left out are reckoned.

use std::collections::HashMap;

use super::{Plan, PlanRoute, PlanStop};
use crate::formats::cases::Case;
use crate::formats::faults::Faults;
use crate::formats::native::{PLAN_FORMAT, Time, schema};
use crate::optimize::Solution;
use crate::optimize::model::{Model, Shift};
use crate::optimize::solution::{Route, RouteStop, StopKind};
use crate::problem::Leg;
use crate::units::{Moment, PlaceIdx, Seconds, ShiftIdx, VisitIdx};

/// Reads a plan for a case whose drives are known; nothing is judged yet, and its score is empty.
///
/// A time that is left out is the earliest one after the stop before.
///
/// # Errors
/// Every fault of form; every shift, visit, break or depot that is not there; every role done twice.
pub fn read_plan(case: &Case, text: &str) -> Result<Solution, Faults> {
    let (plan, faults): (Plan, Faults) =
        crate::formats::native::read::parse(text, &schema::plan_schema(), PLAN_FORMAT)?;
    read_by(case, &plan, faults, &HashMap::new())
}

/// A plan that says when everything starts.
pub(in crate::formats) fn read_timed(case: &Case, plan: &Plan) -> Result<Solution, Faults> {
    read_by(case, plan, Faults::default(), &HashMap::new())
}

/// A plan as a solution.
///
/// * `least`: visits that do not start before, where the plan does not say when they start.
pub(super) fn read_by(
    case: &Case,
    plan: &Plan,
    faults: Faults,
    least: &HashMap<VisitIdx, Moment>,
) -> Result<Solution, Faults> {
    let index =
        |names: &[String]| -> HashMap<String, u32> { names.iter().cloned().zip(0..).collect() };
    let mut reader = Reader {
        case,
        visits: index(&case.names.visits),
        shifts: index(&case.names.shifts),
        places: index(&case.names.places),
        done: case.model.visits.iter().map(|visit| vec![false; visit.crew.len()]).collect(),
        least,
        faults,
    };
    let mut routes = Vec::new();
    for (number, route) in plan.routes.iter().enumerate() {
        routes.extend(reader.route(&format!("routes[{number}]"), route));
    }
    routes.sort_by_key(|route| route.shift);
    let left = reader.done.iter().zip(0..).filter(|(roles, _)| !roles.iter().any(|done| *done));
    let unassigned = left.map(|(_, visit)| VisitIdx(visit)).collect();
    reader.faults.or(Solution { routes, unassigned, ..Solution::default() })
}

struct Reader<'a> {
    case: &'a Case,
    visits: HashMap<String, u32>,
    shifts: HashMap<String, u32>,
    places: HashMap<String, u32>,
    /// By visit and role.
    done: Vec<Vec<bool>>,
    least: &'a HashMap<VisitIdx, Moment>,
    faults: Faults,
}

/// Where a technician is, and since when.
struct Position {
    place: Option<PlaceIdx>,
    time: Moment,
    /// Seconds with nothing to do since the last place: whoever waits for a break drives first.
    idle: Seconds,
    /// Whether it is known when the start place was left.
    has_left: bool,
    /// Place of the visit before, if it has one.
    last_visit: Option<PlaceIdx>,
}

impl Position {
    /// When a drive from here is over.
    fn arrival(&self, drive: Seconds) -> Moment {
        self.time + (drive - self.idle).max(Seconds::ZERO)
    }
}

impl Reader<'_> {
    fn route(&mut self, at: &str, given: &PlanRoute) -> Option<Route> {
        let Some(shift_at) = self.shifts.get(&given.shift).copied() else {
            self.faults.add(format!("{at}.shift"), format!("there is no shift {:?}", given.shift));
            self.look_up(at, given);
            return None;
        };
        let model = &self.case.model;
        let shift = &model.shifts[shift_at as usize];
        let from = given.departure.map_or(shift.start, Time::moment);
        let mut position = Position {
            place: shift.start_place,
            time: from,
            idle: Seconds::ZERO,
            has_left: given.departure.is_some(),
            last_visit: shift.start_place.filter(|_| shift.set_up),
        };
        let mut stops: Vec<RouteStop> = Vec::new();
        for (number, stop) in given.stops.iter().enumerate() {
            let at = format!("{at}.stops[{number}]");
            stops.extend(self.stop(&at, stop, shift, &mut position));
        }
        let home = leg(model, shift, position.place, shift.end_place);
        let drive_home = driven(shift, home);
        let arrival = position.arrival(drive_home);
        let arrival = given.arrival.map_or(arrival, Time::moment);
        let departure = given.departure.map(Time::moment);
        let latest = stops.first().map(|first| first.start - first.drive);
        // Who leaves as late as the first stop allows need not wait there.
        if let (None, Some(first)) = (departure, stops.first_mut())
            && given.stops.first().is_some_and(|stop| stop.arrival.is_none())
        {
            first.arrival = first.start;
        }
        Some(Route {
            shift: ShiftIdx(shift_at),
            departure: departure.or(latest).unwrap_or(shift.start),
            stops,
            drive_home,
            metres_home: home.distance(),
            arrival,
        })
    }

    /// Names nothing has in a route of an unknown shift.
    fn look_up(&mut self, at: &str, given: &PlanRoute) {
        for (number, stop) in given.stops.iter().enumerate() {
            let at = format!("{at}.stops[{number}]");
            if let Some(name) = stop.visit.as_ref().filter(|name| !self.visits.contains_key(*name))
            {
                self.faults.add(format!("{at}.visit"), format!("there is no visit {name:?}"));
            }
            if let Some(name) = stop.depot.as_ref().filter(|name| !self.places.contains_key(*name))
            {
                self.faults.add(format!("{at}.depot"), format!("there is no place {name:?}"));
            }
        }
    }

    fn stop(
        &mut self,
        at: &str,
        given: &PlanStop,
        shift: &Shift,
        position: &mut Position,
    ) -> Option<RouteStop> {
        let kind = self.kind(at, given, shift)?;
        let model = &self.case.model;
        let (place, stay) = match kind {
            StopKind::Visit { visit, role } => {
                let visit = &model.visits[visit.at()];
                (visit.place, stay(visit, role, shift, model, position))
            }
            StopKind::Break { index } => {
                let pause = &shift.breaks[index];
                (pause.place.or(position.place), pause.duration)
            }
            StopKind::Depot { place } => (Some(place), shift.depot_duration),
        };
        let on_the_spot =
            matches!(kind, StopKind::Break { index } if shift.breaks[index].place.is_none());
        // Whatever a matrix says about going round in a circle.
        let leg = if on_the_spot { Leg::ZERO } else { leg(model, shift, position.place, place) };
        let drive = driven(shift, leg);
        let arrival = given.arrival.map_or(position.arrival(drive), Time::moment);
        let mut open = opening(model, shift, kind, arrival);
        if let StopKind::Visit { visit, .. } = kind
            && let Some(least) = self.least.get(&visit).filter(|least| **least > open)
        {
            open = opening(model, shift, kind, *least);
        }
        let start = given.start.map_or(open, Time::moment);
        let end = given.end.map_or(start + stay, Time::moment);
        position.idle = if on_the_spot && position.has_left {
            position.idle + (start - position.time).max(Seconds::ZERO)
        } else {
            Seconds::ZERO
        };
        position.has_left = true;
        position.place = place;
        position.time = end;
        if matches!(kind, StopKind::Visit { .. }) {
            position.last_visit = place;
        }
        Some(RouteStop { kind, drive, metres: leg.distance(), arrival, start, end })
    }

    fn kind(&mut self, at: &str, given: &PlanStop, shift: &Shift) -> Option<StopKind> {
        match (&given.visit, given.pause, &given.depot) {
            (Some(name), None, None) => {
                let Some(visit) = self.visits.get(name).copied() else {
                    self.faults.add(format!("{at}.visit"), format!("there is no visit {name:?}"));
                    return None;
                };
                let role = given.role.unwrap_or(0);
                let done = &mut self.done[visit as usize];
                match done.get_mut(usize::from(role)) {
                    Some(done) if !*done => {
                        *done = true;
                        Some(StopKind::Visit { visit: VisitIdx(visit), role })
                    }
                    Some(_) => {
                        self.faults.add(at, format!("role {role} of visit {name:?} is done twice"));
                        None
                    }
                    None => {
                        self.faults.add(at, format!("visit {name:?} has no role {role}"));
                        None
                    }
                }
            }
            (None, Some(index), None) if (index as usize) < shift.breaks.len() => {
                Some(StopKind::Break { index: index as usize })
            }
            (None, Some(index), None) => {
                self.faults.add(format!("{at}.break"), format!("the shift has no break {index}"));
                None
            }
            (None, None, Some(name)) => {
                let place = self.places.get(name).map(|place| PlaceIdx(*place));
                if place.is_none() {
                    self.faults.add(format!("{at}.depot"), format!("there is no place {name:?}"));
                }
                place.map(|place| StopKind::Depot { place })
            }
            _ => {
                self.faults.add(at, "a stop is a visit, a break or a depot");
                None
            }
        }
    }
}

fn leg(model: &Model, shift: &Shift, from: Option<PlaceIdx>, to: Option<PlaceIdx>) -> Leg {
    model.matrices.get(shift.profile).map_or(Leg::ZERO, |matrix| matrix.leg(from, to))
}

fn driven(shift: &Shift, leg: Leg) -> Seconds {
    Seconds((leg.travel().0 * i64::from(shift.drive_percent) + 99) / 100)
}

/// Setup, service and exit of one role.
fn stay(
    visit: &crate::optimize::model::Visit,
    role: u8,
    shift: &Shift,
    model: &Model,
    position: &Position,
) -> Seconds {
    let own = visit.own_times.iter().find(|own| own.technician == shift.technician);
    let setup = own.map_or(visit.setup, |own| own.setup);
    let is_there = visit.place.is_some() && position.last_visit == visit.place;
    let setup = if is_there { Seconds::ZERO } else { setup };
    if let Some(own) = own {
        return setup + own.duration + visit.exit;
    }
    let role = &visit.crew[usize::from(role)];
    let paces = model.paces.iter().filter(|pace| pace.technician == shift.technician);
    let needed = |skill| role.needs.skills.iter().any(|need| need.skill == skill);
    let mut percents: Vec<u32> = Vec::new();
    for need in &role.needs.skills {
        let own = paces.clone().find(|pace| pace.skill == need.skill && needed(pace.skill));
        percents.push(own.map_or(100, |pace| pace.percent));
    }
    let percent = percents.into_iter().max().unwrap_or(100);
    let service = role.duration.unwrap_or(visit.duration);
    let service = Seconds((service.0 * i64::from(percent) + 99) / 100);
    setup + service + visit.exit
}

/// When something can start that somebody is there for from `arrival` on.
fn opening(model: &Model, shift: &Shift, kind: StopKind, arrival: Moment) -> Moment {
    let spans: Vec<(Moment, Moment)> = match kind {
        StopKind::Visit { visit, .. } => {
            let windows = &model.visits[visit.at()].windows;
            let open = |window: &crate::optimize::model::Window| {
                let from = if window.early_second.is_some() { arrival } else { window.earliest };
                (from, window.latest)
            };
            windows.iter().map(open).collect()
        }
        StopKind::Break { index } => shift.breaks[index].starts.clone(),
        StopKind::Depot { .. } => Vec::new(),
    };
    let open = spans.iter().find(|(_, until)| *until >= arrival);
    open.map_or(arrival, |(from, _)| arrival.max(*from))
}

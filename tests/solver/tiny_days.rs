//! Days small enough to try every plan: places in a line, an hour at each visit.

use std::collections::HashMap;

use roundsman_solver::optimize::Model;
use roundsman_solver::optimize::model::{Matrix, Shift, UNIT, Visit, Weights, Window};
use roundsman_solver::problem::{Leg, Technician};
use roundsman_solver::units::{Moment, PlaceIdx, Seconds, TechnicianIdx};

pub const HOUR: i64 = 3600;
/// What an hour at the wheel costs, in units.
pub const DRIVE: i64 = 60;

/// Places in a line ten minutes apart, people who start and end at the first one, an hour at each
/// visit. Without a rule that needs it, such a day goes to the engine of plain days.
pub fn day(people: u32, places: &[u32]) -> Model {
    let legs = (0..6_u32).flat_map(|from| {
        (0..6).map(move |to: u32| Leg::new(600 * from.abs_diff(to), 10_000 * from.abs_diff(to)))
    });
    let shift = |at: u32| Shift {
        start_place: Some(PlaceIdx(0)),
        end_place: Some(PlaceIdx(0)),
        ..Shift::new(TechnicianIdx(at), Moment(8 * HOUR), Moment(16 * HOUR))
    };
    Model {
        matrices: vec![Matrix::new(6, legs.collect()).unwrap()],
        technicians: (0..people).map(|at| Technician::new(u128::from(at))).collect(),
        shifts: (0..people).map(shift).collect(),
        visits: places.iter().map(|&it| Visit::new(Some(PlaceIdx(it)), Seconds(HOUR))).collect(),
        weights: Weights { drive_second: DRIVE * UNIT / HOUR, ..Weights::none() },
        ..Model::default()
    }
}

/// The same with a rule that only the engine of every rule knows, and that changes nothing.
pub fn with_every_rule(mut model: Model) -> Model {
    for visit in &mut model.visits {
        let window = Window::hard(Moment(0), Moment(8 * HOUR - 1));
        visit.windows.insert(0, window);
        if visit.windows.len() == 1 {
            visit.windows.push(Window::hard(Moment(8 * HOUR), Moment(24 * HOUR)));
        }
    }
    model
}

/// A visit, or `None` for a stop at a depot.
type Path = Vec<Option<usize>>;

/// Every way to serve visits with one shift.
struct Drives<'a> {
    model: &'a Model,
    shift: &'a Shift,
    /// By set of visits, as bits: the least cost of driving.
    found: HashMap<usize, i64>,
}

impl Drives<'_> {
    fn extend(&mut self, path: &mut Path, (place, time, drive): (u32, i64, i64)) {
        if !self.has_room(path) {
            return;
        }
        let home = seconds(place, 0);
        if time + home <= self.shift.end.0 {
            let done = path.iter().flatten().map(|at| 1 << at).sum();
            let cost = (drive + home) * DRIVE * UNIT / HOUR;
            let least = self.found.entry(done).or_insert(cost);
            *least = cost.min(*least);
        }
        for (at, visit) in self.model.visits.iter().enumerate() {
            if path.contains(&Some(at)) {
                continue;
            }
            let next = visit.place.unwrap().0;
            let leg = seconds(place, next);
            let start = match visit.windows.as_slice() {
                [window, ..] if time + leg > window.latest.0 => continue,
                [window, ..] => window.earliest.0.max(time + leg),
                [] => time + leg,
            };
            path.push(Some(at));
            self.extend(path, (next, start + HOUR, drive + leg));
            path.pop();
        }
        let stops = path.iter().filter(|stop| stop.is_none()).count();
        let again = path.last() == Some(&None);
        if stops < self.shift.depot_stops_max as usize && !again {
            for depot in &self.shift.depots {
                let leg = seconds(place, depot.0);
                path.push(None);
                let left = time + leg + self.shift.depot_duration.0;
                self.extend(path, (depot.0, left, drive + leg));
                path.pop();
            }
        }
    }

    /// Whether everything fits in the car as far as the way goes. What is brought is there from the
    /// stop at a depot before.
    fn has_room(&self, path: &Path) -> bool {
        let visits = &self.model.visits;
        let of = |list: &Vec<i64>, kind: usize| list.get(kind).copied().unwrap_or(0);
        (0..self.model.loads.len()).all(|kind| {
            let mut taken = 0;
            let trips: Vec<&[Option<usize>]> = path.split(Option::is_none).collect();
            trips.iter().enumerate().all(|(number, trip)| {
                let trip: Vec<&Visit> = trip.iter().flatten().map(|&at| &visits[at]).collect();
                let parts: i64 = trip.iter().map(|visit| of(&visit.parts, kind)).sum();
                let stock = self.shift.stock.get(kind).copied().unwrap_or(i64::MAX);
                let capacity = self.shift.capacity.get(kind).copied().unwrap_or(i64::MAX);
                let fits = (0..=trip.len()).all(|done| {
                    let ahead = trip[done..].iter();
                    let ahead: i64 =
                        ahead.map(|it| of(&it.delivery, kind) + of(&it.parts, kind)).sum();
                    let behind: i64 = trip[..done].iter().map(|it| of(&it.pickup, kind)).sum();
                    taken + ahead + behind <= capacity
                });
                taken += trip.iter().map(|visit| of(&visit.pickup, kind)).sum::<i64>();
                fits && (number > 0 || parts <= stock)
            })
        })
    }
}

fn seconds(from: u32, to: u32) -> i64 {
    600 * i64::from(from.abs_diff(to))
}

/// Weight left out and cost of the best plan.
pub fn brute_force(model: &Model) -> (i64, i64) {
    let drives: Vec<HashMap<usize, i64>> = model
        .shifts
        .iter()
        .map(|shift| {
            let mut drives = Drives { model, shift, found: HashMap::new() };
            drives.extend(&mut Path::new(), (0, shift.start.0, 0));
            drives.found
        })
        .collect();
    let mut best = (i64::MAX, i64::MAX);
    let choices = model.shifts.len() + 1;
    for plan in 0..choices.pow(model.visits.len() as u32) {
        let mut sets = vec![0; choices];
        let mut rest = plan;
        for at in 0..model.visits.len() {
            sets[rest % choices] |= 1 << at;
            rest /= choices;
        }
        let (mut weight, mut cost) = (0, 0);
        for (at, visit) in model.visits.iter().enumerate() {
            if sets[0] & (1 << at) != 0 {
                weight += i64::from(visit.mandatory);
                cost += visit.prize;
            }
        }
        let mut used = vec![false; model.technicians.len()];
        let mut possible = true;
        for ((shift, drives), set) in model.shifts.iter().zip(&drives).zip(&sets[1..]) {
            if *set != 0 {
                used[shift.technician.0 as usize] = true;
                cost += shift.rates.used;
                possible &= drives.contains_key(set);
                cost += drives.get(set).copied().unwrap_or(0);
            }
        }
        cost += model.weights.technician_used * used.iter().filter(|&&used| used).count() as i64;
        if possible {
            best = best.min((weight, cost));
        }
    }
    best
}

//! A VROOM problem as a model of the optimizer.

use std::collections::HashMap;

use super::input::{Kind, Matrices, Pause, Problem, Spot, Task, Vehicle};
use crate::formats::cases::{Case, Coordinates, Names, Travel};
use crate::optimize::Model;
use crate::optimize::model::{
    Break, Link, Matrix, OwnTimes, PER_HOUR, PER_KILOMETRE, Shift, ShiftRates, UNIT, Visit,
    Weights, Window,
};
use crate::problem::{HeldSkill, Leg, SkillNeed, Technician};
use crate::units::{Metres, Moment, PlaceIdx, Seconds, SkillIdx, TechnicianIdx, VisitIdx};

/// Places and skills by what the problem calls them, and the clock's first moment.
pub(super) struct Index {
    places: HashMap<[u64; 2], u32>,
    coordinates: Vec<Coordinates>,
    by_matrix: bool,
    skills: HashMap<u32, SkillIdx>,
    /// Span in which everything happens.
    base: i64,
    last: i64,
}

impl Index {
    pub(super) fn place(&self, spot: Spot) -> Option<PlaceIdx> {
        if self.by_matrix {
            return spot.index.and_then(|index| u32::try_from(index).ok()).map(PlaceIdx);
        }
        let key = spot.location?.map(f64::to_bits);
        self.places.get(&key).copied().map(PlaceIdx)
    }

    fn moment(&self, seconds: i64) -> Moment {
        Moment(seconds.clamp(self.base, self.last))
    }
}

/// The model, and where its places are if the problem has no matrices.
pub(super) fn case(problem: &Problem) -> Case {
    let index = index(problem);
    let mut model = Model { weights: Weights::none(), ..Model::default() };
    model.loads = (0..problem.loads).map(|kind| format!("load {kind}")).collect();
    let profiles = profiles(problem);
    for (at, vehicle) in (0..).zip(&problem.vehicles) {
        let held = vehicle.skills.iter().filter_map(|skill| index.skills.get(skill));
        model.technicians.push(Technician {
            skills: held.map(|skill| HeldSkill::lasting(*skill, 1)).collect(),
            ..Technician::new(u128::from(at))
        });
        let profile = profiles.iter().position(|name| **name == vehicle.profile).unwrap_or(0);
        model.shifts.push(shift(vehicle, TechnicianIdx(at), profile, &index));
    }
    let count = i64::try_from(problem.tasks.len()).unwrap_or(i64::MAX);
    for task in &problem.tasks {
        let visit = visit(task, &index, count);
        model.visits.push(Visit { own_times: typed(task, &problem.vehicles), ..visit });
    }
    for first in (problem.job_count..problem.tasks.len()).step_by(2) {
        let of = |at: usize| VisitIdx(u32::try_from(at).unwrap_or(u32::MAX));
        model.links.push(Link::Shipment { first: of(first), second: of(first + 1) });
    }
    let travel = match &problem.matrices {
        Some(matrices) => {
            model.matrices =
                profiles.iter().filter_map(|name| matrix(matrices.get(*name)?)).collect();
            Travel::Given
        }
        None => Travel::Asked(index.coordinates.clone()),
    };
    let places = model.matrices.first().map_or(index.coordinates.len(), Matrix::place_count);
    let names = names(problem, &index, places);
    let coordinates = coordinates(problem, &index, names.places.len());
    Case { names, travel, coordinates, cost_scale: UNIT, ..Case::new(model) }
}

fn index(problem: &Problem) -> Index {
    let by_matrix = problem.matrices.is_some();
    let (mut places, mut coordinates) = (HashMap::new(), Vec::new());
    let ends = problem.vehicles.iter().flat_map(|vehicle| [vehicle.start, vehicle.end]);
    let spots = ends.chain(problem.tasks.iter().map(|task| task.spot));
    for [lon, lat] in spots.filter(|_| !by_matrix).filter_map(|spot| spot.location) {
        let next = u32::try_from(places.len()).unwrap_or(u32::MAX);
        places.entry([lon, lat].map(f64::to_bits)).or_insert_with(|| {
            coordinates.push(Coordinates { lat, lon });
            next
        });
    }
    let mut skills: Vec<u32> = problem.tasks.iter().flat_map(|task| task.skills.clone()).collect();
    skills.extend(problem.vehicles.iter().flat_map(|vehicle| vehicle.skills.clone()));
    skills.sort_unstable();
    skills.dedup();
    // Without a window a vehicle may leave at any time; the model's clock reaches two years.
    let reach = i64::from(Leg::SECONDS_MAX) - 1;
    let windows = problem.tasks.iter().flat_map(|task| &task.windows);
    let windows = windows.chain(problem.vehicles.iter().flat_map(|vehicle| &vehicle.window));
    let windows = windows
        .chain(problem.vehicles.iter().flat_map(|it| it.breaks.iter().flat_map(|b| &b.windows)));
    let first = windows.map(|window| window.0).min().unwrap_or(0);
    let base = if first > reach / 2 { first - reach / 8 } else { 0 };
    let skills = skills.into_iter().zip((0..).map(SkillIdx)).collect();
    Index { places, coordinates, by_matrix, skills, base, last: base + reach }
}

/// Profiles that vehicles use, in order of first use.
fn profiles(problem: &Problem) -> Vec<&String> {
    let mut profiles: Vec<&String> = Vec::new();
    for vehicle in &problem.vehicles {
        if !profiles.contains(&&vehicle.profile) {
            profiles.push(&vehicle.profile);
        }
    }
    profiles
}

fn matrix(of: &Matrices) -> Option<Matrix> {
    let places = of.durations.len();
    let mut legs = Vec::with_capacity(places * places);
    for (from, row) in of.durations.iter().enumerate() {
        for (to, seconds) in row.iter().enumerate() {
            let metres = of.distances.as_ref().map_or(0, |rows| rows[from][to]);
            legs.push(Leg::new(*seconds, metres));
        }
    }
    let matrix = Matrix::new(places, legs)?;
    let Some(costs) = &of.costs else { return Some(matrix) };
    matrix.with_costs(costs.iter().flatten().map(|cost| i64::from(*cost) * UNIT).collect())
}

fn shift(vehicle: &Vehicle, technician: TechnicianIdx, profile: usize, index: &Index) -> Shift {
    let (start, end) = vehicle.window.unwrap_or((index.base, index.last));
    let costs = vehicle.costs;
    Shift {
        profile,
        start_place: index.place(vehicle.start),
        set_up: true,
        end_place: index.place(vehicle.end),
        breaks: vehicle.breaks.iter().map(|pause| rest(pause, vehicle, index)).collect(),
        capacity: vehicle.capacity.clone(),
        visits_max: vehicle.max_tasks,
        drive_max: vehicle.max_travel_time.map(Seconds),
        metres_max: vehicle.max_distance.map(Metres),
        drive_percent: vehicle.drive_percent,
        rates: ShiftRates {
            used: costs.fixed * UNIT,
            drive_second: costs.per_hour * PER_HOUR,
            metre: costs.per_km * PER_KILOMETRE,
            onsite_second: costs.per_task_hour * PER_HOUR,
            ..ShiftRates::default()
        },
        ..Shift::new(technician, index.moment(start), index.moment(end))
    }
}

/// A break lies within the vehicle's window as a whole; where it cannot, in a given route, that is
/// only told.
fn rest(pause: &Pause, vehicle: &Vehicle, index: &Index) -> Break {
    let (start, end) = vehicle.window.unwrap_or((index.base, index.last));
    let within = |&(from, to): &(i64, i64)| {
        let (from, to) = (from.max(start), to.min(end - pause.service));
        (from <= to).then(|| (index.moment(from), index.moment(to)))
    };
    let mut starts: Vec<_> = pause.windows.iter().filter_map(within).collect();
    if starts.is_empty() {
        let whole = |&(from, to): &(i64, i64)| (index.moment(from), index.moment(to));
        starts = pause.windows.iter().map(whole).collect();
    }
    Break {
        starts,
        load_max: pause.max_load.clone().unwrap_or_default(),
        ..Break::floating(Moment(0), Moment(0), length(pause.service))
    }
}

/// A length of time; what is longer than the model's clock fits nowhere anyway.
fn length(seconds: i64) -> Seconds {
    Seconds(seconds.min(Leg::SECONDS_MAX.into()))
}

fn visit(task: &Task, index: &Index, count: i64) -> Visit {
    let mut visit = Visit::new(index.place(task.spot), length(task.service));
    visit.setup = length(task.setup);
    let windows = task.windows.iter();
    visit.windows =
        windows.map(|&(from, to)| Window::hard(index.moment(from), index.moment(to))).collect();
    let needs = task.skills.iter().filter_map(|skill| index.skills.get(skill));
    visit.crew[0].needs.skills =
        needs.map(|skill| SkillNeed { skill: *skill, level_min: 1 }).collect();
    match task.kind {
        Kind::Job => {
            visit.delivery.clone_from(&task.delivery);
            visit.pickup.clone_from(&task.pickup);
        }
        Kind::Pickup => visit.transfer.clone_from(&task.pickup),
        Kind::Delivery => visit.transfer = task.delivery.iter().map(|amount| -amount).collect(),
    }
    // The sum of priorities counts first, then the number of tasks.
    let weight = i64::from(task.priority) * (count + 1) + 1;
    visit.mandatory = u32::try_from(weight).unwrap_or(u32::MAX);
    visit.priority = task.priority;
    visit
}

/// What a task takes with vehicles of types that have times of their own.
fn typed(task: &Task, vehicles: &[Vehicle]) -> Vec<OwnTimes> {
    let usual = (task.setup, task.service);
    let own = |(at, vehicle): (u32, &Vehicle)| {
        let (setup, service) = task.times(vehicle.kind.as_deref());
        ((setup, service) != usual).then_some(OwnTimes {
            technician: TechnicianIdx(at),
            setup: length(setup),
            duration: length(service),
        })
    };
    (0..).zip(vehicles).filter_map(own).collect()
}

fn names(problem: &Problem, index: &Index, places: usize) -> Names {
    let vehicles: Vec<String> = problem.vehicles.iter().map(|it| it.id.to_string()).collect();
    let task = |task: &Task| match task.kind {
        Kind::Job => task.id.to_string(),
        kind => format!("{} {}", kind.name(), task.id),
    };
    let mut skills: Vec<(SkillIdx, u32)> = index.skills.iter().map(|(id, at)| (*at, *id)).collect();
    skills.sort_unstable();
    Names {
        technicians: vehicles.clone(),
        shifts: vehicles,
        visits: problem.tasks.iter().map(task).collect(),
        places: (0..places).map(|place| place.to_string()).collect(),
        skills: skills.iter().map(|(_, id)| id.to_string()).collect(),
        ..Names::default()
    }
}

fn coordinates(problem: &Problem, index: &Index, places: usize) -> Vec<Option<Coordinates>> {
    let mut found = vec![None; places];
    let ends = problem.vehicles.iter().flat_map(|vehicle| [vehicle.start, vehicle.end]);
    for spot in ends.chain(problem.tasks.iter().map(|task| task.spot)) {
        if let (Some(place), Some([lon, lat])) = (index.place(spot), spot.location)
            && let Some(found) = found.get_mut(place.at())
        {
            *found = Some(Coordinates { lat, lon });
        }
    }
    found
}

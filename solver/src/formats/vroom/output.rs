//! VROOM's answer: summary, routes with steps, what is left out.

use serde::Serialize;

use super::input::{Kind, Problem, Spot, StepKind};
use super::timed::{Timed, TimedRoute, Violation};
use crate::formats::cases::{Case, Coordinates};
use crate::formats::faults::Faults;
use crate::optimize::model::{Matrix, UNIT};

/// Draws the line through some places as an encoded polyline with five digits.
pub type Draw<'a> = &'a dyn Fn(&[Coordinates]) -> String;

#[derive(Serialize)]
struct Answer<'a> {
    code: u8,
    summary: Summary,
    unassigned: Vec<Left<'a>>,
    routes: Vec<Tour<'a>>,
}

#[derive(Serialize, Default)]
struct Sums {
    cost: i64,
    delivery: Vec<i64>,
    pickup: Vec<i64>,
    setup: i64,
    service: i64,
    duration: i64,
    waiting_time: i64,
    priority: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    distance: Option<i64>,
    violations: Vec<Broken>,
}

#[derive(Serialize)]
struct Summary {
    routes: usize,
    unassigned: usize,
    #[serde(flatten)]
    sums: Sums,
}

#[derive(Serialize)]
struct Tour<'a> {
    vehicle: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(flatten)]
    sums: Sums,
    steps: Vec<Stop<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    geometry: Option<String>,
}

#[derive(Serialize)]
struct Stop<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(flatten)]
    place: Whereabouts,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
    /// Deprecated, for old clients.
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<u64>,
    setup: i64,
    service: i64,
    waiting_time: i64,
    load: Vec<i64>,
    arrival: i64,
    duration: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    distance: Option<i64>,
    violations: Vec<Broken>,
}

#[derive(Serialize, Default)]
struct Whereabouts {
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<[f64; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location_index: Option<usize>,
}

impl From<Spot> for Whereabouts {
    fn from(spot: Spot) -> Self {
        Self { location: spot.location, location_index: spot.index }
    }
}

#[derive(Serialize)]
struct Left<'a> {
    id: u64,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(flatten)]
    place: Whereabouts,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    reasons: &'a [String],
}

#[derive(Serialize)]
struct Broken {
    cause: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<i64>,
}

/// The text of an answer.
///
/// * `left`: tasks left out.
/// * `reasons`: by task; may be empty.
/// * `draw`: the line of a route as an encoded polyline.
pub(super) fn write(
    problem: &Problem,
    case: &Case,
    routes: &[TimedRoute],
    left: &[usize],
    (reasons, draw): (&[Vec<String>], Option<Draw<'_>>),
) -> String {
    let tours: Vec<Tour<'_>> =
        routes.iter().map(|route| tour(problem, case, route, draw)).collect();
    let unassigned: Vec<Left<'_>> = left
        .iter()
        .map(|&at| {
            let task = &problem.tasks[at];
            Left {
                id: task.id,
                kind: task.kind.name(),
                description: task.description.as_deref(),
                place: task.spot.into(),
                reasons: reasons.get(at).map_or(&[], Vec::as_slice),
            }
        })
        .collect();
    let mut sums = add(tours.iter().map(|tour| &tour.sums), problem);
    // Of all routes the cost is rounded once.
    sums.cost = units(routes.iter().map(|route| route.cost(problem)).sum());
    let summary = Summary { routes: tours.len(), unassigned: unassigned.len(), sums };
    let answer = Answer { code: 0, summary, unassigned, routes: tours };
    serde_json::to_string(&answer).unwrap_or_default()
}

/// VROOM's answer to a faulty problem: code 2, the messages one after the other, and each with its
/// place.
pub fn error(faults: &Faults) -> String {
    let messages: Vec<&str> = faults.0.iter().map(|fault| fault.message.as_str()).collect();
    let each = |fault: &crate::formats::Fault| serde_json::json!({ "at": fault.at, "message": fault.message });
    let each: Vec<_> = faults.0.iter().map(each).collect();
    serde_json::json!({ "code": 2, "error": messages.join(" "), "faults": each }).to_string()
}

fn units(grains: i64) -> i64 {
    (grains + UNIT / 2).div_euclid(UNIT)
}

/// Load after each step of a route; the first is the load at departure.
pub(super) fn loads(problem: &Problem, route: &TimedRoute) -> Vec<Vec<i64>> {
    let mut load = vec![0; problem.loads];
    for task in route.tasks().map(|task| &problem.tasks[task]).filter(|it| it.kind == Kind::Job) {
        load.iter_mut().zip(&task.delivery).for_each(|(load, amount)| *load += amount);
    }
    let mut loads = Vec::with_capacity(route.steps.len());
    for step in &route.steps {
        if let Some(StepKind::Task(task)) = step.kind {
            let task = &problem.tasks[task];
            let change = task.pickup.iter().zip(&task.delivery).map(|(up, down)| up - down);
            load.iter_mut().zip(change).for_each(|(load, change)| *load += change);
        }
        loads.push(load.clone());
    }
    loads
}

fn tour<'a>(
    problem: &'a Problem,
    case: &Case,
    route: &TimedRoute,
    draw: Option<Draw<'_>>,
) -> Tour<'a> {
    let vehicle = &problem.vehicles[route.vehicle];
    let distances = case.model.matrices.iter().flat_map(Matrix::legs);
    let has_metres =
        problem.matrices.is_none() || distances.clone().any(|leg| leg.distance().0 > 0);
    let (mut duration, mut metres, mut steps) = (0, 0, Vec::new());
    for ((at, step), load) in route.steps.iter().enumerate().zip(loads(problem, route)) {
        duration += step.drive;
        metres += step.metres;
        let (name, description, place, id) = words(problem, route, step, at == 0);
        steps.push(Stop {
            kind: name,
            description,
            place: place.into(),
            id,
            job: id.filter(|_| name == "job"),
            setup: step.setup,
            service: step.service,
            waiting_time: step.start - step.arrival,
            load,
            arrival: step.arrival,
            duration,
            distance: has_metres.then_some(metres),
            violations: broken(&step.violations),
        });
    }
    let sum = |of: fn(&Timed) -> i64| route.steps.iter().map(of).sum::<i64>();
    let amounts = |of: fn(&super::input::Task) -> &Vec<i64>| {
        let mut sums = vec![0; problem.loads];
        for task in route.tasks().map(|task| &problem.tasks[task]) {
            sums.iter_mut().zip(of(task)).for_each(|(sum, amount)| *sum += amount);
        }
        sums
    };
    let all = route.steps.iter().flat_map(|step| &step.violations).chain(&route.violations);
    let all: Vec<Violation> = all.copied().collect();
    let sums = Sums {
        cost: units(route.cost(problem)),
        delivery: amounts(|task| &task.delivery),
        pickup: amounts(|task| &task.pickup),
        setup: sum(|step| step.setup),
        // As VROOM has it, breaks are part of the service of a route.
        service: sum(|step| step.service),
        duration,
        waiting_time: sum(|step| step.start - step.arrival),
        priority: route.tasks().map(|task| problem.tasks[task].priority).sum(),
        distance: has_metres.then_some(metres),
        violations: joined(&all),
    };
    let stops: Vec<Coordinates> = steps
        .iter()
        .filter_map(|stop| stop.place.location)
        .map(|[lon, lat]| Coordinates { lat, lon })
        .collect();
    let geometry = draw.map(|draw| draw(&stops));
    let description = vehicle.description.as_deref();
    Tour { vehicle: vehicle.id, description, sums, steps, geometry }
}

type Words<'a> = (&'static str, Option<&'a str>, Spot, Option<u64>);

/// Type, description, place and id of a step. A vehicle without a start or an end starts at its first
/// task and ends at its last one.
fn words<'a>(problem: &'a Problem, route: &TimedRoute, step: &Timed, first: bool) -> Words<'a> {
    let vehicle = &problem.vehicles[route.vehicle];
    let or_task = |spot: Spot, task: Option<usize>| {
        let task = task.filter(|_| !spot.is_somewhere());
        task.map_or(spot, |task| problem.tasks[task].spot)
    };
    match step.kind {
        Some(StepKind::Task(task)) => {
            let task = &problem.tasks[task];
            (task.kind.name(), task.description.as_deref(), task.spot, Some(task.id))
        }
        Some(StepKind::Break(pause)) => {
            let pause = &vehicle.breaks[pause];
            ("break", pause.description.as_deref(), Spot::default(), Some(pause.id))
        }
        _ if first => ("start", None, or_task(vehicle.start, route.tasks().next()), None),
        _ => ("end", None, or_task(vehicle.end, route.tasks().last()), None),
    }
}

fn broken(violations: &[Violation]) -> Vec<Broken> {
    let one = |it: &Violation| Broken { cause: it.cause, duration: it.duration };
    violations.iter().map(one).collect()
}

/// Each cause once, with the sum of its durations.
fn joined(violations: &[Violation]) -> Vec<Broken> {
    let mut found: Vec<Broken> = Vec::new();
    for Violation { cause, duration } in violations.iter().copied() {
        match found.iter_mut().find(|known| known.cause == cause) {
            Some(known) => {
                known.duration = known.duration.zip(duration).map(|(a, b)| a + b);
            }
            None => found.push(Broken { cause, duration }),
        }
    }
    found
}

fn add<'a>(parts: impl Iterator<Item = &'a Sums>, problem: &Problem) -> Sums {
    let mut all = Sums {
        delivery: vec![0; problem.loads],
        pickup: vec![0; problem.loads],
        ..Sums::default()
    };
    let mut violations = Vec::new();
    for part in parts {
        all.delivery.iter_mut().zip(&part.delivery).for_each(|(sum, amount)| *sum += amount);
        all.pickup.iter_mut().zip(&part.pickup).for_each(|(sum, amount)| *sum += amount);
        all.setup += part.setup;
        all.service += part.service;
        all.duration += part.duration;
        all.waiting_time += part.waiting_time;
        all.priority += part.priority;
        if let Some(metres) = part.distance {
            all.distance = Some(all.distance.unwrap_or(0) + metres);
        }
        let broken = part.violations.iter();
        violations.extend(broken.map(|it| Violation { cause: it.cause, duration: it.duration }));
    }
    all.violations = joined(&violations);
    all
}

//! Vehicles of a VROOM problem: limits, costs, breaks and given steps.

use std::collections::HashSet;

use serde_json::Value;

use super::input::{Costs, Kind, Pause, Problem, Step, StepKind, Vehicle};
use super::node::{self, Node};
use super::parse::{id, spot};
use crate::formats::decimals;
use crate::formats::faults::Faults;

const VEHICLE: [&str; 18] = [
    "id",
    "profile",
    "description",
    "start",
    "start_index",
    "end",
    "end_index",
    "capacity",
    "costs",
    "skills",
    "type",
    "time_window",
    "breaks",
    "speed_factor",
    "max_tasks",
    "max_travel_time",
    "max_distance",
    "steps",
];
const COSTS: [&str; 4] = ["fixed", "per_hour", "per_task_hour", "per_km"];
const BREAK: [&str; 5] = ["id", "description", "time_windows", "service", "max_load"];
const STEP: [&str; 5] = ["type", "id", "service_at", "service_after", "service_before"];
/// Slowest vehicles: a hundred times as long as usual.
const PERCENT_MAX: u32 = 10_000;
/// The profile of vehicles that name none.
const PROFILE: &str = "car";

pub(super) fn parse(
    at: &str,
    value: &Value,
    problem: &Problem,
    faults: &mut Faults,
) -> Option<Vehicle> {
    let Some(node) = Node::new(at.to_owned(), value, &VEHICLE, faults) else {
        faults.add(at, "Invalid vehicle.");
        return None;
    };
    let id = id(&node, "vehicle", faults)?;
    let owner = format!("vehicle {id}");
    let start = spot(&node, ("start", "start_index"), &owner, faults);
    let end = spot(&node, ("end", "end_index"), &owner, faults);
    let is_told =
        ["start", "start_index", "end", "end_index"].iter().any(|key| node.get(key).is_some());
    if !is_told {
        faults.add(at, format!("No start or end specified for {owner}."));
    }
    let window = node.get("time_window").and_then(|value| {
        let window = node::window(value);
        if window.is_none() {
            faults.add(at, "Invalid time-window.");
        }
        window
    });
    let breaks = breaks(&node, &owner, problem.loads, faults);
    let profile = node.text("profile", faults).filter(|name| !name.is_empty());
    Some(Vehicle {
        id,
        profile: profile.unwrap_or_else(|| PROFILE.to_owned()),
        description: node.text("description", faults),
        start,
        end,
        capacity: node.amounts("capacity", problem.loads, faults),
        costs: costs(&node, &owner, faults),
        skills: node.skills(faults),
        kind: node.text("type", faults),
        window,
        drive_percent: drive_percent(&node, faults),
        max_tasks: node
            .number("max_tasks", "value", faults)
            .and_then(|count| u32::try_from(count).ok()),
        max_travel_time: node.number("max_travel_time", "value", faults),
        max_distance: node.number("max_distance", "value", faults),
        steps: steps(&node, &owner, problem, &breaks, faults),
        breaks,
    })
}

/// Faults between vehicles. Breaks of given routes may be as they like: those are only timed.
pub(super) fn check(problem: &Problem, faults: &mut Faults) {
    let is_given = problem.vehicles.iter().any(|vehicle| vehicle.steps.is_some());
    for vehicle in problem.vehicles.iter().filter(|_| !is_given) {
        if !are_consistent(&vehicle.breaks, vehicle.window) {
            let owner = format!("vehicle {}", vehicle.id);
            faults.add(&owner, format!("Inconsistent breaks for {owner}."));
        }
    }
    let mut seen = HashSet::new();
    for vehicle in &problem.vehicles {
        if !seen.insert(vehicle.id) {
            let id = vehicle.id;
            faults.add(format!("vehicle {id}"), format!("Duplicate vehicle id: {id}."));
        }
    }
    let mut given = HashSet::new();
    for vehicle in &problem.vehicles {
        for step in vehicle.steps.iter().flatten() {
            let StepKind::Task(task) = step.kind else { continue };
            if !given.insert(task) {
                let (task, id) = (&problem.tasks[task], vehicle.id);
                let (kind, task) = (task.kind.name(), task.id);
                let message =
                    format!("Duplicate {kind} id {task} in input steps for vehicle {id}.");
                faults.add(format!("vehicle {id}"), message);
            }
        }
    }
}

/// A speed of 2 is 50 per cent of the driving time, to the nearest per cent.
fn drive_percent(node: &Node<'_>, faults: &mut Faults) -> u32 {
    let Some(value) = node.get("speed_factor") else { return 100 };
    let Some(factor) = value.as_f64() else {
        faults.add(&node.at, "Invalid speed_factor value.");
        return 100;
    };
    let percent = (factor > 0.0 && factor <= 5.0).then(|| decimals::round(100.0 / factor));
    let percent = percent.flatten().and_then(|percent| u32::try_from(percent).ok());
    percent.filter(|percent| *percent <= PERCENT_MAX).unwrap_or_else(|| {
        faults.add(&node.at, format!("Invalid speed factor: {factor}"));
        100
    })
}

fn costs(node: &Node<'_>, owner: &str, faults: &mut Faults) -> Costs {
    let Some(value) = node.get("costs") else { return Costs::default() };
    let Some(costs) = Node::new(format!("{}.costs", node.at), value, &COSTS, faults) else {
        faults.add(&node.at, format!("Invalid costs for {owner}."));
        return Costs::default();
    };
    let mut of = |key: &str, usual: i64| {
        costs.get(key).map_or(usual, |value| {
            node::whole(value).unwrap_or_else(|| {
                faults.add(&costs.at, format!("Invalid {key} cost for {owner}."));
                usual
            })
        })
    };
    let usual = Costs::default();
    Costs {
        fixed: of("fixed", usual.fixed),
        per_hour: of("per_hour", usual.per_hour),
        per_task_hour: of("per_task_hour", usual.per_task_hour),
        per_km: of("per_km", usual.per_km),
    }
}

fn breaks(node: &Node<'_>, owner: &str, loads: usize, faults: &mut Faults) -> Vec<Pause> {
    let Some(value) = node.get("breaks") else { return Vec::new() };
    let Value::Array(list) = value else {
        faults.add(&node.at, format!("Invalid breaks for {owner}."));
        return Vec::new();
    };
    let mut found: Vec<Pause> = Vec::new();
    for (number, value) in list.iter().enumerate() {
        let at = format!("{}.breaks[{number}]", node.at);
        let Some(node) = Node::new(at.clone(), value, &BREAK, faults) else {
            faults.add(at, "Invalid break.");
            continue;
        };
        let Some(id) = id(&node, "break", faults) else { continue };
        if found.iter().any(|other| other.id == id) {
            faults.add(&node.at, format!("Duplicate break id: {id}."));
        }
        let owner = format!("break {id}");
        let windows = node.windows(&owner, faults);
        let any_time = || node.get("time_windows").is_none().then(|| vec![(0, u32::MAX.into())]);
        found.push(Pause {
            id,
            description: node.text("description", faults),
            windows: windows.or_else(any_time).unwrap_or_default(),
            service: node.number("service", "duration", faults).unwrap_or(0),
            max_load: node.get("max_load").map(|_| node.amounts("max_load", loads, faults)),
        });
    }
    found
}

/// Whether all breaks can be taken one after the other within the vehicle's window: in the order of
/// their first windows, as early as they can be, and as late.
fn are_consistent(breaks: &[Pause], window: Option<(i64, i64)>) -> bool {
    let (start, end) = window.unwrap_or((0, i64::from(u32::MAX)));
    let mut breaks: Vec<&Pause> = breaks.iter().filter(|it| !it.windows.is_empty()).collect();
    breaks.sort_by_key(|pause| pause.windows[0]);
    let mut free = start;
    let mut earliest = Vec::with_capacity(breaks.len());
    for pause in &breaks {
        let Some(open) = pause.windows.iter().find(|(_, to)| free <= *to) else { return false };
        earliest.push(free.max(open.0));
        free = free.max(open.0) + pause.service;
    }
    let mut until = end;
    breaks.iter().zip(&earliest).rev().all(|(pause, &earliest)| {
        until -= pause.service;
        let open = pause.windows.iter().rev().find(|(from, _)| *from <= until);
        until = open.map_or(i64::MIN / 2, |open| until.min(open.1));
        earliest <= until
    })
}

fn steps(
    node: &Node<'_>,
    owner: &str,
    problem: &Problem,
    breaks: &[Pause],
    faults: &mut Faults,
) -> Option<Vec<Step>> {
    let Value::Array(list) = node.get("steps")? else {
        faults.add(&node.at, format!("Invalid steps for {owner}."));
        return None;
    };
    let mut steps = Vec::new();
    for (number, value) in list.iter().enumerate() {
        let at = format!("{}.steps[{number}]", node.at);
        let Some(step) = Node::new(at.clone(), value, &STEP, faults) else {
            faults.add(at, format!("Invalid steps for {owner}."));
            continue;
        };
        if let Some(kind) = step_kind(&step, owner, problem, breaks, faults) {
            let last = number + 1 == list.len();
            if kind == StepKind::Start && number > 0 || kind == StepKind::End && !last {
                let name = if kind == StepKind::Start { "start" } else { "end" };
                faults.add(at, format!("Unexpected {name} in input steps for {owner}."));
            }
            let mut time = |key| step.number(key, "value", faults);
            let (at, after) = (time("service_at"), time("service_after"));
            steps.push(Step { kind, at, after, before: time("service_before") });
        }
    }
    Some(steps)
}

fn step_kind(
    step: &Node<'_>,
    owner: &str,
    problem: &Problem,
    breaks: &[Pause],
    faults: &mut Faults,
) -> Option<StepKind> {
    let name = step.text("type", faults)?;
    let kind = match name.as_str() {
        "start" => return Some(StepKind::Start),
        "end" => return Some(StepKind::End),
        "job" => Some(Kind::Job),
        "pickup" => Some(Kind::Pickup),
        "delivery" => Some(Kind::Delivery),
        "break" => None,
        _ => {
            faults.add(&step.at, format!("Invalid type in steps for {owner}."));
            return None;
        }
    };
    let Some(id) = step.get("id").and_then(Value::as_u64) else {
        faults.add(&step.at, format!("Invalid id in steps for {owner}."));
        return None;
    };
    let found = match kind {
        Some(kind) => {
            let mut tasks = problem.tasks.iter();
            tasks.position(|task| task.kind == kind && task.id == id).map(StepKind::Task)
        }
        None => breaks.iter().position(|pause| pause.id == id).map(StepKind::Break),
    };
    if found.is_none() {
        faults.add(&step.at, format!("Invalid {name} id {id} for {owner}."));
    }
    found
}

//! From JSON to a [`Problem`]: all faults at once, in VROOM's words where it has some.

use std::collections::HashSet;

use serde_json::Value;

use super::input::{Kind, Problem, Spot, Task};
use super::matrices;
use super::node::Node;
use super::vehicles;
use crate::formats::VISITS_MAX;
use crate::formats::faults::Faults;

const ROOT: [&str; 5] = ["jobs", "shipments", "vehicles", "matrices", "matrix"];
const JOB: [&str; 15] = [
    "id",
    "description",
    "location",
    "location_index",
    "setup",
    "service",
    "setup_per_type",
    "service_per_type",
    "delivery",
    "pickup",
    "amount",
    "skills",
    "priority",
    "time_windows",
    "type",
];
const SHIPMENT: [&str; 5] = ["pickup", "delivery", "amount", "skills", "priority"];
const SHIPMENT_STEP: [&str; 9] = [
    "id",
    "description",
    "location",
    "location_index",
    "setup",
    "service",
    "setup_per_type",
    "service_per_type",
    "time_windows",
];
/// Largest priority of a task.
pub(super) const PRIORITY_MAX: i64 = 100;

/// Reads a problem.
pub(super) fn parse(text: &str) -> Result<Problem, Faults> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let at = format!("line {}, column {}", error.line(), error.column());
        let message = error.to_string();
        Faults::one(at, message.split(" at line ").next().unwrap_or_default())
    })?;
    let mut faults = Faults::default();
    let Some(root) = Node::new("document".to_owned(), &value, &ROOT, &mut faults) else {
        return Err(Faults::one("document", "Input root is not an object."));
    };
    let lists = Lists::of(&root, &mut faults);
    let size = amount_size(&lists);
    let mut problem = Problem {
        matrices: matrices::parse(&root, &mut faults),
        loads: size,
        ..Problem::default()
    };
    for (at, value) in lists.jobs.iter().enumerate() {
        problem.tasks.extend(job(&format!("jobs[{at}]"), value, size, &mut faults));
    }
    problem.job_count = problem.tasks.len();
    for (at, value) in lists.shipments.iter().enumerate() {
        shipment(&format!("shipments[{at}]"), value, &mut problem, &mut faults);
    }
    duplicates(&problem, &mut faults);
    for (at, value) in lists.vehicles.iter().enumerate() {
        let at = format!("vehicles[{at}]");
        problem.vehicles.extend(vehicles::parse(&at, value, &problem, &mut faults));
    }
    vehicles::check(&problem, &mut faults);
    matrices::check(&problem, &mut faults);
    faults.or(problem)
}

/// The lists of a document.
#[derive(Default)]
struct Lists<'a> {
    jobs: &'a [Value],
    shipments: &'a [Value],
    vehicles: &'a [Value],
}

impl<'a> Lists<'a> {
    fn of(root: &Node<'a>, faults: &mut Faults) -> Self {
        let mut list = |key: &str| -> &'a [Value] {
            match root.get(key) {
                None => &[],
                Some(Value::Array(list)) => {
                    if list.len() > VISITS_MAX {
                        faults.add(key, format!("{} entries; at most {VISITS_MAX}.", list.len()));
                        return &[];
                    }
                    list
                }
                Some(_) => {
                    faults.add(key, format!("Invalid {key}."));
                    &[]
                }
            }
        };
        let lists =
            Self { jobs: list("jobs"), shipments: list("shipments"), vehicles: list("vehicles") };
        if lists.vehicles.is_empty() {
            faults.add("vehicles", "Invalid vehicles.");
        }
        if lists.jobs.is_empty() && lists.shipments.is_empty() {
            faults.add("document", "Invalid jobs or shipments.");
        }
        lists
    }
}

/// The number of kinds of load: the length of the first list of amounts or capacities there is.
fn amount_size(lists: &Lists<'_>) -> usize {
    let count = |value: &Value, key: &str| value.get(key)?.as_array().map(Vec::len);
    let vehicles = lists.vehicles.iter().filter_map(|vehicle| count(vehicle, "capacity"));
    let jobs = lists.jobs.iter().filter_map(|job| {
        count(job, "delivery").or_else(|| count(job, "pickup")).or_else(|| count(job, "amount"))
    });
    let shipments = lists.shipments.iter().filter_map(|shipment| count(shipment, "amount"));
    vehicles.chain(jobs).chain(shipments).next().unwrap_or(0)
}

/// The id of an object; a fault if there is none.
pub(super) fn id(node: &Node<'_>, what: &str, faults: &mut Faults) -> Option<u64> {
    let id = node.get("id").and_then(Value::as_u64);
    if id.is_none() {
        faults.add(&node.at, format!("Invalid or missing id for {what}."));
    }
    id
}

/// A place by coordinates, matrix row or both.
pub(super) fn spot(node: &Node<'_>, keys: (&str, &str), owner: &str, faults: &mut Faults) -> Spot {
    let index = node.get(keys.1).and_then(|value| {
        let index = value.as_u64().and_then(|index| usize::try_from(index).ok());
        if index.is_none() {
            faults.add(&node.at, format!("Invalid {} for {owner}.", keys.1));
        }
        index
    });
    Spot { location: node.coordinates(keys.0, faults), index }
}

fn job(at: &str, value: &Value, size: usize, faults: &mut Faults) -> Option<Task> {
    let Some(node) = Node::new(at.to_owned(), value, &JOB, faults) else {
        faults.add(at, "Invalid job.");
        return None;
    };
    let mut task = task(&node, Kind::Job, faults)?;
    // The deprecated `amount` of a job is a delivery.
    let is_old = node.get("delivery").is_none() && node.get("pickup").is_none();
    let delivery = if is_old { "amount" } else { "delivery" };
    task.delivery = node.amounts(delivery, size, faults);
    task.pickup = node.amounts("pickup", size, faults);
    task.skills = node.skills(faults);
    task.priority = priority(&node, faults);
    Some(task)
}

fn priority(node: &Node<'_>, faults: &mut Faults) -> u32 {
    let value = node.number("priority", "value", faults).unwrap_or(0);
    if value > PRIORITY_MAX {
        faults.add(&node.at, "Invalid priority value.");
    }
    u32::try_from(value).unwrap_or(0)
}

/// What jobs and both ends of a shipment have in common.
fn task(node: &Node<'_>, kind: Kind, faults: &mut Faults) -> Option<Task> {
    let id = id(node, kind.name(), faults)?;
    let owner = format!("{} {id}", kind.name());
    let spot = spot(node, ("location", "location_index"), &owner, faults);
    if !spot.is_somewhere() {
        faults.add(&node.at, format!("Invalid location for {owner}."));
    }
    Some(Task {
        kind,
        id,
        description: node.text("description", faults),
        spot,
        setup: node.number("setup", "duration", faults).unwrap_or(0),
        service: node.number("service", "duration", faults).unwrap_or(0),
        setup_per_type: node.per_type("setup_per_type", &owner, faults),
        service_per_type: node.per_type("service_per_type", &owner, faults),
        delivery: Vec::new(),
        pickup: Vec::new(),
        skills: Vec::new(),
        priority: 0,
        windows: node.windows(&owner, faults).unwrap_or_default(),
    })
}

fn shipment(at: &str, value: &Value, problem: &mut Problem, faults: &mut Faults) {
    let Some(node) = Node::new(at.to_owned(), value, &SHIPMENT, faults) else {
        faults.add(at, "Invalid shipment.");
        return;
    };
    let amounts = node.amounts("amount", problem.loads, faults);
    let (skills, priority) = (node.skills(faults), priority(&node, faults));
    let mut ends = Vec::new();
    for kind in [Kind::Pickup, Kind::Delivery] {
        let name = kind.name();
        let end = node
            .get(name)
            .and_then(|value| Node::new(format!("{at}.{name}"), value, &SHIPMENT_STEP, faults));
        let Some(end) = end else {
            faults.add(at, format!("Missing {name} for shipment."));
            continue;
        };
        if let Some(task) = task(&end, kind, faults) {
            ends.push(Task { skills: skills.clone(), priority, ..task });
        }
    }
    if let [pickup, delivery] = ends.as_mut_slice() {
        pickup.pickup.clone_from(&amounts);
        pickup.delivery = vec![0; problem.loads];
        delivery.pickup = vec![0; problem.loads];
        delivery.delivery = amounts;
        problem.tasks.append(&mut ends);
    }
}

fn duplicates(problem: &Problem, faults: &mut Faults) {
    let mut seen = HashSet::new();
    for task in &problem.tasks {
        if !seen.insert((task.kind, task.id)) {
            let (kind, id) = (task.kind.name(), task.id);
            faults.add(format!("{kind} {id}"), format!("Duplicate {kind} id: {id}."));
        }
    }
}

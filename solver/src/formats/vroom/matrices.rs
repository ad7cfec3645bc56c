//! Matrices of a VROOM problem, by profile.

use std::collections::BTreeMap;

use serde_json::Value;

use super::input::{Costs, Matrices, Problem, Spot};
use super::node::Node;
use crate::formats::PLACES_MAX;
use crate::formats::faults::Faults;

const MATRICES: [&str; 3] = ["durations", "distances", "costs"];

pub(super) fn parse(root: &Node<'_>, faults: &mut Faults) -> Option<BTreeMap<String, Matrices>> {
    let Some(value) = root.get("matrices") else {
        // Deprecated: the durations of the default profile.
        let durations = rows("matrix", root.get("matrix")?, faults)?;
        let matrices = Matrices { durations, ..Matrices::default() };
        return Some([("car".to_owned(), matrices)].into());
    };
    let Value::Object(profiles) = value else {
        faults.add("matrices", "Unexpected matrices value.");
        return None;
    };
    let mut found = BTreeMap::new();
    for (profile, value) in profiles {
        let at = format!("matrices.{profile}");
        let Some(node) = Node::new(at.clone(), value, &MATRICES, faults) else {
            faults.add(at, "Unexpected matrices value.");
            continue;
        };
        let mut of =
            |key: &str| node.get(key).and_then(|value| rows(&format!("{at}.{key}"), value, faults));
        let (durations, distances, costs) = (of("durations"), of("distances"), of("costs"));
        if node.get("durations").is_none() {
            faults.add(&at, format!("Missing durations matrix for {profile} profile."));
        }
        found.insert(
            profile.clone(),
            Matrices { durations: durations.unwrap_or_default(), distances, costs },
        );
    }
    Some(found)
}

fn rows(at: &str, value: &Value, faults: &mut Faults) -> Option<Vec<Vec<u32>>> {
    let Value::Array(list) = value else {
        faults.add(at, "Invalid matrix.");
        return None;
    };
    if list.len() > PLACES_MAX {
        faults.add(at, format!("{} rows; at most {PLACES_MAX}.", list.len()));
        return None;
    }
    let mut rows = Vec::with_capacity(list.len());
    for (number, row) in list.iter().enumerate() {
        let row = row.as_array().filter(|row| row.len() == list.len());
        let Some(row) = row else {
            faults.add(format!("{at}[{number}]"), "Unexpected matrix line length.");
            continue;
        };
        let entry = |value: &Value| value.as_u64().and_then(|entry| u32::try_from(entry).ok());
        let whole: Option<Vec<u32>> = row.iter().map(entry).collect();
        match whole {
            Some(row) => rows.push(row),
            None => faults.add(format!("{at}[{number}]"), "Invalid matrix entry."),
        }
    }
    Some(rows)
}

/// Faults between matrices, vehicles and places.
pub(super) fn check(problem: &Problem, faults: &mut Faults) {
    let Some(matrices) = &problem.matrices else {
        let spots = spots(problem);
        for (owner, spot) in &spots {
            if spot.location.is_none() {
                let message = "Unexpected location index while no custom matrices provided.";
                faults.add(owner, message);
            }
        }
        let mut places: Vec<[u64; 2]> = spots
            .iter()
            .filter_map(|(_, spot)| spot.location.map(|it| it.map(f64::to_bits)))
            .collect();
        places.sort_unstable();
        places.dedup();
        if places.len() > PLACES_MAX {
            let count = places.len();
            faults.add("document", format!("{count} places; at most {PLACES_MAX}."));
        }
        return;
    };
    let sizes = matrices.values().flat_map(|of| {
        let others = of.distances.iter().chain(&of.costs);
        std::iter::once(&of.durations).chain(others).map(Vec::len)
    });
    let (least, most) = sizes.fold((usize::MAX, 0), |(a, b), size| (a.min(size), b.max(size)));
    if least != most && !matrices.is_empty() {
        faults.add("matrices", "Inconsistent matrices sizes.");
    }
    for (owner, spot) in spots(problem) {
        match spot.index {
            None => faults.add(owner, "Missing location index."),
            Some(index) if index >= least => {
                let message = format!("Location index {index} exceeds matrix size {least}.");
                faults.add(owner, message);
            }
            Some(_) => {}
        }
    }
    for vehicle in &problem.vehicles {
        let owner = format!("vehicle {}", vehicle.id);
        match matrices.get(&vehicle.profile) {
            None => {
                let message = format!("Missing matrices for {} profile.", vehicle.profile);
                faults.add(owner, message);
            }
            Some(of)
                if of.costs.is_some() && vehicle.costs.per_hour != Costs::default().per_hour =>
            {
                let message = "Custom costs are incompatible with using a per_hour value.";
                faults.add(owner, message);
            }
            Some(_) => {}
        }
    }
}

/// Every place something is at, with whose it is.
fn spots(problem: &Problem) -> Vec<(String, Spot)> {
    let tasks =
        problem.tasks.iter().map(|task| (format!("{} {}", task.kind.name(), task.id), task.spot));
    let ends = problem.vehicles.iter().flat_map(|vehicle| {
        let owner = format!("vehicle {}", vehicle.id);
        [vehicle.start, vehicle.end].map(|spot| (owner.clone(), spot))
    });
    tasks.chain(ends.filter(|(_, spot)| spot.is_somewhere())).collect()
}

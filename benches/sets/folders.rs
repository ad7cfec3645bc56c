//! The sets a folder holds: their instances, and the best costs known.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use roundsman_solver::formats::Format;

/// One instance.
pub struct Instance {
    pub set: &'static str,
    pub name: String,
    pub file: PathBuf,
    pub format: Format,
    pub best: Option<f64>,
    /// CPU seconds unless somebody asks for others.
    pub usual_time: f64,
}

/// Set, folder below the sets, format, ending, column of names, column of costs, time.
type Set = (&'static str, &'static str, Format, &'static str, &'static str, &'static str, f64);

const SETS: [Set; 5] = [
    ("solomon", "vrptw/solomon", Format::Solomon, "txt", "instance", "distance", 10.0),
    ("homberger", "vrptw/homberger", Format::Solomon, "txt", "instance", "distance", 10.0),
    ("trsp", "trsp", Format::Trsp, "txt", "instance", "duration", 30.0),
    ("hhcrsp", "hhcrsp", Format::Hhcrsp, "json", "instance_file", "best_known", 30.0),
    ("uhhc", "uhhc", Format::Uhhc, "json", "instance", "cost", 60.0),
];

/// Every instance below `folder`, by set and name.
pub fn instances(folder: &str) -> Vec<Instance> {
    let mut found = Vec::new();
    for (set, below, format, ending, name, cost, usual_time) in SETS {
        let place = Path::new(folder).join(below);
        let best = best_known(&place, name, cost);
        let mut files: Vec<PathBuf> = fs::read_dir(&place)
            .map(|files| files.flatten().map(|file| file.path()).collect())
            .unwrap_or_default();
        files.retain(|file| file.extension().is_some_and(|it| it == ending));
        files.sort();
        for file in files {
            let name = file.file_stem().unwrap().to_string_lossy().into_owned();
            let best = best.get(&name).copied();
            found.push(Instance { set, name, file, format, best, usual_time });
        }
    }
    found
}

/// The least cost of each instance in `best_known.csv`, in the folder or above it.
fn best_known(place: &Path, name: &str, cost: &str) -> HashMap<String, f64> {
    let above = place.parent().unwrap_or(place);
    let text = fs::read_to_string(place.join("best_known.csv"))
        .or_else(|_| fs::read_to_string(above.join("best_known.csv")))
        .unwrap_or_default();
    let mut lines = text.lines();
    let titles: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let column = |title: &str| titles.iter().position(|it| *it == title);
    let mut best: HashMap<String, f64> = HashMap::new();
    let (Some(name), Some(cost)) = (column(name), column(cost)) else { return best };
    let convention = column("convention");
    for line in lines {
        let fields: Vec<&str> = line.split(',').collect();
        // Costs of another convention of distances cannot be compared.
        if convention.is_some_and(|at| fields[at] != "dimacs") {
            continue;
        }
        let Ok(value) = fields[cost].parse::<f64>() else { continue };
        let key = fields[name].trim_end_matches(".json").to_owned();
        let least = best.entry(key).or_insert(value);
        *least = least.min(value);
    }
    best
}

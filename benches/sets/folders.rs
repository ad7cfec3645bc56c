//! The sets a folder holds: their instances, and the best costs known.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use roundsman_solver::formats::Format;

/// One instance.
#[derive(Clone)]
pub struct Instance {
    pub set: &'static str,
    pub name: String,
    /// A file, or a folder of files.
    pub file: PathBuf,
    pub task: Task,
    pub best: Option<f64>,
    /// CPU seconds unless somebody asks for others.
    pub usual_time: f64,
}

/// What an instance asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// A document to solve.
    Document(Format),
    /// Crews formed by day, from a folder of three files.
    Crews,
    /// A routing file where some customers need two people at once, others a shared device: how
    /// many of each, and how many devices there are.
    Together(usize, usize, usize),
    /// Requests that become known during the day: the file says when, the instance lies above it.
    Releases,
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
///
/// * `cases`: what to make of routing files instead of the usual cases, such as `R101,5,10,3`.
pub fn instances(folder: &str, cases: &[String]) -> Vec<Instance> {
    let mut found = Vec::new();
    for (set, below, format, ending, name, cost, usual_time) in SETS {
        let place = Path::new(folder).join(below);
        let best = best_known(&place, name, cost);
        let mut files = listed(&place);
        files.retain(|file| file.extension().is_some_and(|it| it == ending));
        for file in files {
            let name = file.file_stem().unwrap().to_string_lossy().into_owned();
            let best = best.get(&name).copied();
            found.push(Instance {
                set,
                name,
                file,
                task: Task::Document(format),
                best,
                usual_time,
            });
        }
    }
    found.extend(crews(folder));
    found.extend(together(folder, cases));
    found.extend(releases(folder));
    found
}

/// Folders `roadef2007/dataset*/data*`, named after set and number, such as A1.
fn crews(folder: &str) -> Vec<Instance> {
    let place = Path::new(folder).join("roadef2007");
    let mut found = Vec::new();
    for set in listed(&place) {
        let Some(letter) = last_part(&set).strip_prefix("dataset").map(str::to_owned) else {
            continue;
        };
        let best = best_known(&set, "instance", "cost");
        for file in listed(&set) {
            let Some(number) = last_part(&file).strip_prefix("data").map(str::to_owned) else {
                continue;
            };
            let name = format!("{letter}{number}");
            let best = best.get(&name).copied();
            found.push(Instance {
                set: "roadef",
                name,
                file,
                task: Task::Crews,
                best,
                usual_time: 60.0,
            });
        }
    }
    found.sort_by_key(|it| (it.name.len(), it.name.clone()));
    found
}

/// Routing files that are made harder: name, customers for two, customers with a device, devices.
///
/// Chosen by a rule, not by results: of each class the last file with 100 customers and the first with
/// 200; one customer in ten for two, one in five with a device, and three devices for each hundred
/// customers.
const TOGETHER: [(&str, usize, usize, usize); 12] = [
    ("C109", 10, 20, 3),
    ("C208", 10, 20, 3),
    ("R111", 10, 20, 3),
    ("R210", 10, 20, 3),
    ("RC108", 10, 20, 3),
    ("RC207", 10, 20, 3),
    ("C1_2_1", 20, 40, 6),
    ("C2_2_1", 20, 40, 6),
    ("R1_2_1", 20, 40, 6),
    ("R2_2_1", 20, 40, 6),
    ("RC1_2_1", 20, 40, 6),
    ("RC2_2_1", 20, 40, 6),
];

fn together(folder: &str, cases: &[String]) -> Vec<Instance> {
    let case = |(stem, crews, shared, devices): (&str, usize, usize, usize)| {
        let below = if stem.contains('_') { "homberger" } else { "solomon" };
        let file = Path::new(folder).join("vrptw").join(below).join(format!("{stem}.txt"));
        file.exists().then(|| Instance {
            set: "together",
            name: format!("{stem} K={crews} M={shared} P={devices}"),
            file,
            task: Task::Together(crews, shared, devices),
            best: None,
            usual_time: 10.0,
        })
    };
    if cases.is_empty() {
        return TOGETHER.into_iter().filter_map(case).collect();
    }
    let named = cases.iter().filter_map(|text| {
        let mut parts = text.split(',');
        let stem = parts.next()?;
        let mut count = || parts.next()?.parse().ok();
        case((stem, count()?, count()?, count()?))
    });
    named.collect()
}

/// Files `trsp/dynamic/NAME_rd_PERCENT.txt` of instances `trsp/NAME.txt`.
fn releases(folder: &str) -> Vec<Instance> {
    let place = Path::new(folder).join("trsp/dynamic");
    let mut found = Vec::new();
    for file in listed(&place) {
        let name = last_part(&file).trim_end_matches(".txt").to_owned();
        let above =
            name.rsplit_once("_rd_").map(|it| place.with_file_name(format!("{}.txt", it.0)));
        if above.is_some_and(|above| above.exists()) {
            let (task, best, usual_time) = (Task::Releases, None, 1.0);
            found.push(Instance { set: "trsp-dynamic", name, file, task, best, usual_time });
        }
    }
    found
}

fn listed(place: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(place).map(|files| files.flatten().map(|file| file.path()).collect());
    let mut files: Vec<PathBuf> = files.unwrap_or_default();
    files.sort();
    files
}

fn last_part(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
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

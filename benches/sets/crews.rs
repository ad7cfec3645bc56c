//! Crews formed by day: an instance is a folder of three files.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use roundsman_solver::check::crews::{cost, verify};
use roundsman_solver::formats::roadef;
use roundsman_solver::optimize::crews::solve;
use roundsman_solver::optimize::{Control, Options};

use super::clock::Clock;
use super::folders::Instance;

/// CPU seconds, whether the plan is whole, and its cost.
pub fn run(instance: &Instance, time: f64, seed: u64) -> (f64, bool, Option<f64>) {
    let part = |name: &str| std::fs::read_to_string(instance.file.join(name)).unwrap();
    let text = ["instance", "interv_list", "tech_list"].map(part).join("\n");
    let clock = Clock::start();
    let problem = roadef::read(&text).unwrap();
    let options = Options { time: Some(Duration::from_secs_f64(time)), seed, ..Options::default() };
    let cancel = AtomicBool::new(false);
    let control = Control { elapsed: &|| clock.elapsed(), cancel: &cancel, progress: &|_| {} };
    let found = solve(&problem, &options, &control);
    let cpu = clock.elapsed().as_secs_f64();
    let faults = verify(&problem, &found.plan);
    for fault in &faults {
        eprintln!("{}: {fault}", instance.name);
    }
    (cpu, faults.is_empty(), Some(cost(&problem, &found.plan) as f64))
}

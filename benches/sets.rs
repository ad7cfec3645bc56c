//! Benchmark sets side by side: instance, CPU seconds, feasible, cost, best known, gap; mean per set.
//!
//! `cargo bench -p roundsman-solver --bench sets -- FOLDER [--set NAME] [--only TEXT] [--time S]
//! [--seeds 1,2,3] [--threads N] [--case FILE,K,M,P]... [--peers]`. NAME is one of, or else a part
//! of solomon, homberger, trsp, hhcrsp, uhhc, roadef, together (crews of two and shared devices on
//! routing files) or trsp-dynamic (requests during the day; the time is per event). With `--case`
//! the set `together` is the routing files named, each with K customers for two, M with a device
//! and P devices. FOLDER (or the variable `ROUNDSMAN_SETS`) holds one folder per set, each with a
//! `best_known.csv`; without it nothing is measured. Limits are CPU seconds where the system tells
//! them (Linux); with several threads, each has as many. Every plan is judged by the independent
//! verifier. `--peers` makes a Python virtual environment in the build folder and runs `PyVRP`, VROOM
//! and OR-Tools on the routing sets, in the same run and with the same limit of CPU seconds.

#![expect(unreachable_pub, reason = "modules of a bench are private; `pub` marks what is shared")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_precision_loss,
    reason = "a tool for measuring may panic and print"
)]

#[path = "sets/clock.rs"]
mod clock;
#[path = "sets/crews.rs"]
mod crews;
#[path = "sets/dynamic.rs"]
mod dynamic;
#[path = "sets/folders.rs"]
mod folders;
#[path = "sets/peers.rs"]
mod peers;
#[path = "sets/together.rs"]
mod together;

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use roundsman_solver::check::plans;
use roundsman_solver::formats::{Case, Document};
use roundsman_solver::optimize::{Control, Options, solve};

use clock::Clock;
use folders::{Instance, Task, instances};
use peers::Peers;

/// What to run.
struct Wanted {
    folder: String,
    set: String,
    only: String,
    time: Option<f64>,
    seeds: Vec<u64>,
    threads: u32,
    peers: bool,
    cases: Vec<String>,
}

impl Wanted {
    fn read() -> Option<Self> {
        let mut wanted = Self {
            folder: std::env::var("ROUNDSMAN_SETS").unwrap_or_default(),
            set: String::new(),
            only: String::new(),
            time: None,
            seeds: vec![1],
            threads: 1,
            peers: false,
            cases: Vec::new(),
        };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut value = || words.next().unwrap_or_default();
            match word.as_str() {
                "--set" => wanted.set = value(),
                "--only" => wanted.only = value(),
                "--time" => wanted.time = value().parse().ok(),
                "--seeds" => {
                    wanted.seeds = value().split(',').filter_map(|it| it.parse().ok()).collect();
                }
                "--threads" => wanted.threads = value().parse().unwrap_or(1),
                "--case" => wanted.cases.push(value()),
                "--peers" => wanted.peers = true,
                // Cargo itself passes this one.
                "--bench" => {}
                folder => folder.clone_into(&mut wanted.folder),
            }
        }
        (!wanted.folder.is_empty()).then_some(wanted)
    }
}

/// A line of the table.
struct Line {
    set: &'static str,
    solver: String,
    feasible: bool,
    gap: Option<f64>,
}

fn main() {
    let Some(wanted) = Wanted::read() else {
        println!("No folder of sets: name one as an argument or in ROUNDSMAN_SETS.");
        return;
    };
    let found = instances(&wanted.folder, &wanted.cases);
    let exact = found.iter().any(|it| it.set == wanted.set);
    let in_set = |it: &Instance| {
        if exact { it.set == wanted.set } else { it.set.contains(&wanted.set) }
    };
    let found: Vec<&Instance> =
        found.iter().filter(|&it| in_set(it) && it.name.contains(&wanted.only)).collect();
    let peers = wanted.peers.then(Peers::install);
    println!(
        "{:<12} {:<28} {:<10} {:>4} {:>7} {:>8} {:>12} {:>12} {:>8}",
        "set", "instance", "solver", "seed", "cpu s", "feasible", "cost", "best known", "gap %"
    );
    let mut lines = Vec::new();
    for instance in found {
        if let Some(why) = unreadable(instance) {
            eprintln!("left out: {}: {why}", instance.file.display());
            continue;
        }
        let time = wanted.time.unwrap_or(instance.usual_time);
        for &seed in &wanted.seeds {
            let others = peers.iter().flat_map(|peers| peers.solve(instance, time, seed));
            let others: Vec<_> = others.collect();
            // Where nothing is published, the best of the peers is what to beat.
            let mut instance = instance.clone();
            let best = others.iter().filter_map(|it| it.2).min_by(f64::total_cmp);
            instance.best = instance.best.or(best);
            lines.push(ours(&instance, time, seed, wanted.threads));
            for (name, cpu, cost) in others {
                lines.push(print(&instance, &name, seed, (cpu, cost.is_some(), cost)));
            }
        }
    }
    means(&lines);
}

/// What is wrong with the file of an instance; sets have such files.
fn unreadable(instance: &Instance) -> Option<String> {
    let Task::Document(format) = instance.task else { return None };
    let text = match std::fs::read_to_string(&instance.file) {
        Ok(text) => text,
        Err(error) => return Some(error.to_string()),
    };
    let faults = Document::read(format, &text, None).err()?;
    let first = faults.to_string();
    first.lines().next().map(str::to_owned)
}

fn ours(instance: &Instance, time: f64, seed: u64, threads: u32) -> Line {
    let run = match instance.task {
        Task::Document(format) => {
            let text = std::fs::read_to_string(&instance.file).unwrap();
            case(
                instance,
                Document::read(format, &text, None).unwrap().case(),
                (time, seed, threads),
            )
        }
        Task::Together(crews, shared, devices) => {
            let text = std::fs::read_to_string(&instance.file).unwrap();
            case(instance, &together::case(&text, crews, shared, devices), (time, seed, threads))
        }
        Task::Crews => crews::run(instance, time, seed),
        Task::Releases => {
            let day = dynamic::play(instance, time, seed);
            println!(
                "{:<12} {:<28} {} released, {} refused, slowest event {:.2} s, {} of the past changed",
                instance.set,
                instance.name,
                day.released,
                day.refused,
                day.slowest,
                day.changed_past
            );
            (day.cpu, day.feasible && day.changed_past == 0, Some(day.duration))
        }
    };
    print(instance, "roundsman", seed, run)
}

/// Solves a case: CPU seconds, whether it is whole, and its cost.
fn case(
    instance: &Instance,
    case: &Case,
    (time, seed, threads): (f64, u64, u32),
) -> (f64, bool, Option<f64>) {
    let clock = Clock::start_for(threads);
    let options = Options {
        time: Some(Duration::from_secs_f64(time)),
        seed,
        threads: threads as usize,
        ..Options::default()
    };
    let cancel = AtomicBool::new(false);
    let control = Control { elapsed: &|| clock.elapsed(), cancel: &cancel, progress: &|_| {} };
    let found = solve(&case.model, &options, &control).unwrap();
    let cpu = clock.elapsed().as_secs_f64();
    let faults = plans::verify(&case.model, &found.solution);
    for fault in &faults {
        eprintln!("{}: {fault}", instance.name);
    }
    // Reckoned again by the verifier, not what the search says.
    let score = plans::score(&case.model, &found.solution);
    let feasible = faults.is_empty() && score.unserved == 0;
    (cpu, feasible, Some(score.cost as f64 / case.cost_scale as f64))
}

fn print(instance: &Instance, solver: &str, seed: u64, run: (f64, bool, Option<f64>)) -> Line {
    let (cpu, feasible, cost) = run;
    let gap = cost.zip(instance.best).filter(|_| feasible);
    let gap = gap.map(|(cost, best)| 100.0 * (cost / best - 1.0));
    let number = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.3}"));
    println!(
        "{:<10} {:<28} {:<10} {:>4} {:>7.1} {:>8} {:>12} {:>12} {:>8}",
        instance.set,
        instance.name,
        solver,
        seed,
        cpu,
        feasible,
        number(cost),
        number(instance.best),
        number(gap)
    );
    Line { set: instance.set, solver: solver.to_owned(), feasible, gap }
}

fn means(lines: &[Line]) {
    let mut groups: Vec<(&str, &str)> =
        lines.iter().map(|line| (line.set, line.solver.as_str())).collect();
    groups.sort_unstable();
    groups.dedup();
    println!("\nmean gap % by set and solver, feasible runs only");
    for (set, solver) in groups {
        let of = lines.iter().filter(|line| (line.set, line.solver.as_str()) == (set, solver));
        let (mut count, mut feasible, mut gaps) = (0, 0, Vec::new());
        for line in of {
            count += 1;
            feasible += usize::from(line.feasible);
            gaps.extend(line.gap);
        }
        let mean = (!gaps.is_empty()).then(|| gaps.iter().sum::<f64>() / gaps.len() as f64);
        let mean = mean.map_or("-".to_owned(), |mean| format!("{mean:.3}"));
        println!("{set:<12} {solver:<10} {mean:>8}   {feasible}/{count} feasible");
    }
}

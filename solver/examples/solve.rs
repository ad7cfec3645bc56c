//! Solves a problem of any format and prints the plan: `solve FORMAT FILE SECONDS [SEED] [THREADS] [routes]`.
//!
//! FORMAT is native, vroom, solomon, vrplib, trsp, hhcrsp or uhhc. With `routes` the plan comes as
//! route lines, else as the format has it; instead of SECONDS, `check` times and judges the steps of a
//! VROOM problem. What the independent verifier says goes to stderr.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool for measuring may panic and print"
)]

use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use roundsman_solver::check::plans;
use roundsman_solver::formats::{Document, Format};
use roundsman_solver::optimize::{Control, Options, solve};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let format = match words[0].as_str() {
        "native" => Format::Native,
        "vroom" => Format::Vroom,
        "solomon" => Format::Solomon,
        "vrplib" => Format::Vrplib,
        "trsp" => Format::Trsp,
        "hhcrsp" => Format::Hhcrsp,
        "uhhc" => Format::Uhhc,
        other => panic!("format {other:?}"),
    };
    let text = std::fs::read_to_string(&words[1]).unwrap();
    let begin = Instant::now();
    let mut document = Document::read(format, &text, None).unwrap_or_else(|faults| {
        eprintln!("{faults}");
        std::process::exit(2)
    });
    if words[2] == "check" {
        let vroom = document.vroom().expect("only VROOM's problems can be checked here");
        println!("{}", vroom.check(document.case(), (&[], None)));
        return;
    }
    document.start_from_steps();
    let number = |at: usize, usual: u64| words.get(at).map_or(usual, |word| word.parse().unwrap());
    let options = Options {
        time: Some(Duration::from_secs_f64(words[2].parse().unwrap())),
        seed: number(3, 1),
        threads: usize::try_from(number(4, 1)).unwrap(),
        ..Options::default()
    };
    let cancel = AtomicBool::new(false);
    let control = Control { elapsed: &|| begin.elapsed(), cancel: &cancel, progress: &|_| {} };
    let model = &document.case().model;
    let found = solve(model, &options, &control).unwrap();
    let faults = plans::verify(model, &found.solution);
    let score = found.solution.score;
    eprintln!(
        "cost {} unserved {} ({} visits), {} steps, best after {:?}, {} faults {:?}",
        document.case().cost_text(score.cost),
        score.unserved,
        found.solution.unassigned.len(),
        found.steps,
        found.found_after,
        faults.len(),
        faults.first(),
    );
    let lines = words.get(5).is_some_and(|word| word == "routes");
    let plan = if lines {
        document.write_routes(&found.solution)
    } else {
        document.write(&found.solution, &[])
    };
    println!("{plan}");
}

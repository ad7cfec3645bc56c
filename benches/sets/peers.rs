//! `PyVRP`, VROOM and OR-Tools through a Python script, each in a process of its own with one thread.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use roundsman_solver::formats::Format;

use super::folders::{Instance, Task};

const PACKAGES: [&str; 4] = ["pyvrp==0.14.1", "ortools==9.15.6755", "pyvroom==1.15.2", "numpy"];
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../benches/peers");
/// Written last, so that a virtual environment that was broken off is made again.
const READY: &str = "ready";

/// Where the peers are.
pub struct Peers {
    python: PathBuf,
    /// A library that makes clocks show CPU time; `None` where it cannot be built.
    clock: Option<PathBuf>,
}

impl Peers {
    /// Makes a virtual environment with the peers in the build folder, once; the variable
    /// `ROUNDSMAN_PEERS` names another one.
    pub fn install() -> Self {
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers");
        let folder = std::env::var_os("ROUNDSMAN_PEERS").map_or(own, PathBuf::from);
        let python = folder.join("bin/python");
        let wanted = PACKAGES.join("\n");
        if !fs::read_to_string(folder.join(READY)).is_ok_and(|had| had == wanted) {
            println!("installing {} into {}", PACKAGES.join(" "), folder.display());
            run(Command::new("python3").args(["-m", "venv"]).arg(&folder));
            run(Command::new(&python).args(["-m", "pip", "install", "-q"]).args(PACKAGES));
            fs::write(folder.join(READY), wanted).unwrap();
        }
        let clock = clock(&folder);
        if clock.is_none() {
            println!("no C compiler on Linux: the peers' limit is time on the wall");
        }
        Self { python, clock }
    }

    /// A script of the folder `benches/peers`, with one thread and a clock of CPU time.
    pub fn script(&self, name: &str) -> Command {
        let mut command = Command::new(&self.python);
        command.arg(Path::new(SCRIPTS).join(name));
        for threads in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"] {
            command.env(threads, "1");
        }
        if let Some(clock) = &self.clock {
            command.env("LD_PRELOAD", clock);
        }
        command
    }

    /// What each peer finds: name, CPU seconds and, if its routes hold every rule, their distance.
    pub fn solve(
        &self,
        instance: &Instance,
        time: f64,
        seed: u64,
    ) -> Vec<(String, f64, Option<f64>)> {
        let limits = [time.to_string(), seed.to_string()];
        let peer = |name: &str| {
            let mut command = self.script("peers.py");
            let (cpu, cost) = answer(command.arg(name).arg(&instance.file).args(&limits));
            (name.to_owned(), cpu, cost)
        };
        match instance.task {
            Task::Document(Format::Solomon) => ["pyvrp", "vroom", "ortools"].map(peer).into(),
            Task::Together(crews, shared, devices) => {
                let mut command = self.script("sync.py");
                let counts = [crews, shared, devices].map(|count| count.to_string());
                let (cpu, cost) = answer(command.arg(&instance.file).arg(&limits[0]).args(counts));
                vec![("ortools".to_owned(), cpu, cost)]
            }
            _ => Vec::new(),
        }
    }
}

/// CPU seconds and cost of the last line of a script.
fn answer(command: &mut Command) -> (f64, Option<f64>) {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut words = text.lines().last().unwrap_or_default().split_whitespace();
    let Some(cpu) = words.next().and_then(|word| word.parse().ok()) else {
        eprintln!("{command:?}: {}", String::from_utf8_lossy(&output.stderr));
        return (0.0, None);
    };
    (cpu, words.next().and_then(|word| word.parse().ok()))
}

fn run(command: &mut Command) {
    let done = command.status().unwrap();
    assert!(done.success(), "{command:?}: {done}");
}

/// Builds the library that makes clocks show CPU time.
fn clock(folder: &Path) -> Option<PathBuf> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let library = folder.join("cpu_clock.so");
    let source = Path::new(SCRIPTS).join("cpu_clock.c");
    let mut compiler = Command::new("cc");
    compiler.args(["-O2", "-shared", "-fPIC", "-o"]).arg(&library).arg(source);
    compiler.status().is_ok_and(|done| done.success()).then_some(library)
}

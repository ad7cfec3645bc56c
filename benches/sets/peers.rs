//! `PyVRP`, VROOM and OR-Tools through a Python script, each in a process of its own with one thread.

use std::path::{Path, PathBuf};
use std::process::Command;

use roundsman_solver::formats::Format;

use super::folders::Instance;

const PACKAGES: [&str; 4] = ["pyvrp==0.14.1", "ortools==9.15.6755", "pyvroom==1.15.2", "numpy"];
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../benches/peers/peers.py");

/// The Python of a virtual environment with the peers; made once. The variable
/// `ROUNDSMAN_PEERS` names another one.
pub fn venv() -> PathBuf {
    if let Some(folder) = std::env::var_os("ROUNDSMAN_PEERS") {
        return Path::new(&folder).join("bin/python");
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers");
    let python = folder.join("bin/python");
    if !python.exists() {
        let made = Command::new("python3").args(["-m", "venv"]).arg(&folder).status().unwrap();
        assert!(made.success(), "python3 -m venv {}", folder.display());
        let installed =
            Command::new(&python).args(["-m", "pip", "install", "-q"]).args(PACKAGES).status();
        assert!(installed.unwrap().success(), "pip install");
    }
    python
}

/// What each peer finds: name, CPU seconds and, if its routes hold every rule, their distance.
pub fn run(
    python: &Path,
    instance: &Instance,
    time: f64,
    seed: u64,
) -> Vec<(String, f64, Option<f64>)> {
    if instance.format != Format::Solomon {
        return Vec::new();
    }
    let peer = |name: &str| {
        let output = Command::new(python)
            .arg(SCRIPT)
            .arg(name)
            .arg(&instance.file)
            .args([time.to_string(), seed.to_string()])
            .env("OMP_NUM_THREADS", "1")
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut words = text.split_whitespace().rev();
        let cost = words.next().and_then(|word| word.parse().ok());
        let cpu = words.next().and_then(|word| word.parse().ok()).unwrap_or(0.0);
        (name.to_owned(), cpu, cost)
    };
    ["pyvrp", "vroom", "ortools"].map(peer).into()
}

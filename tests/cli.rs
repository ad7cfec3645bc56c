//! The program as a user meets it: arguments in, text and exit code out.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "cli/solve.rs"]
mod solve;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Runs `roundsman` in `dir`, with no settings from outside.
fn roundsman(dir: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roundsman"));
    command.current_dir(dir).args(args).env_remove("ROUNDSMAN_CONFIG").output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn help_names_every_exit_code_and_ends_with_zero() {
    let dir = tempfile::tempdir().unwrap();
    let output = roundsman(dir.path(), &["--help"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).contains("Exit codes: 0"), "{}", text(&output.stdout));
}

#[test]
fn every_command_the_documents_name_exists() {
    let dir = tempfile::tempdir().unwrap();
    let mut commands = Vec::new();
    for document in ["README.md", "CONTRIBUTING.md", "docs/configuration.md", "docs/exchange.md"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(document);
        let text = fs::read_to_string(path).unwrap();
        for named in text.split("`roundsman ").skip(1) {
            let named = named.split('`').next().unwrap();
            // Arguments in capitals stand for values.
            let word = |word: &&str| word.starts_with(|c: char| c.is_lowercase() || c == '-');
            let words = named.split_whitespace().take_while(word);
            commands.push(words.map(str::to_owned).collect::<Vec<_>>());
        }
    }
    commands.sort();
    commands.dedup();
    assert!(commands.len() >= 10, "{commands:?}");
    for mut command in commands {
        command.push("--help".to_owned());
        let args: Vec<_> = command.iter().map(String::as_str).collect();
        let output = roundsman(dir.path(), &args);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", text(&output.stderr));
    }
}

#[test]
fn an_unknown_command_is_a_usage_error() {
    let dir = tempfile::tempdir().unwrap();
    let output = roundsman(dir.path(), &["fly"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("'fly'"), "{}", text(&output.stderr));
}

#[test]
fn a_settings_file_in_the_working_folder_is_read_and_flags_beat_it() {
    let dir = tempfile::tempdir().unwrap();
    let file = "[workers]\ncount = 7\n[sessions]\nlifetime_minutes = 7\n";
    fs::write(dir.path().join("roundsman.toml"), file).unwrap();
    let output = roundsman(dir.path(), &["config", "--set", "sessions.lifetime_minutes=9"]);
    assert_eq!(output.status.code(), Some(0));
    let shown = text(&output.stdout);
    assert!(shown.contains("count = 7 # file roundsman.toml\n"), "{shown}");
    assert!(shown.contains("lifetime_minutes = 9 # flag --set\n"), "{shown}");
}

#[test]
fn wrong_settings_end_with_two_and_one_line_for_each() {
    let dir = tempfile::tempdir().unwrap();
    let args = ["config", "--set", "workers.count=0", "--set", "log.format=xml", "--set", "a=b"];
    let output = roundsman(dir.path(), &args);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let lines: Vec<_> = text(&output.stderr).lines().collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines.iter().all(|line| line.starts_with("error: ")), "{lines:?}");
}

#[test]
fn a_named_settings_file_must_exist() {
    let dir = tempfile::tempdir().unwrap();
    let output = roundsman(dir.path(), &["--config", "none.toml", "config"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("none.toml"), "{}", text(&output.stderr));
}

#[test]
fn migrate_makes_the_tables_in_the_data_folder_and_can_be_repeated() {
    let dir = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let output = roundsman(dir.path(), &["migrate", "--set", "data.dir=here"]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(dir.path().join("here/roundsman.db").exists());
    }
}

#[test]
fn a_database_that_is_away_is_a_fault_in_one_line_without_its_password() {
    let dir = tempfile::tempdir().unwrap();
    // Port 1 on loopback: nothing listens there.
    let url = "database.url=postgres://me:s3cret@127.0.0.1:1/x";
    let output = roundsman(dir.path(), &["migrate", "--set", url]);
    assert_eq!(output.status.code(), Some(1));
    let shown = text(&output.stderr);
    assert!(shown.contains("postgres://me:***@127.0.0.1:1/x"), "{shown}");
    assert!(!shown.contains("s3cret") && shown.lines().count() == 1, "{shown}");
}

#[test]
fn roads_import_writes_a_graph_and_refuses_what_is_no_map() {
    let dir = tempfile::tempdir().unwrap();
    let name = "data/region/seltjarnarnes-vesturbaer.roads.osm.pbf";
    let map = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let output = roundsman(dir.path(), &["roads", "import", map.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(dir.path().join("var/roads/seltjarnarnes-vesturbaer.roads").exists());
    fs::write(dir.path().join("no.osm.pbf"), "no map").unwrap();
    let output = roundsman(dir.path(), &["roads", "import", "no.osm.pbf"]);
    assert_eq!(output.status.code(), Some(2));
    let shown = text(&output.stderr);
    assert!(shown.contains("no.osm.pbf is not a readable .osm.pbf file"), "{shown}");
    assert_eq!(shown.lines().count(), 1, "{shown}");
}

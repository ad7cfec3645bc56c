//! The program as a user meets it: arguments in, text and exit code out.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

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
fn an_unknown_command_is_a_usage_error() {
    let dir = tempfile::tempdir().unwrap();
    let output = roundsman(dir.path(), &["fly"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("'fly'"), "{}", text(&output.stderr));
}

#[test]
fn a_settings_file_in_the_working_folder_is_read_and_flags_beat_it() {
    let dir = tempfile::tempdir().unwrap();
    let file = "[workers]\ncount = 7\n[holds]\nminutes = 7\n";
    fs::write(dir.path().join("roundsman.toml"), file).unwrap();
    let output = roundsman(dir.path(), &["config", "--set", "holds.minutes=9"]);
    assert_eq!(output.status.code(), Some(0));
    let shown = text(&output.stdout);
    assert!(shown.contains("count = 7 # file roundsman.toml\n"), "{shown}");
    assert!(shown.contains("minutes = 9 # flag --set\n"), "{shown}");
}

#[test]
fn wrong_settings_end_with_two_and_one_line_for_each() {
    let dir = tempfile::tempdir().unwrap();
    let args = ["config", "--set", "holds.minutes=0", "--set", "log.format=xml", "--set", "a=b"];
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

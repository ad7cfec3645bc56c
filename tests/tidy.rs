//! House rules that no compiler checks. Runs with the other tests, so nobody can forget it.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::path::{Path, PathBuf};
use std::{env, fs};

const MAX_LINES: usize = 500;

/// Names and, for each, the modules it grants or is granted to.
type Table = &'static [(&'static str, &'static [&'static str])];

/// The rules of one crate.
struct Crate {
    root: &'static str,
    /// Each module and the modules it may use. This table is the architecture.
    may_use: Table,
    /// A text and the only modules that may hold it.
    only_in: Table,
}

const SERVER: Crate = Crate {
    root: "src",
    may_use: &[
        ("clock", &[]),
        ("config", &[]),
        ("telemetry", &[]),
        ("shutdown", &[]),
        ("text", &[]),
        ("domain", &[]),
        ("addresses", &["domain"]),
        ("calendar", &["domain"]),
        ("planning", &["domain", "text"]),
        ("store", &["domain"]),
        ("travel", &["domain"]),
        ("sync", &["domain", "clock"]),
        ("notify", &["domain"]),
        (
            "app",
            &[
                "calendar",
                "planning",
                "store",
                "sync",
                "notify",
                "travel",
                "addresses",
                "domain",
                "text",
                "clock",
            ],
        ),
        ("api", &["app", "domain", "text", "clock", "shutdown"]),
        // The worker claims from the queue, and a task ends in the transaction of its effects.
        ("jobs", &["app", "store", "domain", "clock", "shutdown"]),
        ("web", &["app", "domain", "text", "clock"]),
        // A client of the use cases, like the layers above it.
        ("demo", &["app", "domain", "clock"]),
        // Wires the parts together and hands them plain values.
        (
            "cli",
            &[
                "api",
                "jobs",
                "web",
                "demo",
                "app",
                "planning",
                "store",
                "sync",
                "notify",
                "travel",
                "addresses",
                "domain",
                "clock",
                "config",
                "telemetry",
                "shutdown",
            ],
        ),
        ("lib", &[]),
        ("main", &["cli"]),
    ],
    only_in: &[
        ("roundsman_solver", &["planning"]),
        ("roundsman_roads", &["travel", "cli"]),
        ("sqlx::", &["store"]),
        ("axum::", &["api", "web"]),
        ("reqwest::", &["sync", "travel", "notify"]),
        ("lettre::", &["notify"]),
        ("clap::", &["cli"]),
    ],
};

const SOLVER: Crate = Crate {
    root: "solver/src",
    may_use: &[
        ("units", &[]),
        // A snapshot keeps its shifts prepared, so these two know each other.
        ("problem", &["schedule", "units"]),
        ("schedule", &["problem", "units"]),
        ("constraints", &["schedule", "problem", "units"]),
        ("project", &["schedule", "problem", "units"]),
        ("slots", &["schedule", "problem", "units"]),
        ("explain", &["slots", "schedule", "problem", "units"]),
        ("placing", &["slots", "schedule", "problem", "units"]),
        ("offers", &["slots", "problem", "units"]),
        ("assign", &["problem", "units"]),
        // Explains with the arithmetic of the verifier, so that both say the same numbers.
        ("optimize", &["check", "explain", "problem", "units"]),
        // Texts at the border of the crate: questions in, answers out.
        ("formats", &["optimize", "problem", "units"]),
        // Recomputes everything by itself: of the optimizer it uses the question and the answer.
        ("check", &["optimize", "problem", "units"]),
        ("lib", &[]),
    ],
    only_in: &[("std::fs", &[]), ("std::net", &[]), ("std::env", &[]), ("::now()", &[])],
};

const ROADS: Crate = Crate {
    root: "roads/src",
    may_use: &[
        ("units", &[]),
        ("array", &[]),
        ("error", &[]),
        ("geo", &[]),
        ("factors", &["error", "units"]),
        ("profile", &["factors", "error"]),
        ("source", &["profile", "error"]),
        ("network", &["geo"]),
        ("import", &["profile", "network", "geo", "error", "units"]),
        ("graph", &["array", "profile", "network", "geo", "units"]),
        ("ch", &["graph", "array", "units"]),
        ("snap", &["graph", "array", "geo", "units"]),
        ("saved", &["source", "array", "error"]),
        ("area", &["geo", "units"]),
        // The questions: each file below `roads` answers one.
        (
            "roads",
            &[
                "area", "saved", "snap", "ch", "graph", "import", "network", "source", "profile",
                "geo", "error", "array", "units",
            ],
        ),
        ("lib", &[]),
    ],
    only_in: &[("std::net", &[]), ("std::env", &[]), ("SystemTime", &[])],
};

/// Folders of code that no module uses: only the rules for every file hold there.
const OUTSIDE: [&str; 6] =
    ["tests", "benches", "solver/tests", "solver/benches", "roads/tests", "roads/benches"];

impl Crate {
    /// What is wrong with the code of one file of `module`.
    fn faults(&self, module: &str, text: &str) -> Vec<String> {
        let mut faults = Vec::new();
        let Some((_, granted)) = self.may_use.iter().find(|(name, _)| *name == module) else {
            return vec![format!("1: say in tests/tidy.rs what `{module}` may use")];
        };
        let code = without_comments(text);
        for (number, line) in (1..).zip(code.lines()) {
            for (needle, allowed) in self.only_in {
                if line.contains(needle) && !allowed.contains(&module) {
                    faults.push(format!("{number}: `{needle}` is allowed only in {allowed:?}"));
                }
            }
        }
        for (number, used) in used_modules(&code) {
            if used != module && !granted.contains(&used) {
                faults.push(format!("{number}: `{module}` may not use `{used}`"));
            }
        }
        faults
    }
}

/// What is wrong with any Rust file, wherever it stands.
fn faults_of_any(path: &Path, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if !text.starts_with("//!") {
        faults.push("1: start with a //! line that says what lives here".into());
    }
    if text.lines().count() > MAX_LINES {
        faults.push(format!("{MAX_LINES}: split this file"));
    }
    if path.ends_with("mod.rs") {
        faults.push("1: name it after its folder, beside the folder".into());
    }
    // This file names what it forbids.
    let forbidden: &[&str] = if path.ends_with("tests/tidy.rs") {
        &[]
    } else {
        &["TODO", "FIXME", "/home/", "/root/", "/Users/", "/tmp/"]
    };
    let mut in_tests = path.ends_with("tests.rs");
    for (number, line) in (1..).zip(text.lines()) {
        in_tests |= line.contains("#[cfg(test)]");
        for needle in forbidden.iter().filter(|needle| line.contains(**needle)) {
            faults.push(format!("{number}: `{needle}` has no place in the sources"));
        }
        let import = line.trim().trim_start_matches("pub ").trim_start_matches("pub(crate) ");
        let ours = ["use crate::", "use super::", "use self::", "use roundsman"];
        let glob = ours.iter().any(|start| import.starts_with(start)) && import.contains("*;");
        if glob && !(in_tests && import == "use super::*;") {
            faults.push(format!("{number}: import our names one by one"));
        }
    }
    faults
}

/// The text with its comment lines emptied, so that line numbers stay.
fn without_comments(text: &str) -> String {
    let code = |line| if str::trim_start(line).starts_with("//") { "" } else { line };
    text.lines().map(code).collect::<Vec<_>>().join("\n")
}

/// Line number and name of each module of its own crate that `code` names; looks into
/// `crate::{one, two::{three}}` too.
fn used_modules(code: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for root in ["crate::", "roundsman::"] {
        for (start, _) in code.match_indices(root) {
            let number = code[..start].matches('\n').count() + 1;
            let names = first_names(&code[start + root.len()..]);
            found.extend(names.into_iter().map(|name| (number, name)));
        }
    }
    found
}

/// The names at the front of a path: one, or one for each member of a braced list.
fn first_names(path: &str) -> Vec<&str> {
    let Some(list) = path.strip_prefix('{') else { return vec![leading_name(path)] };
    let (mut depth, mut names, mut expected) = (0, Vec::new(), true);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => expected = true,
            _ if depth == 0 && expected && !c.is_whitespace() => {
                names.push(leading_name(&list[at..]));
                expected = false;
            }
            _ => {}
        }
    }
    names
}

fn leading_name(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric() && !"_-".contains(c)).next().unwrap_or("")
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files below `dir` with this extension, in order; none if there is no such folder.
fn files(dir: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|its| its == extension) {
            found.push(path);
        }
    }
    found
}

/// Panics with every fault, one a line, each with the file it is in.
fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn every_module_uses_only_what_its_layer_may() {
    let mut all = Vec::new();
    for rules in [SERVER, SOLVER, ROADS] {
        let dir = root().join(rules.root);
        for path in files(&dir, "rs") {
            let inside = path.strip_prefix(&dir).unwrap();
            let module = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
            let faults = rules.faults(module, &fs::read_to_string(&path).unwrap());
            all.extend(faults.iter().map(|f| format!("{}/{}:{f}", rules.root, inside.display())));
        }
    }
    assert_none(&all);
}

#[test]
fn the_server_is_layered_from_the_bottom_up() {
    for (at, (module, granted)) in SERVER.may_use.iter().enumerate() {
        let below: Vec<_> = SERVER.may_use[..at].iter().map(|(name, _)| name).collect();
        for used in *granted {
            assert!(below.contains(&used), "`{used}` does not stand below `{module}`");
        }
    }
}

#[test]
fn the_architecture_document_has_the_same_layers() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let section = text.split("## Layers of the server").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let documented = section.lines().filter(|line| line.starts_with("| `")).map(|line| {
        let cells: Vec<_> = line.split('|').map(|cell| cell.replace('`', "")).collect();
        let granted = cells[3].split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        (cells[1].trim().to_owned(), granted)
    });
    let owned = |(module, granted): &(&str, &[&str])| {
        (str::to_owned(module), granted.iter().copied().map(str::to_owned).collect())
    };
    // The two roots of the crate are no layers.
    let layers = SERVER.may_use.iter().filter(|(module, _)| !["lib", "main"].contains(module));
    let ours: Vec<(String, Vec<String>)> = layers.rev().map(owned).collect();
    assert_eq!(documented.collect::<Vec<_>>(), ours);
}

#[test]
fn every_source_file_is_short_introduced_and_finished() {
    let mut all = Vec::new();
    let dirs = [SERVER, SOLVER, ROADS].map(|rules| rules.root);
    for path in dirs.iter().chain(&OUTSIDE).flat_map(|dir| files(&root().join(dir), "rs")) {
        let faults = faults_of_any(&path, &fs::read_to_string(&path).unwrap());
        let inside = path.strip_prefix(root()).unwrap();
        all.extend(faults.iter().map(|f| format!("{}:{f}", inside.display())));
    }
    assert_none(&all);
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |database: &str| -> Vec<String> {
        let dir = root().join("migrations").join(database);
        let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        files(&dir, "sql").iter().map(name).collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
    for (number, name) in (1..).zip(names("sqlite")) {
        assert!(name.starts_with(&format!("{number:04}_")), "{name} should be number {number:04}");
    }
}

#[test]
fn every_file_the_documents_name_exists() {
    let mut all = Vec::new();
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = fs::read_to_string(root().join(document)).unwrap();
        for (number, line) in (1..).zip(text.lines()) {
            // A path stands between backticks and begins with a folder of ours.
            for path in line.split('`').skip(1).step_by(2) {
                let folders = ["src/", "solver/", "roads/", "tests/", "scripts/", "docs/", "data/"];
                let ours = folders.iter().any(|folder| path.starts_with(folder));
                if ours && !path.contains(['<', ' ']) && !root().join(path).exists() {
                    all.push(format!("{document}:{number}: there is no {path}"));
                }
            }
        }
    }
    assert_none(&all);
}

#[test]
fn every_make_command_in_the_documents_exists() {
    let makefile = fs::read_to_string(root().join("Makefile")).unwrap();
    let has = |target: &str| makefile.lines().any(|line| line.starts_with(&format!("{target}:")));
    let mut all = Vec::new();
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = fs::read_to_string(root().join(document)).unwrap();
        for (number, line) in (1..).zip(text.lines()) {
            // A command opens a line of an example, or follows a backtick.
            let opens_line = line.trim_start().strip_prefix("make ");
            let follows_backtick = line.split("`make ").skip(1);
            for target in opens_line.into_iter().chain(follows_backtick).map(leading_name) {
                if !has(target) {
                    all.push(format!("{document}:{number}: the Makefile has no `{target}`"));
                }
            }
        }
    }
    assert_none(&all);
}

#[test]
fn what_audit_entries_say_was_done_has_words_in_every_language() {
    let mut verbs = Vec::new();
    for path in files(&root().join("src/app"), "rs") {
        let text = fs::read_to_string(path).unwrap();
        for opening in ["verb: \"", "verb = (\"", "verb, kind) = (\""] {
            let found = text.split(opening).skip(1).filter_map(|part| part.split('"').next());
            verbs.extend(found.map(str::to_owned));
        }
    }
    assert!(verbs.iter().any(|verb| verb == "give_up"), "{verbs:?}");
    for language in ["en", "es", "is"] {
        let path = format!("locales/{language}/setup.json");
        let words = fs::read_to_string(root().join(path)).unwrap();
        for verb in &verbs {
            assert!(words.contains(&format!("\"verb.{verb}\":")), "{language} has no {verb}");
        }
    }
}

#[test]
fn the_rules_see_through_every_form_of_import() {
    let code =
        "use crate::{\n    app::{visits, bookings},\n    store as s, domain};\ncrate::api::x()";
    let used: Vec<_> = used_modules(code).into_iter().map(|(_, name)| name).collect();
    assert_eq!(used, ["app", "store", "domain", "api"]);
    let faults = SERVER.faults("store", "//! x\nuse crate::{domain, app};\nuse axum::Json;\n");
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(SERVER.faults("store", "//! x\n// crate::app, see [`axum::x`]\n").is_empty());
    assert_eq!(faults_of_any(Path::new("a.rs"), "//! x\nuse super::*;\n").len(), 1);
    assert!(faults_of_any(Path::new("a.rs"), "//! x\n#[cfg(test)]\nuse super::*;\n").is_empty());
}

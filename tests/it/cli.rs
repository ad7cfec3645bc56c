//! The program from the outside: files, flags and passwords in, text and exit codes out.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use chrono::NaiveDate;
use roundsman::demo::region::Region;
use roundsman::demo::{SEED, company};
use roundsman::domain::travel::TravelMode;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A Friday.
const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();

/// The demo company as JSON, with travel that needs no map.
static COMPANY: LazyLock<Value> = LazyLock::new(|| {
    let region = Region::embedded().unwrap();
    let mut company = company(SEED, TODAY, &region);
    let travel = TravelMode::StraightLine { detour_factor: 1.4, speed_kmh: 50.0 };
    company.organization.value.travel = travel;
    for service in &mut company.services {
        service.value.travel = None;
        service.value.slots.horizon.days = 730;
    }
    company.zones.retain(|zone| zone.value.name != "25 minutes from Skeifan");
    let known: Vec<_> = company.zones.iter().map(|zone| zone.id).collect();
    for technician in &mut company.technicians {
        technician.value.zones.retain(|covered| known.contains(&covered.zone_id));
    }
    serde_json::to_value(company).unwrap()
});

/// A folder with the program's data and a few files.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).unwrap();
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_roundsman"));
        command.current_dir(self.path()).args(args).stdin(Stdio::null());
        command.env_remove("ROUNDSMAN_CONFIG").env_remove("ROUNDSMAN_PASSWORD");
        command.args(["--set", "log.level=error"]);
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs a command that must succeed; what it printed.
    #[track_caller]
    fn answer(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a command that must fail with this code; what it complained about.
    #[track_caller]
    fn complaint(&self, code: i32, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", stderr(&output));
        stderr(&output)
    }

    /// Runs a command with a line on standard input.
    fn typed(&self, line: &str, args: &[&str]) -> Output {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that refuses its flags ends without reading.
        let _unread = child.stdin.take().unwrap().write_all(line.as_bytes());
        child.wait_with_output().unwrap()
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A folder into which the company was imported.
fn with_company() -> Folder {
    let folder = Folder::new();
    folder.write("company.json", &COMPANY.to_string());
    folder.answer(&["import", "company.json"]);
    folder
}

#[test]
fn a_whole_document_is_called_whole_and_a_broken_one_shows_every_fault() {
    let folder = Folder::new();
    folder.write("company.json", &COMPANY.to_string());
    let said = folder.answer(&["check", "company.json"]);
    assert!(said.contains("is whole: 3 locations, 24 technicians"), "{said}");
    let mut broken = COMPANY.clone();
    broken["technicians"][3].as_object_mut().unwrap().remove("name");
    broken["services"][0]["duration_min"] = json!("long");
    folder.write("broken.json", &broken.to_string());
    let said = folder.complaint(1, &["check", "broken.json"]);
    assert!(said.contains("broken.json: 2 faults, nothing was written"), "{said}");
    assert!(said.contains("error: technicians[3].name: is missing"), "{said}");
    assert!(said.contains("error: services[0].duration_min = `long`: "), "{said}");
    assert!(!folder.path().join("var").exists(), "checking a document needs no database");
}

#[test]
fn files_that_cannot_be_read_and_tables_of_nothing_are_usage_errors() {
    let folder = Folder::new();
    let said = folder.complaint(2, &["check", "nowhere.json"]);
    assert!(said.contains("cannot read nowhere.json"), "{said}");
    folder.write("people.csv", "name\nA\n");
    let said = folder.complaint(2, &["import", "people.csv"]);
    assert!(said.contains("--as technicians"), "{said}");
    let said = folder.complaint(2, &["import", "people.csv", "--as", "robots"]);
    assert!(said.contains("robots"), "{said}");
    let said = folder.complaint(2, &["import", "people.csv", "--as", "technicians"]);
    assert!(said.contains("there is no organization yet"), "{said}");
}

#[test]
fn an_export_gives_back_what_was_imported() {
    let folder = with_company();
    let exported: Value = serde_json::from_str(&folder.answer(&["export"])).unwrap();
    assert_eq!(exported, *COMPANY);
    folder.answer(&["export", "--out", "again.json"]);
    let said = folder.complaint(1, &["import", "again.json"]);
    assert!(said.contains("organization.slug = `hraun`"), "{said}");
    let said = folder.answer(&["import", "again.json", "--organization", "hraun"]);
    assert!(said.starts_with("Added 0, changed 0,"), "{said}");
    let said = folder.complaint(2, &["export", "--organization", "other"]);
    assert!(said.contains("no organization `other`; there are: hraun"), "{said}");
}

#[test]
fn tables_are_checked_and_read_and_strange_columns_are_named() {
    let folder = with_company();
    folder.write("bad.csv", "customer,lat,lon\nC-0001,here,-21.9\nNobody,64.1,-21.9\n");
    let said = folder.complaint(1, &["check", "bad.csv", "--as", "sites"]);
    assert!(said.contains("row 2, column lat = `here`"), "{said}");
    assert!(said.contains("row 3, column customer = `Nobody`"), "{said}");
    folder.write("good.csv", "client;latitude;longitude;colour\nC-0001;64,1;-21,9;red\n");
    let output = folder.run(&["import", "good.csv", "--as", "sites"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("not understood: colour"), "{}", stderr(&output));
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("Added 1,"));
}

#[test]
fn a_first_owner_is_added_with_a_password_from_standard_input() {
    let folder = Folder::new();
    let add = ["user", "add", "ada@example.is", "--found", "Ada & Co", "--password-stdin"];
    let said = folder.complaint(2, &add[..5]);
    assert!(said.contains("ROUNDSMAN_PASSWORD"), "{said}");
    let output = folder.typed("short\n", &add);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("password"), "{}", stderr(&output));
    assert!(!stderr(&output).contains("short\n"), "a password may not be shown");
    let output = folder.typed("long enough for anybody\n", &add);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let document: Value = serde_json::from_str(&folder.answer(&["export"])).unwrap();
    assert_eq!(document["organization"]["slug"], "ada-co");
    assert_eq!(document["members"][0]["email"], "ada@example.is");
    assert_eq!(document["members"][0]["role"], "owner");
    let again =
        folder.typed("long enough\n", &["user", "password", "ADA@example.is", "--password-stdin"]);
    assert_eq!(again.status.code(), Some(0), "{}", stderr(&again));
}

#[test]
fn a_technician_is_added_by_name_and_not_without_one() {
    let folder = with_company();
    let name = COMPANY["technicians"][5]["name"].as_str().unwrap();
    let add = ["user", "add", "tec@example.is", "--role", "technician", "--password-stdin"];
    let output = folder.typed("long enough for anybody\n", &add);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    let with_name = [&add[..], &["--technician", name]].concat();
    let output = folder.typed("long enough for anybody\n", &with_name);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let with_stranger = [&add[..], &["--technician", "Nobody"]].concat();
    let output = folder.typed("long enough for anybody\n", &with_stranger);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("no technician `Nobody`"), "{}", stderr(&output));
}

#[test]
fn a_key_is_shown_once_and_can_be_revoked() {
    let folder = with_company();
    let said = folder.complaint(2, &["key", "add", "robot", "--scope", "everything"]);
    assert!(said.contains("slots:read"), "{said}");
    let key = folder.answer(&["key", "add", "robot", "--scope", "slots:read"]);
    let list = folder.answer(&["key", "list"]);
    assert!(list.contains("active  robot  slots:read"), "{list}");
    assert!(!list.contains(key.trim()), "the list may not show the secret");
    let id = list.split_whitespace().next().unwrap();
    folder.answer(&["key", "revoke", id]);
    assert!(folder.answer(&["key", "list"]).contains("revoked  robot"));
}

#[test]
fn slots_are_shown_as_a_table_and_as_json() {
    let folder = with_company();
    let ask = ["slots", "--service", "listing photos", "--at", "Skeifan 15, 108"];
    let dates = ["--from", "2027-03-01", "--until", "2027-03-02"];
    let table = folder.answer(&[&ask[..], &dates[..]].concat());
    assert!(table.contains("Reykjavík, times in Atlantic/Reykjavik, 70 min on site"), "{table}");
    assert!(table.contains("Mon 2027-03-01") && table.contains("  09:00  exact"), "{table}");
    let json = folder.answer(&[&ask[..], &dates[..], &["--json", "--limit", "3"]].concat());
    let json: Value = serde_json::from_str(&json).unwrap();
    let count: usize = json["days"]
        .as_array()
        .unwrap()
        .iter()
        .map(|day| day["slots"].as_array().unwrap().len())
        .sum();
    assert_eq!(count, 3);
}

#[test]
fn slots_depend_neither_on_the_zone_nor_on_the_threads_of_the_machine() {
    let folder = with_company();
    let ask = ["slots", "--service", "listing photos", "--at", "Skeifan 15, 108", "--json"];
    let dates = ["--from", "2027-03-26", "--until", "2027-03-29"];
    let mut answers = Vec::new();
    // A day ahead with a quarter of an hour, half hours, and one thread.
    for (zone, threads) in [("UTC", "4"), ("Pacific/Chatham", "2"), ("America/St_Johns", "1")] {
        let mut command = folder.command(&[&ask[..], &dates[..]].concat());
        let output = command.env("TZ", zone).env("TOKIO_WORKER_THREADS", threads).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{zone}: {}", stderr(&output));
        answers.push(String::from_utf8(output.stdout).unwrap());
    }
    assert!(answers[0].contains("2027-03-26T09:00:00Z"), "{}", answers[0]);
    assert!(answers.iter().all(|answer| *answer == answers[0]));
}

#[test]
fn without_slots_the_reasons_are_told_and_wrong_names_are_usage_errors() {
    let folder = with_company();
    let sunday = ["--from", "2027-03-07", "--until", "2027-03-07"];
    let ask = ["slots", "--service", "Heat pump repair", "--at", "64.1466,-21.9426"];
    let said = folder.answer(&[&ask[..], &sunday[..], &["--explain"]].concat());
    assert!(said.contains("Nothing fits.") && said.contains("Why not:"), "{said}");
    let said = folder.complaint(2, &["slots", "--service", "Haircut", "--at", "64.1,-21.9"]);
    assert!(said.contains("no service `Haircut`; known are: Listing photos"), "{said}");
    let said =
        folder.complaint(2, &["slots", "--service", "Floor plan", "--at", "Baker Street 221"]);
    assert!(said.contains("no address `Baker Street 221`"), "{said}");
}

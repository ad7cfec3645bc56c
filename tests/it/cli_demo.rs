//! `roundsman demo` as somebody meets it who starts it for the first time.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Once;
use std::time::{Duration, Instant};

use reqwest::{Client, Response};
use roundsman::demo::{PASSWORD, SLUG};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A demo that runs; it is killed with this unless it was told to end.
struct Demo {
    child: Child,
    base: String,
    /// What it printed.
    tour: String,
}

impl Demo {
    /// Starts on a free port and waits until it has said what to try.
    fn start(folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_roundsman"))
            .current_dir(folder)
            .args(["demo", "--port", "0", "--data", "demo", "--set", "log.level=warn"])
            .env_remove("ROUNDSMAN_CONFIG")
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut tour = String::new();
        for line in &mut lines {
            tour.push_str(&line.unwrap());
            tour.push('\n');
            if tour.ends_with("Stop with Ctrl-C.\n") {
                break;
            }
        }
        let open = tour.lines().find_map(|line| line.strip_prefix("Open"));
        let base = open.expect("it says where to look").trim().trim_end_matches('/').to_owned();
        Self { child, base, tour }
    }

    /// Sends SIGTERM and waits for the end.
    fn end(mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let begin = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begin.elapsed() < Duration::from_secs(20), "SIGTERM does not end it");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It has ended already, or the test fails anyway.
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

fn client() -> Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Another test may have been first.
        let _there = rustls::crypto::ring::default_provider().install_default();
    });
    Client::builder().no_proxy().build().unwrap()
}

async fn body(response: Response, status: u16) -> Value {
    let (found, text) = (response.status().as_u16(), response.text().await.unwrap());
    assert_eq!(found, status, "{text}");
    serde_json::from_str(&text).unwrap()
}

#[tokio::test]
async fn a_slot_of_the_demo_is_held_booked_and_in_the_technicians_day() {
    let folder = TempDir::new().unwrap();
    let demo = Demo::start(folder.path());
    let (client, public) = (client(), format!("{}/api/v1/public/{SLUG}", demo.base));
    assert!(demo.tour.contains("24 technicians, 3 locations, 10 services, 2 packages"));
    let page = client.get(&demo.base).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Hraun Property Services") && page.contains(PASSWORD), "{page}");

    let search = line_with(&demo.tour, "\"limit\":5");
    let request: Value = serde_json::from_str(&search).unwrap();
    let slots = client.post(format!("{public}/slots:search")).json(&request).send().await;
    let slots = body(slots.unwrap(), 200).await;
    let days = slots["days"].as_array().unwrap();
    let slot = days.iter().find_map(|day| day["slots"].get(0)).expect("the example finds slots");

    let choice = json!({
        "service_ids": request["service_ids"],
        "place": request["place"],
        "start": slot["start"],
    });
    let hold = client.post(format!("{public}/holds")).json(&choice).send().await.unwrap();
    let hold = body(hold, 201).await;
    let booking = json!({
        "hold_id": hold["id"],
        "customer": {"name": "Ada Test", "email": "ada@customer.example"},
        "answers": [{"key": "home", "value": "House"}, {"key": "entry", "value": "I am there"}],
    });
    let booked = client.post(format!("{public}/bookings")).json(&booking).send().await.unwrap();
    let booked = body(booked, 201).await;
    assert_eq!(booked["window"], slot["window"]);

    let cookie = log_in(&client, &demo.base, "dispatcher@hraun.example").await;
    let get = |path: String| client.get(format!("{}{path}", demo.base)).header("cookie", &cookie);
    let id = booked["id"].as_str().unwrap();
    let details = get(format!("/api/v1/bookings/{id}")).send().await.unwrap();
    let details = body(details, 200).await;
    let technician = details["assignments"][0]["technician_id"].as_str().unwrap();
    let date = &slot["start"].as_str().unwrap()[..10];
    let day = get(format!("/api/v1/technicians/{technician}/day?date={date}")).send().await;
    let day = body(day.unwrap(), 200).await;
    let visit = details["visit"]["id"].as_str().unwrap();
    assert!(day.to_string().contains(visit), "{day:#}");

    // The last example asks from the terminal, beside the running server.
    let (_, command) = demo.tour.split_once("# In the terminal: ").unwrap();
    let command = command.split_once('\n').unwrap().1.split("\n\n").next().unwrap();
    let asked = Command::new("sh").args(["-c", command]).current_dir("/").output().unwrap();
    let said = String::from_utf8_lossy(&asked.stdout);
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    assert!(said.contains("Hraun") || said.contains(":00"), "{said}");

    assert_eq!(demo.end().code(), Some(0));
    // A second start finds everything, the new booking included.
    let again = Demo::start(folder.path());
    let cookie = log_in(&client, &again.base, "dispatcher@hraun.example").await;
    let address = format!("{}/api/v1/bookings/{id}", again.base);
    let there = client.get(address).header("cookie", cookie).send().await.unwrap();
    assert_eq!(body(there, 200).await["code"], booked["code"]);
    assert_eq!(again.end().code(), Some(0));
}

/// The JSON between the quotes of the line of the tour that holds `part`.
fn line_with(tour: &str, part: &str) -> String {
    let line = tour.lines().find(|line| line.contains(part)).unwrap();
    line.split('\'').nth(1).unwrap().to_owned()
}

async fn log_in(client: &Client, base: &str, email: &str) -> String {
    let login = json!({"email": email, "password": PASSWORD});
    let response = client.post(format!("{base}/api/v1/session")).json(&login).send().await.unwrap();
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

#[test]
fn a_folder_with_other_data_is_never_touched() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("roundsman.db");
    std::fs::write(&file, "precious").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_roundsman"))
        .current_dir(folder.path())
        .args(["demo", "--port", "0", "--data", ".", "--fresh"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("holds a database that is no demo"), "{said}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "precious");
}

#[test]
fn a_port_in_use_is_said_in_one_line() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = TempDir::new().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_roundsman"))
        .current_dir(folder.path())
        .args(["serve", "--set", &format!("server.listen={address}")])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(&format!("error: cannot listen on {address}")), "{said}");
}

#[test]
fn the_demo_refuses_flags_that_would_have_no_effect() {
    let folder = TempDir::new().unwrap();
    for (key, value) in [("database.url", "postgres://localhost/earnest"), ("data.dir", "other")] {
        let done = Command::new(env!("CARGO_BIN_EXE_roundsman"))
            .current_dir(folder.path())
            .args(["demo", "--port", "0", "--set", &format!("{key}={value}")])
            .env_remove("ROUNDSMAN_CONFIG")
            .output()
            .unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        assert!(!done.status.success(), "{said}");
        assert!(said.contains(&format!("--set {key} has no effect on the demo")), "{said}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

//! A server killed in a storm of requests, and what the next one knows.
//!
//! The server is the program itself over the database of the test. Whatever the moment of the kill:
//! every booking that was acknowledged is there, at most those are there besides that were under
//! way, and nobody is in two places.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::apps::{Login, app_over};
use crate::support::companies::{Company, place, text, workday};
use crate::support::databases::{TestDb, databases};
use crate::support::http::Server;

/// Clients that book at the same time.
const CLIENTS: usize = 8;

/// The program, serving a database.
struct Program {
    child: Child,
    base: String,
    _folder: TempDir,
}

impl Program {
    /// Starts it and waits until it answers.
    async fn start(db: &TestDb) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap().to_string();
        drop(free);
        let folder = TempDir::new().unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_roundsman"))
            .current_dir(folder.path())
            .args(["serve", "--set", &format!("server.listen={address}")])
            .args(["--set", &format!("database.url={}", db.url), "--set", "log.level=error"])
            .env_remove("ROUNDSMAN_CONFIG")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let program = Self { child, base: format!("http://{address}"), _folder: folder };
        let (client, begin) = (client(), Instant::now());
        while client.get(format!("{}/readyz", program.base)).send().await.is_err() {
            assert!(begin.elapsed() < Duration::from_mins(1), "it does not begin to answer");
            tokio::task::yield_now().await;
        }
        program
    }

    /// Ends it with SIGKILL.
    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended already, or the test fails anyway.
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap()
}

/// Who books what, at the server at hand.
#[derive(Clone)]
struct Booker {
    client: reqwest::Client,
    base: String,
    cookie: String,
    service: String,
    first: NaiveDate,
    /// Starts that were taken so far.
    next: Arc<AtomicUsize>,
}

impl Booker {
    async fn logged_in(program: &Program, before: &Self) -> Self {
        let (client, base) = (client(), program.base.clone());
        let login = Login::new("dispatcher@alpha.example");
        let body = json!({ "email": login.email, "password": login.password });
        let answer = client.post(format!("{base}/api/v1/session")).json(&body).send().await;
        let cookie = answer.unwrap().headers()["set-cookie"].to_str().unwrap().to_owned();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        Self { client, base, cookie, ..before.clone() }
    }

    async fn get(&self, path: &str) -> Value {
        let request = self.client.get(format!("{}{path}", self.base));
        let answer = request.header("cookie", &self.cookie).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.json().await.unwrap()
    }

    /// Books the next start; its id, or none if it was refused.
    async fn book(&self) -> Result<Option<String>, reqwest::Error> {
        // Four working days a week of eight hours; each hour is wanted by two.
        let number = self.next.fetch_add(1, Ordering::SeqCst) / 2;
        let (day, hour) = (number / 8, 8 + number % 8);
        let date = self.first + Days::new((day / 4 * 7 + day % 4) as u64);
        let body = json!({ "slot": {
            "service_ids": [self.service], "place": place(),
            "start": format!("{date}T{hour:02}:00:00Z")
        } });
        let request = self.client.post(format!("{}/api/v1/bookings", self.base)).json(&body);
        let request = request.header("cookie", &self.cookie).header("x-requested-with", "test");
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        let said = answer.text().await?;
        match status {
            201 => {
                let booked: Value = serde_json::from_str(&said).unwrap();
                Ok(Some(text(&booked["id"])))
            }
            409 => Ok(None),
            _ => panic!("{status} {said}"),
        }
    }
}

/// Lets clients book until `count` bookings are acknowledged, and kills the server under them.
async fn storm(program: &mut Program, booker: &Booker, count: usize) -> BTreeSet<String> {
    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..CLIENTS {
        let (booker, told) = (booker.clone(), told.clone());
        clients.spawn(async move {
            while let Ok(booked) = booker.book().await {
                if let Some(id) = booked {
                    told.send(id).unwrap();
                }
            }
        });
    }
    drop(told);
    let mut acknowledged = BTreeSet::new();
    while acknowledged.len() < count {
        acknowledged.insert(heard.recv().await.expect("the server fails by itself"));
    }
    program.kill();
    clients.join_all().await;
    while let Some(id) = heard.recv().await {
        acknowledged.insert(id);
    }
    acknowledged
}

/// A company whose service may be booked far ahead, and who books it.
async fn set_up(db: TestDb) -> (TestDb, Booker) {
    let app = app_over(db, Arc::new(roundsman::clock::SystemClock));
    let server = Server::start(&app).await;
    let company = Company::set_up(&server, &app, "alpha").await;
    let mut service = company.records["services"].clone();
    service["slots"]["horizon"] = json!({ "days": 700 });
    let path = format!("/api/v1/services/{}", company.id("services"));
    server.put(&path, &company.owner, &service).await.expect(200);
    let booker = Booker {
        client: client(),
        base: String::new(),
        cookie: String::new(),
        service: company.id("services"),
        first: workday(&app),
        next: Arc::default(),
    };
    server.stop().await.unwrap();
    (app.into_db(), booker)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_was_killed_knows_every_booking_it_has_acknowledged() {
    for db in databases().await {
        let (db, booker) = set_up(db).await;
        let mut acknowledged = BTreeSet::new();
        for (round, count) in [(1, 1), (2, 25)] {
            let mut program = Program::start(&db).await;
            let booker = Booker::logged_in(&program, &booker).await;
            acknowledged.extend(storm(&mut program, &booker, count).await);
            let program = Program::start(&db).await;
            let booker = Booker::logged_in(&program, &booker).await;
            for id in &acknowledged {
                let booking = booker.get(&format!("/api/v1/bookings/{id}")).await;
                assert_eq!(booking["assignments"].as_array().unwrap().len(), 1, "{booking}");
            }
            let stored = db.raw_column("select id from bookings").await.len();
            assert!(stored <= acknowledged.len() + round * CLIENTS, "{stored} are there");
            let visits = "select v.id from visits v where not exists (select 1 from bookings b \
                where b.visit_id = v.id) or not exists (select 1 from assignments a \
                where a.visit_id = v.id)";
            assert!(db.raw_column(visits).await.is_empty(), "a booking is there in part");
            let twice = "select a.visit_id from assignments a join assignments b \
                on a.technician_id = b.technician_id and a.visit_id < b.visit_id \
                and a.start_s < b.end_s and b.start_s < a.end_s";
            assert!(db.raw_column(twice).await.is_empty(), "somebody is in two places");
            // What was not acknowledged may be booked again, and what was may not.
            let again = Booker { next: Arc::default(), ..booker.clone() };
            again.book().await.unwrap();
            assert_eq!(again.book().await.unwrap(), None, "an hour was booked twice");
            acknowledged.extend(db.raw_column("select id from bookings").await);
        }
    }
}

//! Real CalDAV servers that the test command has started, seen as a member's own program sees them,
//! and a gate before them that can lose answers.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::Request;
use axum::response::{IntoResponse as _, Response};
use chrono::TimeDelta;
use reqwest::{Client, Method, StatusCode};
use roundsman::app::calendars::accounts::{AccountDetails, Connect, connect};
use roundsman::app::calendars::{CalendarRules, Calendars, parting, reading, uses, writing};
use roundsman::app::secrets::vault::Vault;
use roundsman::app::{App, following};
use roundsman::domain::actors::Actor;
use roundsman::domain::calendars::{Calendar, CalendarProvider};
use roundsman::domain::id::{CalendarId, TechnicianId};
use roundsman::store::Db;
use roundsman::store::queue::Lease;
use roundsman::store::queue::claim::{Claim, claim};
use roundsman::sync::{Sync, SyncSettings};
use tokio::net::TcpListener;

use crate::support::company::Company;

/// A server that was started by `scripts/calendars.sh`.
#[derive(Debug, Clone)]
pub(crate) struct DavServer {
    pub(crate) name: String,
    /// The home of the login's calendars, with a slash at the end.
    home: String,
    pub(crate) login: String,
    pub(crate) password: String,
}

/// A calendar of its own on a server.
#[derive(Debug, Clone)]
pub(crate) struct Collection {
    server: DavServer,
    pub(crate) url: String,
    client: Client,
}

/// The servers of `TEST_CALDAV_SERVERS`; none if it is not set.
pub(crate) fn servers() -> Vec<DavServer> {
    let text = std::env::var("TEST_CALDAV_SERVERS").unwrap_or_default();
    text.split_whitespace()
        .map(|member| {
            let (name, url) = member.split_once('=').unwrap();
            let mut url = url::Url::parse(url).unwrap();
            let (login, password) = (url.username().to_owned(), url.password().unwrap().to_owned());
            url.set_username("").unwrap();
            url.set_password(None).unwrap();
            DavServer { name: name.to_owned(), home: url.to_string(), login, password }
        })
        .collect()
}

impl DavServer {
    /// Where the server begins, without a path.
    pub(crate) fn root(&self) -> String {
        let url = url::Url::parse(&self.home).unwrap();
        format!("{}/", url.origin().ascii_serialization())
    }

    /// Makes a calendar that no other test uses.
    pub(crate) async fn collection(&self) -> Collection {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let _ = rustls::crypto::ring::default_provider().install_default();
        let number = COUNT.fetch_add(1, Ordering::SeqCst);
        let name = format!("t{}-{}", std::process::id(), number);
        let url = format!("{}{name}/", self.home);
        let client = Client::builder().no_proxy().build().unwrap();
        let collection = Collection { server: self.clone(), url, client };
        let made = collection.send("MKCALENDAR", &collection.url, &[], "").await;
        assert_eq!(made.0, StatusCode::CREATED, "{}: {}", self.name, made.1);
        collection
    }
}

impl Collection {
    async fn send(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> (StatusCode, String) {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.client.request(method, url);
        request = request.basic_auth(&self.server.login, Some(&self.server.password));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.body(body.to_owned()).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }

    /// Stores an item, whatever is there.
    pub(crate) async fn put(&self, name: &str, ics: &str) {
        let url =
            if name.starts_with("http") { name.to_owned() } else { format!("{}{name}", self.url) };
        let media = [("content-type", "text/calendar; charset=utf-8")];
        // Cyrus takes a name only once, in whichever calendar of the login it is.
        let place = self.url.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let ics = if ics.contains("UID:visit-") {
            ics.to_owned()
        } else {
            ics.replace("\nUID:", &format!("\nUID:{place}-"))
        };
        let (status, words) = self.send("PUT", &url, &media, &ics).await;
        assert!(status.is_success(), "{}: {status} {words}", self.server.name);
    }

    /// Deletes an item.
    pub(crate) async fn delete(&self, name: &str) {
        let url =
            if name.starts_with("http") { name.to_owned() } else { format!("{}{name}", self.url) };
        let (status, words) = self.send("DELETE", &url, &[], "").await;
        assert!(status.is_success(), "{}: {status} {words}", self.server.name);
    }

    /// Deletes the whole calendar.
    pub(crate) async fn remove(&self) {
        self.delete("").await;
    }

    /// Address and text of every item, by address.
    pub(crate) async fn items(&self) -> Vec<(String, String)> {
        let body = "<d:propfind xmlns:d=\"DAV:\"><d:prop><d:getetag/></d:prop></d:propfind>";
        let headers = [("depth", "1"), ("content-type", "application/xml")];
        let (_, text) = self.send("PROPFIND", &self.url, &headers, body).await;
        let base = url::Url::parse(&self.url).unwrap();
        let mut hrefs: Vec<String> = text
            .split("href>")
            .filter_map(|part| part.split_once("</").map(|(href, _)| href.trim().to_owned()))
            .filter(|href| href.rsplit_once('.').is_some_and(|(_, ending)| ending == "ics"))
            .map(|href| base.join(&href).unwrap().to_string())
            .collect();
        hrefs.sort_unstable();
        hrefs.dedup();
        let mut items = Vec::new();
        for href in hrefs {
            let (status, text) = self.send("GET", &href, &[], "").await;
            assert!(status.is_success(), "{href}: {status}");
            items.push((href, text.replace("\r\n ", "")));
        }
        items
    }

    /// The value of a property of every item, in order.
    pub(crate) async fn all(&self, property: &str) -> Vec<String> {
        let items = self.items().await;
        items.iter().map(|(_, text)| value(text, property)).collect()
    }
}

/// The value of the first line of a property; empty if there is none.
pub(crate) fn value(text: &str, property: &str) -> String {
    let event = text.split("BEGIN:VEVENT").nth(1).unwrap_or(text);
    let line = event
        .lines()
        .find(|line| line.strip_prefix(property).is_some_and(|rest| rest.starts_with([':', ';'])));
    line.and_then(|line| line.split_once(':'))
        .map(|(_, value)| value.trim().to_owned())
        .unwrap_or_default()
}

/// An event of a member as iCalendar text.
pub(crate) fn event(uid: &str, lines: &[&str]) -> String {
    let lines = lines.join("\r\n");
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//member//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n\
         DTSTAMP:20261101T000000Z\r\nSUMMARY:Dentist\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

/// The text of an event at another time.
pub(crate) fn moved(text: &str, start: &str, end: &str) -> String {
    let line = |line: &str| match line.split_once(':') {
        Some(("DTSTART", _)) => format!("DTSTART:{start}"),
        Some(("DTEND", _)) => format!("DTEND:{end}"),
        _ => line.to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\r\n") + "\r\n"
}

/// The rules that tests go by; bookings do not read calendars again.
pub(crate) fn rules() -> CalendarRules {
    CalendarRules { reread: None, ..CalendarRules::default() }
}

/// Lets a company reach calendars on this machine, and keep their passwords.
pub(crate) fn equip(company: &mut Company, rules: CalendarRules) {
    company.app = equipped(&company.app, rules);
}

/// An application that reaches calendars on this machine.
pub(crate) fn equipped(app: &App, rules: CalendarRules) -> App {
    let vault = Vault::new(&Vault::generate("k1")).unwrap();
    with_rules(&app.clone().with_vault(vault), rules)
}

/// The same with other rules; what it knows of passwords stays.
pub(crate) fn with_rules(app: &App, rules: CalendarRules) -> App {
    let settings = SyncSettings {
        connect_timeout: Duration::from_secs(5),
        timeout: Duration::from_secs(4),
        allowed_networks: vec!["127.0.0.0/8".parse().unwrap()],
    };
    app.clone().with_calendars(Calendars::new(Sync::new(settings), rules))
}

/// A request to connect an account at an address.
pub(crate) fn request(server: &DavServer, url: &str, who: Option<TechnicianId>) -> Connect {
    Connect {
        technician_id: who,
        provider: CalendarProvider::Caldav,
        name: String::new(),
        url: url.to_owned(),
        login: server.login.clone(),
        password: server.password.clone(),
        receives: true,
    }
}

/// Connects a calendar for a technician.
pub(crate) async fn connected(
    company: &Company,
    collection: &Collection,
    who: TechnicianId,
) -> Calendar {
    let request = request(&collection.server, &collection.url, Some(who));
    let account: AccountDetails = connect(&company.app, &company.actor, &request).await.unwrap();
    assert_eq!(account.calendars.len(), 1, "{account:?}");
    account.calendars.into_iter().next().unwrap()
}

/// Does the tasks of followers and calendars that are due, and what comes of them.
pub(crate) async fn work(app: &App, db: &Db) -> usize {
    let kinds = [following::TASK, reading::TASK, writing::TASK, parting::TASK];
    let mut count = 0;
    loop {
        // The application's now has whole seconds; tasks are due by the millisecond.
        let now = app.now() + TimeDelta::seconds(1);
        let mut tx = db.write().await.unwrap();
        let until = now + TimeDelta::minutes(1);
        let wanted = Claim { worker: "test", kinds: &kinds, limit: 1, now, until };
        let tasks = claim(&mut tx, wanted).await.unwrap();
        tx.commit().await.unwrap();
        if tasks.is_empty() || count > 200 {
            return count;
        }
        for task in tasks {
            let kind = task.kind.clone();
            let lease = Lease::new(db.clone(), task, now);
            let done = match kind.as_str() {
                following::TASK => following::follow(app, lease).await,
                reading::TASK => reading::read(app, lease).await,
                parting::TASK => parting::part(app, lease).await,
                _ => writing::write(app, lease).await,
            };
            let _finished = done.unwrap();
            count += 1;
        }
    }
}

/// Reads and writes a calendar now.
pub(crate) async fn synced(app: &App, actor: &Actor, db: &Db, id: CalendarId) -> Calendar {
    uses::sync_now(app, actor, id).await.unwrap();
    work(app, db).await;
    uses::get(app, actor, id).await.unwrap()
}

/// What a gate does with requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trick {
    /// Hands them on.
    Pass,
    /// Hands the next write on and loses its answer.
    LoseAnswer,
    /// Answers all of them itself, with a status and a header.
    Answer(u16, Option<(&'static str, String)>),
    /// Answers the next one itself.
    AnswerOnce(u16),
    /// Hands them on, but forbids those whose body holds a word.
    Forbid(&'static str),
    /// Hands them on and cuts answers in half.
    CutAnswers,
}

/// A gate before a server, at an address of its own.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    trick: Arc<Mutex<Trick>>,
    port: u16,
    target: String,
    /// Requests that were seen.
    pub(crate) seen: Arc<AtomicU64>,
}

impl Gate {
    /// Opens a gate before the server of a calendar.
    pub(crate) async fn open(collection: &Collection) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let url = url::Url::parse(&collection.url).unwrap();
        let gate = Self {
            trick: Arc::new(Mutex::new(Trick::Pass)),
            port,
            target: url.origin().ascii_serialization(),
            seen: Arc::default(),
        };
        let (client, own) = (collection.client.clone(), gate.clone());
        let router = axum::Router::new().fallback(move |request: Request<Body>| {
            let (client, gate) = (client.clone(), own.clone());
            async move { gate.pass(&client, request).await }
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        gate
    }

    /// What the gate does from now on.
    pub(crate) fn set(&self, trick: Trick) {
        *self.trick.lock().unwrap() = trick;
    }

    /// An address of the server, through the gate.
    pub(crate) fn url(&self, url: &str) -> String {
        url.replace(&self.target, &format!("http://127.0.0.1:{}", self.port))
    }

    async fn pass(&self, client: &Client, request: Request<Body>) -> Response {
        self.seen.fetch_add(1, Ordering::SeqCst);
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let trick = self.trick.lock().unwrap().clone();
        if let Trick::Answer(status, header) = &trick {
            let status = StatusCode::from_u16(*status).unwrap();
            let headers: Vec<_> =
                header.iter().map(|(name, value)| (*name, value.clone())).collect();
            return (status, axum::response::AppendHeaders(headers)).into_response();
        }
        if let Trick::AnswerOnce(status) = trick {
            self.set(Trick::Pass);
            return StatusCode::from_u16(status).unwrap().into_response();
        }
        if let Trick::Forbid(word) = &trick
            && String::from_utf8_lossy(&body).contains(word)
        {
            return StatusCode::FORBIDDEN.into_response();
        }
        let is_write = matches!(parts.method.as_str(), "PUT" | "DELETE");
        let mut onward = client.request(parts.method, format!("{}{}", self.target, parts.uri));
        for (name, value) in &parts.headers {
            if name != "host" && name != "content-length" {
                onward = onward.header(name, value);
            }
        }
        let answer = onward.body(body).send().await.unwrap();
        if is_write && trick == Trick::LoseAnswer {
            self.set(Trick::Pass);
            std::future::pending::<()>().await;
        }
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mut body: Bytes = answer.bytes().await.unwrap();
        if trick == Trick::CutAnswers {
            body = body.slice(..body.len() / 2);
        }
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        for (name, value) in &headers {
            if name != "content-length" && name != "transfer-encoding" && name != "connection" {
                response.headers_mut().append(name, value.clone());
            }
        }
        response
    }
}

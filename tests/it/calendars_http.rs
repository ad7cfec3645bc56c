//! Calendars over HTTP: connecting, permissions, feeds, and addresses that must not be called.

use roundsman::api::Settings;
use serde_json::{Value, json};
use std::sync::Arc;

use crate::support::apps::{Login, TestApp, any_app, found};
use crate::support::companies::log_in;
use crate::support::company::place;
use crate::support::dav::{self, equipped, event, rules, servers};
use crate::support::http::{Credential, Server};

/// A server with an organization, its owner and a technician who is a member.
struct Shop {
    app: TestApp,
    server: Server,
    owner: Credential,
    technician: Credential,
    technician_id: String,
    other_id: String,
    location_id: String,
}

async fn shop() -> Shop {
    let app = any_app().await;
    let app = app.map(|inner| equipped(inner, rules()));
    let login = found(&app, "aurora").await;
    let server = Server::start_with(&app, Settings::default()).await;
    let owner = log_in(&server, &login).await;
    let made = async |path: &str, body: Value| {
        let answer = server.post(&format!("/api/v1/{path}"), &owner, &body).await;
        answer.expect(201)
    };
    let zone = "Atlantic/Reykjavik";
    let location =
        made("locations", json!({"name": "Base", "time_zone": zone, "place": place(1)})).await;
    let hours = json!({"weekly": [{"days": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
        "from": "06:00", "until": "22:00"}]});
    let person =
        |name: &str| json!({"name": name, "location_id": location["id"], "working_hours": hours});
    let technician = made("technicians", person("Ása")).await;
    let other = made("technicians", person("Bára")).await;
    let mine = Login::new("asa@aurora.example");
    let member = json!({"name": "Ása", "email": mine.email, "role": "technician",
        "technician_id": technician["id"], "password": mine.password});
    made("members", member).await;
    let technician_session = log_in(&server, &mine).await;
    let id = |body: &Value| body["id"].as_str().unwrap().to_owned();
    let (technician_id, other_id, location_id) = (id(&technician), id(&other), id(&location));
    let technician = technician_session;
    Shop { app, server, owner, technician, technician_id, other_id, location_id }
}

impl Shop {
    async fn book(&self, hours_ahead: i64) -> Value {
        let service = json!({"name": "Photos", "duration_min": 60});
        let service = self.server.post("/api/v1/services", &self.owner, &service).await.expect(201);
        let from = (self.app.now() + chrono::TimeDelta::hours(hours_ahead)).date_naive();
        let query = json!({"service_ids": [service["id"]], "location_id": self.location_id,
            "place": place(3), "from": from, "until": from + chrono::TimeDelta::days(3)});
        let slots = self.server.post("/api/v1/slots:search", &self.owner, &query).await.expect(200);
        let start = slots["days"][0]["slots"][0]["start"].clone();
        let slot = json!({"service_ids": [service["id"]], "location_id": self.location_id,
            "place": place(3), "start": start, "technician_ids": [self.technician_id]});
        let body = json!({"slot": slot, "customer": {"name": "Jón"}});
        self.server.post("/api/v1/bookings", &self.owner, &body).await.expect(201)
    }
}

#[tokio::test]
async fn a_technician_connects_a_calendar_and_sees_the_visit_in_it() {
    for dav in servers() {
        let shop = shop().await;
        let collection = dav.collection().await;
        let body = json!({"provider": "caldav", "url": collection.url, "login": dav.login,
            "password": dav.password});
        let path = "/api/v1/calendar-accounts";
        let made = shop.server.post(path, &shop.technician, &body).await;
        let account = made.expect(201);
        assert_eq!(account["technician_id"], shop.technician_id.as_str());
        assert!(!made.text.contains(&dav.password), "{}", made.text);
        assert_eq!(account["calendars"][0]["status"], "pending");
        let booking = shop.book(48).await;
        dav::work(&shop.app, shop.app.db()).await;
        assert_eq!(collection.items().await.len(), 1);
        let uid = format!("visit-{}@roundsman", booking["visit"]["id"].as_str().unwrap());
        assert_eq!(collection.all("UID").await, [uid]);
        let id = account["calendars"][0]["id"].as_str().unwrap();
        let read = shop.server.get(&format!("/api/v1/calendars/{id}"), &shop.technician).await;
        assert_eq!(read.expect(200)["status"], "ok");
        // Stored encrypted.
        let stored = shop.app.raw_column("select secret from calendar_accounts").await;
        assert!(stored[0].starts_with("x1.k1.") && !stored[0].contains(&dav.password));
        // The member's own event blocks, and shows up as an absence of kind `calendar`.
        let at = |hours: i64| shop.app.now() + chrono::TimeDelta::hours(hours);
        let stamp = |hours: i64| at(hours).format("%Y%m%dT%H0000Z").to_string();
        let lines = [format!("DTSTART:{}", stamp(30)), format!("DTEND:{}", stamp(31))];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        collection.put("own.ics", &event("own", &lines)).await;
        let sync = format!("/api/v1/calendars/{id}:sync");
        shop.server.post(&sync, &shop.technician, &json!({})).await.expect(200);
        dav::work(&shop.app, shop.app.db()).await;
        let absences = shop.server.get("/api/v1/absences", &shop.technician).await.expect(200);
        assert_eq!(absences["items"][0]["kind"], "calendar");
    }
}

#[tokio::test]
async fn a_technician_touches_only_own_calendars_and_conflicts_are_decided_by_dispatchers() {
    let shop = shop().await;
    let body = json!({"provider": "caldav", "url": "https://dav.example", "login": "x",
        "password": "y", "technician_id": shop.other_id});
    let refused = shop.server.post("/api/v1/calendar-accounts", &shop.technician, &body).await;
    refused.expect(403);
    let feed = json!({"technician_id": shop.other_id});
    let refused = shop.server.post("/api/v1/calendar-feeds", &shop.technician, &feed).await;
    refused.expect(403);
    let feed = shop.server.post("/api/v1/calendar-feeds", &shop.owner, &feed).await.expect(201);
    let path = format!("/api/v1/calendar-feeds/{}", feed["id"].as_str().unwrap());
    shop.server.delete(&path, &shop.technician).await.expect(404);
    let path = format!("/api/v1/calendar-conflicts/{}:accept", feed["id"].as_str().unwrap());
    shop.server.post(&path, &shop.technician, &json!({})).await.expect(403);
    shop.server.post(&path, &shop.owner, &json!({})).await.expect(404);
    for path in ["calendars", "calendar-accounts", "calendar-conflicts", "calendar-feeds"] {
        let path = format!("/api/v1/{path}");
        shop.server.get(&path, &Credential::none()).await.expect(401);
        let listed = shop.server.get(&path, &shop.technician).await.expect(200);
        assert_eq!(listed["items"], json!([]));
    }
}

#[tokio::test]
async fn addresses_that_must_not_be_called_are_refused_before_a_password_leaves() {
    let shop = shop().await;
    let connect = async |provider: &str, url: &str| {
        let body = json!({"provider": provider, "url": url, "login": "x", "password": "y"});
        shop.server.post("/api/v1/calendar-accounts", &shop.owner, &body).await
    };
    for url in
        ["http://10.0.0.1/", "http://[::1]:80/", "http://169.254.169.254/latest", "ftp://a.b/"]
    {
        for provider in ["caldav", "ics"] {
            let answer = connect(provider, url).await;
            answer.expect(422);
            assert_eq!(answer.fault_fields(), ["url"], "{url}: {}", answer.text);
        }
    }
    for (provider, url) in
        [("caldav", "foo"), ("caldav", "https://"), ("ics", "foo"), ("ics", "a.b/c.ics")]
    {
        let answer = connect(provider, url).await;
        answer.expect(422);
        assert_eq!(answer.fault_fields(), ["url"], "{url}: {}", answer.text);
        assert!(answer.text.contains("such as https://"), "{}", answer.text);
    }
    // Nobody listens there.
    let answer = connect("caldav", "http://127.0.0.1:1/").await.expect(503);
    assert_eq!(answer["detail"], "the calendar server did not answer: no connection");
    let answer = connect("google", "https://dav.example").await;
    assert_eq!(answer.fault_fields(), ["provider"]);
    let nothing = json!({"provider": "caldav", "url": ""});
    let answer = shop.server.post("/api/v1/calendar-accounts", &shop.owner, &nothing).await;
    answer.expect(422);
    assert_eq!(answer.fault_fields(), ["url", "login", "password"]);
}

#[tokio::test]
async fn a_feed_is_read_by_its_secret_alone_until_it_is_renewed_or_revoked() {
    let shop = shop().await;
    let feed = shop.server.post("/api/v1/calendar-feeds", &shop.technician, &json!({})).await;
    let feed = feed.expect(201);
    let url = feed["url"].as_str().unwrap();
    let path = |url: &str| url[url.find("/feeds/").unwrap()..].to_owned();
    // 128 bits in base64 without padding: 22 characters.
    let token = path(url).replace("/feeds/", "").replace(".ics", "");
    assert_eq!(token.len(), 22);
    assert!(feed["webcal_url"].as_str().unwrap().starts_with("webcal://"));
    let stored = shop.app.raw_column("select token_hash from calendar_feeds").await;
    assert!(!stored[0].contains(&token));
    let nobody = Credential::none();
    let empty = shop.server.get(&path(url), &nobody).await;
    assert_eq!(empty.status.as_u16(), 200);
    let booking = shop.book(48).await;
    let read = shop.server.get(&path(url), &nobody).await;
    assert!(read.header("content-type").starts_with("text/calendar"));
    let uid = format!("visit-{}@roundsman", booking["visit"]["id"].as_str().unwrap());
    assert!(read.text.replace("\r\n ", "").contains(&uid), "{}", read.text);
    assert!(read.text.contains("REFRESH-INTERVAL;VALUE=DURATION:PT15M\r\n"));
    assert_ne!(read.header("etag"), empty.header("etag"));
    let known = Credential::none().with("if-none-match", read.header("etag"));
    let same = shop.server.get(&path(url), &known).await;
    assert_eq!((same.status.as_u16(), same.text.as_str()), (304, ""));
    verify(&read.text);
    let numbered = |text: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix("SEQUENCE:"));
        line.unwrap().trim().parse::<u32>().unwrap()
    };
    assert!(read.text.contains("LAST-MODIFIED:"), "{}", read.text);
    let start: chrono::DateTime<chrono::Utc> =
        booking["window"]["from"].as_str().unwrap().parse().unwrap();
    let change = json!({"start": start + chrono::TimeDelta::hours(1)});
    let one = format!("/api/v1/bookings/{}:reschedule", booking["id"].as_str().unwrap());
    shop.server.post(&one, &shop.owner, &change).await.expect(200);
    let later = shop.server.get(&path(url), &nobody).await;
    assert!(numbered(&later.text) > numbered(&read.text), "{}", later.text);
    let rotate = format!("/api/v1/calendar-feeds/{}:rotate", feed["id"].as_str().unwrap());
    let renewed = shop.server.post(&rotate, &shop.technician, &json!({})).await.expect(200);
    assert_eq!(shop.server.get(&path(url), &nobody).await.status.as_u16(), 404);
    let new = path(renewed["url"].as_str().unwrap());
    assert_eq!(shop.server.get(&new, &nobody).await.status.as_u16(), 200);
    let one = format!("/api/v1/calendar-feeds/{}", feed["id"].as_str().unwrap());
    shop.server.delete(&one, &shop.technician).await.expect(204);
    assert_eq!(shop.server.get(&new, &nobody).await.status.as_u16(), 404);
}

/// Lets independent readers of iCalendar judge a text, where the test command has brought them.
fn verify(text: &str) {
    let Ok(python) = std::env::var("TEST_PYTHON") else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("feed.ics");
    std::fs::write(&file, text).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/calendars/verify.py");
    let done = std::process::Command::new(python).arg(script).arg(&file).output().unwrap();
    let words = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{words}");
}

#[tokio::test]
async fn what_is_written_is_read_without_complaint_by_other_programs() {
    use roundsman::calendar::ics::write::{IcsEvent, event, feed, uid_of_visit};
    let visit_id = roundsman::domain::id::VisitId(uuid::Uuid::from_u128(5));
    let at = |hour: i64| crate::support::company::monday("00:00") + chrono::TimeDelta::hours(hour);
    let one = IcsEvent {
        uid: uid_of_visit(visit_id),
        visit_id,
        sequence: 3,
        stamp: at(0),
        modified: Some(at(1)),
        start: at(10),
        end: at(11),
        title: "Þvottavél; viðgerð, \"brátt\" \\ núna · Jón".to_owned(),
        description: format!("Línur\r\n{}\nkveðja: ñandú 🛠", "löng ".repeat(60)),
        place: "Laugavegur 1, 101 Reykjavík".to_owned(),
        position: (64.1466, -21.9426),
        url: "https://example.com/a?b=c,d;e".to_owned(),
        private: true,
    };
    verify(&event(&one));
    verify(&feed(
        "Ása; Bára, og fleiri",
        15,
        &[one.clone(), IcsEvent { uid: "two".to_owned(), ..one }],
    ));
}

#[tokio::test]
async fn an_address_with_a_calendar_is_read_as_busy_times_and_says_when_it_is_none() {
    let shop = shop().await;
    let text = Arc::new(std::sync::Mutex::new(String::new()));
    let asked = Arc::new(std::sync::atomic::AtomicU64::new(0));
    let (served, count) = (Arc::clone(&text), Arc::clone(&asked));
    let handler = move |headers: axum::http::HeaderMap| {
        let text = served.lock().unwrap().clone();
        let count = Arc::clone(&count);
        async move {
            let tag = format!("\"{}\"", text.len());
            if headers.get("if-none-match").is_some_and(|known| known == tag.as_str()) {
                return (axum::http::StatusCode::NOT_MODIFIED, [("etag", tag)], String::new());
            }
            count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            (axum::http::StatusCode::OK, [("etag", tag)], text)
        }
    };
    let router = axum::Router::new().route("/secret-part.ics", axum::routing::get(handler));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/secret-part.ics", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let at = |hours: i64| shop.app.now() + chrono::TimeDelta::hours(hours);
    let stamp = |hours: i64| at(hours).format("%Y%m%dT%H0000Z").to_string();
    let lines = [format!("DTSTART:{}", stamp(30)), format!("DTEND:{}", stamp(31))];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    *text.lock().unwrap() = event("own", &lines);
    let body = json!({"provider": "ics", "url": url});
    let made = shop.server.post("/api/v1/calendar-accounts", &shop.technician, &body).await;
    let account = made.expect(201);
    assert!(!made.text.contains("secret-part"), "{}", made.text);
    assert_eq!(account["calendars"][0]["writable"], false);
    dav::work(&shop.app, shop.app.db()).await;
    let absences = shop.server.get("/api/v1/absences", &shop.technician).await.expect(200);
    assert_eq!(absences["items"].as_array().unwrap().len(), 1);
    let id = account["calendars"][0]["id"].as_str().unwrap();
    let sync = async || {
        let path = format!("/api/v1/calendars/{id}:sync");
        shop.server.post(&path, &shop.technician, &json!({})).await.expect(200);
        dav::work(&shop.app, shop.app.db()).await;
        shop.server.get(&format!("/api/v1/calendars/{id}"), &shop.technician).await.expect(200)
    };
    let before = asked.load(std::sync::atomic::Ordering::SeqCst);
    assert_eq!(sync().await["status"], "ok");
    assert_eq!(asked.load(std::sync::atomic::Ordering::SeqCst), before);
    // A login page instead of a calendar: what was known stays, and the calendar says why.
    *text.lock().unwrap() = "<html>please log in</html>".to_owned();
    let calendar = sync().await;
    assert!(calendar["error"].as_str().unwrap().contains("no iCalendar"), "{calendar}");
    assert_eq!(calendar["status"], "failing", "{calendar}");
    let absences = shop.server.get("/api/v1/absences", &shop.technician).await.expect(200);
    assert_eq!(absences["items"].as_array().unwrap().len(), 1);
    let revision = calendar["revision"].as_i64().unwrap();
    let uses = json!({"revision": revision, "blocks": true, "receives": true});
    let refused =
        shop.server.put(&format!("/api/v1/calendars/{id}"), &shop.technician, &uses).await;
    assert_eq!(refused.fault_fields(), ["receives"]);
}

#[tokio::test]
async fn a_business_calendar_receives_the_visits_of_everybody_and_blocks_nobody() {
    for dav in servers() {
        let shop = shop().await;
        let collection = dav.collection().await;
        let body = json!({"provider": "caldav", "url": collection.url, "login": dav.login,
            "password": dav.password});
        let path = "/api/v1/calendar-accounts";
        let account = shop.server.post(path, &shop.owner, &body).await.expect(201);
        assert_eq!(account["technician_id"], Value::Null);
        assert_eq!(account["calendars"][0]["blocks"], false);
        shop.book(48).await;
        dav::work(&shop.app, shop.app.db()).await;
        assert_eq!(collection.items().await.len(), 1);
        let calendars = shop.server.get("/api/v1/calendars", &shop.technician).await.expect(200);
        assert_eq!(calendars["items"], json!([]));
    }
}

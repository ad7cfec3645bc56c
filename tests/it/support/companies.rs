//! Companies with one of everything, set up over HTTP as their owner.
#![expect(clippy::panic, reason = "a test may panic")]

use std::collections::BTreeMap;

use chrono::{Datelike as _, Days, NaiveDate, Weekday};
use roundsman::app::App;
use serde_json::{Value, json};

use crate::support::apps::{Login, TestApp, found};
use crate::support::calendars::stored;
use crate::support::http::{Credential, Server};
use crate::support::work::work;

/// A company of which every noun exists once.
pub(crate) struct Company {
    /// The owner's session.
    pub(crate) owner: Credential,
    /// A dispatcher's session.
    pub(crate) dispatcher: Credential,
    /// The session of the technician below.
    pub(crate) technician: Credential,
    /// The record of each noun as it was answered, by its plural.
    pub(crate) records: BTreeMap<&'static str, Value>,
}

/// The nouns in the order in which they can be made.
pub(crate) const NOUNS: [&str; 12] = [
    "locations",
    "skills",
    "zones",
    "equipment",
    "technicians",
    "teams",
    "services",
    "packages",
    "customers",
    "sites",
    "jobs",
    "absences",
];

/// A place in the demo region.
pub(crate) fn place() -> Value {
    json!({
        "lat": 64.1466, "lon": -21.9426,
        "address": {
            "street": "Laugavegur", "house_number": "1", "postcode": "101", "city": "Reykjavík"
        }
    })
}

/// A body that creates a noun; `id` tells the ids of those made before.
pub(crate) fn sample(noun: &str, id: impl Fn(&str) -> String) -> Value {
    match noun {
        "locations" => json!({
            "name": "Reykjavík", "time_zone": "Atlantic/Reykjavik", "place": place()
        }),
        "skills" => json!({ "name": "Drone" }),
        "zones" => json!({
            "name": "Town", "shape": { "kind": "radius", "centre": place(), "metres": 50_000 }
        }),
        "equipment" => json!({
            "name": "Crane", "pools": [{ "location_id": id("locations"), "units": 2 }]
        }),
        "technicians" => json!({
            "name": "Ása Þórsdóttir", "location_id": id("locations"), "home": place(),
            "start": "home", "end": "home", "skills": [{ "skill_id": id("skills"), "level": 5 }],
            "zones": [{ "zone_id": id("zones"), "level": "primary" }],
            "working_hours": { "weekly": [{
                "days": ["Mon", "Tue", "Wed", "Thu", "Fri"], "from": "08:00", "until": "17:00"
            }] }
        }),
        "teams" => json!({ "name": "North", "technician_ids": [id("technicians")] }),
        "services" => json!({
            "name": "Photos", "public": true, "duration_min": 60,
            "skills": [{ "skill_id": id("skills"), "level_min": 2 }],
            "slots": { "step_min": 60 }, "customer_may_choose": true
        }),
        "packages" => json!({
            "name": "Photos alone", "public": true, "service_ids": [id("services")]
        }),
        "customers" => json!({ "name": "Jón Jónsson", "email": "jon@example.is" }),
        "sites" => json!({
            "customer_id": id("customers"), "name": "Summer house", "place": place()
        }),
        "jobs" => json!({
            "location_id": id("locations"), "customer_id": id("customers"),
            "site_id": id("sites"), "service_ids": [id("services")], "title": "Photos of a house"
        }),
        "absences" => json!({
            "technician_id": id("technicians"), "start": "2027-08-02T08:00:00Z",
            "end": "2027-08-06T18:00:00Z", "kind": "time_off"
        }),
        other => panic!("no sample of {other}"),
    }
}

impl Company {
    /// Founds one and makes one of everything.
    pub(crate) async fn set_up(server: &Server, app: &TestApp, slug: &str) -> Self {
        let owner_login = found(app, slug).await;
        let owner = log_in(server, &owner_login).await;
        let mut records: BTreeMap<&'static str, Value> = BTreeMap::new();
        for noun in NOUNS {
            let body = sample(noun, |other| text(&records[other]["id"]));
            let answer = server.post(&format!("/api/v1/{noun}"), &owner, &body).await;
            records.insert(noun, answer.expect(201));
        }
        let technician_id = text(&records["technicians"]["id"]);
        let dispatcher = join(server, &owner, slug, ("dispatcher", None)).await;
        let technician = join(server, &owner, slug, ("technician", Some(technician_id))).await;
        Self { owner, dispatcher, technician, records }
    }

    /// Makes what has an id but is no noun of the catalogue; ids by their names in addresses.
    pub(crate) async fn book_something(
        &self,
        server: &Server,
        app: &TestApp,
    ) -> BTreeMap<String, String> {
        let mut ids = BTreeMap::new();
        let members = server.get("/api/v1/members", &self.owner).await.expect(200);
        ids.insert("member_id".to_owned(), text(&members["items"][0]["id"]));
        let body = json!({ "name": "Shop", "scopes": ["slots:read"] });
        let key = server.post("/api/v1/api-keys", &self.owner, &body).await.expect(201);
        ids.insert("api_key_id".to_owned(), text(&key["id"]));
        let slot = |hour: &str| {
            json!({
                "service_ids": [self.id("services")], "place": place(),
                "start": format!("{}T{hour}:00:00Z", workday(app))
            })
        };
        let hold = server.post("/api/v1/holds", &self.owner, &slot("09")).await.expect(201);
        ids.insert("hold_id".to_owned(), text(&hold["id"]));
        let body = json!({ "slot": slot("12") });
        let booking = server.post("/api/v1/bookings", &self.owner, &body).await.expect(201);
        ids.insert("booking_id".to_owned(), text(&booking["id"]));
        ids.insert("visit_id".to_owned(), text(&booking["visit_id"]));
        let notes = format!("/api/v1/visits/{}/notes", text(&booking["visit_id"]));
        // The first bytes of a JPEG picture.
        let note = json!({ "text": "Behind the shed", "photo": "/9j/4AAQ" });
        let note = server.post(&notes, &self.owner, &note).await.expect(201);
        ids.insert("note_id".to_owned(), text(&note["id"]));
        let organization = server.get("/api/v1/organization", &self.owner).await.expect(200);
        let organization = text(&organization["id"]);
        ids.extend(stored(app, &organization, &text(&booking["visit_id"])).await);
        let upload = server.request(reqwest::Method::POST, "/api/v1/uploads", &self.owner);
        let upload = server.send(upload.body("%PDF-1.7")).await.expect(201);
        ids.insert("upload_id".to_owned(), text(&upload["id"]));
        let entry = json!({
            "location_id": self.id("locations"), "service_ids": [self.id("services")],
            "place": place(), "from": workday(app), "until": workday(app),
            "customer": { "name": "Ari", "email": "ari@example.is" }
        });
        let entry = server.post("/api/v1/waitlist-entries", &self.owner, &entry).await.expect(201);
        ids.insert("waitlist_entry_id".to_owned(), text(&entry["id"]));
        let date = workday(app);
        let body = json!({
            "location_ids": [self.id("locations")], "from": date, "until": date, "time_s": 1,
            "steps": 10
        });
        let run = server.post("/api/v1/plans:optimize", &self.owner, &body).await.expect(201);
        ids.insert("optimization_id".to_owned(), text(&run["id"]));
        work(app, app.db()).await;
        let path = format!("/api/v1/optimizations/{}", text(&run["id"]));
        let run = server.get(&path, &self.owner).await.expect(200);
        ids.insert("proposal_id".to_owned(), text(&run["proposal_id"]));
        let body = json!({ "name": "Shop", "url": "https://shop.example/hook" });
        let webhook = server.post("/api/v1/webhooks", &self.owner, &body).await.expect(201);
        let webhook_id = text(&webhook["id"]);
        let path = format!("/api/v1/webhooks/{webhook_id}:test");
        let delivery = server.post(&path, &self.owner, &json!({})).await.expect(200);
        ids.insert("message_id".to_owned(), text(&delivery["id"]));
        ids.insert("webhook_id".to_owned(), webhook_id);
        let body = json!({
            "name": "Short", "kind": "reminder", "channel": "sms", "locale": "en",
            "text": "{title}, {date}"
        });
        let path = "/api/v1/message-templates";
        let template = server.post(path, &self.owner, &body).await.expect(201);
        ids.insert("message_template_id".to_owned(), text(&template["id"]));
        ids
    }

    /// The id behind a name in an address, for instance `technician_id`.
    pub(crate) fn id_by_name(&self, name: &str) -> String {
        let one = name.trim_end_matches("_id");
        let noun = NOUNS.iter().find(|noun| noun.trim_end_matches('s') == one || **noun == one);
        self.id(noun.unwrap_or_else(|| panic!("no noun for {name}")))
    }

    /// The id of its one of a noun.
    pub(crate) fn id(&self, noun: &str) -> String {
        text(&self.records[noun]["id"])
    }
}

/// Makes a member with a password and logs it in.
async fn join(
    server: &Server,
    owner: &Credential,
    slug: &str,
    (role, technician_id): (&str, Option<String>),
) -> Credential {
    let login = Login::new(&format!("{role}@{slug}.example"));
    let body = json!({
        "name": role, "email": login.email, "role": role, "technician_id": technician_id,
        "password": login.password
    });
    server.post("/api/v1/members", owner, &body).await.expect(201);
    log_in(server, &login).await
}

/// The session of a login.
pub(crate) async fn log_in(server: &Server, login: &Login) -> Credential {
    let body = json!({ "email": login.email, "password": login.password });
    let answer = server.post("/api/v1/session", &Credential::none(), &body).await;
    answer.expect(200);
    Credential::cookie(answer.header("set-cookie").split(';').next().unwrap())
}

/// A Monday at least a week from now.
pub(crate) fn workday(app: &App) -> NaiveDate {
    let soon = app.now().date_naive() + Days::new(7);
    let mut dates = (0..7).map(|day| soon + Days::new(day));
    dates.find(|date| date.weekday() == Weekday::Mon).unwrap()
}

/// A body that an operation on a thing takes.
pub(crate) fn body_for(path: &str) -> Value {
    match path.rsplit_once(':').map(|(_, verb)| verb) {
        Some("reschedule" | "move" | "offer") => json!({ "start": "2027-03-01T09:00:00Z" }),
        Some("consent") => json!({ "channel": "email", "granted": false }),
        Some("progress") => json!({ "step": "en_route" }),
        Some("prioritize") => json!({ "priority": 50 }),
        Some("give-up") => json!({ "obstacle": "no_access" }),
        Some("acknowledge") => json!({ "date": "2027-03-01", "plan_version": 1 }),
        None if path.ends_with("/notes") => json!({ "text": "Behind the shed" }),
        Some("lock") => json!({ "lock": "time" }),
        Some("set-password") => json!({ "password": "correct horse battery" }),
        _ => json!({}),
    }
}

/// A JSON text as text.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

//! Who gets in: every operation of the OpenAPI document is tried without a credential, with one
//! that may do too little, and with the ids of another organization.

use reqwest::Method;
use roundsman::app::permissions::Operation;
use roundsman::domain::members::Role;
use serde_json::{Value, json};

use crate::support::apps::{Login, apps, found};
use crate::support::companies::{Company, body_for, log_in, place, text};
use crate::support::http::{Answer, Credential, Server};

/// Operations that anyone may call; everything else demands a credential.
const OPEN: [&str; 18] = [
    "get /api/openapi.json",
    "get /docs",
    "get /docs/style.css",
    "get /docs/{area}/{name}",
    "get /feeds/{token}",
    "get /healthz",
    "get /metrics",
    "get /readyz",
    "get /callbacks/whatsapp",
    "get /opt-out/{token}",
    "get /outbox",
    "post /callbacks/sms",
    "post /callbacks/whatsapp",
    "post /opt-out/{token}",
    "post /api/v1/calendar-pushes/google",
    "post /api/v1/calendar-pushes/microsoft",
    "post /api/v1/session",
    "*/api/v1/public/",
];

/// Names in braces stand for things of one company, or for nothing.
const NOBODY: &str = "0192f0c1-2345-7000-8000-0000000000ff";

/// One operation of the document.
struct Found {
    method: Method,
    path: String,
    about: Value,
}

impl Found {
    fn name(&self) -> String {
        format!("{} {}", self.method.as_str().to_lowercase(), self.path)
    }

    fn is_open(&self) -> bool {
        OPEN.contains(&self.name().as_str()) || self.path.starts_with("/api/v1/public/")
    }

    /// The row of the table of permissions.
    fn right(&self) -> Option<Operation> {
        let word = self.about["x-right"].as_str()?;
        Some(*Operation::ALL.iter().find(|operation| operation.word() == word).unwrap())
    }

    /// The path with every name in braces filled in.
    fn filled(&self, fill: impl Fn(&str) -> String) -> String {
        let mut parts = self.path.split('{');
        let mut path = parts.next().unwrap().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}').unwrap();
            path.push_str(&fill(name));
            path.push_str(rest);
        }
        path
    }

    async fn send(&self, server: &Server, path: &str, who: &Credential, body: &Value) -> Answer {
        let request = server.request(self.method.clone(), path, who);
        let request = if self.method == Method::GET { request } else { request.json(body) };
        server.send(request).await
    }
}

async fn operations(server: &Server) -> Vec<Found> {
    let document = server.get("/api/openapi.json", &Credential::none()).await.expect(200);
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, about) in item.as_object().unwrap() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            found.push(Found { method, path: path.clone(), about: about.clone() });
        }
    }
    assert!(found.len() > 50, "only {} operations", found.len());
    found
}

fn nobody(name: &str) -> String {
    if name == "date" { "2027-03-01".to_owned() } else { NOBODY.to_owned() }
}

#[tokio::test]
async fn every_operation_that_is_not_open_demands_a_credential() {
    for app in apps().await {
        let server = Server::start(&app).await;
        for operation in operations(&server).await {
            let name = operation.name();
            assert_eq!(operation.about.get("security").is_none(), operation.is_open(), "{name}");
            if operation.is_open() {
                continue;
            }
            let path = operation.filled(nobody);
            for who in [
                Credential::none(),
                Credential::key("rk_nobody_has_this"),
                Credential::cookie("roundsman_session=nobody-has-this"),
                Credential::none().with("authorization", "Basic YTpi"),
            ] {
                let answer = operation.send(&server, &path, &who, &json!({})).await;
                assert_eq!(answer.status, 401, "{name}: {}", answer.text);
                assert_eq!(answer.header("www-authenticate"), "Bearer", "{name}");
                assert_eq!(answer.json()["type"], "/docs#unauthenticated", "{name}");
            }
        }
    }
}

#[tokio::test]
async fn every_operation_asks_the_table_of_permissions() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let roles = [
            (Role::Owner, &company.owner),
            (Role::Dispatcher, &company.dispatcher),
            (Role::Technician, &company.technician),
        ];
        let body = json!({ "name": "Bare", "scopes": ["slots:read"] });
        let key = server.post("/api/v1/api-keys", &company.owner, &body).await.expect(201);
        let key = Credential::key(&text(&key["secret"]));
        for operation in operations(&server).await {
            let Some(right) = operation.right() else { continue };
            if operation.is_open() {
                continue;
            }
            let (name, path) = (operation.name(), operation.filled(nobody));
            if operation.path == "/api/v1/events" {
                continue; // A stream has no end; its own test is in http_events.rs.
            }
            for (role, who) in roles {
                let answer = operation.send(&server, &path, who, &json!({})).await;
                let may = right.grant().role.is_some_and(|least| role <= least);
                assert_eq!(answer.status != 403, may, "{name} as {role:?}: {}", answer.text);
                assert_ne!(answer.status, 401, "{name} as {role:?}");
                assert!(!answer.status.is_server_error(), "{name} as {role:?}: {}", answer.text);
            }
            let answer = operation.send(&server, &path, &key, &json!({})).await;
            let may = right.grant().scope == Some("slots:read");
            assert_eq!(answer.status != 403, may, "{name} with a key: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn nothing_of_another_organization_can_be_seen_or_touched() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let ours = Company::set_up(&server, &app, "alpha").await;
        let theirs = Company::set_up(&server, &app, "beta").await;
        let more = theirs.book_something(&server, &app).await;
        let (mut tried, mut wrong) = (0, Vec::new());
        for operation in operations(&server).await {
            if operation.is_open() || !operation.path.contains("_id}") {
                continue;
            }
            let path = operation.filled(|name| match name {
                "date" => "2027-03-01".to_owned(),
                name => more.get(name).cloned().unwrap_or_else(|| theirs.id_by_name(name)),
            });
            let path = match path.rsplit('/').next() {
                Some("day") => format!("{path}?date=2027-03-01"),
                Some("days") => format!("{path}?from=2027-03-01"),
                _ => path,
            };
            let body = if operation.path.ends_with("/{booking_id}") {
                json!({ "title": "Ours now", "revision": 1 })
            } else if operation.method == Method::PUT {
                server.get(&path, &theirs.owner).await.expect(200)
            } else {
                body_for(&operation.path)
            };
            let name = operation.name();
            let answer = operation.send(&server, &path, &ours.owner, &body).await;
            if answer.status != 404 {
                wrong.push(format!("{name}: {} {}", answer.status, answer.text));
            }
            tried += 1;
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(tried >= 45, "only {tried} operations with an id");
        // Their things are all still there, unchanged.
        for (noun, record) in &theirs.records {
            let path = format!("/api/v1/{noun}/{}", theirs.id(noun));
            assert_eq!(&server.get(&path, &theirs.owner).await.expect(200), record, "{noun}");
            let list = server.get(&format!("/api/v1/{noun}?limit=500"), &ours.owner).await;
            assert!(!list.text.contains(&theirs.id(noun)), "{noun}");
        }
    }
}

#[tokio::test]
async fn ids_of_another_organization_in_a_body_do_not_exist() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let ours = Company::set_up(&server, &app, "alpha").await;
        let theirs = Company::set_up(&server, &app, "beta").await;
        for noun in ["technicians", "teams", "packages", "sites", "jobs", "absences", "equipment"] {
            let body = crate::support::companies::sample(noun, |other| theirs.id(other));
            let answer = server.post(&format!("/api/v1/{noun}"), &ours.owner, &body).await;
            answer.expect(422);
            assert!(!answer.fault_fields().is_empty(), "{noun}");
        }
        let plan = format!("/api/v1/plans/2027-03-01?location_id={}", theirs.id("locations"));
        server.get(&plan, &ours.owner).await.expect(404);
        let more = theirs.book_something(&server, &app).await;
        let wish = json!({ "visit_id": more["visit_id"], "start": "2027-03-01T09:00:00Z" });
        server.post("/api/v1/plans:check", &ours.owner, &wish).await.expect(404);
        let query = json!({
            "service_ids": [theirs.id("services")], "place": place(), "from": "2027-03-01",
            "until": "2027-03-02"
        });
        for path in ["/api/v1/slots:search", "/api/v1/slots:explain"] {
            let answer = server.post(path, &ours.owner, &query).await;
            assert!([404, 422].contains(&answer.status.as_u16()), "{path}: {}", answer.text);
        }
        let body = json!({ "hold_id": more["hold_id"] });
        server.post("/api/v1/bookings", &ours.owner, &body).await.expect(404);
        let mut slot = query;
        slot["start"] = json!("2027-03-01T09:00:00Z");
        let slot = slot.as_object_mut().unwrap();
        slot.remove("from");
        slot.remove("until");
        for (path, body) in
            [("/api/v1/holds", json!(slot)), ("/api/v1/bookings", json!({ "slot": slot }))]
        {
            let answer = server.post(path, &ours.owner, &body).await;
            assert!([404, 422].contains(&answer.status.as_u16()), "{path}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn a_session_can_be_had_used_and_given_back() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let login = found(&app, "alpha").await;
        let body = json!({ "email": login.email.to_uppercase(), "password": login.password });
        let answer = server.post("/api/v1/session", &Credential::none(), &body).await;
        answer.expect(200);
        let cookie = answer.header("set-cookie").to_owned();
        for part in ["roundsman_session=", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert!(!cookie.contains("Secure"), "{cookie}");
        let who = Credential::cookie(cookie.split(';').next().unwrap());
        let me = server.get("/api/v1/me", &who).await.expect(200);
        assert_eq!(me["role"], "owner");
        assert_eq!(me["organization"]["slug"], "alpha");
        let ended = server.delete("/api/v1/session", &who).await;
        ended.expect(204);
        assert!(ended.header("set-cookie").contains("Max-Age=0"));
        server.get("/api/v1/me", &who).await.expect(401);
    }
}

#[tokio::test]
async fn a_cookie_alone_changes_nothing() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let login = found(&app, "alpha").await;
        let body = json!({ "email": login.email, "password": login.password });
        let answer = server.post("/api/v1/session", &Credential::none(), &body).await;
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        let bare = Credential::none().with("cookie", &cookie);
        server.get("/api/v1/skills", &bare).await.expect(200);
        let skill = json!({ "name": "Ladders" });
        let refused = server.post("/api/v1/skills", &bare, &skill).await.expect(403);
        assert_eq!(refused["type"], "/docs#cross-site");
        let foreign = bare.clone().with("origin", "https://evil.example");
        server.post("/api/v1/skills", &foreign, &skill).await.expect(403);
        let own = bare.with("origin", &server.base);
        server.post("/api/v1/skills", &own, &skill).await.expect(201);
    }
}

#[tokio::test]
async fn wrong_logins_tell_nothing_and_are_throttled() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let login = found(&app, "alpha").await;
        let attempt = |email: &str, password: &str| {
            let body = json!({ "email": email, "password": password });
            let server = &server;
            async move { server.post("/api/v1/session", &Credential::none(), &body).await }
        };
        let wrong = attempt(&login.email, "not the password").await;
        let unknown = attempt("nobody@alpha.example", "not the password").await;
        let (mut one, mut other) = (wrong.expect(401), unknown.expect(401));
        one["instance"] = Value::Null;
        other["instance"] = Value::Null;
        assert_eq!(one, other);
        let mut refused = None;
        for _ in 0..40 {
            let answer = attempt(&login.email, "guess").await;
            if answer.status == 429 {
                refused = Some(answer);
                break;
            }
        }
        let refused = refused.expect("forty wrong guesses must be too many");
        assert!(refused.header("retry-after").parse::<u32>().unwrap() > 0);
        assert_eq!(refused.json()["type"], "/docs#rate-limited");
    }
}

#[tokio::test]
async fn a_key_does_what_its_scopes_say_until_it_is_revoked() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let owner = log_in(&server, &found(&app, "alpha").await).await;
        let body = json!({ "name": "Shop", "scopes": ["catalogue:read"] });
        let made = server.post("/api/v1/api-keys", &owner, &body).await.expect(201);
        let secret = text(&made["secret"]);
        assert!(secret.starts_with("rk_"), "{secret}");
        let key = Credential::key(&secret);
        server.get("/api/v1/skills", &key).await.expect(200);
        server.post("/api/v1/skills", &key, &json!({ "name": "A" })).await.expect(403);
        let me = server.get("/api/v1/me", &key).await.expect(200);
        assert_eq!(me["scopes"], json!(["catalogue:read"]));
        let list = server.get("/api/v1/api-keys", &owner).await;
        list.expect(200);
        assert!(!list.text.contains(&secret));
        let path = format!("/api/v1/api-keys/{}", text(&made["id"]));
        server.delete(&path, &owner).await.expect(204);
        server.get("/api/v1/skills", &key).await.expect(401);
        let wrong = json!({ "name": "Shop", "scopes": ["everything"] });
        let answer = server.post("/api/v1/api-keys", &owner, &wrong).await;
        answer.expect(422);
        assert!(answer.fault_fields()[0].starts_with("scopes"));
    }
}

#[tokio::test]
async fn a_login_of_one_company_is_nothing_in_another() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let ours = log_in(&server, &found(&app, "alpha").await).await;
        let theirs: Login = found(&app, "beta").await;
        let theirs = log_in(&server, &theirs).await;
        let body = json!({ "name": "Secret" });
        let made = server.post("/api/v1/skills", &theirs, &body).await.expect(201);
        let path = format!("/api/v1/skills/{}", text(&made["id"]));
        server.get(&path, &ours).await.expect(404);
        server.get(&path, &theirs).await.expect(200);
    }
}

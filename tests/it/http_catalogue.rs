//! `/api/v1/{noun}` for every noun of the catalogue: create, read, list, replace, delete, and what
//! is refused.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::apps::apps;
use crate::support::companies::{Company, NOUNS, place, text};
use crate::support::http::{Credential, Server};

#[tokio::test]
async fn every_noun_can_be_made_read_listed_changed_and_deleted() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let who = &company.dispatcher;
        for noun in NOUNS {
            let made = &company.records[noun];
            let (id, path) = (company.id(noun), format!("/api/v1/{noun}/{}", company.id(noun)));
            assert_eq!(made["revision"], 1, "{noun}");
            let read = server.get(&path, who).await;
            assert_eq!(&read.expect(200), made, "{noun}");
            assert_eq!(read.header("etag"), "\"1\"", "{noun}");
            let list = server.get(&format!("/api/v1/{noun}?limit=500"), who).await.expect(200);
            let ids: Vec<_> = list["items"].as_array().unwrap().iter().map(|r| &r["id"]).collect();
            assert!(ids.contains(&&json!(id)), "{noun}: {list}");
            // What was read can be sent back as it is; it is a change all the same.
            let changed = server.put(&path, who, made).await;
            assert_eq!(changed.expect(200)["revision"], 2, "{noun}");
            assert_eq!(changed.header("etag"), "\"2\"", "{noun}");
            let stale = server.put(&path, who, made).await.expect(409);
            assert_eq!(stale["type"], "/docs#stale", "{noun}");
            assert_eq!(stale["actual_revision"], 2, "{noun}");
        }
        for noun in NOUNS.iter().rev() {
            if *noun == "technicians" || *noun == "locations" || *noun == "skills" {
                continue; // A member is this technician, and the technician needs the others.
            }
            let path = format!("/api/v1/{noun}/{}", company.id(noun));
            if *noun != "zones" && *noun != "equipment" {
                let stale = server.delete(&path, &who.clone().with("if-match", "\"1\"")).await;
                assert_eq!(stale.expect(409)["type"], "/docs#stale", "{noun}");
                let current = who.clone().with("if-match", "\"2\"");
                server.delete(&path, &current).await.expect(204);
                server.get(&path, who).await.expect(404);
                server.delete(&path, who).await.expect(404);
            }
        }
        // The technician covers the zone.
        let zone = format!("/api/v1/zones/{}", company.id("zones"));
        let refused = server.delete(&zone, who).await.expect(409);
        assert_eq!(refused["type"], "/docs#conflict");
        let detail = refused["detail"].as_str().unwrap();
        assert_eq!(detail, "the zone is still in use by technician Ása Þórsdóttir");
        let location = format!("/api/v1/locations/{}", company.id("locations"));
        let refused = server.delete(&location, who).await.expect(409);
        assert!(refused["detail"].as_str().unwrap().contains("technicians"), "{refused}");
        let nothing = server.get("/api/v1/zones/abc", who).await.expect(404);
        assert!(nothing["detail"].as_str().unwrap().contains("`abc`"), "{nothing}");
        assert!(!nothing["detail"].as_str().unwrap().contains("thing abc"), "{nothing}");
    }
}

#[tokio::test]
async fn a_create_answers_with_the_address_of_what_it_made() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let made =
            server.post("/api/v1/skills", &company.owner, &json!({ "name": "Ladders" })).await;
        let id = text(&made.expect(201)["id"]);
        assert_eq!(made.header("location"), format!("/api/v1/skills/{id}"));
        server.get(made.header("location"), &company.owner).await.expect(200);
        let taken =
            server.post("/api/v1/skills", &company.owner, &json!({ "name": "ladders" })).await;
        assert_eq!(taken.expect(409)["type"], "/docs#conflict");
    }
}

#[tokio::test]
async fn every_fault_of_an_input_is_told_at_once_with_its_path() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let who = &company.dispatcher;
        let body = json!({
            "name": "", "colour": "red", "duration_min": "an hour",
            "slots": { "step_min": 5, "horizon": { "days": 3, "count": "lunar" } }
        });
        let answer = server.post("/api/v1/services", who, &body).await;
        answer.expect(422);
        let mut fields = answer.fault_fields();
        fields.sort();
        assert_eq!(fields, ["colour", "duration_min", "name", "slots.horizon.count"]);
        // Once the shape is right, references are looked up, too.
        let nobody = "0192f0c1-2345-7000-8000-000000000001";
        let body = json!({
            "name": "", "duration_min": 0, "slots": { "step_min": 0 },
            "skills": [{ "skill_id": nobody }]
        });
        let answer = server.post("/api/v1/services", who, &body).await;
        answer.expect(422);
        let mut fields = answer.fault_fields();
        fields.sort();
        assert_eq!(fields, ["duration_min", "name", "skills[0].skill_id", "slots.step_min"]);
        let without = json!({ "name": "Two" });
        let path = format!("/api/v1/skills/{}", company.id("skills"));
        let answer = server.put(&path, who, &without).await;
        answer.expect(422);
        assert_eq!(answer.fault_fields(), ["revision"]);
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused_with_line_and_column() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let raw = |body: &'static str, media: &str| {
            let request = server.request(Method::POST, "/api/v1/skills", &company.owner);
            server.send(request.header("content-type", media).body(body))
        };
        let broken = raw("{\"name\":\n  \"a\",, }", "application/json").await.expect(400);
        assert!(text(&broken["detail"]).contains("line 2, column 7"), "{broken}");
        assert_eq!(raw("name=a", "text/plain").await.expect(415)["type"], "/docs#not-json");
        assert_eq!(raw("[1]", "application/json").await.expect(422)["faults"][0]["field"], "body");
        let large = format!("{{\"name\":\"{}\"}}", "a".repeat(9_000_000));
        let request = server.request(Method::POST, "/api/v1/skills", &company.owner);
        let request = request.header("content-type", "application/json").body(large);
        assert_eq!(server.send(request).await.expect(413)["type"], "/docs#too-large");
    }
}

#[tokio::test]
async fn lists_come_in_pages_that_neither_repeat_nor_skip() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let who = &company.dispatcher;
        let names = ["Öflugur", "Ágúst", "Bára", "Þór", "Zoë", "ása"];
        for name in names {
            server.post("/api/v1/customers", who, &json!({ "name": name })).await.expect(201);
        }
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/api/v1/customers?limit=3&sort=-created_at&cursor={cursor}");
            let page = server.get(&path, who).await.expect(200);
            let items = page["items"].as_array().unwrap();
            assert!((1..=3).contains(&items.len()));
            seen.extend(items.iter().map(|record| text(&record["id"])));
            let Value::String(next) = &page["next_cursor"] else { break };
            cursor.clone_from(next);
        }
        assert_eq!(seen.len(), 7);
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 7);
        // In any case and without accents.
        for name in ["Sævar Þórðarson", "Ægir"] {
            let body = json!({ "name": name });
            server.post("/api/v1/customers", who, &body).await.expect(201);
        }
        for (typed, name) in [("saevar", 0), ("Thordar", 0), ("sævar", 0), ("aegir", 1)] {
            let path = format!("/api/v1/customers?q={typed}");
            let found = server.get(&path, who).await.expect(200);
            let expected = ["Sævar Þórðarson", "Ægir"][name];
            assert_eq!(found["items"][0]["name"], expected, "{typed}");
            assert_eq!(found["items"].as_array().unwrap().len(), 1, "{typed}");
        }
        let found = server.get("/api/v1/customers?q=AGUST", who).await.expect(200);
        assert_eq!(found["items"][0]["name"], "Ágúst");
        assert_eq!(found["items"].as_array().unwrap().len(), 1);
        let none = format!("/api/v1/sites?customer_id={}", company.id("locations"));
        assert_eq!(server.get(&none, who).await.expect(200)["items"], json!([]));
        let own = format!("/api/v1/sites?customer_id={}", company.id("customers"));
        let own = server.get(&own, who).await.expect(200);
        assert_eq!(own["items"][0]["id"], company.records["sites"]["id"]);
        let wrong = "/api/v1/customers?limit=0&sort=colour&page=2";
        let answer = server.get(wrong, who).await;
        answer.expect(422);
        assert_eq!(answer.fault_fields(), ["limit", "sort", "page"]);
        let foreign = server.get("/api/v1/customers?cursor=abc", who).await;
        assert_eq!(foreign.status.as_u16() / 100, 4, "{}", foreign.text);
    }
}

#[tokio::test]
async fn a_repeated_create_happens_once_and_answers_the_same() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let keyed = |key: &str| company.dispatcher.clone().with("idempotency-key", key);
        let body = json!({ "name": "Once", "note": "a" });
        let first = server.post("/api/v1/customers", &keyed("k1"), &body).await;
        let again = server.post("/api/v1/customers", &keyed("k1"), &body).await;
        assert_eq!(first.expect(201), again.expect(201));
        assert_eq!(first.header("location"), again.header("location"));
        assert_eq!(first.header("etag"), again.header("etag"));
        let other = json!({ "name": "Twice" });
        let reused = server.post("/api/v1/customers", &keyed("k1"), &other).await.expect(422);
        assert_eq!(reused["type"], "/docs#idempotency-key-reused");
        // Another credential may use the same words for a key of its own.
        let own = company.owner.clone().with("idempotency-key", "k1");
        let second = server.post("/api/v1/customers", &own, &other).await.expect(201);
        assert_ne!(second["id"], first.json()["id"]);
        // A refusal is an answer, too.
        let wrong = json!({ "name": "" });
        let refused = server.post("/api/v1/customers", &keyed("k2"), &wrong).await;
        let refused_again = server.post("/api/v1/customers", &keyed("k2"), &wrong).await;
        assert_eq!(refused.expect(422), refused_again.expect(422));
        let found = server.get("/api/v1/customers?q=once", &company.dispatcher).await.expect(200);
        assert_eq!(found["items"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn of_equal_creates_at_once_only_one_happens() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let who = company.dispatcher.clone().with("idempotency-key", "race");
        let body = json!({ "name": "Race" });
        let requests = (0..20).map(|_| server.post("/api/v1/customers", &who, &body));
        let answers = futures_util::future::join_all(requests).await;
        let made: Vec<&_> = answers.iter().filter(|answer| answer.status == 201).collect();
        assert!(!made.is_empty());
        for answer in &answers {
            if answer.status == 201 {
                assert_eq!(answer.json(), made[0].json());
            } else {
                assert_eq!(answer.expect(409)["type"], "/docs#in-progress");
                assert_eq!(answer.header("retry-after"), "1");
            }
        }
        let found = server.get("/api/v1/customers?q=race", &company.dispatcher).await.expect(200);
        assert_eq!(found["items"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_technician_sees_only_its_own_things() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let other = json!({ "name": "Other", "location_id": company.id("locations") });
        let other = server.post("/api/v1/technicians", &company.owner, &other).await.expect(201);
        let who = &company.technician;
        let seen = server.get("/api/v1/technicians", who).await.expect(200);
        assert_eq!(seen["items"].as_array().unwrap().len(), 1);
        assert_eq!(seen["items"][0]["id"], json!(company.id("technicians")));
        let path = format!("/api/v1/technicians/{}", text(&other["id"]));
        server.get(&path, who).await.expect(404);
        server.get("/api/v1/customers", who).await.expect(403);
        let body = json!({ "name": "X", "place": place(), "time_zone": "UTC" });
        server.post("/api/v1/locations", who, &body).await.expect(403);
        server.get("/api/v1/customers", &Credential::none()).await.expect(401);
    }
}

#[tokio::test]
async fn texts_that_no_database_wants_are_refused_everywhere() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let who = &company.dispatcher;
        let strange = json!({ "name": "Ása\u{0}", "email": "a\u{0}@b.example" });
        let refused = server.post("/api/v1/customers", who, &strange).await.expect(422);
        let words = refused.to_string();
        assert!(words.contains("U+0000") && words.contains("\"name\""), "{words}");
        let login = json!({ "organization": "alpha", "email": "a\u{0}", "password": "\u{0}" });
        server.post("/api/v1/session", &Credential::none(), &login).await.expect(422);
        for path in ["/api/v1/bookings?q=%00", "/api/v1/audit?actor=%00", "/api/v1/customers?q=%01"]
        {
            server.get(path, &company.owner).await.expect(422);
        }
        let long = json!({ "name": "Ása", "note": "long ".repeat(1000) });
        let refused = server.post("/api/v1/customers", who, &long).await.expect(422);
        assert!(refused.to_string().contains("at most 4000 characters, has 5000"), "{refused}");
        let lines = json!({ "name": "Ása", "note": "two\nlines\tand a tab" });
        server.post("/api/v1/customers", who, &lines).await.expect(201);
    }
}

#[tokio::test]
async fn hours_that_hold_no_time_are_refused_and_midnight_has_two_names() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let mut anna = company.records["technicians"].clone();
        let hours = |from: &str, until: &str| json!({ "weekly": [{ "days": ["Mon"], "from": from, "until": until }] });
        let path = format!("/api/v1/technicians/{}", company.id("technicians"));
        for (from, until) in [("17:00", "09:00"), ("00:00", "00:00")] {
            anna["working_hours"] = hours(from, until);
            let refused = server.put(&path, &company.dispatcher, &anna).await.expect(422);
            assert!(refused.to_string().contains("later than from"), "{refused}");
        }
        anna["working_hours"] = hours("17:00", "24:00");
        let kept = server.put(&path, &company.dispatcher, &anna).await.expect(200);
        assert_eq!(kept["working_hours"]["weekly"][0]["until"], "23:59");
    }
}

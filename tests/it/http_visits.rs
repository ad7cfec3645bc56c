//! `/api/v1/visits`, `/plans` and `/technicians/{id}/day`: from a visit in nobody's day to a
//! finished one.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roundsman::clock::{Clock, TestClock};
use serde_json::{Value, json};

use crate::support::apps::{app_over, apps};
use crate::support::companies::{Company, place, text, workday};
use crate::support::company::{march, monday};
use crate::support::databases::databases;
use crate::support::http::Server;

fn request(company: &Company) -> Value {
    json!({ "service_ids": [company.id("services")], "place": place(), "title": "Photos" })
}

#[tokio::test]
async fn a_visit_is_made_checked_placed_locked_moved_and_taken_out() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let (who, date) = (&company.dispatcher, workday(&app));
        let made = server.post("/api/v1/visits", who, &request(&company)).await;
        let visit = made.expect(201);
        assert_eq!(visit["status"], "unassigned");
        let (id, path) = (text(&visit["id"]), made.header("location").to_owned());
        let plan_path = format!("/api/v1/plans/{date}?location_id={}", company.id("locations"));
        let plan = server.get(&plan_path, who).await.expect(200);
        assert_eq!(plan["unassigned"][0]["id"], id);

        let start = format!("{date}T10:00:00Z");
        let wish = json!({ "visit_id": id, "start": start });
        let checked = server.post("/api/v1/plans:check", who, &wish).await.expect(200);
        assert_eq!(checked["feasible"], true, "{checked}");
        let night = json!({ "visit_id": id, "start": format!("{date}T03:00:00Z") });
        let checked = server.post("/api/v1/plans:check", who, &night).await.expect(200);
        assert_eq!(checked["feasible"], false);
        assert!(!checked["violations"].as_array().unwrap().is_empty(), "{checked}");

        let seen = json!({ "start": start, "plan_version": plan["plan_version"] });
        let moved = server.post(&format!("{path}:move"), who, &seen).await.expect(200);
        assert_eq!(moved["status"], "planned");
        assert_eq!(moved["assignments"][0]["technician_id"], company.id("technicians"));
        let other = server.post("/api/v1/visits", who, &request(&company)).await;
        let stale = json!({
            "start": format!("{date}T14:00:00Z"), "plan_version": plan["plan_version"]
        });
        let refused = server.post(&format!("{}:move", other.header("location")), who, &stale).await;
        let refused = refused.expect(409);
        assert_eq!(refused["type"], "/docs#stale");
        assert_eq!(refused["visits"], json!([id]));
        let locked =
            server.post(&format!("{path}:lock"), who, &json!({ "lock": "both" })).await.expect(200);
        assert_eq!(locked["lock"], "both");
        // Nothing is promised, so that without the lock the visit would make room.
        let clash = json!({ "start": start });
        let refused = server.post(&format!("{}:move", other.header("location")), who, &clash).await;
        assert_eq!(refused.expect(409)["type"], "/docs#slot-taken");

        let wrong = server.post(&format!("{path}:lock"), who, &json!({ "lock": "door" })).await;
        wrong.expect(422);
        assert_eq!(wrong.fault_fields(), ["lock"]);
        server.post(&format!("{path}:lock"), who, &json!({ "lock": "none" })).await.expect(200);
        let out = server.post(&format!("{path}:unassign"), who, &json!({})).await.expect(200);
        assert_eq!(out["status"], "unassigned");
        assert_eq!(server.get(&path, who).await.expect(200)["assignments"], json!([]));
        server.get("/api/v1/plans/someday?location_id=7", who).await.expect(422);
    }
}

#[tokio::test]
async fn a_technician_sees_the_own_day_and_reports_how_it_goes() {
    for db in databases().await {
        let clock = Arc::new(TestClock::at(monday("06:00")));
        let app = app_over(db, Arc::clone(&clock) as Arc<dyn Clock>);
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let (office, technician, date) = (&company.dispatcher, &company.technician, march(1));
        for hour in ["09", "11"] {
            let slot = json!({
                "service_ids": [company.id("services")], "place": place(),
                "start": format!("{date}T{hour}:00:00Z")
            });
            let body = json!({ "slot": slot, "customer": { "name": "Jón", "phone": "555 1234" } });
            server.post("/api/v1/bookings", office, &body).await.expect(201);
        }
        let path = format!("/api/v1/technicians/{}/day?date={date}", company.id("technicians"));
        let day = server.get(&path, technician).await.expect(200);
        let stops = day["shifts"][0]["stops"].as_array().unwrap().clone();
        assert_eq!(stops.len(), 2, "{day}");
        assert_eq!(stops[0]["customer"]["phone"], "555 1234");
        let visit = format!("/api/v1/visits/{}", text(&stops[0]["visit_id"]));
        let report =
            async |body: Value| server.post(&format!("{visit}:progress"), technician, &body).await;
        // The day is still to come: nothing can have happened then.
        let early = report(json!({ "step": "en_route", "at": format!("{date}T08:40:00Z") })).await;
        assert_eq!(early.expect(422)["faults"][0]["field"], "at");
        clock.set(monday("08:40"));
        let on_the_way = report(json!({ "step": "en_route" })).await.expect(200);
        assert_eq!(on_the_way["status"], "en_route");
        report(json!({ "step": "arrived" })).await.expect(200);
        let backwards = report(json!({ "step": "en_route" })).await.expect(409);
        assert_eq!(backwards["type"], "/docs#conflict");
        report(json!({ "step": "started" })).await.expect(200);
        let done = report(json!({ "step": "finished" })).await.expect(200);
        assert_eq!(done["booking"]["status"], "completed", "{done}");
        let lost = report(json!({ "step": "lost" })).await;
        lost.expect(422);
        assert_eq!(lost.fault_fields(), ["step"]);
        let whole = format!("/api/v1/plans/{date}?location_id={}", company.id("locations"));
        server.get(&whole, technician).await.expect(403);
        let missing = format!("/api/v1/technicians/{}/day", company.id("technicians"));
        let missing = server.get(&missing, technician).await;
        missing.expect(422);
        assert_eq!(missing.fault_fields(), ["date"]);
    }
}

#[tokio::test]
async fn a_visit_is_as_urgent_as_its_service_unless_somebody_says_otherwise() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let (who, date) = (&company.dispatcher, workday(&app));
        let path = format!("/api/v1/services/{}", company.id("services"));
        let mut service = server.get(&path, who).await.expect(200);
        service["priority"] = json!(7);
        server.put(&path, who, &service).await.expect(200);
        let made = server.post("/api/v1/visits", who, &request(&company)).await.expect(201);
        assert_eq!(made["priority"], 7);
        let mut urgent = request(&company);
        urgent["priority"] = json!(60);
        let made = server.post("/api/v1/visits", who, &urgent).await.expect(201);
        assert_eq!(made["priority"], 60);
        let verb = format!("/api/v1/visits/{}:prioritize", text(&made["id"]));
        let changed = server.post(&verb, who, &json!({ "priority": 12 })).await.expect(200);
        assert_eq!((&changed["priority"], &changed["revision"]), (&json!(12), &json!(2)));
        let refused = server.post(&verb, who, &json!({ "priority": 101 })).await;
        refused.expect(422);
        assert_eq!(refused.fault_fields(), ["priority"]);
        server.post(&verb, &company.technician, &json!({ "priority": 1 })).await.expect(403);
        // Bookings carry it to their visit, from a hold too; anyone may not say it.
        let slot = |hour: u32| {
            json!({ "service_ids": [company.id("services")], "place": place(),
                    "start": format!("{date}T{hour:02}:00:00Z") })
        };
        let booking = json!({ "slot": slot(10), "customer": { "name": "Jón" }, "priority": 33 });
        let booked = server.post("/api/v1/bookings", who, &booking).await.expect(201);
        assert_eq!(booked["visit"]["priority"], 33);
        let held = server.post("/api/v1/holds", who, &slot(14)).await.expect(201);
        let booking =
            json!({ "hold_id": held["id"], "customer": { "name": "Jón" }, "priority": 34 });
        let booked = server.post("/api/v1/bookings", who, &booking).await.expect(201);
        assert_eq!(booked["visit"]["priority"], 34);
        let plan_path = format!("/api/v1/plans/{date}?location_id={}", company.id("locations"));
        let plan = server.get(&plan_path, who).await.expect(200);
        let stops = &plan["technicians"][0]["shifts"][0]["stops"];
        assert_eq!(stops[0]["priority"], 33, "{stops}");
    }
}

#[tokio::test]
async fn visits_are_listed_by_what_is_asked_and_technicians_see_their_own() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let (who, date) = (&company.dispatcher, workday(&app));
        let mut made = Vec::new();
        for _ in 0..3 {
            let visit = server.post("/api/v1/visits", who, &request(&company)).await.expect(201);
            made.push(text(&visit["id"]));
        }
        let slot = json!({ "slot": { "service_ids": [company.id("services")], "place": place(),
            "start": format!("{date}T10:00:00Z") }, "customer": { "id": company.id("customers") } });
        let booked = server.post("/api/v1/bookings", who, &slot).await.expect(201);
        let booked = text(&booked["visit_id"]);
        let listed = async |query: &str| {
            let answer = server.get(&format!("/api/v1/visits?{query}"), who).await.expect(200);
            let items = answer["items"].as_array().unwrap().clone();
            items.iter().map(|one| text(&one["id"])).collect::<Vec<_>>()
        };
        let mut waiting = listed("status=unassigned&sort=created_at").await;
        waiting.sort();
        made.sort();
        assert_eq!(waiting, made);
        let customer = format!("customer_id={}", company.id("customers"));
        assert_eq!(listed(&customer).await, [booked.as_str()]);
        let span = format!("from={date}T10:00:00Z&until={date}T10:00:01Z");
        assert_eq!(listed(&span).await, [booked.as_str()]);
        assert!(listed(&format!("from={date}T10:00:01Z")).await.is_empty());
        let zone = format!("zone_id={}", company.id("zones"));
        assert_eq!(listed(&zone).await.len(), 4);
        // Pages neither repeat nor skip.
        let (mut all, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/api/v1/visits?limit=3{cursor}");
            let page = server.get(&path, who).await.expect(200);
            all.extend(page["items"].as_array().unwrap().iter().map(|one| text(&one["id"])));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        all.sort();
        made.push(booked.clone());
        made.sort();
        assert_eq!(all, made);
        let own = server.get("/api/v1/visits", &company.technician).await.expect(200);
        assert_eq!(own["items"].as_array().unwrap().len(), 1);
        assert_eq!(own["items"][0]["booking"]["customer_id"], company.id("customers"));
        assert_eq!(own["items"][0]["assignments"][0]["visit_id"], booked);
        // What nobody has booked can be called off once; what is booked ends with its booking.
        let path = format!("/api/v1/visits/{}:cancel", waiting[0]);
        let gone = server.post(&path, who, &json!({})).await.expect(200);
        assert_eq!(gone["status"], "cancelled");
        assert_eq!(server.post(&path, who, &json!({})).await.status, 409);
        assert_eq!(listed("status=unassigned").await.len(), 2);
        let path = format!("/api/v1/visits/{booked}:cancel");
        let refused = server.post(&path, who, &json!({})).await.expect(409);
        assert!(text(&refused["detail"]).contains("booking"), "{refused}");
        let wrong = server.get("/api/v1/visits?sort=size&limit=0", who).await;
        assert_eq!(wrong.status, 422, "{}", wrong.text);
    }
}

#[tokio::test]
async fn a_photo_of_a_phone_is_taken_and_given_back_and_one_byte_too_many_is_refused_in_words() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let ids = company.book_something(&server, &app).await;
        let path = format!("/api/v1/visits/{}/notes", ids["visit_id"]);
        let note = |bytes: usize| {
            let mut picture = vec![0x5A; bytes];
            picture[..4].copy_from_slice(&[0xFF, 0xD8, 0xFF, 0xE0]);
            (json!({ "text": "The roof", "photo": STANDARD.encode(&picture) }), picture)
        };
        // 700,000 bytes at most; phones send up to 650,000.
        for bytes in [146_893, 650_000, 700_000] {
            let (body, picture) = note(bytes);
            let made = server.post(&path, &company.technician, &body).await.expect(201);
            let photo = format!("/api/v1/visit-notes/{}/photo", text(&made["id"]));
            let request = server.request(reqwest::Method::GET, &photo, &company.dispatcher);
            let answer = request.send().await.unwrap();
            assert_eq!(answer.headers()["content-type"], "image/jpeg");
            assert_eq!(answer.bytes().await.unwrap(), picture);
        }
        let refused = server.post(&path, &company.technician, &note(700_002).0).await;
        refused.expect(422);
        assert_eq!(refused.fault_fields(), ["photo"]);
        let words = json!({ "text": "a".repeat(20_001) });
        let refused = server.post(&path, &company.technician, &words).await;
        assert_eq!(refused.fault_fields(), ["text"]);
    }
}

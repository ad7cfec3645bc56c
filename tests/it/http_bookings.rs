//! `/api/v1/slots:search`, `/holds`, `/bookings` and their public twins, as a client uses them.

use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::support::apps::apps;
use crate::support::companies::{Company, place, text, workday};
use crate::support::http::{Credential, Server};

/// A question about slots on one date.
fn query(company: &Company, date: NaiveDate) -> Value {
    json!({
        "service_ids": [company.id("services")], "place": place(), "from": date, "until": date
    })
}

/// The choice of the slot at `start`.
fn choice(company: &Company, start: &Value) -> Value {
    json!({ "service_ids": [company.id("services")], "place": place(), "start": start })
}

async fn starts(server: &Server, company: &Company, date: NaiveDate) -> Vec<Value> {
    let query = query(company, date);
    let answer = server.post("/api/v1/slots:search", &company.dispatcher, &query).await;
    let answer = answer.expect(200);
    let slots = answer["days"][0]["slots"].as_array().unwrap();
    slots.iter().map(|slot| slot["start"].clone()).collect()
}

#[tokio::test]
async fn a_slot_is_found_held_renewed_booked_moved_and_called_off() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let (who, date) = (&company.dispatcher, workday(&app));
        // 8 to 17 on a grid of an hour, half an hour free after a visit of an hour: 8:00 to 15:00
        // start in time.
        let free = starts(&server, &company, date).await;
        assert!(free.len() >= 8, "{free:?}");
        let start = &free[2];

        let held = server.post("/api/v1/holds", who, &choice(&company, start)).await;
        let hold = held.expect(201);
        assert_eq!(hold["technician_ids"], json!([company.id("technicians")]));
        assert!(!starts(&server, &company, date).await.contains(start));
        let path = held.header("location").to_owned();
        assert_eq!(server.get(&path, who).await.expect(200)["id"], hold["id"]);
        let renewed = server.post(&format!("{path}:renew"), who, &json!({})).await.expect(200);
        assert!(text(&renewed["expires_at"]) >= text(&hold["expires_at"]));

        let body = json!({
            "hold_id": hold["id"], "customer": { "id": company.id("customers") },
            "title": "Photos for Jón", "source": "phone"
        });
        let made = server.post("/api/v1/bookings", who, &body).await;
        let booking = made.expect(201);
        assert_eq!(booking["status"], "scheduled");
        assert_eq!(booking["window"]["from"], *start);
        assert_eq!(booking["assignments"][0]["technician_id"], company.id("technicians"));
        let gone = server.get(&path, who).await.expect(409);
        assert_eq!(gone["type"], "/docs#hold-booked");
        assert_eq!(gone["booking_id"], booking["id"]);

        let path = made.header("location").to_owned();
        let confirm = server.post(&format!("{path}:confirm"), who, &json!({})).await.expect(200);
        assert_eq!(confirm["status"], "confirmed");
        let seen = json!({ "revision": booking["revision"], "start": free[4] });
        let stale = server.post(&format!("{path}:reschedule"), who, &seen).await.expect(409);
        assert_eq!(stale["type"], "/docs#stale");
        let change = json!({ "start": free[5] });
        let moved = server.post(&format!("{path}:reschedule"), who, &change).await.expect(200);
        assert_eq!(moved["window"]["from"], free[5]);
        assert!(starts(&server, &company, date).await.contains(start));

        let reason = json!({ "reason": "The house is sold" });
        let gone = server.post(&format!("{path}:cancel"), who, &reason).await.expect(200);
        assert_eq!(gone["status"], "cancelled");
        let again = server.post(&format!("{path}:cancel"), who, &reason).await.expect(409);
        assert_eq!(again["type"], "/docs#conflict");
        assert_eq!(starts(&server, &company, date).await, free);

        let audit = format!("/api/v1/audit?noun_id={}", text(&booking["id"]));
        let audit = server.get(&audit, who).await.expect(200);
        let actions: Vec<_> =
            audit["items"].as_array().unwrap().iter().map(|entry| text(&entry["action"])).collect();
        let expected =
            ["bookings.cancel", "bookings.reschedule", "bookings.confirm", "bookings.create"];
        assert_eq!(actions, expected);
    }
}

#[tokio::test]
async fn a_lost_slot_is_answered_with_the_nearest_alternatives() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let (who, date) = (&company.dispatcher, workday(&app));
        let free = starts(&server, &company, date).await;
        let body = json!({ "slot": choice(&company, &free[3]) });
        server.post("/api/v1/bookings", who, &body).await.expect(201);
        let lost = server.post("/api/v1/bookings", who, &body).await.expect(409);
        assert_eq!(lost["type"], "/docs#slot-taken");
        let alternatives = lost["alternatives"].as_array().unwrap();
        assert_eq!(alternatives.len(), 3, "{lost}");
        for alternative in alternatives {
            let body = json!({ "slot": choice(&company, &alternative["start"]) });
            // Each was free on its own; booking one may cost another.
            let answer = server.post("/api/v1/bookings", who, &body).await;
            assert!([201, 409].contains(&answer.status.as_u16()), "{}", answer.text);
        }
        let held = server.post("/api/v1/holds", who, &choice(&company, &free[3])).await;
        assert_eq!(held.expect(409)["type"], "/docs#slot-taken");
    }
}

#[tokio::test]
async fn bookings_are_found_by_words_status_time_and_people() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let (who, date) = (&company.dispatcher, workday(&app));
        let free = starts(&server, &company, date).await;
        for (start, title) in [(&free[0], "Ævintýri"), (&free[3], "Zürich"), (&free[6], "Übung")]
        {
            let body = json!({
                "slot": choice(&company, start), "title": title,
                "customer": { "id": company.id("customers") }
            });
            server.post("/api/v1/bookings", who, &body).await.expect(201);
        }
        let found = async |query: String| {
            let path = format!("/api/v1/bookings?{query}");
            let page = server.get(&path, who).await.expect(200);
            let items = page["items"].as_array().unwrap().clone();
            items.iter().map(|booking| text(&booking["title"])).collect::<Vec<_>>()
        };
        assert_eq!(found(String::new()).await, ["Ævintýri", "Zürich", "Übung"]);
        assert_eq!(found("q=ZURICH".to_owned()).await, ["Zürich"]);
        assert_eq!(found("q=j%C3%B3nsson".to_owned()).await.len(), 3);
        assert_eq!(found("when=past".to_owned()).await, [""; 0]);
        assert_eq!(found("when=upcoming&sort=-window&limit=1".to_owned()).await, ["Übung"]);
        assert_eq!(found("status=cancelled,no_show".to_owned()).await, [""; 0]);
        let at = text(&free[3]);
        assert_eq!(found(format!("from={at}&until={}", text(&free[6]))).await, ["Zürich"]);
        let technician = company.id("technicians");
        assert_eq!(found(format!("technician_id={technician}")).await.len(), 3);
        let zone = company.id("zones");
        assert_eq!(found(format!("zone_id={zone}")).await.len(), 3);
        let wrong = server.get("/api/v1/bookings?status=gone&colour=red", who).await;
        wrong.expect(422);
        assert_eq!(wrong.fault_fields(), ["status", "colour"]);
    }
}

#[tokio::test]
async fn anyone_may_look_hold_and_book_what_is_published_and_nothing_else() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let private = json!({ "name": "Inspection", "duration_min": 30 });
        let private = server.post("/api/v1/services", &company.owner, &private).await.expect(201);
        let (anyone, root) = (Credential::none(), "/api/v1/public/alpha");
        let services = server.get(&format!("{root}/services"), &anyone).await.expect(200);
        let services = services["items"].as_array().unwrap();
        assert_eq!(services.len(), 1);
        assert_eq!(services[0]["id"], json!(company.id("services")));
        assert_eq!(services[0]["skills"], json!([]));
        server.get("/api/v1/public/nobody/services", &anyone).await.expect(404);

        let date = workday(&app);
        let asked = query(&company, date);
        let answer =
            server.post(&format!("{root}/slots:search"), &anyone, &asked).await.expect(200);
        let start = &answer["days"][0]["slots"][1]["start"];
        let secret = json!({
            "service_ids": [private["id"]], "place": place(), "from": date, "until": date
        });
        let refused = server.post(&format!("{root}/slots:search"), &anyone, &secret).await;
        assert!([404, 422].contains(&refused.status.as_u16()), "{}", refused.text);

        let held = server.post(&format!("{root}/holds"), &anyone, &choice(&company, start)).await;
        let hold = held.expect(201);
        let path = held.header("location").to_owned();
        assert!(path.starts_with(root), "{path}");
        server.post(&format!("{path}:renew"), &anyone, &json!({})).await.expect(200);
        let nameless = json!({ "hold_id": hold["id"] });
        server.post(&format!("{root}/bookings"), &anyone, &nameless).await.expect(422);
        let body = json!({
            "hold_id": hold["id"], "customer": { "name": "Guðrún", "email": "g@example.is" }
        });
        let booking = server.post(&format!("{root}/bookings"), &anyone, &body).await.expect(201);
        assert_eq!(booking["window"]["from"], *start);
        let fields: Vec<&String> = booking.as_object().unwrap().keys().collect();
        let shown =
            ["code", "description", "id", "location_id", "place", "status", "title", "window"];
        assert_eq!(fields, shown);
        let known = json!({
            "slot": choice(&company, start), "customer": { "id": company.id("customers") }
        });
        server.post(&format!("{root}/bookings"), &anyone, &known).await.expect(422);
        server.get("/api/v1/bookings", &anyone).await.expect(401);
    }
}

#[tokio::test]
async fn public_requests_are_limited_per_address() {
    for app in apps().await {
        let settings = roundsman::api::Settings {
            public_requests_per_minute: 5,
            is_trusted_proxy: std::sync::Arc::new(|address| address.is_loopback()),
            ..roundsman::api::Settings::default()
        };
        let server = Server::start_with(&app, settings).await;
        Company::set_up(&server, &app, "alpha").await;
        let from = |address: &str| Credential::none().with("x-forwarded-for", address);
        let path = "/api/v1/public/alpha/services";
        for _ in 0..5 {
            server.get(path, &from("203.0.113.1")).await.expect(200);
        }
        let refused = server.get(path, &from("203.0.113.1")).await;
        assert_eq!(refused.expect(429)["type"], "/docs#rate-limited");
        assert!(refused.header("retry-after").parse::<u32>().unwrap() >= 1);
        server.get(path, &from("203.0.113.2")).await.expect(200);
    }
}

#[tokio::test]
async fn of_a_hundred_clients_at_once_as_many_get_the_slot_as_technicians_are_free() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let (who, date) = (&company.dispatcher, workday(&app));
        let mut twin = company.records["technicians"].clone();
        for field in ["id", "revision", "created_at", "updated_at"] {
            twin.as_object_mut().unwrap().remove(field);
        }
        for name in ["Bára", "Davíð"] {
            twin["name"] = json!(name);
            server.post("/api/v1/technicians", who, &twin).await.expect(201);
        }
        let free = starts(&server, &company, date).await;
        let body = json!({ "slot": choice(&company, &free[3]) });
        let requests = (0..100).map(|_| server.post("/api/v1/bookings", who, &body));
        let answers = futures_util::future::join_all(requests).await;
        let made = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(made, 3);
        for refused in answers.iter().filter(|answer| answer.status != 201) {
            let problem = refused.expect(409);
            assert_eq!(problem["type"], "/docs#slot-taken");
            assert!(!problem["alternatives"].as_array().unwrap().is_empty());
        }
        let list = server.get("/api/v1/bookings?limit=500", who).await.expect(200);
        let bookings = list["items"].as_array().unwrap();
        assert_eq!(bookings.len(), 3);
    }
}

#[tokio::test]
async fn whatever_is_created_twice_with_one_key_is_there_once() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let free = starts(&server, &company, workday(&app)).await;
        let member = json!({ "name": "Eva", "email": "eva@alpha.example", "role": "dispatcher" });
        let visit = json!({ "service_ids": [company.id("services")], "place": place() });
        let (own, public) = ("/api/v1", "/api/v1/public/alpha");
        let cases = [
            (format!("{own}/holds"), choice(&company, &free[0])),
            (format!("{own}/bookings"), json!({ "slot": choice(&company, &free[2]) })),
            (format!("{own}/visits"), visit),
            (format!("{own}/members"), member),
            (format!("{public}/holds"), choice(&company, &free[4])),
            (
                format!("{public}/bookings"),
                json!({
                    "slot": choice(&company, &free[6]),
                    "customer": { "name": "Jón", "email": "jon@example.is" }
                }),
            ),
        ];
        for (number, (path, body)) in cases.into_iter().enumerate() {
            let who =
                if path.starts_with(public) { Credential::none() } else { company.owner.clone() };
            let who = who.with("idempotency-key", &format!("key {number}"));
            let first = server.post(&path, &who, &body).await;
            let again = server.post(&path, &who, &body).await;
            assert_eq!(first.expect(201), again.expect(201), "{path}");
            assert_eq!(first.text, again.text);
            for header in ["location", "etag", "content-type"] {
                assert_eq!(first.header(header), again.header(header), "{path} {header}");
            }
        }
        let all = server.get("/api/v1/bookings", &company.owner).await.expect(200);
        assert_eq!(all["items"].as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn customers_choose_among_the_technicians_of_a_service_that_lets_them() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let (anyone, who) = (Credential::none(), &company.dispatcher);
        let path = format!("/api/v1/public/alpha/services/{}/technicians", company.id("services"));
        let plain = |record: &Value| {
            let mut record = record.clone();
            for field in ["id", "created_at", "updated_at"] {
                record.as_object_mut().unwrap().remove(field);
            }
            record
        };
        for (name, skilled, active) in
            [("Bára", true, true), ("Davíð", false, true), ("Egill", true, false)]
        {
            let mut twin = plain(&company.records["technicians"]);
            twin.as_object_mut().unwrap().remove("revision");
            (twin["name"], twin["active"]) = (json!(name), json!(active));
            if !skilled {
                twin["skills"] = json!([]);
            }
            server.post("/api/v1/technicians", who, &twin).await.expect(201);
        }
        let list = server.get(&path, &anyone).await.expect(200);
        let items = list["items"].as_array().unwrap();
        let names: Vec<&str> = items.iter().map(|it| it["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["Bára", "Ása Þórsdóttir"]);
        for item in items {
            let fields: Vec<&String> = item.as_object().unwrap().keys().collect();
            assert_eq!(fields, ["id", "name"]);
        }
        let mut wish = query(&company, workday(&app));
        wish["wishes"] = json!({ "technician_id": items[0]["id"] });
        let path_of_slots = "/api/v1/public/alpha/slots:search";
        let found = server.post(path_of_slots, &anyone, &wish).await.expect(200);
        assert!(!found["days"][0]["slots"].as_array().unwrap().is_empty());

        let at = format!("/api/v1/services/{}", company.id("services"));
        let mut service = plain(&company.records["services"]);
        service["customer_may_choose"] = json!(false);
        let mut service = plain(&server.put(&at, who, &service).await.expect(200));
        assert_eq!(server.get(&path, &anyone).await.expect(200)["items"], json!([]));
        server.post(path_of_slots, &anyone, &wish).await.expect(422);
        service["public"] = json!(false);
        server.put(&at, who, &service).await.expect(200);
        server.get(&path, &anyone).await.expect(404);
    }
}

#[tokio::test]
async fn anyone_sends_little_and_holds_few_slots() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let (anyone, root) = (Credential::none(), "/api/v1/public/alpha");
        let mut free = starts(&server, &company, workday(&app)).await;
        free.extend(starts(&server, &company, workday(&app) + chrono::Days::new(1)).await);
        let path = format!("{root}/bookings");
        // Somebody who cannot be reached books nothing; the office may book for anybody.
        for contact in
            [json!({ "name": "Ada" }), json!({ "name": "Ada", "email": "", "phone": " " })]
        {
            let body = json!({ "slot": choice(&company, &free[0]), "customer": contact });
            let refused = server.post(&path, &anyone, &body).await;
            refused.expect(422);
            for field in ["customer.email", "customer.phone"] {
                assert!(refused.fault_fields().contains(&field.to_owned()), "{}", refused.text);
            }
        }
        let note = "y".repeat(70_000);
        let body = json!({
            "slot": choice(&company, &free[0]), "customer": { "name": "Ada", "note": note }
        });
        for who in [anyone.clone(), anyone.with("idempotency-key", "large")] {
            let refused = server.post(&path, &who, &body).await.expect(413);
            assert_eq!(refused["type"], "/docs#too-large");
        }
        server.post("/api/v1/bookings", &company.dispatcher, &body).await.expect(422);
        let past = json!({
            "service_ids": [company.id("services")], "place": place(),
            "start": "2020-01-01T10:00:00Z"
        });
        let anyone = Credential::none();
        let refused = server.post(&format!("{root}/holds"), &anyone, &past).await;
        refused.expect(422);
        assert_eq!(refused.fault_fields(), ["start"]);
        let (mut made, mut full) = (0, false);
        for start in &free {
            let hold = choice(&company, start);
            let answer = server.post(&format!("{root}/holds"), &anyone, &hold).await;
            made += usize::from(answer.status == 201);
            // Others lie across what is held already.
            full |= made == 5 && answer.json()["type"] == "/docs#conflict";
        }
        assert!(full, "{made} holds");
        assert_eq!(made, 5);
    }
}

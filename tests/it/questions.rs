//! Questions of services: whoever books over the API is asked the same.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::apps::apps;
use crate::support::companies::{Company, place, text, workday};
use crate::support::http::{Credential, Server};

async fn asking(server: &Server, company: &Company) {
    let mut service = company.records["services"].clone();
    service["questions"] = json!([
        { "key": "roof", "label": "Roof?", "kind": "drop_down", "options": ["flat", "steep"],
          "required": true },
        { "key": "asbestos", "label": "Asbestos", "kind": "check_box",
          "disqualifies": { "answers": ["yes"], "message": "We may not touch it." } },
        { "key": "photo", "label": "A photo", "kind": "file" }
    ]);
    let path = format!("/api/v1/services/{}", text(&service["id"]));
    server.put(&path, &company.owner, &service).await.expect(200);
}

fn request(company: &Company, hour: &str, date: chrono::NaiveDate, answers: Value) -> Value {
    json!({
        "slot": {
            "service_ids": [company.id("services")], "place": place(),
            "start": format!("{date}T{hour}:00:00Z")
        },
        "customer": { "name": "Guðrún", "email": "g@example.is" },
        "answers": answers
    })
}

#[tokio::test]
async fn anyone_and_programs_must_answer_and_a_dispatcher_may_leave_it() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        asking(&server, &company).await;
        let date = workday(&app);
        let (anyone, open) = (Credential::none(), "/api/v1/public/alpha/bookings");
        let none = server.post(open, &anyone, &request(&company, "09", date, json!([]))).await;
        none.expect(422);
        assert_eq!(none.fault_fields(), ["answers.roof"]);
        let wrong = json!([
            { "key": "roof", "value": "round" }, { "key": "asbestos", "value": "yes" },
            { "key": "photo", "value": "0192f0c1-2345-7000-8000-0000000000ff" },
            { "key": "height", "value": "9" }
        ]);
        let wrong = server.post(open, &anyone, &request(&company, "09", date, wrong)).await;
        wrong.expect(422);
        let fields = ["answers.roof", "answers.asbestos", "answers.height", "answers.photo"];
        assert_eq!(wrong.fault_fields(), fields);
        let key = json!({ "name": "Shop", "scopes": ["bookings:write"] });
        let key = server.post("/api/v1/api-keys", &company.owner, &key).await.expect(201);
        let key = Credential::key(&text(&key["secret"]));
        let body = request(&company, "09", date, json!([]));
        server.post("/api/v1/bookings", &key, &body).await.expect(422);

        let flat = json!([{ "key": "roof", "value": " flat " }]);
        let made = server.post(open, &anyone, &request(&company, "09", date, flat)).await;
        let id = text(&made.expect(201)["id"]);
        let path = format!("/api/v1/bookings/{id}");
        let booking = server.get(&path, &company.dispatcher).await.expect(200);
        let kept = json!([
            { "key": "roof", "label": "Roof?", "kind": "drop_down", "value": "flat" }
        ]);
        assert_eq!(booking["answers"], kept);
        let later = request(&company, "12", date, json!([]));
        server.post("/api/v1/bookings", &company.dispatcher, &later).await.expect(201);
        let wrong = request(&company, "15", date, json!([{ "key": "roof", "value": "round" }]));
        server.post("/api/v1/bookings", &company.dispatcher, &wrong).await.expect(422);
    }
}

#[tokio::test]
async fn a_file_belongs_to_one_booking_and_is_seen_by_who_does_it() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        asking(&server, &company).await;
        let (date, anyone) = (workday(&app), Credential::none());
        let send = async |bytes: &'static [u8]| {
            let path = "/api/v1/public/alpha/uploads?name=..%2Froof.jpg";
            let request = server.request(Method::POST, path, &anyone);
            let media = "application/octet-stream";
            server.send(request.header("content-type", media).body(bytes)).await
        };
        send(b"<html>").await.expect(422);
        let upload = send(b"\xFF\xD8\xFF picture").await.expect(201);
        assert_eq!(
            (&upload["name"], &upload["media_type"]),
            (&json!("roof.jpg"), &json!("image/jpeg"))
        );
        let answers = json!([
            { "key": "roof", "value": "flat" }, { "key": "photo", "value": upload["id"] }
        ]);
        let path = format!("/api/v1/uploads/{}", text(&upload["id"]));
        // What telephones take is larger than what anyone else may send.
        for (path, who) in
            [("/api/v1/public/alpha/uploads", &anyone), ("/api/v1/uploads", &company.dispatcher)]
        {
            let large = [b"\xFF\xD8\xFF".as_slice(), &vec![0x5A; 300_000]].concat();
            let request = server.request(Method::POST, path, who);
            let large = server.send(request.body(large)).await.expect(201);
            assert_eq!(large["size_bytes"], 300_003);
        }
        // Nobody's booking yet, so no technician's either.
        server.get(&path, &company.technician).await.expect(404);
        server.get(&path, &anyone).await.expect(401);
        let open = "/api/v1/public/alpha/bookings";
        let body = request(&company, "09", date, answers.clone());
        server.post(open, &anyone, &body).await.expect(201);
        assert_eq!(server.get(&path, &company.technician).await.status, 200);
        // Whoever does it reads the answers with the day.
        let day = format!("/api/v1/technicians/{}/day?date={date}", company.id("technicians"));
        let day = server.get(&day, &company.technician).await.expect(200);
        let stop = &day["shifts"][0]["stops"][0];
        let told = stop["answers"].as_array().unwrap().iter();
        let told: Vec<_> = told.map(|one| [&one["label"], &one["value"]]).collect();
        assert_eq!(told[0], [&json!("Roof?"), &json!("flat")]);
        assert_eq!(told[1], [&json!("A photo"), &upload["id"]]);
        let again = server.post(open, &anyone, &request(&company, "12", date, answers)).await;
        again.expect(422);
        assert_eq!(again.fault_fields(), ["answers.photo"]);
        // Somebody else's technician sees nothing of it.
        let beta = Company::set_up(&server, &app, "beta").await;
        server.get(&path, &beta.owner).await.expect(404);
    }
}

#[tokio::test]
async fn questions_of_a_service_are_checked_when_it_is_saved() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let mut service = company.records["services"].clone();
        service["questions"] = json!([
            { "key": "A b", "label": "", "kind": "choice", "options": ["one"] },
            { "key": "b", "label": "B", "kind": "text", "options": ["one", "two"],
              "only_if": { "key": "c", "answers": ["x"] } }
        ]);
        let path = format!("/api/v1/services/{}", text(&service["id"]));
        let refused = server.put(&path, &company.owner, &service).await;
        refused.expect(422);
        let fields = [
            "questions[0].key",
            "questions[0].label",
            "questions[0].options",
            "questions[1].options",
            "questions[1].only_if.key",
        ];
        assert_eq!(refused.fault_fields(), fields);
    }
}

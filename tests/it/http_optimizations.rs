//! Runs of the optimizer and their proposals over HTTP.

use serde_json::json;

use crate::support::apps::apps;
use crate::support::companies::{Company, place, text, workday};
use crate::support::http::Server;
use crate::support::work::work;

#[tokio::test]
async fn a_day_is_optimized_followed_applied_and_taken_back() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let (who, date) = (&company.dispatcher, workday(&app));
        let visit = json!({ "service_ids": [company.id("services")], "place": place() });
        let visit = server.post("/api/v1/visits", who, &visit).await.expect(201);
        let request = json!({
            "location_ids": [company.id("locations")], "from": date, "until": date, "steps": 200,
            "time_s": 5, "weights": { "drive_per_hour": 40 }
        });
        let once = who.clone().with("idempotency-key", "one");
        let queued = server.post("/api/v1/plans:optimize", &once, &request).await;
        let run = queued.expect(201);
        assert_eq!(run["status"], "queued");
        let path = queued.header("location").to_owned();
        assert_eq!(path, format!("/api/v1/optimizations/{}", text(&run["id"])));
        let again = server.post("/api/v1/plans:optimize", &once, &request).await.expect(201);
        assert_eq!(again["id"], run["id"]);
        work(&app, app.db()).await;
        // The run is over, so that its stream ends by itself.
        let lines = server.get(&format!("{path}/progress"), who).await;
        assert_eq!(lines.header("content-type"), "text/event-stream");
        assert!(lines.text.contains("event: end"), "{}", lines.text);
        let run = server.get(&path, who).await.expect(200);
        assert_eq!(run["status"], "finished", "{run}");
        let list = server.get("/api/v1/optimizations?limit=1", who).await.expect(200);
        assert_eq!(list["items"][0]["id"], run["id"]);

        // What it asked can be looked into with the command line.
        let problem = server.get(&format!("{path}/problem"), who).await.expect(200);
        assert_eq!(problem["format"], "roundsman.problem");
        assert_eq!(problem["visits"][0]["id"], visit["id"], "{problem}");
        assert_eq!(problem["technicians"][0]["id"], company.id("technicians"));
        let elsewhere = format!("{path}/problem?location_id={}", text(&visit["id"]));
        let refused = server.get(&elsewhere, who).await;
        refused.expect(422);
        assert_eq!(refused.fault_fields(), ["location_id"]);

        let path = format!("/api/v1/proposals/{}", text(&run["proposal_id"]));
        let proposal = server.get(&path, who).await.expect(200);
        assert_eq!(proposal["summary"]["assigned_visits"], 1, "{proposal}");
        assert_eq!(proposal["lines"][0]["visit_id"], visit["id"]);
        let applied = server.post(&format!("{path}:apply"), who, &json!({})).await.expect(200);
        assert_eq!(applied["status"], "applied");
        let planned = format!("/api/v1/visits/{}", text(&visit["id"]));
        let planned = server.get(&planned, who).await.expect(200);
        assert_eq!(planned["planned_start"], proposal["lines"][0]["after"]["start"]);
        let undone = server.post(&format!("{path}:undo"), who, &json!({})).await.expect(200);
        assert_eq!(undone["status"], "undone");
        let over = server.post(&format!("{path}:reject"), who, &json!({})).await.expect(409);
        assert_eq!(over["detail"], "the proposal is undone");
        let open = server.get("/api/v1/proposals?status=open", who).await.expect(200);
        assert_eq!(open["items"], json!([]));
        let audit = server.get("/api/v1/audit?noun=proposals", &company.owner).await.expect(200);
        let actions: Vec<_> = audit["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["action"].clone())
            .collect();
        assert_eq!(actions, [json!("proposals.undo"), json!("proposals.apply")]);
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_run_a_repair_or_an_application_is_said_in_full() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let who = &company.dispatcher;
        let body = json!({ "location_ids": [], "from": "2027-03-02", "until": "2027-03-01" });
        let refused = server.post("/api/v1/plans:optimize", who, &body).await;
        refused.expect(422);
        assert_eq!(refused.fault_fields(), ["location_ids", "until"]);
        let body = json!({
            "location_ids": [company.id("locations")], "from": "2027-03-01",
            "until": "2027-03-01", "weights": { "luck": 1 }
        });
        let refused = server.post("/api/v1/plans:optimize", who, &body).await;
        refused.expect(422);
        assert_eq!(refused.fault_fields(), ["weights.luck"]);
        let body = json!({ "location_id": company.id("locations"), "kind": "flood" });
        let refused = server.post("/api/v1/plans:repair", who, &body).await;
        refused.expect(422);
        assert_eq!(refused.fault_fields(), ["kind"]);
        let body = json!({
            "location_id": company.id("locations"), "kind": "overrun",
            "visit_id": "0192f0c1-2345-7000-8000-0000000000ff"
        });
        server.post("/api/v1/plans:repair", who, &body).await.expect(404);
        let score = format!(
            "/api/v1/plans/{}/score?location_id={}",
            workday(&app),
            company.id("locations")
        );
        let score = server.get(&score, who).await.expect(200);
        assert_eq!((&score["cost_milli"], &score["rules"]), (&json!(0), &json!([])));
    }
}

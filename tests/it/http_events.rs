//! `/api/v1/events`: news of a plan, as it happens and after a break.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::support::apps::apps;
use crate::support::companies::{Company, workday};
use crate::support::http::{Credential, Server};

/// Reads a stream until it holds `count` events of a kind; its text.
async fn read(response: &mut reqwest::Response, kind: &str, count: usize) -> String {
    let mut text = String::new();
    let line = format!("event: {kind}\n");
    let enough = async {
        while text.matches(&line).count() < count {
            let chunk = response.chunk().await.unwrap().expect("the stream ended too early");
            text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    };
    tokio::time::timeout(Duration::from_secs(20), enough).await.expect("no such event came");
    text
}

/// The last id in the text of a stream.
fn last_id(text: &str) -> String {
    text.lines().filter_map(|line| line.strip_prefix("id: ")).next_back().unwrap().to_owned()
}

#[tokio::test]
async fn a_stream_tells_what_happens_and_goes_on_after_a_break() {
    for app in apps().await {
        let mut server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let (who, location) = (&company.dispatcher, company.id("locations"));
        let path = format!("/api/v1/events?location_id={location}");
        let open = async |who: &Credential| {
            let response = server.request(Method::GET, &path, who).send().await.unwrap();
            assert_eq!(response.status(), 200);
            assert_eq!(response.headers()["content-type"], "text/event-stream");
            response
        };
        let mut stream = open(who).await;
        let ready = read(&mut stream, "ready", 1).await;
        let before = last_id(&ready);
        let start = format!("{}T10:00:00Z", workday(&app));
        let slot = json!({
            "service_ids": [company.id("services")], "place": crate::support::companies::place(),
            "start": start
        });
        let hold = server.post("/api/v1/holds", who, &slot).await.expect(201);
        let text = read(&mut stream, "hold.created", 1).await;
        assert!(text.contains(hold["id"].as_str().unwrap()), "{text}");
        let seen = last_id(&text);
        drop(stream);

        let path_of_hold = format!("/api/v1/holds/{}", hold["id"].as_str().unwrap());
        server.delete(&path_of_hold, who).await.expect(204);
        let mut again = open(&who.clone().with("last-event-id", &seen)).await;
        let text = read(&mut again, "hold.released", 1).await;
        assert!(!text.contains("hold.created"), "{text}");
        let mut both = open(&who.clone().with("last-event-id", &before)).await;
        let text = read(&mut both, "hold.released", 1).await;
        assert!(text.contains("hold.created"), "{text}");
        let mut unknown = open(&who.clone().with("last-event-id", "999999")).await;
        read(&mut unknown, "reset", 1).await;

        let wrong = who.clone().with("last-event-id", "yesterday");
        server.get(&path, &wrong).await.expect(422);
        let nowhere = format!("/api/v1/events?location_id={}", company.id("skills"));
        server.get(&nowhere, who).await.expect(404);
        server.get(&path, &company.technician).await.expect(403);

        // Streams end when the server stops, so that it can.
        server.begin_stop();
        let ended = async { while again.chunk().await.unwrap().is_some() {} };
        tokio::time::timeout(Duration::from_secs(10), ended).await.expect("the stream must end");
        let stopped = tokio::time::timeout(Duration::from_secs(10), server.stop()).await;
        stopped.expect("the server must stop").unwrap();
    }
}

#[tokio::test]
async fn who_has_logged_out_hears_no_more() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let (who, location) = (&company.dispatcher, company.id("locations"));
        let path = format!("/api/v1/events?location_id={location}");
        let mut stream = server.request(Method::GET, &path, who).send().await.unwrap();
        assert_eq!(stream.status(), 200);
        read(&mut stream, "ready", 1).await;
        server.delete("/api/v1/session", who).await.expect(204);
        // Somebody else holds a slot, which the stream would tell at once.
        let start = format!("{}T10:00:00Z", workday(&app));
        let slot = json!({
            "service_ids": [company.id("services")], "place": crate::support::companies::place(),
            "start": start
        });
        server.post("/api/v1/holds", &company.owner, &slot).await.expect(201);
        let rest = async {
            let mut text = String::new();
            while let Some(chunk) = stream.chunk().await.unwrap() {
                text.push_str(std::str::from_utf8(&chunk).unwrap());
            }
            text
        };
        let rest = tokio::time::timeout(Duration::from_secs(15), rest).await;
        let rest = rest.expect("the stream must end");
        assert!(!rest.contains("hold.created"), "{rest}");
    }
}

#[tokio::test]
async fn a_change_between_the_reading_of_a_plan_and_its_stream_is_told() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let (who, location, date) = (&company.dispatcher, company.id("locations"), workday(&app));
        let hold = async |hour: u32| {
            let slot = json!({
                "service_ids": [company.id("services")],
                "place": crate::support::companies::place(), "start": format!("{date}T{hour:02}:00:00Z")
            });
            let hold = server.post("/api/v1/holds", who, &slot).await.expect(201);
            hold["id"].as_str().unwrap().to_owned()
        };
        for (view, hours) in [("", [8, 10]), ("/board", [12, 14])] {
            let before = hold(hours[0]).await;
            let path = format!("/api/v1/plans/{date}{view}?location_id={location}");
            let plan = server.get(&path, who).await.expect(200);
            let between = hold(hours[1]).await;
            let last = plan["last_event_id"].as_i64().unwrap();
            let path = format!("/api/v1/events?location_id={location}&last_event_id={last}");
            let mut stream = server.request(Method::GET, &path, who).send().await.unwrap();
            let text = read(&mut stream, "hold.created", 1).await;
            assert!(text.starts_with("event: ready\n"), "{text}");
            // What was in the plan is not told again; what came later is.
            assert!(text.contains(&between) && !text.contains(&before), "{text}");
        }
    }
}

//! What holds for every address: health, unknown addresses and methods, headers, documentation,
//! the end of the server.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use reqwest::Method;
use roundsman::api::Settings;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::support::apps::{any_app, apps};
use crate::support::companies::{Company, place, workday};
use crate::support::http::{Credential, Server};

#[tokio::test]
async fn healthz_and_readyz_say_that_all_is_well() {
    let server = Server::start(&any_app().await).await;
    let none = Credential::none();
    assert_eq!(server.get("/healthz", &none).await.status, 200);
    let ready = server.get("/readyz", &none).await;
    assert_eq!((ready.status.as_u16(), ready.text.as_str()), (200, "ready\n"));
}

#[tokio::test]
async fn unknown_addresses_and_methods_are_problems() {
    let server = Server::start(&any_app().await).await;
    let none = Credential::none();
    for path in ["/nowhere", "/api/v1/nowhere", "/api/v1/bookings/1:dance", "/api/v1/slots/~search"]
    {
        let answer = server.get(path, &none).await;
        assert_eq!(answer.header("content-type"), "application/problem+json", "{path}");
        let problem = answer.expect(404);
        assert_eq!(problem["status"], 404);
        assert_eq!(problem["type"], "/docs#not-found");
        assert_eq!(problem["instance"], answer.header("x-request-id"));
    }
    let answer = server.delete("/healthz", &none).await;
    assert_eq!(answer.expect(405)["type"], "/docs#method-not-allowed");
    assert!(answer.header("allow").contains("GET"), "{:?}", answer.headers);
}

#[tokio::test]
async fn a_request_keeps_its_id_and_gets_one_if_it_has_none() {
    let server = Server::start(&any_app().await).await;
    let own = Credential::none().with("x-request-id", "order-17.a");
    assert_eq!(server.get("/healthz", &own).await.header("x-request-id"), "order-17.a");
    let strange = Credential::none().with("x-request-id", "a b\"c");
    let made = server.get("/healthz", &strange).await;
    assert!(uuid::Uuid::parse_str(made.header("x-request-id")).is_ok());
}

#[tokio::test]
async fn every_answer_tells_browsers_to_be_careful() {
    let server = Server::start(&any_app().await).await;
    for path in ["/", "/docs", "/api/openapi.json", "/nowhere"] {
        let answer = server.get(path, &Credential::none()).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
    }
}

#[tokio::test]
async fn pages_ask_nothing_of_other_servers_and_run_nothing() {
    let server = Server::start(&any_app().await).await;
    for path in ["/", "/docs"] {
        let page = server.get(path, &Credential::none()).await;
        assert_eq!(page.status, 200);
        for forbidden in ["<script", "style=\"", "src=\"http", "onclick", "@import"] {
            assert!(!page.text.contains(forbidden), "{path} has {forbidden}");
        }
        // Links to elsewhere are for people to follow; nothing is loaded from there.
        let sheets: Vec<&str> = page.text.split("rel=\"stylesheet\" href=\"").skip(1).collect();
        assert_eq!(sheets.len(), 1);
        let sheet = sheets[0].split('"').next().unwrap();
        let style = server.get(sheet, &Credential::none()).await;
        assert_eq!(style.status, 200);
        assert!(style.header("content-type").starts_with("text/css"));
        assert!(!style.text.contains("url("));
    }
}

#[tokio::test]
async fn a_body_is_compressed_for_who_asks() {
    let server = Server::start(&any_app().await).await;
    let who = Credential::none().with("accept-encoding", "gzip");
    let request = server.request(Method::GET, "/api/openapi.json", &who);
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["content-encoding"], "gzip");
}

#[tokio::test]
async fn other_sites_get_in_only_if_the_settings_name_them() {
    let settings =
        Settings { cors_origins: vec!["https://shop.example".to_owned()], ..Settings::default() };
    let server = Server::start_with(&any_app().await, settings).await;
    let preflight = |origin: &str| {
        let who =
            Credential::none().with("origin", origin).with("access-control-request-method", "POST");
        server.request(Method::OPTIONS, "/api/v1/slots:search", &who)
    };
    let friend = server.send(preflight("https://shop.example")).await;
    assert_eq!(friend.status, 204);
    assert_eq!(friend.header("access-control-allow-origin"), "https://shop.example");
    assert_eq!(friend.header("access-control-allow-credentials"), "");
    let stranger = server.send(preflight("https://evil.example")).await;
    assert_eq!(stranger.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn metrics_are_for_this_machine_or_for_who_has_the_token() {
    let render: Arc<dyn Fn() -> String + Send + Sync> = Arc::new(|| "numbers 1\n".to_owned());
    let near = Settings { metrics: Some(Arc::clone(&render)), ..Settings::default() };
    let server = Server::start_with(&any_app().await, near).await;
    let text = server.get("/metrics", &Credential::none()).await.text;
    assert!(text.starts_with("numbers 1\n"), "{text}");

    let through_a_proxy = Credential::none().with("x-forwarded-for", "203.0.113.7");
    assert_eq!(server.get("/metrics", &through_a_proxy).await.status, 404);

    let token = Some("t0ken".to_owned());
    let guarded = Settings { metrics: Some(render), metrics_token: token, ..Settings::default() };
    let server = Server::start_with(&any_app().await, guarded).await;
    assert_eq!(server.get("/metrics", &Credential::none()).await.status, 404);
    assert_eq!(server.get("/metrics", &Credential::key("wrong")).await.status, 404);
    assert_eq!(server.get("/metrics", &Credential::key("t0ken")).await.status, 200);
}

#[tokio::test]
async fn a_stopped_server_finishes_and_takes_no_more() {
    let server = Server::start(&any_app().await).await;
    let base = server.base.clone();
    assert_eq!(server.get("/healthz", &Credential::none()).await.status, 200);
    let stopped = tokio::time::timeout(Duration::from_secs(10), server.stop()).await;
    stopped.expect("must stop within its grace period").unwrap();
    assert!(tokio::net::TcpStream::connect(base.trim_start_matches("http://")).await.is_err());
}

/// Says when the slow page was asked for, and lets it answer.
#[derive(Clone, Default)]
struct Slow {
    asked: Arc<Notify>,
    go_on: Arc<Notify>,
}

impl Slow {
    /// Pages that misbehave: one panics, one waits.
    fn pages(&self) -> Router {
        let slow = self.clone();
        let wait = async move || {
            slow.asked.notify_one();
            slow.go_on.notified().await;
            "done"
        };
        let panic = async || -> &'static str { panic!("the password is 1234") };
        Router::new().route("/slow", get(wait)).route("/broken", get(panic))
    }
}

#[tokio::test]
async fn a_panic_is_answered_with_no_more_than_the_id_of_the_request() {
    let server =
        Server::start_beside(&any_app().await, Settings::default(), Slow::default().pages()).await;
    let answer = server.get("/broken", &Credential::none()).await;
    let problem = answer.expect(500);
    assert_eq!(problem["type"], "/docs#internal");
    assert_eq!(problem["instance"], answer.header("x-request-id"));
    assert!(!answer.text.contains("1234"), "{}", answer.text);
    assert_eq!(server.get("/healthz", &Credential::none()).await.status, 200);
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_answered_all_the_same() {
    let settings = Settings { request_timeout: Duration::from_millis(100), ..Settings::default() };
    let server = Server::start_beside(&any_app().await, settings, Slow::default().pages()).await;
    let answer = server.get("/slow", &Credential::none()).await;
    assert_eq!(answer.expect(503)["type"], "/docs#timed-out");
    assert_eq!(answer.header("retry-after"), "1");
}

#[tokio::test]
async fn a_running_request_is_finished_although_the_server_stops() {
    let (app, slow) = (any_app().await, Slow::default());
    let mut server = Server::start_beside(&app, Settings::default(), slow.pages()).await;
    let request = server.request(Method::GET, "/slow", &Credential::none());
    let running = tokio::spawn(request.send());
    slow.asked.notified().await;
    server.begin_stop();
    let address = server.base.trim_start_matches("http://").to_owned();
    while tokio::net::TcpStream::connect(&address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    slow.go_on.notify_one();
    let response = running.await.unwrap().unwrap();
    assert_eq!(response.text().await.unwrap(), "done");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_waits_no_longer_than_its_grace_period() {
    let (app, slow) = (any_app().await, Slow::default());
    let settings = Settings { shutdown_grace: Duration::from_millis(50), ..Settings::default() };
    let mut server = Server::start_beside(&app, settings, slow.pages()).await;
    let request = server.request(Method::GET, "/slow", &Credential::none());
    let running = tokio::spawn(request.send());
    slow.asked.notified().await;
    server.begin_stop();
    // The request never ends; the usual grace period of half a minute would be too long.
    let stopped = tokio::time::timeout(Duration::from_secs(20), server.stop()).await;
    stopped.expect("must give up").unwrap();
    running.abort();
}

/// Every `$ref` below `value`.
fn references(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(object) => {
            let own = object.get("$ref").and_then(Value::as_str);
            own.into_iter().chain(object.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn the_openapi_document_is_sound() {
    let server = Server::start(&any_app().await).await;
    let document = server.get("/api/openapi.json", &Credential::none()).await.expect(200);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    for reference in references(&document) {
        let path = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(path).is_some(), "{reference} leads nowhere");
    }
    let mut ids = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{method} {path}");
            ids.push(operation["operationId"].as_str().unwrap().to_owned());
            assert!(!operation["summary"].as_str().unwrap().is_empty(), "{name} has no summary");
            let answers = operation["responses"].as_object().unwrap();
            // A browser that comes back from a consent page is sent on.
            assert!(answers.keys().any(|status| status.starts_with(['2', '3'])), "{name}");
            let problems = answers.iter().filter(|(status, _)| *status >= &"400".to_owned());
            let problem = json!({ "$ref": "#/components/schemas/Problem" });
            for (status, answer) in problems.clone() {
                let schema = &answer["content"]["application/problem+json"]["schema"];
                assert_eq!(schema, &problem, "{name} {status}");
            }
            assert!(problems.count() > 0, "{name} never fails");
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            for braced in path.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()) {
                assert!(parameters.iter().any(|p| p["name"] == braced), "{name}: {braced}");
            }
        }
    }
    let table = &document["paths"]["/api/v1/import/sites"]["post"];
    assert!(table["requestBody"]["content"]["text/csv"]["schema"].is_object(), "{table}");
    for status in ["413", "422"] {
        assert!(table["responses"][status].is_object(), "{table}");
    }
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "operation ids are not unique");
}

#[tokio::test]
async fn metrics_tell_how_full_the_queue_is() {
    let render: Arc<dyn Fn() -> String + Send + Sync> = Arc::new(String::new);
    for app in apps().await {
        let settings = Settings { metrics: Some(Arc::clone(&render)), ..Settings::default() };
        let server = Server::start_with(&app, settings).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let slot = json!({
            "service_ids": [company.id("services")], "place": place(),
            "start": format!("{}T09:00:00Z", workday(&app))
        });
        server.post("/api/v1/holds", &company.owner, &slot).await.expect(201);
        let text = server.get("/metrics", &Credential::none()).await.text;
        let lines: Vec<&str> = text.lines().collect();
        let has = |line: &str| assert!(lines.contains(&line), "{line} is not in {text}");
        has("# TYPE queue_tasks gauge");
        has("queue_tasks{kind=\"holds.expire\",state=\"waiting\"} 1");
        has("queue_tasks{kind=\"holds.expire\",state=\"dead\"} 0");
        has("queue_tasks_due{kind=\"holds.expire\"} 0");
    }
}

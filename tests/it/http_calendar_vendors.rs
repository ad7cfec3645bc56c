//! Connecting over HTTP as a browser does, and the calls by which vendors tell of changes.

use std::sync::Arc;

use chrono::NaiveDate;
use reqwest::Method;
use roundsman::app::App;
use roundsman::app::outside::Outside;
use roundsman::clock::SystemClock;
use serde_json::json;

use crate::support::apps::{TestApp, apps};
use crate::support::companies::{Company, text};
use crate::support::http::{Credential, Server};
use crate::support::office::{reaching, work};
use crate::support::vendors::both::{Vendor, consent, query, sync, vendors};
use crate::support::vendors::google::Google;
use crate::support::vendors::graph::Graph;

/// A company on a server that knows both vendors.
struct Site {
    app: TestApp,
    /// The application as its workers see it, with the server's own address.
    worker: App,
    server: Server,
    company: Company,
}

async fn site(app: TestApp, [google, graph]: [&Vendor; 2]) -> Site {
    let base = |vendor: &Vendor| match vendor {
        Vendor::Google(google) => google.base.clone(),
        Vendor::Graph(graph) => graph.base.clone(),
    };
    let clock = Arc::new(SystemClock);
    let sync = sync(Some(&base(google)), Some(&base(graph)), clock);
    let app = app.map(|app| reaching(app.clone(), sync, true));
    let server = Server::start(&app).await;
    let outside = Outside::new(&server.base, &[7; 32]);
    let worker = (*app).clone().with_outside(outside);
    let company = Company::set_up(&server, &app, "alpha").await;
    Site { app, worker, server, company }
}

/// The path and query of where an answer leads.
fn target(address: &str) -> String {
    let url: url::Url = address.parse().unwrap();
    format!("{}?{}", url.path(), url.query().unwrap_or_default())
}

impl Site {
    /// The technician's browser goes to the consent page and back.
    async fn connect(&self, vendor: &Vendor, who: &Credential) -> url::Url {
        let body = json!({"provider": vendor.provider(), "return_to": "/day?tab=calendars"});
        let begun = self.server.post("/api/v1/calendar-accounts:connect", who, &body).await;
        let back = consent(begun.expect(200)["url"].as_str().unwrap()).await;
        let answer = self.server.get(&target(back.as_str()), who).await;
        assert_eq!(answer.status.as_u16(), 303, "{}", answer.text);
        answer.header("location").parse().unwrap()
    }

    async fn absences(&self) -> usize {
        let answer = self.server.get("/api/v1/absences", &self.company.dispatcher).await;
        // The company was set up with one.
        answer.expect(200)["items"].as_array().unwrap().len() - 1
    }
}

#[tokio::test]
async fn a_browser_connects_an_account_and_the_vendor_tells_of_changes() {
    for app in apps().await {
        let both = vendors().await;
        let site = site(app, [&both[0], &both[1]]).await;
        for (vendor, expected) in both.iter().zip([1, 2]) {
            let page = site.connect(vendor, &site.company.technician).await;
            assert_eq!(page.path(), "/day");
            assert_eq!(query(&page, "tab").as_deref(), Some("calendars"));
            assert_eq!(query(&page, "calendar").as_deref(), Some("connected"), "{page}");
            let id = query(&page, "calendar_account").unwrap();
            let path = format!("/api/v1/calendar-accounts/{id}");
            let account = site.server.get(&path, &site.company.technician).await.expect(200);
            assert_eq!(account["login"], vendor.account());
            assert_eq!(account["technician_id"], site.company.id("technicians"));
            assert!(!account.to_string().contains("refresh"), "{account}");
            work(&site.worker, site.app.db()).await;
            let calendars = site.server.get(&path, &site.company.technician).await.expect(200);
            assert_eq!(calendars["calendars"][0]["status"], "ok", "{calendars}");
            told(&site, vendor, expected).await;
        }
    }
}

/// The member puts an event there; the vendor tells, twice; it is read once.
async fn told(site: &Site, vendor: &Vendor, expected: usize) {
    // What the vendor said when the channel was opened.
    let opened = push(vendor, 1).await;
    assert!(opened.iter().all(|status| (200..300).contains(status)), "{opened:?}");
    work(&site.worker, site.app.db()).await;
    let start = site.worker.now().date_naive() + chrono::Days::new(3);
    put(vendor, start);
    let answers = push(vendor, 2).await;
    assert_eq!(answers.len(), 2);
    assert!(answers.iter().all(|status| [202, 204].contains(status)), "{answers:?}");
    let done = work(&site.worker, site.app.db()).await;
    assert_eq!(done.iter().filter(|kind| *kind == "calendars.read").count(), 1, "{done:?}");
    assert_eq!(site.absences().await, expected);
}

async fn push(vendor: &Vendor, times: usize) -> Vec<u16> {
    match vendor {
        Vendor::Google(google) => google.push(times).await,
        Vendor::Graph(graph) => graph.push(times).await,
    }
}

fn put(vendor: &Vendor, date: NaiveDate) {
    let (start, end) = (format!("{date}T12:00:00"), format!("{date}T13:00:00"));
    match vendor {
        Vendor::Google(google) => {
            let body = json!({"summary": "Dentist", "start": {"dateTime": format!("{start}Z")},
                "end": {"dateTime": format!("{end}Z")}});
            google.put(vendor.calendar(), body);
        }
        Vendor::Graph(graph) => {
            let time = |text: &str| json!({"dateTime": text, "timeZone": "UTC"});
            let body = json!({"subject": "Dentist", "start": time(&start), "end": time(&end)});
            graph.put(vendor.calendar(), &body);
        }
    }
}

#[tokio::test]
async fn calls_without_the_secret_of_a_channel_do_nothing() {
    for app in apps().await {
        let both = vendors().await;
        let site = site(app, [&both[0], &both[1]]).await;
        for vendor in &both {
            site.connect(vendor, &site.company.technician).await;
        }
        work(&site.worker, site.app.db()).await;
        let nobody = Credential::none();
        let google = nobody.clone().with("x-goog-channel-token", "made-up");
        let path = "/api/v1/calendar-pushes/google";
        let google = site.server.send(site.server.request(Method::POST, path, &google)).await;
        assert_eq!(google.status.as_u16(), 404);
        let path = "/api/v1/calendar-pushes/microsoft";
        let body = json!({"value": [{"clientState": "made-up", "changeType": "created"}]});
        let microsoft = site.server.post(path, &nobody, &body).await;
        assert_eq!(microsoft.status.as_u16(), 202);
        assert!(work(&site.worker, site.app.db()).await.is_empty());
        // The handshake says a token back, as text and nothing else.
        let path = format!("{path}?validationToken=%3Cb%3E1%2B1%20%26");
        let hello = site.server.post(&path, &nobody, &json!({})).await;
        assert_eq!((hello.status.as_u16(), hello.text.as_str()), (200, "<b>1+1 &"));
        assert!(hello.header("content-type").starts_with("text/plain"));
    }
}

#[tokio::test]
async fn channels_are_renewed_and_come_back() {
    for app in apps().await {
        let both = vendors().await;
        let site = site(app, [&both[0], &both[1]]).await;
        for vendor in &both {
            site.connect(vendor, &site.company.technician).await;
        }
        work(&site.worker, site.app.db()).await;
        let [Vendor::Google(google), Vendor::Graph(graph)] = &both else { panic!() };
        let (google, graph): (&Google, &Graph) = (google, graph);
        assert_eq!((google.channel_count(), graph.subscriptions().len()), (1, 1));
        graph.push(1).await;
        google.push(1).await;
        let first = text(&graph.subscriptions()[0]["id"]);
        for (kind, same) in
            [("missed", true), ("reauthorizationRequired", true), ("subscriptionRemoved", false)]
        {
            graph.lifecycle(&first, kind);
            assert_eq!(graph.push(1).await, [202]);
            let done = work(&site.worker, site.app.db()).await;
            assert!(done.contains(&"calendars.read".to_owned()), "{kind}: {done:?}");
            let now = graph.subscriptions();
            assert_eq!(now.len(), 1, "{kind}");
            assert_eq!(now[0]["id"] == first.as_str(), same, "{kind}");
        }
        // Giving the accounts up ends them.
        let who = &site.company.technician;
        let accounts = site.server.get("/api/v1/calendar-accounts", who).await.expect(200);
        for account in accounts["items"].as_array().unwrap() {
            let path = format!("/api/v1/calendar-accounts/{}", text(&account["id"]));
            let answer = site.server.delete(&path, who).await;
            assert_eq!(answer.status.as_u16(), 204, "{}", answer.text);
        }
        assert_eq!((google.channel_count(), graph.subscriptions().len()), (0, 0));
    }
}

#[tokio::test]
async fn another_member_cannot_finish_what_one_began() {
    for app in apps().await.into_iter().take(1) {
        let both = vendors().await;
        let site = site(app, [&both[0], &both[1]]).await;
        let who = &site.company.technician;
        let body = json!({"provider": "google"});
        let begun = site.server.post("/api/v1/calendar-accounts:connect", who, &body).await;
        let back = consent(begun.expect(200)["url"].as_str().unwrap()).await;
        let path = target(back.as_str());
        for other in [&site.company.dispatcher, &site.company.owner] {
            let refused = site.server.get(&path, other).await;
            assert_eq!(refused.status.as_u16(), 409, "{}", refused.text);
        }
        assert_eq!(site.server.get(&path, &Credential::none()).await.status.as_u16(), 401);
        let done = site.server.get(&path, who).await;
        assert_eq!(done.status.as_u16(), 303, "{}", done.text);
    }
}

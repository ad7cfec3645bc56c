//! The same questions to both vendors' stand-ins, so that one suite holds for both.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use ipnet::IpNet;
use reqwest::Method;
use roundsman::clock::{Clock, SystemClock};
use roundsman::domain::calendars::remote::{EventDraft, Window};
use roundsman::domain::calendars::{CalendarProvider, Credentials};
use roundsman::sync::google::GoogleSettings;
use roundsman::sync::microsoft::MicrosoftSettings;
use roundsman::sync::oauth::{Handshake, OAuthClient};
use roundsman::sync::{Remote, Sync, SyncSettings, Vendors};
use serde_json::{Value, json};

use crate::support::samples::id;
use crate::support::vendors::desk::{Desk, Fault};
use crate::support::vendors::google::{self, Google};
use crate::support::vendors::graph::{self, Graph};
use crate::support::vendors::oauth::{CLIENT_ID, CLIENT_SECRET, OAuth};

/// The stand-in of one vendor.
pub(crate) enum Vendor {
    Google(Google),
    Graph(Graph),
}

/// How long clients of the tests wait for an answer that never comes: each silence costs it, and a
/// busy machine may need much of it for an answer that does come.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A running stand-in of each vendor.
pub(crate) async fn vendors() -> [Vendor; 2] {
    [Vendor::Google(Google::start().await), Vendor::Graph(Graph::start().await)]
}

/// A moment of the tests' year.
pub(crate) fn at(text: &str) -> DateTime<Utc> {
    format!("2027-{text}:00Z").parse().unwrap()
}

/// The window in which the tests' events are.
pub(crate) fn window() -> Window {
    Window { from: at("02-01T00:00"), until: at("05-01T00:00") }
}

/// An event for a new visit, on 1 March from 9 to 10.
pub(crate) fn draft() -> EventDraft {
    EventDraft {
        visit_id: id(),
        generation: 1,
        uid: "uid".to_owned(),
        sequence: 0,
        start: at("03-01T09:00"),
        end: at("03-01T10:00"),
        title: "Boiler: \u{c6}gir & sons".to_owned(),
        description: "Two lines\nof text".to_owned(),
        place: "Hauptstr. 1, Berlin".to_owned(),
        position: (52.5, 13.4),
        url: "https://dispatch.example.com/visits/1".to_owned(),
        private: true,
        ics: String::new(),
    }
}

/// A server's way to these stand-ins, on a clock.
pub(crate) fn sync(google: Option<&str>, graph: Option<&str>, clock: Arc<dyn Clock>) -> Sync {
    let client = || OAuthClient { id: CLIENT_ID.to_owned(), secret: CLIENT_SECRET.to_owned() };
    let google = google.map(|base| GoogleSettings {
        client: client(),
        accounts_url: base.parse().unwrap(),
        oauth_url: base.parse().unwrap(),
        api_url: format!("{base}/calendar/v3/").parse().unwrap(),
    });
    let microsoft = graph.map(|base| MicrosoftSettings {
        client: client(),
        login_url: base.parse().unwrap(),
        graph_url: base.parse().unwrap(),
        tenant: "common".to_owned(),
    });
    let loopback: IpNet = "127.0.0.0/8".parse().unwrap();
    let allowed_networks = vec![loopback];
    let settings = SyncSettings { timeout: TIMEOUT, allowed_networks, ..SyncSettings::default() };
    Sync::new(settings).with_vendors(Vendors { google, microsoft, clock })
}

/// Opens an address as a browser would, without following where it leads; where that is.
pub(crate) async fn consent(address: &str) -> url::Url {
    let answer = super::client().get(address).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 302, "{}", answer.text().await.unwrap());
    answer.headers()["location"].to_str().unwrap().parse().unwrap()
}

/// One field of a query.
pub(crate) fn query(url: &url::Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(its, _)| its == name).map(|(_, value)| value.into_owned())
}

impl Vendor {
    pub(crate) fn provider(&self) -> CalendarProvider {
        match self {
            Self::Google(_) => CalendarProvider::Google,
            Self::Graph(_) => CalendarProvider::Microsoft,
        }
    }

    pub(crate) fn desk(&self) -> &Desk {
        match self {
            Self::Google(google) => &google.desk,
            Self::Graph(graph) => &graph.desk,
        }
    }

    pub(crate) fn oauth(&self) -> &OAuth {
        match self {
            Self::Google(google) => &google.oauth,
            Self::Graph(graph) => &graph.oauth,
        }
    }

    /// The main calendar of the account.
    pub(crate) fn calendar(&self) -> &'static str {
        match self {
            Self::Google(_) => google::ACCOUNT,
            Self::Graph(_) => graph::MAIN,
        }
    }

    /// The address of the account.
    pub(crate) fn account(&self) -> &'static str {
        match self {
            Self::Google(_) => google::ACCOUNT,
            Self::Graph(_) => graph::ACCOUNT,
        }
    }

    /// A server's way to it.
    pub(crate) fn sync(&self) -> Sync {
        self.sync_on(Arc::new(SystemClock))
    }

    /// A server's way to it, on a clock.
    pub(crate) fn sync_on(&self, clock: Arc<dyn Clock>) -> Sync {
        match self {
            Self::Google(google) => sync(Some(&google.base), None, clock),
            Self::Graph(graph) => sync(None, Some(&graph.base), clock),
        }
    }

    /// Connects the account.
    pub(crate) async fn connect(&self, sync: &Sync) -> Credentials {
        let handshake = Handshake {
            redirect_uri: "http://127.0.0.1:1/back".to_owned(),
            verifier: "v".repeat(43),
        };
        let page = sync.consent_url(self.provider(), &handshake, "a state").unwrap();
        let back = consent(&page).await;
        assert_eq!(query(&back, "state").as_deref(), Some("a state"));
        let code = query(&back, "code").unwrap();
        sync.exchange(self.provider(), &handshake, &code).await.unwrap()
    }

    /// The connected account.
    pub(crate) async fn remote(&self, sync: &Sync) -> Remote {
        let credentials = self.connect(sync).await;
        sync.open(self.provider(), "", &credentials).unwrap()
    }

    /// What the person puts into the calendar by hand; the event's id.
    pub(crate) fn put(&self, title: &str, (start, end): (&str, &str), more: Value) -> String {
        let (start, end) = (at(start), at(end));
        match self {
            Self::Google(google) => {
                let mut body = json!({"summary": title,
                    "start": {"dateTime": start.to_rfc3339()},
                    "end": {"dateTime": end.to_rfc3339()}});
                super::merge(&mut body, &more);
                google.put(self.calendar(), body)
            }
            Self::Graph(graph) => {
                let time = |moment: DateTime<Utc>| {
                    json!({"dateTime": moment.naive_utc().to_string().replace(' ', "T"),
                        "timeZone": "UTC"})
                };
                let mut body = json!({"subject": title, "start": time(start), "end": time(end)});
                super::merge(&mut body, &more);
                graph.put(self.calendar(), &body)
            }
        }
    }

    /// The person moves an event by hand.
    pub(crate) fn shift(&self, id: &str, (start, end): (&str, &str)) {
        let (start, end) = (at(start), at(end));
        match self {
            Self::Google(google) => {
                let patch = json!({"start": {"dateTime": start.to_rfc3339()},
                    "end": {"dateTime": end.to_rfc3339()}});
                google.change(self.calendar(), id, &patch);
            }
            Self::Graph(graph) => {
                let time = |moment: DateTime<Utc>| {
                    json!({"dateTime": moment.format("%Y-%m-%dT%H:%M:%S").to_string(),
                        "timeZone": "UTC"})
                };
                let patch = json!({"start": time(start), "end": time(end)});
                graph.change(self.calendar(), id, &patch);
            }
        }
    }

    /// The person deletes an event by hand.
    pub(crate) fn erase(&self, id: &str) {
        match self {
            Self::Google(google) => {
                google.change(self.calendar(), id, &json!({"status": "cancelled"}));
            }
            Self::Graph(graph) => graph.delete(self.calendar(), id),
        }
    }

    /// The events in the main calendar: id, title, start.
    pub(crate) fn events(&self) -> Vec<(String, String, DateTime<Utc>)> {
        let (events, title) = match self {
            Self::Google(google) => (google.events(self.calendar()), "summary"),
            Self::Graph(graph) => (graph.events(self.calendar()), "subject"),
        };
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let start = |event: &Value| {
            let time = text(&event["start"]["dateTime"]);
            let zoned = DateTime::parse_from_rfc3339(&time).map(|time| time.to_utc());
            zoned.unwrap_or_else(|_| time.parse::<chrono::NaiveDateTime>().unwrap().and_utc())
        };
        events.iter().map(|its| (text(&its["id"]), text(&its[title]), start(its))).collect()
    }

    /// Lets lists of changes start over.
    pub(crate) fn forget_tokens(&self) {
        match self {
            Self::Google(google) => google.forget_tokens(),
            Self::Graph(graph) => graph.forget_tokens(),
        }
    }

    /// The next write of an event gets a fault.
    pub(crate) fn fail_write(&self, fault: Fault) {
        self.desk().fail(Method::POST, "/events", fault);
    }

    /// The next reading of events gets a fault.
    pub(crate) fn fail_read(&self, fault: Fault) {
        let part = if matches!(self, Self::Google(_)) { "/events" } else { "/calendarView" };
        self.desk().fail(Method::GET, part, fault);
    }

    /// How the vendor says that there were too many requests.
    pub(crate) fn too_many(&self, retry_after_s: Option<u64>) -> Fault {
        match self {
            Self::Google(_) => Fault::Answer {
                status: 403,
                body: json!({"error": {"errors": [{"domain": "usageLimits",
                    "reason": "rateLimitExceeded", "message": "Rate Limit Exceeded"}],
                    "code": 403, "message": "Rate Limit Exceeded"}}),
                retry_after_s,
            },
            Self::Graph(_) => Fault::Answer {
                status: 429,
                body: json!({"error": {"code": "ApplicationThrottled",
                    "message": "Application is over its MailboxConcurrency limit."}}),
                retry_after_s,
            },
        }
    }
}

/// A fault inside the vendor.
pub(crate) fn broken() -> Fault {
    let body = json!({"error": {"code": 500, "message": "Backend Error"}});
    Fault::Answer { status: 500, body, retry_after_s: None }
}

/// The access token has just run out.
pub(crate) fn unauthorized() -> Fault {
    let body = json!({"error": {"code": 401, "message": "Invalid Credentials"}});
    Fault::Answer { status: 401, body, retry_after_s: None }
}

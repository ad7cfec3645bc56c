//! A stand-in for Google Calendar, version 3, and Google's authorization server.
//!
//! Source: the discovery document `calendar.v3.json`, revision 20261030, and Google's guides to
//! synchronization, push notifications and errors.

mod answers;
mod calls;
mod times;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get, post};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::support::vendors::desk::{Desk, Rules, through};
use crate::support::vendors::google::answers::event_body;
use crate::support::vendors::oauth::{Dialect, Fields, OAuth};
use crate::support::vendors::{Listening, Reply, client, listen, merge, stamp};

/// The account that most tests connect.
pub(crate) const ACCOUNT: &str = "ana@example.com";

/// A running stand-in.
pub(crate) struct Google {
    /// Where it answers, without a slash at the end.
    pub(crate) base: String,
    pub(crate) oauth: Arc<OAuth>,
    pub(crate) desk: Desk,
    world: Arc<Mutex<World>>,
    _listening: Listening,
}

#[derive(Clone)]
struct Shared {
    oauth: Arc<OAuth>,
    world: Arc<Mutex<World>>,
}

/// Everything the stand-in remembers.
#[derive(Debug, Default)]
struct World {
    seq: u64,
    calendars: BTreeMap<String, Calendar>,
    channels: BTreeMap<String, Channel>,
    pushes: Vec<Push>,
    /// Synchronization tokens from before this change no longer hold.
    tokens_from: u64,
}

/// A calendar in an account's list.
#[derive(Debug, Clone, Default)]
struct Calendar {
    summary: String,
    account: String,
    role: String,
    primary: bool,
    /// What `freeBusy` says in place of busy times.
    trouble: Option<String>,
    events: BTreeMap<String, Stored>,
}

/// An event, cancelled ones too, as its ids stay taken.
#[derive(Debug, Clone)]
struct Stored {
    body: Value,
    seq: u64,
    /// The instances that lists have shown, to take back those that are gone.
    shown: BTreeSet<String>,
}

/// Who wants to hear of changes in one calendar.
#[derive(Debug, Clone)]
struct Channel {
    calendar: String,
    resource: String,
    address: String,
    token: String,
    expiration_ms: i64,
    number: u64,
}

/// A notification that was not delivered yet.
#[derive(Debug, Clone)]
struct Push {
    address: String,
    headers: Vec<(&'static str, String)>,
}

impl Google {
    /// Starts with one account, which owns a primary calendar.
    pub(crate) async fn start() -> Self {
        let oauth = Arc::new(OAuth::new(Dialect::Google, ACCOUNT));
        let (desk, world) = (Desk::default(), Arc::<Mutex<World>>::default());
        let shared = Shared { oauth: Arc::clone(&oauth), world: Arc::clone(&world) };
        let rules = Rules { desk: desk.clone(), at_once: None };
        let listening = listen(|_| router(shared, rules)).await;
        let base = listening.base.clone();
        let google = Self { base, oauth, desk, world, _listening: listening };
        google.add_calendar(ACCOUNT, ACCOUNT, "owner");
        google
    }

    /// Puts a calendar into an account's list; the one named like the account is its primary one.
    pub(crate) fn add_calendar(&self, account: &str, id: &str, role: &str) {
        let calendar = Calendar {
            summary: format!("Calendar of {id}"),
            account: account.to_owned(),
            role: role.to_owned(),
            primary: account == id,
            ..Calendar::default()
        };
        self.world.lock().unwrap().calendars.insert(id.to_owned(), calendar);
    }

    /// Takes a calendar away.
    pub(crate) fn drop_calendar(&self, id: &str) {
        self.world.lock().unwrap().calendars.remove(id);
    }

    /// Lets `freeBusy` answer with an error for one calendar, for instance `internalError`.
    pub(crate) fn trouble(&self, id: &str, reason: Option<&str>) {
        let mut world = self.world.lock().unwrap();
        world.calendars.get_mut(id).unwrap().trouble = reason.map(str::to_owned);
    }

    /// What the person puts into a calendar by hand; the event's id.
    pub(crate) fn put(&self, calendar: &str, body: Value) -> String {
        let mut world = self.world.lock().unwrap();
        let id = format!("byhand{}", world.seq);
        let body = event_body(&id, &body, calendar, world.seq + 1);
        world.store(calendar, &id, body);
        id
    }

    /// What the person changes by hand; `status: cancelled` deletes.
    pub(crate) fn change(&self, calendar: &str, id: &str, patch: &Value) {
        let mut world = self.world.lock().unwrap();
        let mut body = world.calendars[calendar].events[id].body.clone();
        merge(&mut body, patch);
        world.store(calendar, id, body);
    }

    /// All events of a calendar that are not cancelled.
    pub(crate) fn events(&self, calendar: &str) -> Vec<Value> {
        let world = self.world.lock().unwrap();
        let events = world.calendars[calendar].events.values();
        let bodies = events.map(|stored| stored.body.clone());
        bodies.filter(|body| body["status"] != "cancelled").collect()
    }

    /// Lets all synchronization tokens run out.
    pub(crate) fn forget_tokens(&self) {
        let mut world = self.world.lock().unwrap();
        world.tokens_from = world.seq + 1;
    }

    /// How many channels are open.
    pub(crate) fn channel_count(&self) -> usize {
        self.world.lock().unwrap().channels.len()
    }

    /// Delivers what waits, each notification so many times; what was answered.
    pub(crate) async fn push(&self, times: usize) -> Vec<u16> {
        let pushes = std::mem::take(&mut self.world.lock().unwrap().pushes);
        let client = client();
        let mut answers = Vec::new();
        for push in pushes {
            for _ in 0..times {
                let mut request = client.post(&push.address).header("content-length", "0");
                for (name, value) in &push.headers {
                    request = request.header(*name, value);
                }
                answers.push(request.send().await.unwrap().status().as_u16());
            }
        }
        answers
    }
}

impl World {
    /// Keeps an event as changed now, and tells the channels of its calendar.
    fn store(&mut self, calendar: &str, id: &str, mut body: Value) {
        self.seq += 1;
        let seq = self.seq;
        body["etag"] = json!(format!("\"{seq}\""));
        body["updated"] = json!(stamp(seq).to_rfc3339());
        let events = &mut self.calendars.get_mut(calendar).unwrap().events;
        let shown = events.get(id).map(|stored| stored.shown.clone()).unwrap_or_default();
        events.insert(id.to_owned(), Stored { body, seq, shown });
        let channels = self.channels.iter_mut().filter(|(_, its)| its.calendar == calendar);
        self.pushes.extend(channels.map(|(id, channel)| channel.push(id, "exists")));
    }
}

impl Channel {
    fn push(&mut self, id: &str, state: &str) -> Push {
        self.number += 1;
        let until = DateTime::<Utc>::from_timestamp_millis(self.expiration_ms).unwrap();
        let resource =
            format!("https://www.googleapis.com/calendar/v3/calendars/{}/events", self.calendar);
        let headers = vec![
            ("x-goog-channel-id", id.to_owned()),
            ("x-goog-channel-token", self.token.clone()),
            ("x-goog-channel-expiration", until.to_rfc2822()),
            ("x-goog-resource-id", self.resource.clone()),
            ("x-goog-resource-uri", resource),
            ("x-goog-resource-state", state.to_owned()),
            ("x-goog-message-number", self.number.to_string()),
        ];
        Push { address: self.address.clone(), headers }
    }
}

fn router(shared: Shared, rules: Rules) -> Router {
    Router::new()
        .route("/o/oauth2/v2/auth", get(consent))
        .route("/token", post(token))
        .route("/revoke", post(revoke))
        .route("/calendar/v3/{*rest}", any(call))
        .layer(from_fn_with_state(rules, through))
        .with_state(shared)
}

async fn consent(State(shared): State<Shared>, Query(query): Query<Fields>) -> Response {
    match shared.oauth.authorize(&query) {
        Ok(back) => (StatusCode::FOUND, [(header::LOCATION, back)]).into_response(),
        Err(reply) => reply.into_response(),
    }
}

async fn token(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Form(form): Form<Fields>,
) -> Reply {
    let authorization = headers.get("authorization").map(|value| value.to_str().unwrap());
    shared.oauth.token(authorization, &form)
}

async fn revoke(State(shared): State<Shared>, Form(form): Form<Fields>) -> Reply {
    shared.oauth.revoke(&form)
}

/// Any call of the API.
async fn call(
    State(shared): State<Shared>,
    Path(path): Path<String>,
    Query(query): Query<Fields>,
    method: Method,
    headers: HeaderMap,
    body: String,
) -> Reply {
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap());
    let Some(grant) = shared.oauth.bearer(header("authorization")) else {
        return answers::refusal(401, "authError", "Invalid Credentials");
    };
    let body = match serde_json::from_str(&body) {
        Ok(body) => body,
        Err(_) if body.is_empty() => Value::Null,
        Err(_) => return answers::refusal(400, "parseError", "Parse Error"),
    };
    let segments: Vec<&str> = path.split('/').collect();
    let if_match = header("if-match").map(str::to_owned);
    let call = calls::Call { grant, query, if_match, body };
    let mut world = shared.world.lock().unwrap();
    let done = match (method.as_str(), segments.as_slice()) {
        ("GET", ["users", "me", "calendarList"]) => call.calendar_list(&world),
        ("POST", ["freeBusy"]) => call.free_busy(&world),
        ("POST", ["channels", "stop"]) => call.stop(&mut world),
        ("GET", ["calendars", id, "events"]) => call.list(&mut world, id),
        ("POST", ["calendars", id, "events"]) => call.insert(&mut world, id),
        ("POST", ["calendars", id, "events", "watch"]) => call.watch(&mut world, id),
        ("GET", ["calendars", id, "events", event]) => call.get(&world, id, event),
        ("PATCH" | "PUT", ["calendars", id, "events", event]) => {
            call.update(&mut world, id, event, method == Method::PUT)
        }
        ("DELETE", ["calendars", id, "events", event]) => call.delete(&mut world, id, event),
        _ => Err(answers::refusal(404, "notFound", "Not Found")),
    };
    done.unwrap_or_else(|refused| refused)
}

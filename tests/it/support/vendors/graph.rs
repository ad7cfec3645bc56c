//! A stand-in for the calendars of Microsoft Graph, version 1.0, and the authorization server of
//! Microsoft's identity platform.
//!
//! Source: Microsoft's reference of the calendar resources, delta queries, change notifications and
//! throttling, and the models of `msgraph-sdk`.

mod calls;
mod rows;
mod subscriptions;
mod times;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get, post};
use serde_json::{Value, json};

use crate::support::vendors::desk::{Desk, Rules, through};
use crate::support::vendors::oauth::{Dialect, Fields, OAuth};
use crate::support::vendors::{Listening, Reply, client, listen, merge, stamp};

/// The account that most tests connect.
pub(crate) const ACCOUNT: &str = "ben@example.com";
/// Its main calendar.
pub(crate) const MAIN: &str = "calendar-main";

/// A running stand-in.
pub(crate) struct Graph {
    /// Where it answers, without a slash at the end.
    pub(crate) base: String,
    pub(crate) oauth: Arc<OAuth>,
    pub(crate) desk: Desk,
    world: Arc<Mutex<World>>,
    _listening: Listening,
}

#[derive(Clone)]
struct Shared {
    base: String,
    oauth: Arc<OAuth>,
    world: Arc<Mutex<World>>,
}

/// Everything the stand-in remembers.
#[derive(Debug, Default)]
struct World {
    seq: u64,
    calendars: BTreeMap<String, Calendar>,
    /// Transaction id: the event that came of it, and what was asked for.
    transactions: BTreeMap<String, (u64, Value)>,
    /// With which status a transaction id with other content is refused.
    duplicates_as: u16,
    subscriptions: BTreeMap<String, Subscription>,
    pushes: Vec<(String, Value)>,
    /// Delta tokens from before this change no longer hold.
    tokens_from: u64,
    /// Requests that did not ask for ids that stay.
    mutable: usize,
}

#[derive(Debug, Clone, Default)]
struct Calendar {
    name: String,
    account: String,
    can_edit: bool,
    is_default: bool,
    events: BTreeMap<u64, Stored>,
}

#[derive(Debug, Clone)]
struct Stored {
    /// Without id and etag, which depend on who asks and when.
    body: Value,
    seq: u64,
    deleted: bool,
    /// The rows that delta queries have shown, to take back those that are gone.
    shown: BTreeSet<String>,
}

#[derive(Debug, Clone)]
struct Subscription {
    body: Value,
    calendar: String,
}

impl Graph {
    /// Starts with one account, which has a main calendar.
    pub(crate) async fn start() -> Self {
        let oauth = Arc::new(OAuth::new(Dialect::Microsoft, ACCOUNT));
        let desk = Desk::default();
        let world = World { duplicates_as: 409, ..World::default() };
        let world = Arc::new(Mutex::new(world));
        let busy = calls::error(
            "ApplicationThrottled",
            "Application is over its MailboxConcurrency limit.",
        );
        let rules = Rules { desk: desk.clone(), at_once: Some((4, busy)) };
        let (of_router, of_oauth) = (Arc::clone(&world), Arc::clone(&oauth));
        let listening = listen(|base| {
            let shared = Shared { base: base.to_owned(), oauth: of_oauth, world: of_router };
            router(shared, rules)
        });
        let listening = listening.await;
        let base = listening.base.clone();
        let graph = Self { base, oauth, desk, world, _listening: listening };
        graph.add_calendar(ACCOUNT, MAIN, true);
        graph
    }

    /// Gives an account one more calendar; the first of an account is its main one.
    pub(crate) fn add_calendar(&self, account: &str, id: &str, can_edit: bool) {
        let mut world = self.world.lock().unwrap();
        let is_default = !world.calendars.values().any(|its| its.account == account);
        let calendar = Calendar {
            name: format!("Calendar {id}"),
            account: account.to_owned(),
            can_edit,
            is_default,
            events: BTreeMap::new(),
        };
        world.calendars.insert(id.to_owned(), calendar);
    }

    /// Takes a calendar away.
    pub(crate) fn drop_calendar(&self, id: &str) {
        self.world.lock().unwrap().calendars.remove(id);
    }

    /// With which status a transaction id with other content is refused: reports differ.
    pub(crate) fn duplicates_as(&self, status: u16) {
        self.world.lock().unwrap().duplicates_as = status;
    }

    /// What the person puts into a calendar by hand; the event's id.
    pub(crate) fn put(&self, calendar: &str, body: &Value) -> String {
        let mut world = self.world.lock().unwrap();
        let number = world.insert(calendar, body);
        shown_id(number, true)
    }

    /// What the person changes by hand.
    pub(crate) fn change(&self, calendar: &str, id: &str, patch: &Value) {
        let mut world = self.world.lock().unwrap();
        let number = number_of(id).unwrap();
        let mut body = world.calendars[calendar].events[&number].body.clone();
        merge(&mut body, patch);
        world.store(calendar, number, body, false);
    }

    /// What the person deletes by hand.
    pub(crate) fn delete(&self, calendar: &str, id: &str) {
        let mut world = self.world.lock().unwrap();
        let number = number_of(id).unwrap();
        let body = world.calendars[calendar].events[&number].body.clone();
        world.store(calendar, number, body, true);
    }

    /// All events of a calendar, with the ids that stay.
    pub(crate) fn events(&self, calendar: &str) -> Vec<Value> {
        let world = self.world.lock().unwrap();
        let events = world.calendars[calendar].events.iter();
        let events = events.filter(|(_, stored)| !stored.deleted);
        events.map(|(number, stored)| stored.shown_as(*number, true)).collect()
    }

    /// Lets all delta tokens run out.
    pub(crate) fn forget_tokens(&self) {
        let mut world = self.world.lock().unwrap();
        world.tokens_from = world.seq + 1;
    }

    /// How many requests did not ask for ids that stay.
    pub(crate) fn mutable_count(&self) -> usize {
        self.world.lock().unwrap().mutable
    }

    /// The subscriptions there are.
    pub(crate) fn subscriptions(&self) -> Vec<Value> {
        let world = self.world.lock().unwrap();
        world.subscriptions.values().map(|its| its.body.clone()).collect()
    }

    /// Prepares a lifecycle notification of a subscription, for instance `missed`.
    pub(crate) fn lifecycle(&self, id: &str, kind: &str) {
        let mut world = self.world.lock().unwrap();
        let body = world.subscriptions[id].body.clone();
        if kind == "subscriptionRemoved" {
            world.subscriptions.remove(id);
        }
        let address = body["lifecycleNotificationUrl"].as_str().unwrap().to_owned();
        let notice = json!({
            "subscriptionId": id, "subscriptionExpirationDateTime": body["expirationDateTime"],
            "tenantId": "tenant", "clientState": body["clientState"], "lifecycleEvent": kind,
        });
        world.pushes.push((address, notice));
    }

    /// Delivers what waits, each notification so many times; what was answered.
    pub(crate) async fn push(&self, times: usize) -> Vec<u16> {
        let pushes = std::mem::take(&mut self.world.lock().unwrap().pushes);
        let client = client();
        let mut answers = Vec::new();
        for (address, notice) in pushes {
            for _ in 0..times {
                let request = client.post(&address).json(&json!({"value": [notice]}));
                answers.push(request.send().await.unwrap().status().as_u16());
            }
        }
        answers
    }
}

impl World {
    /// Makes a new event of what was sent; its number.
    fn insert(&mut self, calendar: &str, sent: &Value) -> u64 {
        let number = self.seq + 1;
        let body = calls::event_body(number, sent, &self.calendars[calendar].account);
        self.store(calendar, number, body, false);
        number
    }

    /// Keeps an event as changed now, and tells whoever subscribed to its calendar.
    fn store(&mut self, calendar: &str, number: u64, mut body: Value, deleted: bool) {
        self.seq += 1;
        let seq = self.seq;
        body["lastModifiedDateTime"] = json!(stamp(seq).to_rfc3339());
        let events = &mut self.calendars.get_mut(calendar).unwrap().events;
        let known = events.get(&number);
        let kind = match (known, deleted) {
            (_, true) => "deleted",
            (None, false) => "created",
            (Some(_), false) => "updated",
        };
        let shown = known.map(|stored| stored.shown.clone()).unwrap_or_default();
        events.insert(number, Stored { body, seq, deleted, shown });
        let id = shown_id(number, true);
        let heard = self.subscriptions.iter().filter(|(_, its)| its.calendar == calendar);
        let notices = heard.map(|(name, its)| {
            let notice = json!({
                "subscriptionId": name, "clientState": its.body["clientState"],
                "subscriptionExpirationDateTime": its.body["expirationDateTime"],
                "changeType": kind, "resource": format!("Users/u/Events/{id}"),
                "tenantId": "tenant",
                "resourceData": {"@odata.type": "#Microsoft.Graph.Event", "id": id,
                    "@odata.id": format!("Users/u/Events/{id}"),
                    "@odata.etag": format!("W/\"{seq}\"")},
            });
            (its.body["notificationUrl"].as_str().unwrap().to_owned(), notice)
        });
        self.pushes.extend(notices);
    }

    /// Where an event is.
    fn place_of(&self, account: &str, id: &str) -> Option<(String, u64)> {
        let number = number_of(id)?;
        let mine = self.calendars.iter().filter(|(_, its)| its.account == account);
        let mut with = mine.filter(|(_, its)| its.events.contains_key(&number));
        with.next().map(|(name, _)| (name.clone(), number))
    }
}

impl Stored {
    /// The event as a client sees it.
    fn shown_as(&self, number: u64, immutable: bool) -> Value {
        let mut body = self.body.clone();
        body["id"] = json!(shown_id(number, immutable));
        body["@odata.etag"] = json!(format!("W/\"{}\"", self.seq));
        body["changeKey"] = json!(self.seq.to_string());
        body
    }
}

/// The id of an event: one that stays, or one that does not.
fn shown_id(number: u64, immutable: bool) -> String {
    if immutable { format!("AAkImm{number}=") } else { format!("AAMkMut{number}=") }
}

fn number_of(id: &str) -> Option<u64> {
    let rest = id.strip_prefix("AAkImm").or_else(|| id.strip_prefix("AAMkMut"))?;
    rest.strip_suffix('=')?.parse().ok()
}

fn router(shared: Shared, rules: Rules) -> Router {
    Router::new()
        .route("/{tenant}/oauth2/v2.0/authorize", get(consent))
        .route("/{tenant}/oauth2/v2.0/token", post(token))
        .route("/v1.0/{*rest}", any(call))
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

/// Any call of the API.
async fn call(
    State(shared): State<Shared>,
    Path(path): Path<String>,
    Query(query): Query<Fields>,
    method: Method,
    headers: HeaderMap,
    body: String,
) -> Reply {
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let Some(grant) = shared.oauth.bearer(header("authorization").as_deref()) else {
        let words = "Access token has expired or is not yet valid.";
        return calls::refusal(401, "InvalidAuthenticationToken", words);
    };
    let body = match serde_json::from_str(&body) {
        Ok(body) => body,
        Err(_) if body.is_empty() => Value::Null,
        Err(_) => return calls::refusal(400, "BadRequest", "Unable to read JSON request payload."),
    };
    let prefers: Vec<String> = headers
        .get_all("prefer")
        .iter()
        .flat_map(|value| value.to_str().unwrap().split(','))
        .map(|one| one.trim().to_owned())
        .collect();
    let immutable = prefers.iter().any(|one| one.eq_ignore_ascii_case("IdType=\"ImmutableId\""));
    let if_match = header("if-match");
    let call = calls::Call { grant, query, prefers, immutable, if_match, body, base: shared.base };
    // Functions are written with and without parentheses.
    let segments: Vec<&str> = path.trim_end_matches("()").split('/').collect();
    if let ("POST", ["subscriptions"]) = (method.as_str(), segments.as_slice()) {
        let done = call.subscribe(&shared.world).await;
        return done.unwrap_or_else(|refused| refused);
    }
    let mut world = shared.world.lock().unwrap();
    world.mutable += usize::from(!immutable);
    let done = match (method.as_str(), segments.as_slice()) {
        ("GET", ["me", "calendars"]) => call.calendars(&world),
        ("POST", ["me", "calendar", "getSchedule"]) => call.schedule(&world),
        ("GET", ["me", "calendars", id, "calendarView"]) => call.view(&world, id),
        ("GET", ["me", "calendarView"]) => call.view(&world, ""),
        ("GET", ["me", "calendars", id, "calendarView", "delta"]) => call.delta(&mut world, id),
        ("GET", ["me", "calendarView", "delta"]) => call.delta(&mut world, ""),
        ("GET", ["me", "calendars", id, "events"]) => call.list(&world, id),
        ("POST", ["me", "calendars", id, "events"]) => call.create(&mut world, id),
        ("POST", ["me", "calendar", "events"] | ["me", "events"]) => call.create(&mut world, ""),
        ("GET", ["me", "events", id] | ["me", "calendars", _, "events", id]) => {
            call.get(&world, id)
        }
        ("PATCH", ["me", "events", id] | ["me", "calendars", _, "events", id]) => {
            call.update(&mut world, id)
        }
        ("DELETE", ["me", "events", id] | ["me", "calendars", _, "events", id]) => {
            call.delete(&mut world, id)
        }
        ("PATCH", ["subscriptions", id]) => call.renew(&mut world, id),
        ("DELETE", ["subscriptions", id]) => call.unsubscribe(&mut world, id),
        _ => Err(calls::refusal(404, "ResourceNotFound", "Resource not found for the segment.")),
    };
    done.unwrap_or_else(|refused| refused)
}

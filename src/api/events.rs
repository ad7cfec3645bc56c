//! `/api/v1/events`: what happens in a location's plan, as it happens.

use std::convert::Infallible;
use std::time::Duration;

use async_stream::stream;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event as Line, KeepAlive, Sse};
use axum::routing::get;
use chrono::{DateTime, Utc};
use futures_util::Stream;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::credentials::{Caller, Gate, readmit};
use crate::api::endpoint::{Access, Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::input::Asked;
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::app;
use crate::app::events::{Event, Feed};
use crate::app::permissions::Operation;
use crate::domain::error::AppError;
use crate::domain::id::LocationId;

/// A line without meaning is sent this often, so that everybody knows the connection lives.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Streams end after this long, so that nothing goes wrong for ever; clients come back by themselves
/// and miss nothing.
const LONGEST: Duration = Duration::from_mins(15);
/// The credential is looked at again this often, and before anything is told: who has logged out,
/// or whose key was revoked, hears no more.
const CREDENTIAL: Duration = Duration::from_secs(10);

#[derive(Debug, Deserialize, IntoParams)]
struct EventsQuery {
    /// Whose plan to follow.
    location_id: LocationId,
    /// The last event that was seen, for clients that cannot send the header `Last-Event-ID`.
    last_event_id: Option<i64>,
}

/// Something that happened in a location's plan.
#[derive(Debug, Serialize, ToSchema)]
struct EventBody {
    /// Its number; numbers rise, and also stand in the stream's `id`.
    seq: i64,
    /// What happened, as noun and verb; also in the stream's `event`.
    kind: String,
    /// When.
    at: DateTime<Utc>,
    /// In which location's plan.
    location_id: Option<LocationId>,
    /// The id of what it is about.
    subject_id: String,
    /// More about it.
    #[schema(value_type = Object)]
    payload: serde_json::Value,
}

/// Adds the stream.
pub(crate) fn add(routes: &mut Routes) {
    let endpoint = Endpoint::get("/events", Operation::EventsRead)
        .says("plans", "Follows the changes of a location's plan")
        .more(
            "Server-sent events. The first is `ready`, or `reset` if events after the last one \
             seen are no longer kept: then read the plan again. Send `Last-Event-ID` to go on \
             where a connection broke; browsers do so by themselves. Streams end every quarter of \
             an hour, when the credential no longer holds, and when the server stops.",
        )
        .asks::<EventsQuery>()
        .header("last-event-id", "The last event that was seen.")
        .gives_as(
            200,
            "The stream; the data of each event is JSON.",
            Shape::of::<EventBody>(),
            "text/event-stream",
        )
        .refuses(404, "No such location.");
    routes.add(endpoint, get(events));
}

async fn events(
    State(api): State<Api>,
    Caller(actor): Caller,
    headers: HeaderMap,
    Asked(query): Asked<EventsQuery>,
) -> Result<Sse<impl Stream<Item = Result<Line, Infallible>>>, ApiError> {
    let seen = last_seen(&headers)?.or(query.last_event_id);
    let feed = app::events::follow(&api.app, &actor, query.location_id, seen).await?;
    let lines = lines(feed, Listening { api, headers });
    Ok(Sse::new(lines).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}

/// The header that browsers send when they come back.
fn last_seen(headers: &HeaderMap) -> Result<Option<i64>, AppError> {
    let Some(header) = headers.get("last-event-id") else { return Ok(None) };
    let text = header.to_str().unwrap_or("").trim();
    if text.is_empty() {
        return Ok(None);
    }
    let number = text.parse().map(Some);
    number.map_err(|_| AppError::invalid("Last-Event-ID", text, "must be the id of an event"))
}

/// Who listens.
struct Listening {
    api: Api,
    headers: HeaderMap,
}

impl Listening {
    /// Whether the credential still opens the stream. While the database does not answer, it does.
    async fn may(&self) -> bool {
        let gate = Gate { api: self.api.clone(), access: Access::Granted(Operation::EventsRead) };
        match readmit(&gate, &self.headers).await {
            Err(AppError::Unauthenticated(_) | AppError::Forbidden(_)) => false,
            Ok(()) | Err(_) => true,
        }
    }
}

fn lines(mut feed: Feed, listening: Listening) -> impl Stream<Item = Result<Line, Infallible>> {
    let mut stopping = listening.api.stopping();
    stream! {
        let first = if feed.has_gap() { "reset" } else { "ready" };
        yield Ok(Line::default().event(first).id(feed.seen().to_string()).data("{}"));
        let end = tokio::time::sleep(LONGEST);
        tokio::pin!(end);
        let mut check = tokio::time::interval(CREDENTIAL);
        loop {
            let batch = tokio::select! {
                _ = stopping.wait_for(|stop| *stop) => break,
                () = &mut end => break,
                _ = check.tick() => None,
                batch = feed.next() => Some(batch),
            };
            if !listening.may().await {
                break;
            }
            let Some(batch) = batch else { continue };
            let batch = match batch {
                Ok(batch) => batch,
                Err(error) => {
                    // The client comes back and goes on behind the last event it saw.
                    tracing::warn!(error = %error, "A stream of events broke");
                    break;
                }
            };
            for event in batch {
                yield Ok(line(event));
            }
        }
    }
}

fn line(event: Event) -> Line {
    let body = EventBody {
        seq: event.seq,
        kind: event.kind,
        at: DateTime::from_timestamp(event.at_s, 0).unwrap_or_default(),
        location_id: event.location_id,
        subject_id: event.subject_id,
        payload: event.payload,
    };
    let text = serde_json::to_string(&body).unwrap_or_default();
    Line::default().id(body.seq.to_string()).event(body.kind).data(text)
}

//! Where requests to a stand-in arrive: each is written down, and some are given a fault.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

use crate::support::vendors::Reply;

/// What goes wrong with one request.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// Nothing is done; this is answered.
    Answer { status: u16, body: Value, retry_after_s: Option<u64> },
    /// It is done, and no answer ever comes.
    SilentAfterwards,
    /// It is done, and half of the answer comes.
    Truncated,
    /// It is done and answered, after a while.
    Slow(Duration),
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    /// Path with query.
    pub(crate) address: String,
    pub(crate) headers: BTreeMap<String, String>,
    /// What was answered; 0 if nothing.
    pub(crate) status: u16,
}

#[derive(Debug, Default)]
struct Inside {
    faults: VecDeque<(Method, String, Fault)>,
    seen: Vec<Seen>,
    at_once: BTreeMap<String, usize>,
    most_at_once: usize,
}

/// The desk of one stand-in; clones are the same desk.
#[derive(Debug, Clone, Default)]
pub(crate) struct Desk(Arc<Mutex<Inside>>);

impl Desk {
    /// The next request with this method, whose path holds `part`, gets this fault.
    pub(crate) fn fail(&self, method: Method, part: &str, fault: Fault) {
        self.0.lock().unwrap().faults.push_back((method, part.to_owned(), fault));
    }

    /// All requests so far, in order.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.0.lock().unwrap().seen.clone()
    }

    /// How many requests came with this method and `part` in the path.
    pub(crate) fn count(&self, method: &Method, part: &str) -> usize {
        let is_one = |seen: &&Seen| seen.method == *method && seen.address.contains(part);
        self.0.lock().unwrap().seen.iter().filter(is_one).count()
    }

    /// Forgets the requests so far.
    pub(crate) fn forget(&self) {
        self.0.lock().unwrap().seen.clear();
    }

    /// How many faults have not happened yet.
    pub(crate) fn faults_left(&self) -> usize {
        self.0.lock().unwrap().faults.len()
    }

    /// The most requests of one caller that were under way together.
    pub(crate) fn most_at_once(&self) -> usize {
        self.0.lock().unwrap().most_at_once
    }

    fn enter(&self, caller: &str) -> Inflight {
        let mut inside = self.0.lock().unwrap();
        let count = inside.at_once.entry(caller.to_owned()).or_default();
        *count += 1;
        let count = *count;
        inside.most_at_once = inside.most_at_once.max(count);
        Inflight { desk: self.clone(), caller: caller.to_owned(), count }
    }

    fn next_fault(&self, method: &Method, path: &str) -> Option<Fault> {
        let mut inside = self.0.lock().unwrap();
        let fits = |(its, part, _): &(Method, String, Fault)| its == method && path.contains(part);
        let at = inside.faults.iter().position(fits)?;
        inside.faults.remove(at).map(|(_, _, fault)| fault)
    }
}

/// A request under way; it leaves when this is dropped.
struct Inflight {
    desk: Desk,
    caller: String,
    count: usize,
}

impl Drop for Inflight {
    fn drop(&mut self) {
        let mut inside = self.desk.0.lock().unwrap();
        *inside.at_once.get_mut(&self.caller).unwrap() -= 1;
    }
}

/// What a desk does beyond faults.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) desk: Desk,
    /// Most requests of one caller at once, and what the others hear.
    pub(crate) at_once: Option<(usize, Value)>,
}

/// The middleware of a stand-in.
pub(crate) async fn through(State(rules): State<Rules>, request: Request, next: Next) -> Response {
    let desk = rules.desk;
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
    let headers = parts.headers.iter().map(|(name, value)| (name.to_string(), text(value)));
    let headers: BTreeMap<String, String> = headers.collect();
    let mut seen =
        Seen { method: parts.method.clone(), address: parts.uri.to_string(), headers, status: 0 };
    let caller = seen.headers.get("authorization").cloned().unwrap_or_default();
    let inflight = desk.enter(&caller);
    let fault = desk.next_fault(&parts.method, &seen.address);
    if let Some((_, body)) = rules.at_once.filter(|(most, _)| inflight.count > *most) {
        seen.status = 429;
        desk.0.lock().unwrap().seen.push(seen);
        return Reply(429, Some(body)).into_response();
    }
    if let Some(Fault::Answer { status, body, retry_after_s }) = &fault {
        seen.status = *status;
        desk.0.lock().unwrap().seen.push(seen);
        let mut answer = Reply(*status, Some(body.clone())).into_response();
        if let Some(seconds) = retry_after_s {
            answer.headers_mut().insert(header::RETRY_AFTER, (*seconds).into());
        }
        return answer;
    }
    let answer = next.run(Request::from_parts(parts, Body::from(body))).await;
    if !matches!(fault, Some(Fault::SilentAfterwards)) {
        seen.status = answer.status().as_u16();
    }
    desk.0.lock().unwrap().seen.push(seen);
    match fault {
        Some(Fault::SilentAfterwards) => std::future::pending().await,
        Some(Fault::Truncated) => half(answer).await,
        Some(Fault::Slow(wait)) => {
            tokio::time::sleep(wait).await;
            answer
        }
        _ => answer,
    }
}

/// The first half of an answer, as if it were whole.
async fn half(answer: Response) -> Response {
    let (mut parts, body) = answer.into_parts();
    let body = to_bytes(body, 1 << 22).await.unwrap();
    parts.headers.remove(header::CONTENT_LENGTH);
    let front: Bytes = body.slice(..body.len() / 2);
    Response::from_parts(parts, Body::from(front))
}

//! Stand-ins for the vendors' calendar services on a free port of this machine, written to their
//! published documents. `vendors_sdk` proves them with the vendors' own libraries.

pub(crate) mod both;
pub(crate) mod desk;
pub(crate) mod google;
pub(crate) mod graph;

pub(crate) mod oauth;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, TimeZone as _, Utc};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// What an end point says: a status and, mostly, JSON.
pub(crate) struct Reply(pub(crate) u16, pub(crate) Option<Value>);

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0).unwrap();
        match self.1 {
            Some(body) => (status, axum::Json(body)).into_response(),
            None => status.into_response(),
        }
    }
}

/// A stand-in that answers until this is dropped.
pub(crate) struct Listening {
    /// Where, without a slash at the end.
    pub(crate) base: String,
    _stop: oneshot::Sender<()>,
}

/// Binds a free port, and serves what `router` makes for its address.
pub(crate) async fn listen(router: impl FnOnce(&str) -> Router) -> Listening {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    let router = router(&base);
    tokio::spawn(async move {
        let ended = async {
            let _dropped = stopped.await;
        };
        axum::serve(listener, router).with_graceful_shutdown(ended).await.unwrap();
    });
    Listening { base, _stop: stop }
}

/// A client that follows nothing.
pub(crate) fn client() -> reqwest::Client {
    // Whoever was first has installed the same provider.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let stays = reqwest::redirect::Policy::none();
    reqwest::Client::builder().redirect(stays).no_proxy().build().unwrap()
}

/// The stand-ins' clock: it moves one second with each change.
pub(crate) fn stamp(seq: u64) -> DateTime<Utc> {
    let start = Utc.with_ymd_and_hms(2027, 1, 1, 0, 0, 0).unwrap();
    start + TimeDelta::seconds(i64::try_from(seq).unwrap())
}

/// The part of a list that a page token points at, and the token of the next part.
pub(crate) fn page<T: Clone>(all: &[T], from: usize, size: usize) -> (Vec<T>, Option<usize>) {
    let part: Vec<T> = all.iter().skip(from).take(size).cloned().collect();
    let next = from + part.len();
    (part, (next < all.len()).then_some(next))
}

/// Merges a JSON merge patch: objects by key, null takes away, all else replaces.
pub(crate) fn merge(target: &mut Value, patch: &Value) {
    let (Some(fields), true) = (patch.as_object(), target.is_object()) else {
        *target = patch.clone();
        return;
    };
    for (name, value) in fields {
        if value.is_null() {
            target.as_object_mut().unwrap().remove(name);
        } else {
            merge(&mut target[name.as_str()], value);
        }
    }
}

//! What handlers share: the use cases, the settings and the OpenAPI document.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;

use crate::api::limits::Limits;
use crate::app::App;

/// How the server talks to its clients.
#[derive(Clone)]
pub struct Settings {
    /// How clients reach the server from outside, without a slash at the end.
    pub base_url: String,
    /// Says whether an address is a proxy whose `X-Forwarded-For` is believed.
    pub is_trusted_proxy: Arc<dyn Fn(IpAddr) -> bool + Send + Sync>,
    /// Origins of other sites whose pages may call the public operations; `*` for all.
    pub cors_origins: Vec<String>,
    /// Largest request body, in bytes.
    pub body_limit_bytes: usize,
    /// Longest time for one request.
    pub request_timeout: Duration,
    /// Longest wait for running requests at the end.
    pub shutdown_grace: Duration,
    /// Public requests allowed per minute and client address.
    pub public_requests_per_minute: u32,
    /// How long a login lasts.
    pub session_lifetime: Duration,
    /// Writes the metrics in Prometheus' text format; none if they are not recorded.
    pub metrics: Option<Arc<dyn Fn() -> String + Send + Sync>>,
    /// What other machines must send as a bearer token to read the metrics; without a token only
    /// clients on the same machine may.
    pub metrics_token: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            base_url: "http://127.0.0.1:8080".to_owned(),
            is_trusted_proxy: Arc::new(|_| false),
            cors_origins: Vec::new(),
            body_limit_bytes: 8 * 1024 * 1024,
            request_timeout: Duration::from_secs(30),
            shutdown_grace: Duration::from_secs(30),
            public_requests_per_minute: 60,
            session_lifetime: Duration::from_hours(12),
            metrics: None,
            metrics_token: None,
        }
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

/// What handlers share. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    /// The use cases.
    pub app: App,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    settings: Settings,
    limits: Limits,
    document: OnceLock<Value>,
    stopping: watch::Receiver<bool>,
}

impl Api {
    /// Handlers that use `app`; streams end when `stopping` turns true.
    pub(crate) fn new(app: App, settings: Settings, stopping: watch::Receiver<bool>) -> Self {
        let limits = Limits::new(settings.public_requests_per_minute);
        let document = OnceLock::new();
        Self { app, shared: Arc::new(Shared { settings, limits, document, stopping }) }
    }

    /// How the server talks to its clients.
    pub(crate) fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    /// The counters of requests per address and account.
    pub(crate) fn limits(&self) -> &Limits {
        &self.shared.limits
    }

    /// The OpenAPI document as JSON; null until the routes are complete.
    pub(crate) fn document(&self) -> &Value {
        self.shared.document.get().unwrap_or(&Value::Null)
    }

    /// Sets the document when the routes are complete. Only the first call counts.
    pub(crate) fn publish(&self, document: Value) {
        // A second document cannot come: the router is built once for each state.
        let _first = self.shared.document.set(document);
    }

    /// Turns true when the server begins to stop.
    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.shared.stopping.clone()
    }
}

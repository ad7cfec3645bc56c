//! The client that all providers share: bounded in time and size, no calls to private addresses, no
//! redirects to other servers.

use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HeaderMap, LOCATION, RETRY_AFTER};
use reqwest::{Client, Method, StatusCode, redirect};
use url::{Host, Url};

use crate::domain::networks::{PrivateAddress, check};
use crate::sync::{SyncError, SyncSettings};

/// Largest answer: some ten thousand events.
const ANSWER_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Redirects that are followed at most.
const REDIRECTS_MAX: usize = 5;
/// The longest rest that a server may ask for; some say a day.
const REST_MAX: Duration = Duration::from_hours(6);

/// The client; clones share its connections.
#[derive(Debug, Clone)]
pub(super) struct Http {
    settings: Arc<SyncSettings>,
    client: Arc<OnceLock<Result<Client, String>>>,
}

/// A request before it is sent.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: Vec<(&'static str, String)>,
    /// Login and password.
    pub(super) account: Option<(String, String)>,
    pub(super) body: String,
}

/// A whole answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
    /// Where it came from in the end.
    pub(super) url: Url,
}

impl Ask {
    /// A request without a body.
    pub(super) fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: Vec::new(), account: None, body: String::new() }
    }

    /// With a header.
    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// With a body.
    pub(super) fn body(mut self, media: &str, body: impl Into<String>) -> Self {
        self.body = body.into();
        self.header("content-type", media)
    }
}

impl Answer {
    /// A header as text; empty if there is none.
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    /// How long the server wants to be left alone, if it says so in seconds.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        let seconds = self.header(RETRY_AFTER.as_str()).trim().parse().ok();
        seconds.map(|seconds| Duration::from_secs(seconds).min(REST_MAX))
    }
}

impl Http {
    pub(super) fn new(settings: SyncSettings) -> Self {
        Self { settings: Arc::new(settings), client: Arc::default() }
    }

    /// Sends a request and follows redirects of the same origin.
    ///
    /// # Errors
    /// If no answer comes, the address is private or the way leads to another server; also for the
    /// statuses that mean the same everywhere: 401, 423, 429 and 503.
    pub(super) async fn send(&self, ask: Ask) -> Result<Answer, SyncError> {
        let mut ask = ask;
        for _ in 0..=REDIRECTS_MAX {
            let answer = self.send_once(&ask).await?;
            if !answer.status.is_redirection() || answer.header(LOCATION.as_str()).is_empty() {
                return told(answer);
            }
            let target = ask.url.join(answer.header(LOCATION.as_str()));
            let target = target.map_err(|error| SyncError::Address(error.to_string()))?;
            if target.origin() != ask.url.origin() {
                return Err(SyncError::Redirected(target.origin().ascii_serialization()));
            }
            ask.url = target;
        }
        Err(SyncError::Malformed("it redirects in a ring".to_owned()))
    }

    async fn send_once(&self, ask: &Ask) -> Result<Answer, SyncError> {
        self.check(&ask.url)?;
        let mut request = self.client()?.request(ask.method.clone(), ask.url.clone());
        for (name, value) in &ask.headers {
            request = request.header(*name, value);
        }
        if let Some((login, password)) = &ask.account {
            request = request.basic_auth(login, Some(password));
        }
        if !ask.body.is_empty() {
            request = request.body(ask.body.clone());
        }
        let mut response = request.send().await.map_err(|error| failed(&error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| failed(&error))? {
            if body.len() + chunk.len() > ANSWER_BYTES_MAX {
                let detail = format!("it has more than {ANSWER_BYTES_MAX} bytes");
                return Err(SyncError::Malformed(detail));
            }
            body.extend_from_slice(&chunk);
        }
        let body = String::from_utf8_lossy(&body).into_owned();
        Ok(Answer { status, headers, body, url: ask.url.clone() })
    }

    /// Refuses an address that is no web address or names a private host by number; names are
    /// checked when they are resolved.
    fn check(&self, url: &Url) -> Result<(), SyncError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(SyncError::Address("it must begin with https://".to_owned()));
        }
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::from(address),
            Some(Host::Ipv6(address)) => IpAddr::from(address),
            Some(Host::Domain(_)) => return Ok(()),
            None => return Err(SyncError::Address("it names no host".to_owned())),
        };
        let allowed = &self.settings.allowed_networks;
        check(address, allowed).map_err(|_| SyncError::PrivateAddress(address.to_string()))
    }

    fn client(&self) -> Result<&Client, SyncError> {
        let client = self.client.get_or_init(|| {
            // Whoever was first has installed the same provider.
            let _ = rustls::crypto::ring::default_provider().install_default();
            Client::builder()
                .connect_timeout(self.settings.connect_timeout)
                .timeout(self.settings.timeout)
                .redirect(redirect::Policy::none())
                .no_proxy()
                .user_agent(concat!("roundsman/", env!("CARGO_PKG_VERSION")))
                .dns_resolver(Arc::new(Guard(self.settings.allowed_networks.clone())))
                .build()
                .map_err(|error| error.to_string())
        });
        client.as_ref().map_err(|error| SyncError::Unreachable(format!("no client: {error}")))
    }
}

/// Resolves names, and refuses those that stand for a private address.
#[derive(Debug)]
struct Guard(Vec<IpNet>);

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = self.0.clone();
        Box::pin(async move {
            // The port is put in by the caller.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let addresses: Vec<SocketAddr> = found.collect();
            for address in &addresses {
                check(address.ip(), &allowed)?;
            }
            let addresses: Addrs = Box::new(addresses.into_iter());
            Ok(addresses)
        })
    }
}

/// What went wrong on the way, without the address, which may be secret.
fn failed(error: &reqwest::Error) -> SyncError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(found) = cause {
        if let Some(PrivateAddress(address)) = found.downcast_ref() {
            return SyncError::PrivateAddress(address.to_string());
        }
        cause = found.source();
    }
    let detail = if error.is_timeout() {
        "it took too long"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the connection broke"
    };
    SyncError::Unreachable(detail.to_owned())
}

/// Turns the statuses that mean the same everywhere into errors.
fn told(answer: Answer) -> Result<Answer, SyncError> {
    match answer.status.as_u16() {
        401 => Err(SyncError::Refused("it asks for a login (401)".to_owned())),
        423 | 429 | 503 => Err(SyncError::Busy { retry_after: answer.retry_after() }),
        _ => Ok(answer),
    }
}

//! Limits of requests per client address, and whose address a request comes from.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{ACCEPT_LANGUAGE, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::api::error::ApiError;
use crate::api::state::Api;
use crate::app::{App, Client};
use crate::domain::error::AppError;
use crate::text::Locale;

/// Largest body of a request that anyone may send, in bytes; none of ours comes near.
const PUBLIC_BODY_BYTES: usize = 64 * 1024;
/// Attempts to log in per minute and client address.
const LOGINS_PER_ADDRESS: u32 = 20;
/// Above this many remembered keys the ones that have recovered are forgotten.
const KEYS_MAX: usize = 10_000;

/// The counters. They are kept in memory: each process of a larger installation counts for itself.
#[derive(Debug)]
pub(crate) struct Limits {
    public: DefaultKeyedRateLimiter<IpAddr>,
    pages: DefaultKeyedRateLimiter<IpAddr>,
    login: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
}

impl Limits {
    /// Counters that start empty.
    pub(crate) fn new(public_per_minute: u32) -> Self {
        let quota = |count| Quota::per_minute(NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN));
        Self {
            public: RateLimiter::keyed(quota(public_per_minute)),
            pages: RateLimiter::keyed(quota(public_per_minute)),
            login: RateLimiter::keyed(quota(LOGINS_PER_ADDRESS)),
            clock: DefaultClock::default(),
        }
    }

    /// Counts an attempt to log in, before the password is looked at. Accounts are throttled by
    /// the use case, over all addresses.
    ///
    /// # Errors
    /// [`AppError::RateLimited`].
    pub(crate) fn login(&self, address: IpAddr) -> Result<(), AppError> {
        self.count(&self.login, &network(address))
    }

    fn count<K: Clone + std::hash::Hash + Eq>(
        &self,
        limiter: &DefaultKeyedRateLimiter<K>,
        key: &K,
    ) -> Result<(), AppError> {
        if limiter.len() > KEYS_MAX {
            limiter.retain_recent();
        }
        limiter.check_key(key).map_err(|until| {
            let wait = until.wait_time_from(self.clock.now());
            AppError::RateLimited { retry_after_s: wait.as_secs() + 1 }
        })
    }
}

/// One household has one IPv4 address, or a /64 of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            IpAddr::from((u128::from(address) & !u128::from(u64::MAX)).to_be_bytes())
        }
        address @ IpAddr::V4(_) => address,
    }
}

/// Whose request to a public operation it is: what one household has of the internet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Household(IpAddr);

impl Household {
    /// The application for a request of it.
    pub(crate) fn app(self, app: App) -> App {
        app.for_client(&self.0.to_string())
    }
}

/// Largest body of a request that anyone may send, in bytes.
pub(crate) fn public_body(api: &Api) -> usize {
    PUBLIC_BODY_BYTES.min(api.settings().body_limit_bytes)
}

/// Lets a request to a public operation pass, or answers 429.
pub(crate) async fn per_address(
    State(api): State<Api>,
    mut request: Request,
    next: Next,
) -> Response {
    let limits = api.limits();
    let network = network(client_address(&api, &request));
    match limits.count(&limits.public, &network) {
        Ok(()) => {
            request.extensions_mut().insert(Household(network));
            request.extensions_mut().insert(Client(network.to_string().into()));
            next.run(request).await
        }
        Err(error) => ApiError::from(error).into_response(),
    }
}

/// What begins the addresses of pages that anyone may ask for and that work with the plan.
const PAGES: [&str; 3] = ["/book/", "/manage/", "/track/"];

/// Lets a request for a page pass, or answers 429. Pages that only say something are not counted.
pub(crate) async fn pages(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    if !PAGES.iter().any(|start| request.uri().path().starts_with(start)) {
        return next.run(request).await;
    }
    let limits = api.limits();
    let network = network(client_address(&api, &request));
    match limits.count(&limits.pages, &network) {
        Ok(()) => {
            request.extensions_mut().insert(Client(network.to_string().into()));
            next.run(request).await
        }
        Err(error) => busy(request.headers(), &error),
    }
}

/// A page that asks for a moment of patience.
fn busy(headers: &HeaderMap, error: &AppError) -> Response {
    let wished = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let locale = wished.and_then(Locale::negotiate).unwrap_or_default();
    let text = |key: &str| locale.text(&format!("booking.error.busy.{key}"), &[]);
    let wait = if let AppError::RateLimited { retry_after_s } = error { *retry_after_s } else { 1 };
    let page = format!(
        "<!doctype html><html lang=\"{lang}\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><title>{title}</title>\
         <link rel=\"stylesheet\" href=\"/style.css\"><main><h1>{title}</h1><p>{sentence}</p></main></html>",
        lang = locale.tag(),
        title = text("title"),
        sentence = text("text"),
    );
    let headers = [(RETRY_AFTER, wait.to_string())];
    (StatusCode::TOO_MANY_REQUESTS, headers, Html(page)).into_response()
}

/// The address of the client: the connection's, or what trusted proxies say.
pub(crate) fn client_address(api: &Api, request: &Request) -> IpAddr {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip());
    forwarded(peer, request.headers(), |address| (api.settings().is_trusted_proxy)(address))
}

/// Walks `X-Forwarded-For` from the right for as long as the addresses are trusted proxies; what
/// stands left of an untrusted one was written by the client.
fn forwarded(peer: IpAddr, headers: &HeaderMap, trusted: impl Fn(IpAddr) -> bool) -> IpAddr {
    let values = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = values.flat_map(|value| value.split(',')).map(str::trim).collect();
    let mut address = peer.to_canonical();
    for hop in hops.into_iter().rev() {
        if !trusted(address) {
            break;
        }
        let Ok(before) = hop.parse::<IpAddr>() else { break };
        address = before.to_canonical();
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(forwarded: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        headers
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_trusted_proxies_may_say_where_a_request_comes_from() {
        let proxy = |address| address == ip("10.0.0.1") || address == ip("10.0.0.2");
        let client = headers("6.6.6.6, 203.0.113.9, 10.0.0.2");
        assert_eq!(forwarded(ip("10.0.0.1"), &client, proxy), ip("203.0.113.9"));
        assert_eq!(forwarded(ip("198.51.100.7"), &client, proxy), ip("198.51.100.7"));
        assert_eq!(forwarded(ip("10.0.0.1"), &headers("rubbish"), proxy), ip("10.0.0.1"));
        assert_eq!(forwarded(ip("10.0.0.1"), &HeaderMap::new(), proxy), ip("10.0.0.1"));
    }

    #[test]
    fn an_ipv6_household_is_one_client() {
        assert_eq!(network(ip("2001:db8:1:2:a::1")), network(ip("2001:db8:1:2:b::2")));
        assert_ne!(network(ip("2001:db8:1:2::1")), network(ip("2001:db8:1:3::1")));
        assert_eq!(network(ip("::ffff:192.0.2.1")), ip("192.0.2.1"));
    }

    #[test]
    fn an_address_is_throttled_and_others_are_not() {
        let limits = Limits::new(60);
        let attempts = (0..30).map(|_| limits.login(ip("198.51.100.1")));
        // Twenty in the first minute.
        assert_eq!(attempts.flatten().count(), 20);
        assert!(limits.login(ip("198.51.100.2")).is_ok());
    }
}

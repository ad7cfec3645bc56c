//! Who asks: API keys and session cookies become an actor, before anything else of the request is
//! read.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{AUTHORIZATION, COOKIE as COOKIE_HEADER, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::api::endpoint::Access;
use crate::api::error::ApiError;
use crate::api::problem::ProblemKind;
use crate::api::state::Api;
use crate::app;
use crate::app::permissions::permit;
use crate::domain::actors::Actor;
use crate::domain::error::AppError;

/// The cookie that holds the token of a session.
pub(crate) const COOKIE: &str = "roundsman_session";

/// What stands before an endpoint.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    /// What handlers share.
    pub api: Api,
    /// Who may pass.
    pub access: Access,
}

/// Who asks; there behind every gate.
#[derive(Debug, Clone)]
pub(crate) struct Caller(pub(crate) Actor);

impl FromRequestParts<Api> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _api: &Api) -> Result<Self, ApiError> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| AppError::Unauthenticated("a credential is needed").into())
    }
}

/// Lets a request pass whose credential allows the operation; 401, 403 or, for an organization that
/// does not exist, 404 otherwise.
pub(crate) async fn gate(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match admit(&gate, &parts).await {
        Ok(actor) => {
            parts.extensions.insert(Caller(actor));
            next.run(Request::from_parts(parts, body)).await
        }
        Err(error) => error.into_response(),
    }
}

async fn admit(gate: &Gate, parts: &Parts) -> Result<Actor, ApiError> {
    let actor = if let Access::Published(_) = gate.access {
        let slug = parts.uri.path().split('/').nth(4).unwrap_or("");
        app::organizations::public_actor(&gate.api.app, slug).await?
    } else {
        actor(&gate.api, &parts.method, &parts.headers).await?
    };
    if let Some(operation) = gate.access.operation() {
        permit(&actor, operation)?;
    }
    Ok(actor)
}

/// Whether a credential that has opened a long answer still holds; reading alone.
///
/// # Errors
/// As at the gate.
pub(crate) async fn readmit(gate: &Gate, headers: &HeaderMap) -> Result<(), AppError> {
    let actor = known(&gate.api, headers).await?;
    if let Some(operation) = gate.access.operation() {
        permit(&actor, operation)?;
    }
    Ok(())
}

/// Who sent the headers, and meant to. A key counts before a cookie.
async fn actor(api: &Api, method: &Method, headers: &HeaderMap) -> Result<Actor, ApiError> {
    let actor = known(api, headers).await?;
    let by_cookie = !headers.contains_key(AUTHORIZATION);
    if by_cookie && !method.is_safe() && !is_same_site(headers, &api.settings().base_url) {
        let detail = "send the header `X-Requested-With` with any value";
        return Err(ProblemKind::CROSS_SITE.with(detail).into());
    }
    Ok(actor)
}

async fn known(api: &Api, headers: &HeaderMap) -> Result<Actor, AppError> {
    if let Some(header) = headers.get(AUTHORIZATION) {
        let text = header.to_str().unwrap_or("");
        let (scheme, secret) = text.split_once(' ').unwrap_or((text, ""));
        if !scheme.eq_ignore_ascii_case("bearer") {
            let message = "the header Authorization must be `Bearer rk_..`";
            return Err(AppError::Unauthenticated(message));
        }
        return app::api_keys::authenticate(&api.app, secret.trim()).await;
    }
    let Some(token) = session_token(headers) else {
        let message = "send `Authorization: Bearer rk_..`, or log in with POST /api/v1/session";
        return Err(AppError::Unauthenticated(message));
    };
    app::sessions::authenticate(&api.app, token).await
}

/// The token in the cookie of the session.
pub(crate) fn session_token(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(COOKIE_HEADER).iter().filter_map(|line| line.to_str().ok());
    let mut cookies = lines.flat_map(|line| line.split(';')).filter_map(|c| c.split_once('='));
    let (_, token) = cookies.find(|(name, _)| name.trim() == COOKIE)?;
    Some(token.trim()).filter(|token| !token.is_empty())
}

/// Whether a request with a cookie was meant: another site can make a browser send the cookie, but
/// neither a header of its own (the browser asks first, and the server never says yes to cookies)
/// nor a false origin.
fn is_same_site(headers: &HeaderMap, base_url: &str) -> bool {
    if headers.contains_key("x-requested-with") {
        return true;
    }
    let Some(origin) = headers.get(ORIGIN).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let host = headers.get(HOST).and_then(|value| value.to_str().ok()).unwrap_or("");
    let named = origin.split_once("://").is_some_and(|(_, name)| !host.is_empty() && name == host);
    named || origin == base_url
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), value.parse().unwrap())
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn another_sites_origin_is_not_ours() {
        let base = "https://dispatch.example";
        let site = |pairs: &[(&'static str, &str)]| is_same_site(&headers(pairs), base);
        assert!(site(&[("x-requested-with", "fetch")]));
        assert!(site(&[("origin", "https://dispatch.example")]));
        assert!(site(&[("origin", "http://127.0.0.1:8080"), ("host", "127.0.0.1:8080")]));
        assert!(!site(&[("origin", "https://evil.example"), ("host", "dispatch.example")]));
        assert!(!site(&[("origin", "null"), ("host", "dispatch.example")]));
        assert!(!site(&[("host", "dispatch.example")]));
    }

    #[test]
    fn the_session_is_found_among_other_cookies() {
        let cookies = headers(&[("cookie", "a=b; roundsman_session=t0k=; c=d")]);
        assert_eq!(session_token(&cookies), Some("t0k="));
        assert_eq!(session_token(&headers(&[("cookie", "roundsman_session=")])), None);
        assert_eq!(session_token(&headers(&[("cookie", "x_roundsman_session=1")])), None);
    }
}

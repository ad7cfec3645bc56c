//! `/api/v1/session` and `/api/v1/me`: logging in and out, and who one is.

use axum::Json;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::credentials::{COOKIE, Caller, session_token};
use crate::api::endpoint::{Access, Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::input::Input;
use crate::api::limits;
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::app;
use crate::domain::actors::{Actor, ActorKind};
use crate::domain::error::AppError;
use crate::domain::id::{ApiKeyId, MemberId, OrganizationId, TechnicianId};
use crate::domain::members::Role;

/// A login.
#[derive(Deserialize, ToSchema)]
struct LoginBody {
    /// The e-mail address, in any case.
    email: String,
    /// The password.
    #[schema(format = "password")]
    password: String,
}

/// Who one is and what one may do.
#[derive(Debug, Serialize, ToSchema)]
struct MeBody {
    /// Whose member or key.
    organization_id: OrganizationId,
    /// The organization; null for keys without the right to see it.
    organization: Option<MyOrganization>,
    /// The role; null for keys.
    role: Option<Role>,
    /// What the key allows; null for members.
    scopes: Option<Vec<String>>,
    /// The member's id; null for keys.
    member_id: Option<MemberId>,
    /// The member's name; null for keys.
    name: Option<String>,
    /// The technician the member is.
    technician_id: Option<TechnicianId>,
    /// The key's id; null for members.
    api_key_id: Option<ApiKeyId>,
    /// Until when the session holds; null for keys.
    expires_at: Option<DateTime<Utc>>,
}

/// An organization, for its own people.
#[derive(Debug, Serialize, ToSchema)]
struct MyOrganization {
    /// Its id.
    id: OrganizationId,
    /// Its name.
    name: String,
    /// Its name in addresses.
    slug: String,
    /// IANA zone for dates that belong to no location.
    time_zone: String,
}

/// Adds the endpoints.
pub(crate) fn add(routes: &mut Routes) {
    let tag = "session";
    let endpoint = Endpoint::new(Method::POST, "/session", Access::Open)
        .says(tag, "Logs in")
        .more(
            "Sets the cookie `roundsman_session` (HttpOnly, SameSite=Lax, and Secure where the \
             server's own address begins with https). With it, every method but GET needs the \
             header `X-Requested-With` or the server's own `Origin`.",
        )
        .takes(Shape::of::<LoginBody>())
        .gives(200, "Who you are.", Shape::of::<MeBody>())
        .refuses(401, "The address or the password is wrong.")
        .refuses(429, "Too many attempts.");
    routes.add(endpoint, post(log_in));
    let endpoint = Endpoint::new(Method::DELETE, "/session", Access::Known)
        .says(tag, "Logs out")
        .ends(204, "The session has ended.");
    routes.add(endpoint, delete(log_out));
    let endpoint = Endpoint::new(Method::GET, "/me", Access::Known)
        .says(tag, "Says who one is and what one may do")
        .gives(200, "Who you are.", Shape::of::<MeBody>());
    routes.add(endpoint, get(me));
}

async fn log_in(State(api): State<Api>, request: Request) -> Result<Response, Response> {
    let refused = |error: AppError| ApiError::from(error).into_response();
    let address = limits::client_address(&api, &request);
    api.limits().login(address).map_err(refused)?;
    let Input(login) = Input::<LoginBody>::from_request(request, &api).await?;
    let seconds = api.settings().session_lifetime.as_secs();
    let lifetime = TimeDelta::seconds(i64::try_from(seconds).unwrap_or(i64::from(u32::MAX)));
    let fresh = app::sessions::login(&api.app, &login.email, &login.password, lifetime);
    let fresh = fresh.await.map_err(refused)?;
    let member = &fresh.member.value;
    let (role, technician_id) = (member.role, member.technician_id);
    let kind = ActorKind::Member { id: fresh.member.id, role, technician_id };
    let actor = Actor { organization_id: fresh.organization_id, kind };
    let mut body = describe(&api, &actor).await.map_err(refused)?;
    body.name = Some(member.name.clone());
    body.expires_at = Some(fresh.expires_at);
    let cookie = cookie(&api, &fresh.token, seconds);
    Ok(([(SET_COOKIE, cookie)], Json(body)).into_response())
}

async fn log_out(State(api): State<Api>, headers: HeaderMap) -> Result<Response, ApiError> {
    if let Some(token) = session_token(&headers) {
        app::sessions::logout(&api.app, token).await?;
    }
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie(&api, "", 0))]).into_response())
}

async fn me(
    State(api): State<Api>,
    Caller(actor): Caller,
    headers: HeaderMap,
) -> Result<Json<MeBody>, ApiError> {
    let mut body = describe(&api, &actor).await?;
    if let (ActorKind::Member { .. }, Some(token)) = (&actor.kind, session_token(&headers)) {
        let (session, member) = app::sessions::current(&api.app, token).await?;
        body.name = Some(member.value.name);
        body.expires_at = Some(session.expires_at);
    }
    Ok(Json(body))
}

async fn describe(api: &Api, actor: &Actor) -> Result<MeBody, AppError> {
    let organization = match app::organizations::get(&api.app, actor).await {
        Ok(record) => Some(MyOrganization {
            id: record.id,
            name: record.value.name,
            slug: record.value.slug,
            time_zone: record.value.time_zone.name().to_owned(),
        }),
        // A key may be without the right to see it.
        Err(AppError::Forbidden(_)) => None,
        Err(error) => return Err(error),
    };
    let mut body = MeBody {
        organization_id: actor.organization_id,
        organization,
        role: None,
        scopes: None,
        member_id: None,
        name: None,
        technician_id: None,
        api_key_id: None,
        expires_at: None,
    };
    match &actor.kind {
        ActorKind::Member { id, role, technician_id } => {
            body.role = Some(*role);
            body.member_id = Some(*id);
            body.technician_id = *technician_id;
        }
        ActorKind::ApiKey { id, scopes } => {
            body.api_key_id = Some(*id);
            body.scopes = Some(scopes.iter().cloned().collect());
        }
        ActorKind::Public | ActorKind::Customer { .. } | ActorKind::System => {}
    }
    Ok(body)
}

/// The cookie of a session; with an empty token it is taken away.
fn cookie(api: &Api, token: &str, seconds: u64) -> HeaderValue {
    let secure = if api.settings().base_url.starts_with("https://") { "; Secure" } else { "" };
    let text =
        format!("{COOKIE}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    // Tokens are made of letters, digits, hyphens and underscores.
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

//! `/api/v1/api-keys`.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::{delete, get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::addressed::Id;
use crate::api::catalogue::{All, all_shape};
use crate::api::created::Created;
use crate::api::credentials::Caller;
use crate::api::endpoint::{Access, Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::input::Whole;
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::app;
use crate::app::api_keys::ApiKey;
use crate::app::permissions::Operation;
use crate::domain::error::AppError;
use crate::domain::faults::{Faults, Validate};
use crate::domain::id::ApiKeyId;

/// A key to be made.
#[derive(Deserialize, ToSchema)]
struct NewApiKey {
    /// What people call it.
    name: String,
    /// What it allows, for instance `bookings:write`.
    scopes: BTreeSet<String>,
}

impl Validate for NewApiKey {
    fn validate(&self, faults: &mut Faults) {
        app::api_keys::check((&self.name, &self.scopes), faults);
    }
}

/// A key, without its secret.
#[derive(Debug, Serialize, ToSchema)]
struct ApiKeyBody {
    /// Its id.
    id: ApiKeyId,
    /// What people call it.
    name: String,
    /// Its first characters, to tell keys apart.
    prefix: String,
    /// What it allows.
    scopes: BTreeSet<String>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    used_at: Option<DateTime<Utc>>,
    /// Since when it opens nothing.
    revoked_at: Option<DateTime<Utc>>,
    /// The key itself; only in the answer that makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl From<ApiKey> for ApiKeyBody {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            prefix: key.prefix,
            scopes: key.scopes,
            created_at: key.created_at,
            used_at: key.used_at,
            revoked_at: key.revoked_at,
            secret: None,
        }
    }
}

/// Adds the endpoints of keys.
pub(crate) fn add(routes: &mut Routes) {
    let tag = "API keys";
    let endpoint = Endpoint::get("/api-keys", Operation::ApiKeysRead)
        .says(tag, "Lists API keys, revoked ones included")
        .gives(200, "All of them.", all_shape("ApiKey", Shape::of::<ApiKeyBody>()));
    routes.add(endpoint, get(list));
    let endpoint = Endpoint::post("/api-keys", Operation::ApiKeysWrite)
        .says(tag, "Makes an API key")
        .more(
            "The answer is the only place that ever shows `secret`; keep it safe. For the same \
             reason it is not kept for repetitions: there is no `Idempotency-Key` here.",
        )
        .takes(Shape::of::<NewApiKey>())
        .gives(201, "The key, with its secret.", Shape::of::<ApiKeyBody>());
    routes.add(endpoint, post(create));
    let endpoint = Endpoint::get("/api-keys/{api_key_id}", Operation::ApiKeysRead)
        .says(tag, "Reads an API key")
        .gives(200, "The key, without its secret.", Shape::of::<ApiKeyBody>());
    routes.add(endpoint, get(read));
    let right = Access::Granted(Operation::ApiKeysWrite);
    let endpoint = Endpoint::new(Method::DELETE, "/api-keys/{api_key_id}", right)
        .says(tag, "Revokes an API key")
        .ends(204, "It opens nothing any more.");
    routes.add(endpoint, delete(revoke));
}

async fn list(
    State(api): State<Api>,
    Caller(actor): Caller,
) -> Result<Json<All<ApiKeyBody>>, ApiError> {
    let keys = app::api_keys::list(&api.app, &actor).await?;
    let items: Vec<_> = keys.into_iter().map(ApiKeyBody::from).collect();
    Ok(Json(items.into()))
}

async fn create(
    State(api): State<Api>,
    Caller(actor): Caller,
    Whole(new): Whole<NewApiKey>,
) -> Result<Created, ApiError> {
    let (key, secret) = app::api_keys::create(&api.app, &actor, &new.name, &new.scopes).await?;
    let body = ApiKeyBody { secret: Some(secret), ..key.into() };
    Ok(Created::new(&body).at(&format!("/api-keys/{}", body.id)))
}

async fn read(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<ApiKeyId>,
) -> Result<Json<ApiKeyBody>, ApiError> {
    // An organization has a handful of keys.
    let keys = app::api_keys::list(&api.app, &actor).await?;
    let key = keys.into_iter().find(|key| key.id == id);
    let key = key.ok_or_else(|| AppError::not_found("API key", id))?;
    Ok(Json(key.into()))
}

async fn revoke(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<ApiKeyId>,
) -> Result<StatusCode, ApiError> {
    app::api_keys::revoke(&api.app, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

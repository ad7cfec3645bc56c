//! `/api/v1/audit`: who changed what.

use axum::Json;
use axum::extract::State;
use axum::routing::get;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::api::catalogue::{page_asked, page_shape};
use crate::api::credentials::Caller;
use crate::api::endpoint::{Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::input::Asked;
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::app;
use crate::app::audit::AuditFilter;
use crate::app::permissions::Operation;
use crate::domain::audit::AuditEntry;

#[derive(Debug, Deserialize, IntoParams)]
struct AuditQuery {
    /// Only about things of this noun, plural, for instance `bookings`.
    noun: Option<String>,
    /// Only about the thing with this id.
    noun_id: Option<String>,
    /// Only by this actor, for instance `member:<id>`.
    actor: Option<String>,
    /// At or after this time.
    from: Option<DateTime<Utc>>,
    /// Before this time.
    until: Option<DateTime<Utc>>,
    /// Rows of a page, 1 to 500; 50 if not given.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A change with who made it.
#[derive(Debug, Serialize, ToSchema)]
struct AuditLine {
    /// The change.
    #[serde(flatten)]
    entry: AuditEntry,
    /// The name of the member who made it; null for others, and for members who are gone.
    actor_name: Option<String>,
}

/// Adds the list.
pub(crate) fn add(routes: &mut Routes) {
    let endpoint = Endpoint::get("/audit", Operation::AuditRead)
        .says("audit", "Lists changes, the newest first")
        .asks::<AuditQuery>()
        .gives(200, "One page.", page_shape("AuditLine", Shape::of::<AuditLine>()));
    routes.add(endpoint, get(list));
}

async fn list(
    State(api): State<Api>,
    Caller(actor): Caller,
    Asked(query): Asked<AuditQuery>,
) -> Result<Json<Value>, ApiError> {
    let AuditQuery { noun, noun_id, actor: by, from, until, limit, cursor } = query;
    let filter = AuditFilter { noun, noun_id, actor: by, from, until };
    let page = page_asked(limit, cursor)?;
    let page = app::audit::list(&api.app, &actor, &filter, &page).await?;
    let names = app::audit::authors(&api.app, &actor, &page.items).await?;
    let named = |entry: AuditEntry| {
        let actor_name = names.get(&entry.actor).cloned();
        AuditLine { entry, actor_name }
    };
    let items: Vec<AuditLine> = page.items.into_iter().map(named).collect();
    Ok(Json(json!({ "items": items, "next_cursor": page.next })))
}

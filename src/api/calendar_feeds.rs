//! `/api/v1/calendar-feeds` and the secret addresses that calendar programs read.

use axum::Json;
use axum::extract::{RawPathParams, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use chrono::{DateTime, Utc};
use serde::Serialize;
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
use crate::app::calendars::feeds::{self, FeedOf};
use crate::app::permissions::Operation;
use crate::domain::calendars::CalendarFeed;
use crate::domain::id::{CalendarFeedId, TeamId, TechnicianId};

/// A feed; its address only in the answer that makes or renews it.
#[derive(Debug, Serialize, ToSchema)]
struct FeedBody {
    /// Its id.
    id: CalendarFeedId,
    /// Whose visits.
    technician_id: Option<TechnicianId>,
    /// Or which team's.
    team_id: Option<TeamId>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When its address was last renewed.
    rotated_at: DateTime<Utc>,
    /// When it was last read, to the hour.
    used_at: Option<DateTime<Utc>>,
    /// The secret address to subscribe to.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// The same with `webcal://`, which opens calendar programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    webcal_url: Option<String>,
}

impl From<CalendarFeed> for FeedBody {
    fn from(feed: CalendarFeed) -> Self {
        Self {
            id: feed.id,
            technician_id: feed.technician_id,
            team_id: feed.team_id,
            created_at: feed.created_at,
            rotated_at: feed.rotated_at,
            used_at: feed.used_at,
            url: None,
            webcal_url: None,
        }
    }
}

/// Adds the endpoints of feeds.
pub(crate) fn add(routes: &mut Routes) {
    let tag = "calendars";
    let one = Shape::of::<FeedBody>();
    let endpoint = Endpoint::get("/calendar-feeds", Operation::CalendarFeedsRead)
        .says(tag, "Lists feeds")
        .gives(
            200,
            "All of them, without their addresses.",
            all_shape("Feed", Shape::of::<FeedBody>()),
        );
    routes.add(endpoint, get(list));
    let endpoint = Endpoint::post("/calendar-feeds", Operation::CalendarFeedsWrite)
        .says(tag, "Makes a feed of a technician's or team's visits")
        .more(
            "Calendar programs subscribe to its address; whoever knows it reads it. It is shown \
             here and when it is renewed, never again. From 7 days back to 60 days ahead.",
        )
        .takes(Shape::of::<FeedOf>())
        .gives(201, "The feed, with its address.", one.clone());
    routes.add(endpoint, post(create));
    let path = "/calendar-feeds/{calendar_feed_id}";
    let endpoint = Endpoint::post(format!("{path}:rotate"), Operation::CalendarFeedsWrite)
        .says(tag, "Renews the address of a feed; the old one opens nothing any more")
        .gives(200, "The feed, with its new address.", one);
    routes.add(endpoint, post(rotate));
    let right = Access::Granted(Operation::CalendarFeedsWrite);
    let endpoint = Endpoint::new(Method::DELETE, path, right)
        .says(tag, "Revokes a feed")
        .ends(204, "Its address opens nothing any more.");
    routes.add(endpoint, delete(revoke));
    let endpoint = Endpoint::new(Method::GET, "/feeds/{token}", Access::Open)
        .says(tag, "Reads a feed by its secret address")
        .header("if-none-match", "The version that is known.")
        .gives_as(200, "The visits.", Shape::text(), "text/calendar")
        .ends(304, "It is still the version that is known.");
    routes.add_at_root(&endpoint, get(text));
}

fn with_address(api: &Api, feed: CalendarFeed, secret: &str) -> FeedBody {
    let url = format!("{}/feeds/{secret}.ics", api.settings().base_url);
    let bare = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    let webcal_url = Some(format!("webcal://{bare}"));
    FeedBody { url: Some(url), webcal_url, ..feed.into() }
}

async fn list(
    State(api): State<Api>,
    Caller(actor): Caller,
) -> Result<Json<All<FeedBody>>, ApiError> {
    let items = feeds::list(&api.app, &actor).await?;
    let items: Vec<_> = items.into_iter().map(FeedBody::from).collect();
    Ok(Json(items.into()))
}

async fn create(
    State(api): State<Api>,
    Caller(actor): Caller,
    Whole(of): Whole<FeedOf>,
) -> Result<Created, ApiError> {
    let (feed, secret) = feeds::create(&api.app, &actor, of).await?;
    let body = with_address(&api, feed, &secret);
    Ok(Created::new(&body).at(&format!("/calendar-feeds/{}", body.id)))
}

async fn rotate(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<CalendarFeedId>,
) -> Result<Json<FeedBody>, ApiError> {
    let (feed, secret) = feeds::rotate(&api.app, &actor, id).await?;
    Ok(Json(with_address(&api, feed, &secret)))
}

async fn revoke(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<CalendarFeedId>,
) -> Result<StatusCode, ApiError> {
    feeds::revoke(&api.app, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn text(
    State(api): State<Api>,
    params: RawPathParams,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let token = params.iter().last().map_or("", |(_, text)| text);
    let token = token.strip_suffix(".ics").unwrap_or(token);
    let feed = feeds::text(&api.app, token).await?;
    let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or("");
    let same = known.split(',').any(|tag| tag.trim().trim_start_matches("W/") == feed.etag);
    let tag = [(ETAG, feed.etag.clone()), (CACHE_CONTROL, "private, no-cache".to_owned())];
    if same {
        return Ok((StatusCode::NOT_MODIFIED, tag).into_response());
    }
    let media = [(CONTENT_TYPE, "text/calendar; charset=utf-8")];
    Ok((tag, media, feed.text).into_response())
}

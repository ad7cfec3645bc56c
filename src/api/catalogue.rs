//! Create, read, change, delete and list: one implementation for every noun of the catalogue.

mod listing;
mod record;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::Method;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{delete, get, post, put};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::api::addressed::{At, Id};
use crate::api::created::Created;
use crate::api::credentials::Caller;
use crate::api::endpoint::{Access, Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::idempotency::Once;
use crate::api::input::{self, Changed};
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::app;
use crate::app::catalogue::{CatalogueNoun, Listing};
use crate::domain::actors::Actor;
use crate::domain::records::Record;

pub(crate) use listing::{
    Filter, FilterKind, list_parameters, listing, page_asked, pairs, parameter,
};
pub(crate) use record::{
    All, all_shape, body as record_body, change_shape, page_shape, record_shape, tagged, with_tag,
};

/// A noun of the catalogue, as the API offers it.
pub(crate) trait Noun: CatalogueNoun + ToSchema {
    /// What lists of it can be narrowed down by.
    const FILTERS: &'static [Filter] = &[];

    /// Where it lives, for instance `/technicians`.
    fn path() -> String {
        format!("/{}", Self::PLURAL.replace('_', "-"))
    }
}

/// Adds the five endpoints of a noun.
pub(crate) fn add<N: Noun>(routes: &mut Routes) {
    let (one, many) = (N::SINGULAR.replace('_', " "), N::PLURAL.replace('_', " "));
    let (one, many, tag, path) = (one.as_str(), many.as_str(), many.as_str(), N::path());
    let single = format!("{path}/{{{}_id}}", N::SINGULAR);
    let record = record_shape::<N>();
    let endpoint = Endpoint::get(path.as_str(), N::READ)
        .says(tag, format!("Lists {many}"))
        .parameters(list_parameters(N::FILTERS))
        .gives(200, "One page.", page_shape(&<N as ToSchema>::name(), record.clone()));
    routes.add(endpoint, get(list::<N>));
    let endpoint = Endpoint::post(path.as_str(), N::WRITE)
        .says(tag, format!("Creates {} {one}", article(one)))
        .takes(Shape::of::<N>())
        .once()
        .gives(201, "It, as it is stored; its address is in `Location`.", record.clone())
        .refuses(409, "It does not go with what is stored, for instance a name that is taken.");
    routes.add(endpoint, post(create::<N>));
    let endpoint = Endpoint::get(single.as_str(), N::READ)
        .says(tag, format!("Reads {} {one}", article(one)))
        .gives(200, "It; its revision is in `ETag`, too.", record.clone());
    routes.add(endpoint, get(read::<N>));
    let endpoint = Endpoint::new(Method::PUT, single.as_str(), Access::Granted(N::WRITE))
        .says(tag, format!("Replaces {} {one}", article(one)))
        .more(
            "Send everything, also what stays. The revision you saw goes into `revision` or \
             `If-Match`.",
        )
        .header("if-match", "The revision you saw, as in `ETag`.")
        .takes(change_shape::<N>())
        .gives(200, "It, as it is stored.", record)
        .refuses(409, "Somebody changed it first, or it does not go with what is stored.");
    routes.add(endpoint, put(replace::<N>));
    let endpoint = Endpoint::new(Method::DELETE, single.as_str(), Access::Granted(N::WRITE))
        .says(tag, format!("Deletes {} {one}", article(one)))
        .header("if-match", "The revision you saw, as in `ETag`; any if you send none.")
        .ends(204, "It is gone.")
        .refuses(409, "Somebody changed it first, or something still refers to it.");
    routes.add(endpoint, delete(remove::<N>));
}

fn article(noun: &str) -> &'static str {
    if noun == "equipment" {
        "a kind of"
    } else if noun.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    }
}

async fn list<N: Noun>(
    State(api): State<Api>,
    Caller(actor): Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, ApiError> {
    let listing = listing(query.as_deref().unwrap_or(""), N::FILTERS)?;
    page::<N>(&api, &actor, &listing).await
}

/// One page of a list, on the wire.
pub(crate) async fn page<N: Noun>(
    api: &Api,
    actor: &Actor,
    listing: &Listing,
) -> Result<Json<Value>, ApiError> {
    let page = app::catalogue::list::<N>(&api.app, actor, listing).await?;
    let items: Vec<Value> = page.items.iter().map(record_body).collect();
    Ok(Json(json!({ "items": items, "next_cursor": page.next })))
}

async fn create<N: Noun>(
    State(api): State<Api>,
    Caller(actor): Caller,
    once: Once,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Created, ApiError> {
    let value = input::value(&headers, &bytes)?;
    let schema = Shape::reference::<N>();
    let noun: N = input::typed(api.document(), &schema, value)?;
    let app = once.app(&api, created::<N>);
    Ok(created(&app::catalogue::create(&app, &actor, &noun).await?))
}

/// The answer to the create of a record.
pub(crate) fn created<N: CatalogueNoun>(record: &Record<N::Id, N>) -> Created {
    let path = format!("/{}/{}", N::PLURAL.replace('_', "-"), record.id);
    Created::new(&record_body(record)).at(&path).tagged(record.revision)
}

async fn read<N: Noun>(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<N::Id>,
) -> Result<Response, ApiError> {
    let record = app::catalogue::get::<N>(&api.app, &actor, id).await?;
    Ok(tagged(&record))
}

async fn replace<N: Noun>(
    State(api): State<Api>,
    Caller(actor): Caller,
    At(Id(id), Changed(seen, noun)): At<Id<N::Id>, Changed<N>>,
) -> Result<Response, ApiError> {
    Ok(tagged(&app::catalogue::update(&api.app, &actor, (id, seen), &noun).await?))
}

async fn remove<N: Noun>(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<N::Id>,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    let revision = input::if_match(&headers)?;
    app::catalogue::delete::<N>(&api.app, &actor, id, revision).await?;
    Ok(StatusCode::NO_CONTENT)
}

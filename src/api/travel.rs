//! `/api/v1/travel:route`, `/api/v1/travel:matrix` and `/api/v1/travel:isochrone`.

use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;

use crate::api::credentials::Caller;
use crate::api::endpoint::{Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::input::Whole;
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::app;
use crate::app::permissions::Operation;
use crate::app::travel::{DriveMatrix, DrivenRoute, IsochroneRequest, MatrixRequest, RouteRequest};

const GEOJSON: &str = "application/geo+json";

/// Adds the questions about travel.
pub(crate) fn add(routes: &mut Routes) {
    let tag = "travel";
    let endpoint = Endpoint::post("/travel:route", Operation::TravelRead)
        .says(tag, "Drives from place to place, with their lines")
        .more(
            "Lines are encoded polylines with five digits. They follow the embedded roads, also for \
             drives that an OSRM server reckons; without roads they are straight. A drive without a \
             way is `null`.",
        )
        .takes(Shape::of::<RouteRequest>())
        .gives(200, "The drives.", Shape::of::<DrivenRoute>())
        .refuses(409, "Travel by road or OSRM is asked for, but there is none.");
    routes.add(endpoint, post(route));
    let endpoint = Endpoint::post("/travel:matrix", Operation::TravelRead)
        .says(tag, "Drives between many places")
        .more("A drive without a way is `null`, above all where a place is off the roads.")
        .takes(Shape::of::<MatrixRequest>())
        .gives(200, "Seconds and metres.", Shape::of::<DriveMatrix>())
        .refuses(409, "Travel by road or OSRM is asked for, but there is none.");
    routes.add(endpoint, post(matrix));
    let endpoint = Endpoint::post("/travel:isochrone", Operation::TravelRead)
        .says(tag, "The areas that can be reached within some minutes")
        .more(
            "A GeoJSON `FeatureCollection` in the order asked, by the embedded roads; each feature \
             has the property `minutes`.",
        )
        .takes(Shape::of::<IsochroneRequest>())
        .gives_as(200, "The areas.", Shape::anything(), GEOJSON)
        .refuses(409, "No roads are loaded.");
    routes.add(endpoint, post(isochrone));
}

async fn route(
    State(api): State<Api>,
    Caller(actor): Caller,
    Whole(request): Whole<RouteRequest>,
) -> Result<Json<DrivenRoute>, ApiError> {
    Ok(Json(app::travel::route(&api.app, &actor, &request).await?))
}

async fn matrix(
    State(api): State<Api>,
    Caller(actor): Caller,
    Whole(request): Whole<MatrixRequest>,
) -> Result<Json<DriveMatrix>, ApiError> {
    Ok(Json(app::travel::matrix(&api.app, &actor, &request).await?))
}

async fn isochrone(
    State(api): State<Api>,
    Caller(actor): Caller,
    Whole(request): Whole<IsochroneRequest>,
) -> Result<Response, ApiError> {
    let areas = app::travel::isochrone(&api.app, &actor, &request).await?;
    Ok(([(CONTENT_TYPE, GEOJSON)], areas.to_string()).into_response())
}

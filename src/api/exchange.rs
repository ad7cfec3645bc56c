//! `/api/v1/export` and `/api/v1/import`: a whole organization as one document, and tables.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::routing::{get, post};

use crate::api::credentials::Caller;
use crate::api::endpoint::{Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::input;
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::app::exchange::csv::CsvNoun;
use crate::app::exchange::{self, Imported};
use crate::app::permissions::Operation;
use crate::domain::exchange::Document;

/// Adds the endpoints.
pub(crate) fn add(routes: &mut Routes) {
    let tag = "import and export";
    let endpoint = Endpoint::get("/export", Operation::OrganizationsExport)
        .says(tag, "Writes the whole organization as one document")
        .more("Without passwords, API keys, holds and audit entries.")
        .gives(200, "The document.", Shape::of::<Document>());
    routes.add(endpoint, get(export));
    let endpoint = Endpoint::post("/import", Operation::OrganizationsImport)
        .says(tag, "Reads a document into the organization")
        .more(
            "Records that are there, by their ids, are changed, others are added, nothing is \
             deleted. With any fault nothing is written.",
        )
        .takes(Shape::of::<Document>())
        .gives(200, "What was done.", Shape::of::<Imported>());
    routes.add(endpoint, post(import));
    for (noun, words) in [
        (CsvNoun::Technicians, "technicians"),
        (CsvNoun::Customers, "customers"),
        (CsvNoun::Sites, "sites"),
    ] {
        let endpoint = Endpoint::post(format!("/import/{words}"), Operation::OrganizationsImport)
            .says(tag, format!("Reads a CSV table of {words}, sent as it is"))
            .more("Faults name row and column; with any nothing is written.")
            .takes_as(Shape::text(), "text/csv")
            .gives(200, "What was done.", Shape::of::<Imported>());
        let table = move |State(api): State<Api>, Caller(actor): Caller, bytes: Bytes| async move {
            let imported = exchange::import_table(&api.app, &actor, noun, &bytes).await;
            Ok::<_, ApiError>(Json(imported?))
        };
        routes.add(endpoint, post(table));
        let endpoint = Endpoint::get(format!("/export/{words}"), Operation::OrganizationsExport)
            .says(tag, format!("Writes the {words} as a CSV table, as the import reads it"))
            .gives_as(200, "The table.", Shape::text(), "text/csv");
        let table = move |State(api): State<Api>, Caller(actor): Caller| async move {
            let text = exchange::export_table(&api.app, &actor, noun).await?;
            let name = format!("attachment; filename=\"{words}.csv\"");
            let headers =
                [(CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, name)];
            Ok::<_, ApiError>((headers, text))
        };
        routes.add(endpoint, get(table));
    }
}

async fn export(State(api): State<Api>, Caller(actor): Caller) -> Result<Json<Document>, ApiError> {
    Ok(Json(exchange::export(&api.app, &actor).await?))
}

async fn import(
    State(api): State<Api>,
    Caller(actor): Caller,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Json<Imported>, ApiError> {
    // Says in the API's own words that a body is no JSON.
    input::value(&headers, &bytes)?;
    Ok(Json(exchange::import(&api.app, &actor, &bytes).await?))
}

//! `/api/v1/optimizations`, `plans:optimize` and `plans:repair`: runs of the optimizer.

use std::convert::Infallible;
use std::time::Duration;

use async_stream::stream;
use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::response::sse::{Event as Line, KeepAlive, Sse};
use axum::routing::{get, post};
use futures_util::Stream;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;

use crate::api::addressed::{At, Id};
use crate::api::catalogue::{page_asked, page_shape};
use crate::api::created::Created;
use crate::api::credentials::Caller;
use crate::api::endpoint::{Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::idempotency::Once;
use crate::api::input::{Asked, Whole};
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::app;
use crate::app::permissions::Operation;
use crate::domain::actors::Actor;
use crate::domain::id::{LocationId, OptimizationId};
use crate::domain::optimizations::{Optimization, OptimizationRequest, Repair};

/// How often a run is looked at for whoever follows it.
const BEAT: Duration = Duration::from_millis(400);
/// A line without meaning is sent this often, so that everybody knows the connection lives.
const HEARTBEAT: Duration = Duration::from_secs(15);

#[derive(Debug, Deserialize, IntoParams)]
struct ListQuery {
    /// Only runs whose first location is this one.
    location_id: Option<LocationId>,
    /// Rows of a page, 1 to 500; 50 if not given.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
struct ProblemQuery {
    /// One of the run's locations; the first if none.
    location_id: Option<LocationId>,
}

/// Adds the endpoints of runs.
pub(crate) fn add(routes: &mut Routes) {
    let (tag, one) = ("optimizations", "/optimizations/{optimization_id}");
    let run = Shape::of::<Optimization>();
    let endpoint = Endpoint::post("/plans:optimize", Operation::PlansOptimize)
        .says(tag, "Lets the optimizer look for a better plan")
        .more(
            "The run waits for its turn, organizations in turn. What it finds is a proposal; \
             nothing changes before that is applied.",
        )
        .takes(Shape::of::<OptimizationRequest>())
        .once()
        .gives(201, "The run.", run.clone());
    routes.add(endpoint, post(optimize));
    let endpoint = Endpoint::post("/plans:repair", Operation::PlansRepair)
        .says(tag, "Lets the optimizer repair a plan after something went otherwise than planned")
        .more(
            "A small run with weights that keep the plan stable. What it finds is a proposal. \
             `replanning` of a location lets this happen by itself.",
        )
        .takes(Shape::of::<Repair>())
        .once()
        .gives(201, "The run.", run.clone())
        .refuses(404, "No such location or visit.");
    routes.add(endpoint, post(repair));
    let endpoint = Endpoint::get("/optimizations", Operation::OptimizationsRead)
        .says(tag, "Lists runs, the newest first")
        .asks::<ListQuery>()
        .gives(200, "One page.", page_shape("Optimization", run.clone()));
    routes.add(endpoint, get(list));
    let endpoint = Endpoint::get(one, Operation::OptimizationsRead).says(tag, "Reads a run").gives(
        200,
        "It.",
        run.clone(),
    );
    routes.add(endpoint, get(read));
    let endpoint =
        Endpoint::post("/optimizations/{optimization_id}:cancel", Operation::OptimizationsCancel)
            .says(tag, "Stops a run; one that searches keeps the best it has")
            .gives(200, "It.", run.clone());
    routes.add(endpoint, post(cancel));
    let endpoint =
        Endpoint::get("/optimizations/{optimization_id}/progress", Operation::OptimizationsRead)
            .says(tag, "Follows a run until it is over")
            .more("Server-sent events `progress`, and `end` at the end; each holds the run.")
            .gives_as(200, "The stream; the data of each event is JSON.", run, "text/event-stream");
    routes.add(endpoint, get(progress));
    add_problem(routes);
}

/// Adds the endpoint of the problem behind a run.
fn add_problem(routes: &mut Routes) {
    let path = "/optimizations/{optimization_id}/problem";
    let endpoint = Endpoint::get(path, Operation::OptimizationsRead)
        .says("optimizations", "Writes what a run asks as a problem of `roundsman solve`")
        .more("About the plan as it is now. The format is described in `docs/solve.md`.")
        .asks::<ProblemQuery>()
        .gives(200, "The problem.", Shape::anything());
    routes.add(endpoint, get(problem));
}

fn created(run: &Optimization) -> Created {
    Created::new(run).at(&format!("/optimizations/{}", run.id))
}

async fn optimize(
    State(api): State<Api>,
    Caller(actor): Caller,
    once: Once,
    Whole(request): Whole<OptimizationRequest>,
) -> Result<Created, ApiError> {
    let app = once.app(&api, created);
    Ok(created(&app::optimizations::create(&app, &actor, &request).await?))
}

async fn repair(
    State(api): State<Api>,
    Caller(actor): Caller,
    once: Once,
    Whole(request): Whole<Repair>,
) -> Result<Created, ApiError> {
    let app = once.app(&api, created);
    Ok(created(&app::optimizations::repair(&app, &actor, &request).await?))
}

async fn list(
    State(api): State<Api>,
    Caller(actor): Caller,
    Asked(query): Asked<ListQuery>,
) -> Result<Json<Value>, ApiError> {
    let page = page_asked(query.limit, query.cursor)?;
    let page = app::optimizations::list(&api.app, &actor, query.location_id, &page).await?;
    Ok(Json(json!({ "items": page.items, "next_cursor": page.next })))
}

async fn read(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<OptimizationId>,
) -> Result<Json<Optimization>, ApiError> {
    Ok(Json(app::optimizations::get(&api.app, &actor, id).await?))
}

async fn problem(
    State(api): State<Api>,
    Caller(actor): Caller,
    At(Id(id), Asked(query)): At<Id<OptimizationId>, Asked<ProblemQuery>>,
) -> Result<impl IntoResponse, ApiError> {
    let text = app::optimizations::problem(&api.app, &actor, id, query.location_id).await?;
    Ok(([(CONTENT_TYPE, "application/json")], text))
}

async fn cancel(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<OptimizationId>,
) -> Result<Json<Optimization>, ApiError> {
    Ok(Json(app::optimizations::cancel(&api.app, &actor, id).await?))
}

async fn progress(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<OptimizationId>,
) -> Result<Sse<impl Stream<Item = Result<Line, Infallible>>>, ApiError> {
    let run = app::optimizations::get(&api.app, &actor, id).await?;
    let lines = lines(api, actor, run);
    Ok(Sse::new(lines).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}

/// The run at each of its changes, until it is over or the server stops.
fn lines(
    api: Api,
    actor: Actor,
    mut run: Optimization,
) -> impl Stream<Item = Result<Line, Infallible>> {
    stream! {
        let mut stopping = api.stopping();
        yield Ok(line(&run));
        while !run.status.is_over() {
            tokio::select! {
                _ = stopping.wait_for(|stop| *stop) => break,
                () = tokio::time::sleep(BEAT) => {}
            }
            match app::optimizations::get(&api.app, &actor, run.id).await {
                Ok(now) if now.revision == run.revision => {}
                Ok(now) => {
                    run = now;
                    yield Ok(line(&run));
                }
                Err(error) => {
                    // The client comes back and reads the run as it is then.
                    tracing::warn!(error = %error, "A stream of progress broke");
                    break;
                }
            }
        }
    }
}

fn line(run: &Optimization) -> Line {
    let kind = if run.status.is_over() { "end" } else { "progress" };
    let text = serde_json::to_string(run).unwrap_or_default();
    Line::default().id(run.revision.to_string()).event(kind).data(text)
}

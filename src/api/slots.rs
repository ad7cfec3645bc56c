//! `/api/v1/slots:search` and `/api/v1/slots:explain`.

use std::time::Instant;

use axum::Json;
use axum::extract::State;
use axum::routing::post;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::api::credentials::Caller;
use crate::api::endpoint::{Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::input::Whole;
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::app;
use crate::app::permissions::Operation;
use crate::domain::faults::{Faults, Validate};
use crate::domain::id::TechnicianId;
use crate::domain::slots::{Explanation, SlotAnswer, SlotQuery};

/// What was asked for, and about which start or technician the question is.
#[derive(Debug, Deserialize, ToSchema)]
struct ExplainBody {
    /// What was asked for.
    #[serde(flatten)]
    query: SlotQuery,
    /// Only about this start.
    start: Option<DateTime<Utc>>,
    /// Only about this technician.
    technician_id: Option<TechnicianId>,
}

impl Validate for ExplainBody {
    fn validate(&self, faults: &mut Faults) {
        self.query.validate(faults);
    }
}

/// Adds both questions.
pub(crate) fn add(routes: &mut Routes) {
    let endpoint = Endpoint::post("/slots:search", Operation::SlotsSearch)
        .says("slots", "Finds every start at which work can be done")
        .more(
            "Each start is proven feasible against the plan as it is now. With `limit` a few good \
             ones, spread over days and parts of the day. If nothing fits: the nearest \
             alternatives and the reasons.",
        )
        .takes(Shape::of::<SlotQuery>())
        .gives(200, "The starts by day.", Shape::of::<SlotAnswer>());
    routes.add(endpoint, post(search));
    let endpoint = Endpoint::post("/slots:explain", Operation::SlotsExplain)
        .says("slots", "Says why there is no start")
        .more(
            "For each date and technician the first rule that fails, its numbers, and the \
             smallest change that would make it fit.",
        )
        .takes(Shape::of::<ExplainBody>())
        .gives(200, "The reasons.", Shape::of::<Explanation>());
    routes.add(endpoint, post(explain));
}

/// Notes how long a search takes.
pub(crate) async fn timed<T>(searching: impl Future<Output = T>) -> T {
    let started = Instant::now();
    let done = searching.await;
    metrics::histogram!("slot_search_duration_seconds").record(started.elapsed().as_secs_f64());
    done
}

async fn search(
    State(api): State<Api>,
    Caller(actor): Caller,
    Whole(query): Whole<SlotQuery>,
) -> Result<Json<SlotAnswer>, ApiError> {
    Ok(Json(timed(app::slots::search(&api.app, &actor, &query)).await?))
}

async fn explain(
    State(api): State<Api>,
    Caller(actor): Caller,
    Whole(body): Whole<ExplainBody>,
) -> Result<Json<Explanation>, ApiError> {
    let ExplainBody { query, start, technician_id } = body;
    let explanation = app::slots::explain(&api.app, &actor, &query, start, technician_id).await?;
    Ok(Json(explanation))
}

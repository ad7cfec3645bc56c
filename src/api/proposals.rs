//! `/api/v1/proposals`: what runs of the optimizer suggest.

use axum::Json;
use axum::extract::State;
use axum::routing::{get, post};
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
use crate::api::input::{Asked, Input};
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::app;
use crate::app::permissions::Operation;
use crate::app::proposals::ApplyRequest;
use crate::domain::id::ProposalId;
use crate::domain::proposals::{Proposal, ProposalStatus};

#[derive(Debug, Deserialize, IntoParams)]
struct ListQuery {
    /// Only proposals that are so far.
    status: Option<ProposalStatus>,
    /// Rows of a page, 1 to 500; 50 if not given.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Adds the endpoints of proposals.
pub(crate) fn add(routes: &mut Routes) {
    let tag = "proposals";
    let shape = Shape::of::<Proposal>();
    let verb = |verb: &str, operation| {
        Endpoint::post(format!("/proposals/{{proposal_id}}:{verb}"), operation)
    };
    let endpoint = Endpoint::get("/proposals", Operation::ProposalsRead)
        .says(tag, "Lists proposals, the newest first")
        .asks::<ListQuery>()
        .gives(200, "One page.", page_shape("Proposal", shape.clone()));
    routes.add(endpoint, get(list));
    let endpoint = Endpoint::get("/proposals/{proposal_id}", Operation::ProposalsRead)
        .says(tag, "Reads a proposal")
        .gives(200, "It.", shape.clone());
    routes.add(endpoint, get(read));
    let endpoint = verb("apply", Operation::ProposalsApply)
        .says(tag, "Puts a proposal into the plan, whole or by line")
        .more(
            "Only onto the plan it was made for, and by the same checks as moves of single visits. \
             If the plan is newer, nothing changes, the proposal is stale, and a new run is queued \
             in its place (`replaced_by`). One that was undone is applied again in the same way, as \
             long as nobody changed the days since; no new run takes its place.",
        )
        .takes(Shape::of::<ApplyRequest>())
        .once()
        .gives(200, "The proposal.", shape.clone())
        .refuses(409, "The plan is newer (`visits` names what changed), or a line does not fit.");
    routes.add(endpoint, post(apply));
    let endpoint = verb("undo", Operation::ProposalsUndo)
        .says(tag, "Takes back what was applied of a proposal")
        .more("By the same checks, as long as nobody changed the days since.")
        .gives(200, "The proposal.", shape.clone())
        .refuses(409, "The plan is newer, a visit cannot go back, or nothing is applied.");
    routes.add(endpoint, post(undo));
    let endpoint = verb("reject", Operation::ProposalsReject)
        .says(tag, "Decides against a proposal")
        .gives(200, "The proposal.", shape)
        .refuses(409, "Something of it is applied, or it is over.");
    routes.add(endpoint, post(reject));
}

async fn list(
    State(api): State<Api>,
    Caller(actor): Caller,
    Asked(query): Asked<ListQuery>,
) -> Result<Json<Value>, ApiError> {
    let page = page_asked(query.limit, query.cursor)?;
    let page = app::proposals::list(&api.app, &actor, query.status, &page).await?;
    Ok(Json(json!({ "items": page.items, "next_cursor": page.next })))
}

async fn read(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<ProposalId>,
) -> Result<Json<Proposal>, ApiError> {
    Ok(Json(app::proposals::get(&api.app, &actor, id).await?))
}

async fn apply(
    State(api): State<Api>,
    Caller(actor): Caller,
    once: Once,
    At(Id(id), Input(request)): At<Id<ProposalId>, Input<ApplyRequest>>,
) -> Result<Created, ApiError> {
    let app = once.app(&api, |proposal: &Proposal| Created::changed(proposal));
    Ok(Created::changed(&app::proposals::apply(&app, &actor, id, &request).await?))
}

async fn undo(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<ProposalId>,
) -> Result<Json<Proposal>, ApiError> {
    Ok(Json(app::proposals::undo(&api.app, &actor, id).await?))
}

async fn reject(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<ProposalId>,
) -> Result<Json<Proposal>, ApiError> {
    Ok(Json(app::proposals::reject(&api.app, &actor, id).await?))
}

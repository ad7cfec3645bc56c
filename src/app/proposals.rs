//! Proposals: what the optimizer suggests, applied whole or by line, taken back, or rejected.

mod applying;
pub(crate) mod arranging;
pub(crate) mod making;
mod writing;

use serde_json::json;

use crate::app::catalogue::{Page, PageQuery};
use crate::app::permissions::{Operation, permit};
use crate::app::{App, audit};
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::id::{OrganizationId, ProposalId};
use crate::domain::proposals::{Proposal, ProposalStatus};
use crate::store::events::{self, NewEvent};
use crate::store::{Tx, proposals as rows};

pub use applying::{APPLY_TASK, ApplyRequest, apply, apply_by_rule, undo};

/// The proposal with this id.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Forbidden`].
pub async fn get(app: &App, actor: &Actor, id: ProposalId) -> Result<Proposal, AppError> {
    permit(actor, Operation::ProposalsRead)?;
    let mut tx = app.db.read().await?;
    stored(&mut tx, actor.organization_id, id).await
}

/// The proposal as this transaction sees it.
async fn stored(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: ProposalId,
) -> Result<Proposal, AppError> {
    let found = rows::get(tx, organization_id, id).await?;
    found.ok_or_else(|| AppError::not_found("proposal", id))
}

/// One page of proposals, newest first.
///
/// # Errors
/// [`AppError::Invalid`] for a foreign cursor; [`AppError::Forbidden`].
pub async fn list(
    app: &App,
    actor: &Actor,
    status: Option<ProposalStatus>,
    page: &PageQuery,
) -> Result<Page<Proposal>, AppError> {
    permit(actor, Operation::ProposalsRead)?;
    let mut tx = app.db.read().await?;
    Ok(rows::list(&mut tx, actor.organization_id, status, page).await?)
}

/// Decides against a proposal of which nothing is applied.
///
/// # Errors
/// [`AppError::Conflict`] for one that is applied or over; [`AppError::NotFound`];
/// [`AppError::Forbidden`].
#[tracing::instrument(skip_all, fields(proposal.id = %id))]
pub async fn reject(app: &App, actor: &Actor, id: ProposalId) -> Result<Proposal, AppError> {
    permit(actor, Operation::ProposalsReject)?;
    let mut tx = app.db.write().await?;
    let before = stored(&mut tx, actor.organization_id, id).await?;
    if before.status != ProposalStatus::Open {
        return Err(over(before.status));
    }
    let changed = Proposal { status: ProposalStatus::Rejected, ..before };
    let proposal = update(app, actor, &mut tx, (&changed, "reject", "proposal.rejected")).await?;
    tx.commit().await?;
    Ok(proposal)
}

fn over(status: ProposalStatus) -> AppError {
    AppError::Conflict(format!("the proposal is {}", status.as_str().replace('_', " ")))
}

/// Stores a changed proposal with its audit entry and its news.
async fn update(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    (changed, verb, kind): (&Proposal, &'static str, &'static str),
) -> Result<Proposal, AppError> {
    let organization_id = actor.organization_id;
    let proposal = rows::update(tx, organization_id, changed, app.now()).await?;
    let proposal = proposal
        .ok_or_else(|| AppError::Conflict("somebody changed the proposal first".to_owned()))?;
    let action = audit::Action { noun: "proposals", verb, id: changed.id.into() };
    let applied: Vec<u32> =
        changed.lines.iter().filter(|line| line.applied).map(|line| line.number).collect();
    let after = json!({ "status": changed.status, "applied_lines": applied });
    audit::note(app, tx, actor, action, (serde_json::Value::Null, after)).await?;
    let mut locations: Vec<_> = changed.versions.iter().map(|seen| seen.location_id).collect();
    locations.dedup();
    for location_id in locations {
        let visits: Vec<_> = changed.lines.iter().map(|line| line.visit_id).collect();
        let event = NewEvent {
            organization_id,
            location_id: Some(location_id),
            kind: kind.to_owned(),
            subject_id: changed.id.to_string(),
            payload: json!({ "status": changed.status, "visit_ids": visits }),
            at: app.now(),
        };
        events::append(tx, event);
    }
    Ok(proposal)
}

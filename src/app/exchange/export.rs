//! Writes a whole organization into a document.

use std::collections::BTreeSet;

use crate::app::App;
use crate::app::exchange::csv::{self, CsvNoun};
use crate::app::permissions::{Operation, permit};
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::exchange::{Document, Item, PlannedAssignment};
use crate::domain::id::{JobId, OrganizationId, VisitId};
use crate::domain::messages::settings::MessageSettings;
use crate::domain::visits::{Visit, VisitStatus};
use crate::store::records::Noun;
use crate::store::{self, StoreError, Tx};

/// The whole organization of the actor, as it is at one moment.
///
/// # Errors
/// [`AppError::Forbidden`], or if the database fails.
#[tracing::instrument(skip_all)]
pub async fn export(app: &App, actor: &Actor) -> Result<Document, AppError> {
    permit(actor, Operation::OrganizationsExport)?;
    let mut tx = app.db.read().await?;
    let mut document = catalogue(&mut tx, actor.organization_id).await?;
    plan(&mut tx, actor.organization_id, &mut document).await?;
    Ok(document)
}

/// The technicians, customers or sites of the organization of the actor as a table that an import
/// reads.
///
/// # Errors
/// [`AppError::Forbidden`], or if the database fails.
#[tracing::instrument(skip_all)]
pub async fn export_table(app: &App, actor: &Actor, noun: CsvNoun) -> Result<String, AppError> {
    let document = set_up(app, actor).await?;
    csv::write(noun, &document).map_err(|error| AppError::Internal(Box::new(error)))
}

/// What the organization of the actor has set up, with its customers, without jobs and plan.
///
/// # Errors
/// [`AppError::Forbidden`], or if the database fails.
pub async fn set_up(app: &App, actor: &Actor) -> Result<Document, AppError> {
    permit(actor, Operation::OrganizationsExport)?;
    let mut tx = app.db.read().await?;
    catalogue(&mut tx, actor.organization_id).await
}

/// What the organization has set up, without its jobs and its plan.
pub(super) async fn catalogue(tx: &mut Tx, id: OrganizationId) -> Result<Document, AppError> {
    let organization = store::organizations::get(tx, id).await?;
    let organization = organization.ok_or_else(|| AppError::not_found("organization", id))?;
    let mut document = Document::of(id, organization.value);
    document.locations = items(tx, id).await?;
    document.skills = items(tx, id).await?;
    document.equipment = items(tx, id).await?;
    document.zones = items(tx, id).await?;
    document.technicians = items(tx, id).await?;
    document.teams = items(tx, id).await?;
    document.members = items(tx, id).await?;
    document.services = items(tx, id).await?;
    document.packages = items(tx, id).await?;
    document.message_settings = settings(tx, id).await?;
    document.message_templates = items(tx, id).await?;
    document.absences = items(tx, id).await?;
    document.customers = items(tx, id).await?;
    document.sites = items(tx, id).await?;
    Ok(document)
}

/// The rules of messages, without receivers whose address is a secret or is no part of a document.
async fn settings(tx: &mut Tx, id: OrganizationId) -> Result<Option<MessageSettings>, StoreError> {
    let (settings, revision) = store::message_settings::get(tx, id).await?;
    let new_bookings = settings.new_bookings.iter().filter(|one| one.is_plain()).cloned().collect();
    Ok((revision > 0).then_some(MessageSettings { new_bookings, ..settings }))
}

async fn items<N: Noun>(
    tx: &mut Tx,
    organization_id: OrganizationId,
) -> Result<Vec<Item<N::Id, N>>, StoreError> {
    let records = store::records::all::<N>(tx, organization_id).await?;
    let mut items: Vec<_> =
        records.into_iter().map(|record| Item { id: record.id, value: record.value }).collect();
    items.sort_by_key(|item| -> uuid::Uuid { item.id.into() });
    Ok(items)
}

async fn plan(tx: &mut Tx, id: OrganizationId, document: &mut Document) -> Result<(), StoreError> {
    let plan = store::exchange::plan(tx, id).await?;
    let is_held = |visit: &&Visit| visit.status == VisitStatus::Held;
    // A held visit and the job it was made for end with the hold, so neither is part of it.
    let held: BTreeSet<VisitId> = plan.visits.iter().filter(is_held).map(|it| it.id).collect();
    let kept = |visit: &&Visit| !held.contains(&visit.id);
    let jobs: BTreeSet<JobId> = plan.visits.iter().filter(kept).map(|it| it.job_id).collect();
    let only_held: BTreeSet<JobId> = plan
        .visits
        .iter()
        .filter(|visit| is_held(visit) && !jobs.contains(&visit.job_id))
        .map(|visit| visit.job_id)
        .collect();
    document.jobs = items(tx, id).await?;
    document.jobs.retain(|job| !only_held.contains(&job.id));
    // Counters of changes start anew where the document is read.
    let fresh = |visit| Visit { revision: 1, ..visit };
    document.visits =
        plan.visits.into_iter().filter(|visit| !held.contains(&visit.id)).map(fresh).collect();
    let assigned = plan.assigned.into_iter();
    document.assignments = assigned
        .filter(|it| !held.contains(&it.assignment.visit_id))
        .map(|it| PlannedAssignment {
            assignment: it.assignment,
            travel_s: it.travel_s,
            assigned_at: it.assigned_at,
        })
        .collect();
    let uses = plan.equipment_uses.into_iter().filter(|it| !held.contains(&it.visit_id));
    document.equipment_uses = uses.collect();
    document.equipment_uses.sort_by_key(|it| (it.visit_id, it.equipment_id, it.location_id));
    document.bookings = plan.bookings;
    document.bookings.iter_mut().for_each(|booking| booking.revision = 1);
    document.bookings.sort_by_key(|booking| booking.id);
    Ok(())
}

//! Organizations: founded by Roundsman, seen by their members, changed by owners.

mod founding;

use serde_json::Value;

use crate::app::permissions::{Operation, permit};
use crate::app::{App, audit};
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::faults::Validate as _;
use crate::domain::id::OrganizationId;
use crate::domain::organizations::Organization;
use crate::domain::records::Record;
use crate::domain::services::Service;
use crate::domain::travel::TravelMode;
use crate::store::{Tx, organizations as rows, records};

pub use founding::found;

/// Founds an organization.
///
/// # Errors
/// [`AppError::Invalid`] with all faults; [`AppError::Conflict`] for a slug that is taken.
pub async fn create(
    app: &App,
    organization: &Organization,
) -> Result<Record<OrganizationId, Organization>, AppError> {
    let id = OrganizationId(app.new_id());
    let actor = Actor::system(id);
    permit(&actor, Operation::OrganizationsCreate)?;
    organization.validated()?;
    check_server(app, organization).await?;
    let mut tx = app.db.write().await?;
    let record = rows::insert(&mut tx, id, organization, app.now()).await?;
    let action = audit::Action { noun: "organizations", verb: "create", id: id.into() };
    let after = audit::json(organization);
    audit::note(app, &mut tx, &actor, action, (Value::Null, after)).await?;
    tx.commit().await?;
    tracing::info!(organization.id = %id, "Founded organization {id}");
    Ok(record)
}

/// The actor's organization.
///
/// # Errors
/// [`AppError::Forbidden`]; [`AppError::NotFound`].
pub async fn get(
    app: &App,
    actor: &Actor,
) -> Result<Record<OrganizationId, Organization>, AppError> {
    permit(actor, Operation::OrganizationsRead)?;
    let mut tx = app.db.read().await?;
    let id = actor.organization_id;
    rows::get(&mut tx, id).await?.ok_or_else(|| AppError::not_found("organization", id))
}

/// Changes the actor's organization, if it still has the revision the caller saw.
///
/// # Errors
/// As [`create`], and [`AppError::Stale`], [`AppError::Forbidden`].
pub async fn update(
    app: &App,
    actor: &Actor,
    revision: i64,
    organization: &Organization,
) -> Result<Record<OrganizationId, Organization>, AppError> {
    permit(actor, Operation::OrganizationsUpdate)?;
    organization.validated()?;
    check_server(app, organization).await?;
    let id = actor.organization_id;
    let missing = || AppError::not_found("organization", id);
    let mut tx = app.db.write().await?;
    let before = rows::get(&mut tx, id).await?.ok_or_else(missing)?;
    if organization.osrm.is_none() {
        nobody_needs_osrm(&mut tx, id).await?;
    }
    let after = rows::update(&mut tx, (id, revision), organization, app.now()).await?;
    let after = after.ok_or_else(missing)?;
    let action = audit::Action { noun: "organizations", verb: "update", id: id.into() };
    let both = (audit::json(&before.value), audit::json(&after.value));
    audit::note(app, &mut tx, actor, action, both).await?;
    tx.commit().await?;
    Ok(after)
}

/// Refuses an OSRM server in a network that this server may not ask.
async fn check_server(app: &App, organization: &Organization) -> Result<(), AppError> {
    let Some(server) = &organization.osrm else { return Ok(()) };
    let checked = app.travel.check_server(server).await;
    checked.map_err(|error| AppError::invalid("osrm.url", &server.url, error.to_string()))
}

/// Refuses to go without an OSRM server while services travel by it.
async fn nobody_needs_osrm(tx: &mut Tx, id: OrganizationId) -> Result<(), AppError> {
    let services = records::all::<Service>(tx, id).await?.into_iter().map(|record| record.value);
    let needing = services.filter(|service| service.travel == Some(TravelMode::Osrm));
    let names: Vec<String> = needing.map(|service| service.name).collect();
    if names.is_empty() {
        return Ok(());
    }
    let message = format!("these services travel by it, change them first: {}", names.join(", "));
    Err(AppError::invalid("osrm", "none", message))
}

/// Anyone, as a visitor of the organization with this slug.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn public_actor(app: &App, slug: &str) -> Result<Actor, AppError> {
    let mut tx = app.db.read().await?;
    let found = rows::get_by_slug(&mut tx, slug).await?;
    let found = found.ok_or_else(|| AppError::not_found("organization", slug))?;
    Ok(Actor::public(found.id))
}

/// Every organization of the installation, for the command line.
///
/// # Errors
/// If the store fails.
pub async fn all(app: &App) -> Result<Vec<Record<OrganizationId, Organization>>, AppError> {
    let mut tx = app.db.read().await?;
    Ok(rows::all(&mut tx).await?)
}

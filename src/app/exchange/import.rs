//! Reads a whole organization, or a table of one noun, into the database: all of it or nothing.

use serde::Serialize;
use serde_json::Value as Json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::catalogue::{CatalogueNoun as _, roads};
use crate::app::exchange::csv::{self, CsvNoun, CsvRecords};
use crate::app::exchange::{export, places, read, renamed, write};
use crate::app::permissions::{Operation, permit};
use crate::app::{App, audit};
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::exchange::Document;
use crate::domain::faults::Faults;
use crate::domain::id::OrganizationId;
use crate::domain::places::Place;
use crate::store::exchange::taken_visits;
use crate::store::{self, Tx};

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Imported {
    /// The organization that has it now.
    pub organization_id: Option<OrganizationId>,
    /// Records added.
    pub added: usize,
    /// Records changed.
    pub changed: usize,
    /// Records that were there already, and jobs, visits and bookings that stay as they are.
    pub unchanged: usize,
    /// Records that got a new id, since another organization has theirs.
    pub renamed: usize,
    /// Columns of a table that were not understood and therefore left out.
    pub ignored_columns: Vec<String>,
}

/// Reads a document into the organization of the actor: what it has by id is changed, the rest is
/// added, nothing is deleted.
///
/// # Errors
/// [`AppError::Invalid`] with all faults of the document; [`AppError::Conflict`] if it does not go
/// with what is stored, for instance a name that is taken; [`AppError::Forbidden`].
#[tracing::instrument(skip_all)]
pub async fn import(app: &App, actor: &Actor, text: &[u8]) -> Result<Imported, AppError> {
    permit(actor, Operation::OrganizationsImport)?;
    let document = read::document(text)?;
    let mut tx = app.db.write().await?;
    let organization_id = actor.organization_id;
    let known = export::catalogue(&mut tx, organization_id).await?;
    let ids: Vec<Uuid> = document.visits.iter().map(|visit| visit.id.0).collect();
    let there = taken_visits(&mut tx, organization_id, &ids, true).await?;
    places::check(&app.travel, &document, &known, |id| !there.contains(&id.0))?;
    let (document, count) = renamed::fitting(app, &mut tx, organization_id, document).await?;
    let mut imported = write::document(app, &mut tx, organization_id, &document).await?;
    imported.renamed = count;
    finish(app, tx, actor, imported).await
}

/// Founds the organization of a document. It keeps its id and those of its records unless another
/// organization has them.
///
/// # Errors
/// As [`import`]; [`AppError::Conflict`] if another organization has its slug.
#[tracing::instrument(skip_all)]
pub async fn found(app: &App, document: Document) -> Result<Imported, AppError> {
    places::check_places(&app.travel, &document)?;
    let mut tx = app.db.write().await?;
    let wanted = document.organization.id;
    let there = store::organizations::get(&mut tx, wanted).await?.is_some();
    let id = if there { OrganizationId(app.new_id()) } else { wanted };
    let organization = &document.organization.value;
    let written = store::organizations::insert(&mut tx, id, organization, app.now()).await;
    let slug = &organization.slug;
    written.map_err(|error| write::explained(error, "organization.slug", slug))?;
    let (document, count) = renamed::fitting(app, &mut tx, id, document).await?;
    let mut imported = write::document(app, &mut tx, id, &document).await?;
    imported.renamed = count;
    finish(app, tx, &Actor::system(id), imported).await
}

/// Reads a table into the organization of the actor.
///
/// # Errors
/// [`AppError::Invalid`] with all faults, each with row and column; [`AppError::Forbidden`].
#[tracing::instrument(skip_all)]
pub async fn import_table(
    app: &App,
    actor: &Actor,
    noun: CsvNoun,
    text: &[u8],
) -> Result<Imported, AppError> {
    permit(actor, Operation::OrganizationsImport)?;
    let mut tx = app.db.write().await?;
    let organization_id = actor.organization_id;
    let known = export::catalogue(&mut tx, organization_id).await?;
    let records = csv::read(noun, text, &known, app.ids.as_ref())?;
    check_roads(app, &known, &records)?;
    let ignored_columns = records.ignored_columns.clone();
    let mut document = Document::of(organization_id, known.organization.value);
    document.technicians = records.technicians;
    document.customers = records.customers;
    document.sites = records.sites;
    let (document, count) = renamed::fitting(app, &mut tx, organization_id, document).await?;
    let imported = write::document(app, &mut tx, organization_id, &document).await?;
    finish(app, tx, actor, Imported { ignored_columns, renamed: count, ..imported }).await
}

/// What is wrong with a document; writes nothing. Returns the document if it is whole.
///
/// # Errors
/// All faults, each with its path.
pub fn check(text: &[u8]) -> Result<Document, AppError> {
    Ok(read::document(text)?)
}

/// What is wrong with a table for the organization of the actor; writes nothing. Returns how many
/// records it has, and the columns that were not understood.
///
/// # Errors
/// [`AppError::Invalid`] with all faults, each with row and column; [`AppError::Forbidden`].
#[tracing::instrument(skip_all)]
pub async fn check_table(
    app: &App,
    actor: &Actor,
    noun: CsvNoun,
    text: &[u8],
) -> Result<(usize, Vec<String>), AppError> {
    permit(actor, Operation::OrganizationsImport)?;
    let mut tx = app.db.read().await?;
    let known = export::catalogue(&mut tx, actor.organization_id).await?;
    let records = csv::read(noun, text, &known, app.ids.as_ref())?;
    check_roads(app, &known, &records)?;
    let count = records.technicians.len() + records.customers.len() + records.sites.len();
    Ok((count, records.ignored_columns))
}

/// Refuses homes and sites that no road leads to, as saving one of them does.
fn check_roads(app: &App, known: &Document, records: &CsvRecords) -> Result<(), AppError> {
    let mut faults = Faults::default();
    let organization = &known.organization.value;
    let mut note = |row: &usize, places: Vec<(String, Place)>| {
        for (_, place) in places {
            let travel = &app.travel;
            let field = format!("row {row}, column lat");
            roads::note(travel, organization, &place, &field, &mut faults);
        }
    };
    for (row, item) in records.rows.iter().zip(&records.technicians) {
        let before = known.technicians.iter().find(|known| known.id == item.id);
        let kept = before.map(|known| known.value.places()).unwrap_or_default();
        note(row, roads::new(item.value.places(), &kept));
    }
    for (row, item) in records.rows.iter().zip(&records.sites) {
        let before = known.sites.iter().find(|known| known.id == item.id);
        let kept = before.map(|known| known.value.places()).unwrap_or_default();
        note(row, roads::new(item.value.places(), &kept));
    }
    Ok(faults.into_result()?)
}

async fn finish(
    app: &App,
    mut tx: Tx,
    actor: &Actor,
    imported: Imported,
) -> Result<Imported, AppError> {
    let id = actor.organization_id;
    let action = audit::Action { noun: "organizations", verb: "import", id: id.into() };
    let counts = audit::json(&imported);
    audit::note(app, &mut tx, actor, action, (Json::Null, counts)).await?;
    tx.commit().await?;
    let Imported { added, changed, .. } = imported;
    tracing::info!(organization.id = %id, "Imported: {added} records added, {changed} changed");
    Ok(Imported { organization_id: Some(id), ..imported })
}

/// A conflict with what is stored, in words about a document.
pub(super) fn clash(path: &str, value: impl ToString, message: &str) -> AppError {
    let mut faults = Faults::default();
    faults.add(path, value, message);
    AppError::Invalid(faults.list().to_vec())
}

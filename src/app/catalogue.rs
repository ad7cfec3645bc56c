//! What an organization sets up: create, get, list, update and delete, one implementation for all nouns.

mod nouns;
mod references;
pub(crate) mod roads;

use serde_json::Value as Json;

use crate::app::permissions::{Operation, Sight, permit};
use crate::app::{App, audit, idempotency};
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::faults::{Faults, Validate};
use crate::domain::id::TechnicianId;
use crate::domain::places::Place;
use crate::domain::records::Record;
use crate::store;
pub use crate::store::Value;
pub use crate::store::pages::{Page, PageQuery};
pub use crate::store::records::{Listing, Noun, Sort};
pub(crate) use references::{Kind, References, check};

/// A noun that people set up through [`create`], [`update`] and [`delete`].
pub trait CatalogueNoun: Noun + Validate {
    /// What seeing it needs.
    const READ: Operation;
    /// What changing it needs.
    const WRITE: Operation;
    /// The noun, plural, as in addresses and audit entries.
    const PLURAL: &'static str;
    /// The column of [`Noun::COLUMNS`] that says whose it is, where technicians see only their own.
    const OWNER_COLUMN: Option<&'static str> = None;
    /// The only one that is a technician's own, if that is the technician itself.
    fn own(_technician: TechnicianId) -> Option<Self::Id> {
        None
    }

    /// The columns, with their values, that anyone's list is cut to.
    const PUBLISHED_FILTERS: &'static [(&'static str, bool)] = &[];

    /// The things it refers to, with the fields that name them.
    fn references(&self, _references: &mut References) {}

    /// The places somebody drives to, with the fields that name them.
    fn places(&self) -> Vec<(String, Place)> {
        Vec::new()
    }

    /// Whether it is the technician's own.
    fn is_of(&self, _id: Self::Id, _technician: TechnicianId) -> bool {
        true
    }

    /// Called inside the transaction before one is written: takes its turn with whoever writes what
    /// it may collide with, and refuses what must not collide.
    fn prepare(
        _app: &App,
        _actor: &Actor,
        _tx: &mut store::Tx,
        _write: &Write<'_, Self>,
    ) -> impl Future<Output = Result<(), AppError>> + Send {
        async { Ok(()) }
    }

    /// Called inside the transaction before one is deleted: refuses what must stay.
    fn prepare_delete(
        _actor: &Actor,
        _tx: &mut store::Tx,
        _id: Self::Id,
    ) -> impl Future<Output = Result<(), AppError>> + Send {
        async { Ok(()) }
    }

    /// What anyone may see of it; none if it is not published.
    fn published(self) -> Option<Self> {
        None
    }
}

/// What is about to be written.
#[derive(Debug)]
pub struct Write<'a, N: CatalogueNoun> {
    /// Its id.
    pub id: N::Id,
    /// What it was; none if it is new.
    pub before: Option<&'a N>,
    /// What it shall be; none if it goes.
    pub after: Option<&'a N>,
}

/// Creates one.
///
/// # Errors
/// [`AppError::Invalid`] with all faults, references included; [`AppError::Conflict`] for a name
/// that is taken; [`AppError::Forbidden`].
#[tracing::instrument(skip_all, fields(noun = N::PLURAL))]
pub async fn create<N: CatalogueNoun>(
    app: &App,
    actor: &Actor,
    value: &N,
) -> Result<Record<N::Id, N>, AppError> {
    permit(actor, N::WRITE)?;
    let mut tx = app.db.write().await?;
    let record = create_in(app, actor, &mut tx, value).await?;
    idempotency::keep(app, &mut tx, &record).await?;
    tx.commit().await?;
    tracing::info!(noun.id = %record.id, "Created {} {}", N::SINGULAR, record.id);
    Ok(record)
}

/// Checks and writes a new one with its audit entry, inside the transaction of a larger step.
pub(crate) async fn create_in<N: CatalogueNoun>(
    app: &App,
    actor: &Actor,
    tx: &mut store::Tx,
    value: &N,
) -> Result<Record<N::Id, N>, AppError> {
    checked(app, actor, (value, None), tx).await?;
    let id = N::Id::from(app.new_id());
    let organization_id = actor.organization_id;
    N::prepare(app, actor, tx, &Write { id, before: None, after: Some(value) }).await?;
    let record = store::records::insert(tx, organization_id, id, value, app.now()).await?;
    let action = audit::Action { noun: N::PLURAL, verb: "create", id: id.into() };
    audit::note(app, tx, actor, action, (Json::Null, audit::json(&record.value))).await?;
    Ok(record)
}

/// The one with this id.
///
/// # Errors
/// [`AppError::NotFound`], also if the actor may not see it; [`AppError::Forbidden`].
pub async fn get<N: CatalogueNoun>(
    app: &App,
    actor: &Actor,
    id: N::Id,
) -> Result<Record<N::Id, N>, AppError> {
    let sight = permit(actor, N::READ)?;
    let mut tx = app.db.read().await?;
    let found = store::records::get::<N>(&mut tx, actor.organization_id, id).await?;
    found.and_then(|record| seen(sight, record)).ok_or_else(|| AppError::not_found(N::SINGULAR, id))
}

/// One page of them.
///
/// # Errors
/// [`AppError::Invalid`] for a foreign cursor; [`AppError::Forbidden`].
pub async fn list<N: CatalogueNoun>(
    app: &App,
    actor: &Actor,
    listing: &Listing,
) -> Result<Page<Record<N::Id, N>>, AppError> {
    let sight = permit(actor, N::READ)?;
    if let Sight::Own(own) = sight
        && let Some(id) = N::own(own)
    {
        return Ok(Page { items: vec![get::<N>(app, actor, id).await?], next: None });
    }
    let mut listing = listing.clone();
    match (sight, N::OWNER_COLUMN) {
        (Sight::Everything, _) | (Sight::Own(_), None) => {}
        (Sight::Own(own), Some(column)) => listing.filters.push((column, own.into())),
        (Sight::Published, _) => {
            let filters = N::PUBLISHED_FILTERS.iter();
            listing.filters.extend(filters.map(|(column, value)| (*column, (*value).into())));
        }
    }
    let mut tx = app.db.read().await?;
    let page = store::records::list::<N>(&mut tx, actor.organization_id, &listing).await?;
    let items = page.items.into_iter().filter_map(|record| seen(sight, record)).collect();
    Ok(Page { items, next: page.next })
}

/// Changes one, if it still has the revision the caller saw.
///
/// # Errors
/// As [`create`], and [`AppError::Stale`], [`AppError::NotFound`].
#[tracing::instrument(skip_all, fields(noun = N::PLURAL, noun.id = %id))]
pub async fn update<N: CatalogueNoun>(
    app: &App,
    actor: &Actor,
    (id, revision): (N::Id, i64),
    value: &N,
) -> Result<Record<N::Id, N>, AppError> {
    permit(actor, N::WRITE)?;
    let mut tx = app.db.write().await?;
    let record = update_in(app, actor, &mut tx, (id, revision), value).await?;
    tx.commit().await?;
    Ok(record)
}

/// Checks and writes a changed one with its audit entry, inside the transaction of a larger step.
pub(crate) async fn update_in<N: CatalogueNoun>(
    app: &App,
    actor: &Actor,
    tx: &mut store::Tx,
    (id, revision): (N::Id, i64),
    value: &N,
) -> Result<Record<N::Id, N>, AppError> {
    let organization_id = actor.organization_id;
    // What does not exist has no faults; above all, another organization's things do not.
    let known = store::records::get::<N>(tx, organization_id, id).await?;
    let known = known.ok_or_else(|| AppError::not_found(N::SINGULAR, id))?;
    checked(app, actor, (value, Some(&known.value)), tx).await?;
    let (before, after) = (Some(&known.value), Some(value));
    N::prepare(app, actor, tx, &Write { id, before, after }).await?;
    let seen = (id, revision);
    let changed = store::records::update(tx, organization_id, seen, value, app.now()).await?;
    let changed = changed.ok_or_else(|| AppError::not_found(N::SINGULAR, id))?;
    let action = audit::Action { noun: N::PLURAL, verb: "update", id: id.into() };
    let both = (audit::json(&changed.before.value), audit::json(&changed.after.value));
    audit::note(app, tx, actor, action, both).await?;
    Ok(changed.after)
}

/// Deletes one; with a revision, only if it still has it.
///
/// # Errors
/// [`AppError::Conflict`] if something refers to it; [`AppError::Stale`], [`AppError::NotFound`],
/// [`AppError::Forbidden`].
#[tracing::instrument(skip_all, fields(noun = N::PLURAL, noun.id = %id))]
pub async fn delete<N: CatalogueNoun>(
    app: &App,
    actor: &Actor,
    id: N::Id,
    revision: Option<i64>,
) -> Result<(), AppError> {
    permit(actor, N::WRITE)?;
    let mut tx = app.db.write().await?;
    delete_in::<N>(app, actor, &mut tx, id, revision).await?;
    tx.commit().await?;
    Ok(())
}

/// Deletes one with its audit entry, inside the transaction of a larger step.
pub(crate) async fn delete_in<N: CatalogueNoun>(
    app: &App,
    actor: &Actor,
    tx: &mut store::Tx,
    id: N::Id,
    revision: Option<i64>,
) -> Result<(), AppError> {
    N::prepare_delete(actor, tx, id).await?;
    let gone = store::records::delete::<N>(tx, actor.organization_id, id, revision).await?;
    let gone = gone.ok_or_else(|| AppError::not_found(N::SINGULAR, id))?;
    let action = audit::Action { noun: N::PLURAL, verb: "delete", id: id.into() };
    audit::note(app, tx, actor, action, (audit::json(&gone.value), Json::Null)).await
}

/// All faults of a value at once: its own, references to what does not exist, and places that no
/// road leads to. What it was before keeps its places, wherever they are.
async fn checked<N: CatalogueNoun>(
    app: &App,
    actor: &Actor,
    (value, before): (&N, Option<&N>),
    tx: &mut store::Tx,
) -> Result<(), AppError> {
    let mut faults = Faults::default();
    value.validate(&mut faults);
    let mut references = References::default();
    value.references(&mut references);
    check(tx, actor.organization_id, &references, &mut faults).await?;
    let places = roads::new(value.places(), &before.map(N::places).unwrap_or_default());
    roads::check(app, tx, actor.organization_id, places, &mut faults).await?;
    Ok(faults.into_result()?)
}

/// The record as the actor may see it.
fn seen<N: CatalogueNoun>(sight: Sight, record: Record<N::Id, N>) -> Option<Record<N::Id, N>> {
    match sight {
        Sight::Everything => Some(record),
        Sight::Own(own) => record.value.is_of(record.id, own).then_some(record),
        Sight::Published => {
            let value = record.value.published()?;
            Some(Record { value, ..record })
        }
    }
}

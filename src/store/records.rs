//! The catalogue nouns' rows: one implementation for all of them.

use std::borrow::Cow;
use std::fmt::Display;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::domain::id::OrganizationId;
use crate::domain::jobs::Job;
use crate::domain::packages::Package;
use crate::domain::records::Record;
use crate::domain::services::Service;
use crate::domain::teams::Team;
use crate::domain::technicians::Technician;
use crate::store::pages::{Order, Page, PageQuery, Sorted};
use crate::store::rows::{from_json, id, moment, stored, to_json};
use crate::store::search::{fold, patterns, spelled};
use crate::store::sql::{Query, Value};
use crate::store::{StoreError, Tx};

/// A noun of the catalogue: how its rows look besides id, revision, times and body.
pub trait Noun: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    /// Its id.
    type Id: Copy + From<Uuid> + Into<Uuid> + Into<Value> + Display + Send + Sync + 'static;
    /// Its table.
    const TABLE: &'static str;
    /// The noun, singular.
    const SINGULAR: &'static str;
    /// Columns of its own, which lists may filter by.
    const COLUMNS: &'static [&'static str] = &[];
    /// Whether a change of it raises the catalogue's version. Not for nouns that come and go with
    /// every booking, since caches of the catalogue would never last.
    const IN_CATALOG: bool = true;

    /// What lists sort by.
    fn name(&self) -> Cow<'_, str>;

    /// What a search looks through.
    fn searched(&self) -> String {
        self.name().into_owned()
    }

    /// The values of [`Noun::COLUMNS`].
    fn values(&self) -> Vec<Value> {
        Vec::new()
    }

    /// Other nouns that the body refers to, if no column does.
    fn links(&self) -> Vec<Link> {
        Vec::new()
    }

    /// Rows elsewhere that go with it; called after insert and update.
    fn after_write(
        &self,
        _tx: &mut Tx,
        _organization_id: OrganizationId,
        _id: Self::Id,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        async { Ok(()) }
    }

    /// Notes spans of the plan that it changes; called with the old and the new value.
    fn touch(&self, _tx: &mut Tx, _organization_id: OrganizationId) {}
}

/// Something that a body refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// The noun, singular.
    pub noun: &'static str,
    /// Its table.
    pub table: &'static str,
    /// Its id.
    pub id: Uuid,
}

impl Link {
    /// A reference to a noun.
    pub fn to<N: Noun>(id: N::Id) -> Self {
        Self { noun: N::SINGULAR, table: N::TABLE, id: id.into() }
    }
}

/// What a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// Words that must all occur, in any order, whatever their case and accents.
    pub text: String,
    /// Columns of [`Noun::COLUMNS`] and what they must hold.
    pub filters: Vec<(&'static str, Value)>,
    /// Only rows that refer to this id in their body.
    pub linked_to: Option<Uuid>,
    /// The order.
    pub sort: Sort,
    /// Largest first.
    pub descending: bool,
    /// Which page.
    pub page: PageQuery,
}

/// What a list is sorted by; ties by id.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// By name, without case and accents.
    #[default]
    Name,
    /// By the moment it was made.
    Created,
    /// By the moment it was last changed.
    Updated,
}

/// A row of any noun, for queries of its own over [`COLUMNS`].
#[derive(sqlx::FromRow)]
pub(crate) struct BodyRow {
    id: String,
    name_key: String,
    body: String,
    revision: i64,
    created_s: i64,
    updated_s: i64,
}

/// The columns that [`BodyRow`] reads.
pub(crate) const COLUMNS: &str = "id, name_key, body, revision, created_s, updated_s";

/// Stores a new record at revision 1.
///
/// # Errors
/// [`StoreError::Taken`] if the id or another unique value is; [`StoreError::Missing`] if it
/// refers to what the organization does not have; or if the database fails.
pub async fn insert<N: Noun>(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: N::Id,
    value: &N,
    now: DateTime<Utc>,
) -> Result<Record<N::Id, N>, StoreError> {
    let columns: Vec<&str> =
        [COLUMNS, "search"].into_iter().chain(N::COLUMNS.iter().copied()).collect();
    let mut query = Query::new(format!(
        "insert into {} (organization_id, {}) values ",
        N::TABLE,
        columns.join(", ")
    ));
    let mut values: Vec<Value> = vec![
        organization_id.into(),
        id.into(),
        fold(&value.name()).into(),
        to_json(value)?.into(),
        1_i64.into(),
        now.into(),
        now.into(),
        fold(&value.searched()).into(),
    ];
    values.extend(value.values());
    query.push_tuple(values);
    query.execute(tx).await?;
    write_links(tx, organization_id, id, value).await?;
    value.after_write(tx, organization_id, id).await?;
    note::<N>(tx, organization_id, [Some(value), None]);
    let now = stored(now);
    Ok(Record { id, revision: 1, created_at: now, updated_at: now, value: value.clone() })
}

/// The record with this id.
///
/// # Errors
/// If the database fails or holds what this version cannot read.
pub async fn get<N: Noun>(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: N::Id,
) -> Result<Option<Record<N::Id, N>>, StoreError> {
    let text = format!("select {COLUMNS} from {} where organization_id = $1 and id = $2", N::TABLE);
    let row = Query::new(text).bind(organization_id).bind(id).first::<BodyRow>(tx).await?;
    row.map(read::<N>).transpose()
}

/// A record before and after a change.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed<I, N> {
    /// What it was.
    pub before: Record<I, N>,
    /// What it is now.
    pub after: Record<I, N>,
}

/// Changes the record if it still has the revision the caller saw; `None` if there is no such record.
///
/// # Errors
/// [`StoreError::Stale`] if it has another revision, and the errors of [`insert`].
pub async fn update<N: Noun>(
    tx: &mut Tx,
    organization_id: OrganizationId,
    (id, revision): (N::Id, i64),
    value: &N,
    now: DateTime<Utc>,
) -> Result<Option<Changed<N::Id, N>>, StoreError> {
    let Some(before) = get::<N>(tx, organization_id, id).await? else { return Ok(None) };
    let mut query = Query::new(format!("update {} set revision = revision + 1", N::TABLE));
    let mut set = |column: &str, value: Value| {
        query.push(&format!(", {column} = "));
        query.push_value(value);
    };
    set("name_key", fold(&value.name()).into());
    set("search", fold(&value.searched()).into());
    set("body", to_json(value)?.into());
    set("updated_s", now.into());
    for (column, value) in N::COLUMNS.iter().zip(value.values()) {
        set(column, value);
    }
    query.push(" where organization_id = ").push_value(organization_id);
    query.push(" and id = ").push_value(id);
    query.push(" and revision = ").push_value(revision);
    if query.execute(tx).await? == 0 {
        return stale::<N>(tx, organization_id, id, revision).await;
    }
    unlink(tx, id.into()).await?;
    write_links(tx, organization_id, id, value).await?;
    value.after_write(tx, organization_id, id).await?;
    note::<N>(tx, organization_id, [Some(&before.value), Some(value)]);
    let after = Record {
        id,
        revision: revision + 1,
        created_at: before.created_at,
        updated_at: stored(now),
        value: value.clone(),
    };
    Ok(Some(Changed { before, after }))
}

/// Deletes the record if it still has the revision the caller saw, whatever it is if none is
/// given; returns what it was, `None` if there is no such record.
///
/// # Errors
/// [`StoreError::InUse`] if something refers to it, [`StoreError::Stale`] if it has another
/// revision, or if the database fails.
pub async fn delete<N: Noun>(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: N::Id,
    revision: Option<i64>,
) -> Result<Option<Record<N::Id, N>>, StoreError> {
    let mut text =
        format!("select {COLUMNS} from {} where organization_id = $1 and id = $2", N::TABLE);
    if tx.is_postgres() {
        // A writer that is about to refer to it waits, and then finds it gone.
        text.push_str(" for update");
    }
    let row = Query::new(text).bind(organization_id).bind(id).first::<BodyRow>(tx).await?;
    let Some(before) = row.map(read::<N>).transpose()? else { return Ok(None) };
    if revision.is_some_and(|revision| revision != before.revision) {
        let expected = revision.unwrap_or_default();
        let (noun, actual) = (N::SINGULAR, before.revision);
        return Err(StoreError::Stale { noun, id: id.to_string(), expected, actual });
    }
    if let Some(by) = users(tx, id.into()).await? {
        return Err(StoreError::InUse { noun: N::SINGULAR, by });
    }
    unlink(tx, id.into()).await?;
    Query::new(format!("delete from {} where organization_id = $1 and id = $2", N::TABLE))
        .bind(organization_id)
        .bind(id)
        .execute(tx)
        .await
        .map_err(|error| error.or_in_use(N::SINGULAR))?;
    note::<N>(tx, organization_id, [Some(&before.value), None]);
    Ok(Some(before))
}

/// One page of the organization's records.
///
/// # Errors
/// [`StoreError::BadCursor`] if the cursor belongs to another list, or if the database fails.
pub async fn list<N: Noun>(
    tx: &mut Tx,
    organization_id: OrganizationId,
    listing: &Listing,
) -> Result<Page<Record<N::Id, N>>, StoreError> {
    let mut query =
        Query::new(format!("select {COLUMNS} from {} where organization_id = ", N::TABLE));
    query.push_value(organization_id);
    for (column, value) in &listing.filters {
        debug_assert!(N::COLUMNS.contains(column), "{} has no column {column}", N::TABLE);
        query.push(&format!(" and {column} = "));
        query.push_value(value.clone());
    }
    for pattern in patterns(&listing.text) {
        query.push(" and ").push(&spelled("search")).push(" like ");
        query.push_value(pattern).push(" escape '\\'");
    }
    if let Some(target) = listing.linked_to {
        query.push(" and id in (select id from links where target_id = ");
        query.push_value(target).push(")");
    }
    let column = match listing.sort {
        Sort::Name => "name_key",
        Sort::Created => "created_s",
        Sort::Updated => "updated_s",
    };
    let order = Order { column, id: "id", descending: listing.descending };
    listing.page.apply(&mut query, order)?;
    let rows = query.all::<BodyRow>(tx).await?;
    let page = listing.page.page(rows, order, |row| {
        let at = match listing.sort {
            Sort::Name => Sorted::Text(row.name_key.clone()),
            Sort::Created => Sorted::Int(row.created_s),
            Sort::Updated => Sorted::Int(row.updated_s),
        };
        (at, row.id.clone())
    });
    page.try_map(read::<N>)
}

/// All records of the organization, by name.
///
/// # Errors
/// If the database fails or holds what this version cannot read.
pub async fn all<N: Noun>(
    tx: &mut Tx,
    organization_id: OrganizationId,
) -> Result<Vec<Record<N::Id, N>>, StoreError> {
    let text = format!(
        "select {COLUMNS} from {} where organization_id = $1 order by name_key, id",
        N::TABLE
    );
    let rows = Query::new(text).bind(organization_id).all::<BodyRow>(tx).await?;
    rows.into_iter().map(read::<N>).collect()
}

/// The records with these ids, in no order; unknown ids are left out.
///
/// # Errors
/// If the database fails or holds what this version cannot read.
pub async fn get_many<N: Noun>(
    tx: &mut Tx,
    organization_id: OrganizationId,
    ids: &[N::Id],
) -> Result<Vec<Record<N::Id, N>>, StoreError> {
    let mut records = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        let mut query =
            Query::new(format!("select {COLUMNS} from {} where organization_id = ", N::TABLE));
        query.push_value(organization_id).push(" and id in ");
        query.push_tuple(chunk.iter().map(|id| (*id).into())).push(" order by id");
        for row in query.all::<BodyRow>(tx).await? {
            records.push(read::<N>(row)?);
        }
    }
    Ok(records)
}

/// The record of a row.
pub(crate) fn read<N: Noun>(row: BodyRow) -> Result<Record<N::Id, N>, StoreError> {
    Ok(Record {
        id: id(&row.id)?,
        revision: row.revision,
        created_at: moment(row.created_s)?,
        updated_at: moment(row.updated_s)?,
        value: from_json(&row.body)?,
    })
}

fn note<N: Noun>(tx: &mut Tx, organization_id: OrganizationId, values: [Option<&N>; 2]) {
    if N::IN_CATALOG {
        tx.changes.touch_catalog(organization_id);
    }
    for value in values.into_iter().flatten() {
        value.touch(tx, organization_id);
    }
}

async fn stale<N: Noun>(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: N::Id,
    expected: i64,
) -> Result<Option<Changed<N::Id, N>>, StoreError> {
    // Read again: on PostgreSQL somebody may have changed it just now.
    let Some(now) = get::<N>(tx, organization_id, id).await? else { return Ok(None) };
    let (noun, id) = (N::SINGULAR, id.to_string());
    Err(StoreError::Stale { noun, id, expected, actual: now.revision })
}

/// Users that a refusal names.
const USERS_NAMED: usize = 3;

/// What refers to a record, in words: `technician Ása, service Film and 2 more`; none if nothing does.
async fn users(tx: &mut Tx, id: Uuid) -> Result<Option<String>, StoreError> {
    let links = Query::new("select noun, id from links where target_id = $1 order by noun, id");
    let links = links.bind(id).all::<(String, String)>(tx).await?;
    if links.is_empty() {
        return Ok(None);
    }
    let mut words = Vec::new();
    for (noun, id) in links.iter().take(USERS_NAMED) {
        words.push(format!("{noun} {}", called(tx, noun, id).await?));
    }
    let mut words = words.join(", ");
    if links.len() > USERS_NAMED {
        words = format!("{words} and {} more", links.len() - USERS_NAMED);
    }
    Ok(Some(words))
}

/// What people call a record: its name or title, or else its id.
async fn called(tx: &mut Tx, noun: &str, id: &str) -> Result<String, StoreError> {
    let table = match noun {
        Technician::SINGULAR => Technician::TABLE,
        Service::SINGULAR => Service::TABLE,
        Package::SINGULAR => Package::TABLE,
        Team::SINGULAR => Team::TABLE,
        Job::SINGULAR => Job::TABLE,
        _ => return Ok(id.to_owned()),
    };
    let query = Query::new(format!("select body from {table} where id = $1")).bind(id.to_owned());
    let body = query.first::<(String,)>(tx).await?.map(|(body,)| body).unwrap_or_default();
    let body: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
    let name = body.get("name").or_else(|| body.get("title")).and_then(serde_json::Value::as_str);
    Ok(name.unwrap_or(id).to_owned())
}

async fn unlink(tx: &mut Tx, id: Uuid) -> Result<(), StoreError> {
    Query::new("delete from links where id = $1").bind(id).execute(tx).await?;
    Ok(())
}

async fn write_links<N: Noun>(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: N::Id,
    value: &N,
) -> Result<(), StoreError> {
    let mut links = value.links();
    links.sort_unstable();
    links.dedup();
    let share = if tx.is_postgres() { " for share" } else { "" };
    for link in links {
        // The target is looked up and, where writers run side by side, kept from being deleted.
        let count = Query::new(format!(
            "insert into links (organization_id, noun, id, target_noun, target_id) \
             select organization_id, $1, $2, $3, id from {} \
             where organization_id = $4 and id = $5{share}",
            link.table
        ))
        .bind(N::SINGULAR)
        .bind(id)
        .bind(link.noun)
        .bind(organization_id)
        .bind(link.id)
        .execute(tx)
        .await?;
        if count == 0 {
            return Err(StoreError::Missing { noun: link.noun, id: link.id.to_string() });
        }
    }
    Ok(())
}

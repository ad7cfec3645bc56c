//! The `audit` table: who changed what. Rows are added, and after a long time forgotten.

use chrono::{DateTime, Utc};

use crate::domain::audit::AuditEntry;
use crate::domain::id::OrganizationId;
use crate::store::pages::{Order, Page, PageQuery, Sorted};
use crate::store::rows::{from_json, id, moment, to_json};
use crate::store::sql::{Query, Value};
use crate::store::{StoreError, Tx};

#[derive(sqlx::FromRow)]
struct AuditRow {
    id: String,
    at_s: i64,
    actor: String,
    action: String,
    noun: String,
    noun_id: String,
    value_before: String,
    value_after: String,
}

/// Which entries; a filter that is not set lets everything through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// About things of this noun, plural.
    pub noun: Option<String>,
    /// About the thing with this id.
    pub noun_id: Option<String>,
    /// By this actor.
    pub actor: Option<String>,
    /// At or after this moment.
    pub from: Option<DateTime<Utc>>,
    /// Before this moment.
    pub until: Option<DateTime<Utc>>,
}

/// Adds an entry, in the transaction of the change it tells of.
///
/// # Errors
/// If the database fails.
pub async fn append(
    tx: &mut Tx,
    organization_id: OrganizationId,
    entry: &AuditEntry,
) -> Result<(), StoreError> {
    let mut query = Query::new(
        "insert into audit (organization_id, id, at_s, actor, action, noun, noun_id, \
         value_before, value_after) values ",
    );
    let values: [Value; 9] = [
        organization_id.into(),
        entry.id.into(),
        entry.at.into(),
        entry.actor.as_str().into(),
        entry.action.as_str().into(),
        entry.noun.as_str().into(),
        entry.noun_id.as_str().into(),
        to_json(&entry.before)?.into(),
        to_json(&entry.after)?.into(),
    ];
    query.push_tuple(values);
    query.execute(tx).await?;
    Ok(())
}

/// One page of the organization's entries, newest first.
///
/// # Errors
/// [`StoreError::BadCursor`] if the cursor belongs to another list, or if the database fails.
pub async fn list(
    tx: &mut Tx,
    organization_id: OrganizationId,
    filter: &AuditFilter,
    page: &PageQuery,
) -> Result<Page<AuditEntry>, StoreError> {
    let mut query = select(organization_id);
    let conditions = [
        (" and noun = ", filter.noun.clone().map(Value::from)),
        (" and noun_id = ", filter.noun_id.clone().map(Value::from)),
        (" and actor = ", filter.actor.clone().map(Value::from)),
        (" and at_s >= ", filter.from.map(Value::from)),
        (" and at_s < ", filter.until.map(Value::from)),
    ];
    for (text, value) in conditions {
        if let Some(value) = value {
            query.push(text).push_value(value);
        }
    }
    let order = Order { column: "at_s", id: "id", descending: true };
    page.apply(&mut query, order)?;
    let rows = query.all::<AuditRow>(tx).await?;
    let rows = page.page(rows, order, |row| (Sorted::Int(row.at_s), row.id.clone()));
    rows.try_map(AuditEntry::try_from)
}

/// The oldest entry about a thing, by its noun and id: how it was made.
///
/// # Errors
/// If the database fails.
pub async fn first(
    tx: &mut Tx,
    organization_id: OrganizationId,
    (noun, noun_id): (&str, &str),
) -> Result<Option<AuditEntry>, StoreError> {
    let mut query = select(organization_id);
    query.push(" and noun_id = ").push_value(noun_id).push(" and noun = ").push_value(noun);
    query.push(" order by at_s, id limit 1");
    query.first::<AuditRow>(tx).await?.map(AuditEntry::try_from).transpose()
}

fn select(organization_id: OrganizationId) -> Query {
    let mut query = Query::new(
        "select id, at_s, actor, action, noun, noun_id, value_before, value_after from audit \
         where organization_id = ",
    );
    query.push_value(organization_id);
    query
}

impl TryFrom<AuditRow> for AuditEntry {
    type Error = StoreError;

    fn try_from(row: AuditRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: id(&row.id)?,
            at: moment(row.at_s)?,
            actor: row.actor,
            action: row.action,
            noun: row.noun,
            noun_id: row.noun_id,
            before: from_json(&row.value_before)?,
            after: from_json(&row.value_after)?,
        })
    }
}

/// Forgets at most `limit` entries older than `before`; how many.
///
/// # Errors
/// If the database fails.
pub async fn prune(tx: &mut Tx, before: DateTime<Utc>, limit: u32) -> Result<u64, StoreError> {
    // By organization, as the index on the time is.
    Query::new(
        "delete from audit where id in (select a.id from organizations o \
         join audit a on a.organization_id = o.id where a.at_s < $1 limit $2)",
    )
    .bind(before)
    .bind(limit)
    .execute(tx)
    .await
}

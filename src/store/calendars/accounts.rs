//! The `calendar_accounts` table. Credentials are kept encrypted only.

use chrono::{DateTime, Utc};

use crate::domain::calendars::{CalendarAccount, CalendarProvider};
use crate::domain::id::{CalendarAccountId, OrganizationId, TechnicianId};
use crate::store::rows::{id, moment, optional_id};
use crate::store::sql::{Query, Value};
use crate::store::{StoreError, Tx};

#[derive(sqlx::FromRow)]
struct AccountRow {
    id: String,
    technician_id: Option<String>,
    provider: String,
    name: String,
    url: String,
    login: String,
    revision: i64,
    created_s: i64,
    updated_s: i64,
}

const COLUMNS: &str =
    "id, technician_id, provider, name, url, login, revision, created_s, updated_s";

impl TryFrom<AccountRow> for CalendarAccount {
    type Error = StoreError;

    fn try_from(row: AccountRow) -> Result<Self, StoreError> {
        let corrupt =
            || StoreError::Corrupt { what: "calendar provider", detail: row.provider.clone() };
        Ok(Self {
            id: id(&row.id)?,
            revision: row.revision,
            technician_id: optional_id(row.technician_id.as_deref())?,
            provider: CalendarProvider::parse(&row.provider).ok_or_else(corrupt)?,
            name: row.name,
            url: row.url,
            login: row.login,
            created_at: moment(row.created_s)?,
            updated_at: moment(row.updated_s)?,
        })
    }
}

/// Stores a new account.
///
/// * `secret`: its credentials, encrypted.
///
/// # Errors
/// [`StoreError::Missing`] for a technician the organization does not have, or if the database fails.
pub async fn insert(
    tx: &mut Tx,
    organization_id: OrganizationId,
    account: &CalendarAccount,
    secret: &str,
) -> Result<(), StoreError> {
    let mut query = Query::new(format!(
        "insert into calendar_accounts (organization_id, secret, {COLUMNS}) values "
    ));
    let values: [Value; 11] = [
        organization_id.into(),
        secret.into(),
        account.id.into(),
        account.technician_id.into(),
        account.provider.as_str().into(),
        account.name.as_str().into(),
        account.url.as_str().into(),
        account.login.as_str().into(),
        account.revision.into(),
        account.created_at.into(),
        account.updated_at.into(),
    ];
    query.push_tuple(values);
    query.execute(tx).await?;
    Ok(())
}

/// The account with this id.
///
/// # Errors
/// If the database fails.
pub async fn get(
    tx: &mut Tx,
    organization_id: OrganizationId,
    account_id: CalendarAccountId,
) -> Result<Option<CalendarAccount>, StoreError> {
    let text =
        format!("select {COLUMNS} from calendar_accounts where organization_id = $1 and id = $2");
    let row = Query::new(text).bind(organization_id).bind(account_id).first::<AccountRow>(tx);
    row.await?.map(TryInto::try_into).transpose()
}

/// The encrypted credentials of an account.
///
/// # Errors
/// If the database fails.
pub async fn secret(
    tx: &mut Tx,
    organization_id: OrganizationId,
    account_id: CalendarAccountId,
) -> Result<Option<String>, StoreError> {
    let text = "select secret from calendar_accounts where organization_id = $1 and id = $2";
    let row = Query::new(text).bind(organization_id).bind(account_id).first::<(String,)>(tx);
    Ok(row.await?.map(|(secret,)| secret))
}

/// The organization's accounts, oldest first; with a technician, only those of the technician.
///
/// # Errors
/// If the database fails.
pub async fn list(
    tx: &mut Tx,
    organization_id: OrganizationId,
    technician_id: Option<TechnicianId>,
) -> Result<Vec<CalendarAccount>, StoreError> {
    let mut query =
        Query::new(format!("select {COLUMNS} from calendar_accounts where organization_id = "));
    query.push_value(organization_id);
    if let Some(technician_id) = technician_id {
        query.push(" and technician_id = ").push_value(technician_id);
    }
    query.push(" order by created_s, id");
    query.all::<AccountRow>(tx).await?.into_iter().map(TryInto::try_into).collect()
}

/// Puts other credentials in the place of the old ones.
///
/// # Errors
/// If the database fails.
pub async fn set_secret(
    tx: &mut Tx,
    organization_id: OrganizationId,
    account_id: CalendarAccountId,
    (login, secret): (&str, &str),
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let text = "update calendar_accounts set login = $1, secret = $2, updated_s = $3, \
        revision = revision + 1 where organization_id = $4 and id = $5";
    let query = Query::new(text).bind(login).bind(secret).bind(now);
    Ok(query.bind(organization_id).bind(account_id).execute(tx).await? > 0)
}

/// Deletes an account with all that hangs on it, but not the absences; whether there was one.
///
/// # Errors
/// If the database fails.
pub async fn delete(
    tx: &mut Tx,
    organization_id: OrganizationId,
    account_id: CalendarAccountId,
) -> Result<bool, StoreError> {
    let text = "delete from calendar_accounts where organization_id = $1 and id = $2";
    Ok(Query::new(text).bind(organization_id).bind(account_id).execute(tx).await? > 0)
}

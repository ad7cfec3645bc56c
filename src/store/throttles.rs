//! The `throttles` table: failures that slow down whoever guesses passwords.

use chrono::{DateTime, Utc};

use crate::store::rows::moment;
use crate::store::sql::Query;
use crate::store::{StoreError, Tx};

/// Failures under one key, for instance an address or an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Throttle {
    /// How many since the last success.
    pub failures: i64,
    /// Nothing is tried before this moment.
    pub blocked_until: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct ThrottleRow {
    failures: i64,
    blocked_until_s: i64,
}

impl TryFrom<ThrottleRow> for Throttle {
    type Error = StoreError;

    fn try_from(row: ThrottleRow) -> Result<Self, StoreError> {
        Ok(Self { failures: row.failures, blocked_until: moment(row.blocked_until_s)? })
    }
}

/// The failures under a key; `None` if there are none.
///
/// # Errors
/// If the database fails.
pub async fn get(tx: &mut Tx, key: &str) -> Result<Option<Throttle>, StoreError> {
    let text = "select failures, blocked_until_s from throttles where key = $1";
    let row = Query::new(text).bind(key).first::<ThrottleRow>(tx).await?;
    row.map(TryInto::try_into).transpose()
}

/// Counts one more failure; the state afterwards.
///
/// # Errors
/// If the database fails.
pub async fn fail(tx: &mut Tx, key: &str, now: DateTime<Utc>) -> Result<Throttle, StoreError> {
    let row = Query::new(
        "insert into throttles (key, failures, blocked_until_s, updated_s) values ($1, 1, 0, $2) \
         on conflict (key) do update set failures = throttles.failures + 1, \
         updated_s = excluded.updated_s returning failures, blocked_until_s",
    )
    .bind(key)
    .bind(now)
    .first::<ThrottleRow>(tx)
    .await?;
    let gone = || StoreError::Corrupt { what: "throttle", detail: "no row came back".to_owned() };
    row.ok_or_else(gone)?.try_into()
}

/// Lets nothing be tried under a key before a moment.
///
/// # Errors
/// If the database fails.
pub async fn block(tx: &mut Tx, key: &str, until: DateTime<Utc>) -> Result<(), StoreError> {
    let text = "update throttles set blocked_until_s = $1 where key = $2";
    Query::new(text).bind(until).bind(key).execute(tx).await?;
    Ok(())
}

/// Forgets the failures under a key, after a success.
///
/// # Errors
/// If the database fails.
pub async fn clear(tx: &mut Tx, key: &str) -> Result<(), StoreError> {
    Query::new("delete from throttles where key = $1").bind(key).execute(tx).await?;
    Ok(())
}

/// Forgets failures older than `before`; how many keys.
///
/// # Errors
/// If the database fails.
pub async fn prune(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, StoreError> {
    Query::new("delete from throttles where updated_s < $1 and blocked_until_s < $1")
        .bind(before)
        .execute(tx)
        .await
}

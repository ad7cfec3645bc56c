//! The `message_attempts` table: what was tried, and what came of it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::domain::id::MessageId;
use crate::domain::messages::Attempt;
use crate::store::rows::{id, moment, optional_moment};
use crate::store::sql::Query;
use crate::store::{StoreError, Tx};

#[derive(sqlx::FromRow)]
struct AttemptRow {
    message_id: String,
    number: i64,
    started_s: i64,
    ended_s: Option<i64>,
    outcome: String,
    detail: String,
}

/// Notes that an attempt begins.
///
/// # Errors
/// [`StoreError::Taken`] if it has begun already, or if the database fails.
pub async fn begin(
    tx: &mut Tx,
    message_id: MessageId,
    number: u32,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    Query::new(
        "insert into message_attempts (message_id, number, started_s, outcome, detail) \
         values ($1, $2, $3, 'cut short', '')",
    )
    .bind(message_id)
    .bind(number)
    .bind(now)
    .execute(tx)
    .await?;
    Ok(())
}

/// Notes what came of an attempt.
///
/// # Errors
/// If the database fails.
pub async fn end(
    tx: &mut Tx,
    message_id: MessageId,
    number: u32,
    (outcome, detail): (&str, &str),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let detail: String = detail.chars().take(1000).collect();
    Query::new(
        "update message_attempts set ended_s = $1, outcome = $2, detail = $3 \
         where message_id = $4 and number = $5",
    )
    .bind(now)
    .bind(outcome)
    .bind(detail)
    .bind(message_id)
    .bind(number)
    .execute(tx)
    .await?;
    Ok(())
}

/// The attempts of some messages, by message, oldest first.
///
/// # Errors
/// If the database fails.
pub async fn of_messages(
    tx: &mut Tx,
    ids: &[MessageId],
) -> Result<BTreeMap<MessageId, Vec<Attempt>>, StoreError> {
    let mut found: BTreeMap<MessageId, Vec<Attempt>> = BTreeMap::new();
    for chunk in ids.chunks(500) {
        let mut query = Query::new(
            "select message_id, number, started_s, ended_s, outcome, detail \
             from message_attempts where message_id in ",
        );
        query.push_tuple(chunk.iter().map(|id| (*id).into()));
        query.push(" order by message_id, number");
        for row in query.all::<AttemptRow>(tx).await? {
            let attempt = Attempt {
                number: u32::try_from(row.number).unwrap_or(u32::MAX),
                started_at: moment(row.started_s)?,
                ended_at: optional_moment(row.ended_s)?,
                outcome: row.outcome,
                detail: row.detail,
            };
            found.entry(id(&row.message_id)?).or_default().push(attempt);
        }
    }
    Ok(found)
}

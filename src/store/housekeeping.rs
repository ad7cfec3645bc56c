//! Forgetting what nobody needs any more.

use chrono::{DateTime, TimeDelta, Utc};

use crate::store::sql::Query;
use crate::store::{Db, StoreError, events, idempotency, sessions, throttles};

/// Days for which a listener may resume from an old event.
const EVENT_DAYS: i64 = 7;
/// Days for which an idempotency key gives the old answer.
const IDEMPOTENCY_DAYS: i64 = 2;
/// Days after a date for which changes of its plan are told one by one.
const PLAN_DAYS: i64 = 14;
/// Days after which failed log-ins are forgiven.
const THROTTLE_DAYS: i64 = 1;

/// Deletes expired sessions and old events, idempotency keys, failed log-ins and plan changes; how
/// many rows. In small transactions, so that nobody waits long.
///
/// # Errors
/// If the database fails.
pub async fn tidy(db: &Db, now: DateTime<Utc>) -> Result<u64, StoreError> {
    let ago = |days| now - TimeDelta::days(days);
    let mut tx = db.write().await?;
    let mut count = sessions::prune(&mut tx, now).await?;
    count += idempotency::prune(&mut tx, ago(IDEMPOTENCY_DAYS)).await?;
    count += throttles::prune(&mut tx, ago(THROTTLE_DAYS)).await?;
    tx.commit().await?;
    let mut tx = db.write().await?;
    count += events::prune(&mut tx, ago(EVENT_DAYS)).await?;
    tx.commit().await?;
    let mut tx = db.write().await?;
    count += Query::new("delete from plan_changes where date < $1")
        .bind(ago(PLAN_DAYS).date_naive().to_string())
        .execute(&mut tx)
        .await?;
    tx.commit().await?;
    Ok(count)
}

//! Forgetting what nobody needs any more.

use chrono::{DateTime, TimeDelta, Utc};

use crate::store::sql::Query;
use crate::store::{
    Db, StoreError, audit, day_views, drafts, events, holds, idempotency, messages, sessions,
    throttles, uploads,
};

/// Days for which a listener may resume from an old event.
const EVENT_DAYS: i64 = 7;
/// Days for which an idempotency key gives the old answer.
const IDEMPOTENCY_DAYS: i64 = 2;
/// Days after a date for which changes of its plan are told one by one.
const PLAN_DAYS: i64 = 14;
/// Days after which failed log-ins are forgiven.
const THROTTLE_DAYS: i64 = 1;
/// Days for which whoever asks for a lapsed hold hears that it has lapsed.
const LAPSED_DAYS: i64 = 7;
/// Days for which is known what a technician had seen of a day.
const VIEW_DAYS: i64 = 60;
/// Days for which a booking that was begun can be gone on with, and files without one are kept.
const DRAFT_DAYS: i64 = 2;
/// Audit entries deleted in one transaction.
const AUDIT_ROWS: u32 = 1000;

/// How long things are kept whose time the owner of the installation decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Days for which audit entries are kept.
    pub audit_days: u32,
}

impl Default for Retention {
    /// A year and a month, so that a whole year can always be looked at.
    fn default() -> Self {
        Self { audit_days: 400 }
    }
}

/// Deletes expired sessions and old events, idempotency keys, lapsed holds, failed log-ins, plan
/// changes and audit entries; how many rows. In small transactions, so that nobody waits long.
///
/// # Errors
/// If the database fails.
pub async fn tidy(db: &Db, now: DateTime<Utc>, retention: Retention) -> Result<u64, StoreError> {
    let ago = |days| now - TimeDelta::days(days);
    let mut tx = db.write().await?;
    let mut count = sessions::prune(&mut tx, now).await?;
    count += idempotency::prune(&mut tx, ago(IDEMPOTENCY_DAYS)).await?;
    count += throttles::prune(&mut tx, ago(THROTTLE_DAYS)).await?;
    count += holds::prune(&mut tx, ago(LAPSED_DAYS)).await?;
    count += day_views::prune(&mut tx, ago(VIEW_DAYS)).await?;
    count += drafts::prune(&mut tx, ago(DRAFT_DAYS)).await?;
    count += uploads::prune(&mut tx, ago(DRAFT_DAYS)).await?;
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
    // Messages are a record of what was done, like the audit.
    let mut tx = db.write().await?;
    count += messages::prune(&mut tx, ago(retention.audit_days.into())).await?;
    tx.commit().await?;
    loop {
        let mut tx = db.write().await?;
        let gone = audit::prune(&mut tx, ago(retention.audit_days.into()), AUDIT_ROWS).await?;
        tx.commit().await?;
        count += gone;
        if gone < u64::from(AUDIT_ROWS) {
            return Ok(count);
        }
    }
}

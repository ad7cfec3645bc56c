//! How full the queue is.

use chrono::{DateTime, Utc};

use crate::store::sql::Query;
use crate::store::{StoreError, Tx};

/// How many tasks of one kind there are.
#[derive(Debug, Clone, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Depth {
    /// Which handler does them.
    pub kind: String,
    /// Not begun, due or not; or with a lease that has run out.
    pub waiting: i64,
    /// Those of the waiting ones whose moment has come.
    pub due: i64,
    /// In the hands of a worker.
    pub running: i64,
    /// Given up.
    pub dead: i64,
}

/// How full the queue of the whole installation is, by kind. Cost: one pass over the queue.
///
/// # Errors
/// If the database fails.
pub async fn depths(tx: &mut Tx, now: DateTime<Utc>) -> Result<Vec<Depth>, StoreError> {
    // While a worker has a task, its moment is the end of the lease.
    Query::new(
        "select kind, \
         count(case when not dead and (lease is null or run_at_ms <= $1) then 1 end) as waiting, \
         count(case when not dead and run_at_ms <= $1 then 1 end) as due, \
         count(case when not dead and lease is not null and run_at_ms > $1 then 1 end) \
         as running, \
         count(case when dead then 1 end) as dead from tasks group by kind order by kind",
    )
    .bind(now.timestamp_millis())
    .all::<Depth>(tx)
    .await
}

//! Claiming tasks, organizations in turn.

use chrono::{DateTime, Utc};

use crate::store::queue::Task;
use crate::store::rows::{from_json, optional_id};
use crate::store::sql::Query;
use crate::store::{StoreError, Tx};

/// Who claims, and how much.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// The worker's name; no other worker may have it.
    pub worker: &'a str,
    /// The kinds it can do; others are left to other workers.
    pub kinds: &'a [&'a str],
    /// Tasks at most.
    pub limit: u32,
    /// The current moment.
    pub now: DateTime<Utc>,
    /// When the claim ends unless it is renewed.
    pub until: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct TaskRow {
    kind: String,
    unique_key: String,
    organization_id: String,
    payload: String,
    attempts: i64,
    lease: String,
}

impl TryFrom<TaskRow> for Task {
    type Error = StoreError;

    fn try_from(row: TaskRow) -> Result<Self, StoreError> {
        let organization = Some(row.organization_id).filter(|text| !text.is_empty());
        Ok(Self {
            organization_id: optional_id(organization.as_deref())?,
            payload: from_json(&row.payload)?,
            kind: row.kind,
            unique_key: row.unique_key,
            attempts: row.attempts,
            lease: row.lease,
        })
    }
}

/// Claims tasks that are due: the organization served longest ago first, an equal share for each,
/// within one the task due first. A task whose lease has run out is due again.
///
/// Cost: two statements, and one for each organization served.
///
/// # Errors
/// If the database fails.
pub async fn claim(tx: &mut Tx, claim: Claim<'_>) -> Result<Vec<Task>, StoreError> {
    let waiting = waiting(tx, claim).await?;
    let mut tasks = Vec::new();
    let mut served = Vec::new();
    let mut left = claim.limit;
    for (place, organization_id) in (0_u32..).zip(&waiting) {
        let others = u32::try_from(waiting.len()).unwrap_or(u32::MAX) - place;
        let share = left.div_ceil(others);
        if share == 0 {
            break;
        }
        let claimed = claim_of(tx, claim, organization_id, share).await?;
        if !claimed.is_empty() {
            left -= u32::try_from(claimed.len()).unwrap_or(left).min(left);
            served.push(organization_id.as_str());
            tasks.extend(claimed);
        }
    }
    take_turns(tx, served).await?;
    Ok(tasks)
}

/// When the next task of these kinds is due, if there is one; it may be overdue.
///
/// # Errors
/// If the database fails.
pub async fn next_due(tx: &mut Tx, kinds: &[&str]) -> Result<Option<DateTime<Utc>>, StoreError> {
    let mut query = Query::new("select min(run_at_ms) from tasks where not dead and kind in ");
    query.push_tuple(kinds.iter().map(|kind| (*kind).into()));
    let row = query.first::<(Option<i64>,)>(tx).await?;
    Ok(row.and_then(|(ms,)| ms).and_then(DateTime::from_timestamp_millis))
}

/// Organizations with tasks that are due, the one served longest ago first.
async fn waiting(tx: &mut Tx, claim: Claim<'_>) -> Result<Vec<String>, StoreError> {
    let mut query = Query::new(
        "select q.organization_id from task_turns q where exists (select 1 from tasks t \
         where t.organization_id = q.organization_id and not t.dead and t.run_at_ms <= ",
    );
    query.push_value(claim.now.timestamp_millis()).push(" and t.kind in ");
    query.push_tuple(claim.kinds.iter().map(|kind| (*kind).into()));
    query.push(") order by q.turn, q.organization_id limit ").push_value(claim.limit);
    let rows = query.all::<(String,)>(tx).await?;
    Ok(rows.into_iter().map(|(organization_id,)| organization_id).collect())
}

async fn claim_of(
    tx: &mut Tx,
    claim: Claim<'_>,
    organization_id: &str,
    limit: u32,
) -> Result<Vec<Task>, StoreError> {
    // The number of the attempt tells two claims of one worker apart.
    let mut query = Query::new("update tasks set attempts = attempts + 1, lease = ");
    query.push_value(claim.worker).push(" || ':' || cast(attempts + 1 as text), run_at_ms = ");
    query.push_value(claim.until.timestamp_millis());
    query.push(
        " where (kind, unique_key) in (select kind, unique_key from tasks \
         where organization_id = ",
    );
    query.push_value(organization_id).push(" and not dead and run_at_ms <= ");
    query.push_value(claim.now.timestamp_millis()).push(" and kind in ");
    query.push_tuple(claim.kinds.iter().map(|kind| (*kind).into()));
    query.push(" order by run_at_ms, kind, unique_key limit ").push_value(limit);
    if tx.is_postgres() {
        query.push(" for update skip locked");
    }
    query.push(") returning kind, unique_key, organization_id, payload, attempts, lease");
    let rows = query.all::<TaskRow>(tx).await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Puts the served organizations at the end of the line.
async fn take_turns(tx: &mut Tx, mut served: Vec<&str>) -> Result<(), StoreError> {
    if served.is_empty() {
        return Ok(());
    }
    // In one order, so that two workers never wait for each other in a ring.
    served.sort_unstable();
    for organization_id in served {
        Query::new(
            "update task_turns set turn = (select max(turn) from task_turns) + 1 \
             where organization_id = $1",
        )
        .bind(organization_id)
        .execute(tx)
        .await?;
    }
    Ok(())
}

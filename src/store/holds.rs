//! The `holds` table: slots kept for a short time.
//!
//! A held visit has status `held`, a job, assignments and equipment uses like any other, so that
//! the hold takes exactly what the booking would take. When a hold ends without a booking, its
//! visit goes, and its job if it has no other visit.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::domain::bookings::Hold;
use crate::domain::id::{HoldId, OrganizationId, TechnicianId, VisitId};
use crate::domain::visits::{Visit, VisitStatus};
use crate::store::changes::Whose;
use crate::store::rows::{from_json, id, moment, to_json};
use crate::store::sql::Query;
use crate::store::{StoreError, Tx, plans, visits};

#[derive(sqlx::FromRow)]
struct HoldRow {
    body: String,
    expires_s: i64,
}

impl TryFrom<HoldRow> for Hold {
    type Error = StoreError;

    fn try_from(row: HoldRow) -> Result<Self, StoreError> {
        let hold: Self = from_json(&row.body)?;
        Ok(Self { expires_at: moment(row.expires_s)?, ..hold })
    }
}

/// Stores a hold; its visit must be there.
///
/// * `client`: whose, if anyone may hold; see [`count_of_client`].
///
/// # Errors
/// [`StoreError::Taken`] if the visit is held already, or if the database fails.
pub async fn insert(
    tx: &mut Tx,
    organization_id: OrganizationId,
    hold: &Hold,
    client: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    Query::new(
        "insert into holds (id, organization_id, location_id, visit_id, expires_s, body, \
         created_s, client) values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(hold.id)
    .bind(organization_id)
    .bind(hold.location_id)
    .bind(hold.visit_id)
    .bind(hold.expires_at)
    .bind(to_json(hold)?)
    .bind(now)
    .bind(client.map(str::to_owned))
    .execute(tx)
    .await?;
    Ok(())
}

/// How many holds a client has that have not lapsed at `now`. Others that count for the same client
/// wait until this transaction is over, so that two at once do not both find the last one free.
///
/// Call it after [`crate::store::plans::lock_technicians`].
///
/// # Errors
/// If the database fails.
pub async fn count_of_client(
    tx: &mut Tx,
    organization_id: OrganizationId,
    client: &str,
    now: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let digest = Sha256::digest(format!("{organization_id} {client}"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    plans::lock(tx, [Uuid::from_bytes(bytes)]).await?;
    let text = "select count(*) from holds \
        where organization_id = $1 and client = $2 and expires_s > $3";
    let query = Query::new(text).bind(organization_id).bind(client.to_owned()).bind(now);
    Ok(query.first::<(i64,)>(tx).await?.map_or(0, |(count,)| count))
}

/// When a hold was made; none if there is no such hold.
///
/// # Errors
/// If the database fails.
pub async fn created_at(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: HoldId,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let text = "select created_s from holds where organization_id = $1 and id = $2";
    let row = Query::new(text).bind(organization_id).bind(id).first::<(i64,)>(tx).await?;
    row.map(|(created_s,)| moment(created_s)).transpose()
}

/// The hold with this id, lapsed or not.
///
/// # Errors
/// If the database fails.
pub async fn get(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: HoldId,
) -> Result<Option<Hold>, StoreError> {
    let mut text =
        String::from("select body, expires_s from holds where organization_id = $1 and id = $2");
    if tx.is_postgres() && tx.writes() {
        // Whoever wants to book, renew or drop it meanwhile waits, and then sees what happened.
        text.push_str(" for update");
    }
    let row = Query::new(text).bind(organization_id).bind(id).first::<HoldRow>(tx).await?;
    row.map(TryInto::try_into).transpose()
}

/// Lets a hold last until another moment; whether there is such a hold.
///
/// # Errors
/// If the database fails.
pub async fn renew(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: HoldId,
    expires_at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let text = "update holds set expires_s = $1 where organization_id = $2 and id = $3 \
        returning visit_id";
    let query = Query::new(text).bind(expires_at).bind(organization_id).bind(id);
    let Some((visit_id,)) = query.first::<(String,)>(tx).await? else { return Ok(false) };
    touch(tx, organization_id, crate::store::rows::id(&visit_id)?).await?;
    Ok(true)
}

/// Removes a hold and keeps its visit, which is about to be booked; what the hold was.
///
/// # Errors
/// If the database fails.
pub async fn take(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: HoldId,
) -> Result<Option<Hold>, StoreError> {
    let text = "delete from holds where organization_id = $1 and id = $2 returning body, expires_s";
    let row = Query::new(text).bind(organization_id).bind(id).first::<HoldRow>(tx).await?;
    let Some(hold) = row.map(Hold::try_from).transpose()? else { return Ok(None) };
    touch(tx, organization_id, hold.visit_id).await?;
    Ok(Some(hold))
}

/// Removes a hold with its visit, and its job if nothing else is left of it; what the hold was.
///
/// # Errors
/// If the database fails.
pub async fn release(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: HoldId,
) -> Result<Option<Hold>, StoreError> {
    Ok(removed(tx, organization_id, id).await?.map(|(hold, _)| hold))
}

/// The same, with the visit that was held.
async fn removed(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: HoldId,
) -> Result<Option<(Hold, Option<Visit>)>, StoreError> {
    let Some(hold) = take(tx, organization_id, id).await? else { return Ok(None) };
    let visit = visits::get(tx, organization_id, hold.visit_id).await?;
    let Some(visit) = visit.filter(|visit| visit.status == VisitStatus::Held) else {
        return Ok(Some((hold, None)));
    };
    visits::delete(tx, organization_id, visit.id).await?;
    let unused = "id = $2 and not exists (select 1 from visits where job_id = $2) \
        and not exists (select 1 from bookings where job_id = $2)";
    let text = format!("delete from jobs where organization_id = $1 and {unused}");
    let query = Query::new(text).bind(organization_id).bind(visit.job_id);
    if query.execute(tx).await? > 0 {
        Query::new("delete from links where organization_id = $1 and id = $2")
            .bind(organization_id)
            .bind(visit.job_id)
            .execute(tx)
            .await?;
    }
    Ok(Some((hold, Some(visit))))
}

/// A hold that has lapsed and was dropped, as it is remembered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lapsed {
    /// The hold.
    pub hold: Hold,
    /// The visit that was held.
    pub visit: Visit,
}

/// Releases a hold that has lapsed, and remembers what it was about; what the hold was.
///
/// # Errors
/// If the database fails.
pub async fn lapse(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: HoldId,
    now: DateTime<Utc>,
) -> Result<Option<Hold>, StoreError> {
    let Some((hold, visit)) = removed(tx, organization_id, id).await? else { return Ok(None) };
    let lapsed = visit.map(|visit| Lapsed { hold: hold.clone(), visit });
    Query::new(
        "insert into lapsed_holds (id, organization_id, lapsed_s, body) values ($1, $2, $3, $4) \
         on conflict (id) do nothing",
    )
    .bind(id)
    .bind(organization_id)
    .bind(now)
    .bind(lapsed.map(|lapsed| to_json(&lapsed)).transpose()?)
    .execute(tx)
    .await?;
    Ok(Some(hold))
}

/// Whether a hold that is gone has lapsed; remembered for some days.
///
/// # Errors
/// If the database fails.
pub async fn has_lapsed(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: HoldId,
) -> Result<bool, StoreError> {
    Ok(lapsed_body(tx, organization_id, id).await?.is_some())
}

/// What a hold that has lapsed and was dropped was about; remembered for some days.
///
/// # Errors
/// If the database fails.
pub async fn lapsed(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: HoldId,
) -> Result<Option<Lapsed>, StoreError> {
    let body = lapsed_body(tx, organization_id, id).await?.flatten();
    body.map(|body| from_json(&body)).transpose()
}

/// The outer one is none if no such hold has lapsed, the inner one if nothing more is known.
async fn lapsed_body(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: HoldId,
) -> Result<Option<Option<String>>, StoreError> {
    let text = "select body from lapsed_holds where organization_id = $1 and id = $2";
    let query = Query::new(text).bind(organization_id).bind(id);
    Ok(query.first::<(Option<String>,)>(tx).await?.map(|(body,)| body))
}

/// Forgets holds that lapsed before `before`; how many.
///
/// # Errors
/// If the database fails.
pub async fn prune(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, StoreError> {
    Query::new("delete from lapsed_holds where lapsed_s < $1").bind(before).execute(tx).await
}

/// Releases holds that have lapsed at `now`: those of the given technicians, or all of the
/// organization if none are given, whatever technicians share them. Returns what was released.
///
/// Call it after [`crate::store::plans::lock_technicians`] and before an assignment is inserted.
///
/// # Errors
/// If the database fails.
pub async fn expire(
    tx: &mut Tx,
    organization_id: OrganizationId,
    now: DateTime<Utc>,
    technician_ids: Option<&[TechnicianId]>,
) -> Result<Vec<Hold>, StoreError> {
    let mut query = Query::new("select id from holds where organization_id = ");
    query.push_value(organization_id).push(" and expires_s <= ").push_value(now);
    if let Some(technician_ids) = technician_ids {
        query.push(" and visit_id in (select visit_id from assignments where technician_id in ");
        query.push_tuple(technician_ids.iter().map(|id| (*id).into())).push(" and not ended)");
    }
    query.push(" order by id");
    if tx.is_postgres() {
        // Another writer that is at the same hold removes it; waiting for each other could end
        // in a ring.
        query.push(" for update skip locked");
    }
    let mut released = Vec::new();
    for (hold_id,) in query.all::<(String,)>(tx).await? {
        released.extend(lapse(tx, organization_id, id(&hold_id)?, now).await?);
    }
    Ok(released)
}

/// A change of a hold changes the plan of its visit's day.
async fn touch(
    tx: &mut Tx,
    organization_id: OrganizationId,
    visit_id: VisitId,
) -> Result<(), StoreError> {
    let text = "select location_id, start_s, end_s from visits \
        where organization_id = $1 and id = $2 and start_s is not null and end_s is not null";
    let query = Query::new(text).bind(organization_id).bind(visit_id);
    if let Some((location_id, start_s, end_s)) = query.first::<(String, i64, i64)>(tx).await? {
        let whose = Whose::Location(id(&location_id)?);
        tx.changes.touch(organization_id, whose, (start_s, end_s), Some(visit_id));
    }
    Ok(())
}

//! The `message_settings` and `message_states` tables: rules of an organization's messages, and what
//! everybody concerned was last told about a visit.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::id::{OrganizationId, VisitId};
use crate::domain::messages::settings::MessageSettings;
use crate::store::rows::{from_json, to_json};
use crate::store::sql::Query;
use crate::store::{StoreError, Tx};

/// The rules and their revision; the usual ones at revision 0 if nobody has set any.
///
/// # Errors
/// If the database fails or holds what this version cannot read.
pub async fn get(
    tx: &mut Tx,
    organization_id: OrganizationId,
) -> Result<(MessageSettings, i64), StoreError> {
    let text = "select body, revision from message_settings where organization_id = $1";
    let row = Query::new(text).bind(organization_id).first::<(String, i64)>(tx).await?;
    match row {
        Some((body, revision)) => Ok((from_json(&body)?, revision)),
        None => Ok((MessageSettings::default(), 0)),
    }
}

/// Sets the rules, if they still have the revision that the caller saw; whether they had.
///
/// # Errors
/// If the database fails.
pub async fn set(
    tx: &mut Tx,
    organization_id: OrganizationId,
    (settings, revision): (&MessageSettings, i64),
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let query = Query::new(
        "insert into message_settings (organization_id, body, revision, updated_s) \
         values ($1, $2, 1, $3) on conflict (organization_id) do update set \
         body = excluded.body, revision = message_settings.revision + 1, \
         updated_s = excluded.updated_s where message_settings.revision = $4",
    );
    let query = query.bind(organization_id).bind(to_json(settings)?).bind(now).bind(revision);
    Ok(query.execute(tx).await? > 0)
}

/// What everybody concerned was last told about a visit.
///
/// # Errors
/// If the database fails or holds what this version cannot read.
pub async fn state<T: DeserializeOwned>(
    tx: &mut Tx,
    organization_id: OrganizationId,
    visit_id: VisitId,
) -> Result<Option<T>, StoreError> {
    let text = "select body from message_states where organization_id = $1 and visit_id = $2";
    let row = Query::new(text).bind(organization_id).bind(visit_id).first::<(String,)>(tx).await?;
    row.map(|(body,)| from_json(&body)).transpose()
}

/// Notes what everybody concerned is told about a visit.
///
/// # Errors
/// If the database fails.
pub async fn set_state<T: Serialize>(
    tx: &mut Tx,
    organization_id: OrganizationId,
    visit_id: VisitId,
    state: &T,
) -> Result<(), StoreError> {
    Query::new(
        "insert into message_states (visit_id, organization_id, body) values ($1, $2, $3) \
         on conflict (visit_id) do update set body = excluded.body",
    )
    .bind(visit_id)
    .bind(organization_id)
    .bind(to_json(state)?)
    .execute(tx)
    .await?;
    Ok(())
}

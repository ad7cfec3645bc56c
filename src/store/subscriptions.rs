//! The `push_subscriptions` and `whatsapp_people` tables: where people can be reached who came to us.

use chrono::{DateTime, Utc};

use crate::domain::id::{OrganizationId, TechnicianId};
use crate::store::rows::moment;
use crate::store::sql::Query;
use crate::store::{StoreError, Tx};

/// A browser or telephone that takes notifications for a technician.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct PushSubscription {
    /// Where they are sent.
    pub endpoint: String,
    /// Its public key, URL-safe base64.
    pub p256dh: String,
    /// Its secret, URL-safe base64.
    pub auth: String,
}

/// Stores a subscription, in place of one with the same endpoint.
///
/// # Errors
/// [`StoreError::Missing`] if there is no such technician, or if the database fails.
pub async fn put(
    tx: &mut Tx,
    organization_id: OrganizationId,
    technician_id: TechnicianId,
    subscription: &PushSubscription,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    Query::new(
        "insert into push_subscriptions (endpoint, organization_id, technician_id, p256dh, auth, \
         created_s) values ($1, $2, $3, $4, $5, $6) on conflict (endpoint) do update set \
         organization_id = excluded.organization_id, technician_id = excluded.technician_id, \
         p256dh = excluded.p256dh, auth = excluded.auth, created_s = excluded.created_s",
    )
    .bind(subscription.endpoint.as_str())
    .bind(organization_id)
    .bind(technician_id)
    .bind(subscription.p256dh.as_str())
    .bind(subscription.auth.as_str())
    .bind(now)
    .execute(tx)
    .await?;
    Ok(())
}

/// A technician's subscriptions, oldest first.
///
/// # Errors
/// If the database fails.
pub async fn of_technician(
    tx: &mut Tx,
    organization_id: OrganizationId,
    technician_id: TechnicianId,
) -> Result<Vec<PushSubscription>, StoreError> {
    let text = "select endpoint, p256dh, auth from push_subscriptions \
        where organization_id = $1 and technician_id = $2 order by created_s, endpoint";
    Query::new(text).bind(organization_id).bind(technician_id).all::<PushSubscription>(tx).await
}

/// Forgets a subscription; whether there was one.
///
/// # Errors
/// If the database fails.
pub async fn forget(
    tx: &mut Tx,
    organization_id: OrganizationId,
    endpoint: &str,
) -> Result<bool, StoreError> {
    let text = "delete from push_subscriptions where organization_id = $1 and endpoint = $2";
    Ok(Query::new(text).bind(organization_id).bind(endpoint).execute(tx).await? > 0)
}

/// Notes that somebody has written to the `WhatsApp` number.
///
/// # Errors
/// If the database fails.
pub async fn written(
    tx: &mut Tx,
    (phone, user_id): (&str, &str),
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    Query::new(
        "insert into whatsapp_people (phone, user_id, written_s) values ($1, $2, $3) \
         on conflict (phone) do update set user_id = excluded.user_id, \
         written_s = case when whatsapp_people.written_s < excluded.written_s \
         then excluded.written_s else whatsapp_people.written_s end",
    )
    .bind(phone)
    .bind(user_id)
    .bind(at)
    .execute(tx)
    .await?;
    Ok(())
}

/// When somebody has last written to the `WhatsApp` number.
///
/// # Errors
/// If the database fails.
pub async fn last_written(tx: &mut Tx, phone: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
    let text = "select written_s from whatsapp_people where phone = $1";
    let row = Query::new(text).bind(phone).first::<(i64,)>(tx).await?;
    row.map(|(at,)| moment(at)).transpose()
}

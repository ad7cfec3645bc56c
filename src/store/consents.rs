//! The `consents` table: over which channels a customer wants messages, and over which not.

use crate::domain::id::{CustomerId, OrganizationId};
use crate::domain::messages::{Channel, Consent};
use crate::store::messages::word;
use crate::store::rows::{id, moment};
use crate::store::sql::Query;
use crate::store::{StoreError, Tx};

#[derive(sqlx::FromRow)]
struct ConsentRow {
    channel: String,
    granted: bool,
    source: String,
    at_s: i64,
}

/// What a customer has said, by channel; channels about which nothing was said are left out.
///
/// # Errors
/// If the database fails or holds what this version cannot read.
pub async fn of_customer(
    tx: &mut Tx,
    organization_id: OrganizationId,
    customer_id: CustomerId,
) -> Result<Vec<Consent>, StoreError> {
    let text = "select channel, granted, source, at_s from consents \
        where organization_id = $1 and customer_id = $2 order by channel";
    let query = Query::new(text).bind(organization_id).bind(customer_id);
    let rows = query.all::<ConsentRow>(tx).await?;
    rows.into_iter()
        .map(|row| {
            Ok(Consent {
                channel: word(&Channel::ALL, Channel::as_str, &row.channel)?,
                granted: row.granted,
                source: row.source,
                at: moment(row.at_s)?,
            })
        })
        .collect()
}

/// Notes what a customer says about a channel.
///
/// # Errors
/// [`StoreError::Missing`] if there is no such customer, or if the database fails.
pub async fn set(
    tx: &mut Tx,
    organization_id: OrganizationId,
    customer_id: CustomerId,
    consent: &Consent,
) -> Result<(), StoreError> {
    Query::new(
        "insert into consents (customer_id, organization_id, channel, granted, source, at_s) \
         values ($1, $2, $3, $4, $5, $6) on conflict (customer_id, channel) do update set \
         granted = excluded.granted, source = excluded.source, at_s = excluded.at_s",
    )
    .bind(customer_id)
    .bind(organization_id)
    .bind(consent.channel.as_str())
    .bind(consent.granted)
    .bind(consent.source.as_str())
    .bind(consent.at)
    .execute(tx)
    .await?;
    Ok(())
}

/// Customers of any organization with a telephone number of these digits.
///
/// Cost: one look through the customers with a number that ends like it.
///
/// # Errors
/// If the database fails.
pub async fn customers_with_phone(
    tx: &mut Tx,
    digits: &str,
) -> Result<Vec<(OrganizationId, CustomerId)>, StoreError> {
    // Searches find a customer by the bare digits of the number, which stand at the end.
    let text =
        "select organization_id, id from customers where search like $1 order by id limit 50";
    let rows = Query::new(text).bind(format!("%{digits}")).all::<(String, String)>(tx).await?;
    rows.into_iter().map(|(owner, customer)| Ok((id(&owner)?, id(&customer)?))).collect()
}

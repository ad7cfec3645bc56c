//! The `booking_links` table: which version of a booking's links is good.

use crate::domain::id::{BookingId, CustomerId, OrganizationId};
use crate::store::rows::optional_id;
use crate::store::sql::Query;
use crate::store::{StoreError, Tx};

/// The version of a booking's links, from 1.
///
/// # Errors
/// If the database fails.
pub async fn version(
    tx: &mut Tx,
    organization_id: OrganizationId,
    booking_id: BookingId,
) -> Result<u32, StoreError> {
    let text = "select version from booking_links where organization_id = $1 and booking_id = $2";
    let row = Query::new(text).bind(organization_id).bind(booking_id).first::<(i64,)>(tx).await?;
    Ok(row.map_or(1, |(version,)| u32::try_from(version).unwrap_or(u32::MAX)))
}

/// Makes all links of a booking that were given out so far open nothing.
///
/// # Errors
/// [`StoreError::Missing`] if there is no such booking, or if the database fails.
pub async fn raise(
    tx: &mut Tx,
    organization_id: OrganizationId,
    booking_id: BookingId,
) -> Result<(), StoreError> {
    Query::new(
        "insert into booking_links (organization_id, booking_id, version) values ($1, $2, 2) \
         on conflict (booking_id) do update set version = booking_links.version + 1",
    )
    .bind(organization_id)
    .bind(booking_id)
    .execute(tx)
    .await?;
    Ok(())
}

/// Whose booking it is.
///
/// # Errors
/// If the database fails.
pub async fn owner_of_booking(
    tx: &mut Tx,
    booking_id: BookingId,
) -> Result<Option<OrganizationId>, StoreError> {
    owner(tx, "select organization_id from bookings where id = $1", &booking_id.to_string()).await
}

/// Whose customer it is.
///
/// # Errors
/// If the database fails.
pub async fn owner_of_customer(
    tx: &mut Tx,
    customer_id: CustomerId,
) -> Result<Option<OrganizationId>, StoreError> {
    owner(tx, "select organization_id from customers where id = $1", &customer_id.to_string()).await
}

async fn owner(tx: &mut Tx, text: &str, key: &str) -> Result<Option<OrganizationId>, StoreError> {
    let row = Query::new(text).bind(key).first::<(String,)>(tx).await?;
    optional_id(row.map(|(text,)| text).as_deref())
}

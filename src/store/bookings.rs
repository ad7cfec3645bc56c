//! The `bookings` table.

pub mod list;

use chrono::{DateTime, Utc};

use crate::domain::bookings::{Booking, BookingStatus};
use crate::domain::id::{BookingId, OrganizationId, VisitId};
use crate::domain::visits::ArrivalWindow;
use crate::store::rows::{from_json, id, moment, optional_id, stored, to_json};
use crate::store::search::fold;
use crate::store::sql::{Query, Value};
use crate::store::{StoreError, Tx};

/// The columns that [`BookingRow`] reads, of `bookings b`.
const COLUMNS: &str = "b.id, b.revision, b.code, b.visit_id, b.job_id, b.location_id, \
    b.customer_id, b.site_id, b.status, b.title, b.description, b.window_from_s, \
    b.window_until_s, b.source, b.cancel_reason, b.answers, b.campaign, b.decision, b.created_s, b.updated_s";

#[derive(sqlx::FromRow)]
struct BookingRow {
    id: String,
    revision: i64,
    code: String,
    visit_id: String,
    job_id: String,
    location_id: String,
    customer_id: Option<String>,
    site_id: Option<String>,
    status: String,
    title: String,
    description: String,
    window_from_s: i64,
    window_until_s: i64,
    source: String,
    cancel_reason: String,
    answers: String,
    campaign: String,
    decision: String,
    created_s: i64,
    updated_s: i64,
}

impl TryFrom<BookingRow> for Booking {
    type Error = StoreError;

    fn try_from(row: BookingRow) -> Result<Self, StoreError> {
        let status = BookingStatus::ALL.into_iter().find(|status| status.as_str() == row.status);
        let unknown = || StoreError::Corrupt { what: "booking status", detail: row.status.clone() };
        Ok(Self {
            id: id(&row.id)?,
            revision: row.revision,
            visit_id: id(&row.visit_id)?,
            job_id: id(&row.job_id)?,
            location_id: id(&row.location_id)?,
            customer_id: optional_id(row.customer_id.as_deref())?,
            site_id: optional_id(row.site_id.as_deref())?,
            status: status.ok_or_else(unknown)?,
            window: ArrivalWindow {
                from: moment(row.window_from_s)?,
                until: moment(row.window_until_s)?,
            },
            answers: from_json(&row.answers)?,
            campaign: from_json(&row.campaign)?,
            decision: from_json(&row.decision)?,
            created_at: moment(row.created_s)?,
            updated_at: moment(row.updated_s)?,
            code: row.code,
            title: row.title,
            description: row.description,
            source: row.source,
            cancel_reason: row.cancel_reason,
        })
    }
}

/// What a search finds a booking by, besides its customer and site, which are looked up.
fn searched(booking: &Booking, address: &str) -> String {
    fold(&format!("{} {} {} {address}", booking.code, booking.title, booking.description))
}

/// Stores a new booking at revision 1; its visit and job must be there.
///
/// * `address`: the place of the visit as people write it; searches find the booking by it.
///
/// # Errors
/// [`StoreError::Taken`] with field `code` if another booking has the code, `visit` if another
/// stands for the visit, `id` if it is stored already; or if the database fails.
pub async fn insert(
    tx: &mut Tx,
    organization_id: OrganizationId,
    booking: &Booking,
    address: &str,
) -> Result<(), StoreError> {
    let mut query = Query::new(
        "insert into bookings (organization_id, id, location_id, visit_id, job_id, customer_id, \
         site_id, code, status, title, description, window_from_s, window_until_s, source, \
         cancel_reason, answers, campaign, decision, search, revision, created_s, updated_s) \
         values ",
    );
    let values: [Value; 22] = [
        organization_id.into(),
        booking.id.into(),
        booking.location_id.into(),
        booking.visit_id.into(),
        booking.job_id.into(),
        booking.customer_id.into(),
        booking.site_id.into(),
        booking.code.as_str().into(),
        booking.status.as_str().into(),
        booking.title.as_str().into(),
        booking.description.as_str().into(),
        booking.window.from.into(),
        booking.window.until.into(),
        booking.source.as_str().into(),
        booking.cancel_reason.as_str().into(),
        to_json(&booking.answers)?.into(),
        to_json(&booking.campaign)?.into(),
        to_json(&booking.decision)?.into(),
        searched(booking, address).into(),
        1_i64.into(),
        booking.created_at.into(),
        booking.updated_at.into(),
    ];
    query.push_tuple(values);
    query.execute(tx).await?;
    Ok(())
}

/// The booking with this id.
///
/// # Errors
/// If the database fails or holds what this version cannot read.
pub async fn get(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: BookingId,
) -> Result<Option<Booking>, StoreError> {
    by(tx, organization_id, "b.id", id.into()).await
}

/// The booking that stands for a visit.
///
/// # Errors
/// If the database fails or holds what this version cannot read.
pub async fn of_visit(
    tx: &mut Tx,
    organization_id: OrganizationId,
    visit_id: VisitId,
) -> Result<Option<Booking>, StoreError> {
    by(tx, organization_id, "b.visit_id", visit_id.into()).await
}

/// The booking with this code.
///
/// # Errors
/// If the database fails or holds what this version cannot read.
pub async fn by_code(
    tx: &mut Tx,
    organization_id: OrganizationId,
    code: &str,
) -> Result<Option<Booking>, StoreError> {
    by(tx, organization_id, "b.code", code.into()).await
}

async fn by(
    tx: &mut Tx,
    organization_id: OrganizationId,
    column: &str,
    value: Value,
) -> Result<Option<Booking>, StoreError> {
    let text =
        format!("select {COLUMNS} from bookings b where b.organization_id = $1 and {column} = $2");
    let row = Query::new(text).bind(organization_id).bind(value).first::<BookingRow>(tx).await?;
    row.map(TryInto::try_into).transpose()
}

/// The bookings that stand for some visits, by visit; visits without one are left out.
///
/// # Errors
/// If the database fails or holds what this version cannot read.
pub async fn of_visits(
    tx: &mut Tx,
    organization_id: OrganizationId,
    visit_ids: &[VisitId],
) -> Result<Vec<Booking>, StoreError> {
    let mut bookings = Vec::new();
    for chunk in visit_ids.chunks(500) {
        let mut query =
            Query::new(format!("select {COLUMNS} from bookings b where b.organization_id = "));
        query.push_value(organization_id).push(" and b.visit_id in ");
        query.push_tuple(chunk.iter().map(|id| (*id).into())).push(" order by b.visit_id");
        for row in query.all::<BookingRow>(tx).await? {
            bookings.push(row.try_into()?);
        }
    }
    Ok(bookings)
}

/// Changes a booking if it still has `booking.revision`; returns it at its new revision, `None`
/// if there is no such booking. Code, visit, job and `created_at` stay as they are.
///
/// # Errors
/// [`StoreError::Stale`] if it has another revision, or if the database fails.
pub async fn update(
    tx: &mut Tx,
    organization_id: OrganizationId,
    booking: &Booking,
    address: &str,
    now: DateTime<Utc>,
) -> Result<Option<Booking>, StoreError> {
    let count = Query::new(
        "update bookings set customer_id = $1, site_id = $2, status = $3, title = $4, \
         description = $5, window_from_s = $6, window_until_s = $7, cancel_reason = $8, \
         decision = $9, search = $10, updated_s = $11, location_id = $12, \
         revision = revision + 1 where organization_id = $13 and id = $14 and revision = $15",
    )
    .bind(booking.customer_id)
    .bind(booking.site_id)
    .bind(booking.status.as_str())
    .bind(booking.title.as_str())
    .bind(booking.description.as_str())
    .bind(booking.window.from)
    .bind(booking.window.until)
    .bind(booking.cancel_reason.as_str())
    .bind(to_json(&booking.decision)?)
    .bind(searched(booking, address))
    .bind(now)
    .bind(booking.location_id)
    .bind(organization_id)
    .bind(booking.id)
    .bind(booking.revision)
    .execute(tx)
    .await?;
    if count > 0 {
        let (revision, updated_at) = (booking.revision + 1, stored(now));
        return Ok(Some(Booking { revision, updated_at, ..booking.clone() }));
    }
    let Some(now) = get(tx, organization_id, booking.id).await? else { return Ok(None) };
    let (expected, actual) = (booking.revision, now.revision);
    Err(StoreError::Stale { noun: "booking", id: booking.id.to_string(), expected, actual })
}

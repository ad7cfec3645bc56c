//! Bookings by status, time, people, place and words, in pages.

use chrono::{DateTime, Utc};

use crate::domain::bookings::{Booking, BookingStatus};
use crate::domain::id::{CustomerId, LocationId, OrganizationId, TechnicianId, ZoneId};
use crate::store::bookings::{BookingRow, COLUMNS};
use crate::store::pages::{Order, Page, PageQuery, Sorted};
use crate::store::search::{patterns, spelled};
use crate::store::sql::{Query, Value};
use crate::store::{StoreError, Tx};

/// Which bookings; a filter that is not set lets everything through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BookingFilter {
    /// One of these statuses; none set means any.
    pub statuses: Vec<BookingStatus>,
    /// Promised windows that start at or after this moment.
    pub from: Option<DateTime<Utc>>,
    /// Promised windows that start before this moment.
    pub until: Option<DateTime<Utc>>,
    /// A technician of the crew, also of one that was called off.
    pub technician_id: Option<TechnicianId>,
    /// A zone that the visit's place lies in.
    pub zone_id: Option<ZoneId>,
    /// The customer.
    pub customer_id: Option<CustomerId>,
    /// The location whose plan it belongs to.
    pub location_id: Option<LocationId>,
    /// Words that must all occur in code, title, description, customer (name, e-mail, telephone)
    /// or address, in any order, whatever their case and accents.
    pub text: String,
}

/// What a list of bookings is sorted by; ties by id.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BookingSort {
    /// By the start of the promised window.
    #[default]
    Window,
    /// By the moment it was made.
    Created,
}

/// One page of the organization's bookings.
///
/// Upcoming ones are those with `from` set to the current moment, past ones those with `until`.
///
/// # Errors
/// [`StoreError::BadCursor`] if the cursor belongs to another list, or if the database fails.
pub async fn list(
    tx: &mut Tx,
    organization_id: OrganizationId,
    filter: &BookingFilter,
    (sort, descending): (BookingSort, bool),
    page: &PageQuery,
) -> Result<Page<Booking>, StoreError> {
    let mut query = Query::new(format!(
        "select {COLUMNS} from bookings b \
         left join customers c on c.id = b.customer_id left join sites s on s.id = b.site_id \
         where b.organization_id = "
    ));
    query.push_value(organization_id);
    apply(&mut query, filter);
    let column = match sort {
        BookingSort::Window => "b.window_from_s",
        BookingSort::Created => "b.created_s",
    };
    let order = Order { column, id: "b.id", descending };
    page.apply(&mut query, order)?;
    let rows = query.all::<BookingRow>(tx).await?;
    let rows = page.page(rows, order, |row| {
        let at = match sort {
            BookingSort::Window => row.window_from_s,
            BookingSort::Created => row.created_s,
        };
        (Sorted::Int(at), row.id.clone())
    });
    rows.try_map(TryInto::try_into)
}

fn apply(query: &mut Query, filter: &BookingFilter) {
    if !filter.statuses.is_empty() {
        query.push(" and b.status in ");
        query.push_tuple(filter.statuses.iter().map(|status| status.as_str().into()));
    }
    let mut condition = |before: &str, value: Option<Value>, after: &str| {
        if let Some(value) = value {
            query.push(before).push_value(value).push(after);
        }
    };
    condition(" and b.window_from_s >= ", filter.from.map(Value::from), "");
    condition(" and b.window_from_s < ", filter.until.map(Value::from), "");
    condition(" and b.customer_id = ", filter.customer_id.map(Value::from), "");
    condition(" and b.location_id = ", filter.location_id.map(Value::from), "");
    let by = " and b.visit_id in (select visit_id from assignments where technician_id = ";
    condition(by, filter.technician_id.map(Value::from), ")");
    let by = " and b.visit_id in (select visit_id from visit_zones where zone_id = ";
    condition(by, filter.zone_id.map(Value::from), ")");
    for pattern in patterns(&filter.text) {
        let all = "b.search || ' ' || coalesce(c.search, '') || ' ' || coalesce(s.search, '')";
        query.push(" and ").push(&spelled(all)).push(" like ");
        query.push_value(pattern).push(" escape '\\'");
    }
}

//! Visits by status, time, people and place, in pages.

use chrono::{DateTime, Utc};

use crate::domain::id::{CustomerId, LocationId, OrganizationId, TechnicianId, ZoneId};
use crate::domain::visits::{Visit, VisitStatus};
use crate::store::pages::{Order, Page, PageQuery, Sorted};
use crate::store::sql::{Query, Value};
use crate::store::visits::{COLUMNS, VisitRow};
use crate::store::{StoreError, Tx};

/// Which visits; a filter that is not set lets everything through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VisitFilter {
    /// Of this status.
    pub status: Option<VisitStatus>,
    /// Planned to start at or after this moment.
    pub from: Option<DateTime<Utc>>,
    /// Planned to start before this moment.
    pub until: Option<DateTime<Utc>>,
    /// The location whose plan it belongs to.
    pub location_id: Option<LocationId>,
    /// A technician of the crew.
    pub technician_id: Option<TechnicianId>,
    /// Whose job it is.
    pub customer_id: Option<CustomerId>,
    /// A zone that its place lies in.
    pub zone_id: Option<ZoneId>,
}

#[derive(sqlx::FromRow)]
struct ListedRow {
    created_s: i64,
    listed_id: String,
    #[sqlx(flatten)]
    visit: VisitRow,
}

/// One page of the organization's visits, by the moment they were made.
///
/// # Errors
/// [`StoreError::BadCursor`] if the cursor belongs to another list, or if the database fails.
pub async fn list(
    tx: &mut Tx,
    organization_id: OrganizationId,
    filter: &VisitFilter,
    descending: bool,
    page: &PageQuery,
) -> Result<Page<Visit>, StoreError> {
    let mut query = Query::new(format!(
        "select created_s, id as listed_id, {COLUMNS} from visits where organization_id = "
    ));
    query.push_value(organization_id);
    let mut condition = |before: &str, value: Option<Value>, after: &str| {
        if let Some(value) = value {
            query.push(before).push_value(value).push(after);
        }
    };
    condition(" and status = ", filter.status.map(|status| status.as_str().into()), "");
    condition(" and start_s >= ", filter.from.map(Value::from), "");
    condition(" and start_s < ", filter.until.map(Value::from), "");
    condition(" and location_id = ", filter.location_id.map(Value::from), "");
    let by = " and id in (select visit_id from assignments where technician_id = ";
    condition(by, filter.technician_id.map(Value::from), ")");
    let by = " and job_id in (select id from jobs where customer_id = ";
    condition(by, filter.customer_id.map(Value::from), ")");
    let by = " and id in (select visit_id from visit_zones where zone_id = ";
    condition(by, filter.zone_id.map(Value::from), ")");
    let order = Order { column: "created_s", id: "id", descending };
    page.apply(&mut query, order)?;
    let rows = query.all::<ListedRow>(tx).await?;
    let rows = page.page(rows, order, |row| (Sorted::Int(row.created_s), row.listed_id.clone()));
    rows.try_map(|row| row.visit.try_into())
}

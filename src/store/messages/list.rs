//! Messages by what they are about and how far they are, in pages.

use crate::domain::id::{BookingId, CustomerId, OrganizationId, TechnicianId, VisitId, WebhookId};
use crate::domain::messages::{Channel, Message, MessageKind, MessageStatus};
use crate::store::messages::{COLUMNS, MessageRow};
use crate::store::pages::{Order, Page, PageQuery, Sorted};
use crate::store::sql::{Query, Value};
use crate::store::{StoreError, Tx};

/// Which messages; a filter that is not set lets everything through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageFilter {
    /// About this booking.
    pub booking_id: Option<BookingId>,
    /// About this visit.
    pub visit_id: Option<VisitId>,
    /// To this customer.
    pub customer_id: Option<CustomerId>,
    /// To this technician.
    pub technician_id: Option<TechnicianId>,
    /// To this webhook.
    pub webhook_id: Option<WebhookId>,
    /// Over this channel.
    pub channel: Option<Channel>,
    /// Of this kind.
    pub kind: Option<MessageKind>,
    /// So far.
    pub status: Option<MessageStatus>,
    /// Oldest first; newest first otherwise.
    pub oldest_first: bool,
}

/// One page of the organization's messages, by the moment they were written down.
///
/// # Errors
/// [`StoreError::BadCursor`] if the cursor belongs to another list, or if the database fails.
pub async fn list(
    tx: &mut Tx,
    organization_id: OrganizationId,
    filter: &MessageFilter,
    page: &PageQuery,
) -> Result<Page<Message>, StoreError> {
    let mut query =
        Query::new(format!("select {COLUMNS} from messages m where m.organization_id = "));
    query.push_value(organization_id);
    let filters: [(&str, Option<Value>); 8] = [
        ("booking_id", filter.booking_id.map(Into::into)),
        ("visit_id", filter.visit_id.map(Into::into)),
        ("customer_id", filter.customer_id.map(Into::into)),
        ("technician_id", filter.technician_id.map(Into::into)),
        ("webhook_id", filter.webhook_id.map(Into::into)),
        ("channel", filter.channel.map(|channel| channel.as_str().into())),
        ("kind", filter.kind.map(|kind| kind.as_str().into())),
        ("status", filter.status.map(|status| status.as_str().into())),
    ];
    for (column, value) in filters {
        if let Some(value) = value {
            query.push(&format!(" and m.{column} = ")).push_value(value);
        }
    }
    let order = Order { column: "m.created_s", id: "m.id", descending: !filter.oldest_first };
    page.apply(&mut query, order)?;
    let rows = query.all::<MessageRow>(tx).await?;
    let rows = page.page(rows, order, |row| (Sorted::Int(row.created_s), row.id.clone()));
    rows.try_map(TryInto::try_into)
}

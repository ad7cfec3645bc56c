//! What waits in the dispatcher's tray: customers who called and are in nobody's day yet.

use crate::app::App;
use crate::app::visits::{self, VisitRequest};
use crate::demo::orders::{Order, Work};
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::exchange::Document;

/// Customers of one location who wait.
const CALLS: usize = 3;

/// Lets the last customers of a location call once more.
pub(super) async fn call(
    app: &App,
    actor: &Actor,
    document: &Document,
    orders: &[Order],
) -> Result<(), AppError> {
    let mut left = CALLS;
    for order in orders.iter().rev() {
        let Work::Service(service_id) = order.work else { continue };
        let Some(site) = document.sites.iter().find(|site| site.id == order.site_id) else {
            continue;
        };
        if left == 0 {
            break;
        }
        left -= 1;
        let request = VisitRequest {
            service_ids: vec![service_id],
            package_id: None,
            location_id: Some(order.location_id),
            place: site.value.place.clone(),
            customer_id: Some(order.customer_id),
            site_id: Some(order.site_id),
            title: String::new(),
            description: String::new(),
            priority: None,
            promised: None,
        };
        visits::create(app, actor, &request).await?;
    }
    Ok(())
}

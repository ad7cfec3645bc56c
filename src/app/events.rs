//! Following what happens in a location's plan.

use crate::app::App;
use crate::app::permissions::{Operation, permit};
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::id::{LocationId, OrganizationId};
use crate::domain::locations::Location;
use crate::store;
pub use crate::store::events::Event;
use crate::store::events::Listener;

/// Events read at once.
const BATCH: u32 = 200;

/// The events of a location's plan, from a certain one on.
#[derive(Debug)]
pub struct Feed {
    app: App,
    organization_id: OrganizationId,
    location_id: LocationId,
    listener: Listener,
    seen: i64,
    gap: bool,
}

/// Follows a location's plan: the events after number `seen`, or after now if there is none.
///
/// # Errors
/// [`AppError::NotFound`] if there is no such location; [`AppError::Forbidden`].
pub async fn follow(
    app: &App,
    actor: &Actor,
    location_id: LocationId,
    seen: Option<i64>,
) -> Result<Feed, AppError> {
    permit(actor, Operation::EventsRead)?;
    let organization_id = actor.organization_id;
    // Listening begins before reading, so that nothing falls between the two.
    let listener = Listener::new(&app.db, organization_id);
    let mut tx = app.db.read().await?;
    let location = store::records::get::<Location>(&mut tx, organization_id, location_id).await?;
    location.ok_or_else(|| AppError::not_found("location", location_id))?;
    let last = store::events::last(&mut tx, organization_id).await?;
    let gap = match seen {
        // A number that was never given is no place to go on from.
        Some(seen) if seen > last || seen < 0 => true,
        // Numbers have no gaps, so the next one is missing only if it is no longer kept.
        Some(seen) if seen < last => {
            let next = store::events::after(&mut tx, organization_id, None, seen, 1).await?;
            next.first().is_none_or(|event| event.seq > seen + 1)
        }
        _ => false,
    };
    let seen = seen.filter(|_| !gap).unwrap_or(last);
    Ok(Feed { app: app.clone(), organization_id, location_id, listener, seen, gap })
}

impl Feed {
    /// The number of the last event that was given out, or from which the feed starts.
    pub fn seen(&self) -> i64 {
        self.seen
    }

    /// Whether events after the one the caller named are no longer kept.
    pub fn has_gap(&self) -> bool {
        self.gap
    }

    /// The next events, at least one; waits for it. Dropping the future loses nothing.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn next(&mut self) -> Result<Vec<Event>, AppError> {
        loop {
            let mut tx = self.app.db.read().await?;
            let (organization_id, location_id) = (self.organization_id, Some(self.location_id));
            let after =
                store::events::after(&mut tx, organization_id, location_id, self.seen, BATCH);
            let events = after.await?;
            drop(tx);
            if let Some(last) = events.last() {
                self.seen = last.seq;
                return Ok(events);
            }
            self.listener.changed().await;
        }
    }
}

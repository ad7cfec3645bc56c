//! A dispatcher offers somebody who waits a time: the customer is told as when time becomes free.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{READY, change, tell, wish, write_to};
use crate::app::permissions::{Operation, permit};
use crate::app::slots::choice::check_start;
use crate::app::{App, slots};
use crate::calendar::dates::date_of;
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::faults::{Faults, Validate};
use crate::domain::id::WaitlistEntryId;
use crate::domain::locations::Location;
use crate::domain::records::Record;
use crate::domain::slots::Wishes;
use crate::domain::waitlist_entries::{WaitlistEntry, WaitlistStatus};
use crate::store::records;

/// Which time somebody who waits is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Offer {
    /// The start, as a slot search for the entry gives it.
    pub start: DateTime<Utc>,
}

impl Validate for Offer {
    fn validate(&self, faults: &mut Faults) {
        check_start(self.start, faults);
    }
}

/// Offers a time that is free: the entry is ready, and its customer is told. Nothing is held; who is
/// quicker has it.
///
/// # Errors
/// [`AppError::Conflict`] if the start is not free, or nobody waits any more; [`AppError::NotFound`];
/// [`AppError::Forbidden`]; as `slots::search`.
#[tracing::instrument(skip_all, fields(waitlist_entry.id = %id))]
pub async fn offer(
    app: &App,
    actor: &Actor,
    id: WaitlistEntryId,
    offer: Offer,
) -> Result<Record<WaitlistEntryId, WaitlistEntry>, AppError> {
    permit(actor, Operation::WaitlistEntriesWrite)?;
    offer.validated()?;
    let (organization_id, start) = (actor.organization_id, offer.start);
    let mut tx = app.db.read().await?;
    let missing = || AppError::not_found("waitlist_entry", id);
    let found = records::get::<WaitlistEntry>(&mut tx, organization_id, id).await?;
    let record = found.ok_or_else(missing)?;
    if !matches!(record.value.status, WaitlistStatus::Waiting | WaitlistStatus::Ready) {
        let status = record.value.status.as_str();
        return Err(AppError::Conflict(format!("the entry is {status}: nobody waits any more")));
    }
    let location_id = record.value.location_id;
    let location = records::get::<Location>(&mut tx, organization_id, location_id).await?;
    let location = location.ok_or_else(|| AppError::not_found("location", location_id))?;
    drop(tx);
    let mut query = wish(&record.value, date_of(start, location.value.time_zone));
    // What a dispatcher offers may be another part of the day than was wished for.
    query.wishes = Wishes::default();
    let answer = slots::search(app, actor, &query).await?;
    let mut free = answer.days.iter().flat_map(|day| &day.slots);
    if !free.any(|slot| slot.start == start) {
        return Err(AppError::Conflict(format!("{start} is not free; look for a slot again")));
    }
    let mut tx = app.db.write().await?;
    let now = records::get::<WaitlistEntry>(&mut tx, organization_id, id).await?;
    if now.ok_or_else(missing)?.revision != record.revision {
        return Err(AppError::Conflict("somebody changed the entry meanwhile".to_owned()));
    }
    let (status, start) = (WaitlistStatus::Ready, Some(start));
    let ready = WaitlistEntry { status, start, ..record.value.clone() };
    change(app, actor, &mut tx, &record, &ready).await?;
    let record = Record { value: ready, revision: record.revision + 1, ..record };
    tell(app, organization_id, &mut tx, READY, &record);
    write_to(app, organization_id, &mut tx, &record).await?;
    tx.commit().await?;
    Ok(record)
}

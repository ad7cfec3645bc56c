//! The task that writes one calendar: every visit asked for, created, changed or taken out, whatever
//! happened on the way before.
//!
//! What was written is noted after the provider has answered. If that is cut short, the next attempt
//! finds the event there and goes on from it, so that nothing stands twice.

use crate::app::App;
use crate::app::calendars::opening::{Opened, open, reopen};
use crate::app::calendars::{Trouble, apart, drafts, noticing, rest};
use crate::calendar::ics::write::{self, IcsEvent};
use crate::domain::calendars::remote::{Content, EventDraft, RemoteItem, WrittenEvent};
use crate::domain::calendars::{Calendar, CalendarStatus, ConflictKind};
use crate::domain::error::AppError;
use crate::domain::id::{CalendarId, OrganizationId};
use crate::store::calendars::written::{self, VisitEvent};
use crate::store::calendars::{self as rows, Standing, conflicts};
use crate::store::queue::{Finished, Lease};
use crate::sync::{Provider as _, SyncError};

/// The kind of the task; its key is the calendar's id.
pub const TASK: &str = "calendars.write";

/// Visits that are taken up together.
const BATCH: u32 = 50;
/// Events of one visit that members delete before writing gives up on ids the provider keeps.
const GENERATIONS_MAX: u32 = 200;

/// Writes what a calendar waits for.
///
/// # Errors
/// If the store fails. What the provider refuses is noted at the calendar and tried again.
pub async fn write(app: &App, lease: Lease) -> Result<Finished, AppError> {
    let task = lease.task();
    let (Some(organization_id), Ok(id)) =
        (task.organization_id, task.unique_key.parse::<CalendarId>())
    else {
        return Err(AppError::invalid("unique_key", &task.unique_key, "must be a calendar's id"));
    };
    let mut tx = app.db.read().await?;
    let calendar = rows::get(&mut tx, organization_id, id).await?;
    drop(tx);
    let Some(calendar) = calendar.filter(|calendar| calendar.status.works()) else {
        // Gone, or waiting for its member; both ask anew when they come back.
        let tx = lease.db().write().await?;
        return Ok(lease.finish(tx).await?);
    };
    let outcome = write_all(app, organization_id, &calendar).await;
    let mut tx = lease.db().write().await?;
    let Err(trouble) = outcome else {
        if calendar.status == CalendarStatus::Failing && calendar.error.starts_with(WRITING) {
            let status = CalendarStatus::Ok;
            let standing = Standing { status, error: String::new(), failures: 0 };
            rows::set_standing(&mut tx, organization_id, id, &standing).await?;
        }
        return Ok(lease.finish(tx).await?);
    };
    let standing = standing(&calendar, WRITING, &trouble);
    tracing::warn!(calendar.id = %id, "Cannot write a calendar: {trouble}");
    rows::set_standing(&mut tx, organization_id, id, &standing).await?;
    if standing.status.works() {
        let next = app.clock.now() + apart(rest(standing.failures, &trouble));
        return Ok(lease.postpone(tx, next).await?);
    }
    Ok(lease.finish(tx).await?)
}

/// What errors of writing begin with, so that reading does not clear them.
pub(super) const WRITING: &str = "writing: ";

/// How a calendar stands after a fault.
pub(super) fn standing(calendar: &Calendar, what: &str, trouble: &Trouble) -> Standing {
    let status = match trouble {
        Trouble::Sync(error) if error.needs_reconnect() => CalendarStatus::Reconnect,
        Trouble::Sync(SyncError::Gone(_)) => CalendarStatus::Gone,
        _ => CalendarStatus::Failing,
    };
    let error = format!("{what}{trouble}");
    Standing { status, error, failures: calendar.failures.saturating_add(1) }
}

async fn write_all(
    app: &App,
    organization_id: OrganizationId,
    calendar: &Calendar,
) -> Result<(), Trouble> {
    let mut opened = open(app, organization_id, calendar.account_id).await?;
    let mut failed = None;
    let mut renewed = false;
    let mut done = std::collections::BTreeSet::new();
    loop {
        let mut tx = app.db.read().await?;
        let mut waiting = written::asked(&mut tx, calendar.id, BATCH).await?;
        // Those that failed stay asked for, for the next attempt.
        waiting.retain(|event| !done.contains(&event.visit_id));
        if waiting.is_empty() {
            return failed.map_or(Ok(()), Err);
        }
        let ids: Vec<_> = waiting.iter().map(|event| event.visit_id).collect();
        let wanted = drafts::load(app, &mut tx, organization_id, &ids).await?;
        // What the calendar is used for may have changed since the task began; a wish to write is of
        // the same moment.
        let uses = rows::get(&mut tx, organization_id, calendar.id).await?;
        let receives = uses.is_some_and(|calendar| calendar.receives);
        drop(tx);
        for event in waiting {
            let draft = wanted.get(&event.visit_id).filter(|draft| {
                let owner = calendar.technician_id;
                let theirs = owner.is_none_or(|owner| draft.technician_ids.contains(&owner));
                receives && theirs
            });
            let writer = Writer { app, organization_id, calendar, opened: &opened };
            match writer.write(&event, draft).await {
                Ok(()) => {}
                Err(refused @ Trouble::Sync(SyncError::Refused(_))) if !renewed => {
                    renewed = true;
                    opened = reopen(app, organization_id, opened, refused).await?;
                }
                // One that the provider does not take must not keep the others waiting.
                Err(trouble @ Trouble::Sync(SyncError::Answer { status: 400..=499, .. })) => {
                    done.insert(event.visit_id);
                    failed = Some(trouble);
                }
                Err(trouble) => return Err(trouble),
            }
        }
        if done.len() >= BATCH as usize {
            return failed.map_or(Ok(()), Err);
        }
    }
}

/// Writes events of one calendar.
struct Writer<'a> {
    app: &'a App,
    organization_id: OrganizationId,
    calendar: &'a Calendar,
    opened: &'a Opened,
}

impl Writer<'_> {
    /// Brings one event to where it shall be, and notes it.
    async fn write(
        &self,
        event: &VisitEvent,
        draft: Option<&drafts::Draft>,
    ) -> Result<(), Trouble> {
        match draft {
            Some(draft) => self.put(event, draft).await,
            None => self.take_out(event).await,
        }
    }

    async fn put(&self, event: &VisitEvent, draft: &drafts::Draft) -> Result<(), Trouble> {
        let draft = &draft.event_of(self.calendar.technician_id);
        let content_hash = drafts::hash(draft);
        if event.remote_id.is_some() && event.content_hash == content_hash {
            return self.note(&VisitEvent { done: event.asked, ..event.clone() }).await;
        }
        if self.is_undecided(event).await? {
            // The member has deleted it or called it off; whether it comes back is for a dispatcher to say.
            return self.note(&VisitEvent { done: event.asked, ..event.clone() }).await;
        }
        let moved = event.start.is_some()
            && (event.start, event.end) != (Some(draft.start), Some(draft.end));
        let sequence = event.sequence + u32::from(moved);
        let mut next = VisitEvent {
            sequence,
            start: Some(draft.start),
            end: Some(draft.end),
            content_hash,
            done: event.asked,
            ..event.clone()
        };
        let known = event.remote_id.as_ref().map(|remote_id| WrittenEvent {
            remote_id: remote_id.clone(),
            etag: event.etag.clone(),
        });
        let put = match &known {
            Some(known) => self.change(event, &mut next, draft, known).await?,
            None => self.create(&mut next, draft).await?,
        };
        let Some(put) = put else {
            // The member has deleted it, which is a conflict now; nothing stands there.
            let (remote_id, content_hash) = (None, event.content_hash.clone());
            let gone = VisitEvent { remote_id, content_hash, ..next };
            return self.note(&VisitEvent { generation: event.generation + 1, ..gone }).await;
        };
        next.remote_id = Some(put.remote_id);
        next.etag = put.etag;
        self.note(&next).await
    }

    /// Writes an event that was never there; if an attempt without an answer has left one, goes on
    /// from that.
    async fn create(
        &self,
        next: &mut VisitEvent,
        draft: &IcsEvent,
    ) -> Result<Option<WrittenEvent>, Trouble> {
        let (remote, calendar) = (&self.opened.remote, self.calendar.remote_id.as_str());
        loop {
            let event = drafted(next, draft);
            match remote.create(calendar, &event).await {
                Ok(put) => return Ok(Some(put)),
                Err(SyncError::Exists) => {}
                Err(error) => return Err(error.into()),
            }
            match remote.find(calendar, &event, None).await? {
                Some(found) => {
                    let known = WrittenEvent { remote_id: found.remote_id, etag: found.etag };
                    return Ok(Some(remote.update(calendar, &event, &known).await?));
                }
                // The provider keeps the ids of deleted events, or has it in another calendar of
                // this login: another one is free.
                None if next.generation < GENERATIONS_MAX => next.generation += 1,
                None => return Err(SyncError::Exists.into()),
            }
        }
    }

    /// Writes over an event. What the member did to it meanwhile is noted first, so that nothing is
    /// lost: a new time as a conflict, and so is the deletion, after which nothing is written.
    async fn change(
        &self,
        event: &VisitEvent,
        next: &mut VisitEvent,
        draft: &IcsEvent,
        known: &WrittenEvent,
    ) -> Result<Option<WrittenEvent>, Trouble> {
        let (remote, calendar) = (&self.opened.remote, self.calendar.remote_id.as_str());
        let wanted = drafted(next, draft);
        match remote.update(calendar, &wanted, known).await {
            Ok(put) => return Ok(Some(put)),
            Err(SyncError::Changed | SyncError::Gone(_)) => {}
            Err(error) => return Err(error.into()),
        }
        let found = remote.find(calendar, &wanted, Some(known)).await?;
        let Some(found) = found else {
            // An empty hash means that somebody has decided it shall be written anew.
            if event.content_hash.is_empty() {
                next.generation += 1;
                return self.create(next, draft).await;
            }
            noticing::deleted(self.app, self.organization_id, self.calendar, event).await?;
            return Ok(None);
        };
        let seen = self.times(&found).await?;
        if seen.is_some_and(|(_, cancelled)| cancelled) && !event.content_hash.is_empty() {
            noticing::deleted(self.app, self.organization_id, self.calendar, event).await?;
            // Nothing is written over it before somebody decides.
            *next = VisitEvent { done: event.asked, ..event.clone() };
            return Ok(Some(WrittenEvent { remote_id: found.remote_id, etag: found.etag }));
        }
        let ours = [(event.start, event.end), (next.start, next.end)];
        if let Some(((start, end), _)) = seen
            && !ours.contains(&(Some(start), Some(end)))
            && !event.content_hash.is_empty()
        {
            let when = (start, end);
            noticing::moved(self.app, self.organization_id, self.calendar, event, when).await?;
        }
        let known = WrittenEvent { remote_id: found.remote_id, etag: found.etag };
        Ok(Some(remote.update(calendar, &wanted, &known).await?))
    }

    /// Whether the member has deleted the event or called it off, and nobody has decided about that.
    async fn is_undecided(&self, event: &VisitEvent) -> Result<bool, Trouble> {
        if event.content_hash.is_empty() {
            return Ok(false);
        }
        let mut tx = self.app.db.read().await?;
        let open = conflicts::open(&mut tx, event.calendar_id, event.visit_id).await?;
        let gone = event.remote_id.is_none();
        Ok(open.is_some_and(|open| gone || open.kind == ConflictKind::Deleted))
    }

    /// The times of an event of ours as it stands in the calendar, and whether it was called off.
    async fn times(&self, item: &RemoteItem) -> Result<Option<(noticing::Times, bool)>, Trouble> {
        let zone = noticing::zone(self.app, self.organization_id, self.calendar).await?;
        Ok(noticing::times(item, zone))
    }

    async fn take_out(&self, event: &VisitEvent) -> Result<(), Trouble> {
        let (remote, calendar) = (&self.opened.remote, self.calendar.remote_id.as_str());
        let known = match &event.remote_id {
            Some(remote_id) => {
                Some(WrittenEvent { remote_id: remote_id.clone(), etag: event.etag.clone() })
            }
            // An attempt without an answer may have left one.
            None if event.asked > 1 => {
                let found = remote.find(calendar, &bare(event), None).await?;
                let found = found.filter(|item| item.content != Content::Gone);
                found.map(|item| WrittenEvent { remote_id: item.remote_id, etag: item.etag })
            }
            None => None,
        };
        if let Some(known) = known {
            remote.delete(calendar, &known).await?;
        }
        let mut tx = self.app.db.write().await?;
        if !written::forget(&mut tx, event).await? {
            // Asked for again meanwhile: the next turn finds nothing there.
            let gone = VisitEvent {
                generation: event.generation + 1,
                remote_id: None,
                etag: String::new(),
                start: None,
                end: None,
                content_hash: String::new(),
                done: event.asked,
                ..event.clone()
            };
            written::set(&mut tx, &gone).await?;
        }
        noticing::settle(self.app, &mut tx, self.organization_id, event).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn note(&self, event: &VisitEvent) -> Result<(), Trouble> {
        let mut tx = self.app.db.write().await?;
        written::set(&mut tx, event).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// A draft that only names an event.
fn bare(event: &VisitEvent) -> EventDraft {
    EventDraft {
        visit_id: event.visit_id,
        generation: event.generation,
        uid: write::uid_of_generation(event.visit_id, event.generation),
        sequence: event.sequence,
        start: event.start.unwrap_or_default(),
        end: event.end.unwrap_or_default(),
        title: String::new(),
        description: String::new(),
        place: String::new(),
        position: (0.0, 0.0),
        url: String::new(),
        private: false,
        ics: String::new(),
    }
}

fn drafted(event: &VisitEvent, draft: &IcsEvent) -> EventDraft {
    let mut ics = draft.clone();
    ics.sequence = event.sequence;
    ics.uid = write::uid_of_generation(event.visit_id, event.generation);
    EventDraft {
        visit_id: event.visit_id,
        generation: event.generation,
        uid: ics.uid.clone(),
        sequence: ics.sequence,
        start: ics.start,
        end: ics.end,
        title: ics.title.clone(),
        description: ics.description.clone(),
        place: ics.place.clone(),
        position: ics.position,
        url: ics.url.clone(),
        private: ics.private,
        ics: write::event(&ics),
    }
}

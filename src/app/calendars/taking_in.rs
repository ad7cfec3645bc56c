//! What was read of a calendar, taken into the plan: busy times become absences, events of ours are
//! compared with what was written, and everything that is gone goes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use crate::app::calendars::noticing::{self, moments};
use crate::app::catalogue::{Write, roads};
use crate::app::{App, absences, addresses, audit};
use crate::calendar::ics;
use crate::domain::absences::{Absence, AbsenceKind, AbsenceOf};
use crate::domain::actors::Actor;
use crate::domain::calendars::Calendar;
use crate::domain::calendars::remote::{Changes, Content, RemoteEvent, Window};
use crate::domain::error::AppError;
use crate::domain::faults::Faults;
use crate::domain::id::{AbsenceId, TechnicianId, VisitId};
use crate::domain::organizations::Organization;
use crate::domain::places::Place;
use crate::store::calendars::busy::{self, BusyTime};
use crate::store::calendars::written::{self, VisitEvent};
use crate::store::{Tx, organizations, plans, records, visits};

/// Longest busy time; longer ones are cut, since every date of one is a plan to be made again.
const LONGEST: TimeDelta = TimeDelta::days(366);

/// What a reading goes by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) calendar: &'a Calendar,
    /// Events of ours as they were known before the provider was asked.
    pub(super) seen: &'a [VisitEvent],
    /// Where the owner lives.
    pub(super) zone: Tz,
    pub(super) window: Window,
}

impl Reading<'_> {
    /// The times that matter of an item: of events of ours all, wherever they were moved to.
    fn of(&self, remote_id: &str) -> Window {
        let ours = self.seen.iter().any(|event| event.remote_id.as_deref() == Some(remote_id));
        if ours { noticing::ever() } else { self.window }
    }
}

/// A busy time to be.
#[derive(Debug, Clone, PartialEq)]
struct Wanted {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    place: Option<Place>,
}

/// Where events take place, by what they say of it.
#[derive(Default)]
struct Places {
    organization: Option<Organization>,
    known: BTreeMap<String, Option<Place>>,
}

impl Places {
    async fn of(tx: &mut Tx, actor: &Actor) -> Result<Self, AppError> {
        let organization = organizations::get(tx, actor.organization_id).await?;
        let organization = organization.map(|organization| organization.value);
        Ok(Self { organization, known: BTreeMap::new() })
    }

    /// The place of an event: the point it names, else the address that its words mention; none if no
    /// road leads there.
    fn find(&mut self, app: &App, event: &RemoteEvent) -> Option<Place> {
        let words = event.place.trim();
        if let Some((lat, lon)) = event.position {
            return self.reached(app, Place::at(lat, lon));
        }
        if words.is_empty() {
            return None;
        }
        if let Some(known) = self.known.get(words) {
            return known.clone();
        }
        let place = addresses::mentioned(app, words).and_then(|place| self.reached(app, place));
        self.known.insert(words.to_owned(), place.clone());
        place
    }

    fn reached(&self, app: &App, place: Place) -> Option<Place> {
        let organization = self.organization.as_ref()?;
        let mut faults = Faults::default();
        roads::note(&app.travel, organization, &place, "place", &mut faults);
        faults.list().is_empty().then_some(place)
    }
}

/// Takes changes in; what could not be read of them, in words.
pub(super) async fn take_in(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    reading: &Reading<'_>,
    changes: Changes,
) -> Result<Vec<String>, AppError> {
    let calendar = reading.calendar;
    // Two readings of a calendar take turns, and so do bookings of its owner.
    let mut locked = vec![TechnicianId(calendar.id.0)];
    locked.extend(calendar.technician_id);
    plans::lock_technicians(tx, &locked).await?;
    let mut faults = Vec::new();
    let mut places = Places::of(tx, actor).await?;
    let mut wanted: BTreeMap<String, Vec<Wanted>> = BTreeMap::new();
    let mut versions = Vec::new();
    let mut gone = Vec::new();
    let mut touched = BTreeSet::new();
    for item in changes.items {
        let events = match item.content {
            Content::Unchanged => {
                touched.insert(item.remote_id);
                continue;
            }
            Content::Gone => {
                gone.push(item.remote_id.clone());
                wanted.insert(item.remote_id, Vec::new());
                continue;
            }
            Content::Ics(text) => match ics::read(&text, reading.zone, reading.of(&item.remote_id))
            {
                Ok(read) => {
                    faults.extend(read.faults);
                    read.events
                }
                Err(fault) => {
                    // What is known of it stays.
                    faults.push(fault);
                    touched.insert(item.remote_id);
                    continue;
                }
            },
            Content::Events(events) => events,
        };
        versions.push((item.remote_id.clone(), item.etag.clone()));
        let theirs = own(app, actor, tx, reading, (&item.remote_id, &item.etag, events)).await?;
        wanted.insert(item.remote_id, times(app, reading, &theirs, &mut places));
    }
    if changes.complete {
        missing(app, actor, tx, reading, &wanted, &touched).await?;
        for (remote_id, _) in busy::items(tx, calendar.id).await? {
            if !wanted.contains_key(&remote_id) && !touched.contains(&remote_id) {
                gone.push(remote_id.clone());
                wanted.insert(remote_id, Vec::new());
            }
        }
    } else {
        let lost: BTreeSet<&String> = gone.iter().collect();
        for event in reading.seen {
            let is_gone = event.remote_id.as_ref().is_some_and(|id| lost.contains(id));
            if is_gone {
                lose(app, actor, tx, reading, event).await?;
            }
        }
    }
    busy::set_items(tx, calendar.id, &versions).await?;
    busy::forget_items(tx, calendar.id, &gone).await?;
    put(app, actor, tx, reading, wanted).await?;
    Ok(shortened(faults))
}

/// The first few of many faults, and how many more there are.
fn shortened(mut faults: Vec<String>) -> Vec<String> {
    let count = faults.len();
    faults.truncate(3);
    if count > 3 {
        faults.push(format!("and {} more", count - 3));
    }
    faults
}

/// Compares events of ours with what was written; gives back those of other people.
async fn own(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    reading: &Reading<'_>,
    (remote_id, etag, events): (&str, &str, Vec<RemoteEvent>),
) -> Result<Vec<RemoteEvent>, AppError> {
    let organization_id = actor.organization_id;
    let known = reading.seen.iter().find(|event| event.remote_id.as_deref() == Some(remote_id));
    let marked: BTreeSet<VisitId> = events.iter().filter_map(|event| event.visit_id).collect();
    if known.is_none() && marked.is_empty() {
        return Ok(events);
    }
    if let (Some(seen), Some(event)) = (known, events.first()) {
        let now = written::get(tx, seen.calendar_id, seen.visit_id).await?;
        // What was written or asked for since the provider was asked is the writer's to compare.
        let same = now.as_ref().is_some_and(|now| now.etag == seen.etag && now.asked == now.done);
        if let (Some(now), true) = (now, same) {
            let (start, end) = moments(event.time, reading.zone);
            if event.cancelled {
                // It still stands there, but says that nobody comes: as good as deleted.
                if now.end.is_some_and(|end| end > app.now()) {
                    noticing::note(app, tx, organization_id, reading.calendar, &now, None).await?;
                }
            } else if (Some(start), Some(end)) == (now.start, now.end) {
                // Back where it was, and not by our own writing: the member thought better of it.
                if now.etag != etag {
                    noticing::settle(app, tx, organization_id, &now).await?;
                }
            } else if now.start.is_some() {
                let to = Some((start, end));
                noticing::note(app, tx, organization_id, reading.calendar, &now, to).await?;
            }
            if !etag.is_empty() && now.etag != etag {
                written::set(tx, &VisitEvent { etag: etag.to_owned(), ..now }).await?;
            }
        }
        return Ok(Vec::new());
    }
    // A copy of one of ours, or one whose writing is not noted yet. Others' marks mean nothing here.
    let marked: Vec<VisitId> = marked.into_iter().collect();
    let ours: BTreeSet<VisitId> = visits::get_many(tx, organization_id, &marked)
        .await?
        .into_iter()
        .map(|visit| visit.id)
        .collect();
    let is_theirs = |event: &RemoteEvent| event.visit_id.is_none_or(|id| !ours.contains(&id));
    Ok(events.into_iter().filter(is_theirs).collect())
}

/// Events of ours that a whole reading did not find although they lie in its window.
async fn missing(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    reading: &Reading<'_>,
    found: &BTreeMap<String, Vec<Wanted>>,
    touched: &BTreeSet<String>,
) -> Result<(), AppError> {
    for event in reading.seen {
        let Some(remote_id) = &event.remote_id else { continue };
        let inside = event.start.is_some_and(|start| start < reading.window.until)
            && event.end.is_some_and(|end| end > reading.window.from);
        if inside && !found.contains_key(remote_id) && !touched.contains(remote_id) {
            lose(app, actor, tx, reading, event).await?;
        }
    }
    Ok(())
}

/// Notes that an event of ours is gone, unless it was written again meanwhile. What is over is the
/// member's to tidy up.
async fn lose(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    reading: &Reading<'_>,
    seen: &VisitEvent,
) -> Result<(), AppError> {
    let now = written::get(tx, seen.calendar_id, seen.visit_id).await?;
    let same = |now: &VisitEvent| {
        now.remote_id == seen.remote_id && now.etag == seen.etag && now.asked == now.done
    };
    let Some(now) = now.filter(same) else { return Ok(()) };
    if now.end.is_some_and(|end| end > app.now()) {
        noticing::note(app, tx, actor.organization_id, reading.calendar, &now, None).await?;
    }
    let generation = now.generation + 1;
    let gone = VisitEvent { remote_id: None, etag: String::new(), generation, ..now };
    Ok(written::set(tx, &gone).await?)
}

/// The busy times of events, if the calendar blocks.
fn times(
    app: &App,
    reading: &Reading<'_>,
    events: &[RemoteEvent],
    places: &mut Places,
) -> Vec<Wanted> {
    if !reading.calendar.blocks {
        return Vec::new();
    }
    // An answer that only tells busy times tells those of our own events, too.
    let is_own = |event: &RemoteEvent| {
        let (start, end) = moments(event.time, reading.zone);
        let written = (Some(start), Some(end));
        event.uid.is_empty() && reading.seen.iter().any(|ours| (ours.start, ours.end) == written)
    };
    let busy = events.iter().filter(|event| event.busy && !is_own(event));
    let times = busy.filter_map(|event| {
        let (start, end) = moments(event.time, reading.zone);
        let end = end.min(start + LONGEST);
        // The store keeps whole seconds; times without a length take none.
        let inside = start.timestamp() < end.timestamp()
            && end > reading.window.from
            && start < reading.window.until;
        inside.then(|| Wanted { start, end, place: places.find(app, event) })
    });
    times.collect()
}

/// Makes the absences of some items what they shall be; those that stay are not touched.
async fn put(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    reading: &Reading<'_>,
    wanted: BTreeMap<String, Vec<Wanted>>,
) -> Result<(), AppError> {
    let calendar = reading.calendar;
    let Some(technician_id) = calendar.technician_id else { return Ok(()) };
    let ids: Vec<String> = wanted.keys().cloned().collect();
    let mut present = busy::of_items(tx, calendar.id, &ids).await?;
    let at = positions(tx, actor, &present).await?;
    let mut new = Vec::new();
    for (remote_id, times) in wanted {
        for time in times {
            let same = |busy: &BusyTime| {
                busy.remote_id == remote_id
                    && (busy.start.timestamp(), busy.end.timestamp())
                        == (time.start.timestamp(), time.end.timestamp())
                    && at.get(&busy.absence_id).copied() == time.place.as_ref().map(position)
            };
            match present.iter().position(same) {
                Some(at) => {
                    present.swap_remove(at);
                }
                None => new.push((remote_id.clone(), time)),
            }
        }
    }
    for busy in &present {
        records::delete::<Absence>(tx, actor.organization_id, busy.absence_id, None).await?;
    }
    let mut added = Vec::with_capacity(new.len());
    for (remote_id, time) in new {
        added.push(add(app, actor, tx, (calendar, technician_id), (remote_id, time)).await?);
    }
    busy::insert(tx, calendar.id, &added).await?;
    audited(app, actor, tx, calendar, (&present, &added)).await
}

/// Notes which busy times stopped being absences and which became ones: one entry for a reading, since
/// a calendar that is read for the first time has hundreds.
async fn audited(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    calendar: &Calendar,
    (gone, new): (&[BusyTime], &[BusyTime]),
) -> Result<(), AppError> {
    if gone.is_empty() && new.is_empty() {
        return Ok(());
    }
    let time = |busy: &BusyTime| json!({"absence_id": busy.absence_id, "start": busy.start, "end": busy.end});
    let told = |times: &[BusyTime]| {
        let times: Vec<Value> = times.iter().map(time).collect();
        json!({"technician_id": calendar.technician_id, "busy": times})
    };
    let action = audit::Action { noun: "calendars", verb: "busy", id: calendar.id.into() };
    audit::note(app, tx, actor, action, (told(gone), told(new))).await
}

/// Stores one busy time as an absence; visits it collides with are told.
async fn add(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    (calendar, technician_id): (&Calendar, TechnicianId),
    (remote_id, time): (String, Wanted),
) -> Result<BusyTime, AppError> {
    let organization_id = actor.organization_id;
    let absence = Absence {
        of: AbsenceOf::Technician { technician_id },
        start: time.start,
        end: time.end,
        place: time.place,
        kind: AbsenceKind::Calendar,
        // What it is about is the member's own business.
        note: calendar.name.clone(),
    };
    let id = AbsenceId(app.new_id());
    if time.end > app.now() {
        let write = Write { id, before: None, after: Some(&absence) };
        absences::prepare(app, actor, tx, &write).await?;
    }
    records::insert(tx, organization_id, id, &absence, app.now()).await?;
    Ok(BusyTime { absence_id: id, remote_id, start: time.start, end: time.end })
}

/// The points of the absences that have a place.
async fn positions(
    tx: &mut Tx,
    actor: &Actor,
    present: &[BusyTime],
) -> Result<BTreeMap<AbsenceId, (i64, i64)>, AppError> {
    let ids: Vec<AbsenceId> = present.iter().map(|busy| busy.absence_id).collect();
    let absences = records::get_many::<Absence>(tx, actor.organization_id, &ids).await?;
    let placed = absences.iter().filter_map(|absence| {
        absence.value.place.as_ref().map(|place| (absence.id, position(place)))
    });
    Ok(placed.collect())
}

/// A point in millionths of a degree, so that two readings of it are equal.
#[expect(clippy::cast_possible_truncation, reason = "degrees are small")]
fn position(place: &Place) -> (i64, i64) {
    let millionths = |degrees: f64| (degrees * 1e6).round() as i64;
    (millionths(place.lat), millionths(place.lon))
}

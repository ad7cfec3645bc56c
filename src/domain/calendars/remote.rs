//! What goes to and comes from a provider: its calendars, their items, and events of ours.

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::id::VisitId;

/// A calendar as its provider lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteCalendar {
    /// How the provider names it: a path or an id.
    pub remote_id: String,
    /// What people call it.
    pub name: String,
    /// Whether events can be written into it.
    pub writable: bool,
    /// Whether it is the account's main one.
    pub primary: bool,
}

/// A span of time, `[from, until)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First moment.
    pub from: DateTime<Utc>,
    /// First moment after.
    pub until: DateTime<Utc>,
}

/// What has changed in a calendar.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changes {
    /// Items that are new, changed or gone.
    pub items: Vec<RemoteItem>,
    /// Where to go on next time; none if the provider has no list of changes.
    pub cursor: Option<String>,
    /// Whether the items are all there is in the window, so that everything else is gone.
    pub complete: bool,
}

/// An item of a calendar, by its provider's name.
#[derive(Debug, Clone, PartialEq)]
pub struct RemoteItem {
    /// How the provider names it: a path or an id.
    pub remote_id: String,
    /// Its version; empty if the provider gives none.
    pub etag: String,
    /// What it holds.
    pub content: Content,
}

/// What an item holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// It is gone.
    Gone,
    /// Its etag is the one that was known.
    Unchanged,
    /// iCalendar text, to be read and expanded.
    Ics(String),
    /// Events, one for each time they take place.
    Events(Vec<RemoteEvent>),
}

/// One taking place of an event.
#[derive(Debug, Clone, PartialEq)]
pub struct RemoteEvent {
    /// Name of the event across calendars; may be empty.
    pub uid: String,
    /// When.
    pub time: EventTime,
    /// Whether it takes the person's time: neither free nor called off nor declined.
    pub busy: bool,
    /// Whether it was called off, and only still shown.
    pub cancelled: bool,
    /// One line.
    pub title: String,
    /// Where, as people wrote it.
    pub place: String,
    /// Where on the map, latitude and longitude in degrees, if it says so.
    pub position: Option<(f64, f64)>,
    /// The visit it was written for, if it bears our mark.
    pub visit_id: Option<VisitId>,
}

/// When an event takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventTime {
    /// `[start, end)`.
    Moments {
        /// First moment.
        start: DateTime<Utc>,
        /// First moment after.
        end: DateTime<Utc>,
    },
    /// Whole dates wherever the person is, `[from, until)`.
    Dates {
        /// First date.
        from: NaiveDate,
        /// First date after.
        until: NaiveDate,
    },
}

/// An event of ours, as it shall stand in a calendar.
#[derive(Debug, Clone, PartialEq)]
pub struct EventDraft {
    /// The visit it is about.
    pub visit_id: VisitId,
    /// How often it was made anew in this calendar: providers may never take an id twice.
    pub generation: u32,
    /// Its name across calendars.
    pub uid: String,
    /// Counts changes of time and place.
    pub sequence: u32,
    /// First moment.
    pub start: DateTime<Utc>,
    /// First moment after.
    pub end: DateTime<Utc>,
    /// One line.
    pub title: String,
    /// Lines of text.
    pub description: String,
    /// Where, as people write it; may be empty.
    pub place: String,
    /// Where on the map, latitude and longitude in degrees.
    pub position: (f64, f64),
    /// A page about it; may be empty.
    pub url: String,
    /// Whether only the owner of the calendar may see what it says.
    pub private: bool,
    /// The same as iCalendar text.
    pub ics: String,
}

/// An event of ours as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenEvent {
    /// How the provider names it: a path or an id.
    pub remote_id: String,
    /// Its version; empty if the provider gives none.
    pub etag: String,
}

//! Writing iCalendar text: lines folded and escaped as RFC 5545 asks, times in UTC.

use std::fmt::Display;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::id::VisitId;

/// Marks events that were written for a visit.
pub const VISIT_PROPERTY: &str = "X-ROUNDSMAN-VISIT";
/// Who writes.
const PRODUCT: &str = "-//Roundsman//Roundsman//EN";
/// Octets of a line, its end not counted (RFC 5545, 3.1).
const LINE_OCTETS: usize = 75;

/// An event to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct IcsEvent {
    /// Its name across calendars.
    pub uid: String,
    /// The visit it is about.
    pub visit_id: VisitId,
    /// Counts changes of time and place.
    pub sequence: u32,
    /// When the text was made.
    pub stamp: DateTime<Utc>,
    /// When what it says last changed, if that is known.
    pub modified: Option<DateTime<Utc>>,
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
}

/// iCalendar text under construction.
#[derive(Debug, Default)]
pub struct IcsText {
    text: String,
}

/// The name of a visit's event across calendars. It never changes.
pub fn uid_of_visit(visit_id: VisitId) -> String {
    uid_of_generation(visit_id, 0)
}

/// The name of an event that was made anew so many times: some servers take a name only once, in
/// whichever calendar of a login it is.
pub fn uid_of_generation(visit_id: VisitId, generation: u32) -> String {
    match generation {
        0 => format!("visit-{visit_id}@roundsman"),
        _ => format!("visit-{visit_id}.{generation}@roundsman"),
    }
}

/// The visit of an event's name, if it is one of ours.
pub fn visit_of_uid(uid: &str) -> Option<VisitId> {
    let id = uid.strip_prefix("visit-")?.strip_suffix("@roundsman")?;
    let id = id.split_once('.').map_or(id, |(id, _)| id);
    Uuid::try_parse(id).ok().map(VisitId)
}

/// One event as a calendar of its own, as CalDAV servers store it.
pub fn event(event: &IcsEvent) -> String {
    let mut text = IcsText::default();
    text.begin();
    text.event(event);
    text.finish()
}

/// A calendar to subscribe to.
pub fn feed(name: &str, refresh_minutes: u32, events: &[IcsEvent]) -> String {
    let mut text = IcsText::default();
    text.begin();
    text.line("METHOD", "PUBLISH");
    text.text("X-WR-CALNAME", name);
    text.text("NAME", name);
    text.line("REFRESH-INTERVAL;VALUE=DURATION", format!("PT{refresh_minutes}M"));
    text.line("X-PUBLISHED-TTL", format!("PT{refresh_minutes}M"));
    for one in events {
        text.event(one);
    }
    text.finish()
}

impl IcsText {
    /// Begins a calendar.
    pub fn begin(&mut self) {
        self.line("BEGIN", "VCALENDAR");
        self.line("VERSION", "2.0");
        self.line("PRODID", PRODUCT);
        self.line("CALSCALE", "GREGORIAN");
    }

    /// Ends it and gives the text.
    #[must_use]
    pub fn finish(mut self) -> String {
        self.line("END", "VCALENDAR");
        self.text
    }

    /// Writes an event.
    pub fn event(&mut self, event: &IcsEvent) {
        let stamp = |moment: DateTime<Utc>| moment.format("%Y%m%dT%H%M%SZ");
        self.line("BEGIN", "VEVENT");
        self.text("UID", &event.uid);
        self.line("DTSTAMP", stamp(event.stamp));
        if let Some(modified) = event.modified {
            self.line("LAST-MODIFIED", stamp(modified));
        }
        self.line("DTSTART", stamp(event.start));
        self.line("DTEND", stamp(event.end));
        self.line("SEQUENCE", event.sequence);
        self.text("SUMMARY", &event.title);
        if !event.description.is_empty() {
            self.text("DESCRIPTION", &event.description);
        }
        if !event.place.is_empty() {
            self.text("LOCATION", &event.place);
        }
        let (lat, lon) = event.position;
        self.line("GEO", format!("{lat:.6};{lon:.6}"));
        if !event.url.is_empty() {
            self.line("URL", one_line(&event.url));
        }
        self.line("STATUS", "CONFIRMED");
        self.line("TRANSP", "OPAQUE");
        self.line("CLASS", if event.private { "PRIVATE" } else { "PUBLIC" });
        self.line(VISIT_PROPERTY, event.visit_id);
        self.line("END", "VEVENT");
    }

    /// Writes a property whose value needs no escapes.
    pub fn line(&mut self, name: &str, value: impl Display) {
        self.fold(&format!("{name}:{value}"));
    }

    /// Writes a property whose value is text for people.
    pub fn text(&mut self, name: &str, value: &str) {
        self.fold(&format!("{name}:{}", escaped(value)));
    }

    /// Breaks a line where it is full, between characters.
    fn fold(&mut self, line: &str) {
        let mut octets = 0;
        for character in line.chars() {
            let size = character.len_utf8();
            if octets + size > LINE_OCTETS {
                self.text.push_str("\r\n ");
                octets = 1;
            }
            self.text.push(character);
            octets += size;
        }
        self.text.push_str("\r\n");
    }
}

/// Text as a value: separators and line ends escaped, what no calendar takes left out.
fn escaped(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for character in text.replace("\r\n", "\n").replace('\r', "\n").chars() {
        match character {
            '\\' => value.push_str("\\\\"),
            ';' => value.push_str("\\;"),
            ',' => value.push_str("\\,"),
            '\n' => value.push_str("\\n"),
            '\t' => value.push(' '),
            other if other.is_control() => {}
            other => value.push(other),
        }
    }
    value
}

fn one_line(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_folded_between_characters_at_75_octets() {
        let mut text = IcsText::default();
        // 8 octets of name, then two octets each: 33 fit (74), the 34th would end at 76.
        text.text("SUMMARY", &"\u{f0}".repeat(50));
        let text = text.text;
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert_eq!(lines[0].len(), 74);
        assert!(lines[1].starts_with(" \u{f0}") && lines[1].len() == 1 + 17 * 2);
        assert_eq!(text.replace("\r\n ", ""), format!("SUMMARY:{}\r\n", "\u{f0}".repeat(50)));
    }

    #[test]
    fn separators_and_line_ends_are_escaped() {
        assert_eq!(escaped("a,b;c\\d\r\ne\rf\u{7}"), "a\\,b\\;c\\\\d\\ne\\nf");
    }

    #[test]
    fn the_name_of_an_event_leads_back_to_its_visit() {
        let visit_id = VisitId(Uuid::from_u128(7));
        assert_eq!(visit_of_uid(&uid_of_visit(visit_id)), Some(visit_id));
        assert_eq!(visit_of_uid(&uid_of_generation(visit_id, 3)), Some(visit_id));
        assert_eq!(visit_of_uid("visit-7@roundsman"), None);
    }
}

//! Invitations: one appointment, to be put into or taken out of a calendar.
//!
//! Source: RFC 5545 (iCalendar), RFC 5546 (iTIP): REQUEST and CANCEL with one VEVENT, the same UID,
//! and a SEQUENCE that rises with every change of time or place.

use chrono::{DateTime, Utc};

use crate::domain::messages::Invitation;

/// One appointment of one receiver.
#[derive(Debug, Clone, PartialEq)]
pub struct Appointment {
    /// Its name in all calendars, for ever.
    pub uid: String,
    /// Counts its changes.
    pub sequence: u32,
    /// Whether it will not happen.
    pub cancelled: bool,
    /// The current moment.
    pub now: DateTime<Utc>,
    /// When it begins.
    pub start: DateTime<Utc>,
    /// When it ends.
    pub end: DateTime<Utc>,
    /// One line.
    pub title: String,
    /// More words.
    pub description: String,
    /// Where, as people write it.
    pub address: String,
    /// Latitude and longitude, degrees.
    pub place: (f64, f64),
    /// Name and e-mail address of who invites.
    pub organizer: (String, String),
    /// Name and e-mail address of who is invited.
    pub attendee: (String, String),
    /// Where to manage it.
    pub link: Option<String>,
}

/// The invitation, or what takes it back.
pub fn invitation(appointment: &Appointment) -> Invitation {
    let method = if appointment.cancelled { "CANCEL" } else { "REQUEST" };
    Invitation { method: method.to_owned(), ics: ics(appointment, method) }
}

fn ics(one: &Appointment, method: &str) -> String {
    let moment = |at: DateTime<Utc>| at.format("%Y%m%dT%H%M%SZ").to_string();
    let person = |kind: &str, parameters: &str, (name, mail): &(String, String)| {
        format!("{kind};CN={}{parameters}:mailto:{mail}", parameter(name))
    };
    let asked = if one.cancelled {
        ";ROLE=REQ-PARTICIPANT"
    } else {
        ";ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE"
    };
    let status = if one.cancelled { "CANCELLED" } else { "CONFIRMED" };
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Roundsman//Messages//EN".to_owned(),
        "CALSCALE:GREGORIAN".to_owned(),
        format!("METHOD:{method}"),
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}", one.uid),
        format!("SEQUENCE:{}", one.sequence),
        format!("DTSTAMP:{}", moment(one.now)),
        format!("DTSTART:{}", moment(one.start)),
        format!("DTEND:{}", moment(one.end)),
        format!("SUMMARY:{}", text(&one.title)),
        format!("STATUS:{status}"),
        person("ORGANIZER", "", &one.organizer),
        person("ATTENDEE", asked, &one.attendee),
        format!("GEO:{:.6};{:.6}", one.place.0, one.place.1),
    ];
    if !one.address.is_empty() {
        lines.push(format!("LOCATION:{}", text(&one.address)));
    }
    if !one.description.is_empty() {
        lines.push(format!("DESCRIPTION:{}", text(&one.description)));
    }
    lines.extend(one.link.as_ref().map(|link| format!("URL:{link}")));
    lines.push("END:VEVENT".to_owned());
    lines.push("END:VCALENDAR".to_owned());
    lines.iter().map(|line| folded(line)).collect()
}

/// A value of text: backslash, comma, semicolon and line break are written with a backslash.
fn text(value: &str) -> String {
    let mut written = String::with_capacity(value.len() + 8);
    for c in value.chars() {
        match c {
            '\\' | ',' | ';' => {
                written.push('\\');
                written.push(c);
            }
            '\n' => written.push_str("\\n"),
            c if c.is_control() => {}
            c => written.push(c),
        }
    }
    written
}

/// A value of a parameter, in quotes; quotes in it become apostrophes.
fn parameter(value: &str) -> String {
    let plain: String = value.chars().filter(|c| !c.is_control()).collect();
    format!("\"{}\"", plain.replace('"', "'"))
}

/// A line with its end, folded so that no part has more than 75 bytes.
fn folded(line: &str) -> String {
    let mut written = String::with_capacity(line.len() + 8);
    let mut bytes = 0;
    for c in line.chars() {
        if bytes + c.len_utf8() > 75 {
            written.push_str("\r\n ");
            bytes = 1;
        }
        written.push(c);
        bytes += c.len_utf8();
    }
    written.push_str("\r\n");
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_between_characters() {
        let line = folded(&"é".repeat(60));
        assert!(line.split("\r\n").all(|part| part.len() <= 75), "{line:?}");
        assert_eq!(line.replace("\r\n ", "").trim_end(), "é".repeat(60));
    }

    #[test]
    fn words_cannot_break_out_of_their_line() {
        assert_eq!(text("a;b,c\\\r\nEND:VEVENT"), "a\\;b\\,c\\\\\\nEND:VEVENT");
        assert_eq!(parameter("A \"B\"\r\nX:1"), "\"A 'B'X:1\"");
    }
}

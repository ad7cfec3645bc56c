//! A booking as a calendar file, which every calendar program reads.
//!
//! Source of the format: RFC 5545.

use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, TimeDelta, Utc};

use crate::app::manage::Managed;
use crate::domain::bookings::BookingStatus;
use crate::web::customers::words::Words;

/// Most bytes of a line. Source: RFC 5545, section 3.1.
const LINE: usize = 75;

/// The file as an answer.
pub(super) fn answer(words: Words, managed: &Managed, link: &str, now: DateTime<Utc>) -> Response {
    let name = format!("attachment; filename=\"{}.ics\"", managed.booking.code);
    let headers = [
        (CONTENT_TYPE, "text/calendar; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, name),
        (CACHE_CONTROL, "private, no-cache".to_owned()),
    ];
    (headers, file(words, managed, link, now)).into_response()
}

/// The text of the file: the whole span in which somebody may be there.
fn file(words: Words, managed: &Managed, link: &str, now: DateTime<Utc>) -> String {
    let Managed { booking, visit, .. } = managed;
    let stamp = |at: DateTime<Utc>| at.format("%Y%m%dT%H%M%SZ").to_string();
    let end = booking.window.until + TimeDelta::seconds(visit.needs.on_site_s());
    let cancelled = booking.status == BookingStatus::Cancelled;
    let words = words.all("calendar.text", &[("code", &booking.code), ("link", &link)]);
    let place = &visit.place;
    let lines = [
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Roundsman//Booking//EN".to_owned(),
        "METHOD:PUBLISH".to_owned(),
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}@roundsman", booking.id),
        format!("DTSTAMP:{}", stamp(now)),
        format!("SEQUENCE:{}", booking.revision),
        format!("DTSTART:{}", stamp(booking.window.from)),
        format!("DTEND:{}", stamp(end)),
        format!("SUMMARY:{}", escaped(&format!("{}: {}", managed.organization, booking.title))),
        format!("LOCATION:{}", escaped(&place.address.to_string())),
        format!("GEO:{:.6};{:.6}", place.lat, place.lon),
        format!("DESCRIPTION:{}", escaped(&words)),
        format!("STATUS:{}", if cancelled { "CANCELLED" } else { "CONFIRMED" }),
        "END:VEVENT".to_owned(),
        "END:VCALENDAR".to_owned(),
    ];
    lines.iter().map(|line| folded(line)).collect()
}

/// A text as a value: backslashes, commas, semicolons and line breaks are written out.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,");
    text.replace("\r\n", "\n").replace('\n', "\\n")
}

/// A line in pieces that are short enough, each but the first after a space; never within a letter.
fn folded(line: &str) -> String {
    let mut folded = String::with_capacity(line.len() + 8);
    let mut length = 0;
    for c in line.chars() {
        if length + c.len_utf8() > LINE {
            folded.push_str("\r\n ");
            length = 1;
        }
        folded.push(c);
        length += c.len_utf8();
    }
    folded.push_str("\r\n");
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_between_letters() {
        let line = format!("SUMMARY:{}", "þ".repeat(60));
        let folded = folded(&line);
        assert!(folded.split("\r\n").all(|piece| piece.len() <= LINE), "{folded}");
        assert_eq!(folded.replace("\r\n ", "").trim_end(), line);
    }

    #[test]
    fn signs_that_mean_something_are_written_out() {
        assert_eq!(escaped("a,b;c\\d\r\ne"), "a\\,b\\;c\\\\d\\ne");
    }
}

//! Reading iCalendar text: the instants of hard cases, derived by hand and checked against the Python
//! library `recurring-ical-events` 3.8.2, which differs in one place named below.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use roundsman::calendar::ics::{Read, read};
use roundsman::domain::calendars::remote::{EventTime, RemoteEvent, Window};

const HARD: &str = include_str!("../cases/calendars/hard.ics");

fn window(from: &str, until: &str) -> Window {
    let at = |text: &str| format!("{text}:00Z").parse::<DateTime<Utc>>().unwrap();
    Window { from: at(from), until: at(until) }
}

fn half_year() -> Window {
    window("2027-01-01T00:00", "2027-07-01T00:00")
}

fn read_all(text: &str) -> Read {
    read(text, Tz::Atlantic__Reykjavik, half_year()).unwrap()
}

/// The times of one event, as text in UTC.
fn times(read: &Read, uid: &str) -> Vec<String> {
    let shown = |event: &RemoteEvent| match event.time {
        EventTime::Moments { start, end } => {
            format!("{}/{}", start.format("%m-%dT%H:%M"), end.format("%m-%dT%H:%M"))
        }
        EventTime::Dates { from, until } => format!("{from}/{until}"),
    };
    let mut times: Vec<String> =
        read.events.iter().filter(|event| event.uid == uid).map(shown).collect();
    times.sort_unstable();
    times
}

/// A calendar with one event.
fn event(lines: &[&str]) -> String {
    let lines = lines.join("\r\n");
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//EN\r\nBEGIN:VEVENT\r\nUID:x\r\n\
         DTSTAMP:20261101T000000Z\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

#[test]
fn a_weekly_event_keeps_its_civil_time_without_its_exception_and_with_its_override() {
    // London: UTC until 28 March, UTC+1 after. 22 March is taken out, 29 March moved to the 30th at
    // 14:00 (13:00 UTC). COUNT=6 counts both.
    let expected = [
        "03-08T09:00/03-08T10:00",
        "03-15T09:00/03-15T10:00",
        "03-30T13:00/03-30T14:00",
        "04-05T08:00/04-05T09:00",
        "04-12T08:00/04-12T09:00",
    ];
    assert_eq!(times(&read_all(HARD), "a"), expected);
}

#[test]
fn names_of_zones_of_windows_are_understood() {
    // Paris: UTC+1 until 28 March, UTC+2 from then on; 45 minutes.
    let expected = [
        "03-26T07:00/03-26T07:45",
        "03-27T07:00/03-27T07:45",
        "03-28T06:00/03-28T06:45",
        "03-29T06:00/03-29T06:45",
        "03-30T06:00/03-30T06:45",
    ];
    assert_eq!(times(&read_all(HARD), "b"), expected);
}

#[test]
fn a_zone_that_a_calendar_brings_itself_is_used() {
    // 08:00 three hours behind UTC.
    assert_eq!(times(&read_all(HARD), "c"), ["03-15T11:00/03-15T12:30"]);
}

#[test]
fn the_last_working_day_of_the_month_is_found() {
    // New York: UTC-5 until 14 March, UTC-4 after. 31 January 2027 is a Sunday, 28 February too.
    let expected = [
        "01-29T18:00/01-29T19:00",
        "02-26T18:00/02-26T19:00",
        "03-31T17:00/03-31T18:00",
        "04-30T17:00/04-30T18:00",
    ];
    assert_eq!(times(&read_all(HARD), "d"), expected);
}

#[test]
fn whole_dates_stay_dates() {
    assert_eq!(times(&read_all(HARD), "e"), ["2027-03-20/2027-03-22"]);
}

#[test]
fn a_time_that_clocks_skip_is_read_with_the_offset_before_and_keeps_its_length() {
    // 28 March 01:30 does not exist in London; with the offset before (UTC) it is 01:30 UTC. An hour
    // long like the others (RFC 5545, 3.8.5.3); the Python library ends it at 01:30.
    let expected =
        ["03-21T01:30/03-21T02:30", "03-28T01:30/03-28T02:30", "04-04T00:30/04-04T01:30"];
    assert_eq!(times(&read_all(HARD), "f"), expected);
}

#[test]
fn extra_dates_are_added() {
    let expected =
        ["03-10T10:00/03-10T11:00", "03-11T12:00/03-11T13:00", "03-12T13:00/03-12T14:00"];
    assert_eq!(times(&read_all(HARD), "g"), expected);
}

#[test]
fn the_last_time_of_a_rule_that_ends_at_an_instant_takes_place() {
    // Daily since 2015 at 07:00 in London until 31 March 06:00 UTC, which is 07:00 there: 31 + 28 + 31.
    let read = read_all(HARD);
    let times = times(&read, "h");
    assert_eq!(times.len(), 90);
    assert_eq!(times.first().unwrap(), "01-01T07:00/01-01T07:30");
    assert_eq!(times.last().unwrap(), "03-31T06:00/03-31T06:30");
    assert_eq!(read.faults, Vec::<String>::new());
}

#[test]
fn only_what_touches_the_window_is_given() {
    let day = window("2027-03-15T00:00", "2027-03-16T00:00");
    let read = read(HARD, Tz::UTC, day).unwrap();
    let mut uids: Vec<&str> = read.events.iter().map(|event| event.uid.as_str()).collect();
    uids.sort_unstable();
    assert_eq!(uids, ["a", "c", "h"]);
}

#[test]
fn what_is_free_called_off_or_marked_as_free_takes_no_time() {
    let at = ["DTSTART:20270301T100000Z", "DTEND:20270301T110000Z"];
    for (line, busy) in [
        ("TRANSP:TRANSPARENT", false),
        ("STATUS:CANCELLED", false),
        ("X-MICROSOFT-CDO-BUSYSTATUS:FREE", false),
        ("TRANSP:OPAQUE", true),
        ("STATUS:TENTATIVE", true),
    ] {
        let read = read_all(&event(&[at[0], at[1], line]));
        assert_eq!(read.events[0].busy, busy, "{line}");
    }
}

#[test]
fn a_floating_time_is_that_of_the_person() {
    let text = event(&["DTSTART:20270701T080000", "DTEND:20270701T090000"]);
    let summer = window("2027-06-30T00:00", "2027-07-03T00:00");
    let read = read(&text, Tz::Europe__Berlin, summer).unwrap();
    // Berlin in July: UTC+2.
    assert_eq!(times(&read, "x"), ["07-01T06:00/07-01T07:00"]);
}

#[test]
fn a_called_off_time_of_a_series_is_free_and_the_others_are_busy() {
    let text = "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:x\nDTSTART:20270301T100000Z\n\
        DURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3\nEND:VEVENT\nBEGIN:VEVENT\nUID:x\n\
        RECURRENCE-ID:20270302T100000Z\nDTSTART:20270302T100000Z\nDURATION:PT1H\n\
        STATUS:CANCELLED\nEND:VEVENT\nEND:VCALENDAR\n";
    let read = read_all(text);
    let busy = read.events.iter().filter(|event| event.busy).count();
    assert_eq!((read.events.len(), busy), (3, 2));
}

#[test]
fn an_own_zone_with_summer_time_follows_its_rules() {
    // Like New York under a name of its own: UTC-4 from the second Sunday of March.
    let text = "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VTIMEZONE\nTZID:Somewhere\nBEGIN:STANDARD\n\
        DTSTART:20071104T020000\nTZOFFSETFROM:-0400\nTZOFFSETTO:-0500\n\
        RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\nEND:STANDARD\nBEGIN:DAYLIGHT\n\
        DTSTART:20070311T020000\nTZOFFSETFROM:-0500\nTZOFFSETTO:-0400\n\
        RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\nEND:DAYLIGHT\nEND:VTIMEZONE\nBEGIN:VEVENT\nUID:x\n\
        DTSTART;TZID=Somewhere:20270312T090000\nDURATION:PT1H\n\
        RRULE:FREQ=DAILY;UNTIL=20270315T130000Z\nEND:VEVENT\nEND:VCALENDAR\n";
    let expected = [
        "03-12T14:00/03-12T15:00",
        "03-13T14:00/03-13T15:00",
        "03-14T13:00/03-14T14:00",
        "03-15T13:00/03-15T14:00",
    ];
    assert_eq!(times(&read_all(text), "x"), expected);
}

#[test]
fn a_rule_that_cannot_be_followed_is_told_and_its_first_time_stays() {
    for rule in ["RRULE:FREQ=DAILY;BYSETPOS=999999", "RRULE:FREQ=SECONDLY"] {
        let start = "DTSTART:20270301T100000Z";
        let read = read_all(&event(&[start, "DURATION:PT1H", rule]));
        assert_eq!(times(&read, "x"), ["03-01T10:00/03-01T11:00"], "{rule}");
        assert_eq!(read.faults.len(), 1, "{rule}");
    }
}

#[test]
fn what_is_no_calendar_is_told_in_words() {
    for text in ["", "<html>login</html>", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:x\n"] {
        assert!(read(text, Tz::UTC, half_year()).is_err(), "{text}");
    }
    let text = event(&["DTSTART:20271399T990000Z"]);
    let read = read_all(&text);
    assert_eq!((read.events.len(), read.faults.len()), (0, 1));
}

#[test]
fn an_answer_with_busy_times_alone_is_read() {
    let text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VFREEBUSY\r\nDTSTAMP:20270301T000000Z\r\n\
        FREEBUSY;FBTYPE=BUSY:20270301T100000Z/20270301T110000Z,20270302T100000Z/PT30M\r\n\
        FREEBUSY;FBTYPE=FREE:20270303T100000Z/PT1H\r\n\
        FREEBUSY;VALUE=PERIOD:20270304T100000Z/PT1H\r\nEND:VFREEBUSY\r\nEND:VCALENDAR\r\n";
    let expected =
        ["03-01T10:00/03-01T11:00", "03-02T10:00/03-02T10:30", "03-04T10:00/03-04T11:00"];
    assert_eq!(times(&read_all(text), ""), expected);
}

#[test]
fn an_unknown_zone_and_an_end_before_the_start_are_told_once_and_only_if_they_matter() {
    let text = event(&[
        "DTSTART;TZID=Mars/Phobos:20270301T100000",
        "DTEND;TZID=Mars/Phobos:20270301T110000",
        "RRULE:FREQ=DAILY;COUNT=3",
    ]);
    let read = read_all(&text);
    assert_eq!(times(&read, "x")[0], "03-01T10:00/03-01T11:00");
    let word = "an event in the unknown time zone \"Mars/Phobos\", taken to be Atlantic/Reykjavik";
    assert_eq!(read.faults, [word]);
    let read = read_all(&event(&["DTSTART:20270301T100000Z", "DTEND:20270301T090000Z"]));
    assert_eq!(read.faults, ["an event that ends before it starts, on 2027-03-01 10:00 UTC"]);
    let over = ["DTSTART;TZID=Mars/Phobos:20200301T100000", "DTEND:20200301T090000Z"];
    assert_eq!(read_all(&event(&over)).faults, [""; 0]);
    let known = ["DTSTART;TZID=W. Europe Standard Time:20270301T100000", "DURATION:PT1H"];
    assert_eq!(read_all(&event(&known)).faults, [""; 0]);
}

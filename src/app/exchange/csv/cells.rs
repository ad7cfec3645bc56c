//! What the cells of a row hold: numbers, words, places, lists, hours.

use std::fmt::Display;
use std::str::FromStr;

use chrono::{NaiveTime, Weekday};

use crate::app::exchange::csv::table::Row;
use crate::domain::exchange::Item;
use crate::domain::faults::{Faults, Validate};
use crate::domain::hours::{BreakRule, CivilSpan, WeeklySpan};
use crate::domain::places::{Address, Place};

const DAYS: [Weekday; 7] = [
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
    Weekday::Sat,
    Weekday::Sun,
];

/// The value of a cell, if it has one that fits; a decimal comma is understood.
pub(super) fn parsed<T: FromStr>(
    row: &Row<'_>,
    column: &str,
    expected: &str,
    faults: &mut Faults,
) -> Option<T> {
    let text = row.text(column)?;
    let value = text.parse().or_else(|_| text.replace(',', ".").parse()).ok();
    if value.is_none() {
        row.fault(faults, column, format!("must be {expected}"));
    }
    value
}

/// Notes the faults of a whole record, each with the column that it comes from.
pub(super) fn check(value: &impl Validate, row: &Row<'_>, faults: &mut Faults) {
    let mut own = Faults::default();
    value.validate(&mut own);
    for fault in own.list() {
        // A column has the name of the field, or of the list or value that the field is part of.
        let mut names = fault.field.split(['.', '[']);
        let (first, last) = (names.next(), names.next_back());
        let known = [last, first].into_iter().flatten().find(|name| row.cell(name).is_some());
        faults.add(&row.at(known.unwrap_or(&fault.field)), &fault.value, &fault.message);
    }
}

/// Puts the value of a cell in its place, if the table has the column and the cell a value.
pub(super) fn set<T: FromStr>(
    place: &mut T,
    row: &Row<'_>,
    column: &str,
    expected: &str,
    faults: &mut Faults,
) {
    if let Some(value) = parsed(row, column, expected, faults) {
        *place = value;
    }
}

/// Like [`set`]; an empty cell clears the value.
pub(super) fn set_option<T: FromStr>(
    place: &mut Option<T>,
    row: &Row<'_>,
    column: &str,
    expected: &str,
    faults: &mut Faults,
) {
    match row.cell(column) {
        None => {}
        Some("") => *place = None,
        Some(_) => *place = parsed(row, column, expected, faults),
    }
}

/// Puts the text of a cell in its place; an empty cell clears it.
pub(super) fn set_text(place: &mut String, row: &Row<'_>, column: &str) {
    if let Some(text) = row.cell(column) {
        text.clone_into(place);
    }
}

/// Puts yes or no in its place.
pub(super) fn set_flag(place: &mut bool, row: &Row<'_>, column: &str, faults: &mut Faults) {
    let Some(text) = row.text(column) else { return };
    match text.to_lowercase().as_str() {
        "yes" | "true" | "1" | "active" => *place = true,
        "no" | "false" | "0" | "inactive" => *place = false,
        _ => row.fault(faults, column, "must be yes or no"),
    }
}

/// The place that the columns `street`, `house_number`, `postcode`, `city`, `lat` and `lon` name,
/// on top of what is `known`; none if the row has no coordinates.
pub(super) fn place(row: &Row<'_>, known: Option<&Place>, faults: &mut Faults) -> Option<Place> {
    let lat = parsed(row, "lat", "a latitude in degrees, such as 64.1466", faults);
    let lon = parsed(row, "lon", "a longitude in degrees, such as -21.9426", faults);
    let (lat, lon) = match (lat, lon, known) {
        (Some(lat), Some(lon), _) => (lat, lon),
        (None, None, Some(place)) => (place.lat, place.lon),
        (None, None, None) => return None,
        (lat, lon, _) => {
            let missing = if lat.is_some() { "lon" } else { "lat" };
            if row.text(missing).is_none() {
                row.fault(faults, missing, "lat and lon need each other");
            }
            // Also what is there may be wrong.
            let there = Place::at(lat.unwrap_or(0.0), lon.unwrap_or(0.0));
            faults.within(&row.at(""), |faults| there.validate(faults));
            return None;
        }
    };
    let mut address = known.map_or_else(Address::default, |place| place.address.clone());
    set_text(&mut address.street, row, "street");
    set_text(&mut address.house_number, row, "house_number");
    set_text(&mut address.postcode, row, "postcode");
    set_text(&mut address.city, row, "city");
    Some(Place { lat, lon, address })
}

/// The parts of a cell between `;` or `|`.
pub(super) fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', '|']).map(str::trim).filter(|part| !part.is_empty())
}

/// The record that a text means, by its id or else its name without regard to case.
///
/// Notes a fault if none or several have the name.
pub(super) fn named<'a, I: Display, T>(
    text: &str,
    items: &'a [Item<I, T>],
    name: fn(&T) -> &str,
    row: &Row<'_>,
    column: &str,
    faults: &mut Faults,
) -> Option<&'a Item<I, T>> {
    if let Some(item) = items.iter().find(|item| item.id.to_string().eq_ignore_ascii_case(text)) {
        return Some(item);
    }
    let wanted = text.to_lowercase();
    let mut found = items.iter().filter(|item| name(&item.value).to_lowercase() == wanted);
    match (found.next(), found.next()) {
        (Some(item), None) => Some(item),
        (None, _) => {
            faults.add(&row.at(column), text, "there is none with this name or id");
            None
        }
        (Some(_), Some(_)) => {
            faults.add(&row.at(column), text, "there are several with this name; give the id");
            None
        }
    }
}

/// Weekly hours such as `Mon-Fri 08:00-16:30; Sat 09:00-13:00`.
///
/// # Errors
/// What is wrong, in words.
pub(super) fn weekly_hours(text: &str) -> Result<Vec<WeeklySpan>, String> {
    parts(text).map(weekly_span).collect()
}

fn weekly_span(text: &str) -> Result<WeeklySpan, String> {
    let form =
        || format!("`{text}` must have the form `Mon-Fri 08:00-16:30` or `Sat,Sun 9:00-13:00`");
    let (days, times) = text.rsplit_once(' ').ok_or_else(form)?;
    let (from, until) = times.split_once('-').ok_or_else(form)?;
    let (from, until) = (time(from).ok_or_else(form)?, time(until).ok_or_else(form)?);
    let mut list = Vec::new();
    for part in days.split([',', ' ']).filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (day(first).ok_or_else(form)?, day(last).ok_or_else(form)?);
        if first > last {
            return Err(form());
        }
        list.extend_from_slice(&DAYS[first..=last]);
    }
    Ok(WeeklySpan { days: list, span: CivilSpan::new(from, until) })
}

/// Breaks such as `11:30-13:00 30`: between the earliest and latest start, for that many minutes.
///
/// # Errors
/// What is wrong, in words.
pub(super) fn breaks(text: &str) -> Result<Vec<BreakRule>, String> {
    let rule = |text: &str| {
        let (span, minutes) = text.rsplit_once(' ')?;
        let (earliest, latest) = span.trim().split_once('-').unwrap_or((span, span));
        Some(BreakRule {
            earliest: time(earliest)?,
            latest: time(latest)?,
            duration_min: minutes.parse().ok()?,
            place: None,
        })
    };
    let form =
        |text| format!("`{text}` must have the form `11:30-13:00 30`: span of start, minutes");
    parts(text).map(|text| rule(text).ok_or_else(|| form(text))).collect()
}

fn day(text: &str) -> Option<usize> {
    let day: Weekday = text.trim().parse().ok()?;
    DAYS.iter().position(|it| *it == day)
}

fn time(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text.trim(), "%H:%M").ok()
}

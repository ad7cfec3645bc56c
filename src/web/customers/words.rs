//! Words, lengths of time and dates in the reader's language.

use std::fmt::Display;

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::domain::visits::ArrivalWindow;
use crate::text::{DateStyle, Locale, date};

/// The words of one reader.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words(pub(super) Locale);

impl Words {
    /// The language that was chosen, else the browser's, else the organization's, else English.
    pub(super) fn of(chosen: &str, headers: &HeaderMap, organization: &str) -> Self {
        let wished = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let locale = Locale::from_tag(chosen)
            .or_else(|| Locale::negotiate(wished?))
            .or_else(|| Locale::from_tag(organization));
        Self(locale.unwrap_or_default())
    }

    /// The text of a key of the booking page.
    pub(super) fn t(self, key: &str) -> String {
        self.0.text(&format!("booking.{key}"), &[])
    }

    /// The same with one value filled in.
    pub(super) fn with(self, key: &str, name: &str, value: impl Display) -> String {
        self.0.text(&format!("booking.{key}"), &[(name, &value)])
    }

    /// The same with several values filled in.
    pub(super) fn all(self, key: &str, values: &[(&str, &dyn Display)]) -> String {
        self.0.text(&format!("booking.{key}"), values)
    }

    /// The same with two values filled in.
    pub(super) fn two(
        self,
        key: &str,
        one: &str,
        value: impl Display,
        other: &str,
        second: impl Display,
    ) -> String {
        self.all(key, &[(one, &value), (other, &second)])
    }

    /// A length of time, for instance `1 h 30 min`.
    pub(super) fn minutes(self, minutes: i64) -> String {
        match (minutes / 60, minutes % 60) {
            (0, rest) => self.with("length.minutes", "minutes", rest),
            (hours, 0) => self.with("length.hours", "hours", hours),
            (hours, rest) => self.all("length.both", &[("hours", &hours), ("minutes", &rest)]),
        }
    }

    /// `Tuesday 2 March 2027`
    pub(super) fn date(self, zone: Tz, at: DateTime<Utc>) -> String {
        date(self.0, zone, at, DateStyle::Date)
    }

    /// `14:30`
    pub(super) fn clock(self, zone: Tz, at: DateTime<Utc>) -> String {
        date(self.0, zone, at, DateStyle::Time)
    }

    /// A civil date, whatever the zone.
    pub(super) fn civil(self, day: NaiveDate, style: DateStyle) -> String {
        let noon = day.and_hms_opt(12, 0, 0).map(|noon| noon.and_utc());
        noon.map_or_else(|| day.to_string(), |noon| date(self.0, Tz::UTC, noon, style))
    }

    /// What is promised: `14:30`, or `between 14:30 and 16:30`.
    pub(super) fn window(self, zone: Tz, window: ArrivalWindow) -> String {
        let (from, until) = (self.clock(zone, window.from), self.clock(zone, window.until));
        if window.from == window.until {
            from
        } else {
            self.all("time.between", &[("from", &from), ("until", &until)])
        }
    }

    /// The same as short as a button: `14:30`, or `14:30–16:30`.
    pub(super) fn short(self, zone: Tz, window: ArrivalWindow) -> String {
        let (from, until) = (self.clock(zone, window.from), self.clock(zone, window.until));
        if window.from == window.until { from } else { format!("{from}–{until}") }
    }

    /// A zone as people know it: `Reykjavik time`.
    pub(super) fn zone(self, zone: Tz) -> String {
        let city = zone.name().rsplit('/').next().unwrap_or("").replace('_', " ");
        self.with("time.zone", "city", city)
    }
}

/// The civil date of an instant in a zone.
pub(super) fn date_in(at: DateTime<Utc>, zone: Tz) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}

//! Moments, dates and what stands in a day, in words.

use chrono::{DateTime, NaiveDate, Utc};
use roundsman_solver::units::{Moment, ShiftIdx};

use crate::planning::days::StopOf;
use crate::planning::sentences::Names;
use crate::planning::times::instant;
use crate::text::{self, DateStyle, Locale};

/// A date as its readers write it.
pub fn date(locale: Locale, date: NaiveDate) -> String {
    if locale == Locale::En {
        return date.to_string();
    }
    let noon = date.and_hms_opt(12, 0, 0).unwrap_or_default().and_utc();
    text::date(locale, chrono_tz::UTC, noon, DateStyle::Date)
}

impl Names<'_> {
    pub(super) fn clock_and_date(&self, at: DateTime<Utc>) -> String {
        let zone = self.roster().zone;
        if self.locale == Locale::En {
            return at.with_timezone(&zone).format("%H:%M on %Y-%m-%d").to_string();
        }
        text::date(self.locale, zone, at, DateStyle::DateTime)
    }

    fn clock(&self, at: Moment) -> String {
        self.plan.clock(at)
    }

    /// The date of a moment.
    pub(super) fn date(&self, at: Moment) -> String {
        date(self.locale, instant(at).with_timezone(&self.roster().zone).date_naive())
    }

    /// A stop in words: `the visit at 14:00`.
    pub(super) fn stop(&self, shift: Option<ShiftIdx>, stop: usize) -> String {
        let Some(shift) = shift else { return self.text("a_visit", &[]) };
        let kind = match self.plan.stops(shift).get(stop) {
            Some(StopOf::Absence(_)) => "absence",
            Some(StopOf::Break) => "break",
            _ => "visit",
        };
        match self.plan.shift(shift).shift().stops.get(stop) {
            Some(stop) => {
                let time = self.clock(stop.planned_start);
                self.text(&format!("{kind}_at"), &[("time", &time)])
            }
            None => self.text(kind, &[]),
        }
    }

    /// A pause in words: `the break at 12:00`.
    pub(super) fn pause(&self, shift: Option<ShiftIdx>, pause: usize) -> String {
        let known = shift.and_then(|shift| self.plan.shift(shift).shift().pauses.get(pause));
        let Some(pause) = known else { return self.text("a_break", &[]) };
        let from = self.clock(pause.earliest);
        if pause.padded {
            let until = self.clock(pause.earliest + pause.duration);
            return self.text("absence_from", &[("from", &from), ("until", &until)]);
        }
        if pause.earliest == pause.latest {
            return self.text("break_at", &[("time", &from)]);
        }
        self.text("break_between", &[("from", &from), ("until", &self.clock(pause.latest))])
    }
}

//! Working hours as people write them, laid out on dates.

use chrono::{Datelike as _, NaiveDate, NaiveTime, Timelike as _};
use chrono_tz::Tz;

use crate::calendar::dates::each;
use crate::calendar::spans::{Span, Spans};
use crate::calendar::zones::{DAY_S, Edge, ZoneTable};
use crate::domain::hours::{CivilSpan, DateSpan, WorkingHours};

/// Working hours prepared for looking up dates.
#[derive(Debug)]
pub struct Timetable<'a> {
    /// Spans in seconds after midnight, by day of the week from Monday.
    weekly: [Vec<(u32, u32)>; 7],
    hours: &'a WorkingHours,
    home: Tz,
}

impl<'a> Timetable<'a> {
    /// Prepares `hours`, which are meant in zone `home` unless they say otherwise.
    pub fn new(hours: &'a WorkingHours, home: Tz) -> Self {
        let mut weekly: [Vec<(u32, u32)>; 7] = Default::default();
        for row in &hours.weekly {
            let Some(span) = civil_seconds(row.span) else { continue };
            for day in &row.days {
                weekly[day.num_days_from_monday() as usize].push(span);
            }
        }
        weekly.iter_mut().for_each(merge);
        Self { weekly, hours, home }
    }

    /// The zone in which the hours of `date` are meant; of two changes the one listed last counts.
    pub fn zone(&self, date: NaiveDate) -> Tz {
        let changes = self.hours.zone_changes.iter().rev();
        let mut fitting = changes
            .filter(|change| change.from <= date && change.until.is_none_or(|until| date <= until));
        fitting.next().map_or(self.home, |change| change.time_zone)
    }

    /// The spans of a date in seconds after midnight, ordered, neither overlapping nor touching;
    /// 86,400 is midnight at its end.
    pub fn civil(&self, date: NaiveDate) -> Vec<(u32, u32)> {
        self.replaced(date).unwrap_or_else(|| self.weekly(date).to_vec())
    }

    /// Runs `visit` for each span of a date.
    pub(crate) fn each_civil(&self, date: NaiveDate, mut visit: impl FnMut(u32, u32)) {
        let replaced = self.replaced(date);
        let spans = replaced.as_deref().unwrap_or_else(|| self.weekly(date));
        for &(from, until) in spans {
            visit(from, until);
        }
    }

    /// Whether the hours of this date are set apart from those of the week.
    pub fn is_overridden(&self, date: NaiveDate) -> bool {
        self.hours.overrides.iter().any(|day| day.date == date)
    }

    fn weekly(&self, date: NaiveDate) -> &[(u32, u32)] {
        &self.weekly[date.weekday().num_days_from_monday() as usize]
    }

    fn replaced(&self, date: NaiveDate) -> Option<Vec<(u32, u32)>> {
        let day = self.hours.overrides.iter().find(|day| day.date == date)?;
        let mut spans = day.spans.iter().copied().filter_map(civil_seconds).collect();
        merge(&mut spans);
        Some(spans)
    }
}

/// Working time on whole dates; spans that touch are merged, also over midnight.
///
/// * `dates`: in the zone in which the hours are meant.
pub fn worked(hours: &WorkingHours, home: Tz, dates: DateSpan) -> Spans {
    let timetable = Timetable::new(hours, home);
    let mut zones = ZoneTable::new(dates);
    let mut spans = Vec::new();
    for date in each(dates) {
        let zone = timetable.zone(date);
        timetable.each_civil(date, |from, until| {
            let start = zones.instant(zone, date, from, Edge::Start);
            spans.push(Span::new(start, zones.instant(zone, date, until, Edge::End)));
        });
    }
    spans.into_iter().collect()
}

/// A civil span in seconds after midnight; none if its end is not after its start.
///
/// `23:59`, with whatever seconds, means midnight.
pub fn civil_seconds(span: CivilSpan) -> Option<(u32, u32)> {
    let last_minute = span.until.hour() == 23 && span.until.minute() == 59;
    let from = span.from.num_seconds_from_midnight();
    let until = if last_minute { DAY_S } else { span.until.num_seconds_from_midnight() };
    (from < until).then_some((from, until))
}

/// Seconds after midnight of a civil time.
pub fn second_of_day(time: NaiveTime) -> u32 {
    time.num_seconds_from_midnight()
}

fn merge(spans: &mut Vec<(u32, u32)>) {
    spans.sort_unstable();
    spans.dedup_by(|next, kept| {
        let joins = next.0 <= kept.1;
        if joins {
            kept.1 = kept.1.max(next.1);
        }
        joins
    });
}

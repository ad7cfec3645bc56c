//! Civil time in an IANA zone to instants, on days of 23, 24 and 25 hours.
//!
//! A civil time that does not exist because clocks jump forward moves forward by the gap: 02:30
//! becomes 03:30 where 02:00 to 03:00 is skipped. One that happens twice because clocks go back
//! means the earlier instant where something starts and the later one where it ends.

use chrono::offset::LocalResult;
use chrono::{
    DateTime, Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, Offset as _, TimeDelta,
    TimeZone as _, Utc,
};
use chrono_tz::Tz;

use crate::calendar::dates::{each, shifted};
use crate::calendar::spans::Span;
use crate::domain::hours::DateSpan;

/// Seconds of a plain day.
pub const DAY_S: u32 = 86_400;

/// Whether a civil time starts or ends something; matters where it happens twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// The earlier of two instants.
    Start,
    /// The later of two instants.
    End,
}

/// The instant at which clocks in `zone` show `civil`, by the rules of this module.
pub fn instant(zone: Tz, civil: NaiveDateTime, edge: Edge) -> DateTime<Utc> {
    match zone.from_local_datetime(&civil) {
        LocalResult::Single(moment) => moment.to_utc(),
        LocalResult::Ambiguous(early, late) => match edge {
            Edge::Start => early.to_utc(),
            Edge::End => late.to_utc(),
        },
        LocalResult::None => after_gap(zone, civil),
    }
}

/// A civil time inside a gap, read with the offset that held before the gap.
fn after_gap(zone: Tz, civil: NaiveDateTime) -> DateTime<Utc> {
    // The longest gap known is the day that Samoa skipped in 2011.
    let mut quarters = (1..=120).map(|count| civil - TimeDelta::minutes(15 * count));
    let offset = quarters.find_map(|before| zone.offset_from_local_datetime(&before).latest());
    let offset = offset.map_or(0, |offset| offset.fix().local_minus_utc());
    (civil - TimeDelta::seconds(offset.into())).and_utc()
}

/// The first instant of a date: midnight, or where clocks skip midnight, the instant they do.
pub fn start_of_day(zone: Tz, date: NaiveDate) -> DateTime<Utc> {
    instant(zone, date.and_time(NaiveTime::MIN), Edge::Start)
}

/// A date from its first instant to the first instant of the next; 23 or 25 hours where clocks
/// change, empty for a date that a zone skips.
pub fn day(zone: Tz, date: NaiveDate) -> Span {
    Span::new(start_of_day(zone, date), start_of_day(zone, shifted(date, 1)))
}

/// Whole dates, from the first instant of the first to the last instant of the last.
pub fn days(zone: Tz, dates: DateSpan) -> Span {
    Span::new(start_of_day(zone, dates.from), start_of_day(zone, shifted(dates.until, 1)))
}

/// Seconds by which clocks in `zone` are ahead of UTC at `moment`.
pub fn offset_s(zone: Tz, moment: DateTime<Utc>) -> i64 {
    zone.offset_from_utc_datetime(&moment.naive_utc()).fix().local_minus_utc().into()
}

/// The offsets of several zones on a run of dates, looked up once.
///
/// On dates without a clock change a conversion is one subtraction; on the others it is a search.
#[derive(Debug, Clone)]
pub struct ZoneTable {
    range: DateSpan,
    zones: Vec<ZoneDates>,
}

/// The offsets of one zone.
#[derive(Debug, Clone)]
struct ZoneDates {
    zone: Tz,
    /// The first date, in days since the calendar began.
    first: i32,
    /// By date, if clocks do not change on it: midnight, and how far clocks are ahead of UTC.
    plain: Vec<Option<(DateTime<Utc>, TimeDelta)>>,
}

impl ZoneTable {
    /// A table that is quick for the dates of `range`, and right for all others.
    pub fn new(range: DateSpan) -> Self {
        Self { range, zones: Vec::new() }
    }

    /// The instant `second` civil seconds after midnight; 86,400 is the first instant of the next
    /// date.
    pub fn instant(&mut self, zone: Tz, date: NaiveDate, second: u32, edge: Edge) -> DateTime<Utc> {
        let at = self.place_of(zone);
        self.zones[at].instant(date, second, edge)
    }

    /// The date that clocks in `zone` show at `moment`.
    pub fn date_of(&mut self, zone: Tz, moment: DateTime<Utc>) -> NaiveDate {
        let at = self.place_of(zone);
        self.zones[at].date_of(moment)
    }

    fn place_of(&mut self, zone: Tz) -> usize {
        self.zones.iter().position(|known| known.zone == zone).unwrap_or_else(|| {
            self.zones.push(ZoneDates::new(zone, self.range));
            self.zones.len() - 1
        })
    }
}

impl ZoneDates {
    fn new(zone: Tz, range: DateSpan) -> Self {
        let plain = |date: NaiveDate| {
            let offset = TimeDelta::seconds(constant_offset(zone, date)?);
            Some((date.and_time(NaiveTime::MIN).and_utc() - offset, offset))
        };
        let first = each(range).next().unwrap_or(range.from).num_days_from_ce();
        Self { zone, first, plain: each(range).map(plain).collect() }
    }

    /// Midnight and offset of a date in the table on which clocks do not change.
    fn plain(&self, date: NaiveDate) -> Option<(DateTime<Utc>, TimeDelta)> {
        let at = usize::try_from(date.num_days_from_ce() - self.first).ok()?;
        self.plain.get(at).copied().flatten()
    }

    fn instant(&self, date: NaiveDate, second: u32, edge: Edge) -> DateTime<Utc> {
        let since_midnight = TimeDelta::seconds(second.into());
        if let Some((midnight, _)) = self.plain(date) {
            return midnight + since_midnight;
        }
        if second >= DAY_S {
            return start_of_day(self.zone, shifted(date, 1));
        }
        instant(self.zone, date.and_time(NaiveTime::MIN) + since_midnight, edge)
    }

    fn date_of(&self, moment: DateTime<Utc>) -> NaiveDate {
        // Read as if at the offset of the UTC date; right if clocks there and then agree.
        let guess = self.plain(moment.date_naive()).and_then(|(_, offset)| {
            let guess = (moment + offset).date_naive();
            let agrees = self.plain(guess).is_some_and(|(_, its)| its == offset);
            agrees.then_some(guess)
        });
        guess.unwrap_or_else(|| moment.with_timezone(&self.zone).date_naive())
    }
}

/// The offset of a date on which clocks do not change, from its midnight to the next included.
fn constant_offset(zone: Tz, date: NaiveDate) -> Option<i64> {
    // No zone has changed its clocks there and back within six hours.
    let midnight = date.and_time(NaiveTime::MIN);
    let mut offsets = (0..=4).map(|quarter| {
        let civil = midnight + TimeDelta::hours(6 * quarter);
        zone.offset_from_local_datetime(&civil).single().map(|at| at.fix().local_minus_utc())
    });
    let first = offsets.next().flatten()?;
    offsets.all(|offset| offset == Some(first)).then_some(first.into())
}

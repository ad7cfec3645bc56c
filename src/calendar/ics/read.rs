//! Reading iCalendar text: every time an event takes place in a window.

use std::collections::{BTreeMap, BTreeSet};

use calcard::common::PartialDateTime;
use calcard::icalendar::{
    ICalendarComponent, ICalendarComponentType, ICalendarDuration, ICalendarEntry,
    ICalendarFreeBusyType, ICalendarParameterName, ICalendarParameterValue, ICalendarProperty,
    ICalendarStatus, ICalendarTransparency, ICalendarValue,
};
use calcard::{Entry, Parser};
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use crate::calendar::ics::recur;
use crate::calendar::ics::write::{VISIT_PROPERTY, visit_of_uid};
use crate::calendar::ics::zones::{Zone, Zones};
use crate::domain::calendars::remote::{EventTime, RemoteEvent, Window};
use crate::domain::id::VisitId;

/// Components of one text that are read.
const COMPONENTS_MAX: usize = 50_000;
/// Times of one text that are kept.
const TIMES_MAX: usize = 20_000;

/// What a text holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Read {
    /// The events, once for each time they take place in the window.
    pub events: Vec<RemoteEvent>,
    /// What could not be read, in words without names; the rest was.
    pub faults: Vec<String>,
}

/// Everything that takes place in a window.
///
/// * `zone`: that of the person, for civil times that name none.
///
/// # Errors
/// If the text is no iCalendar at all, in words.
pub fn read(text: &str, zone: Tz, window: Window) -> Result<Read, String> {
    let text = text.trim_start_matches('\u{feff}');
    let mut parser = Parser::new(text);
    let mut read = Read::default();
    let mut calendars = 0;
    loop {
        match parser.entry() {
            Entry::ICalendar(calendar) => {
                calendars += 1;
                one(&calendar.components, (zone, window), &mut read);
            }
            Entry::Eof => break,
            Entry::VCard(_) | Entry::InvalidLine(_) => {}
            Entry::UnexpectedComponentEnd { .. } | Entry::UnterminatedComponent(_) => {
                return Err("the text breaks off, or its parts are not closed in order".to_owned());
            }
            _ => return Err("the text has too many parts".to_owned()),
        }
        if calendars > COMPONENTS_MAX {
            return Err("the text has too many calendars".to_owned());
        }
    }
    if calendars == 0 {
        return Err("it is no iCalendar text".to_owned());
    }
    if !is_whole(text) {
        return Err("the text breaks off".to_owned());
    }
    Ok(read)
}

/// Whether a text ends with the end of a calendar: what breaks off must not count as all there is.
fn is_whole(text: &str) -> bool {
    const END: &str = "END:VCALENDAR";
    let text = text.trim_end();
    let tail = text.len().checked_sub(END.len()).and_then(|at| text.get(at..));
    tail.is_some_and(|tail| tail.eq_ignore_ascii_case(END))
}

/// An event as it stands in the text.
struct Component<'a> {
    component: &'a ICalendarComponent,
    zones: &'a Zones,
}

/// A value in time.
#[derive(Debug, Clone)]
enum At {
    Date(NaiveDate),
    Civil(NaiveDateTime, Zone),
    Moment(DateTime<Utc>),
}

/// How long an event takes.
#[derive(Debug, Clone, Copy)]
enum Length {
    Days(i64),
    /// Whole days on the clock, and seconds.
    Time {
        days: i64,
        seconds: i64,
    },
}

fn one(components: &[ICalendarComponent], (zone, window): (Tz, Window), read: &mut Read) {
    if components.len() > COMPONENTS_MAX {
        read.faults.push(format!("a calendar with more than {COMPONENTS_MAX} parts"));
        return;
    }
    // A day more: whatever zone it is, it ends by then.
    let until = window.until.naive_utc() + TimeDelta::days(2);
    let zones = Zones::new(components, zone, until);
    let mut series: BTreeMap<String, (Vec<&ICalendarComponent>, Vec<&ICalendarComponent>)> =
        BTreeMap::new();
    for (number, component) in components.iter().enumerate() {
        if component.component_type != ICalendarComponentType::VEvent {
            continue;
        }
        // Without a name it stands for itself.
        let uid = component.uid().map_or_else(|| format!("\u{0}{number}"), str::to_owned);
        let (masters, overrides) = series.entry(uid).or_default();
        let single = component.property(&ICalendarProperty::RecurrenceId);
        if single.is_some() { overrides.push(component) } else { masters.push(component) }
    }
    let free_busy =
        |one: &&ICalendarComponent| one.component_type == ICalendarComponentType::VFreebusy;
    for component in components.iter().filter(free_busy) {
        let component = Component { component, zones: &zones };
        component.busy_times(window, &mut read.events);
    }
    for (masters, overrides) in series.into_values() {
        let component = |component| Component { component, zones: &zones };
        let overrides: Vec<Component> = overrides.into_iter().map(component).collect();
        let replaced: BTreeSet<i64> = overrides.iter().filter_map(Component::replaces).collect();
        for master in masters {
            let master = Component { component: master, zones: &zones };
            master.note_times(&replaced, window, read);
        }
        for single in &overrides {
            single.note_times(&BTreeSet::new(), window, read);
        }
        if read.events.len() > TIMES_MAX {
            read.events.truncate(TIMES_MAX);
            read.faults.push(format!("more than {TIMES_MAX} times; later ones were left out"));
            return;
        }
    }
}

impl Component<'_> {
    fn first(&self, name: &ICalendarProperty) -> Option<(&ICalendarEntry, &ICalendarValue)> {
        let entry = self.component.property(name)?;
        Some((entry, entry.values.first()?))
    }

    fn text(&self, name: &ICalendarProperty) -> &str {
        let found = self.first(name).and_then(|(_, value)| value.as_text());
        found.unwrap_or_default()
    }

    fn at(&self, name: &ICalendarProperty) -> Option<At> {
        let (entry, value) = self.first(name)?;
        self.value(entry, value.as_partial_date_time()?)
    }

    fn value(&self, entry: &ICalendarEntry, value: &PartialDateTime) -> Option<At> {
        let civil = naive(value)?;
        Some(if !value.has_time() {
            At::Date(civil.date())
        } else if value.has_zone() {
            At::Moment(civil.and_utc())
        } else {
            At::Civil(civil, self.zones.named(entry.tz_id()))
        })
    }

    /// The instant that an override stands for, in seconds.
    fn replaces(&self) -> Option<i64> {
        Some(key(&self.at(&ICalendarProperty::RecurrenceId)?))
    }

    /// How long it takes.
    fn length(&self, start: &At) -> Length {
        let Some((_, value)) = self.first(&ICalendarProperty::Duration) else {
            return self.length_by_end(start);
        };
        let ICalendarValue::Duration(duration) = value else { return self.length_by_end(start) };
        let ICalendarDuration { neg, weeks, days, hours, minutes, seconds } = *duration;
        let whole = i64::from(weeks) * 7 + i64::from(days);
        let rest = i64::from(hours) * 3600 + i64::from(minutes) * 60 + i64::from(seconds);
        match start {
            _ if neg => Length::Time { days: 0, seconds: 0 },
            At::Date(_) => Length::Days(whole.max(1)),
            _ => Length::Time { days: whole, seconds: rest },
        }
    }

    fn length_by_end(&self, start: &At) -> Length {
        match (start, self.at(&ICalendarProperty::Dtend)) {
            (At::Date(from), Some(At::Date(until))) => {
                Length::Days((until - *from).num_days().max(1))
            }
            (At::Date(_), _) => Length::Days(1),
            (_, None) => Length::Time { days: 0, seconds: 0 },
            // The exact duration holds for every time it takes place (RFC 5545, 3.8.5.3).
            (_, Some(end)) => {
                let seconds = (moment(&end) - moment(start)).num_seconds().max(0);
                Length::Time { days: 0, seconds }
            }
        }
    }

    /// Pushes every time it takes place in the window, and what is odd about them.
    fn note_times(&self, replaced: &BTreeSet<i64>, window: Window, read: &mut Read) {
        let before = read.events.len();
        let outcome = self.times(replaced, window, &mut read.events);
        let mut faults: Vec<String> = outcome.err().into_iter().collect();
        // What is long over bothers nobody.
        if read.events.len() > before {
            faults.extend(self.zones.unknown(self.component));
            faults.extend(self.ends_early());
        }
        for fault in faults {
            if !read.faults.contains(&fault) {
                read.faults.push(fault);
            }
        }
    }

    /// A word about an event that ends before it starts.
    fn ends_early(&self) -> Option<String> {
        let (start, end) =
            (self.at(&ICalendarProperty::Dtstart)?, self.at(&ICalendarProperty::Dtend)?);
        let shown = moment(&start).format("%Y-%m-%d %H:%M");
        (key(&end) < key(&start))
            .then(|| format!("an event that ends before it starts, on {shown} UTC"))
    }

    /// Pushes every time it takes place in the window.
    ///
    /// * `replaced`: instants at which another component stands for it.
    fn times(
        &self,
        replaced: &BTreeSet<i64>,
        window: Window,
        events: &mut Vec<RemoteEvent>,
    ) -> Result<(), String> {
        let start = self.at(&ICalendarProperty::Dtstart);
        let start = start.ok_or_else(|| "an event without a start that can be read".to_owned())?;
        let length = self.length(&start);
        let excluded = self.exceptions();
        let mut fault = None;
        let starts = self.starts(&start, window).unwrap_or_else(|error| {
            fault = Some(format!("a recurring event: {}", error.0));
            vec![(start.clone(), None)]
        });
        let mut seen = BTreeSet::new();
        for (at, own) in starts {
            let instant = key(&at);
            let day = NaiveDateOf(&at).date();
            let is_out = replaced.contains(&instant)
                || excluded.contains(&Exception::At(instant))
                || excluded.contains(&Exception::On(day));
            if is_out || !seen.insert(instant) {
                continue;
            }
            let time = spread(&at, own.unwrap_or(length));
            if touches(&time, window) {
                events.push(self.event(time));
            }
        }
        fault.map_or(Ok(()), Err)
    }

    /// When it begins each time, with a length where a time has one of its own.
    fn starts(
        &self,
        start: &At,
        window: Window,
    ) -> Result<Vec<(At, Option<Length>)>, recur::RuleFault> {
        let (civil, zone) = match start {
            At::Date(date) => (date.and_time(chrono::NaiveTime::MIN), None),
            At::Civil(civil, zone) => (*civil, Some(zone.clone())),
            At::Moment(moment) => (moment.naive_utc(), None),
        };
        let until = window.until.naive_utc() + TimeDelta::days(2);
        let shown = |moment: DateTime<Utc>| match &zone {
            Some(zone) => zone.civil(moment),
            None => moment.naive_utc(),
        };
        let civils = recur::civil_times(self.component, civil, until, shown)?;
        let like_start = |civil: NaiveDateTime| match start {
            At::Date(_) => At::Date(civil.date()),
            At::Civil(_, zone) => At::Civil(civil, zone.clone()),
            At::Moment(_) => At::Moment(civil.and_utc()),
        };
        let mut starts: Vec<_> =
            civils.into_iter().map(|civil| (like_start(civil), None)).collect();
        for (entry, value) in recur::extra_dates(self.component) {
            let extra = match value {
                ICalendarValue::PartialDateTime(value) => {
                    self.value(entry, value).map(|at| (at, None))
                }
                ICalendarValue::Period(period) => {
                    let (from, end) = recur::period(period);
                    self.value(entry, from).map(|at| {
                        let seconds = match end {
                            Ok(end) => self
                                .value(entry, end)
                                .map_or(0, |end| (moment(&end) - moment(&at)).num_seconds()),
                            Err(seconds) => seconds,
                        };
                        (at, Some(Length::Time { days: 0, seconds: seconds.max(0) }))
                    })
                }
                _ => None,
            };
            starts.extend(extra);
        }
        Ok(starts)
    }

    /// Pushes the busy times of an answer that tells nothing else.
    fn busy_times(&self, window: Window, events: &mut Vec<RemoteEvent>) {
        for entry in self.component.properties(&ICalendarProperty::Freebusy) {
            let kind = entry.parameter(&ICalendarParameterName::Fbtype);
            let free = ICalendarParameterValue::Fbtype(ICalendarFreeBusyType::Free);
            if kind == Some(&free) {
                continue;
            }
            for value in &entry.values {
                let ICalendarValue::Period(period) = value else { continue };
                let (from, end) = recur::period(period);
                let Some(from) = self.value(entry, from) else { continue };
                let start = moment(&from);
                let end = match end {
                    Ok(end) => self.value(entry, end).map(|end| moment(&end)),
                    Err(seconds) => Some(start + TimeDelta::seconds(seconds)),
                };
                let time = EventTime::Moments { start, end: end.unwrap_or(start) };
                if touches(&time, window) {
                    events.push(RemoteEvent {
                        uid: String::new(),
                        time,
                        busy: true,
                        cancelled: false,
                        title: String::new(),
                        place: String::new(),
                        position: None,
                        visit_id: None,
                    });
                }
            }
        }
    }

    fn exceptions(&self) -> BTreeSet<Exception> {
        let mut out = BTreeSet::new();
        for entry in self.component.properties(&ICalendarProperty::Exdate) {
            for value in &entry.values {
                let at = value.as_partial_date_time().and_then(|value| self.value(entry, value));
                match at {
                    Some(At::Date(date)) => out.insert(Exception::On(date)),
                    Some(at) => out.insert(Exception::At(key(&at))),
                    None => false,
                };
            }
        }
        out
    }

    fn event(&self, time: EventTime) -> RemoteEvent {
        let uid = self.component.uid().unwrap_or_default().to_owned();
        let cancelled = self.component.status() == Some(&ICalendarStatus::Cancelled);
        let free = cancelled
            || self.component.transparency() == Some(&ICalendarTransparency::Transparent)
            || self.other("X-MICROSOFT-CDO-BUSYSTATUS").eq_ignore_ascii_case("FREE");
        let marked = Uuid::try_parse(self.other(VISIT_PROPERTY)).ok().map(VisitId);
        RemoteEvent {
            time,
            busy: !free,
            cancelled,
            title: self.text(&ICalendarProperty::Summary).to_owned(),
            place: self.text(&ICalendarProperty::Location).to_owned(),
            position: self.position(),
            visit_id: marked.or_else(|| visit_of_uid(&uid)),
            uid,
        }
    }

    fn other(&self, name: &str) -> &str {
        let found = self.component.entries.iter().find(
            |entry| matches!(&entry.name, ICalendarProperty::Other(known) if known.eq_ignore_ascii_case(name)),
        );
        found.and_then(|entry| entry.values.first()?.as_text()).unwrap_or_default()
    }

    fn position(&self) -> Option<(f64, f64)> {
        let entry = self.component.property(&ICalendarProperty::Geo)?;
        let numbers: Vec<f64> = entry.values.iter().filter_map(ICalendarValue::as_float).collect();
        let position = if let [lat, lon] = numbers.as_slice() {
            (*lat, *lon)
        } else {
            let (lat, lon) = entry.values.first()?.as_text()?.split_once(';')?;
            (lat.trim().parse().ok()?, lon.trim().parse().ok()?)
        };
        let on_earth =
            (-90.0..=90.0).contains(&position.0) && (-180.0..=180.0).contains(&position.1);
        (on_earth && position != (0.0, 0.0)).then_some(position)
    }
}

/// What a rule leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Exception {
    /// The time at this instant.
    At(i64),
    /// Whatever is on this date.
    On(NaiveDate),
}

/// The date that a value shows.
struct NaiveDateOf<'a>(&'a At);

impl NaiveDateOf<'_> {
    fn date(&self) -> NaiveDate {
        match self.0 {
            At::Date(date) => *date,
            At::Civil(civil, _) => civil.date(),
            At::Moment(moment) => moment.date_naive(),
        }
    }
}

/// The instant of a value; dates count from midnight UTC.
fn moment(at: &At) -> DateTime<Utc> {
    match at {
        At::Date(date) => date.and_time(chrono::NaiveTime::MIN).and_utc(),
        At::Civil(civil, zone) => zone.instant(*civil),
        At::Moment(moment) => *moment,
    }
}

fn key(at: &At) -> i64 {
    moment(at).timestamp()
}

fn spread(at: &At, length: Length) -> EventTime {
    match (at, length) {
        (At::Date(from), Length::Days(days)) => {
            EventTime::Dates { from: *from, until: *from + TimeDelta::days(days.min(4000)) }
        }
        (At::Date(from), Length::Time { .. }) => {
            EventTime::Dates { from: *from, until: *from + TimeDelta::days(1) }
        }
        (at, Length::Days(days)) => {
            let start = moment(at);
            EventTime::Moments { start, end: start + TimeDelta::days(days.min(4000)) }
        }
        (at, Length::Time { days, seconds }) => {
            let start = moment(at);
            let whole = TimeDelta::days(days.min(4000));
            let after = match at {
                At::Civil(civil, zone) if days > 0 => zone.instant(*civil + whole),
                _ => start + whole,
            };
            EventTime::Moments { start, end: after + TimeDelta::seconds(seconds) }
        }
    }
}

/// Whether a time has a part in a window; dates may belong to any zone.
fn touches(time: &EventTime, window: Window) -> bool {
    match time {
        EventTime::Moments { start, end } => *start < window.until && *end > window.from,
        EventTime::Dates { from, until } => {
            let day = TimeDelta::days(1);
            let at = |date: &NaiveDate| date.and_time(chrono::NaiveTime::MIN).and_utc();
            at(from) - day < window.until && at(until) + day > window.from
        }
    }
}

/// The civil time of a value; midnight for a date.
pub(super) fn naive(value: &PartialDateTime) -> Option<NaiveDateTime> {
    let date = NaiveDate::from_ymd_opt(
        i32::from(value.year?),
        u32::from(value.month?),
        u32::from(value.day?),
    )?;
    let (hour, minute) = (value.hour.unwrap_or(0), value.minute.unwrap_or(0));
    // A leap second counts as the one before.
    let second = value.second.unwrap_or(0).min(59);
    date.and_hms_opt(hour.into(), minute.into(), second.into())
}

//! Which instant a civil time of a calendar means: IANA zones, names of other systems, and zones that
//! a calendar brings itself.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::str::FromStr as _;

use calcard::common::timezone::Tz as Known;
use calcard::icalendar::{
    ICalendarComponent, ICalendarComponentType, ICalendarProperty, ICalendarValue,
};
use chrono::{DateTime, NaiveDateTime, Offset as _, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;

use crate::calendar::ics::read::naive;
use crate::calendar::ics::recur;
use crate::calendar::zones::{Edge, instant};

/// A zone of a calendar.
#[derive(Debug, Clone)]
pub(super) enum Zone {
    /// One of the IANA database.
    Iana(Tz),
    /// One that the calendar brings.
    Own(Rc<OwnZone>),
}

/// A zone that a calendar brings: its clock changes, by instant.
#[derive(Debug)]
pub(super) struct OwnZone {
    /// Seconds ahead of UTC before the first change.
    first: i64,
    /// Instant in seconds, and seconds ahead of UTC from then on.
    changes: Vec<(i64, i64)>,
}

impl Zone {
    /// The instant at which clocks show `civil`. One that is skipped is read with the offset before
    /// the gap; of two the earlier counts.
    pub(super) fn instant(&self, civil: NaiveDateTime) -> DateTime<Utc> {
        match self {
            Self::Iana(zone) => instant(*zone, civil, Edge::Start),
            Self::Own(zone) => zone.instant(civil),
        }
    }

    /// What clocks show at an instant.
    pub(super) fn civil(&self, moment: DateTime<Utc>) -> NaiveDateTime {
        let ahead = match self {
            Self::Iana(zone) => {
                zone.offset_from_utc_datetime(&moment.naive_utc()).fix().local_minus_utc().into()
            }
            Self::Own(zone) => zone.ahead(moment.timestamp()),
        };
        moment.naive_utc() + TimeDelta::seconds(ahead)
    }
}

impl OwnZone {
    fn ahead(&self, at_s: i64) -> i64 {
        let before = self.changes.iter().take_while(|(from, _)| *from <= at_s);
        before.last().map_or(self.first, |(_, ahead)| *ahead)
    }

    fn instant(&self, civil: NaiveDateTime) -> DateTime<Utc> {
        let local = civil.and_utc().timestamp();
        let offsets = std::iter::once(self.first).chain(self.changes.iter().map(|(_, to)| *to));
        let mut fits: Vec<i64> =
            offsets.map(|ahead| local - ahead).filter(|at| at + self.ahead(*at) == local).collect();
        fits.sort_unstable();
        let at = fits.first().copied().unwrap_or_else(|| {
            // In a gap: the offset that held before it.
            let before = self.ahead(local - 86_400);
            local - before
        });
        DateTime::from_timestamp(at, 0).unwrap_or_default()
    }
}

/// The zones of a calendar by the names it uses.
#[derive(Debug)]
pub(super) struct Zones {
    own: BTreeMap<String, Rc<OwnZone>>,
    /// For civil times without a zone: that of the person.
    floating: Tz,
}

impl Zones {
    /// The zones that a calendar brings, worked out until a moment.
    pub(super) fn new(
        components: &[ICalendarComponent],
        floating: Tz,
        until: NaiveDateTime,
    ) -> Self {
        let mut own = BTreeMap::new();
        for zone in components {
            if zone.component_type != ICalendarComponentType::VTimezone {
                continue;
            }
            let Some(name) = zone.property(&ICalendarProperty::Tzid) else { continue };
            let Some(name) = name.values.first().and_then(ICalendarValue::as_text) else {
                continue;
            };
            let rules = zone.component_ids.iter();
            let rules = rules.filter_map(|id| components.get(usize::try_from(*id).ok()?));
            if let Some(zone) = own_zone(rules, until) {
                own.insert(name.to_owned(), Rc::new(zone));
            }
        }
        Self { own, floating }
    }

    /// A word about a zone of an event that neither the world nor its calendar knows.
    pub(super) fn unknown(&self, event: &ICalendarComponent) -> Option<String> {
        let names = [ICalendarProperty::Dtstart, ICalendarProperty::Dtend];
        let mut named = names.iter().filter_map(|name| event.property(name)?.tz_id());
        let name = named.find(|name| !self.knows(name))?;
        let shown: String = name.chars().filter(|sign| !sign.is_control()).take(60).collect();
        let zone = self.floating;
        Some(format!("an event in the unknown time zone \"{shown}\", taken to be {zone}"))
    }

    fn knows(&self, name: &str) -> bool {
        name.parse::<Tz>().is_ok()
            || matches!(Known::from_str(name), Ok(Known::Tz(_)))
            || self.own.contains_key(name)
    }

    /// The zone of a name; that of the person if the calendar does not explain it.
    pub(super) fn named(&self, name: Option<&str>) -> Zone {
        let Some(name) = name else { return Zone::Iana(self.floating) };
        if let Ok(zone) = name.parse::<Tz>() {
            return Zone::Iana(zone);
        }
        if let Ok(Known::Tz(zone)) = Known::from_str(name) {
            return Zone::Iana(zone);
        }
        let own = self.own.get(name);
        own.map_or(Zone::Iana(self.floating), |zone| Zone::Own(Rc::clone(zone)))
    }
}

/// The clock changes of the rules of a zone, until a moment.
fn own_zone<'a>(
    rules: impl Iterator<Item = &'a ICalendarComponent>,
    until: NaiveDateTime,
) -> Option<OwnZone> {
    let mut changes: Vec<(i64, i64, i64)> = Vec::new();
    for rule in rules {
        let start = rule.property(&ICalendarProperty::Dtstart)?.values.first()?;
        let start = naive(start.as_partial_date_time()?)?;
        let from = offset_s(rule, &ICalendarProperty::Tzoffsetfrom)?;
        let to = offset_s(rule, &ICalendarProperty::Tzoffsetto)?;
        let onsets = recur::civil_times(rule, start, until, |moment| {
            moment.naive_utc() + TimeDelta::seconds(from)
        });
        // A rule that cannot be read still holds from its start.
        let onsets = onsets.unwrap_or_else(|_| vec![start]);
        changes.extend(onsets.iter().map(|civil| (civil.and_utc().timestamp() - from, from, to)));
    }
    changes.sort_unstable();
    let first = changes.first().map(|(_, from, _)| *from)?;
    Some(OwnZone { first, changes: changes.iter().map(|(at, _, to)| (*at, *to)).collect() })
}

/// Seconds ahead of UTC in a property such as `TZOFFSETTO:-0300`.
fn offset_s(rule: &ICalendarComponent, name: &ICalendarProperty) -> Option<i64> {
    let value = rule.property(name)?.values.first()?.as_partial_date_time()?;
    let (hours, minutes) = (i64::from(value.tz_hour?), i64::from(value.tz_minute.unwrap_or(0)));
    let ahead = hours * 3600 + minutes * 60 + i64::from(value.second.unwrap_or(0));
    Some(if value.tz_minus { -ahead } else { ahead })
}

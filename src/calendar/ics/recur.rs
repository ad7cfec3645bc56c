//! The civil times of a recurring component, with a bound on the work that a rule may cause.
//!
//! Rules are run on civil times alone, as if every day had 24 hours; which instant each means is
//! settled afterwards, so that zones a calendar brings itself work like all others.

use calcard::icalendar::{
    ICalendarComponent, ICalendarPeriod, ICalendarProperty, ICalendarRecurrenceRule, ICalendarValue,
};
use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use rrule::{RRule, RRuleSet, Tz, Unvalidated};

use crate::calendar::ics::read::naive;

/// Times that a rule may give before the window is reached, and in it.
const TIMES_MAX: usize = 40_000;

/// Why a rule could not be followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RuleFault(pub(super) String);

/// The civil times of a component up to `until`, in order: its start, what its rules and its list of
/// dates give, exceptions not taken out.
///
/// * `civil`: what clocks show at an instant, for ends of rules that are given as instants.
///
/// # Errors
/// If a rule cannot be read or gives too many times; the start is always one of them.
pub(super) fn civil_times(
    component: &ICalendarComponent,
    start: NaiveDateTime,
    until: NaiveDateTime,
    civil: impl Fn(DateTime<Utc>) -> NaiveDateTime,
) -> Result<Vec<NaiveDateTime>, RuleFault> {
    let mut times = vec![start];
    for entry in component.properties(&ICalendarProperty::Rrule) {
        for value in &entry.values {
            let ICalendarValue::RecurrenceRule(rule) = value else {
                return Err(RuleFault("its rule cannot be read".to_owned()));
            };
            times.extend(by_rule(rule, start, until, &civil)?);
        }
    }
    times.retain(|time| *time <= until || *time == start);
    times.sort_unstable();
    times.dedup();
    Ok(times)
}

fn by_rule(
    rule: &ICalendarRecurrenceRule,
    start: NaiveDateTime,
    until: NaiveDateTime,
    civil: &impl Fn(DateTime<Utc>) -> NaiveDateTime,
) -> Result<Vec<NaiveDateTime>, RuleFault> {
    let end = rule.until.as_ref().and_then(|value| {
        let time = naive(value)?;
        Some(match (value.has_time(), value.has_zone()) {
            // A date: that whole date.
            (false, _) => time.date().and_time(NaiveTime::MIN) + TimeDelta::seconds(86_399),
            (true, true) => civil(time.and_utc()),
            (true, false) => time,
        })
    });
    // The end is looked at here: its instant means a civil time that the rule's own zone decides.
    let plain = ICalendarRecurrenceRule { until: None, ..rule.clone() };
    let fault = |error: rrule::RRuleError| RuleFault(format!("its rule cannot be read: {error}"));
    let parsed: RRule<Unvalidated> = plain.to_string().parse().map_err(fault)?;
    let first = start.and_utc().with_timezone(&Tz::UTC);
    let rule = parsed.validate(first).map_err(fault)?;
    let mut times = Vec::new();
    let mut count = 0;
    for time in &RRuleSet::new(first).rrule(rule).limit() {
        count += 1;
        if count > TIMES_MAX {
            return Err(RuleFault(format!("its rule gives more than {TIMES_MAX} times")));
        }
        let time = time.naive_utc();
        if time > until || end.is_some_and(|end| time > end) {
            break;
        }
        times.push(time);
    }
    Ok(times)
}

/// The values of `RDATE`, with the end where one is given.
pub(super) fn extra_dates(
    component: &ICalendarComponent,
) -> Vec<(&calcard::icalendar::ICalendarEntry, &ICalendarValue)> {
    let entries = component.properties(&ICalendarProperty::Rdate);
    entries.flat_map(|entry| entry.values.iter().map(move |value| (entry, value))).collect()
}

/// Start and, if it is given as an end, the end of a period.
pub(super) fn period(
    period: &ICalendarPeriod,
) -> (&calcard::common::PartialDateTime, Result<&calcard::common::PartialDateTime, i64>) {
    match period {
        ICalendarPeriod::Range { start, end } => (start, Ok(end)),
        ICalendarPeriod::Duration { start, duration } => (start, Err(duration.as_seconds())),
    }
}

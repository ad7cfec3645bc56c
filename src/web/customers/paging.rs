//! Slots as pages show them: an overview of five weeks, the starts of a day by part, and a few good
//! ones first.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, Timelike as _, Utc};
use chrono_tz::Tz;

use crate::domain::hours::DateSpan;
use crate::domain::slots::PartOfDay;
use crate::domain::slots::public::{PublicSlot, PublicSlotAnswer, PublicSlotDay};
use crate::text::DateStyle;
use crate::web::customers::words::Words;

/// Weeks of an overview.
const WEEKS: u64 = 5;
/// Good starts shown first.
const GOOD_MAX: usize = 3;
/// The least score of a good start.
const GOOD: u32 = 70;

/// A day of the overview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DayShown {
    pub(super) number: u32,
    /// The whole date, and how many starts.
    pub(super) label: String,
    /// Where its starts are; none if it has none.
    pub(super) href: Option<String>,
    pub(super) is_chosen: bool,
    /// The month, on its first day and on the first of the overview.
    pub(super) month: Option<String>,
}

/// A start to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StartShown {
    /// As it is sent.
    pub(super) start: String,
    /// `9:00`, or the arrival window.
    pub(super) label: String,
    /// The day, where it is not clear.
    pub(super) day: String,
    pub(super) is_good: bool,
}

/// The starts of a part of the day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PartShown {
    pub(super) name: String,
    pub(super) starts: Vec<StartShown>,
}

/// Everything about times that a page shows.
#[derive(Debug, Clone)]
pub(super) struct TimesShown {
    /// Names of the days of the week, short and whole, Monday first.
    pub(super) weekdays: Vec<(String, String)>,
    pub(super) weeks: Vec<Vec<DayShown>>,
    pub(super) earlier: Option<String>,
    pub(super) later: Option<String>,
    pub(super) day: Option<String>,
    pub(super) parts: Vec<PartShown>,
    pub(super) good: Vec<StartShown>,
    /// The next day with starts, if the chosen one has none: where, and which.
    pub(super) next_free: Option<(String, String)>,
    pub(super) is_empty: bool,
}

/// What a page was asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Wish {
    /// The day whose starts are wanted; the first with some if none.
    pub(super) day: Option<NaiveDate>,
    /// Any date of the first week of the overview; this week if none.
    pub(super) from: Option<NaiveDate>,
    pub(super) part: Option<PartOfDay>,
}

impl Wish {
    /// A wish out of the parameters of an address.
    pub(super) fn read(parameter: impl Fn(&str) -> Option<String>) -> Self {
        let date = |name: &str| parameter(name).and_then(|text| text.parse().ok());
        let part = match parameter("part").as_deref() {
            Some("morning") => Some(PartOfDay::Morning),
            Some("afternoon") => Some(PartOfDay::Afternoon),
            Some("evening") => Some(PartOfDay::Evening),
            _ => None,
        };
        Self { day: date("day"), from: date("from"), part }
    }

    /// The word of the part of the day; empty for any.
    pub(super) fn part_word(&self) -> &'static str {
        match self.part {
            None => "",
            Some(PartOfDay::Morning) => "morning",
            Some(PartOfDay::Afternoon) => "afternoon",
            Some(PartOfDay::Evening) => "evening",
        }
    }

    /// The dates of the overview, from today on; it starts on a Monday.
    pub(super) fn dates(&self, today: NaiveDate) -> DateSpan {
        let wanted = self.from.or(self.day).unwrap_or(today).max(today);
        // A day within the weeks from this one on needs no other overview.
        let this = monday(today);
        let near = self.from.is_none() && wanted < later(this, 7 * WEEKS);
        let first = if near { this } else { monday(wanted) };
        DateSpan { from: first.max(today), until: later(first, 7 * WEEKS - 1) }
    }
}

/// Makes links of the page itself.
pub(super) struct Links<'a> {
    /// The page.
    pub(super) path: &'a str,
    /// Parameters that stay, each with an `&` before it.
    pub(super) kept: &'a str,
}

impl Links<'_> {
    fn day(&self, first: NaiveDate, day: NaiveDate) -> String {
        format!("{}?from={first}&day={day}{}#day", self.path, self.kept)
    }

    fn weeks(&self, first: NaiveDate) -> String {
        format!("{}?from={first}{}", self.path, self.kept)
    }
}

/// What a page shows of an answer to a search over [`Wish::dates`].
pub(super) fn shown(
    words: Words,
    zone: Tz,
    answer: &PublicSlotAnswer,
    (wish, today, links): (&Wish, NaiveDate, &Links<'_>),
) -> TimesShown {
    let dates = wish.dates(today);
    let first = monday(dates.from);
    let free = |day: &&PublicSlotDay| !day.slots.is_empty();
    let first_free = answer.days.iter().find(free).map(|day| day.date);
    let chosen = wish.day.filter(|day| (dates.from..=dates.until).contains(day)).or(first_free);
    let slots_of = |date: NaiveDate| {
        answer.days.iter().find(|day| day.date == date).map_or(&[][..], |day| &day.slots)
    };
    let good = good(answer);
    let start = |slot: &PublicSlot| start_shown(words, zone, slot, good.contains(&slot.start));
    let next = answer.days.iter().filter(free).map(|day| day.date);
    let next = chosen.and_then(|chosen| next.clone().find(|date| *date > chosen));
    let chosen_empty = chosen.is_some_and(|date| slots_of(date).is_empty());
    let day = |date: NaiveDate| {
        let count = slots_of(date).len();
        let name = words.civil(date, DateStyle::Date);
        let starts = words.0.count("booking.time.starts", i64::try_from(count).unwrap_or(0), &[]);
        DayShown {
            number: date.day(),
            label: format!("{name}: {starts}"),
            href: (count > 0).then(|| links.day(first, date)),
            is_chosen: chosen == Some(date),
            month: (date.day() == 1 || date == first).then(|| month(words, date)),
        }
    };
    let weeks = (0..WEEKS).map(|week| (0..7).map(|at| day(later(first, week * 7 + at))).collect());
    let shift = 7 * (WEEKS - 1);
    let earlier = first.checked_sub_days(Days::new(shift)).unwrap_or(first).max(monday(today));
    let starts = chosen.map_or(&[][..], slots_of);
    TimesShown {
        weekdays: (0..7).map(|at| weekday(words, later(first, at))).collect(),
        weeks: weeks.collect(),
        earlier: (first > monday(today)).then(|| links.weeks(earlier)),
        later: Some(links.weeks(later(first, shift))),
        day: chosen.map(|date| words.civil(date, DateStyle::Date)),
        parts: parts(words, zone, starts, &start),
        good: answer
            .days
            .iter()
            .flat_map(|day| &day.slots)
            .filter(|slot| good.contains(&slot.start))
            .map(start)
            .collect(),
        next_free: next
            .filter(|_| chosen_empty)
            .map(|date| (links.day(first, date), words.civil(date, DateStyle::Date))),
        is_empty: first_free.is_none(),
    }
}

/// One start as a page shows it.
pub(super) fn start_shown(words: Words, zone: Tz, slot: &PublicSlot, is_good: bool) -> StartShown {
    StartShown {
        start: slot.start.to_rfc3339(),
        label: words.short(zone, slot.window),
        day: crate::text::date(words.0, zone, slot.start, DateStyle::Day),
        is_good,
    }
}

/// The best starts, no two of one part of one day.
fn good(answer: &PublicSlotAnswer) -> Vec<DateTime<Utc>> {
    let mut all: Vec<(&PublicSlot, NaiveDate)> = answer
        .days
        .iter()
        .flat_map(|day| day.slots.iter().map(move |slot| (slot, day.date)))
        .filter(|(slot, _)| slot.score >= GOOD)
        .collect();
    // Where all are as good as each other, none saves anything; then the first ones are shown.
    all.sort_by_key(|(slot, _)| (std::cmp::Reverse(slot.score), slot.start));
    let mut good: Vec<(DateTime<Utc>, NaiveDate, u32)> = Vec::new();
    for (slot, date) in all {
        let part = slot.start.hour() / 5;
        if good.len() < GOOD_MAX && !good.iter().any(|(_, d, p)| (*d, *p) == (date, part)) {
            good.push((slot.start, date, part));
        }
    }
    good.into_iter().map(|(start, ..)| start).collect()
}

fn parts(
    words: Words,
    zone: Tz,
    slots: &[PublicSlot],
    shown: &dyn Fn(&PublicSlot) -> StartShown,
) -> Vec<PartShown> {
    let hour = |slot: &PublicSlot| slot.start.with_timezone(&zone).hour();
    let bounds = [("morning", 0..12), ("afternoon", 12..17), ("evening", 17..24)];
    let part = |(name, hours): (&str, std::ops::Range<u32>)| PartShown {
        name: words.t(&format!("time.{name}")),
        starts: slots.iter().filter(|slot| hours.contains(&hour(slot))).map(shown).collect(),
    };
    bounds.into_iter().map(part).filter(|part| !part.starts.is_empty()).collect()
}

fn month(words: Words, date: NaiveDate) -> String {
    // The pattern of a day ends with the month.
    let day = words.civil(date, DateStyle::Day);
    day.rsplit(' ').next().unwrap_or("").to_owned()
}

fn weekday(words: Words, date: NaiveDate) -> (String, String) {
    let short = words.civil(date, DateStyle::Day);
    let whole = words.civil(date, DateStyle::Date);
    let first = |text: &str| text.split([' ', ',']).next().unwrap_or("").to_owned();
    (first(&short), first(&whole))
}

fn monday(date: NaiveDate) -> NaiveDate {
    let back = date.weekday().num_days_from_monday();
    date.checked_sub_days(Days::new(back.into())).unwrap_or(date)
}

fn later(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_add_days(Days::new(days)).unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_overview_is_five_weeks_from_this_monday_unless_a_later_day_is_wanted() {
        // 3 March 2027 is a Wednesday.
        let today = date("2027-03-03");
        let dates = |wish: Wish| wish.dates(today);
        let this = dates(Wish::default());
        assert_eq!((this.from, this.until), (today, date("2027-04-04")));
        let day = Some(date("2027-04-02"));
        assert_eq!(dates(Wish { day, ..Wish::default() }), this);
        let from = Some(date("2027-04-06"));
        assert_eq!(dates(Wish { from, ..Wish::default() }).from, date("2027-04-05"));
        // The past is not shown.
        let from = Some(date("2026-01-01"));
        assert_eq!(dates(Wish { from, ..Wish::default() }), this);
    }
}

//! What explanations say besides the solver's rules: opening hours with their numbers, locations
//! without people, and starts that are really feasible where another start would help.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::app::App;
use crate::app::live::{self, View};
use crate::app::placing::peers::turns;
use crate::app::reader;
use crate::app::slots::asked::Asked;
use crate::app::slots::found::{Search, compute, offered_dates, requests};
use crate::calendar::bounds::{opening, part_of_day};
use crate::calendar::dates::{date_of, shifted};
use crate::calendar::spans::Span;
use crate::calendar::zones::days;
use crate::domain::error::AppError;
use crate::domain::hours::DateSpan;
use crate::domain::id::TechnicianId;
use crate::domain::slots::{Change, PartOfDay, Reason};
use crate::planning::explaining::{self, About};
use crate::planning::sentences::{self, words};

/// Days before and after those explained on which another start is looked for.
const NEAR_DAYS: i64 = 14;
/// Rules that another start may keep.
const OF_TIME: [&str; 9] = [
    "promise",
    "opening_hours",
    "part_of_day",
    "outside_range",
    "notice",
    "horizon",
    "freeze",
    "blackout",
    "time",
];
/// Sentences that a refusal holds at most.
const SENTENCES_MAX: usize = 4;

/// Reasons as the solver gives them, with what it does not know.
///
/// * `dates`, `start`: what is explained.
///
/// Cost: one search of some weeks where another start may help.
pub(crate) async fn completed(
    app: &App,
    view: &View,
    asked: &Asked,
    (dates, start): (DateSpan, Option<DateTime<Utc>>),
    mut reasons: Vec<Reason>,
) -> Result<Vec<Reason>, AppError> {
    if view.roster.technicians.is_empty() {
        return Ok(vec![no_technicians(asked, dates.from)]);
    }
    name_promise(asked, &mut reasons);
    for reason in &mut reasons {
        name_hours(asked, start, reason);
        // Together with other changes nobody has looked whether that start is on the grid.
        let is_start = |change: &Change| matches!(change, Change::StartAt { .. });
        if !asked.relaxed && reason.changes.iter().any(is_start) {
            reason.changes.clear();
        }
    }
    suggest_starts(app, view, asked, (dates, start), &mut reasons).await?;
    Ok(reasons)
}

fn no_technicians(asked: &Asked, date: NaiveDate) -> Reason {
    let location = &asked.location().name;
    Reason {
        technician_id: None,
        date,
        rule: "no_technicians".to_owned(),
        sentence: say("no_technicians", &[("location", location)]),
        numbers: json!({ "location": location }),
        change: None,
        changes: Vec::new(),
        besides: Vec::new(),
    }
}

/// Says of starts outside of what was promised what that was.
pub(crate) fn name_promise(asked: &Asked, reasons: &mut [Reason]) {
    let Some(promised) = asked.promised else { return };
    let (from, until) = (clock(asked, promised.from), clock(asked, promised.until));
    let date = sentences::date(reader::locale(), date_of(promised.from, asked.zone()));
    let sentence = say("promised", &[("date", &date), ("from", &from), ("until", &until)]);
    for reason in reasons.iter_mut().filter(|reason| reason.rule == "outside_range") {
        (reason.rule, reason.sentence) = ("promise".to_owned(), sentence.clone());
        reason.numbers = json!({ "from": promised.from, "until": promised.until });
    }
}

/// A moment as clocks of the location show it.
fn clock(asked: &Asked, at: DateTime<Utc>) -> String {
    at.with_timezone(&asked.zone()).format("%H:%M").to_string()
}

/// Says of a start outside the hours in question which hours these are.
fn name_hours(asked: &Asked, start: Option<DateTime<Utc>>, reason: &mut Reason) {
    if reason.rule != "outside_range" || asked.relaxed {
        return;
    }
    let (zone, date) = (asked.zone(), reason.date);
    let dates = DateSpan { from: date, until: date };
    let holds = |spans: &[Span]| start.is_some_and(|at| spans.iter().any(|one| one.contains(at)));
    let clocks = |spans: &[Span]| -> Vec<(String, String)> {
        let clock = |at: DateTime<Utc>, end: bool| {
            let civil = at.with_timezone(&zone);
            let midnight = end && civil.time() == NaiveTime::MIN;
            if midnight { "24:00".to_owned() } else { civil.format("%H:%M").to_string() }
        };
        spans.iter().map(|one| (clock(one.start, false), clock(one.end, true))).collect()
    };
    let part = asked.part_of_day.map(|part| (part, part_of_day(part, zone, dates)));
    let open = opening(&asked.location().opening_hours, zone, dates);
    if let Some(open) = open.filter(|open| !holds(open.as_slice())) {
        let open = clocks(open.as_slice());
        let mut sentence = open_words(&asked.location().name, &open, date);
        if let Some((part, _)) = &part {
            let part = part_words(*part);
            sentence = say("wished_too", &[("sentence", &sentence), ("part", &part)]);
        }
        (reason.rule, reason.sentence) = ("opening_hours".to_owned(), sentence);
        reason.numbers = json!({ "open": shown(&open) });
    } else if let Some((part, hours)) = part {
        let hours = clocks(hours.as_slice());
        let word = word(part);
        let sentence = say("part_of_day", &[("part", &part_words(part))]);
        (reason.rule, reason.sentence) = ("part_of_day".to_owned(), sentence);
        reason.numbers = json!({ "part_of_day": word, "hours": shown(&hours) });
    }
}

/// When visits of a location may start on a date, in words.
fn open_words(location: &str, open: &[(String, String)], date: NaiveDate) -> String {
    let date = sentences::date(reader::locale(), date);
    if open.is_empty() {
        return say("closed", &[("location", &location), ("date", &date)]);
    }
    let spans = open.iter().map(|(from, until)| say("span", &[("from", from), ("until", until)]));
    let hours = spans.collect::<Vec<_>>().join(&say("and", &[]));
    say("hours", &[("location", &location), ("hours", &hours), ("date", &date)])
}

fn part_words(part: PartOfDay) -> String {
    say(&format!("part.{}", word(part)), &[])
}

/// In the language of whoever reads it.
fn say(key: &str, values: &[(&str, &dyn std::fmt::Display)]) -> String {
    words(reader::locale(), key, values)
}

fn shown(spans: &[(String, String)]) -> Value {
    spans.iter().map(|(from, until)| json!({ "from": from, "until": until })).collect()
}

fn word(part: PartOfDay) -> &'static str {
    match part {
        PartOfDay::Morning => "morning",
        PartOfDay::Afternoon => "afternoon",
        PartOfDay::Evening => "evening",
    }
}

/// Where another start may help, names the nearest that a search would offer with this technician
/// in the crew; none if there is none near.
async fn suggest_starts(
    app: &App,
    view: &View,
    asked: &Asked,
    (dates, start): (DateSpan, Option<DateTime<Utc>>),
    reasons: &mut [Reason],
) -> Result<(), AppError> {
    let may_help = |reason: &Reason| {
        matches!(reason.change, Some(Change::StartAt { .. }))
            || (reason.change.is_none() && OF_TIME.contains(&reason.rule.as_str()))
    };
    let ids: BTreeSet<TechnicianId> =
        reasons.iter().filter(|one| may_help(one)).filter_map(|one| one.technician_id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let offered = offered_dates(app, view.organization_id, asked, dates.until).await?;
    let near = DateSpan {
        from: shifted(dates.from, -NEAR_DAYS).clamp(offered.from, offered.until),
        until: shifted(dates.until, NEAR_DAYS).clamp(offered.from, offered.until),
    };
    // Far beyond the horizon, the nearest starts are its last ones.
    let near = DateSpan { from: near.from.min(shifted(near.until, -NEAR_DAYS)), ..near };
    let near = DateSpan { from: near.from.max(offered.from), ..near };
    let mut tx = app.db.read().await?;
    let key = (view.organization_id, asked.location_id);
    let wide = live::view(app, &mut tx, key, near).await?;
    let turns = turns(app, &mut tx, &wide, asked, near).await?;
    drop(tx);
    let search = Search { asked, dates: near, start: None, crews: 1, turns: &turns };
    let variants = requests(app, &wide, &search).await?;
    let plan = wide.plan(near, None)?;
    let ids: Vec<TechnicianId> = ids.into_iter().collect();
    let starts = compute(move || explaining::starts(&plan, &variants, &turns, &ids)).await?;
    let zone = asked.zone();
    let last = days(zone, near).end;
    for reason in reasons.iter_mut().filter(|reason| may_help(reason)) {
        let own = reason.technician_id.and_then(|id| starts.get(&id));
        let date = DateSpan { from: reason.date, until: reason.date };
        let noon = days(zone, date).start + TimeDelta::hours(12);
        let wish = start.unwrap_or(noon);
        let nearest = own.into_iter().flatten().filter(|at| **at < last);
        let nearest = nearest.min_by_key(|at| ((**at - wish).abs(), **at));
        reason.change = nearest.map(|start| Change::StartAt { start: *start });
        if reason.change.is_some() {
            // There nothing else is in the way.
            reason.changes.clear();
            reason.besides.clear();
        }
    }
    Ok(())
}

/// Why a start cannot be had, in sentences; empty if nothing stands against it but the horizon or
/// the grid.
///
/// * `view`: of the start's date, without the visit itself.
pub(crate) async fn sentences(
    app: &App,
    view: &View,
    asked: &Asked,
    start: DateTime<Utc>,
) -> Result<Vec<String>, AppError> {
    let date = date_of(start, asked.zone());
    if view.roster.technicians.is_empty() {
        return Ok(vec![no_technicians(asked, date).sentence]);
    }
    let dates = DateSpan { from: date, until: date };
    let search = Search { asked, dates, start: Some(start), crews: 1, turns: &[] };
    let plan = view.plan(dates, None)?;
    let variants = requests(app, view, &search).await?;
    let setup = Arc::clone(&asked.setup);
    let named = asked.who.required.clone();
    let locale = reader::locale();
    let found = compute(move || {
        let of = (!named.is_empty()).then_some(named.as_slice());
        let about = About { date, start: Some(start), of };
        explaining::reasons(locale, &setup.catalogue, &plan, &variants, about)
    });
    let mut reasons = found.await?;
    let mut sentences: Vec<String> = Vec::new();
    for reason in &mut reasons {
        name_hours(asked, Some(start), reason);
        sentences.push(reason.sentence.clone());
    }
    Ok(shortened(sentences))
}

/// The first of some sentences, and how many more there are; each of them once.
pub(crate) fn shortened(all: Vec<String>) -> Vec<String> {
    let mut sentences: Vec<String> = Vec::new();
    for sentence in all {
        if !sentences.contains(&sentence) {
            sentences.push(sentence);
        }
    }
    if sentences.len() > SENTENCES_MAX {
        let more = sentences.len() - SENTENCES_MAX;
        sentences.truncate(SENTENCES_MAX);
        sentences.push(say("more", &[("count", &more)]));
    }
    sentences
}

//! Slots and reasons as people read them: local times, names, minutes.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::domain::id::TechnicianId;
use crate::domain::slots::{Alternative, CrewOption, Explanation, Slot, SlotAnswer};
use crate::domain::visits::ArrivalWindow;

/// Names of technicians by id.
pub(super) type Names = BTreeMap<TechnicianId, String>;

/// The whole answer, day by day.
pub(super) fn answer(answer: &SlotAnswer, location: &str, names: &Names) -> String {
    let zone: Tz = answer.time_zone.parse().unwrap_or(chrono_tz::UTC);
    let minutes = answer.on_site_s / 60;
    let mut text = format!("{location}, times in {zone}, {minutes} min on site\n");
    let count: usize = answer.days.iter().map(|day| day.slots.len()).sum();
    for day in answer.days.iter().filter(|day| !day.slots.is_empty()) {
        let _ = writeln!(text, "\n{}", day.date.format("%a %Y-%m-%d"));
        let _ = writeln!(text, "  start  arrival window  added driving  score  ways  technicians");
        for slot in &day.slots {
            text.push_str(&line(slot, zone, names));
        }
    }
    if count == 0 {
        text.push_str("\nNothing fits.\n");
    }
    alternatives(&mut text, &answer.alternatives, zone, names);
    if let Some(explanation) = &answer.explanation {
        text.push_str(&reasons(explanation, names));
    }
    text
}

fn line(slot: &Slot, zone: Tz, names: &Names) -> String {
    let start = clock(slot.start, zone);
    let window = span(&slot.window, zone);
    let (driving, people) = match slot.crews.first() {
        Some(crew) => (driving(crew), people(&crew.technician_ids, names)),
        None => (String::new(), String::new()),
    };
    let (score, ways) = (slot.score, slot.crew_count);
    format!("  {start}  {window:<14}  {driving:>13}  {score:>5}  {ways:>4}  {people}\n")
}

fn driving(crew: &CrewOption) -> String {
    let minutes = (crew.added_travel_s + 30).div_euclid(60);
    let metres = crew.added_travel_m;
    format!("{minutes} min {}.{} km", metres / 1000, metres.rem_euclid(1000) / 100)
}

fn alternatives(text: &mut String, list: &[Alternative], zone: Tz, names: &Names) {
    if list.is_empty() {
        return;
    }
    text.push_str("\nNearest starts outside of what was asked:\n");
    for it in list {
        let start = it.start.with_timezone(&zone).format("%a %Y-%m-%d %H:%M");
        let _ = writeln!(text, "  {start}  {}", people(&it.technician_ids, names));
    }
}

/// Why nothing fits: counts by rule, then one sentence for each technician.
pub(super) fn reasons(explanation: &Explanation, names: &Names) -> String {
    let mut text = String::from("\nWhy not:\n");
    for count in &explanation.counts {
        let _ = writeln!(text, "  {:>4}  {}", count.count, count.rule);
    }
    text.push('\n');
    for reason in &explanation.reasons {
        let who = reason.technician_id.and_then(|id| names.get(&id)).map_or("-", String::as_str);
        let _ = writeln!(text, "  {}  {who}: {}", reason.date, reason.sentence);
    }
    text
}

fn people(ids: &[TechnicianId], names: &Names) -> String {
    let name = |id: &TechnicianId| names.get(id).cloned().unwrap_or_else(|| id.to_string());
    ids.iter().map(name).collect::<Vec<_>>().join(" + ")
}

fn span(window: &ArrivalWindow, zone: Tz) -> String {
    if window.from == window.until {
        return "exact".to_owned();
    }
    format!("{}-{}", clock(window.from, zone), clock(window.until, zone))
}

fn clock(moment: DateTime<Utc>, zone: Tz) -> String {
    moment.with_timezone(&zone).format("%H:%M").to_string()
}

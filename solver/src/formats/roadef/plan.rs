//! Plans: when each visit is, and who is in which crew.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::formats::faults::Faults;
use crate::formats::roadef::DAYS_MAX;
use crate::optimize::crews::{CrewDay, CrewPlan, CrewProblem, CrewStop};

/// Writes a plan as the texts of `interv_dates` and `tech_teams`, behind one another.
///
/// A line without brackets says visit, day, start in the day and crew; one with brackets says a day,
/// then in each pair of brackets a crew, the first being those who are in none.
pub fn write(problem: &CrewProblem, plan: &CrewPlan) -> String {
    let mut dates = Vec::new();
    let mut days: BTreeMap<usize, Vec<&CrewDay>> = BTreeMap::new();
    for crew in &plan.crews {
        let crews = days.entry(crew.day).or_default();
        crews.push(crew);
        let number = crews.len();
        let date = |stop: &CrewStop| (stop.visit + 1, crew.day + 1, stop.start, number);
        dates.extend(crew.stops.iter().map(date));
    }
    dates.sort_unstable();
    let mut text = String::new();
    for (visit, day, start, crew) in dates {
        let _ = writeln!(text, "{visit} {day} {start} {crew}");
    }
    for (day, crews) in days {
        let busy: Vec<usize> = crews.iter().flat_map(|crew| crew.members.clone()).collect();
        let idle = (0..problem.technicians.len()).filter(|who| !busy.contains(who)).collect();
        let lists = crews.iter().map(|crew| crew.members.clone());
        let _ = write!(text, "{}", day + 1);
        for list in std::iter::once::<Vec<usize>>(idle).chain(lists) {
            text.push_str(" [ ");
            for who in list {
                let _ = write!(text, "{} ", who + 1);
            }
            text.push(']');
        }
        text.push('\n');
    }
    text
}

/// Reads a plan as [`write()`] writes it, in any order of lines, or [`super::write_json`]. Visits that
/// are not listed are outsourced.
///
/// # Errors
/// Every line that cannot be understood, and crews that do not exist; of JSON all that does not exist.
pub fn read_plan(problem: &CrewProblem, text: &str) -> Result<CrewPlan, Faults> {
    if text.trim_start().starts_with('{') {
        return super::json::read(problem, text);
    }
    let mut faults = Faults::default();
    let mut crews: BTreeMap<DayAndCrew, CrewDay> = BTreeMap::new();
    let mut dates = Vec::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let at = format!("line {number}");
        let done = if let Some((day, lists)) = line.split_once('[') {
            crews_of(day, lists).map(|found| crews.extend(found))
        } else {
            date(line).map(|found| dates.push((at.clone(), found)))
        };
        if let Err(message) = done {
            faults.add(at, message);
        }
    }
    let mut open: Vec<bool> = vec![true; problem.visits.len()];
    for (at, (visit, day, start, crew)) in dates {
        match crews.get_mut(&(day, crew)) {
            Some(own) if visit < open.len() => {
                open[visit] = false;
                own.stops.push(CrewStop { visit, start });
            }
            Some(_) => faults.add(at, format!("there is no visit {}", visit + 1)),
            None => faults.add(at, format!("there is no crew {crew} on day {}", day + 1)),
        }
    }
    let mut crews: Vec<CrewDay> = crews.into_values().collect();
    crews.retain(|crew| !crew.stops.is_empty());
    for crew in &mut crews {
        crew.stops.sort_by_key(|stop| stop.start);
    }
    let outsourced = (0..open.len()).filter(|&visit| open[visit]).collect();
    faults.or(CrewPlan { crews, outsourced, cost: 0 })
}

/// A day from 0 and the number of a crew on it.
type DayAndCrew = (usize, usize);

/// Visit and day from 0, start, number of the crew.
fn date(line: &str) -> Result<(usize, usize, i64, usize), String> {
    let fields: Vec<usize> = line
        .split_whitespace()
        .map(|word| word.parse().map_err(|_| format!("{word:?} is no number")))
        .collect::<Result<_, String>>()?;
    let [visit, day, start, crew] = fields[..] else {
        return Err("expected visit, day, start and crew".to_owned());
    };
    if visit == 0 || crew == 0 || !(1..DAYS_MAX).contains(&day) || start > 1_000_000 {
        return Err(
            "visits, days and crews count from 1, and a start lies within the day".to_owned()
        );
    }
    Ok((visit - 1, day - 1, i64::try_from(start).unwrap_or(i64::MAX), crew))
}

/// The crews of a day, by day and number.
fn crews_of(day: &str, lists: &str) -> Result<Vec<(DayAndCrew, CrewDay)>, String> {
    let day: usize = day.trim().parse().map_err(|_| format!("{:?} is no day", day.trim()))?;
    let day = day.checked_sub(1).filter(|day| *day < DAYS_MAX).ok_or("days count from 1")?;
    let mut crews = Vec::new();
    for (number, list) in lists.split('[').enumerate() {
        let list = list.split(']').next().unwrap_or_default();
        let mut members = Vec::new();
        for word in list.split_whitespace() {
            let who = word.parse::<usize>().ok().and_then(|who| who.checked_sub(1));
            members.push(who.ok_or_else(|| format!("{word:?} is no technician"))?);
        }
        // The first are those who are in no crew.
        if number > 0 {
            members.sort_unstable();
            crews.push(((day, number), CrewDay { day, members, stops: Vec::new() }));
        }
    }
    Ok(crews)
}

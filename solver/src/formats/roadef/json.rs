//! Plans as JSON: crews by day with their visits, and what is outsourced.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::formats::faults::Faults;
use crate::formats::json;
use crate::optimize::crews::{CrewDay, CrewPlan, CrewProblem, CrewStop};

/// Writes a plan; visits, technicians and days count from 1.
pub fn write_json(problem: &CrewProblem, plan: &CrewPlan) -> String {
    let crew = |crew: &CrewDay| {
        let visits = crew.stops.iter().map(|stop| {
            let end = stop.start + problem.visits[stop.visit].duration;
            json!({"visit": stop.visit + 1, "start": stop.start, "end": end})
        });
        let visits: Vec<Value> = visits.collect();
        json!({"day": crew.day + 1, "technicians": from_one(&crew.members), "visits": visits})
    };
    let crews: Vec<Value> = plan.crews.iter().map(crew).collect();
    let outsourced = from_one(&plan.outsourced);
    format!("{:#}\n", json!({"cost": plan.cost, "crews": crews, "outsourced": outsourced}))
}

fn from_one(indexes: &[usize]) -> Vec<usize> {
    indexes.iter().map(|index| index + 1).collect()
}

#[derive(Deserialize)]
struct Plan {
    crews: Vec<Crew>,
    /// Left out: whatever no crew does.
    outsourced: Option<Vec<usize>>,
}

#[derive(Deserialize)]
struct Crew {
    day: usize,
    technicians: Vec<usize>,
    visits: Vec<Stop>,
}

#[derive(Deserialize)]
struct Stop {
    visit: usize,
    start: i64,
}

/// Reads a plan as [`write_json`] writes it. Its cost and the ends of visits are not looked at.
///
/// # Errors
/// What is no such JSON; every visit, technician and day that does not exist; every start beyond
/// the day.
pub(super) fn read(problem: &CrewProblem, text: &str) -> Result<CrewPlan, Faults> {
    let given: Plan = json::read(text)?;
    let mut faults = Faults::default();
    let mut one = |at: String, what: &str, number: usize, most: usize| {
        if !(1..=most).contains(&number) {
            faults.add(at, format!("there is no {what} {number}; there are {most}, from 1"));
        }
        number.saturating_sub(1)
    };
    let (people, visits) = (problem.technicians.len(), problem.visits.len());
    let mut crews: Vec<CrewDay> = Vec::with_capacity(given.crews.len());
    let mut starts = Vec::new();
    for (number, crew) in given.crews.iter().enumerate() {
        let at = format!("crews[{number}]");
        let day = one(format!("{at}.day"), "day", crew.day, super::DAYS_MAX);
        let members = crew.technicians.iter().enumerate();
        let members = members.map(|(place, &who)| {
            one(format!("{at}.technicians[{place}]"), "technician", who, people)
        });
        let mut members: Vec<usize> = members.collect();
        members.sort_unstable();
        let stops = crew.visits.iter().enumerate();
        let stops = stops.map(|(place, stop)| {
            let at = format!("{at}.visits[{place}]");
            starts.push((format!("{at}.start"), stop.start));
            CrewStop {
                visit: one(format!("{at}.visit"), "visit", stop.visit, visits),
                start: stop.start,
            }
        });
        let mut stops: Vec<CrewStop> = stops.collect();
        stops.sort_by_key(|stop| stop.start);
        crews.push(CrewDay { day, members, stops });
    }
    let outsourced = if let Some(list) = given.outsourced {
        let list = list.into_iter().enumerate();
        list.map(|(at, visit)| one(format!("outsourced[{at}]"), "visit", visit, visits)).collect()
    } else {
        let done: BTreeSet<usize> =
            crews.iter().flat_map(|crew| &crew.stops).map(|stop| stop.visit).collect();
        (0..visits).filter(|visit| !done.contains(visit)).collect()
    };
    for (at, start) in starts {
        if !(0..=super::DAY).contains(&start) {
            faults.add(at, format!("{start} is not within a day, which has {}", super::DAY));
        }
    }
    crews.retain(|crew| !crew.stops.is_empty());
    faults.or(CrewPlan { crews, outsourced, cost: 0 })
}

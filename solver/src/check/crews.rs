//! Independent verifier of plans of crews that stay together for a day.
//!
//! Reads the plan like a foreman with a list, and shares no code with the search.

use thiserror::Error;

use crate::optimize::crews::{CrewPlan, CrewProblem};

/// A rule that a plan breaks. Visits, technicians and days count from 0.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CrewFault {
    /// The plan speaks of somebody or something that does not exist.
    #[error("there is no {what} {index}; there are {count}")]
    Unknown {
        /// What kind of thing.
        what: &'static str,
        /// Which.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// A visit is planned or outsourced more than once, or not at all.
    #[error("visit {visit} is there {times} times")]
    Times {
        /// Which.
        visit: usize,
        /// How often.
        times: usize,
    },
    /// Somebody is in two crews, or twice in one.
    #[error("technician {technician} is in more than one crew on day {day}")]
    Twice {
        /// Who.
        technician: usize,
        /// When.
        day: usize,
    },
    /// Somebody works on a day off.
    #[error("technician {technician} is off on day {day}")]
    Off {
        /// Who.
        technician: usize,
        /// When.
        day: usize,
    },
    /// A visit does not lie within the day.
    #[error("visit {visit} is from {start} to {end}; the day is from 0 to {day_length}")]
    OutsideDay {
        /// Which.
        visit: usize,
        /// Its start in the day.
        start: i64,
        /// Its end in the day.
        end: i64,
        /// Length of the day.
        day_length: i64,
    },
    /// A crew is at two visits at once.
    #[error("visits {first} and {second} of one crew overlap")]
    Overlap {
        /// The one that starts first.
        first: usize,
        /// The other.
        second: usize,
    },
    /// A crew is not able to do a visit.
    #[error("visit {visit} needs {needed} of level {level} in domain {domain}; the crew has {has}")]
    Unable {
        /// Which.
        visit: usize,
        /// Which domain of skills.
        domain: usize,
        /// Least level.
        level: usize,
        /// How many are needed.
        needed: u32,
        /// How many there are.
        has: u32,
    },
    /// A visit starts before one that must have ended, or that one is outsourced.
    #[error("visit {visit} is not after visit {before}")]
    NotAfter {
        /// The later one.
        visit: usize,
        /// The earlier one.
        before: usize,
    },
    /// More is outsourced than the budget allows.
    #[error("outsourcing costs {spent}; the budget is {budget}")]
    OverBudget {
        /// What it costs.
        spent: i64,
        /// What it may cost.
        budget: i64,
    },
}

/// Every rule that a plan breaks.
pub fn verify(problem: &CrewProblem, plan: &CrewPlan) -> Vec<CrewFault> {
    let mut faults = unknown(problem, plan);
    if !faults.is_empty() {
        return faults;
    }
    people(problem, plan, &mut faults);
    times(problem, plan, &mut faults);
    abilities(problem, plan, &mut faults);
    orders(problem, plan, &mut faults);
    let spent = plan.outsourced.iter().map(|&it| problem.visits[it].outsourcing).sum();
    if spent > problem.budget {
        faults.push(CrewFault::OverBudget { spent, budget: problem.budget });
    }
    faults
}

/// What a plan costs: the last end of each priority and of all, by their weights.
pub fn cost(problem: &CrewProblem, plan: &CrewPlan) -> i64 {
    let mut last_of_all = 0;
    let mut last = vec![0; problem.weights.by_priority.len()];
    for crew in &plan.crews {
        for stop in &crew.stops {
            let Some(visit) = problem.visits.get(stop.visit) else { continue };
            let end = begin(problem, crew.day) + stop.start + visit.duration;
            last_of_all = end.max(last_of_all);
            last[visit.priority] = end.max(last[visit.priority]);
        }
    }
    let weighted = last.iter().zip(&problem.weights.by_priority).map(|(end, weight)| end * weight);
    weighted.sum::<i64>() + last_of_all * problem.weights.whole
}

fn begin(problem: &CrewProblem, day: usize) -> i64 {
    i64::try_from(day).unwrap_or(i64::MAX / 1_000_000).saturating_mul(problem.day_length)
}

fn unknown(problem: &CrewProblem, plan: &CrewPlan) -> Vec<CrewFault> {
    let (people, visits) = (problem.technicians.len(), problem.visits.len());
    let named = plan.crews.iter().flat_map(|crew| &crew.stops).map(|stop| stop.visit);
    let named = named.chain(plan.outsourced.iter().copied()).filter(|&visit| visit >= visits);
    let named = named.map(|index| CrewFault::Unknown { what: "visit", index, count: visits });
    let members = plan.crews.iter().flat_map(|crew| &crew.members).filter(|&&who| who >= people);
    let members =
        members.map(|&index| CrewFault::Unknown { what: "technician", index, count: people });
    named.chain(members).collect()
}

fn people(problem: &CrewProblem, plan: &CrewPlan, faults: &mut Vec<CrewFault>) {
    let mut busy: Vec<(usize, usize)> = Vec::new();
    for crew in &plan.crews {
        for &technician in &crew.members {
            busy.push((crew.day, technician));
            if problem.technicians[technician].days_off.contains(&crew.day) {
                faults.push(CrewFault::Off { technician, day: crew.day });
            }
        }
    }
    busy.sort_unstable();
    for pair in busy.windows(2) {
        if pair[0] == pair[1] {
            faults.push(CrewFault::Twice { technician: pair[0].1, day: pair[0].0 });
        }
    }
}

fn times(problem: &CrewProblem, plan: &CrewPlan, faults: &mut Vec<CrewFault>) {
    let mut seen = vec![0; problem.visits.len()];
    plan.outsourced.iter().for_each(|&visit| seen[visit] += 1);
    for crew in &plan.crews {
        let mut spans: Vec<(i64, i64, usize)> = Vec::new();
        for stop in &crew.stops {
            seen[stop.visit] += 1;
            let end = stop.start + problem.visits[stop.visit].duration;
            spans.push((stop.start, end, stop.visit));
            if stop.start < 0 || end > problem.day_length {
                let (visit, start, day_length) = (stop.visit, stop.start, problem.day_length);
                faults.push(CrewFault::OutsideDay { visit, start, end, day_length });
            }
        }
        spans.sort_unstable();
        for pair in spans.windows(2) {
            if pair[1].0 < pair[0].1 {
                faults.push(CrewFault::Overlap { first: pair[0].2, second: pair[1].2 });
            }
        }
    }
    for (visit, times) in seen.into_iter().enumerate().filter(|&(_, times)| times != 1) {
        faults.push(CrewFault::Times { visit, times });
    }
}

fn abilities(problem: &CrewProblem, plan: &CrewPlan, faults: &mut Vec<CrewFault>) {
    for crew in &plan.crews {
        for visit in crew.stops.iter().map(|stop| stop.visit) {
            for (domain, counts) in problem.visits[visit].needs.iter().enumerate() {
                for (level, &needed) in (1..).zip(counts) {
                    let mut has = 0;
                    for &member in &crew.members {
                        let own = problem.technicians[member].levels.get(domain);
                        has += u32::from(own.is_some_and(|&own| own as usize >= level));
                    }
                    if has < needed {
                        faults.push(CrewFault::Unable { visit, domain, level, needed, has });
                    }
                }
            }
        }
    }
}

fn orders(problem: &CrewProblem, plan: &CrewPlan, faults: &mut Vec<CrewFault>) {
    let mut spans: Vec<Option<(i64, i64)>> = vec![None; problem.visits.len()];
    for crew in &plan.crews {
        for stop in &crew.stops {
            let start = begin(problem, crew.day) + stop.start;
            spans[stop.visit] = Some((start, start + problem.visits[stop.visit].duration));
        }
    }
    for (visit, own) in problem.visits.iter().enumerate() {
        let Some((start, _)) = spans[visit] else { continue };
        for &before in &own.after {
            if spans[before].is_none_or(|(_, end)| end > start) {
                faults.push(CrewFault::NotAfter { visit, before });
            }
        }
    }
}

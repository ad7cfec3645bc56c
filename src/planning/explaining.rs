//! Runs explanations over every way to have the equipment, and puts them into words.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use roundsman_solver::explain::{Question, Verdict, explain};

use crate::domain::id::TechnicianId;
use crate::domain::slots::Reason;
use crate::planning::answers::{self, Refused, Turn};
use crate::planning::catalogue::Catalogue;
use crate::planning::placing::crews;
use crate::planning::plan::Plan;
use crate::planning::requests::Variant;
use crate::planning::sentences::{Names, reason};
use crate::planning::times::{day_span, instant, moment};
use crate::text::Locale;

/// Crews looked at for each start where one person is enough.
const CREWS_MAX: usize = 200;
/// People for whom a search of its own is worth it where several come together.
const PEOPLE_MAX: usize = 20;

/// The feasible starts with each of some technicians in the crew, ascending.
///
/// Where one person is enough it takes one search, and of more than 200 people at one start the last
/// are left out; where several come together it takes one for each of the first 20 technicians.
///
/// # Errors
/// What the solver refuses.
pub fn starts(
    plan: &Plan,
    variants: &[Variant],
    turns: &[Turn],
    technician_ids: &[TechnicianId],
) -> Result<BTreeMap<TechnicianId, Vec<DateTime<Utc>>>, Refused> {
    let mut starts: BTreeMap<TechnicianId, Vec<DateTime<Utc>>> = BTreeMap::new();
    if variants.iter().all(|variant| variant.request.roles.len() <= 1) {
        for found in answers::run(plan, variants, turns, CREWS_MAX)? {
            for id in crews(&found, &plan.roster).into_iter().flatten() {
                if technician_ids.contains(&id) {
                    starts.entry(id).or_default().push(instant(found.slot.start));
                }
            }
        }
        return Ok(starts);
    }
    for id in technician_ids.iter().take(PEOPLE_MAX) {
        let Some(number) = plan.roster.technician(*id) else { continue };
        let mut own = variants.to_vec();
        for variant in &mut own {
            let required = &mut variant.request.wishes.required;
            if !required.contains(&number) {
                required.push(number);
            }
        }
        let found = answers::run(plan, &own, turns, 1)?;
        starts.insert(*id, found.iter().map(|found| instant(found.slot.start)).collect());
    }
    Ok(starts)
}

/// What is to be explained: a date or one start of it, of everybody or of some.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The date, in the zone of the roster.
    pub date: NaiveDate,
    /// Only this start.
    pub start: Option<DateTime<Utc>>,
    /// Only these technicians; nobody else was asked for, and may not even be in the plan.
    pub of: Option<&'a [TechnicianId]>,
}

impl About<'_> {
    /// A date or one start of it, of everybody.
    pub fn everybody(date: NaiveDate, start: Option<DateTime<Utc>>) -> Self {
        Self { date, start, of: None }
    }
}

/// Why technicians cannot come; those who can, and those who were not asked for, are left out.
///
/// Whoever can by one way to have the equipment has no reason; whoever cannot by any has that of
/// the last one, the pool's.
///
/// * `locale`: the language of whoever reads them.
///
/// # Errors
/// What the solver refuses.
pub fn reasons(
    locale: Locale,
    catalogue: &Catalogue,
    plan: &Plan,
    variants: &[Variant],
    about: About<'_>,
) -> Result<Vec<Reason>, Refused> {
    let About { date, start, of } = about;
    let question = match start {
        Some(start) => Question::Start(moment(start)),
        None => Question::During(day_span(date, plan.roster.zone)),
    };
    let mut failing: Option<Vec<Verdict>> = None;
    for variant in variants {
        let found = explain(&plan.snapshot, &variant.request, question)?.verdicts;
        failing = Some(match failing {
            None => found,
            Some(before) => {
                let both = before.into_iter().zip(found);
                both.map(|(old, new)| if old.rule.is_none() { old } else { new }).collect()
            }
        });
    }
    let names = Names { catalogue, plan, locale };
    let roster = &plan.roster.technicians;
    let concerned = |verdict: &&Verdict| {
        let id = roster.get(verdict.technician.at());
        of.is_none_or(|of| id.is_some_and(|id| of.contains(id)))
    };
    let failing = failing.unwrap_or_default();
    Ok(failing
        .iter()
        .filter(concerned)
        .filter_map(|verdict| reason(&names, date, verdict))
        .collect())
}

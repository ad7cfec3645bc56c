//! Runs explanations over every way to have the equipment, and puts them into words.

use chrono::{DateTime, NaiveDate, Utc};
use roundsman_solver::explain::{Question, Verdict, explain};

use crate::domain::slots::Reason;
use crate::planning::answers::Refused;
use crate::planning::catalogue::Catalogue;
use crate::planning::plan::Plan;
use crate::planning::requests::Variant;
use crate::planning::sentences::{Names, reason};
use crate::planning::times::{day_span, moment};

/// Why technicians cannot come on a date, or at one start; those who can are left out.
///
/// Whoever can by one way to have the equipment has no reason; whoever cannot by any has that of
/// the last one, the pool's.
///
/// # Errors
/// What the solver refuses.
pub fn reasons(
    catalogue: &Catalogue,
    plan: &Plan,
    variants: &[Variant],
    date: NaiveDate,
    start: Option<DateTime<Utc>>,
) -> Result<Vec<Reason>, Refused> {
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
    let names = Names { catalogue, plan };
    let failing = failing.unwrap_or_default();
    Ok(failing.iter().filter_map(|verdict| reason(&names, date, verdict)).collect())
}

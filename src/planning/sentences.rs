//! Reasons in sentences: what the solver found, in the language of whoever reads it, with the numbers.

mod changes;
mod rules;
mod times;

use std::fmt::Display;

use chrono::NaiveDate;
use roundsman_solver::explain::{Reason as Why, Verdict};
use serde_json::Value;

use crate::domain::id::TechnicianId;
use crate::domain::slots::{Explanation, Reason, RuleCount};
use crate::planning::catalogue::Catalogue;
use crate::planning::plan::Plan;
use crate::planning::roster::Roster;
use crate::text::Locale;

pub use times::date;

/// What sentences need to name things.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    /// Names of technicians, skills, zones and equipment.
    pub catalogue: &'a Catalogue,
    /// Who has which number, and what stands where.
    pub plan: &'a Plan,
    /// The language of whoever reads it.
    pub locale: Locale,
}

/// Words about reasons, from `locales/<language>/reasons.json`.
pub fn words(locale: Locale, key: &str, values: &[(&str, &dyn Display)]) -> String {
    locale.text(&format!("reasons.{key}"), values)
}

/// The same where the text counts.
pub fn counted(locale: Locale, key: &str, count: i64, values: &[(&str, &dyn Display)]) -> String {
    locale.count(&format!("reasons.{key}"), count, values)
}

impl Names<'_> {
    fn text(&self, key: &str, values: &[(&str, &dyn Display)]) -> String {
        words(self.locale, key, values)
    }

    fn technician(&self, id: TechnicianId) -> String {
        let known = self.catalogue.technicians.get(&id);
        known.map_or_else(|| self.text("technician", &[]), |technician| technician.name.clone())
    }

    fn roster(&self) -> &Roster {
        &self.plan.roster
    }
}

/// Most reasons in one answer.
pub const REASONS_MAX: usize = 5000;

/// Reasons with the counts of their rules, most first.
pub fn explanation(mut reasons: Vec<Reason>) -> Explanation {
    let mut counts: Vec<RuleCount> = Vec::new();
    for reason in &reasons {
        match counts.iter_mut().find(|count| count.rule == reason.rule) {
            Some(count) => count.count += 1,
            None => counts.push(RuleCount { rule: reason.rule.clone(), count: 1 }),
        }
    }
    counts.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.rule.cmp(&b.rule)));
    let left_out = reasons.len().saturating_sub(REASONS_MAX) as u64;
    reasons.truncate(REASONS_MAX);
    Explanation { reasons, counts, left_out }
}

/// The reason of a verdict in words; none if the technician can come.
pub fn reason(names: &Names<'_>, date: NaiveDate, verdict: &Verdict) -> Option<Reason> {
    let why = verdict.reason.as_ref()?;
    let id = *names.roster().technicians.get(verdict.technician.at())?;
    let name = names.technician(id);
    let told = rules::told(names, &name, verdict.shift, why);
    let besides =
        verdict.further.iter().map(|next| rules::told(names, &name, next.shift, &next.reason));
    let besides = besides.map(|told| told.sentence).collect();
    let mut changes = verdict.remedy.as_ref().map_or_else(Vec::new, |it| changes::all(names, it));
    let change = if changes.len() == 1 { changes.pop() } else { None };
    Some(Reason {
        technician_id: Some(id),
        date,
        rule: told.rule.to_owned(),
        sentence: told.sentence,
        numbers: told.numbers,
        change,
        changes,
        besides,
    })
}

/// A reason in words and numbers.
pub(super) struct Told {
    pub(super) rule: &'static str,
    pub(super) sentence: String,
    pub(super) numbers: Value,
}

/// The plain name of the rule behind a reason.
pub fn rule_name(why: &Why) -> &'static str {
    match why {
        Why::Excluded => "excluded",
        Why::NotWished => "not_wished",
        Why::SkillMissing { .. } => "skill_missing",
        Why::SkillTooLow { .. } => "skill_too_low",
        Why::SkillNotValid { .. } => "skill_not_valid",
        Why::NotCarried { .. } => "equipment_not_carried",
        Why::OutsideZones { .. } => "outside_zones",
        Why::NoShift => "no_shift",
        Why::OutsideRange => "outside_range",
        Why::Notice { .. } => "notice",
        Why::Horizon { .. } => "horizon",
        Why::Freeze { .. } => "freeze",
        Why::Blackout { .. } => "blackout",
        Why::DayCount { .. } => "service_visits_per_day",
        Why::DaySeconds { .. } => "service_minutes_per_day",
        Why::RouteBroken => "route_broken",
        Why::VisitsPerDay { .. } => "visits_per_day",
        Why::VisitsPerWeek { .. } => "visits_per_week",
        Why::OnsitePerDay { .. } => "minutes_per_day",
        Why::OnsitePerWeek { .. } => "minutes_per_week",
        Why::Unreachable => "unreachable",
        Why::Time { .. } => "time",
        Why::DrivePerLeg { .. } => "drive_per_leg",
        Why::DrivePerDay { .. } => "drive_per_day",
        Why::Overtime { .. } => "overtime",
        Why::PoolShort { .. } => "equipment_short",
        Why::CrewIncomplete { .. } => "crew_incomplete",
    }
}

//! What the rules say about a plan, match by match and in sentences; and two plans rule by rule.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Display;

use chrono::{DateTime, NaiveDate, Utc};
use roundsman_solver::check::plans::{Amount, Match, PlanFault, Subject, matches, verify};
use roundsman_solver::optimize::Solution;
use roundsman_solver::optimize::solution::{Rule, StopKind};
use roundsman_solver::units::{ShiftIdx, VisitIdx};

use crate::domain::id::{TechnicianId, VisitId};
use crate::domain::proposals::RuleChange;
use crate::domain::scores::{AmountUnit, RuleMatch, RuleScore};
use crate::planning::catalogue::Catalogue;
use crate::planning::optimizing::broken::{Whole, sentence};
use crate::planning::optimizing::drafting::Problem;
use crate::planning::optimizing::running::Answer;
use crate::planning::optimizing::standing::standing;
use crate::planning::optimizing::weights::milli;
use crate::planning::plan::Plan;
use crate::planning::sentences::{counted, words};
use crate::planning::times::{minutes_up, moment};
use crate::text::Locale;

/// What the rules say about the plan in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scored {
    /// Hard rules that it breaks, in words.
    pub broken: Vec<String>,
    /// The rules that cost something, dearest first.
    pub rules: Vec<RuleScore>,
}

/// A visit in the day of somebody no shift of whom holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stray {
    /// Which visit.
    pub visit_id: VisitId,
    /// Whose day it is in.
    pub technician_id: TechnicianId,
    /// The date of its start.
    pub date: NaiveDate,
    /// When it starts.
    pub start: DateTime<Utc>,
    /// Whether the technician is absent then; else it is outside working hours.
    pub away: bool,
}

/// Judges the plan in force.
///
/// * `plan`: what the problem was made of, with its strays.
///
/// Cost: linear in routes and visits.
pub fn scored(
    problem: &Problem,
    (plan, strays): (&Plan, &[Stray]),
    catalogue: &Catalogue,
    locale: Locale,
) -> Scored {
    let solution = standing(problem, plan);
    let book = Book { problem, plan, strays, catalogue, solution: &solution, locale };
    let mut rules: Vec<RuleScore> = Vec::new();
    for one in inside(problem, plan, &solution) {
        let rule = rule_name(one.rule);
        let found = book.told(&one);
        match rules.iter_mut().find(|known| known.rule == rule) {
            Some(known) => {
                known.cost_milli += found.cost_milli;
                known.matches.push(found);
            }
            None => rules.push(RuleScore {
                rule: rule.to_owned(),
                cost_milli: found.cost_milli,
                matches: vec![found],
            }),
        }
    }
    rules.sort_by(|a, b| b.cost_milli.cmp(&a.cost_milli).then_with(|| a.rule.cmp(&b.rule)));
    Scored { broken: book.broken(), rules }
}

/// Hard rules that the plan in force breaks, in words.
pub fn broken(
    problem: &Problem,
    (plan, strays): (&Plan, &[Stray]),
    catalogue: &Catalogue,
    locale: Locale,
) -> Vec<String> {
    let solution = standing(problem, plan);
    Book { problem, plan, strays, catalogue, solution: &solution, locale }.broken()
}

/// What the rules say about the dates asked for; about people in all.
fn inside(problem: &Problem, plan: &Plan, solution: &Solution) -> Vec<Match> {
    by_dates(problem, plan, solution).0
}

/// What the rules say about the dates asked for, and what they say about the others.
fn by_dates(problem: &Problem, plan: &Plan, solution: &Solution) -> (Vec<Match>, Vec<Match>) {
    let is_asked = |shift: ShiftIdx| {
        problem.dates.contains(plan.routes[problem.shifts[shift.at()].route].date)
    };
    let others = solution.routes.iter().filter(|route| !is_asked(route.shift));
    let others: HashSet<VisitIdx> = others
        .flat_map(|route| &route.stops)
        .filter_map(|stop| match stop.kind {
            StopKind::Visit { visit, .. } => Some(visit),
            _ => None,
        })
        .collect();
    let counts = |one: &Match| match one.subject {
        Subject::Visit { visit } | Subject::Member { visit, .. } => !others.contains(&visit),
        Subject::Shift { shift } | Subject::Break { shift, .. } => is_asked(shift),
        Subject::Technician { .. } => true,
    };
    matches(&problem.model, solution).into_iter().partition(counts)
}

/// What the rules say about the dates that are only there for limits a week: the same in every plan, and
/// no part of what is told.
pub(super) fn apart(problem: &Problem, plan: &Plan) -> i64 {
    let (_, others) = by_dates(problem, plan, &standing(problem, plan));
    others.iter().map(|one| one.cost).sum()
}

/// Each rule before and after a run, where one of the two is not 0.
pub fn rule_changes(problem: &Problem, plan: &Plan, answer: &Answer) -> Vec<RuleChange> {
    let before = sums(&inside(problem, plan, &standing(problem, plan)));
    let after = sums(&inside(problem, plan, &answer.solution));
    changes(&before, &after)
}

/// Each rule in two plans of their own, where one of the two is not 0.
pub fn compared(before: (&Problem, &Plan), after: (&Problem, &Plan)) -> Vec<RuleChange> {
    let of =
        |(problem, plan): (&Problem, &Plan)| sums(&inside(problem, plan, &standing(problem, plan)));
    changes(&of(before), &of(after))
}

/// Cost by rule.
type Sums = BTreeMap<Rule, i64>;

fn sums(matches: &[Match]) -> Sums {
    let mut sums = Sums::new();
    for one in matches {
        *sums.entry(one.rule).or_default() += one.cost;
    }
    sums
}

fn changes(before: &Sums, after: &Sums) -> Vec<RuleChange> {
    let rules: BTreeSet<Rule> = before.keys().chain(after.keys()).copied().collect();
    let of = |sums: &Sums, rule: Rule| milli(sums.get(&rule).copied().unwrap_or(0));
    let change = |rule: Rule| RuleChange {
        rule: rule_name(rule).to_owned(),
        before_milli: of(before, rule),
        after_milli: of(after, rule),
    };
    let changes = rules.into_iter().map(change);
    changes.filter(|change| (change.before_milli, change.after_milli) != (0, 0)).collect()
}

/// The plain name of a rule.
fn rule_name(rule: Rule) -> &'static str {
    match rule {
        Rule::Driving => "driving",
        Rule::PaidTime => "paid_time",
        Rule::Onsite => "on_site",
        Rule::Waiting => "waiting",
        Rule::Overtime => "overtime",
        Rule::Used => "used",
        Rule::Windows => "windows",
        Rule::Due => "due",
        Rule::LargestLate => "largest_lateness",
        Rule::LargestIdle => "largest_idle_time",
        Rule::MissedBreaks => "missed_breaks",
        Rule::Zones => "zones",
        Rule::Preferences => "preferences",
        Rule::Continuity => "continuity",
        Rule::Stability => "stability",
        Rule::Promises => "promises",
        Rule::Balance => "balance",
        Rule::LaterDays => "later_days",
        Rule::UnneededLevels => "unneeded_levels",
        Rule::Risk => "risk",
        Rule::Prizes => "prizes",
    }
}

/// What a match needs to be told in words.
struct Book<'a> {
    problem: &'a Problem,
    plan: &'a Plan,
    strays: &'a [Stray],
    catalogue: &'a Catalogue,
    solution: &'a Solution,
    /// The language of whoever reads it.
    locale: Locale,
}

impl Book<'_> {
    fn broken(&self) -> Vec<String> {
        let whole = Whole {
            problem: self.problem,
            plan: self.plan,
            catalogue: self.catalogue,
            locale: self.locale,
        };
        let visit = |at: usize| {
            let at = VisitIdx(u32::try_from(at).ok()?);
            (at.at() < self.problem.visits.len()).then(|| self.visit(at))
        };
        let faults = verify(&self.problem.model, self.solution);
        let faults = faults.iter().filter(|fault| !self.is_told(fault));
        let faults = faults.map(|fault| sentence(fault, &whole, visit));
        // Two rules may find the same: it is told once.
        let mut told: Vec<String> = Vec::new();
        for sentence in self.strays.iter().map(|stray| self.stray(stray)).chain(faults) {
            if !told.contains(&sentence) {
                told.push(sentence);
            }
        }
        told
    }

    /// Whether a fault only says that a day is longer than the shift, which its strays say already.
    fn is_told(&self, fault: &PlanFault) -> bool {
        let (PlanFault::DepartsEarly { shift, .. } | PlanFault::ReturnsLate { shift, .. }) = fault
        else {
            return false;
        };
        let key = self.problem.shifts[shift.at()];
        let date = self.plan.routes[key.route].date;
        self.strays.iter().any(|one| (one.technician_id, one.date) == (key.technician_id, date))
    }

    fn stray(&self, stray: &Stray) -> String {
        let time = self.plan.clock(moment(stray.start));
        let visit = self.text("visit_at", &[("time", &time)]);
        let known = self.catalogue.technicians.get(&stray.technician_id);
        let who = known.map_or_else(|| self.text("somebody", &[]), |one| one.name.clone());
        let key = if stray.away { "broken.away" } else { "broken.off_duty" };
        self.text(key, &[("visit", &visit), ("who", &who)])
    }

    fn told(&self, one: &Match) -> RuleMatch {
        let (visit, technician_id) = self.about(one.subject);
        let (amount, unit, weight) = match one.amount {
            Amount::Seconds(seconds) => (seconds, AmountUnit::Seconds, one.weight * 3600),
            Amount::Metres(metres) => (metres, AmountUnit::Metres, one.weight * 1000),
            Amount::Count(count) => (count, AmountUnit::Count, one.weight),
            Amount::Grains(grains) => (milli(grains), AmountUnit::Cost, one.weight),
        };
        RuleMatch {
            visit_id: visit.map(|visit| self.problem.visits[visit.at()].visit_id),
            technician_id,
            amount,
            unit,
            weight_milli: milli(weight),
            cost_milli: milli(one.cost),
            sentence: self.sentence(one, visit, technician_id),
        }
    }

    fn about(&self, subject: Subject) -> (Option<VisitIdx>, Option<TechnicianId>) {
        let of_shift = |shift: ShiftIdx| Some(self.problem.shifts[shift.at()].technician_id);
        match subject {
            Subject::Visit { visit } => (Some(visit), None),
            Subject::Member { visit, technician, .. } => {
                (Some(visit), self.plan.roster.technicians.get(technician.at()).copied())
            }
            Subject::Shift { shift } | Subject::Break { shift, .. } => (None, of_shift(shift)),
            Subject::Technician { technician } => {
                (None, self.plan.roster.technicians.get(technician.at()).copied())
            }
        }
    }

    fn sentence(
        &self,
        one: &Match,
        visit: Option<VisitIdx>,
        technician_id: Option<TechnicianId>,
    ) -> String {
        let known = technician_id.and_then(|id| self.catalogue.technicians.get(&id));
        let who = known.map_or_else(|| self.text("somebody", &[]), |one| one.name.clone());
        let what = visit.map_or_else(|| self.text("a_visit", &[]), |visit| self.visit(visit));
        let much = self.much(one.amount);
        let values: [(&str, &dyn Display); 3] = [("who", &who), ("what", &what), ("much", &much)];
        let (rule, by) = (rule_name(one.rule), matches!(one.amount, Amount::Seconds(_)));
        match (one.rule, one.amount) {
            (Rule::LaterDays | Rule::UnneededLevels, Amount::Count(count)) => {
                counted(self.locale, &format!("rule.{rule}"), count, &values)
            }
            (Rule::Stability | Rule::Promises, _) if by => {
                self.text(&format!("rule.{rule}_by"), &values)
            }
            _ => self.text(&format!("rule.{rule}"), &values),
        }
    }

    /// An amount with its unit.
    fn much(&self, amount: Amount) -> String {
        match amount {
            Amount::Seconds(seconds) => self.text("minutes", &[("count", &minutes_up(seconds))]),
            Amount::Metres(metres) => {
                let point = if self.locale == Locale::En { '.' } else { ',' };
                let count = format!("{}{point}{}", metres / 1000, metres % 1000 / 100);
                self.text("kilometres", &[("count", &count)])
            }
            Amount::Count(count) => count.to_string(),
            Amount::Grains(_) => String::new(),
        }
    }

    fn text(&self, key: &str, values: &[(&str, &dyn Display)]) -> String {
        words(self.locale, key, values)
    }

    /// A visit in words: `the visit at 14:00`.
    fn visit(&self, visit: VisitIdx) -> String {
        let stops = self.solution.routes.iter().flat_map(|route| &route.stops);
        let start = stops.filter(|stop| is_of(stop.kind, visit)).map(|stop| stop.start).next();
        match start {
            Some(start) => self.text("visit_at", &[("time", &self.plan.clock(start))]),
            None => self.text("visit_of_nobody", &[]),
        }
    }
}

fn is_of(kind: StopKind, wanted: VisitIdx) -> bool {
    matches!(kind, StopKind::Visit { visit, .. } if visit == wanted)
}

/// The matches that are about one visit.
pub fn about(scored: &Scored, visit_id: VisitId) -> Vec<(String, RuleMatch)> {
    let all = scored
        .rules
        .iter()
        .flat_map(|rule| rule.matches.iter().map(move |one| (rule.rule.clone(), one.clone())));
    all.filter(|(_, one)| one.visit_id == Some(visit_id)).collect()
}

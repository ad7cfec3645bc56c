//! Why a technician cannot do a visit: the first rule that fails, its numbers, and the smallest change that helps.
//!
//! Rules are tried in the order of [`Rule`]. Each is asked only about starts that all rules before
//! it let through, with the rules after it switched off, so its numbers are exact: make the change
//! named and the rule passes; change one unit less and it still fails. Then the rules are tried again
//! with the change made, so that a verdict also says what is in the way after it, and whether some
//! changes together make the visit fit.

mod candidates;
mod crews;
mod easing;
mod obstacles;
mod people;
mod pools;
mod reasons;
mod routes;

use std::cell::OnceCell;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::explain::candidates::{Candidates, Intervals};
use crate::explain::crews::{Free, Own};
use crate::explain::easing::{Eased, Terms};
use crate::problem::{ProblemErrors, Request, ShiftEntry, Snapshot};
use crate::slots::fit;
use crate::slots::scan::Scan;
use crate::units::{Moment, ShiftIdx, Span, TechnicianIdx};

pub use reasons::{Change, Explanation, Obstacle, Reason, Remedy, Rule, Step, Verdict};

/// What is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// One promised start, on the grid or not.
    Start(Moment),
    /// Every start in a span, usually a day: those listed, or any second for an anchored grid.
    During(Span),
}

/// A rule that fails, why, and what would help.
type Failure = (Rule, Reason, Change);

/// For every technician, whether the visit can be done, and if not, why not.
///
/// Agrees with [`crate::slots::search`]: a technician without a reason is in some feasible crew of
/// some start asked about, and the other way round.
///
/// Cost: O(technicians x gaps x starts asked about), microseconds per technician and day, and as much
/// again for each change that is tried out.
///
/// # Errors
/// Every fault of the request, see [`Request::check`].
pub fn explain(
    snapshot: &Snapshot,
    request: &Request,
    question: Question,
) -> Result<Explanation, ProblemErrors> {
    request.check(snapshot)?;
    let scan = Scan::new(snapshot, request);
    let candidates = Candidates::new(request, question);
    let explainer = Explainer { scan, question, candidates, crews: OnceCell::new() };
    let count = u32::try_from(snapshot.technicians().len()).unwrap_or(u32::MAX);
    let verdicts: Vec<Verdict> =
        (0..count).map(|at| explainer.verdict(TechnicianIdx(at))).collect();
    let mut counts: BTreeMap<Rule, u32> = BTreeMap::new();
    for rule in verdicts.iter().filter_map(|verdict| verdict.rule) {
        *counts.entry(rule).or_default() += 1;
    }
    Ok(Explanation { verdicts, counts: counts.into_iter().collect() })
}

struct Explainer<'a> {
    scan: Scan<'a>,
    question: Question,
    candidates: Candidates,
    /// Instants and who is free, worked out when the first technician needs them.
    crews: OnceCell<Free>,
}

/// Stands for a shift that the plan does not have.
const ADDED: ShiftIdx = ShiftIdx(u32::MAX);

/// A failure and the shift that comes nearest, if any.
type Nearest = (Option<ShiftIdx>, Failure);

impl Explainer<'_> {
    fn verdict(&self, technician: TechnicianIdx) -> Verdict {
        match self.examine(technician, &self.terms(technician)) {
            Ok(shift) => Verdict { shift: Some(shift), ..Verdict::able(technician) },
            Err((shift, (rule, reason, change))) => {
                let first = Step { shift, rule, reason, change };
                let (further, remedy) = self.tried(technician, &first);
                let Step { shift, rule, reason, change } = first;
                let (rule, reason, change) = (Some(rule), Some(reason), Some(change));
                Verdict { technician, shift, rule, reason, change, further, remedy }
            }
        }
    }

    /// Things as they are.
    fn terms(&self, technician: TechnicianIdx) -> Terms<'_> {
        Terms {
            technician: self.scan.snapshot.technician(technician),
            wished: false,
            candidates: &self.candidates,
            entries: &[],
            added: None,
            pools: self.scan.snapshot.pools(),
            blocked: &self.scan.blocked,
            is_asked: true,
        }
    }

    /// What is in the way after the change of a step, and the changes that together make it fit;
    /// none if nothing small does.
    fn tried(&self, technician: TechnicianIdx, first: &Step) -> (Vec<Step>, Option<Remedy>) {
        let later = self.follow(technician, first.clone());
        let Change::Start { earlier: Some(earlier), later: Some(_) } = first.change else {
            return later;
        };
        if later.1.is_some() {
            return later;
        }
        let change = Change::Start { earlier: Some(earlier), later: None };
        let sooner = self.follow(technician, Step { change, ..first.clone() });
        if sooner.1.is_some() { sooner } else { later }
    }

    /// Makes one change after the other until it fits, or nothing small helps.
    fn follow(&self, technician: TechnicianIdx, first: Step) -> (Vec<Step>, Option<Remedy>) {
        let mut eased = Eased::new(self.scan.snapshot.technician(technician));
        let mut steps = vec![first];
        for _ in 0..easing::STEPS_MAX {
            let Some(last) = steps.last().filter(|step| eased.ease(self, technician, step)) else {
                break;
            };
            let last = last.clone();
            match self.examine(technician, &eased.terms(self)) {
                Ok(_) => {
                    let remedy = Remedy::of(&steps);
                    return (steps.split_off(1), Some(remedy));
                }
                Err((shift, (rule, reason, change))) => {
                    let next = Step { shift, rule, reason, change };
                    if next == last {
                        break;
                    }
                    steps.push(next);
                }
            }
        }
        (steps.split_off(1), None)
    }

    /// The shift in which the technician can do it, or the shift that comes nearest and the failure.
    fn examine(&self, technician: TechnicianIdx, terms: &Terms<'_>) -> Result<ShiftIdx, Nearest> {
        let (scan, request) = (&self.scan, self.scan.request);
        let (window, candidates) = (request.window.0, terms.candidates);
        let who = (technician, terms.technician, terms.wished);
        people::examine(request, who, &candidates.to_ask().widened(window))
            .map_err(|failure| (None, failure))?;
        let mut nearest: Option<Nearest> = None;
        let pieces = fit::pieces(request, terms.technician);
        let mut feasible: Option<ShiftIdx> = None;
        let mut free = Intervals::default();
        let concerned =
            |(_, entry): &(ShiftIdx, &ShiftEntry)| candidates.concerns(entry.shift.shift());
        let all = scan.snapshot.shifts_of(technician);
        let all = all.map(|(shift, entry)| (shift, terms.entry(shift).unwrap_or(entry)));
        let all = all.chain(terms.added.map(|entry| (ADDED, entry)));
        let shifts: Vec<_> = all.filter(concerned).collect();
        for &(shift, entry) in &shifts {
            let here = routes::Here {
                scan,
                caps: &terms.technician.caps,
                entry,
                shifts: &shifts,
                pieces: &pieces,
                legal: candidates.legal(),
                pools: terms.pools,
                blocked: terms.blocked,
            };
            let examined = candidates.open().and_then(|open| here.examine(open));
            match examined {
                Ok(starts) => {
                    feasible = feasible.or(Some(shift));
                    free.extend(&starts);
                }
                Err(failure) => {
                    let size = |failure: &Failure| (Reverse(failure.0), failure.2.size());
                    if nearest.as_ref().is_none_or(|old| size(&failure) < size(&old.1)) {
                        nearest = Some((Some(shift).filter(|at| *at != ADDED), failure));
                    }
                }
            }
        }
        let Some(shift) = feasible else {
            let no_shift = (None, (Rule::Shift, Reason::NoShift, Change::Other));
            return Err(nearest.unwrap_or(no_shift));
        };
        if request.roles.len() > 1 {
            let is_full = request.roles.len() <= fit::required_count(request);
            let replaces =
                terms.wished && is_full && !request.wishes.required.contains(&technician);
            let own = Own { technician, free: &free, pieces: &pieces, replaces };
            let all = || Free::new(scan, &candidates.to_ask().widened(window));
            let crew = if terms.is_asked {
                self.crews.get_or_init(all).examine(scan, &own)
            } else {
                all().examine(scan, &own)
            };
            crew.map_err(|failure| (Some(shift).filter(|at| *at != ADDED), failure))?;
        }
        Ok(shift)
    }
}

//! Why a technician cannot do a visit: the first rule that fails, its numbers, and the smallest change that helps.
//!
//! Rules are tried in the order of [`Rule`]. Each is asked only about starts that all rules before
//! it let through, with the rules after it switched off, so its numbers are exact: make the change
//! named and the rule passes; change one unit less and it still fails.

mod candidates;
mod crews;
mod obstacles;
mod people;
mod pools;
mod reasons;
mod routes;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::explain::candidates::{Candidates, Intervals};
use crate::problem::{ProblemErrors, Request, ShiftEntry, Snapshot};
use crate::slots::fit;
use crate::slots::scan::Scan;
use crate::units::{Moment, ShiftIdx, Span, TechnicianIdx};

pub use reasons::{Change, Explanation, Obstacle, Reason, Rule, Verdict};

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
/// Cost: O(technicians x gaps x starts asked about), microseconds per technician and day.
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
    let mut explainer = Explainer { scan, candidates, crews: None };
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
    candidates: Candidates,
    /// Instants and who is free, worked out when the first technician needs them.
    crews: Option<crews::Free>,
}

impl Explainer<'_> {
    fn verdict(&mut self, technician: TechnicianIdx) -> Verdict {
        match self.examine(technician) {
            Ok(shift) => {
                Verdict { technician, shift: Some(shift), rule: None, reason: None, change: None }
            }
            Err((shift, (rule, reason, change))) => Verdict {
                technician,
                shift,
                rule: Some(rule),
                reason: Some(reason),
                change: Some(change),
            },
        }
    }

    /// The shift in which the technician can do it, or the shift that comes nearest and the failure.
    fn examine(
        &mut self,
        technician: TechnicianIdx,
    ) -> Result<ShiftIdx, (Option<ShiftIdx>, Failure)> {
        let snapshot = self.scan.snapshot;
        let request = self.scan.request;
        let window = request.window.0;
        let asked = self.candidates.to_ask();
        people::examine(snapshot, request, technician, &asked.widened(window))
            .map_err(|failure| (None, failure))?;
        let mut nearest: Option<(Option<ShiftIdx>, Failure)> = None;
        let pieces = fit::pieces(request, snapshot.technician(technician));
        let mut feasible: Option<ShiftIdx> = None;
        let mut free = Intervals::default();
        let concerned =
            |(_, entry): &(ShiftIdx, &ShiftEntry)| self.candidates.concerns(entry.shift.shift());
        let shifts: Vec<_> = snapshot.shifts_of(technician).filter(concerned).collect();
        for &(shift, entry) in &shifts {
            let (scan, legal) = (&self.scan, self.candidates.legal());
            let here =
                routes::Here { scan, technician, entry, shifts: &shifts, pieces: &pieces, legal };
            let examined = self.candidates.open().and_then(|open| here.examine(open));
            match examined {
                Ok(starts) => {
                    feasible = feasible.or(Some(shift));
                    free.extend(&starts);
                }
                Err(failure) => {
                    let size = |failure: &Failure| (Reverse(failure.0), failure.2.size());
                    if nearest.as_ref().is_none_or(|old| size(&failure) < size(&old.1)) {
                        nearest = Some((Some(shift), failure));
                    }
                }
            }
        }
        let Some(shift) = feasible else {
            let no_shift = (None, (Rule::Shift, Reason::NoShift, Change::Other));
            return Err(nearest.unwrap_or(no_shift));
        };
        if request.roles.len() > 1 {
            let crews = self.crews.get_or_insert_with(|| {
                crews::Free::new(&self.scan, &self.candidates.to_ask().widened(window))
            });
            crews
                .examine(&self.scan, technician, &free)
                .map_err(|failure| (Some(shift), failure))?;
        }
        Ok(shift)
    }
}

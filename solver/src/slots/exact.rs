//! The fast path for crews with exact starts: keeps only the cheapest few technicians of each class.

use crate::slots::Workspace;
use crate::slots::active::Candidate;
use crate::slots::crews::{Enumeration, StartCrews};
use crate::slots::fit::RoleMask;
use crate::slots::member::Choice;
use crate::slots::scan::{Offer, Scan};
use crate::slots::singles::put;

/// Technicians who are interchangeable but for cost; a required one is a class of its own.
struct Class {
    mask: RoleMask,
    required: Option<u32>,
    /// Entries kept per start: as many as the cheapest crews can use.
    useful: usize,
    /// `useful` choices per start, best first, the unused ones [`Choice::NONE`].
    best: Vec<Choice>,
}

/// The cheapest `keep` crews of every start in the workspace; `None` where there is no crew.
///
/// Cost: O(gaps + hits x keep), plus a search among the few kept per start.
pub(crate) fn at_starts(
    scan: &Scan<'_>,
    keep: usize,
    workspace: &mut Workspace,
) -> Vec<Option<StartCrews>> {
    let Workspace { starts, counts, last_fit, offers, .. } = workspace;
    counts.clear();
    counts.resize(starts.len(), 0);
    last_fit.clear();
    last_fit.resize(starts.len(), u32::MAX);
    let mut classes: Vec<Class> = Vec::new();
    let mut hit = |offer: Offer| {
        let from = starts.partition_point(|&start| start < offer.first);
        if starts.get(from).is_none_or(|&start| start > offer.last) {
            return;
        }
        let class = class_of(scan, keep, &offer, starts.len(), &mut classes);
        for (at, &start) in (from..).zip(&starts[from..]) {
            if start > offer.last {
                break;
            }
            let is_new = last_fit[at] != offer.fit;
            last_fit[at] = offer.fit;
            counts[at] += u32::from(is_new);
            let list = &mut class.best[at * class.useful..(at + 1) * class.useful];
            put(list, Choice::new(scan, &offer, start), is_new);
        }
    };
    if offers.is_empty() {
        scan.offers(hit);
    } else {
        for offer in offers.iter() {
            hit(*offer);
        }
    }
    let mut candidates: Vec<Candidate> = Vec::new();
    let crews_of = |(at, (&start, &candidate_count)): (usize, (&i64, &u32))| {
        candidates.clear();
        for class in &classes {
            let list = &class.best[at * class.useful..(at + 1) * class.useful];
            let (mask, required) = (class.mask, class.required.is_some());
            let choices = list.iter().filter(|choice| choice.cost != i64::MAX);
            candidates.extend(choices.map(|&choice| Candidate { choice, mask, required }));
        }
        candidates.sort_by_key(|c| (!c.required, c.choice.cost, c.choice.fit));
        let found = Enumeration::new(scan, keep, &candidates).run(start);
        let crews: Vec<_> = found.iter().map(|found| found.crew(scan)).collect();
        (!crews.is_empty()).then_some(StartCrews { candidate_count, crews })
    };
    starts.iter().zip(counts.iter()).enumerate().map(crews_of).collect()
}

fn class_of<'c>(
    scan: &Scan<'_>,
    keep: usize,
    offer: &Offer,
    start_count: usize,
    classes: &'c mut Vec<Class>,
) -> &'c mut Class {
    let required = scan.fits[offer.fit as usize].required.then_some(offer.fit);
    let is_same = |class: &Class| class.mask == offer.mask && class.required == required;
    let known = classes.iter().position(is_same);
    let at = known.unwrap_or_else(|| {
        let useful = if required.is_some() { 1 } else { scan.request.roles.len() - 1 + keep };
        let best = vec![Choice::NONE; start_count * useful];
        classes.push(Class { mask: offer.mask, required, useful, best });
        classes.len() - 1
    });
    &mut classes[at]
}

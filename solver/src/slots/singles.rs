//! The fast path: visits for one person. Keeps only a count and the best few technicians per start.

use crate::slots::Workspace;
use crate::slots::member::Choice;
use crate::slots::scan::{Offer, Scan};

/// Fills `workspace.counts` and `workspace.best` for the starts in `workspace.starts`.
///
/// `keep`: how many technicians to keep per start, at least 1. `workspace.best` holds `keep`
/// entries per start, best first, the unused ones with the cost [`i64::MAX`].
///
/// Cost: O(gaps + hits x keep); no allocation once the workspace has grown.
pub(crate) fn collect(scan: &Scan<'_>, keep: usize, workspace: &mut Workspace) {
    let Workspace { starts, counts, last_fit, best, offers, .. } = workspace;
    counts.clear();
    counts.resize(starts.len(), 0);
    last_fit.clear();
    last_fit.resize(starts.len(), u32::MAX);
    best.clear();
    best.resize(starts.len() * keep, Choice::NONE);
    let window = scan.request.window.0;
    let mut hit = |offer: Offer| {
        let from = starts.partition_point(|&start| start < offer.first - window);
        for (at, &start) in (from..).zip(&starts[from..]) {
            if start > offer.last {
                break;
            }
            let choice = Choice::new(scan, &offer, start.max(offer.first));
            let is_new = last_fit[at] != offer.fit;
            if is_new {
                last_fit[at] = offer.fit;
                counts[at] += 1;
            }
            put(&mut best[at * keep..(at + 1) * keep], choice, is_new);
        }
    };
    if offers.is_empty() {
        scan.offers(hit);
    } else {
        for offer in offers.iter() {
            hit(*offer);
        }
    }
}

/// Puts a choice into a list ordered by cost, then key, with one entry per technician.
pub(crate) fn put(list: &mut [Choice], choice: Choice, is_new: bool) {
    let mut end = list.len() - 1;
    if !is_new && let Some(old) = list.iter().position(|other| other.fit == choice.fit) {
        if (list[old].cost, list[old].start) <= (choice.cost, choice.start) {
            return;
        }
        end = old;
    } else if (list[end].cost, list[end].fit) <= (choice.cost, choice.fit) {
        return;
    }
    let at =
        list[..end].partition_point(|other| (other.cost, other.fit) < (choice.cost, choice.fit));
    list.copy_within(at..end, at + 1);
    list[at] = choice;
}

//! The earliest start in every gap, wherever the grid lies.

use std::collections::{BTreeMap, BTreeSet};

use crate::problem::Request;
use crate::slots::active::Candidate;
use crate::slots::crews::{Enumeration, Found};
use crate::slots::grid::is_open;
use crate::slots::member::Choice;
use crate::slots::scan::{Offer, Scan};
use crate::units::Moment;

/// Crews by start: everybody with whom a technician of theirs could not begin a second sooner in the
/// same gap.
///
/// A crew can begin as soon as the last of its members can, so the first moments of single offers
/// are all there are.
///
/// Cost: O(offers) for one person; O(offers x (offers + crews listed)) for several.
pub(super) fn crews(
    scan: &Scan<'_>,
    keep: usize,
    offers: &[Offer],
) -> BTreeMap<i64, BTreeSet<Found>> {
    let mut all: BTreeMap<i64, BTreeSet<Found>> = BTreeMap::new();
    for (number, offer) in offers.iter().enumerate() {
        for start in first_moments(scan.request, offer) {
            if start > scan.last || !is_open(scan.request, Moment(start)) {
                continue;
            }
            let Some(candidates) = candidates(scan, offers, (number, start)) else { continue };
            let found = Enumeration::new(scan, keep, &candidates).run(start);
            if !found.is_empty() {
                all.entry(start).or_default().extend(found);
            }
        }
    }
    all
}

/// The first moment of an offer, in each span a start must lie in.
fn first_moments(request: &Request, offer: &Offer) -> Vec<i64> {
    let spans = &request.bounds.only_within;
    if spans.is_empty() {
        return vec![offer.first];
    }
    let inside = spans.iter().map(|span| (span.from.0.max(offer.first), span.until.0 - 1));
    inside.filter(|(from, last)| *from <= offer.last.min(*last)).map(|(from, _)| from).collect()
}

/// The technician of an offer, and those who could be in a crew with them at a start; none if somebody
/// who must be in it is missing.
fn candidates(
    scan: &Scan<'_>,
    offers: &[Offer],
    (number, start): (usize, i64),
) -> Option<Vec<Candidate>> {
    let own = &offers[number];
    let is_named = |offer: &Offer| scan.fits[offer.fit as usize].required;
    let one = |offer: &Offer, required| Candidate {
        choice: Choice::new(scan, offer, start),
        mask: offer.mask,
        required,
    };
    let mut all = vec![one(own, true)];
    let mut named = usize::from(is_named(own));
    if scan.request.roles.len() > 1 {
        let free =
            |offer: &&Offer| offer.fit != own.fit && offer.first <= start && start <= offer.last;
        // The offers of a technician follow each other.
        for offer in offers.iter().filter(free) {
            let next = one(offer, is_named(offer));
            match all.last_mut() {
                Some(last) if last.choice.fit == next.choice.fit => {
                    if next.choice.cost < last.choice.cost {
                        *last = next;
                    }
                }
                _ => {
                    named += usize::from(next.required);
                    all.push(next);
                }
            }
        }
        all.sort_by_key(|one| (!one.required, one.choice.cost, one.choice.fit));
    }
    let together = all.iter().take_while(|one| one.required).count();
    (named == scan.required_count && together <= scan.request.roles.len()).then_some(all)
}

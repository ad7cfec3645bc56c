//! The rule about complete crews: how many roles could be filled together with one technician.

use crate::explain::candidates::Intervals;
use crate::explain::{Change, Failure, Reason, Rule};
use crate::slots::fit::RoleMask;
use crate::slots::matching::Matching;
use crate::slots::scan::{Offer, Scan};
use crate::units::{Moment, Span, TechnicianIdx};

/// Everybody who is free at some planned start in question.
pub(super) struct Free {
    offers: Vec<Offer>,
    /// Starts at which somebody becomes free, ascending: between two of them nobody does.
    instants: Vec<i64>,
}

impl Free {
    pub(super) fn new(scan: &Scan<'_>, planned: &Intervals) -> Self {
        let mut offers = Vec::new();
        scan.offers(|offer| {
            for &(first, last) in &planned.clipped(offer.first, offer.last).0 {
                offers.push(Offer { first, last, ..offer });
            }
        });
        let mut instants: Vec<i64> = offers.iter().map(|offer| offer.first).collect();
        instants.sort_unstable();
        instants.dedup();
        Self { offers, instants }
    }

    /// Whether a complete crew with the technician exists at some start at which he is free.
    pub(super) fn examine(&self, scan: &Scan<'_>, own: &Own<'_>) -> Result<(), Failure> {
        let needed = scan.request.roles.len();
        let is_free =
            |at: &i64| own.free.0.iter().any(|(from, until)| (from..=until).contains(&at));
        // Somebody who is free only after a change is not among the instants yet.
        let begins = own.free.0.iter().map(|part| part.0);
        let instants = self.instants.iter().copied().chain(begins);
        let instants = instants.chain(own.pieces.iter().map(|(span, _)| span.from.0));
        let filled = instants.filter(is_free).map(|at| self.filled(scan, own, at)).max();
        let filled = filled.unwrap_or(1);
        if filled >= needed {
            return Ok(());
        }
        Err((Rule::Crew, Reason::CrewIncomplete { filled, needed }, Change::Other))
    }

    /// Roles that can be filled at one instant by the technician, the required people and others.
    fn filled(&self, scan: &Scan<'_>, own: &Own<'_>, at: i64) -> usize {
        let roles = scan.request.roles.len();
        // Who comes although others fill the whole crew takes the place of one of them.
        let required_count = if own.replaces { 0 } else { scan.required_count };
        let mut present: Vec<(bool, u32, RoleMask)> = self
            .offers
            .iter()
            .filter(|offer| (offer.first..=offer.last).contains(&at))
            .filter(|offer| scan.fits[offer.fit as usize].technician != own.technician)
            .map(|offer| {
                let is_required = scan.fits[offer.fit as usize].required && !own.replaces;
                (!is_required, offer.fit, offer.mask)
            })
            .collect();
        present.extend(own.mask(at).map(|mask| (false, u32::MAX, mask)));
        present.sort_unstable();
        present.dedup();
        let is_required = |fit: u32| match scan.fits.get(fit as usize) {
            Some(fit) => fit.required && !own.replaces,
            None => required_count > 0 && scan.request.wishes.required.contains(&own.technician),
        };
        let required = present.iter().filter(|(_, fit, _)| is_required(*fit)).count();
        let missing = required_count.saturating_sub(required);
        let mut matching = Matching::default();
        let mut filled = 0;
        for &(is_optional, _, mask) in &present {
            let is_in = matching.add(mask);
            if !is_in && !is_optional {
                // The technician and the people wished for cannot all have a role of their own.
                return filled.min(roles - 1);
            }
            filled += usize::from(is_in);
        }
        filled.min(roles - missing.min(roles))
    }
}

/// The technician a crew is looked for.
pub(super) struct Own<'a> {
    pub(super) technician: TechnicianIdx,
    /// Planned starts at which the technician is free.
    pub(super) free: &'a Intervals,
    /// Roles the technician can take, by start.
    pub(super) pieces: &'a [(Span, RoleMask)],
    /// Whether the technician comes although the people wished for fill the crew.
    pub(super) replaces: bool,
}

impl Own<'_> {
    fn mask(&self, at: i64) -> Option<RoleMask> {
        let here = self.pieces.iter().find(|(span, _)| span.contains(Moment(at)));
        here.map(|(_, mask)| *mask)
    }
}

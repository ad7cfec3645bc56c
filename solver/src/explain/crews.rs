//! The rule about complete crews: how many roles could be filled together with one technician.

use crate::explain::candidates::Intervals;
use crate::explain::{Change, Failure, Reason, Rule};
use crate::slots::fit::RoleMask;
use crate::slots::matching::Matching;
use crate::slots::scan::{Offer, Scan};
use crate::units::TechnicianIdx;

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
    pub(super) fn examine(
        &self,
        scan: &Scan<'_>,
        technician: TechnicianIdx,
        free: &Intervals,
    ) -> Result<(), Failure> {
        let needed = scan.request.roles.len();
        let is_free = |at: i64| free.0.iter().any(|&(from, until)| (from..=until).contains(&at));
        let instants = self.instants.iter().filter(|&&at| is_free(at));
        let filled = instants.map(|&at| self.filled(scan, technician, at)).max().unwrap_or(1);
        if filled >= needed {
            return Ok(());
        }
        Err((Rule::Crew, Reason::CrewIncomplete { filled, needed }, Change::Other))
    }

    /// Roles that can be filled at one instant by the technician, the required people and others.
    fn filled(&self, scan: &Scan<'_>, technician: TechnicianIdx, at: i64) -> usize {
        let mut present: Vec<(bool, u32, RoleMask)> = self
            .offers
            .iter()
            .filter(|offer| (offer.first..=offer.last).contains(&at))
            .map(|offer| {
                let fit = &scan.fits[offer.fit as usize];
                let is_optional = fit.technician != technician && !fit.required;
                (is_optional, offer.fit, offer.mask)
            })
            .collect();
        present.sort_unstable();
        present.dedup();
        let required =
            present.iter().filter(|(_, fit, _)| scan.fits[*fit as usize].required).count();
        let missing = scan.required_count - required;
        let mut matching = Matching::default();
        let mut filled = 0;
        for &(is_optional, _, mask) in &present {
            let is_in = matching.add(mask);
            if !is_in && !is_optional {
                // The technician and the people wished for cannot all have a role of their own.
                return filled.min(scan.request.roles.len() - 1);
            }
            filled += usize::from(is_in);
        }
        filled.min(scan.request.roles.len() - missing.min(scan.request.roles.len()))
    }
}

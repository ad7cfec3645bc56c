//! Who is free at the instant a sweep has reached, by the roles they can take.

use crate::slots::fit::RoleMask;
use crate::slots::member::Choice;
use crate::slots::scan::{Offer, Scan};

/// A technician who could be in the crew at one instant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) choice: Choice,
    pub(super) mask: RoleMask,
    pub(super) required: bool,
}

/// Most people of a class that [`Active::matters`] counts.
const USEFUL_MAX: usize = 16;

/// Offers under way: cost without overtime, position in the list of fits, position in the offers.
type Entry = (i64, u32, u32);

/// The offers under way, in classes whose members are interchangeable but for cost.
#[derive(Debug, Default)]
pub(super) struct Active {
    /// One list per mask and whether the people are required, ordered.
    classes: Vec<((RoleMask, bool), Vec<Entry>)>,
}

impl Active {
    pub(super) fn add(&mut self, scan: &Scan<'_>, at: u32, offer: &Offer) {
        let list = self.class(scan, offer);
        let entry = (offer.cost, offer.fit, at);
        let position = list.partition_point(|other| *other < entry);
        list.insert(position, entry);
    }

    pub(super) fn remove(&mut self, scan: &Scan<'_>, at: u32, offer: &Offer) {
        let list = self.class(scan, offer);
        if let Ok(position) = list.binary_search(&(offer.cost, offer.fit, at)) {
            list.remove(position);
        }
    }

    fn class(&mut self, scan: &Scan<'_>, offer: &Offer) -> &mut Vec<Entry> {
        let key = (offer.mask, scan.fits[offer.fit as usize].required);
        let known = self.classes.iter().position(|(other, _)| *other == key);
        let at = known.unwrap_or_else(|| {
            self.classes.push((key, Vec::new()));
            self.classes.len() - 1
        });
        &mut self.classes[at].1
    }

    /// Whether an offer under way may be among those worth considering at `instant`: `false` is
    /// certain.
    ///
    /// Cost: O(people worth considering), as long as few of the cheapest are in overtime.
    pub(super) fn matters(
        &self,
        scan: &Scan<'_>,
        keep: usize,
        (offers, at): (&[Offer], u32),
        instant: i64,
    ) -> bool {
        let mut cheaper = [u32::MAX; USEFUL_MAX];
        let useful = scan.request.roles.len() - 1 + keep;
        let offer = &offers[at as usize];
        let key = (offer.mask, scan.fits[offer.fit as usize].required);
        if key.1 || useful > USEFUL_MAX {
            return true;
        }
        let list = self.classes.iter().find(|(other, _)| *other == key).map(|(_, list)| list);
        let mut count = 0;
        for &entry @ (_, fit, other) in list.into_iter().flatten() {
            if entry >= (offer.cost, offer.fit, at) {
                return true;
            }
            // Overtime adds to a cost, so only who has none is surely cheaper.
            if offers[other as usize].last_soft < instant || cheaper[..count].contains(&fit) {
                continue;
            }
            if fit == offer.fit || count + 1 == useful {
                return false;
            }
            cheaper[count] = fit;
            count += 1;
        }
        true
    }

    /// The people worth considering at `instant`, required ones first, then by cost.
    ///
    /// One entry per technician and, in each class, only as many as the cheapest `keep` crews can
    /// use: a crew with a dearer one has at least `keep` cheaper rivals.
    pub(super) fn cheapest(
        &self,
        scan: &Scan<'_>,
        keep: usize,
        offers: &[Offer],
        instant: i64,
        candidates: &mut Vec<Candidate>,
    ) {
        candidates.clear();
        let useful = scan.request.roles.len() - 1 + keep;
        for &((mask, required), ref list) in &self.classes {
            let begun = candidates.len();
            for &(cost, fit, at) in list {
                let class = &candidates[begun..];
                // Overtime only adds to the cost, so what follows cannot beat a full class.
                if !required && class.len() >= useful && class[useful - 1].choice.cost <= cost {
                    break;
                }
                let choice = Choice::new(scan, &offers[at as usize], instant);
                put(candidates, begun, Candidate { choice, mask, required });
                if !required {
                    candidates.truncate(begun + useful);
                }
                debug_assert!(choice.fit == fit, "an entry belongs to its offer");
            }
        }
        candidates.sort_by_key(|c| (!c.required, c.choice.cost, c.choice.fit));
    }
}

/// Puts a candidate into the class from `begun` on, ordered by cost, one entry per technician.
fn put(candidates: &mut Vec<Candidate>, begun: usize, new: Candidate) {
    let rating = |c: &Candidate| (c.choice.cost, c.choice.fit);
    let class = &candidates[begun..];
    if let Some(old) = class.iter().position(|other| other.choice.fit == new.choice.fit) {
        if class[old].choice.cost <= new.choice.cost {
            return;
        }
        candidates.remove(begun + old);
    }
    let at = candidates[begun..].partition_point(|other| rating(other) < rating(&new));
    candidates.insert(begun + at, new);
}

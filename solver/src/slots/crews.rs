//! The general path: crews of any size, and full lists of technicians.

use crate::slots::Crew;
use crate::slots::active::{Active, Candidate};
use crate::slots::fit::RoleMask;
use crate::slots::matching::Matching;
use crate::slots::member::Choice;
use crate::slots::scan::{Offer, Scan};
use crate::units::Moment;

/// Most crews listed for one start.
pub(crate) const CREWS_MAX: usize = 1000;

/// A set of people at one instant; members by position in the list of fits, ascending.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    cost: i64,
    start: i64,
    fits: Vec<u32>,
    /// Fit, shift and gap, in role order.
    members: Vec<(u32, u32, u32)>,
}

/// For one start: how many technicians could fill a role, and the cheapest crews.
pub(crate) struct StartCrews {
    pub(crate) candidate_count: u32,
    pub(crate) crews: Vec<Crew>,
}

/// The cheapest crews of every start in `starts`; `None` where there is no crew.
///
/// Crews are worked out once per instant at which they can change (somebody becomes free, or a
/// start itself), and each start takes the best of the instants in its window. Overtime only grows
/// with the start, so no other instant can be better.
///
/// Cost: O(offers x log offers + instants x cheapest few + starts x instants in a window).
pub(crate) fn at_starts(
    scan: &Scan<'_>,
    starts: &[i64],
    keep: usize,
    offers: &[Offer],
) -> Vec<Option<StartCrews>> {
    let keep = keep.clamp(1, CREWS_MAX);
    let counts = candidate_counts(scan, starts, offers);
    let instants = instants(scan, starts, offers);
    let found = sweep(scan, keep, (starts, &instants), offers);
    let window = scan.request.window.0;
    let crews_of = |(&start, candidate_count): (&i64, u32)| {
        let from = found.partition_point(|(instant, _)| *instant < start);
        let until = found.partition_point(|(instant, _)| *instant <= start + window);
        let mut best: Vec<&Found> = Vec::with_capacity(keep.min(8) + 1);
        for crew in found[from..until].iter().flat_map(|(_, crews)| crews) {
            merge(&mut best, crew, keep);
        }
        let crews: Vec<Crew> = best.into_iter().map(|found| found.crew(scan)).collect();
        (!crews.is_empty()).then_some(StartCrews { candidate_count, crews })
    };
    starts.iter().zip(counts).map(crews_of).collect()
}

/// For each start, how many technicians could fill some role at some moment of its window.
fn candidate_counts(scan: &Scan<'_>, starts: &[i64], offers: &[Offer]) -> Vec<u32> {
    let window = scan.request.window.0;
    let mut counts = vec![0; starts.len()];
    let mut last_fit = vec![u32::MAX; starts.len()];
    for offer in offers {
        let from = starts.partition_point(|&start| start < offer.first - window);
        for (at, &start) in (from..).zip(&starts[from..]) {
            if start > offer.last {
                break;
            }
            // The offers of a technician follow each other.
            counts[at] += u32::from(last_fit[at] != offer.fit);
            last_fit[at] = offer.fit;
        }
    }
    counts
}

/// The moments, ascending, at which the best crews of some start may be found.
fn instants(scan: &Scan<'_>, starts: &[i64], offers: &[Offer]) -> Vec<i64> {
    let window = scan.request.window.0;
    let mut instants = starts.to_vec();
    if window > 0 {
        let is_asked = |moment: &i64| {
            let next = starts.partition_point(|&start| start <= *moment);
            next > 0 && starts[next - 1] + window >= *moment
        };
        instants.extend(offers.iter().map(|offer| offer.first).filter(is_asked));
        instants.sort_unstable();
        instants.dedup();
    }
    instants
}

/// The cheapest crews at the instants at which there are some; `starts` and `instants` ascend.
///
/// Between two starts only crews with somebody who has just become free are new, so an instant is
/// left out if none of those is among the cheapest.
fn sweep(
    scan: &Scan<'_>,
    keep: usize,
    (starts, instants): (&[i64], &[i64]),
    offers: &[Offer],
) -> Vec<(i64, Vec<Found>)> {
    let mut by_first: Vec<u32> = (0_u32..).zip(offers).map(|(at, _)| at).collect();
    let mut by_last = by_first.clone();
    by_first.sort_unstable_by_key(|&at| offers[at as usize].first);
    by_last.sort_unstable_by_key(|&at| offers[at as usize].last);
    let (mut next_first, mut next_last) = (0, 0);
    let mut active = Active::default();
    let mut candidates: Vec<Candidate> = Vec::new();
    let mut found = Vec::with_capacity(starts.len());
    for &instant in instants {
        let begun = next_first;
        while let Some(&at) = by_first.get(next_first) {
            if offers[at as usize].first > instant {
                break;
            }
            active.add(scan, at, &offers[at as usize]);
            next_first += 1;
        }
        while let Some(&at) = by_last.get(next_last) {
            if offers[at as usize].last >= instant {
                break;
            }
            active.remove(scan, at, &offers[at as usize]);
            next_last += 1;
        }
        let is_start = starts.binary_search(&instant).is_ok();
        let new = &by_first[begun..next_first];
        let matters = |at: &u32| active.matters(scan, keep, (offers, *at), instant);
        if !is_start && !new.iter().any(matters) {
            continue;
        }
        active.cheapest(scan, keep, offers, instant, &mut candidates);
        let is_new = |candidate: &Candidate| {
            new.iter().any(|&at| offers[at as usize].fit == candidate.choice.fit)
        };
        if is_start || candidates.iter().any(is_new) {
            let crews = Enumeration::new(scan, keep, &candidates).run(instant);
            if !crews.is_empty() {
                found.push((instant, crews));
            }
        }
    }
    found
}

/// Adds a crew to a list ordered by cost; of one set of people only the best entry stays.
fn merge<'f>(best: &mut Vec<&'f Found>, crew: &'f Found, keep: usize) {
    if best.len() == keep && best.last().is_some_and(|last| *last <= crew) {
        return;
    }
    match best.iter().position(|other| other.fits == crew.fits) {
        Some(at) if best[at] <= crew => return,
        Some(at) => {
            best.remove(at);
        }
        None => {}
    }
    let at = best.partition_point(|other| *other < crew);
    best.insert(at, crew);
    best.truncate(keep);
}

/// Depth-first search for the cheapest complete crews.
///
/// The candidates are in order of cost, so the sum of the next few is a lower bound, and the first
/// crew found by always taking the next that fits is the cheapest one (the sets of people that can
/// be matched to roles form a matroid).
pub(super) struct Enumeration<'a> {
    candidates: &'a [Candidate],
    crew_size: usize,
    required: usize,
    keep: usize,
    chosen: Vec<usize>,
    matching: Matching,
    found: Vec<(i64, Vec<usize>)>,
}

impl<'a> Enumeration<'a> {
    pub(super) fn new(scan: &Scan<'_>, keep: usize, candidates: &'a [Candidate]) -> Self {
        Self {
            candidates,
            crew_size: scan.request.roles.len(),
            required: scan.required_count,
            keep,
            chosen: Vec::new(),
            matching: Matching::default(),
            found: Vec::new(),
        }
    }

    pub(super) fn run(mut self, instant: i64) -> Vec<Found> {
        let present = self.candidates.iter().take_while(|c| c.required).count();
        if present < self.required || self.candidates.len() < self.crew_size || !self.is_complete()
        {
            return Vec::new();
        }
        let mut cost = 0;
        for at in 0..present {
            if !self.matching.add(self.candidates[at].mask) {
                return Vec::new();
            }
            self.chosen.push(at);
            cost += self.candidates[at].choice.cost;
        }
        self.extend(present, cost);
        let found = std::mem::take(&mut self.found);
        found.into_iter().map(|(cost, chosen)| self.describe(cost, &chosen, instant)).collect()
    }

    /// Whether enough people can be matched to all roles at all.
    fn is_complete(&self) -> bool {
        let mut matching = Matching::default();
        self.candidates.iter().filter(|c| matching.add(c.mask)).count() >= self.crew_size
    }

    fn extend(&mut self, from: usize, cost: i64) {
        let missing = self.crew_size - self.chosen.len();
        if missing == 0 {
            let at = self.found.partition_point(|(other, _)| *other <= cost);
            self.found.insert(at, (cost, self.chosen.clone()));
            self.found.truncate(self.keep);
            return;
        }
        for at in from..self.candidates.len() {
            let Some(next) = self.candidates.get(at..at + missing) else { return };
            let bound = cost + next.iter().map(|c| c.choice.cost).sum::<i64>();
            if self.found.len() == self.keep && self.found.last().is_some_and(|f| f.0 <= bound) {
                return;
            }
            let before = self.matching;
            if self.matching.add(self.candidates[at].mask) {
                self.chosen.push(at);
                self.extend(at + 1, cost + self.candidates[at].choice.cost);
                self.chosen.pop();
            }
            self.matching = before;
        }
    }

    fn describe(&self, cost: i64, chosen: &[usize], start: i64) -> Found {
        let mut matching = Matching::default();
        for &at in chosen {
            matching.add(self.candidates[at].mask);
        }
        let choice = |at: usize| self.candidates[at].choice;
        let mut fits: Vec<u32> = chosen.iter().map(|&at| choice(at).fit).collect();
        fits.sort_unstable();
        let members = (0..self.crew_size)
            .filter_map(|role| matching.who(role))
            .map(|nth| choice(chosen[nth]))
            .map(|choice| (choice.fit, choice.shift.0, choice.gap))
            .collect();
        Found { cost, start, fits, members }
    }
}

impl Found {
    pub(super) fn crew(&self, scan: &Scan<'_>) -> Crew {
        let member = |&(fit, shift, gap): &(u32, u32, u32)| {
            let shift = crate::units::ShiftIdx(shift);
            Choice { cost: 0, start: self.start, fit, shift, gap }.member(scan)
        };
        Crew {
            planned_start: Moment(self.start),
            members: self.members.iter().map(member).collect(),
            cost: self.cost,
        }
    }
}

/// Planned starts, as closed intervals, ascending and disjoint, at which a complete crew exists.
///
/// Cost: O(offers x log offers), plus one matching per change of who is free.
pub(crate) fn feasible_intervals(scan: &Scan<'_>, offers: &[Offer]) -> Vec<(i64, i64)> {
    // Ends sort before starts at the same moment, so a technician whose roles change is counted once.
    let mut events: Vec<(i64, bool, u32)> = Vec::with_capacity(offers.len() * 2);
    for (at, offer) in (0_u32..).zip(offers) {
        events.push((offer.first, true, at));
        events.push((offer.last + 1, false, at));
    }
    events.sort_unstable();
    let mut active = vec![0_u32; scan.fits.len()];
    let mut masks = [0_u32; RoleMask::MAX as usize + 1];
    let mut required: Vec<(u32, RoleMask)> = Vec::new();
    let mut intervals = Vec::new();
    let mut open: Option<i64> = None;
    for (at, &(moment, starts, index)) in events.iter().enumerate() {
        let offer = &offers[index as usize];
        let count = &mut active[offer.fit as usize];
        *count = if starts { *count + 1 } else { *count - 1 };
        let changed = *count == u32::from(starts);
        if changed && scan.fits[offer.fit as usize].required {
            required.retain(|&(fit, _)| fit != offer.fit);
            if starts {
                required.push((offer.fit, offer.mask));
            }
        } else if changed {
            let mask = &mut masks[usize::from(offer.mask)];
            *mask = if starts { *mask + 1 } else { *mask - 1 };
        }
        if events.get(at + 1).is_some_and(|next| next.0 == moment) {
            continue;
        }
        let exists = crew_exists(scan, &masks, &required);
        match open {
            None if exists => open = Some(moment),
            Some(from) if !exists => {
                intervals.push((from, moment - 1));
                open = None;
            }
            _ => {}
        }
    }
    intervals
}

fn crew_exists(scan: &Scan<'_>, masks: &[u32], required: &[(u32, RoleMask)]) -> bool {
    let crew_size = scan.request.roles.len();
    let mut matching = Matching::default();
    if required.len() < scan.required_count || !required.iter().all(|&(_, mask)| matching.add(mask))
    {
        return false;
    }
    let mut filled = required.len();
    for (mask, &count) in (0..=RoleMask::MAX).zip(masks) {
        for _ in 0..count.min(u32::try_from(crew_size).unwrap_or(u32::MAX)) {
            filled += usize::from(matching.add(mask));
        }
    }
    filled >= crew_size
}

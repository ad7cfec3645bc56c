//! The general path: crews of any size, and full lists of technicians.

use crate::slots::fit::RoleMask;
use crate::slots::matching::Matching;
use crate::slots::member::Choice;
use crate::slots::scan::{Offer, Scan};
use crate::slots::{Crew, Workspace};
use crate::units::Moment;

/// Most crews listed for one start.
pub(crate) const CREWS_MAX: usize = 1000;

/// A technician who could be in the crew at one instant.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    choice: Choice,
    mask: RoleMask,
    required: bool,
}

/// A set of people at one instant; members by position in the list of fits, ascending.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    cost: i64,
    start: i64,
    fits: Vec<u32>,
    /// In role order.
    members: Vec<(u32, u32, u32)>,
}

/// For one start: how many technicians could fill a role, and the cheapest crews.
pub(crate) struct StartCrews {
    pub(crate) candidate_count: u32,
    pub(crate) crews: Vec<Crew>,
}

/// Fills the workspace with the offers that reach each start: those of start `j` are
/// `hits[first[j]..first[j + 1]]`. Cost: O(hits).
pub(crate) fn distribute(scan: &Scan<'_>, workspace: &mut Workspace) {
    let Workspace { starts, offers, hits, hit_first, .. } = workspace;
    let window = scan.request.window.0;
    let range = |offer: &Offer| {
        let from = starts.partition_point(|&start| start < offer.first - window);
        let until = from + starts[from..].partition_point(|&start| start <= offer.last);
        from..until
    };
    hit_first.clear();
    hit_first.resize(starts.len() + 1, 0);
    for offer in offers.iter() {
        for at in range(offer) {
            hit_first[at + 1] += 1;
        }
    }
    for at in 1..hit_first.len() {
        hit_first[at] += hit_first[at - 1];
    }
    let total = hit_first.last().copied().unwrap_or(0);
    hits.clear();
    hits.resize(total as usize, 0);
    let mut next = hit_first.clone();
    for (index, offer) in (0_u32..).zip(offers.iter()) {
        for at in range(offer) {
            hits[next[at] as usize] = index;
            next[at] += 1;
        }
    }
}

/// The cheapest crews of a start; `None` if there is no crew.
///
/// * `reaching`: the offers that reach `start..=start + window`.
pub(crate) fn at_start(
    scan: &Scan<'_>,
    start: i64,
    keep: usize,
    offers: &[Offer],
    reaching: &[u32],
) -> Option<StartCrews> {
    let keep = keep.clamp(1, CREWS_MAX);
    let reached = || reaching.iter().map(|&at| &offers[at as usize]);
    let end = start + scan.request.window.0;
    let mut instants: Vec<i64> =
        reached().map(|offer| offer.first.max(start)).filter(|&s| s <= end).collect();
    instants.sort_unstable();
    instants.dedup();
    let mut found: Vec<Found> = Vec::new();
    let mut candidates: Vec<Candidate> = Vec::new();
    for instant in instants {
        candidates.clear();
        for offer in reached().filter(|offer| (offer.first..=offer.last).contains(&instant)) {
            let required = scan.fits[offer.fit as usize].required;
            let choice = Choice::new(scan, offer, instant);
            candidates.push(Candidate { choice, mask: offer.mask, required });
        }
        shorten(scan, keep, &mut candidates);
        let crews = Enumeration::new(scan, keep, &candidates).run(instant);
        merge(&mut found, crews, keep);
    }
    if found.is_empty() {
        return None;
    }
    let mut fits: Vec<u32> = reached().map(|offer| offer.fit).collect();
    fits.sort_unstable();
    fits.dedup();
    let candidate_count = u32::try_from(fits.len()).unwrap_or(u32::MAX);
    let crews = found.into_iter().map(|found| found.crew(scan)).collect();
    Some(StartCrews { candidate_count, crews })
}

/// Keeps one entry per technician and, among those for the same roles, only as many as the
/// cheapest crews can use: a crew with a dearer one has at least `keep` cheaper rivals.
fn shorten(scan: &Scan<'_>, keep: usize, candidates: &mut Vec<Candidate>) {
    candidates.sort_by_key(|c| (c.choice.fit, c.choice.cost));
    candidates.dedup_by_key(|c| c.choice.fit);
    candidates.sort_by_key(|c| (!c.required, c.choice.cost, c.choice.fit));
    let useful = scan.request.roles.len() - 1 + keep;
    let mut seen = [0_usize; RoleMask::MAX as usize + 1];
    candidates.retain(|c| {
        let count = &mut seen[usize::from(c.mask)];
        *count += usize::from(!c.required);
        c.required || *count <= useful
    });
}

fn merge(found: &mut Vec<Found>, new: Vec<Found>, keep: usize) {
    for crew in new {
        match found.iter_mut().find(|other| other.fits == crew.fits) {
            Some(other) if *other <= crew => {}
            Some(other) => *other = crew,
            None => found.push(crew),
        }
    }
    found.sort_unstable();
    found.truncate(keep);
}

/// Depth-first search for the cheapest complete crews.
///
/// The candidates are in order of cost, so the sum of the next few is a lower bound, and the first
/// crew found by always taking the next that fits is the cheapest one (the sets of people that can
/// be matched to roles form a matroid).
struct Enumeration<'a> {
    candidates: &'a [Candidate],
    crew_size: usize,
    required: usize,
    keep: usize,
    chosen: Vec<usize>,
    matching: Matching,
    found: Vec<(i64, Vec<usize>)>,
}

impl<'a> Enumeration<'a> {
    fn new(scan: &Scan<'_>, keep: usize, candidates: &'a [Candidate]) -> Self {
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

    fn run(mut self, instant: i64) -> Vec<Found> {
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
    fn crew(&self, scan: &Scan<'_>) -> Crew {
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

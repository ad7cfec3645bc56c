//! Where a new visit fits: every feasible start with the crews that can do it and what they cost.

mod active;
mod crews;
mod earliest;
mod exact;
pub(crate) mod fit;
pub(crate) mod grid;
pub(crate) mod matching;
mod member;
pub(crate) mod pools;
pub(crate) mod scan;
mod singles;

use crate::problem::{Grid, Leg, ProblemErrors, Request, Snapshot, ZoneLevel};
use crate::slots::member::Choice;
use crate::slots::scan::{Offer, Scan};
use crate::units::{Metres, Moment, Seconds, ShiftIdx, TechnicianIdx};

/// How much of the answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SearchOptions {
    /// Crews listed per slot, cheapest first; 0 = only starts and counts.
    pub crews_per_slot: usize,
}

impl SearchOptions {
    /// Every crew of every slot, at most a thousand each.
    pub const ALL: Self = Self { crews_per_slot: crews::CREWS_MAX };
}

impl Default for SearchOptions {
    fn default() -> Self {
        Self { crews_per_slot: 3 }
    }
}

/// A start at which an insertion into the plan is proven feasible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// The promised start; with an arrival window, its beginning.
    pub start: Moment,
    /// Position in the request's `days`.
    pub day: Option<usize>,
    /// For one person: how many technicians can do it. For a crew: how many could fill some role.
    pub candidate_count: u32,
    /// The cheapest crews, best first; as many as asked for.
    pub crews: Vec<Crew>,
    /// Cost of the best crew plus the cost of waiting; lower is better.
    pub score: i64,
    /// 0 for the best slot of the answer.
    pub rank: u32,
}

/// People who can do the visit together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crew {
    /// When they start; inside the promised window.
    pub planned_start: Moment,
    /// One per role, in role order.
    pub members: Vec<Member>,
    /// Sum over the members by the request's weights.
    pub cost: i64,
}

impl Crew {
    /// Seconds of driving the visit adds, over all members.
    pub fn added_travel(&self) -> Seconds {
        Seconds(self.members.iter().map(|member| member.added_travel().0).sum())
    }

    /// Metres of driving the visit adds, over all members.
    pub fn added_distance(&self) -> Metres {
        Metres(self.members.iter().map(|member| member.added_distance().0).sum())
    }

    /// Seconds of overtime in the routes of the members.
    pub fn overtime(&self) -> Seconds {
        Seconds(self.members.iter().map(|member| member.overtime.0).sum())
    }
}

/// One person of a crew and where the visit goes in that person's route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub technician: TechnicianIdx,
    /// In which shift.
    pub shift: ShiftIdx,
    /// After how many of the shift's stops.
    pub position: usize,
    /// Drive from the stop before (or the start place).
    pub before: Leg,
    /// Drive to the next stop (or the end place).
    pub after: Leg,
    /// The drive these two replace.
    pub replaced: Leg,
    /// Least overtime the shift then has, in seconds.
    pub overtime: Seconds,
    /// How well the technician's zones cover the place.
    pub zone: ZoneLevel,
}

impl Member {
    /// Seconds of driving added to the route; negative if the new place lies on a better road.
    pub fn added_travel(&self) -> Seconds {
        self.before.travel() + self.after.travel() - self.replaced.travel()
    }

    /// Metres of driving added to the route.
    pub fn added_distance(&self) -> Metres {
        self.before.distance() + self.after.distance() - self.replaced.distance()
    }
}

/// Memory reused from search to search; grows to what the largest one needed.
#[derive(Debug, Clone, Default)]
pub struct Workspace {
    starts: Vec<i64>,
    counts: Vec<u32>,
    last_fit: Vec<u32>,
    best: Vec<Choice>,
    offers: Vec<Offer>,
}

/// Most technicians per start that the fast path keeps.
const KEEP_MAX: usize = 8;

/// Every feasible start on the request's grid, ascending, with the crews that can do it.
///
/// A start `t` is feasible exactly if at some moment of `[t, t + window]` a complete crew and its
/// equipment are free and every route concerned stays feasible. Existing visits move inside their
/// promises as needed; those done by a crew or with pooled equipment are given as fixed and stay.
///
/// The answer does not depend on the order of technicians or shifts; keys settle ties.
///
/// Cost: O(gaps + hits) for one person; crews add a search among the technicians free at each start.
///
/// # Errors
/// Every fault of the request, see [`Request::check`].
pub fn search(
    snapshot: &Snapshot,
    request: &Request,
    options: SearchOptions,
    workspace: &mut Workspace,
) -> Result<Vec<Slot>, ProblemErrors> {
    request.check(snapshot)?;
    let scan = Scan::new(snapshot, request);
    let is_single = request.roles.len() == 1 && options.crews_per_slot <= KEEP_MAX;
    let Workspace { starts, offers, .. } = &mut *workspace;
    offers.clear();
    *starts = match &request.grid {
        Grid::Listed(listed) => grid::listed(request, listed, scan.first, scan.last),
        Grid::Anchored { .. } => {
            scan.offers(|offer| offers.push(offer));
            let intervals = if is_single {
                grid::join(offers.iter().map(|offer| (offer.first, offer.last)).collect())
            } else {
                crews::feasible_intervals(&scan, offers)
            };
            let mut starts = grid::anchored(request, &intervals);
            starts.retain(|&start| start <= scan.last);
            starts
        }
    };
    let mut slots = if is_single {
        single_slots(&scan, options, workspace)
    } else {
        crew_slots(&scan, options, workspace)
    };
    rank(&mut slots);
    Ok(slots)
}

/// The earliest start in every gap of every technician, wherever the grid lies, ascending; each with
/// the crews in which somebody could not begin a second sooner.
///
/// Between the starts of a grid there may be room that holds none of them; this finds it. Rules are
/// those of [`search`], but an arrival window is not looked at: the start is the planned one.
///
/// * `crews_per_slot`: crews listed for each technician and start, cheapest first; at least 1.
///
/// Cost: O(gaps) for one person; O(gaps x (gaps + crews listed)) for several.
///
/// # Errors
/// Every fault of the request, see [`Request::check`].
pub fn earliest(
    snapshot: &Snapshot,
    request: &Request,
    crews_per_slot: usize,
) -> Result<Vec<Slot>, ProblemErrors> {
    request.check(snapshot)?;
    let scan = Scan::new(snapshot, request);
    let mut offers: Vec<Offer> = Vec::new();
    scan.offers(|offer| offers.push(offer));
    let keep = crews_per_slot.clamp(1, crews::CREWS_MAX);
    let mut slots: Vec<Slot> = Vec::new();
    for (start, found) in earliest::crews(&scan, keep, &offers) {
        let crews: Vec<Crew> = found.iter().map(|found| found.crew(&scan)).collect();
        let count = u32::try_from(crews.len()).unwrap_or(u32::MAX);
        let cost = crews.first().map_or(0, |crew| crew.cost);
        slots.push(slot(request, start, count, crews, cost));
    }
    rank(&mut slots);
    Ok(slots)
}

fn single_slots(scan: &Scan<'_>, options: SearchOptions, workspace: &mut Workspace) -> Vec<Slot> {
    let keep = options.crews_per_slot.max(1);
    singles::collect(scan, keep, workspace);
    let mut slots = Vec::with_capacity(workspace.starts.len());
    for (at, &start) in workspace.starts.iter().enumerate() {
        let best = &workspace.best[at * keep..(at + 1) * keep];
        if best[0].cost == i64::MAX {
            continue;
        }
        let crew = |choice: &Choice| Crew {
            planned_start: Moment(choice.start),
            members: vec![choice.member(scan)],
            cost: choice.cost,
        };
        let listed = best.iter().take(options.crews_per_slot).filter(|c| c.cost != i64::MAX);
        let crews = listed.map(crew).collect();
        slots.push(slot(scan.request, start, workspace.counts[at], crews, best[0].cost));
    }
    slots
}

fn crew_slots(scan: &Scan<'_>, options: SearchOptions, workspace: &mut Workspace) -> Vec<Slot> {
    let keep = options.crews_per_slot.max(1);
    let found = if keep <= KEEP_MAX && scan.request.window == Seconds::ZERO {
        exact::at_starts(scan, keep, workspace)
    } else {
        if workspace.offers.is_empty() {
            scan.offers(|offer| workspace.offers.push(offer));
        }
        crews::at_starts(scan, &workspace.starts, keep, &workspace.offers)
    };
    let starts = &workspace.starts;
    let mut slots = Vec::new();
    for (&start, found) in starts.iter().zip(found) {
        let Some(mut found) = found else { continue };
        let cost = found.crews.first().map_or(0, |crew| crew.cost);
        found.crews.truncate(options.crews_per_slot);
        slots.push(slot(scan.request, start, found.candidate_count, found.crews, cost));
    }
    slots
}

fn slot(request: &Request, start: i64, candidate_count: u32, crews: Vec<Crew>, cost: i64) -> Slot {
    let start = Moment(start);
    let waited = start - request.bounds.range.from;
    Slot {
        start,
        day: request.day_of(start),
        candidate_count,
        crews,
        score: cost + request.weights.wait_second * waited.0,
        rank: 0,
    }
}

fn rank(slots: &mut [Slot]) {
    let mut order: Vec<usize> = (0..slots.len()).collect();
    order.sort_by_key(|&at| (slots[at].score, slots[at].start));
    for (rank, at) in (0_u32..).zip(order) {
        slots[at].rank = rank;
    }
}

//! Who gets a visit among those who can do it, and the numbers behind the choice.

mod blend;
mod least_recent;
mod least_travel;
mod most_free;
mod priority;
mod round_robin;
mod shares;

use crate::problem::Weights;
use crate::units::{Moment, Seconds, Span};

pub use blend::Blend;
pub use shares::{Share, shares};

/// What a policy knows about one member of the group that shares the work.
///
/// Members who cannot do this visit belong in the list too: they have a share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The technician's stable key; settles ties (smaller first).
    pub key: u128,
    /// Share of the work relative to the others; 100 is customary, 0 = only if nobody else can.
    pub weight: u32,
    /// Tier, higher first; 2 is customary.
    pub priority: u8,
    /// When the technician joined the group; work before it creates no target.
    pub joined: Moment,
    /// When work was last given; `None` = never.
    pub last_assigned: Option<Moment>,
    /// When the technician was away; work given to others then creates no target.
    pub absences: Vec<Span>,
    /// Seconds of work (driving included) already planned around the visit, for `most free`.
    pub planned: Seconds,
}

/// Work somebody of the group was given in the period that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// Position in the standings.
    pub member: usize,
    /// When it takes place.
    pub at: Moment,
    /// How much: minutes including driving, or 1 per booking; the unit is the caller's.
    pub amount: i64,
}

/// One technician who can do the visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// Position in the standings.
    pub member: usize,
    /// Driving the visit adds.
    pub added_travel: Seconds,
    /// Overtime the visit needs.
    pub overtime: Seconds,
}

/// How the choice is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Largest shortfall against the weighted share; then higher weight, higher tier, least recent.
    RoundRobin,
    /// Least recently assigned.
    LeastRecent,
    /// Highest tier, then least recent.
    Priority,
    /// Least added travel, then least recent.
    LeastTravel,
    /// Least planned work, then least recent.
    MostFree,
    /// Least weighted sum, then least recent.
    Blend(Blend),
}

/// The numbers of one candidate, for the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Score {
    /// Position in the candidates.
    pub candidate: usize,
    /// Position in the standings.
    pub member: usize,
    /// 0 for the one chosen.
    pub rank: u32,
    /// The number the policy compares first; lower is better.
    pub cost: i64,
    /// Work done in the period, in thousandths of a unit.
    pub done_milli: i64,
    /// Share of the work due in the period, in thousandths of a unit, with credit for absences and late joining.
    pub target_milli: i64,
    /// Driving the visit adds.
    pub added_travel: Seconds,
    /// Overtime the visit needs.
    pub overtime: Seconds,
    /// Work already planned.
    pub planned: Seconds,
    /// Last assignment.
    pub last_assigned: Option<Moment>,
    /// Weight.
    pub weight: u32,
    /// Tier.
    pub priority: u8,
}

/// Who was chosen and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The policy that decided.
    pub policy: Policy,
    /// Every candidate, best first; empty if there was none.
    pub scores: Vec<Score>,
}

/// What a policy compares, first number first; lower is better. The key settles the rest.
type Order = [i64; 4];

/// A member with everything a policy may look at.
struct Rated<'a> {
    standing: &'a Standing,
    share: Share,
    added_travel: Seconds,
    overtime: Seconds,
}

impl Rated<'_> {
    /// Seconds after the epoch of the last assignment; never = before everything.
    fn last_assigned(&self) -> i64 {
        self.standing.last_assigned.map_or(i64::MIN, |moment| moment.0)
    }
}

/// Ranks the candidates by a policy.
///
/// * `standings`: the whole group, those who cannot come included.
/// * `work`: what the group was given in the period that counts, any order.
///
/// Candidates that name no member are left out. The result does not depend on the order of
/// candidates. Cost: O(work x group + candidates x log candidates).
pub fn decide(
    policy: Policy,
    standings: &[Standing],
    work: &[Work],
    candidates: &[Candidate],
) -> Decision {
    let shares = shares(standings, work);
    let reference = blend::Reference::of(standings);
    let mut rated: Vec<(Order, usize, Rated<'_>)> = Vec::with_capacity(candidates.len());
    for (at, candidate) in candidates.iter().enumerate() {
        let Some(standing) = standings.get(candidate.member) else { continue };
        let (added_travel, overtime) = (candidate.added_travel, candidate.overtime);
        let member = Rated { standing, share: shares[candidate.member], added_travel, overtime };
        rated.push((order(policy, &member, reference), at, member));
    }
    rated.sort_by_key(|(order, at, member)| (*order, member.standing.key, *at));
    let scores = (0_u32..).zip(&rated).map(|(rank, (order, at, member))| Score {
        candidate: *at,
        member: candidates[*at].member,
        rank,
        cost: order[0],
        done_milli: member.share.done_milli,
        target_milli: member.share.target_milli,
        added_travel: member.added_travel,
        overtime: member.overtime,
        planned: member.standing.planned,
        last_assigned: member.standing.last_assigned,
        weight: member.standing.weight,
        priority: member.standing.priority,
    });
    Decision { policy, scores: scores.collect() }
}

/// The policy as costs for a slot search, so that each slot lists the people it would choose first.
///
/// * `standings`: one per technician of the snapshot, in the same order.
///
/// The crew of one that a search with these weights ranks first is the one [`decide`] chooses.
pub fn weights(policy: Policy, standings: &[Standing], work: &[Work]) -> Weights {
    let shares = shares(standings, work);
    let reference = blend::Reference::of(standings);
    let rated: Vec<Order> = standings
        .iter()
        .zip(&shares)
        .map(|(standing, &share)| {
            let (added_travel, overtime) = (Seconds::ZERO, Seconds::ZERO);
            order(policy, &Rated { standing, share, added_travel, overtime }, reference)
        })
        .collect();
    let mut by_rank: Vec<usize> = (0..standings.len()).collect();
    by_rank.sort_by_key(|&at| (rated[at], standings[at].key));
    let mut ranks = vec![0_i64; standings.len()];
    for (rank, at) in (0_i64..).zip(by_rank) {
        ranks[at] = rank;
    }
    let count = i64::try_from(standings.len()).unwrap_or(i64::MAX).max(1);
    match policy {
        Policy::Blend(blend) => Weights {
            travel_second: blend.travel_second.saturating_mul(count),
            overtime_second: blend.overtime_second.saturating_mul(count),
            technician: blend::with_ties(&rated, standings, count),
            ..Weights::default()
        },
        Policy::LeastTravel => {
            Weights { travel_second: count, technician: ranks, ..Weights::default() }
        }
        _ => Weights { technician: ranks, ..Weights::default() },
    }
}

fn order(policy: Policy, member: &Rated<'_>, reference: blend::Reference) -> Order {
    match policy {
        Policy::RoundRobin => round_robin::order(member),
        Policy::LeastRecent => least_recent::order(member),
        Policy::Priority => priority::order(member),
        Policy::LeastTravel => least_travel::order(member),
        Policy::MostFree => most_free::order(member),
        Policy::Blend(weights) => blend::order(weights, member, reference),
    }
}

impl Decision {
    /// Position in the candidates of the one chosen.
    pub fn chosen(&self) -> Option<usize> {
        self.scores.first().map(|score| score.candidate)
    }
}

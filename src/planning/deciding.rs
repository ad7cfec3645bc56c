//! Who gets the work: the assignment policy over those who could come, and its numbers for the record.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use roundsman_solver::assign::{self, Blend, Candidate, Policy, Score, Standing, Work, decide};
pub use roundsman_solver::problem::Weights;
use roundsman_solver::units::{Moment, Seconds};
use serde_json::{Value, json};

use crate::domain::id::TechnicianId;
use crate::domain::policies::{AssignmentPolicy, PolicyKind};
use crate::planning::requests::Between;
use crate::planning::roster::Roster;
use crate::planning::times::{instant, moment, span};

/// What the policy knows about one member of the group that shares the work.
#[derive(Debug, Clone, PartialEq)]
pub struct Peer {
    /// Who.
    pub technician_id: TechnicianId,
    /// Share of the work.
    pub weight: u32,
    /// Tier, higher first.
    pub priority: u8,
    /// When the technician joined; none since ever.
    pub joined: Option<DateTime<Utc>>,
    /// When work was last given.
    pub last_assigned: Option<DateTime<Utc>>,
    /// When the technician was away.
    pub absences: Vec<Between>,
    /// Seconds of work and driving already planned on the day.
    pub planned_s: i64,
    /// Work of the period: when, and how many minutes, driving included.
    pub work: Vec<(DateTime<Utc>, i64)>,
}

/// One who could come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rival {
    /// Who.
    pub technician_id: TechnicianId,
    /// Seconds of driving the visit adds.
    pub added_travel_s: i64,
    /// Seconds of overtime it needs.
    pub overtime_s: i64,
}

/// Those who could come, best first, with the numbers behind the order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ranking {
    /// Best first.
    pub order: Vec<TechnicianId>,
    /// The numbers, one entry for each, best first.
    pub numbers: Vec<Value>,
}

/// Ranks those who could come.
///
/// With tiers, everybody of a higher tier comes before anybody of a lower one.
pub fn rank(policy: &AssignmentPolicy, peers: &[Peer], rivals: &[Rival]) -> Ranking {
    let numbers: HashMap<TechnicianId, usize> =
        peers.iter().enumerate().map(|(at, peer)| (peer.technician_id, at)).collect();
    let (standings, work) = group(peers);
    let mut tiers: Vec<Option<u8>> = vec![None];
    if policy.tiers {
        tiers = peers.iter().map(|peer| Some(peer.priority)).collect();
        tiers.sort_unstable_by(|a, b| b.cmp(a));
        tiers.dedup();
    }
    let mut ranking = Ranking::default();
    for tier in tiers {
        let candidates: Vec<Candidate> = rivals
            .iter()
            .filter_map(|rival| {
                let member = *numbers.get(&rival.technician_id)?;
                let in_tier = tier.is_none_or(|tier| peers[member].priority == tier);
                let (travel, overtime) = (Seconds(rival.added_travel_s), Seconds(rival.overtime_s));
                in_tier.then_some(Candidate { member, added_travel: travel, overtime })
            })
            .collect();
        for score in decide(solver_policy(policy), &standings, &work, &candidates).scores {
            let id = peers[score.member].technician_id;
            ranking.numbers.push(numbers_of(id, ranking.order.len(), &score));
            ranking.order.push(id);
        }
    }
    ranking
}

/// What a tier below the highest costs in a search; more than any driving, so that nobody of a
/// lower tier comes before somebody of a higher one.
const TIER_COST: i64 = 1_000_000_000_000_000;

/// The policy as costs of a search, so that it lists the crews of each start in the order in which
/// the policy would send them. For one person that is the order of [`rank`].
///
/// Whoever is not among the peers comes last. Cost: that of `rank`.
pub fn weights(policy: &AssignmentPolicy, peers: &[Peer], roster: &Roster) -> Weights {
    let (standings, work) = group(peers);
    let weights = assign::weights(solver_policy(policy), &standings, &work);
    let highest = peers.iter().map(|peer| peer.priority).max().unwrap_or(0);
    let last = TIER_COST * (i64::from(u8::MAX) + 1);
    let mut technician = vec![last; roster.technicians.len()];
    for (peer, cost) in peers.iter().zip(&weights.technician) {
        let Some(number) = roster.technician(peer.technician_id) else { continue };
        let below = if policy.tiers { i64::from(highest - peer.priority) } else { 0 };
        technician[number.at()] = cost.saturating_add(TIER_COST * below);
    }
    Weights { technician, ..weights }
}

/// The group and its work as the solver wants them.
fn group(peers: &[Peer]) -> (Vec<Standing>, Vec<Work>) {
    let work = peers.iter().enumerate().flat_map(|(member, peer)| {
        let pieces = peer.work.iter();
        pieces.map(move |(at, amount)| Work { member, at: moment(*at), amount: *amount })
    });
    (peers.iter().map(standing).collect(), work.collect())
}

impl Ranking {
    /// Why these technicians: the policy, who was chosen, and the numbers of all who could come.
    pub fn decision(&self, policy: &AssignmentPolicy, chosen: &[TechnicianId]) -> Value {
        json!({
            "policy": policy.kind,
            "tiers": policy.tiers,
            "period": policy.period,
            "chosen": chosen,
            "candidates": self.numbers,
        })
    }

    /// The place of a technician in the order; last if unknown.
    pub fn place(&self, id: TechnicianId) -> usize {
        self.order.iter().position(|known| *known == id).unwrap_or(self.order.len())
    }
}

fn standing(peer: &Peer) -> Standing {
    Standing {
        key: peer.technician_id.0.as_u128(),
        weight: peer.weight,
        priority: peer.priority,
        joined: peer.joined.map_or(Moment(i64::MIN), moment),
        last_assigned: peer.last_assigned.map(moment),
        absences: peer.absences.iter().map(|(from, until)| span(*from, *until)).collect(),
        planned: Seconds(peer.planned_s),
    }
}

/// In a blend, a minute ahead of the share, a minute of driving, an hour of recency and a minute
/// already planned weigh alike at equal weights.
fn solver_policy(policy: &AssignmentPolicy) -> Policy {
    match policy.kind {
        PolicyKind::RoundRobin => Policy::RoundRobin,
        PolicyKind::LeastRecent => Policy::LeastRecent,
        PolicyKind::LeastTravel => Policy::LeastTravel,
        PolicyKind::MostFree => Policy::MostFree,
        PolicyKind::Blend => {
            let weights = policy.blend;
            Policy::Blend(Blend {
                travel_second: weights.travel.into(),
                overtime_second: i64::from(weights.travel) * 2,
                ahead_unit: i64::from(weights.fairness) * 60,
                planned_second: weights.free_time.into(),
                recent_hour: i64::from(weights.recency) * 60,
                tier: 0,
            })
        }
    }
}

fn numbers_of(id: TechnicianId, rank: usize, score: &Score) -> Value {
    json!({
        "technician_id": id,
        "rank": rank + 1,
        "cost": score.cost,
        "done_min": score.done_milli / 1000,
        "target_min": score.target_milli / 1000,
        "added_travel_s": score.added_travel.0,
        "overtime_s": score.overtime.0,
        "planned_s": score.planned.0,
        "last_assigned": score.last_assigned.map(instant),
        "weight": score.weight,
        "priority": score.priority,
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::planning::times::instant;

    fn id(number: u128) -> TechnicianId {
        TechnicianId(Uuid::from_u128(number))
    }

    fn peer(number: u128, minutes: i64, priority: u8) -> Peer {
        Peer {
            technician_id: id(number),
            weight: 100,
            priority,
            joined: None,
            last_assigned: None,
            absences: Vec::new(),
            planned_s: 0,
            work: vec![(instant(Moment(1000)), minutes)],
        }
    }

    fn rival(number: u128, added_travel_s: i64) -> Rival {
        Rival { technician_id: id(number), added_travel_s, overtime_s: 0 }
    }

    #[test]
    fn round_robin_chooses_whoever_is_furthest_behind_and_says_by_how_much() {
        let policy = AssignmentPolicy::default();
        let peers = [peer(1, 300, 2), peer(2, 60, 2)];
        let ranking = rank(&policy, &peers, &[rival(1, 0), rival(2, 900)]);
        assert_eq!(ranking.order, [id(2), id(1)]);
        let decision = ranking.decision(&policy, &[id(2)]);
        // Both are due half of 360 minutes.
        assert_eq!(decision["candidates"][0]["target_min"], 180);
        assert_eq!(decision["candidates"][0]["done_min"], 60);
    }

    #[test]
    fn least_travel_looks_at_the_drive_and_tiers_come_before_everything() {
        let mut policy =
            AssignmentPolicy { kind: PolicyKind::LeastTravel, ..AssignmentPolicy::default() };
        let peers = [peer(1, 0, 2), peer(2, 0, 2), peer(3, 0, 4)];
        let rivals = [rival(1, 600), rival(2, 300), rival(3, 900)];
        assert_eq!(rank(&policy, &peers, &rivals).order, [id(2), id(1), id(3)]);
        policy.tiers = true;
        assert_eq!(rank(&policy, &peers, &rivals).order, [id(3), id(2), id(1)]);
    }
}

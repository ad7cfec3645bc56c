//! Several aims at once, each with a weight.

use crate::assign::{Order, Rated, Standing};

/// Weights of the blend; each turns its term into cost, 0 switches it off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Blend {
    /// Per second of added driving.
    pub travel_second: i64,
    /// Per second of overtime.
    pub overtime_second: i64,
    /// Per unit of work the member is ahead of the target share (a member behind costs less).
    pub ahead_unit: i64,
    /// Per second of work already planned.
    pub planned_second: i64,
    /// Per hour by which the last assignment is more recent than the oldest of the group.
    pub recent_hour: i64,
    /// Per tier below the highest of the group.
    pub tier: i64,
}

/// What recency and tiers are measured against: the whole group, so that the cost of one does not
/// depend on who else happens to be free.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reference {
    /// Earliest last assignment of anybody who had one.
    oldest: i64,
    tier_max: u8,
}

impl Reference {
    pub(super) fn of(standings: &[Standing]) -> Self {
        let assigned = standings.iter().filter_map(|standing| standing.last_assigned);
        Self {
            oldest: assigned.map(|moment| moment.0).min().unwrap_or(0),
            tier_max: standings.iter().map(|standing| standing.priority).max().unwrap_or(0),
        }
    }
}

/// Least weighted sum, then least recent.
pub(super) fn order(weights: Blend, member: &Rated<'_>, reference: Reference) -> Order {
    let standing = member.standing;
    let hours = standing.last_assigned.map_or(0, |last| (last.0 - reference.oldest) / 3600);
    let ahead_milli = member.share.done_milli - member.share.target_milli;
    let tiers = i64::from(reference.tier_max - standing.priority);
    let cost = weights.travel_second * member.added_travel.0
        + weights.overtime_second * member.overtime.0
        + weights.ahead_unit * ahead_milli / 1000
        + weights.planned_second * standing.planned.0
        + weights.recent_hour * hours
        + weights.tier * tiers;
    [cost, member.last_assigned(), 0, 0]
}

/// The costs of the members times `count`, plus the rank by which equal ones are told apart.
pub(super) fn with_ties(orders: &[Order], standings: &[Standing], count: i64) -> Vec<i64> {
    let mut by_tie: Vec<usize> = (0..orders.len()).collect();
    by_tie.sort_by_key(|&at| (orders[at][1], standings[at].key));
    let mut costs: Vec<i64> = orders.iter().map(|order| order[0].saturating_mul(count)).collect();
    for (rank, at) in (0_i64..).zip(by_tie) {
        costs[at] = costs[at].saturating_add(rank);
    }
    costs
}

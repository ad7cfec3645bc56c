//! The smallest change that would do away with a fault, and the order in which rules are named.

use crate::check::plans::{Limit, PlanFault};
use crate::explain::Change;
use crate::optimize::Model;
use crate::problem::SkillNeed;
use crate::units::Seconds;

/// Which rules are named first: who may come, what is at hand, limits, times, others.
pub(super) fn rank(fault: &PlanFault) -> u8 {
    match fault {
        PlanFault::Wish { .. } => 0,
        PlanFault::Skill { .. } => 1,
        PlanFault::Equipment { .. } => 2,
        PlanFault::OutsideZones { .. } => 3,
        PlanFault::Moved { .. } => 4,
        PlanFault::BeforeFrom { .. } => 5,
        PlanFault::OverLimit { limit, .. } => match limit {
            Limit::DrivePerLeg => 11,
            Limit::DrivePerDay | Limit::DrivePerShift | Limit::MetresPerShift => 12,
            Limit::Stretch | Limit::PaidPerShift => 13,
            _ => 6,
        },
        PlanFault::Overloaded { .. } | PlanFault::OutOfStock { .. } => 7,
        PlanFault::NoRoad { .. } => 8,
        PlanFault::OutsideWindows { .. } | PlanFault::BrokenPromise { .. } => 9,
        PlanFault::ReturnsLate { .. } => 14,
        PlanFault::PoolExceeded { .. } => 15,
        PlanFault::Link { .. } => 16,
        PlanFault::RoleMissing { .. }
        | PlanFault::SamePerson { .. }
        | PlanFault::NotTogether { .. } => 17,
        _ => 10,
    }
}

fn count(more: i64) -> Change {
    Change::Count { more: u32::try_from(more).unwrap_or(u32::MAX) }
}

fn seconds(more: Seconds) -> Change {
    Change::Seconds { more }
}

/// What would do away with a fault, all else being equal: so many visits, metres, seconds of a
/// limit, window, promise or link, or somebody's skill, zone or equipment.
pub(super) fn change(model: &Model, fault: &PlanFault) -> Change {
    match *fault {
        PlanFault::Wish { .. } => Change::Wish,
        PlanFault::Skill { skill, level_min, .. } => {
            Change::Skills { needs: vec![SkillNeed { skill, level_min }] }
        }
        PlanFault::Equipment { equipment, .. } => Change::Carry { equipment: vec![equipment] },
        PlanFault::OutsideZones { visit, .. } => {
            let zones = model.visits[visit.at()].zones.clone().unwrap_or_default();
            Change::Zone { zones }
        }
        PlanFault::BeforeFrom { earliest, .. } => {
            Change::Start { earlier: None, later: Some(earliest) }
        }
        PlanFault::OverLimit { limit, allowed, used, .. } => match limit {
            Limit::VisitsPerShift
            | Limit::VisitsPerDay
            | Limit::VisitsPerWeek
            | Limit::DepotStops
            | Limit::MetresPerShift => count(used - allowed),
            _ => seconds(Seconds(used - allowed)),
        },
        PlanFault::Overloaded { load, capacity, .. } => count(load - capacity),
        PlanFault::OutOfStock { used, stock, .. } => count(used - stock),
        PlanFault::OutsideWindows { short_by, .. } => seconds(short_by),
        PlanFault::BrokenPromise { start, earliest, latest, .. } => {
            seconds((earliest - start).max(start - latest))
        }
        PlanFault::ReturnsLate { arrival, latest, .. } => seconds(arrival - latest),
        PlanFault::StartsTooSoon { start, earliest, .. } => seconds(earliest - start),
        PlanFault::PoolExceeded { pool, used, units, .. } => {
            let more = u32::try_from(used - units).unwrap_or(u32::MAX);
            Change::Units { more: vec![(pool, more)] }
        }
        PlanFault::Link { amount, .. } if amount != 0 => seconds(Seconds(amount.abs())),
        _ => Change::Other,
    }
}

/// How large a change is; compares changes of one kind.
pub(super) fn size(change: &Change) -> i64 {
    match change {
        Change::Count { more } => i64::from(*more),
        Change::Seconds { more } => more.0,
        Change::Units { more } => more.iter().map(|(_, units)| i64::from(*units)).sum(),
        Change::Other => i64::from(u32::MAX),
        _ => 1,
    }
}

//! The smallest change that would help, in the words of dispatchers.

use roundsman_solver::explain::{Change as Found, Reason as Why, Remedy};
use roundsman_solver::problem::SkillNeed;
use roundsman_solver::units::{EquipmentIdx, PoolIdx, Seconds};

use crate::domain::slots::Change;
use crate::planning::sentences::Names;
use crate::planning::times::{instant, minutes_up};

/// The changes that together make a visit fit; none if one of them cannot be told.
pub(super) fn all(names: &Names<'_>, Remedy(found): &Remedy) -> Vec<Change> {
    let told: Option<Vec<Vec<Change>>> =
        found.iter().map(|(why, found)| changes(names, why, found)).collect();
    told.unwrap_or_default().into_iter().flatten().collect()
}

/// What one rule asks for.
fn changes(names: &Names<'_>, why: &Why, found: &Found) -> Option<Vec<Change>> {
    let roster = names.roster();
    match found {
        Found::Wish => Some(vec![Change::AllowTechnician]),
        Found::Skills { needs } => {
            let one = |need: &SkillNeed| {
                let skill_id = *roster.skills.get(need.skill.at())?;
                Some(Change::AddSkill { skill_id, level: need.level_min })
            };
            needs.iter().map(one).collect()
        }
        Found::Carry { equipment } => {
            let one = |kind: &EquipmentIdx| {
                let equipment_id = *roster.equipment.get(kind.at())?;
                Some(Change::AddEquipment { equipment_id, units: 1 })
            };
            equipment.iter().map(one).collect()
        }
        Found::Zone { .. } => Some(vec![Change::CoverZone]),
        Found::Start { earlier, later } => {
            let start = instant((*later).or(*earlier)?);
            Some(vec![Change::StartAt { start }])
        }
        Found::Count { more } => Some(vec![count(why, *more)?]),
        Found::Seconds { more } => Some(vec![seconds(why, *more)?]),
        Found::Units { more } => {
            let one = |(pool, units): &(PoolIdx, u32)| {
                let (equipment_id, _) = *roster.pools.get(pool.at())?;
                Some(Change::AddEquipment { equipment_id, units: *units })
            };
            more.iter().map(one).collect()
        }
        Found::Other => matches!(why, Why::NoShift).then_some(vec![Change::AddShift]),
    }
}

fn count(why: &Why, more: u32) -> Option<Change> {
    let (limit, now) = match why {
        Why::VisitsPerDay { cap, .. } => ("limits.visits_per_day", *cap),
        Why::VisitsPerWeek { cap, .. } => ("limits.visits_per_week", *cap),
        Why::DayCount { limit, .. } => ("slots.visits_per_day", *limit),
        _ => return None,
    };
    Some(Change::RaiseLimit { limit: limit.to_owned(), to: i64::from(now) + i64::from(more) })
}

fn seconds(why: &Why, more: Seconds) -> Option<Change> {
    let (limit, now) = match why {
        Why::Overtime { limit, .. } => {
            return Some(Change::AllowOvertime { minutes: minutes_up(limit.0 + more.0) });
        }
        Why::OnsitePerDay { cap, .. } => ("limits.minutes_per_day", *cap),
        Why::OnsitePerWeek { cap, .. } => ("limits.minutes_per_week", *cap),
        Why::DrivePerLeg { cap, .. } => ("limits.drive_per_leg_min", *cap),
        Why::DrivePerDay { cap, .. } => ("limits.drive_per_day_min", *cap),
        Why::DaySeconds { limit, .. } => ("slots.minutes_per_day", *limit),
        _ => return None,
    };
    Some(Change::RaiseLimit { limit: limit.to_owned(), to: minutes_up(now.0 + more.0) })
}

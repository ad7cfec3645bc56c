//! The smallest change that would help, in the words of dispatchers.

use roundsman_solver::explain::{Change as Found, Reason as Why};
use roundsman_solver::units::Seconds;

use crate::domain::slots::Change;
use crate::planning::sentences::Names;
use crate::planning::times::{instant, minutes_up};

/// The change, if a single one helps.
pub(super) fn change(names: &Names<'_>, why: &Why, found: &Found) -> Option<Change> {
    match found {
        Found::Wish => Some(Change::AllowTechnician),
        Found::Skills { needs } => {
            let [need] = needs.as_slice() else { return None };
            let skill_id = *names.roster().skills.get(need.skill.at())?;
            Some(Change::AddSkill { skill_id, level: need.level_min })
        }
        Found::Carry { equipment } => {
            let [kind] = equipment.as_slice() else { return None };
            let equipment_id = *names.roster().equipment.get(kind.at())?;
            Some(Change::AddEquipment { equipment_id, units: 1 })
        }
        Found::Zone { .. } => Some(Change::CoverZone),
        Found::Start { earlier, later } => {
            let start = instant((*later).or(*earlier)?);
            Some(Change::StartAt { start })
        }
        Found::Count { more } => count(why, *more),
        Found::Seconds { more } => seconds(why, *more),
        Found::Units { more } => {
            let [(pool, more)] = more.as_slice() else { return None };
            let (equipment_id, _) = *names.roster().pools.get(pool.at())?;
            Some(Change::AddEquipment { equipment_id, units: *more })
        }
        Found::Other => matches!(why, Why::NoShift).then_some(Change::AddShift),
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

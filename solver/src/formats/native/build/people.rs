//! Technicians and their shifts.

use super::super::problem::Technician as Given;
use super::super::shifts::{Break as GivenBreak, Shift as GivenShift};
use super::{Build, Of};
use crate::optimize::model::{Break, Pace, Shift, ShiftRates, WorkLimit};
use crate::problem::{Caps, Coverage, HeldSkill, HeldZone, Technician, ZoneLevel};
use crate::units::{EquipmentIdx, Metres, Seconds, SkillIdx, TechnicianIdx, ZoneIdx};

pub(super) fn build(build: &mut Build<'_>) {
    for (number, given) in build.problem.technicians.iter().enumerate() {
        technician(build, number, given);
    }
    let problem = build.problem;
    if problem.technicians.iter().any(|given| given.history_s > 0) {
        let history = problem.technicians.iter().map(|given| Seconds(given.history_s.into()));
        build.model.history = history.collect();
    }
    if problem.technicians.iter().any(|given| given.share.is_some()) {
        let shares = problem.technicians.iter().map(|given| given.share.unwrap_or(1));
        build.model.shares = shares.collect();
    }
    for (number, given) in problem.shifts.iter().enumerate() {
        shift(build, &format!("shifts[{number}]"), given);
    }
}

fn technician(build: &mut Build<'_>, number: usize, given: &Given) {
    let key = u32::try_from(number).unwrap_or(u32::MAX);
    let mut skills = Vec::new();
    for held in &given.skills {
        let skill = SkillIdx(build.skills.any(&held.skill));
        skills.push(HeldSkill {
            skill,
            level: held.level,
            valid_from: held.valid_from.map(super::super::Time::moment),
            valid_until: held.valid_until.map(super::super::Time::moment),
        });
        if let Some(percent) = held.pace_percent {
            let pace = Pace { technician: TechnicianIdx(key), skill, percent };
            build.model.paces.push(pace);
        }
    }
    let zones = given.zones.as_ref().map(|zones| {
        let zone = |held: &super::super::problem::HeldZone| HeldZone {
            zone: ZoneIdx(build.zones.any(&held.zone)),
            level: if held.secondary { ZoneLevel::Secondary } else { ZoneLevel::Primary },
        };
        Coverage::Zones(zones.iter().map(zone).collect())
    });
    let carried = given.carried.iter().map(|tool| EquipmentIdx(build.tools.any(tool))).collect();
    let seconds = |limit: Option<u32>| limit.map(|limit| Seconds(limit.into()));
    build.model.technicians.push(Technician {
        key: key.into(),
        skills,
        coverage: zones.unwrap_or(Coverage::Everywhere),
        carried,
        caps: Caps {
            visits_per_day: given.visits_per_day_max,
            visits_per_week: given.visits_per_week_max,
            onsite_per_day: seconds(given.onsite_per_day_max_s),
            onsite_per_week: seconds(given.onsite_per_week_max_s),
            drive_per_leg: seconds(given.drive_per_leg_max_s),
            drive_per_day: seconds(given.drive_per_day_max_s),
        },
    });
}

fn shift(build: &mut Build<'_>, at: &str, given: &GivenShift) {
    let technician = build.find(Of::Technician, &format!("{at}.technician"), &given.technician);
    let seconds = |value: u32| Seconds(value.into());
    let start_place = build.place(&format!("{at}.start_place"), given.start_place.as_ref());
    let end_place = build.place(&format!("{at}.end_place"), given.end_place.as_ref());
    let mut depots = Vec::new();
    for (number, id) in given.depots.iter().enumerate() {
        depots.extend(build.place(&format!("{at}.depots[{number}]"), Some(id)));
    }
    let usual = u32::from(!depots.is_empty());
    let mut breaks = Vec::new();
    for (number, pause) in given.breaks.iter().enumerate() {
        breaks.push(rest(build, &format!("{at}.breaks[{number}]"), pause));
    }
    let capacity = limits(build, &format!("{at}.capacity"), given.capacity.as_ref());
    let stock = limits(build, &format!("{at}.stock"), given.stock.as_ref());
    let shift = Shift {
        day: given.day,
        week: given.week,
        profile: profile(build, &format!("{at}.profile"), given.profile.as_deref()),
        overtime_limit: seconds(given.overtime_max_s),
        start_place,
        set_up: given.set_up,
        end_place,
        breaks,
        work_limit: given.work_limit.map(|limit| WorkLimit {
            longest: seconds(limit.longest_s),
            rest: seconds(limit.rest_s),
        }),
        capacity,
        stock,
        depots,
        depot_duration: seconds(given.depot_duration_s),
        depot_stops_max: given.depot_stops_max.unwrap_or(usual),
        visits_max: given.visits_max,
        drive_max: given.drive_max_s.map(seconds),
        metres_max: given.metres_max.map(|metres| Metres(metres.into())),
        paid_max: given.paid_max_s.map(seconds),
        drive_percent: given.drive_percent,
        rates: rates(build, at, given),
        ..Shift::new(TechnicianIdx(technician), given.start.moment(), given.end.moment())
    };
    build.model.shifts.push(shift);
}

fn rates(build: &mut Build<'_>, at: &str, given: &GivenShift) -> ShiftRates {
    let mut money = build.money();
    ShiftRates {
        used: money.units(at, given.used_cost),
        paid_second: money.per_hour(at, given.paid_per_hour),
        drive_second: money.per_hour(at, given.drive_per_hour),
        metre: money.per_km(at, given.per_km),
        onsite_second: money.per_hour(at, given.onsite_per_hour),
        overtime_second: money.per_hour(at, given.overtime_per_hour),
    }
}

/// What a car holds; a kind that is not named has room or stock for nothing.
fn limits(
    build: &mut Build<'_>,
    at: &str,
    given: Option<&super::super::problem::Amounts>,
) -> Vec<i64> {
    match given {
        Some(given) if given.is_empty() => vec![0; build.problem.loads.len()],
        Some(given) => build.amounts(at, given),
        None => Vec::new(),
    }
}

fn profile(build: &mut Build<'_>, at: &str, name: Option<&str>) -> usize {
    let Some(name) = name else { return 0 };
    // Without matrices all profiles share the drives that are reckoned.
    if build.problem.matrices.is_empty() {
        return 0;
    }
    let mut matrices = build.problem.matrices.iter();
    matrices.position(|matrix| matrix.profile == name).unwrap_or_else(|| {
        build.faults.add(at, format!("there is no matrix for profile {name:?}"));
        0
    })
}

fn rest(build: &mut Build<'_>, at: &str, given: &GivenBreak) -> Break {
    let place = build.place(&format!("{at}.place"), given.place.as_ref());
    let load_max = given.load_max.as_ref().map(|load| build.amounts(at, load));
    let starts = given.starts.iter().map(|span| (span.earliest.moment(), span.latest.moment()));
    Break {
        starts: starts.collect(),
        duration: Seconds(given.duration_s.into()),
        place,
        missed_cost: given.missed_cost.map(|cost| build.money().units(at, cost)),
        paid: !given.unpaid && !given.absence,
        padded: given.absence,
        load_max: load_max.unwrap_or_default(),
    }
}

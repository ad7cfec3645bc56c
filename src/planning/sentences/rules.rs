//! One sentence for each rule that can fail.

use std::fmt::Display;

use roundsman_solver::explain::{Obstacle, Reason as Why};
use roundsman_solver::units::{EquipmentIdx, Seconds, ShiftIdx, SkillIdx, ZoneIdx};
use serde_json::{Value, json};

use crate::planning::sentences::{Names, Told, counted, rule_name};
use crate::planning::times::{instant, minutes_up};

/// What is filled into a text.
type Values<'a, const COUNT: usize> = [(&'a str, &'a dyn Display); COUNT];

/// The sentence and the numbers of a reason that concerns `who`.
pub(super) fn told(names: &Names<'_>, who: &str, shift: Option<ShiftIdx>, why: &Why) -> Told {
    let plain = |key: &str| (names.text(key, &[("who", &who)]), json!({}));
    let (sentence, numbers) = match why {
        Why::Excluded => plain("excluded"),
        Why::NotWished => plain("not_wished"),
        Why::SkillMissing { .. } | Why::SkillTooLow { .. } | Why::SkillNotValid { .. } => {
            skill(names, who, why)
        }
        Why::NotCarried { equipment, .. } => {
            let kind = equipment_name(names, *equipment);
            let text = names.text("not_carried", &[("who", &who), ("kind", &kind)]);
            (text, json!({ "equipment": kind }))
        }
        Why::OutsideZones { zones } => outside_zones(names, who, zones),
        Why::NoShift => plain("no_shift"),
        Why::OutsideRange => plain("outside_range"),
        Why::Notice { .. } | Why::Horizon { .. } | Why::Freeze { .. } | Why::Blackout { .. } => {
            bound(names, why)
        }
        Why::DayCount { .. } | Why::DaySeconds { .. } => booked_out(names, why),
        Why::RouteBroken => plain("route_broken"),
        Why::Unreachable => plain("unreachable"),
        Why::Time { obstacle, short_by } => time(names, who, shift, *obstacle, *short_by),
        Why::PoolShort { pool, units, free, at } => {
            let kind = names.roster().pools.get(pool.at()).map(|(kind, _)| *kind);
            let kind = kind.and_then(|kind| names.catalogue.equipment.get(&kind));
            let kind = kind.map_or_else(|| names.text("equipment", &[]), |kind| kind.name.clone());
            let clock = names.plan.clock(*at);
            let values: Values<'_, 4> =
                [("units", units), ("kind", &kind), ("free", free), ("time", &clock)];
            let text = names.text("pool_short", &values);
            (text, json!({"needed_units": units, "free_units": free, "at": instant(*at)}))
        }
        Why::CrewIncomplete { filled, needed } => {
            let values: Values<'_, 3> = [("who", &who), ("filled", filled), ("needed", needed)];
            let text = names.text("crew_incomplete", &values);
            (text, json!({"filled": filled, "needed": needed}))
        }
        _ => cap(names, who, why),
    };
    Told { rule: rule_name(why), sentence, numbers }
}

type Words = (String, Value);

fn skill(names: &Names<'_>, who: &str, why: &Why) -> Words {
    let name = |skill: &SkillIdx| {
        let id = names.roster().skills.get(skill.at());
        let skill = id.and_then(|id| names.catalogue.skills.get(id));
        skill.map_or_else(|| names.text("a_skill", &[]), |skill| skill.name.clone())
    };
    match why {
        Why::SkillTooLow { skill, held, level_min, .. } => {
            let skill = name(skill);
            let values: Values<'_, 4> =
                [("who", &who), ("skill", &skill), ("held", held), ("needed", level_min)];
            let numbers = json!({"skill": skill, "held_level": held, "needed_level": level_min});
            (names.text("skill_too_low", &values), numbers)
        }
        Why::SkillNotValid { skill, valid, .. } => {
            let last = valid.until.0 < i64::MAX / 2;
            let at = if last { valid.until } else { valid.from };
            let day = instant(at).with_timezone(&names.roster().zone).format("%Y-%m-%d");
            let key = if last { "skill_ended" } else { "skill_starts" };
            let (skill, date) = (name(skill), names.date(at));
            (
                names.text(key, &[("who", &who), ("skill", &skill), ("date", &date)]),
                json!({"skill": skill, "valid_from_or_until": day.to_string()}),
            )
        }
        Why::SkillMissing { skill, level_min, .. } => {
            let skill = name(skill);
            let text = names.text("skill_missing", &[("who", &who), ("skill", &skill)]);
            (text, json!({"skill": skill, "needed_level": level_min}))
        }
        _ => {
            let skill = names.text("a_skill", &[]);
            (names.text("skill_missing", &[("who", &who), ("skill", &skill)]), json!({}))
        }
    }
}

fn equipment_name(names: &Names<'_>, equipment: EquipmentIdx) -> String {
    let id = names.roster().equipment.get(equipment.at());
    let kind = id.and_then(|id| names.catalogue.equipment.get(id));
    kind.map_or_else(|| names.text("equipment_of_nobody", &[]), |kind| kind.name.clone())
}

fn outside_zones(names: &Names<'_>, who: &str, zones: &[ZoneIdx]) -> Words {
    let name = |zone: &ZoneIdx| {
        let id = names.roster().zones.get(zone.at())?;
        names.catalogue.zones.get(id).map(|zone| zone.name.clone())
    };
    let found: Vec<String> = zones.iter().filter_map(name).collect();
    let text = if found.is_empty() {
        names.text("no_zone", &[("who", &who)])
    } else {
        let zones = found.join(&names.text("or", &[]));
        names.text("outside_zones", &[("who", &who), ("zones", &zones)])
    };
    (text, json!({ "zones": found }))
}

fn bound(names: &Names<'_>, why: &Why) -> Words {
    let when = |at| names.clock_and_date(instant(at));
    match why {
        Why::Notice { earliest } => (
            names.text("notice", &[("at", &when(*earliest))]),
            json!({"earliest": instant(*earliest)}),
        ),
        Why::Horizon { latest } => {
            (names.text("horizon", &[("at", &when(*latest))]), json!({"latest": instant(*latest)}))
        }
        Why::Freeze { earliest } => (
            names.text("freeze", &[("at", &when(*earliest))]),
            json!({"earliest": instant(*earliest)}),
        ),
        Why::Blackout { span } => (
            names.text("blackout", &[("from", &when(span.from)), ("until", &when(span.until))]),
            json!({"from": instant(span.from), "until": instant(span.until)}),
        ),
        _ => (String::new(), json!({})),
    }
}

fn booked_out(names: &Names<'_>, why: &Why) -> Words {
    match why {
        Why::DayCount { limit, used } => (
            names.text("day_count", &[("used", used), ("limit", limit)]),
            json!({"limit": limit, "used": used}),
        ),
        Why::DaySeconds { limit, used, needed } => {
            let (limit, used, needed) = (minutes(*limit), minutes(*used), minutes(*needed));
            (
                names.text(
                    "day_minutes",
                    &[("used", &used), ("limit", &limit), ("needed", &needed)],
                ),
                json!({"limit_min": limit, "used_min": used, "needed_min": needed}),
            )
        }
        _ => (String::new(), json!({})),
    }
}

fn time(
    names: &Names<'_>,
    who: &str,
    shift: Option<ShiftIdx>,
    obstacle: Obstacle,
    short_by: Seconds,
) -> Words {
    let short = minutes(short_by);
    let hours = shift.map(|shift| names.plan.shift(shift).shift());
    let text = match obstacle {
        Obstacle::ShiftStart => {
            let start = hours.map_or_else(String::new, |shift| names.plan.clock(shift.start));
            let values: Values<'_, 3> = [("who", &who), ("start", &start), ("short", &short)];
            names.text("time.shift_start", &values)
        }
        Obstacle::StopBefore { stop: at } => {
            let stop = names.stop(shift, at);
            let values: Values<'_, 3> = [("who", &who), ("stop", &stop), ("short", &short)];
            names.text("time.stop_before", &values)
        }
        Obstacle::Promise { stop: at, latest } => {
            let (stop, latest) = (names.stop(shift, at), names.plan.clock(latest));
            let values: Values<'_, 4> =
                [("who", &who), ("stop", &stop), ("latest", &latest), ("short", &short)];
            names.text("time.promise", &values)
        }
        Obstacle::Pause { pause: at } => {
            let pause = names.pause(shift, at);
            let values: Values<'_, 3> = [("who", &who), ("pause", &pause), ("short", &short)];
            names.text("time.pause", &values)
        }
        Obstacle::ShiftEnd => {
            let end = hours.map_or_else(String::new, |shift| names.plan.clock(shift.end));
            let values: Values<'_, 3> = [("who", &who), ("end", &end), ("short", &short)];
            names.text("time.shift_end", &values)
        }
    };
    (text, json!({"short_by_min": short}))
}

/// Limits of the technician: what would be needed, and what is allowed.
fn cap(names: &Names<'_>, who: &str, why: &Why) -> Words {
    let seconds = |key: &str, limit: Seconds, needed: Seconds| {
        let (limit, needed) = (limit.0.div_euclid(60), minutes(needed));
        let more = needed - limit;
        let values: Values<'_, 4> =
            [("who", &who), ("more", &more), ("limit", &limit), ("needed", &needed)];
        (names.text(key, &values), json!({"limit_min": limit, "needed_min": needed}))
    };
    let count = |key: &str, limit: u32, held: u32| {
        let values: Values<'_, 2> = [("who", &who), ("limit", &limit)];
        let text = counted(names.locale, key, i64::from(held), &values);
        (text, json!({"limit": limit, "held": held}))
    };
    match why {
        Why::VisitsPerDay { cap, held } => count("visits_per_day", *cap, *held),
        Why::VisitsPerWeek { cap, held } => count("visits_per_week", *cap, *held),
        Why::OnsitePerDay { cap, needed } => seconds("minutes_per_day", *cap, *needed),
        Why::OnsitePerWeek { cap, needed } => seconds("minutes_per_week", *cap, *needed),
        Why::DrivePerLeg { cap, needed } => seconds("drive_per_leg", *cap, *needed),
        Why::DrivePerDay { cap, needed } => seconds("drive_per_day", *cap, *needed),
        Why::Overtime { limit, needed } => seconds("overtime", *limit, *needed),
        _ => (names.text("cannot", &[("who", &who)]), json!({})),
    }
}

fn minutes(seconds: Seconds) -> i64 {
    minutes_up(seconds.0)
}

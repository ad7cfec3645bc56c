//! One sentence for each rule that can fail.

use roundsman_solver::explain::{Obstacle, Reason as Why};
use roundsman_solver::units::{Seconds, ShiftIdx, SkillIdx, ZoneIdx};
use serde_json::{Value, json};

use crate::planning::sentences::{Names, Told, clock_and_date, rule_name};
use crate::planning::times::{instant, minutes_up};

/// The sentence and the numbers of a reason that concerns `who`.
pub(super) fn told(names: &Names<'_>, who: &str, shift: Option<ShiftIdx>, why: &Why) -> Told {
    let (sentence, numbers) = match why {
        Why::Excluded => (format!("{who} was excluded"), json!({})),
        Why::NotWished => (format!("{who} is not among those who may come"), json!({})),
        Why::SkillMissing { .. } | Why::SkillTooLow { .. } | Why::SkillNotValid { .. } => {
            skill(names, who, why)
        }
        Why::NotCarried { equipment, .. } => {
            let kind = equipment_name(names, *equipment);
            (format!("{who} does not carry {kind}"), json!({ "equipment": kind }))
        }
        Why::OutsideZones { zones } => outside_zones(names, who, zones),
        Why::NoShift => (format!("{who} does not work then"), json!({})),
        Why::OutsideRange => ("that start is outside the time asked for".to_owned(), json!({})),
        Why::Notice { .. } | Why::Horizon { .. } | Why::Freeze { .. } | Why::Blackout { .. } => {
            bound(names, why)
        }
        Why::DayCount { .. } | Why::DaySeconds { .. } => booked_out(why),
        Why::RouteBroken => {
            let text = "the visits already planned cannot all be kept, so nothing can be added";
            (format!("{who}: {text}"), json!({}))
        }
        Why::Unreachable => (format!("no road leads {who} to the place and on"), json!({})),
        Why::Time { obstacle, short_by } => time(names, who, shift, *obstacle, *short_by),
        Why::PoolShort { pool, units, free, at } => {
            let kind = names.roster().pools.get(pool.at()).map(|(kind, _)| *kind);
            let kind = kind.and_then(|kind| names.catalogue.equipment.get(&kind));
            let kind = kind.map_or("equipment", |kind| kind.name.as_str());
            let clock = names.plan.clock(*at);
            let text = format!("{units} of {kind} needed, but only {free} free at {clock}");
            (text, json!({"needed_units": units, "free_units": free, "at": instant(*at)}))
        }
        Why::CrewIncomplete { filled, needed } => {
            let text = format!(
                "{who} could come, but only {filled} of the {needed} people needed are free"
            );
            (text, json!({"filled": filled, "needed": needed}))
        }
        _ => cap(who, why),
    };
    Told { rule: rule_name(why), sentence, numbers }
}

type Words = (String, Value);

fn skill(names: &Names<'_>, who: &str, why: &Why) -> Words {
    let name = |skill: &SkillIdx| {
        let id = names.roster().skills.get(skill.at());
        let skill = id.and_then(|id| names.catalogue.skills.get(id));
        skill.map_or_else(|| "a skill".to_owned(), |skill| skill.name.clone())
    };
    match why {
        Why::SkillTooLow { skill, held, level_min, .. } => (
            format!("{who} has {} at level {held}, level {level_min} is needed", name(skill)),
            json!({"skill": name(skill), "held_level": held, "needed_level": level_min}),
        ),
        Why::SkillNotValid { skill, valid, .. } => {
            let last = valid.until.0 < i64::MAX / 2;
            let until = instant(if last { valid.until } else { valid.from });
            let day = until.with_timezone(&names.roster().zone).format("%Y-%m-%d").to_string();
            let text = if last { "no longer holds from" } else { "holds only from" };
            (
                format!("{who}'s {} {text} {day}", name(skill)),
                json!({"skill": name(skill), "valid_from_or_until": day}),
            )
        }
        Why::SkillMissing { skill, level_min, .. } => (
            format!("{who} lacks {}", name(skill)),
            json!({"skill": name(skill), "needed_level": level_min}),
        ),
        _ => (format!("{who} lacks a skill"), json!({})),
    }
}

fn equipment_name(names: &Names<'_>, equipment: roundsman_solver::units::EquipmentIdx) -> String {
    let id = names.roster().equipment.get(equipment.at());
    let kind = id.and_then(|id| names.catalogue.equipment.get(id));
    kind.map_or_else(|| "equipment that nobody has".to_owned(), |kind| kind.name.clone())
}

fn outside_zones(names: &Names<'_>, who: &str, zones: &[ZoneIdx]) -> Words {
    let name = |zone: &ZoneIdx| {
        let id = names.roster().zones.get(zone.at())?;
        names.catalogue.zones.get(id).map(|zone| zone.name.clone())
    };
    let found: Vec<String> = zones.iter().filter_map(name).collect();
    let text = if found.is_empty() {
        format!("the place lies in no zone, and {who} works only in zones")
    } else {
        format!("{who} does not cover {}", found.join(" or "))
    };
    (text, json!({ "zones": found }))
}

fn bound(names: &Names<'_>, why: &Why) -> Words {
    let when = |at| clock_and_date(instant(at), names.roster());
    match why {
        Why::Notice { earliest } => (
            format!("that is too soon: the first start with enough notice is {}", when(*earliest)),
            json!({"earliest": instant(*earliest)}),
        ),
        Why::Horizon { latest } => (
            format!("that is too far ahead: the last start on offer is {}", when(*latest)),
            json!({"latest": instant(*latest)}),
        ),
        Why::Freeze { earliest } => (
            format!("what starts before {} may no longer change", when(*earliest)),
            json!({"earliest": instant(*earliest)}),
        ),
        Why::Blackout { span } => (
            format!("nothing is offered from {} to {}", when(span.from), when(span.until)),
            json!({"from": instant(span.from), "until": instant(span.until)}),
        ),
        _ => (String::new(), json!({})),
    }
}

fn booked_out(why: &Why) -> Words {
    match why {
        Why::DayCount { limit, used } => (
            format!("the service is booked out: {used} of {limit} a day"),
            json!({"limit": limit, "used": used}),
        ),
        Why::DaySeconds { limit, used, needed } => {
            let (limit, used, needed) = (minutes(*limit), minutes(*used), minutes(*needed));
            (
                format!("the service is booked out: {used} min used of {limit}, {needed} needed"),
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
    let stop =
        |stop| shift.map_or_else(|| "a visit".to_owned(), |s| names.plan.stop_words(s, stop));
    let pause = |at| shift.map_or_else(|| "a break".to_owned(), |s| names.plan.pause_words(s, at));
    let hours = shift.map(|shift| names.plan.shift(shift).shift());
    let text = match obstacle {
        Obstacle::ShiftStart => {
            let start = hours.map_or_else(String::new, |shift| names.plan.clock(shift.start));
            format!("{who} starts work at {start} and would get there {short} min too late")
        }
        Obstacle::StopBefore { stop: at } => {
            format!("{who} would come {short} min too late from {}", stop(at))
        }
        Obstacle::Promise { stop: at, latest } => {
            let latest = names.plan.clock(latest);
            format!(
                "{} (promised by {latest}) would start {short} min too late for {who}",
                stop(at)
            )
        }
        Obstacle::Pause { pause: at } => {
            format!("{} is in {who}'s way by {short} min", pause(at))
        }
        Obstacle::ShiftEnd => {
            let end = hours.map_or_else(String::new, |shift| names.plan.clock(shift.end));
            format!("{who} ends work at {end}; {short} min are missing")
        }
    };
    (text, json!({"short_by_min": short}))
}

/// Limits of the technician: what would be needed, and what is allowed.
fn cap(who: &str, why: &Why) -> Words {
    let seconds = |what: &str, limit: Seconds, needed: Seconds| {
        let (limit, needed) = (limit.0.div_euclid(60), minutes(needed));
        let more = needed - limit;
        (
            format!("{who} would need {more} min more {what} (limit {limit}, needed {needed})"),
            json!({"limit_min": limit, "needed_min": needed}),
        )
    };
    let count = |span: &str, cap: u32, held: u32| {
        (
            format!("{who} already has {held} visits that {span} (limit {cap})"),
            json!({"limit": cap, "held": held}),
        )
    };
    match why {
        Why::VisitsPerDay { cap, held } => count("day", *cap, *held),
        Why::VisitsPerWeek { cap, held } => count("week", *cap, *held),
        Why::OnsitePerDay { cap, needed } => seconds("on site that day", *cap, *needed),
        Why::OnsitePerWeek { cap, needed } => seconds("on site that week", *cap, *needed),
        Why::DrivePerLeg { cap, needed } => seconds("driving in one go", *cap, *needed),
        Why::DrivePerDay { cap, needed } => seconds("driving that day", *cap, *needed),
        Why::Overtime { limit, needed } => seconds("overtime", *limit, *needed),
        _ => (format!("{who} cannot come"), json!({})),
    }
}

fn minutes(seconds: Seconds) -> i64 {
    minutes_up(seconds.0)
}

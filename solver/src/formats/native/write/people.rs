//! Technicians and their shifts.

use super::Writer;
use super::names::Words;
use crate::formats::native::problem::{HeldSkill, HeldZone, Technician};
use crate::formats::native::shifts::{Break, Shift, Span, WorkLimit};
use crate::optimize::model::{Break as Rest, Shift as Work};
use crate::problem::{Coverage, Technician as Person, ZoneLevel};
use crate::units::PlaceIdx;

pub(super) fn technicians(writer: &mut Writer<'_>) -> Vec<Technician> {
    let case = writer.case;
    let people = case.model.technicians.iter().enumerate();
    people.map(|(at, person)| technician(writer, at, person)).collect()
}

fn technician(writer: &mut Writer<'_>, at: usize, person: &Person) -> Technician {
    let model = &writer.case.model;
    let id = writer.words.technicians[at].clone();
    let paces: Vec<(u32, u32)> = model
        .paces
        .iter()
        .filter(|pace| pace.technician.at() == at)
        .map(|pace| (pace.skill.0, pace.percent))
        .collect();
    let mut paced = Vec::new();
    let mut skills = Vec::new();
    for held in &person.skills {
        let pace = paces.iter().find(|(skill, _)| *skill == held.skill.0 && !paced.contains(skill));
        paced.extend(pace.map(|(skill, _)| *skill));
        skills.push(HeldSkill {
            skill: writer.words.skill(held.skill.at()),
            level: held.level,
            valid_from: held.valid_from.map(|from| writer.time(from)),
            valid_until: held.valid_until.map(|until| writer.time(until)),
            pace_percent: pace.map(|(_, percent)| *percent),
        });
    }
    if paces.iter().any(|(skill, _)| !paced.contains(skill)) {
        writer.lose(format!("technician {id}: a pace at a skill they do not have"));
    }
    let zones = match &person.coverage {
        Coverage::Everywhere => None,
        Coverage::Zones(zones) => {
            let zone = |held: &crate::problem::HeldZone| HeldZone {
                zone: writer.words.zone(held.zone.at()),
                secondary: held.level == ZoneLevel::Secondary,
            };
            Some(zones.iter().map(zone).collect())
        }
    };
    let history = model.history.get(at).copied();
    let limits = [
        person.caps.onsite_per_day,
        person.caps.onsite_per_week,
        person.caps.drive_per_leg,
        person.caps.drive_per_day,
    ];
    let limits = limits.map(|limit| limit.map(|limit| writer.seconds(limit)));
    Technician {
        id,
        skills,
        zones,
        carried: person.carried.iter().map(|tool| writer.words.tool(tool.at())).collect(),
        visits_per_day_max: person.caps.visits_per_day,
        visits_per_week_max: person.caps.visits_per_week,
        onsite_per_day_max_s: limits[0],
        onsite_per_week_max_s: limits[1],
        drive_per_leg_max_s: limits[2],
        drive_per_day_max_s: limits[3],
        history_s: history.map_or(0, |history| writer.seconds(history)),
        share: model.shares.get(at).copied(),
    }
}

pub(super) fn shifts(writer: &mut Writer<'_>) -> Vec<Shift> {
    let case = writer.case;
    let shifts = case.model.shifts.iter().enumerate();
    shifts.map(|(at, shift)| work(writer, at, shift)).collect()
}

fn work(writer: &mut Writer<'_>, at: usize, shift: &Work) -> Shift {
    let place = |writer: &Writer<'_>, place: Option<PlaceIdx>| {
        place.map(|place| writer.words.places[place.at()].clone())
    };
    let id = writer.words.shifts[at].clone();
    let breaks = shift.breaks.iter().map(|rest| pause(writer, &id, rest)).collect();
    let work_limit = shift.work_limit.map(|limit| WorkLimit {
        longest_s: writer.seconds(limit.longest),
        rest_s: writer.seconds(limit.rest),
    });
    let amounts = |writer: &Writer<'_>, amounts: &[i64]| {
        (!amounts.is_empty()).then(|| writer.amounts(amounts))
    };
    Shift {
        technician: writer.words.technicians[shift.technician.at()].clone(),
        day: shift.day,
        week: shift.week,
        profile: (!writer.case.model.matrices.is_empty()).then(|| Words::profile(shift.profile)),
        start: writer.time(shift.start),
        end: writer.time(shift.end),
        overtime_max_s: writer.seconds(shift.overtime_limit),
        start_place: place(writer, shift.start_place),
        set_up: shift.set_up,
        end_place: place(writer, shift.end_place),
        breaks,
        work_limit,
        capacity: amounts(writer, &shift.capacity),
        stock: amounts(writer, &shift.stock),
        depots: shift.depots.iter().filter_map(|depot| place(writer, Some(*depot))).collect(),
        depot_duration_s: writer.seconds(shift.depot_duration),
        depot_stops_max: Some(shift.depot_stops_max),
        visits_max: shift.visits_max,
        drive_max_s: shift.drive_max.map(|limit| writer.seconds(limit)),
        metres_max: shift.metres_max.map(|limit| writer.whole(limit.0, "a distance")),
        paid_max_s: shift.paid_max.map(|limit| writer.seconds(limit)),
        drive_percent: shift.drive_percent,
        used_cost: writer.money(shift.rates.used),
        paid_per_hour: writer.per_hour(shift.rates.paid_second),
        drive_per_hour: writer.per_hour(shift.rates.drive_second),
        per_km: writer.per_km(shift.rates.metre),
        onsite_per_hour: writer.per_hour(shift.rates.onsite_second),
        overtime_per_hour: writer.per_hour(shift.rates.overtime_second),
        id,
    }
}

fn pause(writer: &mut Writer<'_>, shift: &str, rest: &Rest) -> Break {
    if rest.padded && rest.paid {
        writer.lose(format!("shift {shift}: an absence that is paid"));
    }
    let span = |(earliest, latest): &(_, _)| Span {
        earliest: writer.time(*earliest),
        latest: writer.time(*latest),
    };
    Break {
        starts: rest.starts.iter().map(span).collect(),
        place: rest.place.map(|place| writer.words.places[place.at()].clone()),
        missed_cost: rest.missed_cost.map(|cost| writer.money(cost)),
        unpaid: !rest.paid,
        absence: rest.padded,
        load_max: (!rest.load_max.is_empty()).then(|| writer.amounts(&rest.load_max)),
        duration_s: writer.seconds(rest.duration),
    }
}

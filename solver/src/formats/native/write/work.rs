//! Visits and what binds them.

use super::Writer;
use crate::formats::native::problem::{Link, LinkKind};
use crate::formats::native::shifts::Span;
use crate::formats::native::visits::{
    CrewRole, Due, NeededSkill, OwnTimes, PoolNeed, Preference, Visit, Window,
};
use crate::optimize::model::{self, Link as Bond};
use crate::problem::Role;
use crate::units::{Seconds, TechnicianIdx, VisitIdx};

pub(super) fn visits(writer: &mut Writer<'_>) -> Vec<Visit> {
    let case = writer.case;
    let visits = case.model.visits.iter().enumerate();
    visits.map(|(at, visit)| one(writer, at, visit)).collect()
}

fn one(writer: &mut Writer<'_>, at: usize, visit: &model::Visit) -> Visit {
    let people = |writer: &Writer<'_>, people: &[TechnicianIdx]| -> Vec<String> {
        people.iter().map(|who| writer.words.technicians[who.at()].clone()).collect()
    };
    let wishes = &visit.wishes;
    let prefer = |(who, saved): &(TechnicianIdx, i64)| Preference {
        technician: writer.words.technicians[who.at()].clone(),
        saved: writer.money(*saved),
    };
    let preferred = wishes.preferred.iter().map(prefer).collect();
    let zones = visit.zones.as_ref();
    let (skills, crew) = crew(writer, visit);
    Visit {
        id: writer.words.visits[at].clone(),
        place: visit.place.map(|place| writer.words.places[place.at()].clone()),
        windows: visit.windows.iter().map(|window| open(writer, window)).collect(),
        promise: visit.promise.map(|promise| Span {
            earliest: writer.time(promise.earliest),
            latest: writer.time(promise.latest),
        }),
        due: visit.due.map(|due| Due {
            by: writer.time(due.by),
            late_per_hour: writer.per_hour(due.late_second),
        }),
        zones: zones.map(|zones| zones.iter().map(|zone| writer.words.zone(zone.at())).collect()),
        only: wishes.only.as_ref().map(|only| people(writer, only)),
        required: people(writer, &wishes.required),
        excluded: people(writer, &wishes.excluded),
        preferred,
        usual: people(writer, &visit.usual),
        tools: visit.tools.iter().map(|tool| writer.words.tool(tool.at())).collect(),
        delivery: writer.amounts(&visit.delivery),
        pickup: writer.amounts(&visit.pickup),
        transfer: writer.amounts(&visit.transfer),
        parts: writer.amounts(&visit.parts),
        mandatory: visit.mandatory,
        prize: writer.money(visit.prize),
        priority: visit.priority,
        service_s: writer.seconds(visit.duration),
        setup_s: writer.seconds(visit.setup),
        exit_s: writer.seconds(visit.exit),
        own_times: visit.own_times.iter().map(|own| own_times(writer, own)).collect(),
        pad_before_s: writer.seconds(visit.pad_before),
        pad_after_s: writer.seconds(visit.pad_after),
        pools: visit.pools.iter().map(|need| pool(writer, need)).collect(),
        skills,
        crew,
    }
}

fn own_times(writer: &mut Writer<'_>, own: &model::OwnTimes) -> OwnTimes {
    OwnTimes {
        technician: writer.words.technicians[own.technician.at()].clone(),
        service_s: writer.seconds(own.duration),
        setup_s: writer.seconds(own.setup),
    }
}

fn open(writer: &Writer<'_>, window: &model::Window) -> Window {
    Window {
        earliest: writer.time(window.earliest),
        latest: writer.time(window.latest),
        early_per_hour: window.early_second.map(|rate| writer.per_hour(rate)),
        late_per_hour: window.late_second.map(|rate| writer.per_hour(rate)),
    }
}

/// The skills of a visit for one person, or its crew.
fn crew(writer: &mut Writer<'_>, visit: &model::Visit) -> (Vec<NeededSkill>, Vec<CrewRole>) {
    if let [only] = visit.crew.as_slice()
        && only.duration.is_none()
        && only.needs.carried.is_empty()
    {
        return (skills(writer, &only.needs), Vec::new());
    }
    let role = |role: &model::CrewRole| CrewRole {
        skills: skills(writer, &role.needs),
        carried: role.needs.carried.iter().map(|tool| writer.words.tool(tool.at())).collect(),
        service_s: role.duration.map(|length| writer.seconds(length)),
    };
    (Vec::new(), visit.crew.iter().map(role).collect())
}

fn skills(writer: &Writer<'_>, role: &Role) -> Vec<NeededSkill> {
    let need = |need: &crate::problem::SkillNeed| NeededSkill {
        skill: writer.words.skill(need.skill.at()),
        level_min: need.level_min,
    };
    role.skills.iter().map(need).collect()
}

fn pool(writer: &mut Writer<'_>, need: &model::PoolNeed) -> PoolNeed {
    PoolNeed {
        pool: writer.words.pools[need.pool.at()].clone(),
        units: need.units,
        lead_s: writer.seconds(need.lead),
        trail_s: writer.seconds(need.trail),
    }
}

pub(super) fn link(writer: &mut Writer<'_>, bond: Bond) -> Link {
    let gap = match bond {
        Bond::Gap { min, max, .. } => (LinkKind::Gap, min, max),
        Bond::Starts { min, max, .. } => (LinkKind::Starts, min, max),
        Bond::SameTechnicians { .. } => (LinkKind::SameTechnicians, Seconds::ZERO, None),
        Bond::DifferentTechnicians { .. } => (LinkKind::DifferentTechnicians, Seconds::ZERO, None),
        Bond::Shipment { .. } => (LinkKind::Shipment, Seconds::ZERO, None),
        Bond::Both { .. } => (LinkKind::Both, Seconds::ZERO, None),
    };
    let ((kind, min, max), (first, second)) = (gap, bond.visits());
    let name = |writer: &Writer<'_>, visit: VisitIdx| writer.words.visits[visit.at()].clone();
    Link {
        kind,
        first: name(writer, first),
        second: name(writer, second),
        min_s: writer.seconds(min),
        max_s: max.map(|max| writer.seconds(max)),
    }
}

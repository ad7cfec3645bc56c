//! Rules about the person: wishes, skills, carried equipment, zones.

use crate::explain::candidates::Intervals;
use crate::explain::{Change, Failure, Reason, Rule};
use crate::problem::{Request, Role, SkillNeed, Technician};
use crate::slots::fit;
use crate::units::{EquipmentIdx, Moment, SkillIdx, Span, TechnicianIdx};

/// Tries the rules in their order.
///
/// * `wished`: whether the technician is wanted whatever the request says.
/// * `planned`: the planned starts in question.
pub(super) fn examine(
    request: &Request,
    (at, technician, wished): (TechnicianIdx, &Technician, bool),
    planned: &Intervals,
) -> Result<(), Failure> {
    if !wished {
        wish(request, at)?;
    }
    let skilled: Vec<usize> = (0..request.roles.len())
        .filter(|&role| lacking(&request.roles[role], technician, planned).is_empty())
        .collect();
    if skilled.is_empty() {
        return Err(skill(request, technician, planned));
    }
    let carries = |role: &&usize| technician.carries(&request.roles[**role]);
    if skilled.iter().find(carries).is_none() {
        return Err(carried(request, technician, skilled[0]));
    }
    let pieces = fit::pieces(request, technician);
    let is_valid = |span: &Span| !planned.clipped(span.from.0, span.until.0 - 1).is_empty();
    if !pieces.iter().any(|(span, _)| is_valid(span)) {
        return Err(never_together(request, technician, skilled[0]));
    }
    if fit::zone_level(request, technician).is_none() {
        let zones = request.zones.clone().unwrap_or_default();
        let reason = Reason::OutsideZones { zones: zones.clone() };
        return Err((Rule::Zone, reason, Change::Zone { zones }));
    }
    Ok(())
}

fn wish(request: &Request, at: TechnicianIdx) -> Result<(), Failure> {
    let wishes = &request.wishes;
    if wishes.excluded.contains(&at) {
        return Err((Rule::Wish, Reason::Excluded, Change::Wish));
    }
    let is_full = request.roles.len() <= fit::required_count(request);
    if !fit::is_wished(request, at) || is_full && !wishes.required.contains(&at) {
        return Err((Rule::Wish, Reason::NotWished, Change::Wish));
    }
    Ok(())
}

/// Needs of a role that the technician does not meet at any planned start in question.
fn lacking(role: &Role, technician: &Technician, planned: &Intervals) -> Vec<SkillNeed> {
    let met = |need: &SkillNeed| {
        technician.skills.iter().any(|held| {
            let span = held.span();
            let last = span.until.0.saturating_sub(1);
            held.meets(*need) && !planned.clipped(span.from.0, last).is_empty()
        })
    };
    role.skills.iter().filter(|need| !met(need)).copied().collect()
}

fn skill(request: &Request, technician: &Technician, planned: &Intervals) -> Failure {
    let all: Vec<Vec<SkillNeed>> =
        request.roles.iter().map(|role| lacking(role, technician, planned)).collect();
    let role = (0..all.len()).min_by_key(|&role| (all[role].len(), role)).unwrap_or(0);
    let needs = all[role].clone();
    let SkillNeed { skill, level_min } = needs[0];
    let held: Vec<_> = technician.skills.iter().filter(|held| held.skill == skill).collect();
    let valid = held.iter().find(|held| held.level >= level_min).map(|held| held.span());
    let best = held.iter().map(|held| held.level).max();
    let reason = match (valid, best) {
        (Some(valid), _) => Reason::SkillNotValid { role, skill, valid },
        (None, Some(held)) => Reason::SkillTooLow { role, skill, held, level_min },
        (None, None) => Reason::SkillMissing { role, skill, level_min },
    };
    (Rule::Skill, reason, Change::Skills { needs })
}

/// Each skill is valid at some start in question, but no start finds all of them valid.
fn never_together(request: &Request, technician: &Technician, role: usize) -> Failure {
    let needs = request.roles[role].skills.clone();
    let skill = needs.first().map_or(SkillIdx(0), |need| need.skill);
    let valid = |need: &SkillNeed| {
        let held = technician.skills.iter().find(|held| held.meets(*need));
        held.map(|held| held.span())
    };
    let valid = needs.first().and_then(valid).unwrap_or(Span::new(Moment(0), Moment(0)));
    (Rule::Skill, Reason::SkillNotValid { role, skill, valid }, Change::Skills { needs })
}

fn carried(request: &Request, technician: &Technician, role: usize) -> Failure {
    let missing: Vec<EquipmentIdx> = request.roles[role]
        .carried
        .iter()
        .filter(|kind| !technician.carried.contains(kind))
        .copied()
        .collect();
    let reason = Reason::NotCarried { role, equipment: missing[0] };
    (Rule::Carried, reason, Change::Carry { equipment: missing })
}

//! Visits of the live plan as visits of the optimizer.

use roundsman_solver::optimize::model::{CrewRole, PoolNeed, Promise, Visit as Model, Window};
use roundsman_solver::problem::{Role, SkillNeed, Stop, Wishes};
use roundsman_solver::units::{EquipmentIdx, PlaceIdx, Seconds, TechnicianIdx};

use crate::domain::proposals::Stand;
use crate::planning::optimizing::questions::{Question, Subject};
use crate::planning::optimizing::weights::late_second;
use crate::planning::roster::Roster;
use crate::planning::times::{minutes, moment};

/// A visit that may move, or waits for somebody.
///
/// * `stop`: where it stands, if it does; its length may differ from what the services say.
/// * `place`: its place in the model.
pub(super) fn free(
    question: &Question,
    subject: &Subject,
    stop: Option<&Stop>,
    place: PlaceIdx,
) -> Model {
    let (visit, roster) = (&subject.visit, question.plan.roster.as_ref());
    let planned = visit.needs.on_site_s() + visit.actual.extra_s;
    let duration = stop.map_or(Seconds(planned.max(0)), |stop| stop.duration);
    let (before, after) = visit.needs.travel.buffers_min();
    let mut model = Model::new(Some(place), duration);
    model.pad_before = minutes(before);
    model.pad_after = minutes(after);
    model.promise = promise(subject, subject.before.as_ref());
    model.windows = if question.urgent == Some(subject.id()) {
        vec![at_once(question)]
    } else {
        missed(subject, model.promise, question).into_iter().collect()
    };
    model.crew = crew(subject, roster);
    model.zones = Some(subject.zones.iter().filter_map(|zone| roster.zone(*zone)).collect());
    model.wishes = Wishes { only: only(subject, roster), ..Wishes::default() };
    model.usual = subject.usual.iter().filter_map(|id| roster.technician(*id)).collect();
    model.pools = pools(subject, roster);
    model.mandatory = subject.weight;
    model.priority = subject.priority;
    model
}

/// A visit that stays where it is: what it takes of time and road, and no rule that it might break.
pub(super) fn fixed(stop: &Stop, crew: usize, place: Option<PlaceIdx>) -> Model {
    let mut model = Model::new(place, stop.duration);
    model.crew = vec![CrewRole::default(); crew.max(1)];
    model
}

/// The promise; one that the plan breaks already is stretched to the plan, so that it does not get
/// worse.
fn promise(subject: &Subject, before: Option<&Stand>) -> Option<Promise> {
    let window = subject.visit.promised?;
    let (mut earliest, mut latest) = (moment(window.from), moment(window.until));
    if let Some(stand) = before.filter(|_| !subject.stranded) {
        earliest = earliest.min(moment(stand.start));
        latest = latest.max(moment(stand.start));
    }
    Some(Promise { earliest, latest })
}

/// What was promised, where the plan breaks it: every hour nearer to it is worth what a broken one costs,
/// so that a repair brings it back where that can be done.
fn missed(subject: &Subject, kept: Option<Promise>, question: &Question) -> Option<Window> {
    let window = subject.visit.promised?;
    let (earliest, latest) = (moment(window.from), moment(window.until));
    if question.break_promises || kept == Some(Promise { earliest, latest }) {
        return None;
    }
    let second = Some(late_second(question.weights));
    Some(Window { earliest, latest, early_second: second, late_second: second })
}

/// As soon as can be: every hour of waiting costs what an hour beyond a promise does.
fn at_once(question: &Question) -> Window {
    let opening = question.opening();
    let late_second = Some(late_second(question.weights));
    Window { earliest: opening, latest: opening, early_second: None, late_second }
}

fn crew(subject: &Subject, roster: &Roster) -> Vec<CrewRole> {
    let mut crew: Vec<CrewRole> = subject
        .visit
        .needs
        .crew
        .iter()
        .map(|role| {
            let skills = role.skills.iter().filter_map(|need| {
                let skill = roster.skill(need.skill_id)?;
                Some(SkillNeed { skill, level_min: need.level_min })
            });
            let needs = Role { skills: skills.collect(), carried: Vec::new() };
            CrewRole { needs, duration: None }
        })
        .collect();
    for (kind, units) in &subject.carried {
        // A kind that nobody has makes the visit impossible, and the reason says so.
        let number = roster.equipment(*kind).unwrap_or(EquipmentIdx(u32::MAX));
        for role in crew.iter_mut().take(*units as usize) {
            role.needs.carried.push(number);
        }
    }
    crew
}

fn only(subject: &Subject, roster: &Roster) -> Option<Vec<TechnicianIdx>> {
    let only = subject.only.as_ref()?;
    Some(only.iter().filter_map(|id| roster.technician(*id)).collect())
}

fn pools(subject: &Subject, roster: &Roster) -> Vec<PoolNeed> {
    let need = |take: &super::Take| {
        let (lead, trail) = (Seconds(take.lead_s), Seconds(take.trail_s));
        Some(PoolNeed { pool: roster.pool(take.kind)?, units: take.units, lead, trail })
    };
    subject.takes.iter().filter_map(need).collect()
}

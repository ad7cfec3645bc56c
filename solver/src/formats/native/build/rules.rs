//! Links, the plan in force, what is frozen, and the weights.

use super::super::problem::{Allow, Link as Given, LinkKind, Lock as GivenLock};
use super::{Build, Of};
use crate::optimize::model::{Current, Freeze, Link, Lock, Relaxation};
use crate::units::{Seconds, ShiftIdx, VisitIdx};

pub(super) fn build(build: &mut Build<'_>) {
    let problem = build.problem;
    for (number, given) in problem.links.iter().enumerate() {
        let link = link(build, &format!("links[{number}]"), given);
        build.model.links.push(link);
    }
    if !problem.current.is_empty() {
        build.model.current = vec![None; problem.visits.len()];
    }
    for (number, given) in problem.current.iter().enumerate() {
        let at = format!("current[{number}]");
        let visit = build.find(Of::Visit, &format!("{at}.visit"), &given.visit);
        let mut shifts = Vec::new();
        for id in &given.shifts {
            shifts.push(ShiftIdx(build.find(Of::Shift, &format!("{at}.shifts"), id)));
        }
        let lock = match given.lock {
            GivenLock::Free => Lock::Free,
            GivenLock::Time => Lock::Time,
            GivenLock::Technician => Lock::Technician,
            GivenLock::Both => Lock::Both,
            GivenLock::Window => Lock::Window,
        };
        let start = given.start.moment();
        if let Some(slot) = build.model.current.get_mut(visit as usize) {
            *slot = Some(Current { start, shifts, lock, started: given.started });
        }
    }
    let relaxation = |given: &super::super::problem::Relaxation| {
        let allowed = match given.allow {
            Allow::Times => Relaxation::Times,
            Allow::Order => Relaxation::Order,
            Allow::Anything => Relaxation::Anything,
        };
        (given.from.moment(), allowed)
    };
    build.model.freeze = Freeze {
        until: problem.freeze.until.map(super::super::Time::moment),
        relaxations: problem.freeze.relaxations.iter().map(relaxation).collect(),
        notice: Seconds(problem.freeze.notice_s.into()),
    };
    build.model.weights = problem.weights.weights(&mut build.money());
    build.model.from = problem.from.map(super::super::Time::moment);
}

fn link(build: &mut Build<'_>, at: &str, given: &Given) -> Link {
    let first = VisitIdx(build.find(Of::Visit, &format!("{at}.first"), &given.first));
    let second = VisitIdx(build.find(Of::Visit, &format!("{at}.second"), &given.second));
    let min = Seconds(given.min_s.into());
    let max = given.max_s.map(|max| Seconds(max.into()));
    let timed = matches!(given.kind, LinkKind::Gap | LinkKind::Starts);
    if !timed && (given.min_s > 0 || max.is_some()) {
        build.faults.add(at, "min_s and max_s belong to gap and starts only");
    }
    match given.kind {
        LinkKind::Gap => Link::Gap { before: first, after: second, min, max },
        LinkKind::Starts => Link::Starts { before: first, after: second, min, max },
        LinkKind::SameTechnicians => Link::SameTechnicians { first, second },
        LinkKind::DifferentTechnicians => Link::DifferentTechnicians { first, second },
        LinkKind::Shipment => Link::Shipment { first, second },
        LinkKind::Both => Link::Both { first, second },
    }
}

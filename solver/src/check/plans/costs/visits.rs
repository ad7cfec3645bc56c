//! Costs of single visits: windows, due times, promises, people, stability, risk, prizes.

use super::{Amount, Found, Subject, window};
use crate::check::plans::currents::moved_roles;
use crate::check::plans::lookup::current;
use crate::check::plans::people::held_level;
use crate::check::plans::reading::{Done, Member, Plan};
use crate::optimize::solution::Rule;
use crate::problem::ZoneLevel;
use crate::units::{Moment, Seconds, VisitIdx};

/// Every visit, done or left out.
///
/// * Prizes: `prize` of a visit left out.
pub(super) fn list(plan: &Plan, found: &mut Found) {
    let first_day = plan.model.shifts.iter().map(|shift| shift.day).min().unwrap_or(0);
    for (at, done) in plan.done.iter().enumerate() {
        let Some(done) = done else {
            let visit = VisitIdx(u32::try_from(at).unwrap_or(u32::MAX));
            let prize = Amount::Grains(plan.model.visits[at].prize);
            found.add(Rule::Prizes, Subject::Visit { visit }, prize, 1);
            continue;
        };
        times(plan, done, found);
        stability(plan, done, found);
        people(plan, done, found);
        let day = plan.model.shifts[done.crew[0].shift.at()].day;
        let days = Amount::Count(i64::from(day) - i64::from(first_day));
        let subject = Subject::Visit { visit: done.visit };
        found.add(Rule::LaterDays, subject, days, plan.model.weights.later_day);
    }
}

/// Seconds that a visit is late: start after the window that counts, or end after the due time.
pub(super) fn lateness(plan: &Plan, done: &Done) -> Seconds {
    let visit = &plan.model.visits[done.visit.at()];
    let start = window(visit, done.start).map_or(Seconds::ZERO, |found| found.late);
    let end = visit.due.map_or(Seconds::ZERO, |due| done.end - due.by);
    start.max(end)
}

/// * Windows: early seconds x `early_second`, late seconds x `late_second` of the cheapest window,
///   x `late_percent` / 100, rounded down.
/// * Due: seconds of the visit's end after `by` x `late_second` x `late_percent` / 100, rounded
///   down.
/// * Promises: outside the promise `broken_promise`, and per second of the start's distance to it
///   `broken_promise_second`.
fn times(plan: &Plan, done: &Done, found: &mut Found) {
    let (model, subject) = (plan.model, Subject::Visit { visit: done.visit });
    let visit = &model.visits[done.visit.at()];
    let per_cent = |cost: i64| (cost * model.weights.late_percent).div_euclid(100);
    if let Some(missed) = window(visit, done.start) {
        let seconds = missed.early.max(missed.late).0;
        let price = (missed.cost.checked_div(seconds).unwrap_or(0), per_cent(missed.cost));
        found.priced(Rule::Windows, subject, Amount::Seconds(seconds), price);
    }
    if let Some(due) = visit.due {
        let late = (done.end - due.by).max(Seconds::ZERO).0;
        let price = (due.late_second, per_cent(late * due.late_second));
        found.priced(Rule::Due, subject, Amount::Seconds(late), price);
    }
    let away = visit.promise.map_or(Seconds::ZERO, |promise| {
        (promise.earliest - done.start).max(done.start - promise.latest)
    });
    if away > Seconds::ZERO {
        let once = model.weights.broken_promise.unwrap_or(0);
        found.add(Rule::Promises, subject, Amount::Count(1), once);
        let second = model.weights.broken_promise_second;
        found.add(Rule::Promises, subject, Amount::Seconds(away.0), second);
    }
}

/// For visits that were planned and are done:
///
/// * crew roles filled by another technician x `moved_technician`;
/// * seconds between the two starts x `moved_second`;
/// * once `moved_visit` if either is not 0.
fn stability(plan: &Plan, done: &Done, found: &mut Found) {
    let Some(current) = current(plan.model, done.visit) else { return };
    let weights = &plan.model.weights;
    let subject = Subject::Visit { visit: done.visit };
    let roles = moved_roles(plan, done, current);
    let seconds = (done.start.0 - current.start.0).abs();
    found.add(Rule::Stability, subject, Amount::Count(roles), weights.moved_technician);
    found.add(Rule::Stability, subject, Amount::Seconds(seconds), weights.moved_second);
    if roles > 0 || seconds > 0 {
        found.add(Rule::Stability, subject, Amount::Count(1), weights.moved_visit);
    }
}

/// * Continuity: once `unusual_technician` if somebody usually serves the customer, but none of
///   the crew.
/// * Preferences, for each member: minus what is saved by sending this technician.
/// * Zones, for each member: `secondary_zone` if the place is only in secondary zones.
/// * Unneeded levels, for each member and skill: levels above the one needed x `unneeded_level`.
/// * Risk, for each member: seconds by which the own end is nearer to the soft end of the shift
///   than `margin` x `second`, if the visit has at least `priority_min`.
fn people(plan: &Plan, done: &Done, found: &mut Found) {
    let weights = &plan.model.weights;
    let visit = &plan.model.visits[done.visit.at()];
    let usual = done.crew.iter().any(|member| visit.usual.contains(&member.technician));
    if !visit.usual.is_empty() && !usual {
        let subject = Subject::Visit { visit: done.visit };
        found.add(Rule::Continuity, subject, Amount::Count(1), weights.unusual_technician);
    }
    for member in &done.crew {
        let (role, technician) = (member.role, member.technician);
        let subject = Subject::Member { visit: done.visit, role, technician };
        let saved = visit.wishes.preferred.iter().filter(|(who, _)| *who == technician);
        let saved: i64 = saved.map(|(_, grains)| grains).sum();
        found.add(Rule::Preferences, subject, Amount::Grains(-saved), 1);
        let coverage = &plan.model.technicians[technician.at()].coverage;
        let level = visit.zones.as_ref().and_then(|zones| coverage.level(zones));
        if level == Some(ZoneLevel::Secondary) {
            found.add(Rule::Zones, subject, Amount::Count(1), weights.secondary_zone);
        }
        let levels = Amount::Count(unneeded(plan, member, (done.visit, done.start)));
        found.add(Rule::UnneededLevels, subject, levels, weights.unneeded_level);
        if visit.priority >= weights.risk.priority_min {
            let spare = plan.model.shifts[member.shift.at()].end - member.end;
            let short = (weights.risk.margin - spare).max(Seconds::ZERO);
            found.add(Rule::Risk, subject, Amount::Seconds(short.0), weights.risk.second);
        }
    }
}

fn unneeded(plan: &Plan, member: &Member, (visit, start): (VisitIdx, Moment)) -> i64 {
    let needs = &plan.model.visits[visit.at()].crew[member.role].needs.skills;
    let above = needs.iter().map(|need| {
        let held = held_level(plan, member, need.skill, start);
        i64::from(held.saturating_sub(need.level_min))
    });
    above.sum()
}

//! What binds visits to each other: links and shared equipment.

use crate::check::plans::PlanFault;
use crate::check::plans::reading::{Done, Plan};
use crate::optimize::model::Link;
use crate::units::{Moment, PoolIdx, Seconds};

/// Every broken link and every moment at which too many units of a pool are in use.
pub(super) fn verify(plan: &Plan, faults: &mut Vec<PlanFault>) {
    for (at, &link) in plan.model.links.iter().enumerate() {
        let (first, second) = link.visits();
        let pair = (plan.done[first.at()].as_ref(), plan.done[second.at()].as_ref());
        if let Err(amount) = holds(plan, link, pair) {
            faults.push(PlanFault::Link { link: at, first, second, amount });
        }
    }
    for at in 0..plan.model.pools.len() {
        pool(plan, PoolIdx(u32::try_from(at).unwrap_or(u32::MAX)), faults);
    }
}

/// Whether a link holds; if not, by how many seconds it fails (0 = it is not about seconds).
fn holds(plan: &Plan, link: Link, pair: (Option<&Done>, Option<&Done>)) -> Result<(), i64> {
    let (first, second) = match (link, pair) {
        (_, (Some(first), Some(second))) => (first, second),
        (_, (None, None)) => return Ok(()),
        (Link::Gap { .. } | Link::Starts { .. }, (None, Some(_)))
        | (Link::Shipment { .. } | Link::Both { .. }, _) => return Err(0),
        _ => return Ok(()),
    };
    match link {
        Link::Gap { min, max, .. } => between(second.start - first.end, min, max),
        Link::Starts { min, max, .. } => between(second.start - first.start, min, max),
        Link::SameTechnicians { .. } => {
            let people = |done: &Done| -> Vec<_> {
                done.crew.iter().map(|member| (member.role, member.technician)).collect()
            };
            if people(first) == people(second) { Ok(()) } else { Err(0) }
        }
        Link::DifferentTechnicians { .. } => {
            let same = |technician| second.crew.iter().any(|m| m.technician == technician);
            let both = first.crew.iter().any(|member| same(member.technician));
            if both { Err(0) } else { Ok(()) }
        }
        Link::Shipment { .. } => {
            let place = |done: &Done| (done.crew[0].trip, done.crew[0].stop);
            let (taken, left) = (place(first), place(second));
            let crews = (first, second);
            let alone = plan.model.visits[crews.0.visit.at()].crew.len() == 1
                && plan.model.visits[crews.1.visit.at()].crew.len() == 1;
            if alone && taken.0 == left.0 && taken.1 < left.1 { Ok(()) } else { Err(0) }
        }
        Link::Both { .. } => Ok(()),
    }
}

fn between(gap: Seconds, min: Seconds, max: Option<Seconds>) -> Result<(), i64> {
    if gap < min {
        return Err((gap - min).0);
    }
    match max {
        Some(max) if gap > max => Err((gap - max).0),
        _ => Ok(()),
    }
}

/// The first moment at which more units are gone than exist; usage only grows where one begins.
fn pool(plan: &Plan, pool: PoolIdx, faults: &mut Vec<PlanFault>) {
    let listed = &plan.model.pools[pool.at()];
    let mut uses: Vec<(Moment, Moment, i64)> =
        listed.taken.iter().map(|t| (t.span.from, t.span.until, i64::from(t.units))).collect();
    for done in plan.done.iter().flatten() {
        let needs = plan.model.visits[done.visit.at()].pools.iter();
        for need in needs.filter(|need| need.pool == pool) {
            uses.push((done.start - need.lead, done.end + need.trail, i64::from(need.units)));
        }
    }
    let outside = listed.taken.len();
    let units = i64::from(listed.units);
    let mut worst: Option<(Moment, i64)> = None;
    for &(at, _, _) in &uses {
        let gone = |uses: &[(Moment, Moment, i64)]| -> i64 {
            uses.iter().filter(|(from, until, _)| *from <= at && at < *until).map(|u| u.2).sum()
        };
        // Maintenance may take more than there is; only what visits use on top is a fault.
        let used = gone(&uses);
        let by_visits = used - gone(&uses[..outside]);
        if used > units && by_visits > 0 && worst.is_none_or(|(first, _)| at < first) {
            worst = Some((at, used));
        }
    }
    if let Some((at, used)) = worst {
        faults.push(PlanFault::PoolExceeded { pool, at, used, units });
    }
}

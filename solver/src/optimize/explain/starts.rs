//! When a visit may start in a shift, everything outside that shift staying as it is.

use std::cell::RefCell;
use std::rc::Rc;

use crate::check::plans::lookup::{current, is_frozen, is_settled, is_started};
use crate::check::plans::{Done, Plan};
use crate::optimize::model::{Link, Lock};
use crate::problem::SkillNeed;
use crate::units::{Moment, Seconds, ShiftIdx, VisitIdx};

/// Starts, as first and last moment of spans; ascending and disjoint.
pub(super) type Spans = Vec<(i64, i64)>;

const EVER: (i64, i64) = (i64::MIN / 4, i64::MAX / 4);

/// Moments in both.
pub(super) fn both(a: &Spans, b: &Spans) -> Spans {
    let mut found = Spans::new();
    for &(from, to) in a {
        let cut = b.iter().map(|&(f, t)| (from.max(f), to.min(t)));
        found.extend(cut.filter(|(from, to)| from <= to));
    }
    found.sort_unstable();
    found
}

/// First moment of `spans` at or after `at`.
pub(super) fn first_from(spans: &Spans, at: i64) -> Option<i64> {
    spans.iter().find(|(_, to)| *to >= at).map(|(from, _)| at.max(*from))
}

/// When a visit may start.
#[derive(Debug, Clone)]
pub(super) struct Starts {
    /// Exactly then, whatever is before: work has begun.
    pub(super) fixed: Option<Moment>,
    /// By windows, promise, locks, freeze, links and crew.
    pub(super) timed: Spans,
    /// The same where skills are valid and enough units of pools are free.
    pub(super) timed_open: Spans,
    /// The same, but waiting for windows instead of being early or late at a cost.
    pub(super) wished_open: Spans,
}

/// Asks for visits in one shift.
pub(super) struct Asker<'a, 'b> {
    pub(super) plan: &'a Plan<'b>,
    pub(super) shift: ShiftIdx,
    /// Visits whose times are still open: those of the route that is timed.
    pub(super) loose: &'a [VisitIdx],
    /// Answers so far, by visit, role and length.
    known: RefCell<Vec<(Question, Rc<Starts>)>>,
}

type Question = (VisitIdx, usize, Seconds);

impl<'a, 'b> Asker<'a, 'b> {
    pub(super) fn new(plan: &'a Plan<'b>, shift: ShiftIdx, loose: &'a [VisitIdx]) -> Self {
        Self { plan, shift, loose, known: RefCell::default() }
    }

    /// * `onsite`: how long the visit takes.
    pub(super) fn starts(&self, visit: VisitIdx, role: usize, onsite: Seconds) -> Rc<Starts> {
        let question = (visit, role, onsite);
        if let Some((_, known)) = self.known.borrow().iter().find(|known| known.0 == question) {
            return Rc::clone(known);
        }
        let starts = Rc::new(self.reckoned(visit, role, onsite));
        self.known.borrow_mut().push((question, Rc::clone(&starts)));
        starts
    }

    fn reckoned(&self, visit: VisitIdx, role: usize, onsite: Seconds) -> Starts {
        let planned = current(self.plan.model, visit);
        if let Some(current) = planned.filter(|_| is_started(self.plan.model, visit)) {
            let timed = vec![(current.start.0, current.start.0)];
            let fixed = Some(current.start);
            let open = timed.clone();
            return Starts { fixed, timed_open: open.clone(), wished_open: open, timed };
        }
        let mut timed = self.bound(visit, role);
        timed = both(&timed, &self.linked(visit, onsite));
        let mut wished = timed.clone();
        if !is_settled(self.plan.model, visit) {
            timed = both(&timed, &self.windows(visit, false));
            wished = both(&wished, &self.windows(visit, true));
        }
        let open = both(&self.valid(visit, role), &self.pooled(visit, onsite));
        let (timed_open, wished_open) = (both(&timed, &open), both(&wished, &open));
        Starts { fixed: None, timed, timed_open, wished_open }
    }

    /// Crew mates elsewhere, locks, freeze, notice and the first moment of the plan.
    fn bound(&self, visit: VisitIdx, role: usize) -> Spans {
        let model = self.plan.model;
        let mut spans = vec![EVER];
        let done = self.plan.done[visit.at()].as_ref();
        let mate = done.and_then(|done| done.crew.iter().find(|member| member.role != role));
        if let Some(mate) = mate {
            spans = both(&spans, &vec![(mate.start.0, mate.start.0)]);
        }
        let planned = current(model, visit);
        let locked = |lock| matches!(lock, Lock::Time | Lock::Both);
        if let Some(current) = planned
            && (is_frozen(model, visit) || locked(current.lock))
        {
            spans = both(&spans, &vec![(current.start.0, current.start.0)]);
        }
        if is_frozen(model, visit) {
            return spans;
        }
        let notice = model.freeze.until.map(|until| until + model.freeze.notice);
        let mut free = vec![(notice.map_or(EVER.0, |moment| moment.0), EVER.1)];
        let stays = planned.filter(|current| {
            let shift = current.shifts.get(role).map(|shift| model.shifts[shift.at()].technician);
            shift == Some(model.shifts[self.shift.at()].technician)
        });
        if let Some(current) = stays {
            free.push((current.start.0, current.start.0));
            free.sort_unstable();
        }
        let first = [model.from, model.freeze.until].into_iter().flatten().max();
        both(&both(&spans, &free), &vec![(first.map_or(EVER.0, |moment| moment.0), EVER.1)])
    }

    fn windows(&self, visit: VisitIdx, strict: bool) -> Spans {
        let model = self.plan.model;
        let asked = &model.visits[visit.at()];
        let mut spans: Spans = asked
            .windows
            .iter()
            .map(|window| {
                let early = window.early_second.is_some() && !strict;
                let late = window.late_second.is_some();
                let from = if early { EVER.0 } else { window.earliest.0 };
                (from, if late { EVER.1 } else { window.latest.0 })
            })
            .collect();
        spans.sort_unstable();
        if asked.windows.is_empty() {
            spans.push(EVER);
        }
        let locked = current(model, visit).is_some_and(|current| current.lock == Lock::Window);
        let keep = strict || locked || model.weights.broken_promise.is_none();
        match asked.promise.filter(|_| keep) {
            Some(promise) => both(&spans, &vec![(promise.earliest.0, promise.latest.0)]),
            None => spans,
        }
    }

    /// Links to visits that are planned elsewhere.
    fn linked(&self, visit: VisitIdx, onsite: Seconds) -> Spans {
        let mut spans = vec![EVER];
        for &link in &self.plan.model.links {
            let (first, second) = link.visits();
            let other = if first == visit { second } else { first };
            if (first != visit && second != visit) || self.loose.contains(&other) {
                continue;
            }
            let Some(other) = &self.plan.done[other.at()] else { continue };
            if let Some(span) = allowed(link, other, (visit == first, onsite)) {
                spans = both(&spans, &vec![span]);
            }
        }
        spans
    }

    /// When the technician's skills are valid; a skill not held at all is another matter.
    fn valid(&self, visit: VisitIdx, role: usize) -> Spans {
        let model = self.plan.model;
        let technician = &model.technicians[model.shifts[self.shift.at()].technician.at()];
        let mut spans = vec![EVER];
        for need in &model.visits[visit.at()].crew[role].needs.skills {
            let mut held = held_spans(technician, *need);
            held.sort_unstable();
            if !held.is_empty() {
                spans = both(&spans, &held);
            }
        }
        spans
    }

    /// When enough units of every pool are free of what other routes take.
    fn pooled(&self, visit: VisitIdx, onsite: Seconds) -> Spans {
        let model = self.plan.model;
        let mut spans = vec![EVER];
        for need in &model.visits[visit.at()].pools {
            let pool = &model.pools[need.pool.at()];
            let mut uses: Vec<(i64, i64, i64)> = pool
                .taken
                .iter()
                .map(|u| (u.span.from.0, u.span.until.0, u.units.into()))
                .collect();
            let others = self.plan.done.iter().flatten();
            let others =
                others.filter(|done| done.visit != visit && !self.loose.contains(&done.visit));
            for done in others {
                let needs = model.visits[done.visit.at()].pools.iter();
                for other in needs.filter(|other| other.pool == need.pool) {
                    let (from, until) = (done.start - other.lead, done.end + other.trail);
                    uses.push((from.0, until.0, other.units.into()));
                }
            }
            let spare = i64::from(pool.units) - i64::from(need.units);
            let length = need.lead.0 + onsite.0 + need.trail.0;
            for (from, until) in short(&uses, spare).into_iter().filter(|_| length > 0) {
                // Units leave at `start - lead` and are gone for `length`.
                let last_before = from - length + need.lead.0;
                let first_after = until + need.lead.0;
                spans = both(&spans, &vec![(EVER.0, last_before), (first_after, EVER.1)]);
            }
        }
        spans
    }
}

fn held_spans(technician: &crate::problem::Technician, need: SkillNeed) -> Spans {
    let held = technician.skills.iter();
    let held = held.filter(|held| held.meets(need));
    let spans = held.map(|held| {
        let span = held.span();
        (span.from.0.max(EVER.0), (span.until.0.min(EVER.1)) - 1)
    });
    spans.collect()
}

/// Starts that a link to a visit planned elsewhere allows.
fn allowed(link: Link, other: &Done, (is_first, onsite): (bool, Seconds)) -> Option<(i64, i64)> {
    let (min, max, own, theirs) = match link {
        Link::Gap { min, max, .. } => (min, max, onsite.0, other.end.0),
        Link::Starts { min, max, .. } => (min, max, 0, other.start.0),
        _ => return None,
    };
    let max = max.map_or(EVER.1 / 4, |max| max.0);
    Some(if is_first {
        (other.start.0 - own - max, other.start.0 - own - min.0)
    } else {
        (theirs + min.0, theirs + max)
    })
}

/// Spans in which more than `spare` units are in use.
fn short(uses: &[(i64, i64, i64)], spare: i64) -> Vec<(i64, i64)> {
    let mut changes: Vec<i64> = uses.iter().flat_map(|u| [u.0, u.1]).collect();
    changes.sort_unstable();
    changes.dedup();
    let mut found = Vec::new();
    if spare < 0 {
        found.push(EVER);
    }
    for pair in changes.windows(2) {
        let here = uses.iter().filter(|u| u.0 <= pair[0] && pair[0] < u.1);
        if here.map(|u| u.2).sum::<i64>() > spare {
            found.push((pair[0], pair[1]));
        }
    }
    found
}

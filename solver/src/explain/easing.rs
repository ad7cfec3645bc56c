//! Changes made for one technician, to see what is in the way after them.

use std::sync::Arc;

use crate::explain::candidates::Candidates;
use crate::explain::{Change, Explainer, Question, Reason, Step};
use crate::problem::{
    Caps, Coverage, HeldSkill, Limits, Pool, Request, Shift, ShiftEntry, Technician, Usage,
};
use crate::schedule::PreparedShift;
use crate::slots::pools::blocked_starts;
use crate::slots::scan::Scan;
use crate::units::{Moment, Seconds, ShiftIdx, Span, TechnicianIdx};

/// Most changes that are made one after the other.
pub(super) const STEPS_MAX: usize = 8;

/// What a technician is asked under: things as they are, or with changes made.
pub(super) struct Terms<'a> {
    pub(super) technician: &'a Technician,
    /// Whether the technician is wanted whatever the request says.
    pub(super) wished: bool,
    pub(super) candidates: &'a Candidates,
    /// Shifts that stand for those of the plan.
    pub(super) entries: &'a [(ShiftIdx, ShiftEntry)],
    /// A shift that the plan does not have.
    pub(super) added: Option<&'a ShiftEntry>,
    pub(super) pools: &'a [Pool],
    pub(super) blocked: &'a [(i64, i64)],
    /// Whether the starts and the pools are those that were asked about.
    pub(super) is_asked: bool,
}

impl Terms<'_> {
    /// The shift that stands for one of the plan.
    pub(super) fn entry(&self, shift: ShiftIdx) -> Option<&ShiftEntry> {
        self.entries.iter().find(|(at, _)| *at == shift).map(|(_, entry)| entry)
    }
}

/// Pools with more units, and the starts that they block.
type MorePools = (Vec<Pool>, Vec<(i64, i64)>);

/// The changes made so far.
pub(super) struct Eased {
    technician: Technician,
    wished: bool,
    limits: Option<Limits>,
    question: Option<Question>,
    /// Starts that were asked about already.
    starts: Vec<Moment>,
    candidates: Option<Candidates>,
    entries: Vec<(ShiftIdx, ShiftEntry)>,
    added: Option<ShiftEntry>,
    pools: Option<MorePools>,
}

impl Eased {
    pub(super) fn new(technician: &Technician) -> Self {
        Self {
            technician: technician.clone(),
            wished: false,
            limits: None,
            question: None,
            starts: Vec::new(),
            candidates: None,
            entries: Vec::new(),
            added: None,
            pools: None,
        }
    }

    /// Things as they are with these changes.
    pub(super) fn terms<'a>(&'a self, asked: &'a Explainer<'_>) -> Terms<'a> {
        let snapshot = asked.scan.snapshot;
        let pools = self.pools.as_ref();
        Terms {
            technician: &self.technician,
            wished: self.wished,
            candidates: self.candidates.as_ref().unwrap_or(&asked.candidates),
            entries: &self.entries,
            added: self.added.as_ref(),
            pools: pools.map_or(snapshot.pools(), |(pools, _)| pools),
            blocked: pools.map_or(&asked.scan.blocked, |(_, blocked)| blocked),
            is_asked: self.candidates.is_none(),
        }
    }

    /// Makes the change of a step; false if it names none, or a start that was tried already.
    pub(super) fn ease(
        &mut self,
        explainer: &Explainer<'_>,
        who: TechnicianIdx,
        step: &Step,
    ) -> bool {
        let Explainer { scan, question: asked, candidates: known, .. } = explainer;
        let asked = *asked;
        match &step.change {
            Change::Wish => self.wished = true,
            Change::Skills { needs } => {
                let held = needs.iter().map(|need| HeldSkill::lasting(need.skill, need.level_min));
                self.technician.skills.extend(held);
            }
            Change::Carry { equipment } => self.technician.carried.extend(equipment),
            Change::Zone { .. } => self.technician.coverage = Coverage::Everywhere,
            Change::Start { earlier, later } => {
                let Some(start) = later.or(*earlier) else { return false };
                if self.starts.contains(&start) {
                    return false;
                }
                self.starts.push(start);
                self.question = Some(Question::Start(start));
                self.ask(scan, asked);
            }
            Change::Count { more } => return self.raise(scan, asked, (step, i64::from(*more))),
            Change::Seconds { more } => return self.raise(scan, asked, (step, more.0)),
            Change::Units { more } => {
                let known = self.pools.take().map(|(pools, _)| pools);
                let mut pools = known.unwrap_or_else(|| scan.snapshot.pools().to_vec());
                for &(pool, units) in more {
                    pools[pool.at()] = pools[pool.at()].with_more(units);
                }
                let blocked = blocked_starts(&pools, scan.request);
                self.pools = Some((pools, blocked));
            }
            Change::Other if step.reason == Reason::NoShift => {
                let days = self.candidates.as_ref().unwrap_or(known).days();
                return self.add_shift(scan, who, days);
            }
            Change::Other => return false,
        }
        true
    }

    /// Raises the limit that a step is about; false if it is about none.
    fn raise(&mut self, scan: &Scan<'_>, asked: Question, (step, more): (&Step, i64)) -> bool {
        let caps: &mut Caps = &mut self.technician.caps;
        let count = u32::try_from(more).unwrap_or(u32::MAX);
        let seconds = Seconds(more);
        match step.reason {
            Reason::VisitsPerDay { cap, .. } => caps.visits_per_day = Some(cap + count),
            Reason::VisitsPerWeek { cap, .. } => caps.visits_per_week = Some(cap + count),
            Reason::OnsitePerDay { cap, .. } => caps.onsite_per_day = Some(cap + seconds),
            Reason::OnsitePerWeek { cap, .. } => caps.onsite_per_week = Some(cap + seconds),
            Reason::DrivePerLeg { cap, .. } => caps.drive_per_leg = Some(cap + seconds),
            Reason::DrivePerDay { cap, .. } => caps.drive_per_day = Some(cap + seconds),
            Reason::DayCount { limit, .. } => {
                self.limits(scan).count_per_day = Some(limit + count);
                self.ask(scan, asked);
            }
            Reason::DaySeconds { limit, .. } => {
                self.limits(scan).seconds_per_day = Some(limit + seconds);
                self.ask(scan, asked);
            }
            Reason::Overtime { limit, .. } => {
                let Some(at) = step.shift else { return false };
                return self.lengthen(scan, at, limit + seconds);
            }
            _ => return false,
        }
        true
    }

    fn limits(&mut self, scan: &Scan<'_>) -> &mut Limits {
        self.limits.get_or_insert(scan.request.limits)
    }

    /// Works out anew which starts are left.
    fn ask(&mut self, scan: &Scan<'_>, asked: Question) {
        let question = self.question.unwrap_or(asked);
        let limits = self.limits.unwrap_or(scan.request.limits);
        let request = Request { limits, ..scan.request.clone() };
        self.candidates = Some(Candidates::new(&request, question));
    }

    /// Allows more overtime in a shift.
    fn lengthen(&mut self, scan: &Scan<'_>, at: ShiftIdx, overtime_limit: Seconds) -> bool {
        let Some(entry) = scan.snapshot.entries().get(at.at()) else { return false };
        let longer = Shift { overtime_limit, ..entry.shift.shift().clone() };
        let Ok(shift) = PreparedShift::new(longer) else { return false };
        self.entries.retain(|(known, _)| *known != at);
        self.entries.push((at, ShiftEntry { shift: Arc::new(shift), ..entry.clone() }));
        true
    }

    /// Lets the technician work all day, from and to the places of other shifts; false if there is
    /// a day already.
    fn add_shift(&mut self, scan: &Scan<'_>, who: TechnicianIdx, days: Span) -> bool {
        if self.added.is_some() {
            return false;
        }
        let mut day = Shift::new(days.from, days.until);
        if let Some((_, known)) = scan.snapshot.shifts_of(who).next() {
            let known = known.shift.shift();
            (day.start_place, day.end_place) = (known.start_place, known.end_place);
        }
        let Ok(shift) = PreparedShift::new(day) else { return false };
        let elsewhere = Usage::default();
        self.added = Some(ShiftEntry { technician: who, shift: Arc::new(shift), elsewhere });
        true
    }
}

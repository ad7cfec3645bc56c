//! Rules about a shift: caps, travel, time, driving, overtime, and the shared equipment at those times.

use crate::explain::candidates::Intervals;
use crate::explain::obstacles::Near;
use crate::explain::{Change, Failure, Reason, Rule, pools};
use crate::problem::{Caps, Leg, Pool, Shift, ShiftEntry};
use crate::schedule::{BEYOND, Gap, Placed, PreparedShift, overtime};
use crate::slots::fit::RoleMask;
use crate::slots::scan::{DriveLimits, Scan, drive_with, legs, longest_leg};
use crate::units::{Moment, Seconds, ShiftIdx, Span};

/// A shift of a technician with what the rules need to see.
#[derive(Clone, Copy)]
pub(super) struct Here<'a> {
    pub(super) scan: &'a Scan<'a>,
    /// The limits of the technician.
    pub(super) caps: &'a Caps,
    pub(super) entry: &'a ShiftEntry,
    /// All shifts of the technician on the days in question, this one included.
    pub(super) shifts: &'a [(ShiftIdx, &'a ShiftEntry)],
    /// When the technician can take some role.
    pub(super) pieces: &'a [(Span, RoleMask)],
    /// Every promised start the bounds allow on the days in question, on the grid or not.
    pub(super) legal: &'a Intervals,
    /// The equipment pools, by index.
    pub(super) pools: &'a [Pool],
    /// Starts for which a pool has too few units: closed intervals, ascending and disjoint.
    pub(super) blocked: &'a [(i64, i64)],
}

/// A gap with its drives and the planned starts in question that fit there.
struct Fitting<'a> {
    gap: &'a Gap,
    legs: (Leg, Leg),
    starts: Intervals,
}

impl Here<'_> {
    /// The planned starts that serve some promised start in `open`, or the first rule that fails.
    pub(super) fn examine(&self, open: &Intervals) -> Result<Intervals, Failure> {
        self.within_caps()?;
        let planned = self.with_skills(&open.widened(self.scan.request.window.0));
        let relaxed = self.without_overtime_limit();
        if relaxed.gaps().is_empty() {
            return Err((Rule::Route, Reason::RouteBroken, Change::Other));
        }
        let fitting = self.fitting(&relaxed, &planned, open)?;
        let driven = self.drives(&relaxed, fitting)?;
        let feasible = self.feasible().meet(&planned);
        if feasible.is_empty() {
            return Err(self.overtime(&relaxed, &driven));
        }
        let free = feasible.without(self.blocked);
        if free.is_empty() {
            Err(pools::failure(self.scan, self.pools, &feasible))
        } else {
            Ok(free)
        }
    }

    fn within_caps(&self) -> Result<(), Failure> {
        let caps = self.caps;
        let (shift, other) = (&self.entry.shift, &self.entry.elsewhere);
        let cap = |reason, change| Err((Rule::Cap, reason, change));
        let held = other.day_visits + shift.visit_count();
        if let Some(cap_visits) = caps.visits_per_day.filter(|&most| held >= most) {
            let reason = Reason::VisitsPerDay { cap: cap_visits, held };
            return cap(reason, Change::Count { more: held + 1 - cap_visits });
        }
        let held = other.week_visits + shift.visit_count();
        if let Some(cap_visits) = caps.visits_per_week.filter(|&most| held >= most) {
            let reason = Reason::VisitsPerWeek { cap: cap_visits, held };
            return cap(reason, Change::Count { more: held + 1 - cap_visits });
        }
        let onsite = shift.onsite() + self.scan.request.duration;
        let needed = other.day_onsite + onsite;
        if let Some(most) = caps.onsite_per_day.filter(|&most| needed > most) {
            let reason = Reason::OnsitePerDay { cap: most, needed };
            return cap(reason, Change::Seconds { more: needed - most });
        }
        let needed = other.week_onsite + onsite;
        if let Some(most) = caps.onsite_per_week.filter(|&most| needed > most) {
            let reason = Reason::OnsitePerWeek { cap: most, needed };
            return cap(reason, Change::Seconds { more: needed - most });
        }
        Ok(())
    }

    /// The starts at which the technician can take some role.
    fn with_skills(&self, planned: &Intervals) -> Intervals {
        let spans =
            self.pieces.iter().map(|(span, _)| (span.from.0, span.until.0.saturating_sub(1)));
        planned.meet(&Intervals(spans.collect()))
    }

    fn without_overtime_limit(&self) -> PreparedShift {
        let shift = self.entry.shift.shift();
        let overtime_limit = shift.overtime_limit + BEYOND;
        let relaxed = Shift { overtime_limit, ..shift.clone() };
        PreparedShift::new(relaxed).unwrap_or_else(|_| (*self.entry.shift).clone())
    }

    /// Gaps with a road to and from them in which some planned start fits.
    fn fitting<'p>(
        &self,
        relaxed: &'p PreparedShift,
        planned: &Intervals,
        open: &Intervals,
    ) -> Result<Vec<Fitting<'p>>, Failure> {
        let base = relaxed.shift().start.0;
        let mut near = Near::new(self.scan, relaxed);
        let mut fitting = Vec::new();
        let mut is_reachable = false;
        for gap in relaxed.gaps() {
            let legs = legs(self.scan.request, relaxed, gap);
            if !legs.0.is_reachable() || !legs.1.is_reachable() {
                continue;
            }
            is_reachable = true;
            let (first, last) = gap.starts(self.scan.duration, self.scan.pads, legs);
            let (first, last) = (base + i64::from(first), base + i64::from(last));
            let starts = planned.clipped(first, last);
            if starts.is_empty() {
                near.consider(gap, (first, last), planned);
            } else {
                fitting.push(Fitting { gap, legs, starts });
            }
        }
        if !is_reachable {
            return Err((Rule::Reach, Reason::Unreachable, Change::Other));
        }
        if fitting.is_empty() {
            let pivot = open.0.first().map_or(0, |interval| interval.0);
            return Err((Rule::Time, near.reason(), self.other_start(pivot)));
        }
        Ok(fitting)
    }

    /// The nearest promised starts on either side that keep every rule about this technician.
    fn other_start(&self, pivot: i64) -> Change {
        let window = self.scan.request.window.0;
        let mut feasible = Intervals::default();
        for &(_, entry) in self.shifts {
            let there = Here { entry, ..*self };
            if there.within_caps().is_ok() {
                feasible.extend(&there.feasible());
            }
        }
        let free = self.with_skills(&feasible).without(self.blocked);
        let promised = free.0.iter().map(|&(first, last)| (first - window, last)).collect();
        let promised = Intervals(crate::slots::grid::join(promised)).meet(self.legal);
        let earlier = promised.clipped(i64::MIN, pivot - 1).0.last().map(|part| Moment(part.1));
        let later = promised.clipped(pivot + 1, i64::MAX).0.first().map(|part| Moment(part.0));
        Change::Start { earlier, later }
    }

    /// Leaves the gaps that keep the limits on driving.
    fn drives<'p>(
        &self,
        relaxed: &PreparedShift,
        fitting: Vec<Fitting<'p>>,
    ) -> Result<Vec<Fitting<'p>>, Failure> {
        let limits = DriveLimits::of(self.caps, self.entry);
        let longest = |fit: &Fitting<'_>| longest_leg(relaxed, fit.gap, fit.legs);
        let needed = fitting.iter().map(longest).min().unwrap_or(Seconds::ZERO);
        let kept: Vec<Fitting<'p>> =
            fitting.into_iter().filter(|fit| longest(fit) <= limits.per_leg).collect();
        if kept.is_empty() {
            let cap = limits.per_leg;
            let reason = Reason::DrivePerLeg { cap, needed };
            return Err((Rule::DriveLeg, reason, Change::Seconds { more: needed - cap }));
        }
        let total = |fit: &Fitting<'_>| drive_with(relaxed, fit.gap, fit.legs);
        let least = kept.iter().map(total).min().unwrap_or(Seconds::ZERO);
        let kept: Vec<Fitting<'p>> =
            kept.into_iter().filter(|fit| total(fit) <= limits.per_shift).collect();
        if kept.is_empty() {
            let (cap, needed) = (limits.per_shift, least);
            let elsewhere = self.entry.elsewhere.day_drive;
            let reason = Reason::DrivePerDay { cap: cap + elsewhere, needed: needed + elsewhere };
            return Err((Rule::DriveDay, reason, Change::Seconds { more: needed - cap }));
        }
        Ok(kept)
    }

    /// Planned starts that keep every rule about this shift, pools aside.
    fn feasible(&self) -> Intervals {
        let prepared = &self.entry.shift;
        let base = prepared.shift().start.0;
        let limits = DriveLimits::of(self.caps, self.entry);
        let mut parts = Vec::new();
        for gap in prepared.gaps() {
            let legs = legs(self.scan.request, prepared, gap);
            let (first, last) = gap.starts(self.scan.duration, self.scan.pads, legs);
            if first <= last && limits.allow(prepared, gap, legs) {
                parts.push((base + i64::from(first), base + i64::from(last)));
            }
        }
        Intervals(crate::slots::grid::join(parts))
    }

    fn overtime(&self, relaxed: &PreparedShift, fitting: &[Fitting<'_>]) -> Failure {
        let limit = self.entry.shift.shift().overtime_limit;
        let needed = fitting
            .iter()
            .filter_map(|fit| {
                let start = Moment(fit.starts.0.first()?.0);
                let (duration, pad_after) = (self.scan.duration, self.scan.pads.1);
                let placed = Placed { start, duration, pad_after, leg_after: fit.legs.1 };
                Some(overtime(relaxed, fit.gap, placed))
            })
            .min()
            .unwrap_or(limit);
        let change = Change::Seconds { more: needed - limit };
        (Rule::Overtime, Reason::Overtime { limit, needed }, change)
    }
}

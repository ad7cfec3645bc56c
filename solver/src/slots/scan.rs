//! Walks over every gap of every shift in question and yields the intervals of feasible starts.

use crate::problem::{Caps, Leg, Request, ShiftEntry, Snapshot};
use crate::schedule::{Gap, PreparedShift, Site, small_seconds};
use crate::slots::fit::{self, Fit, RoleMask};
use crate::slots::pools;
use crate::units::{Seconds, ShiftIdx};

/// Starts of one technician in one gap; every planned start in `first..=last` is feasible.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Offer {
    pub(crate) first: i64,
    pub(crate) last: i64,
    /// Latest start without overtime.
    pub(crate) last_soft: i64,
    /// Cost without overtime.
    pub(crate) cost: i64,
    /// Position in the list of fits, which is in order of keys.
    pub(crate) fit: u32,
    pub(crate) shift: ShiftIdx,
    /// Position in the gaps of the shift.
    pub(crate) gap: u32,
    pub(crate) mask: RoleMask,
}

/// What of a request the walk needs, worked out once.
pub(crate) struct Scan<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) request: &'a Request,
    pub(crate) fits: Vec<Fit>,
    /// First and last promised start that the bounds allow.
    pub(crate) first: i64,
    pub(crate) last: i64,
    /// Starts for which a pool has too few units: closed intervals, ascending and disjoint.
    pub(crate) blocked: Vec<(i64, i64)>,
    /// How many different people must be in the crew.
    pub(crate) required_count: usize,
    pub(crate) duration: i32,
    pub(crate) pads: (i32, i32),
}

impl<'a> Scan<'a> {
    /// Prepares a walk. Cost: O(technicians x roles + pool changes).
    pub(crate) fn new(snapshot: &'a Snapshot, request: &'a Request) -> Self {
        let bounds = &request.bounds;
        let first = [Some(bounds.range.from), bounds.notice, bounds.freeze];
        let last = [Some(bounds.range.until.0.saturating_sub(1)), bounds.horizon.map(|m| m.0)];
        Self {
            snapshot,
            request,
            fits: fit::list(snapshot, request),
            first: first.into_iter().flatten().map(|m| m.0).max().unwrap_or(i64::MIN),
            last: last.into_iter().flatten().min().unwrap_or(i64::MAX),
            blocked: pools::blocked_starts(snapshot.pools(), request),
            required_count: fit::required_count(request),
            duration: small_seconds(request.duration),
            pads: (small_seconds(request.pad_before), small_seconds(request.pad_after)),
        }
    }

    /// Calls `each` for every offer: technicians in order of keys, their shifts by start, gaps in
    /// route order. Cost: O(gaps).
    pub(crate) fn offers(&self, mut each: impl FnMut(Offer)) {
        for (at, fit) in (0_u32..).zip(&self.fits) {
            for (shift, entry) in self.snapshot.shifts_of(fit.technician) {
                self.shift_offers(at, fit, (shift, entry), &mut each);
            }
        }
    }

    /// As [`Scan::offers`] for one shift of one technician.
    fn shift_offers(
        &self,
        at: u32,
        fit: &Fit,
        (shift, entry): (ShiftIdx, &ShiftEntry),
        each: &mut impl FnMut(Offer),
    ) {
        let prepared = &*entry.shift;
        let day = prepared.shift();
        let base = day.start.0;
        let last = self.last.saturating_add(self.request.window.0);
        if base > last || day.hard_end().0 < self.first {
            return;
        }
        let caps = &self.snapshot.technician(fit.technician).caps;
        if !has_room(caps, entry, self.request.duration) {
            return;
        }
        let limits = DriveLimits::of(caps, entry);
        for (index, gap) in (0_u32..).zip(prepared.gaps()) {
            let site = prepared.site(gap);
            let legs @ (to, from) = legs_at(self.request, site);
            let (earliest, latest) = gap.starts(self.duration, self.pads, legs);
            let first = (base + i64::from(earliest)).max(self.first);
            let last = (base + i64::from(latest)).min(last);
            if first > last || !limits.allow(prepared, gap, legs) {
                continue;
            }
            let added = to.travel() + from.travel() - site.replaced.travel();
            let metres = to.distance() + from.distance() - site.replaced.distance();
            let soft = prepared.latest_soft(index, self.duration, self.pads.1, from);
            let cost = fit.cost + self.request.travel_cost(added, metres);
            let last_soft = base + i64::from(soft);
            let offer = Offer { first, last, last_soft, cost, fit: at, shift, gap: index, mask: 0 };
            self.pieces(fit, offer, each);
        }
    }

    /// Cuts an offer where skills change and where pools are empty.
    fn pieces(&self, fit: &Fit, offer: Offer, each: &mut impl FnMut(Offer)) {
        for &(span, mask) in &fit.pieces {
            let mut first = offer.first.max(span.from.0);
            let last = offer.last.min(span.until.0.saturating_sub(1));
            if first > last {
                continue;
            }
            let from = self.blocked.partition_point(|&(_, until)| until < first);
            for &(start, until) in &self.blocked[from..] {
                if start > last {
                    break;
                }
                if first < start {
                    each(Offer { first, last: start - 1, mask, ..offer });
                }
                first = until + 1;
            }
            if first <= last {
                each(Offer { first, last, mask, ..offer });
            }
        }
    }
}

/// Drives to and from a visit in a gap.
#[inline]
pub(crate) fn legs(request: &Request, prepared: &PreparedShift, gap: &Gap) -> (Leg, Leg) {
    legs_at(request, prepared.site(gap))
}

#[inline]
fn legs_at(request: &Request, site: Site) -> (Leg, Leg) {
    match &request.travel {
        Some(rows) => (rows.to(site.place_before()), rows.from(site.place_after())),
        None => (Leg::ZERO, Leg::ZERO),
    }
}

/// Most driving a shift may hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DriveLimits {
    pub(crate) per_leg: Seconds,
    /// In this shift, others of the day taken off.
    pub(crate) per_shift: Seconds,
}

impl DriveLimits {
    pub(crate) fn of(caps: &Caps, entry: &ShiftEntry) -> Self {
        let none = Seconds(i64::MAX);
        Self {
            per_leg: caps.drive_per_leg.unwrap_or(none),
            per_shift: caps.drive_per_day.map_or(none, |cap| cap - entry.elsewhere.day_drive),
        }
    }

    /// Whether a visit in `gap` with these drives keeps the limits.
    #[inline]
    pub(crate) fn allow(self, prepared: &PreparedShift, gap: &Gap, legs: (Leg, Leg)) -> bool {
        longest_leg(prepared, gap, legs) <= self.per_leg
            && drive_with(prepared, gap, legs) <= self.per_shift
    }
}

/// The longest drive of a shift with a visit in `gap`.
#[inline]
pub(crate) fn longest_leg(prepared: &PreparedShift, gap: &Gap, legs: (Leg, Leg)) -> Seconds {
    legs.0.travel().max(legs.1.travel()).max(prepared.longest_without(prepared.site(gap).replaced))
}

/// All driving of a shift with a visit in `gap`.
#[inline]
pub(crate) fn drive_with(prepared: &PreparedShift, gap: &Gap, legs: (Leg, Leg)) -> Seconds {
    prepared.drive() + legs.0.travel() + legs.1.travel() - prepared.site(gap).replaced.travel()
}

/// Whether the caps on visits and time on site leave room for one more visit.
pub(crate) fn has_room(caps: &Caps, entry: &ShiftEntry, duration: Seconds) -> bool {
    let (shift, elsewhere) = (&entry.shift, &entry.elsewhere);
    let visits = shift.visit_count() + 1;
    let onsite = shift.onsite() + duration;
    caps.visits_per_day.is_none_or(|cap| elsewhere.day_visits + visits <= cap)
        && caps.visits_per_week.is_none_or(|cap| elsewhere.week_visits + visits <= cap)
        && caps.onsite_per_day.is_none_or(|cap| elsewhere.day_onsite + onsite <= cap)
        && caps.onsite_per_week.is_none_or(|cap| elsewhere.week_onsite + onsite <= cap)
}

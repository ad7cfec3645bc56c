//! One technician at one start in one gap, and its full description.

use crate::schedule::{Gap, Placed, overtime, small_seconds};
use crate::slots::Member;
use crate::slots::scan::{Offer, Scan, legs};
use crate::units::{Moment, Seconds, ShiftIdx};

/// A technician who can start at a moment, with the cost of doing so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) cost: i64,
    pub(crate) start: i64,
    /// Position in the list of fits.
    pub(crate) fit: u32,
    pub(crate) shift: ShiftIdx,
    pub(crate) gap: u32,
}

impl Choice {
    /// Nobody.
    pub(crate) const NONE: Self =
        Self { cost: i64::MAX, start: 0, fit: u32::MAX, shift: ShiftIdx(0), gap: 0 };

    /// The technician of an offer at a start inside it.
    #[inline]
    pub(crate) fn new(scan: &Scan<'_>, offer: &Offer, start: i64) -> Self {
        let mut cost = offer.cost;
        let weight = scan.request.weights.overtime_second.max(0);
        if start > offer.last_soft && weight != 0 {
            cost += weight * overtime_of(scan, offer.shift, offer.gap, start).0;
        }
        Self { cost, start, fit: offer.fit, shift: offer.shift, gap: offer.gap }
    }

    /// Least overtime over the ways of taking the pauses around the visit at the same position.
    fn least_overtime(&self, scan: &Scan<'_>, gap: &Gap) -> Seconds {
        let prepared = &scan.snapshot.entry(self.shift).shift;
        let relative = self.start - prepared.shift().start.0;
        let is_alike = |other: &Gap| {
            let (first, last) =
                other.starts(scan.duration, scan.pads, legs(scan.request, prepared, other));
            other.position == gap.position
                && (i64::from(first)..=i64::from(last)).contains(&relative)
        };
        let gaps = (0_u32..).zip(prepared.gaps()).filter(|(_, other)| is_alike(other));
        let overtimes = gaps.map(|(at, _)| overtime_of(scan, self.shift, at, self.start));
        overtimes.min().unwrap_or(Seconds::ZERO)
    }

    /// Everything about it.
    pub(crate) fn member(&self, scan: &Scan<'_>) -> Member {
        let fit = &scan.fits[self.fit as usize];
        let entry = scan.snapshot.entry(self.shift);
        let gap = &entry.shift.gaps()[self.gap as usize];
        let (before, after) = legs(scan.request, &entry.shift, gap);
        Member {
            technician: fit.technician,
            shift: self.shift,
            position: usize::from(gap.position),
            before,
            after,
            replaced: entry.shift.site(gap).replaced,
            overtime: self.least_overtime(scan, gap),
            zone: fit.zone,
        }
    }
}

/// Overtime with the visit in one gap; zero if it can be avoided there.
fn overtime_of(scan: &Scan<'_>, shift: ShiftIdx, gap: u32, start: i64) -> Seconds {
    let prepared = &scan.snapshot.entry(shift).shift;
    let index = gap;
    let gap = &prepared.gaps()[index as usize];
    let (_, leg_after) = legs(scan.request, prepared, gap);
    let duration = small_seconds(scan.request.duration);
    let pad_after = small_seconds(scan.request.pad_after);
    let soft = prepared.latest_soft(index, duration, pad_after, leg_after);
    if start - prepared.shift().start.0 <= i64::from(soft) {
        return Seconds::ZERO;
    }
    overtime(prepared, gap, Placed { start: Moment(start), duration, pad_after, leg_after })
}

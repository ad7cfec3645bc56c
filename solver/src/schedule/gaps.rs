//! Gaps of a shift: places between two neighbours where a visit may go, ready to be tried in O(1).

use crate::problem::{Leg, Shift};
use crate::schedule::passes::{After, Before, Passes, forward_run};
use crate::schedule::view::{OUT_OF_REACH, View, drive};
use crate::units::PlaceIdx;

/// What lies around a position of the route, whatever the pauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Site {
    /// Places of the two neighbours; [`Site::NOWHERE`] = no travel.
    place_before: u32,
    place_after: u32,
    /// The drive a visit here replaces.
    pub(crate) replaced: Leg,
}

impl Site {
    const NOWHERE: u32 = u32::MAX;

    /// The site after so many stops of a shift.
    pub(crate) fn of(shift: &Shift, position: usize) -> Self {
        let before = match position.checked_sub(1) {
            Some(stop) => shift.stops[stop].place,
            None => shift.start_place,
        };
        let after = shift.stops.get(position).map_or(shift.end_place, |stop| stop.place);
        Self {
            place_before: before.map_or(Self::NOWHERE, |place| place.0),
            place_after: after.map_or(Self::NOWHERE, |place| place.0),
            replaced: shift.stops.get(position).map_or(shift.leg_out, |stop| stop.leg_in),
        }
    }

    /// Place of the stop before, or of the start.
    #[inline]
    pub(crate) fn place_before(self) -> Option<PlaceIdx> {
        (self.place_before != Self::NOWHERE).then_some(PlaceIdx(self.place_before))
    }

    /// Place of the stop after, or of the end.
    #[inline]
    pub(crate) fn place_after(self) -> Option<PlaceIdx> {
        (self.place_after != Self::NOWHERE).then_some(PlaceIdx(self.place_after))
    }
}

/// One position in the route with one split of the pauses before and after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gap {
    pub(crate) before: Before,
    pub(crate) after: After,
    /// After how many stops.
    pub(crate) position: u16,
    /// After how many pauses of the order.
    pub(crate) taken: u16,
    /// Which order of the pauses.
    pub(crate) order: u16,
}

impl Gap {
    /// Earliest and latest start, in seconds after the start of the shift, of a visit with these
    /// pads and drives; empty if the first exceeds the second.
    #[inline]
    pub(crate) fn starts(&self, duration: i32, pads: (i32, i32), legs: (Leg, Leg)) -> (i32, i32) {
        let earliest = self.before.earliest(pads.0, drive(legs.0));
        let latest = self.after.latest(pads.1, drive(legs.1)) - duration;
        (earliest, latest)
    }
}

/// Gaps, and beside each what lies after it if overtime is to be avoided.
#[derive(Debug, Default)]
pub(crate) struct Gaps {
    pub(crate) gaps: Vec<Gap>,
    /// One per gap; far negative where overtime cannot be avoided.
    pub(crate) soft: Vec<After>,
}

/// Appends the gaps of one order of pauses.
///
/// `hard` and `soft` are the passes with and without overtime.
pub(crate) fn collect(view: &View, order: u16, hard: &Passes, soft: &Passes, gaps: &mut Gaps) {
    let width = view.rests.len() + 1;
    let mut befores: Vec<Before> = Vec::with_capacity(width);
    let mut afters: Vec<(After, After)> = Vec::with_capacity(width);
    for node in 0..view.end() {
        for taken in 0..width {
            list_befores(view, hard, node, taken, &mut befores);
            if befores.is_empty() {
                continue;
            }
            afters.clear();
            for until in taken..width {
                let Some(after) = hard.after(view, node, taken, until) else { continue };
                let without = soft
                    .after(view, node, taken, until)
                    .unwrap_or(After { due: -OUT_OF_REACH, ..after });
                keep_best(&mut afters, (after, without), is_after_covered);
            }
            for &before in &befores {
                for &(after, without) in &afters {
                    let earliest = before.ready.max(before.clear);
                    if earliest > after.due.min(after.clear) {
                        continue;
                    }
                    gaps.gaps.push(Gap {
                        before,
                        after,
                        position: u16::try_from(node).unwrap_or(u16::MAX),
                        taken: u16::try_from(taken).unwrap_or(u16::MAX),
                        order,
                    });
                    gaps.soft.push(without);
                }
            }
        }
    }
}

fn list_befores(view: &View, hard: &Passes, node: usize, taken: usize, befores: &mut Vec<Before>) {
    befores.clear();
    for first in 0..=taken {
        let completion = hard.earliest(node, first);
        if completion >= OUT_OF_REACH {
            continue;
        }
        let pad = view.nodes[node].pad_after;
        let run = forward_run(completion, pad, &view.rests[first..taken], |_| {});
        if let Some(before) = run {
            keep_best(befores, before, is_before_covered);
        }
    }
}

/// Adds `new` unless something listed is at least as good in every respect, and drops what it beats.
fn keep_best<T: Copy>(listed: &mut Vec<T>, new: T, is_covered: impl Fn(&T, &T) -> bool) {
    if listed.iter().any(|old| is_covered(&new, old)) {
        return;
    }
    listed.retain(|old| !is_covered(old, &new));
    listed.push(new);
}

fn is_before_covered(worse: &Before, better: &Before) -> bool {
    better.ready <= worse.ready
        && better.clear <= worse.clear
        && better.clear_padded <= worse.clear_padded
}

fn is_after_covered(worse: &(After, After), better: &(After, After)) -> bool {
    let covers = |worse: &After, better: &After| {
        better.due >= worse.due
            && better.clear >= worse.clear
            && better.clear_padded >= worse.clear_padded
    };
    covers(&worse.0, &better.0) && covers(&worse.1, &better.1)
}

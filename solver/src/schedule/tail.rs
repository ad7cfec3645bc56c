//! Least overtime of a route once a visit is put into a gap at a given start.

use crate::problem::Leg;
use crate::schedule::gaps::Gap;
use crate::schedule::passes::{backward_run, forward_run};
use crate::schedule::prepared::PreparedShift;
use crate::schedule::view::{EDGE, OUT_OF_REACH, View, drive};
use crate::units::{Moment, Seconds};

/// A visit as it would stand in a gap.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placed {
    pub(crate) start: Moment,
    pub(crate) duration: i32,
    pub(crate) pad_after: i32,
    pub(crate) leg_after: Leg,
}

/// Least seconds by which the shift ends after its soft end with the visit in `gap`.
///
/// Cost: O(stops x pauses^2); asked only for starts that cannot avoid overtime.
pub(crate) fn overtime(prepared: &PreparedShift, gap: &Gap, placed: Placed) -> Seconds {
    let shift = prepared.shift();
    let order = &prepared.orders()[usize::from(gap.order)];
    let view = View::new(shift, order, shift.hard_end());
    let width = view.rests.len() + 1;
    let start = placed.start - view.base;
    let completion = i32::try_from(start.0).unwrap_or(OUT_OF_REACH) + placed.duration;
    // Earliest completion of the node before, by pauses taken; the first row is the new visit.
    let mut row = vec![OUT_OF_REACH; width];
    row[usize::from(gap.taken)] = completion;
    let mut pad_after = placed.pad_after;
    for node in usize::from(gap.position) + 1..view.nodes.len() {
        let here = view.nodes[node];
        let is_first = node == usize::from(gap.position) + 1;
        let leg = if is_first { drive(placed.leg_after) } else { here.leg_in };
        let mut next = vec![OUT_OF_REACH; width];
        for first in (0..width).filter(|&first| row[first] < OUT_OF_REACH) {
            for (until, best) in next.iter_mut().enumerate().skip(first) {
                let run = &view.rests[first..until];
                let Some(before) = forward_run(row[first], pad_after, run, |_| {}) else { break };
                let start = before.earliest(here.pad_before, leg).max(here.opens);
                let trails = node != view.end()
                    || trails_clear(&view, until, start, row[first] + pad_after.max(0));
                if start <= here.closes && trails {
                    *best = (*best).min(start + here.duration);
                }
            }
        }
        row = next;
        pad_after = here.pad_after;
    }
    let arrival = row.into_iter().min().unwrap_or(OUT_OF_REACH);
    Seconds((view.moment(arrival) - shift.end).0.max(0))
}

/// Whether the pauses from `taken` on can follow an arrival.
fn trails_clear(view: &View, taken: usize, arrival: i32, padded_from: i32) -> bool {
    backward_run(OUT_OF_REACH, EDGE, &view.rests[taken..])
        .is_some_and(|after| arrival <= after.clear && padded_from <= after.clear_padded)
}

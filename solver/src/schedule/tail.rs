//! Least overtime of a route once a visit is put into a gap at a given start.

use crate::problem::{Leg, Shift};
use crate::schedule::gaps::Gap;
use crate::schedule::passes::{backward_run, forward_run};
use crate::schedule::prepared::PreparedShift;
use crate::schedule::view::{EDGE, Node, OUT_OF_REACH, Rest, drive, small};
use crate::units::{Moment, Seconds};

/// A visit as it would stand in a gap.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placed {
    pub(crate) start: Moment,
    pub(crate) duration: i32,
    pub(crate) pad_after: i32,
    pub(crate) leg_after: Leg,
}

/// As many pauses as are handled without allocating.
const INLINE: usize = 7;

/// Least seconds by which the shift ends after its soft end with the visit in `gap`.
///
/// Cost: O(stops x pauses^2), no allocation up to seven pauses; asked only for starts that cannot
/// avoid overtime.
pub(crate) fn overtime(prepared: &PreparedShift, gap: &Gap, placed: Placed) -> Seconds {
    let shift = prepared.shift();
    let order = &prepared.orders()[usize::from(gap.order)];
    let mut inline = [Rest::NONE; INLINE];
    let heap: Vec<Rest>;
    let rests = if order.len() <= INLINE {
        for (rest, &at) in inline.iter_mut().zip(order) {
            *rest = Rest::of(&shift.pauses[at], shift.start);
        }
        &inline[..order.len()]
    } else {
        heap = order.iter().map(|&at| Rest::of(&shift.pauses[at], shift.start)).collect();
        &heap[..]
    };
    let arrival = arrival(shift, rests, gap, placed);
    Seconds((shift.start + Seconds(i64::from(arrival)) - shift.end).0.max(0))
}

/// Earliest arrival at the end place, in seconds after the start of the shift.
fn arrival(shift: &Shift, rests: &[Rest], gap: &Gap, placed: Placed) -> i32 {
    let width = rests.len() + 1;
    let mut inline = [OUT_OF_REACH; 2 * (INLINE + 1)];
    let mut heap = Vec::new();
    let buffer = if rests.len() <= INLINE {
        &mut inline[..2 * width]
    } else {
        heap.resize(2 * width, OUT_OF_REACH);
        &mut heap[..]
    };
    // Earliest completion of the node before, by pauses taken; the first row is the new visit.
    let (mut row, mut next) = buffer.split_at_mut(width);
    let start = small(placed.start - shift.start);
    row[usize::from(gap.taken)] = start + placed.duration;
    let mut pad_after = placed.pad_after;
    let first = usize::from(gap.position);
    for at in first..=shift.stops.len() {
        let is_end = at == shift.stops.len();
        let mut here = match shift.stops.get(at) {
            Some(stop) => Node::of(stop, shift.start),
            None => Node::edge(small(shift.hard_end() - shift.start), drive(shift.leg_out)),
        };
        if at == first {
            here.leg_in = drive(placed.leg_after);
        }
        next.fill(OUT_OF_REACH);
        for taken in (0..width).filter(|&taken| row[taken] < OUT_OF_REACH) {
            for (until, best) in next.iter_mut().enumerate().skip(taken) {
                let run = &rests[taken..until];
                let Some(before) = forward_run(row[taken], pad_after, run, |_| {}) else { break };
                let start = before.earliest(here.pad_before, here.leg_in).max(here.opens);
                let padded_from = row[taken] + pad_after.max(0);
                let trails = !is_end || trails_clear(&rests[until..], start, padded_from);
                if start <= here.closes && trails {
                    *best = (*best).min(start + here.duration);
                }
            }
        }
        std::mem::swap(&mut row, &mut next);
        pad_after = here.pad_after;
    }
    row.iter().copied().min().unwrap_or(OUT_OF_REACH)
}

/// Whether these pauses can follow an arrival.
fn trails_clear(rests: &[Rest], arrival: i32, padded_from: i32) -> bool {
    backward_run(OUT_OF_REACH, EDGE, rests)
        .is_some_and(|after| arrival <= after.clear && padded_from <= after.clear_padded)
}

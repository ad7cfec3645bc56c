//! A few good slots out of many: spread over days and parts of the day; and the nearest ones to a wish.

use crate::slots::Slot;
use crate::units::{Moment, Seconds, Span};

/// Parts of a day that should not all offer the same hours.
const PARTS_PER_DAY: i64 = 3;

/// Picks up to `limit` slots, the best first among each part of each day, in order of start.
///
/// Takes the best slot overall, then again and again the best one in a part of a day (first,
/// second or last third of the span from the first to the last slot of that day) and on a day of
/// which fewest have been taken.
///
/// * `slots`: an answer of [`crate::slots::search`], ascending.
///
/// Cost: O(limit x slots).
pub fn diverse(slots: &[Slot], limit: usize) -> Vec<Slot> {
    let days: Vec<(Option<usize>, Span)> = day_spans(slots);
    let part = |slot: &Slot| {
        let at = days.partition_point(|(_, span)| span.until <= slot.start);
        let span = days[at].1;
        let third = (slot.start - span.from).0 * PARTS_PER_DAY / span.length().0.max(1);
        (at, third.min(PARTS_PER_DAY - 1))
    };
    let parts: Vec<(usize, i64)> = slots.iter().map(part).collect();
    let mut picked: Vec<usize> = Vec::with_capacity(limit.min(slots.len()));
    let mut is_picked = vec![false; slots.len()];
    while picked.len() < limit.min(slots.len()) {
        let taken_of = |at: usize| {
            let same_day = picked.iter().filter(|&&other| parts[other].0 == parts[at].0).count();
            let same_part = picked.iter().filter(|&&other| parts[other] == parts[at]).count();
            (same_part, same_day, slots[at].rank, slots[at].start)
        };
        let next = (0..slots.len()).filter(|&at| !is_picked[at]).min_by_key(|&at| taken_of(at));
        let Some(next) = next else { break };
        is_picked[next] = true;
        picked.push(next);
    }
    picked.sort_unstable();
    picked.into_iter().map(|at| slots[at].clone()).collect()
}

/// The slots of each day: from the first start to just after the last; runs of one `day` in order.
fn day_spans(slots: &[Slot]) -> Vec<(Option<usize>, Span)> {
    let mut days: Vec<(Option<usize>, Span)> = Vec::new();
    for slot in slots {
        let until = slot.start + Seconds(1);
        match days.last_mut() {
            Some((day, span)) if *day == slot.day => span.until = until,
            _ => days.push((slot.day, Span::new(slot.start, until))),
        }
    }
    days
}

/// Up to `limit` slots nearest to `wish`, nearest first; of two equally near the earlier one.
///
/// For "nothing fits then": search a wider range, then pick with this.
pub fn nearest(slots: &[Slot], wish: Moment, limit: usize) -> Vec<Slot> {
    let mut order: Vec<&Slot> = slots.iter().collect();
    order.sort_by_key(|slot| ((slot.start - wish).0.abs(), slot.start));
    order.into_iter().take(limit).cloned().collect()
}

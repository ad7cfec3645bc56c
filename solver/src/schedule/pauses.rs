//! Pauses of a shift: tidied, and put in every order their windows allow.

use crate::problem::{Pause, Shift};
use crate::units::{Moment, Seconds, Span};

/// Most orders of pauses that are looked at. Beyond it some feasible starts may be missed, none is invented.
const ORDERS_MAX: usize = 256;

/// How long after a shift absences are kept, so that "how much overtime would help" sees them.
pub(crate) const BEYOND: Seconds = Seconds::hours(12);

/// The shift with its pauses as searches see them: absences clipped to the shift (and twelve hours
/// after it, which limits any talk of overtime) and joined where
/// they overlap, breaks that absences leave no room for dropped. Positions of pauses in answers
/// refer to this shift.
pub fn tidied(shift: &Shift) -> Shift {
    let mut shift = shift.clone();
    tidy(&mut shift);
    shift
}

/// Clips absences to the shift, joins those that overlap, and drops breaks that absences leave no room for.
///
/// Absences come first in the result, by time; breaks follow in the order given.
pub(crate) fn tidy(shift: &mut Shift) {
    let whole = Span::new(shift.start, shift.hard_end());
    let (absences, mut breaks): (Vec<Pause>, Vec<Pause>) =
        shift.pauses.iter().copied().partition(|pause| is_exact(*pause) && pause.padded);
    let mut absences: Vec<Span> = absences
        .iter()
        .map(|pause| {
            let until = (pause.earliest + pause.duration).min(whole.until + BEYOND);
            Span::new(pause.earliest.max(whole.from), until)
        })
        .filter(|span| span.from < span.until)
        .collect();
    absences.sort_unstable();
    let mut joined: Vec<Span> = Vec::with_capacity(absences.len());
    for span in absences {
        match joined.last_mut() {
            Some(last) if span.from <= last.until => last.until = last.until.max(span.until),
            _ => joined.push(span),
        }
    }
    breaks.retain(|pause| has_room(*pause, whole, &joined));
    shift.pauses = joined.iter().map(|span| Pause::absence(span.from, span.until)).collect();
    shift.pauses.extend(breaks);
}

/// Whether a break can be taken inside the shift and clear of every absence, all else aside.
fn has_room(pause: Pause, whole: Span, absences: &[Span]) -> bool {
    let latest = pause.latest.min(whole.until - pause.duration);
    let mut start = pause.earliest.max(whole.from);
    for absence in absences {
        if absence.until > start && absence.from < start + pause.duration {
            start = absence.until;
        }
    }
    start <= latest
}

fn is_exact(pause: Pause) -> bool {
    pause.earliest == pause.latest
}

/// Every order in which the pauses can follow each other, as positions in `pauses`; at least one
/// entry unless they cannot all be taken.
///
/// Cost: O(orders x pauses^2), at most 256 orders.
pub(crate) fn orders(pauses: &[Pause]) -> Vec<Vec<usize>> {
    let mut found = Vec::new();
    let mut taken = vec![false; pauses.len()];
    extend(pauses, &mut Vec::with_capacity(pauses.len()), &mut taken, Moment(i64::MIN), &mut found);
    found
}

fn extend(
    pauses: &[Pause],
    order: &mut Vec<usize>,
    taken: &mut [bool],
    free_from: Moment,
    found: &mut Vec<Vec<usize>>,
) {
    if order.len() == pauses.len() {
        found.push(order.clone());
        return;
    }
    for at in 0..pauses.len() {
        if taken[at] || found.len() >= ORDERS_MAX || is_twin_of_earlier(pauses, taken, at) {
            continue;
        }
        let start = free_from.max(pauses[at].earliest);
        let end = start + pauses[at].duration;
        // Every pause left must still be able to start after this one.
        let too_late = |other: usize| other != at && !taken[other] && pauses[other].latest < end;
        if start > pauses[at].latest || (0..pauses.len()).any(too_late) {
            continue;
        }
        taken[at] = true;
        order.push(at);
        extend(pauses, order, taken, end, found);
        order.pop();
        taken[at] = false;
    }
}

/// Whether an equal pause further left is still free: swapping the two gives nothing new.
fn is_twin_of_earlier(pauses: &[Pause], taken: &[bool], at: usize) -> bool {
    (0..at).any(|other| !taken[other] && pauses[other] == pauses[at])
}

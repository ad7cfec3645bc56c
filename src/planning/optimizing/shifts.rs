//! Shifts of the live plan as shifts of the optimizer, made to hold what cannot move any more.

use roundsman_solver::optimize::model::{Break, Shift};
use roundsman_solver::problem::{Pause, Shift as Row};
use roundsman_solver::units::{Moment, PlaceIdx, Seconds, Span, TechnicianIdx};

use crate::planning::days::StopOf;

/// One shift of the live plan.
pub(super) struct Source<'a> {
    pub(super) technician: TechnicianIdx,
    pub(super) row: &'a Row,
    pub(super) stops: &'a [StopOf],
    /// By stop, whether it stays where it is.
    pub(super) fixed: &'a [bool],
    /// Numbers of the day and the week of its date.
    pub(super) day: (u32, u32),
    /// When the technician's next shift starts.
    pub(super) next: Option<Moment>,
    /// Time that is taken away from it besides.
    pub(super) away: Option<Span>,
    /// Whether it may get other visits than it has.
    pub(super) open: bool,
}

/// The shift for the optimizer; `place` numbers places.
pub(super) fn shift(source: &Source, mut place: impl FnMut(PlaceIdx) -> PlaceIdx) -> Shift {
    let row = source.row;
    let mut shift = Shift::new(source.technician, row.start, row.end);
    shift.overtime_limit = row.overtime_limit;
    (shift.day, shift.week) = source.day;
    shift.start_place = row.start_place.map(&mut place);
    shift.end_place = row.end_place.map(&mut place);
    if !source.open {
        shift.visits_max = Some(row.visit_count());
    }
    stretch(source, &mut shift);
    let span = Span::new(shift.start, shift.hard_end());
    let taken = taken(source);
    let absences = row.pauses.iter().filter(|pause| pause.padded).map(pause_span);
    let absences = merged(absences.chain(source.away).map(|one| within(one, span)));
    let pieces: Vec<Span> = absences.iter().flat_map(|absence| without(*absence, &taken)).collect();
    shift.breaks.extend(pieces.iter().map(|span| Break::absence(span.from, span.until)));
    for pause in row.pauses.iter().filter(|pause| !pause.padded) {
        shift.breaks.extend(floating(pause, span, &absences, &taken));
    }
    for (stop, of) in row.stops.iter().zip(source.stops) {
        let padded = match of {
            StopOf::Visit(_) => continue,
            StopOf::Absence(_) => true,
            StopOf::Break => false,
        };
        let (from, until) = (stop.planned_start, stop.planned_end());
        let here = Break { place: stop.place.map(&mut place), ..Break::absence(from, until) };
        let free = taken.iter().all(|visit| !visit.overlaps(Span::new(from, until)));
        if free {
            shift.breaks.push(Break { padded, paid: !padded, ..here });
        }
    }
    shift
}

/// Makes the shift as long as what stays in it needs, up to the next shift.
fn stretch(source: &Source, shift: &mut Shift) {
    let row = source.row;
    let fixed = |at: &usize| source.fixed.get(*at).copied().unwrap_or(false);
    let Some(at) = (0..row.stops.len()).rev().find(fixed) else { return };
    let is_last = at + 1 == row.stops.len() && row.leg_out.is_reachable();
    let home = if is_last { row.leg_out.travel() } else { Seconds::ZERO };
    let end = row.stops[at].planned_end() + home;
    let end = source.next.map_or(end, |next| end.min(next));
    shift.overtime_limit = shift.overtime_limit.max(end - shift.end);
}

/// Spans of the visits that stay, by start.
fn taken(source: &Source) -> Vec<Span> {
    let stops = source.row.stops.iter().zip(source.stops).zip(source.fixed);
    let fixed = stops.filter(|((_, of), fixed)| **fixed && matches!(of, StopOf::Visit(_)));
    merged(fixed.map(|((stop, _), _)| Span::new(stop.planned_start, stop.planned_end())))
}

fn pause_span(pause: &Pause) -> Span {
    Span::new(pause.earliest, pause.earliest + pause.duration)
}

fn within(span: Span, bounds: Span) -> Span {
    Span::new(span.from.max(bounds.from), span.until.min(bounds.until))
}

/// Spans in order, those that touch made one, empty ones left out.
fn merged(spans: impl Iterator<Item = Span>) -> Vec<Span> {
    let mut spans: Vec<Span> = spans.filter(|span| span.from < span.until).collect();
    spans.sort_unstable();
    let mut merged: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.from <= last.until => last.until = last.until.max(span.until),
            _ => merged.push(span),
        }
    }
    merged
}

/// What is left of a span without others, which are in order.
fn without(span: Span, others: &[Span]) -> Vec<Span> {
    let mut left = Vec::new();
    let mut from = span.from;
    for other in others.iter().filter(|other| other.overlaps(span)) {
        if from < other.from {
            left.push(Span::new(from, other.from));
        }
        from = from.max(other.until);
    }
    if from < span.until {
        left.push(Span::new(from, span.until));
    }
    left
}

/// A break where it can be taken; none if an absence takes its place. Where visits that stay leave
/// no room for it, it may be left out.
fn floating(pause: &Pause, span: Span, absences: &[Span], taken: &[Span]) -> Option<Break> {
    let duration = pause.duration;
    let latest = pause.latest.min(span.until - duration);
    let starts = (pause.earliest.max(span.from), latest);
    let starts = clear(&[starts], duration, absences);
    if starts.is_empty() {
        return None;
    }
    let room = clear(&starts, duration, taken);
    let missed_cost = room.is_empty().then_some(0);
    Some(Break { starts, missed_cost, ..Break::floating(latest, latest, duration) })
}

/// The starts (both ends count) of something of that length that keep clear of some spans.
fn clear(starts: &[(Moment, Moment)], duration: Seconds, spans: &[Span]) -> Vec<(Moment, Moment)> {
    let mut clear: Vec<(Moment, Moment)> =
        starts.iter().filter(|(from, until)| from <= until).copied().collect();
    for span in spans {
        // A start is lost if the pause would end after the span begins and start before it ends.
        let (lost_from, lost_until) = (span.from - duration + Seconds(1), span.until - Seconds(1));
        let parts = clear.iter().flat_map(|(from, until)| {
            let before = (*from, (*until).min(lost_from - Seconds(1)));
            let after = ((*from).max(lost_until + Seconds(1)), *until);
            [before, after]
        });
        clear = parts.filter(|(from, until)| from <= until).collect();
        clear.dedup();
    }
    clear
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_break_keeps_clear_of_absences_and_gives_way_to_them() {
        let lunch = Pause::floating(Moment(100), Moment(200), Seconds(50));
        let day = Span::new(Moment(0), Moment(1000));
        let away = [Span::new(Moment(120), Moment(160))];
        let found = floating(&lunch, day, &away, &[]).unwrap();
        // It would have to end by 120, and the first start is 100: only after the absence.
        assert_eq!(found.starts, [(Moment(160), Moment(200))]);
        assert_eq!(found.missed_cost, None);
        let all = [Span::new(Moment(90), Moment(260))];
        assert_eq!(floating(&lunch, day, &all, &[]), None);
        let busy = floating(&lunch, day, &[], &all).unwrap();
        assert_eq!(busy.missed_cost, Some(0));
    }

    #[test]
    fn spans_are_merged_and_cut() {
        let span = |from, until| Span::new(Moment(from), Moment(until));
        let all = merged([span(5, 9), span(1, 3), span(2, 5), span(20, 10)].into_iter());
        assert_eq!(all, [span(1, 9)]);
        assert_eq!(without(span(0, 20), &[span(1, 9), span(15, 30)]), [span(0, 1), span(9, 15)]);
    }
}

//! Planned times of a whole route that move as little as possible, with the pauses in between.

use crate::problem::Shift;
use crate::schedule::passes::{After, Passes, backward_run, forward_run};
use crate::schedule::pauses;
use crate::schedule::view::{EDGE, OUT_OF_REACH, View};
use crate::units::{Moment, Seconds};

/// When a pause is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PauseTime {
    /// Position in the shift's pauses.
    pub pause: usize,
    /// When it starts.
    pub start: Moment,
}

/// Times of a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timetable {
    /// Start of each stop, in route order.
    pub starts: Vec<Moment>,
    /// Start of each pause, in the order taken.
    pub pauses: Vec<PauseTime>,
    /// Arrival at the end place; without one, the end of the last stop.
    pub arrival: Moment,
    /// How long after the soft end that is.
    pub overtime: Seconds,
}

/// Times of a shift with every stop as near to its planned start as the rules allow.
///
/// `shift`: pauses as tidied by [`crate::schedule::PreparedShift`]. Stops whose plan is feasible
/// keep it. Pauses start as early as they can.
///
/// Returns `None` if the route cannot be driven without breaking a rule.
///
/// Cost: O(orders x stops x pauses^2).
pub fn timetable(shift: &Shift) -> Option<Timetable> {
    best(shift, None)
}

/// As [`timetable`], working away from `anchor` on both sides, so that each stop moves only as far as
/// the anchor makes necessary.
pub(crate) fn around(shift: &Shift, anchor: usize) -> Option<Timetable> {
    best(shift, Some(anchor))
}

fn best(shift: &Shift, anchor: Option<usize>) -> Option<Timetable> {
    let mut best: Option<((i64, i32), Timetable)> = None;
    for order in pauses::orders(&shift.pauses) {
        let view = View::new(shift, &order, shift.hard_end());
        let passes = Passes::new(&view);
        if !passes.feasible() {
            continue;
        }
        let node = anchor.map_or(0, |stop| stop + 1);
        for taken in 0..=view.rests.len() {
            let Some(paths) = Paths::through(&view, &passes, node, taken) else { continue };
            let rating = (paths.displacement(&view), paths.starts[view.end()]);
            if best.as_ref().is_none_or(|(least, _)| rating < *least) {
                best = Some((rating, paths.timetable(shift, &view, &order)));
            }
        }
    }
    best.map(|(_, timetable)| timetable)
}

/// A choice of start and of pauses taken before, for every node.
struct Paths {
    starts: Vec<i32>,
    taken: Vec<usize>,
}

impl Paths {
    fn through(view: &View, passes: &Passes, anchor: usize, taken: usize) -> Option<Self> {
        let completion = passes.earliest(anchor, taken);
        let latest = passes.latest(anchor, taken);
        let here = view.nodes[anchor];
        let earliest = completion - here.duration;
        if completion >= OUT_OF_REACH || earliest > latest {
            return None;
        }
        let mut paths =
            Self { starts: vec![0; view.nodes.len()], taken: vec![taken; view.nodes.len()] };
        paths.starts[anchor] = here.planned.clamp(earliest, latest);
        for node in (0..anchor).rev() {
            paths.step_back(view, passes, node)?;
        }
        for node in anchor + 1..view.nodes.len() {
            paths.step_on(view, passes, node)?;
        }
        Some(paths)
    }

    /// Chooses the start of `node` nearest to its planned one that lets the next node start when chosen.
    fn step_back(&mut self, view: &View, passes: &Passes, node: usize) -> Option<()> {
        let (here, next) = (view.nodes[node], view.nodes[node + 1]);
        let mut best: Option<(i32, usize)> = None;
        for first in 0..=self.taken[node + 1] {
            let completion = passes.earliest(node, first);
            let run = &view.rests[first..self.taken[node + 1]];
            if completion >= OUT_OF_REACH {
                continue;
            }
            let after: Option<After> = backward_run(self.starts[node + 1], next.pad_before, run);
            let Some(after) = after else { continue };
            let latest =
                (after.latest(here.pad_after, next.leg_in) - here.duration).min(here.closes);
            let earliest = completion - here.duration;
            if earliest > latest {
                continue;
            }
            let start = here.planned.clamp(earliest, latest);
            // Of two equally good ways, the one with fewer pauses left to take before.
            let moves = |start: i32| (start - here.planned).abs();
            if best.is_none_or(|(other, _)| moves(start) < moves(other)) {
                best = Some((start, first));
            }
        }
        (self.starts[node], self.taken[node]) = best?;
        Some(())
    }

    /// Chooses the start of `node` nearest to its planned one that the node before allows.
    fn step_on(&mut self, view: &View, passes: &Passes, node: usize) -> Option<()> {
        let (last, here) = (view.nodes[node - 1], view.nodes[node]);
        let completion = self.starts[node - 1] + last.duration;
        let mut best: Option<(i32, usize)> = None;
        for until in self.taken[node - 1]..=view.rests.len() {
            let run = &view.rests[self.taken[node - 1]..until];
            let before = forward_run(completion, last.pad_after, run, |_| {});
            let Some(before) = before else { break };
            let earliest = before.earliest(here.pad_before, here.leg_in).max(here.opens);
            let latest = passes.latest(node, until);
            if earliest > latest || !clear_of_trailing(view, node, until, completion) {
                continue;
            }
            let start = here.planned.clamp(earliest, latest);
            // Of two equally good ways, the one with fewer pauses left to take after.
            let moves = |start: i32| (start - here.planned).abs();
            if best.is_none_or(|(other, _)| moves(start) <= moves(other)) {
                best = Some((start, until));
            }
        }
        (self.starts[node], self.taken[node]) = best?;
        Some(())
    }

    fn displacement(&self, view: &View) -> i64 {
        let inner = 1..view.end();
        inner.map(|node| i64::from((self.starts[node] - view.nodes[node].planned).abs())).sum()
    }

    fn timetable(&self, shift: &Shift, view: &View, order: &[usize]) -> Timetable {
        let mut pauses = Vec::with_capacity(order.len());
        for node in 1..view.nodes.len() {
            let last = view.nodes[node - 1];
            let (from, until) = (self.taken[node - 1], self.taken[node]);
            let completion = self.starts[node - 1] + last.duration;
            list_pauses(view, order, from..until, (completion, last.pad_after), &mut pauses);
        }
        let end = view.end();
        let trailing = self.taken[end]..view.rests.len();
        list_pauses(view, order, trailing, (self.starts[end], EDGE), &mut pauses);
        let arrival = view.moment(self.starts[end]);
        Timetable {
            starts: self.starts[1..end].iter().map(|&start| view.moment(start)).collect(),
            pauses,
            arrival,
            overtime: Seconds((arrival - shift.end).0.max(0)),
        }
    }
}

/// Whether absences after the way home lie clear of the pad of the last stop.
fn clear_of_trailing(view: &View, node: usize, taken: usize, completion: i32) -> bool {
    if node != view.end() {
        return true;
    }
    let pad = view.nodes[node - 1].pad_after.max(0);
    backward_run(OUT_OF_REACH, EDGE, &view.rests[taken..])
        .is_some_and(|after| completion + pad <= after.clear_padded)
}

fn list_pauses(
    view: &View,
    order: &[usize],
    range: std::ops::Range<usize>,
    (completion, pad_after): (i32, i32),
    pauses: &mut Vec<PauseTime>,
) {
    let mut which = range.clone();
    forward_run(completion, pad_after, &view.rests[range], |start| {
        if let Some(at) = which.next() {
            pauses.push(PauseTime { pause: order[at], start: view.moment(start) });
        }
    });
}

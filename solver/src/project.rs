//! What a day in progress leads to: expected times of later visits after a delay.

use crate::problem::{Pause, Shift, Stop};
use crate::schedule::{PauseTime, Timetable, tidied, timetable};
use crate::units::{Moment, Seconds};

/// How far a day has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The latest stop that has begun or is done; all before it are over.
    pub stop: usize,
    /// When it was left, or will be as far as one knows.
    pub end: Moment,
}

/// A later visit as it is now expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// Position in the route.
    pub stop: usize,
    /// When it will start.
    pub start: Moment,
    /// How much later than planned.
    pub delay: Seconds,
    /// How much later than promised.
    pub late_by: Seconds,
}

/// The rest of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Projection {
    /// Later visits, in route order.
    pub stops: Vec<Expected>,
    /// Pauses still to come.
    pub pauses: Vec<PauseTime>,
    /// Pauses that start later than they should, by how much.
    pub late_pauses: Vec<(usize, Seconds)>,
    /// Arrival at the end place.
    pub arrival: Moment,
    /// How long after the soft end that is.
    pub overtime: Seconds,
    /// How much of it exceeds the limit.
    pub overtime_excess: Seconds,
}

/// Expected times of the rest of a day.
///
/// Later visits start as planned, or as soon after that as the delay lets them, promises or not.
/// Pauses that the plan puts before the stop in progress count as taken.
///
/// * `shift`: as planned; pauses as given by the caller.
///
/// Returns `None` if there is no such stop or no road to a later one.
///
/// Cost: O(stops x pauses^2).
pub fn project(shift: &Shift, progress: Progress) -> Option<Projection> {
    let shift = tidied(shift);
    let current = shift.stops.get(progress.stop)?;
    let ahead = pauses_ahead(&shift, current, progress);
    let rest = rest_of_day(&shift, *current, progress, &ahead, Seconds::ZERO);
    let times = timetable(&rest).or_else(|| {
        // Some pause can no longer start in time: let all of them be late.
        timetable(&rest_of_day(&shift, *current, progress, &ahead, WEEK))
    })?;
    Some(describe(&shift, progress, &ahead, times))
}

/// Longer than any delay.
const WEEK: Seconds = Seconds::hours(168);

/// Positions of the pauses that are not over yet.
fn pauses_ahead(shift: &Shift, current: &Stop, progress: Progress) -> Vec<usize> {
    let planned = timetable(shift);
    let is_taken = |at: usize| {
        let pause = shift.pauses[at];
        let begun = planned.as_ref().map_or(pause.earliest, |times| {
            let time = times.pauses.iter().find(|time| time.pause == at);
            time.map_or(pause.earliest, |time| time.start)
        });
        begun < current.planned_start
            || pause.latest + pause.duration <= progress.end && pause.padded
    };
    (0..shift.pauses.len()).filter(|&at| !is_taken(at)).collect()
}

/// What is left as a shift of its own, beginning with the end of the stop in progress.
fn rest_of_day(
    shift: &Shift,
    current: Stop,
    progress: Progress,
    ahead: &[usize],
    patience: Seconds,
) -> Shift {
    let mut rest = shift.clone();
    rest.start = progress.end;
    rest.end = shift.end.max(progress.end);
    rest.overtime_limit = WEEK;
    rest.pauses = ahead
        .iter()
        .map(|&at| {
            let pause = shift.pauses[at];
            let end = pause.latest + pause.duration;
            if pause.padded && pause.earliest < progress.end {
                // Under way: what is left of it.
                return Pause::absence(progress.end, end.max(progress.end));
            }
            let earliest = pause.earliest.max(progress.end);
            Pause { earliest, latest: pause.latest.max(earliest) + patience, ..pause }
        })
        .collect();
    let here = Stop {
        planned_start: progress.end,
        duration: Seconds::ZERO,
        leg_in: crate::problem::Leg::ZERO,
        fixed: true,
        ..current
    };
    let later = shift.stops[progress.stop + 1..].iter().map(|stop| Stop {
        earliest: stop.planned_start,
        latest: stop.planned_start.max(progress.end) + WEEK,
        fixed: false,
        ..*stop
    });
    rest.stops = std::iter::once(here).chain(later).collect();
    rest
}

fn describe(shift: &Shift, progress: Progress, ahead: &[usize], times: Timetable) -> Projection {
    let first = progress.stop + 1;
    let later = (first..).zip(&shift.stops[first..]).zip(&times.starts[1..]);
    let stops = later.map(|((stop, planned), &start)| Expected {
        stop,
        start,
        delay: start - planned.planned_start,
        late_by: Seconds((start - planned.latest).0.max(0)),
    });
    let pauses: Vec<PauseTime> = times
        .pauses
        .iter()
        .map(|time| PauseTime { pause: ahead[time.pause], start: time.start })
        .collect();
    let late_pauses = pauses
        .iter()
        .map(|time| (time.pause, time.start - shift.pauses[time.pause].latest))
        .filter(|(_, late)| *late > Seconds::ZERO)
        .collect();
    let overtime = Seconds((times.arrival - shift.end).0.max(0));
    Projection {
        stops: stops.collect(),
        pauses,
        late_pauses,
        arrival: times.arrival,
        overtime,
        overtime_excess: Seconds((overtime - shift.overtime_limit).0.max(0)),
    }
}

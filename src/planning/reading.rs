//! A route as people read it: when each stop starts, when pauses are taken, when one is home.

use chrono::{DateTime, Utc};
use roundsman_solver::project::{Progress, project};
use roundsman_solver::schedule::timetable;

use crate::domain::id::VisitId;
use crate::domain::travel::Leg;
use crate::planning::days::{DayRoute, StopOf};
use crate::planning::times::{instant, moment};

/// One stop of a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadStop {
    /// What it stands for.
    pub of: StopOf,
    /// Planned start.
    pub start: DateTime<Utc>,
    /// Planned end.
    pub end: DateTime<Utc>,
    /// The drive to it; none if no road leads there.
    pub drive: Option<Leg>,
}

/// One pause of a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadPause {
    /// Start.
    pub start: DateTime<Utc>,
    /// End.
    pub end: DateTime<Utc>,
    /// Whether it is an absence; a break otherwise.
    pub is_absence: bool,
}

/// A route as people read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadRoute {
    /// First moment of work.
    pub start: DateTime<Utc>,
    /// Last moment of work without overtime.
    pub end: DateTime<Utc>,
    /// Seconds of overtime allowed.
    pub overtime_limit_s: i64,
    /// The stops in order.
    pub stops: Vec<ReadStop>,
    /// The pauses by start; those of a route that cannot be driven stand at their earliest.
    pub pauses: Vec<ReadPause>,
    /// The drive from the last stop home; none if no road leads there.
    pub drive_home: Option<Leg>,
    /// When the day's driving and work are over.
    pub arrival: Option<DateTime<Utc>>,
    /// Seconds of overtime.
    pub overtime_s: i64,
    /// Whether everything planned can be done as planned.
    pub feasible: bool,
}

/// Reads a route.
pub fn read(route: &DayRoute) -> ReadRoute {
    let shift = route.shift.shift();
    let times = timetable(shift);
    let stops = shift.stops.iter().zip(route.stops.iter()).map(|(stop, of)| ReadStop {
        of: *of,
        start: instant(stop.planned_start),
        end: instant(stop.planned_end()),
        drive: leg(stop.leg_in),
    });
    let start_of = |at: usize| {
        let found = times.as_ref()?.pauses.iter().find(|time| time.pause == at)?;
        Some(found.start)
    };
    let pauses = shift.pauses.iter().enumerate().map(|(at, pause)| {
        let start = start_of(at).unwrap_or(pause.earliest);
        let end = instant(start + pause.duration);
        ReadPause { start: instant(start), end, is_absence: pause.padded }
    });
    let mut pauses: Vec<ReadPause> = pauses.collect();
    pauses.sort_by_key(|pause| pause.start);
    ReadRoute {
        start: instant(shift.start),
        end: instant(shift.end),
        overtime_limit_s: shift.overtime_limit.0,
        stops: stops.collect(),
        pauses,
        drive_home: leg(shift.leg_out),
        arrival: times.as_ref().map(|times| instant(times.arrival)),
        overtime_s: times.as_ref().map_or(0, |times| times.overtime.0),
        feasible: route.shift.is_feasible(),
    }
}

fn leg(leg: roundsman_solver::problem::Leg) -> Option<Leg> {
    let found = Leg { seconds: leg.travel().0, metres: leg.distance().0 };
    leg.is_reachable().then_some(found)
}

/// A later visit as it is now expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Later {
    /// Which.
    pub visit_id: VisitId,
    /// When it was planned to start.
    pub planned: DateTime<Utc>,
    /// When it will start.
    pub expected: DateTime<Utc>,
    /// Seconds after the latest start promised.
    pub late_s: i64,
}

/// What a day in progress leads to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outlook {
    /// Later visits whose start changes or is late.
    pub later: Vec<Later>,
    /// Seconds of overtime.
    pub overtime_s: i64,
    /// Seconds of it beyond the limit.
    pub overtime_excess_s: i64,
}

/// Expected times of the visits after one that ends, or will, at `end`.
///
/// Returns none if the visit is not in the route, or no road leads on.
pub fn outlook(route: &DayRoute, visit_id: VisitId, end: DateTime<Utc>) -> Option<Outlook> {
    let stop = route.stops.iter().position(|stop| *stop == StopOf::Visit(visit_id))?;
    let shift = route.shift.shift();
    let found = project(shift, Progress { stop, end: moment(end) })?;
    let later = found.stops.iter().filter_map(|expected| {
        let StopOf::Visit(visit_id) = *route.stops.get(expected.stop)? else { return None };
        let planned = shift.stops[expected.stop].planned_start;
        let changed = expected.start != planned || expected.late_by.0 > 0;
        let (planned, start) = (instant(planned), instant(expected.start));
        let late_s = expected.late_by.0;
        changed.then_some(Later { visit_id, planned, expected: start, late_s })
    });
    Some(Outlook {
        later: later.collect(),
        overtime_s: found.overtime.0,
        overtime_excess_s: found.overtime_excess.0,
    })
}

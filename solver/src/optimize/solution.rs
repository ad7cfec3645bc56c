//! What the optimizer answers: routes with times, what is left out, and the cost rule by rule.

use crate::units::{Metres, Moment, PlaceIdx, Seconds, ShiftIdx, VisitIdx};

/// What a stop of a route is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StopKind {
    /// A crew role of a visit.
    Visit {
        /// Which visit.
        visit: VisitIdx,
        /// Which place in its crew.
        role: u8,
    },
    /// A break: position in the shift's breaks.
    Break {
        /// Which.
        index: usize,
    },
    /// Stock and tools are fetched.
    Depot {
        /// Where.
        place: PlaceIdx,
    },
}

/// One stop of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouteStop {
    /// What.
    pub kind: StopKind,
    /// Seconds driven to it since the stop before (for a break taken on the way: 0, the drive
    /// belongs to the stop that it leads to).
    pub drive: Seconds,
    /// Metres driven to it.
    pub metres: Metres,
    /// When the technician is there.
    pub arrival: Moment,
    /// When it starts.
    pub start: Moment,
    /// When it ends: setup, service and exit included.
    pub end: Moment,
}

/// The route of one shift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Which shift.
    pub shift: ShiftIdx,
    /// Departure from the start place.
    pub departure: Moment,
    /// Stops in order.
    pub stops: Vec<RouteStop>,
    /// Seconds of the last drive.
    pub drive_home: Seconds,
    /// Metres of the last drive.
    pub metres_home: Metres,
    /// Return to the end place; without one, the end of the last stop.
    pub arrival: Moment,
}

/// How good a plan is; compared in the order of the fields, less is better.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Score {
    /// Hard rules broken; 0 in every answer of the optimizer.
    pub hard: i64,
    /// Sum of [`super::model::Visit::mandatory`] of the visits left out.
    pub unserved: i64,
    /// Weighted cost in grains.
    pub cost: i64,
}

/// A plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Solution {
    /// Routes with at least one visit, by shift.
    pub routes: Vec<Route>,
    /// Visits left out, ascending.
    pub unassigned: Vec<VisitIdx>,
    /// How good it is.
    pub score: Score,
    /// The cost, rule by rule; sums up to `score.cost`.
    pub costs: Vec<(Rule, i64)>,
}

/// A soft rule: names a line of the cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Seconds and metres at the wheel.
    Driving,
    /// Paid time of shifts.
    PaidTime,
    /// Time on site.
    Onsite,
    /// Waiting.
    Waiting,
    /// Overtime.
    Overtime,
    /// Shifts and technicians used.
    Used,
    /// Soft windows missed.
    Windows,
    /// Due times missed.
    Due,
    /// The largest lateness.
    LargestLate,
    /// The largest idle time.
    LargestIdle,
    /// Breaks left out.
    MissedBreaks,
    /// Work outside primary zones.
    Zones,
    /// Wishes for and against technicians.
    Preferences,
    /// Somebody else than usual.
    Continuity,
    /// Other people or times than in the plan in force.
    Stability,
    /// Promises broken.
    Promises,
    /// Unfair shares of work.
    Balance,
    /// Work on later days.
    LaterDays,
    /// Skills higher than needed.
    UnneededLevels,
    /// Work at risk near the end of shifts.
    Risk,
    /// Optional work left out.
    Prizes,
}

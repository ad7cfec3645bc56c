//! The plan in force and what replanning may do to it.

use crate::units::{Moment, Seconds, ShiftIdx};

/// What replanning may not change about a visit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Lock {
    /// Nothing is locked.
    #[default]
    Free,
    /// Its planned start stays.
    Time,
    /// Its people stay (any shift of theirs).
    Technician,
    /// Start and people stay.
    Both,
    /// It stays inside its promised arrival window, even where promises may be broken.
    Window,
}

/// Where a visit stands in the plan in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    /// Planned start.
    pub start: Moment,
    /// Shift of each crew role, in the order of the roles.
    pub shifts: Vec<ShiftIdx>,
    /// What may not change.
    pub lock: Lock,
    /// Actual start if work has begun: the visit stays there whatever else is said.
    pub started: bool,
}

/// How much replanning may do from a moment on; grows in this order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relaxation {
    /// Planned times may move.
    Times,
    /// The order of a technician's visits too.
    Order,
    /// Anything.
    #[default]
    Anything,
}

/// What replanning may not touch, by time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Freeze {
    /// Visits planned to start before this moment stay as they are, and nothing new starts before.
    pub until: Option<Moment>,
    /// From each moment on (ascending), so much is allowed; before the first, what the first
    /// allows. Empty = anything.
    pub relaxations: Vec<(Moment, Relaxation)>,
    /// Least time between now and a start that changes, counted from `until`.
    pub notice: Seconds,
}

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
    /// Whether work has begun, at `start`: the visit stays there whatever else is said.
    pub started: bool,
}

/// How much replanning may do from a moment on; grows in this order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relaxation {
    /// Planned times may move: the visit stays in its shifts, and two such visits of one shift stay
    /// in their order.
    Times,
    /// The order of a technician's visits too: only its people stay.
    Order,
    /// Anything.
    #[default]
    Anything,
}

/// What replanning may not touch, by time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Freeze {
    /// Visits planned to start before this moment stay as they are (start and shifts, or left
    /// out), and nothing else starts before.
    pub until: Option<Moment>,
    /// From each moment on (ascending), so much is allowed to visits planned to start then; before
    /// the first, what the first allows. Empty = anything. Visits new to the plan are not bound.
    pub relaxations: Vec<(Moment, Relaxation)>,
    /// Least time between `until` and the start of any visit that is new, or has another start or
    /// other people than in the plan in force.
    pub notice: Seconds,
}

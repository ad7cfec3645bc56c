//! Visits of the optimizer: where, when, how long, by whom, with what, and how much they matter.

use crate::problem::{Role, Wishes};
use crate::units::{Moment, PlaceIdx, PoolIdx, Seconds, TechnicianIdx, ZoneIdx};

/// A span in which a visit may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First moment it may start.
    pub earliest: Moment,
    /// Last moment it may start.
    pub latest: Moment,
    /// Grains per second of starting before the window; `None` = it waits instead.
    pub early_second: Option<i64>,
    /// Grains per second of starting after the window; `None` = it may not.
    pub late_second: Option<i64>,
}

impl Window {
    /// A window that may not be missed.
    pub const fn hard(earliest: Moment, latest: Moment) -> Self {
        Self { earliest, latest, early_second: None, late_second: None }
    }
}

/// What the customer was told: the visit starts between these moments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promise {
    /// First moment promised.
    pub earliest: Moment,
    /// Last moment promised.
    pub latest: Moment,
}

/// A service level: finished by a moment, or it costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// By when the visit should have ended.
    pub by: Moment,
    /// Grains per second of lateness.
    pub late_second: i64,
}

/// Times of a visit that one technician takes in place of the visit's, the role's and any pace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnTimes {
    /// Who.
    pub technician: TechnicianIdx,
    /// On arrival at another place.
    pub setup: Seconds,
    /// Service on site, without setup and exit.
    pub duration: Seconds,
}

/// Shared equipment a visit needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolNeed {
    /// Which pool.
    pub pool: PoolIdx,
    /// How many units.
    pub units: u32,
    /// How long before the start they leave the pool.
    pub lead: Seconds,
    /// How long after the end they are back.
    pub trail: Seconds,
}

/// One place in a crew.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CrewRole {
    /// Skills and carried equipment the person needs.
    pub needs: Role,
    /// How long this member stays; `None` = the visit's own duration.
    pub duration: Option<Seconds>,
}

/// One stay on site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// Where; `None` = no travel to or from it.
    pub place: Option<PlaceIdx>,
    /// When it may start, ascending and disjoint; empty = at any time of a shift. Where one window
    /// may be missed at a cost, the cheapest of all windows counts.
    pub windows: Vec<Window>,
    /// What the customer was told; kept unless [`super::Weights::broken_promise`] allows otherwise.
    pub promise: Option<Promise>,
    /// Service level.
    pub due: Option<Due>,
    /// Service on site, without setup and exit.
    pub duration: Seconds,
    /// On arrival, once for visits that follow each other at one place.
    pub setup: Seconds,
    /// Before leaving.
    pub exit: Seconds,
    /// Who takes other times than these.
    pub own_times: Vec<OwnTimes>,
    /// Free time needed after the thing before, added to that thing's `pad_after`; a drive counts.
    pub pad_before: Seconds,
    /// Free time needed before the next thing.
    pub pad_after: Seconds,
    /// The crew: one entry per person, 1 to 8, all starting together.
    pub crew: Vec<CrewRole>,
    /// Zones the place lies in; `None` = zones do not matter.
    pub zones: Option<Vec<ZoneIdx>>,
    /// Who is wanted: `preferred` in grains saved.
    pub wishes: Wishes,
    /// Who usually serves this customer.
    pub usual: Vec<TechnicianIdx>,
    /// Shared equipment.
    pub pools: Vec<PoolNeed>,
    /// Load taken along from the start, or from the last depot before, and left here, by kind; empty =
    /// none.
    pub delivery: Vec<i64>,
    /// Load taken here and brought to the end, by kind; empty = none.
    pub pickup: Vec<i64>,
    /// Load taken (positive) or left (negative) here on the way, by kind; empty = none.
    pub transfer: Vec<i64>,
    /// Parts used up, by kind of load; in the car until then as `delivery` is; empty = none.
    pub parts: Vec<i64>,
    /// Equipment that one of the crew must carry, or fetch at a depot before in the same shift.
    pub tools: Vec<crate::units::EquipmentIdx>,
    /// How much it weighs to leave it out, against other mandatory visits; 0 = optional.
    pub mandatory: u32,
    /// Grains earned by doing it; reckoned as a cost of leaving it out.
    pub prize: i64,
    /// Priority for [`super::Risk`] and explanations; higher is more urgent.
    pub priority: u32,
}

impl Visit {
    /// Largest crew.
    pub const CREW_MAX: usize = 8;

    /// A mandatory visit for one person that may start at any time.
    pub fn new(place: Option<PlaceIdx>, duration: Seconds) -> Self {
        Self {
            place,
            windows: Vec::new(),
            promise: None,
            due: None,
            duration,
            setup: Seconds::ZERO,
            exit: Seconds::ZERO,
            own_times: Vec::new(),
            pad_before: Seconds::ZERO,
            pad_after: Seconds::ZERO,
            crew: vec![CrewRole::default()],
            zones: None,
            wishes: Wishes::default(),
            usual: Vec::new(),
            pools: Vec::new(),
            delivery: Vec::new(),
            pickup: Vec::new(),
            transfer: Vec::new(),
            parts: Vec::new(),
            tools: Vec::new(),
            mandatory: 1,
            prize: 0,
            priority: 0,
        }
    }
}

//! What costs how much: one name per soft rule; 0 switches a rule off.

use crate::units::Seconds;

/// Grains in one unit of money (or whatever the caller counts in).
pub const UNIT: i64 = 3_600_000;
/// Grains per second for a rate of one unit per hour.
pub const PER_HOUR: i64 = 1_000;
/// Grains per metre for a rate of one unit per kilometre.
pub const PER_KILOMETRE: i64 = 3_600;

/// Visits that end close to the end of a shift may not get done that day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Risk {
    /// A visit that ends less than this before the soft end of its shift is at risk.
    pub margin: Seconds,
    /// Only visits of at least this priority.
    pub priority_min: u32,
    /// Grains per second short of the margin, for each crew member by the own end and shift; a
    /// visit that ends in overtime is short by more than the margin.
    pub second: i64,
}

/// The weighted part of the objective, in grains.
///
/// A plan is better if it breaks fewer hard rules, then if it leaves out less mandatory work, then
/// if this sum is smaller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weights {
    /// Per second at the wheel (see [`super::Matrix::with_costs`] for what may take its place).
    pub drive_second: i64,
    /// Per metre driven.
    pub drive_metre: i64,
    /// Per second of waiting in a shift, from departure on.
    pub waiting_second: i64,
    /// Per second of overtime, on top of the shift's own rate.
    pub overtime_second: i64,
    /// Multiplies what soft windows (early or late) and due times cost, in per cent; each visit's
    /// window and due cost is rounded down to a grain.
    pub late_percent: i64,
    /// Per second of the largest lateness of all visits: start after the window that counts (the
    /// cheapest by its own rates, then the least late), or end after the due time.
    pub largest_late_second: i64,
    /// Per second of the largest idle time of all shifts. A shift is idle from its start until its
    /// end (the soft one) or the later return, but for drives, stays, breaks taken and stops at
    /// depots; one without work is idle as a whole.
    pub largest_idle_second: i64,
    /// Per crew member for whom the place is only in secondary zones.
    pub secondary_zone: i64,
    /// Per visit done by nobody who usually serves the customer, if somebody does.
    pub unusual_technician: i64,
    /// Per crew role filled by another technician than in the plan in force.
    pub moved_technician: i64,
    /// Per second a visit starts earlier or later than in the plan in force.
    pub moved_second: i64,
    /// Per visit with another start or another technician than in the plan in force.
    pub moved_visit: i64,
    /// Per broken promise; `None` = no promise may be broken.
    pub broken_promise: Option<i64>,
    /// Per second a broken promise is missed by.
    pub broken_promise_second: i64,
    /// Per second by which a technician's work (history, on site, drives) exceeds the fair share;
    /// off if all shares are 0.
    pub balance_second: i64,
    /// Per technician with any visit.
    pub technician_used: i64,
    /// Per shift with any visit.
    pub shift_used: i64,
    /// Per visit and day between the first day of all shifts and the day of role 0's shift.
    pub later_day: i64,
    /// Per crew member, skill needed and level above the level needed, by the highest level valid
    /// at the start (do not send the senior to simple work).
    pub unneeded_level: i64,
    /// Work at risk near the end of a shift.
    pub risk: Risk,
}

impl Default for Weights {
    /// One grain per second of driving, two per second of overtime, everything else off but for
    /// soft windows and due times at their own rates; no promise may be broken.
    fn default() -> Self {
        Self {
            drive_second: 1,
            drive_metre: 0,
            waiting_second: 0,
            overtime_second: 2,
            late_percent: 100,
            largest_late_second: 0,
            largest_idle_second: 0,
            secondary_zone: 0,
            unusual_technician: 0,
            moved_technician: 0,
            moved_second: 0,
            moved_visit: 0,
            broken_promise: None,
            broken_promise_second: 0,
            balance_second: 0,
            technician_used: 0,
            shift_used: 0,
            later_day: 0,
            unneeded_level: 0,
            risk: Risk::default(),
        }
    }
}

impl Weights {
    /// Everything off: for callers that name each weight themselves.
    pub const fn none() -> Self {
        Self {
            drive_second: 0,
            drive_metre: 0,
            waiting_second: 0,
            overtime_second: 0,
            late_percent: 100,
            largest_late_second: 0,
            largest_idle_second: 0,
            secondary_zone: 0,
            unusual_technician: 0,
            moved_technician: 0,
            moved_second: 0,
            moved_visit: 0,
            broken_promise: None,
            broken_promise_second: 0,
            balance_second: 0,
            technician_used: 0,
            shift_used: 0,
            later_day: 0,
            unneeded_level: 0,
            risk: Risk { margin: Seconds::ZERO, priority_min: 0, second: 0 },
        }
    }
}

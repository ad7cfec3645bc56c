//! One dated span of work of one technician with the stops and pauses already in it.

use crate::problem::Leg;
use crate::units::{Moment, PlaceIdx, Seconds};

/// What a stop is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StopKind {
    /// A visit: counts against caps.
    Visit,
    /// An absence at a known place: takes time and travel, counts against nothing.
    Absence,
}

/// Something with a place in the route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    /// Visit or absence.
    pub kind: StopKind,
    /// Where; `None` = no travel to or from it (service done remotely or in pure `fixed` travel).
    pub place: Option<PlaceIdx>,
    /// Drive from the stop before, or from the start place for the first stop.
    pub leg_in: Leg,
    /// First moment it may start; both ends of the promise count.
    pub earliest: Moment,
    /// Last moment it may start; equal to `earliest` for an exact promise.
    pub latest: Moment,
    /// When the plan says it starts.
    pub planned_start: Moment,
    /// Setup, service and exit together.
    pub duration: Seconds,
    /// Free time it needs after the thing before it, added to that thing's `pad_after`.
    pub pad_before: Seconds,
    /// Free time it needs before the next thing.
    pub pad_after: Seconds,
    /// Stays at its planned start: locked, frozen, started, done by a crew or with pooled equipment.
    pub fixed: bool,
}

impl Stop {
    /// An exact, unpadded visit without travel.
    pub const fn exact(start: Moment, duration: Seconds) -> Self {
        Self {
            kind: StopKind::Visit,
            place: None,
            leg_in: Leg::ZERO,
            earliest: start,
            latest: start,
            planned_start: start,
            duration,
            pad_before: Seconds::ZERO,
            pad_after: Seconds::ZERO,
            fixed: false,
        }
    }

    /// First moment it may start, given that a fixed stop stays where it is.
    pub fn opens(&self) -> Moment {
        if self.fixed { self.planned_start } else { self.earliest }
    }

    /// Last moment it may start, given that a fixed stop stays where it is.
    pub fn closes(&self) -> Moment {
        if self.fixed { self.planned_start } else { self.latest }
    }

    /// When it ends according to the plan.
    pub fn planned_end(&self) -> Moment {
        self.planned_start + self.duration
    }
}

/// Time without work and without a place: a break or an absence.
///
/// A pause may split a drive, never a visit. A pause that does not fit in the shift at all should be
/// left out by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// First moment it may start.
    pub earliest: Moment,
    /// Last moment it may start; equal to `earliest` for an absence or a fixed break.
    pub latest: Moment,
    /// How long it lasts.
    pub duration: Seconds,
    /// Whether pads of visits must lie clear of it: yes for absences, no for breaks.
    pub padded: bool,
}

impl Pause {
    /// An absence from `from` to `until`.
    pub fn absence(from: Moment, until: Moment) -> Self {
        Self { earliest: from, latest: from, duration: until - from, padded: true }
    }

    /// A break that may start from `earliest` to `latest`.
    pub const fn floating(earliest: Moment, latest: Moment, duration: Seconds) -> Self {
        Self { earliest, latest, duration, padded: false }
    }
}

/// What a technician does on the same day and in the same week outside one shift.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Visits in other shifts of the day.
    pub day_visits: u32,
    /// Visits in other shifts of the week, the day included.
    pub week_visits: u32,
    /// Seconds on site in other shifts of the day.
    pub day_onsite: Seconds,
    /// Seconds on site in other shifts of the week, the day included.
    pub week_onsite: Seconds,
    /// Seconds at the wheel in other shifts of the day.
    pub day_drive: Seconds,
}

/// One dated span of work of one technician.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    /// Earliest departure from the start place.
    pub start: Moment,
    /// Soft end: later is overtime.
    pub end: Moment,
    /// Seconds of overtime allowed after `end`; zero = none.
    pub overtime_limit: Seconds,
    /// Where it starts; `None` = the first drive costs nothing.
    pub start_place: Option<PlaceIdx>,
    /// Where it ends; `None` = the last drive costs nothing.
    pub end_place: Option<PlaceIdx>,
    /// Stops in route order.
    pub stops: Vec<Stop>,
    /// Drive from the last stop (or from the start place if there is none) to the end place.
    pub leg_out: Leg,
    /// Breaks and absences without a place, in any order.
    pub pauses: Vec<Pause>,
}

impl Shift {
    /// An empty shift without places, pauses or overtime.
    pub const fn new(start: Moment, end: Moment) -> Self {
        Self {
            start,
            end,
            overtime_limit: Seconds::ZERO,
            start_place: None,
            end_place: None,
            stops: Vec::new(),
            leg_out: Leg::ZERO,
            pauses: Vec::new(),
        }
    }

    /// Last moment by which the technician must be at the end place.
    pub fn hard_end(&self) -> Moment {
        self.end + self.overtime_limit
    }

    /// Seconds at the wheel.
    pub fn drive(&self) -> Seconds {
        let legs: i64 = self.stops.iter().map(|stop| stop.leg_in.travel().0).sum();
        Seconds(legs + self.leg_out.travel().0)
    }

    /// How many visits it holds.
    pub fn visit_count(&self) -> u32 {
        u32::try_from(self.stops.iter().filter(|stop| stop.kind == StopKind::Visit).count())
            .unwrap_or(u32::MAX)
    }

    /// Seconds on site.
    pub fn onsite(&self) -> Seconds {
        let visits = self.stops.iter().filter(|stop| stop.kind == StopKind::Visit);
        Seconds(visits.map(|stop| stop.duration.0).sum())
    }
}

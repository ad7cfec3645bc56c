//! Shifts of the optimizer: when, from where to where, with which breaks, limits and rates.

use crate::units::{Metres, Moment, PlaceIdx, Seconds, TechnicianIdx};

/// A pause in a shift.
///
/// It may be taken anywhere between two visits, also on the way, and takes the technician away
/// from work and wheel for its duration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Break {
    /// When it may start: spans of first and last start (both count), ascending and disjoint; one
    /// for most, equal ends for a fixed break or an absence.
    pub starts: Vec<(Moment, Moment)>,
    /// How long.
    pub duration: Seconds,
    /// Where it must be taken; `None` = anywhere.
    pub place: Option<PlaceIdx>,
    /// Grains for leaving it out; `None` = it must be taken.
    pub missed_cost: Option<i64>,
    /// Whether it counts as paid time.
    pub paid: bool,
    /// Whether pads of visits must lie clear of it: yes for absences, no for breaks.
    pub padded: bool,
    /// Most load it may be taken with, by kind; empty = any.
    pub load_max: Vec<i64>,
}

impl Break {
    /// A break that may start from `earliest` to `latest`.
    pub fn floating(earliest: Moment, latest: Moment, duration: Seconds) -> Self {
        Self {
            starts: vec![(earliest, latest)],
            duration,
            place: None,
            missed_cost: None,
            paid: true,
            padded: false,
            load_max: Vec::new(),
        }
    }

    /// An absence from `from` to `until`: unpaid, and pads lie clear of it.
    pub fn absence(from: Moment, until: Moment) -> Self {
        Self { paid: false, padded: true, ..Self::floating(from, from, until - from) }
    }
}

/// Rest at least every so many hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkLimit {
    /// Longest stretch of driving, time on site and at depots without rest, from departure on;
    /// waiting that is shorter than `rest` counts as work, a break that is shorter does not count.
    pub longest: Seconds,
    /// A break, or uninterrupted waiting, of at least this length ends the stretch. Driving comes
    /// before waiting.
    pub rest: Seconds,
}

/// What a shift costs on top of [`super::Weights`], in grains.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ShiftRates {
    /// Once, if the shift has any visit.
    pub used: i64,
    /// Per second from departure to return without unpaid breaks; the optimizer departs as late as
    /// it can where this is not 0.
    pub paid_second: i64,
    /// Per second at the wheel.
    pub drive_second: i64,
    /// Per metre driven.
    pub metre: i64,
    /// Per second on site (setup, service, exit).
    pub onsite_second: i64,
    /// Per second of return after the soft end, on top of [`super::Weights::overtime_second`].
    pub overtime_second: i64,
}

/// One dated span of work of one technician.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    /// Whose.
    pub technician: TechnicianIdx,
    /// Civil day it belongs to: caps per day count over the shifts of a technician with the same
    /// number; earlier days have smaller numbers.
    pub day: u32,
    /// Week it belongs to, for caps per week.
    pub week: u32,
    /// Which matrix.
    pub profile: usize,
    /// Earliest departure from the start place.
    pub start: Moment,
    /// Soft end: return later is overtime.
    pub end: Moment,
    /// Seconds of overtime allowed; zero = none. Ends where the technician's next shift starts.
    pub overtime_limit: Seconds,
    /// Where it starts; `None` = the first drive costs nothing.
    pub start_place: Option<PlaceIdx>,
    /// Whether no setup is needed at the start place, as if a visit there had come before.
    pub set_up: bool,
    /// Where it ends; `None` = the last drive costs nothing (open end).
    pub end_place: Option<PlaceIdx>,
    /// Breaks and absences.
    pub breaks: Vec<Break>,
    /// Rest at least every so many hours.
    pub work_limit: Option<WorkLimit>,
    /// What fits in the car, by kind of load: goods and the parts for the visits up to the next stop at
    /// a depot; empty = without limit.
    pub capacity: Vec<i64>,
    /// Stock at departure, by kind of load, for [`super::Visit::parts`]; empty = without limit.
    pub stock: Vec<i64>,
    /// Where goods, parts and tools are fetched on the way, without limit but
    /// [`Shift::capacity`]; empty = nowhere.
    pub depots: Vec<PlaceIdx>,
    /// Time a stop at a depot takes.
    pub depot_duration: Seconds,
    /// Most stops at depots.
    pub depot_stops_max: u32,
    /// Most visits.
    pub visits_max: Option<u32>,
    /// Most seconds at the wheel, by this car's [`Shift::drive_percent`].
    pub drive_max: Option<Seconds>,
    /// Most metres.
    pub metres_max: Option<Metres>,
    /// Most paid time: from departure to return without unpaid breaks.
    pub paid_max: Option<Seconds>,
    /// Per cent of the matrix's seconds this car needs; 100 = as the matrix says.
    pub drive_percent: u32,
    /// What it costs.
    pub rates: ShiftRates,
}

impl Shift {
    /// A shift of a technician on day 0 without places, breaks, limits or rates.
    pub fn new(technician: TechnicianIdx, start: Moment, end: Moment) -> Self {
        Self {
            technician,
            day: 0,
            week: 0,
            profile: 0,
            start,
            end,
            overtime_limit: Seconds::ZERO,
            start_place: None,
            set_up: false,
            end_place: None,
            breaks: Vec::new(),
            work_limit: None,
            capacity: Vec::new(),
            stock: Vec::new(),
            depots: Vec::new(),
            depot_duration: Seconds::ZERO,
            depot_stops_max: 0,
            visits_max: None,
            drive_max: None,
            metres_max: None,
            paid_max: None,
            drive_percent: 100,
            rates: ShiftRates::default(),
        }
    }

    /// Last moment by which the technician must be at the end place.
    pub fn hard_end(&self) -> Moment {
        self.end + self.overtime_limit
    }
}

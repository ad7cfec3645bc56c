//! What is asked: a visit to place, when it may start, who may do it and what it needs.

use crate::problem::TravelRows;
use crate::units::{
    EquipmentIdx, Metres, Moment, PlaceIdx, PoolIdx, Seconds, SkillIdx, Span, TechnicianIdx,
    ZoneIdx,
};

/// A skill a role needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SkillNeed {
    /// Which skill.
    pub skill: SkillIdx,
    /// Least level that will do; 1 where levels are not used.
    pub level_min: u8,
}

/// One place in a crew.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Role {
    /// Every skill the person needs.
    pub skills: Vec<SkillNeed>,
    /// Every kind of equipment the person must carry.
    pub carried: Vec<EquipmentIdx>,
}

/// Which moments may be offered as a start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grid {
    /// Exactly these, ascending. The caller lays them out in the location's zone.
    Listed(Vec<Moment>),
    /// Each longest run of feasible starts lays out its own: its first start rounded up to
    /// `align` in local time, then every `step`.
    Anchored {
        /// Distance between two starts.
        step: Seconds,
        /// Local times the first start is rounded up to; see [`Grid::alignment`].
        align: Seconds,
        /// Offset of local time from UTC from each moment on, ascending; the first holds before
        /// it too. Empty = UTC.
        offsets: Vec<(Moment, Seconds)>,
    },
}

impl Grid {
    /// The coarsest of 60, 30, 20, 15, 10 and 5 minutes that divides `step`, else one minute.
    ///
    /// ```
    /// # use roundsman_solver::{problem::Grid, units::Seconds};
    /// assert_eq!(Grid::alignment(Seconds::minutes(120)), Seconds::minutes(60));
    /// assert_eq!(Grid::alignment(Seconds::minutes(45)), Seconds::minutes(15));
    /// ```
    pub fn alignment(step: Seconds) -> Seconds {
        let divides = |minutes: &i64| step.0 > 0 && step.0 % (minutes * 60) == 0;
        Seconds::minutes([60, 30, 20, 15, 10, 5].into_iter().find(divides).unwrap_or(1))
    }

    /// An anchored grid with the customary alignment.
    pub fn anchored(step: Seconds, offsets: Vec<(Moment, Seconds)>) -> Self {
        Self::Anchored { step, align: Self::alignment(step), offsets }
    }
}

/// Moments between which starts may be offered. Each bound has its own name, so that a reason can
/// say which one refused. All speak of the promised start, not of the planned one behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// The span asked for.
    pub range: Span,
    /// Earliest start that keeps the minimum notice.
    pub notice: Option<Moment>,
    /// Latest start within the booking horizon (counts).
    pub horizon: Option<Moment>,
    /// Nothing may start before this moment.
    pub freeze: Option<Moment>,
    /// Spans, ordered and disjoint, in which no visit may start.
    pub blackouts: Vec<Span>,
    /// Spans, ordered and disjoint, a start must lie in (part of day); empty = anywhere.
    pub only_within: Vec<Span>,
}

impl Bounds {
    /// Only a range, nothing else.
    pub const fn within(range: Span) -> Self {
        Self {
            range,
            notice: None,
            horizon: None,
            freeze: None,
            blackouts: Vec::new(),
            only_within: Vec::new(),
        }
    }
}

/// Who is wanted, who is not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wishes {
    /// Only these come into question (a team, or the customer's choice); `None` = all.
    pub only: Option<Vec<TechnicianIdx>>,
    /// Each of these must be in the crew.
    pub required: Vec<TechnicianIdx>,
    /// None of these may come.
    pub excluded: Vec<TechnicianIdx>,
    /// These cost less, by so many units of cost.
    pub preferred: Vec<(TechnicianIdx, i64)>,
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

/// Most of a service that may be booked in one day; `None` = no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Bookings.
    pub count_per_day: Option<u32>,
    /// Seconds of service.
    pub seconds_per_day: Option<Seconds>,
}

/// A civil day of the location and what the service already uses of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// From local midnight to local midnight; 23 or 25 hours long when clocks change.
    pub span: Span,
    /// Bookings of the service that start in it.
    pub count_used: u32,
    /// Seconds of service they take.
    pub seconds_used: Seconds,
}

impl Day {
    /// A day on which the service has no bookings.
    pub const fn unused(span: Span) -> Self {
        Self { span, count_used: 0, seconds_used: Seconds::ZERO }
    }
}

/// What a crew costs; lower is better. Every weight may be 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Weights {
    /// Per second of added driving.
    pub travel_second: i64,
    /// Per metre of added driving.
    pub travel_metre: i64,
    /// Per second of overtime; a negative one counts as 0.
    pub overtime_second: i64,
    /// Per member for whom the place is in a secondary zone.
    pub secondary_zone: i64,
    /// Per technician, indexed by [`TechnicianIdx`], from an assignment policy; empty = all 0.
    pub technician: Vec<i64>,
    /// Per second between the start of the range and the slot (earlier is better if positive).
    pub wait_second: i64,
}

impl Weights {
    /// One unit per second of added driving, two per second of overtime, half an hour for a
    /// secondary zone.
    pub const fn travel() -> Self {
        Self {
            travel_second: 1,
            travel_metre: 0,
            overtime_second: 2,
            secondary_zone: 1800,
            technician: Vec::new(),
            wait_second: 0,
        }
    }
}

/// A visit looking for a start and a crew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The place in the caller's numbering, copied into the stops that a booking makes; `None` if
    /// the visit needs no travel. The search itself reads only `travel`.
    pub place: Option<PlaceIdx>,
    /// Travel from and to every place; `None` = the service needs none (pure `fixed` mode, remote).
    pub travel: Option<TravelRows>,
    /// Setup, service and exit together, already shortened for a split crew.
    pub duration: Seconds,
    /// Free time needed after the thing before, added to that thing's `pad_after`.
    pub pad_before: Seconds,
    /// Free time needed before the next thing.
    pub pad_after: Seconds,
    /// The crew: one entry per person, 1 to [`Request::CREW_MAX`].
    pub roles: Vec<Role>,
    /// Which starts may be offered.
    pub grid: Grid,
    /// Length of the arrival window; zero = the promised start is exact. The planned start lies
    /// in `[start, start + window]`.
    pub window: Seconds,
    /// Between which moments.
    pub bounds: Bounds,
    /// Zones the place lies in; `None` = zones do not matter.
    pub zones: Option<Vec<ZoneIdx>>,
    /// Who is wanted.
    pub wishes: Wishes,
    /// Shared equipment.
    pub pools: Vec<PoolNeed>,
    /// Limits per day.
    pub limits: Limits,
    /// Civil days covering the range, ascending and disjoint; group the slots and bear the limits.
    /// A start outside all of them belongs to no day and is not limited.
    pub days: Vec<Day>,
    /// What crews cost.
    pub weights: Weights,
}

impl Request {
    /// Largest crew.
    pub const CREW_MAX: usize = 8;

    /// A visit for one person without skills, travel or limits; starts as listed.
    pub fn simple(duration: Seconds, range: Span, grid: Grid) -> Self {
        Self {
            place: None,
            travel: None,
            duration,
            pad_before: Seconds::ZERO,
            pad_after: Seconds::ZERO,
            roles: vec![Role::default()],
            grid,
            window: Seconds::ZERO,
            bounds: Bounds::within(range),
            zones: None,
            wishes: Wishes::default(),
            pools: Vec::new(),
            limits: Limits::default(),
            days: Vec::new(),
            weights: Weights::travel(),
        }
    }

    /// Position in `days` of the day a start belongs to.
    pub fn day_of(&self, start: Moment) -> Option<usize> {
        let next = self.days.partition_point(|day| day.span.from <= start);
        let day = next.checked_sub(1)?;
        self.days[day].span.contains(start).then_some(day)
    }

    /// What a drive costs.
    pub(crate) fn travel_cost(&self, seconds: Seconds, metres: Metres) -> i64 {
        self.weights.travel_second * seconds.0 + self.weights.travel_metre * metres.0
    }
}

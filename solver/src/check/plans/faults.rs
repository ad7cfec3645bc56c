//! What a plan can get wrong, with the culprit and the clashing numbers.

use crate::units::{
    EquipmentIdx, Moment, PoolIdx, Seconds, ShiftIdx, SkillIdx, TechnicianIdx, VisitIdx,
};

/// A number that may not be exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Limit {
    /// Visits of a shift.
    VisitsPerShift,
    /// Seconds at the wheel of a shift.
    DrivePerShift,
    /// Metres of a shift.
    MetresPerShift,
    /// Paid seconds of a shift.
    PaidPerShift,
    /// Stops at depots of a shift.
    DepotStops,
    /// Seconds without rest.
    Stretch,
    /// Visits of a technician in a day.
    VisitsPerDay,
    /// Visits of a technician in a week.
    VisitsPerWeek,
    /// Seconds on site of a technician in a day.
    OnsitePerDay,
    /// Seconds on site of a technician in a week.
    OnsitePerWeek,
    /// Seconds at the wheel in one leg.
    DrivePerLeg,
    /// Seconds at the wheel of a technician in a day.
    DrivePerDay,
}

/// Something a finished plan gets wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanFault {
    /// An index points at nothing.
    #[error("the plan names {what} {value}, but there are only {count}")]
    Unknown {
        /// What is named.
        what: &'static str,
        /// The index.
        value: usize,
        /// How many there are.
        count: usize,
    },
    /// Routes are not in the order of their shifts, or a shift has two.
    #[error("the route of shift {shift:?} is out of order or there twice")]
    Unordered {
        /// The later one.
        shift: ShiftIdx,
    },
    /// A route without a visit.
    #[error("the route of shift {shift:?} has no visit")]
    EmptyRoute {
        /// Which.
        shift: ShiftIdx,
    },
    /// A crew role is filled twice, or a break taken twice.
    #[error("{what} {index} is in the plan twice, the second time in shift {shift:?}")]
    Twice {
        /// A role of a visit, or a break.
        what: &'static str,
        /// Visit, or position of the break.
        index: usize,
        /// Where it is the second time.
        shift: ShiftIdx,
    },
    /// Some of a crew come, but not all.
    #[error("role {role} of visit {visit:?} is not filled")]
    RoleMissing {
        /// Which visit.
        visit: VisitIdx,
        /// Which role.
        role: usize,
    },
    /// A visit is neither done nor listed as left out, or both, or the list is out of order.
    #[error("visit {visit:?} must be either in a route or once, in order, among those left out")]
    Unlisted {
        /// Which.
        visit: VisitIdx,
    },
    /// A number of the plan is not what the model says.
    #[error(
        "{name} at stop {stop} of shift {shift:?} is {}, should be {}",
        amount(name, *told),
        amount(name, *expected)
    )]
    WrongNumber {
        /// In which shift.
        shift: ShiftIdx,
        /// At which stop; the number of stops for the return.
        stop: usize,
        /// Which number.
        name: &'static str,
        /// What the plan says.
        told: i64,
        /// What is right.
        expected: i64,
    },
    /// A leg leads nowhere.
    #[error("no road leads to stop {stop} of shift {shift:?}")]
    NoRoad {
        /// In which shift.
        shift: ShiftIdx,
        /// To which stop; the number of stops for the return.
        stop: usize,
    },
    /// Departure before it is allowed.
    #[error("shift {shift:?} departs at {departure:?}, before {earliest:?}")]
    DepartsEarly {
        /// Which.
        shift: ShiftIdx,
        /// As planned.
        departure: Moment,
        /// First moment allowed.
        earliest: Moment,
    },
    /// A stop starts before the technician can be there and ready.
    #[error("stop {stop} of shift {shift:?} starts at {start:?}, but cannot before {earliest:?}")]
    StartsTooSoon {
        /// In which shift.
        shift: ShiftIdx,
        /// Which stop; the number of stops for the return.
        stop: usize,
        /// As planned.
        start: Moment,
        /// First moment possible.
        earliest: Moment,
    },
    /// Return after the hard end.
    #[error("shift {shift:?} returns at {arrival:?}, after its hard end {latest:?}")]
    ReturnsLate {
        /// Which.
        shift: ShiftIdx,
        /// As planned.
        arrival: Moment,
        /// Hard end.
        latest: Moment,
    },
    /// A break starts outside its times, or somewhere else than it must.
    #[error("break {index} of shift {shift:?} may not be taken at {start:?} where it is")]
    BreakMisplaced {
        /// In which shift.
        shift: ShiftIdx,
        /// Position in its breaks.
        index: usize,
        /// As planned.
        start: Moment,
    },
    /// A break that must be taken is not.
    #[error("break {index} of shift {shift:?} is left out")]
    BreakMissing {
        /// In which shift.
        shift: ShiftIdx,
        /// Position in its breaks.
        index: usize,
    },
    /// A stop at a place that is no depot of the shift.
    #[error("stop {stop} of shift {shift:?} is at no depot of that shift")]
    NoDepot {
        /// In which shift.
        shift: ShiftIdx,
        /// Which stop.
        stop: usize,
    },
    /// Too much of something.
    #[error("{limit:?} of shift {shift:?} is {used}; allowed are {allowed}")]
    OverLimit {
        /// Which limit.
        limit: Limit,
        /// In which shift; for limits per day and week, the first of them.
        shift: ShiftIdx,
        /// What is allowed.
        allowed: i64,
        /// What the plan does.
        used: i64,
    },
    /// Two routes of one technician overlap.
    #[error("shift {shift:?} departs at {departure:?}, before the one before returns at {until:?}")]
    Overlap {
        /// The later one.
        shift: ShiftIdx,
        /// Its departure.
        departure: Moment,
        /// Return of the one before.
        until: Moment,
    },
    /// A car holds more than it can.
    #[error("load {kind} is {load} {} of shift {shift:?}; it holds {capacity}", after(*stop))]
    Overloaded {
        /// Which shift.
        shift: ShiftIdx,
        /// After which stop; `None` = at departure.
        stop: Option<usize>,
        /// Which kind.
        kind: usize,
        /// How much.
        load: i64,
        /// How much there may be.
        capacity: i64,
    },
    /// Parts run out.
    #[error("part {kind} runs out at stop {stop} of shift {shift:?}: {used} used of {stock}")]
    OutOfStock {
        /// Which shift.
        shift: ShiftIdx,
        /// At which stop.
        stop: usize,
        /// Which kind.
        kind: usize,
        /// Used so far.
        used: i64,
        /// In the car at departure.
        stock: i64,
    },
    /// A technician is excluded, not among those asked for, or a required one does not come.
    #[error("wishes of visit {visit:?} are broken about technician {technician:?}")]
    Wish {
        /// Which visit.
        visit: VisitIdx,
        /// Who comes and should not, or the other way round.
        technician: TechnicianIdx,
    },
    /// A skill is missing, too low, or not valid then.
    #[error("role {role} of visit {visit:?} needs skill {skill:?} at level {level_min}")]
    Skill {
        /// Which visit.
        visit: VisitIdx,
        /// Which role.
        role: usize,
        /// Which skill.
        skill: SkillIdx,
        /// Level needed.
        level_min: u8,
        /// Highest level valid at the start; 0 = none.
        held: u8,
    },
    /// Equipment is not carried, nor fetched.
    #[error("equipment {equipment:?} is missing at visit {visit:?}")]
    Equipment {
        /// Which visit.
        visit: VisitIdx,
        /// Which role; `None` = anyone's.
        role: Option<usize>,
        /// What.
        equipment: EquipmentIdx,
    },
    /// The place is in none of the technician's zones.
    #[error("visit {visit:?} lies outside the zones of technician {technician:?}")]
    OutsideZones {
        /// Which visit.
        visit: VisitIdx,
        /// Who.
        technician: TechnicianIdx,
    },
    /// Somebody fills two roles of one visit.
    #[error("technician {technician:?} fills two roles of visit {visit:?}")]
    SamePerson {
        /// Which visit.
        visit: VisitIdx,
        /// Who.
        technician: TechnicianIdx,
    },
    /// A crew does not start together.
    #[error("role {role} of visit {visit:?} starts at {start:?}, role 0 at {expected:?}")]
    NotTogether {
        /// Which visit.
        visit: VisitIdx,
        /// Which role.
        role: usize,
        /// Its start.
        start: Moment,
        /// Start of role 0.
        expected: Moment,
    },
    /// The start is in no window, and may not be.
    #[error("visit {visit:?} starts at {start:?}, {short_by:?} away from its nearest window")]
    OutsideWindows {
        /// Which visit.
        visit: VisitIdx,
        /// As planned.
        start: Moment,
        /// To the nearest window.
        short_by: Seconds,
    },
    /// A promise is broken that may not be.
    #[error("visit {visit:?} starts at {start:?}, promised were {earliest:?} to {latest:?}")]
    BrokenPromise {
        /// Which visit.
        visit: VisitIdx,
        /// As planned.
        start: Moment,
        /// First moment promised.
        earliest: Moment,
        /// Last moment promised.
        latest: Moment,
    },
    /// More units in use than exist.
    #[error("pool {pool:?} has {used} units in use at {at:?}; there are {units}")]
    PoolExceeded {
        /// Which pool.
        pool: PoolIdx,
        /// First such moment.
        at: Moment,
        /// In use.
        used: i64,
        /// Units that exist.
        units: i64,
    },
    /// A link between two visits does not hold.
    #[error("link {link} between visits {first:?} and {second:?} is broken by {amount}")]
    Link {
        /// Position in the model's links.
        link: usize,
        /// Its first visit.
        first: VisitIdx,
        /// Its second visit.
        second: VisitIdx,
        /// Seconds too soon (negative) or too late (positive); 0 for a rule without a number.
        amount: i64,
    },
    /// What is locked, frozen or started does not stay.
    #[error("visit {visit:?} must keep its {kept}: {why}")]
    Moved {
        /// Which visit.
        visit: VisitIdx,
        /// What it must keep: "start", "people", "shifts", "order", "place in the plan".
        kept: &'static str,
        /// Why: "lock", "freeze", "relaxation", "started".
        why: &'static str,
    },
    /// A visit starts before anything may.
    #[error("visit {visit:?} starts at {start:?}, before {earliest:?}")]
    BeforeFrom {
        /// Which visit.
        visit: VisitIdx,
        /// As planned.
        start: Moment,
        /// First moment allowed: start of the plan, end of the freeze, or notice.
        earliest: Moment,
    },
}

/// After which stop, in words.
fn after(stop: Option<usize>) -> String {
    stop.map_or_else(|| "at departure".to_owned(), |stop| format!("after stop {stop}"))
}

/// A number of a route; moments are told as such.
fn amount(name: &str, number: i64) -> String {
    match name {
        "arrival" | "end" => format!("{:?}", Moment(number)),
        _ => number.to_string(),
    }
}

//! The rules a planned route must keep, one file each: what is broken, where, and by how much.
//!
//! [`evaluate`] looks at a route exactly as planned and moves nothing. A route without violations
//! is one that slot search, insertion and timetable accept as it stands.

mod caps;
mod drive;
mod overtime;
mod pauses;
mod person;
mod promise;
mod spacing;

use crate::problem::{Caps, Leg, Shift, Stop, Usage};
use crate::schedule::tidied;
use crate::units::{EquipmentIdx, Moment, Seconds, SkillIdx};

pub use person::evaluate_person;

/// How bad a violation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The plan cannot or must not be carried out like this.
    Hard,
}

/// A rule broken by a plan, with the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Violation {
    /// A visit starts before its promise.
    Early {
        /// Position in the route.
        stop: usize,
        /// First moment promised.
        promised: Moment,
        /// When it is planned.
        planned: Moment,
    },
    /// A visit starts after its promise.
    Late {
        /// Position in the route.
        stop: usize,
        /// Last moment promised.
        promised: Moment,
        /// When it is planned.
        planned: Moment,
    },
    /// Too little time to drive from the thing before.
    Travel {
        /// Position in the route.
        stop: usize,
        /// The drive.
        needed: Seconds,
        /// Time there is; negative where the two overlap.
        available: Seconds,
    },
    /// Too little free time since the thing before.
    Pad {
        /// Position in the route.
        stop: usize,
        /// The pads of both.
        needed: Seconds,
        /// Time there is; negative where the two overlap.
        available: Seconds,
    },
    /// No road leads to a stop, or home if `stop` is the number of stops.
    Unreachable {
        /// Position in the route.
        stop: usize,
    },
    /// A pause does not fit between the stops.
    Pause {
        /// Position in the pauses.
        pause: usize,
        /// How much shorter it would have to be.
        by: Seconds,
    },
    /// The technician is home later than allowed.
    Overtime {
        /// Overtime allowed.
        limit: Seconds,
        /// Overtime needed.
        needed: Seconds,
    },
    /// A drive is too long.
    DrivePerLeg {
        /// Position in the route; the number of stops for the way home.
        stop: usize,
        /// The cap.
        cap: Seconds,
        /// The drive.
        needed: Seconds,
    },
    /// Too much driving in one day.
    DrivePerDay {
        /// The cap.
        cap: Seconds,
        /// All drives.
        needed: Seconds,
    },
    /// Too many visits in one day.
    VisitsPerDay {
        /// The cap.
        cap: u32,
        /// Visits planned.
        needed: u32,
    },
    /// Too many visits in one week.
    VisitsPerWeek {
        /// The cap.
        cap: u32,
        /// Visits planned.
        needed: u32,
    },
    /// Too much time on site in one day.
    OnsitePerDay {
        /// The cap.
        cap: Seconds,
        /// Time planned.
        needed: Seconds,
    },
    /// Too much time on site in one week.
    OnsitePerWeek {
        /// The cap.
        cap: Seconds,
        /// Time planned.
        needed: Seconds,
    },
    /// A skill is missing, too low or not valid at the start.
    Skill {
        /// The skill.
        skill: SkillIdx,
        /// The level needed.
        level_min: u8,
        /// The level held and valid then; 0 = none.
        held: u8,
    },
    /// Equipment is not carried.
    Carried {
        /// The kind.
        equipment: EquipmentIdx,
    },
    /// The place is in none of the technician's zones.
    Zone,
    /// The customer did not want this technician.
    Wish,
}

impl Violation {
    /// Plain name of the rule, stable, for weights and reports.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Early { .. } | Self::Late { .. } => "promise",
            Self::Travel { .. } => "travel",
            Self::Pad { .. } => "pad",
            Self::Unreachable { .. } => "unreachable",
            Self::Pause { .. } => "pause",
            Self::Overtime { .. } => "overtime",
            Self::DrivePerLeg { .. } => "drive_per_leg",
            Self::DrivePerDay { .. } => "drive_per_day",
            Self::VisitsPerDay { .. } => "visits_per_day",
            Self::VisitsPerWeek { .. } => "visits_per_week",
            Self::OnsitePerDay { .. } => "onsite_per_day",
            Self::OnsitePerWeek { .. } => "onsite_per_week",
            Self::Skill { .. } => "skill",
            Self::Carried { .. } => "equipment",
            Self::Zone => "zone",
            Self::Wish => "wish",
        }
    }

    /// How bad it is.
    pub fn level(&self) -> Level {
        Level::Hard
    }

    /// By how much the rule is broken: seconds, visits or skill levels; 1 where it is yes or no.
    pub fn amount(&self) -> i64 {
        match *self {
            Self::Early { promised, planned, .. } => (promised - planned).0,
            Self::Late { promised, planned, .. } => (planned - promised).0,
            Self::Travel { needed, available, .. } | Self::Pad { needed, available, .. } => {
                (needed - available).0
            }
            Self::Pause { by, .. } => by.0,
            Self::Overtime { limit, needed } => (needed - limit).0,
            Self::DrivePerLeg { cap, needed, .. }
            | Self::DrivePerDay { cap, needed }
            | Self::OnsitePerDay { cap, needed }
            | Self::OnsitePerWeek { cap, needed } => (needed - cap).0,
            Self::VisitsPerDay { cap, needed } | Self::VisitsPerWeek { cap, needed } => {
                i64::from(needed) - i64::from(cap)
            }
            Self::Skill { level_min, held, .. } => i64::from(level_min) - i64::from(held),
            Self::Unreachable { .. } | Self::Carried { .. } | Self::Zone | Self::Wish => 1,
        }
    }
}

/// Every rule about a route and its owner that the plan breaks, in the order of the rules.
///
/// * `shift`: stops at their planned starts, in any order; pauses as given by the caller.
/// * `elsewhere`: what the technician does in other shifts of the day and week.
///
/// Cost: O(stops x pauses^2) for a plan without faults.
pub fn evaluate(shift: &Shift, caps: &Caps, elsewhere: &Usage) -> Vec<Violation> {
    let shift = tidied(shift);
    let mut violations = Vec::new();
    promise::evaluate(&shift, &mut violations);
    spacing::evaluate(&shift, &mut violations);
    let eased = eased(&shift);
    let fitting = pauses::evaluate(&eased, &mut violations);
    overtime::evaluate(&fitting, shift.overtime_limit, &mut violations);
    drive::evaluate(&shift, caps, elsewhere, &mut violations);
    caps::evaluate(&shift, caps, elsewhere, &mut violations);
    violations
}

/// Overtime that stands for "without a limit": a week.
const UNLIMITED: Seconds = Seconds::hours(168);

/// The route with every stop pinned and everything removed that other rules have already found to
/// be wrong, so that pauses and overtime are judged by themselves.
fn eased(shift: &Shift) -> Shift {
    let mut eased = shift.clone();
    eased.overtime_limit = UNLIMITED;
    let mut previous: Option<Stop> = None;
    for (at, stop) in shift.stops.iter().enumerate() {
        let pinned = &mut eased.stops[at];
        pinned.fixed = true;
        let is_first = previous.is_none();
        let (ended, pad) =
            previous.map_or((shift.start, Seconds::ZERO), |p| (p.planned_end(), p.pad_after));
        let pads = if is_first { Seconds::ZERO } else { pad + stop.pad_before };
        let available = stop.planned_start - ended;
        if available < stop.leg_in.travel().max(pads) {
            pinned.leg_in = Leg::ZERO;
            pinned.pad_before = Seconds::ZERO;
            pinned.planned_start = stop.planned_start.max(shift.start);
            if let Some(last) = at.checked_sub(1) {
                let last = &mut eased.stops[last];
                last.pad_after = Seconds::ZERO;
                let room = (stop.planned_start - last.planned_start).0.max(0);
                last.duration = Seconds(last.duration.0.min(room));
            }
        }
        previous = Some(*stop);
    }
    if !eased.leg_out.is_reachable() {
        eased.leg_out = Leg::ZERO;
    }
    eased
}

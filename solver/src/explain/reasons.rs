//! Words and numbers of explanations; the server turns them into sentences.

use crate::problem::SkillNeed;
use crate::units::{
    EquipmentIdx, Moment, PoolIdx, Seconds, ShiftIdx, SkillIdx, Span, TechnicianIdx, ZoneIdx,
};

/// The rules in the order in which they are tried; the first that fails is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The technician is excluded or not among those wished for.
    Wish,
    /// A skill is missing, too low or not valid then.
    Skill,
    /// Equipment is not carried.
    Carried,
    /// The place is in none of the technician's zones.
    Zone,
    /// No shift that day.
    Shift,
    /// Outside the range, notice, horizon, freeze or blackout.
    Bounds,
    /// The service's limit per day.
    Limit,
    /// Visits or seconds on site per day or week.
    Cap,
    /// The existing route already breaks a rule, so nothing can be proven about it.
    Route,
    /// No road leads there or on.
    Reach,
    /// The visit does not fit between the things around it.
    Time,
    /// Drive per leg.
    DriveLeg,
    /// Drive per day.
    DriveDay,
    /// More overtime than allowed.
    Overtime,
    /// Too few units in an equipment pool.
    Pool,
    /// The technician could come, but no complete crew exists.
    Crew,
}

/// What a visit collides with when it does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// It would have to start before the technician can be there from the start of the shift.
    ShiftStart,
    /// The stop before (position in the shift) ends or is too far away to make it.
    StopBefore {
        /// Position in the shift.
        stop: usize,
    },
    /// A later stop (position in the shift) could not keep its promise.
    Promise {
        /// Position in the shift.
        stop: usize,
        /// The promise it would break.
        latest: Moment,
    },
    /// A break or absence (position in the shift's pauses) is in the way.
    Pause {
        /// Position in the shift's pauses.
        pause: usize,
    },
    /// Everything else; even twelve hours of overtime do not help.
    ShiftEnd,
}

/// Why not, with the numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The request excludes this technician.
    Excluded,
    /// The request wants others.
    NotWished,
    /// A needed skill is not held.
    SkillMissing {
        /// Position in the request's roles.
        role: usize,
        /// The skill.
        skill: SkillIdx,
        /// The level needed.
        level_min: u8,
    },
    /// A needed skill is held at too low a level.
    SkillTooLow {
        /// Position in the request's roles.
        role: usize,
        /// The skill.
        skill: SkillIdx,
        /// The level held.
        held: u8,
        /// The level needed.
        level_min: u8,
    },
    /// A needed skill is held, but not valid at that time.
    SkillNotValid {
        /// Position in the request's roles.
        role: usize,
        /// The skill.
        skill: SkillIdx,
        /// When it is valid.
        valid: Span,
    },
    /// Needed equipment is not carried.
    NotCarried {
        /// Position in the request's roles.
        role: usize,
        /// The kind.
        equipment: EquipmentIdx,
    },
    /// The place is in none of the technician's zones.
    OutsideZones {
        /// The zones it lies in; empty if none.
        zones: Vec<ZoneIdx>,
    },
    /// No shift on that day.
    NoShift,
    /// Outside the range asked for, or outside the wished part of day.
    OutsideRange,
    /// Sooner than the minimum notice allows.
    Notice {
        /// First moment that keeps it.
        earliest: Moment,
    },
    /// Later than the booking horizon.
    Horizon {
        /// Last moment within it.
        latest: Moment,
    },
    /// Before the freeze ends.
    Freeze {
        /// First moment not frozen.
        earliest: Moment,
    },
    /// In a blackout.
    Blackout {
        /// The blackout.
        span: Span,
    },
    /// The service is booked out for the day by number.
    DayCount {
        /// The limit.
        limit: u32,
        /// Already booked.
        used: u32,
    },
    /// The service is booked out for the day by time.
    DaySeconds {
        /// The limit.
        limit: Seconds,
        /// Already booked.
        used: Seconds,
        /// What the visit would add.
        needed: Seconds,
    },
    /// The route without the visit is already infeasible.
    RouteBroken,
    /// Visits per day reached.
    VisitsPerDay {
        /// The cap.
        cap: u32,
        /// Visits held.
        held: u32,
    },
    /// Visits per week reached.
    VisitsPerWeek {
        /// The cap.
        cap: u32,
        /// Visits held.
        held: u32,
    },
    /// Seconds on site per day would be exceeded.
    OnsitePerDay {
        /// The cap.
        cap: Seconds,
        /// Seconds with the visit.
        needed: Seconds,
    },
    /// Seconds on site per week would be exceeded.
    OnsitePerWeek {
        /// The cap.
        cap: Seconds,
        /// Seconds with the visit.
        needed: Seconds,
    },
    /// No road leads from the neighbours to the place and on.
    Unreachable,
    /// It does not fit at that time.
    Time {
        /// What it collides with at the position that comes nearest.
        obstacle: Obstacle,
        /// By how much.
        short_by: Seconds,
    },
    /// It would need a longer drive than one leg may have.
    DrivePerLeg {
        /// The cap.
        cap: Seconds,
        /// The shortest longest leg of any position that otherwise fits.
        needed: Seconds,
    },
    /// It would need more driving than one day may have.
    DrivePerDay {
        /// The cap.
        cap: Seconds,
        /// The least of any position that otherwise fits.
        needed: Seconds,
    },
    /// It would need more overtime than allowed.
    Overtime {
        /// The limit.
        limit: Seconds,
        /// The least of any position that otherwise fits.
        needed: Seconds,
    },
    /// Too few units are free.
    PoolShort {
        /// The pool.
        pool: PoolIdx,
        /// Units needed.
        units: u32,
        /// Units free at the tightest moment.
        free: u32,
        /// The tightest moment.
        at: Moment,
    },
    /// This technician is free, but not enough others are.
    CrewIncomplete {
        /// Roles that can be filled at once, this technician included.
        filled: usize,
        /// Roles there are.
        needed: usize,
    },
}

/// The smallest change after which a rule no longer fails, all else being equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Wish for, or stop excluding, this technician.
    Wish,
    /// Give these skills at these levels, valid at that time.
    Skills {
        /// All that the role lacks.
        needs: Vec<SkillNeed>,
    },
    /// Let the technician carry these kinds of equipment.
    Carry {
        /// All that the role lacks.
        equipment: Vec<EquipmentIdx>,
    },
    /// Give one of these zones, or draw a zone around the place if there is none.
    Zone {
        /// Zones the place lies in.
        zones: Vec<ZoneIdx>,
    },
    /// Start at one of these moments instead; the nearest on either side that the rule lets through.
    Start {
        /// Nearest feasible promised start before.
        earlier: Option<Moment>,
        /// Nearest feasible promised start after.
        later: Option<Moment>,
    },
    /// Raise a number (visits, bookings) by this much.
    Count {
        /// How many more.
        more: u32,
    },
    /// Raise a number of seconds by this much.
    Seconds {
        /// How many more.
        more: Seconds,
    },
    /// Add units to these pools.
    Units {
        /// Which, and how many more.
        more: Vec<(PoolIdx, u32)>,
    },
    /// Add a shift, a road or a person; or repair the route first: nothing small helps.
    Other,
}

impl Change {
    /// A number by which two changes of the same kind compare.
    pub(super) fn size(&self) -> i64 {
        match self {
            Self::Count { more } => i64::from(*more),
            Self::Seconds { more } => more.0,
            Self::Units { more } => more.iter().map(|(_, units)| i64::from(*units)).sum(),
            Self::Start { earlier: None, later: None } => 1,
            _ => 0,
        }
    }
}

/// A rule that fails once the changes before it are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The shift that comes nearest, if any.
    pub shift: Option<ShiftIdx>,
    /// The rule.
    pub rule: Rule,
    /// Its numbers.
    pub reason: Reason,
    /// What would help against this rule.
    pub change: Change,
}

/// Changes that together make a visit fit, each with what it mends; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy(pub Vec<(Reason, Change)>);

impl Remedy {
    /// The changes of these steps; of several starts only the last one counts.
    pub(super) fn of(steps: &[Step]) -> Self {
        let is_start = |step: &Step| matches!(step.change, Change::Start { .. });
        let last = steps.iter().rposition(is_start);
        let counts = |(at, step): &(usize, &Step)| !is_start(step) || Some(*at) == last;
        let kept = steps.iter().enumerate().filter(counts);
        Self(kept.map(|(_, step)| (step.reason.clone(), step.change.clone())).collect())
    }
}

/// The answer for one technician.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Who.
    pub technician: TechnicianIdx,
    /// The shift that comes nearest, if any.
    pub shift: Option<ShiftIdx>,
    /// The rule that fails first; `None` = the technician can do it.
    pub rule: Option<Rule>,
    /// Its numbers; `None` = the technician can do it.
    pub reason: Option<Reason>,
    /// What would help against this rule; `None` = nothing is needed.
    pub change: Option<Change>,
    /// What is in the way after the change, each rule after all changes before it.
    pub further: Vec<Step>,
    /// The changes that together make it fit; `None` = nothing is needed, or nothing small helps.
    pub remedy: Option<Remedy>,
}

impl Verdict {
    /// The technician can do it.
    pub(super) const fn able(technician: TechnicianIdx) -> Self {
        Self {
            technician,
            shift: None,
            rule: None,
            reason: None,
            change: None,
            further: Vec::new(),
            remedy: None,
        }
    }
}

/// The answer for everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// One per technician, by index.
    pub verdicts: Vec<Verdict>,
    /// How many technicians fail each rule, in rule order; rules nobody fails are left out.
    pub counts: Vec<(Rule, u32)>,
}

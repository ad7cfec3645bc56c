//! What the optimizer is asked: people with shifts, visits, equipment, travel, links and weights.
//!
//! Plain data, filled by the caller and checked as a whole by [`Model::check`]; every index is a
//! position in the list of its name.
//!
//! # What a plan means
//!
//! - A shift is driven in order: departure from the start place not before [`Shift::start`], stops,
//!   return to the end place not after [`Shift::hard_end`]. Seconds driven are those of the matrix
//!   times [`Shift::drive_percent`], rounded up; metres are those of the matrix. Driving is done as
//!   early as possible, also around breaks on the way; that makes each arrival one exact number.
//! - A stop starts no earlier than the end of the stop before, plus the drive or, if longer and both
//!   are visits, their pads (`pad_after` + `pad_before`), plus every break taken in between. A break
//!   without a place may be taken anywhere on the way; one with a place is a stop with drives. Pads
//!   count between visits with no other place in between, not at the ends of a shift.
//! - Clear of a padded break: it starts at or after the end of the stop before plus that visit's
//!   `pad_after`, and the next visit starts at or after its end plus its own `pad_before`.
//! - A break may also be over before the departure or begin after the return (one with a place only
//!   if the shift starts or ends there): then it is listed first or last, may lie outside the shift,
//!   and is no part of paid time, waiting or stretches of work.
//! - A crew member is on site from the start for setup + duration + exit. Setup is left out if the
//!   visit before in the same shift, whatever lies between, is at the same place (`None` is no
//!   place), and at the first visit of a shift that is [`Shift::set_up`] if it is at the start place.
//!   Setup and duration are the technician's [`OwnTimes`] if there are any; else the duration is the role's or else the visit's, times the slowest [`Pace`] of the skills
//!   the role needs (100 for a skill without one; 100 without skills), rounded up. Members of a crew
//!   are different people and start together; each leaves at the own end, and the visit ends when the
//!   last one does. Windows, promises and locks speak of the start; due times, [`Link::Gap`] and
//!   pools of the visit's end.
//! - A skill counts if one entry has the level and is valid at the start.
//! - Pools: units are gone from `start - lead` until `end + trail`.
//! - Paid time runs from departure to return without unpaid breaks. Waiting is what is neither
//!   drive, nor on site, nor break, nor a stop at a depot.
//! - Caps per day and week of a technician count over all shifts with that number; every crew role
//!   counts as a visit.
//! - What is delivered and the parts used up are in the car from the last stop at a depot before the
//!   visit on, or from departure on; pickups until the return; transfers change the load on the way;
//!   no kind may exceed its capacity anywhere. That transfers leave only what was taken is the
//!   business of [`Link::Shipment`]. Parts used before the first stop at a depot come out of the
//!   stock, of which only those count as load that are used before the next stop; depots have goods
//!   and parts without limit, and from the first one on tools are at hand for the rest of the shift.
//!   Loads and parts of a crew are in the car of role 0; a tool is there if any of the crew carries it
//!   or was at a depot before.
//! - A visit with several windows costs what the cheapest of them says.
//! - Fair share: all work (history, on site, driving) of all technicians times a technician's share
//!   over all shares, rounded down.
//! - Whatever is locked, frozen or bound by a relaxation may be left out (it counts as unserved: give
//!   it a high [`Visit::mandatory`]), but may not be done otherwise. Only a started visit must stay:
//!   same start, same shifts. No rule about getting there, pads, windows, promises, people, tools,
//!   locks or freeze is asked of it any more (loads, parts, pools, links, caps and limits are), and
//!   everything it costs counts.
//! - A frozen visit that is done is asked for its travel and pads, but not for windows, promises,
//!   people, tools or locks: somebody decided that before.
//! - People are compared role by role, by technician, where nothing else is said.

mod currents;
mod faults;
mod links;
mod matrices;
mod shifts;
mod visits;
mod weights;

use crate::problem::Technician;
use crate::units::{Moment, Seconds};

pub use currents::{Current, Freeze, Lock, Relaxation};
pub use faults::{ModelFault, ModelFaults};
pub use links::Link;
pub use matrices::Matrix;
pub use shifts::{Break, Shift, ShiftRates, WorkLimit};
pub use visits::{CrewRole, Due, OwnTimes, PoolNeed, Promise, Visit, Window};
pub use weights::{PER_HOUR, PER_KILOMETRE, Risk, UNIT, Weights};

/// Equipment shared by many: how many units exist, and when some are away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pool {
    /// Units that exist.
    pub units: u32,
    /// Maintenance and uses outside the model: span and units.
    pub taken: Vec<crate::problem::PoolUse>,
}

/// How fast somebody works who needs a certain skill for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Who.
    pub technician: crate::units::TechnicianIdx,
    /// At work that needs this skill.
    pub skill: crate::units::SkillIdx,
    /// Per cent of the ordinary duration; 100 = as others.
    pub percent: u32,
}

/// A whole optimization problem.
///
/// Empty lists and `Default` mean "no such rule".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Model {
    /// Travel, one matrix per profile ([`Shift::profile`]); all over the same places.
    pub matrices: Vec<Matrix>,
    /// People: skills, zones, carried equipment, caps per day and week.
    pub technicians: Vec<Technician>,
    /// Seconds each technician has already worked in the time over which work is balanced; by
    /// technician, empty = none.
    pub history: Vec<Seconds>,
    /// Share of the work each technician should have, relative to the others; empty = equal.
    pub shares: Vec<u32>,
    /// Who works faster or slower with which skill.
    pub paces: Vec<Pace>,
    /// Dated spans of work.
    pub shifts: Vec<Shift>,
    /// What is to be done.
    pub visits: Vec<Visit>,
    /// Shared equipment.
    pub pools: Vec<Pool>,
    /// What binds visits to each other.
    pub links: Vec<Link>,
    /// What the plan in force says, by visit; `None` = not planned. Empty = no plan in force.
    pub current: Vec<Option<Current>>,
    /// What replanning may not touch.
    pub freeze: Freeze,
    /// What costs how much.
    pub weights: Weights,
    /// Names of kinds of load ([`Shift::capacity`]), for messages; its length is their number.
    pub loads: Vec<String>,
    /// First moment of the plan: no visit that is neither started nor frozen starts before, and no
    /// shift departs before unless its first visit is started or frozen. `None` = the shifts decide.
    pub from: Option<Moment>,
}

impl Model {
    /// Every fault of the model, all at once.
    ///
    /// Cost: linear in the size of the model, without the matrices.
    ///
    /// # Errors
    /// All of: indexes out of range, windows that close before they open, negative lengths, lists
    /// of a wrong length, crews that are empty, too large or unfit for their links, shifts of one
    /// technician that overlap, links that form a cycle (shown in order), negative weights, and
    /// weights so large that the cost of a plan might not fit into a number.
    pub fn check(&self) -> Result<(), ModelFaults> {
        faults::check(self)
    }

    /// Number of places.
    pub fn place_count(&self) -> usize {
        self.matrices.first().map_or(0, Matrix::place_count)
    }
}

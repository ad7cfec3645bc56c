//! What is optimized: which visits take part, whose days may change, and what costs how much.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use roundsman_solver::units::Moment;

use crate::domain::hours::DateSpan;
use crate::domain::id::{EquipmentId, TechnicianId, VisitId, ZoneId};
use crate::domain::optimizations::{Relaxation, RuleWeights};
use crate::domain::proposals::Stand;
use crate::domain::visits::{Lock, Visit, VisitStatus};
use crate::planning::places::Point;
use crate::planning::plan::{Plan, UnitsTaken};
use crate::planning::times::moment;

/// A visit that takes part, as it is now.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The visit.
    pub visit: Arc<Visit>,
    /// Who does it when; none while it is in nobody's day.
    pub before: Option<Stand>,
    /// Whether its technician is away at its time, so that it must go elsewhere.
    pub stranded: bool,
    /// Only these may do it; none means everybody.
    pub only: Option<BTreeSet<TechnicianId>>,
    /// Zones its place lies in.
    pub zones: Vec<ZoneId>,
    /// Shared equipment it takes, or would.
    pub takes: Vec<Take>,
    /// Kinds that must be in a technician's van, with units.
    pub carried: Vec<(EquipmentId, u32)>,
    /// Who served this customer before.
    pub usual: Vec<TechnicianId>,
    /// How much it weighs to leave it out, against others.
    pub weight: u32,
    /// How urgent it is, 0 to 100.
    pub priority: u32,
}

/// Shared equipment of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Take {
    /// Which kind.
    pub kind: EquipmentId,
    /// How many units.
    pub units: u32,
    /// Seconds before the start at which they leave the pool.
    pub lead_s: i64,
    /// Seconds after the end at which they are back.
    pub trail_s: i64,
}

/// A technician who is taken out for a time, whatever the calendar says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Absent {
    /// Who.
    pub technician_id: TechnicianId,
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when.
    pub until: DateTime<Utc>,
}

/// What is optimized.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The routes as they are; dates beyond `dates` count for limits a week.
    pub plan: &'a Plan,
    /// The places of the plan by number.
    pub points: &'a [Point],
    /// The visits of these routes, and those that wait.
    pub subjects: &'a [Subject],
    /// Shared equipment in use.
    pub taken: &'a [UnitsTaken],
    /// The dates that may change.
    pub dates: DateSpan,
    /// Whose days may change; everybody's if none.
    pub technicians: Option<&'a BTreeSet<TechnicianId>>,
    /// Somebody who is taken out.
    pub absent: Option<Absent>,
    /// A visit that shall start as soon as can be.
    pub urgent: Option<VisitId>,
    /// What starts before stays, and nothing new starts before; never before now.
    pub freeze: DateTime<Utc>,
    /// How much may change from when on.
    pub relaxations: &'a [Relaxation],
    /// Whether promises may be broken at their weight.
    pub break_promises: bool,
    /// What costs how much.
    pub weights: &'a RuleWeights,
    /// By technician number: the share of work due, and seconds worked before.
    pub shares: &'a [(u32, i64)],
}

impl Question<'_> {
    /// Whether a technician's days may change.
    pub(super) fn is_open(&self, id: TechnicianId) -> bool {
        self.technicians.is_none_or(|only| only.contains(&id))
    }

    /// The first moment at which anything may be planned to start.
    pub(super) fn opening(&self) -> Moment {
        let routes = self.plan.routes.iter().filter(|route| self.dates.contains(route.date));
        let first = routes.map(|route| route.day.shift.shift().start).min();
        first.unwrap_or(Moment(i64::MIN)).max(moment(self.freeze))
    }

    /// Whether the absence asked for takes a stay away from a technician.
    pub(super) fn is_absent(&self, id: TechnicianId, stand: &Stand) -> bool {
        let hits = |absent: Absent| stand.start < absent.until && absent.from < stand.end;
        self.absent.is_some_and(|absent| absent.technician_id == id && hits(absent))
    }

    /// Whether a planned visit may be replanned at all.
    pub(super) fn is_movable(&self, subject: &Subject, stand: &Stand) -> bool {
        let visit = &subject.visit;
        let free = visit.status == VisitStatus::Planned
            && visit.location_id == self.plan.roster.location_id
            && stand.technician_ids.iter().all(|id| self.is_open(*id))
            && stand.technician_ids.len() == visit.needs.crew.len();
        let absent = stand.technician_ids.iter().any(|id| self.is_absent(*id, stand));
        let unlocked = stand.start > self.freeze && visit.lock != Lock::Both;
        // Whoever does not come cannot keep a lock, nor begin what has not begun.
        free && self.is_inside(stand) && (absent || subject.stranded || unlocked)
    }

    /// Whether it stands on one of the days asked for. The days around them are only looked at.
    fn is_inside(&self, stand: &Stand) -> bool {
        self.dates.contains(crate::planning::times::date(stand.start, self.plan.roster.zone))
    }
}

impl Subject {
    /// The visit's id.
    pub fn id(&self) -> VisitId {
        self.visit.id
    }
}

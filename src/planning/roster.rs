//! The technicians of a location as the solver sees them, and the dense numbers of what they have.

use std::collections::BTreeMap;

use chrono::Timelike as _;
use chrono_tz::Tz;
pub use roundsman_solver::problem::Caps;
use roundsman_solver::problem::{
    Coverage, HeldSkill, HeldZone, Technician as Row, ZoneLevel as Level,
};
pub use roundsman_solver::units::TechnicianIdx;
use roundsman_solver::units::{EquipmentIdx, PoolIdx, Seconds, SkillIdx, ZoneIdx};

use crate::domain::hours::CivilSpan;
use crate::domain::id::{EquipmentId, LocationId, SkillId, TechnicianId, ZoneId};
use crate::domain::skills::SkillHeld;
use crate::domain::technicians::{Limits, Technician};
use crate::domain::zones::ZoneLevel;
use crate::planning::catalogue::Catalogue;
use crate::planning::times::{midnight, moment};

/// The active technicians of a location and the numbers the solver knows things by.
///
/// Numbers follow the order of ids, so that answers do not depend on the order of rows.
#[derive(Debug, Clone)]
pub struct Roster {
    /// Which location.
    pub location_id: LocationId,
    /// Its zone.
    pub zone: Tz,
    /// Ids by technician number.
    pub technicians: Vec<TechnicianId>,
    /// Solver rows by technician number.
    pub rows: Vec<Row>,
    /// Ids by skill number.
    pub skills: Vec<SkillId>,
    /// Ids by zone number.
    pub zones: Vec<ZoneId>,
    /// Ids by equipment number.
    pub equipment: Vec<EquipmentId>,
    /// Kinds with units at the location, by pool number: the kind and how many units.
    pub pools: Vec<(EquipmentId, u32)>,
    /// Whether somebody's work may reach over midnight of the location, so that the days beside a
    /// date matter to it.
    pub nights: bool,
}

impl Roster {
    /// The roster of a location; none if there is no such location.
    pub fn new(catalogue: &Catalogue, location_id: LocationId) -> Option<Self> {
        let location = catalogue.locations.get(&location_id)?;
        let of_location = catalogue
            .technicians
            .iter()
            .filter(|(_, technician)| technician.active && technician.location_id == location_id);
        let mut roster = Self {
            location_id,
            zone: location.time_zone,
            technicians: Vec::new(),
            rows: Vec::new(),
            skills: catalogue.skills.keys().copied().collect(),
            zones: catalogue.zones.keys().copied().collect(),
            equipment: catalogue.equipment.keys().copied().collect(),
            pools: pools(catalogue, location_id),
            nights: false,
        };
        for (id, technician) in of_location {
            let row = roster.row(*id, technician);
            roster.nights |= works_nights(technician, roster.zone);
            roster.technicians.push(*id);
            roster.rows.push(row);
        }
        Some(roster)
    }

    /// The number of a technician; none if the technician is not an active one of the location.
    pub fn technician(&self, id: TechnicianId) -> Option<TechnicianIdx> {
        number(&self.technicians, &id).map(TechnicianIdx)
    }

    /// The number of a skill.
    pub fn skill(&self, id: SkillId) -> Option<SkillIdx> {
        number(&self.skills, &id).map(SkillIdx)
    }

    /// The number of a zone.
    pub fn zone(&self, id: ZoneId) -> Option<ZoneIdx> {
        number(&self.zones, &id).map(ZoneIdx)
    }

    /// The number of a kind of equipment.
    pub fn equipment(&self, id: EquipmentId) -> Option<EquipmentIdx> {
        number(&self.equipment, &id).map(EquipmentIdx)
    }

    /// The number of the location's pool of a kind; none if it has none.
    pub fn pool(&self, id: EquipmentId) -> Option<PoolIdx> {
        let at = self.pools.iter().position(|(kind, _)| *kind == id)?;
        u32::try_from(at).ok().map(PoolIdx)
    }

    fn row(&self, id: TechnicianId, technician: &Technician) -> Row {
        let zone = technician.time_zone.unwrap_or(self.zone);
        Row {
            key: id.0.as_u128(),
            skills: technician.skills.iter().filter_map(|held| self.held(held, zone)).collect(),
            coverage: self.coverage(technician),
            carried: technician.carries.iter().filter_map(|kind| self.equipment(*kind)).collect(),
            caps: caps(technician.limits),
        }
    }

    /// A skill holds from the start of its first date to the end of its last one.
    fn held(&self, held: &SkillHeld, zone: Tz) -> Option<HeldSkill> {
        let next = held.valid_until.and_then(|date| date.succ_opt());
        Some(HeldSkill {
            skill: self.skill(held.skill_id)?,
            level: held.level,
            valid_from: held.valid_from.map(|date| moment(midnight(date, zone))),
            valid_until: next.map(|date| moment(midnight(date, zone))),
        })
    }

    fn coverage(&self, technician: &Technician) -> Coverage {
        if technician.zones.is_empty() {
            return Coverage::Everywhere;
        }
        let held = technician.zones.iter().filter_map(|covered| {
            let level = match covered.level {
                ZoneLevel::Primary => Level::Primary,
                ZoneLevel::Secondary => Level::Secondary,
            };
            Some(HeldZone { zone: self.zone(covered.zone_id)?, level })
        });
        Coverage::Zones(held.collect())
    }
}

/// Whether hours, overtime included, may touch midnight of the location.
fn works_nights(technician: &Technician, zone: Tz) -> bool {
    let hours = &technician.working_hours;
    let elsewhere = technician.time_zone.is_some_and(|own| own != zone);
    let weekly = hours.weekly.iter().map(|weekly| &weekly.span);
    let dated = hours.overrides.iter().flat_map(|day| &day.spans);
    let touches = |span: &CivilSpan| {
        let overtime = u64::from(technician.limits.overtime_min);
        let until = u64::from(span.until.num_seconds_from_midnight()) / 60 + overtime;
        span.from.num_seconds_from_midnight() == 0 || until >= 24 * 60 - 1
    };
    elsewhere || !hours.zone_changes.is_empty() || weekly.chain(dated).any(touches)
}

fn number<T: Ord>(sorted: &[T], id: &T) -> Option<u32> {
    sorted.binary_search(id).ok().and_then(|at| u32::try_from(at).ok())
}

fn caps(limits: Limits) -> Caps {
    let seconds = |minutes: Option<u32>| minutes.map(|m| Seconds::minutes(i64::from(m)));
    Caps {
        visits_per_day: limits.visits_per_day,
        visits_per_week: limits.visits_per_week,
        onsite_per_day: seconds(limits.minutes_per_day),
        onsite_per_week: seconds(limits.minutes_per_week),
        drive_per_leg: seconds(limits.drive_per_leg_min),
        drive_per_day: seconds(limits.drive_per_day_min),
    }
}

fn pools(catalogue: &Catalogue, location_id: LocationId) -> Vec<(EquipmentId, u32)> {
    let mut pools: BTreeMap<EquipmentId, u32> = BTreeMap::new();
    for (id, kind) in &catalogue.equipment {
        for pool in kind.pools.iter().filter(|pool| pool.location_id == location_id) {
            *pools.entry(*id).or_default() += pool.units;
        }
    }
    pools.into_iter().collect()
}

//! People: what they may do, where they work and how much.

use super::{Role, SkillNeed};
use crate::units::{EquipmentIdx, Moment, Seconds, SkillIdx, Span, ZoneIdx};

/// A skill somebody holds, for a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldSkill {
    /// Which skill.
    pub skill: SkillIdx,
    /// How well, 1 to 10; 1 where levels are not used.
    pub level: u8,
    /// First moment it counts; `None` = always did.
    pub valid_from: Option<Moment>,
    /// First moment it no longer counts; `None` = never expires.
    pub valid_until: Option<Moment>,
}

impl HeldSkill {
    /// A skill without an end.
    pub const fn lasting(skill: SkillIdx, level: u8) -> Self {
        Self { skill, level, valid_from: None, valid_until: None }
    }

    /// Whether it is what a need asks for, validity aside.
    pub fn meets(self, need: SkillNeed) -> bool {
        self.skill == need.skill && self.level >= need.level_min
    }

    /// The starts for which it counts.
    pub fn span(self) -> Span {
        Span::new(
            self.valid_from.unwrap_or(Moment(i64::MIN)),
            self.valid_until.unwrap_or(Moment(i64::MAX)),
        )
    }
}

/// How near a zone is to a technician's heart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ZoneLevel {
    /// Works there by default, or everywhere.
    Primary,
    /// Works there when nobody closer can; costs extra.
    Secondary,
}

/// A zone somebody covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldZone {
    /// Which zone.
    pub zone: ZoneIdx,
    /// Primary or secondary.
    pub level: ZoneLevel,
}

/// Where a technician works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coverage {
    /// No zone restricts this technician.
    Everywhere,
    /// Only in these zones; an empty list is nowhere.
    Zones(Vec<HeldZone>),
}

impl Coverage {
    /// The best level at which a place that lies in `zones` is covered; `None` = not at all.
    pub fn level(&self, zones: &[ZoneIdx]) -> Option<ZoneLevel> {
        match self {
            Self::Everywhere => Some(ZoneLevel::Primary),
            Self::Zones(held) => {
                held.iter().filter(|h| zones.contains(&h.zone)).map(|h| h.level).min()
            }
        }
    }
}

/// Most a technician takes on; `None` = no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Caps {
    /// Visits in one day.
    pub visits_per_day: Option<u32>,
    /// Visits in one week.
    pub visits_per_week: Option<u32>,
    /// Seconds on site in one day.
    pub onsite_per_day: Option<Seconds>,
    /// Seconds on site in one week.
    pub onsite_per_week: Option<Seconds>,
    /// Seconds at the wheel in one leg.
    pub drive_per_leg: Option<Seconds>,
    /// Seconds at the wheel in one day.
    pub drive_per_day: Option<Seconds>,
}

/// One technician, apart from working time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Technician {
    /// A key that stays the same whatever the row order; settles every tie (smaller first).
    pub key: u128,
    /// Skills held, in any order; a renewed certificate may appear twice.
    pub skills: Vec<HeldSkill>,
    /// Where this technician works.
    pub coverage: Coverage,
    /// Kinds of equipment always at hand.
    pub carried: Vec<EquipmentIdx>,
    /// Limits per day, week and leg.
    pub caps: Caps,
}

impl Technician {
    /// Whether what a role needs to have carried is at hand.
    pub fn carries(&self, role: &Role) -> bool {
        role.carried.iter().all(|kind| self.carried.contains(kind))
    }

    /// A technician who may do anything that needs no skill, anywhere, without limits.
    pub const fn new(key: u128) -> Self {
        Self {
            key,
            skills: Vec::new(),
            coverage: Coverage::Everywhere,
            carried: Vec::new(),
            caps: Caps {
                visits_per_day: None,
                visits_per_week: None,
                onsite_per_day: None,
                onsite_per_week: None,
                drive_per_leg: None,
                drive_per_day: None,
            },
        }
    }
}

//! A skill: a named ability with levels; a certificate is a skill that expires.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::faults::{Faults, Validate, check_text};
use crate::domain::id::SkillId;

/// A named ability.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Skill {
    /// Its name; unique in the organization.
    pub name: String,
}

/// A skill that a technician has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SkillHeld {
    /// Which skill.
    pub skill_id: SkillId,
    /// How well, 1 to 10.
    #[serde(default = "lowest")]
    pub level: u8,
    /// First date it holds, in the technician's zone; none since ever.
    #[serde(default)]
    pub valid_from: Option<NaiveDate>,
    /// Last date it holds; none for ever.
    #[serde(default)]
    pub valid_until: Option<NaiveDate>,
}

/// A skill that a visit needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SkillNeed {
    /// Which skill.
    pub skill_id: SkillId,
    /// At least this level, 1 to 10.
    #[serde(default = "lowest")]
    pub level_min: u8,
}

fn lowest() -> u8 {
    1
}

impl Validate for Skill {
    fn validate(&self, faults: &mut Faults) {
        check_text(faults, "name", &self.name, 200);
    }
}

impl Validate for SkillHeld {
    fn validate(&self, faults: &mut Faults) {
        faults.check((1..=10).contains(&self.level), "level", self.level, "must be 1 to 10");
        if let (Some(from), Some(until)) = (self.valid_from, self.valid_until) {
            faults.check(from <= until, "valid_until", until, "must not be before valid_from");
        }
    }
}

impl Validate for SkillNeed {
    fn validate(&self, faults: &mut Faults) {
        let level = (1..=10).contains(&self.level_min);
        faults.check(level, "level_min", self.level_min, "must be 1 to 10");
    }
}

//! A team: a named set of technicians for round robin, visibility and permissions.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::faults::{Faults, Validate, check_text};
use crate::domain::id::TechnicianId;

/// A named set of technicians.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Team {
    /// Its name.
    pub name: String,
    /// Who belongs to it.
    #[serde(default)]
    pub technician_ids: Vec<TechnicianId>,
}

impl Validate for Team {
    fn validate(&self, faults: &mut Faults) {
        check_text(faults, "name", &self.name, 200);
    }
}

//! A package: services sold together; their durations add up.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::faults::{Faults, Validate, check_text};
use crate::domain::id::ServiceId;

/// Services sold together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// What the customer reads.
    #[serde(default)]
    pub description: String,
    /// The services in order of work, 1 to 20; their durations add up, setup and exit count once.
    pub service_ids: Vec<ServiceId>,
    /// Whether anyone may ask for slots and book without a credential.
    #[serde(default)]
    pub public: bool,
}

impl Validate for Package {
    fn validate(&self, faults: &mut Faults) {
        check_text(faults, "name", &self.name, 200);
        let count = self.service_ids.len();
        faults.check((1..=20).contains(&count), "service_ids", count, "must be 1 to 20 services");
    }
}

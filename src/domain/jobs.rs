//! A job: what a customer ordered at one site.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::faults::{Faults, Validate, check_length, check_text};
use crate::domain::id::{CustomerId, LocationId, PackageId, ServiceId, SiteId};

/// What a customer ordered: one site, one or more services, one or more visits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Job {
    /// Whose plan it belongs to.
    pub location_id: LocationId,
    /// Who ordered it.
    #[serde(default)]
    pub customer_id: Option<CustomerId>,
    /// Where.
    #[serde(default)]
    pub site_id: Option<SiteId>,
    /// What, in order of work.
    pub service_ids: Vec<ServiceId>,
    /// The package it was sold as.
    #[serde(default)]
    pub package_id: Option<PackageId>,
    /// One line for lists.
    pub title: String,
    /// More words.
    #[serde(default)]
    pub description: String,
}

impl Validate for Job {
    fn validate(&self, faults: &mut Faults) {
        check_text(faults, "title", &self.title, 300);
        check_length(faults, "description", &self.description, 10_000);
        let count = self.service_ids.len();
        faults.check((1..=20).contains(&count), "service_ids", count, "must be 1 to 20 services");
    }
}

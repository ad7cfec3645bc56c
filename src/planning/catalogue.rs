//! Everything an organization has set up, as one value: the input of all planning.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::equipment::Equipment;
use crate::domain::faults::{Fault, Faults};
use crate::domain::id::{
    EquipmentId, LocationId, PackageId, ServiceId, SkillId, TeamId, TechnicianId, ZoneId,
};
use crate::domain::locations::Location;
use crate::domain::organizations::Organization;
use crate::domain::packages::Package;
use crate::domain::services::Service;
use crate::domain::skills::Skill;
use crate::domain::teams::Team;
use crate::domain::technicians::Technician;
use crate::domain::zones::Zone;
use crate::planning::combine::{Work, combine};

/// Most people in one crew.
pub const CREW_MAX: usize = roundsman_solver::problem::Request::CREW_MAX;

/// Everything an organization has set up, as of one version.
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// Counts the changes of the catalogue.
    pub version: i64,
    /// The organization's settings.
    pub organization: Organization,
    /// Its locations.
    pub locations: BTreeMap<LocationId, Location>,
    /// Its technicians.
    pub technicians: BTreeMap<TechnicianId, Technician>,
    /// Its teams.
    pub teams: BTreeMap<TeamId, Team>,
    /// Its skills.
    pub skills: BTreeMap<SkillId, Skill>,
    /// Its zones.
    pub zones: BTreeMap<ZoneId, Zone>,
    /// Its equipment.
    pub equipment: BTreeMap<EquipmentId, Equipment>,
    /// Its services.
    pub services: BTreeMap<ServiceId, Service>,
    /// Its packages.
    pub packages: BTreeMap<PackageId, Package>,
}

impl Catalogue {
    /// The services a query means: those it names, or those of the package it names.
    ///
    /// # Errors
    /// A fault for each id that does not exist.
    pub fn services_of(
        &self,
        service_ids: &[ServiceId],
        package_id: Option<PackageId>,
    ) -> Result<Vec<ServiceId>, Vec<Fault>> {
        let mut faults = Faults::default();
        let named = match package_id {
            None => service_ids,
            Some(id) => self.packages.get(&id).map_or(&[][..], |package| &package.service_ids),
        };
        if let Some(id) = package_id {
            let known = self.packages.contains_key(&id);
            faults.check(known, "package_id", id, "no such package");
        }
        for (row, id) in named.iter().enumerate() {
            let field = format!("service_ids[{row}]");
            faults.check(self.services.contains_key(id), &field, id, "no such service");
        }
        faults.into_result()?;
        Ok(named.to_vec())
    }

    /// What one visit for these services takes.
    ///
    /// # Errors
    /// A fault for each service that does not exist, or if there is none at all.
    pub fn work(&self, service_ids: &[ServiceId]) -> Result<Work, Vec<Fault>> {
        let mut faults = Faults::default();
        let mut services = Vec::with_capacity(service_ids.len());
        for (row, id) in service_ids.iter().enumerate() {
            match self.services.get(id) {
                Some(service) => services.push((*id, service)),
                None => faults.add(&format!("service_ids[{row}]"), id, "no such service"),
            }
        }
        let combined = combine(&services, self.organization.travel);
        faults.check(combined.is_some(), "service_ids", "[]", "name at least one service");
        let crew = combined.as_ref().map_or(0, |work| work.needs.crew.len());
        let message = "these services together need more people than one visit can have, 8";
        faults.check(crew <= CREW_MAX, "service_ids", crew, message);
        faults.into_result()?;
        combined.ok_or_else(Vec::new)
    }

    /// The technicians who may do work of these teams: in one team of each list, and active.
    pub fn eligible(
        &self,
        location_id: LocationId,
        teams: &[Vec<TeamId>],
    ) -> BTreeSet<TechnicianId> {
        let of_team = |team: &TeamId, technician: &TechnicianId| {
            self.teams.get(team).is_some_and(|team| team.technician_ids.contains(technician))
        };
        let active = self
            .technicians
            .iter()
            .filter(|(_, technician)| technician.active && technician.location_id == location_id);
        active
            .map(|(id, _)| *id)
            .filter(|id| teams.iter().all(|any| any.iter().any(|team| of_team(team, id))))
            .collect()
    }
}

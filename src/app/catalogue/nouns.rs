//! What each catalogue noun refers to, who sees it, and what anyone may see of it.

use crate::app::catalogue::{CatalogueNoun, Kind, References, Write};
use crate::app::permissions::Operation;
use crate::app::{App, absences};
use crate::domain::absences::{Absence, AbsenceOf};
use crate::domain::actors::Actor;
use crate::domain::customers::Customer;
use crate::domain::equipment::Equipment;
use crate::domain::error::AppError;
use crate::domain::hours::WorkingHours;
use crate::domain::id::{AbsenceId, TechnicianId};
use crate::domain::jobs::Job;
use crate::domain::locations::Location;
use crate::domain::packages::Package;
use crate::domain::places::Place;
use crate::domain::services::Service;
use crate::domain::sites::Site;
use crate::domain::skills::Skill;
use crate::domain::teams::Team;
use crate::domain::technicians::{DayEdge, Technician};
use crate::domain::travel::TravelMode;
use crate::domain::waitlist_entries::WaitlistEntry;
use crate::domain::zones::{Zone, ZoneShape};
use crate::store::{Tx, organizations};

impl CatalogueNoun for Location {
    const READ: Operation = Operation::LocationsRead;
    const WRITE: Operation = Operation::LocationsWrite;
    const PLURAL: &'static str = "locations";

    /// Where it is and its zone; neither its hours nor its closed dates.
    fn published(self) -> Option<Self> {
        let (opening_hours, closed) = (WorkingHours::default(), Vec::new());
        Some(Self { opening_hours, closed, ..self })
    }

    fn places(&self) -> Vec<(String, Place)> {
        vec![("place".to_owned(), self.place.clone())]
    }
}

impl CatalogueNoun for Team {
    const READ: Operation = Operation::TeamsRead;
    const WRITE: Operation = Operation::TeamsWrite;
    const PLURAL: &'static str = "teams";

    fn references(&self, references: &mut References) {
        let ids = self.technician_ids.iter().copied();
        references.add_rows(Kind::Technician, ("technician_ids", ""), ids);
    }
}

impl CatalogueNoun for Skill {
    const READ: Operation = Operation::SkillsRead;
    const WRITE: Operation = Operation::SkillsWrite;
    const PLURAL: &'static str = "skills";
}

impl CatalogueNoun for Zone {
    const READ: Operation = Operation::ZonesRead;
    const WRITE: Operation = Operation::ZonesWrite;
    const PLURAL: &'static str = "zones";

    fn places(&self) -> Vec<(String, Place)> {
        match &self.shape {
            ZoneShape::DriveTime { centre, .. } => {
                vec![("shape.centre".to_owned(), centre.clone())]
            }
            _ => Vec::new(),
        }
    }
}

impl CatalogueNoun for Equipment {
    const READ: Operation = Operation::EquipmentRead;
    const WRITE: Operation = Operation::EquipmentWrite;
    const PLURAL: &'static str = "equipment";

    fn references(&self, references: &mut References) {
        let ids = self.pools.iter().map(|pool| pool.location_id);
        references.add_rows(Kind::Location, ("pools", "location_id"), ids);
    }

    async fn prepare(
        app: &App,
        actor: &Actor,
        tx: &mut Tx,
        write: &Write<'_, Self>,
    ) -> Result<(), AppError> {
        absences::prepare_pools(app, actor, tx, write).await
    }
}

impl CatalogueNoun for Technician {
    const READ: Operation = Operation::TechniciansRead;
    const WRITE: Operation = Operation::TechniciansWrite;
    const PLURAL: &'static str = "technicians";

    fn own(technician: TechnicianId) -> Option<TechnicianId> {
        Some(technician)
    }

    fn references(&self, references: &mut References) {
        references.add("location_id", Kind::Location, self.location_id);
        let skills = self.skills.iter().map(|held| held.skill_id);
        references.add_rows(Kind::Skill, ("skills", "skill_id"), skills);
        let zones = self.zones.iter().map(|covered| covered.zone_id);
        references.add_rows(Kind::Zone, ("zones", "zone_id"), zones);
        references.add_rows(Kind::Equipment, ("carries", ""), self.carries.iter().copied());
    }

    fn is_of(&self, id: TechnicianId, technician: TechnicianId) -> bool {
        id == technician
    }

    /// The home, if days start or end there, and the places of breaks.
    fn places(&self) -> Vec<(String, Place)> {
        let at_home = self.start == DayEdge::Home || self.end == DayEdge::Home;
        let home = self.home.clone().filter(|_| at_home);
        let breaks = self.breaks.iter().enumerate();
        let breaks = breaks
            .filter_map(|(row, rule)| Some((format!("breaks[{row}].place"), rule.place.clone()?)));
        home.map(|home| ("home".to_owned(), home)).into_iter().chain(breaks).collect()
    }
}

impl CatalogueNoun for Absence {
    const READ: Operation = Operation::AbsencesRead;
    const WRITE: Operation = Operation::AbsencesWrite;
    const PLURAL: &'static str = "absences";
    const OWNER_COLUMN: Option<&'static str> = Some("technician_id");

    fn references(&self, references: &mut References) {
        match self.of {
            AbsenceOf::Technician { technician_id } => {
                references.add("technician_id", Kind::Technician, technician_id);
            }
            AbsenceOf::Equipment { equipment_id, location_id, .. } => {
                references.add("equipment_id", Kind::Equipment, equipment_id);
                references.add("location_id", Kind::Location, location_id);
            }
        }
    }

    fn places(&self) -> Vec<(String, Place)> {
        self.place.iter().map(|place| ("place".to_owned(), place.clone())).collect()
    }

    fn is_of(&self, _id: AbsenceId, technician: TechnicianId) -> bool {
        self.of == AbsenceOf::Technician { technician_id: technician }
    }

    async fn prepare(
        app: &App,
        actor: &Actor,
        tx: &mut Tx,
        write: &Write<'_, Self>,
    ) -> Result<(), AppError> {
        absences::check_kind(write)?;
        absences::spare_calendars(actor, tx, write.id).await?;
        absences::prepare(app, actor, tx, write).await
    }

    async fn prepare_delete(actor: &Actor, tx: &mut Tx, id: AbsenceId) -> Result<(), AppError> {
        absences::spare_calendars(actor, tx, id).await
    }
}

impl CatalogueNoun for Service {
    const READ: Operation = Operation::ServicesRead;
    const WRITE: Operation = Operation::ServicesWrite;
    const PLURAL: &'static str = "services";
    const PUBLISHED_FILTERS: &'static [(&'static str, bool)] =
        &[("active", true), ("public", true)];

    fn references(&self, references: &mut References) {
        references.add_rows(
            Kind::Location,
            ("location_ids", ""),
            self.location_ids.iter().copied(),
        );
        references.add_rows(Kind::Team, ("team_ids", ""), self.team_ids.iter().copied());
        let skills = self.skills.iter().map(|need| need.skill_id);
        references.add_rows(Kind::Skill, ("skills", "skill_id"), skills);
        for (row, role) in self.crew.roles.iter().enumerate() {
            let list = format!("crew.roles[{row}].skills");
            let skills = role.skills.iter().map(|need| need.skill_id);
            references.add_rows(Kind::Skill, (&list, "skill_id"), skills);
        }
        let equipment = self.equipment.iter().map(|need| need.equipment_id);
        references.add_rows(Kind::Equipment, ("equipment", "equipment_id"), equipment);
    }

    /// A service may only go a way that the organization has; travel by its OSRM server needs one.
    async fn prepare(
        _app: &App,
        actor: &Actor,
        tx: &mut Tx,
        write: &Write<'_, Self>,
    ) -> Result<(), AppError> {
        if write.after.and_then(|service| service.travel) != Some(TravelMode::Osrm) {
            return Ok(());
        }
        let organization = organizations::get(tx, actor.organization_id).await?;
        if organization.is_some_and(|organization| organization.value.osrm.is_none()) {
            let message = "the organization has no OSRM server; name one first, or go another way";
            return Err(AppError::invalid("travel", "osrm", message));
        }
        Ok(())
    }

    /// What it is and how long it takes; not who does it and with what.
    fn published(self) -> Option<Self> {
        let kept = self.active && self.public;
        let (team_ids, skills, equipment) = (Vec::new(), Vec::new(), Vec::new());
        let mut crew = self.crew;
        crew.roles = Vec::new();
        kept.then_some(Self { team_ids, skills, crew, equipment, ..self })
    }
}

impl CatalogueNoun for Package {
    const READ: Operation = Operation::PackagesRead;
    const WRITE: Operation = Operation::PackagesWrite;
    const PLURAL: &'static str = "packages";
    const PUBLISHED_FILTERS: &'static [(&'static str, bool)] = &[("public", true)];

    fn references(&self, references: &mut References) {
        references.add_rows(Kind::Service, ("service_ids", ""), self.service_ids.iter().copied());
    }

    fn published(self) -> Option<Self> {
        self.public.then_some(self)
    }
}

impl CatalogueNoun for Customer {
    const READ: Operation = Operation::CustomersRead;
    const WRITE: Operation = Operation::CustomersWrite;
    const PLURAL: &'static str = "customers";
}

impl CatalogueNoun for Site {
    const READ: Operation = Operation::SitesRead;
    const WRITE: Operation = Operation::SitesWrite;
    const PLURAL: &'static str = "sites";

    fn references(&self, references: &mut References) {
        references.add("customer_id", Kind::Customer, self.customer_id);
    }

    fn places(&self) -> Vec<(String, Place)> {
        vec![("place".to_owned(), self.place.clone())]
    }
}

impl CatalogueNoun for Job {
    const READ: Operation = Operation::JobsRead;
    const WRITE: Operation = Operation::JobsWrite;
    const PLURAL: &'static str = "jobs";

    fn references(&self, references: &mut References) {
        references.add("location_id", Kind::Location, self.location_id);
        references.add_rows(Kind::Service, ("service_ids", ""), self.service_ids.iter().copied());
        if let Some(id) = self.customer_id {
            references.add("customer_id", Kind::Customer, id);
        }
        if let Some(id) = self.site_id {
            references.add("site_id", Kind::Site, id);
        }
        if let Some(id) = self.package_id {
            references.add("package_id", Kind::Package, id);
        }
    }
}

impl CatalogueNoun for WaitlistEntry {
    const READ: Operation = Operation::WaitlistEntriesRead;
    const WRITE: Operation = Operation::WaitlistEntriesWrite;
    const PLURAL: &'static str = "waitlist_entries";

    fn references(&self, references: &mut References) {
        references.add("location_id", Kind::Location, self.location_id);
        references.add_rows(Kind::Service, ("service_ids", ""), self.service_ids.iter().copied());
        if let Some(id) = self.package_id {
            references.add("package_id", Kind::Package, id);
        }
    }
}

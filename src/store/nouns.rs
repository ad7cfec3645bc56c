//! How the rows of each catalogue noun look.

use std::borrow::Cow;

use crate::domain::absences::{Absence, AbsenceOf};
use crate::domain::customers::Customer;
use crate::domain::equipment::Equipment;
use crate::domain::id::{
    AbsenceId, CustomerId, EquipmentId, JobId, LocationId, MemberId, OrganizationId, PackageId,
    ServiceId, SiteId, SkillId, TeamId, TechnicianId, WaitlistEntryId, ZoneId,
};
use crate::domain::jobs::Job;
use crate::domain::locations::Location;
use crate::domain::members::Member;
use crate::domain::packages::Package;
use crate::domain::services::Service;
use crate::domain::sites::Site;
use crate::domain::skills::Skill;
use crate::domain::teams::Team;
use crate::domain::technicians::Technician;
use crate::domain::waitlist_entries::WaitlistEntry;
use crate::domain::zones::Zone;
use crate::store::changes::Whose;
use crate::store::equipment_uses::write_pools;
use crate::store::records::{Link, Noun};
use crate::store::search::email_key;
use crate::store::sql::Value;
use crate::store::{StoreError, Tx};

impl Noun for Location {
    type Id = LocationId;
    const TABLE: &'static str = "locations";
    const SINGULAR: &'static str = "location";
    const COLUMNS: &'static [&'static str] = &["time_zone"];

    fn name(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.name)
    }

    fn searched(&self) -> String {
        format!("{} {}", self.name, self.place.address)
    }

    fn values(&self) -> Vec<Value> {
        vec![self.time_zone.name().into()]
    }
}

impl Noun for Member {
    type Id = MemberId;
    const TABLE: &'static str = "members";
    const SINGULAR: &'static str = "member";
    const COLUMNS: &'static [&'static str] = &["technician_id", "email_key", "role", "active"];

    fn name(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.name)
    }

    fn searched(&self) -> String {
        format!("{} {}", self.name, self.email)
    }

    fn values(&self) -> Vec<Value> {
        vec![
            self.technician_id.into(),
            email_key(&self.email).into(),
            self.role.as_str().into(),
            self.active.into(),
        ]
    }
}

impl Noun for Team {
    type Id = TeamId;
    const TABLE: &'static str = "teams";
    const SINGULAR: &'static str = "team";

    fn name(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.name)
    }

    fn links(&self) -> Vec<Link> {
        self.technician_ids.iter().map(|id| Link::to::<Technician>(*id)).collect()
    }
}

impl Noun for Skill {
    type Id = SkillId;
    const TABLE: &'static str = "skills";
    const SINGULAR: &'static str = "skill";

    fn name(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.name)
    }
}

impl Noun for Technician {
    type Id = TechnicianId;
    const TABLE: &'static str = "technicians";
    const SINGULAR: &'static str = "technician";
    const COLUMNS: &'static [&'static str] = &["location_id", "active"];

    fn name(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.name)
    }

    fn values(&self) -> Vec<Value> {
        vec![self.location_id.into(), self.active.into()]
    }

    fn links(&self) -> Vec<Link> {
        let skills = self.skills.iter().map(|held| Link::to::<Skill>(held.skill_id));
        let zones = self.zones.iter().map(|covered| Link::to::<Zone>(covered.zone_id));
        let carried = self.carries.iter().map(|id| Link::to::<Equipment>(*id));
        skills.chain(zones).chain(carried).collect()
    }
}

impl Noun for Absence {
    type Id = AbsenceId;
    const TABLE: &'static str = "absences";
    const SINGULAR: &'static str = "absence";
    const COLUMNS: &'static [&'static str] =
        &["technician_id", "equipment_id", "location_id", "units", "start_s", "end_s"];
    /// Absences are part of the plan, whose days have versions of their own.
    const IN_CATALOG: bool = false;

    fn name(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.note)
    }

    fn values(&self) -> Vec<Value> {
        let (technician_id, equipment_id, location_id, units) = match self.of {
            AbsenceOf::Technician { technician_id } => (Some(technician_id), None, None, 0),
            AbsenceOf::Equipment { equipment_id, location_id, units } => {
                (None, Some(equipment_id), Some(location_id), units)
            }
        };
        vec![
            technician_id.into(),
            equipment_id.into(),
            location_id.into(),
            units.into(),
            self.start.into(),
            self.end.into(),
        ]
    }

    fn touch(&self, tx: &mut Tx, organization_id: OrganizationId) {
        let whose = match self.of {
            AbsenceOf::Technician { technician_id } => Whose::Technician(technician_id),
            AbsenceOf::Equipment { location_id, .. } => Whose::Location(location_id),
        };
        let span = (self.start.timestamp(), self.end.timestamp());
        tx.changes.touch(organization_id, whose, span, None);
    }
}

impl Noun for Equipment {
    type Id = EquipmentId;
    const TABLE: &'static str = "equipment";
    const SINGULAR: &'static str = "equipment";

    fn name(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.name)
    }

    async fn after_write(
        &self,
        tx: &mut Tx,
        organization_id: OrganizationId,
        id: EquipmentId,
    ) -> Result<(), StoreError> {
        write_pools(tx, organization_id, id, &self.pools).await
    }
}

impl Noun for Zone {
    type Id = ZoneId;
    const TABLE: &'static str = "zones";
    const SINGULAR: &'static str = "zone";

    fn name(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.name)
    }
}

impl Noun for Service {
    type Id = ServiceId;
    const TABLE: &'static str = "services";
    const SINGULAR: &'static str = "service";
    const COLUMNS: &'static [&'static str] = &["active", "public"];

    fn name(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.name)
    }

    fn searched(&self) -> String {
        format!("{} {}", self.name, self.description)
    }

    fn values(&self) -> Vec<Value> {
        vec![self.active.into(), self.public.into()]
    }

    fn links(&self) -> Vec<Link> {
        let roles = self.crew.roles.iter().flat_map(|role| &role.skills);
        let skills = self.skills.iter().chain(roles).map(|need| Link::to::<Skill>(need.skill_id));
        let equipment = self.equipment.iter().map(|need| Link::to::<Equipment>(need.equipment_id));
        let locations = self.location_ids.iter().map(|id| Link::to::<Location>(*id));
        let teams = self.team_ids.iter().map(|id| Link::to::<Team>(*id));
        skills.chain(equipment).chain(locations).chain(teams).collect()
    }
}

impl Noun for Package {
    type Id = PackageId;
    const TABLE: &'static str = "packages";
    const SINGULAR: &'static str = "package";
    const COLUMNS: &'static [&'static str] = &["public"];

    fn name(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.name)
    }

    fn searched(&self) -> String {
        format!("{} {}", self.name, self.description)
    }

    fn values(&self) -> Vec<Value> {
        vec![self.public.into()]
    }

    fn links(&self) -> Vec<Link> {
        self.service_ids.iter().map(|id| Link::to::<Service>(*id)).collect()
    }
}

impl Noun for Customer {
    type Id = CustomerId;
    const TABLE: &'static str = "customers";
    const SINGULAR: &'static str = "customer";
    const COLUMNS: &'static [&'static str] = &["email_key", "external_ref"];
    const IN_CATALOG: bool = false;

    fn name(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.name)
    }

    fn searched(&self) -> String {
        let parts = [&self.email, &self.phone, &self.external_ref];
        let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        // People type telephone numbers with and without spaces and hyphens.
        let digits: String = self
            .phone
            .iter()
            .flat_map(|phone| phone.chars())
            .filter(char::is_ascii_digit)
            .collect();
        format!("{} {} {digits}", self.name, parts.join(" "))
    }

    fn values(&self) -> Vec<Value> {
        let email = self.email.as_deref().map(email_key);
        vec![email.into(), self.external_ref.clone().into()]
    }
}

impl Noun for Site {
    type Id = SiteId;
    const TABLE: &'static str = "sites";
    const SINGULAR: &'static str = "site";
    const COLUMNS: &'static [&'static str] = &["customer_id"];
    const IN_CATALOG: bool = false;

    fn name(&self) -> Cow<'_, str> {
        if self.name.is_empty() {
            Cow::Owned(self.place.address.to_string())
        } else {
            Cow::Borrowed(&self.name)
        }
    }

    fn searched(&self) -> String {
        format!("{} {}", self.name, self.place.address)
    }

    fn values(&self) -> Vec<Value> {
        vec![self.customer_id.into()]
    }
}

impl Noun for Job {
    type Id = JobId;
    const TABLE: &'static str = "jobs";
    const SINGULAR: &'static str = "job";
    const COLUMNS: &'static [&'static str] = &["location_id", "customer_id", "site_id"];
    const IN_CATALOG: bool = false;

    fn name(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.title)
    }

    fn searched(&self) -> String {
        format!("{} {}", self.title, self.description)
    }

    fn values(&self) -> Vec<Value> {
        vec![self.location_id.into(), self.customer_id.into(), self.site_id.into()]
    }

    fn links(&self) -> Vec<Link> {
        let services = self.service_ids.iter().map(|id| Link::to::<Service>(*id));
        services.chain(self.package_id.map(Link::to::<Package>)).collect()
    }
}

impl Noun for WaitlistEntry {
    type Id = WaitlistEntryId;
    const TABLE: &'static str = "waitlist_entries";
    const SINGULAR: &'static str = "waitlist_entry";
    const COLUMNS: &'static [&'static str] = &["location_id", "status"];
    const IN_CATALOG: bool = false;

    fn name(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.customer.name)
    }

    fn searched(&self) -> String {
        format!("{} {}", self.customer.searched(), self.place.address)
    }

    fn values(&self) -> Vec<Value> {
        vec![self.location_id.into(), self.status.as_str().into()]
    }

    fn links(&self) -> Vec<Link> {
        let services = self.service_ids.iter().map(|id| Link::to::<Service>(*id));
        services.chain(self.package_id.map(Link::to::<Package>)).collect()
    }
}

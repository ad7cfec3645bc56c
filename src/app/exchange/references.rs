//! Whether the parts of a document fit together: every id leads somewhere, nothing exists twice.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use uuid::Uuid;

use crate::domain::absences::AbsenceOf;
use crate::domain::equipment::EquipmentNeed;
use crate::domain::exchange::{Document, Item};
use crate::domain::faults::Faults;
use crate::domain::skills::SkillNeed;

mod plan;

/// Notes every reference without a target, every id and every unique name given twice, and every
/// overlap in the plan.
///
/// * `left_out`: ids of records that are missing because of faults of their own.
pub(super) fn check(document: &Document, left_out: &BTreeSet<Uuid>, faults: &mut Faults) {
    let mut ids = Ids::of(document, faults);
    for list in ids.all() {
        list.extend(left_out);
    }
    catalogue(document, &ids, faults);
    services(document, &ids, faults);
    messages(document, &ids, faults);
    customers(document, &ids, faults);
    plan::check(document, &ids, faults);
    names(document, faults);
}

/// The ids of each list.
struct Ids {
    locations: BTreeSet<Uuid>,
    skills: BTreeSet<Uuid>,
    equipment: BTreeSet<Uuid>,
    zones: BTreeSet<Uuid>,
    technicians: BTreeSet<Uuid>,
    teams: BTreeSet<Uuid>,
    services: BTreeSet<Uuid>,
    packages: BTreeSet<Uuid>,
    customers: BTreeSet<Uuid>,
    sites: BTreeSet<Uuid>,
    jobs: BTreeSet<Uuid>,
    visits: BTreeSet<Uuid>,
}

impl Ids {
    fn all(&mut self) -> [&mut BTreeSet<Uuid>; 12] {
        [
            &mut self.locations,
            &mut self.skills,
            &mut self.equipment,
            &mut self.zones,
            &mut self.technicians,
            &mut self.teams,
            &mut self.services,
            &mut self.packages,
            &mut self.customers,
            &mut self.sites,
            &mut self.jobs,
            &mut self.visits,
        ]
    }

    fn of(document: &Document, faults: &mut Faults) -> Self {
        collect("members", &document.members, faults);
        collect("message_templates", &document.message_templates, faults);
        collect("absences", &document.absences, faults);
        let bookings = document.bookings.iter().map(|booking| booking.id.0);
        collect_ids("bookings", bookings, faults);
        Self {
            locations: collect("locations", &document.locations, faults),
            skills: collect("skills", &document.skills, faults),
            equipment: collect("equipment", &document.equipment, faults),
            zones: collect("zones", &document.zones, faults),
            technicians: collect("technicians", &document.technicians, faults),
            teams: collect("teams", &document.teams, faults),
            services: collect("services", &document.services, faults),
            packages: collect("packages", &document.packages, faults),
            customers: collect("customers", &document.customers, faults),
            sites: collect("sites", &document.sites, faults),
            jobs: collect("jobs", &document.jobs, faults),
            visits: collect_ids("visits", document.visits.iter().map(|it| it.id.0), faults),
        }
    }
}

fn collect<I: Copy + Into<Uuid>, T>(
    list: &str,
    items: &[Item<I, T>],
    faults: &mut Faults,
) -> BTreeSet<Uuid> {
    collect_ids(list, items.iter().map(|item| item.id.into()), faults)
}

fn collect_ids(list: &str, ids: impl Iterator<Item = Uuid>, faults: &mut Faults) -> BTreeSet<Uuid> {
    let mut seen = BTreeSet::new();
    for (row, id) in ids.enumerate() {
        let new = seen.insert(id);
        faults.check(new, &format!("{list}[{row}].id"), id, "is the id of an earlier record too");
    }
    seen
}

/// Notes a fault unless `ids` has `id`.
fn known(
    ids: &BTreeSet<Uuid>,
    id: impl Into<Uuid>,
    field: impl Display,
    noun: &str,
    faults: &mut Faults,
) {
    let id = id.into();
    if !ids.contains(&id) {
        faults.add(&field.to_string(), id, format!("the document has no {noun} with this id"));
    }
}

fn catalogue(document: &Document, ids: &Ids, faults: &mut Faults) {
    for (row, item) in document.equipment.iter().enumerate() {
        for (pool, it) in item.value.pools.iter().enumerate() {
            let field = format!("equipment[{row}].pools[{pool}].location_id");
            known(&ids.locations, it.location_id, field, "location", faults);
        }
    }
    for (row, item) in document.technicians.iter().enumerate() {
        let (it, at) = (&item.value, format!("technicians[{row}]"));
        known(&ids.locations, it.location_id, format!("{at}.location_id"), "location", faults);
        for (place, skill) in it.skills.iter().enumerate() {
            let field = format!("{at}.skills[{place}].skill_id");
            known(&ids.skills, skill.skill_id, field, "skill", faults);
        }
        for (place, zone) in it.zones.iter().enumerate() {
            let field = format!("{at}.zones[{place}].zone_id");
            known(&ids.zones, zone.zone_id, field, "zone", faults);
        }
        for (place, id) in it.carries.iter().enumerate() {
            known(&ids.equipment, *id, format!("{at}.carries[{place}]"), "equipment", faults);
        }
    }
    for (row, item) in document.teams.iter().enumerate() {
        for (place, id) in item.value.technician_ids.iter().enumerate() {
            let field = format!("teams[{row}].technician_ids[{place}]");
            known(&ids.technicians, *id, field, "technician", faults);
        }
    }
    for (row, item) in document.members.iter().enumerate() {
        let Some(id) = item.value.technician_id else { continue };
        let field = format!("members[{row}].technician_id");
        known(&ids.technicians, id, field, "technician", faults);
    }
    for (row, item) in document.absences.iter().enumerate() {
        let at = format!("absences[{row}]");
        match item.value.of {
            AbsenceOf::Technician { technician_id: id } => {
                known(&ids.technicians, id, format!("{at}.technician_id"), "technician", faults);
            }
            AbsenceOf::Equipment { equipment_id, location_id, .. } => {
                let field = format!("{at}.equipment_id");
                known(&ids.equipment, equipment_id, field, "equipment", faults);
                known(&ids.locations, location_id, format!("{at}.location_id"), "location", faults);
            }
        }
    }
}

/// Services and locations that words and rules of messages name.
fn messages(document: &Document, ids: &Ids, faults: &mut Faults) {
    for (row, item) in document.message_templates.iter().enumerate() {
        let Some(id) = item.value.service_id else { continue };
        let field = format!("message_templates[{row}].service_id");
        known(&ids.services, id, field, "service", faults);
    }
    let Some(settings) = &document.message_settings else { return };
    for (row, one) in settings.services.iter().enumerate() {
        let field = format!("message_settings.services[{row}].service_id");
        known(&ids.services, one.service_id, field, "service", faults);
    }
    for (row, one) in settings.locations.iter().enumerate() {
        let field = format!("message_settings.locations[{row}].location_id");
        known(&ids.locations, one.location_id, field, "location", faults);
    }
    for (row, one) in settings.new_bookings.iter().enumerate() {
        for (place, id) in one.service_ids.iter().enumerate() {
            let field = format!("message_settings.new_bookings[{row}].service_ids[{place}]");
            known(&ids.services, *id, field, "service", faults);
        }
    }
}

fn services(document: &Document, ids: &Ids, faults: &mut Faults) {
    for (row, item) in document.services.iter().enumerate() {
        let (it, at) = (&item.value, format!("services[{row}]"));
        for (place, id) in it.location_ids.iter().enumerate() {
            known(&ids.locations, *id, format!("{at}.location_ids[{place}]"), "location", faults);
        }
        for (place, id) in it.team_ids.iter().enumerate() {
            known(&ids.teams, *id, format!("{at}.team_ids[{place}]"), "team", faults);
        }
        skills(&it.skills, &at, ids, faults);
        for (place, role) in it.crew.roles.iter().enumerate() {
            skills(&role.skills, &format!("{at}.crew.roles[{place}]"), ids, faults);
        }
        equipment(&it.equipment, &at, ids, faults);
    }
    for (row, item) in document.packages.iter().enumerate() {
        for (place, id) in item.value.service_ids.iter().enumerate() {
            let field = format!("packages[{row}].service_ids[{place}]");
            known(&ids.services, *id, field, "service", faults);
        }
    }
}

fn skills(needs: &[SkillNeed], at: &str, ids: &Ids, faults: &mut Faults) {
    for (place, need) in needs.iter().enumerate() {
        known(
            &ids.skills,
            need.skill_id,
            format!("{at}.skills[{place}].skill_id"),
            "skill",
            faults,
        );
    }
}

fn equipment(needs: &[EquipmentNeed], at: &str, ids: &Ids, faults: &mut Faults) {
    for (place, need) in needs.iter().enumerate() {
        let field = format!("{at}.equipment[{place}].equipment_id");
        known(&ids.equipment, need.equipment_id, field, "equipment", faults);
    }
}

fn customers(document: &Document, ids: &Ids, faults: &mut Faults) {
    for (row, item) in document.sites.iter().enumerate() {
        let field = format!("sites[{row}].customer_id");
        known(&ids.customers, item.value.customer_id, field, "customer", faults);
    }
    for (row, item) in document.jobs.iter().enumerate() {
        let (it, at) = (&item.value, format!("jobs[{row}]"));
        known(&ids.locations, it.location_id, format!("{at}.location_id"), "location", faults);
        if let Some(id) = it.customer_id {
            known(&ids.customers, id, format!("{at}.customer_id"), "customer", faults);
        }
        if let Some(id) = it.site_id {
            known(&ids.sites, id, format!("{at}.site_id"), "site", faults);
        }
        if let Some(id) = it.package_id {
            known(&ids.packages, id, format!("{at}.package_id"), "package", faults);
        }
        for (place, id) in it.service_ids.iter().enumerate() {
            known(&ids.services, *id, format!("{at}.service_ids[{place}]"), "service", faults);
        }
    }
}

fn names(document: &Document, faults: &mut Faults) {
    let skills = document.skills.iter().map(|item| item.value.name.clone());
    once(skills, "skills", "name", faults);
    let emails = document.members.iter().map(|item| item.value.email.to_lowercase());
    once(emails, "members", "email", faults);
    let codes = document.bookings.iter().map(|booking| booking.code.clone());
    once(codes, "bookings", "code", faults);
}

fn once(texts: impl Iterator<Item = String>, list: &str, field: &str, faults: &mut Faults) {
    let mut first = BTreeMap::new();
    for (row, text) in texts.enumerate() {
        if let Some(earlier) = first.get(&text) {
            let message = format!("{list}[{earlier}] has it too; it must be unique");
            faults.add(&format!("{list}[{row}].{field}"), &text, message);
        } else {
            first.insert(text, row);
        }
    }
}

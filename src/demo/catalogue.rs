//! What the demo company can do and sells: skills, equipment, services, packages.

use crate::clock::IdSource;
use crate::demo::catalogue::words::{EQUIPMENT, SKILLS};
use crate::domain::equipment::{Equipment, EquipmentNeed, Pool};
use crate::domain::exchange::{Document, Item};
use crate::domain::id::{EquipmentId, SkillId};
use crate::domain::packages::Package;
use crate::domain::services::{
    Crew, CrewMode, CrewRole, Horizon, HorizonCount, Service, SlotRules,
};
use crate::domain::skills::{Skill, SkillNeed};

mod asked;
mod home;
mod media;

/// Names of skills, equipment and services, which the other parts of the demo look up.
pub mod words {
    /// Photographs of rooms and houses.
    pub const PHOTOGRAPHY: &str = "Photography";
    /// Films of rooms and houses.
    pub const VIDEO: &str = "Videography";
    /// Permission to fly drones over towns; expires.
    pub const DRONE_LICENCE: &str = "Drone licence";
    /// Floor plans to scale.
    pub const FLOOR_PLANS: &str = "Floor plans";
    /// Walk-through models.
    pub const SCANNING: &str = "3D scanning";
    /// Photographs at dusk.
    pub const TWILIGHT: &str = "Twilight photography";
    /// Heating and heat pumps.
    pub const HEATING: &str = "Heating and heat pumps";
    /// Permission to handle refrigerants; expires.
    pub const REFRIGERANTS: &str = "Refrigerant certificate";
    /// Ventilation.
    pub const VENTILATION: &str = "Ventilation";
    /// Electrical work.
    pub const ELECTRICAL: &str = "Electrical work";
    /// Plumbing.
    pub const PLUMBING: &str = "Plumbing";
    /// Delivery and connection of appliances.
    pub const APPLIANCES: &str = "Appliance installation";

    /// The twelve skills.
    pub const SKILLS: [&str; 12] = [
        PHOTOGRAPHY,
        VIDEO,
        DRONE_LICENCE,
        FLOOR_PLANS,
        SCANNING,
        TWILIGHT,
        HEATING,
        REFRIGERANTS,
        VENTILATION,
        ELECTRICAL,
        PLUMBING,
        APPLIANCES,
    ];

    /// Drones, shared at each location.
    pub const DRONE: &str = "Drone";
    /// 3D cameras, shared at each location.
    pub const CAMERA_3D: &str = "3D camera";
    /// Motor trolleys for stairs, shared at each location.
    pub const TROLLEY: &str = "Stair trolley";
    /// Refrigerant kits, carried by heating technicians.
    pub const REFRIGERANT_KIT: &str = "Refrigerant kit";

    /// Kinds of equipment and the units shared at each location.
    pub const EQUIPMENT: [(&str, [u32; 3]); 4] = [
        (DRONE, [3, 1, 1]),
        (CAMERA_3D, [2, 1, 1]),
        (TROLLEY, [2, 1, 1]),
        (REFRIGERANT_KIT, [0, 0, 0]),
    ];
}

/// Adds skills, equipment, services and packages.
pub fn add(document: &mut Document, ids: &impl IdSource) {
    for name in SKILLS {
        document.skills.push(Item::new(ids.next_id(), Skill { name: name.to_owned() }));
    }
    for (name, units) in EQUIPMENT {
        let located = document.locations.iter().zip(units).filter(|(_, units)| *units > 0);
        let pools = located.map(|(location, units)| Pool { location_id: location.id, units });
        let equipment = Equipment {
            name: name.to_owned(),
            pools: pools.collect(),
            travels: name == words::DRONE,
        };
        document.equipment.push(Item::new(ids.next_id(), equipment));
    }
    let services = media::services(document).into_iter().chain(home::services(document));
    let services: Vec<Service> = services.collect();
    for service in services {
        document.services.push(Item::new(ids.next_id(), service));
    }
    for (name, description, services) in media::PACKAGES {
        let find = |name: &&str| document.services.iter().find(|item| item.value.name == **name);
        let package = Package {
            name: name.to_owned(),
            description: description.to_owned(),
            service_ids: services.iter().filter_map(find).map(|item| item.id).collect(),
            public: true,
        };
        document.packages.push(Item::new(ids.next_id(), package));
    }
}

/// The id of a skill by its name.
pub fn skill(document: &Document, name: &str) -> Option<SkillId> {
    document.skills.iter().find(|item| item.value.name == name).map(|item| item.id)
}

/// The id of a kind of equipment by its name.
pub fn equipment(document: &Document, name: &str) -> Option<EquipmentId> {
    document.equipment.iter().find(|item| item.value.name == name).map(|item| item.id)
}

/// A public service for one technician, on a half-hour grid, with exact times.
fn service(name: &str, description: &str, minutes: [u32; 3]) -> Service {
    let [setup_min, duration_min, exit_min] = minutes;
    Service {
        name: name.to_owned(),
        description: description.to_owned(),
        public: true,
        active: true,
        location_ids: Vec::new(),
        team_ids: Vec::new(),
        duration_min,
        setup_min,
        exit_min,
        skills: Vec::new(),
        crew: Crew::default(),
        equipment: Vec::new(),
        travel: None,
        slots: SlotRules {
            notice_min: 120,
            horizon: Horizon { days: 30, count: HorizonCount::Calendar },
            ..SlotRules::default()
        },
        priority: 0,
        policy: crate::domain::policies::AssignmentPolicy::default(),
        customer_may_choose: false,
        questions: Vec::new(),
    }
}

fn needs(document: &Document, skills: &[(&str, u8)]) -> Vec<SkillNeed> {
    let need = |(name, level_min): &(&str, u8)| {
        skill(document, name).map(|skill_id| SkillNeed { skill_id, level_min: *level_min })
    };
    skills.iter().filter_map(need).collect()
}

fn one_of(document: &Document, name: &str) -> Vec<EquipmentNeed> {
    let need = |equipment_id| EquipmentNeed { equipment_id, units: 1 };
    equipment(document, name).map(need).into_iter().collect()
}

fn pair(mode: CrewMode, roles: Vec<CrewRole>) -> Crew {
    Crew { size: 2, mode, roles }
}

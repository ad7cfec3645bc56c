//! Who works for the demo company: 24 technicians, their teams, logins and absences.

use chrono::NaiveDate;

use crate::clock::IdSource;
use crate::demo::crew::kinds::{Kind, ROSTER};
use crate::demo::dice::Dice;
use crate::demo::places::{AKRANES, CITY, OLFUS, SUDURNES, time};
use crate::demo::region::Region;
use crate::demo::{catalogue, names};
use crate::domain::exchange::{Document, Item};
use crate::domain::hours::{BreakRule, WorkingHours};
use crate::domain::members::{Member, Role};
use crate::domain::places::Place;
use crate::domain::teams::Team;
use crate::domain::technicians::{DayEdge, Limits, Technician};
use crate::domain::zones::{ZoneCovered, ZoneLevel};

mod absences;
mod kinds;

/// E-mail address of the owner.
pub const OWNER: &str = "owner@hraun.example";
/// E-mail address of the first dispatcher.
pub const DISPATCHER: &str = "dispatcher@hraun.example";
/// E-mail address of the first technician.
pub const TECHNICIAN: &str = "technician@hraun.example";

/// Postcodes where the technicians of each location live.
const HOMES: [&[&str]; 3] = [
    &["101", "105", "107", "109", "111", "112", "170", "200", "201", "203", "210", "220", "270"],
    &["230", "260", "262"],
    &["800", "810"],
];

/// Adds technicians, teams, members and absences.
pub fn add(
    document: &mut Document,
    ids: &impl IdSource,
    region: &Region,
    seed: u64,
    today: NaiveDate,
) {
    let mut dice = Dice::new(seed, "technicians");
    let mut taken = Vec::new();
    for (row, entry) in ROSTER.iter().enumerate() {
        let name = new_name(&mut dice, &mut taken);
        let home = home(&mut dice, region, entry.location);
        let mut technician = technician(document, entry, name, home);
        technician.skills = kinds::skills(document, entry, row, today);
        technician.zones = zones(document, entry.location, row);
        technician.joined = Some(today - chrono::TimeDelta::days(dice.between(90, 3000)));
        document.technicians.push(Item::new(ids.next_id(), technician));
    }
    teams(document, ids);
    members(document, ids);
    absences::add(document, ids, today);
}

fn new_name(dice: &mut Dice, taken: &mut Vec<String>) -> String {
    loop {
        let name = names::resident(dice);
        if !taken.contains(&name) {
            taken.push(name.clone());
            return name;
        }
    }
}

fn home(dice: &mut Dice, region: &Region, location: usize) -> Option<Place> {
    let postcode = dice.pick(HOMES[location])?;
    let lives_there = |place: &Place| place.address.postcode == **postcode;
    let dwellings: Vec<&Place> = region
        .addresses
        .iter()
        .filter(|address| address.dwelling && lives_there(&address.place))
        .map(|address| &address.place)
        .collect();
    dice.pick(&dwellings).map(|place| (*place).clone())
}

fn technician(
    document: &Document,
    entry: &kinds::Entry,
    name: String,
    home: Option<Place>,
) -> Technician {
    let installer = matches!(entry.kind, Kind::Lead | Kind::Helper);
    // Installers fetch the appliance at the depot and bring the van back.
    let edge = if installer || home.is_none() { DayEdge::Depot } else { DayEdge::Home };
    let pause =
        BreakRule { earliest: time(11, 30), latest: time(13, 0), duration_min: 30, place: None };
    let supper = BreakRule { earliest: time(17, 0), latest: time(18, 30), ..pause.clone() };
    let evening = entry.hours == kinds::Hours::Evening;
    let carries = (entry.kind == Kind::Heating)
        .then(|| catalogue::equipment(document, catalogue::words::REFRIGERANT_KIT))
        .flatten();
    Technician {
        name,
        location_id: document.locations[entry.location].id,
        active: true,
        time_zone: None,
        home,
        start: edge,
        end: edge,
        skills: Vec::new(),
        zones: Vec::new(),
        working_hours: WorkingHours { weekly: entry.hours.weekly(), ..WorkingHours::default() },
        breaks: vec![if evening { supper } else { pause }],
        carries: carries.into_iter().collect(),
        limits: Limits {
            overtime_min: if installer { 0 } else { 30 },
            visits_per_day: Some(7),
            drive_per_leg_min: Some(75),
            drive_per_day_min: Some(210),
            minutes_per_week: (entry.hours == kinds::Hours::Short).then_some(1500),
            ..Limits::default()
        },
        round_robin_weight: if entry.hours == kinds::Hours::Short { 60 } else { 100 },
        priority: if entry.kind == Kind::Evening { 3 } else { 2 },
        joined: None,
    }
}

/// Everybody covers the areas around the own location; some help out farther away.
fn zones(document: &Document, location: usize, row: usize) -> Vec<ZoneCovered> {
    let capital = [
        "Reykjavíkurborg",
        "Seltjarnarnesbær",
        "Kópavogsbær",
        "Garðabær",
        "Hafnarfjarðarkaupstaður",
        "Mosfellsbær",
    ];
    let (primary, secondary): (Vec<&str>, Vec<&str>) = match (location, row % 4) {
        (0, 0) => (vec![CITY], vec![AKRANES]),
        (0, 1) => (capital[..2].to_vec(), capital[2..].to_vec()),
        (0, 2) => (capital[2..5].to_vec(), vec![capital[0], capital[1], capital[5]]),
        (0, _) => (capital.to_vec(), vec![AKRANES, OLFUS]),
        (1, _) => (vec!["Reykjanesbær", SUDURNES], vec!["Hafnarfjarðarkaupstaður"]),
        (_, 0) => (Vec::new(), Vec::new()),
        _ => (vec!["Sveitarfélagið Árborg", OLFUS], vec!["Mosfellsbær"]),
    };
    let levels = [(primary, ZoneLevel::Primary), (secondary, ZoneLevel::Secondary)];
    let covered = levels.into_iter().flat_map(|(zones, level)| {
        zones.into_iter().filter_map(move |name| {
            let zone = document.zones.iter().find(|zone| zone.value.name == name)?;
            Some(ZoneCovered { zone_id: zone.id, level })
        })
    });
    covered.collect()
}

fn teams(document: &mut Document, ids: &impl IdSource) {
    let of = |wanted: fn(&kinds::Entry) -> bool| {
        let technicians = ROSTER.iter().zip(&document.technicians);
        technicians.filter(|(entry, _)| wanted(entry)).map(|(_, item)| item.id).collect()
    };
    let teams = [
        ("Media", of(|entry| entry.kind.is_media())),
        ("Home services", of(|entry| !entry.kind.is_media())),
        ("Evenings", of(|entry| entry.hours == kinds::Hours::Evening)),
    ];
    for (name, technician_ids) in teams {
        let team = Team { name: name.to_owned(), technician_ids };
        document.teams.push(Item::new(ids.next_id(), team));
    }
}

fn members(document: &mut Document, ids: &impl IdSource) {
    let office = [
        ("Guðrún Hallsdóttir", OWNER, Role::Owner),
        ("Marek Nowicki", DISPATCHER, Role::Dispatcher),
        ("Sif Ragnarsdóttir", "dispatcher2@hraun.example", Role::Dispatcher),
    ];
    let office = office.map(|(name, email, role)| member(name, email.to_owned(), role));
    let technicians = document.technicians.iter().enumerate().map(|(row, item)| {
        let email = if row == 0 {
            TECHNICIAN.to_owned()
        } else {
            format!("{}@hraun.example", names::mailbox(&item.value.name))
        };
        let member = member(&item.value.name, email, Role::Technician);
        Member { technician_id: Some(item.id), ..member }
    });
    let members: Vec<Member> = office.into_iter().chain(technicians).collect();
    for member in members {
        document.members.push(Item::new(ids.next_id(), member));
    }
}

fn member(name: &str, email: String, role: Role) -> Member {
    Member { name: name.to_owned(), email, role, technician_id: None, locale: None, active: true }
}

//! Technicians as CSV.

use crate::app::exchange::csv::cells::{
    breaks, check, named, parsed, parts, place, set, set_flag, set_option, set_text, weekly_hours,
};
use crate::app::exchange::csv::table::{Column, Row, Table, column, required};
use crate::clock::IdSource;
use crate::domain::exchange::{Document, Item};
use crate::domain::faults::Faults;
use crate::domain::hours::{BreakRule, WorkingHours};
use crate::domain::id::{LocationId, TechnicianId};
use crate::domain::skills::SkillHeld;
use crate::domain::technicians::{DayEdge, Limits, Technician};
use crate::domain::zones::{ZoneCovered, ZoneLevel};

/// The columns of a table of technicians.
pub const TECHNICIAN_COLUMNS: &[Column] = &[
    column("id", &["technician_id", "resource_id"], "UUID; new if empty and the name is new"),
    required(
        "name",
        &["technician", "resource", "vehicle", "photographer", "staff", "full_name"],
        "name",
    ),
    column(
        "location",
        &["location_id", "business_unit", "office"],
        "name or id of the location; may be empty if there is one location",
    ),
    column("active", &["enabled"], "yes or no"),
    column("time_zone", &["timezone", "tz"], "IANA zone, such as Atlantic/Reykjavik"),
    column("street", &["address"], "home: street without number"),
    column("house_number", &["number", "housenumber"], "home: house number"),
    column("postcode", &["zip", "zip_code", "postal_code"], "home: postcode"),
    column("city", &["town"], "home: town"),
    column("lat", &["latitude"], "home: latitude in degrees"),
    column("lon", &["lng", "longitude"], "home: longitude in degrees"),
    column("start", &[], "where days start: home, depot or anywhere"),
    column("end", &[], "where days end: home, depot or anywhere"),
    column("skills", &["skillset", "tags", "characteristics"], "such as Heating:5; Plumbing"),
    column("zones", &["territory", "territories", "service_area"], "such as Town; Coast:secondary"),
    column("carries", &["equipment", "assets", "tools"], "kinds of equipment in the van"),
    column(
        "working_hours",
        &["shift", "shifts", "availability", "hours"],
        "such as Mon-Fri 08:00-16:30; Sat 09:00-13:00",
    ),
    column("breaks", &["lunch", "break"], "such as 11:30-13:00 30: span of start, minutes"),
    column("overtime_min", &[], "minutes of overtime a day"),
    column("visits_per_day", &["max_tasks"], "most visits a day"),
    column("visits_per_week", &[], "most visits a week"),
    column("minutes_per_day", &[], "most minutes on site a day"),
    column("minutes_per_week", &[], "most minutes on site a week"),
    column("drive_per_leg_min", &[], "most minutes of one drive"),
    column("drive_per_day_min", &["max_travel_time"], "most minutes of driving a day"),
    column("round_robin_weight", &["weight"], "share in round robin, 0 to 1000"),
    column("priority", &[], "tier, 0 to 4"),
    column("joined", &["start_date"], "first date with the business, YYYY-MM-DD"),
];

const COUNT: &str = "a whole number";

/// The technicians of the rows, each without a fault.
pub(super) fn read(
    table: &Table,
    known: &Document,
    ids: &dyn IdSource,
    faults: &mut Faults,
) -> Vec<Item<TechnicianId, Technician>> {
    table.rows().filter_map(|row| technician(&row, known, ids, faults)).collect()
}

fn technician(
    row: &Row<'_>,
    known: &Document,
    ids: &dyn IdSource,
    faults: &mut Faults,
) -> Option<Item<TechnicianId, Technician>> {
    let id: Option<TechnicianId> = parsed(row, "id", "a UUID", faults);
    let name = row.text("name").unwrap_or("");
    let found = known.technicians.iter().find(|item| match id {
        Some(id) => item.id == id,
        None => item.value.name == name,
    });
    let stays = found.map(|item| item.value.location_id);
    let location_id = location(row, known, stays, faults);
    let mut it = found.map_or_else(
        || blank(location_id.unwrap_or_else(|| uuid::Uuid::nil().into())),
        |item| item.value.clone(),
    );
    it.location_id = location_id.unwrap_or(it.location_id);
    set_text(&mut it.name, row, "name");
    set_flag(&mut it.active, row, "active", faults);
    set_option(&mut it.time_zone, row, "time_zone", "an IANA zone such as Europe/Berlin", faults);
    it.home = place(row, it.home.as_ref(), faults).or(it.home);
    edge(&mut it.start, row, "start", faults);
    edge(&mut it.end, row, "end", faults);
    abilities(&mut it, row, known, faults);
    hours(&mut it, row, faults);
    limits(&mut it.limits, row, faults);
    set(&mut it.round_robin_weight, row, "round_robin_weight", COUNT, faults);
    set(&mut it.priority, row, "priority", COUNT, faults);
    set_option(&mut it.joined, row, "joined", "a date such as 2026-11-20", faults);
    check(&it, row, faults);
    let new = || ids.next_id().into();
    location_id?;
    Some(Item { id: found.map(|item| item.id).or(id).unwrap_or_else(new), value: it })
}

fn blank(location_id: LocationId) -> Technician {
    Technician {
        name: String::new(),
        location_id,
        active: true,
        time_zone: None,
        home: None,
        start: DayEdge::Anywhere,
        end: DayEdge::Anywhere,
        skills: Vec::new(),
        zones: Vec::new(),
        working_hours: WorkingHours::default(),
        breaks: Vec::new(),
        carries: Vec::new(),
        limits: Limits::default(),
        round_robin_weight: 100,
        priority: 2,
        joined: None,
    }
}

fn location(
    row: &Row<'_>,
    known: &Document,
    stays: Option<LocationId>,
    faults: &mut Faults,
) -> Option<LocationId> {
    let Some(text) = row.text("location") else {
        if stays.is_some() {
            return stays;
        }
        let [only] = known.locations.as_slice() else {
            row.fault(faults, "location", "name the technician's location");
            return None;
        };
        return Some(only.id);
    };
    named(text, &known.locations, |it| &it.name, row, "location", faults).map(|item| item.id)
}

fn edge(place: &mut DayEdge, row: &Row<'_>, column: &str, faults: &mut Faults) {
    match row.text(column) {
        None => {}
        Some("home") => *place = DayEdge::Home,
        Some("depot") => *place = DayEdge::Depot,
        Some("anywhere") => *place = DayEdge::Anywhere,
        Some(_) => row.fault(faults, column, "must be home, depot or anywhere"),
    }
}

fn abilities(it: &mut Technician, row: &Row<'_>, known: &Document, faults: &mut Faults) {
    if let Some(text) = row.cell("skills") {
        let before = std::mem::take(&mut it.skills);
        for part in parts(text) {
            let (name, level) = part.rsplit_once(':').unwrap_or((part, "1"));
            let Ok(level) = level.trim().parse() else {
                row.fault(faults, "skills", format!("`{part}`: the level must be 1 to 10"));
                continue;
            };
            let found = named(name.trim(), &known.skills, |it| &it.name, row, "skills", faults);
            let Some(skill_id) = found.map(|item| item.id) else { continue };
            // Dates of validity have no column and stay as they are.
            let held = before.iter().find(|held| held.skill_id == skill_id).cloned();
            let new = SkillHeld { skill_id, level, valid_from: None, valid_until: None };
            it.skills.push(SkillHeld { level, ..held.unwrap_or(new) });
        }
    }
    if let Some(text) = row.cell("zones") {
        it.zones.clear();
        for part in parts(text) {
            let (name, level) = part.rsplit_once(':').unwrap_or((part, "primary"));
            let level = match level.trim() {
                "primary" => ZoneLevel::Primary,
                "secondary" => ZoneLevel::Secondary,
                _ => {
                    row.fault(
                        faults,
                        "zones",
                        format!("`{part}` must end in primary or secondary"),
                    );
                    continue;
                }
            };
            let found = named(name.trim(), &known.zones, |it| &it.name, row, "zones", faults);
            it.zones.extend(found.map(|item| ZoneCovered { zone_id: item.id, level }));
        }
    }
    if let Some(text) = row.cell("carries") {
        let kinds = parts(text).filter_map(|name| {
            named(name, &known.equipment, |it| &it.name, row, "carries", faults)
        });
        it.carries = kinds.map(|item| item.id).collect();
    }
}

fn hours(it: &mut Technician, row: &Row<'_>, faults: &mut Faults) {
    if let Some(text) = row.cell("working_hours") {
        match weekly_hours(text) {
            Ok(weekly) => it.working_hours.weekly = weekly,
            Err(message) => row.fault(faults, "working_hours", message),
        }
    }
    if let Some(text) = row.cell("breaks") {
        match breaks(text) {
            Ok(mut breaks) => {
                // Places of breaks have no column and stay as they are.
                for rule in &mut breaks {
                    let like =
                        |old: &&BreakRule| BreakRule { place: None, ..(*old).clone() } == *rule;
                    rule.place = it.breaks.iter().find(like).and_then(|old| old.place.clone());
                }
                it.breaks = breaks;
            }
            Err(message) => row.fault(faults, "breaks", message),
        }
    }
}

fn limits(limits: &mut Limits, row: &Row<'_>, faults: &mut Faults) {
    set(&mut limits.overtime_min, row, "overtime_min", COUNT, faults);
    let optional = [
        (&mut limits.visits_per_day, "visits_per_day"),
        (&mut limits.visits_per_week, "visits_per_week"),
        (&mut limits.minutes_per_day, "minutes_per_day"),
        (&mut limits.minutes_per_week, "minutes_per_week"),
        (&mut limits.drive_per_leg_min, "drive_per_leg_min"),
        (&mut limits.drive_per_day_min, "drive_per_day_min"),
    ];
    for (place, column) in optional {
        set_option(place, row, column, COUNT, faults);
    }
}

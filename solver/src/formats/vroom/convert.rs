//! Any case as a VROOM problem, as far as VROOM can carry it.

use serde_json::{Map, Value, json};

use crate::formats::cases::Case;
use crate::optimize::Model;
use crate::optimize::model::{Link, OwnTimes, PER_HOUR, PER_KILOMETRE, Shift, UNIT, Visit};
use crate::units::{PlaceIdx, TechnicianIdx, VisitIdx};

/// A case as a VROOM problem, and what VROOM has no words for, a sentence each.
///
/// Shifts become vehicles, visits jobs, shipments shipments; ids are positions from 1 and names
/// become descriptions. Drives become matrices.
pub fn write_problem(case: &Case) -> (String, Vec<String>) {
    let model = &case.model;
    let mut lost = Vec::new();
    let shipments: Vec<(VisitIdx, VisitIdx)> = model
        .links
        .iter()
        .filter_map(|link| match link {
            Link::Shipment { first, second } => Some((*first, *second)),
            _ => None,
        })
        .collect();
    let others = model.links.len() - shipments.len();
    if others > 0 {
        lost.push(format!("{others} links between visits"));
    }
    let is_end =
        |at: usize| shipments.iter().any(|(first, second)| first.at() == at || second.at() == at);
    let jobs: Vec<Value> = model
        .visits
        .iter()
        .enumerate()
        .filter(|(at, _)| !is_end(*at))
        .map(|(at, visit)| {
            rules(case, at, visit, &mut lost);
            let mut job = task(case, at, visit);
            for (key, amounts) in [("delivery", &visit.delivery), ("pickup", &visit.pickup)] {
                if !amounts.is_empty() {
                    job.insert(key.to_owned(), json!(amounts));
                }
            }
            needs(visit, &mut job);
            Value::Object(job)
        })
        .collect();
    let shipment = |&(first, second): &(VisitIdx, VisitIdx)| {
        let (pickup, delivery) = (&model.visits[first.at()], &model.visits[second.at()]);
        let mut whole = Map::new();
        whole.insert("pickup".to_owned(), Value::Object(task(case, first.at(), pickup)));
        whole.insert("delivery".to_owned(), Value::Object(task(case, second.at(), delivery)));
        if !pickup.transfer.is_empty() {
            whole.insert("amount".to_owned(), json!(pickup.transfer));
        }
        needs(pickup, &mut whole);
        Value::Object(whole)
    };
    let shipments: Vec<Value> = shipments.iter().map(shipment).collect();
    let vehicles: Vec<Value> = model
        .shifts
        .iter()
        .enumerate()
        .map(|(at, shift)| vehicle(case, at, shift, &mut lost))
        .collect();
    let mut root = json!({ "jobs": jobs, "shipments": shipments, "vehicles": vehicles });
    if !model.matrices.is_empty() {
        root["matrices"] = matrices(case);
    }
    lost.sort_unstable();
    lost.dedup();
    (root.to_string(), lost)
}

/// Notes the rules of a visit that VROOM has no words for.
fn rules(case: &Case, at: usize, visit: &Visit, lost: &mut Vec<String>) {
    let name = case.names.visits.get(at).map_or("", String::as_str);
    let soft = visit.windows.iter().any(|it| it.early_second.or(it.late_second).is_some());
    let wishes = &visit.wishes;
    let wanted =
        wishes.only.is_some() || !wishes.required.is_empty() || !wishes.excluded.is_empty();
    let rules = [
        (visit.crew.len() > 1, "a crew"),
        (soft, "windows that may be missed at a cost"),
        (visit.promise.is_some(), "a promise"),
        (visit.due.is_some(), "a due time"),
        (wanted || !wishes.preferred.is_empty() || !visit.usual.is_empty(), "wishes for people"),
        (!visit.pools.is_empty() || !visit.tools.is_empty(), "equipment"),
        (!visit.parts.is_empty(), "parts"),
        (visit.zones.is_some(), "zones"),
        (visit.prize != 0, "a prize"),
        (visit.place.is_none(), "no place"),
        (
            visit.crew.iter().any(|role| role.needs.skills.iter().any(|need| need.level_min > 1)),
            "skill levels",
        ),
    ];
    for (_, rule) in rules.into_iter().filter(|(is_there, _)| *is_there) {
        lost.push(format!("visit {name}: {rule}"));
    }
}

fn task(case: &Case, at: usize, visit: &Visit) -> Map<String, Value> {
    let mut task = Map::new();
    let mut put = |key: &str, value: Value| task.insert(key.to_owned(), value);
    put("id", json!(at + 1));
    if let Some(name) = case.names.visits.get(at) {
        put("description", json!(name));
    }
    if let Some(place) = visit.place {
        if !case.model.matrices.is_empty() {
            put("location_index", json!(place.at()));
        }
        if let Some(Some(spot)) = case.coordinates.get(place.at()) {
            put("location", json!([spot.lon, spot.lat]));
        }
    }
    put("setup", json!(visit.setup.0));
    let stay = visit.crew.first().and_then(|role| role.duration).unwrap_or(visit.duration);
    put("service", json!(stay.0 + visit.exit.0));
    if !visit.own_times.is_empty() {
        let by_type = |seconds: &dyn Fn(&OwnTimes) -> i64| -> Value {
            let own = visit.own_times.iter();
            own.map(|own| (kind(own.technician), json!(seconds(own)))).collect()
        };
        put("setup_per_type", by_type(&|own| own.setup.0));
        put("service_per_type", by_type(&|own| own.duration.0 + visit.exit.0));
    }
    if !visit.windows.is_empty() {
        let windows = visit.windows.iter().map(|it| [it.earliest.0.max(0), it.latest.0.max(0)]);
        put("time_windows", json!(windows.collect::<Vec<_>>()));
    }
    task
}

/// Skills and priority, of a job or a whole shipment.
fn needs(visit: &Visit, task: &mut Map<String, Value>) {
    let skills = visit.crew.iter().flat_map(|role| &role.needs.skills);
    let skills: Vec<u32> = skills.map(|need| need.skill.0).collect();
    if !skills.is_empty() {
        task.insert("skills".to_owned(), json!(skills));
    }
    if visit.priority > 0 {
        task.insert("priority".to_owned(), json!(visit.priority.min(100)));
    }
}

fn vehicle(case: &Case, at: usize, shift: &Shift, lost: &mut Vec<String>) -> Value {
    let model = &case.model;
    let name = case.names.shifts.get(at).map_or("", String::as_str);
    unsaid(model, shift, name, lost);
    let technician = model.technicians.get(shift.technician.at());
    let skills = technician.map_or(&[][..], |technician| &technician.skills);
    let skills: Vec<u32> = skills.iter().map(|held| held.skill.0).collect();
    let mut vehicle = Map::new();
    let mut put = |key: &str, value: Value| vehicle.insert(key.to_owned(), value);
    put("id", json!(at + 1));
    put("description", json!(name));
    put("profile", json!(format!("profile{}", shift.profile)));
    for (place, index, spot) in
        [(shift.start_place, "start_index", "start"), (shift.end_place, "end_index", "end")]
    {
        let Some(place) = place else { continue };
        if !model.matrices.is_empty() {
            put(index, json!(place.at()));
        }
        if let Some(Some(at)) = case.coordinates.get(place.at()) {
            put(spot, json!([at.lon, at.lat]));
        }
    }
    put("time_window", json!([shift.start.0.max(0), shift.end.0.max(0)]));
    put("skills", json!(skills));
    if !shift.capacity.is_empty() {
        put("capacity", json!(shift.capacity));
    }
    let weights = &model.weights;
    // One unit of the document's cost is one unit of VROOM's.
    let unit = UNIT / case.cost_scale.max(1);
    let driving = (shift.rates.drive_second + weights.drive_second) * unit;
    let metres = (shift.rates.metre + weights.drive_metre) * unit;
    let used = (shift.rates.used + weights.shift_used + weights.technician_used) * unit;
    put(
        "costs",
        json!({
            "fixed": used / UNIT,
            "per_hour": driving / PER_HOUR,
            "per_task_hour": shift.rates.onsite_second * unit / PER_HOUR,
            "per_km": metres / PER_KILOMETRE,
        }),
    );
    put("speed_factor", json!(100.0 / f64::from(shift.drive_percent.clamp(20, 10_000))));
    let limits = [
        ("max_tasks", shift.visits_max.map(i64::from)),
        ("max_travel_time", shift.drive_max.map(|limit| limit.0)),
        ("max_distance", shift.metres_max.map(|limit| limit.0)),
    ];
    for (key, limit) in limits {
        if let Some(limit) = limit {
            put(key, json!(limit));
        }
    }
    if model.visits.iter().any(|visit| has_own(visit, shift.technician)) {
        put("type", json!(kind(shift.technician)));
    }
    put("breaks", shift.breaks.iter().enumerate().map(rest).collect());
    Value::Object(vehicle)
}

/// Notes the rules of a shift that VROOM has no words for.
fn unsaid(model: &Model, shift: &Shift, name: &str, lost: &mut Vec<String>) {
    if shift.overtime_limit.0 > 0 {
        lost.push(format!("shift {name}: overtime"));
    }
    if shift.start_place.or(shift.end_place).is_none() {
        lost.push(format!("shift {name}: no place to start or end"));
    }
    if shift.work_limit.is_some() || shift.paid_max.is_some() {
        lost.push(format!("shift {name}: limits on work"));
    }
    if !shift.set_up && shift.start_place.is_some() && any_setup(model, shift.start_place) {
        lost.push(format!("shift {name}: setup at the start place"));
    }
}

/// The break at a position of a shift's list.
fn rest((at, pause): (usize, &crate::optimize::model::Break)) -> Value {
    let windows: Vec<[i64; 2]> =
        pause.starts.iter().map(|(from, to)| [from.0.max(0), to.0.max(0)]).collect();
    let mut rest = json!({ "id": at + 1, "time_windows": windows, "service": pause.duration.0 });
    if !pause.load_max.is_empty() {
        rest["max_load"] = json!(pause.load_max);
    }
    rest
}

/// The type of a technician's vehicles, where their times differ.
fn kind(technician: TechnicianIdx) -> String {
    format!("technician {}", technician.0)
}

fn has_own(visit: &Visit, technician: TechnicianIdx) -> bool {
    visit.own_times.iter().any(|own| own.technician == technician)
}

/// Whether some visit at a place needs setup.
fn any_setup(model: &Model, place: Option<PlaceIdx>) -> bool {
    let needs =
        |visit: &Visit| visit.setup.0 > 0 || visit.own_times.iter().any(|own| own.setup.0 > 0);
    model.visits.iter().any(|visit| visit.place == place && needs(visit))
}

fn matrices(case: &Case) -> Value {
    let mut profiles = Map::new();
    for (at, matrix) in case.model.matrices.iter().enumerate() {
        let rows = || matrix.legs().chunks(matrix.place_count().max(1));
        let seconds = |leg: &crate::problem::Leg| u32::try_from(leg.travel().0).unwrap_or(u32::MAX);
        let durations: Vec<Vec<u32>> =
            rows().map(|row| row.iter().map(seconds).collect()).collect();
        let distances: Vec<Vec<i64>> =
            rows().map(|row| row.iter().map(|leg| leg.distance().0).collect()).collect();
        let of = json!({ "durations": durations, "distances": distances });
        profiles.insert(format!("profile{at}"), of);
    }
    Value::Object(profiles)
}

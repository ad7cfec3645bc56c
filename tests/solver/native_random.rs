//! Random documents of our own JSON: solved, printed and read back, each plan is sound and costs
//! what was printed, also where it stands for a plan in force with work that has begun.

use roundsman_solver::check::plans::{PlanFault, score, verify};
use roundsman_solver::formats::{Document, Format, native};
use roundsman_solver::optimize::solution::StopKind;
use roundsman_solver::optimize::{Model, Solution};
use roundsman_solver::units::ShiftIdx;
use serde_json::{Value, json};

use crate::chance::Chance;
use crate::rich_models::solved;

const HOUR: i64 = 3600;
const STEPS: u64 = 60;

fn chosen<'a>(chance: &mut Chance, list: &[&'a str]) -> &'a str {
    list[chance.count(0, list.len() - 1)]
}

/// Half an hour times a number between two.
fn halves(chance: &mut Chance, low: i64, high: i64) -> i64 {
    chance.within(low, high) * HOUR / 2
}

fn amounts(chance: &mut Chance, most: i64) -> Value {
    let mut amounts = serde_json::Map::new();
    for load in ["boxes", "pipes"] {
        if chance.happens(1, 2) {
            amounts.insert(load.to_owned(), chance.within(0, most).into());
        }
    }
    amounts.into()
}

fn technician(chance: &mut Chance, id: &str) -> Value {
    let skills: Vec<Value> = ["x", "y"]
        .iter()
        .filter(|_| chance.happens(2, 3))
        .map(|skill| json!({ "skill": skill, "level": 2 }))
        .collect();
    let mut technician = json!({ "id": id, "skills": skills });
    if chance.happens(1, 4) {
        technician["visits_per_day_max"] = chance.within(2, 5).into();
    }
    if chance.happens(1, 4) {
        technician["carried"] = json!(["ladder"]);
    }
    technician
}

fn pauses(chance: &mut Chance, start: i64) -> Value {
    let from = start + halves(chance, 2, 6);
    let mut lunch = json!({ "duration_s": 1800, "starts": [
        { "earliest": from, "latest": from + halves(chance, 0, 4) },
        { "earliest": from + 3 * HOUR, "latest": from + 4 * HOUR }] });
    match chance.count(0, 3) {
        0 => lunch["missed_cost"] = chance.within(0, 20).into(),
        1 => lunch["unpaid"] = true.into(),
        2 => lunch["place"] = chosen(chance, &["p0", "p1", "p2"]).into(),
        _ => {}
    }
    json!([lunch])
}

fn shift(chance: &mut Chance, who: &str, day: i64) -> Value {
    let start = 24 * HOUR * day + 8 * HOUR + halves(chance, 0, 4);
    let mut shift = json!({
        "id": format!("{who}{day}"), "technician": who, "day": day,
        "start": start, "end": start + halves(chance, 8, 17),
        "start_place": chosen(chance, &["p0", "p0", "p1"]),
    });
    if chance.happens(4, 5) {
        shift["end_place"] = "p0".into();
    }
    if chance.happens(1, 2) {
        shift["breaks"] = pauses(chance, start);
    }
    if chance.happens(1, 3) {
        (shift["overtime_max_s"], shift["overtime_per_hour"]) = (3600.into(), 40.into());
    }
    if chance.happens(1, 3) {
        shift["used_cost"] = (chance.within(0, 3) * 20).into();
    }
    if chance.happens(1, 3) {
        shift["paid_per_hour"] = chance.within(1, 20).into();
    }
    if chance.happens(1, 2) {
        (shift["capacity"], shift["stock"]) = (amounts(chance, 6), amounts(chance, 3));
        shift["depots"] = json!([chosen(chance, &["p2", "p3"])]);
        shift["depot_duration_s"] = (chance.within(0, 2) * 300).into();
        shift["depot_stops_max"] = chance.within(0, 3).into();
    }
    if chance.happens(1, 5) {
        shift["work_limit"] = json!({ "longest_s": 4 * HOUR, "rest_s": 1200 });
    }
    shift
}

fn visit(chance: &mut Chance, at: usize, people: usize) -> Value {
    let place = ["p0", "p1", "p2", "p3", "p4", "p5"];
    let mut visit = json!({
        "id": format!("v{at}"), "place": chosen(chance, &place), "service_s": halves(chance, 1, 3),
    });
    if chance.happens(1, 2) {
        let from = 8 * HOUR + halves(chance, 0, 12);
        let mut windows = vec![json!({ "earliest": from, "latest": from + halves(chance, 0, 5) })];
        if chance.happens(1, 2) {
            let from = from + halves(chance, 6, 9);
            windows.push(json!({ "earliest": from, "latest": from + halves(chance, 1, 60) }));
        }
        if chance.happens(1, 3) {
            windows[0]["early_per_hour"] = chance.within(0, 30).into();
            let last = windows.len() - 1;
            windows[last]["late_per_hour"] = chance.within(0, 30).into();
        }
        visit["windows"] = windows.into();
    }
    let need = |chance: &mut Chance| json!([{ "skill": chosen(chance, &["x", "y"]), "level_min": chance.within(1, 2) }]);
    if people > 1 && chance.happens(1, 4) {
        visit["crew"] = json!([{ "skills": need(chance) }, {}]);
        if chance.happens(1, 2) {
            visit["crew"][1]["service_s"] = halves(chance, 1, 4).into();
        }
    } else if chance.happens(1, 3) {
        visit["skills"] = need(chance);
    }
    if chance.happens(1, 4) {
        visit["pools"] = json!([{ "pool": "lift", "lead_s": 600, "trail_s": 600 }]);
    }
    if chance.happens(2, 5) {
        (visit["mandatory"], visit["prize"]) = (0.into(), (chance.within(0, 6) * 10).into());
    }
    if chance.happens(1, 3) {
        let what = chosen(chance, &["parts", "delivery", "pickup"]);
        visit[what] = amounts(chance, 2);
    }
    if chance.happens(1, 6) {
        visit["tools"] = json!(["ladder"]);
    }
    if chance.happens(1, 5) {
        (visit["setup_s"], visit["exit_s"]) = (300.into(), 120.into());
        (visit["pad_before_s"], visit["pad_after_s"]) = (300.into(), 600.into());
    }
    visit
}

fn links(chance: &mut Chance, visits: &[Value]) -> Vec<Value> {
    let mut links = Vec::new();
    for at in (1..visits.len()).step_by(3) {
        let kinds = ["gap", "starts", "same_technicians", "different_technicians", "both"];
        let kind = chosen(chance, &kinds);
        let size = |at: usize| visits[at]["crew"].as_array().map_or(1, Vec::len);
        if chance.happens(1, 2) || (kind == "same_technicians" && size(at - 1) != size(at)) {
            continue;
        }
        let mut link =
            json!({ "kind": kind, "first": format!("v{}", at - 1), "second": format!("v{at}") });
        if kind == "gap" || kind == "starts" {
            link["min_s"] = halves(chance, 0, 2).into();
            link["max_s"] = halves(chance, 3, 9).into();
        }
        links.push(link);
    }
    links
}

/// A random problem of a few people, days and visits.
fn document(chance: &mut Chance) -> Value {
    let apart = |from: i64, to: i64| (from - to).abs();
    let table = |each: i64| -> Vec<Vec<i64>> {
        (0..6).map(|from| (0..6).map(|to| each * apart(from, to)).collect()).collect()
    };
    let people = &["A", "B", "C"][..chance.count(1, 3)];
    let days = chance.within(1, 2);
    let shifts: Vec<Value> = (0..days)
        .flat_map(|day| people.iter().map(move |who| (*who, day)))
        .map(|(who, day)| shift(chance, who, day))
        .collect();
    let visits: Vec<Value> =
        (0..chance.count(1, 10)).map(|at| visit(chance, at, people.len())).collect();
    let mut weights = json!({ "drive_per_hour": 60 });
    for name in ["waiting_per_hour", "technician_used", "balance_per_hour", "later_day"] {
        if chance.happens(1, 3) {
            weights[name] = chance.within(0, 30).into();
        }
    }
    json!({
        "format": "roundsman.problem", "version": 1, "loads": ["boxes", "pipes"],
        "places": (0..6).map(|at| json!({ "id": format!("p{at}") })).collect::<Vec<_>>(),
        "matrices": [{ "profile": "car", "seconds": table(600), "metres": table(10_000) }],
        "technicians": people.iter().map(|who| technician(chance, who)).collect::<Vec<_>>(),
        "shifts": shifts, "links": links(chance, &visits), "visits": visits,
        "pools": [{ "id": "lift", "units": 1, "taken": [{ "from": 36_000, "until": 39_600, "units": 1 }] }],
        "weights": weights,
    })
}

fn read(document: &Value, what: &str) -> Document {
    let text = document.to_string();
    Document::read(Format::Native, &text, None).unwrap_or_else(|faults| panic!("{what}: {faults}"))
}

/// Solves, prints and reads back; no rule is broken but by what has begun.
fn there_and_back(document: &Document, seed: u64, what: &str) -> Solution {
    let case = document.case();
    let found = solved(&case.model, STEPS, seed);
    let faults = verify(&case.model, &found);
    let serious: Vec<&PlanFault> =
        faults.iter().filter(|fault| !is_old(&case.model, &found, fault)).collect();
    assert!(serious.is_empty(), "{what}: {serious:?}");
    let text = document.write(&found, &vec![Vec::new(); case.model.visits.len()]);
    let back = document.read_plan(&text).unwrap_or_else(|faults| panic!("{what}: {faults}"));
    assert_eq!(back.routes, found.routes, "{what}");
    assert_eq!(back.unassigned, found.unassigned, "{what}");
    let again = score(&case.model, &back);
    assert_eq!((again.unserved, again.cost), (found.score.unserved, found.score.cost), "{what}");
    assert_eq!(again.hard, faults.len() as i64, "{what}");
    // And the problem itself, too.
    let (text, lost) = native::write_problem(case);
    assert_eq!(lost, Vec::<String>::new(), "{what}");
    let again = Document::read(Format::Native, &text, None);
    assert_eq!(again.unwrap().case().model, case.model, "{what}");
    found
}

/// Whether a fault is about what was before work began: the plan in force does not say where a break
/// was taken, nor when a depot was visited.
fn is_old(model: &Model, plan: &Solution, fault: &PlanFault) -> bool {
    let begun = |shift: ShiftIdx, stop: Option<usize>| {
        let route = plan.routes.iter().find(|route| route.shift == shift).unwrap();
        let mut stops = route.stops.iter().enumerate();
        stops.any(|(at, own)| {
            let StopKind::Visit { visit, .. } = own.kind else { return false };
            let current = model.current.get(visit.at()).and_then(Option::as_ref);
            stop.is_none_or(|stop| stop == at) && current.is_some_and(|it| it.started)
        })
    };
    match *fault {
        PlanFault::BreakMissing { shift, index } => {
            model.shifts[shift.at()].breaks[index].place.is_some() && begun(shift, None)
        }
        PlanFault::OutOfStock { shift, stop, .. } => begun(shift, Some(stop)),
        _ => false,
    }
}

/// The plan as the one in force at a moment: what starts before it has begun.
fn put_in_force(chance: &mut Chance, document: &mut Value, plan: &Solution) {
    let now = 8 * HOUR + halves(chance, 0, 14);
    let mut current: Vec<Value> = Vec::new();
    for route in &plan.routes {
        for stop in &route.stops {
            let StopKind::Visit { visit, role } = stop.kind else { continue };
            let id = document["visits"][visit.at()]["id"].clone();
            let shift = document["shifts"][route.shift.at()]["id"].clone();
            let known = current.iter_mut().find(|it| it["visit"] == id);
            if let Some(known) = known {
                let shifts = known["shifts"].as_array_mut().unwrap();
                shifts.insert(usize::from(role).min(shifts.len()), shift);
                continue;
            }
            let mut entry = json!({ "visit": id, "start": stop.start.0, "shifts": [shift] });
            if stop.start.0 < now {
                entry["started"] = true.into();
            } else {
                entry["lock"] =
                    chosen(chance, &["free", "free", "time", "technician", "both"]).into();
            }
            current.push(entry);
        }
    }
    document["current"] = current.into();
    if chance.happens(1, 2) {
        document["freeze"] = json!({ "until": now + halves(chance, 0, 2), "notice_s": 600 });
    }
    document["from"] = now.into();
    for name in ["moved_visit", "moved_technician", "moved_per_hour"] {
        document["weights"][name] = chance.within(0, 20).into();
    }
}

#[test]
fn random_documents_and_their_plans_read_back_as_they_were() {
    for seed in (0..60).chain([271, 290, 412, 549]) {
        let mut chance = Chance::new(seed);
        let mut problem = document(&mut chance);
        let what = format!("seed {seed}");
        let plan = there_and_back(&read(&problem, &what), seed, &what);
        put_in_force(&mut chance, &mut problem, &plan);
        let what = format!("seed {seed}, in force");
        let read = read(&problem, &what);
        let after = there_and_back(&read, seed, &what);
        let model = &read.case().model;
        let begun = model.current.iter().enumerate();
        let begun = begun.filter(|(_, it)| it.as_ref().is_some_and(|it| it.started));
        for (visit, current) in begun {
            let stops = after.routes.iter().flat_map(|route| {
                route.stops.iter().map(move |stop| (route.shift, stop.kind, stop.start))
            });
            let mut at: Vec<_> = stops
                .filter_map(|(shift, kind, start)| match kind {
                    StopKind::Visit { visit: own, role } if own.at() == visit => {
                        Some((role, shift, start))
                    }
                    _ => None,
                })
                .collect();
            at.sort_unstable_by_key(|stay| stay.0);
            let current = current.as_ref().unwrap();
            let shifts: Vec<_> = at.iter().map(|stay| stay.1).collect();
            assert_eq!(shifts, current.shifts, "{what}: visit {visit}");
            assert!(at.iter().all(|stay| stay.2 == current.start), "{what}: visit {visit}");
        }
    }
}

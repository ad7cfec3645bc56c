//! Our own format: everything a model holds, every fault with its path, plans there and back.

use roundsman_solver::check::plans::{PlanFault, verify};
use roundsman_solver::formats::native;
use roundsman_solver::formats::{Document, Format, Travel};
use roundsman_solver::optimize::model::{Link, Lock};
use roundsman_solver::problem::Leg;
use roundsman_solver::units::{Moment, Seconds, VisitIdx};
use serde_json::{Value, json};

fn problem() -> Value {
    json!({
        "format": "roundsman.problem", "version": 1,
        "places": [
            { "id": "base", "lat": 64.1, "lon": -21.9 }, { "id": "site", "lat": 64.2, "lon": -21.8 }
        ],
        "loads": ["kg"],
        "technicians": [
            { "id": "anna", "skills": [{ "skill": "gas", "level": 3 }], "history_s": 3600 },
            { "id": "ben", "carried": ["ladder"] }
        ],
        "shifts": [
            { "id": "anna-1", "technician": "anna", "start": "2026-05-04T08:00:00+02:00",
              "end": "2026-05-04T16:00:00+02:00", "start_place": "base", "end_place": "base",
              "capacity": { "kg": 100 }, "paid_per_hour": 30, "overtime_max_s": 3600,
              "breaks": [{ "starts": [{ "earliest": "2026-05-04T11:00:00+02:00",
                "latest": "2026-05-04T13:00:00+02:00" }], "duration_s": 1800 }] },
            { "id": "ben-1", "technician": "ben", "start": "2026-05-04T08:00:00+02:00",
              "end": "2026-05-04T16:00:00+02:00", "start_place": "base" }
        ],
        "visits": [
            { "id": "boiler", "place": "site", "service_s": 3600, "setup_s": 60,
              "skills": [{ "skill": "gas", "level_min": 2 }], "delivery": { "kg": 5 },
              "windows": [{ "earliest": "2026-05-04T09:00:00+02:00",
                "latest": "2026-05-04T10:00:00+02:00", "late_per_hour": 60 }] },
            { "id": "roof", "place": "site", "service_s": 1800, "crew": [{}, { "carried": ["ladder"] }],
              "mandatory": 0, "prize": 80.5, "x_colour": "blue" }
        ],
        "links": [{ "kind": "gap", "first": "boiler", "second": "roof", "min_s": 600 }],
        "current": [{ "visit": "boiler", "start": "2026-05-04T09:00:00+02:00", "shifts": ["anna-1"],
            "lock": "technician" }],
        "weights": { "drive_per_hour": 10, "broken_promise": 20 }
    })
}

fn drives(document: &mut Document) {
    let leg = Leg::new(600, 9_000);
    assert!(document.case_mut().drive(vec![Leg::ZERO, leg, leg, Leg::ZERO]));
}

fn read(value: &Value) -> Document {
    Document::read(Format::Native, &value.to_string(), None).unwrap()
}

#[test]
fn a_document_becomes_a_model() {
    let mut document = read(&problem());
    assert!(matches!(document.case().travel, Travel::Asked(ref places) if places.len() == 2));
    drives(&mut document);
    let model = &document.case().model;
    model.check().unwrap();
    // 6:00 of the 4th of May 2026 in London is 1,777,874,400 seconds after 1970.
    assert_eq!(model.shifts[0].start, Moment(1_777_874_400));
    assert_eq!(model.shifts[0].rates.paid_second, 30_000);
    assert_eq!(model.visits[0].windows[0].late_second, Some(60_000));
    assert_eq!(model.visits[1].crew.len(), 2);
    assert_eq!(model.visits[1].prize, 289_800_000);
    assert_eq!(model.visits[0].delivery, [5]);
    assert_eq!(model.history, [Seconds(3600), Seconds(0)]);
    assert_eq!(model.current[0].as_ref().unwrap().lock, Lock::Technician);
    let (before, after) = (VisitIdx(0), VisitIdx(1));
    assert_eq!(model.links, [Link::Gap { before, after, min: Seconds(600), max: None }]);
    assert_eq!(model.weights.broken_promise, Some(72_000_000));
    assert_eq!(model.weights.overtime_second, 2_000);
}

#[test]
fn faults_of_form_are_all_named_with_their_path() {
    let mut problem = problem();
    problem["visits"][0]["service_s"] = json!(-1);
    problem["visits"][0]["colour"] = json!("red");
    problem["visits"][1]["prize"] = json!("much");
    problem["shifts"][0]["start"] = json!(false);
    problem["technicians"][0]["skills"][0]["level"] = json!(11);
    problem["links"][0]["kind"] = json!("rope");
    problem["version"] = json!(2);
    problem.as_object_mut().unwrap().remove("format");
    let faults = Document::read(Format::Native, &problem.to_string(), None).unwrap_err();
    let places: Vec<&str> = faults.0.iter().map(|fault| fault.at.as_str()).collect();
    for place in [
        "version",
        "format",
        "visits[0].service_s",
        "visits[0].colour",
        "visits[1].prize",
        "shifts[0].start",
        "technicians[0].skills[0].level",
        "links[0].kind",
    ] {
        assert!(places.contains(&place), "{place} is missing in {faults}");
    }
    assert_eq!(faults.0.len(), 8, "{faults}");
}

#[test]
fn references_to_nothing_are_all_named() {
    let mut problem = problem();
    problem["visits"][0]["place"] = json!("moon");
    problem["visits"][1]["delivery"] = json!({ "litres": 1 });
    problem["shifts"][0]["technician"] = json!("zoe");
    problem["links"][0]["second"] = json!("cellar");
    problem["visits"][1]["id"] = json!("boiler");
    problem["places"][1] = json!({ "id": "site" });
    let faults = Document::read(Format::Native, &problem.to_string(), None).unwrap_err();
    assert_eq!(faults.0.len(), 6, "{faults}");
}

#[test]
fn a_plan_is_written_and_read_again() {
    let mut document = read(&problem());
    drives(&mut document);
    let plan = json!({
        "format": "roundsman.plan", "version": 1,
        "routes": [{ "shift": "anna-1", "stops": [{ "visit": "boiler" }, { "break": 0 }] }]
    });
    let solution = native::read_plan(document.case(), &plan.to_string()).unwrap();
    let route = &solution.routes[0];
    // Leaves at 8:50 for the window that opens at 9:00; an hour and a minute of work.
    let eight = 1_777_874_400;
    assert_eq!(route.departure, Moment(eight + 3000));
    assert_eq!(route.stops[0].arrival, Moment(eight + 3600));
    assert_eq!(route.stops[0].start, Moment(eight + 3600));
    assert_eq!(route.stops[0].end, Moment(eight + 3600 + 3660));
    assert_eq!(route.stops[1].start, Moment(eight + 3 * 3600));
    // The way home is behind him when he stops for the break.
    assert_eq!(route.arrival, Moment(eight + 3 * 3600 + 1800));
    assert_eq!(verify(&document.case().model, &solution), []);
    assert_eq!(solution.unassigned, [VisitIdx(1)]);
    let reasons = vec![vec![], vec!["no ladder".to_owned()]];
    let text = document.write(&solution, &reasons);
    assert!(text.contains("2026-05-04T07:00:00Z") && text.contains("no ladder"), "{text}");
    assert_eq!(native::read_plan(document.case(), &text).unwrap(), solution);
    let bad = plan.to_string().replace("boiler", "cellar").replace("\"break\":0", "\"break\":4");
    assert_eq!(native::read_plan(document.case(), &bad).unwrap_err().0.len(), 2);
}

#[test]
fn form_references_and_the_whole_are_judged_at_once() {
    let mut problem = problem();
    problem["visits"][0]["service_s"] = json!(-1);
    problem["visits"][1]["place"] = json!("moon");
    problem["shifts"][1]["technician"] = json!("anna");
    problem["links"][0]["second"] = json!("boiler");
    let text = problem.to_string().replace("80.5", "1e400");
    let faults = Document::read(Format::Native, &text, None).unwrap_err();
    let places: Vec<&str> = faults.0.iter().map(|fault| fault.at.as_str()).collect();
    let number = format!("line 1, column {}", text.find("1e400").unwrap() + 1);
    let expected = [&number, "visits[0].service_s", "visits[1].place", "shifts[1]", "links[0]"];
    assert_eq!(places, expected, "{faults}");
    let messages = faults.to_string();
    assert!(messages.contains("before shift anna-1 of the same"), "{messages}");
    assert!(messages.contains("binds visit boiler to itself"), "{messages}");
}

#[test]
fn an_unknown_visit_is_named_beside_an_unknown_shift() {
    let mut document = read(&problem());
    drives(&mut document);
    let plan = json!({
        "format": "roundsman.plan", "version": 1,
        "routes": [{ "shift": "night", "stops": [{ "visit": "cellar" }, { "depot": "moon" }] }]
    });
    let faults = native::read_plan(document.case(), &plan.to_string()).unwrap_err();
    assert_eq!(faults.0.len(), 3, "{faults}");
}

#[test]
fn crews_on_route_lines_start_together_in_roles_they_can_fill() {
    let mut problem = problem();
    problem["visits"][1]["mandatory"] = json!(1);
    // Only anna is there when the boiler's window opens, and only ben carries a ladder.
    let mut document = read(&problem);
    drives(&mut document);
    let text = "Route #1: boiler roof\nRoute #2: roof\n";
    let solution = document.read_routes(text).unwrap();
    assert_eq!(
        document.write_routes(&solution).lines().take(2).collect::<Vec<_>>(),
        ["Route #1: boiler roof", "Route #2: roof"]
    );
    let starts: Vec<Moment> =
        solution.routes.iter().map(|it| it.stops.last().unwrap().start).collect();
    // 9:00, an hour and a minute of work, ten minutes of the link.
    let eight = 1_777_874_400;
    assert_eq!(starts, [Moment(eight + 3600 + 3660 + 600); 2]);
    let faults = verify(&document.case().model, &solution);
    // Lines have no breaks.
    assert!(matches!(faults[..], [PlanFault::BreakMissing { .. }]), "{faults:?}");
    let thrice = document.read_routes("Route #1: roof\nRoute #2: roof roof\n").unwrap_err();
    assert_eq!(thrice.to_string(), "line 2: visit roof is there 3 times");
    // Who works in the second shift alone keeps the second number.
    let alone = document.read_routes("Route #2: boiler\n").unwrap();
    assert_eq!(document.write_routes(&alone).lines().next(), Some("Route #2: boiler"));
}

#[test]
fn a_break_on_the_spot_drives_nowhere() {
    let mut document = read(&problem());
    let (there, round) = (Leg::new(600, 9_000), Leg::new(0, 4_451));
    assert!(document.case_mut().drive(vec![round, there, there, round]));
    let plan = json!({
        "format": "roundsman.plan", "version": 1,
        "routes": [{ "shift": "anna-1", "stops": [{ "visit": "boiler" }, { "break": 0 }] }]
    });
    let solution = native::read_plan(document.case(), &plan.to_string()).unwrap();
    let metres: Vec<i64> = solution.routes[0].stops.iter().map(|stop| stop.metres.0).collect();
    assert_eq!(metres, [9_000, 0]);
    assert_eq!(verify(&document.case().model, &solution), []);
}

#[test]
fn the_documents_tell_what_the_readers_do() {
    let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let wanted = [
        ("solve.md", native::reference()),
        ("solve.schema.json", format!("{:#}\n", native::schema())),
        ("plan.schema.json", format!("{:#}\n", native::plan_schema())),
    ];
    for (name, text) in wanted {
        let written = std::fs::read_to_string(docs.join(name)).unwrap_or_default();
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(docs.join(name), text).unwrap();
        } else {
            assert!(written == text, "run: UPDATE_DOCS=1 cargo test --test solver documents_tell");
        }
    }
}

/// Writes a case as our own problem and reads that again.
fn there_and_back(document: &Document) -> (Document, String) {
    let (text, lost) = native::write_problem(document.case());
    assert_eq!(lost, Vec::<String>::new());
    let again =
        Document::read(Format::Native, &text, None).unwrap_or_else(|f| panic!("{f}\n{text}"));
    let (second, _) = native::write_problem(again.case());
    assert_eq!(second, text, "writing what was read changes nothing");
    (again, text)
}

#[test]
fn a_model_is_written_as_our_own_problem_and_read_again_unchanged() {
    let mut document = read(&problem());
    drives(&mut document);
    let (again, text) = there_and_back(&document);
    let (before, after) = (&document.case().model, &again.case().model);
    assert_eq!(before, after);
    assert!(text.contains("2026-05-04T06:00:00Z"), "moments stay dates: {text}");
    assert_eq!(document.case().names, again.case().names);
}

#[test]
fn a_vroom_problem_becomes_our_own_with_the_same_rules_and_costs() {
    let text = json!({
        "jobs": [
            { "id": 1, "location_index": 1, "service": 100, "setup": 50, "delivery": [2],
              "skills": [7], "time_windows": [[1000, 2000], [5000, 6000]], "priority": 10 },
            { "id": 2, "location_index": 1, "service": 60 }
        ],
        "shipments": [
            { "amount": [3], "pickup": { "id": 1, "location_index": 2, "service": 5 },
              "delivery": { "id": 1, "location_index": 0, "service": 6 } }
        ],
        "vehicles": [
            { "id": 4, "start_index": 0, "end_index": 0, "capacity": [4], "skills": [7, 9],
              "time_window": [0, 10_000], "max_tasks": 9, "speed_factor": 2.0,
              "costs": { "fixed": 10, "per_hour": 3600, "per_km": 2 },
              "breaks": [{ "id": 1, "time_windows": [[3000, 4000]], "service": 600 }] }
        ],
        "matrices": { "car": {
            "durations": [[0, 200, 400], [200, 0, 300], [400, 300, 0]],
            "distances": [[0, 1000, 2000], [1000, 0, 1500], [2000, 1500, 0]] } }
    });
    let document = Document::read(Format::Vroom, &text.to_string(), None).unwrap();
    let (again, _) = there_and_back(&document);
    let (before, after) = (&document.case().model, &again.case().model);
    assert_eq!(before.visits.len(), after.visits.len());
    assert_eq!(before.links, after.links);
    assert_eq!(before.shifts[0].rates, after.shifts[0].rates);
    assert_eq!(before.shifts[0].breaks, after.shifts[0].breaks);
    assert_eq!(before.matrices, after.matrices);
    for (one, other) in before.visits.iter().zip(&after.visits) {
        assert_eq!(
            (one.place, &one.windows, one.mandatory),
            (other.place, &other.windows, other.mandatory)
        );
        assert_eq!(
            (one.setup, one.duration, one.priority),
            (other.setup, other.duration, other.priority)
        );
        assert_eq!(one.delivery, other.delivery);
    }
    assert_eq!(again.case().names.visits, ["1", "2", "pickup 1", "delivery 1"]);
}

#[test]
fn distances_that_are_costs_stay_exact() {
    let text = "T\n\nVEHICLE\nNUMBER CAPACITY\n 2 10\n\nCUSTOMER\nCUST NO. X Y DEMAND READY DUE SERVICE\n\n\
                0 0 0 0 0 100 0\n1 3 5 4 5 20 2\n2 0 4 6 0 50 3\n";
    let document = Document::read(Format::Solomon, text, None).unwrap();
    let (text, _) = native::write_problem(document.case());
    let again = Document::read(Format::Native, &text, None).unwrap();
    let (before, after) = (&document.case().model.matrices[0], &again.case().model.matrices[0]);
    let (depot, one) =
        (Some(roundsman_solver::units::PlaceIdx(0)), Some(roundsman_solver::units::PlaceIdx(1)));
    let two = Some(roundsman_solver::units::PlaceIdx(2));
    // Costs may be counted in another unit, but in the same one everywhere.
    let costs = |matrix: &roundsman_solver::optimize::model::Matrix| {
        let of = |to| matrix.cost(depot, to).unwrap_or_else(|| matrix.leg(depot, to).distance().0);
        (of(one), of(two))
    };
    let ((a, b), (c, d)) = (costs(before), costs(after));
    assert!(a > 0 && b > 0);
    assert_eq!(a * d, b * c, "{a} {b} {c} {d}");
}

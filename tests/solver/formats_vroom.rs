//! VROOM's JSON: what is read, what is refused, and plans to check.

use roundsman_solver::formats::vroom;
use roundsman_solver::formats::{Document, Format};
use roundsman_solver::optimize::model::Link;
use roundsman_solver::units::{Moment, Seconds, VisitIdx};
use serde_json::{Value, json};

fn problem() -> Value {
    json!({
        "jobs": [
            { "id": 1, "location_index": 1, "service": 100, "setup": 50, "delivery": [2],
              "skills": [7], "time_windows": [[1000, 2000], [5000, 6000]], "priority": 10 },
            { "id": 2, "location_index": 1, "service": 60, "setup": 50, "x_note": "ours",
              "service_per_type": { "van": 40 } }
        ],
        "shipments": [
            { "amount": [3], "pickup": { "id": 1, "location_index": 2, "service": 5 },
              "delivery": { "id": 1, "location_index": 0, "service": 6 } }
        ],
        "vehicles": [
            { "id": 4, "start_index": 0, "end_index": 0, "capacity": [4], "skills": [7, 9],
              "type": "van", "time_window": [0, 10_000], "max_tasks": 9, "speed_factor": 2.0,
              "costs": { "fixed": 10, "per_hour": 3600, "per_km": 2 },
              "breaks": [{ "id": 1, "time_windows": [[3000, 4000]], "service": 600 }] }
        ],
        "matrices": { "car": {
            "durations": [[0, 200, 400], [200, 0, 300], [400, 300, 0]],
            "distances": [[0, 1000, 2000], [1000, 0, 1500], [2000, 1500, 0]] } }
    })
}

#[test]
fn jobs_shipments_breaks_and_rates_become_a_model() {
    let (case, _) = vroom::read(&problem().to_string()).unwrap();
    let model = &case.model;
    model.check().unwrap();
    assert_eq!(case.names.visits, ["1", "2", "pickup 1", "delivery 1"]);
    assert_eq!(model.visits[0].windows.len(), 2);
    // Priorities first: 10 * (4 + 1) + 1.
    assert_eq!((model.visits[0].mandatory, model.visits[1].mandatory), (51, 1));
    assert_eq!((model.visits[2].transfer[0], model.visits[3].transfer[0]), (3, -3));
    assert_eq!(model.links, [Link::Shipment { first: VisitIdx(2), second: VisitIdx(3) }]);
    let own = model.visits[1].own_times[0];
    assert_eq!((own.setup, own.duration), (Seconds(50), Seconds(40)));
    let shift = &model.shifts[0];
    assert_eq!((shift.drive_percent, shift.visits_max), (50, Some(9)));
    assert_eq!((shift.rates.drive_second, shift.rates.metre), (3_600_000, 7_200));
    assert_eq!(shift.breaks[0].starts, [(Moment(3000), Moment(4000))]);
}

#[test]
fn a_start_that_cannot_be_read_is_not_said_to_be_missing() {
    let faults = |vehicle: Value| {
        let mut problem = problem();
        problem["vehicles"][0] = vehicle;
        let faults = vroom::read(&problem.to_string()).unwrap_err();
        faults.0.into_iter().map(|fault| fault.message).collect::<Vec<_>>()
    };
    // Longitude first: 999 degrees east are nowhere.
    let wrong = faults(json!({ "id": 4, "start": [999, 64] }));
    assert!(!wrong.is_empty() && !wrong.iter().any(|one| one.starts_with("No start")), "{wrong:?}");
    let missing = faults(json!({ "id": 4 }));
    assert!(
        missing.contains(&"No start or end specified for vehicle 4.".to_owned()),
        "{missing:?}"
    );
}

#[test]
fn all_faults_are_named_at_once() {
    let mut problem = problem();
    problem["jobs"][0]["skills"] = json!("many");
    problem["jobs"][1]["id"] = json!(1);
    problem["jobs"][1]["colour"] = json!("red");
    problem["jobs"][1]["service"] = json!(-5);
    problem["shipments"][0]["delivery"] = json!(null);
    problem["vehicles"][0]["speed_factor"] = json!(9);
    problem["vehicles"][0]["end_index"] = json!(12);
    problem["vehicles"][0]["costs"] = json!({ "per_km": "much" });
    problem["matrices"]["car"]["durations"][1] = json!([1, 2]);
    let faults = vroom::read(&problem.to_string()).unwrap_err();
    let messages: Vec<&str> = faults.0.iter().map(|fault| fault.message.as_str()).collect();
    for message in [
        "Invalid skills object.",
        "Duplicate job id: 1.",
        "Unknown key \"colour\".",
        "Invalid service duration.",
        "Missing delivery for shipment.",
        "Invalid speed factor: 9",
        "Invalid per_km cost for vehicle 4.",
        "Unexpected matrix line length.",
    ] {
        assert!(messages.contains(&message), "{message} is missing in {messages:?}");
    }
    let answer: Value = serde_json::from_str(&vroom::error(&faults)).unwrap();
    assert_eq!(answer["code"], 2);
    assert!(vroom::read("{").is_err() && vroom::read("[]").is_err());
}

fn check(steps: Value) -> Value {
    let mut problem = problem();
    problem["vehicles"][0]["steps"] = steps;
    let document = Document::read(Format::Vroom, &problem.to_string(), None).unwrap();
    let answer = document.vroom().unwrap().check(document.case(), (&[], None));
    serde_json::from_str(&answer).unwrap()
}

#[test]
fn a_plan_without_fault_is_timed() {
    let answer = check(json!([
        { "type": "start" },
        { "type": "job", "id": 1 },
        { "type": "job", "id": 2 },
        { "type": "break", "id": 1 },
        { "type": "end" }
    ]));
    assert_eq!(answer["code"], 0);
    assert_eq!(answer["summary"]["violations"], json!([]), "{answer}");
    let route = &answer["routes"][0];
    let steps = route["steps"].as_array().unwrap();
    // Half of 200 s by speed 2, so it leaves 100 s before; the setup is charged once.
    assert_eq!((&steps[1]["setup"], &steps[2]["setup"]), (&50.into(), &0.into()));
    assert_eq!(steps[2]["service"], 40);
    assert_eq!(route["duration"], 200);
    // The last 100 s of driving come before the waiting for the break.
    assert_eq!(route["waiting_time"].as_i64().unwrap(), 3000 - 2000 - 190 - 100);
    // 10 fixed + 200 s * 3600 / h + 2 km * 2.
    assert_eq!(answer["summary"]["cost"], 10 + 200 + 4);
    assert_eq!(answer["summary"]["distance"], 2000);
    assert_eq!(steps[0]["load"], json!([2]));
    assert_eq!(steps[1]["job"], 1);
    assert_eq!(answer["unassigned"].as_array().unwrap().len(), 2);
}

#[test]
fn broken_rules_are_violations() {
    let answer = check(json!([
        { "type": "start", "service_at": 6000 },
        { "type": "delivery", "id": 1 },
        { "type": "job", "id": 1 },
        { "type": "pickup", "id": 1 },
        { "type": "end" }
    ]));
    let causes = |of: &Value| {
        let all = of["violations"].as_array().unwrap().iter();
        all.map(|it| it["cause"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let steps = &answer["routes"][0]["steps"];
    assert_eq!(causes(&steps[1]), ["precedence"]);
    // At 6000 + 6 + 100, for a window until 6000.
    assert_eq!(steps[2]["violations"], json!([{ "cause": "delay", "duration": 106 }]));
    assert_eq!(causes(&answer["routes"][0]), ["precedence", "delay", "missing_break"]);
}

#[test]
fn given_steps_are_a_plan_with_the_times_told() {
    let mut problem = problem();
    problem["vehicles"][0]["steps"] =
        json!([{ "type": "job", "id": 1 }, { "type": "break", "id": 1 }]);
    let document = Document::read(Format::Vroom, &problem.to_string(), None).unwrap();
    let (case, vroom) = (document.case(), document.vroom().unwrap());
    let plan = vroom.given(case);
    assert_eq!(roundsman_solver::check::plans::verify(&case.model, &plan), []);
    assert_eq!(plan.unassigned.len(), 3);
    let reasons = vec![vec!["too far".to_owned()]; 4];
    let answer: Value = serde_json::from_str(&vroom.check(case, (&reasons, None))).unwrap();
    assert_eq!(answer["unassigned"][0]["reasons"], json!(["too far"]));
}

#[test]
fn a_break_outside_the_vehicles_hours_is_timed_too() {
    let mut problem = problem();
    problem["vehicles"][0]["time_window"] = json!([0, 1000]);
    problem["vehicles"][0]["breaks"][0]["time_windows"] = json!([[4000, 4100]]);
    problem["vehicles"][0]["steps"] = json!([{ "type": "break", "id": 1 }]);
    let document = Document::read(Format::Vroom, &problem.to_string(), None).unwrap();
    document.case().model.check().unwrap();
    let answer = document.vroom().unwrap().check(document.case(), (&[], None));
    let answer: Value = serde_json::from_str(&answer).unwrap();
    // It ends at 4600 at the earliest, and the vehicle 1000: that much is missed, wherever.
    let missed = answer["summary"]["violations"].as_array().unwrap().iter();
    let missed: i64 = missed.filter_map(|it| it["duration"].as_i64()).sum();
    assert_eq!(missed, 3600, "{answer}");
}

#[test]
fn windows_are_missed_by_as_few_seconds_as_possible() {
    let mut problem = problem();
    problem["jobs"][1]["time_windows"] = json!([[500, 600], [2100, 2150]]);
    problem["vehicles"][0]["steps"] = json!([{ "type": "job", "id": 1 }, { "type": "job", "id": 2 }, { "type": "break", "id": 1 }]);
    let document = Document::read(Format::Vroom, &problem.to_string(), None).unwrap();
    let answer = document.vroom().unwrap().check(document.case(), (&[], None));
    let answer: Value = serde_json::from_str(&answer).unwrap();
    // Job 1 waits within its own window, so that job 2 misses none of its two.
    assert_eq!(answer["summary"]["violations"], json!([]), "{answer}");
    problem["jobs"][1]["time_windows"] = json!([[500, 600]]);
    let document = Document::read(Format::Vroom, &problem.to_string(), None).unwrap();
    let answer = document.vroom().unwrap().check(document.case(), (&[], None));
    let answer: Value = serde_json::from_str(&answer).unwrap();
    // A second early at job 1 saves a second late at job 2: 1000 + 150 - 600 in all.
    let missed = answer["summary"]["violations"].as_array().unwrap().iter();
    assert_eq!(missed.map(|it| it["duration"].as_i64().unwrap()).sum::<i64>(), 550, "{answer}");
}

#[test]
fn a_case_is_written_as_a_problem_and_read_again() {
    let (case, _) = vroom::read(&problem().to_string()).unwrap();
    let (text, lost) = vroom::write_problem(&case);
    assert!(lost.is_empty(), "{lost:?}");
    let (again, _) = vroom::read(&text).unwrap();
    assert_eq!(again.model.visits.len(), 4);
    assert_eq!(again.model.links.len(), 1);
    assert_eq!(again.model.matrices[0].legs(), case.model.matrices[0].legs());
    assert_eq!(again.model.shifts[0].rates, case.model.shifts[0].rates);
    assert_eq!(again.model.shifts[0].breaks, case.model.shifts[0].breaks);
    assert_eq!(again.model.visits[0].windows, case.model.visits[0].windows);
}

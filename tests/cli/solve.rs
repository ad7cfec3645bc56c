//! `roundsman solve`: problems in, plans and exit codes out.

use std::fs;

use serde_json::{Value, json};

use super::{roundsman, text};

const SOLOMON: &str = "\
TINY

VEHICLE
NUMBER     CAPACITY
  2         10

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      0         0          0          0       100          0
    1      3         4          4          5        20          2
    2      0         4          6          0        50          3
";

/// What `roundsman solve` says about files in a folder of its own: exit code, stdout, stderr.
fn solve(files: &[(&str, &str)], args: &[&str]) -> (Option<i32>, String, String) {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(dir.path().join(name), text).unwrap();
    }
    let args: Vec<&str> = ["solve"].iter().chain(args).copied().collect();
    let output = roundsman(dir.path(), &args);
    let (stdout, stderr) = (text(&output.stdout).to_owned(), text(&output.stderr).to_owned());
    (output.status.code(), stdout, stderr)
}

#[test]
fn route_lines_and_their_cost_come_out() {
    let args = ["t.txt", "--format", "solomon", "--time", "0.2", "--output", "routes"];
    let (code, stdout, stderr) = solve(&[("t.txt", SOLOMON)], &args);
    assert_eq!(code, Some(0), "{stderr}");
    // 0 - 2 - 1 - 0 is 4 + 3 + 5, in either direction.
    assert!(stdout.ends_with("Cost 12\n"), "{stdout}");
    assert!(stdout.contains("Route #1: 1 2") || stdout.contains("Route #1: 2 1"), "{stdout}");
}

#[test]
fn the_cost_of_fewest_vehicles_is_told_as_distance() {
    let args = ["t.txt", "--format", "solomon", "--rounding", "exact", "--steps", "40", "--output"];
    let args = [&args[..], &["routes"]].concat();
    let (code, stdout, stderr) = solve(&[("t.txt", SOLOMON)], &args);
    assert_eq!((code, stdout.lines().last()), (Some(0), Some("Cost 12")), "{stderr}");
    let (_, again, _) = solve(&[("t.txt", SOLOMON)], &args);
    assert_eq!(again, stdout, "as many steps find the same");
}

#[test]
fn work_that_has_begun_stays_and_what_it_breaks_is_named() {
    let problem = json!({
        "format": "roundsman.problem", "version": 1,
        "places": [{ "id": "home" }, { "id": "site" }],
        "matrices": [{ "profile": "car", "seconds": [[0, 600], [600, 0]] }],
        "technicians": [{ "id": "anna", "onsite_per_day_max_s": 60 }],
        "shifts": [{ "id": "day", "technician": "anna", "start": 0, "end": 28800,
            "start_place": "home", "end_place": "home" }],
        "visits": [{ "id": "boiler", "place": "site", "service_s": 3600 }],
        "current": [{ "visit": "boiler", "start": 3600, "shifts": ["day"], "started": true }]
    });
    let files = [("p.json", problem.to_string())];
    let files: Vec<(&str, &str)> =
        files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let (code, stdout, stderr) = solve(&files, &["p.json", "--steps", "5"]);
    assert_eq!(code, Some(3), "{stderr}");
    assert!(stdout.contains("\"boiler\"") && stderr.contains("has begun"), "{stdout}{stderr}");
    let mut nobody = problem;
    (nobody["shifts"], nobody["current"]) = (json!([]), json!([]));
    let nobody = nobody.to_string();
    let (code, stdout, stderr) = solve(&[("p.json", &nobody)], &["p.json", "--steps", "5"]);
    assert_eq!(code, Some(3), "{stderr}");
    assert!(stdout.contains("\"boiler\""), "left out is named: {stdout}");
}

#[test]
fn a_plan_made_elsewhere_is_checked_and_starts_a_search() {
    let files =
        [("t.txt", SOLOMON), ("good", "Route #1: 1\nRoute #2: 2\n"), ("bad", "Route #1: 1\n")];
    let check = |plan| {
        let args = ["t.txt", "--format", "solomon", "--check", plan, "--output", "routes"];
        solve(&files, &args)
    };
    let (code, stdout, stderr) = check("good");
    // There and back twice: 10 and 8.
    assert_eq!((code, stdout.lines().last()), (Some(0), Some("Cost 18")), "{stderr}");
    let (code, _, stderr) = check("bad");
    assert_eq!(code, Some(3));
    assert!(stderr.contains("1 mandatory visit is left out"), "{stderr}");
    let args = [
        "t.txt",
        "--format",
        "solomon",
        "--initial",
        "good",
        "--time",
        "0.2",
        "--output",
        "routes",
    ];
    let (code, stdout, _) = solve(&files, &args);
    assert_eq!((code, stdout.lines().last()), (Some(0), Some("Cost 12")));
}

#[test]
fn a_late_visit_of_a_checked_plan_is_named() {
    // Customer 1 closes at 20; after three and three hundred at 2 it is late.
    let slow = SOLOMON.replace("50          3", "50         30");
    let files = [("t.txt", slow.as_str()), ("plan", "Route #1: 2 1\n")];
    let (code, _, stderr) = solve(&files, &["t.txt", "--format", "solomon", "--check", "plan"]);
    assert_eq!(code, Some(3));
    assert!(stderr.contains("visit 1"), "{stderr}");
}

#[test]
fn all_faults_of_a_file_are_named_with_exit_code_two() {
    let bad =
        SOLOMON.replace("  3         4 ", "  NaN       4 ").replace("50          3", "50   -3");
    let (code, stdout, stderr) = solve(&[("t.txt", &bad)], &["t.txt", "--format", "solomon"]);
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert!(
        stderr.contains("2 faults") && stderr.contains("NaN") && stderr.contains("-3"),
        "{stderr}"
    );
    let (code, _, stderr) = solve(&[], &["missing.json"]);
    assert_eq!(code, Some(2), "{stderr}");
    let (code, _, _) = solve(&[("t.txt", SOLOMON)], &["t.txt", "--time", "-4"]);
    assert_eq!(code, Some(2));
}

fn native() -> Value {
    json!({
        "format": "roundsman.problem", "version": 1,
        "places": [{ "id": "base", "lat": 64.14, "lon": -21.9 },
                   { "id": "site", "lat": 64.12, "lon": -21.8 }],
        "technicians": [{ "id": "anna", "skills": [{ "skill": "gas" }] }],
        "shifts": [{ "id": "anna-1", "technician": "anna", "start": "2026-05-04T08:00:00Z",
                     "end": "2026-05-04T16:00:00Z", "start_place": "base", "end_place": "base" }],
        "visits": [{ "id": "boiler", "place": "site", "service_s": 3600,
                     "skills": [{ "skill": "gas" }] },
                   { "id": "roof", "place": "site", "skills": [{ "skill": "heights" }] }]
    })
}

#[test]
fn what_nobody_can_do_is_left_out_with_exit_code_three() {
    let problem = native().to_string();
    let files = [("p.json", problem.as_str())];
    let (code, stdout, stderr) = solve(&files, &["p.json", "--time", "0.2", "--explain"]);
    assert_eq!(code, Some(3), "{stderr}");
    let plan: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(plan["routes"][0]["stops"][0]["visit"], "boiler");
    assert_eq!(plan["unassigned"][0]["visit"], "roof");
    assert!(stderr.contains("left out: visit roof"), "{stderr}");
    for (output, part) in [("table", "boiler"), ("geojson", "LineString"), ("vroom", "\"jobs\"")] {
        let (_, stdout, stderr) = solve(&files, &["p.json", "--time", "0.2", "--output", output]);
        assert!(stdout.contains(part), "{output}: {stdout} {stderr}");
    }
    let (code, stdout, _) = solve(&[], &["--schema"]);
    assert_eq!((code, stdout.contains("\"$defs\"")), (Some(0), true));
}

#[test]
fn vroom_answers_are_json_also_to_faults_and_plans_to_check() {
    let mut problem = json!({
        "jobs": [{ "id": 1, "location": [-21.8, 64.12], "service": 60 }],
        "vehicles": [{ "id": 1, "start": [-21.9, 64.14], "steps":
            [{ "type": "start" }, { "type": "job", "id": 1, "service_at": 900 }] }]
    });
    let run = |problem: &Value, args: &[&str]| {
        let text = problem.to_string();
        let all: Vec<&str> =
            ["p.json", "--format", "vroom", "--time", "0.2"].iter().chain(args).copied().collect();
        let (code, stdout, stderr) = solve(&[("p.json", &text)], &all);
        (code, serde_json::from_str::<Value>(&stdout).unwrap_or_default(), stderr)
    };
    let (code, answer, stderr) = run(&problem, &[]);
    assert_eq!((code, &answer["code"]), (Some(0), &0.into()), "{stderr}");
    assert_eq!(answer["routes"][0]["steps"][1]["id"], 1);
    let (code, answer, _) = run(&problem, &["-c"]);
    assert_eq!(code, Some(0));
    assert_eq!(answer["routes"][0]["steps"][1]["arrival"], 900);
    problem["jobs"][0]["priority"] = json!(101);
    let (code, answer, _) = run(&problem, &[]);
    assert_eq!((code, &answer["code"]), (Some(2), &2.into()));
    assert_eq!(answer["error"], "Invalid priority value.");
}

#[test]
fn a_problem_of_any_format_becomes_our_own_and_costs_the_same() {
    let files = [("t.txt", SOLOMON)];
    let (code, own, stderr) =
        solve(&files, &["t.txt", "--format", "solomon", "--output", "native"]);
    assert_eq!(code, Some(0), "{stderr}");
    let files = [("own.json", own.as_str())];
    let (code, plan, stderr) = solve(&files, &["own.json", "--time", "0.2"]);
    assert_eq!(code, Some(0), "{stderr}");
    let plan: Value = serde_json::from_str(&plan).unwrap();
    assert_eq!(plan["routes"].as_array().unwrap().len(), 1, "{plan}");
    let vroom = solve(&files, &["own.json", "--output", "vroom"]).1;
    let files = [("v.json", vroom.as_str())];
    let (code, back, stderr) =
        solve(&files, &["v.json", "--format", "vroom", "--output", "native"]);
    assert_eq!(code, Some(0), "{stderr}");
    let (one, other): (Value, Value) =
        (serde_json::from_str(&own).unwrap(), serde_json::from_str(&back).unwrap());
    for visit in 0..2 {
        let (one, other) = (&one["visits"][visit], &other["visits"][visit]);
        for field in ["windows", "service_s"] {
            assert_eq!(one[field], other[field], "{field}");
        }
        // VROOM has no names for loads.
        let amounts = |visit: &Value| {
            visit["delivery"].as_object().unwrap().values().cloned().collect::<Vec<_>>()
        };
        assert_eq!(amounts(one), amounts(other));
    }
}

/// Two domains with two levels; the first two visits need both technicians who have domain 1.
const CREWS: &str = "\
name domains level techs interv abandon
own 2 2 3 4 0
number time preds prio cost d1_1 d1_2 d2_1 d2_2
1 60 [ ] 1 100 2 0 0 0
2 60 [ 1 ] 2 100 1 1 0 0
3 120 [ ] 3 100 0 0 1 0
4 90 [ ] 4 50 0 0 1 0
tech d1 d2 dispo
1 2 0 [ ]
2 1 0 [ 3 ]
3 0 1 [ ]
";

#[test]
fn what_is_printed_of_crews_by_day_reads_back_as_json_and_as_lines() {
    for output in ["json", "routes"] {
        let run = |plan: &str, args: &[&str]| {
            let files = [("crews", CREWS), ("plan", plan)];
            let own = ["crews", "--format", "roadef", "--steps", "50", "--output", output];
            solve(&files, &[&own[..], args].concat())
        };
        let (code, plan, stderr) = run("", &[]);
        assert_eq!(code, Some(0), "{stderr}");
        let (code, stdout, stderr) = run(&plan, &["--check", "plan"]);
        assert_eq!((code, stdout.as_str()), (Some(0), plan.as_str()), "{stderr}");
        let (code, stdout, stderr) = run(&plan, &["--initial", "plan"]);
        assert_eq!(code, Some(0), "{stderr}");
        if output == "json" {
            let cost = |plan: &str| serde_json::from_str::<Value>(plan).unwrap()["cost"].as_i64();
            assert!(cost(&stdout) <= cost(&plan), "{stdout} began with {plan}");
        }
        // Nobody does visit 2 without the second technician.
        let alone = plan
            .replace("        1,\n        2\n", "        1\n")
            .replace("[ ] [ 1 2 ]", "[ 2 ] [ 1 ]");
        assert_ne!(alone, plan);
        let (code, _, stderr) = run(&alone, &["--check", "plan"]);
        assert_eq!(code, Some(3), "{stderr}");
        assert!(stderr.contains("visit 0 needs 2 of level 1"), "{stderr}");
        let (code, _, stderr) = run(&alone, &["--initial", "plan"]);
        assert_eq!(code, Some(2), "{stderr}");
    }
}

#[test]
fn all_faults_of_a_json_plan_of_crews_are_named() {
    let plan = json!({ "crews": [
        { "day": 0, "technicians": [1, 4], "visits": [{ "visit": 5, "start": 0 }] },
        { "day": 1, "technicians": [2], "visits": [{ "visit": 1, "start": -3 }] },
    ], "outsourced": [0] })
    .to_string();
    let files = [("crews", CREWS), ("plan", plan.as_str())];
    let (code, _, stderr) = solve(&files, &["crews", "--format", "roadef", "--check", "plan"]);
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("5 faults"), "{stderr}");
    for part in ["crews[0].technicians[1]: there is no technician 4", "crews[1].visits[0].start"] {
        assert!(stderr.contains(part), "{part}: {stderr}");
    }
}

#[test]
fn geometry_draws_the_routes_of_vroom_and_needs_places_on_the_earth() {
    let problem = json!({
        "jobs": [{ "id": 1, "location": [-21.8, 64.12], "service": 60 }],
        "vehicles": [{ "id": 1, "start": [-21.9, 64.14], "end": [-21.9, 64.14], "steps":
            [{ "type": "start" }, { "type": "job", "id": 1 }, { "type": "end" }] }]
    });
    let text = problem.to_string();
    let files = [("p.json", text.as_str()), ("t.txt", SOLOMON)];
    let route = |args: &[&str]| {
        let (code, stdout, stderr) = solve(&files, args);
        assert_eq!(code, Some(0), "{stderr}");
        serde_json::from_str::<Value>(&stdout).unwrap()["routes"][0].clone()
    };
    let solved = ["p.json", "--format", "vroom", "--time", "0.2", "-g"];
    let geometry = route(&solved)["geometry"].as_str().unwrap().to_owned();
    // There and back in straight lines: the second half of the line undoes the first, -2000 and
    // 10,000 in units of 1e-5 degrees: 3999 is `~{B`, 20,000 is `_pR`; 4000 is `_|B`, 19,999 `~oR`.
    assert!(geometry.ends_with("~{B_pR_|B~oR"), "{geometry}");
    // `-c FILE` is VROOM's way to say it.
    assert_eq!(route(&["--format", "vroom", "-g", "-c", "p.json"])["geometry"], geometry);
    assert_eq!(route(&solved[..5])["geometry"], Value::Null);
    let (code, _, stderr) = solve(&files, &["t.txt", "--format", "solomon", "-g"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("where its places are on the Earth"), "{stderr}");
}

#[test]
fn reasons_and_faults_speak_of_the_file_and_not_of_positions() {
    let map =
        concat!(env!("CARGO_MANIFEST_DIR"), "/data/region/seltjarnarnes-vesturbaer.roads.osm.pbf");
    let run = |at: [f64; 2]| {
        let problem = json!({
            "jobs": [{ "id": 17, "location": [-21.98, 64.148] }, { "id": 8, "location": at, "skills": [40] }],
            "vehicles": [{ "id": 5, "start": [-21.97, 64.146], "skills": [7] }]
        });
        let args = ["p.json", "--format", "vroom", "--time", "0.1", "--map", map];
        solve(&[("p.json", &problem.to_string())], &args)
    };
    let (code, stdout, stderr) = run([-21.975, 64.147]);
    assert_eq!(code, Some(0), "{stderr}");
    let answer: Value = serde_json::from_str(&stdout).unwrap();
    let reason = &answer["unassigned"][0]["reasons"][0];
    assert_eq!(reason, "5: role 0 of visit 8 needs skill 40 at level 1");
    let (code, _, stderr) = run([-24.0, 64.147]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("visit 8 at lat 64.147, lon -24: the nearest road"), "{stderr}");
}

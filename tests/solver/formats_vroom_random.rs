//! Random VROOM problems: read, solved, written, and every step of the answer played through anew.

use roundsman_solver::check::plans::verify;
use roundsman_solver::formats::{Document, Format};
use serde_json::{Map, Value, json};

use crate::chance::Chance;
use crate::rich_models::solved;

const PLACES: usize = 6;

#[test]
fn every_answer_keeps_the_rules_when_it_is_played_through() {
    for seed in 0..250 {
        let problem = problem(&mut Chance::new(seed));
        let text = problem.to_string();
        let document = match Document::read(Format::Vroom, &text, None) {
            Ok(document) => document,
            Err(faults) => {
                let inconsistent = |it: &str| it.starts_with("Inconsistent breaks for vehicle");
                assert!(faults.0.iter().all(|it| inconsistent(&it.message)), "{seed}: {faults}");
                continue;
            }
        };
        let model = &document.case().model;
        let solution = solved(model, 40, seed);
        assert_eq!(verify(model, &solution), [], "seed {seed}: {text}");
        let answer: Value = serde_json::from_str(&document.write(&solution, &[])).unwrap();
        let faults = faults(&problem, &answer);
        assert!(faults.is_empty(), "seed {seed}: {faults:?}\n{text}\n{answer}");
        let again = checked(problem, &answer);
        let told = (&answer["summary"]["cost"], &json!([]));
        let found = (&again["summary"]["cost"], &again["summary"]["violations"]);
        assert_eq!(found, told, "seed {seed}: {text}\n{answer}\n{again}");
    }
}

/// What the check of plans says of an answer's routes.
fn checked(mut problem: Value, answer: &Value) -> Value {
    for route in list(&answer["routes"]) {
        let vehicles = problem["vehicles"].as_array_mut().unwrap().iter_mut();
        for vehicle in vehicles.filter(|vehicle| vehicle["id"] == route["vehicle"]) {
            let step = |step: &Value| json!({ "type": step["type"], "id": step["id"] });
            vehicle["steps"] = list(&route["steps"]).iter().map(step).collect();
        }
    }
    let document = Document::read(Format::Vroom, &problem.to_string(), None).unwrap();
    let text = document.vroom().unwrap().check(document.case(), (&[], None));
    serde_json::from_str(&text).unwrap()
}

/// A problem with every rule of the format, each in some cases.
fn problem(chance: &mut Chance) -> Value {
    let kinds = chance.count(0, 2);
    let at: Vec<(i64, i64)> =
        (0..PLACES).map(|_| (chance.within(0, 1500), chance.within(0, 1500))).collect();
    let away =
        |one: (i64, i64), other: (i64, i64)| (one.0 - other.0).abs() + (one.1 - other.1).abs();
    let seconds: Vec<Vec<i64>> =
        at.iter().map(|one| at.iter().map(|other| away(*one, *other)).collect()).collect();
    let metres: Vec<Vec<i64>> =
        seconds.iter().map(|row| row.iter().map(|seconds| seconds * 9).collect()).collect();
    let (mut jobs, mut shipments) = (Vec::new(), Vec::new());
    for id in 1..=chance.count(2, 9) {
        if chance.happens(3, 4) {
            let mut job = task(chance, id);
            for key in ["delivery", "pickup"] {
                if chance.happens(1, 2) {
                    job.insert(key.into(), amounts(chance, kinds, 2));
                }
            }
            common(chance, &mut job);
            jobs.push(Value::Object(job));
        } else {
            let mut whole = Map::new();
            whole.insert("pickup".into(), Value::Object(task(chance, id)));
            whole.insert("delivery".into(), Value::Object(task(chance, id)));
            whole.insert("amount".into(), amounts(chance, kinds, 3));
            common(chance, &mut whole);
            shipments.push(Value::Object(whole));
        }
    }
    let vehicles: Vec<Value> =
        (1..=chance.count(1, 3)).map(|id| vehicle(chance, id, kinds)).collect();
    json!({
        "jobs": jobs, "shipments": shipments, "vehicles": vehicles,
        "matrices": { "car": { "durations": seconds, "distances": metres } }
    })
}

fn amounts(chance: &mut Chance, kinds: usize, most: i64) -> Value {
    (0..kinds).map(|_| chance.within(0, most)).collect()
}

fn task(chance: &mut Chance, id: usize) -> Map<String, Value> {
    let mut task = Map::new();
    task.insert("id".into(), json!(id));
    task.insert("location_index".into(), json!(chance.count(0, PLACES - 1)));
    task.insert("service".into(), json!(chance.within(0, 4) * 450));
    if chance.happens(1, 2) {
        task.insert("setup".into(), json!(chance.within(1, 5) * 60));
    }
    if chance.happens(1, 4) {
        task.insert("service_per_type".into(), json!({ "van": chance.within(0, 900) }));
        task.insert("setup_per_type".into(), json!({ "van": chance.within(0, 300) }));
    }
    if chance.happens(1, 2) {
        let mut windows = Vec::new();
        let mut from = chance.within(0, 20_000);
        for _ in 0..chance.count(1, 2) {
            let to = from + chance.within(0, 7_000);
            windows.push([from, to]);
            from = to + chance.within(1, 5_000);
        }
        task.insert("time_windows".into(), json!(windows));
    }
    task
}

fn common(chance: &mut Chance, task: &mut Map<String, Value>) {
    if chance.happens(1, 3) {
        task.insert("skills".into(), json!([chance.within(1, 3)]));
    }
    if chance.happens(1, 3) {
        task.insert("priority".into(), json!(chance.within(0, 100)));
    }
}

fn vehicle(chance: &mut Chance, id: usize, kinds: usize) -> Value {
    let mut vehicle = Map::new();
    let mut put = |key: &str, value: Value| vehicle.insert(key.to_owned(), value);
    put("id", json!(id));
    let has_start = chance.happens(5, 6);
    if has_start {
        put("start_index", json!(chance.count(0, PLACES - 1)));
    }
    if !has_start || chance.happens(5, 6) {
        put("end_index", json!(chance.count(0, PLACES - 1)));
    }
    put("capacity", (0..kinds).map(|_| chance.within(2, 8)).collect());
    put("skills", json!([chance.within(1, 3), chance.within(1, 3)]));
    if chance.happens(2, 3) {
        let from = chance.within(0, 7_000);
        put("time_window", json!([from, from + chance.within(7_000, 30_000)]));
    }
    let mut breaks = Vec::new();
    for at in 0..chance.count(0, 2) {
        let from = 8_000 + 6_000 * i64::try_from(at).unwrap() + chance.within(0, 2_000);
        let mut pause = json!({ "id": at, "service": chance.within(0, 1800),
            "time_windows": [[from, from + chance.within(0, 3_000)]] });
        if chance.happens(1, 2) {
            pause["max_load"] = amounts(chance, kinds, 4);
        }
        breaks.push(pause);
    }
    put("breaks", Value::Array(breaks));
    let limits = [("max_tasks", 1, 8), ("max_travel_time", 3_000, 15_000)];
    for (key, least, most) in limits.into_iter().chain([("max_distance", 20_000, 150_000)]) {
        if chance.happens(1, 4) {
            put(key, json!(chance.within(least, most)));
        }
    }
    if chance.happens(1, 3) {
        put("speed_factor", json!([0.5, 0.8, 2.0][chance.count(0, 2)]));
    }
    if chance.happens(1, 3) {
        put("type", json!("van"));
    }
    Value::Object(vehicle)
}

fn number(of: &Value, key: &str) -> i64 {
    of[key].as_i64().unwrap_or(0)
}

fn list(of: &Value) -> &[Value] {
    of.as_array().map_or(&[], Vec::as_slice)
}

fn lies_in(windows: &Value, start: i64) -> bool {
    let inside = |window: &Value| (window[0].as_i64()..=window[1].as_i64()).contains(&Some(start));
    windows.is_null() || list(windows).iter().any(inside)
}

/// The task that a step is about, and the whole it is part of: the same for jobs.
fn of_step<'a>(problem: &'a Value, step: &Value) -> (&'a Value, &'a Value) {
    let kind = step["type"].as_str().unwrap();
    if kind == "job" {
        let job = list(&problem["jobs"]).iter().find(|job| job["id"] == step["id"]).unwrap();
        return (job, job);
    }
    let mut all = list(&problem["shipments"]).iter();
    let whole = all.find(|whole| whole[kind]["id"] == step["id"]).unwrap();
    (&whole[kind], whole)
}

/// What the answer gets wrong.
fn faults(problem: &Value, answer: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let mut done: Vec<String> = Vec::new();
    for route in list(&answer["routes"]) {
        let mut vehicles = list(&problem["vehicles"]).iter();
        let vehicle = vehicles.find(|vehicle| vehicle["id"] == route["vehicle"]).unwrap();
        let mut player = Player::new(problem, vehicle, list(&route["steps"]));
        for step in list(&route["steps"]) {
            player.step(step);
        }
        player.finish();
        done.append(&mut player.done);
        let who = &vehicle["id"];
        faults.extend(player.faults.iter().map(|fault| format!("vehicle {who}: {fault}")));
    }
    let name = |step: &Value| format!("{} {}", step["type"], step["id"]);
    done.extend(list(&answer["unassigned"]).iter().map(name));
    done.sort();
    let mut all: Vec<String> =
        list(&problem["jobs"]).iter().map(|job| format!("\"job\" {}", job["id"])).collect();
    for whole in list(&problem["shipments"]) {
        all.push(format!("\"pickup\" {}", whole["pickup"]["id"]));
        all.push(format!("\"delivery\" {}", whole["delivery"]["id"]));
    }
    all.sort();
    if done != all {
        faults.push(format!("done or left out are {done:?}, asked for were {all:?}"));
    }
    faults
}

/// Plays a route step by step.
struct Player<'a> {
    problem: &'a Value,
    vehicle: &'a Value,
    faults: Vec<String>,
    done: Vec<String>,
    here: Option<u64>,
    /// When the step before ended.
    now: Option<i64>,
    /// Seconds and metres driven, and those seconds since the last place.
    driven: i64,
    metres: i64,
    leg: i64,
    load: Vec<i64>,
    open: Vec<u64>,
    breaks: usize,
}

impl<'a> Player<'a> {
    fn new(problem: &'a Value, vehicle: &'a Value, steps: &[Value]) -> Self {
        let mut load = vec![0; list(&vehicle["capacity"]).len()];
        for step in steps.iter().filter(|step| step["type"] == "job") {
            change(&mut load, &of_step(problem, step).0["delivery"], 1);
        }
        let here = vehicle["start_index"].as_u64();
        Self {
            problem,
            vehicle,
            faults: Vec::new(),
            done: Vec::new(),
            here,
            now: None,
            driven: 0,
            metres: 0,
            leg: 0,
            load,
            open: Vec::new(),
            breaks: 0,
        }
    }

    fn expect(&mut self, holds: bool, what: &str, step: &Value) {
        if !holds {
            self.faults.push(format!("{what} at {step}, load {:?}", self.load));
        }
    }

    fn step(&mut self, step: &Value) {
        let start = number(step, "arrival") + number(step, "waiting_time");
        let drive = number(step, "duration") - self.driven;
        let (arrival, before) = (number(step, "arrival"), self.now);
        self.expect(before.is_none_or(|now| now + drive == arrival), "arrival", step);
        self.expect(drive >= 0 && number(step, "waiting_time") >= 0, "time runs back", step);
        (self.driven, self.leg) = (self.driven + drive, self.leg + drive);
        match step["type"].as_str().unwrap() {
            "start" => self.expect(before.is_none(), "start", step),
            "break" => self.rest(step, start),
            "end" => self.drive_to(self.vehicle["end_index"].as_u64(), step),
            _ => self.task(step, start),
        }
        let fits = |limit: &Value| {
            let limit = list(limit).iter().map(|most| most.as_i64().unwrap());
            self.load.iter().zip(limit).all(|(load, most)| *load <= most)
        };
        let fits = fits(&self.vehicle["capacity"]);
        self.expect(fits, "capacity", step);
        let told = step["load"] == json!(self.load);
        self.expect(told, "load told", step);
        let end = start + number(step, "setup") + number(step, "service");
        let window = self.vehicle["time_window"].clone();
        let inside =
            window.is_null() || lies_in(&json!([window]), start) && lies_in(&json!([window]), end);
        self.expect(inside, "window of the vehicle", step);
        self.now = Some(end);
    }

    fn drive_to(&mut self, to: Option<u64>, step: &Value) {
        let matrices = &self.problem["matrices"]["car"];
        if let (Some(from), Some(to)) = (self.here, to) {
            let of = |key: &str| matrices[key][from as usize][to as usize].as_i64().unwrap();
            let speed = self.vehicle["speed_factor"].as_f64().unwrap_or(1.0);
            let percent = (100.0 / speed).round() as i64;
            let seconds = (of("durations") * percent + 99) / 100;
            self.metres += of("distances");
            let leg = self.leg;
            self.expect(leg == seconds, "drive", step);
        } else {
            let leg = self.leg;
            self.expect(leg == 0, "drive from or to nowhere", step);
        }
        self.leg = 0;
    }

    fn task(&mut self, step: &Value, start: i64) {
        let (task, whole) = of_step(self.problem, step);
        let place = task["location_index"].as_u64();
        self.drive_to(place, step);
        let time = |key: &str| {
            let kind = self.vehicle["type"].as_str().unwrap_or("");
            task[format!("{key}_per_type")][kind].as_i64().unwrap_or(number(task, key))
        };
        let setup = if self.here == place { 0 } else { time("setup") };
        let times = (number(step, "setup"), number(step, "service")) == (setup, time("service"));
        self.expect(times, "setup or service", step);
        self.here = place;
        self.expect(lies_in(&task["time_windows"], start), "window", step);
        let held = list(&self.vehicle["skills"]);
        let skilled = list(&whole["skills"]).iter().all(|skill| held.contains(skill));
        self.expect(skilled, "skills", step);
        let id = step["id"].as_u64().unwrap();
        match step["type"].as_str().unwrap() {
            "job" => {
                change(&mut self.load, &task["delivery"], -1);
                change(&mut self.load, &task["pickup"], 1);
            }
            "pickup" => {
                change(&mut self.load, &whole["amount"], 1);
                self.open.push(id);
            }
            _ => {
                change(&mut self.load, &whole["amount"], -1);
                let taken = self.open.contains(&id);
                self.expect(taken, "precedence", step);
                self.open.retain(|other| *other != id);
            }
        }
        self.done.push(format!("{} {}", step["type"], step["id"]));
    }

    fn rest(&mut self, step: &Value, start: i64) {
        let mut breaks = list(&self.vehicle["breaks"]).iter();
        let pause = breaks.find(|pause| pause["id"] == step["id"]).unwrap();
        self.expect(lies_in(&pause["time_windows"], start), "window of the break", step);
        let mut limits = self.load.iter().zip(list(&pause["max_load"]));
        let light = limits.all(|(load, most)| *load <= most.as_i64().unwrap());
        self.expect(light, "max_load", step);
        self.breaks += 1;
    }

    fn finish(&mut self) {
        let limits = [
            ("max_tasks", i64::try_from(self.done.len()).unwrap()),
            ("max_travel_time", self.driven),
            ("max_distance", self.metres),
        ];
        for (key, used) in limits {
            let most = self.vehicle[key].as_i64().unwrap_or(i64::MAX);
            self.expect(used <= most, key, &json!(used));
        }
        let (all, taken) = (list(&self.vehicle["breaks"]).len(), self.breaks);
        self.expect(taken == all, "missing break", &json!(taken));
        let closed = self.open.is_empty();
        self.expect(closed, "pickup without delivery", &Value::Null);
    }
}

fn change(load: &mut [i64], amounts: &Value, sign: i64) {
    let amounts = list(amounts).iter().map(|amount| amount.as_i64().unwrap());
    load.iter_mut().zip(amounts).for_each(|(load, amount)| *load += sign * amount);
}

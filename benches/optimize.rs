//! How fast plans with every rule are searched: steps per second of CPU, time to the first answer.
//!
//! `optimize [SECONDS]` prints one line per case, and the growth from 100 to 10,000 visits;
//! `optimize growth [SECONDS]` only the growth; `optimize KIND VISITS SECONDS` one day (bare, plain,
//! rich or crews); `optimize steps KIND VISITS STEPS` one day with so many steps, whose plan is the
//! same on every machine; `optimize FORMAT FILE SECONDS SEED` solves a file (hhcrsp, trsp, uhhc) and
//! prints what is left out and the cost in the words of the file.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a tool for measuring; it may panic, print and cut distances"
)]

use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use roundsman_solver::check::plans::verify;
use roundsman_solver::formats::{hhcrsp, trsp, uhhc};
use roundsman_solver::optimize::model::{
    Break, CrewRole, Link, Matrix, PER_HOUR, Shift, Visit, Window,
};
use roundsman_solver::optimize::solution::Score;
use roundsman_solver::optimize::{Control, Model, Options, solve};
use roundsman_solver::problem::{HeldSkill, Leg, SkillNeed, Technician};
use roundsman_solver::units::{Moment, PlaceIdx, Seconds, SkillIdx, TechnicianIdx, VisitIdx};

/// `SplitMix64`, as in the tests.
struct Chance(u64);

impl Chance {
    fn below(&mut self, count: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 1) as i64 % count
    }
}

/// What makes a case more than plain routing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// One window per visit, for the plain engines.
    Bare,
    /// The same; a pad keeps it from the plain engines.
    Plain,
    /// Skills, a break per technician, two windows on every visit.
    Rich,
    /// And every tenth visit for two people, some linked.
    Crews,
}

fn model(people: i64, visits: i64, kind: Kind) -> Model {
    let mut chance = Chance(7);
    let places: Vec<(i64, i64)> =
        (0..visits + people).map(|_| (chance.below(40_000), chance.below(40_000))).collect();
    let leg = |a: &(i64, i64), b: &(i64, i64)| {
        let metres = ((a.0 - b.0) as f64).hypot((a.1 - b.1) as f64);
        Leg::new((metres / 12.0) as u32, metres as u32)
    };
    let legs = places.iter().flat_map(|a| places.iter().map(move |b| leg(a, b))).collect();
    let mut model =
        Model { matrices: vec![Matrix::new(places.len(), legs).unwrap()], ..Model::default() };
    model.weights.drive_second = PER_HOUR;
    let hour = |hour: i64| Moment(hour * 3600);
    for who in 0..people {
        let mut technician = Technician::new(who as u128);
        let mut shift = Shift::new(TechnicianIdx(who as u32), hour(8), hour(17));
        shift.start_place = Some(PlaceIdx((visits + who) as u32));
        shift.end_place = shift.start_place;
        if !matches!(kind, Kind::Plain | Kind::Bare) {
            for skill in 0..4 {
                if chance.below(3) > 0 {
                    technician.skills.push(HeldSkill::lasting(SkillIdx(skill), 1));
                }
            }
            shift.breaks.push(Break::floating(hour(11), hour(13), Seconds(1800)));
        }
        model.technicians.push(technician);
        model.shifts.push(shift);
    }
    for at in 0..visits {
        let mut visit = Visit::new(Some(PlaceIdx(at as u32)), Seconds(900 + 300 * chance.below(5)));
        let from = 8 + chance.below(7);
        visit.windows.push(Window::hard(hour(from), hour(from + 2)));
        if kind == Kind::Plain {
            visit.pad_after = Seconds(1);
        } else if kind != Kind::Bare {
            let from = hour(from + 3);
            visit.windows.push(Window::hard(from, from + Seconds(3600)));
            if chance.below(2) == 0 {
                let skill = SkillIdx(chance.below(4) as u32);
                visit.crew[0].needs.skills.push(SkillNeed { skill, level_min: 1 });
            }
        }
        if kind == Kind::Crews && at % 10 == 0 {
            visit.crew.push(CrewRole::default());
        }
        model.visits.push(visit);
        if kind == Kind::Crews && at % 20 == 5 {
            let (before, after) = (VisitIdx(at as u32 - 1), VisitIdx(at as u32));
            model.links.push(Link::Gap { before, after, min: Seconds(0), max: None });
        }
    }
    model
}

/// CPU time of this process.
fn cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split(' ').next().and_then(|word| word.parse().ok()).unwrap_or(0))
}

/// Solves a file of a public collection.
fn file(format: &str, path: &str, seconds: u64, seed: u64) {
    let text = std::fs::read_to_string(path).unwrap();
    let case = match format {
        "hhcrsp" => hhcrsp::read(&text),
        "trsp" => trsp::read(&text),
        _ => uhhc::read(&text),
    };
    let case = case.unwrap();
    let began = cpu();
    let elapsed = || cpu().saturating_sub(began);
    let cancel = AtomicBool::new(false);
    let control = Control { elapsed: &elapsed, cancel: &cancel, progress: &|_| {} };
    let options = Options { time: Some(Duration::from_secs(seconds)), seed, ..Options::default() };
    let outcome = solve(&case.model, &options, &control).unwrap();
    let faults = verify(&case.model, &outcome.solution);
    let score = outcome.solution.score;
    println!(
        "{path} cost {} left-out {} faults {} steps {} found {:.1}",
        case.cost_text(score.cost),
        outcome.solution.unassigned.len(),
        faults.len(),
        outcome.steps,
        outcome.found_after.as_secs_f64()
    );
}

/// Plain days and days with skills, breaks and two windows, from 100 to 10,000 visits.
fn growth(seconds: u64) {
    println!(
        "\ngrowth, {seconds} s each: people visits kind  first answer, by visit    steps/s  left out \
         first and best  cost by visit  memory"
    );
    for (name, kind) in [("plain", Kind::Bare), ("rich", Kind::Rich)] {
        for visits in [100, 300, 1000, 3000, 10_000] {
            let people = visits / 10;
            let model = model(people, visits, kind);
            let before = peak();
            let told = search(&model, seconds);
            println!(
                "{people:6} {visits:6} {name:5} {:9.0} ms {:9.1} us {:10.0} {:6} {:6} {:12.0} {:6} MB",
                told.first.as_secs_f64() * 1000.0,
                told.first.as_secs_f64() * 1e6 / visits as f64,
                told.steps_a_second,
                told.scores.0.unserved,
                told.scores.1.unserved,
                told.scores.1.cost as f64 / PER_HOUR as f64 / visits as f64,
                peak().saturating_sub(before) / 1_000_000
            );
        }
    }
}

/// Most bytes of memory in use so far.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) * 1024
}

/// How a search went.
struct Told {
    first: Duration,
    steps_a_second: f64,
    /// After the first answer, and in the end.
    scores: (Score, Score),
}

fn search(model: &Model, seconds: u64) -> Told {
    let began = cpu();
    let elapsed = || cpu().saturating_sub(began);
    let cancel = AtomicBool::new(false);
    let first = Mutex::new(None);
    let progress = |told: roundsman_solver::optimize::Progress| {
        first.lock().unwrap().get_or_insert((told.elapsed, told.score));
    };
    let control = Control { elapsed: &elapsed, cancel: &cancel, progress: &progress };
    let options = Options { time: Some(Duration::from_secs(seconds)), ..Options::default() };
    let outcome = solve(model, &options, &control).unwrap();
    let faults = verify(model, &outcome.solution);
    assert!(faults.is_empty(), "{faults:?}");
    let (after, score) = first.lock().unwrap().unwrap();
    let searched = elapsed().saturating_sub(after).as_secs_f64();
    Told {
        first: after,
        steps_a_second: outcome.steps as f64 / searched,
        scores: (score, outcome.solution.score),
    }
}

fn kind(name: &str) -> Kind {
    match name {
        "bare" => Kind::Bare,
        "plain" => Kind::Plain,
        "crews" => Kind::Crews,
        _ => Kind::Rich,
    }
}

/// One day with a technician for every ten visits, searched by steps: the same seed, the same plan.
fn stepped(case: &str, visits: i64, steps: u64) {
    let model = model(visits / 10, visits, kind(case));
    let began = cpu();
    let cancel = AtomicBool::new(false);
    let control = Control { elapsed: &|| Duration::ZERO, cancel: &cancel, progress: &|_| {} };
    let options = Options { time: None, steps: Some(steps), ..Options::default() };
    let outcome = solve(&model, &options, &control).unwrap();
    let took = cpu().saturating_sub(began).as_secs_f64();
    let faults = verify(&model, &outcome.solution);
    let Score { unserved, cost, .. } = outcome.solution.score;
    println!(
        "{visits:6} {case:5} {steps} steps in {took:.2} s: left out {unserved}, cost {cost}, faults {}",
        faults.len()
    );
}

/// One day with a technician for every ten visits.
fn one(case: &str, visits: i64, seconds: u64) {
    let told = search(&model(visits / 10, visits, kind(case)), seconds);
    println!(
        "{visits:6} {case:5} first {:9.0} ms {:10.0} steps/s, left out {}, cost {} then {}",
        told.first.as_secs_f64() * 1000.0,
        told.steps_a_second,
        told.scores.1.unserved,
        told.scores.0.cost,
        told.scores.1.cost
    );
}

fn main() {
    let words: Vec<String> = std::env::args().filter(|word| word != "--bench").collect();
    if words.get(1).is_some_and(|word| word == "growth") {
        growth(words.get(2).and_then(|word| word.parse().ok()).unwrap_or(4));
        return;
    }
    if let [_, case, visits, seconds] = &words[..] {
        one(case, visits.parse().unwrap(), seconds.parse().unwrap());
        return;
    }
    if let [_, mode, case, visits, steps] = &words[..]
        && mode == "steps"
    {
        stepped(case, visits.parse().unwrap(), steps.parse().unwrap());
        return;
    }
    if let [_, format, path, seconds, seed] = &words[..] {
        file(format, path, seconds.parse().unwrap(), seed.parse().unwrap());
        return;
    }
    let seconds = words.get(1).and_then(|word| word.parse().ok()).unwrap_or(4);
    println!("people visits kind      first answer   steps/s  left out        first         best");
    let kinds = [("plain", Kind::Plain), ("rich", Kind::Rich), ("crews", Kind::Crews)];
    for (people, visits) in [(10, 100), (40, 400), (200, 2000)] {
        for (name, kind) in kinds {
            let model = model(people, visits, kind);
            let told = search(&model, seconds);
            println!(
                "{people:6} {visits:6} {name:5} {:12.0} ms {:9.0} {:4} {:4} {:12} {:12}",
                told.first.as_secs_f64() * 1000.0,
                told.steps_a_second,
                told.scores.0.unserved,
                told.scores.1.unserved,
                told.scores.0.cost,
                told.scores.1.cost
            );
        }
    }
    growth(seconds);
}

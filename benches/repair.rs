//! A day of 200 technicians and 2,000 visits on the roads of the demo region: how soon it is planned,
//! and how soon the plan is mended after an absence, an overrun and an emergency.
//!
//! `repair [SECONDS]`: CPU time of one thread; SECONDS of search (20 by default) make the plan that is
//! mended. Every answer is judged by the independent verifier, whose time counts.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    unreachable_pub,
    reason = "a tool for measuring; it may panic and print, and its numbers are small"
)]

#[path = "sets/clock.rs"]
mod clock;

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use clock::Clock;
use roundsman_roads::{Point, Profile, Roads, Snap};
use roundsman_solver::check::plans::{score, verify};
use roundsman_solver::optimize::model::{
    Break, Current, Lock, Matrix, PER_HOUR, Shift, Visit, Window,
};
use roundsman_solver::optimize::search::Chance;
use roundsman_solver::optimize::solution::{Score, StopKind};
use roundsman_solver::optimize::{Control, Model, Options, Solution, solve};
use roundsman_solver::problem::{HeldSkill, Leg, SkillNeed, Technician};
use roundsman_solver::units::{Moment, PlaceIdx, Seconds, SkillIdx, TechnicianIdx};

const PEOPLE: usize = 200;
const VISITS: usize = 2000;
/// Farthest a place may be from a road, in metres.
const LIMIT_M: f64 = 1000.0;
/// When things happen.
const NOW: Moment = Moment(11 * 3600);
/// Time to mend a plan, verifying included.
const TARGET: Duration = Duration::from_millis(300);

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let seconds = words.iter().skip(1).find_map(|word| word.parse().ok()).unwrap_or(20.0);
    let before = resident();
    let model = model();
    println!("{PEOPLE} technicians, {VISITS} visits by road; model {} MB", mb(resident() - before));
    let (first, _) = run(&model, 0.0);
    println!(
        "first plan: {:.0} ms of CPU, {} left out, cost {:.2} h of driving (target: 1000 ms)",
        first.first.as_secs_f64() * 1000.0,
        first.score.unserved,
        hours(first.score.cost)
    );
    let (found, plan) = run(&model, seconds);
    println!(
        "after {seconds} s: {} left out, cost {:.2} h, {} steps a second; peak {} MB",
        found.score.unserved,
        hours(found.score.cost),
        (found.steps as f64 / found.all.as_secs_f64()) as u64,
        mb(peak())
    );
    println!("\nmended at 11 o'clock; targets: 300 ms, verified");
    absence(&model, &plan);
    overrun(&model, &plan);
    emergency(&model, &plan);
}

/// How a search went.
struct Found {
    first: Duration,
    all: Duration,
    score: Score,
    steps: u64,
}

/// Searches and verifies.
fn run(model: &Model, seconds: f64) -> (Found, Solution) {
    let clock = Clock::start();
    let first = Mutex::new(None);
    let progress = |_: roundsman_solver::optimize::Progress| {
        first.lock().unwrap().get_or_insert(clock.elapsed());
    };
    let cancel = AtomicBool::new(false);
    let control = Control { elapsed: &|| clock.elapsed(), cancel: &cancel, progress: &progress };
    let options = Options { time: Some(Duration::from_secs_f64(seconds)), ..Options::default() };
    let outcome = solve(model, &options, &control).unwrap();
    let faults = verify(model, &outcome.solution);
    assert!(faults.is_empty(), "{faults:?}");
    let all = clock.elapsed();
    let first = first.lock().unwrap().unwrap_or(all);
    let score = score(model, &outcome.solution);
    (Found { first, all, score, steps: outcome.steps }, outcome.solution)
}

/// The region's roads, people with a break and skills, visits with windows of two hours.
fn model() -> Model {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/region");
    let roads =
        Roads::import(&data.join("reykjavik-region.roads.osm.pbf"), &Profile::car()).unwrap();
    let pairs = std::fs::read_to_string(data.join("golden_pairs_osrm_valhalla.csv")).unwrap();
    let snaps = snaps(&roads, &pairs);
    let clock = Clock::start();
    let drives = roads.matrix(&snaps, &snaps);
    println!(
        "drives between {} places: {:.0} ms",
        snaps.len(),
        clock.elapsed().as_secs_f64() * 1000.0
    );
    let leg = |(&seconds, &metres): (&u32, &u32)| {
        if seconds == u32::MAX { Leg::UNREACHABLE } else { Leg::new(seconds, metres) }
    };
    let legs = drives.seconds().iter().zip(drives.metres()).map(leg).collect();
    let mut model =
        Model { matrices: vec![Matrix::new(snaps.len(), legs).unwrap()], ..Model::default() };
    let (mut chance, hour) = (Chance::new(7), |hour: i64| Moment(hour * 3600));
    for who in 0..PEOPLE {
        let mut technician = Technician::new(who as u128);
        technician.skills = (0..4)
            .filter(|_| chance.below(3) > 0)
            .map(|skill| HeldSkill::lasting(SkillIdx(skill), 1))
            .collect();
        let mut shift = Shift::new(TechnicianIdx(who as u32), hour(8), hour(17));
        shift.start_place = Some(PlaceIdx((VISITS + who) as u32));
        shift.end_place = shift.start_place;
        shift.breaks.push(Break::floating(hour(11), hour(13), Seconds(1800)));
        model.technicians.push(technician);
        model.shifts.push(shift);
    }
    for at in 0..VISITS {
        let place = PlaceIdx(at as u32);
        let mut visit = Visit::new(Some(place), Seconds(900 + 300 * chance.below(5) as i64));
        let from = 8 + chance.below(7) as i64;
        visit.windows.push(Window::hard(hour(from), hour(from + 2)));
        if chance.below(2) == 0 {
            let skill = SkillIdx(chance.below(4) as u32);
            visit.crew[0].needs.skills.push(SkillNeed { skill, level_min: 1 });
        }
        model.visits.push(visit);
    }
    model.weights.drive_second = PER_HOUR;
    model
}

/// Places of the region's reference pairs, then the same a little aside.
fn snaps(roads: &Roads, pairs: &str) -> Vec<Snap> {
    let point = |line: &str, at: usize| {
        let number = |at: usize| line.split(',').nth(at).unwrap().parse::<f64>().unwrap();
        Point { lat: number(at), lon: number(at + 1) }
    };
    let points: Vec<Point> =
        pairs.lines().skip(1).flat_map(|line| [point(line, 0), point(line, 2)]).collect();
    let aside = (0..).flat_map(|round| {
        let shift = f64::from(round) * 0.0007;
        points.iter().map(move |point| Point { lat: point.lat + shift, lon: point.lon - shift })
    });
    aside.filter_map(|point| roads.snap(point, LIMIT_M).ok()).take(VISITS + PEOPLE).collect()
}

/// The plan in force at eleven: what has begun stays, changes cost.
fn in_force(model: &Model, plan: &Solution) -> Model {
    let mut model = model.clone();
    model.current = vec![None; model.visits.len()];
    for route in &plan.routes {
        for stop in &route.stops {
            let StopKind::Visit { visit, .. } = stop.kind else { continue };
            model.current[visit.at()] = Some(Current {
                start: stop.start,
                shifts: vec![route.shift],
                lock: Lock::Free,
                started: stop.start < NOW,
            });
        }
    }
    model.from = Some(NOW);
    model.freeze.until = Some(NOW);
    // Another technician is worth ten minutes of driving, another time a twentieth of its length.
    model.weights.moved_technician = 600 * PER_HOUR;
    model.weights.moved_second = PER_HOUR / 20;
    model
}

/// The technician with most to do after eleven goes home.
fn absence(model: &Model, plan: &Solution) {
    let mut model = in_force(model, plan);
    let later = |route: &&roundsman_solver::optimize::solution::Route| {
        route.stops.iter().filter(|stop| stop.start >= NOW).count()
    };
    let route = plan.routes.iter().max_by_key(later).unwrap();
    let count = later(&route);
    let free = route.stops.iter().filter(|stop| stop.start < NOW).map(|stop| stop.end).max();
    let from = free.unwrap_or(NOW).max(NOW);
    let shift = &mut model.shifts[route.shift.at()];
    shift.breaks.retain(|pause| pause.starts[0].0 < NOW);
    shift.breaks.push(Break::absence(from, Moment(from.0.max(17 * 3600 - 1800))));
    mend(&format!("absence, {count} stops"), &model, plan);
}

/// The visit that is under way at eleven takes 90 minutes more.
fn overrun(model: &Model, plan: &Solution) {
    let mut model = in_force(model, plan);
    let stops = plan.routes.iter().flat_map(|route| &route.stops);
    let under_way = stops.filter(|stop| stop.start < NOW && stop.end > NOW);
    let visit = under_way.filter_map(|stop| match stop.kind {
        StopKind::Visit { visit, .. } => Some(visit),
        _ => None,
    });
    let visit = visit.min().unwrap();
    model.visits[visit.at()].duration = model.visits[visit.at()].duration + Seconds(5400);
    mend("overrun of 90 minutes", &model, plan);
}

/// Somebody must be there within the hour.
fn emergency(model: &Model, plan: &Solution) {
    let mut model = in_force(model, plan);
    let mut visit = Visit::new(Some(PlaceIdx(17)), Seconds(3600));
    visit.windows.push(Window::hard(NOW, Moment(NOW.0 + 3600)));
    visit.mandatory = 100;
    model.visits.push(visit);
    model.current.push(None);
    mend("emergency within the hour", &model, plan);
}

/// Mends a plan: first answer, and what a search within the target finds.
fn mend(what: &str, model: &Model, plan: &Solution) {
    for (name, seconds) in [("first", 0.0), ("in 0.25 s", 0.25), ("in 2 s", 2.0)] {
        let (found, mended) = run(model, seconds);
        let places = |solution: &Solution| {
            let mut at = vec![None; model.visits.len()];
            for route in &solution.routes {
                for stop in &route.stops {
                    if let StopKind::Visit { visit, .. } = stop.kind {
                        at[visit.at()] = Some((route.shift, stop.start));
                    }
                }
            }
            at
        };
        let (before, after) = (places(plan), places(&mended));
        let pairs = || before.iter().zip(&after);
        let people = pairs().filter(|(a, b)| a.map(|it| it.0) != b.map(|it| it.0)).count();
        let times = pairs().filter(|(a, b)| a.map(|it| it.1) != b.map(|it| it.1)).count();
        let slow = if seconds < 1.0 && found.all > TARGET { "  (slow)" } else { "" };
        println!(
            "{what:<26} {name:<9} {:>5.0} ms, {} left out, cost {:.2} h, {people} to others, {times} at other times{slow}",
            found.all.as_secs_f64() * 1000.0,
            found.score.unserved,
            hours(found.score.cost),
        );
    }
}

fn hours(cost: i64) -> f64 {
    cost as f64 / (3600 * PER_HOUR) as f64
}

fn mb(bytes: u64) -> u64 {
    bytes / 1_000_000
}

fn resident() -> u64 {
    status("VmRSS:")
}

fn peak() -> u64 {
    status("VmHWM:")
}

fn status(key: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap_or("0");
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) * 1024
}

//! Solves one Solomon file with the plain engines; prints routes as `Route #1: 4 7 2` and the cost.
//!
//! `quality FILE SECONDS SEED [THREADS]`. Distances as in the DIMACS track of 2021: Euclidean, cut
//! to one decimal, and all in tenths.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a tool for measuring; it may panic, print and cut distances"
)]

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use roundsman_solver::optimize::hybrid::{Answer, Day, Found, Options, solve};
use roundsman_solver::optimize::plain::{Matrix, Vehicle, Visit};
use roundsman_solver::optimize::search::{Budget, Settings};

/// The rows of a Solomon file after its number of vehicles and their capacity.
fn rows(text: &str) -> ((usize, i32), Vec<[i32; 7]>) {
    let numbers = |line: &str| -> Vec<i32> {
        line.split_whitespace()
            .map_while(|word| word.parse::<f64>().ok())
            .map(|number| number as i32)
            .collect()
    };
    let mut fleet = None;
    let mut rows = Vec::new();
    for line in text.lines() {
        match numbers(line)[..] {
            [count, capacity] if fleet.is_none() => {
                fleet = Some((usize::try_from(count).unwrap(), capacity));
            }
            [id, x, y, demand, ready, due, service] => {
                rows.push([id, x, y, demand, 10 * ready, 10 * due, 10 * service]);
            }
            _ => {}
        }
    }
    (fleet.unwrap(), rows)
}

/// Legs, visits and vehicles of a Solomon file.
fn day(text: &str) -> (Matrix, Vec<Visit>, Vec<Vehicle>) {
    let ((count, capacity), rows) = rows(text);
    let distance = |a: &[i32; 7], b: &[i32; 7]| {
        (10.0 * f64::from(a[1] - b[1]).hypot(f64::from(a[2] - b[2]))) as i32
    };
    let cost = rows.iter().flat_map(|a| rows.iter().map(move |b| distance(a, b))).collect();
    let legs = Matrix::same(rows.len(), cost).unwrap();
    let visits = (1..).zip(&rows[1..]).map(|(place, row)| Visit {
        place,
        service: row[6],
        earliest: row[4],
        latest: row[5],
        load: row[3],
        skip_cost: 1_000_000_000,
        required: true,
    });
    let vehicle = Vehicle {
        start: Some(0),
        end: Some(0),
        earliest: rows[0][4],
        latest: rows[0][5],
        capacity,
        fixed_cost: 0,
    };
    (legs, visits.collect(), vec![vehicle; count])
}

fn main() {
    let begin = Instant::now();
    let clock = move || begin.elapsed();
    let words: Vec<String> = std::env::args().collect();
    let text = std::fs::read_to_string(&words[1]).unwrap();
    let seconds: f64 = words[2].parse().unwrap();
    let seed: u64 = words[3].parse().unwrap();
    let threads: usize = words.get(4).map_or(1, |word| word.parse().unwrap());
    let (legs, visits, vehicles) = day(&text);
    let budget = Budget::until(&clock, Duration::from_secs_f64(seconds));
    let mut settings = Settings::default();
    let number =
        |name: &str, usual: f64| std::env::var(name).map_or(usual, |text| text.parse().unwrap());
    settings.hot = number("HOT", settings.hot);
    settings.cold = number("COLD", settings.cold);
    settings.ruin.average_removed = number("AVG", settings.ruin.average_removed);
    settings.ruin.longest_string = number("LMAX", settings.ruin.longest_string);
    settings.ruin.split_growth = number("GROW", settings.ruin.split_growth);
    settings.ruin.other_one_in = number("OTHER", 40.0) as usize;
    let first = AtomicBool::new(true);
    let hear = |found: Found| {
        if first.swap(false, Ordering::Relaxed) {
            eprintln!("first plan {} after {:?}", found.cost, clock());
        }
    };
    let day = Day { legs: &legs, visits: &visits, vehicles: &vehicles };
    let options = Options { seed, threads, settings, start: None, hear: &hear };
    let answer = solve(&day, &options, &budget).unwrap();
    let used = answer.routes.iter().filter(|route| !route.is_empty());
    for (number, route) in (1..).zip(used) {
        let ids: Vec<String> = route.iter().map(|&visit| (visit + 1).to_string()).collect();
        println!("Route #{number}: {}", ids.join(" "));
    }
    println!("Cost {}.{}", answer.cost / 10, answer.cost % 10);
    let Answer { steps, children, unserved, .. } = answer;
    eprintln!("{steps} steps, {children} children, {unserved} unserved, {:?}", clock());
}
